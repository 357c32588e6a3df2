//! A file's blocks while they are put together: which text belongs to which block.
//!
//! One growing list, one buffer for the few texts that are needed without markup
//! (headings, task list options, footnotes); nothing is allocated per event.

use std::ops::Range;

use super::Footnote;

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
    /// Labels of references to defined footnotes, wherever they stand.
    pub(crate) referred: Vec<String>,
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
pub(super) enum Leaf {
    None,
    Paragraph,
    /// Level and where its plain text begins.
    Heading(u8, usize),
    Row,
    Code,
}

/// A list of blocks that is being put together.
pub(super) struct Assembly<'a> {
    source: &'a str,
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

impl<'a> Assembly<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        Assembly {
            source,
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

    /// What was put together.
    pub(super) fn finish(self) -> Blocks {
        self.blocks
    }

    pub(super) fn line_break(&mut self) {
        if self.copying {
            self.blocks.plain.push('\n');
        }
    }

    /// The box of a task list item, which ends at `end`.
    pub(super) fn task(&mut self, ticked: bool, end: usize) {
        let plain = self.blocks.plain.len();
        if let Some(own) = self.frames.last_mut().and_then(|frame| frame.item.as_mut()) {
            own.task = Some(ticked);
            own.plain = plain;
            self.copying = true;
        }
        self.leaf_range.start = end;
    }

    pub(super) fn rule(&mut self, range: Range<usize>) {
        self.flush_item();
        self.push(BlockKind::Rule, range);
    }

    /// A reference to a footnote that is defined.
    pub(super) fn refer(&mut self, label: String, range: Range<usize>) {
        self.blocks.referred.push(label);
        self.own(range, false);
    }

    pub(super) fn open_heading(&mut self, level: u8, range: Range<usize>) {
        self.flush_item();
        let plain = self.blocks.plain.len();
        self.open(Leaf::Heading(level, plain), range);
        self.copying = true;
    }

    pub(super) fn close_heading(&mut self) {
        if let Leaf::Heading(level, from) = self.leaf {
            let plain = from..self.blocks.plain.len();
            let range = self.leaf_range.clone();
            self.push(BlockKind::Heading(level, plain), range);
        }
        self.leaf = Leaf::None;
        self.copying = self.footnote.is_some();
    }

    /// HTML is one leaf, seen or not as a whole.
    pub(super) fn open_html(&mut self, range: Range<usize>, shows_text: bool) {
        self.open(Leaf::Paragraph, range);
        self.visible = shows_text;
    }

    pub(super) fn open_item(&mut self) {
        self.open_frame(Some(Own::default()));
    }

    pub(super) fn open_quote(&mut self) {
        self.flush_item();
        self.open_frame(None);
    }

    fn open_frame(&mut self, item: Option<Own>) {
        let block = self.frames.last().and_then(|frame| frame.block);
        self.frames.push(Frame { item, block });
    }

    pub(super) fn close_item(&mut self) {
        self.flush_item();
        self.frames.pop();
    }

    pub(super) fn close_quote(&mut self) {
        self.frames.pop();
    }

    pub(super) fn open_footnote(&mut self, label: String, line: u32) {
        self.flush_item();
        let footnote = Footnote {
            label,
            line,
            ..Footnote::default()
        };
        self.footnote = Some((footnote, self.blocks.plain.len()));
        self.copying = true;
    }

    pub(super) fn close_footnote(&mut self) {
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

    pub(super) fn open_head(&mut self) {
        self.flush_item();
        self.head = true;
    }

    pub(super) fn close_head(&mut self) {
        self.head = false;
    }

    pub(super) fn open_image(&mut self, range: Range<usize>) {
        self.own(range, false);
        self.images += 1;
    }

    pub(super) fn close_image(&mut self) {
        self.images = self.images.saturating_sub(1);
    }

    pub(super) fn link(&mut self, url: &str, range: Range<usize>) {
        if let Some((footnote, _)) = &mut self.footnote
            && footnote.url.is_none()
        {
            footnote.url = Some(url.to_owned());
        }
        self.own(range, false);
    }

    pub(super) fn text(&mut self, text: &str, range: Range<usize>) {
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
    pub(super) fn own(&mut self, range: Range<usize>, visible: bool) {
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

    pub(super) fn open(&mut self, leaf: Leaf, range: Range<usize>) {
        self.flush_item();
        self.leaf = leaf;
        self.leaf_range = range;
        self.visible = false;
    }

    pub(super) fn close(&mut self, kind: BlockKind) {
        self.leaf = Leaf::None;
        if self.visible {
            let range = self.leaf_range.clone();
            self.push(kind, range);
        }
    }

    /// The first paragraph of an item in a loose list is the item's own text.
    pub(super) fn close_paragraph(&mut self) {
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
    pub(super) fn flush_item(&mut self) {
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

/// The first address in a text, without the punctuation that follows it.
fn bare_url(text: &str) -> Option<String> {
    let at = text.find("https://").or_else(|| text.find("http://"))?;
    let url = text.get(at..)?.split([' ', '<', '>', '"', '|']).next()?;
    Some(
        url.trim_end_matches(['.', ',', ';', ':', ')', ']', '!', '?'])
            .to_owned(),
    )
}
