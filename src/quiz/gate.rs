//! Gates: why a candidate does not become a question.
//!
//! Lint judges questions that people wrote; what is made must pass the same
//! rules, warnings included, and these. Each is a function of its own, so that
//! every refusal has a name and a reason.

use jiff::civil::Date;

use crate::lint::REVIEW_MONTHS;
use crate::lint::questions::{Draft, flaws};
use crate::note::Note;
use crate::text;

use super::naming::{Said, stems};

/// What refused a candidate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// Name of the gate; that of the lint rule where they are the same.
    pub gate: &'static str,
    /// Why, in a sentence without its full stop.
    pub reason: String,
}

/// Distractors that a question is made with, if there are so many good ones;
/// three options are enough (Rodriguez, "Three options are optimal for
/// multiple-choice items", Educational Measurement 24, 2005).
pub(super) const DISTRACTORS: usize = 3;
/// With fewer it is not made: a coin would do.
const FEWEST: usize = 2;

/// Words of facts that change from one month to the next.
const VOLATILE: [&str; 23] = [
    "price",
    "prices",
    "pricing",
    "cost",
    "costs",
    "charge",
    "charges",
    "charged",
    "fee",
    "fees",
    "usd",
    "dollar",
    "dollars",
    "quota",
    "quotas",
    "throttled",
    "preview",
    "beta",
    "roadmap",
    "deprecated",
    "currently",
    "region",
    "regions",
];

/// What changes too often to be asked: prices, quotas, regions, previews, dates.
pub(super) fn volatile(fact: &str) -> Result<(), Refusal> {
    let words = text::words(fact);
    let word = words.iter().find(|word| {
        let year = word.text.len() == 4 && word.text.starts_with("20");
        VOLATILE.contains(&word.text.as_ref())
            || year && word.text.bytes().all(|byte| byte.is_ascii_digit())
    });
    let sign = fact.chars().find(|c| matches!(c, '$' | '€' | '£'));
    let found = sign
        .map(String::from)
        .or_else(|| word.map(|word| word.text.to_string()));
    refuse(found, "volatile", |word| {
        format!("“{word}” makes it a fact that changes often")
    })
}

/// A note that nobody has looked at for too long; nothing is made from it.
pub(super) fn past_review(note: &Note, today: Date) -> Result<(), Refusal> {
    let months = |year: i16, month: i32| i32::from(year) * 12 + month;
    let age = note.reviewed.map(|(year, month)| {
        months(today.year(), i32::from(today.month())) - months(year, i32::from(month))
    });
    refuse(
        age.filter(|age| *age > REVIEW_MONTHS),
        "past-review",
        |age| format!("the last review was {age} months ago"),
    )
}

/// Another question of the template is about the same.
pub(super) fn already_asked<T>() -> Result<T, Refusal> {
    Err(Refusal {
        gate: "already-asked",
        reason: "another question of this template is about the same".to_owned(),
    })
}

/// A sentence with too few words of its own to tell what it is about.
pub(super) fn says_little(said: &str) -> Result<(), Refusal> {
    /// "It protects the resource" would do for most controls.
    const WORDS: usize = 5;
    let words = text::words(said);
    let own = words.iter().filter(|word| !text::is_stop_word(&word.text));
    let count = own.count();
    refuse((count < WORDS).then_some(count), "says-little", |count| {
        format!("it has {count} words with a meaning of their own")
    })
}

/// A question that shows a word of its key which not all distractors have.
pub(super) fn gives_away(asked: &str, key: &str, distractors: &[String]) -> Result<(), Refusal> {
    let stems = |name: &str| -> Vec<String> {
        let words = text::words(name);
        let words = words.iter().filter(|word| !text::is_stop_word(&word.text));
        words
            .map(|word| text::stem(&word.text).into_owned())
            .collect()
    };
    let others: Vec<Vec<String>> = distractors.iter().map(|name| stems(name)).collect();
    let mut telling = stems(key);
    telling.retain(|word| !others.iter().all(|other| other.contains(word)));
    let asked = text::words(asked);
    let shown = asked
        .iter()
        .find(|word| telling.iter().any(|key| *key == text::stem(&word.text)));
    refuse(shown, "gives-away", |word| {
        format!("the question shows “{}” of the key", word.text)
    })
}

/// Whether a text names something by one of its names, word for word or as the
/// forms of the same words. What a fact mentions, it may be true of.
pub(super) fn mentions<'a>(fact: &str, names: impl IntoIterator<Item = &'a String>) -> bool {
    let fact = Said::of(fact);
    names.into_iter().any(|name| fact.names(&stems(name)))
}

/// The best distractors that stand beside a key without showing it: of about
/// its length, one of them at least as long, none a part of another. Those
/// offered are false, and the most tempting ones come first.
pub(super) fn company(key: &str, offered: &[String]) -> Result<Vec<String>, Refusal> {
    let fits = |chosen: &[String], next: &String| {
        let options = [chosen, std::slice::from_ref(next)].concat();
        // The key may be the longest until the last one is chosen.
        worded("What?", key, &options)
            .err()
            .is_none_or(|refusal| refusal.gate == "longest-key")
    };
    let mut chosen: Vec<String> = Vec::new();
    for next in offered {
        let longer = |text: &String| text.chars().count() >= key.chars().count();
        let last = chosen.len() + 1 == DISTRACTORS;
        let needed = last && !chosen.iter().any(longer);
        if chosen.len() < DISTRACTORS && (!needed || longer(next)) && fits(&chosen, next) {
            chosen.push(next.clone());
        }
    }
    let longest = chosen.iter().map(|text| text.chars().count()).max();
    if chosen.len() < FEWEST {
        return Err(Refusal {
            gate: "few-distractors",
            reason: format!(
                "{} of {} candidates stand beside the key",
                chosen.len(),
                offered.len()
            ),
        });
    }
    if longest < Some(key.chars().count()) {
        return Err(Refusal {
            gate: "longest-key",
            reason: "the key would be the longest option".to_owned(),
        });
    }
    Ok(chosen)
}

/// The rules of lint, for a made question: a warning is enough.
pub(super) fn worded(stem: &str, key: &str, distractors: &[String]) -> Result<(), Refusal> {
    let others = distractors.iter().map(|text| (text.as_str(), false));
    let draft = Draft {
        stem,
        options: std::iter::once((key, true)).chain(others).collect(),
        explained: true,
        sourced: true,
    };
    match flaws(&draft).into_iter().next() {
        None => Ok(()),
        Some(flaw) => Err(Refusal {
            gate: flaw.rule,
            reason: flaw.message,
        }),
    }
}

fn refuse<T>(
    found: Option<T>,
    gate: &'static str,
    reason: impl FnOnce(T) -> String,
) -> Result<(), Refusal> {
    match found {
        None => Ok(()),
        Some(found) => Err(Refusal {
            gate,
            reason: reason(found),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn gate<T>(result: Result<T, Refusal>) -> &'static str {
        result.err().map_or("", |refusal| refusal.gate)
    }

    fn owned(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn what_changes_often_is_not_asked() {
        for (fact, refused) in [
            ("It encrypts what it stores.", false),
            ("A request costs $0.40.", true),
            ("The price depends on the size.", true),
            ("It is in preview.", true),
            ("A queue has a quota of messages.", true),
            ("It works within one region.", true),
            ("It has been so since 2018.", true),
            ("Keys have 2048 bits.", true),
            ("Keys have 256 bits.", false),
            ("It previews nothing and regionally so.", false),
        ] {
            assert_eq!(gate(volatile(fact)) == "volatile", refused, "{fact}");
        }
    }

    #[test]
    fn nothing_is_made_from_a_note_that_nobody_looked_at_for_a_year() {
        let reviewed = |reviewed| Note {
            reviewed,
            ..Note::default()
        };
        let today = date(2026, 11, 22);
        for (review, refused) in [
            (Some((2026, 11)), ""),
            (Some((2025, 11)), ""),
            (Some((2025, 10)), "past-review"),
            (Some((2027, 1)), ""),
            (None, ""),
        ] {
            assert_eq!(
                gate(past_review(&reviewed(review), today)),
                refused,
                "{review:?}"
            );
        }
    }

    #[test]
    fn a_sentence_must_say_something() {
        assert_eq!(
            gate(says_little("It protects the resource.")),
            "says-little"
        );
        assert_eq!(
            gate(says_little(
                "It protects disks, drives, volumes and tables."
            )),
            ""
        );
    }

    #[test]
    fn the_question_may_not_show_a_word_of_the_key() {
        for (asked, key, others, refused) in [
            (
                "It protects stored data",
                "Encryption at rest",
                &["Revocation"][..],
                false,
            ),
            (
                "It encrypts stored data",
                "Encryption at rest",
                &["Revocation"],
                true,
            ),
            (
                "It encrypts stored data",
                "Encryption at rest",
                &["Encryption in transit"],
                false,
            ),
            (
                "It is at the door",
                "Encryption at rest",
                &["Revocation"],
                false,
            ),
        ] {
            let result = gives_away(asked, key, &owned(others));
            assert_eq!(
                gate(result) == "gives-away",
                refused,
                "{asked} {key} {others:?}"
            );
        }
    }

    #[test]
    fn a_name_is_mentioned_in_any_form_of_its_words_but_not_in_parts_of_words() {
        for (fact, name, expected) in [
            (
                "Resource policies stand beside it.",
                "resource policy",
                true,
            ),
            (
                "It needs a policy of the resource.",
                "resource policy",
                false,
            ),
            ("It sends TLS traffic.", "TLS", true),
            ("It uses mTLS.", "TLS", false),
            ("Anything.", "!", false),
        ] {
            assert_eq!(mentions(fact, &owned(&[name])), expected, "{fact} {name}");
        }
    }

    #[test]
    fn distractors_keep_the_key_company() {
        let chosen = |key: &str, offered: &[&str]| company(key, &owned(offered));
        // The best come first, and three are enough.
        assert_eq!(
            chosen(
                "Revocation",
                &["Tokenization", "Private door", "Service role", "Compliance"]
            ),
            Ok(owned(&["Tokenization", "Private door", "Service role"]))
        );
        // One is at least as long as the key.
        assert_eq!(
            chosen(
                "Revocations",
                &["Secrets it", "Deliveries", "Passwords", "Service roles"]
            ),
            Ok(owned(&["Secrets it", "Deliveries", "Service roles"])),
        );
        // Too short, too long, a part of the key, the key itself.
        assert_eq!(
            gate(chosen(
                "Private access",
                &[
                    "HSM",
                    "Versioning and deletion protection",
                    "Access",
                    "private access"
                ]
            )),
            "few-distractors"
        );
        assert_eq!(
            gate(chosen("Revocation", &["Tokenization"])),
            "few-distractors"
        );
        assert_eq!(
            gate(chosen("Revocation", &["Delivery", "Secrecy"])),
            "longest-key"
        );
    }

    #[test]
    fn what_is_made_must_pass_lint_with_its_warnings() {
        let others = owned(&["Encryption", "Revocation"]);
        assert_eq!(gate(worded("Which control?", "Delivery", &others)), "");
        let long = "x".repeat(201);
        assert_eq!(gate(worded(&long, "Delivery", &others)), "long-stem");
        assert_eq!(
            gate(worded("Which control is not it?", "Delivery", &others)),
            "negated-stem"
        );
    }
}
