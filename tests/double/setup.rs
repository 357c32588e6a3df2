//! The small world that a double begins with: who is there, in which guild,
//! with which permissions, and how strict Discord is today.

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::Value;

/// An id as Discord gives them to everything (a snowflake).
pub(crate) type Id = u64;

/// The guild that the bot is installed in.
pub(crate) const GUILD: Id = 1_000_000_000_000_001;
/// A guild that the bot is not in; its people may have installed it for themselves.
pub(crate) const ELSEWHERE: Id = 1_000_000_000_000_002;
/// A text channel of [`GUILD`], where actors are unless told otherwise.
pub(crate) const GENERAL: Id = 1_100_000_000_000_001;
/// Another text channel of [`GUILD`].
pub(crate) const QUIZ: Id = 1_100_000_000_000_002;
/// The text channel of [`ELSEWHERE`].
pub(crate) const FOREIGN: Id = 1_100_000_000_000_003;
/// A member of [`GUILD`] who may manage it.
pub(crate) const ADMIN: Id = 1_200_000_000_000_001;
/// A member of [`GUILD`] without special permissions.
pub(crate) const ALICE: Id = 1_200_000_000_000_002;
/// Another member of [`GUILD`].
pub(crate) const BOB: Id = 1_200_000_000_000_003;
/// Somebody who shares no guild with the bot.
pub(crate) const OUTSIDER: Id = 1_200_000_000_000_004;
/// The application and, as with every newer application, its bot user.
pub(crate) const APPLICATION: Id = 1_300_000_000_000_001;
/// The role of [`GUILD`] that allows to manage it; [`ADMIN`] has it.
pub(crate) const ADMIN_ROLE: Id = 1_400_000_000_000_001;
/// The role that Discord makes for the bot when it is invited.
pub(crate) const BOT_ROLE: Id = 1_400_000_000_000_002;
/// Direct-message channels have this plus the person's id.
pub(crate) const DM: Id = 1_500_000_000_000_000_000;

/// Bits of Discord's permissions that the tests speak of.
pub(crate) mod permission {
    pub(crate) const ADMINISTRATOR: u64 = 1 << 3;
    pub(crate) const MANAGE_GUILD: u64 = 1 << 5;
    pub(crate) const VIEW_CHANNEL: u64 = 1 << 10;
    pub(crate) const SEND_MESSAGES: u64 = 1 << 11;
    pub(crate) const EMBED_LINKS: u64 = 1 << 14;
    pub(crate) const ATTACH_FILES: u64 = 1 << 15;
    pub(crate) const READ_MESSAGE_HISTORY: u64 = 1 << 16;
    pub(crate) const USE_APPLICATION_COMMANDS: u64 = 1 << 31;
    pub(crate) const SEND_MESSAGES_IN_THREADS: u64 = 1 << 38;

    /// What a plain member may do.
    pub(crate) const MEMBER: u64 = VIEW_CHANNEL
        | SEND_MESSAGES
        | EMBED_LINKS
        | READ_MESSAGE_HISTORY
        | USE_APPLICATION_COMMANDS;
    /// What an invitation of the bot asks for.
    pub(crate) const BOT: u64 = VIEW_CHANNEL
        | SEND_MESSAGES
        | EMBED_LINKS
        | ATTACH_FILES
        | READ_MESSAGE_HISTORY
        | SEND_MESSAGES_IN_THREADS;
}

/// A person.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) id: Id,
    pub(crate) name: String,
}

/// A text channel, and what the bot may not do in it.
#[derive(Clone, Debug)]
pub(crate) struct Channel {
    pub(crate) id: Id,
    pub(crate) name: String,
    /// Permission bits that an overwrite takes from the bot here.
    pub(crate) denied_to_bot: u64,
}

/// A role; the one with the guild's own id is `@everyone`.
#[derive(Clone, Debug)]
pub(crate) struct Role {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) permissions: u64,
}

/// Somebody's membership in a guild.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) user: Id,
    pub(crate) roles: Vec<Id>,
}

/// A guild ("server").
#[derive(Clone, Debug)]
pub(crate) struct Guild {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) owner: Id,
    pub(crate) channels: Vec<Channel>,
    pub(crate) roles: Vec<Role>,
    pub(crate) members: Vec<Member>,
    /// Whether the bot is installed here.
    pub(crate) has_bot: bool,
}

impl Guild {
    /// What a member may do: the sum of the roles. None for strangers.
    pub(crate) fn permissions_of(&self, user: Id) -> Option<u64> {
        let member = self.members.iter().find(|member| member.user == user)?;
        if self.owner == user {
            return Some(u64::MAX >> 12);
        }
        let held = self
            .roles
            .iter()
            .filter(|role| role.id == self.id || member.roles.contains(&role.id));
        Some(held.fold(0, |sum, role| sum | role.permissions))
    }
}

/// How thoroughly requests are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Checks {
    /// Limits and, where the description is at hand, Discord's API description.
    All,
    /// Limits only.
    Limits,
    /// Nothing: for load runs, where the double shares the cores with the bot.
    None,
}

/// Everything that can differ between two doubles. `Setup::default()` is a quiet day.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    /// The bot's token, without "Bot ".
    pub(crate) token: String,
    pub(crate) users: Vec<User>,
    pub(crate) guilds: Vec<Guild>,
    /// What HELLO tells the client.
    pub(crate) heartbeat: Duration,
    /// How long a first response to an interaction may take: Discord's 3 s.
    pub(crate) acknowledge_within: Duration,
    /// How long an enforced nonce is remembered: "the past few minutes".
    pub(crate) nonce_window: Duration,
    /// People who take no direct messages of the bot.
    pub(crate) closed_dms: Vec<Id>,
    /// How many requests a second Discord takes, those apart that answer
    /// interactions; any number unless given. Discord's own limit is 50.
    pub(crate) limit: Option<usize>,
    /// How much more Discord's clock shows than this machine's.
    pub(crate) ahead: SignedDuration,
    /// How long a test waits for the bot before it fails.
    pub(crate) patience: Duration,
    pub(crate) checks: Checks,
    /// Whether people see only the commands that `default_member_permissions`
    /// grants them. Off: the bot's own check is on its own.
    pub(crate) hides_commands: bool,
    /// Whether the application may not use the intents it asks for (close 4014).
    pub(crate) disallows_intents: bool,
    /// Hosts that links in messages may lead to.
    pub(crate) link_hosts: Vec<String>,
    /// How many requests, messages and interactions are kept, each; the oldest go.
    pub(crate) keeps: usize,
    /// IDENTIFYs left for today, as `GET /gateway/bot` tells.
    pub(crate) identifies_left: u64,
    /// How many shards it recommends.
    pub(crate) shards: u32,
    /// How many shards may start a session in the same 5 s.
    pub(crate) concurrency: u32,
    /// What the application is other than by default, as fields of its object.
    pub(crate) application: Vec<(&'static str, Value)>,
}

impl Setup {
    /// For load runs: no checks, and memory that does not grow.
    pub(crate) fn for_load() -> Self {
        Self {
            checks: Checks::None,
            keeps: 2_000,
            ..Self::default()
        }
    }

    pub(crate) fn user(&self, id: Id) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    pub(crate) fn guild(&self, id: Id) -> Option<&Guild> {
        self.guilds.iter().find(|guild| guild.id == id)
    }

    /// A text channel with its guild.
    pub(crate) fn channel(&self, id: Id) -> Option<(&Guild, &Channel)> {
        self.guilds.iter().find_map(|guild| {
            let channel = guild.channels.iter().find(|channel| channel.id == id)?;
            Some((guild, channel))
        })
    }

    /// The person at the other end of a direct-message channel.
    pub(crate) fn recipient(&self, channel: Id) -> Option<&User> {
        self.user(channel.checked_sub(DM)?)
    }

    /// What the bot may do in a channel; everything it needs in a direct message.
    pub(crate) fn bot_permissions(&self, channel: Id) -> u64 {
        match self.channel(channel) {
            Some((guild, channel)) => {
                guild.permissions_of(APPLICATION).unwrap_or(0) & !channel.denied_to_bot
            }
            None => permission::BOT,
        }
    }
}

impl Default for Setup {
    fn default() -> Self {
        let user = |id, name: &str| User {
            id,
            name: name.into(),
        };
        let channel = |id, name: &str| Channel {
            id,
            name: name.into(),
            denied_to_bot: 0,
        };
        let role = |id, name: &str, permissions| Role {
            id,
            name: name.into(),
            permissions,
        };
        let member = |user, roles: &[Id]| Member {
            user,
            roles: roles.into(),
        };
        Self {
            token: "MTMwMDAwMDAwMDAwMDAwMQ.double.a-token-that-opens-nothing".into(),
            users: vec![
                user(ADMIN, "ada"),
                user(ALICE, "alice"),
                user(BOB, "bob"),
                user(OUTSIDER, "olga"),
            ],
            guilds: vec![
                Guild {
                    id: GUILD,
                    name: "Platform team".into(),
                    owner: 1_200_000_000_000_099,
                    channels: vec![channel(GENERAL, "general"), channel(QUIZ, "quiz")],
                    roles: vec![
                        role(GUILD, "@everyone", permission::MEMBER),
                        role(ADMIN_ROLE, "lead", permission::MANAGE_GUILD),
                        role(BOT_ROLE, "Footnote", permission::BOT),
                    ],
                    members: vec![
                        member(ADMIN, &[ADMIN_ROLE]),
                        member(ALICE, &[]),
                        member(BOB, &[]),
                        member(APPLICATION, &[BOT_ROLE]),
                    ],
                    has_bot: true,
                },
                Guild {
                    id: ELSEWHERE,
                    name: "Somewhere else".into(),
                    owner: OUTSIDER,
                    channels: vec![channel(FOREIGN, "lobby")],
                    roles: vec![role(ELSEWHERE, "@everyone", permission::MEMBER)],
                    members: vec![member(OUTSIDER, &[]), member(ALICE, &[])],
                    has_bot: false,
                },
            ],
            heartbeat: Duration::from_millis(41_250),
            acknowledge_within: Duration::from_secs(3),
            nonce_window: Duration::from_mins(3),
            closed_dms: Vec::new(),
            limit: None,
            ahead: SignedDuration::ZERO,
            patience: Duration::from_secs(10),
            checks: Checks::All,
            hides_commands: false,
            disallows_intents: false,
            link_hosts: Vec::new(),
            keeps: usize::MAX,
            identifies_left: 1_000,
            shards: 1,
            concurrency: 1,
            application: Vec::new(),
        }
    }
}
