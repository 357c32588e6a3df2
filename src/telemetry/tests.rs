//! No token comes out of the writer, however it is spelt and cut up.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::{Arc, Mutex};

use data_encoding::{BASE64, BASE64URL, HEXLOWER, HEXUPPER};
use proptest::prelude::*;
use tracing_subscriber::fmt::MakeWriter as _;

use super::redact::Redactor;
use super::writer::Lines;

const TOKEN: &str = "MTE3NjQ5.GhIjKl.c2VjcmV0LXBhcnQtb2YtYS10b2tlbg";

/// Every spelling of bytes that is taken out.
fn spellings(bytes: &[u8]) -> Vec<String> {
    let joined = |between: &str, byte: fn(&u8) -> String| {
        let bytes: Vec<String> = bytes.iter().map(byte).collect();
        bytes.join(between)
    };
    vec![
        String::from_utf8_lossy(bytes).into_owned(),
        HEXLOWER.encode(bytes),
        HEXUPPER.encode(bytes),
        joined(" ", |byte| format!("{byte:02x}")),
        joined(":", |byte| format!("{byte:02X}")),
        joined(", ", |byte| format!("{byte:#04x}")),
        joined(" ", |byte| format!("{byte:#04x}")),
        format!("{bytes:02x?}"),
        format!("{bytes:?}"),
        joined(",", u8::to_string),
        joined(" ", u8::to_string),
    ]
}

/// What reading the output back gives, in every way that might give the token.
fn assert_gone(output: &str, token: &str) {
    for spelling in &spellings(token.as_bytes())[1..] {
        let spelling = spelling.trim_matches(['[', ']']);
        assert!(!output.contains(spelling), "{spelling} in {output}");
    }
    assert!(!output.contains(token), "{output}");
    // Base64 of any alignment: read what is left of it from each of four places.
    for run in output.split(|c: char| !c.is_ascii_alphanumeric() && !"+/-_".contains(c)) {
        let run = run.replace('-', "+").replace('_', "/");
        for start in 0..4.min(run.len()) {
            let length = (run.len() - start) / 4 * 4;
            let Ok(bytes) = BASE64.decode(&run.as_bytes()[start..start + length]) else {
                continue;
            };
            assert!(!String::from_utf8_lossy(&bytes).contains(token), "{output}");
        }
    }
}

/// Writes an event in pieces and returns what came out.
fn written(redactor: Redactor, pieces: &[&[u8]]) -> String {
    let output = Arc::new(Mutex::new(Vec::new()));
    let lines = Lines::new(Arc::new(SharedBuffer(Arc::clone(&output))), redactor);
    let mut line = lines.make_writer();
    for piece in pieces {
        line.write_all(piece).unwrap();
        line.flush().unwrap();
    }
    drop(line);
    let output = output.lock().unwrap().clone();
    String::from_utf8(output).unwrap()
}

struct SharedBuffer(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for &SharedBuffer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn the_token_is_taken_out_in_every_spelling_at_every_alignment() {
    let redactor = Redactor::knowing(TOKEN);
    for before in ["", "B", "Bo", "Bot ", "{\"token\":\"Bot ", "x=ü"] {
        let framed = format!("{before}{TOKEN}\",\"v\":9}}");
        let mut texts = spellings(framed.as_bytes());
        texts.extend([
            BASE64.encode(framed.as_bytes()),
            BASE64URL.encode(framed.as_bytes()),
        ]);
        for text in texts {
            let redacted = redactor.redact(&text);
            assert!(redacted.contains(" token]"), "{redacted}");
            assert_gone(&redacted, TOKEN);
        }
    }
    assert_eq!(
        redactor.redact(&format!("Authorization: Bot {TOKEN}, twice {TOKEN}")),
        "Authorization: Bot [bot token], twice [bot token]"
    );
}

#[test]
fn long_runs_are_taken_out_and_ordinary_lines_stay() {
    let redactor = Redactor::knowing(TOKEN);
    let long = "aW50ZXJhY3Rpb246".repeat(4);
    assert_eq!(
        redactor.redact(&format!("/interactions/12/{long}/callback é")),
        "/interactions/12/[long token]/callback é"
    );
    let ordinary = "INFO footnote::app: answered in 3 ms guild=80351110224678912 é";
    assert!(
        matches!(redactor.redact(ordinary), std::borrow::Cow::Borrowed(text) if text == ordinary)
    );
    // Without a token, or with a stand-in such as `x`, nothing else changes.
    assert_eq!(Redactor::knowing("x").redact("x = 1"), "x = 1");
}

#[test]
fn a_token_in_pieces_is_found() {
    let line = format!("token {TOKEN}\n");
    for at in 0..=line.len() {
        let (start, end) = line.as_bytes().split_at(at);
        assert_eq!(
            written(Redactor::knowing(TOKEN), &[start, end]),
            "token [bot token]\n"
        );
    }
    let single: Vec<&[u8]> = line.as_bytes().chunks(1).collect();
    assert_eq!(
        written(Redactor::knowing(TOKEN), &single),
        "token [bot token]\n"
    );
}

#[test]
fn what_a_terminal_obeys_is_written_out() {
    for (text, line) in [
        ("one\ntwo\r\n", "one\\ntwo\\u000d\n"),
        (
            "\u{1b}[31mred\u{7}\u{9b}2J",
            "\\u001b[31mred\\u0007\\u009b2J\n",
        ),
        ("a\u{202e}b\u{2066}c\u{2028}", "a\\u202eb\\u2066c\\u2028\n"),
        ("größer 猫 👍🏽", "größer 猫 👍🏽\n"),
    ] {
        assert_eq!(written(Redactor::default(), &[text.as_bytes()]), line);
    }
    assert_eq!(
        written(Redactor::default(), &[b"\xff\xfe"]),
        "\u{fffd}\u{fffd}\n"
    );
}

proptest! {
    #[test]
    fn no_output_ever_contains_the_token(
        token in "[A-Za-z0-9_.-]{8,72}",
        before in "\\PC{0,40}",
        between in any::<String>(),
        spelling in 0..13_usize,
        cut in any::<prop::sample::Index>(),
    ) {
        let mut spellings = spellings(token.as_bytes());
        spellings.extend([BASE64.encode(token.as_bytes()), BASE64URL.encode(token.as_bytes())]);
        let mut text = before;
        for part in [&spellings[spelling], &between, &spellings[spelling], &token] {
            write!(text, "{part}").unwrap();
        }
        let (start, end) = text.as_bytes().split_at(cut.index(text.len()));
        let output = written(Redactor::knowing(&token), &[start, end]);
        prop_assert!(!output.contains(&token), "{}", output);
        prop_assert!(!output.contains(&HEXLOWER.encode(token.as_bytes())));
        prop_assert!(!output.contains(spellings[spelling].trim_matches(['[', ']', '='])));
        prop_assert_eq!(output.chars().filter(|c| c.is_control()).count(), 1);
    }
}
