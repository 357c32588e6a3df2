//! How the quiz of a server goes: the schedule, what comes, what was, what is
//! wrong.

use jiff::Timestamp;

use crate::quiz::question::Question;
use crate::quiz::round::{Played, Round, State};
use crate::render::reply::{Block, File, Part, Reply};

use super::problem::{self, Unfit};
use super::words::{count, day, message, place, sentence};
use super::{FEW_DAYS, Plan, planned, short_of_questions};

/// Rounds that are listed.
const ROUNDS: usize = 7;
/// Questions that are listed; the file has all.
const QUESTIONS: usize = 5;

/// Everything that the status shows.
#[derive(Clone, Debug)]
pub struct Status<'a> {
    /// The schedule and what comes next.
    pub plan: Plan<'a>,
    /// Seconds that the bot's clock was off when that was last seen, where that
    /// holds up questions.
    pub clock_off: Option<u64>,
    /// What keeps rounds out of the channel right now.
    pub unfit: Option<&'a Unfit>,
    /// Problems that are not over: kind, text, since when.
    pub notices: Vec<(&'a str, &'a str, Timestamp)>,
    /// Rounds, oldest first.
    pub rounds: &'a [Round],
    /// Those with answers.
    pub played: &'a [Played],
    /// Questions that are not asked.
    pub aside: Vec<Troubled<'a>>,
    /// Questions in the notes.
    pub questions: usize,
    /// Days of questions left.
    pub stock: usize,
    /// Statistics as a table.
    pub table: Option<Vec<u8>>,
    /// Where the notes can be read on the web.
    pub link_base: Option<&'a str>,
}

/// A question that is not asked.
#[derive(Clone, Debug)]
pub struct Troubled<'a> {
    /// Its id, for want of its text.
    pub id: &'a str,
    /// The question, if the notes have it still.
    pub question: Option<&'a Question>,
    /// Why it is not asked.
    pub why: &'a str,
}

/// How the quiz goes.
pub fn status(status: &Status<'_>) -> Reply {
    let Plan { schedule, .. } = status.plan;
    let title = match status.plan.stopped {
        None => "The daily quiz",
        Some(_) => "The daily quiz has stopped",
    };
    let mut reply = planned(title, &status.plan);
    if let Some(by) = schedule.set_by {
        reply = reply.and([
            Part::Strong("Set up by".into()),
            " ".into(),
            Part::Member(by.0),
        ]);
    }
    let problems = problems(status);
    if !problems.is_empty() {
        reply.blocks.push(Block::Heading("Problems".into()));
        for problem in problems {
            reply = reply.and(bullet(problem));
        }
    }
    let lines = rounds(status);
    if !lines.is_empty() {
        reply.blocks.push(Block::Heading("Last rounds".into()));
        for line in lines {
            reply = reply.and(bullet(line));
        }
    }
    reply.blocks.push(Block::Heading("Questions".into()));
    reply = reply.and([format!(
        "{} in the notes; {} until one has to come again",
        count(status.questions, "question"),
        days_left(status.stock)
    )
    .into()]);
    for troubled in status.aside.iter().take(QUESTIONS) {
        reply = reply.and(bullet(aside(troubled, status.link_base)));
    }
    if !status.aside.is_empty() {
        let more = status.aside.len().saturating_sub(QUESTIONS);
        let mut parts: Vec<Part> = Vec::new();
        if more > 0 {
            parts.push(format!("… and {more} more set aside. ").into());
        }
        parts.extend([
            Part::Code("/quiz-admin restore".into()),
            " lets one be asked again.".into(),
        ]);
        reply = reply.and(parts);
    }
    reply.file = status.table.as_ref().map(|bytes| File {
        name: "quiz-questions.csv".into(),
        description: "How each question did, as a table".into(),
        bytes: bytes.clone(),
    });
    reply
}

fn problems(status: &Status<'_>) -> Vec<Vec<Part>> {
    let channel = status.plan.schedule.channel;
    let mut problems: Vec<Vec<Part>> = status
        .unfit
        .map(|unfit| problem::lines(channel, unfit))
        .unwrap_or_default();
    if let Some(seconds) = status.clock_off {
        let text = format!(
            "The clock of the bot's machine was {} off, and nothing is posted until it is right. \
             Whoever runs the bot has to set it; ",
            count(usize::try_from(seconds).unwrap_or(usize::MAX), "second")
        );
        problems.push(vec![
            text.into(),
            Part::Code("footnote doctor".into()),
            " tells more.".into(),
        ]);
    }
    for (kind, text, since) in &status.notices {
        let kind = kind.split(':').next().unwrap_or(kind);
        // These are said elsewhere: with the rounds, the questions, above.
        let is_said = match kind {
            "missed" | "key-alarm" | "low-stock" => true,
            "stopped" | "zone" => status.plan.stopped.is_some(),
            "refused" => status.unfit.is_some_and(|unfit| *unfit != Unfit::Unknown),
            _ => false,
        };
        if !is_said {
            let mut parts = vec![format!("{} Since ", sentence(text)).into()];
            parts.extend([Part::Ago(since.as_second()), ".".into()]);
            parts.extend(problem::remedy(kind, channel));
            problems.push(parts);
        }
    }
    if status.stock < FEW_DAYS {
        problems.push(short_of_questions(status.stock));
    }
    problems
}

/// The last rounds, the latest first, a line each.
fn rounds(status: &Status<'_>) -> Vec<Vec<Part>> {
    let today = status.plan.today;
    let past = status.rounds.iter().rev();
    let past = past.filter(|round| round.id.date <= today || round.state == State::Skipped);
    past.take(ROUNDS)
        .map(|round| {
            let played = status.played.iter().find(|one| one.round.id == round.id);
            let mut line =
                vec![format!("{}: {}", day(round.id.date, today), fate(round, played)).into()];
            if let Some(link) = message(round.id.guild, round) {
                line.extend([" · ".into(), link]);
            }
            line
        })
        .collect()
}

/// What became of a round.
fn fate(round: &Round, played: Option<&Played>) -> String {
    let answers = played.map_or(0, |played| played.attempts.len());
    let because = |what: &str| match &round.reason {
        Some(why) => format!("{what}: {why}"),
        None => what.to_owned(),
    };
    match round.state {
        State::Scheduled => because("to come"),
        State::Posting => because("being posted"),
        State::Held => because("on hold"),
        State::Posted => format!("open, {}", count(answers, "answer")),
        State::Closed => because(&format!(
            "closed, {}, results to come",
            count(answers, "answer")
        )),
        State::Revealed => {
            let right = played.map_or(0, |played| {
                let attempts = played.attempts.iter();
                attempts.filter(|attempt| played.is_right(attempt)).count()
            });
            match answers {
                0 => because("done, no answers"),
                _ => because(&format!("done, {right} of {answers} right")),
            }
        }
        State::Missed => because("missed"),
        State::Failed => because("failed"),
        State::Skipped => round
            .reason
            .clone()
            .unwrap_or_else(|| "left out".to_owned()),
    }
}

fn aside(troubled: &Troubled<'_>, link_base: Option<&str>) -> Vec<Part> {
    let stem = troubled
        .question
        .map_or(troubled.id, |question| &question.stem);
    let mut parts =
        vec![format!("“{}”: {}", super::super::line(stem), sentence(troubled.why)).into()];
    if let Some(question) = troubled.question {
        parts.extend([" ".into(), place(question, link_base)]);
    }
    parts
}

fn days_left(stock: usize) -> String {
    // Beyond this nobody counts.
    if stock >= 60 {
        "60 days or more".to_owned()
    } else {
        count(stock, "day")
    }
}

fn bullet(mut parts: Vec<Part>) -> Vec<Part> {
    parts.insert(0, "• ".into());
    parts
}
