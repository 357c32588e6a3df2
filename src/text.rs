//! Words: the same functions cut and normalise notes and questions.
//!
//! A word is a run of letters and digits after normalisation (Unicode NFKC,
//! lower case, diacritics removed). Nothing here depends on the notes.

use std::borrow::Cow;
use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A normalised word and where it stands in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word<'a> {
    /// Normalised: NFKC, lower case, without diacritics.
    pub text: Cow<'a, str>,
    /// Bytes of the original text.
    pub range: Range<usize>,
}

/// Cuts a text into words, in order.
pub fn words(text: &str) -> Vec<Word<'_>> {
    let mut found = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        // An apostrophe inside a word belongs to it and is dropped when normalised.
        let inside = c.is_alphanumeric() || is_combining_mark(c);
        match (start, inside) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                if let Some(raw) = text.get(from..at) {
                    found.push(Word {
                        text: normalise(raw),
                        range: from..at,
                    });
                }
                start = None;
            }
            _ => {}
        }
    }
    found
}

/// NFKC, lower case, diacritics removed.
pub fn normalise(word: &str) -> Cow<'_, str> {
    if word.is_ascii() {
        if word.bytes().any(|b| b.is_ascii_uppercase()) {
            return Cow::Owned(word.to_ascii_lowercase());
        }
        return Cow::Borrowed(word);
    }
    Cow::Owned(
        word.nfkd()
            .filter(|c| !is_combining_mark(*c))
            .flat_map(char::to_lowercase)
            .collect(),
    )
}
