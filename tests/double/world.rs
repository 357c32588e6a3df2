//! What the double knows at a moment, behind one lock, and how tests wait for
//! a change of it.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use serde_json::Value;
use tokio::sync::Notify;

use super::faults::Plan;
use super::gateway::Gateway;
use super::hooks::Stops;
use super::openapi::Description;
use super::pace::Pace;
use super::rest::Request;
use super::setup::{Id, Setup};

/// Discord counts the milliseconds of its ids from the beginning of 2015.
const EPOCH_MS: u64 = 1_420_070_400_000;

/// The double as its server, its tests and their handles share it.
pub(crate) struct Shared {
    /// The base that clients use instead of `https://discord.com`.
    pub(crate) url: String,
    pub(crate) description: Option<Arc<Description>>,
    world: Mutex<World>,
    changed: Notify,
}

impl Shared {
    pub(crate) fn new(url: String, setup: Setup, description: Option<Arc<Description>>) -> Self {
        let world = World {
            setup,
            commands: BTreeMap::new(),
            messages: BTreeMap::new(),
            files: HashMap::new(),
            nonces: HashMap::new(),
            interactions: BTreeMap::new(),
            requests: VecDeque::new(),
            violations: Vec::new(),
            plan: Plan::default(),
            stops: Stops::default(),
            pace: Pace::default(),
            unavailable: None,
            gateway: Gateway::at(&url),
            last_id: 0,
        };
        Self {
            url,
            description,
            world: Mutex::new(world),
            changed: Notify::new(),
        }
    }

    /// The state, to look at.
    pub(crate) fn look(&self) -> MutexGuard<'_, World> {
        // A test that failed while it held the lock must not hide its own message.
        self.world
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Changes the state and wakes those that wait for something in it.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let result = change(&mut self.look());
        self.changed.notify_waiters();
        result
    }

    /// Waits until `find` finds something; fails the test after the patience of the setup.
    pub(crate) async fn until<T>(
        &self,
        what: &str,
        mut find: impl FnMut(&mut World) -> Option<T>,
    ) -> T {
        let patience = self.look().setup.patience;
        let deadline = tokio::time::Instant::now() + patience;
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // Listening before looking: no change in between is missed.
            changed.as_mut().enable();
            if let Some(found) = find(&mut self.look()) {
                return found;
            }
            let is_late = tokio::time::timeout_at(deadline, changed).await.is_err();
            assert!(
                !is_late,
                "waited {patience:?} for {what}; {}",
                self.look().recent()
            );
        }
    }
}

/// A message, also a deleted or a private one.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) channel: Id,
    /// The object as Discord sends it.
    pub(crate) json: Value,
    /// How often it was edited.
    pub(crate) edits: usize,
    pub(crate) deleted: bool,
}

impl Stored {
    pub(crate) fn is_ephemeral(&self) -> bool {
        self.json["flags"].as_u64().unwrap_or(0) & super::messages::EPHEMERAL != 0
    }
}

/// The first response to an interaction.
#[derive(Clone, Debug)]
pub(crate) struct Callback {
    /// Discord's number: 4 message, 5 deferred, 6 deferred update, 7 update, 8 choices, 9 modal.
    pub(crate) kind: u64,
    pub(crate) data: Value,
    /// From the event leaving the double to the callback arriving.
    pub(crate) elapsed: Duration,
}

/// An interaction that was sent to the bot.
#[derive(Clone, Debug)]
pub(crate) struct Interaction {
    pub(crate) token: String,
    /// Discord's number: 2 command, 3 component, 4 autocomplete, 5 modal.
    pub(crate) kind: u64,
    pub(crate) user: Id,
    pub(crate) channel: Id,
    pub(crate) guild: Option<Id>,
    /// Whether the application is installed for the person only.
    pub(crate) foreign: bool,
    /// The message whose component it is about.
    pub(crate) source: Option<Id>,
    /// How often that message had been edited by then.
    pub(crate) source_edits: usize,
    pub(crate) sent: Instant,
    pub(crate) callback: Option<Callback>,
    /// The message that `@original` means.
    pub(crate) original: Option<Id>,
    pub(crate) followups: Vec<Id>,
}

/// The state of the double.
pub(crate) struct World {
    pub(crate) setup: Setup,
    /// Command definitions by the guild they are for; None are the global ones.
    pub(crate) commands: BTreeMap<Option<Id>, Vec<Value>>,
    pub(crate) messages: BTreeMap<Id, Stored>,
    /// Bytes of attachments.
    pub(crate) files: HashMap<Id, Bytes>,
    /// Enforced nonces with the message each made.
    pub(crate) nonces: HashMap<String, (Id, Instant)>,
    pub(crate) interactions: BTreeMap<Id, Interaction>,
    pub(crate) requests: VecDeque<Request>,
    /// What was wrong with requests so far.
    pub(crate) violations: Vec<String>,
    pub(crate) plan: Plan,
    pub(crate) stops: Stops,
    pub(crate) pace: Pace,
    /// What every request is answered in an outage.
    pub(crate) unavailable: Option<u16>,
    pub(crate) gateway: Gateway,
    last_id: Id,
}

impl World {
    /// A new id: later than all others, and telling the time like Discord's.
    pub(crate) fn new_id(&mut self) -> Id {
        let now = u64::try_from(self.now().as_millisecond()).expect("a time after 1970");
        self.last_id = ((now - EPOCH_MS) << 22).max(self.last_id + 1);
        self.last_id
    }

    /// The time by Discord's clock.
    pub(crate) fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::now() + self.setup.ahead
    }

    /// The interaction with this token.
    pub(crate) fn by_token(&mut self, token: &str) -> Option<(Id, &mut Interaction)> {
        let id = interaction_of(token)?;
        let interaction = self.interactions.get_mut(&id)?;
        (interaction.token == token).then_some((id, interaction))
    }

    /// Keeps a message and forgets the oldest ones beyond the limit of the setup.
    pub(crate) fn keep_message(&mut self, id: Id, stored: Stored) {
        self.messages.insert(id, stored);
        while self.messages.len() > self.setup.keeps {
            self.messages.pop_first();
        }
    }

    /// Keeps an interaction likewise.
    pub(crate) fn keep_interaction(&mut self, id: Id, interaction: Interaction) {
        self.interactions.insert(id, interaction);
        while self.interactions.len() > self.setup.keeps {
            self.interactions.pop_first();
        }
    }

    /// Keeps a request likewise.
    pub(crate) fn keep_request(&mut self, request: Request) {
        self.requests.push_back(request);
        while self.requests.len() > self.setup.keeps {
            self.requests.pop_front();
        }
    }

    /// Sends the bot an event that is a matter of a channel, if its intents ask for it.
    pub(crate) fn dispatch_in(&mut self, channel: Id, event: &str, data: &Value) {
        use super::gateway::{DIRECT_MESSAGES, GUILD_MESSAGES};
        let intent = match self.setup.channel(channel) {
            Some((guild, _)) if !guild.has_bot => return,
            Some(_) => GUILD_MESSAGES,
            None => DIRECT_MESSAGES,
        };
        if self.gateway.has_intent(intent) {
            self.gateway.dispatch(event, data);
        }
    }

    /// The last requests, for the message of a failing test.
    fn recent(&self) -> String {
        let lines: Vec<String> = self
            .requests
            .iter()
            .rev()
            .take(6)
            .map(|request| {
                format!(
                    "{} {} -> {}",
                    request.method,
                    request.route(),
                    request.status
                )
            })
            .collect();
        format!(
            "gateway connected: {}; last requests, newest first: {lines:#?}; violations: {:#?}",
            self.gateway.is_connected(),
            self.violations
        )
    }
}

/// A token that names its interaction, so that it is found without a second map.
pub(crate) fn token_for(id: Id) -> String {
    // As long as Discord's, so that whatever recognises those by length is tested too.
    format!("aW50ZXJhY3Rpb246{id}{}", "x".repeat(120))
}

fn interaction_of(token: &str) -> Option<Id> {
    token
        .strip_prefix("aW50ZXJhY3Rpb246")?
        .trim_end_matches('x')
        .parse()
        .ok()
}

/// An id in JSON.
pub(crate) fn id_in(value: &Value) -> Option<Id> {
    value.as_str()?.parse().ok()
}

/// The time as Discord writes it.
pub(crate) fn timestamp() -> Value {
    Value::String(
        jiff::Timestamp::now()
            .strftime("%Y-%m-%dT%H:%M:%S.%6f+00:00")
            .to_string(),
    )
}
