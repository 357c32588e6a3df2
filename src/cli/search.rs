//! `footnote search`: ranked retrieval over sections, for measuring. It never
//! abstains, and keeps no text of the notes in memory.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context as _;
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::config::Config;
use crate::index::{Builder, Hit, Index, Scratch};
use crate::load::{self, Limits};
use crate::note::Note;

/// Hits beyond the limit that stand in for those that share an anchor.
const SPARE: usize = 10;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// JSON lines {"id","text"}, or - for standard input
    #[arg(long, value_name = "FILE")]
    batch: PathBuf,
    /// Hits for each question
    #[arg(long, value_name = "N", default_value_t = 10)]
    limit: usize,
    /// Answer the file N times and report each question's median times
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    passes: u16,
    /// Write sections, build times and memory to a JSON file
    #[arg(long, value_name = "FILE")]
    stats: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
struct Question {
    #[serde(default, alias = "qid")]
    id: Value,
    text: String,
}

#[derive(Debug, Serialize)]
struct ResultLine<'a> {
    id: &'a Value,
    elapsed_us: u64,
    cpu_us: u64,
    hits: Vec<HitLine<'a>>,
}

#[derive(Debug, Serialize)]
struct HitLine<'a> {
    id: &'a str,
    line_start: u32,
    line_end: u32,
    score: f32,
}

#[derive(Debug, Serialize)]
struct Stats {
    sections: usize,
    build_ms: u128,
    build_cpu_ms: u128,
    peak_rss_mb: f64,
    version: &'static str,
}

/// What is kept of a section: how hits name it.
struct Entry {
    id: Box<str>,
    line_start: u32,
    line_end: u32,
}

pub(super) fn run(arguments: &Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    let lines = super::read_lines(&arguments.batch)?;
    let questions: Vec<Question> =
        super::json_lines(&arguments.batch, &lines, super::NOT_A_QUESTION)
            .collect::<Result<_, _>>()?;
    let start = (Instant::now(), cpu_us(ClockId::ProcessCPUTime));
    let (index, entries) = build(config)?;
    let build_ms = start.0.elapsed().as_millis();
    let build_cpu_ms = u128::from(cpu_us(ClockId::ProcessCPUTime).saturating_sub(start.1) / 1000);

    let mut scratch = Scratch::default();
    let mut times: Vec<(Vec<u64>, Vec<u64>)> = vec![Default::default(); questions.len()];
    let mut ranked: Vec<Vec<Hit>> = vec![Vec::new(); questions.len()];
    for _ in 0..arguments.passes {
        for ((question, times), ranked) in questions.iter().zip(&mut times).zip(&mut ranked) {
            let (wall, cpu) = (Instant::now(), cpu_us(ClockId::ThreadCPUTime));
            *ranked = index.search(&mut scratch, &question.text, arguments.limit + SPARE);
            times
                .0
                .push(u64::try_from(wall.elapsed().as_micros()).unwrap_or(u64::MAX));
            times
                .1
                .push(cpu_us(ClockId::ThreadCPUTime).saturating_sub(cpu));
        }
    }
    let mut stdout = anstream::stdout().lock();
    for ((question, times), ranked) in questions.iter().zip(times).zip(&ranked) {
        let line = ResultLine {
            id: &question.id,
            elapsed_us: median(times.0),
            cpu_us: median(times.1),
            hits: named(&entries, ranked, arguments.limit),
        };
        serde_json::to_writer(&mut stdout, &line)?;
        writeln!(stdout)?;
    }
    if let Some(file) = &arguments.stats {
        let stats = Stats {
            sections: index.len(),
            build_ms,
            build_cpu_ms,
            peak_rss_mb: peak_rss_mb(),
            version: env!("CARGO_PKG_VERSION"),
        };
        let text = serde_json::to_string_pretty(&stats)? + "\n";
        std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads, parses and indexes note by note; each note's text is dropped at once.
fn build(config: &Config) -> anyhow::Result<(Index, Vec<Entry>)> {
    let mut builder = Builder::new();
    let mut entries = Vec::new();
    let mut number = 0;
    load::load_each(
        &config.notes.path,
        &Limits::default(),
        load::two_threads(),
        |note, _| {
            builder.add(number, &note);
            number += 1;
            entries.extend(note.sections.iter().enumerate().map(|(at, section)| Entry {
                id: id(&note, at).into(),
                line_start: section.span.line_start,
                line_end: section.span.line_end,
            }));
        },
    )?;
    Ok((builder.finish(), entries))
}

/// `path.md#anchor`; the path alone where no heading has an anchor.
fn id(note: &Note, section: usize) -> String {
    match note.anchor_of(section) {
        "" => note.path.clone(),
        anchor => format!("{}#{anchor}", note.path),
    }
}

/// Hits with their names. Sections that go by the same anchor are one hit.
fn named<'a>(entries: &'a [Entry], ranked: &[Hit], limit: usize) -> Vec<HitLine<'a>> {
    let mut lines: Vec<HitLine<'a>> = Vec::with_capacity(limit);
    for hit in ranked {
        let Some(entry) = entries.get(hit.section.0 as usize) else {
            continue;
        };
        if lines.len() < limit && !lines.iter().any(|line| line.id == &*entry.id) {
            let Entry {
                id,
                line_start,
                line_end,
            } = entry;
            lines.push(HitLine {
                id,
                line_start: *line_start,
                line_end: *line_end,
                score: hit.score,
            });
        }
    }
    lines
}

fn median(mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// Processor time in microseconds.
fn cpu_us(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    let micros = i128::from(time.tv_sec) * 1_000_000 + i128::from(time.tv_nsec) / 1000;
    u64::try_from(micros).unwrap_or_default()
}

/// The most memory this process held, in MiB; 0 where the system does not tell.
fn peak_rss_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kilobytes.map_or(0.0, |kilobytes| (kilobytes / 1024.0 * 10.0).round() / 10.0)
}
