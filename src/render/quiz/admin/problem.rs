//! What is wrong with the quiz of a server, and what to do about it.

use crate::id::ChannelId;
use crate::render::reply::{Part, Reply, Tone};

/// Why a channel is no place for rounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It is not there.
    Gone,
    /// It is on another server.
    Elsewhere,
    /// It is for something else than messages.
    NotText,
    /// The bot may not do there what it needs to.
    Lacks {
        /// Permissions that none of its roles has.
        never_had: Vec<String>,
        /// Permissions that the channel takes away.
        taken: Vec<String>,
        /// The role where they are best allowed.
        role: String,
        /// Whether it may not write on the server at all for a while.
        timed_out: bool,
    },
    /// Discord did not say in time.
    Unknown,
}

/// A channel cannot be used; nothing was changed.
pub fn unfit(channel: ChannelId, unfit: &Unfit) -> Reply {
    let mut reply = Reply {
        tone: Tone::Problem,
        title: "Nothing was changed".into(),
        ..Reply::default()
    };
    for line in lines(channel, unfit) {
        reply = reply.and(line);
    }
    match unfit {
        Unfit::Lacks { .. } => reply.and(["Then run the command again.".into()]),
        _ => reply,
    }
}

/// What keeps rounds out of a channel, a line each with what to do.
pub(super) fn lines(channel: ChannelId, unfit: &Unfit) -> Vec<Vec<Part>> {
    let here = Part::Channel(channel.0);
    match unfit {
        Unfit::Gone => vec![vec![
            "The channel is gone. Choose another one with ".into(),
            setup(),
            ".".into(),
        ]],
        Unfit::Elsewhere => vec![vec![
            "That is no channel of this server. Choose one of its text channels.".into(),
        ]],
        Unfit::NotText => vec![vec![
            here,
            " is no text channel. Choose one where messages can be written.".into(),
        ]],
        Unfit::Unknown => vec![vec![
            "Discord did not say what the bot may do in ".into(),
            here,
            ". Please try again in a minute.".into(),
        ]],
        Unfit::Lacks {
            never_had,
            taken,
            role,
            timed_out,
        } => {
            let mut lines = Vec::new();
            if *timed_out {
                lines.push(vec![
                    "The bot is timed out on this server: right click on it in the list of members, Remove Timeout.".into(),
                ]);
            }
            if !never_had.is_empty() {
                lines.push(vec![
                    "The bot lacks ".into(),
                    Part::Strong(never_had.join(", ")),
                    format!(". Allow it to the role {role} in Server Settings, Roles.").into(),
                ]);
            }
            if !taken.is_empty() {
                lines.push(vec![
                    here,
                    " takes away from the bot ".into(),
                    Part::Strong(taken.join(", ")),
                    format!(". Allow it to the role {role} in Edit Channel, Permissions.").into(),
                ]);
            }
            lines
        }
    }
}

/// What to do about a problem of a kind, where its text does not say so.
pub(super) fn remedy(kind: &str, channel: ChannelId) -> Vec<Part> {
    match kind {
        "refused" => vec![
            " If the bot may post in ".into(),
            Part::Channel(channel.0),
            " by now, the next question shows it; ".into(),
            setup(),
            " chooses another channel.".into(),
        ],
        "unreadable-history" => vec![
            " Allow its role Read Message History in Edit Channel, Permissions; the rest follows by itself.".into(),
        ],
        "no-question" => vec![
            " Write questions under ".into(),
            Part::Code("## Quiz".into()),
            " in the notes.".into(),
        ],
        _ => Vec::new(),
    }
}

fn setup() -> Part {
    Part::Code("/quiz-admin setup".into())
}
