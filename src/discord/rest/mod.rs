//! The one way to Discord's REST interface.
//!
//! Every call has a deadline and an outcome that a caller can decide on; only
//! what is safe is repeated; nothing that is sent can ping anyone. serenity
//! gives the routes, but the requests are our own: its client has no timeouts,
//! hides status and headers of failures, and writes bodies and interaction
//! tokens to the log.

mod body;
mod call;
mod channel;
mod error;
mod limit;
mod limiter;
#[cfg(test)]
mod tests;

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::HeaderValue;
use reqwest::{Client, Method};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serenity::builder::CreateAllowedMentions;
use serenity::http::{Http, HttpBuilder, Route};
use serenity::model::id::{ApplicationId, ChannelId, InteractionId, MessageId};

pub use self::body::File;
use self::call::{BUDGET, Call, Lane, decode};
pub use self::channel::PAGE;
pub use self::error::RestError;
use self::limiter::Limiter;

/// How Discord wants bots to name themselves.
const USER_AGENT: &str = concat!(
    "DiscordBot (https://github.com/footnote-bot/footnote, ",
    env!("CARGO_PKG_VERSION"),
    ")"
);

/// A connection is there within this time or not at all.
const CONNECT: Duration = Duration::from_secs(5);

/// Discord gives up on an interaction after 3 s; the rest is for the way.
const CALLBACK_BUDGET: Duration = Duration::from_millis(2_500);

/// One try of an answer to an interaction, so that a silent connection leaves
/// time for another one.
const CALLBACK_TRY: Duration = Duration::from_millis(1_200);

/// The wait before the second try of an answer to an interaction.
const CALLBACK_BACKOFF: Duration = Duration::from_millis(150);

/// Idle connections are closed before the other side does it, since a request
/// on a connection that is just being closed may be lost.
const IDLE: Duration = Duration::from_secs(30);

/// Discord's code for an interaction that ended, mostly after 3 s.
const UNKNOWN_INTERACTION: u64 = 10_062;

/// Discord's code for an interaction that has its first answer.
const ALREADY_ACKNOWLEDGED: u64 = 40_060;

/// Discord's code for a message that is gone.
pub const UNKNOWN_MESSAGE: u64 = 10_008;

/// The port to Discord's REST interface. One for each process: the limits are
/// counted here.
pub struct Rest {
    client: Client,
    token: SecretString,
    authorization: HeaderValue,
    /// Another place than Discord, without a slash at the end.
    base: Option<String>,
    limiter: Limiter,
    counts: Counts,
}

/// What happened since the start, for health checks.
#[derive(Debug, Default)]
pub struct Counts {
    /// Requests sent, repeated ones too.
    pub requests: AtomicU64,
    /// Replies 429.
    pub rate_limited: AtomicU64,
    /// Calls whose outcome stayed unknown.
    pub unknown: AtomicU64,
    /// Interactions that Discord had given up on.
    pub too_late: AtomicU64,
    /// Interactions that had been answered already.
    pub already: AtomicU64,
}

/// What came of the first answer to an interaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acknowledged {
    /// The person sees it.
    Delivered,
    /// Discord had given up waiting; the person sees a failure.
    TooLate,
    /// Somebody else had answered.
    Already,
}

/// A message as Discord keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Sent {
    /// Its id.
    pub id: MessageId,
    /// Where it stands.
    pub channel_id: ChannelId,
}

/// A reply and when Discord made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dated<T> {
    /// The body.
    pub body: T,
    /// Discord's clock, whole seconds.
    pub date: Option<Timestamp>,
}

impl Rest {
    /// A port that speaks with `token`, to Discord or to another `base` such
    /// as `http://127.0.0.1:8080`, which has no path.
    ///
    /// # Errors
    ///
    /// [`RestError::Unsendable`] for a token that no header can hold, or when
    /// the TLS library cannot start.
    pub fn new(token: &SecretString, base: Option<&str>) -> Result<Self, RestError> {
        let mut authorization = HeaderValue::try_from(format!("Bot {}", token.expose_secret()))
            .map_err(|_| {
                RestError::Unsendable("the token has characters that no header can hold")
            })?;
        authorization.set_sensitive(true);
        let mut client = Client::builder()
            .user_agent(USER_AGENT)
            .connect_timeout(CONNECT)
            .timeout(BUDGET)
            .redirect(reqwest::redirect::Policy::none())
            .pool_idle_timeout(IDLE);
        if base.is_some() {
            // An address given on purpose is reached directly.
            client = client.no_proxy();
        }
        let client = client
            .build()
            .map_err(|_| RestError::Unsendable("the TLS library cannot start"))?;
        Ok(Self {
            client,
            token: token.clone(),
            authorization,
            base: base.map(|base| base.trim_end_matches('/').to_owned()),
            limiter: Limiter::new(NonZeroU32::MIN),
            counts: Counts::default(),
        })
    }

    /// The same for one of so many processes, which share what Discord allows one
    /// bot: each keeps to its part.
    #[must_use]
    pub fn among(mut self, processes: NonZeroU32) -> Self {
        self.limiter = Limiter::new(processes);
        self
    }

    /// What happened since the start.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// serenity's own client, for its gateway only: with our timeouts, without
    /// its limiter.
    pub fn serenity_http(&self) -> Http {
        let http = HttpBuilder::new(self.token.expose_secret())
            .client(self.client.clone())
            .ratelimiter_disabled(true)
            .default_allowed_mentions(CreateAllowedMentions::new());
        match &self.base {
            Some(base) => http.proxy(base).build(),
            None => http.build(),
        }
    }

    /// Gives the first answer to an interaction, within 2.5 s. It may be
    /// repeated: Discord takes one and tells of it when another comes.
    ///
    /// # Errors
    ///
    /// Any but [`RestError::Unauthorized`] and [`RestError::Paused`]. That
    /// Discord gave up or knew an answer is not an error but an outcome.
    pub async fn respond(
        &self,
        interaction: InteractionId,
        token: &str,
        body: &Value,
        files: &[File],
    ) -> Result<Acknowledged, RestError> {
        let mut body = body.clone();
        body::prepare_callback(&mut body, files)?;
        let route = Route::InteractionResponse {
            interaction_id: interaction,
            token,
        };
        let call = Call {
            lane: Lane::Callback,
            budget: CALLBACK_BUDGET,
            per_try: CALLBACK_TRY,
            backoff: CALLBACK_BACKOFF,
            ..Call::new(Method::POST, route, Some(body), files)
        };
        let Err(error) = self.tries(&call).await else {
            return Ok(Acknowledged::Delivered);
        };
        match (error.code(), &error) {
            // The try before, of which nothing came back, had arrived.
            (Some(ALREADY_ACKNOWLEDGED), RestError::Unknown { .. }) => Ok(Acknowledged::Delivered),
            (Some(ALREADY_ACKNOWLEDGED), _) => {
                add(&self.counts.already);
                Ok(Acknowledged::Already)
            }
            (Some(UNKNOWN_INTERACTION), _) => {
                add(&self.counts.too_late);
                Ok(Acknowledged::TooLate)
            }
            _ => Err(self.counted(error)),
        }
    }

    /// Changes the first answer to an interaction.
    ///
    /// # Errors
    ///
    /// Any; [`RestError::Refused`] with status 401 or 404 when the
    /// interaction's token has ended.
    pub async fn edit_original(
        &self,
        application: ApplicationId,
        token: &str,
        body: &Value,
        files: &[File],
    ) -> Result<Sent, RestError> {
        let mut body = body.clone();
        body::prepare_message(&mut body, files)?;
        let route = Route::WebhookOriginalInteractionResponse {
            application_id: application,
            token,
        };
        let call = Call {
            lane: Lane::Webhook,
            ..Call::new(Method::PATCH, route, Some(body), files)
        };
        decode(self.call(&call).await?)
    }

    /// Adds a message after the first answer to an interaction. Never
    /// repeated once it may have arrived.
    ///
    /// # Errors
    ///
    /// As for [`Rest::edit_original`].
    pub async fn followup(
        &self,
        application: ApplicationId,
        token: &str,
        body: &Value,
        files: &[File],
    ) -> Result<Sent, RestError> {
        let mut body = body.clone();
        body::prepare_message(&mut body, files)?;
        let route = Route::WebhookFollowupMessages {
            application_id: application,
            token,
        };
        let call = Call {
            lane: Lane::Webhook,
            repeatable: false,
            ..Call::new(Method::POST, route, Some(body), files)
        };
        decode(self.call(&call).await?)
    }

    /// Removes the first answer to an interaction; one that is gone already
    /// is fine.
    ///
    /// # Errors
    ///
    /// As for [`Rest::edit_original`].
    pub async fn delete_original(
        &self,
        application: ApplicationId,
        token: &str,
    ) -> Result<(), RestError> {
        let route = Route::WebhookOriginalInteractionResponse {
            application_id: application,
            token,
        };
        let call = Call {
            lane: Lane::Webhook,
            ..Call::new(Method::DELETE, route, None, &[])
        };
        match self.call(&call).await {
            Err(error) if error.code() == Some(UNKNOWN_MESSAGE) => Ok(()),
            outcome => outcome.map(|_| ()),
        }
    }

    /// Reads something.
    ///
    /// # Errors
    ///
    /// Any; [`RestError::Unknown`] for a body of another shape.
    pub async fn get<T: DeserializeOwned>(&self, route: Route<'_>) -> Result<Dated<T>, RestError> {
        let reply = self.call(&Call::new(Method::GET, route, None, &[])).await?;
        let date = reply.date;
        Ok(Dated {
            body: decode(reply)?,
            date,
        })
    }

    /// Replaces something whole, such as the list of commands.
    ///
    /// # Errors
    ///
    /// Any.
    pub async fn put(&self, route: Route<'_>, body: Value) -> Result<Value, RestError> {
        let call = Call::new(Method::PUT, route, Some(body), &[]);
        Ok(self.call(&call).await?.body)
    }
}

fn add(count: &AtomicU64) {
    count.fetch_add(1, Ordering::Relaxed);
}
