//! Writes one event as one line: whole, redacted, and without characters that
//! a terminal obeys.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::Arc;

use tracing::Metadata;
use tracing_subscriber::fmt::MakeWriter;

use super::Redactor;

/// Makes a [`Line`] for each event.
pub(super) struct Lines<W> {
    target: W,
    redactor: Arc<Redactor>,
}

impl<W> Lines<W> {
    pub(super) fn new(target: W, redactor: Redactor) -> Self {
        Self {
            target,
            redactor: Arc::new(redactor),
        }
    }
}

impl<'a, W: MakeWriter<'a>> MakeWriter<'a> for Lines<W> {
    type Writer = Line<W::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        Line::new(self.target.make_writer(), &self.redactor)
    }

    fn make_writer_for(&'a self, meta: &Metadata<'_>) -> Self::Writer {
        Line::new(self.target.make_writer_for(meta), &self.redactor)
    }
}

/// Collects an event and writes it when dropped, so that no token slips
/// through in two pieces.
pub(super) struct Line<W: Write> {
    target: W,
    redactor: Arc<Redactor>,
    collected: Vec<u8>,
}

impl<W: Write> Line<W> {
    fn new(target: W, redactor: &Arc<Redactor>) -> Self {
        Self {
            target,
            redactor: Arc::clone(redactor),
            collected: Vec::new(),
        }
    }
}

impl<W: Write> Write for Line<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.collected.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<W: Write> Drop for Line<W> {
    fn drop(&mut self) {
        let text = String::from_utf8_lossy(&self.collected);
        let text = text.strip_suffix('\n').unwrap_or(&text);
        // Last, so that nothing done to the line can put a token together.
        let mut line = self.redactor.redact(&escape(text)).into_owned();
        line.push('\n');
        // There is nobody left to tell when the log cannot be written.
        let _ = self.target.write_all(line.as_bytes());
    }
}

/// Control characters, line separators and marks that turn the direction of
/// writing, as `\u001b`. In a JSON line they stand in texts, where that is the
/// same character.
fn escape(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| (b' '..0x7f).contains(&byte)) || !text.contains(is_obeyed) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            c if is_obeyed(c) => {
                // Writing to a text cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.into()
}

fn is_obeyed(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
