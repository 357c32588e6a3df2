//! Dates, spans and places in words for admins.

use jiff::Timestamp;
use jiff::civil::{Date, Time};

use crate::answer::Citation;
use crate::id::GuildId;
use crate::quiz::question::Question;
use crate::quiz::round::Round;
use crate::quiz::schedule::{Feedback, Pause, Schedule};
use crate::render::reply::Part;

/// `Monday 23 November`, with the year where it is not that of `near`.
pub(super) fn day(date: Date, near: Date) -> String {
    let pattern = if date.year() == near.year() {
        "%A %-d %B"
    } else {
        "%A %-d %B %Y"
    };
    date.strftime(pattern).to_string()
}

/// `09:00`.
pub(super) fn clock(time: Time) -> String {
    time.strftime("%H:%M").to_string()
}

/// `1 hour 30 minutes`.
pub(super) fn span(minutes: u32) -> String {
    let parts = [(minutes / 60, "hour"), (minutes % 60, "minute")];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, noun)| count(*number as usize, noun))
        .collect();
    parts.join(" ")
}

/// A number with its noun.
pub(super) fn count(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

/// A round's moment, in the reader's own time.
pub(super) fn moment(at: Timestamp) -> Part {
    Part::Time(at.as_second())
}

/// When, where and how, a line each.
pub(super) fn plan(schedule: &Schedule) -> Vec<Vec<Part>> {
    let minutes = i64::from(schedule.reveal_after);
    let results = schedule
        .time
        .wrapping_add(jiff::SignedDuration::from_mins(minutes));
    let next_day = if results < schedule.time {
        " the next day"
    } else {
        ""
    };
    let told = match schedule.feedback {
        Feedback::AtReveal => "with them, people learn whether they were right",
        Feedback::Immediate => "people learn at once whether they were right",
    };
    vec![
        vec![
            Part::Strong("When".into()),
            format!(
                " {} at {} ({})",
                schedule.days,
                clock(schedule.time),
                schedule.zone
            )
            .into(),
        ],
        vec![
            Part::Strong("Where".into()),
            " ".into(),
            Part::Channel(schedule.channel.0),
        ],
        vec![
            Part::Strong("Results".into()),
            format!(
                " {} later, at {}{next_day}; {told}",
                span(schedule.reveal_after),
                clock(results)
            )
            .into(),
        ],
    ]
}

/// `Paused from Thursday 24 December to Friday 1 January 2027`.
pub(super) fn pause(pause: &Pause, today: Date) -> Vec<Part> {
    let from = if pause.from <= today {
        "Paused".to_owned()
    } else {
        format!("Paused from {}", day(pause.from, today))
    };
    match pause.until {
        Some(until) if until == pause.from && pause.from > today => {
            vec![format!("Paused on {}", day(until, today)).into()]
        }
        Some(until) => {
            let to = if pause.from <= today { "until" } else { "to" };
            vec![format!("{from} {to} {}", day(until, today)).into()]
        }
        None => vec![
            format!("{from} until ").into(),
            Part::Code("/quiz-admin resume".into()),
        ],
    }
}

/// Where the message of a round can be read.
pub(super) fn message(guild: GuildId, round: &Round) -> Option<Part> {
    let message = round.message?;
    let url = format!(
        "https://discord.com/channels/{guild}/{}/{message}",
        round.channel
    );
    Some(Part::Link("message".into(), url))
}

/// Where the notes have a question: a link when they can be read on the web.
pub(super) fn place(question: &Question, link_base: Option<&str>) -> Part {
    let citation = Citation {
        path: question.place.path.clone(),
        anchor: String::new(),
        line_start: question.place.line_start,
        line_end: question.place.line_end,
    };
    match link_base {
        Some(base) => Part::Link(citation.place(), citation.link(base)),
        None => Part::Code(citation.place()),
    }
}

/// Words that end as a sentence does.
pub(super) fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    let text: String = first.into_iter().flatten().chain(letters).collect();
    if text.ends_with(['.', '!', '?']) {
        text
    } else {
        format!("{text}.")
    }
}
