//! `footnote playground`: a local page that behaves like a chat with the bot.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Args;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::playground::Playground;
use crate::telemetry;

use super::signals::{stop_on_signal, workers};

/// Nothing well known listens there.
pub(super) const PORT: u16 = 4880;

#[derive(Debug, Args)]
#[command(
    after_help = "What happens is kept in memory and gone at the end, unless [store] in the \
    configuration names a database other than the default."
)]
pub(super) struct Arguments {
    /// Port of this machine to listen on; 0 for any that is free
    #[arg(long, value_name = "N", default_value_t = PORT)]
    port: u16,
}

impl Default for Arguments {
    fn default() -> Self {
        Self { port: PORT }
    }
}

pub(super) fn run(arguments: &Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    telemetry::start(&config.log, None)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers())
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let stop = CancellationToken::new();
        tokio::spawn(stop_on_signal(stop.clone()));
        let playground = Playground::open(config, arguments.port).await?;
        announce(&playground)?;
        playground.serve(stop).await;
        Ok(ExitCode::SUCCESS)
    })
}

fn announce(playground: &Playground) -> std::io::Result<()> {
    let (notes, folder) = playground.notes();
    let notes = match notes {
        1 => "1 note".to_owned(),
        notes => format!("{notes} notes"),
    };
    let kept = playground.store().map_or_else(
        || "in memory, gone at the end".to_owned(),
        |url| format!("in {url}"),
    );
    let mut out = anstream::stdout().lock();
    writeln!(out, "Playground: {}  (Ctrl-C ends it)", playground.url())?;
    writeln!(
        out,
        "A chat with the bot in it, on this machine only. {notes} from {}; what happens is kept {kept}.",
        folder.display()
    )?;
    out.flush()
}
