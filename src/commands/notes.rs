//! The state of the notes and what they lack, for those who look after them.

use std::sync::Arc;

use crate::app::{App, GapReport, NotesError, Status};
use crate::gap::{self, Group, Place};
use crate::render::reply::{Block, File, Part, Reply};

/// Days that a report of gaps goes back when nothing else is asked for.
pub const GAP_DAYS: u32 = 30;
/// Groups shown in the message; the file has all.
const SHOWN: usize = 10;
/// Findings shown in the message; `footnote lint` lists all.
const FINDINGS: usize = 8;

/// Reads the notes again. `None` when that broke down, which is a defect.
pub async fn reload(app: &Arc<App>) -> Option<Reply> {
    let app = Arc::clone(app);
    let outcome = tokio::task::spawn_blocking(move || app.notes.reload()).await;
    Some(match outcome.ok()? {
        Ok(loaded) => Reply::notice(
            "Notes loaded",
            format!(
                "In use now: {}, with {}.",
                count(loaded.notes, "note"),
                count(loaded.warnings, "warning")
            ),
        ),
        Err(error) => refused(&error),
    })
}

/// Which notes are in use, and what is wrong with them.
pub fn status(status: &Status) -> Reply {
    let mut reply = Reply::notice(
        "Notes",
        format!(
            "In use: {} with {}.",
            count(status.notes, "note"),
            count(status.sections, "section")
        ),
    )
    .and([
        "Loaded ".into(),
        Part::Ago(status.at.as_second()),
        " from ".into(),
        Part::Code(status.folder.display().to_string()),
        ".".into(),
    ]);
    if let Some(refusal) = &status.refused {
        reply = reply.and([
            Part::Strong("A later change was not taken over".into()),
            " (".into(),
            Part::Ago(refusal.at.as_second()),
            "):".into(),
        ]);
        reply.blocks.extend(refused(&refusal.error).blocks);
    }
    if status.findings.is_empty() {
        return reply.and(["Lint finds nothing wrong.".into()]);
    }
    reply = reply.and([format!("Lint finds {}:", count(status.findings.len(), "thing")).into()]);
    findings(&mut reply, &status.findings);
    reply
}

fn refused(error: &NotesError) -> Reply {
    let title = "The notes from before stay in use";
    match error {
        NotesError::Broken(errors) => {
            let count = count(errors.len(), "error");
            let mut reply = Reply::problem(title, format!("The changed notes have {count}:"));
            findings(&mut reply, errors);
            reply
        }
        NotesError::Empty(_) | NotesError::Load(_) => {
            Reply::problem(title, format!("The reason: {error}."))
        }
    }
}

fn findings(reply: &mut Reply, findings: &[crate::note::diagnostic::Diagnostic]) {
    for finding in findings.iter().take(FINDINGS) {
        reply.blocks.push(Block::text(format!("• {finding}")));
    }
    if let Some(more) = findings
        .len()
        .checked_sub(FINDINGS)
        .filter(|more| *more > 0)
    {
        reply.blocks.push(Block::Text(vec![
            format!("… and {more} more; ").into(),
            Part::Code("footnote lint".into()),
            " lists all.".into(),
        ]));
    }
}

/// What people asked in the last `days` and the notes did not answer. `link` says
/// where a message can be read.
pub fn gaps(report: &GapReport, days: u32, link: fn(&Place) -> String) -> Reply {
    let span = match days {
        1 => "day".to_owned(),
        _ => format!("{days} days"),
    };
    if report.groups.is_empty() {
        let text = if report.recorded {
            format!("In the last {span}, the notes answered everything that was asked here.")
        } else {
            "Gaps are not recorded: gaps.record is off in the configuration.".to_owned()
        };
        return Reply::notice("Gaps in the notes", text);
    }
    let mut reply = Reply::notice(
        "Gaps in the notes",
        format!(
            "In the last {span}: {} without a helpful answer, on {}. Most asked first:",
            count(report.gaps.len(), "question"),
            count(report.groups.len(), "subject")
        ),
    );
    for (number, group) in (1..).zip(report.groups.iter().take(SHOWN)) {
        reply.blocks.push(Block::Text(line(number, group, link)));
    }
    match gap::csv(&report.gaps, &report.groups, link) {
        Ok(bytes) => {
            reply.file = Some(File {
                name: "gaps.csv".into(),
                description: format!("All {} as a table", count(report.gaps.len(), "gap")),
                bytes,
            });
        }
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the table of gaps was not written"
            );
        }
    }
    reply
}

fn line(number: usize, group: &Group, link: fn(&Place) -> String) -> Vec<Part> {
    let about: Vec<&str> = group
        .services
        .iter()
        .chain(&group.controls)
        .map(String::as_str)
        .collect();
    let mut parts: Vec<Part> = vec![Part::Strong(format!("{number}.")), " ".into()];
    if !about.is_empty() {
        parts.push(Part::Strong(about.join(" · ")));
        parts.push(" ".into());
    }
    // What was looked up is its own wording.
    let wording = group.question.as_ref();
    if let Some(question) = wording.filter(|wording| **wording != about.join(" · ")) {
        parts.push(format!("“{question}” ").into());
    }
    let asked = group.abstentions + group.not_helpful;
    parts.push(format!("({}, {}", times(asked), count(group.people, "person")).into());
    if group.not_helpful > 0 {
        parts.push(format!(", {} not helpful", group.not_helpful).into());
    }
    parts.push(", last ".into());
    parts.push(Part::Ago(group.last_ms.div_euclid(1000)));
    parts.push(")".into());
    for (number, place) in (1..).zip(&group.places) {
        parts.push(" ".into());
        parts.push(Part::Link(format!("message {number}"), link(place)));
    }
    parts
}

fn times(count: usize) -> String {
    match count {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        _ => format!("{count} times"),
    }
}

/// A number with its noun.
fn count(number: usize, noun: &str) -> String {
    match (number, noun) {
        (1, _) => format!("1 {noun}"),
        (_, "person") => format!("{number} people"),
        _ => format!("{number} {noun}s"),
    }
}
