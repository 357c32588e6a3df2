//! Answers as text for a terminal, with numbered citations.

use std::fmt::Write as _;

use anstyle::Style;

use crate::answer::{Abstention, Answer, Quotation};
use crate::note::plain::plain;

use super::citations::{Citations, Source, marks};
use super::wording::{filed, sentences, title};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
/// Quotations stand in from the margin.
const INDENT: &str = "  ";
/// At least this many blanks between the title and how the question was read.
const BETWEEN: usize = 4;

/// The answer, wrapped to `width` columns, with ANSI styles (the caller strips
/// them where they are not wanted).
pub fn answer(answer: &Answer, width: usize, link_base: Option<&str>) -> String {
    let mut page = Page {
        text: String::new(),
        width: width.clamp(40, 120),
        citations: Citations::new(link_base),
    };
    match &answer.abstention {
        Some(abstention) => page.abstention(answer, abstention),
        None => page.quotations(answer),
    }
    page.text
}

struct Page<'a> {
    text: String,
    width: usize,
    citations: Citations<'a>,
}

impl Page<'_> {
    fn quotations(&mut self, answer: &Answer) {
        let mut title = title(answer);
        self.title(&title, &answer.reading.to_string());
        for quotation in &answer.quotations {
            let own = filed(quotation);
            if own != title && !own.is_empty() {
                let _ = writeln!(self.text, "\n{BOLD}{own}{BOLD:#}");
                title = own;
            }
            self.text.push('\n');
            self.quotation(quotation);
        }
        for service in &answer.missing {
            let _ = writeln!(self.text, "\n{BOLD}{service}{BOLD:#}\n");
            self.paragraph("The notes do not say.", INDENT);
        }
        let sources = std::mem::replace(&mut self.citations, Citations::new(None)).into_sources();
        self.sources(&sources);
    }

    fn title(&mut self, title: &str, reading: &str) {
        let _ = write!(self.text, "{BOLD}{title}{BOLD:#}");
        if reading.is_empty() {
            self.text.push('\n');
            return;
        }
        let reading = format!("read as: {reading}");
        let used = textwrap::core::display_width(title) + textwrap::core::display_width(&reading);
        if used + BETWEEN <= self.width {
            let _ = writeln!(
                self.text,
                "{}{DIM}{reading}{DIM:#}",
                " ".repeat(self.width - used)
            );
        } else {
            self.text.push('\n');
            for line in textwrap::wrap(&reading, whole_words(self.width)) {
                let _ = writeln!(self.text, "{DIM}{line}{DIM:#}");
            }
        }
    }

    fn quotation(&mut self, quotation: &Quotation) {
        let numbers = marks(
            &self
                .citations
                .cite(quotation, &quotation.citation, &quotation.text),
        );
        self.paragraph(&format!("{} {numbers}", plain(&quotation.text)), INDENT);
        if let Some((text, citation)) = &quotation.corrects {
            let numbers = marks(&self.citations.cite(quotation, citation, text));
            self.paragraph(
                &format!("Corrects an older note: {} {numbers}", plain(text)),
                INDENT,
            );
        }
    }

    fn paragraph(&mut self, text: &str, indent: &str) {
        for (at, line) in text.lines().enumerate() {
            let hanging = if at == 0 {
                indent.to_owned()
            } else {
                format!("{indent}  ")
            };
            let options = whole_words(self.width)
                .initial_indent(&hanging)
                .subsequent_indent(&hanging);
            for line in textwrap::wrap(line, options) {
                let _ = writeln!(self.text, "{line}");
            }
        }
    }

    fn sources(&mut self, sources: &[Source]) {
        self.text.push('\n');
        let place = |source: &Source| source.link.clone().unwrap_or_else(|| source.place.clone());
        let widths = sources
            .iter()
            .map(|source| textwrap::core::display_width(&place(source)));
        let longest = widths.max().unwrap_or(0);
        for (at, source) in sources.iter().enumerate() {
            let place = place(source);
            let gap = " ".repeat(longest - textwrap::core::display_width(&place));
            let line = format!("[{}] {place}{gap}   {}", at + 1, source.text);
            let _ = writeln!(self.text, "{DIM}{}{DIM:#}", line.trim_end());
        }
    }

    fn abstention(&mut self, answer: &Answer, abstention: &Abstention) {
        self.title(&title(answer), &answer.reading.to_string());
        self.text.push('\n');
        for sentence in sentences(answer, abstention) {
            self.paragraph(&sentence, INDENT);
        }
    }
}

/// Lines break at blanks only: "SSE-S3" stays whole.
fn whole_words(width: usize) -> textwrap::Options<'static> {
    textwrap::Options::new(width)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
}
