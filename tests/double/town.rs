//! Many guilds with many people, for runs where one of each is too few.

use std::time::Duration;

use super::setup::{
    ADMIN, APPLICATION, BOT_ROLE, Channel, Guild, Id, Member, Role, Setup, User, permission,
};

/// Ids begin here, by what they are of.
const GUILD_IDS: Id = 480_000_000 << 22;
const CHANNEL_IDS: Id = 2_100_000_000_000_000;
const PERSON_IDS: Id = 2_200_000_000_000_000;

/// A guild of the town, counted from 0. The guilds take turns among the shards:
/// of two, four or ten shards, it is on shard `at` modulo their number.
pub(crate) fn guild(at: u64) -> Id {
    GUILD_IDS + (at << 22)
}

/// The one channel of that guild.
pub(crate) fn channel(at: u64) -> Id {
    CHANNEL_IDS + at
}

/// A person of the town, counted from 0.
pub(crate) fn person(at: u64) -> Id {
    PERSON_IDS + at
}

impl Setup {
    /// So many guilds, each with the bot, one channel and the same so many
    /// people. [`ADMIN`] owns them all.
    pub(crate) fn town(guilds: u64, people: u64) -> Self {
        let crowd: Vec<Member> = (0..people)
            .map(person)
            .chain([ADMIN])
            .map(|user| Member {
                user,
                roles: Vec::new(),
            })
            .chain([Member {
                user: APPLICATION,
                roles: vec![BOT_ROLE],
            }])
            .collect();
        let role = |id, name: &str, permissions| Role {
            id,
            name: name.into(),
            permissions,
        };
        let built = (0..guilds).map(|at| Guild {
            id: guild(at),
            name: format!("Team {at}"),
            owner: ADMIN,
            channels: vec![Channel {
                id: channel(at),
                name: "quiz".into(),
                denied_to_bot: 0,
            }],
            roles: vec![
                role(guild(at), "@everyone", permission::MEMBER),
                role(BOT_ROLE, "Footnote", permission::BOT),
            ],
            members: crowd.clone(),
            has_bot: true,
        });
        let mut setup = Self {
            guilds: built.collect(),
            // Letters to admins name their server.
            link_hosts: vec!["discord.com".into()],
            // Large runs keep a machine busy.
            patience: Duration::from_secs(30),
            ..Self::default()
        };
        let persons = (0..people).map(|at| User {
            id: person(at),
            name: format!("person {at}"),
        });
        setup.users.extend(persons);
        setup
    }
}
