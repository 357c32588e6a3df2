//! `footnote doctor`: what keeps the bot from working, and what to do.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use crate::config::{Config, Sources};
use crate::discord::doctor::{Finding, Verdict, examine};
use crate::id::ChannelId;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// A channel that the bot should be able to write in
    #[arg(long, value_name = "ID", value_parser = clap::value_parser!(u64).range(1..))]
    channel: Option<u64>,
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(
    arguments: &Arguments,
    config: &Config,
    file: Option<&Path>,
) -> anyhow::Result<ExitCode> {
    let sources = Sources::of(file);
    let channel = arguments.channel.map(ChannelId);
    let findings = super::block_on(examine(config, &sources, channel))?;
    let count = |verdict| {
        findings
            .iter()
            .filter(|finding: &&Finding| finding.verdict == verdict)
            .count()
    };
    let (wrong, look) = (count(Verdict::Wrong), count(Verdict::Look));
    let mut stdout = anstream::stdout().lock();
    if arguments.json {
        serde_json::to_writer_pretty(
            &mut stdout,
            &json!({ "fine": wrong == 0, "findings": findings }),
        )?;
        writeln!(stdout)?;
    } else {
        for finding in &findings {
            writeln!(stdout, "{finding}")?;
        }
        writeln!(
            stdout,
            "{} checks: {wrong} wrong, {look} to look at",
            findings.len()
        )?;
    }
    Ok(if wrong == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(super::NO)
    })
}
