//! Quiz questions: each needs one key, plausible company for it and a reason.
//!
//! The same rules judge the questions that are made from facts, see
//! [`flaws`]. Errors are what makes a question wrong or too large to be shown;
//! such a question is never asked. Warnings are about style.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Findings, Page, wording};
use crate::note::diagnostic::Severity;
use crate::note::footnotes::footnotes_of;
use crate::note::{Note, Question};
use crate::text;

/// Options of a question: with one there is no choice, and Discord shows five
/// buttons in a row.
const OPTIONS: std::ops::RangeInclusive<usize> = 2..=5;
/// Characters of a stem: what is read at a glance, and room for the rest of
/// the message.
pub const STEM_CHARS: usize = 200;
/// Characters of an option: a line on a phone or two.
pub const OPTION_CHARS: usize = 80;

/// A question as it is judged.
#[derive(Clone, Debug)]
pub struct Draft<'a> {
    /// What is asked.
    pub stem: &'a str,
    /// The options, and whether each is the key.
    pub options: Vec<(&'a str, bool)>,
    /// Whether something explains the key.
    pub explained: bool,
    /// Whether the explanation has a source that exists, or needs none.
    pub sourced: bool,
}

/// Something that is wrong with a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// Stable name of the rule.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub remedy: &'static str,
    /// The option concerned; the whole question when there is none.
    pub option: Option<usize>,
}

impl<'a> Draft<'a> {
    /// A written question. Plain Markdown was not written for Footnote and needs
    /// no footnotes.
    pub fn of(note: &Note, question: &'a Question) -> Self {
        let explanation = question.explanation;
        let cites = |span| !footnotes_of(note, span).is_empty();
        Self {
            stem: &question.stem,
            options: question
                .options
                .iter()
                .map(|option| (option.text.as_str(), option.key))
                .collect(),
            explained: explanation.is_some(),
            sourced: note.kind.is_none() || explanation.is_none_or(cites),
        }
    }
}

/// What is wrong with a question, errors and warnings.
pub fn flaws(draft: &Draft<'_>) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    broken(draft, &mut flaws);
    too_long(draft, &mut flaws);
    wording::check(draft, &mut flaws);
    flaws
}

/// A stem or an option without regard to capitals and punctuation: two that
/// agree in it say the same.
pub fn wording_key(wording: &str) -> String {
    let words = text::words(wording);
    // Signs alone have no words to compare.
    if words.is_empty() {
        return wording.to_owned();
    }
    let words: Vec<&str> = words.iter().map(|word| word.text.as_ref()).collect();
    words.join(" ")
}

/// Stems seen so far, and where.
pub(super) type Stems = FxHashMap<String, String>;

pub(super) fn check(page: &Page<'_>, stems: &mut Stems, findings: &mut Findings) {
    let path = &page.note.path;
    for question in &page.note.questions {
        for flaw in flaws(&Draft::of(page.note, question)) {
            let option = flaw.option.and_then(|at| question.options.get(at));
            let line = option.map_or(question.line, |option| option.line);
            findings.add(
                path,
                (line, 1),
                flaw.severity,
                flaw.rule,
                flaw.message,
                flaw.remedy,
            );
        }
        if question.stem.is_empty() {
            continue;
        }
        let here = format!("{path}:{}", question.line);
        let first = stems
            .entry(wording_key(&question.stem))
            .or_insert(here.clone());
        if *first != here {
            findings.add(
                path,
                (question.line, 1),
                Severity::Error,
                "repeated-question",
                format!("{first} asks the same"),
                "ask for something else, or take one of the two out",
            );
        }
    }
}

/// What makes it no question.
fn broken(draft: &Draft<'_>, flaws: &mut Vec<Flaw>) {
    let mut error = |rule, message: String, remedy, option| {
        flaws.push(Flaw {
            rule,
            severity: Severity::Error,
            message,
            remedy,
            option,
        });
    };
    if draft.stem.is_empty() {
        error(
            "question-without-stem",
            "the question is empty".to_owned(),
            "write it as the heading",
            None,
        );
    }
    let count = draft.options.len();
    if !OPTIONS.contains(&count) {
        error(
            "question-options",
            match count {
                1 => "the question has one option".to_owned(),
                _ => format!("the question has {count} options"),
            },
            "write two to five as a task list: `- [x]` the key, `- [ ]` the others",
            None,
        );
    }
    match draft.options.iter().filter(|(_, key)| *key).count() {
        1 => {}
        0 => error(
            "question-without-key",
            "no option is the key".to_owned(),
            "mark the right option with `- [x]`",
            None,
        ),
        several => error(
            "question-several-keys",
            format!("{several} options are marked as the key"),
            "leave `- [x]` at one of them",
            None,
        ),
    }
    if !draft.explained {
        error(
            "question-without-explanation",
            "nothing explains the key".to_owned(),
            "write a sentence with its footnote below the options",
            None,
        );
    } else if !draft.sourced {
        error(
            "question-without-source",
            "the explanation has no source".to_owned(),
            "add a footnote `[^label]` behind it",
            None,
        );
    }
    let mut seen = FxHashSet::default();
    for (at, (option, _)) in draft.options.iter().enumerate() {
        if !seen.insert(wording_key(option)) {
            error(
                "equal-options",
                format!("the option `{option}` stands twice"),
                "capitals and punctuation make no difference: write another option",
                Some(at),
            );
        }
    }
}

/// What does not fit where questions are shown.
fn too_long(draft: &Draft<'_>, flaws: &mut Vec<Flaw>) {
    let mut error = |rule, message, remedy, option| {
        flaws.push(Flaw {
            rule,
            severity: Severity::Error,
            message,
            remedy,
            option,
        });
    };
    let length = draft.stem.chars().count();
    if length > STEM_CHARS {
        error(
            "long-stem",
            format!("the question has {length} characters"),
            "ask in at most 200; what explains can stand below the options",
            None,
        );
    }
    for (at, (option, _)) in draft.options.iter().enumerate() {
        let length = option.chars().count();
        if length > OPTION_CHARS {
            error(
                "long-option",
                format!("the option has {length} characters"),
                "write at most 80; what explains can stand below the options",
                Some(at),
            );
        }
    }
}
