//! The labelled questions themselves. Their scores have floors in `.ci/run`.

use std::collections::HashSet;

use footnote::answer::Kind;
use footnote::catalog::Role;
use footnote::eval::Labelled;

use crate::harness::{golden, knowledge};

fn both_halves() -> Vec<Labelled> {
    let mut all = golden("tune.jsonl");
    all.extend(golden("report.jsonl"));
    all
}

#[test]
fn there_are_enough_of_every_kind() {
    let all = both_halves();
    assert!(all.len() >= 400, "{}", all.len());
    let count = |wanted: &dyn Fn(&Labelled) -> bool| all.iter().filter(|q| wanted(q)).count();
    let declined = count(&|q| q.kind == Kind::Abstention);
    let near_misses = count(&|q| q.style == "near-miss");
    assert!(
        declined >= 120 && near_misses * 2 >= declined,
        "{near_misses} of {declined}"
    );
    for style in [
        "natural",
        "paraphrase",
        "misspelt",
        "keywords",
        "abbreviation",
        "followup",
    ] {
        assert!(count(&|q| q.style == style) >= 20, "{style}");
    }
    for kind in [Kind::Direct, Kind::Overview, Kind::Matrix, Kind::Compare] {
        assert!(count(&|q| q.kind == kind) >= 10, "{kind:?}");
    }
}

#[test]
fn the_halves_share_no_question_and_no_id() {
    let all = both_halves();
    let mut ids = HashSet::new();
    let mut asked = HashSet::new();
    for question in &all {
        assert!(ids.insert(&question.id), "{} twice", question.id);
        let text = (question.text.to_lowercase(), question.previous.as_deref());
        assert!(asked.insert(text), "{:?} twice", question.text);
    }
    for question in &golden("practice.jsonl") {
        let text = (question.text.to_lowercase(), question.previous.as_deref());
        assert!(
            !asked.contains(&text) && !ids.contains(&question.id),
            "{:?} twice",
            question.text
        );
    }
    let (tune, report) = (golden("tune.jsonl").len(), golden("report.jsonl").len());
    assert!(
        tune.abs_diff(report) * 10 <= tune + report,
        "{tune} and {report}"
    );
}

#[test]
fn labels_use_names_of_the_notes() {
    let names = |roles: &[Role]| -> HashSet<&str> {
        let entities = knowledge().catalog.entities();
        let of_role = entities.filter(|(_, entity)| roles.contains(&entity.role));
        of_role.map(|(_, entity)| entity.name.as_str()).collect()
    };
    let services = names(&[Role::Service, Role::Family]);
    let controls = names(&[Role::Control]);
    for question in both_halves() {
        for service in &question.services {
            assert!(
                services.contains(service.as_str()),
                "{}: {service}",
                question.id
            );
        }
        for control in &question.controls {
            assert!(
                controls.contains(control.as_str()),
                "{}: {control}",
                question.id
            );
        }
        for piece in &question.expect {
            assert_eq!(*piece, piece.to_lowercase(), "{}", question.id);
        }
    }
}

#[test]
fn labels_say_enough_to_be_scored() {
    for question in both_halves() {
        let id = &question.id;
        assert!(
            !question.text.trim().is_empty() || question.kind == Kind::Abstention,
            "{id}"
        );
        assert_eq!(
            question.style == "followup",
            question.previous.is_some(),
            "{id}"
        );
        match question.kind {
            Kind::Overview => assert_eq!(question.services.len(), 1, "{id}"),
            Kind::Direct | Kind::Matrix => assert!(!question.services.is_empty(), "{id}"),
            Kind::Compare => assert!(question.services.len() >= 2, "{id}"),
            Kind::Abstention => {
                assert!(
                    ["near-miss", "off-topic"].contains(&question.style.as_str()),
                    "{id}"
                );
            }
        }
    }
}
