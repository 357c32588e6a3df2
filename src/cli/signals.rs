//! What long-running verbs share: how they are told to stop, and threads.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Few threads are enough, and each has a stack and caches of its own.
pub(super) fn workers() -> usize {
    std::thread::available_parallelism()
        .map_or(2, std::num::NonZero::get)
        .min(4)
}

/// The first signal lets the program finish what it does; the second does not.
pub(super) async fn stop_on_signal(stop: CancellationToken) {
    let signals = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    );
    let (Ok(mut terminate), Ok(mut interrupt)) = signals else {
        tracing::warn!("signals cannot be received; the program ends at once when it is told to");
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
