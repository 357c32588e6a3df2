//! Getting a round's message into its channel exactly once, as a protocol.
//!
//! Discord has no transactions, so a message is sent with a nonce that Discord
//! remembers for some minutes, and whenever it is in doubt whether an earlier
//! request arrived, the channel is read before anything is sent again. The
//! rules stand here as plain values: a platform carries out a [`Step`] and says
//! what came of it, and [`Claim::after`] says what that means. The order of
//! claim, request and record is the application's.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::round::{Round, State};
use crate::id::MessageId;

/// How long a claim is held. Another process may take the round over when it
/// ends, so everything that a claim does must be over by then.
pub const LEASE: Duration = Duration::from_mins(1);

/// A request may take 15 s; one that would begin with less than that and some
/// room left of its lease is not made.
pub const LAST_SEND: Duration = Duration::from_secs(40);

/// A round this late says so.
const LATE: SignedDuration = SignedDuration::from_mins(10);

/// The channel is read from this long before the first try: clocks differ.
const LOOK_BACK: SignedDuration = SignedDuration::from_mins(2);

/// Waits before another try, by how often it was tried. The first is longer
/// than a request may take: what is still on its way has arrived by then, and
/// the channel shows it. With the longest, and 15 s for a request that nobody
/// answers, a round is posted within a minute of the end of any outage.
const WAITS: [Duration; 3] = [
    Duration::from_secs(20),
    Duration::from_secs(30),
    Duration::from_secs(40),
];

/// Waits after a refusal. Discord stops bots that send many refused requests,
/// and an admin needs some time; after the last one it is given up.
const REFUSED: [Duration; 2] = [Duration::from_mins(20), Duration::from_mins(90)];

/// One process's right to publish a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// A message of an earlier claim may exist.
    pub doubtful: bool,
    /// It is too late to post; only a message that is there already counts.
    pub expired: bool,
    /// How often the round was claimed, this time included.
    pub tries: u32,
    /// How often Discord has refused it so far.
    pub refusals: u32,
    /// When it was first tried.
    pub first_try: Timestamp,
}

/// What a platform is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Read the channel's messages from a time on, and look for the round's.
    Look {
        /// Earlier messages cannot be it.
        since: Timestamp,
    },
    /// Send the message with the round's nonce.
    Send,
}

/// What came of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The message is there: found, or sent.
    There(MessageId),
    /// The whole stretch was read, with the right to read it, and it is not there.
    Absent,
    /// The history cannot be read, which Discord shows as an empty one.
    Unreadable,
    /// Sent by an earlier try and removed by somebody since.
    Removed,
    /// Surely without effect; may work later.
    NotDone {
        /// Not before this time has passed, if that is known.
        wait: Option<Duration>,
        /// Why, for the log and for admins.
        why: String,
    },
    /// Discord refuses it until somebody changes something.
    Refused {
        /// What is in the way.
        why: String,
    },
    /// Nobody knows.
    Unknown {
        /// What was seen last.
        why: String,
    },
}

/// What an outcome means for the round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Go on.
    Do(Step),
    /// Record the message.
    Posted(MessageId),
    /// End the claim; the round is tried again after a while.
    GiveBack {
        /// Its state until then.
        to: State,
        /// How long.
        wait: Duration,
        /// Why.
        why: String,
        /// Whether an admin has to mend something.
        tell: bool,
    },
    /// End the round.
    Finish {
        /// Its last state.
        to: State,
        /// Why.
        why: String,
        /// Whether an admin has to know.
        tell: bool,
    },
}

impl Claim {
    /// The claim of a round as the store gave it. `listed` is the round as it was
    /// before; somebody may have claimed it in between.
    pub fn of(listed: &Round, claimed: &Round, now: Timestamp, deadline: Timestamp) -> Self {
        let first = listed.state == State::Scheduled
            && listed.first_try.is_none()
            && claimed.claims == listed.claims + 1;
        Self {
            doubtful: !first,
            expired: now > deadline,
            tries: claimed.claims,
            refusals: claimed.refusals,
            first_try: claimed.first_try.unwrap_or(now),
        }
    }

    /// What to do first.
    pub fn first_step(&self) -> Step {
        if self.doubtful {
            let since = self.first_try.checked_sub(LOOK_BACK);
            Step::Look {
                since: since.unwrap_or(self.first_try),
            }
        } else {
            Step::Send
        }
    }

    /// What the outcome of a step means.
    pub fn after(&self, step: Step, outcome: Outcome) -> Verdict {
        match (step, outcome) {
            (_, Outcome::There(message)) => Verdict::Posted(message),
            (_, Outcome::Removed) => Verdict::Finish {
                to: State::Skipped,
                why: "its message was removed right after it was posted".to_owned(),
                tell: false,
            },
            (Step::Look { .. }, Outcome::Absent) if self.expired => Verdict::Finish {
                to: State::Missed,
                why: "Discord could not be reached in time".to_owned(),
                tell: true,
            },
            // Whatever is still on its way carries the same nonce.
            (Step::Look { .. }, Outcome::Absent) => Verdict::Do(Step::Send),
            (Step::Look { .. }, Outcome::Unreadable) if self.expired => Verdict::Finish {
                to: State::Missed,
                why: "it is not known whether it was posted: the channel's history cannot be read"
                    .to_owned(),
                tell: true,
            },
            (Step::Look { .. }, Outcome::Unreadable) => Verdict::GiveBack {
                to: State::Held,
                wait: Duration::from_mins(10),
                why: UNREADABLE.to_owned(),
                tell: true,
            },
            // No channel, or no way into it: nobody sees a message there either.
            (Step::Look { .. }, Outcome::Refused { why }) => self.refused(State::Held, why),
            (Step::Look { .. }, Outcome::NotDone { wait, why }) => {
                self.later(State::Posting, wait, why)
            }
            (Step::Send, Outcome::NotDone { wait, why }) => self.later(self.unsent(), wait, why),
            (Step::Send, Outcome::Refused { why }) => self.refused(self.unsent(), why),
            (_, Outcome::Unknown { why }) => self.later(State::Posting, None, why),
            // A send finds nothing out about the channel's history.
            (Step::Send, Outcome::Absent | Outcome::Unreadable) => self.later(
                State::Posting,
                None,
                "an answer that makes no sense".to_owned(),
            ),
        }
    }

    /// The state of a round of which this claim surely sent nothing.
    fn unsent(&self) -> State {
        if self.doubtful {
            State::Posting
        } else {
            State::Scheduled
        }
    }

    fn later(&self, to: State, wait: Option<Duration>, why: String) -> Verdict {
        if self.expired {
            return Verdict::Finish {
                to: State::Missed,
                why: format!("it could not be posted in time: {why}"),
                tell: true,
            };
        }
        let wait = wait.unwrap_or_default().max(backoff(self.tries));
        Verdict::GiveBack {
            to,
            wait,
            why,
            tell: false,
        }
    }

    fn refused(&self, to: State, why: String) -> Verdict {
        let nth = usize::try_from(self.refusals).unwrap_or(usize::MAX);
        match REFUSED.get(nth) {
            Some(wait) if !self.expired => Verdict::GiveBack {
                to,
                wait: *wait,
                why,
                tell: true,
            },
            _ => Verdict::Finish {
                to: State::Failed,
                why,
                tell: true,
            },
        }
    }
}

/// Why a round is held.
pub const UNREADABLE: &str =
    "it may have been posted, and the channel's history cannot be read to know";

/// The wait before the next try, after so many.
pub fn backoff(tries: u32) -> Duration {
    let nth = usize::try_from(tries.saturating_sub(1)).unwrap_or(usize::MAX);
    let [.., longest] = WAITS;
    WAITS.get(nth).copied().unwrap_or(longest)
}

/// Whether a round that is posted now should say that it is late.
pub fn is_late(due: Timestamp, now: Timestamp) -> bool {
    now.duration_since(due) > LATE
}

/// When a round can no longer be posted: so long after its time, and before the
/// next one.
pub fn deadline(
    due: Timestamp,
    catch_up: SignedDuration,
    next_due: Option<Timestamp>,
) -> Timestamp {
    let latest = due.checked_add(catch_up).unwrap_or(Timestamp::MAX);
    next_due.map_or(latest, |next| latest.min(next))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim() -> Claim {
        Claim {
            doubtful: false,
            expired: false,
            tries: 1,
            refusals: 0,
            first_try: Timestamp::from_second(1_000_000).unwrap(),
        }
    }

    fn doubtful() -> Claim {
        Claim {
            doubtful: true,
            tries: 2,
            ..claim()
        }
    }

    fn every_outcome() -> Vec<Outcome> {
        let why = || "because".to_owned();
        vec![
            Outcome::There(MessageId(7)),
            Outcome::Absent,
            Outcome::Unreadable,
            Outcome::Removed,
            Outcome::NotDone {
                wait: None,
                why: why(),
            },
            Outcome::Refused { why: why() },
            Outcome::Unknown { why: why() },
        ]
    }

    #[test]
    fn a_first_try_sends_and_a_doubtful_one_looks_first() {
        assert_eq!(claim().first_step(), Step::Send);
        let Step::Look { since } = doubtful().first_step() else {
            panic!("it would send without looking");
        };
        assert!(since < doubtful().first_try);
    }

    #[test]
    fn a_doubtful_round_is_sent_only_when_the_channel_was_read_and_it_is_absent() {
        let look = doubtful().first_step();
        for outcome in every_outcome() {
            let verdict = doubtful().after(look, outcome.clone());
            let sends = verdict == Verdict::Do(Step::Send);
            assert_eq!(sends, outcome == Outcome::Absent, "{outcome:?}");
        }
    }

    #[test]
    fn nothing_in_doubt_goes_back_to_scheduled() {
        for claim in [claim(), doubtful()] {
            for step in [claim.first_step(), Step::Send] {
                for outcome in every_outcome() {
                    let verdict = claim.after(step, outcome.clone());
                    if let Verdict::GiveBack { to, .. } = &verdict {
                        assert!(State::Posting.may_become(*to) || *to == State::Posting);
                        let sure = !claim.doubtful
                            && matches!(outcome, Outcome::NotDone { .. } | Outcome::Refused { .. })
                            && step == Step::Send;
                        assert_eq!(*to == State::Scheduled, sure, "{claim:?} {outcome:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_round_whose_time_is_over_is_never_sent() {
        for outcome in every_outcome() {
            let late = Claim {
                expired: true,
                ..doubtful()
            };
            let verdict = late.after(late.first_step(), outcome);
            assert!(
                matches!(verdict, Verdict::Posted(_) | Verdict::Finish { .. }),
                "{verdict:?}"
            );
        }
    }

    #[test]
    fn refusals_are_few_and_then_it_is_given_up() {
        let refused = |refusals| {
            let why = "no permission".to_owned();
            Claim {
                refusals,
                ..claim()
            }
            .after(Step::Send, Outcome::Refused { why })
        };
        let waits = |verdict: &Verdict| matches!(verdict, Verdict::GiveBack { tell: true, .. });
        assert!(waits(&refused(0)) && waits(&refused(1)));
        let failed = matches!(
            refused(2),
            Verdict::Finish {
                to: State::Failed,
                ..
            }
        );
        assert!(failed);
    }

    #[test]
    fn waits_grow_and_keep_to_what_discord_says() {
        assert!(backoff(1) < backoff(2));
        assert_eq!(backoff(99), backoff(3));
        // A request of 15 s that began just before the end of an outage.
        let longest = Duration::from_secs(15) + backoff(u32::MAX);
        assert!(longest < Duration::from_mins(1), "{longest:?}");
        let wait = Some(Duration::from_mins(30));
        let why = String::new();
        let verdict = claim().after(Step::Send, Outcome::NotDone { wait, why });
        let Verdict::GiveBack { wait, .. } = verdict else {
            panic!("{verdict:?}");
        };
        assert_eq!(wait, Duration::from_mins(30));
    }

    #[test]
    fn a_round_ends_with_its_deadline_or_the_next_round() {
        let due = Timestamp::from_second(0).unwrap();
        let at = |hours: i64| Timestamp::from_second(hours * 3600).unwrap();
        let six = SignedDuration::from_hours(6);
        assert_eq!(deadline(due, six, None), at(6));
        assert_eq!(deadline(due, six, Some(at(24))), at(6));
        assert_eq!(deadline(due, six, Some(at(3))), at(3));
    }
}
