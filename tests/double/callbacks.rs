//! What may follow an interaction: one first response in time, then edits and
//! followups by its token.

use std::time::Duration;

use serde_json::{Value, json};

use super::messages::{self, EPHEMERAL, LOADING, Place};
use super::rest::{Outcome, Request};
use super::setup::Id;
use super::world::{Callback, Interaction, World};

/// How long a token lives.
const TOKEN_LIFE: Duration = Duration::from_mins(15);
/// Followups of an application that is installed for the person only.
const FOREIGN_FOLLOWUPS: usize = 5;

/// `POST interactions/{id}/{token}/callback`.
pub(crate) fn respond(world: &mut World, id: Id, token: &str, request: &Request) -> Outcome {
    let allowed = world.setup.acknowledge_within;
    let Some(interaction) = world
        .interactions
        .get(&id)
        .filter(|known| known.token == token)
    else {
        return Outcome::refused(404, 10_062, "Unknown interaction");
    };
    if interaction.callback.is_some() {
        return Outcome::refused(400, 40_060, "Interaction has already been acknowledged.");
    }
    let elapsed = interaction.sent.elapsed();
    if elapsed > allowed {
        return Outcome::refused(404, 10_062, "Unknown interaction");
    }
    let kind = request.body["type"].as_u64().unwrap_or(0);
    if !fits(kind, interaction) {
        world.violations.push(format!(
            "callback type {kind} does not fit an interaction of type {}",
            interaction.kind
        ));
        return Outcome::refused(400, 50_035, "Invalid Form Body");
    }
    let data = request.body["data"].clone();
    let original = carry_out(world, id, kind, &data, request);
    let interaction = world.interactions.get_mut(&id).expect("it was found above");
    interaction.original = original;
    interaction.callback = Some(Callback {
        kind,
        data,
        elapsed,
    });
    if request.query.contains("with_response=true") {
        let message = original.map_or(Value::Null, |original| messages::shown(world, original));
        return Outcome::ok(json!({
            "interaction": {"id": id.to_string(), "type": 2},
            "resource": {"type": kind, "message": message},
        }));
    }
    Outcome::nothing()
}

/// Does what a callback asks for; returns the message that `@original` means from now on.
fn carry_out(world: &mut World, id: Id, kind: u64, data: &Value, request: &Request) -> Option<Id> {
    let interaction = &world.interactions[&id];
    let source = interaction.source;
    let place = Place {
        channel: interaction.channel,
        interaction: Some((id, interaction.user)),
    };
    match kind {
        4 => Some(messages::create(world, &place, data, &request.files)),
        5 => {
            let flags = data["flags"].as_u64().unwrap_or(0);
            if flags & !EPHEMERAL != 0 {
                world
                    .violations
                    .push("a deferred reply takes no flag but EPHEMERAL".into());
            }
            let waiting = json!({"flags": (flags & EPHEMERAL) | LOADING});
            Some(messages::create(world, &place, &waiting, &[]))
        }
        6 => source,
        7 => {
            if let Some(source) = source {
                // The message may have been deleted meanwhile; Discord accepts that silently.
                let _ = messages::edit(world, source, data, &request.files);
            }
            source
        }
        _ => None,
    }
}

/// Which responses an interaction takes.
fn fits(kind: u64, interaction: &Interaction) -> bool {
    match kind {
        4 | 5 => interaction.kind != 4,
        // A modal updates the message of the button that opened it.
        6 | 7 => interaction.source.is_some() && matches!(interaction.kind, 3 | 5),
        8 => interaction.kind == 4,
        9 => matches!(interaction.kind, 2 | 3),
        _ => false,
    }
}

/// `POST webhooks/{application}/{token}`: a further message.
pub(crate) fn follow_up(world: &mut World, token: &str, request: &Request) -> Outcome {
    let (id, interaction) = match answered(world, token) {
        Ok(found) => found,
        Err(refusal) => return refusal,
    };
    if interaction.foreign && interaction.followups.len() >= FOREIGN_FOLLOWUPS {
        return Outcome::refused(400, 40_094, "Followup messages limit reached");
    }
    let place = Place {
        channel: interaction.channel,
        interaction: Some((id, interaction.user)),
    };
    let message = messages::create(world, &place, &request.body, &request.files);
    let interaction = world.interactions.get_mut(&id).expect("it was found above");
    interaction.followups.push(message);
    Outcome::ok(messages::shown(world, message))
}

/// `webhooks/{application}/{token}/messages/{which}`, `which` being an id or `@original`.
pub(crate) fn touch(world: &mut World, token: &str, which: &str, request: &Request) -> Outcome {
    let (_, interaction) = match answered(world, token) {
        Ok(found) => found,
        Err(refusal) => return refusal,
    };
    let message = if which == "@original" {
        interaction.original
    } else {
        let id: Option<Id> = which.parse().ok();
        id.filter(|id| interaction.followups.contains(id) || interaction.original == Some(*id))
    };
    let Some(message) = message else {
        return Outcome::unknown_message();
    };
    match request.method.as_str() {
        "GET" => match messages::shown(world, message) {
            Value::Null => Outcome::unknown_message(),
            shown => Outcome::ok(shown),
        },
        "PATCH" => match messages::edit(world, message, &request.body, &request.files) {
            Ok(edited) => Outcome::ok(edited),
            Err(refusal) => refusal,
        },
        _ => messages::delete(world, message),
    }
}

/// The interaction of a token that may be used for more: responded to, not expired.
fn answered<'a>(world: &'a mut World, token: &str) -> Result<(Id, &'a mut Interaction), Outcome> {
    match world.by_token(token) {
        Some((_, interaction)) if interaction.sent.elapsed() > TOKEN_LIFE => {
            Err(Outcome::refused(401, 50_027, "Invalid Webhook Token"))
        }
        Some((id, interaction)) if interaction.callback.is_some() => Ok((id, interaction)),
        // Before the first response there is no webhook yet.
        Some(_) => Err(Outcome::refused(404, 10_015, "Unknown Webhook")),
        None => Err(Outcome::refused(401, 50_027, "Invalid Webhook Token")),
    }
}
