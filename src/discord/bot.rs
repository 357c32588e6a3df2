//! The bot: what events and commands share, and where events arrive.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, OnceLock};

use futures_util::FutureExt as _;
use serde_json::json;
use serenity::all::{
    ChannelId, Context, EventHandler, Interaction, Message, MessageId, Ready, Timestamp,
};
use serenity::async_trait;
use tokio_util::task::TaskTracker;
use tracing::{Instrument as _, info, info_span, warn};

use crate::app::App;
use crate::id::{GuildId, UserId};
use crate::render::answer::{Answered, Setting, answer};
use crate::render::reply::{Reply, Request};
use crate::telemetry::metrics::{ACKNOWLEDGEMENT_TIME, ACKNOWLEDGEMENTS};

use super::error::{self, Failure};
use super::once::Once;
use super::reply::{Payload, message};
use super::rest::{Acknowledged, Rest};
use super::turn::Turn;

/// The first answer to an interaction, by kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Callback {
    /// A new message.
    Message = 4,
    /// A change of the message that a button stands under.
    Update = 7,
}

/// Everything that events and commands need.
pub(super) struct Bot {
    pub(super) app: Arc<App>,
    pub(super) rest: Rest,
    /// Servers that get the commands at once; everywhere when empty.
    pub(super) guilds: Vec<GuildId>,
    /// The bot's own user.
    pub(super) user: OnceLock<UserId>,
    /// Questions in messages: the event of one may arrive twice.
    pub(super) questions: Once<MessageId>,
    /// Private answers that were shared, as they were then: a double click
    /// shares once.
    pub(super) shared: Once<(MessageId, Option<Timestamp>)>,
    /// Channels where the bot may not speak: the log says so once.
    pub(super) mute: Once<ChannelId>,
    /// Has a token out while something is answered.
    busy: TaskTracker,
}

impl Bot {
    pub(super) fn new(app: Arc<App>, rest: Rest, guilds: Vec<GuildId>) -> Self {
        Self {
            app,
            rest,
            guilds,
            user: OnceLock::new(),
            questions: Once::default(),
            shared: Once::default(),
            mute: Once::default(),
            busy: TaskTracker::new(),
        }
    }

    /// Answers a request and shows it as a new message.
    pub(super) async fn answer(
        &self,
        turn: &Turn<'_>,
        request: Request,
        private: bool,
    ) -> Result<(), Failure> {
        let answered = self
            .app
            .ask(request, turn.asker())
            .await
            .map_err(Failure::Refused)?
            .ok_or(Failure::Gone)?;
        let reply = self.page(&answered, turn.user, private, 0);
        self.respond(turn, Callback::Message, &message(&reply, private))
            .await
    }

    /// One page of an answer.
    pub(super) fn page(
        &self,
        answered: &Answered,
        asker: UserId,
        private: bool,
        page: u16,
    ) -> Reply {
        let setting = Setting {
            private,
            asker: asker.0,
            page,
        };
        answer(answered, setting, self.app.link_base())
    }

    /// Shows a reply to the person only.
    pub(super) async fn tell(&self, turn: &Turn<'_>, reply: &Reply) -> Result<(), Failure> {
        self.respond(turn, Callback::Message, &message(reply, true))
            .await
    }

    /// Says what went wrong, if the person can still be told.
    pub(super) async fn apologise(&self, turn: &Turn<'_>, failure: &Failure) {
        error::log(failure);
        if matches!(failure, Failure::Rest(_)) {
            // The answer itself could not be delivered; neither could this.
            return;
        }
        let words = error::words(failure, self.app.now().as_second(), turn.id.get());
        if let Err(failure) = self.tell(turn, &words).await {
            error::log(&failure);
        }
    }

    /// Gives the first answer to an interaction.
    pub(super) async fn respond(
        &self,
        turn: &Turn<'_>,
        kind: Callback,
        payload: &Payload,
    ) -> Result<(), Failure> {
        let body = json!({ "type": kind as u8, "data": payload.body });
        self.acknowledge(turn, &body, payload).await.map(|_| ())
    }

    /// Gives the first answer to an interaction as a body of one's own; says
    /// whether the person sees it.
    pub(super) async fn acknowledge(
        &self,
        turn: &Turn<'_>,
        body: &serde_json::Value,
        payload: &Payload,
    ) -> Result<bool, Failure> {
        let _busy = self.busy.token();
        let outcome = self
            .rest
            .respond(turn.id, turn.token, body, &payload.upload())
            .await;
        ACKNOWLEDGEMENT_TIME.time(&[], turn.arrived.elapsed());
        ACKNOWLEDGEMENTS.count(&[match &outcome {
            Ok(Acknowledged::Delivered) => "delivered",
            Ok(Acknowledged::TooLate) => "too_late",
            Ok(Acknowledged::Already) => "already",
            Err(_) => "failed",
        }]);
        let outcome = outcome?;
        match outcome {
            Acknowledged::Delivered => {}
            Acknowledged::TooLate => warn!("Discord had stopped waiting for the answer"),
            Acknowledged::Already => info!("the interaction had been answered already"),
        }
        Ok(outcome == Acknowledged::Delivered)
    }

    /// Waits for answers under way.
    pub(super) async fn settle(&self) {
        self.busy.close();
        self.busy.wait().await;
    }
}

/// Where serenity's events arrive.
pub(super) struct Events(pub(super) Arc<Bot>);

#[async_trait]
impl EventHandler for Events {
    async fn ready(&self, _: Context, ready: Ready) {
        // The same for as long as the token is.
        let _ = self.0.user.set(UserId(ready.user.id.get()));
        info!(
            bot = %ready.user.name,
            guilds = ready.guilds.len(),
            "connected to Discord"
        );
        // Once is enough, however many shards there are.
        if ready.shard.is_none_or(|shard| shard.id.get() == 0) {
            guarded("ready", self.0.register(ready.application.id)).await;
        }
    }

    async fn message(&self, _: Context, message: Message) {
        let _busy = self.0.busy.token();
        let span = info_span!("message", message.id = message.id.get());
        guarded("message", self.0.read(&message))
            .instrument(span)
            .await;
    }

    async fn interaction_create(&self, _: Context, interaction: Interaction) {
        let bot = &self.0;
        let _busy = bot.busy.token();
        match &interaction {
            Interaction::Component(click) => {
                let turn = Turn::from(click);
                let span = info_span!("click", interaction.id = turn.id.get());
                bot.guard(&turn, bot.click(click)).instrument(span).await;
            }
            Interaction::Modal(form) => {
                let turn = Turn::from(form);
                let span = info_span!("form", interaction.id = turn.id.get());
                bot.guard(&turn, bot.submit(form)).instrument(span).await;
            }
            // Commands and autocomplete are the framework's.
            _ => {}
        }
    }
}

impl Bot {
    /// Runs what answers an interaction; the person is told when it fails,
    /// even by a panic.
    async fn guard(&self, turn: &Turn<'_>, work: impl Future<Output = Result<(), Failure>>) {
        let outcome = AssertUnwindSafe(work).catch_unwind().await;
        // The panic was logged where it happened.
        let outcome = outcome.unwrap_or(Err(Failure::Defect));
        if let Err(failure) = outcome {
            self.apologise(turn, &failure).await;
        }
    }
}

/// Runs what answers nobody; a panic, logged where it happened, ends nothing else.
async fn guarded(what: &str, work: impl Future<Output = ()>) {
    if AssertUnwindSafe(work).catch_unwind().await.is_err() {
        warn!("the event {what} was not dealt with");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Clock;
    use crate::config::Config;
    use axum::Router;
    use axum::extract::State;
    use axum::http::StatusCode;
    use secrecy::SecretString;
    use serde_json::Value;
    use serenity::all::ComponentInteraction;
    use tokio::sync::mpsc;

    /// A bot, and what Discord gets to see of it.
    async fn bot() -> (Bot, mpsc::UnboundedReceiver<Value>) {
        let (sender, seen) = mpsc::unbounded_channel();
        let keep = |State(sender): State<mpsc::UnboundedSender<Value>>, body: String| async move {
            sender.send(serde_json::from_str(&body).unwrap()).unwrap();
            StatusCode::NO_CONTENT
        };
        let router = Router::new().fallback(keep).with_state(sender);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let notes = tempfile::tempdir().unwrap();
        std::fs::write(notes.path().join("soup.md"), "# Soup\n\nLeeks.\n").unwrap();
        let mut config = Config::default();
        config.notes.path = notes.path().to_owned();
        config.store.url = "sqlite::memory:".to_owned();
        let app = App::start(&config, Clock::default()).await.unwrap();
        let rest = Rest::new(&SecretString::from("token"), Some(&base)).unwrap();
        (Bot::new(app, rest, Vec::new()), seen)
    }

    fn click() -> ComponentInteraction {
        let user = json!({ "id": "5", "username": "alice", "discriminator": "0" });
        let message = json!({
            "id": "7", "channel_id": "4", "type": 0, "author": user, "content": "",
            "timestamp": "2026-11-22T12:00:00Z", "edited_timestamp": null, "tts": false,
            "mention_everyone": false, "mentions": [], "mention_roles": [], "attachments": [],
            "embeds": [], "pinned": false,
        });
        serde_json::from_value(json!({
            "id": "9", "application_id": "3", "type": 3, "token": "t", "version": 1,
            "channel_id": "4", "user": user, "message": message, "locale": "en-US",
            "app_permissions": "0", "entitlements": [], "attachment_size_limit": 1,
            "data": { "component_type": 2, "custom_id": "x" },
        }))
        .unwrap()
    }

    #[tokio::test]
    async fn after_a_panic_the_person_gets_a_reference_and_the_bot_goes_on() {
        let (bot, mut seen) = bot().await;
        let click = click();
        for _ in 0..2 {
            bot.guard(&Turn::from(&click), async { panic!("a defect") })
                .await;
            let told = seen.recv().await.unwrap();
            assert_eq!(
                (&told["type"], &told["data"]["flags"]),
                (&json!(4), &json!(64))
            );
            let text = told.to_string();
            assert!(text.contains("Something went wrong"), "{text}");
            assert!(text.contains("reference `9`"), "{text}");
        }
    }

    #[tokio::test]
    async fn an_event_that_panics_takes_nothing_with_it() {
        guarded("test", async { panic!("a defect") }).await;
    }
}
