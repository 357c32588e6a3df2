//! Questions made from typed facts of the notes.
//!
//! Free prose never becomes a key: a key is a name from the front matter, and
//! what makes it right, and the others wrong, is a list that is closed.
//!
//! - `definition`: a sentence of a control's definition; which control do the
//!   notes describe so? Only one note holds the sentence.
//! - `member`: which family does this service belong to? A family lists all its
//!   members.
//!
//! What the notes are silent about is not false. So nothing is made that asks
//! which service has a control, or what a service lacks, and no distractor is
//! used of which the sentence could be true as well.

use jiff::civil::Date;
use rustc_hash::FxHashMap;
use unicode_segmentation::UnicodeSegmentation as _;

use crate::catalog::{Entity, EntityId, Role};
use crate::knowledge::Knowledge;
use crate::note::anchor::slug;
use crate::note::plain::plain;
use crate::note::{Form, Note};
use crate::text;

use super::bank::{Candidate, Gathered};
use super::gate::{self, Refusal};
use super::naming::{Naming, Said};
use super::question::{Origin, Place, Question};
use super::written::{hashed, sources};

/// Name of the template that asks for the control of a definition.
pub const DEFINITION: &str = "definition";
/// Name of the template that asks for the family of a service.
pub const MEMBER: &str = "member";

/// Of what a sentence says for the control that it defines, the most that it
/// may say for a distractor; beyond it, it could be true of both.
const ALIKE: f32 = 0.5;

/// Everything that the templates make.
pub(super) fn gather(knowledge: &Knowledge, naming: &Naming, today: Date, gathered: &mut Gathered) {
    let controls = Controls::of(knowledge, naming);
    for (id, entity) in knowledge.catalog.entities() {
        let Some(note) = knowledge.note(entity.note) else {
            continue;
        };
        match entity.role {
            Role::Control => definition(&controls, id, note, today, gathered),
            Role::Family => member(knowledge, id, note, today, gathered),
            Role::Service | Role::Topic => {}
        }
    }
}

/// The first sentence of the definition that passes all gates.
fn definition(
    controls: &Controls<'_>,
    control: EntityId,
    note: &Note,
    today: Date,
    gathered: &mut Gathered,
) {
    let mut snippets = note.sections.iter().flat_map(|section| &section.snippets);
    let Some(paragraph) = snippets.find(|snippet| snippet.form == Form::Paragraph) else {
        return;
    };
    let span = paragraph.span;
    let name = &controls.knowledge.catalog.entity(control).name;
    let text = plain(note.text(span));
    let sentences: Vec<&str> = text.split_sentence_bounds().map(str::trim).collect();
    let mut made = false;
    for (at, sentence) in sentences.iter().enumerate() {
        let Some(said) = about_it(sentence, name) else {
            continue;
        };
        // The first sentence tells what it is; behind it, the next one is news.
        let explained = if at == 0 { 2 } else { 1 };
        let explanation: Vec<&str> = sentences.iter().take(explained).copied().collect();
        let draft = Question {
            id: format!("{}#:{DEFINITION}", note.path),
            hash: String::new(),
            origin: Origin::Generated(DEFINITION.to_owned()),
            stem: format!("Which control do the notes mean? “{said}”"),
            options: vec![name.clone()],
            key: 0,
            explanation: explanation.join(" "),
            place: Place {
                path: note.path.clone(),
                line_start: span.line_start,
                line_end: span.line_end,
            },
            sources: sources(note, span),
            service: None,
            controls: vec![name.clone()],
        };
        let distractors = if made {
            gate::already_asked()
        } else {
            gate::past_review(note, today)
                .and_then(|()| gate::volatile(&said))
                .and_then(|()| gate::says_little(&said))
                .and_then(|()| gate::company(name, &controls.others(control, &said)))
                .and_then(|others| gate::gives_away(&said, name, &others).map(|()| others))
        };
        made |= admit(draft, distractors, &text, gathered);
    }
}

/// The controls with what is said about them.
struct Controls<'a> {
    knowledge: &'a Knowledge,
    naming: &'a Naming,
    texts: FxHashMap<EntityId, Said>,
}

impl<'a> Controls<'a> {
    fn of(knowledge: &'a Knowledge, naming: &'a Naming) -> Self {
        let entities = knowledge.catalog.entities();
        let controls = entities.filter(|(_, entity)| entity.role == Role::Control);
        let texts = controls.map(|(id, _)| (id, Said::of(&texts(knowledge, id))));
        Self {
            knowledge,
            naming,
            texts: texts.collect(),
        }
    }

    /// Controls that a sentence is not about, the most similar first. Left out
    /// is every control that it could be about as well: one that it mentions,
    /// that is spoken of together with the right one, or whose own words it uses.
    fn others(&self, control: EntityId, said: &str) -> Vec<String> {
        let words = text::words(said);
        let terms: Vec<_> = words
            .iter()
            .filter(|word| !text::is_stop_word(&word.text))
            .filter_map(|word| self.knowledge.index.lookup(&word.text))
            .collect();
        let says = |control: EntityId| -> f32 {
            let terms = terms.iter().copied();
            terms
                .map(|term| self.knowledge.suggests(term, control, &[]))
                .sum()
        };
        let most = says(control) * ALIKE;
        let sentence = Said::of(said);
        let speaks_of = |one: EntityId, other: EntityId| {
            let text = self.texts.get(&one);
            text.is_some_and(|text| self.naming.is_by_name_in(text, other))
        };
        let mut others: Vec<(f32, &Entity)> = Vec::new();
        for &id in self.texts.keys().filter(|id| **id != control) {
            let score = says(id);
            let may_be = || {
                self.naming.is_in(&sentence, id) || speaks_of(control, id) || speaks_of(id, control)
            };
            if score <= most && !may_be() {
                others.push((score, self.knowledge.catalog.entity(id)));
            }
        }
        others.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.name.cmp(&b.1.name)));
        others
            .into_iter()
            .map(|(_, entity)| entity.name.clone())
            .collect()
    }
}

/// The definition of a control and the facts filed under it.
fn texts(knowledge: &Knowledge, control: EntityId) -> String {
    let filed = knowledge.sections_under(control).iter().copied();
    let sections = knowledge.definition(control).into_iter().chain(filed);
    let mut texts = String::new();
    for (note, section) in sections.filter_map(|at| knowledge.section(at)) {
        for snippet in &section.snippets {
            texts.push_str(note.text(snippet.span));
            texts.push('\n');
        }
    }
    texts
}

/// A sentence about the thing itself, with a pronoun for its name. One in the
/// plural would point at the names that are plurals.
fn about_it(sentence: &str, name: &str) -> Option<String> {
    let verb = if let Some(rest) = sentence.strip_prefix("It ") {
        rest
    } else {
        let rest = sentence.strip_prefix(name)?.strip_prefix(' ')?;
        // "CORS (…) is": what stands in brackets is another name.
        let bracket = rest
            .strip_prefix('(')
            .and_then(|rest| rest.split_once(") "));
        bracket.map_or(rest, |(_, rest)| rest)
    };
    let first = verb.split(' ').next()?;
    // "It also": that goes on with something.
    (first.ends_with('s') && first != "as").then(|| format!("It {verb}"))
}

/// A question for each member of a family.
fn member(
    knowledge: &Knowledge,
    family: EntityId,
    note: &Note,
    today: Date,
    gathered: &mut Gathered,
) {
    let entity = knowledge.catalog.entity(family);
    for member in &entity.members {
        let service = knowledge.catalog.entity(*member);
        let draft = Question {
            id: format!("{}#:{MEMBER}-{}", note.path, slug(&service.name)),
            hash: String::new(),
            origin: Origin::Generated(MEMBER.to_owned()),
            stem: format!("Which family of services does {} belong to?", service.name),
            options: vec![entity.name.clone()],
            key: 0,
            explanation: format!(
                "The {} family has these members: {}.",
                entity.name,
                note.members.join(", ")
            ),
            place: Place {
                path: note.path.clone(),
                line_start: 1,
                line_end: 1,
            },
            sources: Vec::new(),
            service: Some(service.name.clone()),
            controls: Vec::new(),
        };
        let name = &entity.name;
        let distractors = gate::past_review(note, today)
            .and_then(|()| gate::company(name, &other_families(knowledge, *member, service)))
            .and_then(|others| gate::gives_away(&service.name, name, &others).map(|()| others));
        admit(draft, distractors, "", gathered);
    }
}

/// Families that do not list a service, and that it is not called after.
fn other_families(knowledge: &Knowledge, member: EntityId, service: &Entity) -> Vec<String> {
    let called = |family: &Entity| {
        let mut names = std::iter::once(&service.name).chain(&service.aliases);
        let family = || std::iter::once(&family.name).chain(&family.aliases);
        names.any(|name| gate::mentions(name, family()))
    };
    let families = knowledge.catalog.entities().filter(|(_, family)| {
        family.role == Role::Family && !family.members.contains(&member) && !called(family)
    });
    families.map(|(_, family)| family.name.clone()).collect()
}

/// Takes a draft with its distractors if the whole of it passes; says whether.
fn admit(
    draft: Question,
    distractors: Result<Vec<String>, Refusal>,
    basis: &str,
    gathered: &mut Gathered,
) -> bool {
    let key = draft.options.first().cloned().unwrap_or_default();
    let passed = distractors.and_then(|distractors| {
        gate::worded(&draft.stem, &key, &distractors)?;
        Ok(distractors)
    });
    match passed {
        Ok(distractors) => {
            let mut question = draft;
            question.options.extend(distractors);
            gathered.admit(hashed(question, basis));
            true
        }
        Err(gate) => {
            gathered.refuse(Candidate::from(draft), gate);
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::note::parse::parse;
    use crate::quiz::bank::Bank;
    use jiff::civil::date;

    fn note(kind: &str, name: &str, more: &str, body: &str) -> String {
        format!("---\nkind: {kind}\nname: {name}\n{more}---\n\n# {name}\n\n{body}\n\n[^b]: Book\n")
    }

    fn control(name: &str, body: &str) -> (String, String) {
        let path = format!("controls/{}.md", slug(name));
        (
            path,
            note(
                "control",
                name,
                "reviewed: 2026-11\n",
                &format!("{body}[^b]"),
            ),
        )
    }

    /// Controls that have nothing to do with each other.
    fn controls() -> Vec<(String, String)> {
        vec![
            control(
                "Revocation",
                "Revocation takes back what was given: certificates, sessions, permissions. It is final.",
            ),
            control("Tokenization", "A stand-in replaces numbers of cards."),
            control("Monitoring", "Watching how busy machines are."),
            control("Versioning", "Earlier objects are kept and restored."),
        ]
    }

    fn bank_on(files: &[(String, String)], today: Date) -> Bank {
        let notes = files.iter().map(|(path, text)| parse(path, text.clone()).0);
        Bank::of(&Knowledge::build(notes.collect()), today)
    }

    fn bank(files: &[(String, String)]) -> Bank {
        bank_on(files, date(2026, 11, 22))
    }

    fn gates(bank: &Bank) -> Vec<&'static str> {
        bank.refused
            .iter()
            .map(|refused| refused.gate.gate)
            .collect()
    }

    #[test]
    fn a_sentence_of_a_definition_becomes_a_question() {
        let bank = bank(&controls());
        let [question] = bank.questions.as_slice() else {
            panic!("{bank:#?}");
        };
        assert_eq!(question.id, "controls/revocation.md#:definition");
        assert_eq!(
            question.stem,
            "Which control do the notes mean? “It takes back what was given: certificates, \
             sessions, permissions.”"
        );
        assert_eq!(question.options[question.key], "Revocation");
        assert_eq!(question.options.len(), 4);
        assert_eq!(question.controls, ["Revocation"]);
        assert_eq!(question.sources.len(), 1);
        assert_eq!(question.place.line_start, 9);
        assert_eq!(gates(&bank), ["already-asked"]);
    }

    #[test]
    fn it_is_made_anew_when_the_definition_changes() {
        let mut files = controls();
        let before = bank(&files).questions[0].hash.clone();
        files[0].1 = files[0].1.replace("It is final.", "It is for good.");
        assert_ne!(bank(&files).questions[0].hash, before);
        files[0].1 = files[0].1.replace("It is for good.", "It is final.");
        assert_eq!(bank(&files).questions[0].hash, before);
    }

    #[test]
    fn nothing_is_made_from_a_note_past_its_review() {
        let later = bank_on(&controls(), date(2028, 1, 1));
        assert_eq!(later.questions, []);
        assert_eq!(gates(&later), ["past-review", "past-review"]);
    }

    #[test]
    fn what_could_be_true_as_well_is_no_distractor() {
        // Each of these makes the second control one of which the sentence may
        // be true, so that too few are left.
        let said = "It takes back what was given: certificates, sessions, permissions.";
        for (why, other) in [
            (
                "it says the same",
                format!("Somebody takes back what was given: sessions, permissions. {said}"),
            ),
            (
                "it names the control",
                "Removing what was there, as revocation does.".to_owned(),
            ),
        ] {
            let mut files = controls();
            files.truncate(3);
            assert_eq!(bank(&files).questions.len(), 1, "{why}");
            files[1] = control("Tokenization", &other);
            let bank = bank(&files);
            assert!(
                !bank.questions.iter().any(|question| {
                    question.controls == ["Revocation"]
                        && question.options.contains(&"Tokenization".to_owned())
                }),
                "{why}: {:#?}",
                bank.questions
            );
        }
        // A control that the sentence mentions by an alias.
        let mut files = controls();
        files[1].1 = files[1]
            .1
            .replace("reviewed:", "aliases: [session]\nreviewed:");
        let bank = bank(&files);
        assert!(
            !bank.questions[0]
                .options
                .contains(&"Tokenization".to_owned())
        );
    }

    #[test]
    fn silence_is_not_false() {
        // Two services, two controls, and each service is silent on one: any
        // question that offers a service or a control as false on the ground of
        // that silence would be wrong.
        let mut files = controls();
        let service = |name: &str, heading: &str| {
            let body =
                format!("## {heading}\n\n- {name} has it, and says how it is done well.[^b]");
            (
                format!("services/{}.md", slug(name)),
                note("service", name, "", &body),
            )
        };
        files.push(service("Acme Queue", "Revocation"));
        files.push(service("Acme Store", "Tokenization"));
        files.push(service("Acme Table", "Monitoring"));
        let bank = bank(&files);
        assert!(!bank.questions.is_empty());
        for question in &bank.questions {
            assert_eq!(question.service, None, "{question:#?}");
            for name in ["Acme Queue", "Acme Store", "Acme Table"] {
                assert!(!question.stem.contains(name), "{question:#?}");
                assert!(
                    !question.options.contains(&name.to_owned()),
                    "{question:#?}"
                );
            }
        }
    }

    fn families(members: [&str; 3]) -> Vec<(String, String)> {
        let mut files: Vec<(String, String)> = ["Acme Queue", "Acme Topic", "Acme Store"]
            .iter()
            .map(|name| {
                (
                    format!("services/{}.md", slug(name)),
                    note("service", name, "", ""),
                )
            })
            .collect();
        for (name, member) in ["Messaging", "Databases", "Computing"].iter().zip(members) {
            let path = format!("services/{}.md", slug(name));
            let more = format!("members: [{member}]\n");
            files.push((path, note("family", name, &more, "")));
        }
        files
    }

    #[test]
    fn members_are_asked_for_where_families_are_closed_lists() {
        let bank_of = |members| bank(&families(members));
        let bank = bank_of(["Acme Queue, Acme Topic", "Acme Store", ""]);
        let stems: Vec<&str> = bank
            .questions
            .iter()
            .map(|question| question.stem.as_str())
            .collect();
        assert_eq!(
            stems,
            [
                "Which family of services does Acme Queue belong to?",
                "Which family of services does Acme Topic belong to?",
                "Which family of services does Acme Store belong to?",
            ]
        );
        let queue = bank
            .questions
            .iter()
            .find(|question| question.stem.contains("Queue"))
            .unwrap();
        assert_eq!(queue.options[queue.key], "Messaging");
        assert_eq!(
            queue.explanation,
            "The Messaging family has these members: Acme Queue, Acme Topic."
        );
        // A service of two families has two right answers: then too few are wrong.
        let both = bank_of(["Acme Queue", "Acme Queue, Acme Store", ""]);
        let stems: Vec<&str> = both
            .questions
            .iter()
            .map(|question| question.stem.as_str())
            .collect();
        assert_eq!(
            stems,
            ["Which family of services does Acme Store belong to?"]
        );
        assert_eq!(gates(&both), ["few-distractors", "few-distractors"]);
    }
}
