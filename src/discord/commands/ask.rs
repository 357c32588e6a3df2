//! `/ask` and **Find in notes**: any question.

use serenity::all::Message;

use crate::render::reply::Request;

use super::super::components::one_line;
use super::super::error::Failure;
use super::super::turn::Turn;
use super::{Context, suggest};

/// Ask the notes anything
#[poise::command(
    slash_command,
    install_context = "Guild|User",
    interaction_context = "Guild|BotDm|PrivateChannel"
)]
pub(super) async fn ask(
    ctx: Context<'_>,
    #[description = "Your question, in your own words"]
    #[max_length = 1000]
    #[autocomplete = "suggest::questions"]
    question: String,
    #[description = "Show the answer to everybody here"] share: Option<bool>,
) -> Result<(), Failure> {
    let request = Request::Question {
        text: one_line(&question),
        before: String::new(),
    };
    let turn = Turn::from(ctx.interaction);
    let private = !share.unwrap_or(false);
    ctx.framework
        .user_data
        .answer(&turn, request, private)
        .await
}

/// Answers about the message that was right-clicked.
#[poise::command(
    context_menu_command = "Find in notes",
    install_context = "Guild|User",
    interaction_context = "Guild|BotDm|PrivateChannel"
)]
pub(super) async fn find_in_notes(ctx: Context<'_>, message: Message) -> Result<(), Failure> {
    let text = one_line(&message.content);
    if text.is_empty() {
        return Err(Failure::NoText);
    }
    let request = Request::Question {
        text,
        before: String::new(),
    };
    let turn = Turn::from(ctx.interaction);
    ctx.framework.user_data.answer(&turn, request, true).await
}
