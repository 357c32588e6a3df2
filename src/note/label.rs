//! The name that people would use for a section, from its heading.
//!
//! `### **1-2 Data Firehose:**` is called "Data Firehose"; when every heading of
//! a note says "Security - …", that word tells nothing and is left out as well.

use std::collections::BTreeMap;

use super::Section;
use super::headings::JOINING_WORDS;

/// A word is common when this many headings have it in the same place, and at
/// least four fifths of those of the level. With two headings nothing is common
/// enough to be sure.
const COMMON_AT_LEAST: usize = 3;

/// Fills the labels of all sections. `cut_common` is off for notes with a kind:
/// there the headings name controls and every word counts.
pub(super) fn fill(sections: &mut [Section], cut_common: bool) {
    let bare_digits = sections
        .iter()
        .filter(|s| leading_number(&s.heading).is_some())
        .count()
        > 1;
    for section in sections.iter_mut() {
        section.label = clean(&section.heading, bare_digits).to_owned();
    }
    if !cut_common || sections.len() < COMMON_AT_LEAST {
        return;
    }
    let mut levels: BTreeMap<u8, Vec<usize>> = BTreeMap::new();
    for (index, section) in sections.iter().enumerate() {
        if section.level > 0 {
            levels.entry(section.level).or_default().push(index);
        }
    }
    for group in levels
        .values()
        .filter(|group| group.len() >= COMMON_AT_LEAST)
    {
        // Prefix and suffix in turn; each works on what the other left.
        for from_end in [false, true] {
            cut_shared(sections, group, from_end);
        }
    }
}

/// The heading without numbering, stray marks and a trailing colon.
fn clean(heading: &str, bare_digits: bool) -> &str {
    let heading = without_attributes(heading);
    let text = trim(heading);
    let mut rest = text;
    if let Some(after) =
        numbering(text).or_else(|| bare_digits.then(|| leading_number(text)).flatten())
    {
        let after = trim(after);
        if after.chars().next().is_some_and(char::is_alphanumeric) {
            rest = after;
        }
    }
    if rest.is_empty() {
        heading.trim()
    } else {
        rest
    }
}

/// Docs generators write `{#anchor}` behind a heading.
fn without_attributes(heading: &str) -> &str {
    heading
        .trim_end()
        .strip_suffix('}')
        .and_then(|rest| rest.rsplit_once("{#"))
        .map_or(heading, |(text, _)| text)
}

fn trim(text: &str) -> &str {
    text.trim_start_matches(|c: char| {
        !c.is_alphanumeric()
            && !matches!(
                c,
                '(' | '[' | '{' | '"' | '\'' | '`' | '.' | '/' | '@' | '$' | '<' | '+'
            )
    })
    .trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '：' | '*' | '_' | '#'))
}

/// What follows a numbering such as `1-1`, `2、`, `3.`, `(4)`, `IV)` or `a.`.
fn numbering(text: &str) -> Option<&str> {
    if let Some(inner) = text.strip_prefix(['(', '[']) {
        let rest = inner.trim_start_matches(|c: char| c.is_ascii_digit());
        return (rest.len() < inner.len())
            .then(|| rest.strip_prefix([')', ']']))
            .flatten();
    }
    let end = text.find(|c: char| !c.is_alphanumeric() && !matches!(c, '.' | '-' | '–'))?;
    let (head, rest) = text.split_at_checked(end)?;
    let next = rest.chars().next()?;
    let number = head.trim_end_matches(['.', '-', '–']);
    let closed = number.len() < head.len();
    let parts = || number.split(['.', '-', '–']);
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let numeric = parts().all(digits) && parts().next().is_some_and(|part| part.len() <= 3);
    if next.is_whitespace() {
        let several = parts().count() > 1;
        return (numeric && (several || closed)
            || closed && head.ends_with('.') && (roman(number) || letter(number)))
        .then_some(rest);
    }
    let stop = matches!(next, '、' | '．' | ')' | '）' | ':' | '：');
    let counted = numeric || roman(number) || chinese(number) || letter(number) && next == ')';
    // "12:30 handover" is a time and no numbering.
    let time = matches!(next, ':') && rest.chars().nth(1).is_some_and(|c| !c.is_whitespace());
    (stop && counted && !time)
        .then(|| rest.get(next.len_utf8()..))
        .flatten()
}

/// What follows a bare number: `1 Introduction`.
fn leading_number(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    (rest.len() < text.len() && text.len() - rest.len() <= 3 && rest.starts_with(' '))
        .then_some(rest)
}

fn roman(text: &str) -> bool {
    !text.is_empty() && text.len() <= 6 && text.bytes().all(|b| b"IVXLC".contains(&b))
}

fn letter(text: &str) -> bool {
    text.len() == 1 && text.bytes().all(|b| b.is_ascii_alphabetic())
}

fn chinese(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| "一二三四五六七八九十".contains(c))
}

/// A word of a label and where it begins there.
#[derive(Clone, Copy)]
struct Word<'a> {
    text: &'a str,
    start: usize,
}

/// Cuts off the words that nearly all headings of a level begin (or end) with.
fn cut_shared(sections: &mut [Section], group: &[usize], from_end: bool) {
    let labels: Vec<Vec<Word<'_>>> = group
        .iter()
        .filter_map(|index| sections.get(*index))
        .map(|section| {
            let mut words = words(&section.label);
            if from_end {
                words.reverse();
            }
            words
        })
        .collect();
    let Some((model, count)) = shared(&labels) else {
        return;
    };
    let cuts: Vec<(usize, String)> = labels
        .iter()
        .zip(group)
        .filter_map(|(words, index)| {
            let kept = words
                .get(count..)
                .filter(|_| begins_like(words, model, count))?;
            let (mut first, mut last) = (kept.first()?, kept.last()?);
            if from_end {
                (first, last) = (last, first);
            }
            let label = &sections.get(*index)?.label;
            let name = label.get(first.start..last.start + last.text.len())?;
            Some((*index, name.to_owned()))
        })
        .collect();
    for (index, label) in cuts {
        if let Some(section) = sections.get_mut(index) {
            section.label = label;
        }
    }
}

/// A label that begins with the shared words, and how many they are.
fn shared<'a>(labels: &'a [Vec<Word<'a>>]) -> Option<(&'a [Word<'a>], usize)> {
    let model = majority(labels)?;
    let members: Vec<&[Word<'_>]> = labels
        .iter()
        .map(Vec::as_slice)
        .filter(|words| begins_like(words, model, 1))
        .collect();
    if members.len() < COMMON_AT_LEAST || members.len() * 5 < labels.len() * 4 {
        return None;
    }
    let longest = (1..=model.len())
        .take_while(|count| {
            members
                .iter()
                .all(|words| words.len() < *count || begins_like(words, model, *count))
        })
        .last()?;
    // The longest run that leaves a name in every heading that goes on after it.
    let count = (1..=longest).rev().find(|count| {
        let rests: Vec<&[Word<'_>]> = members
            .iter()
            .filter_map(|words| words.get(*count..))
            .filter(|rest| !rest.is_empty())
            .collect();
        rests.len() >= COMMON_AT_LEAST && rests.iter().all(|rest| is_name(rest))
    })?;
    Some((model, count))
}

fn begins_like(words: &[Word<'_>], model: &[Word<'_>], count: usize) -> bool {
    words.len() >= count
        && words
            .iter()
            .zip(model)
            .take(count)
            .all(|(a, b)| same(a.text, b.text))
}

fn is_name(words: &[Word<'_>]) -> bool {
    let joins = words
        .first()
        .is_some_and(|word| JOINING_WORDS.iter().any(|joining| same(word.text, joining)));
    !joins
        && words
            .iter()
            .any(|word| word.text.chars().any(char::is_alphabetic))
}

/// The label whose first word most others share, by majority vote.
fn majority<'a>(labels: &'a [Vec<Word<'a>>]) -> Option<&'a [Word<'a>]> {
    let mut leader: Option<&[Word<'_>]> = None;
    let mut votes = 0_usize;
    for words in labels.iter().filter(|words| !words.is_empty()) {
        match leader {
            Some(known) if begins_like(words, known, 1) => votes += 1,
            _ if votes == 0 => {
                leader = Some(words);
                votes = 1;
            }
            _ => votes -= 1,
        }
    }
    leader
}

fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || (!a.is_ascii() && a.to_lowercase() == b.to_lowercase())
}

/// Words without the dashes, bars and colons that separate them.
fn words(label: &str) -> Vec<Word<'_>> {
    const SEPARATORS: [char; 10] = ['-', '–', '—', ':', '：', '|', '/', '·', '•', ','];
    let mut found = Vec::new();
    let mut start = 0;
    for piece in label.split_inclusive(|c: char| c.is_whitespace() || matches!(c, '—' | '–')) {
        let bare = piece.trim_end().trim_end_matches(SEPARATORS);
        let text = bare.trim_start_matches(SEPARATORS);
        if !text.is_empty() {
            found.push(Word {
                text,
                start: start + bare.len() - text.len(),
            });
        }
        start += piece.len();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(headings: &[&str]) -> Vec<String> {
        let mut sections: Vec<Section> = headings
            .iter()
            .map(|heading| Section {
                heading: (*heading).to_owned(),
                level: 2,
                ..Section::default()
            })
            .collect();
        fill(&mut sections, true);
        sections.into_iter().map(|section| section.label).collect()
    }

    #[test]
    fn numbering_marks_and_colons_are_no_part_of_a_name() {
        for (heading, label) in [
            ("1-1 Message Broker", "Message Broker"),
            ("2、Message Broker", "Message Broker"),
            ("3. Message Broker:", "Message Broker"),
            ("3.2.1 Broker", "Broker"),
            ("(4) Broker", "Broker"),
            ("IV) Broker", "Broker"),
            ("II. Broker", "Broker"),
            ("a) Broker", "Broker"),
            ("B. Broker", "Broker"),
            ("5: Broker", "Broker"),
            ("一、Broker", "Broker"),
            ("🎉 Broker", "Broker"),
            ("Broker {#broker}", "Broker"),
            ("**Broker", "Broker"),
            // Names that only look numbered.
            ("802.1X", "802.1X"),
            ("3 ways in", "3 ways in"),
            ("2026-11 review", "2026-11 review"),
            ("1.2.3 (2026-01-01)", "1.2.3 (2026-01-01)"),
            ("12:30 handover", "12:30 handover"),
            ("A broker", "A broker"),
            ("I/O", "I/O"),
            (".env files", ".env files"),
            ("7.", "7."),
            ("", ""),
        ] {
            assert_eq!(labels(&[heading]), [label], "{heading}");
        }
        assert_eq!(labels(&["1 Start", "2 Stop"]), ["Start", "Stop"]);
    }

    #[test]
    fn words_that_every_heading_has_are_left_out() {
        assert_eq!(
            labels(&[
                "Safety Broker",
                "Safety - Vault",
                "Safety —Data Lake",
                "Safety — Cache"
            ]),
            ["Broker", "Vault", "Data Lake", "Cache"]
        );
        assert_eq!(
            labels(&["Backups in Broker", "Limits in Broker", "Key use in Broker"]),
            ["Backups", "Limits", "Key use"]
        );
        assert_eq!(
            labels(&["How do I rotate", "How do I restore", "How do I stop it"]),
            ["rotate", "restore", "stop it"]
        );
        assert_eq!(
            labels(&[
                "Intro",
                "Safety Ant",
                "Safety Bee",
                "Safety Cat",
                "Safety Dog"
            ]),
            ["Intro", "Ant", "Bee", "Cat", "Dog"],
            "nearly all is enough"
        );
    }

    #[test]
    fn a_common_word_stays_where_the_rest_would_be_no_name() {
        for headings in [
            [
                "Encryption at rest",
                "Encryption in transit",
                "Encryption keys",
            ],
            ["Step 1", "Step 2", "Step 3"],
            ["Safety", "Safety", "Safety"],
        ] {
            assert_eq!(labels(&headings), headings);
        }
        assert_eq!(
            labels(&["Safety A", "Safety B"]),
            ["Safety A", "Safety B"],
            "two are too few"
        );
    }
}
