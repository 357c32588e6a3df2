//! Answers as text for a terminal, with numbered citations.

use std::fmt::Write as _;

use anstyle::Style;

use crate::answer::{Abstention, Answer, Kind, Quotation, Reason, in_a_sentence};

use super::plain::plain;

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
        citations: Vec::new(),
        link_base,
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
    /// Place and source of each number.
    citations: Vec<(String, String)>,
    link_base: Option<&'a str>,
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
        self.sources();
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
        let numbers = self.cite(quotation, &quotation.citation, &quotation.text);
        self.paragraph(&format!("{} {numbers}", plain(&quotation.text)), INDENT);
        if let Some((text, citation)) = &quotation.corrects {
            let numbers = self.cite(quotation, citation, text);
            self.paragraph(
                &format!("Corrects an older note: {} {numbers}", plain(text)),
                INDENT,
            );
        }
    }

    /// Numbers for the sources that a text refers to; its place when it has none.
    fn cite(
        &mut self,
        quotation: &Quotation,
        citation: &crate::answer::Citation,
        text: &str,
    ) -> String {
        let place = match self.link_base {
            Some(base) => citation.link(base),
            None => citation.place(),
        };
        let mut numbers = String::new();
        let mut sources: Vec<String> = quotation
            .sources
            .iter()
            .filter(|source| text.contains(&format!("[^{}]", source.label)))
            .map(|source| source.text.clone())
            .collect();
        if sources.is_empty() {
            sources.push(String::new());
        }
        for source in sources {
            let entry = (place.clone(), source);
            let at = self
                .citations
                .iter()
                .position(|known| *known == entry)
                .unwrap_or_else(|| {
                    self.citations.push(entry);
                    self.citations.len() - 1
                });
            let _ = write!(numbers, "[{}]", at + 1);
        }
        numbers
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

    fn sources(&mut self) {
        self.text.push('\n');
        let places = self
            .citations
            .iter()
            .map(|(place, _)| textwrap::core::display_width(place));
        let longest = places.max().unwrap_or(0);
        for (at, (place, source)) in std::mem::take(&mut self.citations).into_iter().enumerate() {
            let gap = " ".repeat(longest - textwrap::core::display_width(&place));
            let line = format!("[{}] {place}{gap}   {source}", at + 1);
            let _ = writeln!(self.text, "{DIM}{}{DIM:#}", line.trim_end());
        }
    }

    fn abstention(&mut self, answer: &Answer, abstention: &Abstention) {
        let title = match abstention.reason {
            Reason::NoQuestion => "There is no question in that",
            Reason::UnknownSubject | Reason::NotCovered => "Not in the notes",
        };
        self.title(title, &answer.reading.to_string());
        self.text.push('\n');
        for sentence in sentences(answer, abstention) {
            self.paragraph(&sentence, INDENT);
        }
    }
}

/// What an abstention says, a sentence each.
pub fn sentences(answer: &Answer, abstention: &Abstention) -> Vec<String> {
    let mut sentences = Vec::new();
    let about = answer.services.join(" and ");
    let part = if abstention.uncovered.is_empty() {
        answer
            .controls
            .iter()
            .map(|name| in_a_sentence(name))
            .collect::<Vec<_>>()
            .join(", ")
    } else {
        abstention
            .uncovered
            .iter()
            .map(|word| format!("“{word}”"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    match (abstention.reason, about.is_empty(), part.is_empty()) {
        (Reason::NoQuestion, ..) => {
            sentences.push("Ask about a subject of the notes, in your own words.".to_owned());
        }
        (_, true, true) => sentences.push("The notes do not cover this.".to_owned()),
        (_, true, false) => sentences.push(format!("The notes do not cover {part}.")),
        (_, false, true) => sentences.push(format!("The notes on {about} do not answer this.")),
        (_, false, false) => sentences.push(format!("The notes on {about} do not cover {part}.")),
    }
    if !abstention.holds.is_empty() {
        sentences.push(format!("They do hold: {}.", abstention.holds.join(", ")));
    }
    if !abstention.nearest.is_empty() {
        let lead = if abstention.reason == Reason::NoQuestion {
            "For example"
        } else {
            "Nearest names"
        };
        sentences.push(format!("{lead}: {}.", abstention.nearest.join(", ")));
    }
    sentences
}

fn title(answer: &Answer) -> String {
    match answer.kind {
        Kind::Direct => answer.quotations.first().map(filed).unwrap_or_default(),
        Kind::Compare => answer.services.join(" · "),
        Kind::Overview => answer.services.join(", "),
        Kind::Matrix => {
            let count = answer.services.len();
            let what = if answer.controls.is_empty() {
                "Found".to_owned()
            } else {
                answer.controls.join(", ")
            };
            format!(
                "{what}: {count} {}",
                if count == 1 { "service" } else { "services" }
            )
        }
        Kind::Abstention => String::new(),
    }
}

fn filed(quotation: &Quotation) -> String {
    [quotation.service.as_str(), quotation.control.as_str()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}

/// Lines break at blanks only: "SSE-S3" stays whole.
fn whole_words(width: usize) -> textwrap::Options<'static> {
    textwrap::Options::new(width)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
}
