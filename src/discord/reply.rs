//! A [`Reply`] as a Discord message: the one place that knows the limits.
//!
//! Limits are those of <https://docs.discord.com/developers/resources/message>.
//! A long text is cut behind a sentence or a word; its citation never is.

use serde_json::{Value, json};

use crate::render::citations::{Source, marks};
use crate::render::reply::{Block, File, Part, Quoted, Reply, Tone};

use super::components::{encode, one_line};
use super::markup::{cut, escape, escape_within, fence_within, length, visible};
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

/// Sources get at most this much of the description, quotations the rest.
const SOURCES: usize = 2000;
/// The text of a source, before it is cut further to fit.
const SOURCE_TEXT: usize = 160;
/// A longer link is left out: the place says the same.
const LINK: usize = 300;
/// A place: the end of the path and the lines are what matters.
const PLACE: usize = 90;
/// Numbers shown behind one quotation.
const NUMBERS: usize = 6;

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
    let title = escape_within(&one_line(&reply.title), TITLE);
    if !title.is_empty() {
        embed["title"] = title.into();
    }
    let description = description(reply);
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

fn description(reply: &Reply) -> String {
    let sources = Sources::fit(reply);
    let listed = sources.text();
    let room = DESCRIPTION - length(&listed);
    // Every quotation gets the same share at most; short ones leave more to
    // the long ones.
    let mut share = room;
    loop {
        let text = blocks(reply, &sources, share);
        if length(&text) <= room || share == 0 {
            return cut(&text, room).trim().to_owned() + &listed;
        }
        // An eighth less at a time ends soon and wastes little.
        share -= (share / 8).max(1);
    }
}

/// All blocks, each text cut to `share`.
fn blocks(reply: &Reply, sources: &Sources, share: usize) -> String {
    let mut text = String::new();
    for block in &reply.blocks {
        match block {
            Block::Heading(heading) => {
                let heading = escape_within(&one_line(heading), share.min(TITLE));
                if !heading.is_empty() {
                    text += "**";
                    text += &heading;
                    text += "**\n";
                }
            }
            Block::Quote {
                text: quoted,
                numbers,
                corrects,
            } => {
                text.push_str(&quote(quoted, &sources.marks(numbers), share));
                if let Some((quoted, numbers)) = corrects {
                    let marks = sources.marks(numbers);
                    text.push_str(&older(quoted, &marks, share));
                }
            }
            Block::Text(parts) => {
                for part in parts {
                    text.push_str(&part_text(part, share));
                }
                text.push('\n');
            }
        }
    }
    text
}

fn quote(quoted: &Quoted, marks: &str, share: usize) -> String {
    match quoted {
        Quoted::Prose(prose) => {
            let prose = escape_within(prose.trim(), share);
            let lines: Vec<String> = prose.lines().map(|line| format!("> {line}")).collect();
            format!("{} {marks}\n", lines.join("\n"))
        }
        Quoted::Code(code) => format!("{}\n{marks}\n", fence_within(code.trim_end(), share)),
    }
}

fn older(quoted: &Quoted, marks: &str, share: usize) -> String {
    let (Quoted::Prose(text) | Quoted::Code(text)) = quoted;
    let text = escape_within(&one_line(text), share);
    format!("-# Corrects an older note: {text} {marks}\n")
}

fn part_text(part: &Part, share: usize) -> String {
    match part {
        Part::Plain(text) => escape_within(text, share),
        Part::Strong(text) => format!("**{}**", escape_within(text, share)),
        Part::Code(text) => format!("`{}`", cut(&one_line(text).replace('`', "ˋ"), share)),
        Part::Time(seconds) => format!("<t:{seconds}:F>"),
        Part::Ago(seconds) => format!("<t:{seconds}:R>"),
        Part::Link(text, url) => masked(&escape_within(text, share), url),
        Part::Member(id) => format!("<@{id}>"),
    }
}

/// `[text](<url>)`, or the mere text when the link is too long or unfit.
fn masked(text: &str, url: &str) -> String {
    let fit = (url.starts_with("https://") || url.starts_with("http://"))
        && length(url) <= LINK
        && !url.contains(|c: char| c.is_whitespace() || c.is_control() || "<>()\\".contains(c));
    if fit {
        format!("[{text}](<{url}>)")
    } else {
        text.to_owned()
    }
}

/// The sources as lines under the quotations.
struct Sources {
    /// Number and line, in order.
    lines: Vec<(usize, String)>,
}

impl Sources {
    /// As much of the sources as fits: shorter texts first, then no links, then
    /// only the first source of each quotation, which always fits.
    fn fit(reply: &Reply) -> Self {
        let all: Vec<usize> = (1..=reply.sources.len()).collect();
        let first = first_numbers(reply);
        let mut last = Self { lines: Vec::new() };
        for (numbers, text, linked) in [
            (&all, SOURCE_TEXT, true),
            (&all, SOURCE_TEXT / 2, true),
            (&all, SOURCE_TEXT / 2, false),
            (&first, SOURCE_TEXT / 2, false),
            (&first, 0, false),
        ] {
            last = Self::of(reply, numbers, text, linked);
            if length(&last.text()) <= SOURCES {
                break;
            }
        }
        last
    }

    fn of(reply: &Reply, numbers: &[usize], text: usize, linked: bool) -> Self {
        let lines = numbers
            .iter()
            .filter_map(|number| Some((*number, reply.sources.get(number.checked_sub(1)?)?)))
            .map(|(number, source)| (number, line(number, source, text, linked)))
            .collect();
        Self { lines }
    }

    fn text(&self) -> String {
        self.lines
            .iter()
            .flat_map(|(_, line)| ["\n", line.as_str()])
            .collect()
    }

    /// `[1][2]` of those that are listed.
    fn marks(&self, numbers: &[usize]) -> String {
        let listed = |number: &&usize| self.lines.iter().any(|(listed, _)| listed == *number);
        let numbers = numbers.iter().filter(listed).take(NUMBERS).copied();
        marks(&numbers.collect::<Vec<_>>())
    }
}

fn line(number: usize, source: &Source, text: usize, linked: bool) -> String {
    let place = escape(&place(&source.place));
    let place = match source.link.as_deref().filter(|_| linked) {
        Some(link) => masked(&place, link),
        None => place,
    };
    let text = escape_within(&one_line(&source.text), text);
    let text = match source.url.as_deref().filter(|_| linked) {
        Some(url) => masked(&text, url),
        None => text,
    };
    if text.is_empty() {
        format!("-# [{number}] {place}")
    } else {
        format!("-# [{number}] {place} · {text}")
    }
}

/// A long path loses its beginning.
fn place(place: &str) -> String {
    let place = one_line(&visible(place));
    let mut kept = place.as_str();
    if length(kept) <= PLACE {
        return kept.to_owned();
    }
    while length(kept) >= PLACE {
        let mut rest = kept.chars();
        rest.next();
        kept = rest.as_str();
    }
    format!("…{kept}")
}

/// The first number of every quotation and of what it corrects.
fn first_numbers(reply: &Reply) -> Vec<usize> {
    let mut numbers: Vec<usize> = reply
        .blocks
        .iter()
        .filter_map(|block| match block {
            Block::Quote {
                numbers, corrects, ..
            } => Some(
                numbers
                    .first()
                    .into_iter()
                    .chain(corrects.iter().filter_map(|(_, numbers)| numbers.first())),
            ),
            _ => None,
        })
        .flatten()
        .copied()
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
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
