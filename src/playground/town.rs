//! Who and what is there: sample members of one server, its channels, and the
//! messages in them.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::Timestamp;

use crate::app::{App, Asker, Place};
use crate::commands;
use crate::id::{ChannelId, GuildId, MessageId, UserId};
use crate::picture::Theme;
use crate::render::reply::{Action, Reply};

/// The one server.
pub(super) const GUILD: GuildId = GuildId(1);
/// Where questions are asked.
pub(super) const QUESTIONS: ChannelId = ChannelId(11);
/// Where the daily quiz appears.
pub(super) const QUIZ: ChannelId = ChannelId(12);
/// Ids of direct messages are those of the member plus this.
const DIRECT: u64 = 1000;
/// Messages that are kept; the oldest go first.
const KEPT: usize = 400;

/// A sample member.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) id: UserId,
    pub(super) name: &'static str,
    /// Has the permission Manage Server.
    pub(super) manages: bool,
}

/// Those who are there.
pub(super) static MEMBERS: [Member; 4] = [
    member(101, "Mira", true),
    member(102, "Jonas", false),
    member(103, "Aiko", false),
    member(104, "Tunde", false),
];

const fn member(id: u64, name: &'static str, manages: bool) -> Member {
    Member {
        id: UserId(id),
        name,
        manages,
    }
}

/// A channel of the server.
#[derive(Debug)]
pub(super) struct Channel {
    pub(super) id: ChannelId,
    pub(super) name: &'static str,
    pub(super) topic: &'static str,
}

/// Those that everybody sees.
pub(super) static CHANNELS: [Channel; 2] = [
    Channel {
        id: QUESTIONS,
        name: "ask-the-notes",
        topic: "Ask by mentioning @Footnote, or type / for commands",
    },
    Channel {
        id: QUIZ,
        name: "daily-quiz",
        topic: "One question a day; the first answer counts",
    },
];

/// Who does something, and where.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turn {
    pub(super) member: &'static Member,
    pub(super) channel: ChannelId,
    /// What their page looks like; pictures are drawn to go with it.
    pub(super) theme: Theme,
}

impl Turn {
    /// None where there is no such member, or the channel is not theirs.
    pub(super) fn of(member: UserId, channel: ChannelId, theme: Theme) -> Option<Self> {
        let member = member_with(member)?;
        let known = CHANNELS.iter().any(|known| known.id == channel);
        (known || channel == direct(member.id)).then_some(Self {
            member,
            channel,
            theme,
        })
    }

    /// The server; none in a direct message.
    pub(super) fn guild(&self) -> Option<GuildId> {
        (self.channel != direct(self.member.id)).then_some(GUILD)
    }

    /// Who asks. An answer that only one person sees has no place to link to.
    pub(super) fn asker(&self, message: Option<MessageId>) -> Asker {
        let channel = self.channel;
        let place = message.map(|message| Place { channel, message });
        Asker {
            user: self.member.id,
            guild: self.guild(),
            place: place.filter(|_| self.guild().is_some()),
        }
    }
}

/// The member with an id.
pub(super) fn member_with(id: UserId) -> Option<&'static Member> {
    MEMBERS.iter().find(|member| member.id == id)
}

/// Where a member and the bot talk alone.
pub(super) fn direct(member: UserId) -> ChannelId {
    ChannelId(DIRECT + member.0)
}

/// A message.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) id: MessageId,
    pub(super) channel: ChannelId,
    pub(super) said: Said,
    /// The only one who sees it; everybody in the channel where there is none.
    pub(super) only: Option<UserId>,
    /// What it answers: a message, or a command of somebody.
    pub(super) answers: Option<Answers>,
    pub(super) at: Timestamp,
    /// How often it was changed. A button is pressed on what somebody saw.
    pub(super) edits: u32,
}

/// Who says what.
#[derive(Clone, Debug)]
pub(super) enum Said {
    /// A member, in plain words.
    Member(&'static Member, String),
    /// The bot.
    Bot(Box<Reply>),
}

/// What a message comes from.
#[derive(Clone, Debug)]
pub(super) enum Answers {
    /// A reply to a message.
    Message(MessageId),
    /// Somebody used a command.
    Command(&'static Member, String),
}

impl Message {
    /// Of the bot: what it says.
    pub(super) fn reply(&self) -> Option<&Reply> {
        match &self.said {
            Said::Bot(reply) => Some(reply),
            Said::Member(..) => None,
        }
    }

    /// What a button of it does.
    pub(super) fn action(&self, row: usize, column: usize) -> Option<&Action> {
        let buttons = &self.reply()?.buttons;
        Some(&buttons.get(row)?.get(column)?.action)
    }

    /// Whether a member may see it.
    pub(super) fn is_seen_by(&self, member: UserId) -> bool {
        self.only.is_none_or(|only| only == member)
    }

    /// Where it stands.
    pub(super) fn place(&self) -> Place {
        Place {
            channel: self.channel,
            message: self.id,
        }
    }
}

/// All messages, oldest first.
#[derive(Debug)]
pub(super) struct Town {
    messages: VecDeque<Message>,
    next: u64,
}

impl Town {
    /// With a few words to begin with.
    pub(super) fn new(app: &Arc<App>) -> Self {
        let now = app.now();
        // A database that was configured keeps votes by message: ids are new at
        // each start, and below 2^53 for JavaScript.
        let start = u64::try_from(now.as_millisecond()).unwrap_or(0) * 1000;
        let mut town = Self {
            messages: VecDeque::new(),
            next: start,
        };
        town.post(QUESTIONS, Said::Bot(Box::new(commands::help(app))), now);
        if let Some(popular) = app.suggest_sections("").first() {
            let about = popular.label.replace(" · ", ", ");
            let words = format!("What was it again with {about}?");
            town.post(QUESTIONS, Said::Member(&MEMBERS[1], words), now);
        }
        town
    }

    /// Adds a message that everybody in a channel sees.
    pub(super) fn post(&mut self, channel: ChannelId, said: Said, at: Timestamp) -> &mut Message {
        if self.messages.len() == KEPT {
            self.messages.pop_front();
        }
        self.next += 1;
        self.messages.push_back(Message {
            id: MessageId(self.next),
            channel,
            said,
            only: None,
            answers: None,
            at,
            edits: 0,
        });
        let last = self.messages.len() - 1;
        &mut self.messages[last]
    }

    /// All messages, oldest first.
    pub(super) fn messages(&self) -> impl Iterator<Item = &Message> {
        self.messages.iter()
    }

    /// A message, if a member may see it.
    pub(super) fn message(&self, id: MessageId, member: UserId) -> Option<&Message> {
        self.messages()
            .find(|message| message.id == id && message.is_seen_by(member))
    }

    /// Changes what the bot says in a message; says whether it is there.
    pub(super) fn edit(&mut self, id: MessageId, reply: Reply) -> bool {
        let found = self.messages.iter_mut().find(|message| message.id == id);
        found.is_some_and(|message| {
            message.said = Said::Bot(Box::new(reply));
            message.edits += 1;
            true
        })
    }

    /// Takes a message away.
    pub(super) fn remove(&mut self, id: MessageId) {
        self.messages.retain(|message| message.id != id);
    }
}
