//! The daily quiz as replies: a round while it is open, its results, what
//! somebody is told who answers, boards, practice.

pub mod admin;
pub mod boards;
pub mod letter;
pub mod practice;
pub mod results;
pub mod round;

use crate::quiz::question::Question;

use super::citations::Citations;
use super::reply::{Block, Part, Quoted, Reply};

pub use letter::letter;
pub use results::results;
pub use round::round;

/// One line of a text.
fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `**B** its text`.
fn option(question: &Question, option: usize) -> [Part; 2] {
    let text = question.options.get(option).map_or("", String::as_str);
    [
        Part::Strong(Question::letter(option).to_string()),
        format!(" {}", line(text)).into(),
    ]
}

/// Adds why the key is right, with numbered sources.
fn explain(reply: &mut Reply, question: &Question, link_base: Option<&str>) {
    let mut citations = Citations::new(link_base);
    reply.blocks.push(Block::Quote {
        text: Quoted::Prose(question.explanation.clone()),
        numbers: citations.cite_question(question),
        corrects: None,
    });
    reply.sources = citations.into_sources();
}

/// A part of a whole in percent, rounded.
fn percent(part: usize, whole: usize) -> usize {
    (part * 100 + whole / 2).checked_div(whole).unwrap_or(0)
}
