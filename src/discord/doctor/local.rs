//! What can be said without Discord: configuration, notes, store, listener, time
//! zones, token.

use std::io::ErrorKind;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::app::{Clock, Notes};
use crate::config::{Config, Sources, TimeZones, Token};
use crate::note::diagnostic::Severity;
use crate::quiz::zone::Zones;
use crate::store::{Condition, Store, shown};

use super::{Finding, count};

/// With less room than this on its disk, the database soon cannot grow; that of
/// a thousand servers is smaller after a year.
const LITTLE_ROOM: u64 = 500 << 20;
/// With less than this, a backup or a checkpoint may fail today.
const NO_ROOM: u64 = 20 << 20;
/// A bot that listens answers at once.
const PATIENCE: Duration = Duration::from_secs(2);

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

/// The room on the disk of the database, where it is a file.
pub(super) fn room(url: &str) -> Option<Finding> {
    let room = Store::room(url)?;
    let what = format!("{} MiB are free where the database is", room >> 20);
    let remedy = "make some room; a full disk keeps answers to rounds from being stored".to_owned();
    Some(match room {
        NO_ROOM..LITTLE_ROOM => Finding::look("disk", what, remedy),
        0..NO_ROOM => Finding::wrong("disk", what, remedy),
        _ => Finding::ok("disk", what),
    })
}

/// Whether health checks and metrics can be served where they are to be.
pub(super) async fn listener(address: Option<&str>) -> Finding {
    let Some(address) = address else {
        let what = "nothing listens; address in [listen] serves health checks and metrics";
        return Finding::ok("listener", what);
    };
    match TcpListener::bind(address).await {
        Ok(_) => Finding::ok("listener", format!("{address} is free")),
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            if is_bot(address).await {
                let what = format!("{address} is in use by a running bot, which is fine");
                return Finding::ok("listener", what);
            }
            Finding::wrong(
                "listener",
                format!("{address} is in use by another program"),
                "choose another address in [listen], or stop what uses it".to_owned(),
            )
        }
        Err(error) => Finding::wrong(
            "listener",
            format!("cannot listen on {address}: {error}"),
            "choose an address of this machine in [listen]".to_owned(),
        ),
    }
}

/// Whether who listens there has our metrics.
async fn is_bot(address: &str) -> bool {
    let asking = async {
        let mut stream = TcpStream::connect(address).await?;
        let request = b"GET /metrics HTTP/1.0\r\n\r\n";
        stream.write_all(request).await?;
        let mut reply = Vec::new();
        stream.take(1 << 20).read_to_end(&mut reply).await?;
        std::io::Result::Ok(String::from_utf8_lossy(&reply).contains("footnote_build_info"))
    };
    matches!(timeout(PATIENCE, asking).await, Ok(Ok(true)))
}

/// Which rules of time zones rounds follow.
pub(super) fn time_zones(from: TimeZones) -> Finding {
    match from {
        TimeZones::Bundled => {
            let zones = Zones::bundled();
            let version = zones.version().unwrap_or("unknown");
            Finding::ok(
                "time zones",
                format!("rules {version}, part of the program"),
            )
        }
        TimeZones::System => match Zones::system() {
            Ok(_) => Finding::ok("time zones", "the rules of the system"),
            Err(error) => Finding::wrong(
                "time zones",
                format!("the rules of the system cannot be used: {error}"),
                "install tzdata, or set time_zones to \"bundled\" in [quiz]".to_owned(),
            ),
        },
    }
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
