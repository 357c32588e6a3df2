//! `/service`: the note on a service, or one control of it.

use crate::commands::requests;

use super::super::error::Failure;
use super::super::turn::Turn;
use super::{Context, suggest};

/// What the notes hold on a service
#[poise::command(
    slash_command,
    install_context = "Guild|User",
    interaction_context = "Guild|BotDm|PrivateChannel"
)]
pub(super) async fn service(
    ctx: Context<'_>,
    #[description = "The service"]
    #[max_length = 200]
    #[autocomplete = "suggest::services"]
    name: String,
    #[description = "Only this control of it"]
    #[max_length = 200]
    #[autocomplete = "suggest::controls"]
    control: Option<String>,
) -> Result<(), Failure> {
    let bot = ctx.framework.user_data;
    let request = requests::service(&bot.app, &name, control.as_deref());
    bot.answer(&Turn::from(ctx.interaction), request, true)
        .await
}
