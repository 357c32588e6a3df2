//! Where lines begin, so that a byte offset can be told as line and column.
//!
//! A line ends with `\n`, `\r\n` or a lone `\r`, as in `CommonMark`.

use super::Span;

/// The first byte of every line of a text.
#[derive(Clone, Debug)]
pub(crate) struct Lines {
    starts: Vec<u32>,
}

impl Lines {
    /// Reads the text once. Texts beyond 4 GiB are refused by the parser before this.
    pub(crate) fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = Vec::with_capacity(bytes.len() / 48 + 1);
        starts.push(0);
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            if bytes.get(at) == Some(&b'\r') && bytes.get(at + 1) == Some(&b'\n') {
                continue;
            }
            starts.push(offset(at + 1));
        }
        Lines { starts }
    }

    /// Line of a byte, counted from 1.
    pub(crate) fn line(&self, at: u32) -> u32 {
        offset(self.starts.partition_point(|start| *start <= at))
    }

    /// First byte of a line counted from 1; the last line's when there are fewer.
    pub(crate) fn start(&self, line: u32) -> u32 {
        let index = (line as usize).saturating_sub(1);
        self.starts
            .get(index)
            .or(self.starts.last())
            .copied()
            .unwrap_or(0)
    }

    /// Line and column of a byte; the column counts characters from 1 and not a
    /// byte order mark.
    pub(crate) fn position(&self, text: &str, at: u32) -> (u32, u32) {
        let line = self.line(at);
        let start = self.start(line) as usize;
        let before = text.get(start..at as usize).unwrap_or_default();
        let before = before.strip_prefix('\u{feff}').unwrap_or(before);
        (line, offset(before.chars().count() + 1))
    }

    /// The span of a range of bytes.
    pub(crate) fn span(&self, start: u32, end: u32) -> Span {
        let line_start = self.line(start);
        let last = end.saturating_sub(1).max(start);
        // Most spans are one line long: look at the next line before searching.
        let line_end = match self.starts.get(line_start as usize) {
            Some(next) if *next <= last => self.line(last),
            _ => line_start,
        };
        Span {
            start,
            end,
            line_start,
            line_end,
        }
    }

    /// The first byte of every line.
    pub(crate) fn starts(&self) -> &[u32] {
        &self.starts
    }
}

/// The lines of a text, each with its end.
pub(crate) fn split(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let bytes = rest.as_bytes();
        let end = match memchr::memchr2(b'\n', b'\r', bytes) {
            Some(at) if bytes.get(at..at + 2) == Some(b"\r\n") => at + 2,
            Some(at) => at + 1,
            None => bytes.len(),
        };
        let (line, after) = rest
            .split_at_checked(end)
            .filter(|(line, _)| !line.is_empty())?;
        rest = after;
        Some(line)
    })
}

/// A byte offset as it is stored in spans. Larger texts never get this far.
pub(crate) fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_end_counts_once() {
        let text = "a\nb\r\nc\rd";
        let lines = Lines::new(text);
        let found: Vec<u32> = ["a", "b", "c", "d"]
            .map(|c| lines.line(offset(text.find(c).unwrap())))
            .to_vec();
        assert_eq!(found, [1, 2, 3, 4]);
    }

    #[test]
    fn lines_keep_their_ends() {
        assert_eq!(
            split("a\n\r\nb\rc").collect::<Vec<_>>(),
            ["a\n", "\r\n", "b\r", "c"]
        );
        assert_eq!(split("").count(), 0);
    }

    #[test]
    fn columns_count_characters_and_not_the_byte_order_mark() {
        let text = "\u{feff}äb\nç";
        let lines = Lines::new(text);
        assert_eq!(
            lines.position(text, offset(text.find('b').unwrap())),
            (1, 2)
        );
        assert_eq!(
            lines.position(text, offset(text.find('ç').unwrap())),
            (2, 1)
        );
    }

    #[test]
    fn a_span_ends_on_the_line_of_its_last_byte() {
        let lines = Lines::new("one\ntwo\nthree\n");
        assert_eq!(
            lines.span(0, 4).line_end,
            1,
            "the newline belongs to line 1"
        );
        assert_eq!(lines.span(0, 5).line_end, 2);
        assert_eq!(
            lines.span(8, 8),
            Span {
                start: 8,
                end: 8,
                line_start: 3,
                line_end: 3
            }
        );
    }
}
