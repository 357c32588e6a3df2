//! Units: what is quoted together, with the terms that questions are matched by.

use crate::index::{Index, TermId};
use crate::note::{Note, Section, Snippet};
use crate::text;

use super::{Knowledge, narrow, sort};

/// What is quoted together: a snippet, its parents and its corrections.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Index of the snippet in [`Section::snippets`].
    pub snippet: u32,
    /// The last snippet quoted with it: its last child, or itself.
    pub last: u32,
    /// Snippets that correct it or one of its parents.
    pub corrections: Vec<u32>,
    /// Sorted terms of the snippet, its corrections and grouped children.
    pub terms: Box<[TermId]>,
    /// Sorted terms of its parents.
    pub parent_terms: Box<[TermId]>,
    /// Neighbouring words of the snippet and its corrections, as sorted pairs
    /// of [`word_key`]s.
    pub pairs: Box<[(u32, u32)]>,
}

/// A word for comparing neighbours: its term where the notes use it as one,
/// else a hash, so that stop words have one too.
pub fn word_key(index: &Index, word: &str) -> u32 {
    use std::hash::{Hash as _, Hasher as _};
    if let Some(term) = index.lookup(word) {
        return term.0;
    }
    let mut hasher = rustc_hash::FxHasher::default();
    word.hash(&mut hasher);
    let key = (hasher.finish() >> 33) as u32;
    key | 1 << 31
}

/// A nested item's parent of at most this many words is a label for its
/// children and is quoted with them.
const LABEL_WORDS: usize = 4;

impl Knowledge {
    pub(super) fn units(&self, note: &Note, section: &Section) -> Vec<Unit> {
        let snippets = &section.snippets;
        let parent_of = |snippet: &Snippet| snippet.parent.and_then(|at| snippets.get(at as usize));
        let corrections_of = |at: usize| {
            snippets
                .iter()
                .enumerate()
                .filter(move |(_, other)| other.today && other.parent == Some(narrow(at)))
                .map(|(at, _)| narrow(at))
        };
        let mut units = Vec::with_capacity(snippets.len());
        for (at, snippet) in snippets.iter().enumerate() {
            if snippet.today && snippet.parent.is_some() {
                continue;
            }
            let own_text = note.text(snippet.span);
            let mut terms = Vec::new();
            self.terms_of(own_text, &mut terms);
            let mut corrections: Vec<u32> = corrections_of(at).collect();
            let mut parent_terms = Vec::new();
            let mut above = snippet.parent;
            while let Some(index) = above {
                let Some(parent) = snippets.get(index as usize) else {
                    break;
                };
                self.terms_of(note.text(parent.span), &mut parent_terms);
                corrections.extend(corrections_of(index as usize));
                above = parent.parent.filter(|next| *next < index);
            }
            for correction in &corrections {
                if let Some(correction) = snippets.get(*correction as usize) {
                    self.terms_of(note.text(correction.span), &mut terms);
                }
            }
            let mut last = at;
            if is_label(own_text) {
                for (child_at, child) in snippets.iter().enumerate().skip(at + 1) {
                    let mut above = parent_of(child).is_some().then_some(child.parent).flatten();
                    while let Some(index) = above.filter(|index| *index as usize > at) {
                        above = snippets
                            .get(index as usize)
                            .and_then(|parent| parent.parent);
                    }
                    if above != Some(narrow(at)) {
                        break;
                    }
                    self.terms_of(note.text(child.span), &mut terms);
                    last = child_at;
                }
            }
            sort(&mut terms);
            sort(&mut parent_terms);
            let mut pairs = Vec::new();
            for quoted in
                (at..=last).chain(corrections.iter().map(|correction| *correction as usize))
            {
                if let Some(snippet) = snippets.get(quoted) {
                    self.pairs_of(note.text(snippet.span), &mut pairs);
                }
            }
            pairs.sort_unstable();
            pairs.dedup();
            units.push(Unit {
                pairs: pairs.into(),
                snippet: narrow(at),
                last: narrow(last),
                corrections,
                terms: terms.into(),
                parent_terms: parent_terms.into(),
            });
        }
        units
    }

    fn pairs_of(&self, text: &str, into: &mut Vec<(u32, u32)>) {
        let mut before = None;
        for word in text::words(text) {
            let key = word_key(&self.index, &word.text);
            into.extend(before.map(|before| (before, key)));
            before = Some(key);
        }
    }
}

/// "Encryption at rest" or "Attach IAM roles for:" only make sense with the
/// items below.
fn is_label(text: &str) -> bool {
    let text = text.trim_end();
    text.ends_with(':') || text::words(text).len() <= LABEL_WORDS
}
