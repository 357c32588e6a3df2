//! A reply as plain data, shaped for an ideal chat: a title, blocks of text,
//! numbered sources, buttons. A platform cuts it to its limits, escapes it and
//! shows it; nothing here knows how.

use super::citations::Source;
use crate::quiz::round::RoundId;
use crate::quiz::standing::Period;

/// One message to a person or a channel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reply {
    /// How it is meant.
    pub tone: Tone,
    /// What it is about, in a line.
    pub title: String,
    /// The text, in order.
    pub blocks: Vec<Block>,
    /// What the numbers in the blocks stand for.
    pub sources: Vec<Source>,
    /// What was asked, shown small.
    pub question: String,
    /// How the question was read, shown small.
    pub reading: String,
    /// Rows of buttons.
    pub buttons: Vec<Vec<Button>>,
    /// A file that comes with it.
    pub file: Option<File>,
}

/// How a reply is meant; never said by colour alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// The notes say so.
    #[default]
    Answer,
    /// The notes do not say.
    Abstention,
    /// Something was done, or is explained.
    Notice,
    /// Something did not work.
    Problem,
}

/// A piece of text.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// A heading above quotations.
    Heading(String),
    /// A quotation with the numbers of its sources.
    Quote {
        /// Plain text of the note, or a code block.
        text: Quoted,
        /// Numbers of [`Reply::sources`], from 1.
        numbers: Vec<usize>,
        /// The older statement that it corrects, with its numbers.
        corrects: Option<(Quoted, Vec<usize>)>,
    },
    /// Our own words.
    Text(Vec<Part>),
}

/// Quoted text without markup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Quoted {
    /// Prose, a line for each block of the note.
    Prose(String),
    /// Lines of code.
    Code(String),
}

/// A stretch of our own words.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Plain text.
    Plain(String),
    /// Emphasised text.
    Strong(String),
    /// Something to be typed, or the name of a file.
    Code(String),
    /// A moment in seconds since 1970, shown in the reader's own zone.
    Time(i64),
    /// The time from or until a moment.
    Ago(i64),
    /// A link that we make, with its text.
    Link(String, String),
    /// A member by id, shown by name and never pinged.
    Member(u64),
    /// A channel by id, shown by name.
    Channel(u64),
    /// Plain text that is shown when it is clicked.
    Spoiler(String),
}

/// Something to press.
#[derive(Clone, Debug, PartialEq)]
pub struct Button {
    /// What it says, at most 80 characters are shown.
    pub label: String,
    /// The one that is offered first.
    pub primary: bool,
    /// What it does.
    pub action: Action,
}

/// What a button does. Everything it needs is in here or in the message that
/// it belongs to, so that it works after a restart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Shows a page of an answer, from 0.
    Page(Request, u16),
    /// Shows a page of an answer to everybody in the channel.
    Share(Request, u16),
    /// Says that an answer was helpful.
    Helpful(Request),
    /// Says that it was not; asks for the reason.
    NotHelpful(Request),
    /// Takes the message away; of a public one only who asked may.
    Dismiss(u64),
    /// Answers a round with an option, an index as shown.
    Attempt(RoundId, usize),
    /// Says that something is wrong with the question of a round.
    Flag(RoundId),
    /// Shows a leaderboard to everybody in the channel.
    ShareBoard(Period),
    /// Shows the matrix to everybody in the channel.
    ShareMatrix,
    /// Shows the next question to practise.
    Practise,
    /// Answers a question of practice with an option, an index as shown.
    Try(Exercise, usize),
}

/// A question of practice as somebody was shown it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exercise {
    /// Which question, as it was then: another one when its text has changed.
    pub tag: String,
    /// When it was shown, in seconds since 1970; the order of its options
    /// follows from it.
    pub shown_at: i64,
}

/// What a reply answers, enough to answer it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// A question in somebody's own words, and what it follows.
    Question {
        /// As it was typed.
        text: String,
        /// What the question before was about; may be empty.
        before: String,
    },
    /// A note or a section by id.
    Show(String),
    /// What a service (first) has of a control, by ids.
    Both(String, String),
    /// Two services side by side, by ids, all of them or one control.
    Compare {
        /// One service.
        first: String,
        /// The other one.
        second: String,
        /// Id of the control; may be empty.
        control: String,
    },
}

/// A file that comes with a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Name with its ending.
    pub name: String,
    /// What it holds, for people and screen readers.
    pub description: String,
    /// Content.
    pub bytes: Vec<u8>,
}

impl Reply {
    /// A reply of a title and one paragraph.
    pub fn new(tone: Tone, title: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            tone,
            title: title.into(),
            blocks: vec![Block::text(text)],
            ..Self::default()
        }
    }

    /// Something was done, or is explained.
    pub fn notice(title: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(Tone::Notice, title, text)
    }

    /// Something did not work, and what to do.
    pub fn problem(title: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(Tone::Problem, title, text)
    }

    /// With a paragraph more.
    #[must_use]
    pub fn and(mut self, parts: impl IntoIterator<Item = Part>) -> Self {
        self.blocks.push(Block::Text(parts.into_iter().collect()));
        self
    }
}

impl Block {
    /// A paragraph of plain words.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(vec![Part::Plain(text.into())])
    }
}

impl From<&str> for Part {
    fn from(text: &str) -> Self {
        Self::Plain(text.to_owned())
    }
}

impl From<String> for Part {
    fn from(text: String) -> Self {
        Self::Plain(text)
    }
}
