//! A [`Reply`] as a Discord message: the one place that knows the limits.
//!
//! Limits are those of <https://docs.discord.com/developers/resources/message>.
//! A long text is cut behind a sentence or a word; its citation never is.

mod sources;
#[cfg(test)]
mod tests;
mod text;

use serde_json::{Value, json};

use crate::render::reply::{File, Reply, Tone};

use super::components::{encode, one_line};
use super::markup::{cut, length, unlinked_within};
use super::rest;

const TITLE: usize = 256;
const DESCRIPTION: usize = 4096;
/// Title, description and footer together may have 6,000.
const FOOTER: usize = 6000 - TITLE - DESCRIPTION;
const LABEL: usize = 80;
const ROWS: usize = 5;
const BUTTONS: usize = 5;
/// Alt text of a file.
const ALT: usize = 1024;

/// Only the person who asked sees the message.
const EPHEMERAL: u64 = 1 << 6;

/// A message as Discord takes it.
#[derive(Clone, Debug, Default)]
pub(super) struct Payload {
    /// The JSON body.
    pub(super) body: Value,
    file: Option<File>,
}

impl Payload {
    /// The files that go with it.
    pub(super) fn upload(&self) -> Vec<rest::File> {
        let file = self.file.iter().map(|file| rest::File {
            name: file.name.clone(),
            bytes: file.bytes.clone(),
            alt: Some(cut(&file.description, ALT)),
        });
        file.collect()
    }
}

/// The message for a reply. Nothing in it pings anyone.
pub(super) fn message(reply: &Reply, private: bool) -> Payload {
    let mut embed = json!({ "color": colour(reply.tone) });
    let title = unlinked_within(&one_line(&reply.title), TITLE);
    if !title.is_empty() {
        embed["title"] = title.into();
    }
    let description = text::description(reply, DESCRIPTION);
    if !description.is_empty() {
        embed["description"] = description.into();
    }
    let footer = footer(reply);
    if !footer.is_empty() {
        embed["footer"] = json!({ "text": footer });
    }
    let mut body = json!({
        "embeds": [embed],
        "components": rows(reply),
        "allowed_mentions": { "parse": [] },
    });
    if private {
        body["flags"] = EPHEMERAL.into();
    }
    Payload {
        body,
        file: reply.file.clone(),
    }
}

/// The question that a message of ours shows, read back from its footer.
pub(super) fn question_in(footer: &str) -> Option<&str> {
    let line = footer.lines().next()?;
    line.strip_prefix('“')?.strip_suffix('”')
}

/// Mid-tones that keep a contrast of 3:1 on Discord's dark and light themes.
/// The title says the same in words.
fn colour(tone: Tone) -> u32 {
    match tone {
        Tone::Answer => 0x3B_82F6,
        Tone::Abstention => 0xC7_7D0A,
        Tone::Notice => 0x7C_8592,
        Tone::Problem => 0xE5_484D,
    }
}

fn footer(reply: &Reply) -> String {
    let mut footer = String::new();
    let question = one_line(&reply.question);
    if !question.is_empty() {
        footer = format!("“{}”", cut(&question, FOOTER - 2));
    }
    let reading = one_line(&reply.reading);
    let room = FOOTER.saturating_sub(length(&footer) + 1);
    // A reading that is cut to a word or two explains nothing.
    if !reading.is_empty() && room > 40 {
        if !footer.is_empty() {
            footer.push('\n');
        }
        footer.push_str(&cut(&format!("read as: {reading}"), room));
    }
    footer
}

fn rows(reply: &Reply) -> Vec<Value> {
    let mut ids: Vec<String> = Vec::new();
    let mut rows = Vec::new();
    for row in reply.buttons.iter().take(ROWS) {
        let mut buttons = Vec::new();
        for button in row {
            let id = encode(&button.action);
            // Two buttons with one id make Discord refuse the message.
            if ids.contains(&id) || buttons.len() == BUTTONS {
                continue;
            }
            let label = cut(&one_line(&button.label), LABEL);
            buttons.push(json!({
                "type": 2,
                "style": if button.primary { 1 } else { 2 },
                "label": if label.is_empty() { "…" } else { &label },
                "custom_id": id,
            }));
            ids.push(id);
        }
        if !buttons.is_empty() {
            rows.push(json!({ "type": 1, "components": buttons }));
        }
    }
    rows
}
