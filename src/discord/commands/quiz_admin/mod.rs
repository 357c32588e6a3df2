//! `/quiz-admin`: for those who set up the quiz of a server and look after it.

mod fit;
mod typing;

use std::sync::Arc;

use poise::ChoiceParameter;
use serde_json::json;
use serenity::all::PartialChannel;

use crate::app::Wish;
use crate::commands::quiz_admin as commands;
use crate::id::{ChannelId, GuildId};
use crate::quiz::schedule::Feedback;
use crate::render::reply::Reply;

use super::super::bot::Bot;
use super::super::error::{self, Failure};
use super::super::reply::{Payload, message};
use super::super::turn::Turn;
use super::Context;
use super::notes::admitted;
use fit::unfit;

/// Only the person sees the answer.
const EPHEMERAL: u64 = 1 << 6;

/// When people learn whether they were right.
#[derive(Clone, Copy, Debug, ChoiceParameter)]
pub(super) enum Told {
    /// Nobody can pass the answer on.
    #[name = "with the results"]
    AtReveal,
    /// Right after their answer.
    #[name = "at once"]
    Immediate,
}

/// Set up the daily quiz of this server and look after it
#[poise::command(
    slash_command,
    rename = "quiz-admin",
    subcommands(
        "setup", "status", "preview", "replace", "restore", "post", "skip", "pause", "resume"
    ),
    subcommand_required,
    default_member_permissions = "MANAGE_GUILD",
    install_context = "Guild",
    interaction_context = "Guild"
)]
#[expect(clippy::unused_async, reason = "poise wants an async function")]
pub(super) async fn quiz_admin(_: Context<'_>) -> Result<(), Failure> {
    Ok(())
}

/// Start the daily quiz, or change where and when it comes
#[poise::command(slash_command)]
pub(super) async fn setup(
    ctx: Context<'_>,
    #[description = "Where the questions appear"]
    #[channel_types("Text", "News")]
    channel: PartialChannel,
    #[description = "Time of the day there, such as 9:30 or 5pm"]
    #[max_length = 20]
    time: String,
    #[description = "Time zone: type a city or a country"]
    #[max_length = 100]
    #[autocomplete = "typing::zones"]
    timezone: String,
    #[description = "Days with a question, such as mon-fri or daily (Monday to Friday at first)"]
    #[max_length = 100]
    #[autocomplete = "typing::days_of_week"]
    days: Option<String>,
    #[description = "Results come this much later, such as 8h or 90m (8 hours at first)"]
    #[max_length = 20]
    reveal_after: Option<String>,
    #[description = "When people learn whether they were right (with the results at first)"]
    feedback: Option<Told>,
) -> Result<(), Failure> {
    let (bot, turn, guild) = here(&ctx)?;
    let wish = Wish {
        guild,
        channel: ChannelId(channel.id.get()),
        time,
        zone: timezone,
        days,
        reveal_after,
        feedback: feedback.map(|told| match told {
            Told::AtReveal => Feedback::AtReveal,
            Told::Immediate => Feedback::Immediate,
        }),
        by: turn.user,
    };
    let fit = |channel| unfit(bot, guild, channel);
    answer_later(bot, &turn, Box::pin(commands::set_up(&bot.app, &wish, fit))).await
}

/// How the quiz goes: what comes next, the last rounds, problems
#[poise::command(slash_command)]
pub(super) async fn status(ctx: Context<'_>) -> Result<(), Failure> {
    let (bot, turn, guild) = here(&ctx)?;
    let fit = |channel| unfit(bot, guild, channel);
    answer_later(bot, &turn, Box::pin(commands::status(&bot.app, guild, fit))).await
}

/// The next question as it will appear, for you alone
#[poise::command(slash_command)]
pub(super) async fn preview(ctx: Context<'_>) -> Result<(), Failure> {
    let (bot, turn, guild) = here(&ctx)?;
    let reply = commands::preview(&bot.app, guild).await?;
    bot.tell(&turn, &reply).await
}

/// Set the next question aside and take another one
#[poise::command(slash_command)]
pub(super) async fn replace(ctx: Context<'_>) -> Result<(), Failure> {
    let (bot, turn, guild) = here(&ctx)?;
    let reply = commands::replace(&bot.app, guild).await?;
    bot.tell(&turn, &reply).await
}

/// Let a question be asked again that was set aside
#[poise::command(slash_command)]
pub(super) async fn restore(
    ctx: Context<'_>,
    #[description = "Which one: choose from the list"]
    #[max_length = 100]
    #[autocomplete = "typing::set_aside"]
    question: String,
) -> Result<(), Failure> {
    let (bot, turn, guild) = here(&ctx)?;
    let reply = commands::restore(&bot.app, guild, &question).await?;
    bot.tell(&turn, &reply).await
}

/// Ask today's question now
#[poise::command(slash_command)]
pub(super) async fn post(ctx: Context<'_>) -> Result<(), Failure> {
    let (bot, turn, guild) = here(&ctx)?;
    let fit = |channel| unfit(bot, guild, channel);
    answer_later(bot, &turn, Box::pin(commands::post(&bot.app, guild, fit))).await
}

/// Leave out the next question
#[poise::command(slash_command)]
pub(super) async fn skip(ctx: Context<'_>) -> Result<(), Failure> {
    let (bot, turn, guild) = here(&ctx)?;
    let reply = commands::skip(&bot.app, guild).await?;
    bot.tell(&turn, &reply).await
}

/// Stop asking questions for some days, or until you resume
#[poise::command(slash_command)]
pub(super) async fn pause(
    ctx: Context<'_>,
    #[description = "First day without a question, such as 24 Dec (today)"]
    #[max_length = 40]
    from: Option<String>,
    #[description = "Last day without a question, such as 2027-01-01 (until you resume)"]
    #[max_length = 40]
    until: Option<String>,
) -> Result<(), Failure> {
    let (bot, turn, guild) = here(&ctx)?;
    let reply = commands::pause(&bot.app, guild, from.as_deref(), until.as_deref()).await?;
    bot.tell(&turn, &reply).await
}

/// Go on with the quiz after a pause
#[poise::command(slash_command)]
pub(super) async fn resume(ctx: Context<'_>) -> Result<(), Failure> {
    let (bot, turn, guild) = here(&ctx)?;
    let fit = |channel| unfit(bot, guild, channel);
    answer_later(bot, &turn, Box::pin(commands::resume(&bot.app, guild, fit))).await
}

/// Discord hides these commands from others; a request can be forged.
fn here<'a>(ctx: &Context<'a>) -> Result<(&'a Arc<Bot>, Turn<'a>, GuildId), Failure> {
    let (bot, turn) = admitted(ctx)?;
    let guild = turn.guild.ok_or(Failure::NotAllowed)?;
    Ok((bot, turn, guild))
}

/// Answers after having asked Discord something, which may take longer than
/// Discord waits for a first answer.
async fn answer_later(
    bot: &Bot,
    turn: &Turn<'_>,
    work: impl Future<Output = Result<Reply, Failure>>,
) -> Result<(), Failure> {
    let soon = json!({ "type": 5, "data": { "flags": EPHEMERAL } });
    if !bot.acknowledge(turn, &soon, &Payload::default()).await? {
        return Ok(());
    }
    let reply = work.await.unwrap_or_else(|failure| {
        error::log(&failure);
        error::words(&failure, bot.app.now().as_second(), turn.id.get())
    });
    let payload = message(&reply, false);
    bot.rest
        .edit_original(
            turn.application,
            turn.token,
            &payload.body,
            &payload.upload(),
        )
        .await?;
    Ok(())
}
