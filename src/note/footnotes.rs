//! Footnotes: which definitions a piece of text refers to.

use super::{Note, Span};

/// A reference `[^label]` in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference<'a> {
    /// Between `[^` and `]`.
    pub label: &'a str,
    /// Byte of the `[` in the text.
    pub at: usize,
}

/// The references in a text, in order. Inline code holds none.
pub fn references(text: &str) -> impl Iterator<Item = Reference<'_>> {
    let bytes = text.as_bytes();
    let mut at = 0;
    // A run of backticks that nothing closes is tried once per length.
    let mut unclosed = [false; 16];
    std::iter::from_fn(move || {
        loop {
            at += memchr::memchr2(b'`', b'[', bytes.get(at..)?)?;
            if bytes.get(at) == Some(&b'`') {
                let run = bytes
                    .iter()
                    .skip(at)
                    .take_while(|byte| **byte == b'`')
                    .count();
                at += run;
                let tried = unclosed.get_mut(run);
                if tried.as_deref() == Some(&false)
                    && let Some(end) = closing(bytes.get(at..)?, run)
                {
                    at += end;
                } else if let Some(tried) = tried {
                    *tried = true;
                }
                continue;
            }
            let open = at;
            at += 1;
            let escaped = open > 0 && bytes.get(open - 1) == Some(&b'\\');
            if bytes.get(at) != Some(&b'^') || escaped {
                continue;
            }
            let rest = text.get(at + 1..)?;
            let end = rest.find([']', '[', '\n', '\r', ' ', '\t']);
            if let Some(end) = end
                && end > 0
                && rest.as_bytes().get(end) == Some(&b']')
            {
                at += 1 + end + 1;
                return Some(Reference {
                    label: rest.get(..end)?,
                    at: open,
                });
            }
        }
    })
}

/// One past the next run of exactly `run` backticks.
fn closing(bytes: &[u8], run: usize) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr(b'`', bytes.get(at..)?)?;
        let length = bytes
            .iter()
            .skip(at)
            .take_while(|byte| **byte == b'`')
            .count();
        at += length;
        if length == run {
            return Some(at);
        }
    }
}

/// Labels are compared as `CommonMark` does: without regard to case.
pub(crate) fn same_label(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || (!a.is_ascii() && a.to_lowercase() == b.to_lowercase())
}

/// The definitions that a span refers to: indexes in [`Note::footnotes`], in
/// order of appearance, each once. Of two definitions with one label the first
/// counts, as on GitHub.
pub fn footnotes_of(note: &Note, span: Span) -> Vec<usize> {
    let mut found = Vec::new();
    if note.footnotes.is_empty() {
        return found;
    }
    for reference in references(note.text(span)) {
        let index = note
            .footnotes
            .iter()
            .position(|footnote| same_label(&footnote.label, reference.label));
        if let Some(index) = index
            && !found.contains(&index)
        {
            found.push(index);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str) -> Vec<&str> {
        references(text).map(|reference| reference.label).collect()
    }

    #[test]
    fn references_are_found_in_order_and_not_in_code() {
        assert_eq!(labels("a[^1], b[^two] [^1]"), ["1", "two", "1"]);
        assert_eq!(labels("`[^a-z]` and ``[^`b]`` but `open [^c]"), ["c"]);
        assert_eq!(labels(r"\[^a] [^] [^b c] [^[^d] [x] ^e]"), ["d"]);
        assert_eq!(labels("[^é]"), ["é"]);
    }

    #[test]
    fn many_backticks_take_linear_time() {
        let runs: Vec<String> = (1..2000).map(|i| "`".repeat(i % 40 + 1)).collect();
        let text = runs.join(" ");
        assert_eq!(references(&text.repeat(20)).count(), 0);
    }
}
