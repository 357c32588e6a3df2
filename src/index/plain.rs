//! The parts of a Markdown text that are words to a reader.
//!
//! Link targets, tags, addresses, footnote marks and footnote definitions are
//! left out; all other syntax is punctuation, which the cutting of words
//! ignores anyway. This is not a parser: it never fails and looks at each byte
//! a bounded number of times.

use memchr::{memchr, memchr2, memchr3};

/// A tag or a footnote label longer than this is no tag and no label.
const MAX_MARK: usize = 256;

/// A link target longer than this is text that happens to follow a bracket.
const MAX_TARGET: usize = 1_024;

/// Calls `part` for each readable piece of a Markdown text, in order.
pub(super) fn for_each_part<'a>(text: &'a str, mut part: impl FnMut(&'a str)) {
    let bytes = text.as_bytes();
    let (mut from, mut at) = (0, 0);
    while let Some(found) = bytes
        .get(at..)
        .and_then(|rest| memchr3(b'<', b']', b':', rest))
    {
        at += found;
        let rest = bytes.get(at..).unwrap_or_default();
        let hole = match rest.first() {
            Some(b'<') => tag(rest).map(|length| (at, at + length)),
            Some(b']') => bracket(bytes, from, at),
            _ => address(bytes, from, at),
        };
        match hole {
            Some((start, end)) => {
                if let Some(piece) = text.get(from..start) {
                    part(piece);
                }
                from = end;
                at = end;
            }
            None => at += 1,
        }
    }
    if let Some(piece) = text.get(from..) {
        part(piece);
    }
}

/// `<a name="x">`, `</a>`, `<!-- … -->`, `<https://…>`.
fn tag(rest: &[u8]) -> Option<usize> {
    rest.get(1)
        .filter(|b| b.is_ascii_alphabetic() || matches!(b, b'/' | b'!'))?;
    let window = rest.get(..MAX_MARK).unwrap_or(rest);
    memchr(b'>', window).map(|end| end + 1)
}

/// What the `]` at `at` ends: a footnote mark or definition, or the text of a
/// link whose target follows.
fn bracket(bytes: &[u8], from: usize, at: usize) -> Option<(usize, usize)> {
    let lowest = from.max(at.saturating_sub(MAX_MARK));
    let before = bytes.get(lowest..at)?;
    let open = before
        .iter()
        .rposition(|b| matches!(b, b'[' | b'\n'))
        .map(|found| lowest + found);
    if let Some(open) = open
        && bytes.get(open..open + 2) == Some(b"[^")
    {
        let definition = bytes.get(at + 1) == Some(&b':')
            && open
                .checked_sub(1)
                .is_none_or(|before| bytes.get(before) == Some(&b'\n'));
        return Some((
            open,
            if definition {
                line_end(bytes, at)
            } else {
                at + 1
            },
        ));
    }
    let close = match bytes.get(at + 1) {
        Some(b'(') => b')',
        Some(b'[') => b']',
        _ => return None,
    };
    let target = bytes.get(at + 2..)?;
    let window = target.get(..MAX_TARGET).unwrap_or(target);
    let length = memchr2(close, b'\n', window).filter(|end| window.get(*end) == Some(&close))?;
    Some((at, at + 2 + length + 1))
}

/// `https://…` around the colon at `at`, up to a space or a closing mark.
fn address(bytes: &[u8], from: usize, at: usize) -> Option<(usize, usize)> {
    if bytes.get(at + 1..at + 3) != Some(b"//") {
        return None;
    }
    let scheme = bytes
        .get(from..at)?
        .iter()
        .rev()
        .take_while(|b| b.is_ascii_alphabetic())
        .count();
    let rest = bytes.get(at..)?;
    let length = rest
        .iter()
        .position(|b| {
            b.is_ascii_whitespace() || matches!(b, b')' | b'>' | b'"' | b'\'' | b'`' | b'|')
        })
        .unwrap_or(rest.len());
    Some((at - scheme, at + length))
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    bytes
        .get(at..)
        .and_then(|rest| memchr(b'\n', rest))
        .map_or(bytes.len(), |length| at + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        let mut parts = Vec::new();
        for_each_part(text, |part| parts.push(part));
        parts.concat()
    }

    #[test]
    fn readers_do_not_see_targets() {
        let cases = [
            ("see [S3](a_b.md#c \"t\") now", "see [S3 now"),
            ("see [S3][ref] and [x] y", "see [S3 and [x] y"),
            ("a<a name=\"b\"></a>c 1 < 2", "ac 1 < 2"),
            ("fact.[^deep-dive] next", "fact. next"),
            ("fact\n[^1]: L2 Deep Dive, section 2\nmore", "fact\n\nmore"),
            (
                "at https://docs.aws.com/x?y=z, or HTTPS: yes",
                "at  or HTTPS: yes",
            ),
            ("arn:aws:s3:::bucket", "arn:aws:s3:::bucket"),
            ("[broken](no end", "[broken](no end"),
            ("ends with ]", "ends with ]"),
            ("", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(plain(text), expected, "{text}");
        }
    }
}
