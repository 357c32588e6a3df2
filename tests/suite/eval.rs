//! `footnote eval` with a team's own notes and questions.

use serde_json::Value;

use crate::harness::{Run, folder, footnote_on, root};

/// Scores questions on the notes of `tests/fixtures/acme`.
fn eval(questions: &str, arguments: &[&str]) -> Run {
    let dir = folder(&[("questions.jsonl", questions)]);
    let file = dir.path().join("questions.jsonl");
    let arguments: Vec<&std::ffi::OsStr> = ["eval".as_ref(), file.as_os_str()]
        .into_iter()
        .chain(arguments.iter().map(AsRef::as_ref))
        .collect();
    footnote_on(&root("tests/fixtures/acme/notes"), &arguments)
}

/// The labelled questions of `tests/fixtures/acme`; all but the last are right.
fn labelled() -> String {
    std::fs::read_to_string(root("tests/fixtures/acme/questions.jsonl")).unwrap()
}

fn all_right() -> String {
    let labelled = labelled();
    let lines: Vec<&str> = labelled.lines().collect();
    lines[..lines.len() - 1].join("\n")
}

#[test]
fn a_set_that_is_all_right_lists_no_failure() {
    let floors = [
        "--min-right",
        "1",
        "--min-declined",
        "1",
        "--min-precision",
        "1",
        "--min-matrix",
        "1",
    ];
    let text = eval(&all_right(), &floors).ok();
    assert!(text.contains("right           1.000"), "{text}");
    assert!(!text.contains("wanted"), "{text}");
}

#[test]
fn a_failure_says_what_was_wanted_what_came_and_how_it_was_read() {
    let run = eval(&labelled(), &[]);
    assert_eq!(run.code, 0, "without a floor it only reports");
    for part in [
        "a-8 [near-miss] \"does acme store have backups\"",
        "wanted an abstention",
        "got    direct",
        "read as Acme Store",
    ] {
        assert!(run.stdout.contains(part), "{part:?}\n{}", run.stdout);
    }
}

#[test]
fn below_a_floor_the_exit_code_is_1() {
    let run = eval(
        &labelled(),
        &["--min-declined", "0.9", "--min-right", "0.9"],
    );
    assert_eq!(run.code, 1);
    assert_eq!(run.stderr, "below the floor: declined 0.667 < 0.900\n");
    assert_eq!(eval(&labelled(), &["--min-declined", "0.6"]).code, 0);
}

#[test]
fn a_floor_that_nothing_counts_for_fails_no_run() {
    let only = all_right().lines().next().unwrap().to_owned();
    eval(&only, &["--min-matrix", "1", "--min-declined", "1"]).ok();
}

#[test]
fn json_has_the_figures() {
    let text = eval(&labelled(), &["--json"]).ok();
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["questions"], 8);
    assert_eq!(report["right"], 1.0);
    assert_eq!(report["matrix"], 1.0);
    assert_eq!(report["precision"], 1.0);
    assert_eq!(report["by_style"]["misspelt"], 1.0);
    assert_eq!(report["count_by_style"]["near-miss"], 3);
    assert_eq!(report["failures"].as_array().unwrap().len(), 1);
}

#[test]
fn mistakes_in_the_file_name_file_and_line() {
    let good = all_right().lines().next().unwrap().to_owned();
    for (line, part) in [
        (
            r#"{"id": "x", "text": "t", "kind": "direct", "sevices": []}"#,
            "unknown field `sevices`",
        ),
        (
            r#"{"id": "x", "text": "t", "kind": "guess"}"#,
            "unknown variant `guess`",
        ),
        (r#"{"id": "x", "kind": "direct"}"#, "missing field `text`"),
        ("{", "EOF"),
    ] {
        let complaint = eval(&format!("{good}\n\n{line}\n"), &[]).wrong();
        assert!(complaint.contains("questions.jsonl:3: "), "{complaint}");
        assert!(complaint.contains(part), "{complaint}");
    }
    let complaint = eval("\n", &[]).wrong();
    assert!(complaint.contains("holds no questions"), "{complaint}");
}

#[test]
fn a_floor_is_a_share() {
    for floor in ["1.5", "-1", "95%", "NaN"] {
        let run = eval(&labelled(), &[&format!("--min-right={floor}")]);
        assert!(run.wrong().contains("from 0 to 1"), "{floor}");
    }
}
