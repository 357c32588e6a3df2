//! What is offered while an admin types.

#![expect(clippy::unused_async, reason = "poise wants async functions")]

use serenity::all::{AutocompleteChoice, CreateAutocompleteResponse};

use super::super::super::markup::cut;
use super::super::Context;
use super::here;
use super::show::stem;

/// Discord's limits on choices: how many, and how long.
const CHOICES: usize = 25;
const CHOICE: usize = 100;

pub(super) async fn zones(ctx: Context<'_>, typed: &str) -> CreateAutocompleteResponse {
    let found = ctx.framework.user_data.app.suggest_zones(typed, CHOICES);
    choices(found.into_iter().map(|zone| (zone.label, zone.name)))
}

pub(super) async fn days_of_week(_: Context<'_>, typed: &str) -> CreateAutocompleteResponse {
    let offered = [
        ("Monday to Friday", "mon-fri"),
        ("Every day", "daily"),
        ("Monday, Wednesday and Friday", "mon, wed, fri"),
        ("Tuesday and Thursday", "tue, thu"),
        ("Monday", "mon"),
    ];
    let typed = typed.trim().to_lowercase();
    let fitting = offered
        .into_iter()
        .filter(|(label, value)| label.to_lowercase().contains(&typed) || value.contains(&typed));
    choices(fitting.map(|(label, value)| (label.to_owned(), value.to_owned())))
}

pub(super) async fn set_aside(ctx: Context<'_>, typed: &str) -> CreateAutocompleteResponse {
    let Ok((bot, _, guild)) = here(&ctx) else {
        return CreateAutocompleteResponse::new();
    };
    // Who waits for suggestions is not told what failed; the command tells.
    let aside = bot.app.put_aside_before(guild).await.unwrap_or_default();
    let typed = typed.trim().to_lowercase();
    let named = aside.iter().map(|(aside, question)| {
        let label = stem(aside, question.as_ref()).to_owned();
        (label, aside.hash.clone())
    });
    choices(named.filter(|(label, _)| label.to_lowercase().contains(&typed)))
}

fn choices(offered: impl Iterator<Item = (String, String)>) -> CreateAutocompleteResponse {
    let choices = offered
        .take(CHOICES)
        .map(|(label, value)| AutocompleteChoice::new(cut(&label, CHOICE), value));
    CreateAutocompleteResponse::new().set_choices(choices.collect())
}
