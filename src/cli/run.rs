//! `footnote run`: the Discord bot, until it is told to stop.

use std::process::ExitCode;

use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::{discord, telemetry};

use super::signals::{stop_on_signal, workers};

pub(super) fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let token = config.token()?;
    telemetry::start(&config.log, Some(&token))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers())
        .enable_all()
        .build()?;
    let ended = runtime.block_on(async {
        let stop = CancellationToken::new();
        tokio::spawn(stop_on_signal(stop.clone()));
        discord::run(config, &token, stop).await
    });
    // Not waited for: looking for a host's address cannot be broken off.
    runtime.shutdown_background();
    ended?;
    Ok(ExitCode::SUCCESS)
}
