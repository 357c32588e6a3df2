//! The keys of the configuration, their checks and what mistakes are answered with.

use std::num::NonZeroU32;

use super::*;
use crate::config::values::KEYS;

fn parse(text: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
    let environment = environment
        .iter()
        .map(|(key, value)| (OsString::from(key), OsString::from(value)));
    Config::parse("c.toml", text, environment).map_err(|error| error.to_string())
}

#[test]
fn the_example_holds_every_key_with_its_default() {
    let example = include_str!("../../config.example.toml");
    // Keys without a default stand as comments; all together must parse.
    assert_eq!(parse(example, &[]), Ok(Config::default()));
    let uncommented: String = example
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(key)
                if KEYS
                    .iter()
                    .any(|(known, _)| key.split(" = ").next() == known.split('.').nth(1)) =>
            {
                key
            }
            _ => line,
        })
        .flat_map(|line| [line, "\n"])
        .collect();
    assert!(parse(&uncommented, &[]).is_ok());
    let table: toml::Table = toml::from_str(&uncommented).unwrap();
    for (key, _) in KEYS {
        let (section, name) = key.split_once('.').unwrap();
        assert!(
            table[section].get(name).is_some(),
            "{key} is not in config.example.toml"
        );
    }
}

#[test]
fn the_environment_goes_before_the_file() {
    let text = "[notes]\npath = \"a\"";
    assert_eq!(parse(text, &[]).unwrap().notes.path, Path::new("a"));
    let environment = [
        ("FOOTNOTE__NOTES__PATH", "1234"),
        ("HOME", "/"),
        ("FOOTNOTE__ANSWER__MIN_CONFIDENCE", "0.7"),
    ];
    let config = parse(text, &environment).unwrap();
    assert_eq!(config.notes.path, Path::new("1234"));
    assert!((config.answer.min_confidence - 0.7).abs() < 1e-6);
}

#[test]
fn mistakes_say_where_and_what_to_do() {
    for (text, environment, message) in [
        (
            "[notes]\npaht = \"a\"",
            None,
            "c.toml:2:1: there is no key `notes.paht`; did you mean `notes.path`?",
        ),
        (
            "[note]\npath = \"a\"",
            None,
            "c.toml:1:2: there is no key `note`; did you mean `notes`?",
        ),
        (
            "[notes]\npath = 3",
            None,
            "c.toml:2:8: `notes.path` must be a text in quotes",
        ),
        (
            "notes = 3",
            None,
            "c.toml:1:9: `notes` is a table; write [notes]",
        ),
        (
            "[notes]\nlink_base = \"ftp://x\"",
            None,
            "c.toml:2:13: `notes.link_base` must begin with https:// or http://",
        ),
        (
            "[answer]\nmin_confidence = 2",
            None,
            "c.toml:2:18: `answer.min_confidence` must be from 0 to 1",
        ),
        (
            "",
            Some(("FOOTNOTE__NOTES__PAHT", "a")),
            "FOOTNOTE__NOTES__PAHT: there is no key `notes.paht`; did you mean `notes.path`?",
        ),
        (
            "",
            Some(("FOOTNOTE__ANSWER__MAX_SNIPPETS", "x")),
            "FOOTNOTE__ANSWER__MAX_SNIPPETS: `answer.max_snippets` must be a number",
        ),
    ] {
        let environment: Vec<_> = environment.into_iter().collect();
        assert_eq!(parse(text, &environment).unwrap_err(), message, "{text}");
    }
    assert!(
        parse("[notes\n", &[])
            .unwrap_err()
            .starts_with("c.toml:1:7: ")
    );
}

#[test]
fn every_key_is_read_from_the_file_and_from_the_environment() {
    let text = r#"
[notes]
pinned = ["Amazon S3", " SQS "]
watch = false
[limits]
asks_per_user = 1
asks_per_guild = 10_000
[gaps]
record = false
keep_days = 0x1e
[store]
url = "sqlite:other.db"
[discord]
shards = "0/1"
token_file = "token"
api_url = "http://127.0.0.1:8080/"
guilds = ["80351110224678912", 41771983423143937]
[listen]
address = "localhost:9100"
[log]
format = "json"
filter = "warn,footnote::app=debug"
"#;
    let expected = Config {
        notes: Notes {
            pinned: vec!["Amazon S3".to_owned(), "SQS".to_owned()],
            watch: false,
            ..Notes::default()
        },
        limits: Limits {
            asks_per_user: NonZeroU32::new(1).unwrap(),
            asks_per_guild: NonZeroU32::new(10_000).unwrap(),
        },
        gaps: Gaps {
            record: false,
            keep_days: 30,
        },
        store: Store {
            url: "sqlite:other.db".to_owned(),
        },
        discord: Discord {
            token_file: Some("token".into()),
            api_url: Some("http://127.0.0.1:8080".to_owned()),
            guilds: vec![
                GuildId(80_351_110_224_678_912),
                GuildId(41_771_983_423_143_937),
            ],
            shards: Some(Shards::all(1)),
        },
        listen: Listen {
            address: Some("localhost:9100".to_owned()),
        },
        log: Log {
            format: LogFormat::Json,
            filter: "warn,footnote::app=debug".to_owned(),
        },
        ..Config::default()
    };
    assert_eq!(parse(text, &[]).unwrap(), expected);
    let environment = [
        ("FOOTNOTE__NOTES__PINNED", "Amazon S3, SQS,"),
        ("FOOTNOTE__NOTES__WATCH", "false"),
        ("FOOTNOTE__LIMITS__ASKS_PER_USER", "1"),
        ("FOOTNOTE__LIMITS__ASKS_PER_GUILD", "10000"),
        ("FOOTNOTE__GAPS__RECORD", "false"),
        ("FOOTNOTE__GAPS__KEEP_DAYS", "30"),
        ("FOOTNOTE__STORE__URL", "sqlite:other.db"),
        ("FOOTNOTE__DISCORD__TOKEN_FILE", "token"),
        ("FOOTNOTE__DISCORD__API_URL", "http://127.0.0.1:8080"),
        (
            "FOOTNOTE__DISCORD__GUILDS",
            "80351110224678912,41771983423143937",
        ),
        ("FOOTNOTE__DISCORD__SHARDS", "0/1"),
        ("FOOTNOTE__LISTEN__ADDRESS", "localhost:9100"),
        ("FOOTNOTE__LOG__FORMAT", "json"),
        ("FOOTNOTE__LOG__FILTER", "warn,footnote::app=debug"),
    ];
    assert_eq!(parse("", &environment).unwrap(), expected);
}

#[test]
fn rust_log_goes_before_the_filter_of_file_and_environment() {
    let text = "[log]\nfilter = \"warn\"";
    let environment = [("RUST_LOG", "debug"), ("FOOTNOTE__LOG__FILTER", "error")];
    assert_eq!(parse(text, &environment).unwrap().log.filter, "debug");
    // Set and empty is not set.
    assert_eq!(parse(text, &[("RUST_LOG", "")]).unwrap().log.filter, "warn");
    assert_eq!(
        parse(text, &[("RUST_LOG", "info,,=x")]).unwrap_err(),
        "RUST_LOG: `log.filter` must be levels such as \"info\" or \"info,footnote=debug\""
    );
}

#[test]
fn optional_keys_may_be_left_empty() {
    let environment = [
        ("FOOTNOTE__NOTES__LINK_BASE", ""),
        ("FOOTNOTE__DISCORD__TOKEN_FILE", ""),
        ("FOOTNOTE__DISCORD__API_URL", ""),
        ("FOOTNOTE__DISCORD__GUILDS", ""),
        ("FOOTNOTE__LISTEN__ADDRESS", ""),
    ];
    assert_eq!(parse("", &environment), Ok(Config::default()));
}

#[test]
fn the_rest_interface_is_https_or_on_this_machine() {
    let read = |url: &str| parse("", &[("FOOTNOTE__DISCORD__API_URL", url)]);
    for (url, base) in [
        ("https://proxy.example", "https://proxy.example"),
        ("https://proxy.example:8443/", "https://proxy.example:8443"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://127.8.9.1", "http://127.8.9.1"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://localhost:8080", "http://localhost:8080"),
    ] {
        let read = read(url).unwrap().discord.api_url;
        assert_eq!(read.as_deref(), Some(base), "{url}");
    }
    for (url, part) in [
        ("http://proxy.example", "must begin with https://"),
        ("http://127.0.0.1.example", "must begin with https://"),
        ("http://10.0.0.1", "must begin with https://"),
        ("http://localhost@proxy.example", "must begin with https://"),
        ("ftp://127.0.0.1", "must begin with https://"),
        ("127.0.0.1:8080", "must be a URL"),
        ("proxy", "must be a URL"),
        ("https://proxy.example/api", "without path"),
        ("https://proxy.example/?a", "without path"),
        ("https://proxy.example/#a", "without path"),
        ("https://me:geheim@proxy.example", "without path"),
    ] {
        let complaint = read(url).unwrap_err();
        assert!(complaint.starts_with("FOOTNOTE__DISCORD__API_URL: "));
        assert!(complaint.contains(part), "{url}: {complaint}");
        // It may hold a secret.
        assert!(!complaint.contains("geheim"), "{complaint}");
    }
}

#[test]
fn values_out_of_range_are_refused_where_they_stand() {
    for (table, wrong, problem) in [
        (
            "limits",
            "asks_per_user = 0",
            "must be a whole number from 1 to 10000",
        ),
        (
            "limits",
            "asks_per_guild = 10001",
            "must be a whole number from 1 to 10000",
        ),
        (
            "limits",
            "asks_per_guild = 1.5",
            "must be a whole number from 1 to 10000",
        ),
        (
            "gaps",
            "keep_days = -1",
            "must be a whole number from 1 to 3650",
        ),
        (
            "gaps",
            "keep_days = nan",
            "must be a whole number from 1 to 3650",
        ),
        ("gaps", "record = \"yes\"", "must be true or false"),
        ("notes", "pinned = \"S3\"", "must be a list"),
        ("notes", "pinned = [[]]", "must be a list"),
        ("notes", "path = \"\"", "must not be empty"),
        ("store", "url = \"\"", "must not be empty"),
        ("discord", "guilds = [0]", "must be a list of server ids"),
        ("discord", "guilds = [-1]", "must be a list of server ids"),
        (
            "discord",
            "guilds = [\"mine\"]",
            "must be a list of server ids",
        ),
        ("discord", "shards = \"0-4/4\"", "names a shard that is"),
        ("discord", "shards = 4", "must be a text in quotes"),
        ("listen", "address = \"9100\"", "must be host:port"),
        ("listen", "address = \":9100\"", "must be host:port"),
        ("listen", "address = \"::1:9100\"", "must be host:port"),
        (
            "listen",
            "address = \"127.0.0.1:99999\"",
            "must be host:port",
        ),
        ("log", "format = \"pretty\"", "must be \"text\" or \"json\""),
        ("log", "filter = \"a=b=c\"", "must be levels such as"),
    ] {
        let (key, _) = wrong.split_once(" = ").unwrap();
        let column = key.len() + 4;
        let start = format!("c.toml:2:{column}: `{table}.{key}` {problem}");
        let complaint = parse(&format!("[{table}]\n{wrong}"), &[]).unwrap_err();
        assert!(complaint.starts_with(&start), "{complaint}");
    }
}

#[test]
fn a_part_of_the_shards_needs_a_database_that_processes_can_share() {
    let read = |shards: &str, url: &str| {
        let environment = [
            ("FOOTNOTE__DISCORD__SHARDS", shards),
            ("FOOTNOTE__STORE__URL", url),
        ];
        parse("", &environment).map(|config| config.discord.shards)
    };
    let complaint = read("0-1/4", "sqlite:footnote.db").unwrap_err();
    for part in [
        "FOOTNOTE__DISCORD__SHARDS: ",
        "`discord.shards`",
        "`store.url`",
        "postgres://",
    ] {
        assert!(complaint.contains(part), "{complaint}");
    }
    // All of them in one process may be on a file.
    assert_eq!(
        read("0-3/4", "sqlite:footnote.db"),
        Ok(Some(Shards::all(4)))
    );
    assert_eq!(
        read("2-3/4", "postgres://host/db"),
        Ok(Shards::new(2, 3, 4))
    );
    assert_eq!(read("", "sqlite:footnote.db"), Ok(None));
}
