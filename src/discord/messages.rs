//! Questions in messages: a mention, a reply to the bot, a direct message.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use serenity::all::{Message, MessageType};
use tracing::warn;

use crate::app::{Asker, Place};
use crate::id::{ChannelId, GuildId, MessageId, UserId};
use crate::render::reply::{Reply, Request};

use super::bot::Bot;
use super::clicks::{question_of, request_of};
use super::components::one_line;
use super::error::{self, Failure};
use super::reply::message as payload;
use super::rest::RestError;

impl Bot {
    /// Answers a message that is meant for the bot.
    pub(super) async fn read(&self, message: &Message) {
        let Some(me) = self.user.get().copied() else {
            return;
        };
        if !is_for(message, me) || !self.questions.is_new(message.id) {
            return;
        }
        let asker = Asker {
            user: UserId(message.author.id.get()),
            guild: message.guild_id.map(|id| GuildId(id.get())),
            place: message.guild_id.map(|_| Place {
                channel: ChannelId(message.channel_id.get()),
                message: MessageId(message.id.get()),
            }),
        };
        let text = without_mention(&message.content, me);
        let reply = if text.is_empty() {
            Ok(crate::commands::help(&self.app))
        } else {
            let before = before(message, me);
            let answering = self.answer_to(Request::Question { text, before }, asker);
            // A panic was logged where it happened.
            let answered = AssertUnwindSafe(answering).catch_unwind().await;
            answered.unwrap_or(Err(Failure::Defect))
        };
        let reply = match reply {
            Ok(reply) => reply,
            // In a flood, one message says so.
            Err(Failure::Refused(refused)) if !refused.first => return,
            Err(failure) => {
                error::log(&failure);
                error::words(&failure, self.app.now().as_second(), message.id.get())
            }
        };
        self.send(message, &reply).await;
    }

    async fn answer_to(&self, request: Request, asker: Asker) -> Result<Reply, Failure> {
        let answered = self
            .app
            .ask(request, asker)
            .await
            .map_err(Failure::Refused)?;
        let answered = answered.ok_or(Failure::Gone)?;
        Ok(self.page(&answered, asker.user, false, 0))
    }

    async fn send(&self, to: &Message, reply: &Reply) {
        let mut payload = payload(reply, false);
        payload.body["message_reference"] = serde_json::json!({
            "message_id": to.id,
            // The question may be gone by now; the answer is still an answer.
            "fail_if_not_exists": false,
        });
        // An event may arrive again after a restart; the answer does not.
        let nonce = to.id.to_string();
        let sent = self
            .rest
            .send(to.channel_id, &payload.body, &nonce, &payload.upload())
            .await;
        let Err(error) = sent else { return };
        let advice = match error {
            RestError::Refused { status: 403, .. } => {
                "the bot may not write there; give it View Channel, Send Messages, Embed Links \
                 and Read Message History"
            }
            RestError::Refused { code: 160_002, .. } => {
                "the bot may not reply there; give it Read Message History"
            }
            RestError::Refused { code: 10_003, .. } => "the channel is gone",
            error => return error::log(&Failure::from(error)),
        };
        if self.mute.is_new(to.channel_id) {
            warn!(
                channel.id = to.channel_id.get(),
                "a question was not answered: {advice}; this is said once a channel"
            );
        }
    }
}

/// Whether a message asks the bot something.
fn is_for(message: &Message, me: UserId) -> bool {
    let by_person = !message.author.bot
        && message.webhook_id.is_none()
        && matches!(
            message.kind,
            MessageType::Regular | MessageType::InlineReply
        );
    let mentioned = message.mentions.iter().any(|user| user.id.get() == me.0);
    // Without the mention, Discord delivers no text of a reply on a server.
    let answers = !message.content.is_empty()
        && message
            .referenced_message
            .as_ref()
            .is_some_and(|before| before.author.id.get() == me.0);
    by_person && (message.guild_id.is_none() || mentioned || answers)
}

fn without_mention(content: &str, me: UserId) -> String {
    one_line(
        &content
            .replace(&format!("<@{me}>"), " ")
            .replace(&format!("<@!{me}>"), " "),
    )
}

/// What the message of ours that is replied to was about; empty otherwise.
fn before(message: &Message, me: UserId) -> String {
    let Some(ours) = message
        .referenced_message
        .as_ref()
        .filter(|before| before.author.id.get() == me.0)
    else {
        return String::new();
    };
    let title = ours.embeds.first().and_then(|embed| embed.title.as_deref());
    let mut about = Vec::new();
    if let Some(Request::Question { before, .. }) = request_of(ours) {
        about.push(before);
    }
    // The title names service and control; that of an abstention names neither.
    let named = title.filter(|title| title.contains(" · ") || question_of(ours).is_none());
    about.extend(named.map(|title| title.replace('\\', "")));
    about.extend(question_of(ours).map(str::to_owned));
    one_line(&about.join(" "))
}
