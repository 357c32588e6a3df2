//! From a question to ranked sections.

use super::repair::{RepairScratch, tune};
use super::{Fields, Hit, Index, Query, Reading, SectionId, rank};

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
        for df in &index.document_frequencies { sum += df; starts.push(sum); }
        let mut at = starts.clone();
        let mut sections = vec![0; sum as usize];
        let mut impacts = vec![0; sum as usize];
        let mut seen = vec![Fields::default(); index.stems.len()];
        let mut touched = Vec::new();
        for s in 0..index.len() {
            let length = index.lengths[s] as f32 / index.average_length.max(1.0);
            let hn = index.heading_norms[s].sqrt();
            touched.clear();
            for tok in index.tokens_of(s) {
                let f = &mut seen[tok.term() as usize];
                if *f == Fields::default() { touched.push(tok.term()); }
                f.count_token(*tok);
            }
            for &t in &touched {
                let f = std::mem::take(&mut seen[t as usize]);
                let mut v = rank::frequency(f, length);
                if f.has(Fields::HEADING) { v += tune!(P_HEAD, 1.0) * index.idf[t as usize] / hn.max(0.1); }
                let slot = &mut at[t as usize];
                sections[*slot as usize] = s as u32;
                impacts[*slot as usize] = (v / 2.0 * 255.0).min(255.0) as u8;
                *slot += 1;
            }
        }
        Self { starts, sections, impacts }
    }
}

struct Variant { term: u32, group: usize, weight: f32 }

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
                    variants.push(Variant { term: t.0, group: groups.len(), weight: 1.0 });
                }
                Reading::Repaired(rs) => {
                    for r in rs {
                        let Some(t) = r.term else { continue };
                        if variants.iter().any(|v| v.term == t.0) { continue; }
                        variants.push(Variant { term: t.0, group: groups.len(), weight: r.weight * tune!(REP_W, 0.9) });
                    }
                }
                _ => {}
            }
            if variants.len() > before {
                let w: f32 = variants[before..].iter().map(|v| v.weight).sum();
                let i: f32 = variants[before..].iter().map(|v| v.weight * self.idf[v.term as usize]).sum::<f32>() / w;
                groups.push(i.powf(tune!(IDF_P, 1.0)));
            }
        }
        if groups.is_empty() { return Vec::new(); }
        let q_sum: f32 = groups.iter().sum();
        let q_norm: f32 = groups.iter().map(|i| i * i).sum::<f32>().sqrt();
        scratch.sums.resize(self.len(), 0.0);
        for v in &variants {
            let t = v.term as usize;
            let range = self.postings.starts[t] as usize..self.postings.starts[t + 1] as usize;
            let w = v.weight * groups[v.group];
            for (s, i) in self.postings.sections[range.clone()].iter().zip(&self.postings.impacts[range]) {
                let sum = &mut scratch.sums[*s as usize];
                if *sum == 0.0 { scratch.touched.push(*s); }
                *sum += w * (f32::from(*i) + 0.5);
            }
        }
        let mut top: Vec<(f32, u32)> = scratch.touched.drain(..).map(|s| (std::mem::take(&mut scratch.sums[s as usize]), s)).collect();
        let n = tune!(TOP_N, 200.0) as usize;
        if top.len() > n {
            top.select_nth_unstable_by(n, |a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            top.truncate(n);
        }
        let long = ((groups.len() as f32 - tune!(L_LO, 5.0)) / tune!(L_SPAN, 5.0)).clamp(0.0, 1.0);
        let mix = |short: f32, longer: f32| short + (longer - short) * long;
        let mask = variants.iter().fold(0_u64, |m, v| m | 1 << (v.term & 63));
        let mut events: Vec<(u32, u32)> = Vec::new();
        let mut hits: Vec<Hit> = top.iter().map(|&(_, s)| {
            let length = self.lengths[s as usize] as f32 / self.average_length.max(1.0);
            let mut bm = vec![0.0_f32; groups.len()];
            let mut hd = vec![0.0_f32; groups.len()];
            let mut cx = vec![0.0_f32; groups.len()];
            let mut cov = vec![0.0_f32; groups.len()];
            let mut fs = vec![Fields::default(); variants.len()];
            events.clear();
            let mut pos = 0_u32;
            for &tok in self.tokens_of(s as usize) {
                let body = tok.is_body();
                pos += u32::from(body);
                let t = tok.term();
                if mask >> (t & 63) & 1 == 0 { continue; }
                if let Some(i) = variants.iter().position(|v| v.term == t) {
                    fs[i].count_token(tok);
                    if body { events.push((pos, i as u32)); }
                }
            }
            for (v, f) in variants.iter().zip(&fs) {
                if *f == Fields::default() { continue; }
                let g = v.group;
                bm[g] = bm[g].max(v.weight * groups[g] * rank::frequency(*f, length));
                cov[g] = cov[g].max(v.weight);
                if f.has(Fields::HEADING) { hd[g] = hd[g].max(v.weight * groups[g]); }
                else {
                    let mut k = 0.0_f32;
                    if f.has(Fields::FOLDER) { k = k.max(tune!(CX_FO, 0.5)); }
                    if f.has(Fields::CONTEXT) { k = k.max(tune!(CX_C, 0.25)); }
                    if f.has(Fields::FILE) { k = k.max(tune!(CX_FI, 0.25)); }
                    cx[g] = cx[g].max(k * v.weight * groups[g]);
                }
            }
            // window: best sum of distinct group weights within WIN tokens of the body
            let win = tune!(WIN, 12.0) as u32;
            let mut best_win = 0.0_f32;
            for a in 0..events.len() {
                let mut w = [0.0_f32; 64];
                for e in &events[a..] {
                    if e.0 - events[a].0 >= win { break; }
                    let v = &variants[e.1 as usize];
                    w[v.group & 63] = w[v.group & 63].max(v.weight * groups[v.group]);
                }
                let sum: f32 = w.iter().sum();
                best_win = best_win.max(sum);
            }
            let best_win = best_win / q_sum;
            // ordered adjacent pairs
            let mut pair = vec![0.0_f32; groups.len()];
            for a in 0..events.len() {
                for e in &events[a + 1..] {
                    let d = e.0 - events[a].0;
                    if d > tune!(PAIR_D, 2.0) as u32 { break; }
                    let (x, y) = (&variants[events[a].1 as usize], &variants[e.1 as usize]);
                    if y.group == x.group + 1 {
                        pair[x.group] = pair[x.group].max(x.weight * y.weight * (groups[x.group] + groups[y.group]) / 2.0 / d as f32);
                    }
                }
            }
            let pair: f32 = pair.iter().sum::<f32>() / q_sum;
            let bm: f32 = bm.iter().sum::<f32>() / q_sum;
            let cover: f32 = cov.iter().zip(&groups).map(|(c, i)| c * i).sum::<f32>() / q_sum;
            let mut dot = 0.0_f32; let mut extra = 0.0_f32;
            for g in 0..groups.len() {
                if hd[g] >= cx[g] { dot += hd[g] * groups[g]; } else { dot += cx[g] * groups[g]; extra += cx[g] * cx[g]; }
            }
            let hn = self.heading_norms[s as usize] + extra;
            let cos = if hn > 0.0 { dot / (hn.sqrt() * q_norm) } else { 0.0 };
            let cov0 = mix(tune!(COV_0, 0.2), tune!(COV_0L, 0.4));
            let score = (bm + mix(tune!(A_WIN, 0.3), tune!(A_WINL, 0.3)) * best_win.powf(tune!(WIN_P, 2.0)) + mix(tune!(A_PAIR, 0.4), tune!(A_PAIRL, 0.2)) * pair
                + mix(tune!(A_COS, 0.7), tune!(A_COSL, 1.0)) * cos.powf(tune!(COS_P, 2.0))) * (cov0 + (1.0 - cov0) * cover.powf(tune!(COV_P, 1.0)));
            Hit { section: SectionId(s), score }
        }).collect();
        hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.section.cmp(&b.section)));
        if groups.len() as f32 >= tune!(FB_MIN, 7.0) && hits.len() > 5 {
            let k = tune!(FB_DOCS, 5.0) as usize;
            let mut w: rustc_hash::FxHashMap<u32, f32> = rustc_hash::FxHashMap::default();
            let best = hits[0].score;
            let mut m: rustc_hash::FxHashMap<u32, Fields> = rustc_hash::FxHashMap::default();
            for h in hits.iter().take(k) {
                m.clear();
                for tok in self.tokens_of(h.section.0 as usize) { m.entry(tok.term()).or_default().count_token(*tok); }
                let length = self.lengths[h.section.0 as usize] as f32 / self.average_length.max(1.0);
                for (t, f) in &m {
                    *w.entry(*t).or_default() += (h.score / best).powf(tune!(FB_SP, 1.0)) * rank::frequency(*f, length) * self.idf[*t as usize].powf(tune!(FB_IDF, 1.0));
                }
            }
            let mut terms: Vec<(f32, u32)> = w.into_iter().filter(|(t, _)| self.document_frequencies[*t as usize] >= tune!(FB_DF, 2.0) as u32).map(|(t, x)| (x, t)).collect();
            terms.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            terms.truncate(tune!(FB_TERMS, 25.0) as usize);
            let sum: f32 = terms.iter().map(|x| x.0).sum();
            for (x, t) in &mut terms { *x /= sum; let _ = t; }
            if tune!(FB_NEW, 1.0) > 0.0 {
                // new candidates
                let have: rustc_hash::FxHashSet<u32> = hits.iter().map(|h| h.section.0).collect();
                let _ = have;
            }
            for h in &mut hits {
                m.clear();
                for tok in self.tokens_of(h.section.0 as usize) { m.entry(tok.term()).or_default().count_token(*tok); }
                let length = self.lengths[h.section.0 as usize] as f32 / self.average_length.max(1.0);
                let fb: f32 = terms.iter().map(|(x, t)| x * m.get(t).map_or(0.0, |f| rank::frequency(*f, length))).sum();
                h.score += tune!(FB_W, 1.0) * fb;
            }
            hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.section.cmp(&b.section)));
        }
        hits.truncate(limit);
        hits
    }
}
