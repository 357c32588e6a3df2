//! What a person does in Discord: commands, clicks, modals, messages.

use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};

use super::messages;
use super::objects;
use super::reply::{Reply, Said, Sent, Shown};
use super::setup::{APPLICATION, DM, FOREIGN, Id, Setup, permission};
use super::slash::{self, Focused};
use super::world::{Interaction, Shared, Stored, World, token_for};

/// Discord's numbers of interaction types.
const COMMAND: u64 = 2;
const COMPONENT: u64 = 3;
const AUTOCOMPLETE: u64 = 4;
const MODAL: u64 = 5;

/// A person in a channel.
#[derive(Clone)]
pub(crate) struct Actor {
    pub(crate) shared: Arc<Shared>,
    pub(crate) user: Id,
    pub(crate) channel: Id,
}

impl Actor {
    /// The same person in another channel.
    pub(crate) fn in_channel(mut self, channel: Id) -> Self {
        self.channel = channel;
        self
    }

    /// The same person in the direct messages with the bot.
    pub(crate) fn in_dm(mut self) -> Self {
        self.channel = DM + self.user;
        self
    }

    /// The same person in a guild without the bot, having installed it for themselves.
    pub(crate) fn user_install_elsewhere(self) -> Self {
        self.in_channel(FOREIGN)
    }

    /// Runs a slash command, `notes gaps` for a subcommand, with options by name.
    #[track_caller]
    pub(crate) fn slash(&self, name: &str, options: &Value) -> Sent {
        self.send(COMMAND, None, |world| {
            slash::data(world, self.channel, name, options, None)
        })
    }

    /// Types into an option, others being filled in already.
    #[track_caller]
    pub(crate) fn autocomplete(
        &self,
        name: &str,
        option: &str,
        partial: &str,
        others: &Value,
    ) -> Sent {
        let focused = Focused {
            name: option,
            partial,
        };
        self.send(AUTOCOMPLETE, None, |world| {
            slash::data(world, self.channel, name, others, Some(&focused))
        })
    }

    /// Uses a message menu entry ("Apps") on a message.
    #[track_caller]
    pub(crate) fn message_menu(&self, name: &str, message: &Shown) -> Sent {
        self.send(COMMAND, None, |world| {
            slash::menu_data(world, self.channel, name, message.id)
        })
    }

    /// Clicks a button that the message has now, by its label or its custom id.
    #[track_caller]
    pub(crate) fn click(&self, message: &Shown, button: &str) -> Sent {
        let now = message.now();
        let buttons = now.buttons();
        let found = buttons
            .iter()
            .find(|one| one["label"] == button || one["custom_id"] == button);
        let found = found.unwrap_or_else(|| panic!("no button {button}; there are {buttons:#?}"));
        assert!(found["disabled"] != true, "the button {button} is disabled");
        let custom_id = found["custom_id"]
            .as_str()
            .expect("a button of the bot, not a link");
        self.click_forged(message, custom_id)
    }

    /// Clicks with a custom id that no button of the message needs to have.
    #[track_caller]
    pub(crate) fn click_forged(&self, message: &Shown, custom_id: &str) -> Sent {
        let data = json!({"component_type": 2, "custom_id": custom_id});
        self.send(COMPONENT, Some(message.id), |_| data)
    }

    /// Chooses in a select menu, found by its custom id.
    #[track_caller]
    pub(crate) fn select(&self, message: &Shown, custom_id: &str, values: &[&str]) -> Sent {
        let now = message.now();
        let menu = now
            .components()
            .into_iter()
            .find(|one| one["custom_id"] == custom_id);
        let menu = menu.unwrap_or_else(|| panic!("no select {custom_id} in {}", now.json));
        let has = |value: &str| {
            menu["options"]
                .as_array()
                .into_iter()
                .flatten()
                .any(|option| option["value"] == value)
        };
        assert!(
            values.iter().all(|value| has(value)),
            "{values:?} are not all in {menu}"
        );
        let data = json!({"component_type": 3, "custom_id": custom_id, "values": values});
        self.send(COMPONENT, Some(message.id), |_| data)
    }

    /// Sends a modal off, with the texts by the custom ids of its inputs.
    #[track_caller]
    pub(crate) fn submit_modal(&self, modal: &Reply, values: &Value) -> Sent {
        assert_eq!(modal.kind, 9, "the reply is no modal: {}", modal.data);
        let mut rows = Vec::new();
        for row in modal.data["components"].as_array().into_iter().flatten() {
            let mut inputs = Vec::new();
            for input in row["components"].as_array().into_iter().flatten() {
                let text = input["custom_id"]
                    .as_str()
                    .and_then(|id| values[id].as_str())
                    .unwrap_or("");
                let least = input["min_length"].as_u64().unwrap_or(0);
                let most = input["max_length"].as_u64().unwrap_or(4000);
                let length = text.chars().count() as u64;
                let is_needed = input["required"] != false;
                assert!(
                    !is_needed || !text.is_empty(),
                    "the modal needs {}",
                    input["custom_id"]
                );
                assert!(
                    length <= most && (length >= least || length == 0),
                    "length of {text:?}"
                );
                inputs.push(json!({"type": 4, "custom_id": input["custom_id"], "value": text}));
            }
            rows.push(json!({"type": 1, "components": inputs}));
        }
        let data = json!({"custom_id": modal.data["custom_id"], "components": rows});
        self.send(MODAL, modal.source, |_| data)
    }

    /// Writes a message. Mention the bot with [`Double::mention`](super::Double::mention).
    pub(crate) fn say(&self, text: &str) -> Said {
        self.write(text, None, false)
    }

    /// Replies to a message, with a ping to its author.
    pub(crate) fn reply_to(&self, message: &Shown, text: &str) -> Said {
        self.write(text, Some(message.id), true)
    }

    /// Replies to a message with the ping switched off.
    pub(crate) fn reply_quietly_to(&self, message: &Shown, text: &str) -> Said {
        self.write(text, Some(message.id), false)
    }

    fn write(&self, text: &str, replied: Option<Id>, pings: bool) -> Said {
        let id = self.shared.change(|world| {
            let id = world.new_id();
            let message = message(world, self, id, text, replied, pings);
            let mut delivered = message.clone();
            if !is_readable(&message, self.channel) {
                delivered["content"] = json!("");
            }
            let stored = Stored {
                channel: self.channel,
                json: message,
                edits: 0,
                deleted: false,
            };
            world.keep_message(id, stored);
            if let Some((guild, _)) = world.setup.channel(self.channel) {
                let member = guild.members.iter().find(|member| member.user == self.user);
                delivered["guild_id"] = objects::id(guild.id);
                delivered["member"] = member.map_or(Value::Null, objects::partial_member);
            }
            world.dispatch_in(self.channel, "MESSAGE_CREATE", &delivered);
            id
        });
        Said {
            shared: Arc::clone(&self.shared),
            id,
            channel: self.channel,
            text: text.to_owned(),
        }
    }

    /// Sends the bot an interaction.
    #[track_caller]
    fn send(&self, kind: u64, source: Option<Id>, data: impl FnOnce(&World) -> Value) -> Sent {
        let (id, name) = self.shared.change(|world| {
            let data = data(world);
            let name = data["name"]
                .as_str()
                .or(data["custom_id"].as_str())
                .unwrap_or("")
                .to_owned();
            if kind == COMMAND && world.setup.hides_commands {
                assert_may_use(world, self, &data);
            }
            let id = world.new_id();
            let mut event = envelope(&world.setup, self, id, kind);
            event["data"] = data;
            let mut edits = 0;
            if let Some(stored) = source.and_then(|source| world.messages.get(&source)) {
                event["message"] = stored.json.clone();
                edits = stored.edits;
            }
            let guild = world.setup.channel(self.channel).map(|(guild, _)| guild);
            let interaction = Interaction {
                token: token_for(id),
                kind,
                user: self.user,
                channel: self.channel,
                guild: guild.map(|guild| guild.id),
                foreign: guild.is_some_and(|guild| !guild.has_bot),
                source,
                source_edits: edits,
                sent: Instant::now(),
                callback: None,
                original: None,
                followups: Vec::new(),
            };
            world.keep_interaction(id, interaction);
            world.gateway.dispatch("INTERACTION_CREATE", &event);
            (id, name)
        });
        Sent {
            shared: Arc::clone(&self.shared),
            id,
            what: format!("the response to {name}"),
        }
    }
}

/// What all interactions carry.
fn envelope(setup: &Setup, actor: &Actor, id: Id, kind: u64) -> Value {
    let guild = setup.channel(actor.channel);
    let mut event = json!({
        "id": objects::id(id), "application_id": objects::id(APPLICATION), "type": kind,
        "token": token_for(id), "version": 1, "channel_id": objects::id(actor.channel),
        "app_permissions": setup.bot_permissions(actor.channel).to_string(),
        "locale": "en-US", "entitlements": [], "attachment_size_limit": 10_485_760,
    });
    let user = setup
        .user(actor.user)
        .map(objects::user)
        .expect("an actor of the setup");
    if let Some((guild, channel)) = guild {
        let own = guild
            .members
            .iter()
            .find(|member| member.user == actor.user);
        let own =
            own.unwrap_or_else(|| panic!("{} is no member of {}", user["username"], guild.name));
        let mut member = objects::member(setup, own);
        let permissions = guild.permissions_of(actor.user).unwrap_or(0);
        member["permissions"] = json!(permissions.to_string());
        event["member"] = member;
        event["guild_id"] = objects::id(guild.id);
        event["guild_locale"] = json!("en-US");
        event["guild"] = json!({"id": objects::id(guild.id), "locale": "en-US", "features": []});
        event["channel"] = objects::channel(guild, channel);
        event["context"] = json!(0);
        event["authorizing_integration_owners"] = if guild.has_bot {
            json!({"0": objects::id(guild.id)})
        } else {
            json!({"1": objects::id(actor.user)})
        };
    } else {
        let recipient = setup.user(actor.user).expect("an actor of the setup");
        event["user"] = user;
        event["channel"] = objects::dm_channel(actor.channel, recipient);
        event["context"] = json!(1);
        event["authorizing_integration_owners"] = json!({"0": "0"});
    }
    event
}

/// Refuses a command that Discord would not show to this person.
#[track_caller]
fn assert_may_use(world: &World, actor: &Actor, data: &Value) {
    let all = world.commands.values().flatten();
    let command = all.clone().find(|command| command["id"] == data["id"]);
    let needed = command.and_then(|command| command["default_member_permissions"].as_str());
    let needed: u64 = needed.and_then(|bits| bits.parse().ok()).unwrap_or(0);
    let guild = world.setup.channel(actor.channel).map(|(guild, _)| guild);
    let held = guild
        .and_then(|guild| guild.permissions_of(actor.user))
        .unwrap_or(u64::MAX);
    let may = held & permission::ADMINISTRATOR != 0 || held & needed == needed;
    assert!(may, "{} is hidden from this person", data["name"]);
}

/// A message of a person.
fn message(
    world: &World,
    actor: &Actor,
    id: Id,
    text: &str,
    replied: Option<Id>,
    pings: bool,
) -> Value {
    let mut message = messages::blank(id, actor.channel);
    message["author"] = objects::anyone(&world.setup, actor.user);
    message["content"] = json!(text);
    let mut is_mentioned = text.contains(&format!("<@{APPLICATION}>"));
    if let Some(replied) = replied {
        let referenced = messages::shown(world, replied);
        let is_of_bot = referenced["author"]["bot"] == true;
        is_mentioned |= pings && is_of_bot;
        message["type"] = json!(19);
        message["message_reference"] = json!({
            "type": 0, "channel_id": objects::id(actor.channel), "message_id": objects::id(replied),
        });
        message["referenced_message"] = referenced;
    }
    if is_mentioned {
        message["mentions"] = json!([objects::bot_user()]);
    }
    message
}

/// Whether the bot reads the text without the intent for message contents: in
/// direct messages and where it is mentioned, a reply with a ping being a mention.
fn is_readable(message: &Value, channel: Id) -> bool {
    channel >= DM
        || message["mentions"]
            .as_array()
            .is_some_and(|all| !all.is_empty())
}
