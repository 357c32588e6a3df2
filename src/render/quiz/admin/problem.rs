//! What is wrong with the quiz of a server, and what to do about it.

use crate::id::ChannelId;
use crate::render::reply::{Part, Reply, Tone};

use super::words;

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
        Unfit::Elsewhere => vec![vec!["That is no channel of this server. Choose one of its text channels.".into()]],
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
                    Part::Strong(words::list(never_had)),
                    format!(". Allow it to the role {role} in Server Settings, Roles.").into(),
                ]);
            }
            if !taken.is_empty() {
                lines.push(vec![
                    here,
                    " takes away from the bot ".into(),
                    Part::Strong(words::list(taken)),
                    format!(". Allow it to the role {role} in Edit Channel, Permissions.").into(),
                ]);
            }
            lines
        }
    }
}

/// A notice of the store in words, with what to do. `text` is what is known
/// about the case.
pub fn notice(kind: &str, text: &str, channel: ChannelId) -> Vec<Part> {
    let here = Part::Channel(channel.0);
    let (kind, about) = kind.split_once(':').unwrap_or((kind, ""));
    let (what, remedy): (Vec<Part>, Vec<Part>) = match kind {
        "missing-permission" => (
            vec![
                "The bot lacks ".into(),
                Part::Strong(if about.is_empty() { "a permission" } else { about }.into()),
                " in ".into(),
                here,
                ", so no question can be posted.".into(),
            ],
            vec![" In Edit Channel, Permissions, allow it to the role of the bot; the rest follows by itself.".into()],
        ),
        "channel-gone" => (
            vec!["The channel of the quiz is gone, or the bot may not see it.".into()],
            vec![" Show it to the bot, or choose another one with ".into(), setup(), ".".into()],
        ),
        "unreadable-history" => (
            vec!["A question may be in ".into(), here, " already, and the bot cannot read there to find out, so it waits.".into()],
            vec![" Allow its role Read Message History in Edit Channel, Permissions.".into()],
        ),
        "low-stock" => (
            vec!["Questions run short.".into()],
            vec![" Write more under ".into(), Part::Code("## Quiz".into()), " in the notes.".into()],
        ),
        "key-alarm" => (
            vec!["A question looks wrong and was set aside.".into()],
            vec![" Look at its note; ".into(), Part::Code("/quiz-admin restore".into()), " brings it back.".into()],
        ),
        "missed" => (vec!["A question was missed.".into()], Vec::new()),
        "clock" => (
            vec!["The clock of the bot's machine is wrong, so nothing is posted.".into()],
            vec![" Whoever runs the bot must set it; ".into(), Part::Code("footnote doctor".into()), " tells by how much.".into()],
        ),
        _ => (Vec::new(), Vec::new()),
    };
    let mut parts = what;
    if !text.is_empty() {
        if !parts.is_empty() {
            parts.push(" ".into());
        }
        parts.push(text.to_owned().into());
    }
    parts.extend(remedy);
    parts
}

fn setup() -> Part {
    Part::Code("/quiz-admin setup".into())
}
