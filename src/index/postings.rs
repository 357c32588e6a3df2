//! For each term the sections that hold it, the most telling first.
//!
//! A posting is a section and an impact: what the term would add to that
//! section's score, quantised to sixteen levels when the index is built. Lists
//! are ordered by impact, as in "score-at-a-time" retrieval (Anh and Moffat,
//! SIGIR 2006; Lin and Trotman, ICTIR 2015): a search reads the runs of equal
//! impact of all its terms from the highest on and may stop at any time.

use super::fields::{Fields, Token};

/// Levels of impact, 0 to 15.
pub(super) const LEVEL_BITS: u32 = 4;
const LEVELS: u32 = 1 << LEVEL_BITS;

/// The lists of all terms in one row.
#[derive(Clone, Debug, Default)]
pub(super) struct Postings {
    /// Where each term's list starts; one more than there are terms.
    starts: Vec<u32>,
    /// Sections, and the level in the low bits.
    postings: Vec<u32>,
}

/// Postings of one term with the same impact.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run<'a> {
    /// 0 to 15.
    pub(super) level: u32,
    postings: &'a [u32],
}

impl Run<'_> {
    /// How many sections.
    pub(super) fn len(&self) -> usize {
        self.postings.len()
    }

    /// The sections in order.
    pub(super) fn sections(&self) -> impl Iterator<Item = u32> {
        self.postings.iter().map(|posting| posting >> LEVEL_BITS)
    }
}

impl Postings {
    /// Turns rows of tokens into lists. `impact` gives 0 to 1 for a section, a
    /// term and where the section holds it.
    pub(super) fn new<'a>(
        document_frequencies: &[u32],
        sections: impl Iterator<Item = &'a [Token]>,
        impact: impl Fn(usize, u32, Fields) -> f32,
    ) -> Self {
        let mut starts = Vec::with_capacity(document_frequencies.len() + 1);
        starts.push(0);
        let mut sum = 0;
        starts.extend(document_frequencies.iter().map(|df| {
            sum += df;
            sum
        }));
        let mut postings = vec![0; sum as usize];
        let mut next = starts.clone();
        let mut counter = Counter::new(document_frequencies.len());
        for (number, (section, tokens)) in (0_u32..).zip(sections.enumerate()) {
            counter.for_each(tokens, |term, fields| {
                let at = &mut next[term as usize];
                let level = quantise(impact(section, term, fields));
                postings[*at as usize] = number << LEVEL_BITS | level;
                *at += 1;
            });
        }
        for list in starts.windows(2) {
            if let [start, end] = *list
                && end - start > 1
            {
                // Highest level first, then by section.
                let order = |posting: &u32| (LEVELS - 1 - posting % LEVELS, *posting >> LEVEL_BITS);
                postings[start as usize..end as usize].sort_unstable_by_key(order);
            }
        }
        Self { starts, postings }
    }

    /// The runs of a term's list, highest level first.
    pub(super) fn runs(&self, term: u32) -> impl Iterator<Item = Run<'_>> {
        let bounds = self.starts.get(term as usize..).unwrap_or_default();
        let mut rest = match *bounds {
            [start, end, ..] => self
                .postings
                .get(start as usize..end as usize)
                .unwrap_or_default(),
            _ => &[],
        };
        std::iter::from_fn(move || {
            let level = rest.first()? % LEVELS;
            let (postings, later) = rest.split_at(rest.partition_point(|p| p % LEVELS == level));
            rest = later;
            Some(Run { level, postings })
        })
    }
}

/// Adds up the tokens of a section by term.
pub(super) struct Counter {
    seen: Vec<Fields>,
    touched: Vec<u32>,
}

impl Counter {
    /// For this many terms.
    pub(super) fn new(terms: usize) -> Self {
        Self {
            seen: vec![Fields::default(); terms],
            touched: Vec::new(),
        }
    }

    /// Calls `found` for each different term, in the order of first sight.
    pub(super) fn for_each(&mut self, tokens: &[Token], mut found: impl FnMut(u32, Fields)) {
        for token in tokens {
            let seen = &mut self.seen[token.term() as usize];
            if *seen == Fields::default() {
                self.touched.push(token.term());
            }
            seen.count_token(*token);
        }
        for term in self.touched.drain(..) {
            found(term, std::mem::take(&mut self.seen[term as usize]));
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "clamped to the sixteen levels"
)]
fn quantise(impact: f32) -> u32 {
    (impact * LEVELS as f32).clamp(0.0, (LEVELS - 1) as f32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_ordered_by_impact_then_section() {
        let rows: Vec<Vec<Token>> = [&[0, 1][..], &[1, 1], &[0, 0, 0, 1], &[0]]
            .iter()
            .map(|terms| {
                terms
                    .iter()
                    .map(|&t| Token::new(t, Fields::default()))
                    .collect()
            })
            .collect();
        let impact = |_: usize, _: u32, fields: Fields| f32::from(fields.count()) / 4.0;
        let postings = Postings::new(&[3, 3], rows.iter().map(Vec::as_slice), impact);
        let runs = |term| {
            let list = |run: Run<'_>| (run.level, run.sections().collect::<Vec<_>>());
            postings.runs(term).map(list).collect::<Vec<_>>()
        };
        assert_eq!(runs(0), [(12, vec![2]), (4, vec![0, 3])]);
        assert_eq!(runs(1), [(8, vec![1]), (4, vec![0, 2])]);
        assert_eq!(runs(2), []);
    }
}
