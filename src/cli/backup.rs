//! `footnote backup`: a copy of the database while the bot runs.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use jiff::Timestamp;

use crate::config::Config;
use crate::store::Store;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Where to write it; must not be there yet
    file: PathBuf,
}

pub(super) fn run(arguments: &Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    let file = &arguments.file;
    let copying = Store::backup(&config.store.url, file, Timestamp::now());
    let backup = super::block_on(copying)??;
    writeln!(
        anstream::stdout(),
        "{}: checked, {} tables, rows: {}, {} KiB",
        file.display(),
        backup.tables,
        backup.rows,
        backup.bytes.div_ceil(1024)
    )?;
    Ok(ExitCode::SUCCESS)
}
