//! All questions of the notes, and what did not become one.

use jiff::civil::Date;
use rustc_hash::FxHashMap;

use crate::knowledge::Knowledge;
use crate::lint::questions::wording_key;

use super::gate::Refusal;
use super::naming::Naming;
use super::question::{Origin, Place, Question};
use super::{generate, written};

/// The questions of the notes as they are now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bank {
    /// In the order of the notes, those made last.
    pub questions: Vec<Question>,
    /// In the same order.
    pub refused: Vec<Refused>,
}

/// Something that could have become a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The id that the question would have.
    pub id: String,
    /// Who made it.
    pub origin: Origin,
    /// What it asks.
    pub stem: String,
    /// Where it comes from.
    pub place: Place,
}

/// A candidate and the gate that it did not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What was refused.
    pub candidate: Candidate,
    /// Which gate, and why.
    pub gate: Refusal,
}

impl Bank {
    /// Reads and makes all questions. The day decides which notes are past
    /// their review; nothing is made from those.
    pub fn of(knowledge: &Knowledge, today: Date) -> Self {
        let mut gathered = Gathered::default();
        let naming = Naming::of(knowledge);
        written::gather(knowledge, &naming, &mut gathered);
        generate::gather(knowledge, &naming, today, &mut gathered);
        gathered.bank
    }

    /// The question with an id.
    pub fn question(&self, id: &str) -> Option<&Question> {
        self.questions.iter().find(|question| question.id == id)
    }
}

/// A bank that is being filled.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    bank: Bank,
    /// Wording of a stem → id of its question.
    stems: FxHashMap<String, String>,
}

impl Gathered {
    /// Takes a question, unless another one asks the same.
    pub(super) fn admit(&mut self, question: Question) {
        let key = wording_key(&question.stem);
        if let Some(first) = self.stems.get(&key) {
            let gate = Refusal {
                gate: "repeated-question",
                reason: format!("{first} asks the same"),
            };
            return self.refuse(question.into(), gate);
        }
        self.stems.insert(key, question.id.clone());
        self.bank.questions.push(question);
    }

    /// Keeps what did not pass a gate.
    pub(super) fn refuse(&mut self, candidate: Candidate, gate: Refusal) {
        self.bank.refused.push(Refused { candidate, gate });
    }
}

impl From<Question> for Candidate {
    fn from(question: Question) -> Self {
        Self {
            id: question.id,
            origin: question.origin,
            stem: question.stem,
            place: question.place,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::note::parse::parse;
    use crate::quiz::question::Footnote;
    use jiff::civil::date;

    const QUEUE: &str = "\
---
kind: service
name: Acme Queue
reviewed: 2026-11
---

# Acme Queue

## Encryption at rest

- Messages are stored encrypted.[^guide]

## Access control

- A policy decides who may send.[^guide][^iam]

## Quiz

### Who may send?

- [ ] Everybody in the network
- [x] Whom a **policy** admits

A policy decides `who` may
send.[^iam]

### Who may send?!

- [x] one
- [ ] two

Because.[^guide]

### What is stored?

- [x] Encrypted messages
- [ ] Plain messages

Stored data is encrypted at rest.[^guide]

### No key

- [ ] one
- [ ] two

Because.[^guide]

[^guide]: Guide, [Queues](https://example.org/queues)
[^iam]: Handbook
";

    const CONTROLS: [&str; 2] = [
        "---\nkind: control\nname: Access control\n---\n\n# Access control\n\nWho may do what.[^b]\n\n## Quiz\n\n### Who decides?\n\n- [x] A policy\n- [ ] A vote\n\nIt is a policy.[^b]\n\n[^b]: Book\n",
        "---\nkind: control\nname: Encryption at rest\naliases: [stored data]\n---\n\n# Encryption at rest\n\nStored scrambled.[^b]\n\n[^b]: Book\n",
    ];

    fn bank(files: &[(&str, &str)]) -> Bank {
        let notes = files
            .iter()
            .map(|(path, text)| parse(path, (*text).to_owned()).0)
            .collect();
        Bank::of(&Knowledge::build(notes), date(2026, 11, 22))
    }

    fn acme(queue: &str) -> Bank {
        bank(&[
            ("controls/access.md", CONTROLS[0]),
            ("controls/rest.md", CONTROLS[1]),
            ("services/queue.md", queue),
        ])
    }

    fn written(bank: &Bank) -> Vec<&Question> {
        let questions = bank.questions.iter();
        questions
            .filter(|question| question.origin == Origin::Written)
            .collect()
    }

    #[test]
    fn a_written_question_brings_everything_that_is_shown() {
        let bank = acme(QUEUE);
        let question = bank.question("services/queue.md#who-may-send").unwrap();
        assert_eq!(question.stem, "Who may send?");
        assert_eq!(
            question.options,
            ["Everybody in the network", "Whom a policy admits"]
        );
        assert_eq!(question.key, 1);
        assert_eq!(question.explanation, "A policy decides who may send.");
        assert_eq!(
            question.sources,
            [Footnote {
                text: "Handbook".to_owned(),
                url: None
            }]
        );
        let place = &question.place;
        let lines: Vec<&str> = QUEUE.lines().collect();
        assert_eq!(lines[place.line_start as usize - 1], "### Who may send?");
        assert_eq!(lines[place.line_end as usize - 1], "send.[^iam]");
        assert_eq!(question.hash.len(), 16);
    }

    #[test]
    fn a_question_belongs_to_its_service_and_the_control_that_it_asks_for() {
        let bank = acme(QUEUE);
        let about = |id: &str| {
            let question = bank.question(id).unwrap();
            (question.service.clone(), question.controls.clone())
        };
        // Its footnote stands under one heading only.
        let queue = Some("Acme Queue".to_owned());
        assert_eq!(
            about("services/queue.md#who-may-send"),
            (queue.clone(), vec!["Access control".to_owned()])
        );
        // Its footnote stands under both, but it uses an alias.
        assert_eq!(
            about("services/queue.md#what-is-stored"),
            (queue, vec!["Encryption at rest".to_owned()])
        );
        assert_eq!(
            about("controls/access.md#who-decides"),
            (None, vec!["Access control".to_owned()])
        );
    }

    #[test]
    fn what_lint_calls_an_error_is_refused_and_said() {
        let bank = acme(QUEUE);
        let refused: Vec<(&str, &str)> = bank
            .refused
            .iter()
            .filter(|refused| refused.candidate.origin == Origin::Written)
            .map(|refused| (refused.candidate.id.as_str(), refused.gate.gate))
            .collect();
        assert_eq!(
            refused,
            [
                ("services/queue.md#who-may-send-1", "repeated-question"),
                ("services/queue.md#no-key", "question-without-key"),
            ]
        );
    }

    #[test]
    fn the_hash_changes_with_every_part_of_the_question_and_with_nothing_else() {
        let id = "services/queue.md#who-may-send";
        let hash = |text: &str| acme(text).question(id).unwrap().hash.clone();
        let before = hash(QUEUE);
        for (part, other) in [
            ("Everybody in", "Everyone in"),
            ("A policy decides `who`", "Policies decide `who`"),
            ("send.[^iam]", "send.[^guide]"),
            ("[^iam]: Handbook", "[^iam]: Handbook, part 2"),
        ] {
            assert!(QUEUE.contains(part));
            assert_ne!(hash(&QUEUE.replacen(part, other, 1)), before, "{part}");
        }
        let moved = QUEUE.replacen(
            "## Quiz\n",
            "## Quiz\n\n### Another?\n\n- [x] a\n- [ ] b\n\nX.[^iam]\n",
            1,
        );
        assert_eq!(hash(&moved), before);
        let key = QUEUE.replacen("[ ] Everybody", "[x] Everybody", 1);
        let key = key.replacen("[x] Whom", "[ ] Whom", 1);
        assert_ne!(hash(&key), before);
    }

    #[test]
    fn plain_notes_may_ask_without_footnotes() {
        let plain = "# Zebras\n\n## Quiz\n\n### How do they sleep?\n\n- [x] Standing\n- [ ] Lying\n\nThey stand.\n";
        let bank = bank(&[("zebras.md", plain)]);
        let questions = written(&bank);
        assert_eq!(questions.len(), 1);
        assert_eq!(questions[0].service.as_deref(), Some("Zebras"));
    }
}
