//! From a question to ranked sections.

use super::repair::{RepairScratch, tune};
use super::{Fields, Hit, Index, Query, Reading, SectionId, fields, rank};

/// Sections of each term.
#[derive(Clone, Debug, Default)]
pub(super) struct Postings {
    starts: Vec<u32>,
    sections: Vec<u32>,
    impacts: Vec<u8>,
}

/// Buffers for one search at a time.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(super) repair: RepairScratch,
    sums: Vec<f32>,
    touched: Vec<u32>,
}

impl Postings {
    pub(super) fn new(index: &Index) -> Self {
        let mut starts = Vec::with_capacity(index.document_frequencies.len() + 1);
        let mut sum = 0;
        starts.push(0);
        for df in &index.document_frequencies {
            sum += df;
            starts.push(sum);
        }
        let mut at = starts.clone();
        let mut sections = vec![0; sum as usize];
        let mut impacts = vec![0; sum as usize];
        for s in 0..index.len() {
            let length = index.lengths[s] as f32 / index.average_length.max(1.0);
            let hn = index.heading_norms[s].sqrt();
            for &e in index.entries_of(s) {
                let (t, f) = fields::unpack(e);
                let mut v = rank::frequency(f, length);
                if f.has(Fields::HEADING) {
                    v += tune!(P_HEAD, 1.0) * index.idf[t as usize] / hn.max(0.1);
                }
                let slot = &mut at[t as usize];
                sections[*slot as usize] = s as u32;
                impacts[*slot as usize] = (v / 2.0 * 255.0).min(255.0) as u8;
                *slot += 1;
            }
        }
        Self {
            starts,
            sections,
            impacts,
        }
    }
}

struct Variant {
    term: u32,
    group: usize,
    weight: f32,
}

impl Index {
    /// The sections that fit a question best, best first.
    pub fn search(&self, scratch: &mut Scratch, question: &str, limit: usize) -> Vec<Hit> {
        let query = self.read(scratch, question);
        self.rank(scratch, &query, limit)
    }

    /// [`Index::search`] for a question that has been read.
    pub fn rank(&self, scratch: &mut Scratch, query: &Query, limit: usize) -> Vec<Hit> {
        let mut variants: Vec<Variant> = Vec::new();
        let mut groups: Vec<f32> = Vec::new(); // idf of each group
        for word in &query.words {
            let before = variants.len();
            match &word.reading {
                Reading::Known(t) => {
                    if let Some(known) = variants.iter_mut().find(|v| v.term == t.0) {
                        let _ = known;
                        continue;
                    }
                    variants.push(Variant {
                        term: t.0,
                        group: groups.len(),
                        weight: 1.0,
                    });
                }
                Reading::Repaired(rs) => {
                    for r in rs {
                        let Some(t) = r.term else { continue };
                        if variants.iter().any(|v| v.term == t.0) {
                            continue;
                        }
                        variants.push(Variant {
                            term: t.0,
                            group: groups.len(),
                            weight: r.weight * tune!(REP_W, 0.9),
                        });
                    }
                }
                _ => {}
            }
            if variants.len() > before {
                let w: f32 = variants[before..].iter().map(|v| v.weight).sum();
                let i: f32 = variants[before..]
                    .iter()
                    .map(|v| v.weight * self.idf[v.term as usize])
                    .sum::<f32>()
                    / w;
                groups.push(i);
            }
        }
        if groups.is_empty() {
            return Vec::new();
        }
        let q_sum: f32 = groups.iter().sum();
        let q_norm: f32 = groups.iter().map(|i| i * i).sum::<f32>().sqrt();
        scratch.sums.resize(self.len(), 0.0);
        for v in &variants {
            let t = v.term as usize;
            let range = self.postings.starts[t] as usize..self.postings.starts[t + 1] as usize;
            let w = v.weight * groups[v.group];
            for (s, i) in self.postings.sections[range.clone()]
                .iter()
                .zip(&self.postings.impacts[range])
            {
                let sum = &mut scratch.sums[*s as usize];
                if *sum == 0.0 {
                    scratch.touched.push(*s);
                }
                *sum += w * (f32::from(*i) + 0.5);
            }
        }
        let mut top: Vec<(f32, u32)> = scratch
            .touched
            .drain(..)
            .map(|s| (std::mem::take(&mut scratch.sums[s as usize]), s))
            .collect();
        let n = tune!(TOP_N, 200.0) as usize;
        if top.len() > n {
            top.select_nth_unstable_by(n, |a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            top.truncate(n);
        }
        let mut hits: Vec<Hit> = top
            .iter()
            .map(|&(_, s)| {
                let length = self.lengths[s as usize] as f32 / self.average_length.max(1.0);
                let mut bm = vec![0.0_f32; groups.len()];
                let mut hd = vec![0.0_f32; groups.len()];
                let mut cx = vec![0.0_f32; groups.len()];
                let mut cov = vec![0.0_f32; groups.len()];
                for &e in self.entries_of(s as usize) {
                    let (t, f) = fields::unpack(e);
                    if let Some(v) = variants.iter().find(|v| v.term == t) {
                        let g = v.group;
                        bm[g] = bm[g].max(v.weight * groups[g] * rank::frequency(f, length));
                        cov[g] = cov[g].max(v.weight);
                        if f.has(Fields::HEADING) {
                            hd[g] = hd[g].max(v.weight * groups[g]);
                        } else if f.has(Fields::FOLDER)
                            || f.has(Fields::CONTEXT)
                            || f.has(Fields::FILE)
                        {
                            cx[g] = cx[g].max(v.weight * groups[g]);
                        }
                    }
                }
                let bm: f32 = bm.iter().sum::<f32>() / q_sum;
                let cover: f32 = cov.iter().zip(&groups).map(|(c, i)| c * i).sum::<f32>() / q_sum;
                let gamma = tune!(CX_W, 0.5);
                let dot: f32 = hd.iter().zip(&groups).map(|(h, i)| h * i).sum::<f32>()
                    + gamma * cx.iter().zip(&groups).map(|(h, i)| h * i).sum::<f32>();
                let hn = self.heading_norms[s as usize]
                    + gamma
                        * gamma
                        * cx.iter()
                            .zip(&hd)
                            .map(|(c, h)| if *h > 0.0 { 0.0 } else { c * c })
                            .sum::<f32>();
                let cos = if hn > 0.0 {
                    dot / (hn.sqrt() * q_norm)
                } else {
                    0.0
                };
                let score = (bm + tune!(A_COS, 1.0) * cos.powf(tune!(COS_P, 2.0)))
                    * (tune!(COV_0, 0.5)
                        + (1.0 - tune!(COV_0, 0.5)) * cover.powf(tune!(COV_P, 1.0)));
                Hit {
                    section: SectionId(s),
                    score,
                }
            })
            .collect();
        hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.section.cmp(&b.section)));
        hits.truncate(limit);
        hits
    }
}
