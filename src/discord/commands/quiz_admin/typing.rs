//! What is offered while an admin types.

#![expect(clippy::unused_async, reason = "poise wants async functions")]

use serenity::all::{AutocompleteChoice, CreateAutocompleteResponse};

use crate::commands::quiz_admin::{suggest_aside, suggest_days};

use super::super::super::markup::cut;
use super::super::Context;
use super::here;

/// Discord's limits on choices: how many, and how long.
const CHOICES: usize = 25;
const CHOICE: usize = 100;

pub(super) async fn zones(ctx: Context<'_>, typed: &str) -> CreateAutocompleteResponse {
    let found = ctx.framework.user_data.app.suggest_zones(typed, CHOICES);
    choices(found.into_iter().map(|zone| (zone.label, zone.name)))
}

pub(super) async fn days_of_week(_: Context<'_>, typed: &str) -> CreateAutocompleteResponse {
    choices(suggest_days(typed).into_iter())
}

pub(super) async fn set_aside(ctx: Context<'_>, typed: &str) -> CreateAutocompleteResponse {
    let Ok((bot, _, guild)) = here(&ctx) else {
        return CreateAutocompleteResponse::new();
    };
    choices(suggest_aside(&bot.app, guild, typed).await.into_iter())
}

fn choices(offered: impl Iterator<Item = (String, String)>) -> CreateAutocompleteResponse {
    let choices = offered
        .take(CHOICES)
        .map(|(label, value)| AutocompleteChoice::new(cut(&label, CHOICE), value));
    CreateAutocompleteResponse::new().set_choices(choices.collect())
}
