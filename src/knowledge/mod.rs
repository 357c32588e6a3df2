//! The immutable snapshot that questions are answered from: notes, names, index.
//!
//! Built once; a reload builds another one and swaps it whole.

mod profile;
mod unit;

pub use unit::{Unit, word_key};

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::catalog::{Catalog, EntityId, Role};
use crate::index::{self, Hit, Index, Repair, Scratch, SectionId, TermId};
use crate::note::{Kind, Note, Section};
use crate::text;

/// Notes, catalog and index.
#[derive(Debug)]
pub struct Knowledge {
    /// In path order.
    pub notes: Vec<Note>,
    /// Names of services and controls.
    pub catalog: Catalog,
    /// Ranked retrieval over sections.
    pub index: Index,
    subjects: FxHashMap<(u32, u32), Subject>,
    by_service: FxHashMap<EntityId, Vec<SectionAt>>,
    by_control: FxHashMap<EntityId, Vec<SectionAt>>,
    profiles: FxHashMap<TermId, Vec<(EntityId, f32)>>,
    facts: FxHashMap<TermId, u32>,
    names: Vec<Vec<Vec<TermId>>>,
    controls: u32,
}

/// A section of a note, by position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SectionAt {
    /// Index in [`Knowledge::notes`].
    pub note: u32,
    /// Index in [`Note::sections`].
    pub section: u32,
}

/// What a section is about, and its quotable units with their terms.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    /// The service, or the topics of a plain note from outermost to innermost.
    pub services: Vec<EntityId>,
    /// The control that the heading names.
    pub control: Option<EntityId>,
    /// Terms of heading, heading path and note name.
    pub context: Vec<TermId>,
    /// In order of the text.
    pub units: Arc<[Unit]>,
}

/// Plain notes beyond this many sections are cut into units when asked for.
const EAGER_SECTIONS: usize = 5_000;
impl Knowledge {
    /// Builds everything from parsed notes in path order.
    pub fn build(notes: Vec<Note>) -> Self {
        // The two do not need each other and take about as long.
        let (catalog, index) = std::thread::scope(|scope| {
            let catalog = scope.spawn(|| Catalog::build(&notes));
            let mut builder = index::Builder::new();
            for (at, note) in notes.iter().enumerate() {
                builder.add(narrow(at), note);
            }
            let index = builder.finish();
            (catalog.join(), index)
        });
        let mut knowledge = Self {
            // A panic there is a defect of ours; it goes on here.
            catalog: catalog.unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            index,
            notes,
            subjects: FxHashMap::default(),
            by_service: FxHashMap::default(),
            by_control: FxHashMap::default(),
            profiles: FxHashMap::default(),
            facts: FxHashMap::default(),
            names: Vec::new(),
            controls: 0,
        };
        knowledge.names = knowledge.read_names();
        knowledge.find_subjects();
        knowledge.count_facts();
        knowledge.profile_controls();
        knowledge
    }

    /// A note by index.
    pub fn note(&self, at: u32) -> Option<&Note> {
        self.notes.get(at as usize)
    }

    /// A section by position.
    pub fn section(&self, at: SectionAt) -> Option<(&Note, &Section)> {
        let note = self.note(at.note)?;
        Some((note, note.sections.get(at.section as usize)?))
    }

    /// Where a search hit stands.
    pub fn locate(&self, section: SectionId) -> SectionAt {
        let place = self.index.place(section);
        place
            .map(|place| SectionAt {
                note: place.note,
                section: place.section,
            })
            .unwrap_or_default()
    }

    /// What a section is about.
    pub fn subject(&self, at: SectionAt) -> Option<std::borrow::Cow<'_, Subject>> {
        use std::borrow::Cow;
        match self.subjects.get(&(at.note, at.section)) {
            Some(subject) => Some(Cow::Borrowed(subject)),
            None => self.read_subject(at, &FxHashMap::default()).map(Cow::Owned),
        }
    }

    /// Sections about a service; for a family, those of its members.
    pub fn sections_of(&self, service: EntityId) -> Vec<SectionAt> {
        let own = self.by_service.get(&service).into_iter().flatten();
        let members = self.catalog.entity(service).members.iter();
        let theirs = members
            .filter_map(|member| self.by_service.get(member))
            .flatten();
        own.chain(theirs).copied().collect()
    }

    /// The sections of a control's own note.
    pub fn definition(&self, control: EntityId) -> Vec<SectionAt> {
        let entity = self.catalog.entity(control);
        let sections = self.note(entity.note).map_or(0, |note| note.sections.len());
        (0..narrow(sections))
            .map(|section| SectionAt {
                note: entity.note,
                section,
            })
            .collect()
    }

    /// Whether a section defines a control.
    pub fn is_definition(&self, at: SectionAt) -> bool {
        self.note(at.note)
            .is_some_and(|note| note.kind == Some(Kind::Control))
    }

    /// Ranked sections for a text.
    pub fn search(&self, text: &str, limit: usize) -> Vec<Hit> {
        self.index.search(&mut Scratch::default(), text, limit)
    }

    /// Words of the notes that an unknown word may have meant, best first.
    pub fn repair(&self, word: &str) -> Vec<Repair> {
        self.index.repair(&mut Scratch::default(), word)
    }

    /// How rare a term is among the sections: 0 in all of them, 1 in a single one.
    pub fn rarity(&self, term: TermId) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "counts of sections")]
        let (all, with) = (
            self.index.len() as f32,
            self.index.document_frequency(term) as f32,
        );
        if all <= 1.0 || with < 1.0 {
            return 1.0;
        }
        (1.0 - with.ln() / all.ln()).clamp(0.0, 1.0)
    }

    /// Terms of the name (first) and of each alias.
    pub fn name_terms(&self, id: EntityId) -> &[Vec<TermId>] {
        self.names.get(id.0 as usize).map_or(&[], Vec::as_slice)
    }

    /// Sections of services filed under a control.
    pub fn sections_under(&self, control: EntityId) -> &[SectionAt] {
        self.by_control.get(&control).map_or(&[], Vec::as_slice)
    }

    /// The controls that a service has facts on.
    pub fn controls_of(&self, service: EntityId) -> Vec<EntityId> {
        let mut controls: Vec<EntityId> = self
            .sections_of(service)
            .into_iter()
            .filter_map(|at| self.subjects.get(&(at.note, at.section))?.control)
            .collect();
        controls.sort_unstable();
        controls.dedup();
        controls
    }

    fn find_subjects(&mut self) {
        let topics: FxHashMap<(u32, u32), EntityId> = self
            .catalog
            .entities()
            .filter_map(|(id, entity)| entity.section.map(|section| ((entity.note, section), id)))
            .collect();
        let services: FxHashMap<u32, EntityId> = self
            .catalog
            .entities()
            .filter(|(_, entity)| entity.role != Role::Topic)
            .map(|(id, entity)| (entity.note, id))
            .collect();
        let plain: usize = self
            .notes
            .iter()
            .filter(|note| note.kind.is_none())
            .map(|note| note.sections.len())
            .sum();
        let mut subjects = FxHashMap::default();
        for (note_at, note) in self.notes.iter().enumerate() {
            if note.kind.is_none() && plain > EAGER_SECTIONS {
                continue;
            }
            let note_at = narrow(note_at);
            for section_at in 0..narrow(note.sections.len()) {
                let at = SectionAt {
                    note: note_at,
                    section: section_at,
                };
                let Some(mut subject) = self.read_subject(at, &topics) else {
                    continue;
                };
                if let Some(service) = services.get(&note_at) {
                    match note.kind {
                        Some(Kind::Control) => subject.control = Some(*service),
                        _ => subject.services.push(*service),
                    }
                }
                for service in &subject.services {
                    self.by_service.entry(*service).or_default().push(at);
                }
                if let (Some(control), false) = (subject.control, note.kind == Some(Kind::Control))
                {
                    self.by_control.entry(control).or_default().push(at);
                }
                subjects.insert((note_at, section_at), subject);
            }
        }
        self.subjects = subjects;
    }

    fn read_subject(
        &self,
        at: SectionAt,
        topics: &FxHashMap<(u32, u32), EntityId>,
    ) -> Option<Subject> {
        let (note, section) = self.section(at)?;
        let mut services = Vec::new();
        let mut context = Vec::new();
        let mut control = None;
        self.terms_of(&note.name, &mut context);
        // Tags are what people call the subject without naming it ("queue").
        if note.kind == Some(Kind::Service) {
            note.tags
                .iter()
                .for_each(|tag| self.terms_of(tag, &mut context));
        }
        let mut above = Some(at.section);
        while let Some(index) = above {
            let Some(heading) = note.sections.get(index as usize) else {
                break;
            };
            self.terms_of(&heading.heading, &mut context);
            if control.is_none() && note.kind != Some(Kind::Control) && heading.level > 1 {
                control = self.catalog.control_of(&heading.label);
            }
            services.extend(topics.get(&(at.note, index)));
            // A parent always stands before its child, so this ends.
            above = heading.parent.filter(|parent| *parent < index);
        }
        services.reverse();
        context.sort_unstable();
        context.dedup();
        Some(Subject {
            services,
            control,
            context,
            units: self.units(note, section).into(),
        })
    }

    fn terms_of(&self, text: &str, into: &mut Vec<TermId>) {
        for word in text::words(text) {
            if !text::is_stop_word(&word.text) {
                into.extend(self.index.lookup(&word.text));
            }
        }
    }

    fn read_names(&self) -> Vec<Vec<Vec<TermId>>> {
        let terms = |name: &String| {
            let mut terms = Vec::new();
            self.terms_of(name, &mut terms);
            terms
        };
        self.catalog
            .entities()
            .map(|(_, entity)| {
                // The aliases of controls are everyday words: no names in a text.
                let aliases = if entity.role == Role::Control {
                    &[][..]
                } else {
                    &entity.aliases
                };
                std::iter::once(&entity.name)
                    .chain(aliases)
                    .map(terms)
                    .filter(|terms| !terms.is_empty())
                    .collect()
            })
            .collect()
    }
}

/// The loader caps sizes far below 32 bits.
fn narrow(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn sort(terms: &mut Vec<TermId>) {
    terms.sort_unstable();
    terms.dedup();
}
