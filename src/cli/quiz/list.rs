//! `footnote quiz list`: the questions by note, and what did not become one.

use std::io::Write as _;
use std::process::ExitCode;

use serde_json::json;

use super::{BOLD, DIM, counted, wrapped};
use crate::config::Config;
use crate::quiz::bank::{Bank, Refused};
use crate::quiz::question::{Origin, Place, Question};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// List what did not become a question instead, and the gate that refused it
    #[arg(long)]
    refused: bool,
    /// Print everything as JSON, questions and refusals
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    let bank = super::bank(config)?;
    let mut stdout = anstream::stdout().lock();
    if arguments.json {
        let refused: Vec<_> = bank.refused.iter().map(refusal_as_json).collect();
        let all = json!({"questions": bank.questions, "refused": refused});
        serde_json::to_writer_pretty(&mut stdout, &all)?;
        writeln!(stdout)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut lines: Vec<Line<'_>> = if arguments.refused {
        bank.refused.iter().map(Line::of_refused).collect()
    } else {
        bank.questions.iter().map(Line::of_question).collect()
    };
    lines.sort_by_key(|line| (&line.place.path, line.place.line_start));
    let width = super::width();
    let mut path = "";
    for line in &lines {
        if line.place.path != path {
            path = &line.place.path;
            writeln!(stdout, "{BOLD}{path}{BOLD:#}")?;
        }
        let number = format!("{:>6}  ", line.place.line_start);
        for text in wrapped(line.stem, &number, width) {
            writeln!(stdout, "{text}")?;
        }
        for remark in &line.remarks {
            for text in wrapped(remark, "        ", width) {
                writeln!(stdout, "{DIM}{text}{DIM:#}")?;
            }
        }
    }
    if !lines.is_empty() {
        writeln!(stdout)?;
    }
    writeln!(stdout, "{}", summary(&bank, arguments.refused))?;
    Ok(ExitCode::SUCCESS)
}

/// A question or a candidate in the list.
struct Line<'a> {
    place: &'a Place,
    stem: &'a str,
    /// Shown below it, each on lines of its own.
    remarks: Vec<String>,
}

impl<'a> Line<'a> {
    fn of_question(question: &'a Question) -> Self {
        Self {
            place: &question.place,
            stem: &question.stem,
            remarks: template(&question.origin).into_iter().collect(),
        }
    }

    fn of_refused(refused: &'a Refused) -> Self {
        let candidate = &refused.candidate;
        let stem = match candidate.stem.as_str() {
            "" => "(no question)",
            stem => stem,
        };
        let gate = format!("{}: {}", refused.gate.gate, refused.gate.reason);
        let remarks = template(&candidate.origin).into_iter().chain([gate]);
        Self {
            place: &candidate.place,
            stem,
            remarks: remarks.collect(),
        }
    }
}

fn template(origin: &Origin) -> Option<String> {
    match origin {
        Origin::Written => None,
        Origin::Generated(template) => Some(format!("generated ({template})")),
    }
}

fn summary(bank: &Bank, refused: bool) -> String {
    let written = |origin: &Origin| *origin == Origin::Written;
    let all = bank.questions.iter();
    let count = all.filter(|question| written(&question.origin)).count();
    let mut summary = format!(
        "{}: {count} written, {} generated; {} refused",
        counted(bank.questions.len(), "question"),
        bank.questions.len() - count,
        bank.refused.len(),
    );
    if !refused && !bank.refused.is_empty() {
        summary.push_str(" (see them with --refused)");
    }
    summary
}

fn refusal_as_json(refused: &Refused) -> serde_json::Value {
    let candidate = &refused.candidate;
    json!({
        "id": candidate.id,
        "origin": candidate.origin,
        "stem": candidate.stem,
        "place": candidate.place,
        "gate": refused.gate.gate,
        "reason": refused.gate.reason,
    })
}
