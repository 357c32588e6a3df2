//! Repair of misspelt words against the words of the notes.
//!
//! Candidates come from a symmetric-delete index (`SymSpell`, Wolf Garbe,
//! <https://github.com/wolfgarbe/SymSpell>): two words within distance `d`
//! share a string that both reach by deleting at most `d` letters.

use rustc_hash::FxHashSet;

use crate::text;

use super::vocabulary::Vocabulary;
use super::{Index, TermId};

macro_rules! tune {
    ($name:ident, $value:expr) => {{
        static V: std::sync::LazyLock<f32> = std::sync::LazyLock::new(|| {
            std::env::var(stringify!($name))
                .ok()
                .and_then(|v| v.parse().ok())
                .unwrap_or($value)
        });
        *V
    }};
}
pub(super) use tune;

/// A known word that an unknown one was probably meant to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Repair {
    /// The known word as the notes spell it.
    pub word: String,
    /// Its term; `None` for a stop word.
    pub term: Option<TermId>,
    /// Edits: insert, delete, replace, swap neighbours.
    pub distance: u8,
    /// 1 is certain.
    pub weight: f32,
}

const PREFIX: usize = 8;

/// The deletes index.
#[derive(Clone, Debug, Default)]
pub(super) struct Repairs {
    starts: Vec<u32>,
    candidates: Vec<u32>,
    first_stop: u32,
}

/// Reused between words.
#[derive(Debug, Default)]
pub(super) struct RepairScratch {
    keys: Vec<u32>,
    found: Vec<u32>,
}

fn hash(bytes: &[u8]) -> u32 {
    let mut h = 0xcbf2_9ce4_8422_2325_u64;
    for &b in bytes {
        h = (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
    }
    ((h ^ (h >> 29)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32
}

fn edits_for(len: usize) -> usize {
    match len {
        0..=2 => 0,
        3 => 1,
        _ => 2,
    }
}

fn deletes(word: &[u8], edits: usize, out: &mut Vec<u32>) {
    let mut prefix = [0_u8; PREFIX];
    let n = word.len().min(PREFIX);
    prefix[..n].copy_from_slice(&word[..n]);
    out.clear();
    out.push(hash(&prefix[..n]));
    if edits >= 1 {
        for i in 0..n {
            let mut one = [0_u8; PREFIX];
            one[..i].copy_from_slice(&prefix[..i]);
            one[i..n - 1].copy_from_slice(&prefix[i + 1..n]);
            out.push(hash(&one[..n - 1]));
            if edits >= 2 && n >= 2 {
                for j in i..n - 1 {
                    let mut two = [0_u8; PREFIX];
                    two[..j].copy_from_slice(&one[..j]);
                    two[j..n - 2].copy_from_slice(&one[j + 1..n - 1]);
                    out.push(hash(&two[..n - 2]));
                }
            }
        }
    }
    out.sort_unstable();
    out.dedup();
}

fn repairable(word: &str) -> bool {
    (3..=24).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase())
}

impl Repairs {
    pub(super) fn new(words: &Vocabulary, _terms: &[u32], _df: &[u32]) -> Self {
        let bits = (words.len() * 16).next_power_of_two().max(1024);
        let mask = u32::try_from(bits - 1).unwrap_or(u32::MAX);
        let first_stop = u32::try_from(words.len()).unwrap_or(u32::MAX);
        let mut counts = vec![0_u32; bits + 1];
        let mut keys = Vec::new();
        let all = || {
            (0..first_stop)
                .map(|n| (n, words.word(n)))
                .chain((first_stop..).zip(text::stop::STOP_WORDS.iter().copied()))
                .filter(|(_, w)| repairable(w))
        };
        for (_, w) in all() {
            deletes(w.as_bytes(), edits_for(w.len()), &mut keys);
            for k in &keys {
                counts[(k & mask) as usize + 1] += 1;
            }
        }
        for i in 1..counts.len() {
            counts[i] += counts[i - 1];
        }
        let mut candidates = vec![0_u32; counts[bits] as usize];
        let mut at = counts.clone();
        for (n, w) in all() {
            deletes(w.as_bytes(), edits_for(w.len()), &mut keys);
            for k in &keys {
                let slot = &mut at[(k & mask) as usize];
                candidates[*slot as usize] = n;
                *slot += 1;
            }
        }
        Self {
            starts: counts,
            candidates,
            first_stop,
        }
    }

    pub(super) fn candidates(
        &self,
        index: &Index,
        word: &str,
        scratch: &mut RepairScratch,
    ) -> Vec<Repair> {
        if !(3..=24).contains(&word.len())
            || !word.is_ascii()
            || word.bytes().any(|b| b.is_ascii_digit())
        {
            return Vec::new();
        }
        let mask = u32::try_from(self.starts.len() - 2).unwrap_or(0);
        let max = match word.len() {
            0..=2 => 0,
            3 => 1,
            4..=8 => 2,
            _ => 3,
        };
        deletes(word.as_bytes(), edits_for(word.len()), &mut scratch.keys);
        scratch.found.clear();
        let mut seen = FxHashSet::default();
        for k in &scratch.keys {
            let b = (k & mask) as usize;
            for &c in &self.candidates[self.starts[b] as usize..self.starts[b + 1] as usize] {
                if seen.insert(c) {
                    scratch.found.push(c);
                }
            }
        }
        let mut out: Vec<Repair> = Vec::new();
        for &c in &scratch.found {
            let (known, term) = if c >= self.first_stop {
                (text::stop::STOP_WORDS[(c - self.first_stop) as usize], None)
            } else {
                let t = index.word_terms[c as usize];
                (index.words.word(c), Some(TermId(t)))
            };
            if known.len().abs_diff(word.len()) > max {
                continue;
            }
            let distance = strsim::osa_distance(word, known);
            if distance > max {
                continue;
            }
            // stop words that the notes hold, too, are found twice
            if term.is_some() && text::is_stop_word(known) {
                continue;
            }
            let df = term.map_or(index.len() as f32 * tune!(R_STOPDF, 0.05), |t| {
                index.document_frequency(t) as f32
            });
            let first = known.as_bytes()[0] == word.as_bytes()[0];
            let last = known.as_bytes().last() == word.as_bytes().last();
            let weight = tune!(R_DIST, 2.5).mul_add(-(distance as f32), 0.0)
                + tune!(R_DF, 0.35) * (1.0 + df).ln()
                + if first { tune!(R_FIRST, 1.0) } else { 0.0 }
                + if last { tune!(R_LAST, 0.4) } else { 0.0 };
            out.push(Repair {
                word: known.to_owned(),
                term,
                distance: distance as u8,
                weight,
            });
        }
        out.sort_by(|a, b| {
            b.weight
                .total_cmp(&a.weight)
                .then_with(|| a.word.cmp(&b.word))
        });
        // one entry a term
        let mut kept: Vec<Repair> = Vec::new();
        for r in out {
            if kept.len() as f32 >= tune!(R_MAX, 6.0) {
                break;
            }
            if kept.iter().any(|k| k.term == r.term) {
                continue;
            }
            kept.push(r);
        }
        if let Some(best) = kept.first().map(|r| r.weight) {
            for r in &mut kept {
                r.weight = ((r.weight - best) * tune!(R_SOFT, 0.35)).exp();
            }
        }
        kept
    }
}
