//! What operators rely on: metrics, health, backups, and the files in `deploy`.

#![expect(clippy::float_cmp, reason = "counts are whole numbers")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::discord::listening::get;
use crate::discord::process::{Bot, Place, setup};
use crate::double::Double;
use crate::double::setup::ALICE;
use crate::harness::{folder, footnote, program, root, run};

/// Nothing takes longer that goes well.
const PATIENCE: Duration = Duration::from_secs(20);

/// A bot that listens, and where.
async fn listening(place: &Place, double: &Double) -> (Bot, String) {
    let mut command = place.command(double, &["run"]);
    command.env("FOOTNOTE__LISTEN__ADDRESS", "127.0.0.1:0");
    let bot = Bot::spawn(command);
    double.ready().await;
    bot.logged("health checks on http://").await;
    let log = bot.log();
    let address = log.split("health checks on http://").nth(1).unwrap();
    let address = address.split_whitespace().next().unwrap().to_owned();
    (bot, address)
}

/// Series with their values.
fn series(exposition: &str) -> BTreeMap<&str, f64> {
    exposition
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap();
            (name, value.parse().unwrap())
        })
        .collect()
}

/// Metrics once a series has reached a value: an event is counted when it is over,
/// a moment after others see it.
async fn counted(address: &str, name: &str, value: f64) -> String {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let text = get(address, "/metrics").1;
        if series(&text)[name] >= value {
            return text;
        }
        assert!(Instant::now() < deadline, "{name} is not {value}: {text}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Names of metrics with their types.
fn types(exposition: &str) -> BTreeMap<String, String> {
    let types = exposition.lines().filter_map(|line| {
        let (name, kind) = line.strip_prefix("# TYPE ")?.split_once(' ')?;
        Some((name.to_owned(), kind.to_owned()))
    });
    types.collect()
}

/// Names of metrics that a text uses, without the endings of histograms.
fn used(text: &str, known: &BTreeMap<String, String>) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.split(|c| !is_part(c))
        .filter(|word| word.starts_with("footnote_") || word.starts_with("process_"))
        .map(|word| {
            let base = ["_bucket", "_count", "_sum"]
                .iter()
                .find_map(|ending| word.strip_suffix(ending))
                .filter(|base| known.get(*base).is_some_and(|kind| kind == "histogram"));
            base.unwrap_or(word).to_owned()
        })
        .collect()
}

fn read(path: &str) -> String {
    fs::read_to_string(root(path)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_tell_what_happened() {
    let double = Double::start(setup()).await;
    let place = Place::bundled();
    let (bot, address) = listening(&place, &double).await;
    let before = get(&address, "/metrics").1;
    let zero = [
        "footnote_answers_total{kind=\"direct\"}",
        "footnote_round_misses_total{reason=\"refused\"}",
        "footnote_database_errors_total{operation=\"change\",error=\"full\"}",
        "footnote_acknowledgement_seconds_count",
    ];
    for name in zero {
        assert_eq!(series(&before).get(name), Some(&0.0), "{name}");
    }

    let alice = double.as_user(ALICE);
    let ask = async |question: &str| {
        let asked = alice.slash("ask", &json!({ "question": question }));
        asked.shown().await
    };
    ask("sqs price per million requests").await;
    let answer = ask("is sqs encrypted on the wire?").await;
    // A vote is one, whether its reason is given or left open.
    let form = alice.click(&answer, "Not helpful").modal().await;
    alice.submit_modal(&form, &json!({})).shown().await;
    let delivered = "footnote_acknowledgements_total{outcome=\"delivered\"}";
    let now = counted(&address, delivered, 4.0).await;
    let now = series(&now);
    assert_eq!(now["footnote_votes_total{vote=\"not_helpful\"}"], 1.0);
    assert_eq!(now["footnote_answers_total{kind=\"direct\"}"], 1.0);
    assert_eq!(now["footnote_answers_total{kind=\"abstention\"}"], 1.0);
    assert_eq!(
        now["footnote_abstentions_total{reason=\"not_covered\"}"],
        1.0
    );
    assert_eq!(now["footnote_acknowledgement_seconds_count"], 4.0);
    assert_eq!(now["footnote_gateway_connected"], 1.0);
    assert_eq!(now["footnote_gateway_identifies_total"], 1.0);
    assert!(now["footnote_notes"] > 10.0 && now["footnote_notes_sections"] > 100.0);
    assert!(now["process_resident_memory_bytes"] > 1_000_000.0);
    assert!(now["footnote_rest_calls_total{outcome=\"ok\"}"] >= 2.0);
    assert!(
        now.keys()
            .any(|name| name.starts_with("footnote_build_info{version=\""))
    );
    let ids = ["guild", "user", "channel"];
    assert!(
        !now.keys()
            .any(|name| ids.iter().any(|id| name.contains(&format!("{id}_id"))))
    );
    assert_eq!(bot.stop().0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_metric_is_documented_and_alerts_and_dashboard_name_real_ones() {
    let double = Double::start(setup()).await;
    let place = Place::bundled();
    let (bot, address) = listening(&place, &double).await;
    let (status, text) = get(&address, "/metrics");
    assert_eq!((status, bot.stop().0), (200, 0));
    let known = types(&text);
    let help = |name: &str| text.contains(&format!("# HELP {name} "));
    assert!(known.keys().all(|name| help(name)));

    let page = read("docs/operations.md");
    let documented: BTreeSet<String> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(name, _)| name.split('{').next().unwrap().to_owned())
        .filter(|name| name.starts_with("footnote_") || name.starts_with("process_"))
        .collect();
    assert_eq!(documented, known.keys().cloned().collect());

    for file in [
        "deploy/prometheus/alerts.yaml",
        "deploy/grafana/dashboard.json",
    ] {
        let used = used(&read(file), &known);
        assert!(used.len() > 10, "{file}");
        let unknown: Vec<_> = used
            .iter()
            .filter(|name| !known.contains_key(*name))
            .collect();
        assert!(unknown.is_empty(), "{file}: {unknown:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_reading_is_possible_and_health_can_be_asked_without_other_tools() {
    let double = Double::start(setup()).await;
    let place = Place::bundled();
    let (bot, address) = listening(&place, &double).await;
    let mut stream = TcpStream::connect(&address).unwrap();
    write!(
        stream,
        "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    assert!(reply.starts_with("HTTP/1.1 405 "), "{reply}");

    bot.logged("connected to Discord").await;
    let ask = |arguments: &[&str]| {
        let mut command = place.command(&double, arguments);
        command.env("FOOTNOTE__LISTEN__ADDRESS", &address);
        tokio::task::spawn_blocking(move || run(&mut command, ""))
    };
    assert_eq!(ask(&["health"]).await.unwrap().ok(), "ok\n");
    double
        .until("the bot to be ready", |_| {
            (get(&address, "/readyz").0 == 200).then_some(())
        })
        .await;
    assert_eq!(ask(&["health", "--ready"]).await.unwrap().ok(), "ok\n");
    let doctor = ask(&["doctor"]).await.unwrap().stdout;
    let fine = format!("listener: {address} is in use by a running bot, which is fine");
    assert!(doctor.contains(&fine), "{doctor}");
    assert_eq!(bot.stop().0, 0);
    let doctor = ask(&["doctor"]).await.unwrap().stdout;
    assert!(
        doctor.contains(&format!("listener: {address} is free")),
        "{doctor}"
    );
    let taken = std::net::TcpListener::bind(&address).unwrap();
    let doctor = ask(&["doctor"]).await.unwrap().stdout;
    assert!(doctor.contains("in use by another program"), "{doctor}");
    drop(taken);
    let gone = ask(&["health"]).await.unwrap();
    assert_eq!(gone.code, 1, "{gone:?}");
    assert!(gone.stdout.contains("nobody answers on "), "{gone:?}");
    assert!(
        footnote(&["health"])
            .wrong()
            .contains("FOOTNOTE__LISTEN__ADDRESS")
    );
}

#[test]
fn a_backup_that_cannot_be_made_says_why() {
    let place = folder(&[("other.txt", "not a database")]);
    let backup = |url: &str| {
        let mut command = program(place.path());
        command
            .env("FOOTNOTE__STORE__URL", url)
            .args(["backup", "copy.db"]);
        run(&mut command, "").wrong()
    };
    assert!(backup("sqlite:footnote.db").contains("no database footnote.db yet"));
    assert!(backup("sqlite:other.txt").contains("other.txt is not a database of Footnote"));
    assert!(backup("sqlite::memory:").contains("kept in memory"));
    let postgres = backup("postgres://bot:hunter2@localhost/footnote");
    assert!(
        postgres.contains("pg_dump") && !postgres.contains("hunter2"),
        "{postgres}"
    );
    let left = fs::read_dir(place.path()).unwrap().count();
    assert_eq!(left, 1);
}

#[test]
fn settings_in_the_files_of_deploy_exist() {
    let example = read("config.example.toml");
    let mut keys = BTreeSet::new();
    let mut table = String::new();
    for line in example.lines() {
        if let Some(name) = line
            .strip_prefix('[')
            .and_then(|line| line.strip_suffix(']'))
        {
            table = name.to_uppercase();
        }
        if let Some((key, _)) = line.trim_start_matches("# ").split_once(" = ") {
            keys.insert(format!("FOOTNOTE__{table}__{}", key.to_uppercase()));
        }
    }
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    for file in [
        "deploy/compose.yaml",
        "deploy/footnote.service",
        "deploy/Dockerfile",
    ] {
        let text = read(file);
        let named: Vec<&str> = text
            .split(|c| !is_part(c))
            .filter(|word| word.starts_with("FOOTNOTE__"))
            .collect();
        assert!(!named.is_empty(), "{file}");
        for name in named {
            assert!(keys.contains(name), "{file}: {name}");
        }
    }
    // What is copied into the image is there.
    let dockerfile = read("deploy/Dockerfile");
    let manifest = read("Cargo.toml");
    for bench in manifest.split("[[bench]]").skip(1) {
        let name = bench.split('"').nth(1).unwrap();
        assert!(
            dockerfile.contains(name),
            "deploy/Dockerfile lacks the bench {name}"
        );
    }
    let dashboard: Value = serde_json::from_str(&read("deploy/grafana/dashboard.json")).unwrap();
    assert!(dashboard["panels"].as_array().unwrap().len() > 10);
}
