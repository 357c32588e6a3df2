//! The bundled notes: complete, in order, and found under their own names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use footnote::answer::Kind;
use footnote::catalog::Role;
use footnote::knowledge::SectionAt;
use footnote::lint::lint;
use footnote::load::{Limits, load};

use crate::harness::{ask, knowledge, root};

fn is_service(name: &str) -> bool {
    let mut entities = knowledge().catalog.entities();
    entities.any(|(_, entity)| entity.role == Role::Service && entity.name == name)
}

/// Section positions of service notes with service and control names.
fn filed() -> Vec<(SectionAt, String, String)> {
    let knowledge = knowledge();
    let mut filed = Vec::new();
    for (service, entity) in knowledge.catalog.entities() {
        if entity.role != Role::Service {
            continue;
        }
        for at in knowledge.sections_of(service) {
            if let Some(control) = knowledge.subject(at).and_then(|subject| subject.control) {
                let control = knowledge.catalog.entity(control).name.clone();
                filed.push((at, entity.name.clone(), control));
            }
        }
    }
    filed
}

#[test]
fn lint_finds_nothing() {
    let loaded = load(&root("knowledge"), &Limits::default()).unwrap();
    // In the month of the last review, so that time alone breaks no test.
    let month = loaded
        .notes
        .iter()
        .filter_map(|note| note.reviewed)
        .max()
        .unwrap();
    let findings: Vec<String> = lint(&loaded.notes, loaded.diagnostics, month)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(findings, [""; 0]);
}

#[test]
fn every_heading_of_a_service_names_a_control_and_says_something() {
    let knowledge = knowledge();
    for (service, entity) in knowledge.catalog.entities() {
        if entity.role != Role::Service {
            continue;
        }
        let mut seen = BTreeSet::new();
        for at in knowledge.sections_of(service) {
            let (note, section) = knowledge.section(at).unwrap();
            if section.level != 2 || section.heading == "Quiz" {
                continue;
            }
            let place = format!("{} · {}", note.path, section.heading);
            let subject = knowledge.subject(at).unwrap();
            let control = subject.control.expect(&place);
            assert_eq!(
                knowledge.catalog.entity(control).role,
                Role::Control,
                "{place}"
            );
            assert!(!subject.units.is_empty(), "{place}");
            assert!(seen.insert(control), "{place} twice");
        }
        assert!(!seen.is_empty(), "{} holds nothing", entity.name);
    }
}

#[test]
fn the_pack_holds_its_services_and_controls() {
    let names = |role: Role| -> BTreeSet<&str> {
        let entities = knowledge().catalog.entities();
        let of_role = entities.filter(|(_, entity)| entity.role == role);
        of_role.map(|(_, entity)| entity.name.as_str()).collect()
    };
    let services = names(Role::Service);
    for service in [
        "Amazon Athena",
        "Amazon Aurora",
        "Amazon CloudWatch",
        "Amazon Cognito",
        "Amazon Data Firehose",
        "Amazon DynamoDB",
        "Amazon ElastiCache",
        "Amazon EMR",
        "Amazon Kinesis Data Streams",
        "Amazon Macie",
        "Amazon OpenSearch Service",
        "Amazon QuickSight",
        "Amazon RDS",
        "Amazon Redshift",
        "Amazon S3",
        "Amazon S3 Glacier",
        "Amazon SQS",
        "AWS Artifact",
        "AWS Config",
        "AWS Glue",
        "AWS IAM",
        "AWS IoT Core",
        "AWS KMS",
        "AWS Lambda",
        "AWS Secrets Manager",
    ] {
        assert!(
            services.contains(service),
            "{service} is not in {services:?}"
        );
    }
    assert!(names(Role::Family).contains("Amazon Kinesis"));
    assert!(names(Role::Control).len() >= 25);
}

#[test]
fn every_section_is_found_under_the_names_of_its_service_and_control() {
    let mut lost = Vec::new();
    for (_, service, control) in filed() {
        let question = format!("{service} {}", control.to_lowercase());
        let answer = ask(&question);
        // A control that is a service as well (security groups) is asked about as both.
        let candidates = if is_service(&control) {
            answer.quotations.len()
        } else {
            1
        };
        let mut quoted = answer.quotations.iter().take(candidates);
        let found = quoted.any(|quoted| quoted.service == service && quoted.control == control);
        if !found {
            lost.push(format!("{question}: {}", answer.kind.as_str()));
        }
    }
    assert_eq!(lost, [""; 0]);
}

#[test]
fn a_list_of_services_is_complete_for_every_control() {
    let mut by_control: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, service, control) in filed() {
        // A service does not "have" itself.
        if service != control {
            by_control.entry(control).or_default().insert(service);
        }
    }
    let mut wrong = Vec::new();
    for (control, services) in by_control.iter().filter(|(_, services)| services.len() > 1) {
        let answer = ask(&format!("which services have {}?", control.to_lowercase()));
        let mut found: BTreeSet<String> = answer.services.iter().cloned().collect();
        found.remove(control);
        if answer.kind != Kind::Matrix || found != *services {
            wrong.push(format!("{control}: {found:?} instead of {services:?}"));
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn every_name_and_alias_of_a_service_is_understood() {
    let mut lost = Vec::new();
    for (_, entity) in knowledge().catalog.entities() {
        if entity.role != Role::Service {
            continue;
        }
        for name in std::iter::once(&entity.name).chain(&entity.aliases) {
            let answer = ask(name);
            let quoted = answer.quotations.iter().any(|q| q.service == entity.name);
            if !answer.services.contains(&entity.name) && !quoted {
                lost.push(format!(
                    "{name} → {:?} {}",
                    answer.services,
                    answer.kind.as_str()
                ));
            }
        }
    }
    assert_eq!(lost, [""; 0]);
}

/// A line of `tests/fixtures/seed-lines.tsv`: where a line of the documents
/// that the notes were made from went.
struct SeedLine {
    file: String,
    line: usize,
    places: String,
    reason: String,
}

fn seed_lines() -> Vec<SeedLine> {
    let text = fs::read_to_string(root("tests/fixtures/seed-lines.tsv")).unwrap();
    text.lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| {
            let mut columns = line.split('\t');
            let mut next = || columns.next().unwrap_or_default().to_owned();
            SeedLine {
                file: next(),
                line: next().parse().expect(line),
                places: next(),
                reason: next(),
            }
        })
        .collect()
}

#[test]
fn every_line_of_the_seeds_went_to_a_note_and_heading_that_exist() {
    let notes = &knowledge().notes;
    let mut seen = BTreeSet::new();
    for SeedLine {
        file,
        line,
        places,
        reason,
    } in seed_lines()
    {
        let at = format!("{file}:{line}");
        assert!(seen.insert((file, line)), "{at} twice");
        if places == "-" {
            assert!(!reason.is_empty(), "{at} says nothing: why?");
            continue;
        }
        assert!(!places.is_empty(), "{at} went nowhere");
        for place in places.split(' ') {
            let (path, anchor) = place.split_once('#').unwrap_or((place, ""));
            let note = notes.iter().find(|note| note.path == path);
            let note = note.unwrap_or_else(|| panic!("{at}: there is no note {path}"));
            let sections = &note.sections;
            assert!(
                anchor.is_empty() || sections.iter().any(|section| section.anchor == anchor),
                "{at}: there is no heading {place}"
            );
        }
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn no_line_of_the_seeds_is_lost() {
    let seeds = root("../shared/seeds");
    if !seeds.is_dir() {
        eprintln!("skipped: the documents that the notes were made from are not here");
        return;
    }
    let listed: BTreeSet<(String, usize)> = seed_lines()
        .into_iter()
        .map(|line| (line.file, line.line))
        .collect();
    let mut there = BTreeSet::new();
    for entry in fs::read_dir(seeds).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        for (at, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
            if !line.trim().is_empty() {
                there.insert((name.clone(), at + 1));
            }
        }
    }
    let lost: Vec<_> = there.difference(&listed).collect();
    let invented: Vec<_> = listed.difference(&there).collect();
    assert!(
        lost.is_empty() && invented.is_empty(),
        "lost {lost:?}, invented {invented:?}"
    );
}
