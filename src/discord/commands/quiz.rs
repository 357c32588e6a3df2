//! `/quiz`: practice, the leaderboard, and what one has reached.

use serenity::all::User;

use crate::id::UserId;
use crate::quiz::standing::Period;
use crate::render::quiz::boards::{self, on_servers_only};

use super::super::bot::Callback;
use super::super::error::Failure;
use super::super::turn::Turn;
use super::Context;

/// Which time a leaderboard is about.
#[derive(Clone, Copy, Debug, poise::ChoiceParameter)]
enum Since {
    #[name = "This week"]
    Week,
    #[name = "This month"]
    Month,
    #[name = "All time"]
    All,
}

/// The daily quiz: practise, and see how it goes
#[poise::command(
    slash_command,
    subcommands("practice", "leaderboard", "stats"),
    subcommand_required,
    install_context = "Guild|User",
    interaction_context = "Guild|BotDm|PrivateChannel"
)]
#[expect(clippy::unused_async, reason = "poise wants an async function")]
pub(super) async fn quiz(_: Context<'_>) -> Result<(), Failure> {
    Ok(())
}

/// Practise questions at your own pace; only you see it, and it does not score
#[poise::command(slash_command)]
pub(super) async fn practice(ctx: Context<'_>) -> Result<(), Failure> {
    let bot = ctx.framework.user_data;
    let turn = Turn::from(ctx.interaction);
    bot.practise(&turn, Callback::Message).await
}

/// Who had how many right on this server
#[poise::command(slash_command)]
pub(super) async fn leaderboard(
    ctx: Context<'_>,
    #[description = "This week, unless you choose another"] period: Option<Since>,
) -> Result<(), Failure> {
    let bot = ctx.framework.user_data;
    let turn = Turn::from(ctx.interaction);
    let Some(guild) = turn.guild else {
        return bot.tell(&turn, &on_servers_only()).await;
    };
    let period = match period {
        None | Some(Since::Week) => Period::Week,
        Some(Since::Month) => Period::Month,
        Some(Since::All) => Period::All,
    };
    let board = bot.app.leaderboard(guild, period, turn.user).await?;
    bot.tell(&turn, &boards::board(&board, true)).await
}

/// Answers, streak and freezes: yours, or what another member shows
#[poise::command(slash_command)]
pub(super) async fn stats(
    ctx: Context<'_>,
    #[description = "You, unless you choose somebody else"] member: Option<User>,
) -> Result<(), Failure> {
    let bot = ctx.framework.user_data;
    let turn = Turn::from(ctx.interaction);
    let Some(guild) = turn.guild else {
        return bot.tell(&turn, &on_servers_only()).await;
    };
    let member = member.map_or(turn.user, |member| UserId(member.id.get()));
    let stats = bot.app.stats(guild, member, turn.user).await?;
    let reply = boards::stats(member, member == turn.user, stats.as_ref());
    bot.tell(&turn, &reply).await
}
