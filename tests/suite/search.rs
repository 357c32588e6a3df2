//! `footnote search`: ranked sections for measuring. It never abstains.

use serde_json::{Value, json};

use crate::harness::{
    batch_lines, folder, footnote, footnote_on, footnote_reading, keys_in_order, root,
};

const QUESTIONS: [&str; 3] = [
    "sqs encryption in transit",
    "which keys encrypt a dynamodb table",
    "athena encripted results",
];

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn ids(line: &Value) -> Vec<&str> {
    let hits = line["hits"].as_array().unwrap();
    hits.iter().map(|hit| hit["id"].as_str().unwrap()).collect()
}

#[test]
fn a_line_has_the_agreed_keys_and_hits_come_best_first() {
    let text = footnote_reading(&["search", "--batch", "-"], &batch_lines(&QUESTIONS)).ok();
    assert_eq!(text.lines().count(), QUESTIONS.len());
    for (at, (raw, line)) in text.lines().zip(lines(&text)).enumerate() {
        assert_eq!(keys_in_order(raw), ["id", "elapsed_us", "cpu_us", "hits"]);
        assert_eq!(line["id"], at);
        assert!(line["elapsed_us"].is_u64() && line["cpu_us"].is_u64());
        let hits = line["hits"].as_array().unwrap();
        assert!(!hits.is_empty() && hits.len() <= 10);
        let scores: Vec<f64> = hits.iter().map(|h| h["score"].as_f64().unwrap()).collect();
        assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
        for hit in hits {
            let start = hit["line_start"].as_u64().unwrap();
            assert!(0 < start && start <= hit["line_end"].as_u64().unwrap());
        }
        let (_, hit) = raw.split_once("\"hits\":[").unwrap();
        let hit = &hit[..=hit.find('}').unwrap()];
        assert_eq!(
            keys_in_order(hit),
            ["id", "line_start", "line_end", "score"]
        );
    }
}

#[test]
fn the_section_that_answers_is_the_first_hit() {
    let text = footnote_reading(&["search", "--batch", "-"], &batch_lines(&QUESTIONS)).ok();
    let firsts: Vec<String> = lines(&text)
        .iter()
        .map(|line| ids(line)[0].to_owned())
        .collect();
    assert_eq!(firsts[0], "services/sqs.md#encryption-in-transit");
    assert!(firsts[1].starts_with("services/dynamodb.md#"), "{firsts:?}");
    assert!(firsts[2].starts_with("services/athena.md#"), "{firsts:?}");
}

#[test]
fn hits_name_lines_of_the_section() {
    let text = footnote_reading(&["search", "--batch", "-"], &batch_lines(&QUESTIONS[..1])).ok();
    let hit = &lines(&text)[0]["hits"][0];
    let note = std::fs::read_to_string(root("knowledge/services/sqs.md")).unwrap();
    let start = usize::try_from(hit["line_start"].as_u64().unwrap()).unwrap();
    assert_eq!(
        note.lines().nth(start - 1),
        Some("## Encryption in transit")
    );
}

#[test]
fn anchors_are_those_that_github_makes() {
    let notes = folder(&[(
        "guide/a page.md",
        "# Über `code` & more!\n\nzebra one\n\n## Set-up\n\nzebra two\n\n## Set-up\n\nzebra three\n\n## Set-up\n\nzebra four\n",
    )]);
    std::fs::write(notes.path().join("q.jsonl"), batch_lines(&["zebra"])).unwrap();
    let batch = notes.path().join("q.jsonl");
    let run = footnote_on(
        notes.path(),
        &["search".as_ref(), "--batch".as_ref(), batch.as_os_str()],
    );
    let line = &lines(&run.ok())[0];
    let mut found = ids(line);
    found.sort_unstable();
    assert_eq!(
        found,
        [
            "guide/a page.md#set-up",
            "guide/a page.md#set-up-1",
            "guide/a page.md#set-up-2",
            "guide/a page.md#über-code--more",
        ]
    );
}

#[test]
fn the_limit_is_kept_and_no_section_comes_twice() {
    for limit in [1, 3, 40] {
        let text = footnote_reading(
            &["search", "--batch", "-", "--limit", &limit.to_string()],
            &batch_lines(&["encryption"]),
        )
        .ok();
        let line = &lines(&text)[0];
        let found = ids(line);
        assert!(found.len() <= limit && (limit > 10 || found.len() == limit));
        let mut distinct = found.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), found.len(), "{found:?}");
    }
}

#[test]
fn passes_change_the_times_and_nothing_else() {
    let hits = |passes: &str| -> Vec<Value> {
        let text = footnote_reading(
            &["search", "--batch", "-", "--passes", passes],
            &batch_lines(&QUESTIONS),
        )
        .ok();
        lines(&text)
            .into_iter()
            .map(|mut line| line["hits"].take())
            .collect()
    };
    assert_eq!(hits("1"), hits("5"));
    let complaint = footnote_reading(&["search", "--batch", "-", "--passes", "0"], "").wrong();
    assert!(complaint.contains("--passes"), "{complaint}");
}

#[test]
fn stats_are_written_to_a_file() {
    let dir = folder(&[("q.jsonl", &batch_lines(&QUESTIONS))]);
    let (batch, stats) = (dir.path().join("q.jsonl"), dir.path().join("stats.json"));
    footnote(&[
        "search".as_ref(),
        "--batch".as_ref(),
        batch.as_os_str(),
        "--stats".as_ref(),
        stats.as_os_str(),
    ])
    .ok();
    let text = std::fs::read_to_string(stats).unwrap();
    assert_eq!(
        keys_in_order(&text),
        [
            "sections",
            "build_ms",
            "build_cpu_ms",
            "peak_rss_mb",
            "version"
        ]
    );
    let stats: Value = serde_json::from_str(&text).unwrap();
    assert!(stats["sections"].as_u64().unwrap() > 100);
    assert_eq!(stats["version"], json!(env!("CARGO_PKG_VERSION")));
}

#[test]
fn ids_may_be_called_qid_and_strange_questions_do_no_harm() {
    let input = concat!(
        "{\"qid\": \"q1\", \"text\": \"sqs\"}\n\n",
        "{\"id\": null, \"text\": \"\"}\n",
        "{\"text\": \"🔐 \\u0000 ﷽ ((((\"}\n"
    );
    let text = footnote_reading(&["search", "--batch", "-"], input).ok();
    let found: Vec<Value> = lines(&text)
        .into_iter()
        .map(|mut line| line["id"].take())
        .collect();
    assert_eq!(found, [json!("q1"), Value::Null, Value::Null]);
}

#[test]
fn a_bad_line_names_its_place() {
    let complaint = footnote_reading(&["search", "--batch", "-"], "{\"id\": 1}\n").wrong();
    assert!(complaint.contains("-:1: "), "{complaint}");
}
