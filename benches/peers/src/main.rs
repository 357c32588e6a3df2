//! Footnote and tantivy on the same notes and questions, in one run.
//!
//! ```sh
//! cargo run --release --manifest-path benches/peers/Cargo.toml -- FOLDER…
//! ```
//!
//! A folder holds `notes/`, `queries.{clean,typo,typoheavy}.jsonl` and, where
//! there are judgements, `qrels.tsv`, as for `benches/ranking/ndcg.rs`. Each engine
//! gets a process of its own, so that memory can be told apart. Both index the
//! same sections, read by Footnote's parser; reading is not part of "build".
//! Processor time, best of three passes, one thread while searching.
//!
//! tantivy has one field (path, headings and text), English stemming and stop
//! words, and any word may match: the setting that measured best for it. The
//! fuzzy variant lets words of four letters and more differ by one edit.

mod ours;
mod theirs;

use std::collections::HashMap;
use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use footnote::load::{Limits, load_each};
use footnote::note::Note;
use rustix::time::{ClockId, clock_gettime};

/// What both engines can do.
pub trait Engine {
    /// Adds a note; the ids of its sections go to `ids` in the order of numbers.
    fn add(&mut self, note: &Note) -> Result<()>;
    /// Ends the building.
    fn finish(&mut self) -> Result<()>;
    /// Numbers of the ten best sections.
    fn search(&mut self, question: &str) -> Result<Vec<usize>>;
}

const PASSES: usize = 3;
const KINDS: [&str; 3] = ["clean", "typo", "typoheavy"];

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, engine, folder] = arguments.as_slice()
        && flag == "--engine"
    {
        let mut engine: Box<dyn Engine> = match engine.as_str() {
            "footnote" => Box::<ours::Ours>::default(),
            "tantivy" => Box::new(theirs::Theirs::new(false)?),
            _ => Box::new(theirs::Theirs::new(true)?),
        };
        return measure(engine.as_mut(), Path::new(folder));
    }
    for folder in &arguments {
        for engine in ["footnote", "tantivy", "tantivy-fuzzy"] {
            print!("{engine:14}");
            let this = std::env::current_exe()?;
            let output = Command::new(this)
                .args(["--engine", engine, folder])
                .output()?;
            print!("{}", String::from_utf8_lossy(&output.stdout));
            eprint!("{}", String::from_utf8_lossy(&output.stderr));
        }
    }
    Ok(())
}

fn measure(engine: &mut dyn Engine, folder: &Path) -> Result<()> {
    let mut ids = Vec::new();
    let mut build = 0.0;
    let mut failed = Ok(());
    load_each(
        &folder.join("notes"),
        &Limits::default(),
        NonZeroUsize::MIN,
        |note, _| {
            let start = process_ms();
            if let Err(error) = engine.add(&note) {
                failed = Err(error);
            }
            build += process_ms() - start;
            ids.extend(
                note.sections
                    .iter()
                    .map(|section| format!("{}#{}", note.path, section.anchor.trim_matches('-'))),
            );
        },
    )?;
    failed?;
    let start = process_ms();
    engine.finish()?;
    build += process_ms() - start;
    println!(
        "{}: {} sections, build {build:.0} ms",
        folder.display(),
        ids.len()
    );
    let judgements = judgements(folder);
    for kind in KINDS {
        let questions = fs::read_to_string(folder.join(format!("queries.{kind}.jsonl")))?;
        let (mut sum, mut judged, mut times) = (0.0, 0.0, Vec::new());
        for line in questions.lines() {
            let question: serde_json::Value = serde_json::from_str(line)?;
            let text = question["text"].as_str().context("text")?;
            let (mut best, mut hits) = (f64::MAX, Vec::new());
            for _ in 0..PASSES {
                let start = thread_us();
                hits = engine.search(text)?;
                best = best.min(thread_us() - start);
            }
            times.push(best);
            if let Some(relevant) = judgements.get(question["qid"].as_str().context("qid")?) {
                sum += ndcg(hits.iter().filter_map(|hit| ids.get(*hit)), relevant);
                judged += 1.0;
            }
        }
        times.sort_by(f64::total_cmp);
        let at = |share: usize| {
            times
                .get(times.len() * share / 100)
                .copied()
                .unwrap_or_default()
        };
        println!(
            "  {kind:9}  nDCG@10 {:.3}  p50 {:7.1}  p99 {:7.1} µs",
            sum / judged,
            at(50),
            at(99)
        );
    }
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    println!("  peak memory {}", peak.unwrap_or("unknown").trim());
    Ok(())
}

/// Relevance by id for each question.
fn judgements(folder: &Path) -> HashMap<String, HashMap<String, f64>> {
    let mut judgements: HashMap<String, HashMap<String, f64>> = HashMap::new();
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

fn ndcg<'a>(found: impl Iterator<Item = &'a String>, relevant: &HashMap<String, f64>) -> f64 {
    let by_file = relevant.keys().all(|id| !id.contains('#'));
    let mut ids: Vec<&str> = Vec::new();
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
    let gain = |gains: Vec<f64>| {
        (2_u32..12)
            .zip(gains)
            .map(|(rank, gain)| gain / f64::from(rank).log2())
            .sum::<f64>()
    };
    let mut ideal: Vec<f64> = relevant.values().copied().collect();
    ideal.sort_by(|a, b| b.total_cmp(a));
    gain(
        ids.iter()
            .map(|id| relevant.get(*id).copied().unwrap_or(0.0))
            .collect(),
    ) / gain(ideal)
}

fn thread_us() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}

fn process_ms() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}
