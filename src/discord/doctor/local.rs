//! What can be said without Discord: configuration, notes, store, token.

use crate::app::{Clock, Notes};
use crate::config::{Config, Sources, Token};
use crate::note::diagnostic::Severity;
use crate::store::{Condition, Store, shown};

use super::{Finding, count};

/// Where the configuration comes from; that it can be read is known by then.
pub(super) fn configuration(sources: &Sources) -> Finding {
    let file = match &sources.file {
        Some(file) => file.display().to_string(),
        None => "no file, so the defaults".to_owned(),
    };
    let environment = match sources.variables.as_slice() {
        [] => String::new(),
        variables => format!("; from the environment: {}", variables.join(", ")),
    };
    Finding::ok("configuration", format!("{file}{environment}"))
}

/// The notes as the bot would load them.
pub(super) fn notes(config: &Config) -> Finding {
    let status = match Notes::load(&config.notes.path, Clock::default()) {
        Ok(notes) => notes.status(),
        Err(error) => {
            let text = error.to_string();
            let (what, remedy) = text.split_once(" → ").unwrap_or((&text, ""));
            let remedy = (!remedy.is_empty()).then(|| remedy.to_owned());
            return Finding::wrong("notes", what, remedy);
        }
    };
    let errors = status
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .count();
    let warnings = status.findings.len() - errors;
    let loaded = format!(
        "{} with {} in {}",
        count(status.notes, "note"),
        count(status.sections, "section"),
        status.folder.display()
    );
    let lint = format!(
        "{loaded}; lint finds {} and {}",
        count(errors, "error"),
        count(warnings, "warning")
    );
    match (errors, warnings) {
        (0, 0) => Finding::ok("notes", format!("{loaded}; lint finds nothing wrong")),
        (0, _) => Finding::look("notes", lint, "footnote lint lists them".to_owned()),
        _ => Finding::wrong(
            "notes",
            lint,
            "footnote lint says what to do; while the bot runs, notes with errors are not taken over"
                .to_owned(),
        ),
    }
}

/// The database, without opening it for writing.
pub(super) async fn store(url: &str) -> Finding {
    let found = Store::inspect(url).await;
    let url = shown(url);
    let what = match found {
        Ok(Condition::Memory) => {
            return Finding::look(
                "store",
                "in memory: everything is forgotten when the bot stops",
                "name a file, such as sqlite:footnote.db, as url in [store]".to_owned(),
            );
        }
        Ok(Condition::Absent) => format!("{url} is made at the first start"),
        Ok(Condition::InUse) => format!("{url} is in use by a running bot, which is fine"),
        Ok(Condition::Ready { behind: 0 }) => format!("{url} can be used"),
        Ok(Condition::Ready { .. }) => {
            format!("{url} can be used; the next start brings its schema up to date")
        }
        Err(error) => {
            let text = error.to_string();
            let (what, remedy) = text.split_once(". ").unwrap_or((&text, ""));
            let remedy = (!remedy.is_empty()).then(|| remedy.to_owned());
            return Finding::wrong("store", what, remedy);
        }
    };
    Finding::ok("store", what)
}

/// The token, if there is one, and what is to be said about where it stands.
pub(super) fn token(config: &Config) -> (Option<Token>, Vec<Finding>) {
    match config.token() {
        Ok(token) => {
            let mut findings: Vec<Finding> = token
                .warnings()
                .iter()
                .map(|warning| Finding::look("token", warning, None))
                .collect();
            if findings.is_empty() {
                findings.push(Finding::ok("token", format!("in {}", token.place())));
            }
            (Some(token), findings)
        }
        Err(error) => (None, vec![Finding::wrong("token", error.to_string(), None)]),
    }
}
