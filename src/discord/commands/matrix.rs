//! `/matrix`: services × controls as a picture and as text.

use std::time::Duration;

use serenity::all::Message;
use tokio::time::timeout;

use crate::picture::Theme;

use super::super::bot::Bot;
use super::super::error::Failure;
use super::super::turn::Turn;
use super::Context;

/// Discord does not tell a reader's theme; the dark one has its own background
/// and reads on both.
const THEME: Theme = Theme::Dark;

/// Discord waits for three seconds. Drawing takes a fraction of one.
const DRAWING: Duration = Duration::from_millis(1_500);

/// Which services have which controls in the notes, as a picture and as text
#[poise::command(
    slash_command,
    install_context = "Guild|User",
    interaction_context = "Guild|BotDm|PrivateChannel"
)]
pub(super) async fn matrix(ctx: Context<'_>) -> Result<(), Failure> {
    let bot = ctx.framework.user_data;
    let turn = Turn::from(ctx.interaction);
    let asker = turn.asker();
    bot.app
        .limits
        .ask(asker.user, asker.guild)
        .map_err(Failure::Refused)?;
    let reply = match timeout(DRAWING, bot.app.matrix(THEME)).await {
        Ok(drawn) => drawn.reply(true),
        Err(_) => bot.app.matrix_without_picture(),
    };
    bot.tell(&turn, &reply).await
}

impl Bot {
    /// Shows the matrix to everybody in the channel, once.
    pub(in crate::discord) async fn share_matrix(
        &self,
        turn: &Turn<'_>,
        on: &Message,
    ) -> Result<(), Failure> {
        let Ok(drawn) = timeout(DRAWING, self.app.matrix(THEME)).await else {
            return self.tell(turn, &self.app.matrix_without_picture()).await;
        };
        self.share_once(turn, on, drawn.reply(false), drawn.reply(true))
            .await
    }
}
