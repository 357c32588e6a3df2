//! `footnote eval`: scores labelled questions and lists the failures.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::answer;
use crate::config::Config;
use crate::eval::{Labelled, Report};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Labelled questions as JSON lines, or - for standard input
    file: PathBuf,
    /// Fail (exit code 1) when fewer than this share of first snippets is right
    #[arg(long, value_name = "SHARE", value_parser = share)]
    min_right: Option<f64>,
    /// Fail when fewer than this share of what must be declined is declined
    #[arg(long, value_name = "SHARE", value_parser = share)]
    min_declined: Option<f64>,
    /// Fail when fewer than this share of the abstentions had to be
    #[arg(long, value_name = "SHARE", value_parser = share)]
    min_precision: Option<f64>,
    /// Fail when the mean F1 of lists of services is lower
    #[arg(long, value_name = "SHARE", value_parser = share)]
    min_matrix: Option<f64>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

fn share(text: &str) -> Result<f64, String> {
    let value: f64 = text
        .parse()
        .map_err(|_| "give a share from 0 to 1, such as 0.95".to_owned())?;
    if (0.0..=1.0).contains(&value) {
        Ok(value)
    } else {
        Err("give a share from 0 to 1".to_owned())
    }
}

pub(super) fn run(arguments: &Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    let lines = super::read_lines(&arguments.file)?;
    let labelled: Vec<Labelled> =
        super::json_lines(&arguments.file, &lines, "").collect::<Result<_, _>>()?;
    anyhow::ensure!(
        !labelled.is_empty(),
        "{} holds no questions",
        arguments.file.display()
    );
    let knowledge = super::knowledge(config)?;
    let mut report = Report::default();
    for question in &labelled {
        let answer = answer::answer(
            &knowledge,
            &config.answer,
            &question.text,
            question.previous.as_deref(),
        );
        report.add(question, &answer);
    }
    let mut stdout = anstream::stdout().lock();
    if arguments.json {
        serde_json::to_writer_pretty(&mut stdout, &report.summary())?;
        writeln!(stdout)?;
    } else {
        write!(stdout, "{report}")?;
    }
    let summary = report.summary();
    let floors = [
        ("right", arguments.min_right, summary.right),
        ("declined", arguments.min_declined, summary.declined),
        ("precision", arguments.min_precision, summary.precision),
        ("matrix", arguments.min_matrix, summary.matrix),
    ];
    let mut code = ExitCode::SUCCESS;
    for (name, floor, reached) in floors {
        if let (Some(floor), Some(reached)) = (floor, reached)
            && reached < floor
        {
            writeln!(
                anstream::stderr(),
                "below the floor: {name} {reached:.3} < {floor:.3}"
            )?;
            code = ExitCode::from(super::NO);
        }
    }
    Ok(code)
}
