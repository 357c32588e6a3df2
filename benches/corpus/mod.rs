//! Notes and questions made from a seed: the same on every machine.
//!
//! Words are drawn by Zipf's law from a vocabulary that grows with the square
//! root of the text (Heaps' law), which is what makes posting lists long and
//! short in the proportions of real notes.

use footnote::note::Note;
use footnote::note::parse::parse;

/// Sections of each note.
const SECTIONS_PER_NOTE: usize = 8;

/// Words of each section's text.
const WORDS_PER_SECTION: usize = 100;

/// A source of numbers (xorshift64*, Marsaglia 2003).
pub(crate) struct Random(u64);

impl Random {
    /// The same seed gives the same numbers; it must not be 0.
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(number).unwrap_or_default() % limit.max(1)
    }

    /// A rank below `limit`; rank `n` comes in proportion to 1/n.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a draw from a continuous distribution"
    )]
    fn zipf(&mut self, limit: usize) -> usize {
        let uniform = self.below(1 << 24) as f64 / f64::from(1 << 24);
        (((limit as f64).ln() * uniform).exp() as usize).min(limit) - 1
    }
}

/// A pronounceable word for each rank; frequent words are short.
fn word(rank: usize) -> String {
    const SYLLABLES: [&str; 24] = [
        "ka", "mi", "ro", "te", "su", "lan", "der", "vi", "po", "gra", "net", "bu", "ci", "fo",
        "hel", "jo", "mar", "nu", "qui", "sta", "ton", "wa", "xe", "zi",
    ];
    let mut word = String::new();
    let mut rest = rank + SYLLABLES.len();
    while rest > 0 {
        word.push_str(SYLLABLES[rest % SYLLABLES.len()]);
        rest /= SYLLABLES.len();
    }
    word
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rough law"
)]
fn vocabulary(sections: usize) -> usize {
    (12.0 * ((sections * WORDS_PER_SECTION) as f64).sqrt()) as usize
}

/// Notes with this many sections in all.
pub(crate) fn notes(sections: usize) -> impl Iterator<Item = Note> {
    let mut random = Random::new(7);
    let words = vocabulary(sections);
    (0..sections.div_ceil(SECTIONS_PER_NOTE)).map(move |number| {
        let mut text = String::new();
        for section in 0..SECTIONS_PER_NOTE {
            text.push_str(if section == 0 { "#" } else { "\n##" });
            for at in 0..4 + WORDS_PER_SECTION {
                text.push_str(if at == 4 { "\n\n" } else { " " });
                text.push_str(&word(random.zipf(words)));
            }
        }
        parse(&format!("{}/note-{number}.md", word(number % 40)), text).0
    })
}

/// Questions of three to seven words; half of the words misspelt if asked for.
pub(crate) fn questions(sections: usize, misspelt: bool) -> Vec<String> {
    let mut random = Random::new(11);
    let words = vocabulary(sections);
    let mut question = || {
        let count = 3 + random.below(5);
        let mut parts = Vec::new();
        for at in 0..count {
            let mut word = word(random.zipf(words));
            if misspelt && at % 2 == 0 && word.len() > 4 {
                word.remove(1 + random.below(word.len() - 2));
            }
            parts.push(word);
        }
        parts.join(" ")
    };
    (0..200).map(|_| question()).collect()
}
