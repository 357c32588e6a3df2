//! The sources of a reply as small lines below it, and their numbers.

use crate::render::citations::{Source, marks};
use crate::render::reply::{Block, Reply};

use super::super::components::one_line;
use super::super::markup::{escape_within, length, unlinked, unlinked_within};

/// Sources may have this much where quotations leave less.
const SOURCES: usize = 2000;
/// The text of a source, before it is cut further to fit.
const TEXT: usize = 160;
/// A longer link is left out: the place says the same.
const LINK: usize = 300;
/// A place: the end of the path and the lines are what matters.
const PLACE: usize = 90;
/// Numbers shown behind one quotation.
const NUMBERS: usize = 6;

/// What is linked in the line of a source.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Linked {
    /// Its place and its text, where they have a link.
    Both,
    /// Its place, or its text when the notes cannot be read on the web.
    One,
    Nothing,
}

/// Less and less of the sources: numbers of each quotation, text of a source
/// and links. With the last the sources of any page fit.
const LEVELS: [(usize, usize, Linked); 7] = [
    (NUMBERS, TEXT, Linked::Both),
    (NUMBERS, TEXT / 2, Linked::Both),
    (NUMBERS, TEXT / 2, Linked::One),
    (NUMBERS, TEXT / 2, Linked::Nothing),
    (3, TEXT / 2, Linked::Nothing),
    (1, TEXT / 2, Linked::Nothing),
    (1, 0, Linked::Nothing),
];

/// The sources that are shown.
pub(super) struct Sources {
    /// Number and line, in order.
    lines: Vec<(usize, String)>,
}

impl Sources {
    /// All that are ever shown.
    pub(super) fn all(reply: &Reply) -> Self {
        Self::of(reply, LEVELS[0])
    }

    /// As much as fits into `units`, or into [`SOURCES`] when that is more.
    pub(super) fn fit(reply: &Reply, units: usize) -> Self {
        let units = units.max(SOURCES);
        let mut levels = LEVELS.iter().map(|level| Self::of(reply, *level));
        let fitting = levels.find(|sources| length(&sources.text()) <= units);
        fitting.unwrap_or_else(|| Self::of(reply, LEVELS[LEVELS.len() - 1]))
    }

    fn of(reply: &Reply, (most, text, linked): (usize, usize, Linked)) -> Self {
        let lines = cited(reply, most)
            .into_iter()
            .filter_map(|number| Some((number, reply.sources.get(number.checked_sub(1)?)?)))
            .map(|(number, source)| (number, line(number, source, text, linked)))
            .collect();
        Self { lines }
    }

    /// The lines, below an empty one.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for (_, line) in &self.lines {
            text.push_str(if text.is_empty() { "\n\n" } else { "\n" });
            text.push_str(line);
        }
        text
    }

    /// `[1][2]` of those that are listed.
    pub(super) fn marks(&self, numbers: &[usize]) -> String {
        let listed = |number: &&usize| self.lines.iter().any(|(listed, _)| listed == *number);
        let numbers = numbers.iter().filter(listed).take(NUMBERS).copied();
        marks(&numbers.collect::<Vec<_>>())
    }
}

/// The first numbers of every quotation and of what it corrects.
fn cited(reply: &Reply, most: usize) -> Vec<usize> {
    let mut numbers = Vec::new();
    for block in &reply.blocks {
        if let Block::Quote {
            numbers: own,
            corrects,
            ..
        } = block
        {
            numbers.extend(own.iter().take(most));
            numbers.extend(
                corrects
                    .iter()
                    .flat_map(|(_, older)| older.iter().take(most)),
            );
        }
    }
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

fn line(number: usize, source: &Source, text: usize, linked: Linked) -> String {
    let place = unlinked(&place(&source.place));
    let link = source.link.as_deref().filter(|_| linked != Linked::Nothing);
    let place_link = link.and_then(|link| masked(&place, link));
    let url = source.url.as_deref().filter(|_| match linked {
        Linked::Both => true,
        Linked::One => place_link.is_none(),
        Linked::Nothing => false,
    });
    let place = place_link.unwrap_or(place);
    let plain = one_line(&source.text);
    let linked = url.and_then(|url| masked(&unlinked_within(&plain, text), url));
    let text = linked.unwrap_or_else(|| escape_within(&plain, text));
    if text.is_empty() {
        format!("-# [{number}] {place}")
    } else {
        format!("-# [{number}] {place} · {text}")
    }
}

/// `[text](<url>)`; `None` where the link is too long or one of the two could
/// be read as something else.
pub(super) fn masked(text: &str, url: &str) -> Option<String> {
    let fit = (url.starts_with("https://") || url.starts_with("http://"))
        && length(url) <= LINK
        && !url.contains(|c: char| c.is_whitespace() || c.is_control() || "<>()\\".contains(c))
        && !text.is_empty()
        // Discord looks for brackets before it looks for backslashes, and
        // shows no link whose text looks like another one.
        && !text.contains(['[', ']'])
        && !text.contains("//");
    fit.then(|| format!("[{text}](<{url}>)"))
}

/// A long path loses its beginning.
fn place(place: &str) -> String {
    let place = one_line(place);
    let mut kept = place.as_str();
    if length(kept) <= PLACE {
        return place;
    }
    while length(kept) >= PLACE {
        let mut rest = kept.chars();
        rest.next();
        kept = rest.as_str();
    }
    format!("…{kept}")
}
