//! Names and aliases: each must lead to one service and to one control at most.
//!
//! Services and families share one namespace, controls have another: a service
//! and a control may have the same name.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Findings, Page};
use crate::note::diagnostic::Severity;
use crate::note::{Kind, Note};
use crate::text;

/// What the notes call their subjects.
pub(super) struct Names<'a> {
    subjects: FxHashMap<String, Use<'a>>,
    controls: FxHashMap<String, Use<'a>>,
}

/// Who has a name.
#[derive(Clone, Copy)]
struct Use<'a> {
    note: &'a Note,
    written: &'a str,
    /// The name itself and not an alias.
    main: bool,
}

/// Names are the same when their words are.
fn key(name: &str) -> String {
    let words: Vec<_> = text::words(name)
        .into_iter()
        .map(|word| word.text)
        .collect();
    words.join(" ")
}

impl<'a> Names<'a> {
    pub(super) fn new(notes: &'a [Note]) -> Self {
        let mut names = Names {
            subjects: FxHashMap::default(),
            controls: FxHashMap::default(),
        };
        // All main names first: an alias never takes the place of a name.
        for (note, written, main) in names_of(notes, true).chain(names_of(notes, false)) {
            let map = match note.kind {
                Some(Kind::Control) => &mut names.controls,
                _ => &mut names.subjects,
            };
            map.entry(key(written)).or_insert(Use {
                note,
                written,
                main,
            });
        }
        names
    }

    /// Duplicate names, ambiguous aliases and families with unknown members.
    pub(super) fn check(&self, notes: &'a [Note], findings: &mut Findings) {
        for note in notes.iter().filter(|note| note.kind.is_some()) {
            let page = Page {
                note,
                lines: crate::note::lines::Lines::new(&note.source),
            };
            let map = self.namespace(note);
            let mut own = FxHashSet::default();
            own.insert(key(&note.name));
            check_name(&page, map, findings);
            for alias in &note.aliases {
                let place = page.front("aliases", alias);
                let key = key(alias);
                if key.is_empty() {
                    findings.add(
                        &note.path,
                        place,
                        Severity::Error,
                        "bad-value",
                        format!("the alias `{alias}` has no letter or digit"),
                        "take it out",
                    );
                } else if !own.insert(key.clone()) {
                    findings.add(
                        &note.path,
                        place,
                        Severity::Warning,
                        "duplicate-alias",
                        format!("`{alias}` is written twice or is the name itself"),
                        "take it out: capitals, hyphens and spaces make no difference",
                    );
                } else if let Some(other) = map.get(&key)
                    && !std::ptr::eq(other.note, note)
                {
                    let what = if other.main {
                        "the name"
                    } else {
                        "also an alias"
                    };
                    findings.add(
                        &note.path,
                        place,
                        Severity::Error,
                        "ambiguous-alias",
                        format!(
                            "`{alias}` is {what} of {} ({})",
                            other.note.name, other.note.path
                        ),
                        "keep it in one of the two notes",
                    );
                }
            }
            self.check_members(&page, findings);
        }
    }

    fn namespace(&self, note: &Note) -> &FxHashMap<String, Use<'a>> {
        match note.kind {
            Some(Kind::Control) => &self.controls,
            _ => &self.subjects,
        }
    }

    fn check_members(&self, page: &Page<'_>, findings: &mut Findings) {
        let note = page.note;
        let place = |member: &str| page.front("members", member);
        if note.kind != Some(Kind::Family) {
            if let Some(first) = note.members.first() {
                findings.add(
                    &note.path,
                    place(first),
                    Severity::Warning,
                    "bad-value",
                    "only a family has members".to_owned(),
                    "take `members` out, or write `kind: family`",
                );
            }
            return;
        }
        for member in &note.members {
            let known = self.subjects.get(&key(member));
            if known.is_some_and(|known| known.note.kind == Some(Kind::Service)) {
                continue;
            }
            let services = self
                .subjects
                .values()
                .filter(|name| name.note.kind == Some(Kind::Service));
            let remedy = findings.suggest(
                member,
                services.map(|name| name.written),
                "write the name or an alias of a service note",
            );
            findings.add(
                &note.path,
                place(member),
                Severity::Error,
                "unknown-member",
                format!("there is no service called `{member}`"),
                remedy,
            );
        }
    }

    /// Headings of a service note that name no control, and skipped levels.
    pub(super) fn check_headings(&self, page: &Page<'_>, findings: &mut Findings) {
        let note = page.note;
        if note.kind.is_none() {
            return;
        }
        let mut above = 0;
        for section in note
            .sections
            .iter()
            .filter(|section| !section.anchor.is_empty())
        {
            let place = page.at(section.heading_span.start as usize);
            if section.level > above + 1 {
                findings.add(
                    &note.path,
                    place,
                    Severity::Warning,
                    "skipped-level",
                    skipped(section.level, above),
                    format!("write it with {} `#`", above + 1),
                );
            }
            above = section.level;
            let names_control =
                section.level == 2 && note.kind == Some(Kind::Service) && !self.controls.is_empty();
            if names_control && !self.controls.contains_key(&key(&section.label)) {
                let remedy = findings.suggest(
                    &section.label,
                    self.controls.values().map(|name| name.written),
                    "write the name or an alias of a control, or add a control note",
                );
                findings.add(
                    &note.path,
                    place,
                    Severity::Error,
                    "unknown-control",
                    format!("the heading `{}` names no control", section.heading),
                    remedy,
                );
            }
        }
    }
}

fn skipped(level: u8, above: u8) -> String {
    if above == 0 {
        format!("the first heading has level {level}")
    } else {
        format!("a heading of level {level} follows one of level {above}")
    }
}

fn check_name(page: &Page<'_>, map: &FxHashMap<String, Use<'_>>, findings: &mut Findings) {
    let note = page.note;
    if let Some(other) = map.get(&key(&note.name))
        && other.main
        && !std::ptr::eq(other.note, note)
    {
        findings.add(
            &note.path,
            page.front("name", &note.name),
            Severity::Error,
            "duplicate-name",
            format!("`{}` is also the name of {}", note.name, other.note.path),
            "make one note of the two, or give this one another name",
        );
    }
}

/// Names, or aliases, of the notes with a kind.
fn names_of(notes: &[Note], main: bool) -> impl Iterator<Item = (&Note, &str, bool)> {
    notes
        .iter()
        .filter(|note| note.kind.is_some())
        .flat_map(move |note| {
            let name = main.then_some(&note.name);
            let aliases = if main { &[] } else { note.aliases.as_slice() };
            name.into_iter()
                .chain(aliases)
                .map(move |written| (note, written.as_str(), main))
        })
}
