//! The words of a question that tell it from others: without stop words, as
//! stems, a misspelling counted as the word it was meant to be.
//!
//! Misspellings are found among the questions themselves, since a gap is about
//! words that the notes may not hold. Two words are compared only when their
//! consonants nearly agree (vowels are what people get wrong most), and of the
//! words under one such key only the most frequent, so the work stays linear.

use rustc_hash::FxHashMap;
use strsim::osa_distance;

use crate::text;

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
const MAX_COMPARED: usize = 16;

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
    let mut count: FxHashMap<String, u32> = FxHashMap::default();
    let cut: Vec<(String, Vec<String>)> = questions
        .iter()
        .map(|(question, names)| {
            let text = text::question(question);
            let words = content(&text, names);
            for word in &words {
                match count.get_mut(word) {
                    Some(count) => *count += 1,
                    None => {
                        count.insert(word.clone(), 1);
                    }
                }
            }
            (text, words)
        })
        .collect();
    let numbers = number(count);
    cut.into_iter()
        .map(|(text, words)| {
            let mut words: Vec<u32> = words
                .iter()
                .filter_map(|word| numbers.get(word.as_str()).copied())
                .collect();
            words.sort_unstable();
            words.dedup();
            Wording {
                text,
                words: words.into(),
            }
        })
        .collect()
}

/// Normalised content words, each once, in order.
fn content(text: &str, names: &[&str]) -> Vec<String> {
    let of_names: Vec<String> = names.iter().flat_map(|name| plain(name)).collect();
    let mut kept: Vec<String> = Vec::new();
    for word in plain(text) {
        if kept.len() == MAX_WORDS {
            break;
        }
        if !text::is_stop_word(&word) && !of_names.contains(&word) && !kept.contains(&word) {
            kept.push(word);
        }
    }
    kept
}

fn plain(text: &str) -> impl Iterator<Item = String> {
    text::words(text)
        .into_iter()
        .map(|word| word.text.into_owned())
}

/// Gives words with one stem, and misspellings of them, one number. Rarer words
/// have smaller numbers.
fn number(count: FxHashMap<String, u32>) -> FxHashMap<String, u32> {
    let mut words: Vec<(String, u32)> = count.into_iter().collect();
    // Correct spellings first, then by frequency: a misspelling joins the word
    // it was meant to be, not the other way round.
    let known = |word: &str| text::is_english(word);
    words.sort_by_cached_key(|(word, count)| {
        (!known(word), std::cmp::Reverse(*count), word.clone())
    });
    let mut heads: FxHashMap<String, Vec<usize>> = FxHashMap::default();
    let mut stems: FxHashMap<String, u32> = FxHashMap::default();
    let mut total: Vec<(u32, String)> = Vec::new();
    let mut stem_of = Vec::with_capacity(words.len());
    for (at, (word, count)) in words.iter().enumerate() {
        let keys = keys(word);
        let meant = if known(word) {
            None
        } else {
            meant(word, &keys, &heads, &words)
        };
        for key in keys.into_iter().filter(|_| meant.is_none()) {
            let under = heads.entry(key).or_default();
            if under.len() < MAX_COMPARED {
                under.push(at);
            }
        }
        let stem = text::stem(meant.unwrap_or(word)).into_owned();
        let next = u32::try_from(total.len()).unwrap_or(u32::MAX);
        let of = *stems.entry(stem.clone()).or_insert(next);
        if of == next {
            total.push((0, stem));
        }
        if let Some((sum, _)) = total.get_mut(of as usize) {
            *sum += count;
        }
        stem_of.push(of);
    }
    // Rare first, so that the rarest words of a set are its first.
    let mut order: Vec<usize> = (0..total.len()).collect();
    order.sort_by(|a, b| total.get(*a).cmp(&total.get(*b)));
    let mut rank = vec![0; total.len()];
    for (place, at) in order.into_iter().enumerate() {
        if let Some(rank) = rank.get_mut(at) {
            *rank = u32::try_from(place).unwrap_or(u32::MAX);
        }
    }
    words
        .into_iter()
        .zip(stem_of)
        .map(|((word, _), stem)| (word, rank.get(stem as usize).copied().unwrap_or(u32::MAX)))
        .collect()
}

/// The word that a misspelling was meant to be: the nearest, then the one found
/// first (known or more frequent).
fn meant<'a>(
    word: &str,
    keys: &[String],
    heads: &FxHashMap<String, Vec<usize>>,
    words: &'a [(String, u32)],
) -> Option<&'a str> {
    let mut best: Option<(usize, usize)> = None;
    for at in keys.iter().filter_map(|key| heads.get(key)).flatten() {
        let Some((other, _)) = words.get(*at) else {
            continue;
        };
        let shorter = word.chars().count().min(other.chars().count());
        let allowed = if shorter < LONG { 1 } else { 2 };
        let found = (osa_distance(word, other), *at);
        if found.0 <= allowed && best.is_none_or(|best| found < best) {
            best = Some(found);
        }
    }
    let (_, at) = best?;
    words.get(at).map(|(word, _)| word.as_str())
}

/// The consonants of a word, and the same with one left out: misspellings share
/// at least one of these. None for words that are not taken for misspellings:
/// short ones, those with a digit, other alphabets.
fn keys(word: &str) -> Vec<String> {
    if word.len() < SHORTEST || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return Vec::new();
    }
    let mut consonants: Vec<char> = word
        .chars()
        .filter(|c| !matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y'))
        .collect();
    consonants.dedup();
    let mut keys: Vec<String> = (0..consonants.len())
        .map(|left_out| {
            let rest = consonants.iter().enumerate();
            rest.filter(|(at, _)| *at != left_out)
                .map(|(_, c)| *c)
                .collect()
        })
        .collect();
    keys.push(consonants.iter().collect());
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
