//! Hands interactions to poise, each in a span of its own.
//!
//! poise would also look for commands in messages, which are questions here,
//! and would log what it does not understand of them.

use serenity::all::{Client, Context, Framework, FullEvent, Interaction};
use serenity::async_trait;
use tracing::{Instrument as _, info_span};

/// A framework that sees nothing but commands.
pub(super) struct CommandsOnly<F>(pub(super) F);

#[async_trait]
impl<F: Framework> Framework for CommandsOnly<F> {
    async fn init(&mut self, client: &Client) {
        self.0.init(client).await;
    }

    async fn dispatch(&self, ctx: Context, event: FullEvent) {
        let span = match &event {
            FullEvent::InteractionCreate {
                interaction: Interaction::Command(command),
            } => info_span!(
                "command",
                interaction.id = command.id.get(),
                command = command.data.name
            ),
            FullEvent::InteractionCreate {
                interaction: Interaction::Autocomplete(command),
            } => info_span!(
                "autocomplete",
                interaction.id = command.id.get(),
                command = command.data.name
            ),
            // poise sets itself up when the bot is ready.
            FullEvent::Ready { .. } => info_span!("ready"),
            _ => return,
        };
        self.0.dispatch(ctx, event).instrument(span).await;
    }
}
