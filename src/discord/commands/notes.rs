//! `/notes`: for those who look after the notes of a server.

use std::sync::Arc;

use crate::app::{GapReport, NotesError, Status};
use crate::gap::{self, Group, Place};
use crate::render::reply::{Block, File, Part, Reply};

use super::super::bot::Bot;
use super::super::error::Failure;
use super::super::turn::Turn;
use super::Context;

/// Days that a report goes back when nothing else is asked for.
const DAYS: u32 = 30;
/// Groups shown in the message; the file has all.
const SHOWN: usize = 10;
/// Findings shown in the message; `footnote lint` lists all.
const FINDINGS: usize = 8;

/// The state of the notes, and what they lack
#[poise::command(
    slash_command,
    subcommands("status", "gaps", "reload"),
    subcommand_required,
    default_member_permissions = "MANAGE_GUILD",
    install_context = "Guild",
    interaction_context = "Guild"
)]
#[expect(clippy::unused_async, reason = "poise wants an async function")]
pub(super) async fn notes(_: Context<'_>) -> Result<(), Failure> {
    Ok(())
}

/// Which notes are in use, and what is wrong with them
#[poise::command(slash_command)]
pub(super) async fn status(ctx: Context<'_>) -> Result<(), Failure> {
    let (bot, turn) = admitted(&ctx)?;
    bot.tell(&turn, &show_status(&bot.app.notes.status())).await
}

/// What people asked and the notes did not answer, most asked first
#[poise::command(slash_command)]
pub(super) async fn gaps(
    ctx: Context<'_>,
    #[description = "How many days back (30)"]
    #[min = 1]
    #[max = 3650]
    days: Option<u32>,
) -> Result<(), Failure> {
    let (bot, turn) = admitted(&ctx)?;
    let days = days.unwrap_or(DAYS).clamp(1, 3650);
    let guild = turn.guild.ok_or(Failure::NotAllowed)?;
    let report = bot.app.gap_report(guild, days).await?;
    bot.tell(&turn, &show_gaps(&report, days)).await
}

/// Read the notes again now
#[poise::command(slash_command)]
pub(super) async fn reload(ctx: Context<'_>) -> Result<(), Failure> {
    let (bot, turn) = admitted(&ctx)?;
    let app = Arc::clone(&bot.app);
    let outcome = tokio::task::spawn_blocking(move || app.notes.reload())
        .await
        .map_err(|_| Failure::Defect)?;
    let reply = match outcome {
        Ok(loaded) => Reply::notice(
            "Notes loaded",
            format!(
                "In use now: {}, with {}.",
                count(loaded.notes, "note"),
                count(loaded.warnings, "warning")
            ),
        ),
        Err(error) => refused(&error),
    };
    bot.tell(&turn, &reply).await
}

/// Discord hides these commands from others; a request can be forged.
pub(super) fn admitted<'a>(ctx: &Context<'a>) -> Result<(&'a Arc<Bot>, Turn<'a>), Failure> {
    let turn = Turn::from(ctx.interaction);
    if turn.may_manage() {
        Ok((ctx.framework.user_data, turn))
    } else {
        Err(Failure::NotAllowed)
    }
}

fn show_status(status: &Status) -> Reply {
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

fn show_gaps(report: &GapReport, days: u32) -> Reply {
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
        reply.blocks.push(Block::Text(line(number, group)));
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

fn line(number: usize, group: &Group) -> Vec<Part> {
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

/// Where a message can be read.
fn link(place: &Place) -> String {
    format!(
        "https://discord.com/channels/{}/{}/{}",
        place.guild, place.channel, place.message
    )
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
