//! Front matter: the YAML between two `---` lines at the top of a file.
//!
//! The module `entries` reads the YAML; here it is found in the file and its
//! keys get their meaning. Whatever is wrong becomes a diagnostic with its
//! place, and the rest of the note loads all the same.

use std::ops::Range;

use super::diagnostic::{Diagnostic, Severity};
use super::entries::{self, Entry, Mistake, Place, Value};
use super::{Kind, Note, lines};

/// The keys that mean something, in the order people are told them.
pub const KEYS: [&str; 6] = ["kind", "name", "aliases", "members", "reviewed", "tags"];

/// Keys that other programs write for the same things, read in plain notes only.
const FOREIGN_KEYS: [(&str, &str); 3] = [("title", "name"), ("alias", "aliases"), ("tag", "tags")];

/// Front matter longer than this is not read: it is no person's.
const MAX_BYTES: usize = 64 * 1024;

/// Lines before the YAML: the fence that opens it.
const FENCE_LINES: u32 = 1;

/// Closest key that is offered for an unknown one; below, the list of keys is.
const SIMILAR: f64 = 0.75;

/// Where the front matter stands in a file and what follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// The YAML between the fences.
    pub(crate) yaml: Range<usize>,
    /// First byte after the closing fence's line.
    pub(crate) body: usize,
    /// `---` (YAML) or `+++` (TOML).
    toml: bool,
}

/// Finds the front matter of a file, if it has one.
///
/// A first line `---` can also be a rule: it opens front matter only when a key
/// follows and a second fence closes it.
pub(crate) fn find(source: &str) -> Option<Block> {
    let start = if source.starts_with('\u{feff}') {
        '\u{feff}'.len_utf8()
    } else {
        0
    };
    let text = source.get(start..)?;
    let mut lines = lines::split(text);
    let first = lines.next()?;
    let toml = match first.trim_end() {
        "---" => false,
        "+++" => true,
        _ => return None,
    };
    let open = start + first.len();
    let mut at = open;
    let mut keyed = false;
    for line in lines {
        let trimmed = line.trim_end();
        let closes = if toml {
            trimmed == "+++"
        } else {
            matches!(trimmed, "---" | "...")
        };
        if closes {
            let body = at + line.len();
            let empty = source
                .get(open..at)
                .is_some_and(|yaml| yaml.trim().is_empty());
            return (keyed || empty).then_some(Block {
                yaml: open..at,
                body,
                toml,
            });
        }
        if !keyed && !trimmed.is_empty() && !trimmed.starts_with('#') {
            keyed = looks_like_key(trimmed, toml);
            if !keyed {
                return None;
            }
        }
        at += line.len();
        if at - open > MAX_BYTES {
            return None;
        }
    }
    None
}

fn looks_like_key(line: &str, toml: bool) -> bool {
    let separator = if toml { '=' } else { ':' };
    line.starts_with(['{', '[', '"', '\''])
        || line.split_once(separator).is_some_and(|(key, value)| {
            let key = key.trim_end();
            !key.is_empty()
                && key
                    .chars()
                    .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ' | '.'))
                && (toml || value.is_empty() || value.starts_with([' ', '\t']))
        })
}

/// Reads the front matter into the note.
pub(crate) fn read(note: &mut Note, diagnostics: &mut Vec<Diagnostic>) {
    let Some(block) = find(&note.source) else {
        return;
    };
    let mut front = Front {
        path: &note.path,
        diagnostics,
    };
    if block.toml {
        front.report(
            Place { line: 1, column: 1 },
            Severity::Warning,
            "front-matter-format",
            "front matter between `+++` lines is not read".to_owned(),
            "write it as YAML between `---` lines".to_owned(),
        );
        return;
    }
    let yaml = note.source.get(block.yaml).unwrap_or_default();
    let (found, mistake) = entries::read(yaml, FENCE_LINES);
    if let Some((place, mistake)) = mistake {
        front.mistake(place, mistake);
    }
    let kind = front.kind(&found);
    let keep = front.fields(found, kind);
    note.kind = kind;
    keep.store(note);
}

/// What the front matter gives to the note.
#[derive(Default)]
struct Fields {
    name: Option<String>,
    aliases: Vec<String>,
    members: Vec<String>,
    tags: Vec<String>,
    reviewed: Option<(i16, u8)>,
}

impl Fields {
    fn store(self, note: &mut Note) {
        note.name = self.name.unwrap_or_default();
        note.aliases = self.aliases;
        note.members = self.members;
        note.tags = self.tags;
        note.reviewed = self.reviewed;
    }
}

struct Front<'a> {
    path: &'a str,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Front<'_> {
    fn report(
        &mut self,
        place: Place,
        severity: Severity,
        rule: &'static str,
        message: String,
        remedy: String,
    ) {
        self.diagnostics.push(Diagnostic {
            path: self.path.to_owned(),
            line: place.line,
            column: place.column,
            severity,
            rule,
            message,
            remedy,
        });
    }

    fn mistake(&mut self, place: Place, mistake: Mistake) {
        let (message, remedy) = match mistake {
            Mistake::Syntax(what) => (
                format!("front matter is no valid YAML: {what}"),
                "mend this line; put a value that holds `:` or `#` in quotes".to_owned(),
            ),
            Mistake::NotAMapping => (
                "front matter is no list of keys with values".to_owned(),
                format!("write `key: value` lines; the keys are {}", one_of(&KEYS)),
            ),
        };
        self.report(
            place,
            Severity::Error,
            "front-matter-syntax",
            message,
            remedy,
        );
    }

    fn kind(&mut self, found: &[Entry]) -> Option<Kind> {
        let entry = found.iter().find(|entry| entry.key == "kind")?;
        match &entry.value {
            Value::Word(word) => match word.as_str() {
                "service" => return Some(Kind::Service),
                "control" => return Some(Kind::Control),
                "family" => return Some(Kind::Family),
                _ => {
                    let message = format!("`{word}` is no kind of note");
                    let remedy = suggest(word, &["service", "control", "family"]);
                    self.report(
                        entry.value_place,
                        Severity::Error,
                        "bad-value",
                        message,
                        remedy,
                    );
                }
            },
            Value::Empty => {}
            _ => self.bad_shape(entry, "one word", "service, control or family"),
        }
        None
    }

    fn bad_shape(&mut self, entry: &Entry, wanted: &str, example: &str) {
        self.report(
            entry.value_place,
            Severity::Error,
            "bad-value",
            format!("`{}` must be {wanted}", entry.key),
            format!("write {example}"),
        );
    }

    fn fields(&mut self, found: Vec<Entry>, kind: Option<Kind>) -> Fields {
        let mut fields = Fields::default();
        let mut seen: Vec<String> = Vec::new();
        for mut entry in found {
            let own = FOREIGN_KEYS
                .iter()
                .find(|(key, _)| kind.is_none() && *key == entry.key);
            if let Some((_, own)) = own {
                (*own).clone_into(&mut entry.key);
                if *own == "name" && fields.name.is_some() {
                    continue;
                }
            }
            // `alias` may stand beside `aliases`: two programs wrote them.
            if own.is_none() && seen.contains(&entry.key) {
                self.report(
                    entry.place,
                    Severity::Error,
                    "duplicate-key",
                    format!("`{}` stands twice in the front matter", entry.key),
                    "keep one of them".to_owned(),
                );
                continue;
            }
            match entry.key.as_str() {
                "kind" => {}
                "name" => match &entry.value {
                    Value::Word(word) => fields.name = Some(word.trim().to_owned()),
                    Value::Empty => {}
                    _ => self.bad_shape(&entry, "one name", "name: Amazon SQS"),
                },
                "aliases" => fields.aliases.extend(self.words(&entry, kind)),
                "members" => fields.members = self.words(&entry, kind),
                "tags" => {
                    let tags = self.words(&entry, kind);
                    let bare = |tag: &String| tag.trim_start_matches('#').to_owned();
                    fields.tags.extend(tags.iter().map(bare));
                }
                "reviewed" => match &entry.value {
                    Value::Word(word) => match year_and_month(word) {
                        Some(date) => fields.reviewed = Some(date),
                        None => self.bad_shape(&entry, "a year and month", "reviewed: 2026-11"),
                    },
                    Value::Empty => {}
                    _ => self.bad_shape(&entry, "a year and month", "reviewed: 2026-11"),
                },
                _ => self.unknown_key(&entry, kind),
            }
            if own.is_none() {
                seen.push(entry.key);
            }
        }
        fields
    }

    /// A list of words; one word alone is a list of one, and in plain notes a
    /// list between commas.
    fn words(&mut self, entry: &Entry, kind: Option<Kind>) -> Vec<String> {
        let words = match &entry.value {
            Value::Empty => Vec::new(),
            Value::List(words) => words.clone(),
            Value::Word(word) if kind.is_none() => word.split(',').map(str::to_owned).collect(),
            Value::Word(word) => vec![word.clone()],
            Value::Other => {
                self.bad_shape(
                    entry,
                    "a list of words",
                    &format!("{}: [one, two]", entry.key),
                );
                Vec::new()
            }
        };
        words
            .iter()
            .map(|word| word.trim().to_owned())
            .filter(|word| !word.is_empty())
            .collect()
    }

    /// Other programs keep their own keys in plain notes: there it is a warning.
    fn unknown_key(&mut self, entry: &Entry, kind: Option<Kind>) {
        let severity = if kind.is_some() {
            Severity::Error
        } else {
            Severity::Warning
        };
        let message = format!("unknown key `{}` in the front matter", entry.key);
        let remedy = suggest(&entry.key, &KEYS);
        self.report(entry.place, severity, "unknown-key", message, remedy);
    }
}

fn year_and_month(text: &str) -> Option<(i16, u8)> {
    let mut parts = text.trim().splitn(3, '-');
    let year: i16 = parts.next().filter(|year| year.len() == 4)?.parse().ok()?;
    let month: u8 = parts.next()?.parse().ok()?;
    let day: u8 = parts.next().map_or(Ok(1), str::parse).ok()?;
    ((1..=12).contains(&month) && (1..=31).contains(&day) && year >= 1000).then_some((year, month))
}

/// "did you mean" for a near miss, else the whole choice.
fn suggest(word: &str, choice: &[&str]) -> String {
    let lower = word.to_lowercase();
    let best = choice
        .iter()
        .map(|known| (strsim::jaro_winkler(&lower, known), known))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match best {
        Some((score, known)) if score >= SIMILAR => format!("did you mean `{known}`?"),
        _ => format!("use one of {} or take it out", one_of(choice)),
    }
}

fn one_of(choice: &[&str]) -> String {
    choice
        .iter()
        .map(|word| format!("`{word}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(source: &str) -> (Note, Vec<Diagnostic>) {
        let mut note = Note {
            path: "n.md".to_owned(),
            source: source.to_owned(),
            ..Note::default()
        };
        let mut diagnostics = Vec::new();
        read(&mut note, &mut diagnostics);
        (note, diagnostics)
    }

    fn findings(source: &str) -> Vec<String> {
        note(source).1.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_keys_fill_the_note() {
        let (note, diagnostics) = note(
            "---\nkind: service\nname: Amazon SQS\naliases: [SQS, \"Simple Queue Service\"]\n\
             reviewed: 2026-11\ntags:\n  - '#queue'\n  - aws\n---\n# Amazon SQS\n",
        );
        assert_eq!(diagnostics, []);
        assert_eq!(note.kind, Some(Kind::Service));
        assert_eq!(note.name, "Amazon SQS");
        assert_eq!(note.aliases, ["SQS", "Simple Queue Service"]);
        assert_eq!(note.reviewed, Some((2026, 11)));
        assert_eq!(note.tags, ["queue", "aws"]);
    }

    #[test]
    fn unknown_keys_and_values_name_their_place_and_the_closest_right_one() {
        assert_eq!(
            findings("---\nkind: servise\nnam: x\nalliases: [y]\nowner: z\n---\n"),
            [
                "n.md:2:7: error: `servise` is no kind of note (bad-value) → did you mean `service`?",
                "n.md:3:1: warning: unknown key `nam` in the front matter (unknown-key) → did you mean `name`?",
                "n.md:4:1: warning: unknown key `alliases` in the front matter (unknown-key) → did you mean `aliases`?",
                "n.md:5:1: warning: unknown key `owner` in the front matter (unknown-key) → use one of `kind`, \
                 `name`, `aliases`, `members`, `reviewed`, `tags` or take it out",
            ]
        );
        let errors = findings("---\r\nkind: control\r\nreviewed: soon\r\nnam: x\r\n---\r\n");
        assert_eq!(
            errors,
            [
                "n.md:3:11: error: `reviewed` must be a year and month (bad-value) → write reviewed: 2026-11",
                "n.md:4:1: error: unknown key `nam` in the front matter (unknown-key) → did you mean `name`?",
            ]
        );
    }

    #[test]
    fn broken_yaml_is_told_with_its_line_and_what_stands_before_it_counts() {
        let (note, diagnostics) = note("---\nname: A\naliases: [b, c\ntags: d\n---\ntext\n");
        assert_eq!(note.name, "A");
        assert_eq!(diagnostics.len(), 1);
        assert_eq!(diagnostics[0].rule, "front-matter-syntax");
        assert!(diagnostics[0].line >= 3, "{}", diagnostics[0]);
    }

    #[test]
    fn obsidian_front_matter_is_read() {
        let (note, diagnostics) =
            note("\u{feff}---\ntitle: My note\naliases: one, two\ntag: x\ncssclass: wide\n---\n");
        assert_eq!(note.name, "My note");
        assert_eq!(note.aliases, ["one", "two"]);
        assert_eq!(note.tags, ["x"]);
        assert_eq!(diagnostics.len(), 1);
        assert_eq!(diagnostics[0].severity, Severity::Warning);
    }

    #[test]
    fn nested_values_are_refused_where_words_are_meant() {
        assert_eq!(
            findings(
                "---\nkind: service\naliases: {a: b}\nmembers: [[x]]\nname: [y]\nname: z\n---\n"
            ),
            [
                "n.md:3:10: error: `aliases` must be a list of words (bad-value) → write aliases: [one, two]",
                "n.md:4:10: error: `members` must be a list of words (bad-value) → write members: [one, two]",
                "n.md:5:7: error: `name` must be one name (bad-value) → write name: Amazon SQS",
                "n.md:6:1: error: `name` stands twice in the front matter (duplicate-key) → keep one of them",
            ]
        );
    }

    #[test]
    fn a_rule_at_the_top_is_no_front_matter() {
        for text in [
            "---\n\nJust text.\n\n---\nmore",
            "---\nkey: value\n",
            "--- \n# Heading: one\n",
        ] {
            assert_eq!(find(text), None, "{text}");
        }
        assert_eq!(find("---\n---\ntext").unwrap().body, 8);
        assert_eq!(find("+++\ntitle = 'x'\n+++\ntext").unwrap().body, 20);
    }

    #[test]
    fn an_alias_bomb_is_only_a_bad_value() {
        let levels: Vec<String> = (1..60)
            .map(|i| format!("a{i}: &a{i} [*a{0}, *a{0}]\n", i - 1))
            .collect();
        let yaml = format!(
            "---\na0: &a0 [x, x]\n{}aliases: *a59\n---\n",
            levels.concat()
        );
        let (note, diagnostics) = note(&yaml);
        assert_eq!(note.aliases, [""; 0]);
        assert!(diagnostics.iter().any(|d| d.rule == "bad-value"));
    }
}
