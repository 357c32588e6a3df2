//! Anchors exactly as GitHub makes them, so that a citation can be clicked.
//!
//! GitHub lower-cases the heading's text, drops everything that is no letter,
//! mark, decimal digit, connector, hyphen or space, and turns each space into a
//! hyphen. A repeat gets `-1`, `-2` and so on, skipping what is taken.

use rustc_hash::FxHashMap;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// The anchors given out in one file.
#[derive(Debug, Default)]
pub(crate) struct Anchors {
    /// Anchor → number of the last repeat.
    used: FxHashMap<String, u32>,
}

impl Anchors {
    /// The anchor of the next heading, from its text without markup.
    pub(crate) fn next(&mut self, heading: &str) -> String {
        let plain = slug(heading);
        let Some(count) = self.used.get(&plain) else {
            self.used.insert(plain.clone(), 0);
            return plain;
        };
        let mut count = *count;
        loop {
            count += 1;
            let numbered = format!("{plain}-{count}");
            if !self.used.contains_key(&numbered) {
                self.used.insert(plain, count);
                self.used.insert(numbered.clone(), 0);
                return numbered;
            }
        }
    }
}

/// The anchor of a heading's text, before repeats are numbered.
pub fn slug(heading: &str) -> String {
    let mut anchor = String::with_capacity(heading.len());
    for c in heading.chars() {
        match c {
            ' ' => anchor.push('-'),
            'A'..='Z' => anchor.push(c.to_ascii_lowercase()),
            'a'..='z' | '0'..='9' | '-' | '_' => anchor.push(c),
            _ if c.is_ascii() => {}
            _ => anchor.extend(c.to_lowercase().filter(|c| stays(*c))),
        }
    }
    anchor
}

fn stays(c: char) -> bool {
    use GeneralCategory::{
        ConnectorPunctuation, DecimalNumber, EnclosingMark, NonspacingMark, SpacingMark,
    };
    c.is_alphabetic()
        || matches!(
            c.general_category(),
            ConnectorPunctuation | DecimalNumber | EnclosingMark | NonspacingMark | SpacingMark
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_those_of_github() {
        for (heading, anchor) in [
            ("Encryption at rest", "encryption-at-rest"),
            ("What's new?", "whats-new"),
            ("C++ & Rust", "c--rust"),
            ("1-1 Kinesis Data Streams", "1-1-kinesis-data-streams"),
            ("2、Security - SQS", "2security---sqs"),
            ("3、Security —IoT", "3security-iot"),
            ("snake_case and `code`", "snake_case-and-code"),
            ("Größe ÄÖÜ", "größe-äöü"),
            ("日本語 の 見出し", "日本語-の-見出し"),
            ("🎉 Release", "-release"),
            (":tada: Release", "tada-release"),
            ("x² and ½", "x-and-"),
            ("1,000 req/s", "1000-reqs"),
            ("٣ digits", "٣-digits"),
            ("???", ""),
        ] {
            assert_eq!(slug(heading), anchor, "{heading}");
        }
    }

    #[test]
    fn repeats_are_numbered_and_never_collide() {
        let mut anchors = Anchors::default();
        let given: Vec<String> = ["Foo", "Foo", "Foo 1", "foo", "", ""]
            .iter()
            .map(|h| anchors.next(h))
            .collect();
        assert_eq!(given, ["foo", "foo-1", "foo-1-1", "foo-2", "", "-1"]);
    }
}
