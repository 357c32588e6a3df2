//! Takes tokens out of text: the bot's own in every spelling in which programs
//! print bytes, and the tokens of interactions by their length.

use std::borrow::Cow;
use std::fmt::Write as _;

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};
use memchr::memmem::Finder;

use crate::config::Token;

/// Stands where the bot's token was. A token has neither blanks nor brackets, so
/// none can come about by putting this in.
const BOT: &str = "[bot token]";
/// Stands where a token of an interaction may have been.
const LONG: &str = "[long token]";
/// A token this short is a stand-in of a test server. Its spellings would be
/// found in ordinary words.
const SHORTEST: usize = 8;
/// Tokens of interactions have about 200 URL-safe characters; no name or word
/// in a log is this long.
const LONGEST_RUN: usize = 60;

/// Takes tokens out of text.
#[derive(Default)]
pub struct Redactor {
    spellings: Vec<Finder<'static>>,
}

impl Redactor {
    /// Knows the token, if there is one, and every interaction's.
    pub fn new(token: Option<&Token>) -> Self {
        Self::knowing(token.map_or("", Token::expose))
    }

    /// Knows a token by its text.
    pub(super) fn knowing(token: &str) -> Self {
        if token.len() < SHORTEST {
            return Self::default();
        }
        let spellings = spellings(token.as_bytes());
        let finder = |text: &String| Finder::new(text).into_owned();
        Self {
            spellings: spellings.iter().map(finder).collect(),
        }
    }

    /// The text without tokens.
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut text = Cow::Borrowed(text);
        for spelling in &self.spellings {
            while let Some(at) = spelling.find(text.as_bytes()) {
                let end = at + spelling.needle().len();
                text.to_mut().replace_range(at..end, BOT);
            }
        }
        redact_runs(text)
    }
}

/// The token as text, as hexadecimal and decimal bytes and in base64.
fn spellings(token: &[u8]) -> Vec<String> {
    let mut spellings = vec![String::from_utf8_lossy(token).into_owned()];
    // As `4d54`, `4d 54`, `4d:54`, `[4d, 54]`, `[0x4d, 0x54]`, `0x4d 0x54`.
    for between in ["", " ", ":", ", ", ", 0x", " 0x"] {
        spellings.push(bytes(token, between, |out, byte| write!(out, "{byte:02x}")));
        spellings.push(bytes(token, between, |out, byte| write!(out, "{byte:02X}")));
    }
    for between in [", ", ",", " "] {
        spellings.push(bytes(token, between, |out, byte| write!(out, "{byte}")));
    }
    // What stands before the token moves it by 0, 1 or 2 bytes within groups of
    // three. The characters that it shares with its neighbours are left out.
    for before in 0..3 {
        let mut moved = vec![0; before];
        moved.extend(token);
        let own = (before * 8).div_ceil(6)..moved.len() * 8 / 6;
        for base64 in [BASE64_NOPAD, BASE64URL_NOPAD] {
            spellings.extend(base64.encode(&moved).get(own.clone()).map(str::to_owned));
        }
    }
    spellings
}

fn bytes(
    token: &[u8],
    between: &str,
    write: impl Fn(&mut String, u8) -> std::fmt::Result,
) -> String {
    let mut out = String::new();
    for (at, byte) in token.iter().enumerate() {
        if at > 0 {
            out.push_str(between);
        }
        // Writing to a text cannot fail.
        let _ = write(&mut out, *byte);
    }
    out
}

/// Replaces long runs of URL-safe characters.
fn redact_runs(text: Cow<'_, str>) -> Cow<'_, str> {
    let safe = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !text
        .as_bytes()
        .chunk_by(|a, b| safe(a) == safe(b))
        .any(|run| run.len() >= LONGEST_RUN && safe(&run[0]))
    {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut run = String::new();
    // A character that belongs to no run ends the last one.
    for c in text.chars().chain(['\0']) {
        if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') {
            run.push(c);
            continue;
        }
        out.push_str(if run.len() >= LONGEST_RUN { LONG } else { &run });
        run.clear();
        out.push(c);
    }
    out.pop();
    out.into()
}
