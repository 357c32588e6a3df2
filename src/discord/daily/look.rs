//! Whether the message of a round is there: what the channel's history says, and
//! what the failure of a request says.

use jiff::Timestamp;
use serde_json::Value;
use serenity::all::{ChannelId, MessageId, Permissions};

use crate::app::Publication;
use crate::quiz::publication::Outcome;
use crate::quiz::round::RoundId;
use crate::render::reply::Action;

use crate::discord::bot::Bot;
use crate::discord::components::decode;
use crate::discord::doctor;
use crate::discord::rest::{PAGE, RestError, UNKNOWN_MESSAGE};

/// Pages that are read for a round. A channel with more messages than these
/// hold since its first try is busier than any that a quiz is for.
const PAGES: usize = 30;
/// The first moment of Discord's ids, in milliseconds since 1970.
const DISCORD_EPOCH_MS: i64 = 1_420_070_400_000;

/// Discord's codes for what an admin can mend.
pub(super) mod code {
    pub(in crate::discord::daily) const UNKNOWN_CHANNEL: u64 = 10_003;
    pub(in crate::discord::daily) const MISSING_ACCESS: u64 = 50_001;
    pub(in crate::discord::daily) const MISSING_PERMISSIONS: u64 = 50_013;
}

impl Bot {
    /// Looks for the message of a round that may have been sent.
    pub(super) async fn look(&self, publication: &Publication, since: Timestamp) -> Outcome {
        let round = &publication.round;
        let channel = ChannelId::new(round.channel.0);
        let mut after = first_id(since);
        for page in 0..PAGES {
            let messages = match self.rest.messages_after(channel, after).await {
                Ok(messages) => messages,
                Err(error) => return outcome(&error),
            };
            if let Some(found) = messages
                .iter()
                .find_map(|one| self.message_of(one, &round.id))
            {
                return Outcome::There(found);
            }
            if page == 0 && messages.is_empty() {
                return self.absent(publication).await;
            }
            let Some(last) = messages.iter().filter_map(id_of).max() else {
                return Outcome::Absent;
            };
            if messages.len() < PAGE {
                return Outcome::Absent;
            }
            after = last;
        }
        Outcome::Unreadable
    }

    /// An empty history counts only where the bot may read it.
    async fn absent(&self, publication: &Publication) -> Outcome {
        let round = &publication.round;
        match doctor::permissions_in(&self.rest, round.channel).await {
            Ok(permissions) if permissions.contains(Permissions::READ_MESSAGE_HISTORY) => {
                Outcome::Absent
            }
            Ok(_) => Outcome::Unreadable,
            Err(error) => outcome(&error),
        }
    }

    /// The message's id if it is ours and that of a round.
    fn message_of(&self, message: &Value, id: &RoundId) -> Option<crate::id::MessageId> {
        let rows = message["components"].as_array()?;
        let buttons = rows.iter().filter_map(|row| row["components"].as_array());
        let is_it = buttons
            .flatten()
            .filter_map(|button| button["custom_id"].as_str())
            .any(|custom_id| matches!(decode(custom_id, None), Some(Action::Attempt(of, _)) if of == *id));
        // Nobody else can post buttons with our ids but another bot, which
        // Discord shows as another author; until the gateway was ready once,
        // only the form of the id speaks for it.
        let author = message["author"]["id"]
            .as_str()
            .and_then(|id| id.parse().ok());
        let by_other = self.user.get().is_some_and(|me| author != Some(me.0));
        (is_it && !by_other).then(|| id_of(message).map(|id| crate::id::MessageId(id.get())))?
    }
}

/// What a failed call means for a round.
pub(super) fn outcome(error: &RestError) -> Outcome {
    if error.code() == Some(UNKNOWN_MESSAGE) {
        return Outcome::Removed;
    }
    let why = error.to_string();
    match error {
        RestError::NotSent { .. } | RestError::RateLimited { .. } | RestError::Paused { .. } => {
            Outcome::NotDone {
                wait: error.retry_after(),
                why,
            }
        }
        RestError::Refused { code, .. } => Outcome::Refused {
            why: match *code {
                code::UNKNOWN_CHANNEL => "the channel is gone".to_owned(),
                code::MISSING_ACCESS => "the bot may not see the channel".to_owned(),
                code::MISSING_PERMISSIONS => "the bot may not write in the channel".to_owned(),
                _ => why,
            },
        },
        RestError::Unsendable(_) => Outcome::Refused { why },
        RestError::Unknown { .. } | RestError::Unauthorized => Outcome::Unknown { why },
    }
}

/// The least id of messages from a moment on: <https://docs.discord.com/developers/reference#snowflakes>.
fn first_id(since: Timestamp) -> MessageId {
    let ms = since.as_millisecond().saturating_sub(DISCORD_EPOCH_MS);
    let id = u64::try_from(ms).unwrap_or(0).saturating_mul(1 << 22);
    MessageId::new(id.max(1))
}

fn id_of(message: &Value) -> Option<MessageId> {
    let id: u64 = message["id"].as_str()?.parse().ok()?;
    (id != 0).then(|| MessageId::new(id))
}
