//! What others do while the bot is there: moderators who delete and forbid,
//! people who want no direct messages, Discord's clock.

use jiff::SignedDuration;
use serde_json::json;

use super::Double;
use super::gateway::GUILDS;
use super::messages;
use super::objects;
use super::reply::Shown;
use super::setup::{Channel, Guild, Id};
use super::world::World;

impl Double {
    /// Somebody deletes a message.
    pub(crate) fn delete_message(&self, id: Id) {
        let outcome = self.shared.change(|world| messages::delete(world, id));
        assert_eq!(outcome.status, 204, "there is no message {id}");
    }

    /// Somebody deletes a channel with everything in it.
    pub(crate) fn delete_channel(&self, id: Id) {
        self.shared.change(|world| {
            let (guild, channel) = world.setup.channel(id).expect("a channel of the setup");
            let gone = objects::channel(guild, channel);
            let guild = guild_of(world, id);
            guild.channels.retain(|channel| channel.id != id);
            for stored in world.messages.values_mut() {
                stored.deleted |= stored.channel == id;
            }
            if world.gateway.has_intent(GUILDS) {
                world.gateway.dispatch("CHANNEL_DELETE", &gone);
            }
        });
    }

    /// An overwrite takes these permissions from the bot in a channel; none ends it.
    pub(crate) fn deny(&self, channel: Id, permissions: u64) {
        self.shared
            .change(|world| channel_of(world, channel).denied_to_bot = permissions);
    }

    /// The bot is thrown out of a guild.
    pub(crate) fn throw_out(&self, guild: Id) {
        self.shared.change(|world| {
            let mut guilds = world.setup.guilds.iter_mut();
            let found = guilds.find(|one| one.id == guild);
            found.expect("a guild of the setup").has_bot = false;
            if world.gateway.has_intent(GUILDS) {
                let gone = json!({"id": objects::id(guild)});
                world.gateway.dispatch("GUILD_DELETE", &gone);
            }
        });
    }

    /// A person takes direct messages of the bot no more.
    pub(crate) fn close_dms(&self, person: Id) {
        self.change_setup(|setup| setup.closed_dms.push(person));
    }

    /// Discord's clock shows so much more than this machine's.
    pub(crate) fn set_ahead(&self, ahead: SignedDuration) {
        self.change_setup(|setup| setup.ahead = ahead);
    }

    /// Ends the time in which enforced nonces are remembered.
    pub(crate) fn forget_nonces(&self) {
        self.shared.change(|world| world.nonces.clear());
    }

    /// Messages that anyone can see with a button whose custom id begins so,
    /// oldest first.
    pub(crate) fn with_button(&self, beginning: &str) -> Vec<Shown> {
        let ids: Vec<Id> = self.look(|world| {
            let seen = world.messages.iter().filter(|(_, stored)| {
                !stored.deleted && !stored.is_ephemeral() && has_button(&stored.json, beginning)
            });
            seen.map(|(id, _)| *id).collect()
        });
        ids.into_iter().map(|id| self.message(id)).collect()
    }
}

fn has_button(message: &serde_json::Value, beginning: &str) -> bool {
    let rows = message["components"].as_array().into_iter().flatten();
    let mut buttons = rows.flat_map(|row| row["components"].as_array().into_iter().flatten());
    buttons.any(|button| {
        button["custom_id"]
            .as_str()
            .is_some_and(|id| id.starts_with(beginning))
    })
}

fn guild_of(world: &mut World, channel: Id) -> &mut Guild {
    let mut guilds = world.setup.guilds.iter_mut();
    guilds
        .find(|guild| guild.channels.iter().any(|one| one.id == channel))
        .expect("a channel of the setup")
}

fn channel_of(world: &mut World, id: Id) -> &mut Channel {
    let mut channels = guild_of(world, id).channels.iter_mut();
    channels
        .find(|channel| channel.id == id)
        .expect("it was found in its guild")
}
