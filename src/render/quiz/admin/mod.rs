//! The quiz as its admins see it: what was set up or changed, and what comes of it.

mod problem;
mod status;
#[cfg(test)]
mod tests;
mod words;

use jiff::civil::Date;

use crate::id::{ChannelId, GuildId};
use crate::quiz::change::{Coming, LeftOut, Surprise};
use crate::quiz::question::Question;
use crate::quiz::round::Round;
use crate::quiz::schedule::Schedule;
use crate::render::reply::{Block, Part, Reply, Tone};

pub use problem::{Unfit, unfit};
pub use status::{Status, Troubled, status};
use words::{clock, count, day, moment, place};

/// With fewer days of questions left than this, admins are warned.
pub const FEW_DAYS: usize = 14;

/// Clock changes told at set-up; a year has two.
const SURPRISES: usize = 2;

/// A schedule as it is now, and what follows from it.
#[derive(Clone, Debug)]
pub struct Plan<'a> {
    /// The schedule.
    pub schedule: &'a Schedule,
    /// Today, where the schedule is at home.
    pub today: Date,
    /// The round that comes next, if one does within a year.
    pub next: Option<Coming>,
    /// Why it has stopped by itself, if it has.
    pub stopped: Option<&'a str>,
}

/// The quiz was set up or changed.
pub fn set_up(
    plan: &Plan<'_>,
    is_new: bool,
    left_out: &[LeftOut],
    surprises: &[Surprise],
    stock: usize,
) -> Reply {
    let title = if is_new {
        "The quiz is set up"
    } else {
        "The quiz is changed"
    };
    let mut reply = planned(title, plan);
    for left_out in left_out {
        reply = reply.and(missing(*left_out, plan));
    }
    for surprise in surprises.iter().take(SURPRISES) {
        let told = match surprise {
            Surprise::Missing(at) => format!(
                "Clocks go forward: on {} there is no {}, so the question comes at {}.",
                day(at.date(), plan.today),
                clock(plan.schedule.time),
                clock(at.time())
            ),
            Surprise::Twice(at) => format!(
                "Clocks go back: on {} it is {} twice, and the question comes the first time.",
                day(at.date(), plan.today),
                clock(at.time())
            ),
        };
        reply = reply.and([told.into()]);
    }
    if stock < FEW_DAYS {
        reply = reply.and(short_of_questions(stock));
    }
    reply
}

/// Something that was typed cannot be used. `complaint` says what to type.
pub fn mistyped(complaint: impl Into<String>) -> Reply {
    Reply::problem("Nothing was changed", complaint)
}

/// A time zone that does not exist, with names that look like it.
pub fn no_such_zone(typed: &str, near: &[String]) -> Reply {
    let reply = mistyped(format!("There is no time zone “{typed}”."));
    if near.is_empty() {
        return reply.and([
            "Zones are named after a city, such as ".into(),
            Part::Code("Europe/Berlin".into()),
            "; type a city or a country, and choose from the list.".into(),
        ]);
    }
    let mut parts = vec!["Did you mean ".into()];
    for (at, name) in near.iter().enumerate() {
        if at > 0 {
            parts.push(if at + 1 == near.len() { " or " } else { ", " }.into());
        }
        parts.push(Part::Code(name.clone()));
    }
    parts.push("?".into());
    reply.and(parts)
}

/// The notes have no questions.
pub fn no_questions() -> Reply {
    mistyped("The notes hold no quiz question yet.").and([
        "Write some under ".into(),
        Part::Code("## Quiz".into()),
        ", then ".into(),
        Part::Code("/notes reload".into()),
        ".".into(),
    ])
}

/// There is no quiz on the server.
pub fn not_set_up() -> Reply {
    Reply::notice("The daily quiz", "There is no quiz on this server yet.").and([
        Part::Code("/quiz-admin setup".into()),
        " starts one.".into(),
    ])
}

/// The next question as it would appear, for the admin alone. `shown` is the
/// message of the round.
pub fn preview(
    shown: Reply,
    plan: &Plan<'_>,
    question: &Question,
    link_base: Option<&str>,
    replaced: Option<&str>,
) -> Reply {
    let mut reply = Reply {
        tone: Tone::Notice,
        title: match plan.next {
            Some(next) => format!("Preview: {}", day(next.date, plan.today)),
            None => "Preview".to_owned(),
        },
        buttons: Vec::new(),
        ..shown
    };
    if let Some(stem) = replaced {
        let aside = format!(
            "Set aside: “{}”. This one comes instead:",
            super::line(stem)
        );
        reply.blocks.insert(0, Block::text(aside));
    }
    let [letter, text] = super::option(question, question.key);
    reply.blocks.push(Block::Heading("For admins".into()));
    let key = [letter, text].into_iter().map(plain).collect::<String>();
    let why = super::line(&question.explanation);
    let lines = [
        vec!["Right is ".into(), Part::Spoiler(key)],
        vec!["Why: ".into(), Part::Spoiler(why)],
        vec!["In the notes: ".into(), place(question, link_base)],
        vec![
            Part::Code("/quiz-admin replace".into()),
            " sets it aside and takes another one, ".into(),
            Part::Code("/quiz-admin skip".into()),
            " leaves the day out.".into(),
        ],
    ];
    reply.blocks.extend(lines.map(Block::Text));
    reply
}

/// Nothing comes within a year.
pub fn nothing_to_come(plan: &Plan<'_>) -> Reply {
    planned("Nothing to come", plan)
}

/// Today's question is on its way.
pub fn posting(channel: ChannelId) -> Reply {
    say(
        "On its way",
        [
            "Today's question comes to ".into(),
            Part::Channel(channel.0),
            " now.".into(),
        ],
    )
}

/// Today's question is there already, or may be.
pub fn already_posted(guild: GuildId, round: &Round) -> Reply {
    match words::message(guild, round) {
        Some(link) => say(
            "Already there",
            [
                "Today's question is in ".into(),
                Part::Channel(round.channel.0),
                " already: ".into(),
                link,
            ],
        ),
        None => say(
            "On its way",
            [
                "Today's question is being posted to ".into(),
                Part::Channel(round.channel.0),
                ". ".into(),
                Part::Code("/quiz-admin status".into()),
                " says how it went.".into(),
            ],
        ),
    }
}

/// The next round is left out; `was_before` when somebody had done so already.
pub fn skipped(date: Date, plan: &Plan<'_>, was_before: bool) -> Reply {
    let already = if was_before { " already" } else { "" };
    let reply = Reply::notice(
        "Left out",
        format!(
            "{} is left out{already}. It costs nobody a streak.",
            day(date, plan.today)
        ),
    );
    let brings_back = [
        "On the day itself, ".into(),
        Part::Code("/quiz-admin post".into()),
        " asks the question after all.".into(),
    ];
    reply.and(next(plan)).and(brings_back)
}

/// The quiz is paused.
pub fn paused(plan: &Plan<'_>) -> Reply {
    planned("The quiz is paused", plan)
}

/// The quiz goes on; `was_paused` when it did not before.
pub fn resumed(plan: &Plan<'_>, was_paused: bool, left_out: &[LeftOut]) -> Reply {
    let title = if was_paused {
        "The quiz goes on"
    } else {
        "The quiz was not paused"
    };
    let mut reply = planned(title, plan);
    for left_out in left_out {
        reply = reply.and(missing(*left_out, plan));
    }
    reply
}

/// A question that had been set aside may be asked again.
pub fn restored(stem: &str) -> Reply {
    Reply::notice(
        "Brought back",
        format!("It may be asked again: “{}”", super::line(stem)),
    )
}

/// There is no such question among those that were set aside.
pub fn not_set_aside(stems: &[&str]) -> Reply {
    let mut reply = mistyped(if stems.is_empty() {
        "No question is set aside on this server."
    } else {
        "That question is not set aside. These are:"
    });
    for stem in stems {
        reply = reply.and([format!("• {}", super::line(stem)).into()]);
    }
    reply
}

/// Few questions are left.
pub(super) fn short_of_questions(stock: usize) -> Vec<Part> {
    vec![
        Part::Strong("Questions run short".into()),
        format!(
            ": {} until one comes again within 60 days. Write more under ",
            count(stock, "day")
        )
        .into(),
        Part::Code("## Quiz".into()),
        " in the notes.".into(),
    ]
}

/// The schedule, its pauses and what comes next.
fn planned(title: &str, plan: &Plan<'_>) -> Reply {
    let mut reply = Reply {
        tone: Tone::Notice,
        title: title.to_owned(),
        ..Reply::default()
    };
    for line in words::plan(plan.schedule) {
        reply = reply.and(line);
    }
    for pause in &plan.schedule.pauses {
        reply = reply.and(words::pause(pause, plan.today));
    }
    reply.and(next(plan))
}

fn next(plan: &Plan<'_>) -> Vec<Part> {
    if let Some(why) = plan.stopped {
        return vec![
            Part::Strong("Stopped".into()),
            format!(" {} ", words::sentence(why)).into(),
            Part::Code("/quiz-admin resume".into()),
            " starts it again.".into(),
        ];
    }
    let Some(next) = plan.next else {
        return vec![
            Part::Strong("Next question".into()),
            " none within a year".into(),
        ];
    };
    vec![
        Part::Strong("Next question".into()),
        format!(
            " {} at {} there, which is ",
            day(next.date, plan.today),
            clock(plan.schedule.time)
        )
        .into(),
        moment(next.due),
        " for you".into(),
    ]
}

/// Why a chosen day has no round of its own.
fn missing(left_out: LeftOut, plan: &Plan<'_>) -> Vec<Part> {
    match left_out {
        LeftOut::Passed(_) => vec![
            "Today's time has passed; ".into(),
            Part::Code("/quiz-admin post".into()),
            " asks today's question now.".into(),
        ],
        LeftOut::Asked(_) => vec!["Today's question was asked already, and stays as it is.".into()],
        LeftOut::TooSoon(date) => vec![
            format!(
                "{} is left out: less than 12 hours would lie between two questions.",
                day(date, plan.today)
            )
            .into(),
        ],
    }
}

/// A notice of one paragraph.
fn say<const N: usize>(title: &str, parts: [Part; N]) -> Reply {
    let reply = Reply {
        tone: Tone::Notice,
        title: title.to_owned(),
        ..Reply::default()
    };
    reply.and(parts)
}

fn plain(part: Part) -> String {
    match part {
        Part::Plain(text) | Part::Strong(text) => text,
        _ => String::new(),
    }
}
