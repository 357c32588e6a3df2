//! How far our clock is off, by Discord's.
//!
//! A clock that is wrong would post at a wrong time, or take a round for
//! missed. Each reply of Discord carries its time; as long as our clock has not
//! jumped since, that stays known for some minutes.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// More than this, and nothing is posted.
const MOST: SignedDuration = SignedDuration::from_secs(120);
/// What was seen is believed for this long.
const FRESH: Duration = Duration::from_mins(10);
/// Our clock and the running time may drift apart by this much without a jump.
const DRIFT: SignedDuration = SignedDuration::from_secs(5);

/// Whether our clock can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Soundness {
    /// It is right to two minutes.
    Sound,
    /// It is this much ahead (or behind, when negative).
    Off(SignedDuration),
    /// It is not known: nothing was heard lately, or the clock has jumped.
    Unknown,
}

/// What was last heard.
#[derive(Debug, Default)]
pub(super) struct Skew {
    heard: Option<Heard>,
}

#[derive(Clone, Copy, Debug)]
struct Heard {
    wall: Timestamp,
    running: Duration,
    ahead: SignedDuration,
}

impl Skew {
    pub(super) fn hear(&mut self, wall: Timestamp, running: Duration, date: Timestamp) {
        self.heard = Some(Heard {
            wall,
            running,
            ahead: wall.duration_since(date),
        });
    }

    pub(super) fn judge(&self, wall: Timestamp, running: Duration) -> Soundness {
        let Some(heard) = self.heard else {
            return Soundness::Unknown;
        };
        let Some(passed) = running.checked_sub(heard.running) else {
            return Soundness::Unknown;
        };
        if passed > FRESH || self.has_jumped(wall, running) {
            return Soundness::Unknown;
        }
        if heard.ahead.abs() > MOST {
            return Soundness::Off(heard.ahead);
        }
        Soundness::Sound
    }

    /// Whether our clock shows another time than has passed since something was
    /// last heard.
    pub(super) fn has_jumped(&self, wall: Timestamp, running: Duration) -> bool {
        self.heard.is_some_and(|heard| {
            let passed = running.saturating_sub(heard.running);
            let passed = SignedDuration::try_from(passed).unwrap_or(SignedDuration::MAX);
            let passed_here = wall.duration_since(heard.wall);
            passed_here.saturating_sub(passed).abs() > DRIFT
        })
    }

    /// How far it was off when something was last heard, if that was too much.
    pub(super) fn off(&self) -> Option<SignedDuration> {
        let ahead = self.heard?.ahead;
        (ahead.abs() > MOST).then_some(ahead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).unwrap()
    }

    fn running(second: u64) -> Duration {
        Duration::from_secs(second)
    }

    fn heard(ahead: i64) -> Skew {
        let mut skew = Skew::default();
        skew.hear(at(0), running(100), at(-ahead));
        skew
    }

    #[test]
    fn a_clock_is_sound_when_discord_agrees_to_two_minutes() {
        assert_eq!(Skew::default().judge(at(0), running(0)), Soundness::Unknown);
        for (ahead, sound) in [
            (0, true),
            (119, true),
            (-119, true),
            (121, false),
            (-4000, false),
        ] {
            let judged = heard(ahead).judge(at(60), running(160));
            let off = Soundness::Off(SignedDuration::from_secs(ahead));
            assert_eq!(judged, if sound { Soundness::Sound } else { off });
            assert_eq!(heard(ahead).off().is_none(), sound);
        }
    }

    #[test]
    fn what_was_heard_is_worth_nothing_after_a_jump_or_a_long_time() {
        let skew = heard(0);
        // An hour ahead all at once; the machine slept; time ran backwards.
        assert_eq!(skew.judge(at(3_600), running(101)), Soundness::Unknown);
        assert_eq!(skew.judge(at(28_800), running(100)), Soundness::Unknown);
        assert_eq!(skew.judge(at(-60), running(110)), Soundness::Unknown);
        assert_eq!(skew.judge(at(601), running(701)), Soundness::Unknown);
        assert_eq!(skew.judge(at(599), running(699)), Soundness::Sound);
        // Only time that does not fit is a jump.
        assert!(skew.has_jumped(at(3_600), running(101)));
        assert!(skew.has_jumped(at(0), running(130)));
        assert!(!skew.has_jumped(at(601), running(701)));
        assert!(!Skew::default().has_jumped(at(3_600), running(0)));
    }
}
