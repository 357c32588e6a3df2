//! `/privacy`: what is stored about a person, under their own control.

use crate::commands::privacy;

use super::super::error::Failure;
use super::super::turn::Turn;
use super::Context;

/// What is stored about you, under your control
#[poise::command(
    slash_command,
    subcommands("show", "export", "delete", "hide"),
    subcommand_required,
    install_context = "Guild|User",
    interaction_context = "Guild|BotDm|PrivateChannel"
)]
#[expect(clippy::unused_async, reason = "poise wants an async function")]
pub(super) async fn privacy(_: Context<'_>) -> Result<(), Failure> {
    Ok(())
}

/// What is stored about you
#[poise::command(slash_command)]
pub(super) async fn show(ctx: Context<'_>) -> Result<(), Failure> {
    let bot = ctx.framework.user_data;
    let turn = Turn::from(ctx.interaction);
    let person = bot.app.person(turn.user).await?;
    bot.tell(&turn, &privacy::show(&person)).await
}

/// All of it as a file
#[poise::command(slash_command)]
pub(super) async fn export(ctx: Context<'_>) -> Result<(), Failure> {
    let bot = ctx.framework.user_data;
    let turn = Turn::from(ctx.interaction);
    let person = bot.app.person(turn.user).await?;
    bot.tell(&turn, &privacy::export(&person)).await
}

/// Delete everything that is stored about you
#[poise::command(slash_command)]
pub(super) async fn delete(ctx: Context<'_>) -> Result<(), Failure> {
    let bot = ctx.framework.user_data;
    let turn = Turn::from(ctx.interaction);
    let rows = bot.app.forget_person(turn.user).await?;
    bot.tell(&turn, &privacy::deleted(rows)).await
}

/// Keep your name out of lists that others see
#[poise::command(slash_command)]
pub(super) async fn hide(
    ctx: Context<'_>,
    #[description = "False shows your name again"] hidden: Option<bool>,
) -> Result<(), Failure> {
    let bot = ctx.framework.user_data;
    let turn = Turn::from(ctx.interaction);
    let hidden = hidden.unwrap_or(true);
    bot.app.hide_person(turn.user, hidden).await?;
    bot.tell(&turn, &privacy::hide(hidden)).await
}
