//! Slash commands and the message menu: typed arguments, one call, one reply.

mod ask;
mod compare;
mod control;
mod help;
mod notes;
mod privacy;
mod quiz;
mod quiz_admin;
mod service;
mod suggest;

use std::sync::Arc;

use poise::{Framework, FrameworkError, FrameworkOptions};
use serde_json::Value;
use tracing::{error, warn};

use super::bot::Bot;
use super::error::Failure;
use super::turn::Turn;

/// What every command gets.
type Context<'a> = poise::ApplicationContext<'a, Arc<Bot>, Failure>;

/// The framework with all commands.
pub(super) fn framework(bot: &Arc<Bot>) -> Framework<Arc<Bot>, Failure> {
    let bot = Arc::clone(bot);
    Framework::builder()
        .options(FrameworkOptions {
            commands: all(),
            on_error: |error| Box::pin(failed(error)),
            allowed_mentions: Some(serenity::all::CreateAllowedMentions::new()),
            ..FrameworkOptions::default()
        })
        .initialize_owners(false)
        // Nothing that can fail belongs here: poise would go on without it.
        .setup(move |_, _, _| Box::pin(async move { Ok(bot) }))
        .build()
}

/// All commands as Discord is told of them.
pub(super) fn definitions() -> Value {
    let commands = poise::builtins::create_application_commands(&all());
    // Builders of plain data always serialise.
    serde_json::to_value(commands).unwrap_or_default()
}

fn all() -> Vec<poise::Command<Arc<Bot>, Failure>> {
    vec![
        ask::ask(),
        service::service(),
        control::control(),
        compare::compare(),
        ask::find_in_notes(),
        quiz::quiz(),
        notes::notes(),
        quiz_admin::quiz_admin(),
        privacy::privacy(),
        help::help(),
    ]
}

async fn failed(error: FrameworkError<'_, Arc<Bot>, Failure>) {
    let (ctx, failure) = match error {
        FrameworkError::Command { error, ctx, .. } => (ctx, error),
        // The panic was logged where it happened.
        FrameworkError::CommandPanic { ctx, .. } => (ctx, Failure::Defect),
        FrameworkError::CommandStructureMismatch {
            ctx, description, ..
        } => {
            warn!("a command is not as it was registered: {description}");
            (ctx.into(), Failure::Defect)
        }
        FrameworkError::ArgumentParse { ctx, error, .. } => {
            warn!("an argument cannot be read: {error}");
            (ctx, Failure::Defect)
        }
        FrameworkError::UnknownInteraction { interaction, .. } => {
            warn!(command = %interaction.data.name, "an unknown command was called");
            return;
        }
        FrameworkError::GuildOnly { ctx, .. } => (ctx, Failure::NotAllowed),
        other => {
            error!("the framework failed: {other}");
            return;
        }
    };
    let poise::Context::Application(ctx) = ctx else {
        return;
    };
    let bot = ctx.framework.user_data;
    // Nobody waits for a message while something is being typed.
    if ctx.interaction_type == poise::CommandInteractionType::Autocomplete {
        return;
    }
    bot.apologise(&Turn::from(ctx.interaction), &failure).await;
}
