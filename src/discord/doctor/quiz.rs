//! Whether the daily quiz can do its work: its channel first of all.

use jiff::Timestamp;
use serenity::all::{Permissions, UserId};

use crate::discord::rest::{Rest, RestError};
use crate::id::{ChannelId, GuildId};

use super::channel::Lacks;
use super::remote::{self, MISSING_ACCESS, Server};

/// Discord's codes for something that is not there.
const UNKNOWN: [u64; 3] = [10_003, 10_004, 10_007];

/// What a round needs in its channel. The history is what tells, after a
/// crash, whether the question is there.
const NEEDED: [(Permissions, &str); 4] = [
    (Permissions::VIEW_CHANNEL, "View Channels"),
    (Permissions::SEND_MESSAGES, "Send Messages"),
    (Permissions::EMBED_LINKS, "Embed Links"),
    (Permissions::READ_MESSAGE_HISTORY, "Read Message History"),
];

/// Why a channel is no place for rounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::discord) enum Unfit {
    /// It is not there, or the bot is not on its server.
    Gone,
    /// It is on another server.
    Elsewhere,
    /// It is for something else than messages.
    NotText,
    /// The bot may not do there what it needs to.
    Lacks(Lacks),
}

/// What keeps a server's rounds out of a channel; none when nothing does.
///
/// # Errors
/// Discord does not say.
pub(in crate::discord) async fn unfit_for_quiz(
    rest: &Rest,
    bot: UserId,
    guild: GuildId,
    channel: ChannelId,
    now: Timestamp,
) -> Result<Option<Unfit>, RestError> {
    let here = [Server {
        id: guild,
        name: String::new(),
    }];
    let standing = match remote::standing(rest, bot, channel, &here).await {
        Ok(Some(standing)) => standing,
        Ok(None) => return Ok(Some(Unfit::Elsewhere)),
        Err(error) if error.code().is_some_and(|code| UNKNOWN.contains(&code)) => {
            return Ok(Some(Unfit::Gone));
        }
        // Not even the list of this server's channels has it.
        Err(error) if error.code() == Some(MISSING_ACCESS) => return Ok(Some(Unfit::Elsewhere)),
        Err(error) => return Err(error),
    };
    if standing.channel.guild_id != Some(guild) {
        return Ok(Some(Unfit::Elsewhere));
    }
    if !standing.channel.is_text() {
        return Ok(Some(Unfit::NotText));
    }
    let lacks = standing.lacks(&NEEDED, now);
    Ok((!lacks.is_nothing()).then_some(Unfit::Lacks(lacks)))
}
