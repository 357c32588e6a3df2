//! The configuration: a TOML file and the environment, checked.
//!
//! The only place that reads the environment, and it does so once. Each key
//! stands in `KEYS` with its type; `config.example.toml` shows all of them
//! with their defaults, and a test keeps the two and [`Config::default`] equal.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;
use toml::de::{DeTable, DeValue};

use crate::answer::policy::Policy;

/// Checked configuration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// Where the notes are.
    pub notes: Notes,
    /// How questions are answered.
    pub answer: Policy,
}

/// The `[notes]` table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notes {
    /// Folder of notes.
    pub path: PathBuf,
    /// Where the folder can be read on the web; makes citations permalinks.
    pub link_base: Option<String>,
}

impl Default for Notes {
    fn default() -> Self {
        Self {
            path: "knowledge".into(),
            link_base: None,
        }
    }
}

/// What is wrong with the configuration and what to do.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {path}: {source}; check the path after --config")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("{place}: {message}")]
    Syntax {
        /// File, line and column.
        place: String,
        /// What the TOML parser says.
        message: String,
    },
    /// A key that does not exist.
    #[error("{place}: there is no key `{key}`{}", did_you_mean(key))]
    UnknownKey {
        /// File, line and column, or the environment variable.
        place: String,
        /// The key with its table.
        key: String,
    },
    /// A value of the wrong type or out of range.
    #[error("{place}: `{key}` {problem}")]
    BadValue {
        /// File or environment variable.
        place: String,
        /// The key with its table.
        key: String,
        /// What is wrong and what is right.
        problem: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Text,
    Number,
}

/// Every key with its type.
const KEYS: &[(&str, Type)] = &[
    ("notes.path", Type::Text),
    ("notes.link_base", Type::Text),
    ("answer.min_confidence", Type::Number),
    ("answer.max_snippets", Type::Number),
];

/// Environment variables that begin with this set keys: `FOOTNOTE__NOTES__PATH`.
const PREFIX: &str = "FOOTNOTE__";
/// Read when no file is named, if it is there.
const DEFAULT_FILE: &str = "config.toml";
/// A suggestion further away than this is no help.
const CLOSE: f64 = 0.8;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Raw {
    notes: RawNotes,
    answer: RawAnswer,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawNotes {
    path: Option<PathBuf>,
    link_base: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawAnswer {
    min_confidence: Option<f32>,
    max_snippets: Option<usize>,
}

impl Config {
    /// Reads the file (`config.toml` here when none is named and it is there)
    /// and the environment; `notes` goes before both.
    pub fn read(file: Option<&Path>, notes: Option<&Path>) -> Result<Self, ConfigError> {
        let here = Path::new(DEFAULT_FILE);
        let file = file.or_else(|| here.is_file().then_some(here));
        let text = match file {
            None => String::new(),
            Some(path) => {
                std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
                    path: path.to_owned(),
                    source,
                })?
            }
        };
        let name = file.unwrap_or(here).display().to_string();
        let mut config = Self::parse(&name, &text, std::env::vars_os())?;
        if let Some(notes) = notes {
            notes.clone_into(&mut config.notes.path);
        }
        Ok(config)
    }

    /// Parses the text of a file, then lets environment variables override it.
    pub fn parse(
        name: &str,
        text: &str,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigError> {
        check_keys(name, text)?;
        let mut table: toml::Table = toml::from_str(text)
            .map_err(|error| syntax(name, text, error.message(), error.span()))?;
        override_from(environment, &mut table)?;
        let raw: Raw = table
            .try_into()
            .map_err(|error: toml::de::Error| ConfigError::Syntax {
                place: name.to_owned(),
                message: error.message().to_owned(),
            })?;
        raw.check(name)
    }
}

impl Raw {
    fn check(self, name: &str) -> Result<Config, ConfigError> {
        let bad = |key: &str, problem: &str| ConfigError::BadValue {
            place: name.to_owned(),
            key: key.to_owned(),
            problem: problem.to_owned(),
        };
        let mut config = Config::default();
        if let Some(path) = self.notes.path {
            config.notes.path = path;
        }
        if let Some(base) = self.notes.link_base.filter(|base| !base.is_empty()) {
            if !base.starts_with("https://") && !base.starts_with("http://") {
                return Err(bad(
                    "notes.link_base",
                    "must begin with https:// or http://",
                ));
            }
            config.notes.link_base = Some(base);
        }
        if let Some(confidence) = self.answer.min_confidence {
            if !(0.0..=1.0).contains(&confidence) {
                return Err(bad("answer.min_confidence", "must be from 0 to 1"));
            }
            config.answer.min_confidence = confidence;
        }
        if let Some(count) = self.answer.max_snippets {
            if !(1..=10).contains(&count) {
                return Err(bad("answer.max_snippets", "must be from 1 to 10"));
            }
            config.answer.max_snippets = count;
        }
        Ok(config)
    }
}

/// Unknown keys with their place, which deserialising would lose.
fn check_keys(name: &str, text: &str) -> Result<(), ConfigError> {
    let document =
        DeTable::parse(text).map_err(|error| syntax(name, text, error.message(), error.span()))?;
    for (table, value) in document.get_ref() {
        let unknown = |key: String, at: usize| ConfigError::UnknownKey {
            place: place(name, text, at),
            key,
        };
        let prefix = format!("{}.", table.get_ref());
        if !KEYS.iter().any(|(key, _)| key.starts_with(&prefix)) {
            return Err(unknown(table.get_ref().to_string(), table.span().start));
        }
        let DeValue::Table(keys) = value.get_ref() else {
            return Err(ConfigError::BadValue {
                place: place(name, text, value.span().start),
                key: table.get_ref().to_string(),
                problem: format!("is a table; write [{}]", table.get_ref()),
            });
        };
        for (key, value) in keys {
            let full = format!("{prefix}{}", key.get_ref());
            let Some((_, wanted)) = KEYS.iter().find(|(known, _)| *known == full) else {
                return Err(unknown(full, key.span().start));
            };
            let fits = match wanted {
                Type::Text => matches!(value.get_ref(), DeValue::String(_)),
                Type::Number => matches!(value.get_ref(), DeValue::Integer(_) | DeValue::Float(_)),
            };
            if !fits {
                return Err(ConfigError::BadValue {
                    place: place(name, text, value.span().start),
                    key: full,
                    problem: type_name(*wanted).to_owned(),
                });
            }
        }
    }
    Ok(())
}

fn type_name(wanted: Type) -> &'static str {
    match wanted {
        Type::Text => "must be a text in quotes",
        Type::Number => "must be a number",
    }
}

fn override_from(
    environment: impl IntoIterator<Item = (OsString, OsString)>,
    table: &mut toml::Table,
) -> Result<(), ConfigError> {
    for (variable, value) in environment {
        let Some(variable) = variable
            .to_str()
            .filter(|variable| variable.starts_with(PREFIX))
        else {
            continue;
        };
        let key = variable
            .trim_start_matches(PREFIX)
            .to_lowercase()
            .replace("__", ".");
        let Some((_, wanted)) = KEYS.iter().find(|(known, _)| *known == key) else {
            return Err(ConfigError::UnknownKey {
                place: variable.to_owned(),
                key,
            });
        };
        let bad = |problem: &str| ConfigError::BadValue {
            place: variable.to_owned(),
            key: key.clone(),
            problem: problem.to_owned(),
        };
        let value = value.into_string().map_err(|_| bad("is not UTF-8"))?;
        let value = match wanted {
            Type::Text => toml::Value::String(value),
            Type::Number => match (value.parse::<i64>(), value.parse::<f64>()) {
                (Ok(integer), _) => toml::Value::Integer(integer),
                (_, Ok(float)) => toml::Value::Float(float),
                _ => return Err(bad(type_name(Type::Number))),
            },
        };
        let Some((section, name)) = key.split_once('.') else {
            continue;
        };
        let section = table
            .entry(section.to_owned())
            .or_insert_with(|| toml::Value::Table(toml::Table::new()));
        if let toml::Value::Table(section) = section {
            section.insert(name.to_owned(), value);
        }
    }
    Ok(())
}

fn syntax(
    name: &str,
    text: &str,
    message: &str,
    span: Option<std::ops::Range<usize>>,
) -> ConfigError {
    ConfigError::Syntax {
        place: span.map_or_else(|| name.to_owned(), |span| place(name, text, span.start)),
        message: message.to_owned(),
    }
}

/// `file:line:column`, both counted from 1.
fn place(name: &str, text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    format!("{name}:{line}:{column}")
}

fn did_you_mean(key: &str) -> String {
    let tables = KEYS.iter().filter_map(|(known, _)| known.split('.').next());
    KEYS.iter()
        .map(|(known, _)| *known)
        .chain(tables)
        .map(|known| (strsim::jaro_winkler(key, known), known))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(similarity, _)| *similarity >= CLOSE)
        .map_or_else(
            || "; see config.example.toml for those that exist".to_owned(),
            |(_, known)| format!("; did you mean `{known}`?"),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
        let environment = environment
            .iter()
            .map(|(key, value)| (OsString::from(key), OsString::from(value)));
        Config::parse("c.toml", text, environment).map_err(|error| error.to_string())
    }

    #[test]
    fn the_example_holds_every_key_with_its_default() {
        let example = include_str!("../config.example.toml");
        // Keys without a default stand as comments; all together must parse.
        assert_eq!(parse(example, &[]), Ok(Config::default()));
        let uncommented: String = example
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(key)
                    if KEYS
                        .iter()
                        .any(|(known, _)| key.split(" = ").next() == known.split('.').nth(1)) =>
                {
                    key
                }
                _ => line,
            })
            .flat_map(|line| [line, "\n"])
            .collect();
        assert!(parse(&uncommented, &[]).is_ok());
        let table: toml::Table = toml::from_str(&uncommented).unwrap();
        for (key, _) in KEYS {
            let (section, name) = key.split_once('.').unwrap();
            assert!(
                table[section].get(name).is_some(),
                "{key} is not in config.example.toml"
            );
        }
    }

    #[test]
    fn the_environment_goes_before_the_file() {
        let text = "[notes]\npath = \"a\"";
        assert_eq!(parse(text, &[]).unwrap().notes.path, Path::new("a"));
        let environment = [
            ("FOOTNOTE__NOTES__PATH", "1234"),
            ("HOME", "/"),
            ("FOOTNOTE__ANSWER__MIN_CONFIDENCE", "0.7"),
        ];
        let config = parse(text, &environment).unwrap();
        assert_eq!(config.notes.path, Path::new("1234"));
        assert!((config.answer.min_confidence - 0.7).abs() < 1e-6);
    }

    #[test]
    fn mistakes_say_where_and_what_to_do() {
        for (text, environment, message) in [
            (
                "[notes]\npaht = \"a\"",
                None,
                "c.toml:2:1: there is no key `notes.paht`; did you mean `notes.path`?",
            ),
            (
                "[note]\npath = \"a\"",
                None,
                "c.toml:1:2: there is no key `note`; did you mean `notes`?",
            ),
            (
                "[notes]\npath = 3",
                None,
                "c.toml:2:8: `notes.path` must be a text in quotes",
            ),
            (
                "notes = 3",
                None,
                "c.toml:1:9: `notes` is a table; write [notes]",
            ),
            (
                "[notes]\nlink_base = \"ftp://x\"",
                None,
                "c.toml: `notes.link_base` must begin with https:// or http://",
            ),
            (
                "[answer]\nmin_confidence = 2",
                None,
                "c.toml: `answer.min_confidence` must be from 0 to 1",
            ),
            (
                "",
                Some(("FOOTNOTE__NOTES__PAHT", "a")),
                "FOOTNOTE__NOTES__PAHT: there is no key `notes.paht`; did you mean `notes.path`?",
            ),
            (
                "",
                Some(("FOOTNOTE__ANSWER__MAX_SNIPPETS", "x")),
                "FOOTNOTE__ANSWER__MAX_SNIPPETS: `answer.max_snippets` must be a number",
            ),
        ] {
            let environment: Vec<_> = environment.into_iter().collect();
            assert_eq!(parse(text, &environment).unwrap_err(), message, "{text}");
        }
        assert!(
            parse("[notes\n", &[])
                .unwrap_err()
                .starts_with("c.toml:1:7: ")
        );
    }
}
