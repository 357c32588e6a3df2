//! Refuses nesting that no person writes, before the Markdown parser meets it.
//!
//! A block can only be opened by a marker (`>`, `-`, `1.`) at the beginning of a
//! line, after at least two columns of indentation for each list around it. So
//! the beginnings of lines bound the depth, whatever the rest of the file says.

use super::lines::Lines;

/// Markers and pairs of columns before a line's text. People reach ten; without
/// a bound, blank lines under 1,000 open lists cost time in proportion to both.
const MAX_NESTING: usize = 128;

/// A shorter line cannot be too deep: a byte is at most a tab, two pairs of columns.
const SHORT: u32 = 64;

/// The first byte of a line that is nested too deep.
pub(crate) fn too_deep(text: &str, lines: &Lines) -> Option<u32> {
    let bytes = text.as_bytes();
    let ends = lines.starts().iter().skip(1).copied();
    let ends = ends.chain([super::lines::offset(bytes.len())]);
    lines
        .starts()
        .iter()
        .zip(ends)
        .filter(|(start, end)| end.saturating_sub(**start) > SHORT)
        .map(|(start, _)| *start)
        .find(|start| depth(bytes.get(*start as usize..).unwrap_or_default()) > MAX_NESTING)
}

/// An upper bound for the number of blocks that the line's beginning stands in.
fn depth(line: &[u8]) -> usize {
    let mut markers = 0;
    let mut columns = 0;
    let mut at = 0;
    // What stands behind the last marker is text: its indentation opens nothing.
    let mut depth = 0;
    let mut only: Option<u8> = None;
    while let Some(byte) = line.get(at) {
        let next = line.get(at + 1).copied().unwrap_or(b'\n');
        let ends = matches!(next, b' ' | b'\t' | b'\n' | b'\r');
        match byte {
            b' ' => columns += 1,
            b'\t' => columns += 4,
            b'>' => {
                markers += 1;
                only = Some(b'>');
                depth = markers + columns / 2;
            }
            b'-' | b'+' | b'*' if ends => {
                markers += 1;
                only = match only {
                    None => Some(*byte),
                    Some(same) if same == *byte => only,
                    Some(_) => Some(b'>'),
                };
                depth = markers + columns / 2;
            }
            b'0'..=b'9' => {
                let rest = line.get(at..).unwrap_or_default();
                let digits = rest
                    .iter()
                    .take(10)
                    .take_while(|b| b.is_ascii_digit())
                    .count();
                let marker = matches!(rest.get(digits), Some(b'.' | b')'));
                if digits > 9 || !marker {
                    return depth;
                }
                at += digits;
                markers += 1;
                only = Some(b'>');
                depth = markers + columns / 2;
            }
            b'\n' | b'\r' => {
                // `- - - -` and `* * * *` to the end of the line are rules.
                let rule = matches!(only, Some(b'-' | b'*'));
                return if rule { 0 } else { depth };
            }
            _ => return depth,
        }
        at += 1;
    }
    if matches!(only, Some(b'-' | b'*')) {
        0
    } else {
        depth
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> bool {
        too_deep(text, &Lines::new(text)).is_some()
    }

    #[test]
    fn bombs_are_refused_and_notes_are_not() {
        for bomb in [
            ">".repeat(1000),
            "> ".repeat(1000),
            "- ".repeat(300) + "x",
            "1. ".repeat(300),
        ] {
            assert!(refused(&bomb), "{}", bomb.get(..20).unwrap());
        }
        let stairs: Vec<String> = (0..400)
            .map(|i| {
                " ".repeat(2 * i)
                    + "- x
"
            })
            .collect();
        let stairs = stairs.concat();
        assert!(refused(&stairs));
        for fine in [
            "- - - - -".repeat(100),
            "* ".repeat(500),
            "-".repeat(5000),
            " ".repeat(4000) + "code",
            "- a\n  - b\n    - c\n      > d".to_owned(),
            "1234567890123. no marker".to_owned(),
        ] {
            assert!(!refused(&fine), "{}", fine.get(..9).unwrap());
        }
    }
}
