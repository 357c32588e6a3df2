//! Messages: made, edited and deleted as Discord does it, with their files.

use axum::body::Bytes;
use serde_json::{Value, json};

use super::objects;
use super::rest::{File, Outcome, Request};
use super::setup::{APPLICATION, Id, permission};
use super::world::{Stored, World, id_in, timestamp};

/// Flag of a message that only one person sees.
pub(crate) const EPHEMERAL: u64 = 1 << 6;
/// Flag of a deferred reply that waits for its content.
pub(crate) const LOADING: u64 = 1 << 7;

/// Where a message goes and what it belongs to.
pub(crate) struct Place {
    pub(crate) channel: Id,
    /// The interaction it answers: its id and the person.
    pub(crate) interaction: Option<(Id, Id)>,
}

/// Makes a message of the bot and tells the gateway, unless it is private.
pub(crate) fn create(world: &mut World, place: &Place, body: &Value, files: &[File]) -> Id {
    let id = world.new_id();
    let mut message = blank(id, place.channel);
    message["author"] = objects::bot_user();
    if let Some((interaction, user)) = place.interaction {
        message["type"] = json!(20);
        message["application_id"] = objects::id(APPLICATION);
        message["webhook_id"] = objects::id(APPLICATION);
        message["interaction_metadata"] = json!({
            "id": objects::id(interaction), "type": 2, "user": objects::anyone(&world.setup, user),
            "authorizing_integration_owners": {},
        });
    }
    if let Some(nonce) = body.get("nonce") {
        message["nonce"] = nonce.clone();
    }
    if let Some(replied) = id_in(&body["message_reference"]["message_id"]) {
        message["type"] = json!(19);
        message["message_reference"] = json!({
            "type": 0, "channel_id": objects::id(place.channel), "message_id": objects::id(replied),
        });
        message["referenced_message"] = shown(world, replied);
    }
    apply(world, &mut message, body, files);
    let stored = Stored {
        channel: place.channel,
        json: message.clone(),
        edits: 0,
        deleted: false,
    };
    let is_private = stored.is_ephemeral();
    world.keep_message(id, stored);
    if !is_private {
        announce(world, place.channel, "MESSAGE_CREATE", message);
    }
    id
}

/// Edits a message: what the body names is replaced, the rest stays.
pub(crate) fn edit(
    world: &mut World,
    id: Id,
    body: &Value,
    files: &[File],
) -> Result<Value, Outcome> {
    let Some(stored) = world.messages.get(&id).filter(|stored| !stored.deleted) else {
        return Err(Outcome::unknown_message());
    };
    let (channel, mut message) = (stored.channel, stored.json.clone());
    let flags = message["flags"].as_u64().unwrap_or(0) & !LOADING;
    message["flags"] = json!(flags);
    message["edited_timestamp"] = timestamp();
    // Whether a message is private was decided when it was made.
    let mut body = body.clone();
    if let Some(asked) = body.get("flags").and_then(Value::as_u64) {
        body["flags"] = json!((asked & !EPHEMERAL) | (flags & EPHEMERAL));
    }
    apply(world, &mut message, &body, files);
    let stored = world.messages.get_mut(&id).expect("it was found above");
    stored.json = message.clone();
    stored.edits += 1;
    if !stored.is_ephemeral() {
        announce(world, channel, "MESSAGE_UPDATE", message.clone());
    }
    Ok(message)
}

/// Deletes a message.
pub(crate) fn delete(world: &mut World, id: Id) -> Outcome {
    let Some(stored) = world.messages.get_mut(&id).filter(|stored| !stored.deleted) else {
        return Outcome::unknown_message();
    };
    stored.deleted = true;
    let (channel, is_private) = (stored.channel, stored.is_ephemeral());
    if !is_private {
        let gone = json!({"id": objects::id(id), "channel_id": objects::id(channel)});
        announce(world, channel, "MESSAGE_DELETE", gone);
    }
    Outcome::nothing()
}

/// `POST channels/{id}/messages`.
pub(crate) fn post(world: &mut World, channel: Id, request: &Request) -> Outcome {
    let body = &request.body;
    let mut needed = permission::SEND_MESSAGES;
    if body["embeds"].as_array().is_some_and(|all| !all.is_empty()) {
        needed |= permission::EMBED_LINKS;
    }
    if !request.files.is_empty() {
        needed |= permission::ATTACH_FILES;
    }
    if let Err(refusal) = may_use(world, channel, needed) {
        return refusal;
    }
    let recipient = world.setup.recipient(channel);
    if recipient.is_some_and(|person| world.setup.closed_dms.contains(&person.id)) {
        return Outcome::refused(403, 50_007, "Cannot send messages to this user");
    }
    let nonce = match &body["nonce"] {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
    .filter(|_| body["enforce_nonce"] == true);
    if let Some(nonce) = &nonce {
        let window = world.setup.nonce_window;
        let known = world
            .nonces
            .get(nonce)
            .filter(|(_, at)| at.elapsed() < window);
        if let Some((id, _)) = known {
            let earlier = world.messages.get(id).filter(|stored| !stored.deleted);
            return earlier.map_or_else(Outcome::unknown_message, |stored| {
                Outcome::ok(stored.json.clone())
            });
        }
    }
    let id = create(
        world,
        &Place {
            channel,
            interaction: None,
        },
        body,
        &request.files,
    );
    if let Some(nonce) = nonce {
        world.nonces.insert(nonce, (id, std::time::Instant::now()));
    }
    Outcome::ok(shown(world, id))
}

/// `GET channels/{id}/messages`: newest first; empty without the right to read history.
pub(crate) fn list(world: &World, channel: Id, request: &Request) -> Outcome {
    if let Err(refusal) = may_use(world, channel, permission::VIEW_CHANNEL) {
        return refusal;
    }
    if world.setup.bot_permissions(channel) & permission::READ_MESSAGE_HISTORY == 0 {
        return Outcome::ok(json!([]));
    }
    let limit = request.query_number("limit").unwrap_or(50);
    if !(1..=100).contains(&limit) {
        return Outcome::refused(400, 50_035, "Invalid Form Body");
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let after = request.query_number("after");
    let before = request.query_number("before").unwrap_or(Id::MAX);
    let visible = world
        .messages
        .range(after.map_or(0, |after| after + 1)..before)
        .filter(|(_, stored)| {
            stored.channel == channel && !stored.deleted && !stored.is_ephemeral()
        })
        .map(|(_, stored)| stored.json.clone());
    // With `after` Discord gives the ones that follow it, else the latest.
    let mut found: Vec<Value> = match after {
        Some(_) => visible.take(limit).collect(),
        None => visible.rev().take(limit).collect(),
    };
    if after.is_some() {
        found.reverse();
    }
    Outcome::ok(Value::Array(found))
}

/// A message for one that refers to it; null when it is gone.
pub(crate) fn shown(world: &World, id: Id) -> Value {
    match world.messages.get(&id) {
        Some(stored) if !stored.deleted => stored.json.clone(),
        _ => Value::Null,
    }
}

/// Whether the bot has a permission in a channel, as Discord would refuse it.
pub(crate) fn may_use(world: &World, channel: Id, wanted: u64) -> Result<(), Outcome> {
    let known = world.setup.channel(channel);
    if known.is_none() && world.setup.recipient(channel).is_none() {
        return Err(Outcome::refused(404, 10_003, "Unknown Channel"));
    }
    if known.is_some_and(|(guild, _)| !guild.has_bot) {
        return Err(Outcome::refused(403, 50_001, "Missing Access"));
    }
    let held = world.setup.bot_permissions(channel);
    if held & permission::VIEW_CHANNEL == 0 {
        return Err(Outcome::refused(403, 50_001, "Missing Access"));
    }
    if held & wanted != wanted {
        return Err(Outcome::refused(403, 50_013, "Missing Permissions"));
    }
    Ok(())
}

/// A message without content.
pub(crate) fn blank(id: Id, channel: Id) -> Value {
    json!({
        "id": objects::id(id), "channel_id": objects::id(channel), "type": 0, "content": "",
        "timestamp": timestamp(), "edited_timestamp": null, "tts": false, "mention_everyone": false,
        "mentions": [], "mention_roles": [], "attachments": [], "embeds": [], "components": [],
        "pinned": false, "flags": 0,
    })
}

fn announce(world: &mut World, channel: Id, event: &str, mut message: Value) {
    if let Some((guild, _)) = world.setup.channel(channel) {
        message["guild_id"] = objects::id(guild.id);
    }
    world.dispatch_in(channel, event, &message);
}

/// Takes over what a body says about a message.
fn apply(world: &mut World, message: &mut Value, body: &Value, files: &[File]) {
    for field in ["content", "components", "flags", "tts"] {
        match body.get(field) {
            Some(Value::Null) if field == "content" => message[field] = json!(""),
            Some(Value::Null) if field == "components" => message[field] = json!([]),
            Some(Value::Null) | None => {}
            Some(value) => message[field] = value.clone(),
        }
    }
    attach(world, message, body, files);
    if let Some(embeds) = body.get("embeds") {
        let embeds = embeds.as_array().cloned().unwrap_or_default();
        let embeds = embeds
            .into_iter()
            .map(|embed| received_embed(embed, &message["attachments"]));
        message["embeds"] = embeds.collect();
    }
}

/// An embed as it comes back: with its type, and files as addresses.
fn received_embed(mut embed: Value, attachments: &Value) -> Value {
    embed["type"] = json!("rich");
    for field in embed
        .get_mut("fields")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        if field["inline"].is_null() {
            field["inline"] = json!(false);
        }
    }
    for part in ["image", "thumbnail"] {
        let name = embed[part]["url"]
            .as_str()
            .and_then(|url| url.strip_prefix("attachment://"));
        let all = attachments.as_array().into_iter().flatten();
        let file = name.and_then(|name| all.clone().find(|file| file["filename"] == name));
        if let Some(file) = file {
            embed[part]["url"] = file["url"].clone();
        }
    }
    embed
}

/// The attachments that a body keeps, then the files that came with it.
fn attach(world: &mut World, message: &mut Value, body: &Value, files: &[File]) {
    let declared = body["attachments"].as_array();
    if declared.is_none() && files.is_empty() {
        return;
    }
    let mut attachments: Vec<Value> = message["attachments"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    if let Some(declared) = declared {
        attachments.retain(|old| declared.iter().any(|kept| kept["id"] == old["id"]));
    }
    for file in files {
        let of_file = declared
            .into_iter()
            .flatten()
            .find(|one| is_number(&one["id"], file.number));
        let id = keep_file(world, file.bytes.clone());
        let name = of_file
            .and_then(|one| one["filename"].as_str())
            .unwrap_or(&file.name);
        let url = format!("https://cdn.discordapp.com/attachments/{APPLICATION}/{id}/{name}");
        attachments.push(json!({
            "id": objects::id(id), "filename": name, "size": file.bytes.len(),
            "description": of_file.map_or(Value::Null, |one| one["description"].clone()),
            "content_type": file.content_type, "url": url, "proxy_url": url,
        }));
    }
    message["attachments"] = Value::Array(attachments);
}

fn keep_file(world: &mut World, bytes: Bytes) -> Id {
    let id = world.new_id();
    world.files.insert(id, bytes);
    id
}

/// Whether an id in a body is this number; it may be written either way.
fn is_number(id: &Value, number: Option<u64>) -> bool {
    let given = id.as_u64().or_else(|| id_in(id));
    given.is_some() && given == number
}
