//! The questions of the bundled notes, a year of their rotation, and
//! `footnote quiz` in the terminal.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::OnceLock;

use footnote::catalog::Role;
use footnote::id::{ChannelId, GuildId};
use footnote::quiz::bank::Bank;
use footnote::quiz::order::shuffled;
use footnote::quiz::question::{Origin, Question};
use footnote::quiz::rotation::{REPEAT_DAYS, Relaxed, pick, stock_days};
use footnote::quiz::round::{Played, Round, RoundId, State};
use footnote::quiz::schedule::Feedback;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use serde_json::Value;

use crate::harness::{folder, footnote, footnote_on, knowledge};

/// In the month of the last review, so that time alone breaks no test.
const TODAY: Date = date(2026, 11, 22);
const YEAR: usize = 365;

fn bank() -> &'static Bank {
    static BANK: OnceLock<Bank> = OnceLock::new();
    BANK.get_or_init(|| Bank::of(knowledge(), TODAY))
}

fn is_written(question: &Question) -> bool {
    question.origin == Origin::Written
}

/// A year of a server, a round each day.
fn year(guild: u64) -> Vec<Played> {
    let mut past: Vec<Played> = Vec::new();
    for date in TODAY.series(jiff::Span::new().days(1)).take(YEAR) {
        let guild = GuildId(guild);
        let id = RoundId { guild, date };
        let picked = pick(&bank().questions, &past, &HashSet::new(), &id).unwrap();
        assert_eq!(picked.relaxed, Relaxed::Nothing, "{date}");
        past.push(Played {
            round: Round {
                id,
                channel: ChannelId(1),
                due: Timestamp::UNIX_EPOCH,
                state: State::Revealed,
                open_minutes: 60,
                feedback: Feedback::AtReveal,
                question: Some(shuffled(picked.question, id)),
                claims: 1,
                refusals: 0,
                first_try: None,
                close_at: None,
                message: None,
                posted_at: None,
                reason: None,
            },
            attempts: Vec::new(),
        });
    }
    past
}

fn years() -> &'static [Vec<Played>] {
    static YEARS: OnceLock<Vec<Vec<Played>>> = OnceLock::new();
    YEARS.get_or_init(|| (1..=3).map(year).collect())
}

fn asked(played: &Played) -> &Question {
    played.round.question.as_ref().unwrap()
}

#[test]
fn the_notes_hold_a_question_on_every_service_and_every_control() {
    let written: Vec<&Question> = bank().questions.iter().filter(|q| is_written(q)).collect();
    assert!(written.len() >= 120, "{}", written.len());
    let services: BTreeSet<&str> = written
        .iter()
        .filter_map(|q| q.service.as_deref())
        .collect();
    let controls: BTreeSet<&str> = written
        .iter()
        .flat_map(|q| &q.controls)
        .map(String::as_str)
        .collect();
    let lacking: Vec<&str> = knowledge()
        .catalog
        .entities()
        .filter(|(_, entity)| match entity.role {
            Role::Service => !services.contains(entity.name.as_str()),
            Role::Control => !controls.contains(entity.name.as_str()),
            Role::Family | Role::Topic => false,
        })
        .map(|(_, entity)| entity.name.as_str())
        .collect();
    assert_eq!(lacking, [""; 0]);
}

#[test]
fn every_written_question_can_be_asked_and_says_why() {
    let refused: Vec<_> = bank()
        .refused
        .iter()
        .filter(|refused| refused.candidate.origin == Origin::Written)
        .collect();
    assert!(refused.is_empty(), "{refused:#?}");
    let mut ids = BTreeSet::new();
    for question in &bank().questions {
        assert!(ids.insert(&question.id), "{} twice", question.id);
        assert!((2..=5).contains(&question.options.len()), "{}", question.id);
        assert!(question.key < question.options.len(), "{}", question.id);
        assert!(
            !question.explanation.contains("[^"),
            "{}",
            question.explanation
        );
        assert!(!question.sources.is_empty(), "{}", question.id);
        let note = knowledge()
            .notes
            .iter()
            .find(|note| note.path == question.place.path);
        let lines = note.unwrap().source.lines().count();
        assert!(question.place.line_end as usize <= lines, "{}", question.id);
    }
}

#[test]
fn most_service_questions_know_their_control() {
    let of_services: Vec<&Question> = bank()
        .questions
        .iter()
        .filter(|question| question.service.is_some())
        .collect();
    let known = of_services
        .iter()
        .filter(|question| !question.controls.is_empty());
    let (known, all) = (known.count(), of_services.len());
    assert!(known * 10 >= all * 9, "{known} of {all}");
}

#[test]
fn a_question_has_the_control_under_whose_heading_its_fact_stands() {
    for (stem, control) in [
        (
            "Which keys encrypt a new Amazon SQS queue",
            "Encryption at rest",
        ),
        (
            "What lets people sign in to the Enterprise edition of Amazon QuickSight",
            "Authentication",
        ),
    ] {
        let question = bank()
            .questions
            .iter()
            .find(|question| question.stem.contains(stem));
        let question = question.unwrap_or_else(|| panic!("nobody asks: {stem}"));
        assert_eq!(question.controls, [control], "{stem}");
    }
}

#[test]
fn the_key_is_rarely_the_longest_option() {
    let longest = bank().questions.iter().filter(|question| {
        let length = |at: usize| question.options[at].chars().count();
        let mut others = (0..question.options.len()).filter(|at| *at != question.key);
        others.all(|at| length(at) < length(question.key))
    });
    // By chance it would be between a quarter and a third.
    let (longest, all) = (longest.count(), bank().questions.len());
    assert!(longest * 5 <= all, "{longest} of {all}");
}

#[test]
fn some_questions_are_generated_and_every_refusal_has_a_reason() {
    let generated = bank().questions.iter().filter(|q| !is_written(q));
    assert!(generated.count() >= 5);
    assert!(!bank().refused.is_empty());
    for refused in &bank().refused {
        assert!(
            !refused.gate.gate.is_empty() && !refused.gate.reason.is_empty(),
            "{refused:?}"
        );
    }
}

#[test]
fn in_a_year_nothing_comes_twice_within_60_days_or_two_days_running() {
    for year in years() {
        let mut last: BTreeMap<&str, usize> = BTreeMap::new();
        for (day, played) in year.iter().enumerate() {
            let before = last.insert(&asked(played).id, day);
            let soon = before.is_some_and(|before| day - before < REPEAT_DAYS as usize);
            assert!(!soon, "{} on day {day}", asked(played).id);
        }
        let same = |pair: &[Played]| asked(&pair[0]).subject() == asked(&pair[1]).subject();
        assert!(!year.windows(2).any(same));
    }
}

#[test]
fn a_year_visits_every_subject_and_nearly_all_questions() {
    let all: BTreeSet<Option<&str>> = bank().questions.iter().map(Question::subject).collect();
    for year in years() {
        let subjects: BTreeSet<Option<&str>> =
            year.iter().map(|played| asked(played).subject()).collect();
        let lacking: Vec<_> = all.difference(&subjects).collect();
        assert!(lacking.is_empty(), "{lacking:?}");
        let questions: BTreeSet<&str> = year
            .iter()
            .map(|played| asked(played).id.as_str())
            .collect();
        let (seen, of) = (questions.len(), bank().questions.len());
        assert!(seen * 10 >= of * 8, "{seen} of {of}");
    }
}

#[test]
fn a_year_is_the_same_when_it_is_drawn_again_and_another_one_elsewhere() {
    let questions =
        |year: &[Played]| -> Vec<Question> { year.iter().map(|p| asked(p).clone()).collect() };
    assert_eq!(questions(&year(2)), questions(&years()[1]));
    let (one, other) = (questions(&years()[0]), questions(&years()[1]));
    let same_day = one
        .iter()
        .zip(&other)
        .filter(|(one, other)| one.id == other.id);
    assert!(same_day.count() < YEAR / 20);
}

#[test]
fn over_the_years_the_key_is_in_every_place_equally_often() {
    // The 99.9 % points of chi-square for 1 to 4 degrees of freedom.
    let limits = [10.83, 13.82, 16.27, 18.47];
    for (count, limit) in (2..=5).zip(limits) {
        let mut places = vec![0_u32; count];
        for played in years().iter().flatten() {
            let question = asked(played);
            if question.options.len() == count {
                places[question.key] += 1;
            }
        }
        let all: u32 = places.iter().sum();
        if all == 0 {
            continue;
        }
        let expected = f64::from(all) / f64::from(u32::try_from(count).unwrap());
        let off = places
            .iter()
            .map(|place| (f64::from(*place) - expected).powi(2));
        let statistic = off.sum::<f64>() / expected;
        assert!(statistic < limit, "{places:?}: {statistic}");
    }
}

#[test]
fn there_is_stock_for_ever() {
    let id = years()[0].last().unwrap().round.id;
    let stock = stock_days(&bank().questions, &years()[0], &HashSet::new(), &id);
    assert_eq!(stock, REPEAT_DAYS as usize);
}

const ACME: &str = "# Acme

## Quiz

### Who may send?

- [ ] Everybody
- [x] Whom a policy admits
- [ ] Nobody

A policy decides.

### No key?

- [ ] one
- [ ] two

Because.
";

#[test]
fn the_list_shows_questions_by_note_and_refusals_with_their_gate() {
    let notes = folder(&[("acme.md", ACME)]);
    let list = footnote_on(notes.path(), &["quiz", "list"]).ok();
    assert_eq!(
        list,
        "acme.md\n     5  Who may send?\n\n\
         1 question: 1 written, 0 generated; 1 refused (see them with --refused)\n"
    );
    let refused = footnote_on(notes.path(), &["quiz", "list", "--refused"]).ok();
    assert!(
        refused.contains("    13  No key?\n        question-without-key: no option is the key\n"),
        "{refused}"
    );
    let json = footnote_on(notes.path(), &["quiz", "list", "--json"]).ok();
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["questions"][0]["id"], "acme.md#who-may-send");
    assert_eq!(json["refused"][0]["gate"], "question-without-key");
}

#[test]
fn the_preview_shows_what_would_be_asked_with_the_key() {
    let notes = folder(&[("acme.md", ACME)]);
    let arguments = ["quiz", "preview", "--date", "2026-11-22", "--days", "2"];
    let preview = footnote_on(notes.path(), &arguments).ok();
    assert!(
        preview.starts_with("Sun 2026-11-22  acme.md:5  Acme\n  Who may send?\n"),
        "{preview}"
    );
    assert_eq!(preview.matches("✓").count(), 2, "{preview}");
    for line in preview.lines().filter(|line| line.contains("✓")) {
        assert!(line.ends_with("Whom a policy admits"), "{line}");
    }
    assert!(
        preview.contains("asked within the last 60 days"),
        "{preview}"
    );
}

#[test]
fn a_year_in_the_terminal_has_a_line_for_each_day() {
    let arguments = [
        "quiz",
        "preview",
        "--year",
        "--date",
        "2026-11-22",
        "--guild",
        "5",
    ];
    let text = footnote(&arguments).ok();
    assert_eq!(text, footnote(&arguments).ok());
    let days = text.lines().take_while(|line| !line.is_empty());
    assert_eq!(days.count(), 366);
    let elsewhere = footnote(&[
        "quiz",
        "preview",
        "--year",
        "--date",
        "2026-11-22",
        "--guild",
        "6",
    ])
    .ok();
    assert_ne!(text, elsewhere);
}

#[test]
fn notes_without_questions_say_what_to_do() {
    let notes = folder(&[("plain.md", "# Plain\n\nNothing is asked.\n")]);
    let complaint = footnote_on(notes.path(), &["quiz", "preview"]).wrong();
    assert!(complaint.contains("hold no quiz questions"), "{complaint}");
}
