//! Numbers for the places and sources that quotations come from.

use std::fmt::Write as _;

use crate::answer::{Citation, Quotation};
use crate::quiz::question::Question;

/// Where a quoted text stands and what it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// File and lines: `services/sqs.md:12`.
    pub place: String,
    /// The same as a link, when the notes can be read on the web.
    pub link: Option<String>,
    /// The footnote as plain text; empty when the text has none.
    pub text: String,
    /// The first link of the footnote.
    pub url: Option<String>,
}

/// Collects sources and numbers them from 1 in the order in which they appear.
#[derive(Debug)]
pub struct Citations<'a> {
    link_base: Option<&'a str>,
    sources: Vec<Source>,
}

impl<'a> Citations<'a> {
    /// None yet. With `link_base`, places become links.
    pub fn new(link_base: Option<&'a str>) -> Self {
        Self {
            link_base,
            sources: Vec::new(),
        }
    }

    /// Numbers for the footnotes that a text refers to; one for its mere place
    /// when it has none.
    pub fn cite(&mut self, quotation: &Quotation, citation: &Citation, text: &str) -> Vec<usize> {
        let footnotes = quotation.sources.iter();
        let cited = footnotes.filter(|footnote| text.contains(&format!("[^{}]", footnote.label)));
        self.number_all(
            citation,
            cited.map(|footnote| (footnote.text.as_str(), footnote.url.as_ref())),
        )
    }

    /// The same for what the explanation of a quiz question rests on.
    pub fn cite_question(&mut self, question: &Question) -> Vec<usize> {
        let place = question.place.clone();
        let citation = Citation {
            path: place.path,
            anchor: String::new(),
            line_start: place.line_start,
            line_end: place.line_end,
        };
        let footnotes = question.sources.iter();
        self.number_all(
            &citation,
            footnotes.map(|footnote| (footnote.text.as_str(), footnote.url.as_ref())),
        )
    }

    /// The sources in the order of their numbers.
    pub fn into_sources(self) -> Vec<Source> {
        self.sources
    }

    fn number_all<'b>(
        &mut self,
        citation: &Citation,
        footnotes: impl Iterator<Item = (&'b str, Option<&'b String>)>,
    ) -> Vec<usize> {
        let source = |(text, url): (&str, Option<&String>)| Source {
            place: citation.place(),
            link: self.link_base.map(|base| citation.link(base)),
            text: text.to_owned(),
            url: url.cloned(),
        };
        let mut cited: Vec<Source> = footnotes.map(source).collect();
        if cited.is_empty() {
            cited.push(source(("", None)));
        }
        cited
            .into_iter()
            .map(|source| self.number(source))
            .collect()
    }

    fn number(&mut self, source: Source) -> usize {
        let known = self.sources.iter().position(|known| *known == source);
        known.unwrap_or_else(|| {
            self.sources.push(source);
            self.sources.len() - 1
        }) + 1
    }
}

/// `[1][2]`.
pub fn marks(numbers: &[usize]) -> String {
    let mut marks = String::new();
    for number in numbers {
        // Writing to a string cannot fail.
        let _ = write!(marks, "[{number}]");
    }
    marks
}
