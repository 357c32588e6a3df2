//! Measures ranking and its cost on folders of labelled questions.
//!
//! ```sh
//! cargo run --release --features ranking --bin ndcg -- [--passes N] [--failures KIND] FOLDER…
//! ```
//!
//! A folder holds `notes/` (Markdown), `queries.<kind>.jsonl` (lines of
//! `{"qid","text"}`) for the kinds `clean`, `typo` and `typoheavy`, and
//! `qrels.tsv` (qid, id, relevance). An id is `path.md#anchor`, or `path.md` for
//! questions judged by file, where the first hit of a file counts. Printed for
//! each kind: nDCG@10 of the questions with even and with odd place in the file
//! (tune on one half, confirm on the other) and of all, then the processor
//! time a question takes, median and 99th percentile, best of N passes.

#![expect(clippy::print_stdout, reason = "a program for a terminal")]

use std::collections::HashMap;
use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;

use anyhow::{Context, Result};
use footnote::index::{Builder, Index, Scratch};
use footnote::load::{Limits, load_each};
use footnote::note::{Note, Section};
use rustix::time::{ClockId, clock_gettime};

/// Relevance by id, for each question.
type Judgements = HashMap<String, HashMap<String, f64>>;

fn main() -> Result<()> {
    let mut passes = 1;
    let mut failures = None;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--passes" => passes = arguments.next().context("--passes N")?.parse()?,
            "--failures" => failures = arguments.next(),
            folder => measure(Path::new(folder), passes, failures.as_deref())?,
        }
    }
    Ok(())
}

fn measure(folder: &Path, passes: usize, failures: Option<&str>) -> Result<()> {
    let (index, ids) = build(folder)?;
    let judgements = judgements(folder);
    let mut scratch = Scratch::default();
    for kind in ["clean", "typo", "typoheavy"] {
        let Ok(questions) = fs::read_to_string(folder.join(format!("queries.{kind}.jsonl"))) else {
            continue;
        };
        let mut halves = [(0.0, 0.0); 2];
        let mut times = Vec::new();
        for (number, line) in questions.lines().enumerate() {
            let question: serde_json::Value = serde_json::from_str(line)?;
            let text = question["text"].as_str().context("text")?;
            let mut hits = Vec::new();
            let mut best = f64::MAX;
            for _ in 0..passes {
                let start = cpu_us();
                hits = index.search(&mut scratch, text, 30);
                best = best.min(cpu_us() - start);
            }
            times.push(best);
            let Some(relevant) = judgements.get(question["qid"].as_str().context("qid")?) else {
                continue;
            };
            let found = hits.iter().map(|hit| ids[hit.section.0 as usize].as_str());
            let found = distinct(found, relevant.keys().all(|id| !id.contains('#')));
            let score = ndcg(&found, relevant);
            if failures == Some(kind) && score < 0.7 {
                println!(
                    "{score:.2}  {text}  wanted {:?}  found {:?}",
                    relevant.keys().next(),
                    found.get(..3)
                );
            }
            let (sum, count) = &mut halves[number % 2];
            *sum += score;
            *count += 1.0;
        }
        times.sort_by(f64::total_cmp);
        let [even, odd] = halves;
        println!(
            "  {kind:9} {:.4} {:.4} [{:.4}]   {:6.1} / {:6.1} µs",
            even.0 / even.1,
            odd.0 / odd.1,
            (even.0 + odd.0) / (even.1 + odd.1),
            times.get(times.len() / 2).unwrap_or(&0.0),
            times.get(times.len() * 99 / 100).unwrap_or(&0.0),
        );
    }
    Ok(())
}

/// Builds the index; the ids of all sections stand in its order.
fn build(folder: &Path) -> Result<(Index, Vec<String>)> {
    let mut builder = Builder::new();
    let mut ids = Vec::new();
    let mut number = 0;
    let mut adding = 0.0;
    load_each(
        &folder.join("notes"),
        &Limits::default(),
        NonZeroUsize::MIN,
        |note, _| {
            let start = cpu_us();
            builder.add(number, &note);
            adding += cpu_us() - start;
            ids.extend(
                note.sections
                    .iter()
                    .map(|section| format!("{}#{}", note.path, anchor(&note, section))),
            );
            number += 1;
        },
    )?;
    let start = cpu_us();
    let index = builder.finish();
    println!(
        "{}: {} sections, adding {:.0} ms, finishing {:.0} ms, {} MB resident, {} MB at most",
        folder.display(),
        index.len(),
        adding / 1e3,
        (cpu_us() - start) / 1e3,
        resident("VmRSS"),
        resident("VmHWM"),
    );
    Ok((index, ids))
}

/// The anchor of a section, or of the nearest one around it that has one.
fn anchor<'a>(note: &'a Note, section: &'a Section) -> &'a str {
    let parent = |section: &&Section| note.sections.get(section.parent? as usize);
    std::iter::successors(Some(section), parent)
        .map(|section| section.anchor.trim_matches('-'))
        .find(|anchor| !anchor.is_empty())
        .unwrap_or_default()
}

fn judgements(folder: &Path) -> Judgements {
    let mut judgements = Judgements::new();
    for line in fs::read_to_string(folder.join("qrels.tsv"))
        .unwrap_or_default()
        .lines()
    {
        if let [question, id, relevance] = line.split('\t').collect::<Vec<_>>()[..] {
            let relevance = relevance.parse().unwrap_or(0.0);
            judgements
                .entry(question.to_owned())
                .or_default()
                .insert(id.to_owned(), relevance);
        }
    }
    judgements
}

/// The first ten different ids, by file where questions are judged by file.
fn distinct<'a>(found: impl Iterator<Item = &'a str>, by_file: bool) -> Vec<&'a str> {
    let mut ids = Vec::new();
    for id in found {
        let id = if by_file {
            id.split('#').next().unwrap_or(id)
        } else {
            id
        };
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids.truncate(10);
    ids
}

/// Discounted cumulative gain of the first ten, as a share of the best order's.
fn ndcg(found: &[&str], relevant: &HashMap<String, f64>) -> f64 {
    let discounted = |gains: &mut dyn Iterator<Item = f64>| {
        let discount = |(rank, gain): (u32, f64)| gain / f64::from(rank).log2();
        (2..12).zip(gains).map(discount).sum::<f64>()
    };
    let mut ideal: Vec<f64> = relevant.values().copied().collect();
    ideal.sort_by(|a, b| b.total_cmp(a));
    let gains = found
        .iter()
        .map(|id| relevant.get(*id).copied().unwrap_or(0.0));
    discounted(&mut gains.into_iter()) / discounted(&mut ideal.into_iter()).max(f64::MIN_POSITIVE)
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of a short run")]
fn cpu_us() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}

/// A line of Linux's account of this process, in MB; 0 elsewhere.
fn resident(line: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let value = status
        .lines()
        .find_map(|entry| entry.strip_prefix(line)?.split_whitespace().nth(1));
    value
        .and_then(|kilobytes| kilobytes.parse::<u64>().ok())
        .unwrap_or(0)
        / 1024
}
