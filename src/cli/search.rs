//! `footnote search`: ranked retrieval over sections, for measuring.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::config::Config;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// JSON lines {"id","text"}, or - for standard input
    #[arg(long, value_name = "FILE")]
    batch: PathBuf,
}

pub(super) fn run(_arguments: &Arguments, _config: &Config) -> anyhow::Result<ExitCode> {
    Ok(ExitCode::SUCCESS)
}
