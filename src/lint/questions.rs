//! Quiz questions: each needs one key, plausible company for it and a reason.

use rustc_hash::FxHashSet;

use super::{Findings, Page};
use crate::note::Question;
use crate::note::diagnostic::Severity;
use crate::text;

/// Options of a question: with one there is no choice, and Discord shows five
/// buttons in a row.
const OPTIONS: std::ops::RangeInclusive<usize> = 2..=5;

pub(super) fn check(page: &Page<'_>, findings: &mut Findings) {
    for question in &page.note.questions {
        check_question(page, question, findings);
    }
}

fn check_question(page: &Page<'_>, question: &Question, findings: &mut Findings) {
    let mut report = |line: u32, rule: &'static str, message: String, remedy: &str| {
        findings.add(
            &page.note.path,
            (line, 1),
            Severity::Error,
            rule,
            message,
            remedy,
        );
    };
    let line = question.line;
    if question.stem.is_empty() {
        report(
            line,
            "question-without-stem",
            "the question is empty".to_owned(),
            "write it as the heading",
        );
    }
    let count = question.options.len();
    if !OPTIONS.contains(&count) {
        report(
            line,
            "question-options",
            match count {
                1 => "the question has one option".to_owned(),
                _ => format!("the question has {count} options"),
            },
            "write two to five as a task list: `- [x]` the key, `- [ ]` the others",
        );
    }
    match question.options.iter().filter(|option| option.key).count() {
        1 => {}
        0 => report(
            line,
            "question-without-key",
            "no option is the key".to_owned(),
            "mark the right option with `- [x]`",
        ),
        several => report(
            line,
            "question-several-keys",
            format!("{several} options are marked as the key"),
            "leave `- [x]` at one of them",
        ),
    }
    if question.explanation.is_none() {
        report(
            line,
            "question-without-explanation",
            "nothing explains the key".to_owned(),
            "write a sentence with its footnote below the options",
        );
    }
    let mut seen = FxHashSet::default();
    for option in &question.options {
        let words: Vec<_> = text::words(&option.text)
            .into_iter()
            .map(|word| word.text)
            .collect();
        // Options of signs alone, such as `*` and `?`, have no words to compare.
        let key = if words.is_empty() {
            option.text.clone()
        } else {
            words.join(" ")
        };
        if !seen.insert(key) {
            report(
                option.line,
                "equal-options",
                format!("the option `{}` stands twice", option.text),
                "capitals and punctuation make no difference: write another option",
            );
        }
    }
}
