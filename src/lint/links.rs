//! Links to other notes and to headings. Addresses with a scheme are left
//! alone: nothing is fetched. So are files that are no notes, since only notes
//! are known here.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use rustc_hash::{FxHashMap, FxHashSet};

use super::{Findings, Page};
use crate::note::Note;
use crate::note::anchor::Anchors;
use crate::note::diagnostic::Diagnostic;
use crate::note::parse::body;

/// Where links can lead.
pub(super) struct Targets<'a> {
    /// Path → anchors of the note.
    notes: FxHashMap<&'a str, FxHashSet<String>>,
    /// Files that are there and could not be loaded: told already.
    broken: FxHashSet<String>,
}

impl<'a> Targets<'a> {
    pub(super) fn new(notes: &'a [Note], found: &[Diagnostic]) -> Self {
        let notes = notes
            .iter()
            .map(|note| (note.path.as_str(), outline(note).anchors))
            .collect();
        let broken = found
            .iter()
            .filter(|finding| finding.line == 0 || finding.rule == "not-utf8");
        Targets {
            notes,
            broken: broken.map(|finding| finding.path.clone()).collect(),
        }
    }

    /// A note or a file that is known to be there.
    fn exists(&self, path: &str) -> bool {
        // The README at the top is not always a note.
        self.notes.contains_key(path)
            || self.broken.contains(path)
            || path.eq_ignore_ascii_case("readme.md")
    }

    /// Where the note that a link means may be: in another folder, or here under
    /// a similar name.
    fn moved(&self, path: &str, findings: &mut Findings) -> String {
        let split = |path: &'a str| path.rsplit_once('/').unwrap_or(("", path));
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        if let Some(same) = self
            .notes
            .keys()
            .filter(|known| split(known).1 == file)
            .min()
        {
            return format!("did you mean `{same}`?");
        }
        let near = self
            .notes
            .keys()
            .map(|known| split(known))
            .filter(|known| known.0 == folder);
        findings.suggest(
            file,
            near.map(|known| known.1),
            "correct the path, or add the note",
        )
    }
}

/// What is needed of a note's Markdown here.
#[derive(Default)]
struct Outline {
    anchors: FxHashSet<String>,
    /// Byte and destination.
    links: Vec<(usize, String)>,
}

fn outline(note: &Note) -> Outline {
    let mut outline = Outline::default();
    let mut anchors = Anchors::default();
    let mut heading: Option<String> = None;
    let from = body(&note.source);
    let text = note.source.get(from..).unwrap_or_default();
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH;
    let mut images = 0_u32;
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => {
                if let Some(text) = heading.take() {
                    outline.anchors.insert(anchors.next(text.trim_end()));
                }
            }
            Event::Start(Tag::Image { .. }) => images += 1,
            Event::End(TagEnd::Image) => images = images.saturating_sub(1),
            Event::Text(text) | Event::Code(text) if images == 0 => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            Event::Start(Tag::Link { dest_url, .. }) => {
                outline
                    .links
                    .push((from + range.start, dest_url.into_string()));
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                html_anchors(&html, &mut outline.anchors);
            }
            _ => {}
        }
    }
    outline
}

/// Values of `id` and `name`, the older way to make an anchor.
fn html_anchors(html: &str, anchors: &mut FxHashSet<String>) {
    for attribute in ["id=", "name="] {
        for piece in html.split(attribute).skip(1) {
            let quote = piece.chars().next().filter(|c| matches!(c, '"' | '\''));
            let value = match quote {
                Some(quote) => piece.get(1..).and_then(|rest| rest.split(quote).next()),
                None => piece.split([' ', '>', '/']).next(),
            };
            anchors.extend(value.map(str::to_owned));
        }
    }
}

pub(super) fn check(page: &Page<'_>, targets: &Targets<'_>, findings: &mut Findings) {
    let note = page.note;
    let severity = page.strict();
    for (at, link) in outline(note).links {
        let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
        let file = file.split('?').next().unwrap_or_default();
        let Some(path) = resolve(&note.path, &decode(file)) else {
            continue;
        };
        if !path.is_empty() && !targets.exists(&path) {
            if is_note(&path) {
                let remedy = targets.moved(&path, findings);
                let message = format!("there is no note `{path}`");
                findings.add(
                    &note.path,
                    page.at(at),
                    severity,
                    "broken-link",
                    message,
                    remedy,
                );
            }
            continue;
        }
        let Some(anchors) = targets.notes.get(path.as_str()) else {
            continue;
        };
        let anchor = decode(anchor);
        // `#L10` and `#:~:text=` point to lines and texts.
        let checked = !anchor.is_empty() && !anchor.starts_with(":~:") && !is_line(&anchor);
        if checked && !anchors.contains(&anchor) && !anchors.contains(&anchor.to_lowercase()) {
            let known = anchors.iter().map(String::as_str);
            let remedy = findings
                .suggest(&anchor, known, "link to a heading that is there")
                .replacen("did you mean `", "did you mean `#", 1);
            let message = format!("`{path}` has no heading `#{anchor}`");
            findings.add(
                &note.path,
                page.at(at),
                severity,
                "broken-anchor",
                message,
                remedy,
            );
        }
    }
}

fn is_line(anchor: &str) -> bool {
    anchor
        .strip_prefix('L')
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

fn is_note(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, extension)| {
        ["md", "markdown", "txt"]
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    })
}

/// The path inside the folder that a link leads to; `None` when it has a scheme,
/// begins at a server's root or leads out of the folder.
fn resolve(from: &str, file: &str) -> Option<String> {
    if file.is_empty() {
        return Some(from.to_owned());
    }
    let scheme = file
        .split_once(':')
        .is_some_and(|(scheme, _)| !scheme.contains('/'));
    if scheme || file.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in file.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// `%20` and the like.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).filter(|_| *first == b'%').and_then(|hex| {
            std::str::from_utf8(hex)
                .ok()
                .and_then(|hex| u8::from_str_radix(hex, 16).ok())
        });
        bytes.push(hex.unwrap_or(*first));
        rest = if hex.is_some() {
            after.get(2..).unwrap_or_default()
        } else {
            after
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
