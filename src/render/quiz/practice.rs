//! Practice, one question at a time.

use jiff::Timestamp;

use crate::quiz::question::Question;
use crate::render::reply::{Action, Block, Button, Exercise, Part, Reply};

use super::explain;
use super::round::{asked, verdict};

/// What there is to practise.
#[derive(Clone, Debug)]
pub enum Practice {
    /// A question.
    Ask {
        /// Options as shown.
        question: Box<Question>,
        /// What its buttons carry.
        exercise: Exercise,
        /// Whether the person sees it for the first time.
        is_new: bool,
    },
    /// Nothing more for now; when something is due again, if it ever is.
    Done(Option<Timestamp>),
}

/// A question that was answered in practice.
#[derive(Clone, Debug)]
pub struct Tried {
    /// Options as shown.
    pub question: Question,
    /// The answer.
    pub choice: usize,
}

/// The next question, or an end.
pub fn practice(practice: &Practice) -> Reply {
    match practice {
        Practice::Ask {
            question,
            exercise,
            is_new,
        } => ask(question, exercise, *is_new),
        Practice::Done(next) => done(*next),
    }
}

/// Whether the answer was right, and why.
pub fn tried(tried: &Tried, link_base: Option<&str>) -> Reply {
    let Tried { question, choice } = tried;
    let mut reply = Reply {
        title: "Practice".to_owned(),
        blocks: vec![
            Block::Text(asked(question)),
            Block::text("\n"),
            Block::Text(verdict(question, *choice)),
        ],
        buttons: next(),
        ..Reply::default()
    };
    explain(&mut reply, question, link_base);
    reply
}

/// The question of a button is no longer in the notes.
pub fn changed() -> Reply {
    let mut reply = Reply::notice(
        "Practice",
        "The notes have changed since, and this question with them. Nothing was counted.",
    );
    reply.buttons = next();
    reply
}

fn ask(question: &Question, exercise: &Exercise, is_new: bool) -> Reply {
    let buttons = (0..question.options.len()).map(|option| Button {
        label: Question::letter(option).to_string(),
        primary: false,
        action: Action::Try(exercise.clone(), option),
    });
    let lead = if is_new {
        "\nNew to you. Only you see this, and it does not score."
    } else {
        "\nDue again. Only you see this, and it does not score."
    };
    Reply {
        title: "Practice".to_owned(),
        blocks: vec![Block::Text(asked(question)), Block::text(lead)],
        buttons: vec![buttons.collect()],
        ..Reply::default()
    }
}

fn done(next: Option<Timestamp>) -> Reply {
    let Some(next) = next else {
        return Reply::notice("Practice", "The notes have no question to practise.");
    };
    Reply::notice("Practice", "Done for today.").and([
        "The next question is due ".into(),
        Part::Ago(next.as_second()),
        ".".into(),
    ])
}

fn next() -> Vec<Vec<Button>> {
    vec![vec![Button {
        label: "Next".to_owned(),
        primary: true,
        action: Action::Practise,
    }]]
}
