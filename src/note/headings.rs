//! Headings that are no Markdown headings.
//!
//! People write a bold line or a short bare line where a heading is meant.
//! Whether a line is one of them is decided by its shape here and by what
//! follows it in [`super::sections`]; a bold sentence stays a fact.

use unicode_segmentation::UnicodeSegmentation;

/// A bold line longer than this is a sentence. The longest real headings seen in
/// notes have eight words; the shortest bold facts with no verb have more.
const BOLD_WORDS: usize = 8;
const BOLD_CHARS: usize = 60;

/// A bare line has nothing but its shape, so it must be shorter.
const BARE_WORDS: usize = 4;
const BARE_CHARS: usize = 40;

/// Bold words that introduce what follows but name nothing.
const LABELS: [&str; 16] = [
    "note",
    "notes",
    "important",
    "warning",
    "caution",
    "tip",
    "hint",
    "example",
    "examples",
    "attention",
    "danger",
    "info",
    "see also",
    "topics",
    "contents",
    "todo",
];

/// Words that make a line a statement. Only verbs that hardly occur in headings.
const VERBS: [&str; 32] = [
    "is", "are", "was", "were", "be", "must", "can", "cannot", "can't", "should", "shall", "will",
    "may", "has", "have", "does", "do", "doesn't", "don't", "isn't", "aren't", "provides",
    "supports", "requires", "uses", "needs", "allows", "enables", "encrypts", "gives", "lets",
    "means",
];

/// A question is a fine heading although it has a verb.
const QUESTION_WORDS: [&str; 9] = [
    "what", "how", "why", "when", "where", "who", "which", "what's", "can",
];

/// Prepositions and the like: a common heading word is not cut off before one
/// of them, and a line does not begin with one.
pub(super) const JOINING_WORDS: [&str; 24] = [
    "at", "in", "of", "on", "for", "with", "by", "and", "or", "to", "the", "a", "an", "from", "as",
    "is", "are", "using", "via", "into", "between", "without", "under", "per",
];

/// How a heading that is none was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A line in bold.
    Bold,
    /// A short line with nothing around it.
    Bare,
}

/// The heading that a line could be: its shape and its words.
pub(super) fn shape(line: &str) -> Option<(Shape, &str)> {
    let line = line.trim();
    // The longest marks and blanks around the longest heading.
    if line.len() > 4 * BOLD_CHARS + 64 {
        return None;
    }
    if let Some(text) = bold(line) {
        return Some((Shape::Bold, text));
    }
    bare(line).then_some((Shape::Bare, line))
}

/// The text of a line that is one bold run, also with blanks inside the marks,
/// which Markdown does not take for bold.
fn bold(line: &str) -> Option<&str> {
    let line = line.trim_end_matches([':', '：', ' ', '\t']);
    let inner = ["**", "__"].into_iter().find_map(|mark| {
        let inner = line.strip_prefix(mark)?.strip_suffix(mark)?;
        (!inner.contains(mark)).then_some(inner)
    })?;
    let text = inner.trim_matches(['*', '_', ' ', '\t', '\u{a0}']);
    let name = text.trim_end_matches([':', '：', ' ']);
    let lower = name.to_lowercase();
    let named = name.chars().any(char::is_alphanumeric)
        && !LABELS.contains(&lower.as_str())
        && !name.ends_with(['.', ';', '!', ',', '。'])
        && !name.contains(['\n', '|'])
        && name.chars().count() <= BOLD_CHARS
        && words(name).count() <= BOLD_WORDS;
    (named && !states_something(&lower)).then_some(name)
}

/// A line of one of the words that introduce what follows.
pub(super) fn is_label(line: &str) -> bool {
    let word = line.trim_matches(|c: char| !c.is_alphanumeric());
    // The longest label has eight letters.
    word.len() <= 16 && LABELS.contains(&word.to_lowercase().as_str())
}

/// A short line that is written like a title.
fn bare(line: &str) -> bool {
    let mut count = 0;
    let first = line.chars().next();
    let lower = line.to_lowercase();
    first.is_some_and(|c| c.is_alphanumeric() && !c.is_lowercase())
        && line.chars().any(char::is_alphabetic)
        && line.chars().all(|c| {
            count += 1;
            c.is_alphanumeric() || matches!(c, ' ' | '-' | '&' | '/' | '(' | ')' | '\'' | '+' | '.')
        })
        && count <= BARE_CHARS
        && !line.ends_with('.')
        && !line.contains(". ")
        && words(line).count() <= BARE_WORDS
        && !LABELS.contains(&lower.as_str())
        && !states_something(&lower)
}

/// A bare line before a paragraph must look even more like a title: in running
/// text short paragraphs happen.
pub(super) fn title_case(line: &str) -> bool {
    words(line).all(|word| {
        word.chars().next().is_some_and(|c| !c.is_lowercase()) || JOINING_WORDS.contains(&word)
    })
}

fn states_something(lower: &str) -> bool {
    let mut all = words(lower);
    match all.next() {
        Some(first) if QUESTION_WORDS.contains(&first) => false,
        Some(_) => all.any(|word| VERBS.contains(&word)),
        None => false,
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.unicode_words()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bold_lines_that_name_something_are_headings() {
        for (line, name) in [
            ("**Vault**", "Vault"),
            ("**Message Broker** ", "Message Broker"),
            ("**Message Broker **", "Message Broker"),
            ("**Backups:**", "Backups"),
            ("**Backups**:", "Backups"),
            ("__Backups__", "Backups"),
            ("***Backups***", "Backups"),
            ("**What is a lease?**", "What is a lease?"),
            (
                "**Key rotation in the staging area**",
                "Key rotation in the staging area",
            ),
        ] {
            assert_eq!(shape(line), Some((Shape::Bold, name)), "{line}");
        }
    }

    #[test]
    fn bold_sentences_are_facts() {
        for line in [
            "**Keys are rotated every year**",
            "**The broker must have a role**",
            "**Give the workers a role so that they can write to the store**",
            "**Row filters to decide which members see which rows of a table**",
            "**Note**",
            "**Done.**",
            "**One** and **two**",
            "**Building the report:** download it from the console",
            "****",
        ] {
            assert_eq!(shape(line), None, "{line}");
        }
    }

    #[test]
    fn bare_lines_must_be_short_and_written_like_a_title() {
        for line in ["IAM", "Message Broker", "S3 (old)", "日本語"] {
            assert_eq!(shape(line), Some((Shape::Bare, line)), "{line}");
        }
        for line in [
            "lower case",
            "It is done",
            "Ends with a dot.",
            "Term: text",
            "Five words are too many",
            "See [this](x)",
            "Prerequisites:",
            "12",
        ] {
            assert_eq!(shape(line), None, "{line}");
        }
    }
}
