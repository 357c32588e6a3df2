//! The commands as the page offers them. A test compares them with what Discord
//! is told.

use serde::Serialize;

/// A command.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Command {
    /// Name, with the group in front: `quiz practice`.
    pub name: &'static str,
    /// What it does, in a line.
    pub description: &'static str,
    /// Its options, in order.
    pub options: &'static [Parameter],
    /// For members with the permission Manage Server, on a server.
    pub manager: bool,
}

/// An option of a command.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Parameter {
    /// Name.
    pub name: &'static str,
    /// What it means, in a line.
    pub description: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// Whether it has to be given.
    pub required: bool,
    /// Whether something is offered while it is typed.
    pub autocomplete: bool,
    /// What may be chosen, where that is all.
    pub choices: &'static [&'static str],
    /// Longest text in characters; 0 for as long as one likes.
    pub max_length: usize,
}

/// What an option takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A text.
    Text,
    /// Yes or no.
    Flag,
    /// A whole number.
    Number,
    /// A member.
    Member,
    /// A channel.
    Channel,
}

/// All of them.
pub const COMMANDS: &[Command] = &[
    open(
        "ask",
        "Ask the notes anything",
        &[
            offered("question", "Your question, in your own words", 1000),
            Parameter {
                kind: Kind::Flag,
                ..optional("share", "Show the answer to everybody here", 0)
            },
        ],
    ),
    open(
        "service",
        "What the notes hold on a service",
        &[
            offered("name", "The service", 200),
            may_be_offered("control", "Only this control of it", 200),
        ],
    ),
    open(
        "control",
        "What a control is, and every service that has it",
        &[offered("name", "The control", 200)],
    ),
    open(
        "compare",
        "Two services side by side",
        &[
            offered("first", "One service", 200),
            offered("second", "The other one", 200),
            may_be_offered("control", "Only this control of them", 200),
        ],
    ),
    open(
        "matrix",
        "Which services have which controls in the notes, as a picture and as text",
        &[],
    ),
    open(
        "quiz practice",
        "Practise questions at your own pace; only you see it, and it does not score",
        &[],
    ),
    open(
        "quiz leaderboard",
        "Who had how many right on this server",
        &[Parameter {
            choices: &["This week", "This month", "All time"],
            ..optional("period", "This week, unless you choose another", 0)
        }],
    ),
    open(
        "quiz stats",
        "Answers, streak and freezes: yours, or what another member shows",
        &[Parameter {
            kind: Kind::Member,
            ..optional("member", "You, unless you choose somebody else", 0)
        }],
    ),
    managed(
        "notes status",
        "Which notes are in use, and what is wrong with them",
        &[],
    ),
    managed(
        "notes gaps",
        "What people asked and the notes did not answer, most asked first",
        &[Parameter {
            kind: Kind::Number,
            ..optional("days", "How many days back (30)", 0)
        }],
    ),
    managed("notes reload", "Read the notes again now", &[]),
    managed(
        "quiz-admin setup",
        "Start the daily quiz, or change where and when it comes",
        &[
            Parameter {
                kind: Kind::Channel,
                ..required("channel", "Where the questions appear", 0)
            },
            required("time", "Time of the day there, such as 9:30 or 5pm", 20),
            offered("timezone", "Time zone: type a city or a country", 100),
            may_be_offered(
                "days",
                "Days with a question, such as mon-fri or daily (Monday to Friday at first)",
                100,
            ),
            optional(
                "reveal_after",
                "Results come this much later, such as 8h or 90m (8 hours at first)",
                20,
            ),
            Parameter {
                choices: &["with the results", "at once"],
                ..optional(
                    "feedback",
                    "When people learn whether they were right (with the results at first)",
                    0,
                )
            },
        ],
    ),
    managed(
        "quiz-admin status",
        "How the quiz goes: what comes next, the last rounds, problems",
        &[],
    ),
    managed(
        "quiz-admin preview",
        "The next question as it will appear, for you alone",
        &[],
    ),
    managed(
        "quiz-admin replace",
        "Set the next question aside and take another one",
        &[],
    ),
    managed(
        "quiz-admin restore",
        "Let a question be asked again that was set aside",
        &[offered("question", "Which one: choose from the list", 100)],
    ),
    managed("quiz-admin post", "Ask today's question now", &[]),
    managed("quiz-admin skip", "Leave out the next question", &[]),
    managed(
        "quiz-admin pause",
        "Stop asking questions for some days, or until you resume",
        &[
            optional(
                "from",
                "First day without a question, such as 24 Dec (today)",
                40,
            ),
            optional(
                "until",
                "Last day without a question, such as 2027-01-01 (until you resume)",
                40,
            ),
        ],
    ),
    managed(
        "quiz-admin resume",
        "Go on with the quiz after a pause",
        &[],
    ),
    open("privacy show", "What is stored about you", &[]),
    open("privacy export", "All of it as a file", &[]),
    open(
        "privacy delete",
        "Delete everything that is stored about you",
        &[],
    ),
    open(
        "privacy hide",
        "Keep your name out of lists that others see",
        &[Parameter {
            kind: Kind::Flag,
            ..optional("hidden", "False shows your name again", 0)
        }],
    ),
    open("help", "What the bot can do, with examples", &[]),
];

const fn open(
    name: &'static str,
    description: &'static str,
    options: &'static [Parameter],
) -> Command {
    Command {
        name,
        description,
        options,
        manager: false,
    }
}

const fn managed(
    name: &'static str,
    description: &'static str,
    options: &'static [Parameter],
) -> Command {
    Command {
        manager: true,
        ..open(name, description, options)
    }
}

const fn optional(name: &'static str, description: &'static str, max_length: usize) -> Parameter {
    Parameter {
        name,
        description,
        kind: Kind::Text,
        required: false,
        autocomplete: false,
        choices: &[],
        max_length,
    }
}

const fn required(name: &'static str, description: &'static str, max: usize) -> Parameter {
    Parameter {
        required: true,
        ..optional(name, description, max)
    }
}

const fn may_be_offered(name: &'static str, description: &'static str, max: usize) -> Parameter {
    Parameter {
        autocomplete: true,
        ..optional(name, description, max)
    }
}

const fn offered(name: &'static str, description: &'static str, max: usize) -> Parameter {
    Parameter {
        required: true,
        ..may_be_offered(name, description, max)
    }
}
