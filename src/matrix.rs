//! Services × controls: which of them the notes cover, and where what they say
//! has been corrected. Only what the notes hold; how it looks is not decided
//! here.

use std::cmp::Reverse;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Serialize, Serializer};

use crate::catalog::{EntityId, Role};
use crate::knowledge::{Knowledge, SectionAt};

/// What the notes hold on all services and controls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matrix {
    /// The rows: by name, the members of a family together.
    pub services: Vec<Service>,
    /// The columns: those of most services first, then in the order of the
    /// notes.
    pub controls: Vec<Control>,
    /// The oldest and the latest month in which a service was reviewed.
    pub reviewed: Option<(Month, Month)>,
    /// Row by row.
    cells: Vec<Cell>,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Service {
    /// Its name as the notes write it.
    pub name: String,
    /// The name without a first word that many services share ("Amazon").
    #[serde(skip)]
    pub short: String,
    /// The family that it belongs to, with its short name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    /// Its name as the notes write it.
    pub name: String,
    /// How many services have facts on it.
    pub services: usize,
}

/// What the notes hold on one control of one service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cell {
    /// Nothing.
    #[default]
    Missing,
    /// Facts.
    Covered,
    /// Facts, and at least one of them is corrected by a newer one.
    Dated,
}

/// A month of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    year: i16,
    month: u8,
}

/// A first word that so many names share ("Amazon", "AWS") says nothing.
const SHARED_FIRST_WORD: usize = 3;

impl Matrix {
    /// Reads the matrix from the notes.
    pub fn of(knowledge: &Knowledge) -> Self {
        let catalog = &knowledge.catalog;
        let mut controls = Vec::new();
        let mut found: FxHashMap<(EntityId, EntityId), Cell> = FxHashMap::default();
        let mut services: Vec<EntityId> = Vec::new();
        for (id, entity) in catalog.entities() {
            match entity.role {
                Role::Service => services.push(id),
                Role::Control => controls.push(id),
                Role::Family | Role::Topic => {}
            }
        }
        for control in &controls {
            for at in knowledge.sections_under(*control) {
                let cell = cell(knowledge, *at);
                let Some(service) = service_of(knowledge, *at).filter(|_| cell != Cell::Missing)
                else {
                    continue;
                };
                let best = found.entry((service, *control)).or_default();
                *best = cell.max(*best);
                services.push(service);
            }
        }
        let mut known = FxHashSet::default();
        services.retain(|id| known.insert(*id));
        let rows = rows(knowledge, &services);
        let count = |control: EntityId| {
            let has = |(id, _): &&(EntityId, Service)| found.contains_key(&(*id, control));
            rows.iter().filter(has).count()
        };
        let mut columns: Vec<(EntityId, usize)> =
            controls.into_iter().map(|id| (id, count(id))).collect();
        columns.sort_by_key(|(_, services)| Reverse(*services));
        let cells = rows.iter().flat_map(|(service, _)| {
            let cell = |control: &EntityId| found.get(&(*service, *control)).copied();
            let of_row = columns.iter().map(|(control, _)| cell(control));
            of_row.map(Option::unwrap_or_default).collect::<Vec<_>>()
        });
        Self {
            cells: cells.collect(),
            controls: columns
                .iter()
                .map(|(id, services)| Control {
                    name: catalog.entity(*id).name.clone(),
                    services: *services,
                })
                .collect(),
            reviewed: reviewed(knowledge, &services),
            services: rows.into_iter().map(|(_, service)| service).collect(),
        }
    }

    /// One cell, by indices of [`Matrix::services`] and [`Matrix::controls`].
    pub fn cell(&self, service: usize, control: usize) -> Cell {
        if control >= self.controls.len() {
            return Cell::Missing;
        }
        let at = service * self.controls.len() + control;
        self.cells.get(at).copied().unwrap_or_default()
    }

    /// Whether there is nothing to show: no service has a fact on a control.
    pub fn is_empty(&self) -> bool {
        self.held().is_empty()
    }

    /// The controls that some service has; they come first.
    pub fn held(&self) -> &[Control] {
        let end = self.controls.partition_point(|one| one.services > 0);
        self.controls.get(..end).unwrap_or_default()
    }

    /// The controls that no service has.
    pub fn unheld(&self) -> &[Control] {
        self.controls.get(self.held().len()..).unwrap_or_default()
    }

    /// Indices of the services that have a control, with their cells.
    pub fn having(&self, control: usize) -> impl Iterator<Item = (usize, Cell)> {
        (0..self.services.len())
            .map(move |service| (service, self.cell(service, control)))
            .filter(|(_, cell)| *cell != Cell::Missing)
    }

    /// How many controls a service has.
    pub fn controls_of(&self, service: usize) -> usize {
        let controls = 0..self.controls.len();
        let has = |control: &usize| self.cell(service, *control) != Cell::Missing;
        controls.filter(has).count()
    }

    /// How many cells of a kind there are.
    pub fn count(&self, cell: Cell) -> usize {
        self.cells.iter().filter(|one| **one == cell).count()
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const NAMES: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        // The notes were checked for months that there are not.
        let name = NAMES.get(usize::from(self.month).saturating_sub(1));
        write!(f, "{} {}", name.unwrap_or(&"?"), self.year)
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:04}-{:02}", self.year, self.month))
    }
}

/// What a section holds.
fn cell(knowledge: &Knowledge, at: SectionAt) -> Cell {
    let subject = knowledge.subject(at).unwrap_or_default();
    if subject.units.is_empty() {
        Cell::Missing
    } else if subject.units.iter().all(|unit| unit.corrections.is_empty()) {
        Cell::Covered
    } else {
        Cell::Dated
    }
}

/// What a section under a control is about: its service, or the innermost
/// topic around it.
fn service_of(knowledge: &Knowledge, at: SectionAt) -> Option<EntityId> {
    let subject = knowledge.subject(at)?;
    let around = |id: &&EntityId| knowledge.catalog.entity(**id).section != Some(at.section);
    subject.services.iter().rev().find(around).copied()
}

/// The rows in their order.
fn rows(knowledge: &Knowledge, services: &[EntityId]) -> Vec<(EntityId, Service)> {
    let catalog = &knowledge.catalog;
    let families = || {
        let all = catalog.entities().map(|(_, entity)| entity);
        all.filter(|entity| entity.role == Role::Family)
    };
    let names: Vec<&str> = services
        .iter()
        .map(|id| catalog.entity(*id).name.as_str())
        .collect();
    let shorter = Shorter::of(&names);
    let mut rows: Vec<(EntityId, Service)> = services
        .iter()
        .map(|id| {
            let name = &catalog.entity(*id).name;
            let family = families().find(|family| family.members.contains(id));
            let service = Service {
                short: shorter.name(name).to_owned(),
                family: family.map(|family| shorter.name(&family.name).to_owned()),
                name: name.clone(),
            };
            (*id, service)
        })
        .collect();
    rows.sort_by_cached_key(|(id, service)| {
        let first = service.family.as_ref().unwrap_or(&service.short);
        let own = service.family.is_some().then_some(&service.short);
        (first.to_lowercase(), own.map(|own| own.to_lowercase()), *id)
    });
    rows
}

/// First words that many names share, where leaving them out makes no two
/// names the same.
struct Shorter<'a>(Vec<&'a str>);

impl<'a> Shorter<'a> {
    fn of(names: &[&'a str]) -> Self {
        let mut firsts: FxHashMap<&str, usize> = FxHashMap::default();
        for (first, _) in names.iter().filter_map(|name| name.split_once(' ')) {
            *firsts.entry(first).or_default() += 1;
        }
        firsts.retain(|_, names| *names >= SHARED_FIRST_WORD);
        let mut shared: Vec<&str> = firsts.into_keys().collect();
        shared.sort_unstable();
        let shorter = Self(shared);
        let mut seen = FxHashSet::default();
        if names.iter().all(|name| seen.insert(shorter.name(name))) {
            shorter
        } else {
            Self(Vec::new())
        }
    }

    fn name<'n>(&self, name: &'n str) -> &'n str {
        match name.split_once(' ') {
            Some((first, rest)) if self.0.contains(&first) => rest,
            _ => name,
        }
    }
}

fn reviewed(knowledge: &Knowledge, services: &[EntityId]) -> Option<(Month, Month)> {
    let months = services.iter().filter_map(|id| {
        let note = knowledge.note(knowledge.catalog.entity(*id).note)?;
        let (year, month) = note.reviewed?;
        Some(Month { year, month })
    });
    months.fold(None, |range, month| match range {
        None => Some((month, month)),
        Some((oldest, latest)) => Some((month.min(oldest), month.max(latest))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_a_first_word_only_when_they_stay_apart() {
        for (names, shorter) in [
            (&["Acme Mail", "Acme Disk", "Acme Net"][..], "Mail Disk Net"),
            (
                &["Acme Mail", "Acme Disk", "Net"],
                "Acme Mail Acme Disk Net",
            ),
            (
                &["Acme Mail", "Acme Disk", "Acme Net", "Net"],
                "Acme Mail Acme Disk Acme Net Net",
            ),
            (
                &["Acme", "Acme Disk", "Acme Net", "Acme A"],
                "Acme Disk Net A",
            ),
        ] {
            let own = Shorter::of(names);
            let all: Vec<&str> = names.iter().map(|name| own.name(name)).collect();
            assert_eq!(all.join(" "), shorter);
        }
    }

    #[test]
    fn months_are_words_for_people_and_numbers_for_programs() {
        let month = Month {
            year: 2026,
            month: 11,
        };
        assert_eq!(month.to_string(), "November 2026");
        assert_eq!(serde_json::to_string(&month).unwrap(), "\"2026-11\"");
    }
}
