//! Footnote's own index.

use anyhow::Result;
use footnote::index::{Builder, Index, Scratch};
use footnote::note::Note;

use crate::Engine;

/// Builder first, index afterwards.
#[derive(Default)]
pub struct Ours {
    builder: Builder,
    notes: u32,
    index: Option<Index>,
    scratch: Scratch,
}

impl Engine for Ours {
    fn add(&mut self, note: &Note) -> Result<()> {
        self.builder.add(self.notes, note);
        self.notes += 1;
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        self.index = Some(std::mem::take(&mut self.builder).finish());
        Ok(())
    }

    fn search(&mut self, question: &str) -> Result<Vec<usize>> {
        let hits = self
            .index
            .as_ref()
            .map(|index| index.search(&mut self.scratch, question, 10));
        Ok(hits
            .unwrap_or_default()
            .iter()
            .map(|hit| hit.section.0 as usize)
            .collect())
    }
}
