//! The REST routes that the bot may use. Any other is a violation.

use serde_json::{Value, json};

use super::callbacks;
use super::messages;
use super::objects;
use super::rest::{Outcome, Request};
use super::setup::{APPLICATION, DM, Id, permission};
use super::world::{World, id_in};

/// Carries out a request.
pub(crate) fn carry_out(world: &mut World, request: &Request) -> Outcome {
    let path: Vec<&str> = request.path.split('/').collect();
    // Tokens of interactions stand in the path and are all that these need.
    let has_own_token = matches!(path.first(), Some(&("interactions" | "webhooks")));
    if !has_own_token && request.path != "gateway" && !request.is_authorized {
        return Outcome::refused(401, 0, "401: Unauthorized");
    }
    match (request.method.as_str(), path.as_slice()) {
        ("POST", ["interactions", id, token, "callback"]) => {
            callbacks::respond(world, number(id), token, request)
        }
        ("POST", ["webhooks", _, token]) => callbacks::follow_up(world, token, request),
        ("GET" | "PATCH" | "DELETE", ["webhooks", _, token, "messages", which]) => {
            callbacks::touch(world, token, which, request)
        }
        ("POST", ["channels", id, "messages"]) => messages::post(world, number(id), request),
        ("GET", ["channels", id, "messages"]) => messages::list(world, number(id), request),
        (_, ["channels", id, "messages", message]) => {
            one_message(world, number(id), number(message), request)
        }
        ("POST", ["channels", id, "typing"]) => {
            match messages::may_use(world, number(id), permission::SEND_MESSAGES) {
                Ok(()) => Outcome::nothing(),
                Err(refusal) => refusal,
            }
        }
        ("POST", ["users", "@me", "channels"]) => open_dm(world, &request.body),
        ("GET" | "PUT", ["applications", id, "commands"]) if number(id) == APPLICATION => {
            commands(world, None, request)
        }
        ("GET" | "PUT", ["applications", id, "guilds", guild, "commands"])
            if number(id) == APPLICATION =>
        {
            commands(world, Some(number(guild)), request)
        }
        ("GET", path) => read(world, path).unwrap_or_else(|| unknown(world, request)),
        _ => unknown(world, request),
    }
}

/// Routes that only tell something.
fn read(world: &World, path: &[&str]) -> Option<Outcome> {
    let setup = &world.setup;
    let found = match path {
        ["gateway"] => json!({"url": world.gateway.url}),
        ["gateway", "bot"] => json!({
            "url": world.gateway.url, "shards": setup.shards,
            "session_start_limit": {
                "total": 1000, "remaining": setup.identifies_left,
                "reset_after": 3_600_000, "max_concurrency": setup.concurrency,
            },
        }),
        ["users", "@me"] => objects::bot_user(),
        ["users", "@me", "guilds"] => {
            let with_bot = setup.guilds.iter().filter(|guild| guild.has_bot);
            let short = with_bot.map(|guild| {
                json!({
                    "id": objects::id(guild.id), "name": guild.name, "icon": null, "owner": false,
                    "permissions": guild.permissions_of(APPLICATION).unwrap_or(0).to_string(),
                    "features": [],
                })
            });
            short.collect()
        }
        ["applications" | "oauth2", "@me"] | ["oauth2", "applications", "@me"] => {
            objects::application(setup)
        }
        ["channels", id] => {
            let id = number(id);
            if let Err(refusal) = messages::may_use(world, id, permission::VIEW_CHANNEL) {
                return Some(refusal);
            }
            match (setup.channel(id), setup.recipient(id)) {
                (Some((guild, channel)), _) => objects::channel(guild, channel),
                (None, Some(recipient)) => objects::dm_channel(id, recipient),
                (None, None) => return None,
            }
        }
        ["guilds", id, rest @ ..] => {
            let Some(guild) = setup.guild(number(id)).filter(|guild| guild.has_bot) else {
                return Some(Outcome::refused(404, 10_004, "Unknown Guild"));
            };
            match rest {
                [] => objects::guild(guild),
                ["roles"] => guild.roles.iter().map(objects::role).collect(),
                ["channels"] => guild
                    .channels
                    .iter()
                    .map(|channel| objects::channel(guild, channel))
                    .collect(),
                ["members", user] => {
                    let user = number(user);
                    match guild.members.iter().find(|member| member.user == user) {
                        Some(member) => objects::member(setup, member),
                        None => return Some(Outcome::refused(404, 10_007, "Unknown Member")),
                    }
                }
                _ => return None,
            }
        }
        _ => return None,
    };
    Some(Outcome::ok(found))
}

/// A route that is none of ours; the description of the fault is for the test.
fn unknown(world: &mut World, request: &Request) -> Outcome {
    world
        .violations
        .push(format!("unknown route {} {}", request.method, request.path));
    Outcome::refused(404, 0, "404: Not Found")
}

fn one_message(world: &mut World, channel: Id, message: Id, request: &Request) -> Outcome {
    if let Err(refusal) = messages::may_use(world, channel, permission::VIEW_CHANNEL) {
        return refusal;
    }
    let is_here = world.messages.get(&message).is_some_and(|stored| {
        stored.channel == channel && !stored.deleted && !stored.is_ephemeral()
    });
    if !is_here {
        return Outcome::unknown_message();
    }
    let is_own = id_in(&world.messages[&message].json["author"]["id"]) == Some(APPLICATION);
    match request.method.as_str() {
        "GET" => Outcome::ok(messages::shown(world, message)),
        "PATCH" if is_own => match messages::edit(world, message, &request.body, &request.files) {
            Ok(edited) => Outcome::ok(edited),
            Err(refusal) => refusal,
        },
        "PATCH" => Outcome::refused(
            403,
            50_005,
            "Cannot edit a message authored by another user",
        ),
        "DELETE" if is_own => messages::delete(world, message),
        "DELETE" => Outcome::refused(403, 50_013, "Missing Permissions"),
        _ => unknown(world, request),
    }
}

fn open_dm(world: &World, body: &Value) -> Outcome {
    let recipient = id_in(&body["recipient_id"]).and_then(|id| world.setup.user(id));
    match recipient {
        Some(recipient) => Outcome::ok(objects::dm_channel(DM + recipient.id, recipient)),
        None => Outcome::refused(400, 50_033, "Invalid Recipient(s)"),
    }
}

/// Reads or replaces the commands of a scope, giving each an id that it keeps with its name.
fn commands(world: &mut World, guild: Option<Id>, request: &Request) -> Outcome {
    if let (Some(id), true) = (guild, request.method == "PUT")
        && !world.setup.guild(id).is_some_and(|guild| guild.has_bot)
    {
        return Outcome::refused(403, 50_001, "Missing Access");
    }
    if request.method == "PUT" {
        let wanted = request.body.as_array().cloned().unwrap_or_default();
        let old = world.commands.remove(&guild).unwrap_or_default();
        let same =
            |one: &Value, other: &Value| one["name"] == other["name"] && kind(one) == kind(other);
        let mut made = Vec::new();
        for mut command in wanted {
            let known = old
                .iter()
                .find(|old| same(old, &command))
                .map(|old| old["id"].clone());
            let id = known.unwrap_or_else(|| objects::id(world.new_id()));
            command["id"] = id;
            command["application_id"] = objects::id(APPLICATION);
            command["version"] = objects::id(world.new_id());
            command["type"] = json!(kind(&command));
            complete(&mut command, guild);
            made.push(command);
        }
        world.commands.insert(guild, made);
    }
    Outcome::ok(Value::Array(
        world.commands.get(&guild).cloned().unwrap_or_default(),
    ))
}

/// Discord's number of a command's kind: 1 slash (the default), 2 user menu, 3 message menu.
pub(crate) fn kind(command: &Value) -> u64 {
    command["type"].as_u64().unwrap_or(1)
}

/// Fills in what Discord adds to a definition.
fn complete(command: &mut Value, guild: Option<Id>) {
    if let Some(guild) = guild {
        command["guild_id"] = objects::id(guild);
    }
    let defaults = [
        ("description", json!("")),
        ("default_member_permissions", Value::Null),
        ("nsfw", json!(false)),
        ("integration_types", json!([0])),
        ("contexts", Value::Null),
    ];
    for (field, value) in defaults {
        if command.get(field).is_none() {
            command[field] = value;
        }
    }
}

/// A segment as an id; 0, which nothing has, for anything else.
fn number(segment: &str) -> Id {
    segment.parse().unwrap_or(0)
}
