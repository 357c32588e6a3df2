//! How a quiz question is worded: what points at the key without knowledge, or
//! confuses those who have it.
//!
//! After Haladyna, Downing and Rodriguez, "A review of multiple-choice
//! item-writing guidelines" (Applied Measurement in Education 15, 2002).

use rustc_hash::FxHashSet;

use super::questions::{Draft, Flaw};
use crate::note::diagnostic::Severity;
use crate::text;

/// The longest option may be this much longer than the shortest.
const UNEVEN: f64 = 1.5;
/// The key may be this much longer than the longest distractor: a little is not
/// seen, and somebody has to be the longest.
const LONGER: f64 = 1.25;
/// Shorter options count as if they had so many characters: "S3" and "Lambda"
/// are both read at a glance.
const GLANCE: usize = 8;
/// Options that speak of the others, which stand in another order each day.
const ABOUT_OTHERS: [&str; 9] = [
    "all of the above",
    "none of the above",
    "both of the above",
    "any of the above",
    "all of these",
    "none of these",
    "both of these",
    "all of them",
    "none of them",
];
/// Words that make a statement sound too strong to be true.
const ABSOLUTE: [&str; 4] = ["always", "never", "only", "solely"];
/// Words that turn a question round.
const NEGATIVE: [&str; 11] = [
    "not", "never", "except", "cannot", "cant", "isnt", "arent", "doesnt", "dont", "wont", "wasnt",
];

/// What is wrong with the wording.
pub(super) fn check(draft: &Draft<'_>, flaws: &mut Vec<Flaw>) {
    about_others(draft, flaws);
    lengths(draft, flaws);
    nested(draft, flaws);
    negated(draft, flaws);
    absolutes(draft, flaws);
    echoes(draft, flaws);
}

fn add(
    flaws: &mut Vec<Flaw>,
    rule: &'static str,
    message: String,
    remedy: &'static str,
    option: Option<usize>,
) {
    let severity = Severity::Warning;
    flaws.push(Flaw {
        rule,
        severity,
        message,
        remedy,
        option,
    });
}

fn about_others(draft: &Draft<'_>, flaws: &mut Vec<Flaw>) {
    for (at, (option, _)) in draft.options.iter().enumerate() {
        let words = words(option).join(" ");
        if ABOUT_OTHERS.contains(&words.as_str()) {
            flaws.push(Flaw {
                rule: "option-about-options",
                severity: Severity::Error,
                message: format!("`{option}` speaks of the other options, which are shuffled"),
                remedy: "write an option that stands for itself, or leave it out",
                option: Some(at),
            });
        }
    }
}

fn lengths(draft: &Draft<'_>, flaws: &mut Vec<Flaw>) {
    let lengths = || {
        draft.options.iter().map(|(option, key)| {
            let length = option.chars().count().max(GLANCE);
            (length, *key)
        })
    };
    let all = || lengths().map(|(length, _)| length);
    let (Some(shortest), Some(longest)) = (all().min(), all().max()) else {
        return;
    };
    if ratio(longest, shortest) > UNEVEN {
        add(
            flaws,
            "uneven-options",
            "the longest option is more than one and a half times as long as the shortest"
                .to_owned(),
            "bring them to about the same length: an option that stands out is guessed",
            None,
        );
    }
    let key = lengths().find_map(|(length, key)| key.then_some(length));
    let others = lengths().filter_map(|(length, key)| (!key).then_some(length));
    if let (Some(key), Some(longest)) = (key, others.max())
        && ratio(key, longest) > LONGER
    {
        add(
            flaws,
            "longest-key",
            "the key is by far the longest option".to_owned(),
            "shorten it, and move what explains below the options",
            None,
        );
    }
}

fn ratio(longer: usize, shorter: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "lengths of options")]
    let ratio = longer as f64 / shorter.max(1) as f64;
    ratio
}

fn nested(draft: &Draft<'_>, flaws: &mut Vec<Flaw>) {
    let options: Vec<Vec<String>> = draft
        .options
        .iter()
        .map(|(option, _)| words(option))
        .collect();
    for (at, inner) in options.iter().enumerate() {
        let outer = options.iter().zip(&draft.options).find(|(outer, _)| {
            inner.len() < outer.len() && outer.windows(inner.len().max(1)).any(|part| part == inner)
        });
        if let (Some((_, (outer, _))), Some((inner, _))) = (outer, draft.options.get(at)) {
            add(
                flaws,
                "nested-options",
                format!("the option `{inner}` is a part of `{outer}`"),
                "write options of which one cannot be true with the other",
                Some(at),
            );
        }
    }
}

/// "Which service does not …": read in a hurry, it is its opposite. Negations
/// in a story before the question, or behind "why", mislead nobody.
fn negated(draft: &Draft<'_>, flaws: &mut Vec<Flaw>) {
    let asked = draft.stem.trim_end().trim_end_matches('?');
    let asked = asked.rsplit(['.', '!', '?', ':']).next().unwrap_or(asked);
    // In capitals it is meant and seen.
    let shouted = asked
        .split_whitespace()
        .any(|word| word == "NOT" || word == "EXCEPT");
    let words = words(asked);
    let chooses = words
        .iter()
        .take(3)
        .any(|word| matches!(word.as_str(), "which" | "what" | "who" | "whom"));
    // Far from the word that asks, it belongs to something else.
    let near = words.iter().take(6);
    let negative = near.clone().find(|word| NEGATIVE.contains(&word.as_str()));
    if let Some(word) = negative.filter(|_| chooses && !shouted) {
        add(
            flaws,
            "negated-stem",
            format!("the question is turned round by `{word}`"),
            "ask for what is so; where that does not work, write NOT in capitals",
            None,
        );
    }
}

fn absolutes(draft: &Draft<'_>, flaws: &mut Vec<Flaw>) {
    let absolute = |option: &str| {
        let words = words(option);
        ABSOLUTE
            .into_iter()
            .find(|word| words.iter().any(|own| own == word))
    };
    let in_key = draft
        .options
        .iter()
        .any(|(option, key)| *key && absolute(option).is_some());
    if in_key {
        return;
    }
    for (at, (option, _)) in draft.options.iter().enumerate() {
        if let Some(word) = absolute(option) {
            add(
                flaws,
                "absolute-distractor",
                format!("`{word}` makes this option sound wrong"),
                "take it out, or use such a word in the key too",
                Some(at),
            );
        }
    }
}

/// A word of the question that only the key repeats. Names, known by their
/// capitals and digits, are left out: the key may well be about the subject.
fn echoes(draft: &Draft<'_>, flaws: &mut Vec<Flaw>) {
    let stems = |option: &str| -> FxHashSet<String> {
        let words = text::words(option).into_iter();
        words
            .map(|word| text::stem(&word.text).into_owned())
            .collect()
    };
    let (mut key, mut others) = (FxHashSet::default(), FxHashSet::default());
    for (option, is_key) in &draft.options {
        if *is_key { &mut key } else { &mut others }.extend(stems(option));
    }
    let echo = text::words(draft.stem).into_iter().find(|word| {
        let plain = draft
            .stem
            .get(word.range.clone())
            .is_some_and(text::is_normal);
        let stem = text::stem(&word.text);
        plain
            && !text::is_stop_word(&word.text)
            && key.contains(stem.as_ref())
            && !others.contains(stem.as_ref())
    });
    if let Some(word) = echo {
        add(
            flaws,
            "echo",
            format!("only the key repeats `{}` of the question", word.text),
            "use another word in one of them, or the same one in a distractor too",
            None,
        );
    }
}

fn words(text: &str) -> Vec<String> {
    text::words(text)
        .into_iter()
        .map(|word| word.text.into_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::lint::questions::{Draft, Flaw, flaws};
    use crate::note::diagnostic::Severity;

    /// The flaws of a question whose first option is the key.
    fn judged(stem: &str, options: &[&str]) -> Vec<Flaw> {
        flaws(&Draft {
            stem,
            options: options
                .iter()
                .zip(0..)
                .map(|(text, at)| (*text, at == 0))
                .collect(),
            explained: true,
            sourced: true,
        })
    }

    fn rules(stem: &str, options: &[&str]) -> Vec<&'static str> {
        judged(stem, options).iter().map(|flaw| flaw.rule).collect()
    }

    #[test]
    fn lengths_may_not_point_at_an_option() {
        for (options, found) in [
            (&["eight ch", "twelve chars"][..], &[][..]),
            (
                &["thirteen char", "eight ch", "thirteen more"],
                &["uneven-options"],
            ),
            // Short ones are read at a glance.
            (&["S3", "Lambda", "DynamoDB"], &[]),
            (&["fifteen letters", "thirteen char"], &[]),
            (&["seventeen letters", "thirteen char"], &["longest-key"]),
            (&["thirteen char", "seventeen letters"], &[]),
        ] {
            assert_eq!(rules("What?", options), found, "{options:?}");
        }
    }

    #[test]
    fn an_option_stands_for_itself() {
        for option in ["All of the above", "none of the above.", "Both of these"] {
            let flaws = judged("What?", &["a policy of mine", "a role of mine", option]);
            let found: Vec<_> = flaws
                .iter()
                .map(|flaw| (flaw.rule, flaw.severity, flaw.option))
                .collect();
            assert_eq!(found, [("option-about-options", Severity::Error, Some(2))]);
        }
        assert_eq!(
            rules("What?", &["All of the keys", "None of the keys"]),
            [""; 0]
        );
    }

    #[test]
    fn no_option_is_a_part_of_another() {
        assert_eq!(rules("What?", &["SSE-KMS", "SSE"]), ["nested-options"]);
        assert_eq!(rules("What?", &["SSE-KMS", "SSE-S3"]), [""; 0]);
        assert_eq!(rules("What?", &["keys", "monkeys"]), [""; 0]);
    }

    #[test]
    fn a_question_is_not_turned_round_unseen() {
        for (stem, found) in [
            ("Which key is not rotated?", true),
            ("What can't be encrypted?", true),
            ("A disk is full. Who may never write?", true),
            ("Which key is NOT rotated?", false),
            ("Why can S3 not read it?", false),
            ("Nobody may not read. Which policy fits?", false),
            ("Which is the least a role needs?", false),
            (
                "What happens to messages in a queue that are not read?",
                false,
            ),
        ] {
            let negated = rules(stem, &["this", "that"]).contains(&"negated-stem");
            assert_eq!(negated, found, "{stem}");
        }
    }

    #[test]
    fn strong_words_stand_in_the_key_too_or_nowhere() {
        let found = judged("What?", &["by its policy", "only by a key", "by its owner"]);
        let found: Vec<_> = found.iter().map(|flaw| (flaw.rule, flaw.option)).collect();
        assert_eq!(found, [("absolute-distractor", Some(1))]);
        assert_eq!(
            rules("What?", &["only by policy", "only by a key"]),
            [""; 0]
        );
        assert_eq!(rules("What?", &["only by policy", "by its owner"]), [""; 0]);
    }

    #[test]
    fn a_word_of_the_question_is_not_in_the_key_alone() {
        let stem = "Who encrypts the messages of SQS?";
        assert_eq!(
            rules(stem, &["an encrypting key", "a policy of mine"]),
            ["echo"]
        );
        assert_eq!(
            rules(stem, &["an encrypting key", "an encrypted disk"]),
            [""; 0]
        );
        assert_eq!(
            rules(stem, &["a network of mine", "an encrypted disk"]),
            [""; 0]
        );
        // A name is what the question is about.
        assert_eq!(
            rules(stem, &["the SQS service", "the KMS service"]),
            [""; 0]
        );
    }

    #[test]
    fn what_is_too_long_to_be_shown_is_an_error() {
        let severities = |flaws: Vec<Flaw>| -> Vec<_> {
            flaws
                .iter()
                .map(|flaw| (flaw.rule, flaw.severity))
                .collect()
        };
        let stem = |length: usize| severities(judged(&"x".repeat(length), &["this", "that"]));
        assert_eq!(stem(200), []);
        assert_eq!(stem(201), [("long-stem", Severity::Error)]);
        let option = |length: usize| {
            severities(judged("What?", &[&"x".repeat(length), &"y".repeat(length)]))
        };
        assert_eq!(option(80), []);
        assert_eq!(option(81), [("long-option", Severity::Error); 2]);
    }
}
