//! Whether a word is ordinary English or computing vocabulary.
//!
//! Such a word is what it says even when no note uses it: "price" is not a
//! misspelt "private". The lists are `assets/words/*.txt`, sorted, one word a
//! line; where they come from stands in `assets/words/README.md`.

const ENGLISH: &str = include_str!("../../assets/words/english.txt");
const COMPUTING: &str = include_str!("../../assets/words/computing.txt");

/// Whether a normalised word, or its form without a plural ending, is listed.
pub fn is_english(word: &str) -> bool {
    let listed = |word: &str| contains(ENGLISH, word) || contains(COMPUTING, word);
    listed(word)
        || word
            .strip_suffix('s')
            .is_some_and(|one| one.len() > 2 && listed(one))
}

/// Binary search in sorted lines: no table to build at start.
fn contains(list: &str, word: &str) -> bool {
    if word.is_empty() || !word.is_ascii() {
        return false;
    }
    let bytes = list.as_bytes();
    let (mut low, mut high) = (0, bytes.len());
    while low < high {
        let middle = low.midpoint(high);
        let start = bytes
            .get(..middle)
            .and_then(|before| before.iter().rposition(|b| *b == b'\n'))
            .map_or(0, |at| at + 1);
        let end = bytes
            .get(middle..)
            .and_then(|after| after.iter().position(|b| *b == b'\n'))
            .map_or(bytes.len(), |at| middle + at);
        match bytes
            .get(start..end)
            .unwrap_or_default()
            .cmp(word.as_bytes())
        {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_word_is_found() {
        for list in [ENGLISH, COMPUTING] {
            for word in list.lines() {
                assert!(is_english(word), "{word}");
            }
            assert!(list.lines().is_sorted());
        }
    }

    #[test]
    fn misspelt_words_and_noise_are_not() {
        for word in [
            "",
            "encripton",
            "dynmodb",
            "kinessis",
            "\n",
            "zzz",
            "aaaaaaa",
            "é",
        ] {
            assert!(!is_english(word), "{word}");
        }
    }
}
