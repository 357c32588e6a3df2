//! `/compare`: two services side by side.

use super::super::error::Failure;
use super::super::turn::Turn;
use super::{Context, suggest};

/// Two services side by side
#[poise::command(
    slash_command,
    install_context = "Guild|User",
    interaction_context = "Guild|BotDm|PrivateChannel"
)]
pub(super) async fn compare(
    ctx: Context<'_>,
    #[description = "One service"]
    #[max_length = 200]
    #[autocomplete = "suggest::services"]
    first: String,
    #[description = "The other one"]
    #[max_length = 200]
    #[autocomplete = "suggest::services"]
    second: String,
    #[description = "Only this control of them"]
    #[max_length = 200]
    #[autocomplete = "suggest::controls"]
    control: Option<String>,
) -> Result<(), Failure> {
    let bot = ctx.framework.user_data;
    let request = bot.app.compared(&first, &second, control.as_deref());
    bot.answer(&Turn::from(ctx.interaction), request, true)
        .await
}
