//! `footnote quiz preview`: the rotation from a day on, for a server that has
//! not been asked anything yet.

use std::collections::HashSet;
use std::io::Write;
use std::process::ExitCode;

use jiff::Timestamp;
use jiff::civil::Date;

use super::{BOLD, DIM, counted, wrapped};
use crate::config::Config;
use crate::id::{ChannelId, GuildId};
use crate::quiz::order::shuffled;
use crate::quiz::question::Question;
use crate::quiz::rotation::{Relaxed, pick};
use crate::quiz::round::{Played, Round, RoundId, State};
use crate::quiz::schedule::Feedback;

/// Days of a year, so that the last is a year after the first.
const YEAR: u16 = 366;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// First day [default: today]
    #[arg(long, value_name = "DATE")]
    date: Option<Date>,
    /// How many days
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=3650))]
    days: u16,
    /// A year, a line for each day
    #[arg(long, conflicts_with = "days")]
    year: bool,
    /// Id of the server; each has an order of its own
    #[arg(long, value_name = "ID", default_value_t = 1)]
    guild: u64,
}

pub(super) fn run(arguments: &Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    let bank = super::bank(config)?.questions;
    anyhow::ensure!(
        !bank.is_empty(),
        "the notes hold no quiz questions; footnote quiz list --refused says why, and the README of \
         the notes how they are written"
    );
    let first = arguments.date.unwrap_or_else(super::today);
    let days = if arguments.year { YEAR } else { arguments.days };
    let mut stdout = anstream::stdout().lock();
    let width = super::width();
    let mut past: Vec<Played> = Vec::new();
    for day in 0..days {
        let id = RoundId {
            guild: GuildId(arguments.guild),
            date: first.checked_add(jiff::Span::new().days(day))?,
        };
        let Some(picked) = pick(&bank, &past, &HashSet::new(), &id) else {
            break;
        };
        let shown = shuffled(picked.question, id);
        if arguments.year {
            short(&mut stdout, &id, &shown, picked.relaxed, width)?;
        } else {
            if day > 0 {
                writeln!(stdout)?;
            }
            whole(&mut stdout, &id, &shown, picked.relaxed, width)?;
        }
        past.push(played(id, shown));
    }
    let different: HashSet<&str> = past
        .iter()
        .filter_map(|played| played.round.question.as_ref())
        .map(|question| question.id.as_str())
        .collect();
    writeln!(
        stdout,
        "\n{DIM}{} in {}, of {} in the notes{DIM:#}",
        counted(different.len(), "different question"),
        counted(past.len(), "day"),
        bank.len(),
    )?;
    Ok(ExitCode::SUCCESS)
}

/// A question as it would be asked, with its key and what explains it.
fn whole(
    out: &mut impl Write,
    id: &RoundId,
    question: &Question,
    relaxed: Relaxed,
    width: usize,
) -> std::io::Result<()> {
    let about = question.service.iter().chain(&question.controls);
    let about: Vec<&str> = about.map(String::as_str).collect();
    writeln!(
        out,
        "{BOLD}{}{BOLD:#}  {DIM}{}:{}  {}{DIM:#}",
        id.date.strftime("%a %Y-%m-%d"),
        question.place.path,
        question.place.line_start,
        about.join(" · "),
    )?;
    if let Some(rule) = given_up(relaxed) {
        writeln!(out, "{DIM}  ({rule}){DIM:#}")?;
    }
    for line in wrapped(&question.stem, "  ", width) {
        writeln!(out, "{line}")?;
    }
    for (at, option) in question.options.iter().enumerate() {
        let mark = if at == question.key { "✓" } else { " " };
        let first = format!("  {mark} {}  ", Question::letter(at));
        for line in wrapped(option, &first, width) {
            writeln!(out, "{line}")?;
        }
    }
    for line in question
        .explanation
        .lines()
        .flat_map(|line| wrapped(line, "  ", width))
    {
        writeln!(out, "{DIM}{line}{DIM:#}")?;
    }
    Ok(())
}

/// A day in a line, cut where it ends.
fn short(
    out: &mut impl Write,
    id: &RoundId,
    question: &Question,
    relaxed: Relaxed,
    width: usize,
) -> std::io::Result<()> {
    let mark = if relaxed == Relaxed::Nothing {
        ' '
    } else {
        '!'
    };
    let day = id.date.strftime("%a %Y-%m-%d");
    let line = format!(
        "{day} {mark} {}  {}  {}",
        Question::letter(question.key),
        question.subject().unwrap_or(&question.place.path),
        question.stem
    );
    let line = textwrap::wrap(&line, width).into_iter().next();
    writeln!(out, "{}", line.unwrap_or_default())
}

fn given_up(relaxed: Relaxed) -> Option<&'static str> {
    match relaxed {
        Relaxed::Nothing => None,
        Relaxed::Template => Some("a template more often in a fortnight than it should be"),
        Relaxed::Subject => Some("the same subject as the day before: there is no other"),
        Relaxed::Repeat => Some("asked within the last 60 days: the notes hold no other"),
    }
}

/// A round that went by without answers.
fn played(id: RoundId, question: Question) -> Played {
    Played {
        round: Round {
            id,
            channel: ChannelId(0),
            due: Timestamp::UNIX_EPOCH,
            state: State::Revealed,
            open_minutes: 0,
            feedback: Feedback::AtReveal,
            question: Some(question),
            claims: 1,
            refusals: 0,
            first_try: None,
            close_at: None,
            message: None,
            posted_at: None,
            reason: None,
        },
        attempts: Vec::new(),
    }
}
