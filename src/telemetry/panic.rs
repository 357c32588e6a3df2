//! Panics go to the log like everything else: once, on one line, redacted.

use std::panic::{PanicHookInfo, set_hook};
use std::thread;

/// Lets panics through whatever filter a user has set.
pub(super) const TARGET_LEVEL: &str = "footnote::panic=error";

/// Logs panics of this process from now on, instead of printing them.
pub fn log_panics() {
    set_hook(Box::new(log));
}

fn log(panic: &PanicHookInfo<'_>) {
    let thread = thread::current();
    tracing::error!(
        target: "footnote::panic",
        {
            panic.location = panic.location().map(tracing::field::display),
            panic.thread = thread.name().unwrap_or("unnamed"),
        },
        "panic: {}",
        panic.payload_as_str().unwrap_or("no message"),
    );
}
