//! `footnote lint` as the guard of a notes repository: exit codes and output.
//! The rules themselves are tested in `notes` and beside their code.

use serde_json::Value;

use crate::harness::{folder, footnote_on, keys_in_order, root};

const WARNED: &str = "---\nkind: service\nname: Acme\n---\n\n# Acme\n\nA fact.\n";

#[test]
fn clean_notes_exit_with_0() {
    let text = footnote_on(&root("tests/fixtures/acme/notes"), &["lint", "--strict"]).ok();
    assert_eq!(text, "5 notes checked: 0 errors, 0 warnings\n");
}

#[test]
fn errors_exit_with_1_and_say_file_line_column_and_remedy() {
    let run = footnote_on(&root("tests/fixtures/broken"), &["lint"]);
    assert_eq!(run.code, 1);
    for part in [
        "queue.md:4:1: error: unknown key `reviewd`",
        "→ did you mean `reviewed`?",
        "queue.md:9:1: error: the heading `Encryption in tranist` names no control",
        "→ did you mean `Encryption in transit`?",
        "queue.md:11:32: error: `[^guide]` is not defined",
        "queue.md:12:3: warning: this fact has no source",
        "queue.md:14:10: error: there is no note `guide.md`",
        "\n2 notes checked: 4 errors, 2 warnings\n",
    ] {
        assert!(run.stdout.contains(part), "{part:?}\n{}", run.stdout);
    }
}

#[test]
fn warnings_fail_only_when_asked_to() {
    let notes = folder(&[("acme.md", WARNED)]);
    let lenient = footnote_on(notes.path(), &["lint"]).ok();
    assert!(
        lenient.ends_with("1 note checked: 0 errors, 1 warning\n"),
        "{lenient}"
    );
    assert_eq!(footnote_on(notes.path(), &["lint", "--strict"]).code, 1);
}

#[test]
fn json_has_a_finding_for_each_line() {
    let run = footnote_on(&root("tests/fixtures/broken"), &["lint", "--json"]);
    assert_eq!(run.code, 1, "the exit code is the same");
    let findings: Vec<Value> = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(findings.len(), 6);
    assert_eq!(
        keys_in_order(&findings_text(&run.stdout)),
        [
            "path", "line", "column", "severity", "rule", "message", "remedy"
        ]
    );
    let places: Vec<(&str, u64)> = findings
        .iter()
        .map(|found| {
            (
                found["path"].as_str().unwrap(),
                found["line"].as_u64().unwrap(),
            )
        })
        .collect();
    assert!(places.is_sorted(), "{places:?}");
    let severities = |name: &str| findings.iter().filter(|f| f["severity"] == name).count();
    assert_eq!((severities("error"), severities("warning")), (4, 2));

    let clean = footnote_on(&root("tests/fixtures/acme/notes"), &["lint", "--json"]).ok();
    assert_eq!(clean.trim(), "[]");
}

/// The first finding as it is written.
fn findings_text(json: &str) -> String {
    let start = json.find('{').unwrap();
    let end = json.find('}').unwrap();
    json[start..=end].to_owned()
}

#[test]
fn a_folder_without_notes_is_wrong_usage() {
    let empty = tempfile::tempdir().unwrap();
    let complaint = footnote_on(empty.path(), &["lint"]).wrong();
    assert!(complaint.contains("there are no notes in"), "{complaint}");
    let complaint = footnote_on(&empty.path().join("nowhere"), &["lint"]).wrong();
    assert!(complaint.contains("there is no folder"), "{complaint}");
}

#[test]
fn a_broken_note_is_found_and_the_others_still_answer() {
    let notes = folder(&[("good.md", "# Good\n\nZebras sleep standing up.\n")]);
    std::fs::write(notes.path().join("bad.md"), b"# Caf\xe9\n").unwrap();
    let run = footnote_on(notes.path(), &["lint"]);
    assert_eq!(run.code, 1);
    assert!(run.stdout.contains("bad.md:1:6: error: "), "{}", run.stdout);

    let run = footnote_on(notes.path(), &["ask", "how do zebras sleep"]);
    assert_eq!(run.code, 0);
    assert!(
        run.stdout.contains("Zebras sleep standing up."),
        "{}",
        run.stdout
    );
    assert!(run.stderr.contains("bad.md:1:6: error: "), "{}", run.stderr);
}

#[test]
fn quiz_questions_are_checked_for_what_gives_the_key_away() {
    let quiz = "# Acme\n\n## Quiz\n\n### Which of the keys is not rotated?\n\n- [x] The one that the owner of the queue brought along\n- [ ] The SSE\n- [ ] The SSE one\n- [ ] All of the above\n\nBecause.\n";
    let notes = folder(&[
        ("acme.md", quiz),
        (
            "other.md",
            "# Other\n\n## Quiz\n\n### Which of the keys is NOT rotated?\n\n- [x] This\n- [ ] That\n\nBecause.\n",
        ),
    ]);
    let run = footnote_on(notes.path(), &["lint"]);
    assert_eq!(run.code, 1);
    let found: Vec<&str> = run
        .stdout
        .lines()
        .filter_map(|line| line.split_once(") → ")?.0.rsplit_once(" ("))
        .map(|(_, rule)| rule)
        .collect();
    assert_eq!(
        found,
        [
            "longest-key",
            "negated-stem",
            "uneven-options",
            "nested-options",
            "option-about-options",
            "repeated-question",
        ],
        "{}",
        run.stdout
    );
    assert!(
        run.stdout
            .contains("other.md:5:1: error: acme.md:5 asks the same"),
        "{}",
        run.stdout
    );
}
