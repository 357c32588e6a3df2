//! A question as typed in a chat, made plain: markup, mentions and invisible
//! characters go, the words stay.
//!
//! Cleaning is for reading a question only; it never touches a quotation.
//! Discord's own syntax is listed at
//! <https://docs.discord.com/developers/reference#message-formatting>.

use unicode_normalization::UnicodeNormalization;

/// Characters of a question that are read; Discord allows 2,000 in a message,
/// and no question that a person means is longer than half of that.
pub const MAX_QUESTION_CHARS: usize = 1_000;

/// Longest `<…>` that Discord writes (an animated emoji: 32 letters and an id).
const MAX_MENTION_CHARS: usize = 64;

/// Normalises a question (NFKC), strips Discord's markup and reads at most
/// [`MAX_QUESTION_CHARS`] characters of it, in time linear in what is read.
pub fn question(text: &str) -> String {
    let chars: Vec<char> = text.chars().take(MAX_QUESTION_CHARS).collect();
    let mut plain = String::with_capacity(chars.len());
    let mut at = 0;
    let mut open_brackets = 0_usize;
    let mut line_start = true;
    while let Some(&c) = chars.get(at) {
        let rest = chars.get(at..).unwrap_or_default();
        let (skip, keep) = match c {
            '<' => match mention(rest) {
                Some(length) => (length, Some(' ')),
                None => (1, Some(' ')),
            },
            '>' if line_start => (1, None),
            '[' => {
                open_brackets += 1;
                (1, None)
            }
            ']' => {
                let opened = open_brackets > 0;
                open_brackets = open_brackets.saturating_sub(1);
                match target(rest).filter(|_| opened) {
                    Some(length) => (length, Some(' ')),
                    None => (1, Some(' ')),
                }
            }
            '`' => (1, None),
            '*' | '_' | '~' | '|' if rest.get(1) == Some(&c) => (2, None),
            _ if is_invisible(c) => (1, None),
            _ if c.is_whitespace() || c.is_control() => (1, Some(' ')),
            _ => (1, Some(c)),
        };
        if let Some(keep) = keep
            && !(keep == ' ' && (plain.is_empty() || plain.ends_with(' ')))
        {
            plain.push(keep);
        }
        line_start = c == '\n' || line_start && (c == '>' || c.is_whitespace());
        at += skip;
    }
    plain.trim_end().nfkc().collect()
}

/// The length of a mention, emoji, command or time stamp that starts here.
fn mention(rest: &[char]) -> Option<usize> {
    let is_mention = match rest.get(1)? {
        '@' | '#' | '/' | ':' => true,
        'a' | 't' => rest.get(2) == Some(&':'),
        'i' => rest.get(2) == Some(&'d') && rest.get(3) == Some(&':'),
        _ => false,
    };
    let end = rest
        .iter()
        .take(MAX_MENTION_CHARS)
        .position(|c| *c == '>')?;
    is_mention.then_some(end + 1)
}

/// The length of `](…)`, the end of a masked link. A link target holds no space,
/// so the search ends there or at the next bracket, and time stays linear.
fn target(rest: &[char]) -> Option<usize> {
    if rest.get(1) != Some(&'(') {
        return None;
    }
    let inside = rest.get(2..)?;
    let end = inside
        .iter()
        .position(|c| matches!(c, ')' | '[' | ']') || c.is_whitespace())?;
    (inside.get(end) == Some(&')')).then_some(end + 3)
}

/// Zero-width characters, bidirectional controls and soft hyphens.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_goes_and_words_stay() {
        let cases = [
            (
                "<@123> <@!1> <@&2> <#3> is **sqs** encrypted?",
                "is sqs encrypted?",
            ),
            ("<:aws:12> <a:spin:9> </ask:77> <t:1700000000:R> kms", "kms"),
            ("> quoted\n> more\nanswer", "quoted more answer"),
            (">>> all of it", "all of it"),
            (
                "see [the `docs`](https://example.org/a_b) on __S3__",
                "see the docs on S3",
            ),
            ("a ||spoiler|| and ~~not~~ this", "a spoiler and not this"),
            ("snake_case 2 * 3 a|b", "snake_case 2 * 3 a|b"),
            ("enc\u{200b}ryp\u{ad}tion \u{202e}txet", "encryption txet"),
            ("ＡＥＳ\u{a0}２５６", "AES 256"),
            ("5 < 6 and a > b", "5 6 and a > b"),
            ("[x] (y) [z](broken link", "x (y) z (broken link"),
            ("<@123", "@123"),
            ("", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(question(text), expected, "{text}");
        }
    }

    #[test]
    fn only_the_first_thousand_characters_are_read() {
        let long = "ä ".repeat(500_000);
        assert_eq!(question(&long).chars().count(), MAX_QUESTION_CHARS - 1);
        let hidden = format!("{} kms", "<@1>".repeat(250));
        assert_eq!(question(&hidden), "");
    }

    #[test]
    fn nested_brackets_are_cheap() {
        for unit in ["[", "](", "[](", "<", "<@", "*", ">"] {
            question(&unit.repeat(2_000));
        }
    }
}
