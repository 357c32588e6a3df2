//! Which names a text uses, word for word or as forms of the same words.
//! Names and texts are cut into stems once: there are thousands of names.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::catalog::{EntityId, Role};
use crate::knowledge::Knowledge;
use crate::text;

/// A text as stems.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    stems: Vec<String>,
    /// Most names begin with a word that the text does not have.
    known: FxHashSet<String>,
}

impl Said {
    pub(super) fn of(text: &str) -> Self {
        let stems = stems(text);
        Self {
            known: stems.iter().cloned().collect(),
            stems,
        }
    }

    /// Whether a name stands in the text.
    pub(super) fn names(&self, name: &[String]) -> bool {
        name.first().is_some_and(|first| self.known.contains(first))
            && self.stems.windows(name.len()).any(|window| window == name)
    }
}

/// The names of all controls.
#[derive(Debug, Default)]
pub(super) struct Naming(FxHashMap<EntityId, Vec<Vec<String>>>);

impl Naming {
    pub(super) fn of(knowledge: &Knowledge) -> Self {
        let entities = knowledge.catalog.entities();
        let controls = entities.filter(|(_, entity)| entity.role == Role::Control);
        let named = controls.map(|(id, entity)| {
            let names = std::iter::once(&entity.name).chain(&entity.aliases);
            (id, names.map(|name| stems(name)).collect())
        });
        Self(named.collect())
    }

    /// Whether a text uses any name of a control.
    pub(super) fn is_in(&self, said: &Said, control: EntityId) -> bool {
        let names = self.0.get(&control);
        names.is_some_and(|names| names.iter().any(|name| said.names(name)))
    }

    /// Whether a text uses the first name of a control, its own.
    pub(super) fn is_by_name_in(&self, said: &Said, control: EntityId) -> bool {
        let names = self.0.get(&control).and_then(|names| names.first());
        names.is_some_and(|name| said.names(name))
    }
}

/// The words of a text as stems, in order.
pub(super) fn stems(text: &str) -> Vec<String> {
    let words = text::words(text);
    words
        .iter()
        .map(|word| text::stem(&word.text).into_owned())
        .collect()
}
