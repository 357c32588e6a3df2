//! `footnote ask`: what people get to see, and what programs may rely on.

use serde_json::{Value, json};

use crate::harness::{
    ask_json, assert_quoted_exactly, batch, batch_lines, cited_lines, footnote, footnote_reading,
    keys_in_order, root, strings,
};

/// Service and control of the first quotation.
fn first(answer: &Value) -> (&str, &str) {
    let first = &answer["snippets"][0];
    (
        first["service"].as_str().unwrap(),
        first["control"].as_str().unwrap(),
    )
}

#[test]
fn a_direct_answer_quotes_the_note_word_for_word_and_says_where() {
    let answer = ask_json("is sqs encrypted on the wire?");
    assert_eq!(answer["kind"], "direct");
    assert_eq!(answer["abstained"], false);
    assert_eq!(answer["services"], json!(["Amazon SQS"]));
    assert_eq!(first(&answer), ("Amazon SQS", "Encryption in transit"));
    let snippet = &answer["snippets"][0];
    assert_eq!(
        strings(&snippet["heading"]),
        ["Amazon SQS", "Encryption in transit"]
    );
    assert!(!strings(&snippet["sources"]).is_empty());
    let citation = snippet["citation"].as_str().unwrap();
    assert!(citation.starts_with("services/sqs.md#L"), "{citation}");
    assert_quoted_exactly(&root("knowledge"), &answer);
}

#[test]
fn the_terminal_shows_the_reading_the_quotation_and_numbered_citations() {
    let text = footnote(&["ask", "is", "sqs", "encrypted", "on", "the", "wire?"]).ok();
    let mut lines = text.lines();
    assert!(
        lines
            .next()
            .unwrap()
            .starts_with("Amazon SQS · Encryption in transit")
    );
    for part in [
        "read as: sqs → Amazon SQS",
        "on the wire → encryption in transit",
        "[1][2]\n",
        "\n[1] services/sqs.md:",
    ] {
        assert!(text.contains(part), "{part:?} is missing in\n{text}");
    }
    // Footnote references are for the note; here numbers stand in their place.
    assert!(!text.contains("[^"), "{text}");
    assert!(!text.contains('\u{1b}'), "colours belong into a terminal");
}

#[test]
fn a_correction_comes_first_and_the_old_fact_only_with_it() {
    let question = "can i turn on encryption for an existing dynamo table";
    let answer = ask_json(question);
    assert_eq!(first(&answer), ("Amazon DynamoDB", "Encryption at rest"));
    let snippet = &answer["snippets"][0];
    assert!(snippet["text"].as_str().unwrap().starts_with("**Today:**"));
    let corrected = snippet["corrects"]["text"].as_str().unwrap();
    assert!(!corrected.contains("**Today:**"), "{corrected}");
    assert_quoted_exactly(&root("knowledge"), &answer);

    let text = footnote(&["ask", question]).ok();
    let today = text.find("Today: ").unwrap();
    let older = text.find("Corrects an older note: ").unwrap();
    assert!(today < older, "{text}");
}

#[test]
fn no_old_fact_is_ever_quoted_without_its_correction() {
    // Whatever is quoted of a list item, the item below it is no correction of it.
    let questions: Vec<String> = ["dynamodb", "kms", "athena", "rds", "s3", "quicksight"]
        .map(|name| format!("what about {name} encryption"))
        .into();
    for answer in batch(&batch_lines(&questions)) {
        for snippet in answer["snippets"].as_array().unwrap() {
            if snippet["corrects"].is_null() {
                let lines = cited_lines(&root("knowledge"), snippet["citation"].as_str().unwrap());
                let path = snippet["citation"].as_str().unwrap().split('#').next();
                let note = std::fs::read_to_string(root("knowledge").join(path.unwrap())).unwrap();
                let after = note.split_once(&lines).unwrap().1;
                let next = after.lines().next().unwrap_or_default();
                assert!(!next.starts_with("  - **Today:**"), "{snippet}");
            }
        }
    }
}

#[test]
fn a_name_alone_gives_an_overview_by_control() {
    let answer = ask_json("athena");
    assert_eq!(answer["kind"], "overview");
    assert_eq!(answer["services"], json!(["Amazon Athena"]));
    let shown: Vec<&str> = answer["snippets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|snippet| snippet["control"].as_str().unwrap())
        .collect();
    assert!(shown.len() >= 3, "{shown:?}");
    let mut distinct = shown.clone();
    distinct.dedup();
    assert_eq!(shown, distinct, "one quotation for each control");
    assert_eq!(strings(&answer["controls"]), shown);
    assert_quoted_exactly(&root("knowledge"), &answer);
}

#[test]
fn a_question_for_services_lists_each_one_with_its_citation() {
    let answer = ask_json("which services support VPC endpoints?");
    assert_eq!(answer["kind"], "matrix");
    assert_eq!(answer["controls"], json!(["Private access"]));
    let services = strings(&answer["services"]);
    for service in ["Amazon S3", "Amazon DynamoDB", "Amazon SQS"] {
        assert!(services.contains(&service), "{services:?}");
    }
    for service in &services {
        let snippets = answer["snippets"].as_array().unwrap();
        assert!(
            snippets
                .iter()
                .any(|snippet| snippet["service"] == *service),
            "{service} is not cited"
        );
    }
    assert_quoted_exactly(&root("knowledge"), &answer);
}

#[test]
fn a_comparison_shows_both_sides() {
    let answer = ask_json("rds vs dynamodb user permissions");
    assert_eq!(answer["kind"], "compare");
    assert_eq!(answer["services"], json!(["Amazon RDS", "Amazon DynamoDB"]));
    let sides: Vec<&str> = answer["snippets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|snippet| snippet["service"].as_str().unwrap())
        .collect();
    assert!(
        sides.contains(&"Amazon RDS") && sides.contains(&"Amazon DynamoDB"),
        "{sides:?}"
    );
    assert!(answer["missing"].is_null());
    assert_quoted_exactly(&root("knowledge"), &answer);
}

#[test]
fn a_side_that_the_notes_do_not_cover_is_named_as_missing() {
    let question = "sqs vs s3 cors";
    let answer = ask_json(question);
    assert_eq!(answer["kind"], "compare");
    assert_eq!(answer["missing"], json!(["Amazon SQS"]));
    assert_eq!(first(&answer), ("Amazon S3", "CORS"));
    let text = footnote(&["ask", question]).ok();
    assert!(
        text.contains("\nAmazon SQS\n\n  The notes do not say.\n"),
        "{text}"
    );
}

#[test]
fn an_abstention_says_what_is_not_covered_and_what_is_held() {
    let question = "sqs price per million requests";
    let answer = ask_json(question);
    assert_eq!(answer["kind"], "abstention");
    assert_eq!(answer["abstained"], true);
    assert_eq!(answer["snippets"], json!([]));
    assert_eq!(answer["services"], json!(["Amazon SQS"]));
    let abstention = &answer["abstention"];
    assert_eq!(abstention["reason"], "not-covered");
    assert!(strings(&abstention["uncovered"]).contains(&"price"));
    assert!(strings(&abstention["holds"]).contains(&"Encryption in transit"));

    let run = footnote(&["ask", question]);
    assert_eq!(run.code, 0, "an abstention is an answer, not a failure");
    assert!(run.stdout.starts_with("Not in the notes"));
    assert!(
        run.stdout
            .contains("The notes on Amazon SQS do not cover “price”")
    );
    assert!(run.stdout.contains("They do hold: "));
}

#[test]
fn a_subject_that_the_notes_do_not_know_and_a_greeting_are_told_apart() {
    let answers = batch(&batch_lines(&[
        "how do i bake sourdough bread",
        "hello there",
    ]));
    let reasons: Vec<&Value> = answers.iter().map(|a| &a["abstention"]["reason"]).collect();
    assert_eq!(reasons, ["unknown-subject", "no-question"]);
    assert!(!strings(&answers[1]["abstention"]["nearest"]).is_empty());
}

#[test]
fn a_misspelt_question_is_answered_and_the_repair_is_shown() {
    let answer = ask_json("is rds encripted on the wire");
    assert_eq!(first(&answer), ("Amazon RDS", "Encryption in transit"));
    let reading = answer["reading"].as_str().unwrap();
    assert!(reading.contains("encripted → encrypted"), "{reading}");

    let answer = ask_json("athina encryption at rest");
    assert_eq!(first(&answer).0, "Amazon Athena");
    let reading = answer["reading"].as_str().unwrap();
    assert!(reading.contains("athina → Amazon Athena"), "{reading}");
}

#[test]
fn a_follow_up_keeps_the_service_of_the_question_before() {
    let arguments = ["--previous", "is sqs encrypted on the wire?"];
    let text = footnote(&[&["ask", "--json", "and at rest?"], &arguments[..]].concat()).ok();
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(first(&answer), ("Amazon SQS", "Encryption at rest"));

    let text = footnote(&[&["ask", "--json", "and s3?"], &arguments[..]].concat()).ok();
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(first(&answer).0, "Amazon S3", "a service of its own wins");
}

#[test]
fn a_batch_line_may_be_a_follow_up() {
    let line =
        json!({"id": 1, "text": "and at rest?", "previous": "is sqs encrypted on the wire?"});
    let answers = batch(&line.to_string());
    assert_eq!(first(&answers[0]), ("Amazon SQS", "Encryption at rest"));
}

#[test]
fn a_batch_line_has_the_agreed_keys_in_order_with_their_types() {
    let questions = [
        "is sqs encrypted on the wire?",
        "athena",
        "sqs vs s3 cors",
        "sqs price per million requests",
    ];
    let text = footnote_reading(&["ask", "--batch", "-"], &batch_lines(&questions)).ok();
    for line in text.lines() {
        assert_eq!(
            keys_in_order(line)[..8],
            [
                "id",
                "kind",
                "abstained",
                "services",
                "controls",
                "confidence",
                "elapsed_us",
                "snippets"
            ],
            "{line}"
        );
        let answer: Value = serde_json::from_str(line).unwrap();
        assert!(answer["kind"].is_string() && answer["abstained"].is_boolean());
        assert!(answer["confidence"].is_f64() && answer["elapsed_us"].is_u64());
        strings(&answer["services"]);
        strings(&answer["controls"]);
        assert_eq!(answer["abstained"], answer["kind"] == "abstention");
        for snippet in answer["snippets"].as_array().unwrap() {
            for key in ["service", "control", "text", "citation"] {
                assert!(snippet[key].is_string(), "{key} in {snippet}");
            }
            strings(&snippet["heading"]);
            strings(&snippet["sources"]);
            assert!(snippet["score"].is_f64());
        }
        assert_quoted_exactly(&root("knowledge"), &answer);
    }
    // A snippet's keys, in the order of the contract.
    let line = text.lines().next().unwrap();
    let (_, snippet) = line.split_once("\"snippets\":[").unwrap();
    let snippet = &snippet[..=snippet.find('}').unwrap()];
    assert_eq!(
        keys_in_order(snippet),
        [
            "service", "control", "text", "citation", "heading", "sources", "score"
        ]
    );
}

#[test]
fn a_batch_keeps_order_and_ids_and_skips_blank_lines() {
    let input = concat!(
        "\u{feff}{\"id\": \"a\", \"text\": \"athena\"}\n",
        "\n",
        "{\"id\": 7, \"text\": \"sqs\", \"note\": \"other keys do no harm\"}\r\n",
        "   \n",
        "{\"text\": \"\"}\n",
        "{\"id\": {\"x\": [1]}, \"text\": \"kms\"}"
    );
    let answers = batch(input);
    let ids: Vec<&Value> = answers.iter().map(|answer| &answer["id"]).collect();
    assert_eq!(
        ids,
        [&json!("a"), &json!(7), &Value::Null, &json!({"x": [1]})]
    );
    assert_eq!(answers[2]["kind"], "abstention", "an empty question");
}

#[test]
fn a_batch_comes_from_a_file_too_and_an_empty_one_is_fine() {
    let folder =
        crate::harness::folder(&[("q.jsonl", &batch_lines(&["athena"])), ("empty.jsonl", "")]);
    let path = |name: &str| folder.path().join(name).into_os_string();
    let from = |name: &str| footnote(&["ask".into(), "--batch".into(), path(name)]).ok();
    assert_eq!(from("q.jsonl").lines().count(), 1);
    assert_eq!(from("empty.jsonl"), "");
}

#[test]
fn a_bad_line_names_file_and_line_and_what_it_should_be() {
    let input = batch_lines(&["athena"]) + "\n{\"id\": 2, \"txt\": \"sqs\"}\n";
    let run = footnote_reading(&["ask", "--batch", "-"], &input);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("-:3: "), "{}", run.stderr);
    assert!(run.stderr.contains("{\"id\", \"text\"}"), "{}", run.stderr);

    let folder = crate::harness::folder(&[("q.jsonl", "{\"id\": 1, \"text\": \"athena\"\n")]);
    let path = folder.path().join("q.jsonl");
    let run = footnote(&["ask".as_ref(), "--batch".as_ref(), path.as_os_str()]);
    assert_eq!(run.code, 2);
    let place = format!("{}:1: ", path.display());
    assert!(run.stderr.contains(&place), "{}", run.stderr);
}

#[test]
fn wrong_usage_says_what_to_do() {
    for (arguments, part) in [
        (&["ask", ""][..], "the question is empty; try: footnote ask"),
        (&["ask", " \n"], "the question is empty"),
        (&["ask"], "required"),
        (
            &["ask", "--batch", "nowhere.jsonl"],
            "cannot read nowhere.jsonl; give a file",
        ),
        (&["ask", "--batch", "-", "athena"], "cannot be used with"),
        (&["serch"], "'search'"),
    ] {
        let complaint = footnote(arguments).wrong();
        assert!(complaint.contains(part), "{arguments:?}: {complaint}");
    }
}

#[test]
fn every_verb_has_help() {
    for verb in ["ask", "search", "lint", "eval"] {
        let text = footnote(&[verb, "--help"]).ok();
        assert!(text.contains(&format!("Usage: footnote {verb}")), "{text}");
        for option in ["--config <FILE>", "--notes <DIR>"] {
            assert!(text.contains(option), "{verb} takes {option}");
        }
    }
}

#[test]
fn strange_questions_never_fail() {
    let questions: Vec<String> = [
        "",
        "   ",
        "?",
        "?!…",
        "\0",
        "\u{1b}[31mred\u{7}\u{8}",
        "a\u{300}\u{301}\u{302}",
        "🔐",
        "👩‍👩‍👧‍👦🏳️‍🌈 sqs",
        "هل SQS مشفر؟",
        "\u{202e}sqs\u{202c}",
        "数据加密",
        "ｓｑｓ ｅｎｃｒｙｐｔｉｏｎ",
        "ﬁrehose",
        "<@123456789012345678>",
        "<@&1> <#2> <:lock:3> <a:key:4> <t:5:R> </ask:6>",
        "<",
        "<<<<<@",
        "||sqs|| **encrypted** __at__ ~~rest~~ `kms` ```code```",
        "[sqs](https://example.com/?q=[)",
        "]]]]))))",
        "\\\\\\",
        "'; DROP TABLE notes; --",
        "--help",
        "{\"id\": 1}",
        "%s%n",
        "-",
    ]
    .into_iter()
    .map(str::to_owned)
    .chain([
        "sqs ".repeat(100_000),
        "a".repeat(100_000),
        "(".repeat(50_000),
        "é".repeat(5_000),
        "the ".repeat(300),
        (0..2_000)
            .map(|n| format!("w{n} "))
            .collect::<Vec<_>>()
            .concat(),
    ])
    .collect();
    let answers = batch(&batch_lines(&questions));
    assert_eq!(answers.len(), questions.len());
    for (at, answer) in answers.iter().enumerate() {
        assert_eq!(answer["id"], at);
        let confidence = answer["confidence"].as_f64().unwrap();
        assert!((0.0..=1.0).contains(&confidence), "{answer}");
        assert_quoted_exactly(&root("knowledge"), answer);
    }
}

#[test]
fn discord_markup_does_not_hide_the_question() {
    for question in [
        "<@123456789012345678> is **SQS** encrypted on the wire?",
        "> is __sqs__ `encrypted` on the ||wire||",
        "is [sqs](https://example.com/dynamodb) encrypted on the wire <:lock:123>",
        "is ｓｑｓ encrypted on the wire",
        "is\u{200b} s\u{ad}qs encrypted\non\tthe wire",
    ] {
        let answer = ask_json(question);
        assert_eq!(
            first(&answer),
            ("Amazon SQS", "Encryption in transit"),
            "{question:?}"
        );
    }
}

#[test]
fn the_same_question_always_gets_the_same_answer() {
    let questions = [
        "is sqs encrypted on the wire?",
        "which services support VPC endpoints?",
        "rds vs dynamodb user permissions",
        "athena",
        "lambda timeout",
    ];
    let answers = |questions: &[&str]| -> Vec<String> {
        let mut answers = batch(&batch_lines(questions));
        for answer in &mut answers {
            let answer = answer.as_object_mut().unwrap();
            answer.remove("elapsed_us");
            answer.remove("id");
        }
        answers.iter().map(ToString::to_string).collect()
    };
    let once = answers(&questions);
    assert_eq!(answers(&questions), once, "in another process");
    let backwards: Vec<&str> = questions.iter().rev().copied().collect();
    let mut again = answers(&backwards);
    again.reverse();
    assert_eq!(again, once, "whatever was asked before");
}

#[test]
fn with_a_link_base_citations_are_links_to_the_lines() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = crate::harness::program(folder.path());
    command
        .args(["ask", "--json", "is sqs encrypted on the wire?", "--notes"])
        .arg(root("knowledge"))
        .env("FOOTNOTE__NOTES__LINK_BASE", "https://git.example/notes/");
    let answer: Value = serde_json::from_str(&crate::harness::run(&mut command, "").ok()).unwrap();
    let link = answer["snippets"][0]["link"].as_str().unwrap();
    let start = "https://git.example/notes/services/sqs.md?plain=1#L";
    assert!(link.starts_with(start), "{link}");
}

#[test]
fn a_reader_that_stops_reading_is_no_failure() {
    use std::io::{Read as _, Write as _};
    use std::process::Stdio;
    let folder = tempfile::tempdir().unwrap();
    let mut command = crate::harness::program(folder.path());
    let mut child = command
        .args(["ask", "--batch", "-", "--notes"])
        .arg(root("knowledge"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = child.stdout.take().unwrap();
    let questions = batch_lines(&["which services support VPC endpoints?"; 300]);
    input.write_all(questions.as_bytes()).unwrap();
    drop(input);
    let mut byte = [0];
    output.read_exact(&mut byte).unwrap();
    drop(output);
    let done = child.wait_with_output().unwrap();
    let complaint = String::from_utf8(done.stderr).unwrap();
    assert_eq!((done.status.code(), complaint.as_str()), (Some(0), ""));
}
