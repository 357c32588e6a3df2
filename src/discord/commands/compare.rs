//! `/compare`: two services side by side.

use crate::answer::lookup::Wanted;
use crate::render::reply::Request;

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
    let app = &bot.app;
    let mut text = format!(
        "{} vs {}",
        app.name_of(&first, Wanted::Service),
        app.name_of(&second, Wanted::Service)
    );
    if let Some(control) = control {
        text.push(' ');
        text.push_str(&app.name_of(&control, Wanted::Control));
    }
    let request = Request::Question {
        text,
        before: String::new(),
    };
    bot.answer(&Turn::from(ctx.interaction), request, true)
        .await
}
