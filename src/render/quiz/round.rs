//! A round while it takes answers, and what somebody is told who answers.
//!
//! Until the results, nothing in the message of a round depends on the key.

use jiff::{SignedDuration, Timestamp};

use crate::quiz::question::Question;
use crate::quiz::round::{Attempt, Round};
use crate::quiz::schedule::Feedback;
use crate::render::reply::{Action, Block, Button, Part, Reply};

use super::{explain, line, option};

/// The message of a round with its buttons. `late` says that it comes later
/// than planned.
pub fn round(round: &Round, question: &Question, late: bool) -> Reply {
    let buttons = (0..question.options.len()).map(|option| Button {
        label: Question::letter(option).to_string(),
        primary: false,
        action: Action::Attempt(round.id, option),
    });
    let mut reply = Reply {
        title: "Question of the day".to_owned(),
        blocks: vec![Block::Text(asked(question))],
        buttons: vec![buttons.collect()],
        ..Reply::default()
    };
    let lead = if late {
        "\nThis one comes late. Your first answer counts. Results "
    } else {
        "\nYour first answer counts. Results "
    };
    reply.blocks.push(Block::Text(vec![
        lead.into(),
        Part::Ago(closes(round).as_second()),
    ]));
    reply
}

/// What somebody is told whose answer is stored.
#[derive(Clone, Debug)]
pub struct Locked {
    /// The answer that counts, as stored.
    pub attempt: Attempt,
    /// Whether it is this one, and not an earlier one.
    pub is_new: bool,
    /// The round, when it could be read.
    pub round: Option<Round>,
    /// The streak that a freeze kept since the person's last answer.
    pub kept_streak: Option<u32>,
}

/// Confirms the answer that counts.
pub fn locked(locked: &Locked, link_base: Option<&str>) -> Reply {
    let choice = locked.attempt.choice;
    let letter = Part::Strong(Question::letter(choice).to_string());
    let (title, mut text) = if locked.is_new {
        ("Locked in", vec!["Locked in: ".into(), letter])
    } else {
        let text = vec![
            "You had answered ".into(),
            letter,
            " already; the first answer counts.".into(),
        ];
        ("Already answered", text)
    };
    let mut reply = Reply::notice(title, "");
    reply.blocks.clear();
    let round = locked.round.as_ref();
    let question = round.and_then(|round| round.question.as_ref());
    if let Some(question) = question.filter(|_| locked.is_new) {
        text.extend(option(question, choice).into_iter().skip(1));
    }
    reply.blocks.push(Block::Text(text));
    match (round, question) {
        (Some(round), Some(question)) if round.feedback == Feedback::Immediate => {
            reply.blocks.push(Block::Text(verdict(question, choice)));
            explain(&mut reply, question, link_base);
        }
        (Some(round), _) => {
            let closes = closes(round).as_second();
            let results = vec!["Results ".into(), Part::Ago(closes)];
            reply.blocks.push(Block::Text(results));
        }
        (None, _) => {}
    }
    if let Some(streak) = locked.kept_streak {
        let text = format!("A freeze kept your streak of {streak}.");
        reply.blocks.push(Block::text(text));
    }
    reply
}

/// A round takes no more answers, or never took any from this button.
pub fn closed() -> Reply {
    Reply::notice("Closed", "This question is closed.")
        .and([Part::Code("/quiz practice".into()), " has more.".into()])
}

/// An answer may be lost; nothing is promised.
pub fn not_saved() -> Reply {
    let mut reply = Reply::problem("Not saved", "");
    reply.blocks = vec![Block::Text(vec![
        "Your answer was ".into(),
        Part::Strong("not".into()),
        " saved. Please press again.".into(),
    ])];
    reply
}

/// Thanks for saying that a question is wrong, the first time or again.
pub fn flagged(is_new: bool) -> Reply {
    if is_new {
        let thanks = "It is noted. When two of you say so, the question is not asked any more until \
                      somebody has checked it.";
        return Reply::notice("Thank you", thanks);
    }
    Reply::notice("Thank you", "You had flagged this question already.")
}

/// Whether a choice was right, and what is.
pub(super) fn verdict(question: &Question, choice: usize) -> Vec<Part> {
    if choice == question.key {
        return vec![Part::Strong("Right.".into())];
    }
    let mut verdict = vec![Part::Strong("Not this one.".into()), " Right is ".into()];
    verdict.extend(option(question, question.key));
    verdict
}

/// Stem and options.
pub(super) fn asked(question: &Question) -> Vec<Part> {
    let mut asked = vec![Part::Strong(line(&question.stem)), "\n".into()];
    for at in 0..question.options.len() {
        asked.push("\n".into());
        asked.extend(option(question, at));
    }
    asked
}

/// When answers end.
fn closes(round: &Round) -> Timestamp {
    let open = SignedDuration::from_mins(round.open_minutes.into());
    let planned = round.due.checked_add(open).unwrap_or(round.due);
    round.close_at.unwrap_or(planned)
}
