//! Slash commands and the message menu: typed arguments, one call, one reply.

mod ask;
mod compare;
mod control;
mod help;
mod matrix;
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
        matrix::matrix(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playground::{COMMANDS, Kind, Parameter};
    use serde_json::json;

    /// Commands with their groups in front, as the playground lists them.
    fn flat(definition: &Value) -> Vec<(String, Value)> {
        let name = definition["name"].as_str().unwrap().to_owned();
        let options = definition["options"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let (groups, own): (Vec<_>, Vec<_>) =
            options.into_iter().partition(|option| option["type"] == 1);
        if groups.is_empty() {
            let mut whole = definition.clone();
            whole["options"] = own.into();
            return vec![(name, whole)];
        }
        let inner = groups.iter().flat_map(flat);
        inner
            .map(|(inner, mut whole)| {
                whole["default_member_permissions"] =
                    definition["default_member_permissions"].clone();
                (format!("{name} {inner}"), whole)
            })
            .collect()
    }

    fn option(told: &Value) -> Value {
        let choices = told["choices"].as_array().cloned().unwrap_or_default();
        let names: Vec<&Value> = choices.iter().map(|choice| &choice["name"]).collect();
        json!({
            "name": told["name"],
            "description": told["description"],
            "kind": match told["type"].as_u64() {
                Some(4) => Kind::Number,
                Some(5) => Kind::Flag,
                Some(6) => Kind::Member,
                Some(7) => Kind::Channel,
                // A choice is sent as the number of what is chosen.
                _ => Kind::Text,
            },
            "required": told["required"].as_bool().unwrap_or(false),
            "autocomplete": told["autocomplete"].as_bool().unwrap_or(false),
            "choices": names,
            "max_length": told["max_length"].as_u64().unwrap_or(0),
        })
    }

    #[test]
    fn the_playground_offers_what_discord_is_told() {
        let all = definitions();
        // A menu of messages has no description.
        let slash = all
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["type"] != 3);
        let mut told: Vec<Value> = slash
            .flat_map(flat)
            .map(|(name, whole)| {
                let options = whole["options"].as_array().unwrap().iter();
                json!({
                    "name": name,
                    "description": whole["description"],
                    "options": options.map(option).collect::<Vec<_>>(),
                    "manager": !whole["default_member_permissions"].is_null(),
                })
            })
            .collect();
        let offered = COMMANDS
            .iter()
            .map(|command| serde_json::to_value(command).unwrap());
        let mut offered: Vec<Value> = offered.collect();
        for list in [&mut told, &mut offered] {
            list.sort_by_key(|command| command["name"].to_string());
            for command in list {
                for option in command["options"].as_array_mut().unwrap() {
                    // Discord numbers choices; the playground sends their names.
                    if option["choices"] != json!([]) {
                        option["kind"] = json!(Kind::Text);
                    }
                }
            }
        }
        assert_eq!(told, offered);
        let names = |options: &[Parameter]| options.iter().map(|one| one.name).collect::<Vec<_>>();
        assert!(
            COMMANDS
                .iter()
                .any(|command| names(command.options) == ["question", "share"])
        );
    }
}
