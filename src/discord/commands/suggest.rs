//! Autocomplete: from memory only, within a few milliseconds.

#![expect(clippy::unused_async, reason = "poise wants async functions")]

use serenity::all::{AutocompleteChoice, CreateAutocompleteResponse, ResolvedValue};

use crate::answer::lookup::Wanted;
use crate::answer::suggest::Suggestion;

use super::super::components::one_line;
use super::super::markup::{cut, length};
use super::Context;

/// Discord's limit for the name and the value of a choice.
const CHOICE: usize = 100;

pub(super) async fn questions(ctx: Context<'_>, typed: &str) -> CreateAutocompleteResponse {
    choices(ctx.framework.user_data.app.suggest_sections(typed))
}

pub(super) async fn services(ctx: Context<'_>, typed: &str) -> CreateAutocompleteResponse {
    names(ctx, typed, Wanted::Service)
}

pub(super) async fn controls(ctx: Context<'_>, typed: &str) -> CreateAutocompleteResponse {
    names(ctx, typed, Wanted::Control)
}

/// Controls are narrowed to those of the service that is chosen already.
fn names(ctx: Context<'_>, typed: &str, wanted: Wanted) -> CreateAutocompleteResponse {
    let chosen = (wanted == Wanted::Control)
        .then(|| {
            ctx.args.iter().find_map(|option| match option.value {
                ResolvedValue::String(text) if matches!(option.name, "name" | "first") => {
                    Some(text)
                }
                _ => None,
            })
        })
        .flatten();
    let app = &ctx.framework.user_data.app;
    choices(app.suggest_names(typed, wanted, chosen))
}

fn choices(suggestions: Vec<Suggestion>) -> CreateAutocompleteResponse {
    let choices = suggestions
        .into_iter()
        .map(|Suggestion { label, id }| (one_line(&label), id))
        .filter(|(label, _)| !label.is_empty())
        .map(|(label, id)| {
            let shown = cut(&label, CHOICE);
            // A name is understood as well as an id; it may just be less exact.
            let value = if length(&id) <= CHOICE {
                id
            } else {
                shown.clone()
            };
            AutocompleteChoice::new(shown, value)
        })
        .collect();
    CreateAutocompleteResponse::new().set_choices(choices)
}
