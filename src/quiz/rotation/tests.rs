//! Rotation over small banks: each rule, what goes first, and what may not go.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::id::{ChannelId, GuildId, UserId};
use crate::quiz::question::samples::question;
use crate::quiz::round::{Attempt, Round, State};
use crate::quiz::schedule::Feedback;

/// A round on the day with this number, answered by people who chose so.
fn played(question: &Question, day: i16, choices: &[usize]) -> Played {
    let attempts = choices.iter().zip(1..).map(|(choice, user)| Attempt {
        user: UserId(user),
        choice: *choice,
        at: Timestamp::UNIX_EPOCH,
    });
    Played {
        round: Round {
            id: on(1, day),
            channel: ChannelId(1),
            due: Timestamp::UNIX_EPOCH,
            state: State::Revealed,
            open_minutes: 60,
            feedback: Feedback::AtReveal,
            question: Some(question.clone()),
            claims: 1,
            refusals: 0,
            first_try: None,
            close_at: None,
            message: None,
            posted_at: None,
            reason: None,
        },
        attempts: attempts.collect(),
    }
}

fn on(guild: u64, day: i16) -> RoundId {
    let date = date(2026, 1, 1).saturating_add(jiff::Span::new().days(day));
    RoundId {
        guild: GuildId(guild),
        date,
    }
}

/// `subjects` services with `each` questions.
fn bank(subjects: usize, each: usize) -> Vec<Question> {
    (0..subjects * each)
        .map(|at| question(&format!("s{}#q{at}", at % subjects), &["a", "b", "c"]))
        .collect()
}

fn none() -> HashSet<(String, String)> {
    HashSet::new()
}

/// The rounds of so many days in a row.
fn run(bank: &[Question], guild: u64, days: i16) -> Vec<(Played, Relaxed)> {
    let mut past: Vec<Played> = Vec::new();
    let mut rounds = Vec::new();
    for day in 0..days {
        let id = on(guild, day);
        let picked = pick(bank, &past, &none(), &id).expect("the bank has questions");
        let round = played(picked.question, day, &[]);
        past.push(round.clone());
        rounds.push((round, picked.relaxed));
    }
    rounds
}

fn id_of(played: &Played) -> &str {
    &played.round.question.as_ref().unwrap().id
}

#[test]
fn the_same_past_gives_the_same_question_in_whatever_order_it_is_told() {
    let bank = bank(5, 20);
    let mut past: Vec<Played> = run(&bank, 1, 40).into_iter().map(|(p, _)| p).collect();
    let picked = pick(&bank, &past, &none(), &on(1, 40)).unwrap();
    past.reverse();
    let mut other_bank = bank.clone();
    other_bank.reverse();
    let again = pick(&other_bank, &past, &none(), &on(1, 40)).unwrap();
    assert_eq!(picked.question, again.question);
}

#[test]
fn servers_and_days_differ() {
    let bank = bank(5, 20);
    let first = |guild, day| {
        pick(&bank, &[], &none(), &on(guild, day))
            .unwrap()
            .question
            .id
            .clone()
    };
    let servers: BTreeSet<String> = (0..50).map(|guild| first(guild, 0)).collect();
    let days: BTreeSet<String> = (0..50).map(|day| first(1, day)).collect();
    assert!(servers.len() > 25 && days.len() > 25);
}

#[test]
fn with_stock_nothing_comes_twice_in_60_days_and_no_subject_twice_running() {
    let bank = bank(8, 10);
    let rounds = run(&bank, 1, 250);
    let mut last: BTreeMap<&str, usize> = BTreeMap::new();
    for (day, (played, relaxed)) in rounds.iter().enumerate() {
        assert_eq!(*relaxed, Relaxed::Nothing, "day {day}");
        let before = last.insert(id_of(played), day);
        assert!(before.is_none_or(|before| day - before >= 60), "day {day}");
    }
    let subjects: Vec<Option<&str>> = rounds
        .iter()
        .map(|(played, _)| played.round.question.as_ref().unwrap().subject())
        .collect();
    assert!(subjects.windows(2).all(|pair| pair[0] != pair[1]));
    assert_eq!(last.len(), bank.len(), "every question has its turn");
}

#[test]
fn rules_are_given_up_in_their_order_and_the_pick_says_so() {
    let made = |id: &str| Question {
        origin: Origin::Generated("definition".to_owned()),
        ..question(id, &["a", "b"])
    };
    let day = on(1, 100);
    let relaxed = |bank: &[Question], past: &[Played]| {
        let picked = pick(bank, past, &none(), &day).unwrap();
        (picked.question.id.clone(), picked.relaxed)
    };
    let templates: Vec<Played> = (0..3)
        .map(|at| played(&made(&format!("m{at}#q")), 90 + at, &[]))
        .collect();
    // Three of the template in a fortnight: another one is preferred, but asked
    // when nothing else is there.
    let (full, free) = (made("x#q"), question("y#q", &["a", "b"]));
    assert_eq!(
        relaxed(&[full.clone(), free.clone()], &templates),
        ("y#q".to_owned(), Relaxed::Nothing)
    );
    assert_eq!(
        relaxed(&[full], &templates),
        ("x#q".to_owned(), Relaxed::Template)
    );
    // The subject of yesterday, when there is no other.
    let yesterday = [played(&free, 99, &[])];
    let same = question("y#other", &["a", "b"]);
    assert_eq!(
        relaxed(&[free.clone(), same.clone()], &yesterday),
        ("y#other".to_owned(), Relaxed::Subject)
    );
    // At last the one that was asked longest ago.
    let both = [played(&free, 99, &[]), played(&same, 98, &[])];
    assert_eq!(
        relaxed(&[free, same], &both),
        ("y#other".to_owned(), Relaxed::Repeat)
    );
}

#[test]
fn what_is_set_aside_is_never_asked_until_its_text_changes() {
    let bank = bank(1, 1);
    let aside = HashSet::from([(bank[0].id.clone(), bank[0].hash.clone())]);
    assert_eq!(pick(&bank, &[], &aside, &on(1, 0)), None);
    assert_eq!(stock_days(&bank, &[], &aside, &on(1, 0)), 0);
    let mended = vec![Question {
        hash: "f".repeat(16),
        ..bank[0].clone()
    }];
    assert!(pick(&mended, &[], &aside, &on(1, 0)).is_some());
    assert_eq!(pick(&[], &[], &none(), &on(1, 0)), None);
}

/// How often each question of `bank` is drawn after `past`, over many servers.
/// The round of the day before was about something else.
fn drawn(bank: &[Question], past: &[Played], day: i16) -> Vec<u32> {
    let mut past = past.to_vec();
    past.push(played(&question("z#other", &["a", "b"]), day - 1, &[]));
    let mut counts = vec![0; bank.len()];
    for guild in 0..2_000 {
        let picked = pick(bank, &past, &none(), &on(guild, day)).unwrap();
        let at = bank.iter().position(|question| question == picked.question);
        counts[at.unwrap()] += 1;
    }
    counts
}

#[test]
fn questions_are_drawn_in_proportion_to_their_weight() {
    let bank = bank(3, 1);
    let counts = drawn(&bank, &[], 200);
    assert!(
        counts.iter().all(|count| (590..740).contains(count)),
        "{counts:?}"
    );
    // Asked 120 days ago against never, which counts as 480: one to four.
    let counts = drawn(&bank[..2], &[played(&bank[0], 80, &[])], 200);
    assert!((340..460).contains(&counts[0]), "{counts:?}");
}

#[test]
fn hard_revised_and_rare_ones_come_sooner() {
    let bank = bank(2, 1);
    let both = |first: &[usize], second: &[usize]| {
        [played(&bank[0], 0, first), played(&bank[1], 0, second)]
    };
    let even = drawn(&bank, &both(&[0, 0, 0], &[0, 0, 0]), 100);
    assert!((880..1_120).contains(&even[0]), "{even:?}");
    let hard = drawn(&bank, &both(&[1, 1, 1], &[0, 0, 0]), 100);
    assert!(hard[0] > 1_200, "{hard:?}");
    let few = drawn(&bank, &both(&[1, 1], &[0, 0]), 100);
    assert_eq!(few, even, "two answers say little");
    let mut past = both(&[], &[]);
    past[0].round.question.as_mut().unwrap().hash = "another".to_owned();
    let revised = drawn(&bank, &past, 100);
    assert!(revised[0] > 1_200, "{revised:?}");
    let covered = [played(&question("s0#other", &["a", "b"]), 90, &[])];
    let rare = drawn(&bank, &covered, 100);
    assert!(rare[1] > 1_200, "{rare:?}");
}

#[test]
fn stock_is_what_can_be_asked_day_after_day() {
    let stock =
        |bank: &[Question], past: &[Played], day| stock_days(bank, past, &none(), &on(1, day));
    assert_eq!(stock(&[], &[], 0), 0);
    assert_eq!(stock(&bank(3, 3), &[], 0), 9);
    assert_eq!(stock(&bank(10, 10), &[], 0), 60, "for ever");
    let small = bank(1, 20);
    let past: Vec<Played> = small
        .iter()
        .zip(0..)
        .map(|(q, day)| played(q, day, &[]))
        .collect();
    assert_eq!(stock(&small, &past, 20), 0);
    assert_eq!(stock(&small, &past, 60), 20);
    assert_eq!(stock(&small, &past[..15], 20), 5);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_bank_with_questions_never_gives_an_empty_day(
        subjects in 1_usize..4,
        each in 1_usize..30,
        guild in 0_u64..1_000,
    ) {
        let bank = bank(subjects, each);
        let rounds = run(&bank, guild, 90);
        let mut last: BTreeMap<&str, usize> = BTreeMap::new();
        for (day, (played, relaxed)) in rounds.iter().enumerate() {
            let before = last.insert(id_of(played), day);
            let repeats = before.is_some_and(|before| day - before < 60);
            prop_assert_eq!(repeats, *relaxed == Relaxed::Repeat);
            if repeats {
                // Only when all others were asked after it.
                prop_assert!(last.len() == bank.len());
                prop_assert!(last.values().filter(|day| **day < before.unwrap()).count() == 0);
            }
        }
    }

    #[test]
    fn stock_is_the_number_of_days_until_a_repeat(
        subjects in 1_usize..4,
        each in 1_usize..25,
        until in 0_u8..90,
    ) {
        let bank = bank(subjects, each);
        let rounds = run(&bank, 7, 180);
        let past: Vec<Played> = rounds.iter().map(|(p, _)| p.clone()).collect();
        let (past, rest) = (&past[..until.into()], &rounds[until.into()..]);
        let days = rest.iter().take_while(|(_, relaxed)| *relaxed != Relaxed::Repeat).count();
        let stock = stock_days(&bank, past, &none(), &on(7, until.into()));
        if stock == 60 {
            prop_assert_eq!(days, rest.len());
        } else {
            prop_assert_eq!(days, stock);
        }
    }
}
