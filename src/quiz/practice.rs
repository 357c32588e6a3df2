//! Spaced repetition: which question somebody practises next, and when again.
//!
//! The intervals are those of FSRS-5 (<https://github.com/open-spaced-repetition/fsrs4anki/wiki/The-Algorithm>)
//! with its general weights: fitting them to a person takes about a thousand
//! reviews. A right answer is graded Good and a wrong one Again, never Easy,
//! since some are guessed. Cards are not stored: they are what the reviews say
//! when they are replayed, answers of closed daily rounds among them. It never
//! scores, and must not be given the question of a round that is still open.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rs_fsrs::{FSRS, Parameters, Rating, Seed};
use sha2::{Digest as _, Sha256};

use super::question::Question;
use crate::id::UserId;

/// How likely an answer is still known when it is asked again.
const RETENTION: f64 = 0.9;

/// Facts age: nothing is left alone for longer, in days.
const LONGEST_DAYS: i64 = 90;

/// The least stability, in days, as in later versions of FSRS. Without it many
/// wrong answers in a row would bring it to zero, where the formulas end.
const LEAST_STABILITY: f64 = 0.01;

/// The general weights of FSRS-5. Written down because the default of the
/// library also reads the clock.
const WEIGHTS: [f64; 19] = [
    0.4072, 1.1829, 3.1262, 15.4722, 7.2102, 0.5316, 1.0651, 0.0234, 1.616, 0.1544, 1.0824, 1.9813,
    0.0953, 0.2975, 2.2042, 0.2407, 2.9466, 0.5034, 0.6567,
];

/// An answer to a question, in a closed round or in practice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// The question's id.
    pub question: String,
    /// The question's hash at that time.
    pub hash: String,
    /// Whether it was right.
    pub right: bool,
    /// When.
    pub at: Timestamp,
}

/// What somebody's reviews say about a question.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// The question's id.
    pub question: String,
    /// When it is to be asked again.
    pub due: Timestamp,
    /// When it was last answered.
    pub last: Timestamp,
    /// How often it was answered.
    pub reviews: u32,
    /// How often it was wrong after the first time.
    pub lapses: u32,
    /// Days until it is known with a likelihood of 90 % only.
    pub stability: f64,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next<'a> {
    /// A question that is due.
    Due(&'a Question),
    /// One that this person never answered.
    New(&'a Question),
    /// Enough for now.
    Done {
        /// When there is something again; none without questions.
        next_due: Option<Timestamp>,
    },
}

/// The cards of somebody, by question. Reviews of a question whose hash is
/// another now do not count, so that it begins anew; those of a question that
/// is gone give no card. The order of the reviews does not matter.
pub fn cards<'a>(reviews: &[Review], current: impl Fn(&str) -> Option<&'a str>) -> Vec<Card> {
    let mut valid: Vec<&Review> = reviews
        .iter()
        .filter(|review| current(&review.question) == Some(&review.hash))
        .collect();
    // A wrong answer comes first at the same moment, to have one order.
    valid.sort_by_key(|review| (review.at, review.right));
    let fsrs = FSRS::new(parameters());
    let mut cards: BTreeMap<&str, (rs_fsrs::Card, Card)> = BTreeMap::new();
    for review in valid {
        let Some(at) = DateTime::<Utc>::from_timestamp(review.at.as_second(), 0) else {
            continue;
        };
        let (state, card) = cards.entry(&review.question).or_insert_with(|| {
            let fresh = rs_fsrs::Card {
                due: at,
                last_review: at,
                ..rs_fsrs::Card::default()
            };
            (fresh, Card::fresh(&review.question, review.at))
        });
        let grade = if review.right {
            Rating::Good
        } else {
            Rating::Again
        };
        *state = fsrs.next(state.clone(), at, grade).card;
        state.stability = state.stability.max(LEAST_STABILITY);
        // The library lifts Good above the other grades after its own limit.
        let days = state.scheduled_days.clamp(1, LONGEST_DAYS);
        card.due = review
            .at
            .saturating_add(SignedDuration::from_hours(days * 24))
            .unwrap_or(Timestamp::MAX);
        card.last = review.at;
        card.reviews += 1;
        card.lapses += u32::from(!review.right && card.reviews > 1);
        card.stability = state.stability;
    }
    cards.into_values().map(|(_, card)| card).collect()
}

/// What somebody practises next: what is due, the longest overdue first, then
/// what is new, in an order of this person's own. At most `per_day` answers on
/// a day (UTC), those of the daily rounds among them.
pub fn next<'a>(
    bank: &'a [Question],
    reviews: &[Review],
    now: Timestamp,
    per_day: usize,
    user: UserId,
) -> Next<'a> {
    let questions: HashMap<&str, &Question> = bank
        .iter()
        .map(|question| (question.id.as_str(), question))
        .collect();
    let mut cards = cards(reviews, |id| {
        questions.get(id).map(|question| question.hash.as_str())
    });
    cards.sort_by(|a, b| (a.due, &a.question).cmp(&(b.due, &b.question)));
    let known: HashSet<&str> = cards.iter().map(|card| card.question.as_str()).collect();
    let fresh = bank
        .iter()
        .filter(|question| !known.contains(question.id.as_str()))
        .min_by_key(|question| Sha256::digest(format!("{user}|{}", question.id)));
    let first = cards.first();
    let due = first
        .filter(|card| card.due <= now)
        .and_then(|card| questions.get(card.question.as_str()).copied());

    let day = |at: Timestamp| TimeZone::UTC.to_datetime(at).date();
    let today = day(now);
    let answered = reviews.iter().filter(|review| day(review.at) == today);
    if answered.count() >= per_day {
        let tomorrow = today.tomorrow().ok();
        let tomorrow = tomorrow.and_then(|day| Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp()));
        let something = if fresh.is_some() {
            Some(now)
        } else {
            first.map(|card| card.due)
        };
        return Next::Done {
            next_due: something.and_then(|at| tomorrow.map(|tomorrow| at.max(tomorrow))),
        };
    }
    match (due, fresh) {
        (Some(question), _) => Next::Due(question),
        (None, Some(question)) => Next::New(question),
        (None, None) => Next::Done {
            next_due: first.map(|card| card.due),
        },
    }
}

impl Card {
    fn fresh(question: &str, at: Timestamp) -> Self {
        Self {
            question: question.to_owned(),
            due: at,
            last: at,
            reviews: 0,
            lapses: 0,
            stability: 0.0,
        }
    }
}

/// Days rather than minutes between reviews, and nothing by chance.
fn parameters() -> Parameters {
    Parameters {
        request_retention: RETENTION,
        maximum_interval: i32::try_from(LONGEST_DAYS).unwrap_or(i32::MAX),
        w: WEIGHTS,
        decay: Parameters::DECAY,
        factor: Parameters::FACTOR,
        enable_short_term: false,
        enable_fuzz: false,
        seed: Seed::Empty,
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::question;
    use super::*;
    use proptest::prelude::*;

    fn day(day: i64) -> Timestamp {
        let start: Timestamp = "2026-01-01T09:00:00Z".parse().unwrap();
        start + SignedDuration::from_hours(day * 24)
    }

    fn review(id: &str, at: i64, right: bool) -> Review {
        Review {
            question: id.to_owned(),
            hash: question(id).hash,
            right,
            at: day(at),
        }
    }

    fn replay(reviews: &[Review]) -> Vec<Card> {
        cards(reviews, |_| Some("0123456789abcdef"))
    }

    /// Days until the next review when every answer comes on the day it is due.
    fn intervals(answers: &[bool]) -> Vec<i64> {
        let mut reviews = Vec::new();
        let mut at = 0;
        answers
            .iter()
            .map(|right| {
                reviews.push(review("q", at, *right));
                let card = &replay(&reviews)[0];
                let days = card.due.duration_since(card.last).as_hours() / 24;
                at += days;
                days
            })
            .collect()
    }

    #[test]
    fn what_is_known_comes_ever_later_but_within_90_days() {
        assert_eq!(intervals(&[true; 6]), [3, 11, 36, 90, 90, 90]);
    }

    #[test]
    fn what_was_wrong_comes_the_next_day() {
        assert_eq!(intervals(&[false]), [1]);
        let after = intervals(&[true, true, true, false, true]);
        assert!(after[3] < after[2], "{after:?}");
        assert!(after[4] < after[2], "{after:?}");
    }

    #[test]
    fn the_weights_are_those_of_the_library() {
        assert_eq!(
            Parameters::default().w.map(f64::to_bits),
            WEIGHTS.map(f64::to_bits)
        );
    }

    #[test]
    fn a_changed_question_begins_anew_and_one_that_is_gone_has_no_card() {
        let reviews = [
            review("old", 0, true),
            review("gone", 0, true),
            review("same", 0, true),
        ];
        let left = cards(&reviews, |id| match id {
            "old" => Some("another"),
            "same" => Some("0123456789abcdef"),
            _ => None,
        });
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].question, "same");
    }

    const ME: UserId = UserId(1);

    #[test]
    fn the_longest_overdue_comes_first() {
        let bank = ["a", "b", "c"].map(question);
        let reviews = [
            review("a", 2, false),
            review("b", 1, false),
            review("c", 3, false),
        ];
        assert_eq!(next(&bank, &reviews, day(9), 10, ME), Next::Due(&bank[1]));
    }

    #[test]
    fn new_questions_come_when_nothing_is_due_in_an_order_of_ones_own() {
        let bank: Vec<Question> = (0..20)
            .map(|number| question(&number.to_string()))
            .collect();
        let reviews = [review("3", 0, true)];
        let first = |user| next(&bank, &reviews, day(1), 10, UserId(user));
        assert!(matches!(first(1), Next::New(question) if question.id != "3"));
        assert_eq!(first(1), first(1));
        assert!((2..20).any(|user| first(user) != first(1)));
    }

    #[test]
    fn a_day_has_its_end() {
        let bank = ["a", "b", "c"].map(question);
        let reviews = [review("a", 0, false), review("b", 0, true)];
        let midnight = "2026-01-02T00:00:00Z".parse().unwrap();
        assert_eq!(
            next(&bank, &reviews, day(0), 2, ME),
            Next::Done {
                next_due: Some(midnight)
            }
        );
        assert_eq!(next(&bank, &reviews, day(0), 3, ME), Next::New(&bank[2]));
        // Nothing new: when the next one is due.
        assert_eq!(
            next(&bank[..2], &reviews, day(0), 3, ME),
            Next::Done {
                next_due: Some(day(1))
            }
        );
        assert_eq!(
            next(&[], &reviews, day(0), 3, ME),
            Next::Done { next_due: None }
        );
    }

    #[test]
    fn a_thousand_wrong_answers_break_nothing() {
        let reviews: Vec<Review> = (0..1_000).map(|at| review("q", at, false)).collect();
        let card = &replay(&reviews)[0];
        assert_eq!(card.due, day(1_000));
        assert!(card.stability.is_finite());
        assert_eq!((card.reviews, card.lapses), (1_000, 999));
    }

    fn histories() -> impl Strategy<Value = Vec<Review>> {
        let one = ("[a-d]", 0_i64..2_000, any::<bool>());
        proptest::collection::vec(one, 0..60).prop_map(|reviews| {
            let reviews = reviews.into_iter();
            reviews
                .map(|(id, at, right)| review(&id, at, right))
                .collect()
        })
    }

    proptest! {
        #[test]
        fn a_card_is_due_within_90_days_of_its_last_review(reviews in histories()) {
            for card in replay(&reviews) {
                let days = card.due.duration_since(card.last).as_hours() / 24;
                prop_assert!((1..=90).contains(&days), "{card:?}");
                let mine = reviews.iter().filter(|review| review.question == card.question);
                prop_assert_eq!(mine.clone().map(|review| review.at).max(), Some(card.last));
                prop_assert_eq!(mine.count(), usize::try_from(card.reviews).unwrap());
            }
        }

        #[test]
        fn the_order_of_reviews_does_not_matter(reviews in histories(), turn in 0_usize..60) {
            let mut turned = reviews.clone();
            turned.reverse();
            let turn = turn % turned.len().max(1);
            turned.rotate_left(turn);
            prop_assert_eq!(replay(&turned), replay(&reviews));
        }

        #[test]
        fn a_right_answer_is_never_asked_sooner_than_a_wrong_one(reviews in histories(), at in 2_000_i64..2_100) {
            let due = |right| {
                let mut all = reviews.clone();
                all.push(review("a", at, right));
                replay(&all)[0].due
            };
            prop_assert!(due(true) >= due(false));
        }

        #[test]
        fn no_more_than_the_daily_number_is_asked(reviews in histories(), at in 0_i64..2_000) {
            let bank = ["a", "b", "c", "d", "e"].map(question);
            let mut reviews = reviews;
            let today = |reviews: &[Review]| reviews.iter().filter(|review| review.at == day(at)).count();
            let before = today(&reviews);
            for _ in 0..20 {
                let (Next::Due(asked) | Next::New(asked)) = next(&bank, &reviews, day(at), 4, ME) else {
                    break;
                };
                reviews.push(review(&asked.id, at, true));
            }
            prop_assert!(today(&reviews) <= before.max(4));
        }
    }
}
