//! A question becomes a [`Query`]: what it names, what else it asks for, and
//! what kind of answer it wants.

use crate::catalog::{EntityId, Role};
use crate::index::TermId;
use crate::knowledge::Knowledge;
use crate::text;

use super::cue;
use super::mention::{self, Mention};
use super::words;

/// A question after analysis.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// The question without markup, as it was read.
    pub text: String,
    /// Its words in order.
    pub words: Vec<QueryWord>,
    /// What it asks for; each is to be satisfied by an answer.
    pub concepts: Vec<Concept>,
    /// The kind of answer that its form asks for.
    pub cue: Cue,
    /// It asks for a number: "how many", "how long".
    pub quantity: bool,
    /// It names no service, and a word that the notes do not know stands where
    /// a service would.
    pub unknown_subject: bool,
    /// The controls that the named services have facts on; empty when none is named.
    pub among: Vec<EntityId>,
}

/// One word of a question.
#[derive(Clone, Debug)]
pub struct QueryWord {
    /// Normalised.
    pub text: String,
    /// Its stem.
    pub stem: String,
    /// A stop word.
    pub stop: bool,
    /// The notes use the word (its stem).
    pub term: Option<TermId>,
    /// An English or computing word, or too short or numeric to be misspelt:
    /// it is what it says, even when the notes do not use it.
    pub valid: bool,
    /// For a word that is neither in the notes nor valid: what it may have
    /// meant, best first, with a weight up to 1.
    pub repairs: Vec<Repaired>,
}

/// A word of the notes that a misspelt word may have meant.
#[derive(Clone, Debug)]
pub struct Repaired {
    /// The term in the index.
    pub term: TermId,
    /// The word of the notes.
    pub text: String,
    /// Its stem.
    pub stem: String,
    /// How likely, up to 1.
    pub weight: f32,
}

/// Something the question asks for.
#[derive(Clone, Debug)]
pub enum Concept {
    /// A service, control, family or topic.
    Name(Mention),
    /// Any other word.
    Word {
        /// Index in [`Query::words`].
        word: usize,
        /// How much it matters, 0 to 1.
        weight: f32,
    },
}

/// The kind of answer that the form of a question asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cue {
    /// Nothing special.
    #[default]
    None,
    /// "which services …"
    List,
    /// "… vs …", "difference between …"
    Compare,
    /// "what is …", "what does … mean"
    Definition,
}

/// A control of the question before counts less beside words of this one.
const CARRIED: f32 = 0.5;
/// Longer questions are sentences.
const KEYWORDS: usize = 4;
/// Weight of a word that nearly every question could hold.
const GENERIC_WEIGHT: f32 = 0.12;
/// Repairs less likely than this are noise.
const REPAIR_WEIGHT: f32 = 0.35;
/// A number rarely decides what a fact is about.
const NUMBER_WEIGHT: f32 = 0.6;
/// A plain English word that the notes do not use: people wrap questions in stories.
const ENGLISH_WEIGHT: f32 = 0.7;
/// The least weight of a word that the notes use, however common.
const WORD_WEIGHT: f32 = 0.4;

impl Query {
    /// Reads a question.
    pub fn read(knowledge: &Knowledge, question: &str) -> Self {
        let text = text::question(question);
        let words: Vec<QueryWord> = text::words(&text)
            .iter()
            .map(|word| read_word(knowledge, &word.text))
            .collect();
        let mentions = mention::find(knowledge, &words);
        let cue = cue::of(&words, &mentions, knowledge);
        let quantity = words.windows(2).any(|pair| {
            matches!(pair, [how, what] if how.text == "how" && words::QUANTITIES.contains(&what.text.as_str()))
        });
        let mut query = Self {
            text,
            words,
            concepts: Vec::new(),
            cue,
            quantity,
            unknown_subject: false,
            among: Vec::new(),
        };
        query.add_concepts(knowledge, mentions);
        query.find_among(knowledge);
        query
    }

    fn find_among(&mut self, knowledge: &Knowledge) {
        self.unknown_subject = self.services(knowledge).is_empty() && self.has_unknown_subject();
        self.among = self
            .services(knowledge)
            .into_iter()
            .flat_map(|id| knowledge.controls_of(id))
            .collect();
        self.among.sort_unstable();
        self.among.dedup();
    }

    fn has_unknown_subject(&self) -> bool {
        self.concepts.iter().any(|concept| {
            let Concept::Word { word: at, weight } = concept else {
                return false;
            };
            let Some(word) = self.words.get(*at) else {
                return false;
            };
            let before = at.checked_sub(1).and_then(|at| self.words.get(at));
            *weight > GENERIC_WEIGHT
                && word.term.is_none()
                && word.repairs.is_empty()
                && before.is_none_or(|before| words::BEFORE_SUBJECT.contains(&before.text.as_str()))
        })
    }

    /// Mentions in the order of the question.
    pub fn mentions(&self) -> impl Iterator<Item = &Mention> {
        self.concepts.iter().filter_map(|concept| match concept {
            Concept::Name(mention) => Some(mention),
            Concept::Word { .. } => None,
        })
    }

    /// Best readings of the mentions that are services, families or topics.
    pub fn services(&self, knowledge: &Knowledge) -> Vec<EntityId> {
        self.named(knowledge, |role| role != Role::Control)
    }

    /// Best readings of the mentions that are controls.
    pub fn controls(&self, knowledge: &Knowledge) -> Vec<EntityId> {
        self.named(knowledge, |role| role == Role::Control)
    }

    /// Whether it asks for nothing that notes could hold.
    pub fn asks_nothing(&self) -> bool {
        !self.concepts.iter().any(|concept| match concept {
            Concept::Name(_) => true,
            Concept::Word { weight, .. } => *weight > GENERIC_WEIGHT,
        })
    }

    /// Whether nothing is asked beyond the names.
    pub fn is_bare(&self) -> bool {
        self.concepts.iter().all(|concept| match concept {
            Concept::Name(_) => true,
            Concept::Word { weight, .. } => *weight <= GENERIC_WEIGHT,
        })
    }

    /// Whether it is typed like a search: few words and none that ask.
    pub fn is_keywords(&self) -> bool {
        self.words.len() <= KEYWORDS && self.cue == Cue::None
    }

    /// Reads this question as following another one: without a service of its
    /// own (or with a word such as "it") it is about the same service, and
    /// without anything but a service it asks the same about that one.
    pub fn follow(&mut self, knowledge: &Knowledge, before: &Query) {
        let has = |word: &str, list: &[&str]| list.contains(&word);
        let pronoun = self
            .words
            .iter()
            .any(|word| has(&word.text, words::PRONOUNS));
        let goes_on = words::FOLLOWING.iter().any(|start| {
            self.text
                .to_lowercase()
                .trim_start()
                .strip_prefix(start)
                .is_some_and(|r| r.starts_with(' '))
        });
        let no_service = self.services(knowledge).is_empty();
        let no_control = self.controls(knowledge).is_empty();
        let own_words = !self.is_bare();
        let only_service = !no_service && self.is_bare() && no_control;
        if self.cue == Cue::List
            && !self
                .words
                .iter()
                .any(|word| has(&word.text, words::PLURALS))
        {
            self.cue = Cue::None;
        }
        let offset = self.words.len();
        self.words.extend(before.words.iter().cloned());
        for concept in &before.concepts {
            let carried_control = matches!(concept, Concept::Name(mention) if mention
                .best()
                .is_some_and(|id| knowledge.catalog.entity(id).role == Role::Control));
            let carried = match concept {
                Concept::Word { .. } => only_service && (goes_on || !pronoun),
                Concept::Name(_) => {
                    if carried_control {
                        (only_service && (goes_on || !pronoun)) || (goes_on && no_control)
                    } else {
                        no_service || (pronoun && !goes_on)
                    }
                }
            };
            if !carried {
                continue;
            }
            let mut concept = concept.clone();
            match &mut concept {
                Concept::Word { word, .. } => *word += offset,
                Concept::Name(mention) => {
                    mention.words.iter_mut().for_each(|at| *at += offset);
                    if own_words && carried_control {
                        mention
                            .readings
                            .iter_mut()
                            .for_each(|(_, strength)| *strength *= CARRIED);
                    }
                }
            }
            self.concepts.push(concept);
        }
        self.find_among(knowledge);
    }

    fn named(&self, knowledge: &Knowledge, wanted: impl Fn(Role) -> bool) -> Vec<EntityId> {
        let mut found = Vec::new();
        for mention in self.mentions() {
            if let Some(id) = mention.best()
                && wanted(knowledge.catalog.entity(id).role)
                && !found.contains(&id)
            {
                found.push(id);
            }
        }
        found
    }

    fn add_concepts(&mut self, knowledge: &Knowledge, mentions: Vec<Mention>) {
        let mut used = vec![false; self.words.len()];
        for at in mentions.iter().flat_map(|mention| &mention.words) {
            if let Some(used) = used.get_mut(*at) {
                *used = true;
            }
        }
        for (at, word) in self.words.iter().enumerate() {
            let cue_word = match self.cue {
                Cue::List => {
                    words::LISTERS.contains(&word.text.as_str())
                        || words::PLURALS.contains(&word.text.as_str())
                }
                Cue::Compare => words::COMPARERS.contains(&word.text.as_str()),
                Cue::None | Cue::Definition => false,
            };
            if used.get(at).copied().unwrap_or(true) || word.stop || cue_word {
                continue;
            }
            self.concepts.push(Concept::Word {
                word: at,
                weight: weight(knowledge, word),
            });
        }
        self.concepts
            .extend(mentions.into_iter().map(Concept::Name));
    }
}

/// Says little, as it is or as it was meant.
fn is_generic(word: &QueryWord) -> bool {
    let meant = word
        .repairs
        .first()
        .map_or(word.text.as_str(), |repaired| repaired.text.as_str());
    text::is_generic_word(meant) || words::OVERVIEW.contains(&meant) || text::is_stop_word(meant)
}

fn weight(knowledge: &Knowledge, word: &QueryWord) -> f32 {
    if is_generic(word) {
        return GENERIC_WEIGHT;
    }
    if word.text.bytes().all(|b| b.is_ascii_digit()) {
        return NUMBER_WEIGHT;
    }
    match word
        .term
        .or(word.repairs.first().map(|repaired| repaired.term))
    {
        Some(term) => WORD_WEIGHT + (1.0 - WORD_WEIGHT) * knowledge.rarity(term),
        None if text::is_english(&word.text) => ENGLISH_WEIGHT,
        None => 1.0,
    }
}

fn read_word(knowledge: &Knowledge, word: &str) -> QueryWord {
    let stem = text::stem(word).into_owned();
    let stop = text::is_stop_word(word);
    let term = knowledge.index.lookup(word);
    let valid = stop
        || word.chars().count() <= 3
        || word.chars().any(|c| c.is_ascii_digit())
        || text::is_english(word);
    let mut repairs = Vec::new();
    if term.is_none() && !valid {
        for repair in knowledge.repair(word) {
            let likely =
                repair.weight >= REPAIR_WEIGHT && close(word, &repair.word, repair.distance);
            let Some(term) = repair.term.filter(|_| likely) else {
                continue;
            };
            let stem = text::stem(&repair.word).into_owned();
            repairs.push(Repaired {
                term,
                text: repair.word,
                stem,
                weight: repair.weight,
            });
        }
    }
    if term.is_none()
        && !valid
        && let Some(meant) = text::near_generic_word(word)
        && repairs
            .first()
            .is_none_or(|repaired: &Repaired| text::is_generic_word(&repaired.text))
    {
        return read_word(knowledge, meant);
    }
    QueryWord {
        text: word.to_owned(),
        stem,
        stop,
        term,
        valid,
        repairs,
    }
}

/// The index repairs anything that is near; an answer needs a word that is
/// surely meant: an edit in four letters, or two in six behind the same first.
fn close(word: &str, meant: &str, distance: u8) -> bool {
    let letters = word.chars().count().max(meant.chars().count());
    let edits = usize::from(distance);
    edits <= letters / 4
        || (edits == 2 && letters >= 6 && word.chars().next() == meant.chars().next())
}
