//! Handles on what the bot does next: each waits with a deadline and fails with
//! a sentence that says what did not come.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use serde_json::Value;

use super::setup::{APPLICATION, Id};
use super::world::{Shared, id_in};

/// An interaction that was sent to the bot.
pub(crate) struct Sent {
    pub(crate) shared: Arc<Shared>,
    pub(crate) id: Id,
    pub(crate) what: String,
}

/// The first response to an interaction.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    /// Discord's number: 4 message, 5 deferred, 6 deferred update, 7 update, 8 choices, 9 modal.
    pub(crate) kind: u64,
    pub(crate) data: Value,
    /// From sending the interaction to the response.
    pub(crate) elapsed: Duration,
    /// The message that the interaction was about.
    pub(crate) source: Option<Id>,
}

impl Sent {
    /// The first response, of whatever kind.
    pub(crate) async fn callback(&self) -> Reply {
        let find = |world: &mut super::world::World| {
            let interaction = world.interactions.get(&self.id)?;
            let callback = interaction.callback.as_ref()?;
            Some(Reply {
                kind: callback.kind,
                data: callback.data.clone(),
                elapsed: callback.elapsed,
                source: interaction.source,
            })
        };
        self.shared.until(&self.what, find).await
    }

    /// How long the first response took; cheaper than [`Sent::callback`].
    pub(crate) async fn acknowledged(&self) -> Duration {
        let find = |world: &mut super::world::World| {
            world
                .interactions
                .get(&self.id)?
                .callback
                .as_ref()
                .map(|callback| callback.elapsed)
        };
        self.shared.until(&self.what, find).await
    }

    /// The message the person sees as the result: the reply, a deferred one
    /// with its content, or the updated message.
    pub(crate) async fn shown(&self) -> Shown {
        let what = format!("{} (a message)", self.what);
        let find = |world: &mut super::world::World| {
            let interaction = world.interactions.get(&self.id)?;
            let kind = interaction.callback.as_ref()?.kind;
            let original = interaction.original?;
            let edits = world.messages.get(&original)?.edits;
            let is_complete = match kind {
                5 => edits > 0,
                6 => edits > interaction.source_edits,
                _ => true,
            };
            is_complete.then_some(original)
        };
        let id = self.shared.until(&what, find).await;
        Shown::of(&self.shared, id)
    }

    /// The choices of an autocompletion: what is shown, and the value behind it.
    pub(crate) async fn choices(&self) -> Vec<(String, Value)> {
        let reply = self.callback().await;
        assert_eq!(reply.kind, 8, "no choices: {}", reply.data);
        let choices = reply.data["choices"].as_array().into_iter().flatten();
        choices
            .map(|choice| {
                (
                    choice["name"].as_str().unwrap_or("").to_owned(),
                    choice["value"].clone(),
                )
            })
            .collect()
    }

    /// The modal that opens.
    pub(crate) async fn modal(&self) -> Reply {
        let reply = self.callback().await;
        assert_eq!(reply.kind, 9, "no modal: {}", reply.data);
        reply
    }

    /// A further message, counted from 0.
    pub(crate) async fn followup(&self, number: usize) -> Shown {
        let what = format!("followup {number} after {}", self.what);
        let find = |world: &mut super::world::World| {
            world
                .interactions
                .get(&self.id)?
                .followups
                .get(number)
                .copied()
        };
        let id = self.shared.until(&what, find).await;
        Shown::of(&self.shared, id)
    }

    /// The token of the interaction, to look for in logs.
    pub(crate) fn token(&self) -> String {
        super::world::token_for(self.id)
    }
}

/// A message that somebody wrote.
pub(crate) struct Said {
    pub(crate) shared: Arc<Shared>,
    pub(crate) id: Id,
    pub(crate) channel: Id,
    pub(crate) text: String,
}

impl Said {
    /// The message itself.
    pub(crate) fn shown(&self) -> Shown {
        Shown::of(&self.shared, self.id)
    }

    /// The next message of the bot in the channel.
    pub(crate) async fn answer(&self) -> Shown {
        let what = format!("a message of the bot after {:?}", self.text);
        let id = self
            .shared
            .until(&what, |world| next_of_bot(world, self.id, self.channel))
            .await;
        Shown::of(&self.shared, id)
    }

    /// Asserts that the bot says nothing in the channel. `probe` is sent later
    /// than this and answered: by then the bot has had its chance, without a sleep.
    pub(crate) async fn silence(&self, probe: Sent) {
        assert!(
            probe.id > self.id,
            "the probe must follow what it is to prove ignored"
        );
        probe.callback().await;
        let said = next_of_bot(&self.shared.look(), self.id, self.channel);
        if let Some(said) = said {
            panic!(
                "{:?} was answered: {}",
                self.text,
                Shown::of(&self.shared, said).text()
            );
        }
    }
}

fn next_of_bot(world: &super::world::World, after: Id, channel: Id) -> Option<Id> {
    let mut later = world.messages.range(after + 1..);
    let found = later.find(|(_, stored)| {
        stored.channel == channel
            && !stored.deleted
            // Replies to interactions belong to those.
            && stored.json["webhook_id"].is_null()
            && id_in(&stored.json["author"]["id"]) == Some(APPLICATION)
    });
    found.map(|(id, _)| *id)
}

/// A message as it was at a moment.
#[derive(Clone)]
pub(crate) struct Shown {
    shared: Arc<Shared>,
    pub(crate) id: Id,
    pub(crate) edits: usize,
    pub(crate) is_deleted: bool,
    pub(crate) json: Value,
}

impl Shown {
    pub(crate) fn of(shared: &Arc<Shared>, id: Id) -> Self {
        let world = shared.look();
        let stored = world.messages.get(&id).expect("a message that is kept");
        Self {
            shared: Arc::clone(shared),
            id,
            edits: stored.edits,
            is_deleted: stored.deleted,
            json: stored.json.clone(),
        }
    }

    /// The same message as it is now.
    pub(crate) fn now(&self) -> Self {
        Self::of(&self.shared, self.id)
    }

    /// The message after its next edit.
    pub(crate) async fn edited(&self) -> Self {
        let what = format!("an edit of {:?}", self.text());
        let find = |world: &mut super::world::World| {
            (world.messages.get(&self.id)?.edits > self.edits).then_some(())
        };
        self.shared.until(&what, find).await;
        self.now()
    }

    /// Waits until the message is deleted.
    pub(crate) async fn deleted(&self) {
        let what = format!("the end of {:?}", self.text());
        let find =
            |world: &mut super::world::World| world.messages.get(&self.id)?.deleted.then_some(());
        self.shared.until(&what, find).await;
    }

    /// Whether only one person sees it.
    pub(crate) fn is_ephemeral(&self) -> bool {
        self.json["flags"].as_u64().unwrap_or(0) & super::messages::EPHEMERAL != 0
    }

    /// All text that a reader sees, a line for each part.
    pub(crate) fn text(&self) -> String {
        let mut lines = Vec::new();
        collect_text(&self.json["content"], &mut lines);
        for embed in self.json["embeds"].as_array().into_iter().flatten() {
            for part in [
                &embed["author"]["name"],
                &embed["title"],
                &embed["description"],
            ] {
                collect_text(part, &mut lines);
            }
            for field in embed["fields"].as_array().into_iter().flatten() {
                collect_text(&field["name"], &mut lines);
                collect_text(&field["value"], &mut lines);
            }
            collect_text(&embed["footer"]["text"], &mut lines);
        }
        for component in self.components() {
            // Text displays; labels of buttons are read with `buttons`.
            collect_text(&component["content"], &mut lines);
        }
        lines.join("\n")
    }

    /// All components, containers before what is in them.
    pub(crate) fn components(&self) -> Vec<&Value> {
        let mut found = Vec::new();
        flatten(&self.json["components"], &mut found);
        found
    }

    /// The buttons in reading order.
    pub(crate) fn buttons(&self) -> Vec<&Value> {
        self.components()
            .into_iter()
            .filter(|component| component["type"] == 2)
            .collect()
    }

    /// The labels of the buttons.
    pub(crate) fn labels(&self) -> Vec<&str> {
        self.buttons()
            .iter()
            .filter_map(|button| button["label"].as_str())
            .collect()
    }

    /// The bytes of an attachment.
    pub(crate) fn file(&self, name: &str) -> Bytes {
        let mut all = self.json["attachments"].as_array().into_iter().flatten();
        let file = all.find(|file| file["filename"] == name);
        let id = file.and_then(|file| id_in(&file["id"]));
        let bytes = id.and_then(|id| self.shared.look().files.get(&id).cloned());
        bytes.unwrap_or_else(|| panic!("no file {name} in {}", self.json["attachments"]))
    }
}

fn collect_text(part: &Value, lines: &mut Vec<String>) {
    lines.extend(
        part.as_str()
            .filter(|text| !text.is_empty())
            .map(str::to_owned),
    );
}

fn flatten<'a>(components: &'a Value, found: &mut Vec<&'a Value>) {
    for component in components.as_array().into_iter().flatten() {
        found.push(component);
        flatten(&component["components"], found);
        if component["accessory"].is_object() {
            found.push(&component["accessory"]);
        }
    }
}
