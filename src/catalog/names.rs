//! What else a name is called: without the vendor, by its initials, by the
//! part in brackets.

use rustc_hash::FxHashMap;

use crate::text;

/// The normalised words of a name, written as one.
pub fn joined(name: &str) -> String {
    text::words(name)
        .iter()
        .map(|word| word.text.as_ref())
        .collect()
}

/// "Amazon Simple Queue Service (SQS)" is also called "Simple Queue Service"
/// and "SQS".
pub(super) fn shorter_forms(name: &str, first_words: &FxHashMap<String, usize>) -> Vec<String> {
    let mut forms = Vec::new();
    let mut plain = name.to_owned();
    if let (Some(open), Some(close)) = (name.find('('), name.rfind(')'))
        && open < close
    {
        let inner = name.get(open + 1..close).unwrap_or_default().trim();
        let outer = format!(
            "{} {}",
            name.get(..open).unwrap_or_default().trim(),
            name.get(close + 1..).unwrap_or_default().trim()
        );
        forms.push(inner.to_owned());
        forms.push(outer.trim().to_owned());
        outer.trim().clone_into(&mut plain);
    }
    for form in forms.clone().iter().chain([&plain]) {
        let words = text::words(form);
        if let [first, rest @ ..] = words.as_slice()
            && !rest.is_empty()
            && first_words.contains_key(first.text.as_ref())
        {
            let rest: Vec<&str> = rest.iter().map(|word| word.text.as_ref()).collect();
            forms.push(rest.join(" "));
        }
    }
    forms
}

/// First letters of a name of three or more words ("Kinesis Data Streams": kds)
/// and capitals of a word that has several ("QuickSight": qs).
pub(super) fn initials_of(name: &str, first_words: &FxHashMap<String, usize>) -> Vec<String> {
    let words = text::words(name);
    let skip = usize::from(
        words
            .first()
            .is_some_and(|w| first_words.contains_key(w.text.as_ref())),
    );
    let rest: Vec<_> = words
        .iter()
        .skip(skip)
        .filter(|word| !text::is_stop_word(&word.text))
        .collect();
    let mut found = Vec::new();
    if rest.len() >= 3 {
        found.push(
            rest.iter()
                .filter_map(|word| word.text.chars().next())
                .collect(),
        );
    }
    if let [only] = rest.as_slice() {
        let written = name.get(only.range.clone()).unwrap_or_default();
        let capitals: String = written
            .chars()
            .filter(|c| c.is_uppercase())
            .flat_map(char::to_lowercase)
            .collect();
        if capitals.len() >= 2 && capitals.len() < written.len() {
            found.push(capitals);
        }
    }
    found
}

/// Stems of the words of a name that are not stop words; all of them when
/// nothing else is left.
pub(super) fn content_stems(name: &str) -> Vec<Box<str>> {
    text::words(name)
        .iter()
        .filter(|word| !text::is_stop_word(&word.text))
        .map(|word| text::stem(&word.text).into())
        .collect()
}
