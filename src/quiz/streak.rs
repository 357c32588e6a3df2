//! Streaks, derived from attempts.
//!
//! A streak rewards the habit, not luck: answers count, right or wrong. Young
//! streaks are the ones that keep people coming, and punishing a missed day
//! makes them leave, so that freezes bridge some, free and by themselves. Only
//! rounds that were posted exist here: weekends, pauses and outages cost nothing.

use super::round::{Played, State};
use crate::id::UserId;

/// So many answers earn a freeze: about a working week.
const ANSWERS_PER_FREEZE: u32 = 5;

/// More freezes are not kept, so that a streak still means something.
const MOST_FREEZES: u32 = 2;

/// How regularly somebody answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Streak {
    /// Rounds answered in a row up to now; bridged ones neither add nor end it.
    pub current: u32,
    /// The longest ever.
    pub best: u32,
    /// Right answers in a row among closed rounds, within the current streak.
    pub right_in_a_row: u32,
    /// Freezes in hand, at most 2.
    pub freezes: u32,
    /// Whether the latest closed round was missed and bridged by a freeze.
    pub just_frozen: bool,
}

/// The streak of somebody over the rounds of a server, oldest first.
///
/// An open round counts once it is answered, and breaks nothing before; whether
/// the answer is right does not show before it is closed.
pub fn streak(user: UserId, played: &[Played]) -> Streak {
    let mut streak = Streak::default();
    let mut answers = 0;
    for played in played {
        let closed = match played.round.state {
            State::Posted => false,
            State::Closed | State::Revealed => true,
            _ => continue,
        };
        let attempt = played.attempts.iter().find(|attempt| attempt.user == user);
        if closed {
            streak.just_frozen = false;
        }
        if let Some(attempt) = attempt {
            streak.current += 1;
            streak.best = streak.best.max(streak.current);
            answers += 1;
            if answers % ANSWERS_PER_FREEZE == 0 {
                streak.freezes = (streak.freezes + 1).min(MOST_FREEZES);
            }
            if closed {
                let right = played.is_right(attempt);
                streak.right_in_a_row = if right { streak.right_in_a_row + 1 } else { 0 };
            }
        } else if closed {
            if streak.freezes > 0 {
                streak.freezes -= 1;
                streak.just_frozen = true;
            } else {
                streak.current = 0;
                streak.right_in_a_row = 0;
            }
        }
    }
    streak
}

#[cfg(test)]
mod tests {
    use super::super::example::{played, question};
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    /// A round a letter: `r`ight, `w`rong or missed (`.`); upper case (and `_`)
    /// while it is open, `x` for one that was never posted.
    fn rounds(letters: &str) -> Vec<Played> {
        let mut day = date(2026, 1, 1);
        letters
            .chars()
            .map(|letter| {
                day = day.tomorrow().unwrap();
                let state = match letter {
                    'r' | 'w' | '.' => State::Revealed,
                    'x' => State::Missed,
                    _ => State::Posted,
                };
                let mut attempts = vec![(7, 0)];
                match letter {
                    'r' | 'R' => attempts.push((1, 0)),
                    'w' | 'W' => attempts.push((1, 2)),
                    _ => {}
                }
                played(day, state, question("q"), &attempts)
            })
            .collect()
    }

    fn of(letters: &str) -> Streak {
        streak(UserId(1), &rounds(letters))
    }

    #[test]
    fn answers_in_a_row_make_a_streak() {
        assert_eq!(of("").current, 0);
        assert_eq!(of("rwr").current, 3);
        assert_eq!(of("rw.rr").current, 2);
        assert_eq!(of("rrr.rr").best, 3);
    }

    #[test]
    fn an_open_round_breaks_nothing_and_tells_nothing() {
        assert_eq!(of("rr_").current, 2);
        assert_eq!(of("rrR"), of("rrW"));
        assert_eq!(of("rrR").current, 3);
        assert_eq!(of("rrR").right_in_a_row, 2);
        assert_eq!(of("rrrrrr._").just_frozen, of("rrrrrr.").just_frozen);
    }

    #[test]
    fn what_was_not_posted_does_not_count() {
        assert_eq!(of("rrxxr"), of("rrr"));
    }

    #[test]
    fn freezes_are_earned_and_spent_by_themselves() {
        assert_eq!(of("rrrr").freezes, 0);
        assert_eq!(of("rrrrr").freezes, 1);
        assert_eq!(of(&"r".repeat(40)).freezes, 2);
        let bridged = of("rrrrr.");
        assert_eq!((bridged.current, bridged.freezes), (5, 0));
        assert!(bridged.just_frozen);
        assert!(!of("rrrrr.r").just_frozen);
        assert_eq!(of("rrrrr.r").current, 6);
        let broken = of("rrrrr..");
        assert_eq!((broken.current, broken.best), (0, 5));
        assert!(!broken.just_frozen);
    }

    #[test]
    fn right_answers_in_a_row_end_with_a_wrong_one() {
        assert_eq!(of("rrwrr").right_in_a_row, 2);
        assert_eq!(of("rrw").right_in_a_row, 0);
        assert_eq!(of("rrrrr.r").right_in_a_row, 6);
        assert_eq!(of("rr.").right_in_a_row, 0);
    }

    /// The same by the book: every state that a streak can have is written down,
    /// and the numbers are read off the list of days.
    fn by_the_book(letters: &str) -> (u32, u32) {
        // What each day is in the end: answered, bridged or broken.
        let mut days = Vec::new();
        for (at, letter) in letters.char_indices() {
            match letter {
                '.' => {
                    let mut hand = 0_u32;
                    let mut answers = 0;
                    for (day, before) in letters.char_indices().take_while(|(day, _)| *day < at) {
                        match (before, days.get(day)) {
                            ('.', Some('b')) => hand -= 1,
                            ('r' | 'w' | 'R' | 'W', _) => {
                                answers += 1;
                                hand = if answers % 5 == 0 && hand < 2 {
                                    hand + 1
                                } else {
                                    hand
                                };
                            }
                            _ => {}
                        }
                    }
                    days.push(if hand > 0 { 'b' } else { '|' });
                }
                'x' | '_' => days.push(' '),
                _ => days.push('a'),
            }
        }
        let days: String = days.into_iter().collect();
        let count = |run: &str| u32::try_from(run.matches('a').count()).unwrap();
        let runs: Vec<u32> = days.split('|').map(count).collect();
        (*runs.last().unwrap(), runs.into_iter().max().unwrap())
    }

    proptest! {
        #[test]
        fn a_streak_is_what_the_days_say(letters in "[rwrwrw.x]{0,60}[RW_]?") {
            let streak = of(&letters);
            prop_assert_eq!((streak.current, streak.best), by_the_book(&letters));
            prop_assert!(streak.freezes <= 2);
            prop_assert!(streak.right_in_a_row <= streak.current);
            prop_assert!(streak.current <= streak.best);
        }
    }
}
