//! How a question was read, in words that are shown with every answer.

use crate::catalog::{Role, joined};
use crate::knowledge::Knowledge;

use super::query::Query;

/// Names and repairs, in the order of the question.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Reading {
    /// What was typed and the name it was taken for.
    pub names: Vec<(String, String)>,
    /// Misspelt words and the words they were taken for.
    pub repairs: Vec<(String, String)>,
}

impl std::fmt::Display for Reading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut first = true;
        for (typed, name) in &self.names {
            let part = if joined(typed) == joined(name) {
                name.clone()
            } else {
                format!("{typed} → {name}")
            };
            write!(f, "{}{part}", if first { "" } else { " · " })?;
            first = false;
        }
        for (typed, meant) in &self.repairs {
            write!(f, "{}{typed} → {meant}", if first { "" } else { "; " })?;
            first = false;
        }
        Ok(())
    }
}

impl Query {
    /// How the question was read.
    pub fn reading(&self, knowledge: &Knowledge) -> Reading {
        let mut reading = Reading::default();
        let mut mentioned = Vec::new();
        for mention in self.mentions() {
            let Some(best) = mention.best() else { continue };
            mentioned.extend(mention.words.iter().copied());
            let typed: Vec<&str> = mention
                .words
                .iter()
                .filter_map(|at| self.words.get(*at))
                .map(|w| w.text.as_str())
                .collect();
            let entity = knowledge.catalog.entity(best);
            let name = if entity.role == Role::Control {
                in_a_sentence(&entity.name)
            } else {
                entity.name.clone()
            };
            reading.names.push((typed.join(" "), name));
        }
        for (at, word) in self.words.iter().enumerate() {
            if let Some(repaired) = word.repairs.first()
                && !mentioned.contains(&at)
            {
                reading
                    .repairs
                    .push((word.text.clone(), repaired.text.clone()));
            }
        }
        reading
    }
}

/// A control's name inside a sentence: "Encryption at rest" loses its capital,
/// "HSM" does not.
pub fn in_a_sentence(name: &str) -> String {
    let mut letters = name.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => first
            .to_lowercase()
            .chain([second])
            .chain(letters)
            .collect(),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::in_a_sentence;

    #[test]
    fn abbreviations_keep_their_capitals() {
        for (name, inside) in [
            ("Encryption at rest", "encryption at rest"),
            ("HSM", "HSM"),
            ("CORS", "CORS"),
            ("Écrit", "écrit"),
            ("A", "A"),
            ("", ""),
        ] {
            assert_eq!(in_a_sentence(name), inside);
        }
    }
}
