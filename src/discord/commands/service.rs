//! `/service`: the note on a service, or one control of it.

use crate::answer::lookup::Wanted;
use crate::render::reply::Request;

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
    let service = bot.app.named(&name, Wanted::Service);
    let request = match (service, control) {
        (Request::Show(service), Some(control)) => {
            match bot.app.named(&control, Wanted::Control) {
                Request::Show(control) => Request::Both(service, control),
                // No control: the words of both make a question.
                _ => question(&[&bot.app.name_of(&name, Wanted::Service), &control]),
            }
        }
        (Request::Show(service), None) => Request::Show(service),
        (_, control) => question(&[&name, control.as_deref().unwrap_or_default()]),
    };
    bot.answer(&Turn::from(ctx.interaction), request, true)
        .await
}

fn question(words: &[&str]) -> Request {
    Request::Question {
        text: words.join(" ").trim().to_owned(),
        before: String::new(),
    }
}
