//! A quiz question as plain data: what is asked, what is right, and where the
//! notes say so.

use serde::{Deserialize, Serialize};

/// A question with everything that is needed to ask and to explain it, so that
/// a round can be shown again when the notes have changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Which question it is: the path of its note, `#` and a name that stays as
    /// long as the stem does. Unique within the notes.
    pub id: String,
    /// 16 hexadecimal digits over the text that it rests on; another one means
    /// that the note has changed.
    pub hash: String,
    /// Who made it.
    pub origin: Origin,
    /// What is asked, in a line.
    pub stem: String,
    /// Two to five answers. In a round they stand as they are shown.
    pub options: Vec<String>,
    /// The right one, an index into the options.
    pub key: usize,
    /// Why it is right, in plain text; may be several lines.
    pub explanation: String,
    /// Where the notes say so.
    pub place: Place,
    /// What the explanation rests on.
    pub sources: Vec<Footnote>,
    /// The service that it is about, by name.
    pub service: Option<String>,
    /// The controls that it is about, by name.
    pub controls: Vec<String>,
}

/// Who made a question.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// It stands in a note under `## Quiz`.
    Written,
    /// It was made from a typed fact; the name says by which template.
    Generated(String),
}

/// Lines of a note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Path below the folder of notes.
    pub path: String,
    /// First line, from 1.
    pub line_start: u32,
    /// Last line, included.
    pub line_end: u32,
}

/// A footnote of an explanation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Footnote {
    /// Plain text.
    pub text: String,
    /// The first link in it.
    pub url: Option<String>,
}

impl Question {
    /// The letter of an option as the buttons show it: A for the first.
    pub fn letter(option: usize) -> char {
        u8::try_from(option)
            .ok()
            .and_then(|option| b'A'.checked_add(option))
            .map_or('?', char::from)
    }

    /// What it is about, for variety: the service, else the first control.
    pub fn subject(&self) -> Option<&str> {
        let control = self.controls.first();
        self.service.as_ref().or(control).map(String::as_str)
    }
}

/// Questions for the tests of this module.
#[cfg(test)]
pub(crate) mod samples {
    use super::{Origin, Place, Question};

    /// A question of which the first option is the key.
    pub(crate) fn question(id: &str, options: &[&str]) -> Question {
        let (path, _) = id.split_once('#').unwrap_or((id, ""));
        Question {
            id: id.to_owned(),
            hash: "0123456789abcdef".to_owned(),
            origin: Origin::Written,
            stem: format!("What is {id}?"),
            options: options.iter().map(|&option| option.to_owned()).collect(),
            key: 0,
            explanation: "Because.".to_owned(),
            place: Place {
                path: path.to_owned(),
                line_start: 1,
                line_end: 6,
            },
            sources: Vec::new(),
            service: Some(path.to_owned()),
            controls: Vec::new(),
        }
    }

    /// How far counts are from being equal.
    pub(crate) fn chi_square(counts: &[u32]) -> f64 {
        let all: u32 = counts.iter().sum();
        let places: u32 = counts.iter().map(|_| 1).sum();
        let expected = f64::from(all) / f64::from(places);
        let off = counts
            .iter()
            .map(|count| (f64::from(*count) - expected).powi(2));
        off.sum::<f64>() / expected
    }
}
