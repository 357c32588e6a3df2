//! The playground's own time: that of this machine, moved ahead when somebody
//! wants to see the next day now.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

use crate::app::Clock;

/// How far ahead it is, in milliseconds; of the process, since a clock is a plain
/// function.
static AHEAD: AtomicI64 = AtomicI64::new(0);

/// Tells that time.
pub(super) const CLOCK: Clock = Clock(now);

/// Moves the time ahead to a moment. It never goes back.
pub(super) fn move_to(moment: Timestamp) {
    let ahead = moment.duration_since(now()).as_millis();
    if let Ok(ahead) = i64::try_from(ahead)
        && ahead > 0
    {
        AHEAD.fetch_add(ahead, Ordering::Relaxed);
    }
}

/// Whether it was moved.
pub(super) fn is_moved() -> bool {
    AHEAD.load(Ordering::Relaxed) > 0
}

fn now() -> Timestamp {
    let here = (Clock::default().0)();
    let ahead = SignedDuration::from_millis(AHEAD.load(Ordering::Relaxed));
    here.checked_add(ahead).unwrap_or(Timestamp::MAX)
}
