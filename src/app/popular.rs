//! What is asked for most, for suggestions when nothing has been typed yet.
//! Counts sections, never people; kept in memory, written now and then.

use std::sync::{Mutex, PoisonError};

use rustc_hash::FxHashMap;

use crate::answer::lookup::{Wanted, find, section_with_id};
use crate::answer::suggest::{self, Suggestion};
use crate::catalog::Role;
use crate::knowledge::Knowledge;
use crate::store::{Asked, StoreError};

use super::App;

/// What was asked for in the last this many days counts.
const DAYS: i32 = 30;
/// Sections remembered by their counts.
const REMEMBERED: u32 = 500;

/// Counts of sections by id.
#[derive(Debug, Default)]
pub(super) struct Popular {
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    pinned: Vec<String>,
    /// All that is known, for ranking.
    all: FxHashMap<String, u64>,
    /// What is not written yet.
    fresh: FxHashMap<String, u64>,
}

impl Popular {
    pub(super) fn pin(&self, names: &[String]) {
        names.clone_into(&mut self.lock().pinned);
    }

    pub(super) fn count(&self, section: String) {
        let mut counts = self.lock();
        *counts.all.entry(section.clone()).or_default() += 1;
        *counts.fresh.entry(section).or_default() += 1;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl App {
    /// Sections to offer when nothing is typed: the most asked, the pinned,
    /// then the first of each service.
    pub fn popular_sections(&self, knowledge: &Knowledge, limit: usize) -> Vec<Suggestion> {
        let (mut asked, pinned): (Vec<(u64, String)>, Vec<String>) = {
            let counts = self.popular.lock();
            let asked = counts.all.iter().map(|(id, count)| (*count, id.clone()));
            (asked.collect(), counts.pinned.clone())
        };
        asked.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        let asked = asked
            .iter()
            .filter_map(|(_, id)| suggest::section(knowledge, section_with_id(knowledge, id)?));
        let pinned = pinned.iter().filter_map(|name| {
            match find(knowledge, name, Wanted::Service)
                .or_else(|| find(knowledge, name, Wanted::Control))
            {
                _ if name.contains('#') => {
                    suggest::section(knowledge, section_with_id(knowledge, name)?)
                }
                found => found.map(|id| suggest::suggestion(knowledge, id)),
            }
        });
        let first = knowledge
            .catalog
            .entities()
            .filter(|(_, entity)| entity.role != Role::Control)
            .filter_map(|(id, _)| {
                let sections = knowledge.sections_of(id);
                sections
                    .iter()
                    .find_map(|at| suggest::section(knowledge, *at))
            });
        let mut offered: Vec<Suggestion> = Vec::new();
        for suggestion in asked.chain(pinned).chain(first) {
            if offered.len() == limit {
                break;
            }
            if !offered.iter().any(|known| known.id == suggestion.id) {
                offered.push(suggestion);
            }
        }
        offered
    }

    pub(super) async fn read_most_asked(&self) -> Result<(), StoreError> {
        let most = self
            .store
            .most_asked(self.today() - DAYS, REMEMBERED)
            .await?;
        self.popular.lock().all = most
            .into_iter()
            .map(|asked| (asked.section, asked.count))
            .collect();
        Ok(())
    }

    /// Writes what was asked for since the last time.
    pub(super) async fn write_asked(&self) -> Result<(), StoreError> {
        let fresh = std::mem::take(&mut self.popular.lock().fresh);
        if fresh.is_empty() {
            return Ok(());
        }
        let counts: Vec<Asked> = fresh
            .iter()
            .map(|(section, count)| Asked {
                section: section.clone(),
                count: *count,
            })
            .collect();
        let written = self.store.add_asked(self.today(), &counts).await;
        if written.is_err() {
            let mut counts = self.popular.lock();
            for (section, count) in fresh {
                *counts.fresh.entry(section).or_default() += count;
            }
        }
        written
    }

    pub(super) async fn forget_asked(&self) -> Result<(), StoreError> {
        self.store.prune_asked(self.today() - DAYS).await?;
        self.read_most_asked().await
    }

    /// Days since 1970, UTC.
    fn today(&self) -> i32 {
        i32::try_from(self.now().as_second().div_euclid(86_400)).unwrap_or(i32::MAX)
    }
}
