//! The log: what a filter opens, and that neither tokens nor tricks get out.

use std::ffi::OsString;
use std::io;
use std::sync::{Arc, Mutex};

use footnote::config::{Config, Log, LogFormat, Token, token};
use footnote::telemetry::{Redactor, log_panics, subscriber};
use serde_json::Value;

const CANARY: &str = "MTE3NjQ5.GhIjKl.Y2FuYXJ5LWluLXRoZS1taW5lLXNoYWZ0";

fn canary() -> Token {
    let environment = [(OsString::from("DISCORD_TOKEN"), OsString::from(CANARY))];
    token(&Config::default(), environment).unwrap()
}

#[derive(Clone, Default)]
struct Output(Arc<Mutex<Vec<u8>>>);

impl io::Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is logged meanwhile.
fn logged(format: LogFormat, filter: &str, events: impl FnOnce()) -> String {
    let output = Output::default();
    let log = Log {
        format,
        filter: filter.to_owned(),
    };
    let writer = output.clone();
    let redactor = Redactor::new(Some(&canary()));
    let subscriber = subscriber(&log, redactor, move || writer.clone()).unwrap();
    tracing::subscriber::with_default(subscriber, events);
    let bytes = output.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

const FORMATS: [LogFormat; 2] = [LogFormat::Text, LogFormat::Json];

#[test]
fn the_token_is_in_no_line_at_any_level() {
    use tracing::{debug, error, info, span, trace, warn};
    for format in FORMATS {
        for filter in ["error", "warn", "info", "debug", "trace"] {
            let text = logged(format, filter, || {
                let bytes = CANARY.as_bytes();
                let span = span!(target: "footnote::test", tracing::Level::ERROR, "s", CANARY);
                let _inside = span.enter();
                error!(target: "footnote::test", "Bot {CANARY}");
                warn!(target: "footnote::test", field = CANARY, "field");
                info!(target: "footnote::test", field = ?CANARY, "Debug");
                debug!(target: "footnote::test", ?bytes, "bytes");
                trace!(target: "footnote::test", "0x{}", data_encoding::HEXLOWER.encode(bytes));
                error!(target: "serenity", "{}", data_encoding::BASE64.encode(bytes));
            });
            assert!(text.contains("[bot token]"), "{text}");
            for secret in [
                CANARY.to_owned(),
                format!("{:?}", CANARY.as_bytes()),
                data_encoding::HEXLOWER.encode(CANARY.as_bytes()),
                data_encoding::BASE64.encode(CANARY.as_bytes()),
            ] {
                assert!(!text.contains(&secret), "{text}");
            }
        }
    }
}

#[test]
fn a_filter_opens_our_own_events_and_no_library() {
    for filter in [
        "trace",
        "trace,serenity=trace,serenity::gateway=trace,serenity::gateway::ws=trace",
        "tungstenite=trace,tokio_tungstenite=trace,hyper=trace,hyper_util=trace,h2=trace",
        "rustls=trace,reqwest=trace,sqlx=trace,poise=trace,another=trace,footnote=trace",
    ] {
        let text = logged(LogFormat::Text, filter, || {
            macro_rules! say {
                ($($target:literal)*) => {$(
                    tracing::debug!(target: $target, "opened");
                    tracing::trace!(target: $target, "opened");
                )*};
            }
            say!("serenity" "serenity::gateway::bridge" "poise" "tungstenite::protocol");
            say!("tokio_tungstenite" "hyper" "hyper_util::client" "h2" "rustls" "reqwest");
            say!("sqlx::query" "another");
            tracing::info!(target: "serenity::http", "opened");
            tracing::warn!(target: "serenity::gateway::ws", "opened");
            tracing::error!(target: "footnote::test", "seen");
        });
        assert!(!text.contains("opened"), "{filter}: {text}");
    }
    let text = logged(LogFormat::Text, "info,footnote=trace", || {
        tracing::trace!(target: "footnote::test", "ours");
        tracing::info!(target: "poise", "a library's");
        tracing::warn!(target: "serenity::http", "a warning");
    });
    assert_eq!(text.lines().count(), 3, "{text}");
    let text = logged(LogFormat::Text, "warn", || {
        tracing::info!(target: "footnote::test", "quiet");
    });
    assert_eq!(text, "");
}

#[test]
fn an_event_is_one_line_whatever_is_in_it() {
    let trick = "a\nERROR forged\r\u{1b}[2J\u{9b}\u{202e}\u{2028}";
    for format in FORMATS {
        let text = logged(format, "info", || {
            tracing::info!(target: "footnote::test", name = trick, shown = %trick, "{trick}");
        });
        assert_eq!(text.matches('\n').count(), 1, "{text}");
        let obeyed = |c: char| c.is_control() || "\u{202e}\u{2028}".contains(c);
        assert!(!text.trim_end_matches('\n').contains(obeyed), "{text:?}");
        if format == LogFormat::Json {
            let line: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(line["shown"], trick);
        }
    }
}

#[test]
fn json_has_fields_and_the_span_where_a_program_looks_for_them() {
    let text = logged(LogFormat::Json, "info", || {
        let span = tracing::info_span!(target: "footnote::test", "interaction", guild.id = 7);
        let _inside = span.enter();
        tracing::warn!(target: "footnote::test", duration_ms = 3, "slow");
    });
    let line: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(line["level"], "WARN");
    assert_eq!(line["message"], "slow");
    assert_eq!(line["duration_ms"], 3);
    assert_eq!(line["span"]["guild.id"], 7);
    assert!(line["timestamp"].as_str().unwrap().ends_with('Z'));
}

#[test]
fn a_panic_is_logged_once_without_the_token_even_when_all_is_off() {
    for format in FORMATS {
        let text = logged(format, "off", || {
            let before = std::panic::take_hook();
            log_panics();
            let result = std::panic::catch_unwind(|| panic!("with {CANARY}\nin it"));
            std::panic::set_hook(before);
            assert!(result.is_err());
        });
        assert_eq!(text.lines().count(), 1, "{text}");
        for part in [
            "panic: with [bot token]\\nin it",
            "telemetry.rs:",
            "panic.thread",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains(CANARY), "{text}");
    }
}
