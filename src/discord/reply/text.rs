//! The text of a message: blocks, then their sources, cut to fit together.

use crate::render::reply::{Block, Part, Quoted, Reply};

use super::super::components::one_line;
use super::super::markup::{cut, escape_within, fence_within, length, unlinked_within};
use super::sources::{Sources, masked};

/// A heading is a name; what is longer is none.
const HEADING: usize = 256;

/// Blocks and sources in at most `units`. All texts get the same share at
/// most: short ones leave more to the long ones.
pub(super) fn description(reply: &Reply, units: usize) -> String {
    let sources = Sources::all(reply);
    let (text, listed) = (blocks(reply, &sources, units), sources.text());
    if length(&text) + length(&listed) <= units {
        return text + &listed;
    }
    let sources = Sources::fit(reply, units.saturating_sub(length(&text)));
    let listed = sources.text();
    let room = units.saturating_sub(length(&listed));
    let mut share = room;
    loop {
        let text = blocks(reply, &sources, share);
        if length(&text) <= room || share == 0 {
            return cut(&text, room) + &listed;
        }
        // An eighth less at a time ends soon and wastes little.
        share -= (share / 8).max(1);
    }
}

/// All blocks, each text cut to `share`.
fn blocks(reply: &Reply, sources: &Sources, share: usize) -> String {
    let mut text = String::new();
    let mut above: Option<&Block> = None;
    for block in &reply.blocks {
        text.push_str(match (above, block) {
            (None, _) => "",
            // A heading stands close to what it is above, and lines are a list.
            (Some(Block::Heading(_)), _) | (Some(Block::Text(_)), Block::Text(_)) => "\n",
            _ => "\n\n",
        });
        above = Some(block);
        match block {
            Block::Heading(heading) => {
                let heading = unlinked_within(&one_line(heading), share.min(HEADING));
                if heading.is_empty() {
                    above = None;
                } else {
                    text.extend(["**", heading.as_str(), "**"]);
                }
            }
            Block::Quote {
                text: quoted,
                numbers,
                corrects,
            } => {
                text.push_str(&quote(quoted, &sources.marks(numbers), share));
                if let Some((quoted, numbers)) = corrects {
                    text.push_str(&older(quoted, &sources.marks(numbers), share));
                }
            }
            Block::Text(parts) => {
                text.extend(parts.iter().map(|part| part_text(part, share)));
            }
        }
    }
    text.trim().to_owned()
}

fn quote(quoted: &Quoted, marks: &str, share: usize) -> String {
    match quoted {
        Quoted::Prose(prose) => {
            let prose = escape_within(prose.trim(), share);
            let lines = prose.lines().filter(|line| !line.trim().is_empty());
            let lines: Vec<String> = lines.map(|line| format!("> {line}")).collect();
            if lines.is_empty() {
                return format!("> {marks}");
            }
            format!("{} {marks}", lines.join("\n"))
        }
        Quoted::Code(code) => {
            let fence = fence_within(code.trim_end(), share);
            format!("{fence}\n{marks}")
        }
    }
}

fn older(quoted: &Quoted, marks: &str, share: usize) -> String {
    let (Quoted::Prose(text) | Quoted::Code(text)) = quoted;
    let text = escape_within(&one_line(text), share);
    format!("\n-# Corrects an older note: {text} {marks}")
}

fn part_text(part: &Part, share: usize) -> String {
    match part {
        Part::Plain(text) => unlinked_within(text, share),
        Part::Strong(text) => {
            let text = unlinked_within(text, share);
            // Four asterisks would be shown as such.
            if text.is_empty() {
                text
            } else {
                format!("**{text}**")
            }
        }
        Part::Code(text) => format!("`{}`", cut(&one_line(text).replace('`', "ˋ"), share)),
        Part::Time(seconds) => format!("<t:{seconds}:F>"),
        Part::Ago(seconds) => format!("<t:{seconds}:R>"),
        Part::Link(text, url) => {
            let text = unlinked_within(text, share);
            masked(&text, url).unwrap_or(text)
        }
        Part::Member(id) => format!("<@{id}>"),
        Part::Channel(id) => format!("<#{id}>"),
        // Inside of words a bar stands for itself.
        Part::Spoiler(text) => format!("||{}||", unlinked_within(&text.replace('|', "ǀ"), share)),
    }
}
