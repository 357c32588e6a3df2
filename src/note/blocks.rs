//! The Markdown parser's events as a flat list of blocks, in file order.
//!
//! One pass, one growing list, one buffer for the few texts that are needed
//! without markup (headings, task list options, footnotes); nothing is allocated
//! per event.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::Footnote;
use super::lines::Lines;

/// A piece of Markdown that can become a heading or a snippet.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) kind: BlockKind,
    /// Bytes of the source.
    pub(crate) range: Range<usize>,
    /// The block of the list item that it is nested in.
    pub(crate) parent: Option<usize>,
    /// Stands in no list, quote or table.
    pub(crate) top: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum BlockKind {
    /// Level and where its text stands in [`Blocks::plain`].
    Heading(u8, Range<usize>),
    Paragraph,
    Item,
    /// A task list item: ticked or not, and where its text stands in [`Blocks::plain`].
    Task(bool, Range<usize>),
    Row,
    Code,
    Rule,
}

/// What a file's Markdown consists of.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    pub(crate) list: Vec<Block>,
    /// Texts without markup.
    pub(crate) plain: String,
    pub(crate) footnotes: Vec<Footnote>,
}

/// Reads `source` from the byte `from` on.
pub(crate) fn read(source: &str, from: usize, lines: &Lines) -> Blocks {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS;
    let text = source.get(from..).unwrap_or_default();
    let mut reader = Reader::new(source, lines);
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        reader.event(event, range.start + from..range.end + from);
    }
    reader.blocks
}

/// A block that holds other blocks.
struct Frame {
    /// A list item: its own text so far.
    item: Option<Own>,
    /// The block of this item, or of the nearest one around.
    block: Option<usize>,
}

/// The text that belongs to a list item itself.
#[derive(Clone, Default)]
struct Own {
    range: Option<Range<usize>>,
    visible: bool,
    task: Option<bool>,
    /// Where its plain text begins, for a task.
    plain: usize,
    /// The item has a block of its own already.
    done: bool,
}

/// The inline text that is being read.
enum Leaf {
    None,
    Paragraph,
    Heading(u8, usize),
    Row,
    Code,
}

struct Reader<'a> {
    source: &'a str,
    lines: &'a Lines,
    blocks: Blocks,
    frames: Vec<Frame>,
    leaf: Leaf,
    leaf_range: Range<usize>,
    /// Something of the leaf can be seen by a reader.
    visible: bool,
    /// Inside images: their text stands for a picture.
    images: u32,
    /// Inside a table's head.
    head: bool,
    /// Text is copied to `blocks.plain`.
    copying: bool,
    footnote: Option<(Footnote, usize)>,
}

impl<'a> Reader<'a> {
    fn new(source: &'a str, lines: &'a Lines) -> Self {
        Reader {
            source,
            lines,
            blocks: Blocks::default(),
            frames: Vec::new(),
            leaf: Leaf::None,
            leaf_range: 0..0,
            visible: false,
            images: 0,
            head: false,
            copying: false,
            footnote: None,
        }
    }

    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Text(text) | Event::Code(text) => self.text(&text, range),
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag),
            Event::SoftBreak | Event::HardBreak => {
                if self.copying {
                    self.blocks.plain.push('\n');
                }
            }
            Event::TaskListMarker(ticked) => {
                let plain = self.blocks.plain.len();
                if let Some(own) = self.frames.last_mut().and_then(|frame| frame.item.as_mut()) {
                    own.task = Some(ticked);
                    own.plain = plain;
                    self.copying = true;
                }
                self.leaf_range.start = range.end;
            }
            Event::Rule => {
                self.flush_item();
                self.push(BlockKind::Rule, range);
            }
            Event::FootnoteReference(_) | Event::InlineHtml(_) => self.own(range, false),
            // What an HTML block shows was decided when it began.
            Event::Html(_) | Event::InlineMath(_) | Event::DisplayMath(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>, range: Range<usize>) {
        match tag {
            Tag::Paragraph => self.open(Leaf::Paragraph, range),
            Tag::Heading { level, .. } => {
                self.flush_item();
                let plain = self.blocks.plain.len();
                self.open(Leaf::Heading(level as u8, plain), range);
                self.copying = true;
            }
            Tag::CodeBlock(_) => {
                self.flush_item();
                self.open(Leaf::Code, range);
            }
            Tag::HtmlBlock => {
                self.flush_item();
                self.open(Leaf::Paragraph, range);
                // A comment can be spread over several events; only the whole tells.
                let text = self.source.get(self.leaf_range.clone()).unwrap_or_default();
                self.visible = html_shows_text(text);
            }
            Tag::List(_) => self.flush_item(),
            Tag::Item => {
                let block = self.frames.last().and_then(|frame| frame.block);
                self.frames.push(Frame {
                    item: Some(Own::default()),
                    block,
                });
            }
            Tag::BlockQuote(_) => {
                self.flush_item();
                let block = self.frames.last().and_then(|frame| frame.block);
                self.frames.push(Frame { item: None, block });
            }
            Tag::FootnoteDefinition(label) => {
                self.flush_item();
                let line = self.lines.line(super::lines::offset(range.start));
                let footnote = Footnote {
                    label: label.into_string(),
                    line,
                    ..Footnote::default()
                };
                self.footnote = Some((footnote, self.blocks.plain.len()));
                self.copying = true;
            }
            Tag::TableHead => {
                self.flush_item();
                self.head = true;
            }
            Tag::TableRow => self.open(Leaf::Row, range),
            Tag::Image { .. } => {
                self.own(range, false);
                self.images += 1;
            }
            Tag::Link { dest_url, .. } => {
                if let Some((footnote, _)) = &mut self.footnote
                    && footnote.url.is_none()
                {
                    footnote.url = Some(dest_url.into_string());
                }
                self.own(range, false);
            }
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough => self.own(range, false),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph => self.close_paragraph(),
            TagEnd::Heading(_) => {
                if let Leaf::Heading(level, from) = self.leaf {
                    let plain = from..self.blocks.plain.len();
                    let range = self.leaf_range.clone();
                    self.push(BlockKind::Heading(level, plain), range);
                }
                self.leaf = Leaf::None;
                self.copying = self.footnote.is_some();
            }
            TagEnd::HtmlBlock => self.close(BlockKind::Paragraph),
            TagEnd::CodeBlock => self.close(BlockKind::Code),
            TagEnd::TableRow => self.close(BlockKind::Row),
            TagEnd::TableHead => self.head = false,
            TagEnd::Image => self.images = self.images.saturating_sub(1),
            TagEnd::Item => {
                self.flush_item();
                self.frames.pop();
            }
            TagEnd::BlockQuote(_) => {
                self.frames.pop();
            }
            TagEnd::FootnoteDefinition => {
                self.copying = false;
                if let Some((mut footnote, from)) = self.footnote.take() {
                    let text = self.blocks.plain.get(from..).unwrap_or_default();
                    footnote.text = text.split_whitespace().collect::<Vec<_>>().join(" ");
                    if footnote.url.is_none() {
                        footnote.url = bare_url(&footnote.text);
                    }
                    self.blocks.plain.truncate(from);
                    self.blocks.footnotes.push(footnote);
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str, range: Range<usize>) {
        if self.images > 0 {
            return;
        }
        if self.copying {
            self.blocks.plain.push_str(text);
        }
        let visible = text.bytes().any(|byte| byte > b' ');
        self.own(range, visible);
    }

    /// Inline text: it belongs to the open leaf, or to the item itself in a tight list.
    fn own(&mut self, range: Range<usize>, visible: bool) {
        self.visible |= visible;
        if !matches!(self.leaf, Leaf::None) || self.head || self.images > 0 {
            return;
        }
        let Some(own) = self.frames.last_mut().and_then(|frame| frame.item.as_mut()) else {
            return;
        };
        own.visible |= visible;
        match &mut own.range {
            Some(known) => known.end = known.end.max(range.end),
            None => own.range = Some(range),
        }
    }

    fn open(&mut self, leaf: Leaf, range: Range<usize>) {
        self.flush_item();
        self.leaf = leaf;
        self.leaf_range = range;
        self.visible = false;
    }

    fn close(&mut self, kind: BlockKind) {
        self.leaf = Leaf::None;
        if self.visible {
            let range = self.leaf_range.clone();
            self.push(kind, range);
        }
    }

    /// The first paragraph of an item in a loose list is the item's own text.
    fn close_paragraph(&mut self) {
        self.leaf = Leaf::None;
        let plain = self.blocks.plain.len();
        self.copying = self.footnote.is_some();
        if self.footnote.is_some() {
            // Paragraphs of a footnote are words of one text.
            self.blocks.plain.push(' ');
            return;
        }
        if !self.visible {
            return;
        }
        let range = self.leaf_range.clone();
        match self.frames.last_mut().and_then(|frame| frame.item.as_mut()) {
            Some(own) if !own.done => {
                own.done = true;
                let kind = match own.task {
                    Some(ticked) => BlockKind::Task(ticked, own.plain..plain),
                    None => BlockKind::Item,
                };
                self.push_item(kind, range);
            }
            _ => self.push(BlockKind::Paragraph, range),
        }
    }

    /// Something else begins, or the item ends: what was read of it so far is a block.
    fn flush_item(&mut self) {
        let plain = self.blocks.plain.len();
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        let Some(own) = frame.item.as_mut() else {
            return;
        };
        let Some(mut range) = own.range.take() else {
            return;
        };
        if self.footnote.is_some() {
            self.blocks.plain.push(' ');
            return;
        }
        self.copying = false;
        if !std::mem::take(&mut own.visible) {
            return;
        }
        // The parser leaves out the backslash of an escape; the quotation must not.
        if range.start > 0 && self.source.as_bytes().get(range.start - 1) == Some(&b'\\') {
            range.start -= 1;
        }
        if std::mem::replace(&mut own.done, true) {
            self.push(BlockKind::Paragraph, range);
            return;
        }
        let kind = match own.task {
            Some(ticked) => BlockKind::Task(ticked, own.plain..plain),
            None => BlockKind::Item,
        };
        self.push_item(kind, range);
    }

    fn push_item(&mut self, kind: BlockKind, range: Range<usize>) {
        let index = self.blocks.list.len();
        self.push(kind, range);
        if self.blocks.list.len() > index
            && let Some(frame) = self.frames.last_mut()
        {
            frame.block = Some(index);
        }
    }

    fn push(&mut self, kind: BlockKind, range: Range<usize>) {
        if self.footnote.is_some() && !matches!(kind, BlockKind::Heading(..)) {
            return;
        }
        let text = self.source.get(range.clone()).unwrap_or_default();
        let start = range.start + (text.len() - text.trim_start().len());
        let end = (range.start + text.trim_end().len()).max(start);
        let parent = self.frames.last().and_then(|frame| frame.block);
        let top = self.frames.is_empty();
        self.blocks.list.push(Block {
            kind,
            range: start..end,
            parent,
            top,
        });
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

/// The first address in a text, without the punctuation that follows it.
fn bare_url(text: &str) -> Option<String> {
    let at = text.find("https://").or_else(|| text.find("http://"))?;
    let url = text.get(at..)?.split([' ', '<', '>', '"', '|']).next()?;
    Some(
        url.trim_end_matches(['.', ',', ';', ':', ')', ']', '!', '?'])
            .to_owned(),
    )
}
