//! The names in the notes: services, controls, families and plain topics.
//!
//! A [`Catalog`] is built once from the notes and answers two questions: which
//! entity does this spelling name exactly ([`Catalog::spelled`]), and which
//! entities have an alias made of these words ([`Catalog::phrases_from`]).
//! Similar spellings are in [`fuzzy`]. Deciding between candidates is not done
//! here but where the whole question is known.

pub mod fuzzy;
mod names;

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::note::{Kind, Note};
use crate::text;
use fuzzy::Spellings;
use names::{content_stems, initials_of, shorter_forms};

pub use names::joined;

/// Index of an entity in the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntityId(pub u32);

/// What an entity is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// A service note.
    Service,
    /// A control note.
    Control,
    /// A group of services.
    Family,
    /// A heading of a note without front matter.
    Topic,
}

/// Something that a question can name.
#[derive(Clone, Debug)]
pub struct Entity {
    /// What it is.
    pub role: Role,
    /// The name as the notes write it.
    pub name: String,
    /// Other names, from the front matter.
    pub aliases: Vec<String>,
    /// The note that describes it.
    pub note: u32,
    /// The section that describes it, for topics.
    pub section: Option<u32>,
    /// The services of a family.
    pub members: Vec<EntityId>,
}

/// Number of a stem that some alias uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StemId(pub u32);

/// An alias as the stems of its content words, for matching inflected words.
#[derive(Clone, Debug)]
pub struct Phrase {
    /// The entity it names.
    pub entity: EntityId,
    /// Numbers of the stems of the content words, in order.
    pub stems: Box<[StemId]>,
}

/// All names of the loaded notes.
#[derive(Debug, Default)]
pub struct Catalog {
    entities: Vec<Entity>,
    spelled: FxHashMap<Box<str>, Vec<EntityId>>,
    phrases: Vec<Phrase>,
    stems: FxHashMap<Box<str>, StemId>,
    /// Phrases by the stem they begin with.
    by_stem: Vec<Vec<u32>>,
    spellings: Spellings,
    longest: usize,
}

/// Headings longer than this are sentences, not names of topics.
const TOPIC_WORDS: usize = 6;
/// A heading repeated more often than this ("See also") names nothing.
const TOPIC_REPEATS: usize = 3;
/// Beyond this many topics the search index alone finds headings.
const TOPICS: usize = 5_000;
/// A first word that so many names share ("Amazon", "AWS") may be left out.
const SHARED_FIRST_WORD: usize = 3;

impl Catalog {
    /// Collects the names of all notes.
    pub fn build(notes: &[Note]) -> Self {
        let mut catalog = Self::default();
        for (at, note) in notes.iter().enumerate() {
            let Some(kind) = note.kind else { continue };
            let role = match kind {
                Kind::Service => Role::Service,
                Kind::Control => Role::Control,
                Kind::Family => Role::Family,
            };
            catalog.entities.push(Entity {
                role,
                name: note.name.clone(),
                aliases: note.aliases.clone(),
                note: narrow(at),
                section: None,
                members: Vec::new(),
            });
        }
        catalog.add_topics(notes);
        catalog.link_members(notes);
        catalog.spell();
        catalog
    }

    /// Number of entities.
    pub fn len(&self) -> usize {
        self.entities.len()
    }

    /// Whether the notes name nothing.
    pub fn is_empty(&self) -> bool {
        self.entities.is_empty()
    }

    /// All entities in the order of the notes.
    pub fn entities(&self) -> impl Iterator<Item = (EntityId, &Entity)> {
        self.entities
            .iter()
            .enumerate()
            .map(|(at, entity)| (EntityId(narrow(at)), entity))
    }

    /// One entity. Ids come from this catalog only, so this cannot miss.
    pub fn entity(&self, id: EntityId) -> &Entity {
        &self.entities[id.0 as usize]
    }

    /// Entities that have exactly this spelling, written without blanks.
    pub fn spelled(&self, joined: &str) -> &[EntityId] {
        self.spelled.get(joined).map_or(&[], Vec::as_slice)
    }

    /// The longest spelling in bytes; longer text need not be looked up.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// The number of a stem, when some alias uses it.
    pub fn stem(&self, stem: &str) -> Option<StemId> {
        self.stems.get(stem).copied()
    }

    /// Phrases that begin with a stem.
    pub fn phrases_from(&self, stem: StemId) -> impl Iterator<Item = &Phrase> {
        self.by_stem
            .get(stem.0 as usize)
            .into_iter()
            .flatten()
            .filter_map(|at| self.phrases.get(*at as usize))
    }

    /// Entities spelled similarly to a word written without blanks, best first.
    pub fn similar(&self, joined: &str) -> Vec<(EntityId, f32)> {
        self.spellings.similar(joined)
    }

    /// The entity that alone is called something beginning with this word.
    pub fn beginning_with(&self, word: &str) -> Option<EntityId> {
        self.spellings.beginning_with(word)
    }

    /// The entity of a role with this name or alias, ignoring case and blanks.
    pub fn find(&self, name: &str, role: Role) -> Option<EntityId> {
        self.spelled(&joined(name))
            .iter()
            .copied()
            .find(|id| self.entity(*id).role == role)
    }

    /// The control that a heading names, by spelling or by the words of an alias.
    pub fn control_of(&self, heading: &str) -> Option<EntityId> {
        if let Some(found) = self.find(heading, Role::Control) {
            return Some(found);
        }
        let stems: Option<Vec<StemId>> = content_stems(heading)
            .iter()
            .map(|stem| self.stem(stem))
            .collect();
        let stems = stems?;
        self.phrases_from(*stems.first()?)
            .find(|phrase| {
                *phrase.stems == *stems && self.entity(phrase.entity).role == Role::Control
            })
            .map(|phrase| phrase.entity)
    }

    fn add_topics(&mut self, notes: &[Note]) {
        let mut found: Vec<(String, u32, u32)> = Vec::new();
        let mut repeats: FxHashMap<String, usize> = FxHashMap::default();
        for (at, note) in notes
            .iter()
            .enumerate()
            .filter(|(_, note)| note.kind.is_none())
        {
            for (section_at, section) in note.sections.iter().enumerate() {
                let words = text::words(&section.label).len();
                if words == 0 || words > TOPIC_WORDS {
                    continue;
                }
                *repeats.entry(joined(&section.label)).or_default() += 1;
                found.push((section.label.clone(), narrow(at), narrow(section_at)));
            }
        }
        found.retain(|(label, ..)| {
            repeats
                .get(&joined(label))
                .is_some_and(|n| *n <= TOPIC_REPEATS)
        });
        if found.len() > TOPICS {
            return;
        }
        for (name, note, section) in found {
            self.entities.push(Entity {
                role: Role::Topic,
                name,
                aliases: Vec::new(),
                note,
                section: Some(section),
                members: Vec::new(),
            });
        }
    }

    fn link_members(&mut self, notes: &[Note]) {
        let by_name: FxHashMap<String, EntityId> = self
            .entities()
            .filter(|(_, entity)| entity.role == Role::Service)
            .flat_map(|(id, entity)| {
                std::iter::once(&entity.name)
                    .chain(&entity.aliases)
                    .map(move |name| (joined(name), id))
            })
            .collect();
        for entity in self
            .entities
            .iter_mut()
            .filter(|entity| entity.role == Role::Family)
        {
            let Some(note) = notes.get(entity.note as usize) else {
                continue;
            };
            entity.members = note
                .members
                .iter()
                .filter_map(|name| by_name.get(&joined(name)).copied())
                .collect();
        }
    }

    fn spell(&mut self) {
        let mut first_words: FxHashMap<String, usize> = FxHashMap::default();
        for entity in &self.entities {
            if let [first, _, ..] = text::words(&entity.name).as_slice() {
                *first_words.entry(first.text.to_string()).or_default() += 1;
            }
        }
        first_words.retain(|_, count| *count >= SHARED_FIRST_WORD);

        let mut names: Vec<(EntityId, String)> = Vec::new();
        for (id, entity) in self.entities() {
            for name in std::iter::once(&entity.name).chain(&entity.aliases) {
                names.push((id, name.clone()));
                if entity.role == Role::Control {
                    continue;
                }
                names.extend(
                    shorter_forms(name, &first_words)
                        .into_iter()
                        .map(|n| (id, n)),
                );
            }
        }
        let mut stems = FxHashMap::default();
        for (id, name) in names {
            self.add_name(id, &name, &mut stems);
        }
        self.add_initials(&first_words, &mut stems);
        let mut spellings = Spellings::default();
        let mut sorted: Vec<_> = self.spelled.iter().collect();
        sorted.sort();
        for (spelling, ids) in sorted {
            // Controls are found word by word: their aliases are everyday words,
            // and one everyday word is often near another.
            for id in ids
                .iter()
                .filter(|id| self.entity(**id).role != Role::Control)
            {
                spellings.add(spelling, *id);
            }
        }
        self.spellings = spellings;
    }

    /// Initials are the weakest names: only those that nothing else is called.
    fn add_initials(
        &mut self,
        first_words: &FxHashMap<String, usize>,
        stems: &mut FxHashMap<String, StemId>,
    ) {
        let mut initials: BTreeMap<String, Vec<EntityId>> = BTreeMap::new();
        for (id, entity) in self
            .entities()
            .filter(|(_, entity)| entity.role != Role::Control)
        {
            for letters in initials_of(&entity.name, first_words) {
                let ids = initials.entry(letters).or_default();
                if !ids.contains(&id) {
                    ids.push(id);
                }
            }
        }
        for (letters, ids) in initials {
            if let [id] = ids.as_slice()
                && !self.spelled.contains_key(letters.as_str())
                && !text::is_stop_word(&letters)
                && !text::is_english(&letters)
            {
                self.add_name(*id, &letters, stems);
            }
        }
    }

    fn add_name(&mut self, id: EntityId, name: &str, stemmed: &mut FxHashMap<String, StemId>) {
        let words = text::words(name);
        let spelling: String = words.iter().map(|word| word.text.as_ref()).collect();
        if spelling.is_empty() {
            return;
        }
        self.longest = self.longest.max(spelling.len());
        let ids = self.spelled.entry(spelling.into_boxed_str()).or_default();
        if ids.contains(&id) {
            return;
        }
        ids.push(id);
        let content: Vec<&str> = words
            .iter()
            .map(|word| word.text.as_ref())
            .filter(|word| !text::is_stop_word(word))
            .collect();
        // "who can use" is not "use": what stop words leave of a phrase may not
        // be a word that means something else by itself.
        if content.is_empty() || (content.len() == 1 && words.len() > 1) {
            return;
        }
        let stems: Box<[StemId]> = content
            .iter()
            .map(|word| self.number_stem(word, stemmed))
            .collect();
        let Some(with) = stems
            .first()
            .and_then(|first| self.by_stem.get_mut(first.0 as usize))
        else {
            return;
        };
        let phrases = &self.phrases;
        let mut known = with.iter().filter_map(|at| phrases.get(*at as usize));
        if known.any(|phrase| phrase.entity == id && phrase.stems == stems) {
            return;
        }
        with.push(narrow(self.phrases.len()));
        self.phrases.push(Phrase { entity: id, stems });
    }

    /// Aliases share most of their words, and stemming is the slow part.
    fn number_stem(&mut self, word: &str, stemmed: &mut FxHashMap<String, StemId>) -> StemId {
        if let Some(number) = stemmed.get(word) {
            return *number;
        }
        let next = StemId(narrow(self.by_stem.len()));
        let number = *self.stems.entry(text::stem(word).into()).or_insert(next);
        if number == next {
            self.by_stem.push(Vec::new());
        }
        stemmed.insert(word.to_owned(), number);
        number
    }
}

/// Counts in notes fit in 32 bits because the loader caps their size.
fn narrow(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
