//! `footnote ask`: one question, or a file of them.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::bail;
use serde::Deserialize;
use serde_json::Value;

use crate::answer::{self, Answer};
use crate::config::Config;
use crate::knowledge::Knowledge;
use crate::render::{json::AnswerLine, terminal};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The question, in your own words
    #[arg(required_unless_present = "batch")]
    question: Vec<String>,
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
    /// The question before, which this one follows
    #[arg(long, value_name = "QUESTION")]
    previous: Option<String>,
    /// Answer a file of JSON lines {"id","text"}, or - for standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["question", "json", "previous"])]
    batch: Option<PathBuf>,
}

/// A line of a batch. Other keys are ignored, so a labelled set works too.
#[derive(Debug, Deserialize)]
struct Line {
    #[serde(default)]
    id: Value,
    text: String,
    #[serde(default)]
    previous: Option<String>,
}

pub(super) fn run(arguments: &Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    let mut stdout = anstream::stdout().lock();
    if let Some(file) = &arguments.batch {
        let lines = super::read_lines(file)?;
        let knowledge = super::knowledge(config)?;
        for line in super::json_lines::<Line>(file, &lines, super::NOT_A_QUESTION) {
            let line = line?;
            let (answer, elapsed_us) =
                timed(&knowledge, config, &line.text, line.previous.as_deref());
            let rendered = AnswerLine::new(
                &answer,
                Some(&line.id),
                elapsed_us,
                config.notes.link_base.as_deref(),
            );
            serde_json::to_writer(&mut stdout, &rendered)?;
            writeln!(stdout)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let question = arguments.question.join(" ");
    if question.trim().is_empty() {
        bail!("the question is empty; try: footnote ask \"is sqs encrypted on the wire?\"");
    }
    let knowledge = super::knowledge(config)?;
    let (answer, elapsed_us) = timed(&knowledge, config, &question, arguments.previous.as_deref());
    let link_base = config.notes.link_base.as_deref();
    if arguments.json {
        serde_json::to_writer_pretty(
            &mut stdout,
            &AnswerLine::new(&answer, None, elapsed_us, link_base),
        )?;
        writeln!(stdout)?;
    } else {
        write!(
            stdout,
            "{}",
            terminal::answer(&answer, textwrap::termwidth(), link_base)
        )?;
    }
    // The process ends here: freeing the notes piece by piece would take as
    // long as answering did.
    std::mem::forget(knowledge);
    Ok(ExitCode::SUCCESS)
}

fn timed(
    knowledge: &Knowledge,
    config: &Config,
    question: &str,
    previous: Option<&str>,
) -> (Answer, u64) {
    let start = Instant::now();
    let answer = answer::answer(knowledge, &config.answer, question, previous);
    (
        answer,
        u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX),
    )
}
