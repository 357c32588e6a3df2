//! Blocks to sections: every heading opens one, and so does a bold or bare line
//! that works as a heading.

use super::anchor::Anchors;
use super::blocks::{Block, BlockKind, Blocks};
use super::headings::{self, Shape};
use super::lines::{Lines, offset};
use super::snippets::Collector;
use super::{Note, Section, Span, label, quiz};

/// Fills sections and questions of the note.
pub(super) fn fill(note: &mut Note, blocks: &Blocks, lines: &Lines) {
    let plain_note = note.kind.is_none();
    let mut builder = Builder {
        source: &note.source,
        blocks,
        lines,
        anchors: Anchors::default(),
        collector: Collector::new(&note.source, lines),
        sections: vec![Section {
            span: lines.span(0, 0),
            ..Section::default()
        }],
        open: Vec::new(),
        end: 0,
    };
    let mut questions = Vec::new();
    let mut index = 0;
    while let Some(block) = blocks.list.get(index) {
        if let Some(region) = quiz::region(blocks, index) {
            for block in blocks.list.get(region.clone()).unwrap_or_default() {
                builder.anchor(block);
            }
            index = region.end;
            questions.extend(quiz::questions(blocks, region, lines));
            continue;
        }
        builder.block(index, block, plain_note);
        index += 1;
    }
    let mut sections = builder.finish();
    label::fill(&mut sections, plain_note);
    note.sections = sections;
    note.questions = questions;
}

struct Builder<'a> {
    source: &'a str,
    blocks: &'a Blocks,
    lines: &'a Lines,
    anchors: Anchors,
    collector: Collector<'a>,
    sections: Vec<Section>,
    /// The sections around the current place, outermost first.
    open: Vec<Enclosing>,
    /// End of the current section's text.
    end: usize,
}

struct Enclosing {
    index: u32,
    level: u8,
    written: Written,
}

#[derive(Clone, Copy, PartialEq)]
enum Written {
    Heading,
    Line(Shape),
}

impl<'a> Builder<'a> {
    fn block(&mut self, index: usize, block: &Block, plain_note: bool) {
        if let BlockKind::Heading(level, text) = &block.kind {
            let heading = self.blocks.plain.get(text.clone()).unwrap_or_default();
            let anchor = self.anchors.next(heading.trim_end());
            let heading = heading.trim().replace('\n', " ");
            let range = block.range.clone();
            self.open(heading, anchor, *level, Written::Heading, range);
            return;
        }
        if plain_note && let Some(line) = self.line_heading(index, block) {
            let level = self.line_level(line.shape);
            let heading = line.text.to_owned();
            let end = block.range.start + line.length;
            self.open(
                heading,
                String::new(),
                level,
                Written::Line(line.shape),
                block.range.start..end,
            );
            if let Some(from) = line.rest {
                self.end = block.range.end;
                self.collector.add(index, block, block.range.start + from);
            }
            return;
        }
        if block.kind != BlockKind::Rule {
            self.end = self.end.max(block.range.end);
        }
        self.collector.add(index, block, block.range.start);
    }

    /// Headings that open no section have an anchor all the same.
    fn anchor(&mut self, block: &Block) {
        if let BlockKind::Heading(_, text) = &block.kind {
            let heading = self.blocks.plain.get(text.clone()).unwrap_or_default();
            self.anchors.next(heading.trim_end());
        }
    }

    fn open(
        &mut self,
        heading: String,
        anchor: String,
        level: u8,
        written: Written,
        range: std::ops::Range<usize>,
    ) {
        self.close();
        while self
            .open
            .last()
            .is_some_and(|enclosing| enclosing.level >= level)
        {
            self.open.pop();
        }
        let parent = self.open.last().map(|enclosing| enclosing.index);
        let index = offset(self.sections.len());
        self.open.push(Enclosing {
            index,
            level,
            written,
        });
        let heading_span = self.lines.span(offset(range.start), offset(range.end));
        self.end = range.end;
        self.sections.push(Section {
            heading,
            anchor,
            level,
            parent,
            span: heading_span,
            heading_span,
            ..Section::default()
        });
    }

    /// Ends the current section.
    fn close(&mut self) {
        let snippets = self.collector.take();
        let Some(section) = self.sections.last_mut() else {
            return;
        };
        if section.level == 0 {
            // The text before the first heading begins with its first snippet.
            let start = snippets.first().map_or(0, |snippet| snippet.span.start);
            section.heading_span = self.lines.span(start, start);
            section.span = section.heading_span;
        }
        section.span = self
            .lines
            .span(section.span.start, offset(self.end).max(section.span.start));
        section.snippets = snippets;
    }

    fn finish(mut self) -> Vec<Section> {
        self.close();
        // Without text before the first heading there is no section of level 0.
        if self
            .sections
            .first()
            .is_some_and(|section| section.snippets.is_empty())
        {
            self.sections.remove(0);
            for section in &mut self.sections {
                section.parent = section.parent.map(|parent| parent - 1);
            }
        }
        self.sections
    }

    /// The level below the nearest real heading; a bold line right under a bare
    /// one is a heading of second rank.
    fn line_level(&self, shape: Shape) -> u8 {
        let real = self
            .open
            .iter()
            .rev()
            .find(|enclosing| enclosing.written == Written::Heading)
            .map_or(0, |enclosing| enclosing.level);
        let under_bare = shape == Shape::Bold
            && self.open.iter().any(|enclosing| {
                let empty = self
                    .sections
                    .get(enclosing.index as usize)
                    .is_some_and(|section| section.snippets.is_empty());
                enclosing.written == Written::Line(Shape::Bare)
                    && empty
                    && self.end_is_heading(enclosing)
            });
        real + 1 + u8::from(under_bare)
    }

    /// The bare heading has no text of its own, or it would stand in a snippet.
    fn end_is_heading(&self, enclosing: &Enclosing) -> bool {
        let current = offset(self.sections.len()).saturating_sub(1);
        let heading_end = self
            .sections
            .get(enclosing.index as usize)
            .map_or(Span::default(), |section| section.heading_span)
            .end;
        enclosing.index != current || offset(self.end) == heading_end
    }

    /// A paragraph that is a heading by its shape and by what follows.
    fn line_heading(&self, index: usize, block: &Block) -> Option<LineHeading<'a>> {
        if block.kind != BlockKind::Paragraph || !block.top {
            return None;
        }
        let text = self.source.get(block.range.clone())?;
        let end = memchr::memchr2(b'\n', b'\r', text.as_bytes()).unwrap_or(text.len());
        let line = text.get(..end)?;
        let (shape, name) = headings::shape(line)?;
        let length = line.trim_end().len();
        if end < text.len() {
            // A bold line glued to its text. Two blanks or a backslash at its end
            // mean a line break that was wanted inside one paragraph.
            let glued = shape == Shape::Bold && !line.ends_with("  ") && !line.ends_with('\\');
            let rest = text.get(end..)?.trim_start();
            return glued.then(|| LineHeading {
                shape,
                text: name,
                length,
                rest: Some(text.len() - rest.len()),
            });
        }
        let next = self.blocks.list.get(index + 1)?;
        self.opens(shape, name, index, next).then_some(LineHeading {
            shape,
            text: name,
            length,
            rest: None,
        })
    }

    /// What follows is content that the line can be the heading of.
    fn opens(&self, shape: Shape, name: &str, index: usize, next: &Block) -> bool {
        match next.kind {
            BlockKind::Heading(..) | BlockKind::Rule => false,
            BlockKind::Item | BlockKind::Task(..) | BlockKind::Row | BlockKind::Code => true,
            BlockKind::Paragraph => {
                let text = self.source.get(next.range.clone()).unwrap_or_default();
                match headings::shape(text) {
                    // A bare line over a bold one that has content of its own.
                    Some((Shape::Bold, _)) if shape == Shape::Bare => {
                        self.line_heading(index + 1, next).is_some()
                    }
                    Some((Shape::Bold, _)) => false,
                    Some((Shape::Bare, _)) if next.top => false,
                    _ => shape == Shape::Bold || headings::title_case(name),
                }
            }
        }
    }
}

struct LineHeading<'a> {
    shape: Shape,
    text: &'a str,
    /// Bytes of the line.
    length: usize,
    /// Where the text after it begins, when both are one paragraph.
    rest: Option<usize>,
}
