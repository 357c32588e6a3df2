//! Names that are spelled almost like a word: candidates come from a table of
//! letter pairs, `strsim` scores them.

use rustc_hash::FxHashMap;
use strsim::{jaro_winkler, osa_distance};

use super::EntityId;

/// Spellings with an index of their letter pairs.
#[derive(Debug, Default)]
pub struct Spellings {
    names: Vec<Spelling>,
    pairs: FxHashMap<[char; 2], Vec<u32>>,
}

#[derive(Debug)]
struct Spelling {
    name: Box<str>,
    entity: EntityId,
    length: usize,
    letters: u64,
}

/// Shorter words are not corrected: one letter of three makes another word
/// (SNS is not SQS).
const SHORTEST: usize = 4;
/// Fewer letters are the beginning of too much.
const PREFIX: usize = 5;
/// At least this similar (one minus edit distance over length), or it is
/// another word.
const SIMILAR: f32 = 0.72;
/// How many candidates are worth weighing.
const CANDIDATES: usize = 3;

impl Spellings {
    /// Adds a spelling (normalised, without blanks).
    pub fn add(&mut self, spelling: &str, entity: EntityId) {
        let at = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        for pair in letter_pairs(spelling) {
            let with = self.pairs.entry(pair).or_default();
            if with.last() != Some(&at) {
                with.push(at);
            }
        }
        self.names.push(Spelling {
            name: spelling.into(),
            entity,
            length: spelling.chars().count(),
            letters: letter_set(spelling),
        });
    }

    /// The entity that alone is called something beginning with `word`
    /// ("dynamo" for `DynamoDB`): five letters and most of the name.
    pub fn beginning_with(&self, word: &str) -> Option<EntityId> {
        let letters = word.chars().count();
        if letters < PREFIX {
            return None;
        }
        let mut called = self
            .names
            .iter()
            .filter(|spelling| {
                spelling.name.starts_with(word) && letters * 5 >= spelling.length * 3
            })
            .map(|spelling| spelling.entity);
        let first = called.next()?;
        called.all(|other| other == first).then_some(first)
    }

    /// Entities with a spelling similar to `word`, with the similarity (up to
    /// but not including 1), best first.
    pub fn similar(&self, word: &str) -> Vec<(EntityId, f32)> {
        let letters = word.chars().count();
        if letters < SHORTEST {
            return Vec::new();
        }
        let pairs = letter_pairs(word);
        let set = letter_set(word);
        let mut candidates: Vec<u32> = pairs
            .iter()
            .filter_map(|pair| self.pairs.get(pair))
            .flatten()
            .copied()
            .collect();
        candidates.sort_unstable();
        let mut found: Vec<(EntityId, f32)> = Vec::new();
        for same in candidates.chunk_by(|a, b| a == b) {
            let Some(spelling) = same.first().and_then(|at| self.names.get(*at as usize)) else {
                continue;
            };
            let allowed = allowed_edits(letters.max(spelling.length));
            // Each edit breaks at most two pairs (three for a transposition)
            // and changes at most one letter on each side.
            if spelling.length < SHORTEST
                || same.len() + 3 * allowed < pairs.len()
                || spelling.length.abs_diff(letters) > allowed
                || (spelling.letters ^ set).count_ones() as usize > 2 * allowed
            {
                continue;
            }
            let Some(similarity) = similarity(word, &spelling.name) else {
                continue;
            };
            match found.iter_mut().find(|(id, _)| *id == spelling.entity) {
                Some(best) => best.1 = best.1.max(similarity),
                None => found.push((spelling.entity, similarity)),
            }
        }
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        found.truncate(CANDIDATES);
        found
    }
}

/// One edit from four letters, two from seven, three from eleven.
fn allowed_edits(letters: usize) -> usize {
    match letters {
        0..4 => 0,
        4..7 => 1,
        7..11 => 2,
        _ => 3,
    }
}

/// Similarity of two spellings, `None` when they are different words.
fn similarity(word: &str, name: &str) -> Option<f32> {
    let length = word.chars().count().max(name.chars().count());
    let distance = osa_distance(word, name);
    if distance > allowed_edits(length) {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "lengths of words are small")]
    let edits = 1.0 - distance as f32 / length as f32;
    // Misspellings keep the beginning of a word far more often than its end.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a similarity needs no double precision"
    )]
    let beginning = jaro_winkler(word, name) as f32;
    let similarity = 0.5 * (edits + beginning);
    (similarity >= SIMILAR).then_some(similarity.min(0.99))
}

/// Which letters occur, a bit each; other characters share bits.
fn letter_set(word: &str) -> u64 {
    word.chars()
        .fold(0, |set, letter| set | 1 << (u32::from(letter) % 64))
}

fn letter_pairs(word: &str) -> Vec<[char; 2]> {
    let letters: Vec<char> = std::iter::once('^').chain(word.chars()).collect();
    letters
        .windows(2)
        .filter_map(|pair| <[char; 2]>::try_from(pair).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Spellings {
        let mut spellings = Spellings::default();
        for (at, name) in [
            "dynamodb",
            "redshift",
            "sqs",
            "lambda",
            "athena",
            "kinesisdatafirehose",
        ]
        .into_iter()
        .enumerate()
        {
            spellings.add(name, EntityId(u32::try_from(at).unwrap()));
        }
        spellings
    }

    #[test]
    fn misspelt_names_are_found() {
        for (word, entity) in [
            ("dynmodb", 0),
            ("dinamodb", 0),
            ("redhsift", 1),
            ("lamda", 3),
            ("athna", 4),
            ("kinesisdatafirehsoe", 5),
        ] {
            assert_eq!(
                names().similar(word).first().map(|found| found.0.0),
                Some(entity),
                "{word}"
            );
        }
    }

    #[test]
    fn the_beginning_of_one_name_names_it() {
        assert_eq!(names().beginning_with("dynamo"), Some(EntityId(0)));
        assert_eq!(names().beginning_with("dyna"), None);
        assert_eq!(names().beginning_with("kinesis"), None);
    }

    #[test]
    fn other_words_are_not() {
        for word in ["sns", "ses", "documentdb", "redis", "lambs", "", "é"] {
            assert_eq!(names().similar(word), [], "{word}");
        }
    }
}
