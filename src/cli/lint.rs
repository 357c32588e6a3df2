//! `footnote lint`: what is wrong in the notes.

use std::process::ExitCode;

use crate::config::Config;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(_arguments: &Arguments, _config: &Config) -> anyhow::Result<ExitCode> {
    Ok(ExitCode::SUCCESS)
}
