//! Words: the same functions cut and normalise notes and questions.
//!
//! A word is a run of letters and digits after normalisation (Unicode NFKD
//! without combining marks, lower case), so `aes-256` is two words and `s3`
//! one. An apostrophe between letters belongs to its word and is dropped
//! (`don't` is `dont`); an ideograph is a word of its own, because scripts
//! without spaces would otherwise give words that no question repeats.
//! Nothing here depends on the notes, and every function is linear in the text.

pub mod english;
pub mod generic;
pub mod question;
pub mod stop;

use std::borrow::Cow;
use std::ops::Range;

use rust_stemmers::{Algorithm, Stemmer};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

pub use english::is_english;
pub use generic::{is_generic_word, near_generic_word};
pub use question::question;
pub use stop::is_stop_word;

/// A normalised word and where it stands in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word<'a> {
    /// Normalised: NFKD, lower case, without diacritics and apostrophes.
    pub text: Cow<'a, str>,
    /// Bytes of the original text.
    pub range: Range<usize>,
}

/// Cuts a text into words, in order.
pub fn words(text: &str) -> Vec<Word<'_>> {
    spans(text)
        .filter_map(|range| {
            let text = normalise(text.get(range.clone())?);
            (!text.is_empty()).then_some(Word { text, range })
        })
        .collect()
}

/// NFKD, lower case, diacritics and apostrophes removed.
pub fn normalise(word: &str) -> Cow<'_, str> {
    if is_normal(word) {
        return Cow::Borrowed(word);
    }
    let mut buffer = String::new();
    normalise_into(word, &mut buffer);
    Cow::Owned(buffer)
}

/// Whether a word consists of small ASCII letters and digits, as most do.
pub fn is_normal(word: &str) -> bool {
    word.bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

/// [`normalise`] into a buffer that is cleared first, for loops over many words.
pub fn normalise_into(word: &str, buffer: &mut String) {
    buffer.clear();
    if word.is_ascii() {
        buffer.push_str(word);
        buffer.make_ascii_lowercase();
        if buffer.contains('\'') {
            buffer.retain(|c| c != '\'');
        }
    } else {
        buffer.extend(
            word.nfkd()
                .filter(|c| !is_combining_mark(*c) && !is_apostrophe(*c))
                .flat_map(char::to_lowercase),
        );
    }
}

/// Where the words of a text stand, in order.
pub fn spans(text: &str) -> Spans<'_> {
    Spans { text, at: 0 }
}

/// The iterator behind [`spans`].
#[derive(Clone, Debug)]
pub struct Spans<'a> {
    text: &'a str,
    at: usize,
}

impl Iterator for Spans<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let bytes = self.text.as_bytes();
        let mut at = self.at;
        // Between words: ASCII byte by byte, anything else by character.
        let start = loop {
            let &byte = bytes.get(at)?;
            if byte.is_ascii_alphanumeric() {
                break at;
            }
            if byte.is_ascii() {
                at += 1;
                continue;
            }
            let c = self.text.get(at..)?.chars().next()?;
            if is_ideograph(c) {
                self.at = at + c.len_utf8();
                return Some(at..self.at);
            }
            if c.is_alphanumeric() {
                break at;
            }
            at += c.len_utf8();
        };
        // Inside a word.
        while let Some(&byte) = bytes.get(at) {
            if byte.is_ascii_alphanumeric() {
                at += 1;
                continue;
            }
            if byte.is_ascii() {
                if byte == b'\'' && letter_around(bytes, at, 1) {
                    at += 1;
                    continue;
                }
                break;
            }
            let Some(c) = self.text.get(at..).and_then(|rest| rest.chars().next()) else {
                break;
            };
            let inside = (c.is_alphanumeric() || is_combining_mark(c)) && !is_ideograph(c)
                || is_apostrophe(c) && letter_around(bytes, at, c.len_utf8());
            if !inside {
                break;
            }
            at += c.len_utf8();
        }
        self.at = at;
        Some(start..at)
    }
}

/// The stem of a normalised word: Porter2, the "English" stemmer of Snowball
/// (<https://snowballstem.org/algorithms/english/stemmer.html>). Words with a
/// digit or a letter outside ASCII are names or other languages and stay.
pub fn stem(word: &str) -> Cow<'_, str> {
    if word.len() < 3 || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return Cow::Borrowed(word);
    }
    Stemmer::create(Algorithm::English).stem(word)
}

/// A byte that could belong to a word stands on both sides.
fn letter_around(bytes: &[u8], at: usize, len: usize) -> bool {
    let letter = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphabetic);
    letter(at.checked_sub(1).and_then(|before| bytes.get(before))) && letter(bytes.get(at + len))
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}' | '\u{2bc}')
}

/// Han, kana and their extensions, and Thai, which are written without spaces.
fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}' | '\u{e01}'..='\u{e30}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<String> {
        words(text)
            .into_iter()
            .map(|word| word.text.into_owned())
            .collect()
    }

    #[test]
    fn words_of_technical_english() {
        let cases: [(&str, &[&str]); 9] = [
            ("S3 & KMS", &["s3", "kms"]),
            ("AES-256", &["aes", "256"]),
            ("X.509 / PCI-DSS", &["x", "509", "pci", "dss"]),
            (
                "don't say 'what\u{2019}s up'",
                &["dont", "say", "whats", "up"],
            ),
            ("dynamodb:GetItem", &["dynamodb", "getitem"]),
            ("Äpfel caf\u{e9} cafe\u{301}", &["apfel", "cafe", "cafe"]),
            ("ﬁle ２０２６", &["file", "2026"]),
            ("暗号化 KMS", &["暗", "号", "化", "kms"]),
            (" \u{200b}…--- ", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(cut(text), expected, "{text}");
        }
    }

    #[test]
    fn ranges_point_into_the_text() {
        let text = "Über-Größe: it's S3";
        let found: Vec<&str> = words(text)
            .iter()
            .filter_map(|word| text.get(word.range.clone()))
            .collect();
        assert_eq!(found, ["Über", "Größe", "it's", "S3"]);
    }

    #[test]
    fn stems_leave_names_alone() {
        let cases = [
            ("encryption", "encrypt"),
            ("encrypted", "encrypt"),
            ("policies", "polici"),
            ("sqs", "sqs"),
            ("s3s", "s3s"),
            ("größen", "größen"),
        ];
        for (word, expected) in cases {
            assert_eq!(stem(word), expected);
        }
    }
}
