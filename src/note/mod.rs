//! A note: one Markdown file, cut into sections and snippets.
//!
//! Everything that can be quoted is a byte range of [`Note::source`], so a
//! quotation is always the exact text of the file. This module holds the plain
//! data; [`parse`] makes it from text and [`diagnostic`] says what is wrong.

pub mod anchor;
mod assembly;
pub(crate) mod blocks;
pub mod diagnostic;
mod entries;
pub mod footnotes;
pub mod front;
mod headings;
mod label;
pub(crate) mod lines;
mod nesting;
pub mod parse;
pub mod plain;
mod quiz;
mod sections;
mod snippets;

/// What a note is about, from the `kind` key of its front matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A service, product or any other subject whose sections name controls.
    Service,
    /// A control: what it is and the words people use for it.
    Control,
    /// A group of services known by one name.
    Family,
}

/// One Markdown file.
#[derive(Clone, Debug, Default)]
pub struct Note {
    /// Path relative to the folder of notes, with `/` between the parts.
    pub path: String,
    /// From the front matter; `None` in a plain Markdown file.
    pub kind: Option<Kind>,
    /// The subject: front matter `name`, else the H1, else words of the file name.
    pub name: String,
    /// Other names of the subject, from the front matter.
    pub aliases: Vec<String>,
    /// Names of the members of a family.
    pub members: Vec<String>,
    /// Free labels from the front matter.
    pub tags: Vec<String>,
    /// Year and month of the last review.
    pub reviewed: Option<(i16, u8)>,
    /// The whole file, byte for byte (a leading byte order mark included).
    pub source: String,
    /// In file order. Text before the first heading is a section of level 0.
    pub sections: Vec<Section>,
    /// Footnote definitions in file order.
    pub footnotes: Vec<Footnote>,
    /// Written quiz questions.
    pub questions: Vec<Question>,
}

/// The text under one heading, up to the next heading of any level.
#[derive(Clone, Debug, Default)]
pub struct Section {
    /// The heading as plain text, markup and numbering kept as GitHub shows it.
    pub heading: String,
    /// The heading without numbering and words shared by all headings: the
    /// name that people would use ("Kinesis Data Streams" for
    /// `### **1-1 Kinesis Data Streams**`).
    pub label: String,
    /// GitHub's anchor for the heading, with `-1`, `-2` for repeats. Empty for
    /// a section without a real Markdown heading.
    pub anchor: String,
    /// 1 to 6 for headings, 0 for the text before the first one. A bold or bare
    /// line that works as a heading has the level below the enclosing one.
    pub level: u8,
    /// Index of the enclosing section in [`Note::sections`].
    pub parent: Option<u32>,
    /// From the heading to the end of the section's own text.
    pub span: Span,
    /// Where the heading itself stands (empty at the start for level 0).
    pub heading_span: Span,
    /// The quotable pieces in order.
    pub snippets: Vec<Snippet>,
}

/// A range of a note's source, in bytes and in lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// First line, counted from 1.
    pub line_start: u32,
    /// Last line, included.
    pub line_end: u32,
}

/// The form a snippet has in Markdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Form {
    /// A list item, without marker and nested items.
    #[default]
    Item,
    /// A paragraph.
    Paragraph,
    /// A row of a table.
    Row,
    /// A code block, with its fences.
    Code,
}

/// The smallest thing that is quoted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Snippet {
    /// The snippet's own text, without list marker and nested items.
    pub span: Span,
    /// Form in Markdown.
    pub form: Form,
    /// Index in [`Section::snippets`] of what must be quoted before this one to
    /// make sense of it: the item that it is nested in, the paragraph with a
    /// colon that announces its list, or the item whose sentence it goes on with.
    /// Always smaller than its own index.
    pub parent: Option<u32>,
    /// The item begins with `**Today:**` and corrects its parent.
    pub today: bool,
}

/// A footnote definition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Footnote {
    /// The label between `[^` and `]`.
    pub label: String,
    /// The definition as plain text.
    pub text: String,
    /// The first link in the definition.
    pub url: Option<String>,
    /// Line of the definition.
    pub line: u32,
}

/// A written quiz question: an H3 under `## Quiz`.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// The H3.
    pub stem: String,
    /// Where the H3 stands.
    pub line: u32,
    /// The task list in order.
    pub options: Vec<QuizOption>,
    /// The text after the options.
    pub explanation: Option<Span>,
}

/// One option of a quiz question.
#[derive(Clone, Debug, Default)]
pub struct QuizOption {
    /// Plain text of the option.
    pub text: String,
    /// `- [x]`: this is the key.
    pub key: bool,
    /// Line of the option.
    pub line: u32,
}

impl Note {
    /// The anchor that a section is cited with: its own or, for a bold or bare
    /// line, that of the nearest heading around it. Empty where there is none.
    pub fn anchor_of(&self, section: usize) -> &str {
        let mut at = Some(section);
        while let Some(section) = at.and_then(|at| self.sections.get(at)) {
            if !section.anchor.is_empty() {
                return &section.anchor;
            }
            at = section.parent.map(|parent| parent as usize);
        }
        ""
    }

    /// The exact text of a span; empty when the span is not a range of the source.
    pub fn text(&self, span: Span) -> &str {
        self.source
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default()
    }
}
