//! `/help`: what the bot can do, with examples from the loaded notes.

use crate::commands;

use super::super::error::Failure;
use super::super::turn::Turn;
use super::Context;

/// What the bot can do, with examples
#[poise::command(
    slash_command,
    install_context = "Guild|User",
    interaction_context = "Guild|BotDm|PrivateChannel"
)]
pub(super) async fn help(ctx: Context<'_>) -> Result<(), Failure> {
    let bot = ctx.framework.user_data;
    let turn = Turn::from(ctx.interaction);
    bot.tell(&turn, &commands::help(&bot.app)).await
}
