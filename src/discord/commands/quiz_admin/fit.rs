//! What keeps rounds out of a channel, as Discord says.

use crate::id::{ChannelId, GuildId, UserId};
use crate::render::quiz::admin;

use super::super::super::bot::Bot;
use super::super::super::doctor::{Unfit, unfit_for_quiz};
use super::super::super::error::Failure;

/// What keeps rounds out of a channel.
pub(super) async fn unfit(
    bot: &Bot,
    guild: GuildId,
    channel: ChannelId,
) -> Result<Option<admin::Unfit>, Failure> {
    let UserId(me) = *bot.user.get().ok_or(Failure::Defect)?;
    let found = unfit_for_quiz(&bot.rest, me.into(), guild, channel, bot.app.now()).await;
    let words = |names: Vec<&'static str>| names.into_iter().map(str::to_owned).collect();
    Ok(match found {
        Ok(found) => found.map(|unfit| match unfit {
            Unfit::Gone => admin::Unfit::Gone,
            Unfit::Elsewhere => admin::Unfit::Elsewhere,
            Unfit::NotText => admin::Unfit::NotText,
            Unfit::Lacks(lacks) => admin::Unfit::Lacks {
                never_had: words(lacks.never_had),
                taken: words(lacks.taken),
                role: lacks.role,
                timed_out: lacks.timed_out,
            },
        }),
        Err(error) => {
            tracing::warn!("Discord does not say what the bot may do in a channel: {error}");
            Some(admin::Unfit::Unknown)
        }
    })
}
