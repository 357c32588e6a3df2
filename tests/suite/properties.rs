//! What holds for any question: an answer comes, and what it quotes is exact.

use footnote::answer::policy::Policy;
use footnote::answer::{Answer, Citation, Kind, answer};
use footnote::render::{json::AnswerLine, terminal};
use proptest::prelude::*;

use crate::harness::{golden, knowledge};

/// Any Unicode, words of the notes with anything between, or pure noise.
fn question() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        4 => prop::sample::select(vec![
            "sqs", "S3", "dynamodb", "kinesis data streams", "encryption", "at rest", "tls",
            "which services", "vs", "compare", "and", "is", "the", "role", "vpc endpoint",
            "glaceir", "encripted", "kmskey", "dynamo db", "row level", "not", "price", "?",
        ])
        .prop_map(str::to_owned),
        1 => any::<String>(),
        1 => "[<>@#:!&*_~`|\\[\\]()/0-9a-z]{0,12}",
    ];
    prop_oneof![
        prop::collection::vec(word, 0..12).prop_map(|words| words.join(" ")),
        any::<String>(),
        "\\PC{0,80}",
    ]
}

#[track_caller]
fn assert_exact(text: &str, citation: &Citation) {
    let note = knowledge()
        .notes
        .iter()
        .find(|note| note.path == citation.path)
        .unwrap();
    let lines: Vec<&str> = note.source.split_inclusive('\n').collect();
    let (first, last) = (citation.line_start as usize, citation.line_end as usize);
    assert!(
        0 < first && first <= last && last <= lines.len(),
        "{citation}"
    );
    assert!(!text.trim().is_empty(), "{citation}");
    assert!(
        lines[first - 1..last].concat().contains(text),
        "{citation}: {text:?}"
    );
}

/// What every answer promises.
#[track_caller]
fn assert_sound(answer: &Answer) {
    assert!(
        (0.0..=1.0).contains(&answer.confidence),
        "{}",
        answer.confidence
    );
    let declined = answer.kind == Kind::Abstention;
    assert_eq!(declined, answer.abstention.is_some());
    assert_eq!(declined, answer.quotations.is_empty());
    for quotation in &answer.quotations {
        assert_exact(&quotation.text, &quotation.citation);
        assert!(!quotation.sources.is_empty(), "{}", quotation.citation);
        if let Some((text, citation)) = &quotation.corrects {
            assert_exact(text, citation);
            assert!(
                quotation.text.starts_with("**Today:**"),
                "{}",
                quotation.text
            );
        }
    }
    if answer.kind == Kind::Direct {
        assert!(answer.quotations.len() <= Policy::default().max_snippets);
        let scores: Vec<f32> = answer.quotations.iter().map(|q| q.score).collect();
        assert!(scores.iter().all(|score| *score <= scores[0]), "{scores:?}");
    }
    if answer.kind == Kind::Matrix {
        for service in &answer.services {
            assert!(
                answer.quotations.iter().any(|q| q.service == *service),
                "{service}"
            );
        }
    }
    for service in &answer.missing {
        assert!(
            answer.quotations.iter().all(|q| q.service != *service),
            "{service}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_question_gets_a_sound_answer(question in question()) {
        assert_sound(&answer(knowledge(), &Policy::default(), &question, None));
    }

    #[test]
    fn any_two_questions_may_follow_each_other(before in question(), question in question()) {
        assert_sound(&answer(knowledge(), &Policy::default(), &question, Some(&before)));
    }

    #[test]
    fn any_answer_can_be_shown(question in question(), width in 0_usize..200) {
        let answer = answer(knowledge(), &Policy::default(), &question, None);
        let shown = anstream::adapter::strip_str(&terminal::answer(&answer, width, None)).to_string();
        // What was typed must not steer the terminal.
        prop_assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "{shown:?}");
        let line = serde_json::to_string(&AnswerLine::new(&answer, None, 0, None)).unwrap();
        prop_assert!(!line.contains('\n'));
        prop_assert!(serde_json::from_str::<serde_json::Value>(&line).is_ok());
    }

    #[test]
    fn any_policy_is_kept(question in question(), sure in 0.0_f32..=1.0, most in 1_usize..=10) {
        let policy = Policy { min_confidence: sure, max_snippets: most, ..Policy::default() };
        let answer = answer(knowledge(), &policy, &question, None);
        if answer.kind == Kind::Direct {
            prop_assert!(answer.confidence >= sure);
            prop_assert!((1..=most).contains(&answer.quotations.len()));
        }
    }
}

#[test]
fn every_labelled_question_gets_a_sound_answer() {
    for question in golden("tune.jsonl")
        .into_iter()
        .chain(golden("report.jsonl"))
    {
        let before = question.previous.as_deref();
        assert_sound(&answer(
            knowledge(),
            &Policy::default(),
            &question.text,
            before,
        ));
    }
}
