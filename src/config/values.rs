//! The values of file and environment, each of the type its key asks for and
//! with the place where it was written.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ffi::OsString;
use std::num::NonZeroU32;

use toml::de::{DeTable, DeValue};

use super::ConfigError;

/// Every key with its type.
pub(super) const KEYS: &[(&str, Type)] = &[
    ("notes.path", Type::Text),
    ("notes.link_base", Type::Text),
    ("notes.pinned", Type::List),
    ("notes.watch", Type::Flag),
    ("answer.min_confidence", Type::Number),
    ("answer.max_snippets", Type::Number),
    ("limits.asks_per_user", Type::Number),
    ("limits.asks_per_guild", Type::Number),
    ("gaps.record", Type::Flag),
    ("gaps.keep_days", Type::Number),
    ("quiz.catch_up_hours", Type::Number),
    ("quiz.practice_per_day", Type::Number),
    ("quiz.keep_days", Type::Number),
    ("quiz.time_zones", Type::Text),
    ("store.url", Type::Text),
    ("discord.token_file", Type::Text),
    ("discord.api_url", Type::Text),
    ("discord.guilds", Type::List),
    ("discord.shards", Type::Text),
    ("listen.address", Type::Text),
    ("log.format", Type::Text),
    (LOG_FILTER, Type::Text),
];

/// Environment variables that begin with this set keys: `FOOTNOTE__NOTES__PATH`.
pub(super) const PREFIX: &str = "FOOTNOTE__";
/// The variable that programs with tracing share; goes before our own.
pub(super) const SHARED_FILTER: &str = "RUST_LOG";
const LOG_FILTER: &str = "log.filter";
/// A suggestion further away than this is no help.
const CLOSE: f64 = 0.8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Text,
    Number,
    Flag,
    /// Of texts or whole numbers; commas part them in the environment.
    List,
}

impl Type {
    fn name(self) -> &'static str {
        match self {
            Self::Text => "must be a text in quotes",
            Self::Number => "must be a number",
            Self::Flag => "must be true or false",
            Self::List => "must be a list such as [\"a\", \"b\"]",
        }
    }
}

#[derive(Debug)]
enum Value {
    Text(String),
    Number(f64),
    Flag(bool),
    List(Vec<String>),
}

/// What was set, by key.
#[derive(Debug, Default)]
pub(super) struct Values(HashMap<&'static str, Placed>);

#[derive(Debug)]
struct Placed {
    /// File, line and column, or the environment variable.
    place: String,
    value: Value,
}

impl Values {
    /// The values of a file.
    pub(super) fn of_file(name: &str, text: &str) -> Result<Self, ConfigError> {
        let document = DeTable::parse(text).map_err(|error| ConfigError::Syntax {
            place: error
                .span()
                .map_or_else(|| name.to_owned(), |span| place(name, text, span.start)),
            message: error.message().to_owned(),
        })?;
        let mut values = Self::default();
        for (table, content) in document.get_ref() {
            let prefix = format!("{}.", table.get_ref());
            if !KEYS.iter().any(|(key, _)| key.starts_with(&prefix)) {
                return Err(ConfigError::UnknownKey {
                    place: place(name, text, table.span().start),
                    key: table.get_ref().to_string(),
                });
            }
            let DeValue::Table(keys) = content.get_ref() else {
                return Err(ConfigError::BadValue {
                    place: place(name, text, content.span().start),
                    key: table.get_ref().to_string(),
                    problem: format!("is a table; write [{}]", table.get_ref()),
                });
            };
            for (key, value) in keys {
                let full = format!("{prefix}{}", key.get_ref());
                let (key, wanted) = known(&full).ok_or_else(|| ConfigError::UnknownKey {
                    place: place(name, text, key.span().start),
                    key: full.clone(),
                })?;
                let place = place(name, text, value.span().start);
                values.set(key, place, of_toml(wanted, value.get_ref()), wanted)?;
            }
        }
        Ok(values)
    }

    /// Lets the environment override what the file says.
    pub(super) fn override_from(
        &mut self,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<(), ConfigError> {
        let mut shared_filter = None;
        for (variable, value) in environment {
            let Some(variable) = variable.to_str() else {
                continue;
            };
            if variable == SHARED_FILTER {
                shared_filter = value.into_string().ok().filter(|value| !value.is_empty());
                continue;
            }
            let Some(key) = variable.strip_prefix(PREFIX) else {
                continue;
            };
            let key = key.to_lowercase().replace("__", ".");
            let (key, wanted) = known(&key).ok_or_else(|| ConfigError::UnknownKey {
                place: variable.to_owned(),
                key,
            })?;
            let value = value.into_string().ok();
            let value = value.and_then(|value| of_text(wanted, value));
            self.set(key, variable.to_owned(), value, wanted)?;
        }
        if let Some(filter) = shared_filter {
            let value = Some(Value::Text(filter));
            self.set(LOG_FILTER, SHARED_FILTER.to_owned(), value, Type::Text)?;
        }
        Ok(())
    }

    fn set(
        &mut self,
        key: &'static str,
        place: String,
        value: Option<Value>,
        wanted: Type,
    ) -> Result<(), ConfigError> {
        let Some(value) = value else {
            return Err(ConfigError::BadValue {
                place,
                key: key.to_owned(),
                problem: wanted.name().to_owned(),
            });
        };
        self.0.insert(key, Placed { place, value });
        Ok(())
    }

    /// A text, if the key is set.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        match &self.0.get(key)?.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A text of a key that may be left empty, which is as good as unset.
    pub(super) fn optional(&self, key: &str) -> Option<&str> {
        self.text(key).filter(|text| !text.is_empty())
    }

    /// A number, if the key is set.
    pub(super) fn number(&self, key: &str) -> Option<f64> {
        match &self.0.get(key)?.value {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// A whole number from 1 to `most`, if the key is set.
    pub(super) fn whole(&self, key: &str, most: u32) -> Result<Option<NonZeroU32>, ConfigError> {
        let Some(number) = self.number(key) else {
            return Ok(None);
        };
        if number.fract() != 0.0 || !(1.0..=f64::from(most)).contains(&number) {
            return Err(self.bad(key, &format!("must be a whole number from 1 to {most}")));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole, above zero and at most a u32"
        )]
        let number = number as u32;
        Ok(NonZeroU32::new(number))
    }

    /// True or false, if the key is set.
    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        match &self.0.get(key)?.value {
            Value::Flag(flag) => Some(*flag),
            _ => None,
        }
    }

    /// A list without its empty entries, if the key is set.
    pub(super) fn list(&self, key: &str) -> Option<&[String]> {
        match &self.0.get(key)?.value {
            Value::List(entries) => Some(entries),
            _ => None,
        }
    }

    /// The error for a value that is out of range. A problem never repeats the
    /// value, which may be a secret in the wrong place.
    pub(super) fn bad(&self, key: &str, problem: &str) -> ConfigError {
        ConfigError::BadValue {
            place: self
                .0
                .get(key)
                .map_or_else(String::new, |placed| placed.place.clone()),
            key: key.to_owned(),
            problem: problem.to_owned(),
        }
    }
}

/// What an unknown key was probably meant to be, as the end of a sentence.
pub(super) fn did_you_mean(key: &str) -> String {
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

fn known(key: &str) -> Option<(&'static str, Type)> {
    KEYS.iter().find(|(known, _)| *known == key).copied()
}

fn of_toml(wanted: Type, value: &DeValue<'_>) -> Option<Value> {
    match (wanted, value) {
        (Type::Text, DeValue::String(text)) => Some(Value::Text(text.to_string())),
        (Type::Flag, DeValue::Boolean(flag)) => Some(Value::Flag(*flag)),
        (Type::Number, DeValue::Integer(_) | DeValue::Float(_)) => {
            let digits = digits(value)?;
            digits.parse().ok().map(Value::Number)
        }
        (Type::List, DeValue::Array(entries)) => entries
            .iter()
            .map(|entry| match entry.get_ref() {
                DeValue::String(text) => Some(Cow::Borrowed(text.as_ref())),
                entry @ DeValue::Integer(_) => digits(entry),
                _ => None,
            })
            .collect::<Option<Vec<_>>>()
            .map(list),
        _ => None,
    }
}

/// A number in decimal digits.
fn digits<'a>(value: &'a DeValue<'_>) -> Option<Cow<'a, str>> {
    match value {
        DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().into()),
        DeValue::Integer(number) => {
            let number = i64::from_str_radix(number.as_str(), number.radix()).ok()?;
            Some(number.to_string().into())
        }
        DeValue::Float(number) => Some(number.as_str().into()),
        _ => None,
    }
}

fn of_text(wanted: Type, text: String) -> Option<Value> {
    match wanted {
        Type::Text => Some(Value::Text(text)),
        Type::Number => text.parse().ok().map(Value::Number),
        Type::Flag => text.parse().ok().map(Value::Flag),
        Type::List => Some(list(text.split(','))),
    }
}

fn list<S: AsRef<str>>(entries: impl IntoIterator<Item = S>) -> Value {
    let entries = entries
        .into_iter()
        .map(|entry| entry.as_ref().trim().to_owned())
        .filter(|entry| !entry.is_empty());
    Value::List(entries.collect())
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
