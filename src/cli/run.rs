//! `footnote run`: the Discord bot, until it is told to stop.

use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::{discord, telemetry};

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

/// Few threads are enough, and each has a stack and caches of its own.
fn workers() -> usize {
    std::thread::available_parallelism()
        .map_or(2, std::num::NonZero::get)
        .min(4)
}

/// The first signal lets the bot finish what it does; the second does not.
async fn stop_on_signal(stop: CancellationToken) {
    let signals = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    );
    let (Ok(mut terminate), Ok(mut interrupt)) = signals else {
        tracing::warn!("signals cannot be received; the bot ends at once when it is told to");
        return;
    };
    for _ in 0..2 {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        if stop.is_cancelled() {
            break;
        }
        tracing::info!("told to stop; finishing what is under way");
        stop.cancel();
    }
    tracing::warn!("told to stop twice; ending at once");
    #[expect(clippy::exit, reason = "the person asked twice")]
    std::process::exit(1);
}
