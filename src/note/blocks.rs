//! The Markdown parser's events as a flat list of blocks, in file order.
//!
//! One pass: here it is known what the parser's events mean, in
//! [`assembly`](super::assembly) what becomes of the text.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::assembly::{Assembly, Leaf};
pub(crate) use super::assembly::{Block, BlockKind, Blocks};
use super::lines::{Lines, offset};

/// Reads `source` from the byte `from` on.
pub(crate) fn read(source: &str, from: usize, lines: &Lines) -> Blocks {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS;
    let text = source.get(from..).unwrap_or_default();
    let mut reader = Reader {
        source,
        lines,
        assembly: Assembly::new(source),
    };
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        reader.event(event, range.start + from..range.end + from);
    }
    reader.assembly.finish()
}

/// Hands each event to what it is about.
struct Reader<'a> {
    source: &'a str,
    lines: &'a Lines,
    assembly: Assembly<'a>,
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        let assembly = &mut self.assembly;
        match event {
            Event::Text(text) | Event::Code(text) => assembly.text(&text, range),
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag),
            Event::SoftBreak | Event::HardBreak => assembly.line_break(),
            Event::TaskListMarker(ticked) => assembly.task(ticked, range.end),
            Event::Rule => assembly.rule(range),
            Event::FootnoteReference(label) => assembly.refer(label.into_string(), range),
            Event::InlineHtml(_) => assembly.own(range, false),
            // What an HTML block shows was decided when it began.
            Event::Html(_) | Event::InlineMath(_) | Event::DisplayMath(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>, range: Range<usize>) {
        let assembly = &mut self.assembly;
        match tag {
            Tag::Paragraph => assembly.open(Leaf::Paragraph, range),
            Tag::Heading { level, .. } => assembly.open_heading(level as u8, range),
            Tag::CodeBlock(_) => assembly.open(Leaf::Code, range),
            Tag::HtmlBlock => {
                // A comment can be spread over several events; only the whole tells.
                let text = self.source.get(range.clone()).unwrap_or_default();
                assembly.open_html(range, html_shows_text(text));
            }
            Tag::List(_) => assembly.flush_item(),
            Tag::Item => assembly.open_item(),
            Tag::BlockQuote(_) => assembly.open_quote(),
            Tag::FootnoteDefinition(label) => {
                let line = self.lines.line(offset(range.start));
                assembly.open_footnote(label.into_string(), line);
            }
            Tag::TableHead => assembly.open_head(),
            Tag::TableRow => assembly.open(Leaf::Row, range),
            Tag::Image { .. } => assembly.open_image(range),
            Tag::Link { dest_url, .. } => assembly.link(&dest_url, range),
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough => assembly.own(range, false),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        let assembly = &mut self.assembly;
        match tag {
            TagEnd::Paragraph => assembly.close_paragraph(),
            TagEnd::Heading(_) => assembly.close_heading(),
            TagEnd::HtmlBlock => assembly.close(BlockKind::Paragraph),
            TagEnd::CodeBlock => assembly.close(BlockKind::Code),
            TagEnd::TableRow => assembly.close(BlockKind::Row),
            TagEnd::TableHead => assembly.close_head(),
            TagEnd::Image => assembly.close_image(),
            TagEnd::Item => assembly.close_item(),
            TagEnd::BlockQuote(_) => assembly.close_quote(),
            TagEnd::FootnoteDefinition => assembly.close_footnote(),
            _ => {}
        }
    }
}

/// HTML that a reader sees something of: text outside tags and comments.
fn html_shows_text(html: &str) -> bool {
    let mut rest = html;
    loop {
        let (before, tag) = match rest.split_once('<') {
            Some((before, tag)) => (before, Some(tag)),
            None => (rest, None),
        };
        if before.chars().any(char::is_alphanumeric) {
            return true;
        }
        let Some(tag) = tag else { return false };
        let end = if tag.starts_with("!--") { "-->" } else { ">" };
        match tag.split_once(end) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
}
