//! `/quiz-admin`: for those who set up the quiz of a server and look after it.

mod show;
mod typing;

use std::sync::Arc;

use poise::ChoiceParameter;
use serde_json::json;
use serenity::all::PartialChannel;

use crate::app::{Changed, Skip, Wish};
use crate::id::{ChannelId, GuildId};
use crate::quiz::schedule::Feedback;
use crate::render::quiz::admin;
use crate::render::reply::Reply;
use crate::store::Aside;

use super::super::bot::Bot;
use super::super::error::{self, Failure};
use super::super::reply::{Payload, message};
use super::super::turn::Turn;
use super::Context;
use super::notes::admitted;
use show::{next_question, plan, refused, status_of, stem, unfit};

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
    let work = Box::pin(async {
        let schedule = match bot.app.read_wish(&wish).await? {
            Ok(schedule) => schedule,
            Err(unusable) => return Ok(refused(&unusable)),
        };
        if let Some(unfit) = unfit(bot, guild, wish.channel).await? {
            return Ok(admin::unfit(wish.channel, &unfit));
        }
        let Some(changed) = bot.app.set_up(&schedule).await? else {
            return Ok(admin::not_set_up());
        };
        let Changed {
            is_new,
            left_out,
            surprises,
            stock,
            overview,
        } = &changed;
        Ok(admin::set_up(
            &plan(overview),
            *is_new,
            left_out,
            surprises,
            *stock,
        ))
    });
    answer_later(bot, &turn, work).await
}

/// How the quiz goes: what comes next, the last rounds, problems
#[poise::command(slash_command)]
pub(super) async fn status(ctx: Context<'_>) -> Result<(), Failure> {
    let (bot, turn, guild) = here(&ctx)?;
    let work = Box::pin(async {
        let Some(overview) = bot.app.quiz_of(guild).await? else {
            return Ok(admin::not_set_up());
        };
        let channel = overview.saved.schedule.channel;
        let report = bot.app.quiz_report(overview).await?;
        let unfit = unfit(bot, guild, channel).await?;
        Ok(status_of(bot, &report, unfit.as_ref()))
    });
    answer_later(bot, &turn, work).await
}

/// The next question as it will appear, for you alone
#[poise::command(slash_command)]
pub(super) async fn preview(ctx: Context<'_>) -> Result<(), Failure> {
    let (bot, turn, guild) = here(&ctx)?;
    let reply = match bot.app.quiz_of(guild).await? {
        None => admin::not_set_up(),
        Some(overview) => next_question(bot, &overview, None).await?,
    };
    bot.tell(&turn, &reply).await
}

/// Set the next question aside and take another one
#[poise::command(slash_command)]
pub(super) async fn replace(ctx: Context<'_>) -> Result<(), Failure> {
    let (bot, turn, guild) = here(&ctx)?;
    let Some(overview) = bot.app.quiz_of(guild).await? else {
        return bot.tell(&turn, &admin::not_set_up()).await;
    };
    let reply = match bot.app.preview(&overview).await? {
        Some((_, question)) => {
            bot.app.put_aside(guild, &question).await?;
            next_question(bot, &overview, Some(&question.stem)).await?
        }
        None => next_question(bot, &overview, None).await?,
    };
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
    let aside = bot.app.put_aside_before(guild).await?;
    let meant = |(aside, _): &&(Aside, _)| [&aside.hash, &aside.question].contains(&&question);
    let reply = if let Some((aside, known)) = aside.iter().find(meant) {
        bot.app.restore(guild, aside).await?;
        admin::restored(stem(aside, known.as_ref()))
    } else {
        let stems = aside
            .iter()
            .map(|(aside, known)| stem(aside, known.as_ref()));
        admin::not_set_aside(&stems.collect::<Vec<_>>())
    };
    bot.tell(&turn, &reply).await
}

/// Ask today's question now
#[poise::command(slash_command)]
pub(super) async fn post(ctx: Context<'_>) -> Result<(), Failure> {
    let (bot, turn, guild) = here(&ctx)?;
    let work = Box::pin(async {
        let Some(overview) = bot.app.quiz_of(guild).await? else {
            return Ok(admin::not_set_up());
        };
        if bot.app.bank().questions.is_empty() {
            return Ok(admin::no_questions());
        }
        let channel = overview.saved.schedule.channel;
        if let Some(unfit) = unfit(bot, guild, channel).await? {
            return Ok(admin::unfit(channel, &unfit));
        }
        Ok(match bot.app.post_now(&overview).await? {
            None => admin::posting(channel),
            Some(there) => admin::already_posted(guild, &there),
        })
    });
    answer_later(bot, &turn, work).await
}

/// Leave out the next question
#[poise::command(slash_command)]
pub(super) async fn skip(ctx: Context<'_>) -> Result<(), Failure> {
    let (bot, turn, guild) = here(&ctx)?;
    let Some(overview) = bot.app.quiz_of(guild).await? else {
        return bot.tell(&turn, &admin::not_set_up()).await;
    };
    let skip = bot.app.skip_next(&overview).await?;
    let now = bot.app.quiz_of(guild).await?.unwrap_or(overview);
    let reply = match skip {
        Skip::Skipped(date, was_before) => admin::skipped(date, &plan(&now), was_before),
        Skip::TooLate(round) => admin::already_posted(guild, &round),
        Skip::Nothing => admin::nothing_to_come(&plan(&now)),
    };
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
    let Some(overview) = bot.app.quiz_of(guild).await? else {
        return bot.tell(&turn, &admin::not_set_up()).await;
    };
    let paused = bot.app.pause(&overview, from.as_deref(), until.as_deref());
    let reply = match paused.await? {
        Ok(Some(changed)) => admin::paused(&plan(&changed.overview)),
        Ok(None) => admin::not_set_up(),
        Err(unusable) => refused(&unusable),
    };
    bot.tell(&turn, &reply).await
}

/// Go on with the quiz after a pause
#[poise::command(slash_command)]
pub(super) async fn resume(ctx: Context<'_>) -> Result<(), Failure> {
    let (bot, turn, guild) = here(&ctx)?;
    let work = Box::pin(async {
        let Some(overview) = bot.app.quiz_of(guild).await? else {
            return Ok(admin::not_set_up());
        };
        let channel = overview.saved.schedule.channel;
        if let Some(unfit) = unfit(bot, guild, channel).await? {
            return Ok(admin::unfit(channel, &unfit));
        }
        Ok(match bot.app.resume(&overview).await? {
            Some(changed) => admin::resumed(&plan(&changed.overview), true, &changed.left_out),
            None => admin::resumed(&plan(&overview), false, &[]),
        })
    });
    answer_later(bot, &turn, work).await
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
