//! Text for Discord: escaping, lengths and cuts.
//!
//! Notes and people write what they like; nothing of it may become markup, a
//! mention or a link of ours.

use unicode_segmentation::UnicodeSegmentation as _;

/// Length as Discord counts it at most: UTF-16 code units.
pub(super) fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Text without characters that reorder, hide or break lines: controls (but
/// newlines), bidirectional controls and zero-width characters other than the
/// joiner inside emoji and scripts that need it.
pub(super) fn visible(text: &str) -> String {
    text.chars()
        .filter(|c| {
            *c == '\n'
                || !(c.is_control()
                    || matches!(
                        c,
                        '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}'
                            | '\u{202a}'..='\u{202e}'
                            | '\u{2060}'..='\u{2069}'
                            | '\u{feff}'
                    ))
        })
        .collect()
}

/// Escapes everything that Discord would read as markup, a mention or the
/// beginning of a masked link. The reader sees the text as it is.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 8);
    let mut line_start = true;
    let visible = visible(text);
    let mut rest = visible.chars().peekable();
    let mut digits = 0;
    while let Some(c) = rest.next() {
        let special = match c {
            '\\' | '*' | '_' | '~' | '`' | '|' | '<' | '[' | ']' => true,
            '@' => rest.peek().is_some_and(char::is_ascii_alphabetic),
            '#' | '>' | '-' | '+' => line_start,
            '.' => digits > 0,
            _ => false,
        };
        if special {
            escaped.push('\\');
        }
        escaped.push(c);
        // "1." at the start of a line would be renumbered as a list.
        digits = match c {
            '0'..='9' if line_start || digits > 0 => digits + 1,
            _ => 0,
        };
        line_start = c == '\n' || line_start && c == ' ';
    }
    escaped
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

/// Code in a fence that it cannot close, at most `units` long.
pub(super) fn fence_within(code: &str, units: usize) -> String {
    fit(code, units, |code| {
        let code = visible(code);
        let longest = code
            .split(|c| c != '`')
            .map(str::len)
            .max()
            .unwrap_or_default();
        let fence = "`".repeat((longest + 1).max(3));
        format!("{fence}\n{code}\n{fence}")
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
                "*a* _b_ ~~c~~ `d` ||e||",
                r"\*a\* \_b\_ \~\~c\~\~ \`d\` \|\|e\|\|",
            ),
            ("[text](https://x.example)", r"\[text\](https://x.example)"),
            (
                "<@1> <#2> <@&3> @everyone @here a@b.example",
                r"\<@1> \<#2> \<@&3> \@everyone \@here a\@b.example",
            ),
            (
                "# a\n> b\n- c\n+ d\n1. e\n12. f",
                "\\# a\n\\> b\n\\- c\n\\+ d\n1\\. e\n12\\. f",
            ),
            ("a - b # c", "a - b # c"),
            ("\u{202e}abc\u{200b}\u{7}", "abc"),
        ] {
            assert_eq!(escape(text), escaped);
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
    fn a_fence_is_longer_than_any_inside() {
        assert_eq!(fence_within("a ``` b", 100), "````\na ``` b\n````");
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
