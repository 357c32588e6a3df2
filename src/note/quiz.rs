//! Written quiz questions: what stands under `## Quiz`.

use std::ops::Range;

use super::blocks::{Block, BlockKind, Blocks};
use super::lines::{Lines, offset};
use super::{Question, QuizOption};

/// The blocks of the quiz that begins at this heading, if one does: an H2 "Quiz"
/// with at least one H3 under it, up to the next H2 or H1.
pub(super) fn region(blocks: &Blocks, at: usize) -> Option<Range<usize>> {
    let BlockKind::Heading(2, text) = &blocks.list.get(at)?.kind else {
        return None;
    };
    let title = blocks.plain.get(text.clone())?;
    if !title
        .trim()
        .trim_end_matches(':')
        .eq_ignore_ascii_case("quiz")
    {
        return None;
    }
    let level = |block: &Block| match block.kind {
        BlockKind::Heading(level, _) => Some(level),
        _ => None,
    };
    let rest = blocks.list.get(at + 1..)?;
    let end = rest
        .iter()
        .position(|block| level(block).is_some_and(|level| level <= 2));
    let end = end.map_or(blocks.list.len(), |end| at + 1 + end);
    let mut inside = blocks.list.get(at + 1..end)?.iter();
    inside
        .any(|block| level(block) == Some(3))
        .then_some(at..end)
}

/// The questions of a region: an H3 each, with the task list and what follows it.
pub(super) fn questions(blocks: &Blocks, region: Range<usize>, lines: &Lines) -> Vec<Question> {
    let plain = |text: &Range<usize>| {
        let text = blocks.plain.get(text.clone()).unwrap_or_default();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let mut questions: Vec<Question> = Vec::new();
    for block in blocks.list.get(region).unwrap_or_default() {
        let line = lines.line(offset(block.range.start));
        if let BlockKind::Heading(3, text) = &block.kind {
            questions.push(Question {
                stem: plain(text),
                line,
                ..Question::default()
            });
            continue;
        }
        let Some(question) = questions.last_mut() else {
            continue;
        };
        match &block.kind {
            BlockKind::Task(key, text) if question.explanation.is_none() => {
                question.options.push(QuizOption {
                    text: plain(text),
                    key: *key,
                    line,
                });
            }
            BlockKind::Heading(..) | BlockKind::Rule => {}
            // Before the options, text belongs to the stem and explains nothing.
            _ if question.options.is_empty() => {}
            _ => {
                let (start, end) = (offset(block.range.start), offset(block.range.end));
                let start = question.explanation.map_or(start, |span| span.start);
                question.explanation = Some(lines.span(start, end));
            }
        }
    }
    questions
}
