//! The words of a question that tell it from others: without stop words, as
//! stems, a misspelling counted as the word it was meant to be.
//!
//! Misspellings are found among the questions themselves, since a gap is about
//! words that the notes may not hold. Two words are compared only when their
//! first letter and consonants nearly agree (vowels are what people get wrong
//! most), and of the words under one such key only the most frequent, so the work
//! stays linear.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::hash::{Hash as _, Hasher as _};

use rustc_hash::{FxHashMap, FxHasher};
use strsim::osa_distance;

use crate::text::{self, Word};

/// A set of word numbers, ascending.
pub(super) type Words = Box<[u32]>;

/// Content words of a question that count. A longer text is no question, and
/// its first words say what it is about.
const MAX_WORDS: usize = 24;
/// Shorter words are not taken for misspellings: one letter of four makes
/// another word.
const SHORTEST: usize = 5;
/// From this length on, two letters may differ.
const LONG: usize = 8;
/// Words compared under one key. More would only meet words that hardly anyone
/// used.
const MAX_COMPARED: usize = 8;

/// A question, cleaned, with its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wording {
    /// The cleaned text.
    pub(super) text: String,
    /// Its content words; empty when there are none.
    pub(super) words: Words,
}

/// The wordings of questions, each given with the names it was read as: words
/// of a name are left out, because they are the same for all who asked about it.
/// Word numbers are the same in whatever order the questions come.
pub(super) fn wordings(questions: &[(&str, &[&str])]) -> Vec<Wording> {
    let texts: Vec<String> = questions
        .iter()
        .map(|(question, _)| text::question(question))
        .collect();
    let mut of_names: FxHashMap<&str, Vec<Word<'_>>> = FxHashMap::default();
    for &name in questions.iter().flat_map(|(_, names)| *names) {
        of_names.entry(name).or_insert_with(|| text::words(name));
    }
    let mut count: FxHashMap<Cow<'_, str>, u32> = FxHashMap::default();
    let cut: Vec<Vec<Cow<'_, str>>> = questions
        .iter()
        .zip(&texts)
        .map(|((_, names), text)| {
            let is_of_name = |word: &str| {
                let mut words = names.iter().filter_map(|name| of_names.get(name)).flatten();
                words.any(|of_name| of_name.text == word)
            };
            let words = content(text, is_of_name);
            for word in &words {
                *count.entry(word.clone()).or_default() += 1;
            }
            words
        })
        .collect();
    let numbers = number(count);
    let numbered: Vec<Words> = cut
        .iter()
        .map(|words| {
            let numbers = words.iter().filter_map(|word| numbers.get(word));
            let mut words: Vec<u32> = numbers.copied().collect();
            words.sort_unstable();
            words.dedup();
            words.into()
        })
        .collect();
    drop((cut, numbers));
    texts
        .into_iter()
        .zip(numbered)
        .map(|(text, words)| Wording { text, words })
        .collect()
}

/// Normalised content words, each once, in order.
fn content(text: &str, is_of_name: impl Fn(&str) -> bool) -> Vec<Cow<'_, str>> {
    let mut kept: Vec<Cow<'_, str>> = Vec::new();
    for range in text::spans(text) {
        if kept.len() == MAX_WORDS {
            break;
        }
        let word = text::normalise(text.get(range).unwrap_or_default());
        let counts = !word.is_empty() && !text::is_stop_word(&word) && !is_of_name(&word);
        if counts && !kept.contains(&word) {
            kept.push(word);
        }
    }
    kept
}

/// A word of the questions.
struct Counted<'a> {
    /// Not in a list of correct words.
    unknown: bool,
    count: u32,
    word: Cow<'a, str>,
}

/// Gives words with one stem, and misspellings of them, one number. Rarer words
/// have smaller numbers.
fn number(count: FxHashMap<Cow<'_, str>, u32>) -> FxHashMap<Cow<'_, str>, u32> {
    let mut words: Vec<Counted<'_>> = count
        .into_iter()
        .map(|(word, count)| Counted {
            unknown: !text::is_english(&word),
            count,
            word,
        })
        .collect();
    // Correct spellings first, then by frequency: a misspelling joins the word
    // it was meant to be, not the other way round.
    words.sort_unstable_by(|a, b| {
        let key = |word: &Counted<'_>| (word.unknown, Reverse(word.count));
        key(a).cmp(&key(b)).then_with(|| a.word.cmp(&b.word))
    });
    let mut heads: FxHashMap<u64, Vec<usize>> = FxHashMap::default();
    let mut stems: FxHashMap<String, usize> = FxHashMap::default();
    let mut total: Vec<(u32, String)> = Vec::new();
    let mut stem_of: Vec<usize> = Vec::with_capacity(words.len());
    for (at, word) in words.iter().enumerate() {
        let keys = keys(&word.word);
        let meant = meant(word, &keys, &heads, &words);
        if meant.is_none() {
            for key in keys {
                let under = heads.entry(key).or_default();
                if under.len() < MAX_COMPARED {
                    under.push(at);
                }
            }
        }
        let stem = text::stem(meant.unwrap_or(&word.word));
        let of = if let Some(of) = stems.get(stem.as_ref()) {
            *of
        } else {
            stems.insert(stem.clone().into_owned(), total.len());
            total.push((0, stem.into_owned()));
            total.len() - 1
        };
        if let Some((sum, _)) = total.get_mut(of) {
            *sum += word.count;
        }
        stem_of.push(of);
    }
    // Rare first, so that the rarest words of a set are its first.
    let mut order: Vec<usize> = (0..total.len()).collect();
    order.sort_unstable_by(|a, b| total.get(*a).cmp(&total.get(*b)));
    let mut rank = vec![0; total.len()];
    for (place, at) in (0_u32..).zip(order) {
        if let Some(rank) = rank.get_mut(at) {
            *rank = place;
        }
    }
    words
        .into_iter()
        .zip(stem_of)
        .filter_map(|(word, stem)| Some((word.word, *rank.get(stem)?)))
        .collect()
}

/// The word that a misspelling was meant to be: the nearest, then the one that
/// comes first (known or more frequent).
fn meant<'a>(
    word: &Counted<'_>,
    keys: &[u64],
    heads: &FxHashMap<u64, Vec<usize>>,
    words: &'a [Counted<'_>],
) -> Option<&'a str> {
    if !word.unknown {
        return None;
    }
    let mut best: Option<(usize, usize)> = None;
    for at in keys.iter().filter_map(|key| heads.get(key)).flatten() {
        let Some(Counted { word: other, .. }) = words.get(*at) else {
            continue;
        };
        // Both are small ASCII letters, or they had no keys.
        let (a, b) = (word.word.len(), other.len());
        let allowed = if a.min(b) < LONG { 1 } else { 2 };
        if a.abs_diff(b) > allowed {
            continue;
        }
        let found = (osa_distance(&word.word, other), *at);
        if found.0 <= allowed && best.is_none_or(|best| found < best) {
            best = Some(found);
        }
    }
    let (_, at) = best?;
    words.get(at).map(|word| word.word.as_ref())
}

/// Hashes of the first letter and the consonants of a word, and of the same with
/// one consonant left out: misspellings share at least one of these. None for
/// words that are not taken for misspellings: short ones, those with a digit,
/// other alphabets.
fn keys(word: &str) -> Vec<u64> {
    if word.len() < SHORTEST || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return Vec::new();
    }
    let mut consonants: Vec<u8> = word
        .bytes()
        .filter(|b| !matches!(b, b'a' | b'e' | b'i' | b'o' | b'u' | b'y'))
        .collect();
    consonants.dedup();
    let first = word.bytes().next();
    let without = |left_out: usize| {
        let mut hasher = FxHasher::default();
        first.hash(&mut hasher);
        for (at, consonant) in consonants.iter().enumerate() {
            if at != left_out {
                consonant.hash(&mut hasher);
            }
        }
        hasher.finish()
    };
    // The last one leaves nothing out.
    let mut keys: Vec<u64> = (0..=consonants.len()).map(without).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(questions: &[&str]) -> Vec<Words> {
        let none: &[&str] = &[];
        let questions: Vec<_> = questions.iter().map(|question| (*question, none)).collect();
        wordings(&questions)
            .into_iter()
            .map(|wording| wording.words)
            .collect()
    }

    #[test]
    fn endings_order_markup_and_misspellings_do_not_matter() {
        let alike = words(&[
            "how is a message encrypted with customer certificates?",
            "**encryption** of messages by certificate of the customer",
            "custmer certificat, mesage encripton",
        ]);
        assert_eq!(alike.first(), alike.get(1));
        assert_eq!(alike.first(), alike.get(2));
    }

    #[test]
    fn known_words_short_words_and_numbers_are_not_misspellings() {
        for pair in [
            ["price", "prize"],
            ["private", "privacy"],
            ["sqs", "sns"],
            ["aes128", "aes256"],
            ["queue", "query"],
        ] {
            let words = words(&pair);
            assert_ne!(words.first(), words.get(1), "{pair:?}");
        }
    }

    #[test]
    fn words_of_the_names_are_left_out() {
        let found = wordings(&[
            ("Amazon SQS price", &["Amazon SQS"]),
            ("the price of sqs", &["Amazon SQS"]),
        ]);
        let words: Vec<_> = found.iter().map(|wording| &wording.words).collect();
        assert_eq!(words.first(), words.get(1));
        assert_eq!(words.first().map(|words| words.len()), Some(1));
    }

    #[test]
    fn a_question_of_stop_words_or_nothing_has_no_words() {
        for words in words(&["what is it about?", "", "\u{202e}…", "<@1>"]) {
            assert!(words.is_empty());
        }
    }
}
