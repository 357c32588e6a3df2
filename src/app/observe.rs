//! What the application is like right now, for whoever watches over it: gauges
//! that are set when somebody asks.

use jiff::Timestamp;

use crate::note::diagnostic::Severity;
use crate::quiz::round::State;
use crate::store::StoreError;
use crate::telemetry::metrics::{
    CLOCK_OFF, DATABASE_CONNECTIONS, FINDINGS, NOTES, NOTES_LOADED, NOTES_REFUSED, ROUND_OVERDUE,
    ROUNDS, SECTIONS,
};

use super::App;

impl App {
    /// Sets what is known without asking anybody.
    pub fn observe(&self) {
        let loaded = self.notes.current();
        NOTES.set(&[], number(loaded.knowledge.notes.len()));
        SECTIONS.set(&[], number(loaded.knowledge.index.len()));
        for (severity, name) in [(Severity::Error, "error"), (Severity::Warning, "warning")] {
            let found = loaded.findings.iter();
            let found = found.filter(|finding| finding.severity == severity);
            FINDINGS.set(&[name], number(found.count()));
        }
        NOTES_LOADED.set(&[], loaded.at.as_duration().as_secs_f64());
        NOTES_REFUSED.set(&[], flag(self.notes.are_refused()));
        CLOCK_OFF.set(&[], flag(self.quiz.held_by_clock().is_some()));
        let (idle, in_use) = self.store.connections();
        DATABASE_CONNECTIONS.set(&["idle"], number(idle));
        DATABASE_CONNECTIONS.set(&["in_use"], number(in_use));
    }

    /// Sets what the store knows of rounds that are not over. Other processes on
    /// the same database see the same.
    ///
    /// # Errors
    /// It cannot be read; what was known before stays.
    pub async fn observe_rounds(&self) -> Result<(), StoreError> {
        let open = self.store.open_rounds().await?;
        let now = self.now();
        let mut overdue = 0.0_f64;
        for state in [
            State::Scheduled,
            State::Posting,
            State::Held,
            State::Posted,
            State::Closed,
        ] {
            let found = open.iter().find(|(of, ..)| *of == state);
            let rounds = found.map_or(0, |(_, rounds, _)| *rounds);
            ROUNDS.set(&[state.name()], f64::from(rounds));
            if let Some((_, _, due)) = found
                && matches!(state, State::Scheduled | State::Posting | State::Held)
            {
                overdue = overdue.max(since(*due, now));
            }
        }
        ROUND_OVERDUE.set(&[], overdue);
        Ok(())
    }
}

/// Seconds, negative ones for what is to come.
fn since(due: Timestamp, now: Timestamp) -> f64 {
    now.duration_since(due).as_secs_f64()
}

fn flag(is_so: bool) -> f64 {
    if is_so { 1.0 } else { 0.0 }
}

/// Beyond any count of ours, it stays where it is.
fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
