//! A question as the index reads it: known words, repaired words, the rest.

use crate::text;

use super::{Index, Repair, Scratch, TermId};

/// At most this many different words of a question are looked up; the cleaner
/// reads 1,000 characters, so only a pasted list has more.
const MAX_WORDS: usize = 64;

/// A question cut into words, each with what the index makes of it.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// The different words in order.
    pub words: Vec<QueryWord>,
}

/// One word of a question.
#[derive(Clone, Debug)]
pub struct QueryWord {
    /// Normalised.
    pub text: String,
    /// What the index makes of it.
    pub reading: Reading,
}

/// What the index makes of a word.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// Its stem is in the index.
    Known(TermId),
    /// It is not; these known words are near, best first.
    Repaired(Vec<Repair>),
    /// Neither it nor anything near it is in the index.
    Unknown,
    /// A word that asks, not one that is asked about; see [`text::stop`].
    Stop,
}

impl Index {
    /// Reads a question.
    pub fn read(&self, scratch: &mut Scratch, question: &str) -> Query {
        let question = text::question(question);
        let mut words: Vec<QueryWord> = Vec::new();
        for word in text::words(&question) {
            if words.len() == MAX_WORDS {
                break;
            }
            if words.iter().any(|known| known.text == word.text) {
                continue;
            }
            let reading = if text::is_stop_word(&word.text) {
                Reading::Stop
            } else {
                self.reading(scratch, &word.text)
            };
            words.push(QueryWord {
                text: word.text.into_owned(),
                reading,
            });
        }
        // A question of stop words alone means them ("who is it").
        if words.iter().all(|word| word.reading == Reading::Stop) {
            for word in &mut words {
                word.reading = self
                    .lookup(&word.text)
                    .map_or(Reading::Unknown, Reading::Known);
            }
        }
        Query { words }
    }

    fn reading(&self, scratch: &mut Scratch, word: &str) -> Reading {
        if let Some(term) = self.lookup(word) {
            return Reading::Known(term);
        }
        let repairs = self.repairs.candidates(self, word, &mut scratch.repair);
        match repairs.first() {
            None => Reading::Unknown,
            Some(best) if best.term.is_none() => Reading::Stop,
            Some(_) => Reading::Repaired(
                repairs
                    .into_iter()
                    .filter(|repair| repair.term.is_some())
                    .collect(),
            ),
        }
    }
}
