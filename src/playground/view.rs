//! What a page gets to see, as JSON: plain data, which the page turns into text
//! nodes and never into markup.

use serde_json::{Value, json};

use crate::id::{ChannelId, MessageId, UserId};
use crate::note::diagnostic::Diagnostic;
use crate::render::reply::{Block, Part, Quoted, Reply, Tone};

use super::Inner;
use super::time;
use super::town::{
    Answers, CHANNELS, GUILD, MEMBERS, Message, Said, Town, Turn, direct, member_with,
};

/// Findings that are listed; `footnote lint` lists all.
const FINDINGS: usize = 20;
/// The beginning of a message that is replied to.
const EXCERPT: usize = 80;

impl Inner {
    /// All that a page of a member shows of a channel. Of the quiz: its channel,
    /// and when the next round is due, in seconds since 1970.
    pub(super) fn state(&self, turn: Turn, (quiz, next): (ChannelId, Option<i64>)) -> Value {
        let version = *self.version.borrow();
        let town = self.town();
        let user = turn.member.id;
        let messages: Vec<Value> = town
            .messages()
            .filter(|message| message.channel == turn.channel && message.is_seen_by(user))
            .map(|one| message(one, &town, user))
            .collect();
        let mut channels: Vec<Value> = CHANNELS
            .iter()
            .map(|one| json!({ "id": one.id, "name": one.name, "topic": one.topic, "direct": false }))
            .collect();
        channels.push(json!({
            "id": direct(user),
            "name": "Footnote",
            "topic": "Only you two read this; every message is a question",
            "direct": true,
        }));
        let members: Vec<Value> = MEMBERS
            .iter()
            .map(|one| json!({ "id": one.id, "name": one.name, "manages": one.manages }))
            .collect();
        json!({
            "version": version,
            "now": self.app.now().as_millisecond(),
            "channels": channels,
            "members": members,
            "messages": messages,
            "notes": self.notes(),
            "quiz": {
                "channel": quiz,
                "next": next,
                "movable": self.store.is_none(),
                "moved": time::is_moved(),
            },
            "store": self.store,
        })
    }

    fn notes(&self) -> Value {
        let status = self.app.notes.status();
        let list = |findings: &[Diagnostic]| -> Vec<Value> {
            findings.iter().take(FINDINGS).map(finding).collect()
        };
        let refused = status.refused.as_ref().map(|refusal| {
            use crate::app::NotesError;
            let findings = match &*refusal.error {
                NotesError::Broken(errors) => list(errors),
                NotesError::Load(_) | NotesError::Empty(_) => Vec::new(),
            };
            json!({ "why": refusal.error.to_string(), "findings": findings })
        });
        json!({
            "count": status.notes,
            "sections": status.sections,
            "folder": status.folder.display().to_string(),
            "at": status.at.as_second(),
            "total": status.findings.len(),
            "findings": list(&status.findings),
            "refused": refused,
        })
    }
}

fn finding(finding: &Diagnostic) -> Value {
    let place = match (finding.line, finding.column) {
        (0, _) => finding.path.clone(),
        (line, 0) => format!("{}:{line}", finding.path),
        (line, column) => format!("{}:{line}:{column}", finding.path),
    };
    json!({
        "severity": finding.severity,
        "place": place,
        "message": finding.message,
        "remedy": finding.remedy,
    })
}

fn message(message: &Message, town: &Town, viewer: UserId) -> Value {
    let mut shown = json!({
        "id": message.id,
        "edits": message.edits,
        "at": message.at.as_millisecond(),
        "private": message.only.is_some(),
    });
    match &message.said {
        Said::Member(member, text) => {
            shown["member"] = json!(member.name);
            shown["text"] = text.as_str().into();
        }
        Said::Bot(said) => shown["reply"] = reply(said, message.id),
    }
    match &message.answers {
        Some(Answers::Command(member, command)) => {
            shown["used"] = json!({ "member": member.name, "command": command });
        }
        Some(Answers::Message(id)) => {
            let before = town.message(*id, viewer);
            shown["before"] =
                before.map_or_else(|| json!({ "text": "A message that is gone" }), excerpt);
        }
        None => {}
    }
    shown
}

/// Who said what, in a line.
fn excerpt(message: &Message) -> Value {
    let (name, text) = match &message.said {
        Said::Member(member, text) => (member.name, text.as_str()),
        Said::Bot(reply) => ("Footnote", reply.title.as_str()),
    };
    let mut short: String = text.chars().take(EXCERPT).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    json!({ "id": message.id, "name": name, "text": short })
}

fn reply(reply: &Reply, id: MessageId) -> Value {
    let tone = match reply.tone {
        Tone::Answer => "answer",
        Tone::Abstention => "abstention",
        Tone::Notice => "notice",
        Tone::Problem => "problem",
    };
    let sources: Vec<Value> = reply
        .sources
        .iter()
        .map(|source| {
            json!({ "place": source.place, "link": source.link, "text": source.text, "url": source.url })
        })
        .collect();
    let buttons: Vec<Vec<Value>> = reply
        .buttons
        .iter()
        .filter(|row| !row.is_empty())
        .map(|row| {
            let buttons = row.iter();
            buttons
                .map(|button| json!({ "label": button.label, "primary": button.primary }))
                .collect()
        })
        .collect();
    let file = reply.file.as_ref().map(|file| {
        json!({
            "name": file.name,
            "description": file.description,
            "path": format!("/api/file/{id}"),
            "picture": is_picture(&file.name),
            "size": file.bytes.len(),
        })
    });
    json!({
        "tone": tone,
        "title": reply.title,
        "blocks": reply.blocks.iter().map(block).collect::<Vec<_>>(),
        "sources": sources,
        "question": reply.question,
        "reading": reply.reading,
        "buttons": buttons,
        "file": file,
    })
}

/// Whether a file is shown and not only offered.
pub(super) fn is_picture(name: &str) -> bool {
    std::path::Path::new(name)
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("png"))
}

fn block(block: &Block) -> Value {
    match block {
        Block::Heading(text) => json!({ "kind": "heading", "text": text }),
        Block::Quote {
            text,
            numbers,
            corrects,
        } => json!({
            "kind": "quote",
            "quoted": quoted(text),
            "numbers": numbers,
            "corrects": corrects
                .as_ref()
                .map(|(text, numbers)| json!({ "quoted": quoted(text), "numbers": numbers })),
        }),
        Block::Text(parts) => {
            json!({ "kind": "text", "parts": parts.iter().map(part).collect::<Vec<_>>() })
        }
    }
}

fn quoted(quoted: &Quoted) -> Value {
    match quoted {
        Quoted::Prose(text) => json!({ "code": false, "text": text }),
        Quoted::Code(text) => json!({ "code": true, "text": text }),
    }
}

fn part(part: &Part) -> Value {
    let text = |kind: &str, text: &str| json!({ "kind": kind, "text": text });
    match part {
        Part::Plain(words) => text("plain", words),
        Part::Strong(words) => text("strong", words),
        Part::Code(words) => text("code", words),
        Part::Spoiler(words) => text("spoiler", words),
        Part::Link(words, url) => {
            json!({ "kind": "link", "text": words, "url": on_the_page(url) })
        }
        Part::Time(seconds) => json!({ "kind": "time", "at": seconds }),
        Part::Ago(seconds) => json!({ "kind": "ago", "at": seconds }),
        Part::Member(id) => {
            let name = member_with(UserId(*id)).map_or("somebody", |member| member.name);
            text("name", &format!("@{name}"))
        }
        Part::Channel(id) => {
            let channel = CHANNELS.iter().find(|one| one.id == ChannelId(*id));
            let name = channel.map_or("unknown", |channel| channel.name);
            text("name", &format!("#{name}"))
        }
    }
}

/// A link to a message in Discord leads to that message on the page; one to a
/// server leads nowhere.
fn on_the_page(url: &str) -> String {
    let server = format!("https://discord.com/channels/{GUILD}");
    match url.strip_prefix(&server) {
        Some(within) => {
            let message = within.rsplit_once('/').map_or("", |(_, message)| message);
            format!("#m{message}")
        }
        None => url.to_owned(),
    }
}
