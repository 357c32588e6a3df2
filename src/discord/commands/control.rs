//! `/control`: what a control is and every service that has it.

use crate::commands::requests;

use super::super::error::Failure;
use super::super::turn::Turn;
use super::{Context, suggest};

/// What a control is, and every service that has it
#[poise::command(
    slash_command,
    install_context = "Guild|User",
    interaction_context = "Guild|BotDm|PrivateChannel"
)]
pub(super) async fn control(
    ctx: Context<'_>,
    #[description = "The control"]
    #[max_length = 200]
    #[autocomplete = "suggest::controls"]
    name: String,
) -> Result<(), Failure> {
    let bot = ctx.framework.user_data;
    let request = requests::control(&bot.app, &name);
    bot.answer(&Turn::from(ctx.interaction), request, true)
        .await
}
