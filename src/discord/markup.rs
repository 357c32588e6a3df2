//! Text for Discord: escaping, lengths and cuts.
//!
//! Notes and people write what they like; nothing of it may become markup, a
//! mention or a link of ours.

use unicode_segmentation::UnicodeSegmentation as _;

/// Length as Discord counts it at most: UTF-16 code units.
pub(super) fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Text without characters that reorder or hide it: controls (but newlines and
/// tabs), bidirectional controls and zero-width characters other than the
/// joiners that emoji and some scripts need. Every line ends with a newline.
pub(super) fn visible(text: &str) -> String {
    let mut rest = text.chars().peekable();
    let mut visible = String::with_capacity(text.len());
    while let Some(c) = rest.next() {
        match c {
            '\n' | '\t' => visible.push(c),
            '\r' if rest.peek() == Some(&'\n') => {}
            '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => visible.push('\n'),
            '\u{61c}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}' => {}
            c if c.is_control() => {}
            c => visible.push(c),
        }
    }
    visible
}

/// Escapes what Discord would read as markup, a mention or the beginning of a
/// masked link, and nothing else: the reader sees the text as it is, and finds
/// few backslashes in it when it is copied. Web addresses stay links.
pub(super) fn escape(text: &str) -> String {
    escape_with(text, Addresses::Live)
}

/// The same with addresses that are no links: for words that are not from the
/// notes.
pub(super) fn unlinked(text: &str) -> String {
    escape_with(text, Addresses::Dead)
}

/// Whether a web address becomes a link.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Addresses {
    Live,
    Dead,
}

fn escape_with(text: &str, addresses: Addresses) -> String {
    let visible = visible(text);
    let mut escaped = String::with_capacity(visible.len() + visible.len() / 16);
    let mut line = Line::Start;
    let mut before = '\n';
    let mut rest = visible.chars();
    loop {
        let address = match addresses {
            Addresses::Live => address(rest.as_str()),
            Addresses::Dead => "",
        };
        if let Some(last) = address.chars().last() {
            escaped.push_str(address);
            rest = rest
                .as_str()
                .get(address.len()..)
                .unwrap_or_default()
                .chars();
            (before, line) = (last, Line::Inside);
        }
        let Some(c) = rest.next() else { break };
        let is_link = c == ':' && rest.as_str().starts_with("//") && ends_in_scheme(&escaped);
        if is_link || is_markup(before, c, rest.as_str(), line) {
            escaped.push('\\');
        }
        escaped.push(c);
        line = match (line, c) {
            (_, '\n') | (Line::Start, ' ' | '\t') => Line::Start,
            (Line::Start | Line::Number, '0'..='9') => Line::Number,
            _ => Line::Inside,
        };
        before = c;
    }
    escaped
}

/// The web address at the start of a text, if it is all of it that Discord
/// takes for one and holds nothing that a backslash would have to go into.
fn address(text: &str) -> &str {
    if !text.starts_with("https://") && !text.starts_with("http://") {
        return "";
    }
    let end = text.find(|c: char| c.is_whitespace() || c == '<');
    let address = text.get(..end.unwrap_or(text.len())).unwrap_or_default();
    if address.contains(['*', '`', '|', '[', ']', '\\', '>']) || address.contains("~~") {
        ""
    } else {
        address
    }
}

/// Whether a text ends in a word that makes a link of what follows.
fn ends_in_scheme(text: &str) -> bool {
    let ends_in = |scheme: &&str| {
        let end = text.len().checked_sub(scheme.len());
        end.and_then(|at| text.get(at..))
            .is_some_and(|end| end.eq_ignore_ascii_case(scheme))
    };
    ["http", "https", "steam", "discord"].iter().any(ends_in)
}

/// Where in a line a character stands: some are markup at its start only.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    /// Nothing but blanks before it.
    Start,
    /// Nothing but a number before it.
    Number,
    Inside,
}

fn is_markup(before: char, c: char, rest: &str, line: Line) -> bool {
    let next = rest.chars().next();
    let ends_word = next.is_none_or(char::is_whitespace);
    match c {
        '*' | '`' | '[' => true,
        // Before a letter or a digit a backslash is only a backslash.
        '\\' => !next.is_some_and(|c| c.is_ascii_alphanumeric() || c.is_whitespace()),
        // Emphasis ends where a word does, so inside of words there is none.
        '_' => !(before.is_ascii_alphanumeric() && next.is_some_and(|c| c.is_ascii_alphanumeric())),
        // One alone is no markup; at the end another may follow.
        '~' | '|' => next.is_none_or(|next| next == c),
        ']' => next == Some('('),
        '<' => {
            let inside = rest.split(|c: char| c == '>' || c == '<' || c.is_whitespace());
            inside
                .take(1)
                .any(|inside| inside.contains(['@', '#', ':']))
        }
        '@' => rest.starts_with("everyone") || rest.starts_with("here"),
        '#' => {
            line == Line::Start
                && rest
                    .trim_start_matches('#')
                    .chars()
                    .next()
                    .is_none_or(char::is_whitespace)
        }
        '>' => line == Line::Start && (ends_word || rest.starts_with(">>")),
        '-' => line == Line::Start && (ends_word || next == Some('#')),
        '+' => line == Line::Start && ends_word,
        '.' => line == Line::Number && ends_word,
        _ => false,
    }
}

/// At most `units` long: cut behind a sentence, else behind a word, else
/// between two characters as people see them, with an ellipsis.
pub(super) fn cut(text: &str, units: usize) -> String {
    if length(text) <= units {
        return text.to_owned();
    }
    let room = units.saturating_sub(2);
    let mut end = 0;
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += length(grapheme);
        if used > room {
            break;
        }
        end = at + grapheme.len();
    }
    let kept = text.get(..end).unwrap_or_default();
    let sentence = kept
        .match_indices([' ', '\n'])
        .map(|(at, _)| at)
        .rfind(|at| {
            kept.get(..*at)
                .is_some_and(|part| part.ends_with(['.', '!', '?', ':', ';']))
        })
        // Half of the room is better filled with a cut sentence.
        .filter(|at| *at * 2 >= end);
    let word = kept.rfind([' ', '\n']).filter(|at| *at * 2 >= end);
    let kept = sentence
        .or(word)
        .and_then(|at| kept.get(..at))
        .unwrap_or(kept)
        .trim_end();
    // Even the ellipsis must fit.
    match units {
        0 => String::new(),
        1 => "…".to_owned(),
        _ if kept.is_empty() => "…".to_owned(),
        _ => format!("{kept} …"),
    }
}

/// The text escaped and at most `units` long.
pub(super) fn escape_within(text: &str, units: usize) -> String {
    fit(text, units, escape)
}

/// The text escaped, without links, and at most `units` long.
pub(super) fn unlinked_within(text: &str, units: usize) -> String {
    fit(text, units, unlinked)
}

/// Code in a fence that it cannot close, at most `units` long. Discord knows
/// fences of three backticks only, so longer runs in the code become marks
/// that look the same.
pub(super) fn fence_within(code: &str, units: usize) -> String {
    fit(code, units, |code| {
        let code = visible(code).replace("```", "ˋˋˋ");
        format!("```\n{code}\n```")
    })
}

/// Cuts the text until what becomes of it fits.
fn fit(text: &str, units: usize, write: impl Fn(&str) -> String) -> String {
    let mut room = units;
    loop {
        let written = write(&cut(text, room));
        let excess = length(&written).saturating_sub(units);
        if excess == 0 {
            return written;
        }
        if room == 0 {
            return String::new();
        }
        room = room.saturating_sub(excess);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_shown_and_not_obeyed() {
        for (text, escaped) in [
            (
                "plain words, 2.5 GB (SSE-S3)",
                "plain words, 2.5 GB (SSE-S3)",
            ),
            (
                r"s3:PutObject aws_kms_key a|b ~5 a@b.example C:\temp <5 ms, a < b, list[0]",
                r"s3:PutObject aws_kms_key a|b ~5 a@b.example C:\temp <5 ms, a < b, list\[0]",
            ),
            (
                "*a* _b_ ~~c~~ `d` ||e|| __f__ g_h_ i",
                r"\*a\* \_b\_ \~~c\~~ \`d\` \||e\|| \_\_f\_\_ g_h\_ i",
            ),
            ("[text](https://x.example)", r"\[text\](https://x.example)"),
            (
                "<@1> <#2> <@&3> <t:0:R> <:a:1> </b:2> <https://x.example> <a@b.example>",
                r"\<@1> \<#2> \<@&3> \<t:0:R> \<:a:1> \</b:2> \<https\://x.example> \<a@b.example>",
            ),
            (
                "s3://bucket https://x.example/a_b_ (http://x.example)",
                "s3://bucket https://x.example/a_b_ (http://x.example)",
            ),
            ("https://x.example/*", r"https\://x.example/\*"),
            ("@everyone @here @team", r"\@everyone \@here @team"),
            (
                "# a\n### b\n> c\n>>> d\n- e\n+ f\n -# g\n1. h\n12. i",
                "\\# a\n\\### b\n\\> c\n\\>>> d\n\\- e\n\\+ f\n \\-# g\n1\\. h\n12\\. i",
            ),
            (
                "1.2 a\n#b\n-c\n>d\na - b # c > d",
                "1.2 a\n#b\n-c\n>d\na - b # c > d",
            ),
            (r"\* \\ \a \", r"\\\* \\\ \a \\"),
            ("\u{202e}abc\u{200b}\u{7}", "abc"),
            ("a\r\nb\rc\u{2028}d\te", "a\nb\nc\nd\te"),
        ] {
            assert_eq!(escape(text), escaped);
        }
    }

    #[test]
    fn words_that_are_not_from_the_notes_are_no_links() {
        for (text, escaped) in [
            ("https://x.example/a_b_", r"https\://x.example/a_b\_"),
            ("xHTTP://a s3://b", r"xHTTP\://a s3://b"),
            ("a_b", "a_b"),
        ] {
            assert_eq!(unlinked(text), escaped);
        }
    }

    #[test]
    fn cuts_fall_behind_sentences_and_words() {
        for (text, units, kept) in [
            ("short", 10, "short"),
            ("One sentence. Another one", 20, "One sentence. …"),
            ("several words without an end", 20, "several words …"),
            ("👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧", 12, "👩‍👩‍👧 …"),
            ("unbroken", 5, "unb …"),
            ("ab", 1, "…"),
            ("ab", 0, ""),
        ] {
            assert_eq!(cut(text, units), kept, "{text} in {units}");
        }
    }

    #[test]
    fn no_code_ends_its_fence() {
        assert_eq!(fence_within("a ``` b `` c", 100), "```\na ˋˋˋ b `` c\n```");
        assert_eq!(fence_within("", 100), "```\n\n```");
        assert_eq!(fence_within("abc", 3), "");
    }

    proptest::proptest! {
        #[test]
        fn everything_fits(text in r"(?s).{0,300}", units in 0_usize..200) {
            proptest::prop_assert!(length(&cut(&text, units)) <= units);
            proptest::prop_assert!(length(&escape_within(&text, units)) <= units);
            proptest::prop_assert!(length(&fence_within(&text, units)) <= units);
        }
    }
}
