//! `footnote lint`: what is wrong in the notes.

use std::io::Write as _;
use std::process::ExitCode;

use jiff::Zoned;

use crate::config::Config;
use crate::lint::lint;
use crate::load::{self, Limits};
use crate::note::diagnostic::Severity;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
    /// Fail on warnings too
    #[arg(long)]
    strict: bool,
}

pub(super) fn run(arguments: &Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    let today = Zoned::now().date();
    let month = (today.year(), u8::try_from(today.month()).unwrap_or(1));
    let loaded = load::load(&config.notes.path, &Limits::default())?;
    let count = loaded.notes.len();
    let findings = lint(&loaded.notes, loaded.diagnostics, month);
    let errors = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .count();
    let warnings = findings.len() - errors;
    let mut stdout = anstream::stdout().lock();
    if arguments.json {
        serde_json::to_writer_pretty(&mut stdout, &findings)?;
        writeln!(stdout)?;
    } else {
        for finding in &findings {
            writeln!(stdout, "{finding}")?;
        }
        let plural = |n: usize, one: &str| {
            if n == 1 {
                format!("1 {one}")
            } else {
                format!("{n} {one}s")
            }
        };
        writeln!(
            stdout,
            "{} checked: {}, {}",
            plural(count, "note"),
            plural(errors, "error"),
            plural(warnings, "warning")
        )?;
    }
    let fine = errors == 0 && !(arguments.strict && warnings > 0);
    Ok(if fine {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(super::NO)
    })
}
