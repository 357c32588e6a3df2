//! Blocks to snippets: what exactly is quoted, and what must stand before it.

use super::blocks::{Block, BlockKind};
use super::headings::is_label;
use super::lines::{Lines, offset};
use super::{Form, Snippet};

/// Collects the snippets of one section.
pub(super) struct Collector<'a> {
    source: &'a str,
    lines: &'a Lines,
    snippets: Vec<Snippet>,
    /// Blocks of this section that became snippets, in order: block → snippet.
    places: Vec<(usize, u32)>,
    /// A paragraph that ends with a colon, right before this block.
    lead_in: Option<(usize, u32)>,
}

impl<'a> Collector<'a> {
    pub(super) fn new(source: &'a str, lines: &'a Lines) -> Self {
        Collector {
            source,
            lines,
            snippets: Vec::new(),
            places: Vec::new(),
            lead_in: None,
        }
    }

    /// The snippets so far; begins the next section.
    pub(super) fn take(&mut self) -> Vec<Snippet> {
        self.places.clear();
        self.lead_in = None;
        std::mem::take(&mut self.snippets)
    }

    /// Adds what a block says, if it says anything. `from` is where its text
    /// begins when a heading was cut off its front.
    pub(super) fn add(&mut self, index: usize, block: &Block, from: usize) {
        let (form, range) = match block.kind {
            BlockKind::Heading(..) | BlockKind::Rule => {
                self.lead_in = None;
                return;
            }
            BlockKind::Item | BlockKind::Task(..) => (Form::Item, from..block.range.end),
            BlockKind::Paragraph => (Form::Paragraph, from..block.range.end),
            BlockKind::Row => (Form::Row, from..block.range.end),
            BlockKind::Code => (Form::Code, from..block.range.end),
        };
        let mut start = range.start;
        let text = self.source.get(range.clone()).unwrap_or_default();
        if form == Form::Paragraph && !block.top {
            start += callout_marker(text);
        }
        let text = self.source.get(start..range.end).unwrap_or_default();
        if text.is_empty() || form == Form::Paragraph && says_nothing(text) {
            return;
        }
        let parent = self.parent(index, block, form, text);
        if form == Form::Paragraph && block.top && is_list_of_terms(text) {
            self.lead_in = None;
            for line in text.split_inclusive(['\n', '\r']) {
                let end = start + line.trim_end().len();
                let begin = start + line.len() - line.trim_start().len();
                if begin < end {
                    self.push(begin, end, form, None);
                }
                start += line.len();
            }
            return;
        }
        let place = self.push(start, range.end, form, parent);
        self.places.push((index, place));
        self.lead_in = match form {
            Form::Paragraph if block.top && text.ends_with([':', '：']) => Some((index, place)),
            Form::Paragraph | Form::Row => None,
            // A list keeps its lead-in to its end.
            _ => self.lead_in,
        };
    }

    fn push(&mut self, start: usize, end: usize, form: Form, parent: Option<u32>) -> u32 {
        let span = self.lines.span(offset(start), offset(end));
        let text = self.source.get(start..end).unwrap_or_default();
        let today = form == Form::Item && is_correction(text);
        let place = offset(self.snippets.len());
        self.snippets.push(Snippet {
            span,
            form,
            parent,
            today,
        });
        place
    }

    /// What must be quoted before this block: the item around it, the paragraph
    /// that announces the list, or the item whose sentence it goes on with.
    fn parent(&self, index: usize, block: &Block, form: Form, text: &str) -> Option<u32> {
        if let Some(parent) = block.parent {
            return self
                .places
                .binary_search_by_key(&parent, |(block, _)| *block)
                .ok()
                .and_then(|at| self.places.get(at))
                .map(|(_, place)| *place);
        }
        if form != Form::Item {
            return None;
        }
        let (before, place) = self.places.last()?;
        let previous = self.snippets.get(*place as usize)?;
        if *before + 1 == index
            && previous.form == Form::Item
            && previous
                .parent
                .is_none_or(|parent| self.goes_on(parent, *place))
            && continues(text)
        {
            return Some(*place);
        }
        self.lead_in
            .map(|(_, place)| place)
            .or_else(|| self.announces_word(index, text))
    }

    /// A word alone says nothing: it is one of several things that the sentence
    /// before it is about.
    fn announces_word(&self, index: usize, text: &str) -> Option<u32> {
        /// Shorter items are one of a list of names, like the word itself.
        const SENTENCE: usize = 5;
        let words = |text: &str| text.split_whitespace().take(SENTENCE).count();
        let (before, place) = self.places.last()?;
        let previous = self.snippets.get(*place as usize)?;
        if *before + 1 != index || previous.form != Form::Item || words(text) != 1 {
            return None;
        }
        let before = self.text(previous);
        if words(before) == SENTENCE && previous.parent.is_none() && !before.ends_with('.') {
            return Some(*place);
        }
        // The next of several words belongs to the same sentence.
        let parent = previous.parent.filter(|_| words(before) == 1)?;
        let sentence = self.snippets.get(parent as usize)?;
        (sentence.form == Form::Item && sentence.parent.is_none()).then_some(parent)
    }

    fn text(&self, snippet: &Snippet) -> &str {
        let span = snippet.span;
        self.source
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default()
    }

    /// The parent of an item is the item right before it.
    fn goes_on(&self, parent: u32, place: u32) -> bool {
        parent + 1 == place
            && self
                .snippets
                .get(parent as usize)
                .is_some_and(|item| item.form == Form::Item)
    }
}

/// Length of `[!note]- ` at the beginning of a quoted paragraph.
fn callout_marker(text: &str) -> usize {
    let Some(rest) = text.strip_prefix("[!") else {
        return 0;
    };
    let Some((name, after)) = rest.split_once(']') else {
        return 0;
    };
    if name.is_empty()
        || !name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '|'))
    {
        return 0;
    }
    let after = after.trim_start_matches(['+', '-']);
    // Without a title, the text begins on the next quoted line.
    let body = after.trim_start_matches([' ', '\t', '\n', '\r', '>']);
    text.len() - body.len()
}

/// A label such as `**Note**`, an embedded file or a comment for the writer.
fn says_nothing(text: &str) -> bool {
    let wrapped = |open: &str, close: &str, inside: &str| {
        text.strip_prefix(open)
            .and_then(|rest| rest.strip_suffix(close))
            .is_some_and(|inner| !inner.contains(inside))
    };
    wrapped("![[", "]]", "]]") || wrapped("%%", "%%", "%%") || is_label(text)
}

/// `**Today:**` in front corrects the parent.
fn is_correction(text: &str) -> bool {
    text.strip_prefix("**")
        .and_then(|rest| rest.split_at_checked(5))
        .is_some_and(|(word, rest)| {
            word.eq_ignore_ascii_case("today")
                && (rest.starts_with(":**") || rest.starts_with("**:"))
        })
}

/// An item that only goes on with the sentence of the item before it. Rather one
/// too few than one too many: a sentence that stands by itself needs no other.
fn continues(text: &str) -> bool {
    const ALWAYS: [&str; 9] = [
        "and",
        "or",
        "but",
        "so that",
        "because",
        "which",
        "must be",
        "therefore",
        "otherwise",
    ];
    let starts = |word: &str| {
        text.split_at_checked(word.len())
            .is_some_and(|(head, rest)| head.eq_ignore_ascii_case(word) && rest.starts_with(' '))
    };
    ALWAYS.iter().any(|word| starts(word))
        // "To read other data" depends; "To read it, open the file" does not.
        || (starts("to") && !text.contains([',', ':', '.', '—', '–']))
}

/// Several lines, each `Term: what it means`: every line is a fact of its own.
fn is_list_of_terms(text: &str) -> bool {
    let mut count = 0;
    memchr::memchr2(b'\n', b'\r', text.as_bytes()).is_some()
        && text
            .split(['\n', '\r'])
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .all(|line| {
                count += 1;
                is_term(line)
            })
        && count > 1
}

fn is_term(line: &str) -> bool {
    // The longest terms people write have about 40 characters.
    line.split_once(": ").is_some_and(|(term, meaning)| {
        term.len() <= 60
            && !meaning.trim().is_empty()
            && term
                .chars()
                .next()
                .is_some_and(|c| c.is_alphanumeric() && !c.is_lowercase())
            && term
                .chars()
                .all(|c| c.is_alphanumeric() || " -/&+()'_*`".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_items_without_a_subject_go_on_with_the_one_before() {
        for text in [
            "and the logs",
            "Or a key of your own",
            "Must be named in the job",
            "To read other data (example logs)",
        ] {
            assert!(continues(text), "{text}");
        }
        for text in [
            "Must hold the key",
            "To move data, copy it",
            "Android",
            "Order matters",
            "To",
        ] {
            assert!(!continues(text), "{text}");
        }
    }

    #[test]
    fn callout_markers_are_no_part_of_the_quotation() {
        for (text, left) in [
            ("[!note] Title", "Title"),
            ("[!warning]- Title\n> text", "Title\n> text"),
            ("[!tip]\n> text", "text"),
            ("[!no te] x", "[!no te] x"),
            ("[!x", "[!x"),
        ] {
            assert_eq!(text.get(callout_marker(text)..).unwrap(), left);
        }
    }

    #[test]
    fn labels_embedded_files_and_comments_say_nothing() {
        for text in [
            "**Note**",
            "**Important:**",
            "![[plan.png]]",
            "%% for me\nonly %%",
        ] {
            assert!(says_nothing(text), "{text}");
        }
        for text in [
            "**Vault**",
            "![[a]] and ![[b]]",
            "%% a %% b %% c %%",
            "Note that",
        ] {
            assert!(!says_nothing(text), "{text}");
        }
    }

    #[test]
    fn lines_of_terms_are_facts_of_their_own() {
        assert!(is_list_of_terms(
            "Broker: keeps messages\nVault: keeps secrets"
        ));
        assert!(!is_list_of_terms("Broker: keeps messages"));
        assert!(!is_list_of_terms("Broker: keeps\nmessages for a day"));
    }

    #[test]
    fn corrections_begin_with_today_in_bold() {
        assert!(is_correction("**Today:** it is on by default"));
        assert!(is_correction("**today**: it is"));
        assert!(!is_correction("Today: it is"));
        assert!(!is_correction("**Todays:** x"));
    }
}
