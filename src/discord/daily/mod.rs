//! The posting loop: pulls rounds that are due from the application, carries
//! out its steps with Discord, and reports what came of them.
//!
//! It only speaks REST, so that rounds appear whether or not the gateway is
//! connected. Many servers are served at once; the limiter of [`super::rest`]
//! keeps the pace.

mod look;

use std::collections::HashSet;
use std::hash::{Hash as _, Hasher as _};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::{FutureExt as _, StreamExt as _, stream};
use rustc_hash::FxHasher;
use serde_json::Value;
use serenity::all::{ChannelId, MessageId};
use serenity::http::Route;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, error, info, info_span, warn};

use crate::app::{Closing, Publication, Shown, Soundness};
use crate::quiz::publication::{Outcome, Step};
use crate::quiz::round::Round;
use crate::render::quiz as render;
use crate::store::{Letter, StoreError};

use self::look::{code, outcome};
use crate::discord::bot::Bot;
use crate::discord::reply::message;
use crate::discord::rest::UNKNOWN_MESSAGE;

/// The clock is looked at this often, so that a jump costs no more.
const TICK: Duration = Duration::from_secs(30);
/// Even with something due at once, the store is not asked more often.
const SHORTEST: Duration = Duration::from_millis(200);
/// The wait after something failed, so that it does not fail all the time.
const FAILED: Duration = Duration::from_secs(5);
/// Rounds under way at once: enough for 40 requests a second at replies of
/// half a second.
const AT_ONCE: usize = 24;
/// What is done for many rounds at once.
#[derive(Clone, Copy, Debug)]
enum Work {
    Post,
    /// No more answers, then the results.
    Close,
}

impl Bot {
    /// Posts rounds and shows results until `stop`. What is under way then is
    /// finished.
    pub(super) async fn run_quiz(self: Arc<Self>, stop: CancellationToken) {
        let started = Instant::now();
        let mut was_off = false;
        while !stop.is_cancelled() {
            let turn = self.keep_up(started, &mut was_off, &stop);
            let wait = match AssertUnwindSafe(turn).catch_unwind().await {
                Ok(Ok(wait)) => wait,
                Ok(Err(error)) => {
                    error!(
                        error = &error as &dyn std::error::Error,
                        "the quiz cannot go on; it is tried again"
                    );
                    FAILED
                }
                // The panic was logged where it happened.
                Err(_) => FAILED,
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = sleep(wait) => {}
                () = self.app.quiz.woken() => {}
            }
        }
    }

    /// Does all that is due; says how long nothing is.
    async fn keep_up(
        &self,
        started: Instant,
        was_off: &mut bool,
        stop: &CancellationToken,
    ) -> Result<Duration, StoreError> {
        // Only what is due asks Discord for the time; with a wrong one, not even
        // plans are made.
        let due = self.app.next_wake().await?;
        let now = self.app.now();
        let mut failed = false;
        if due.is_some_and(|due| due <= now) {
            if !self.is_clock_sound(started, was_off).await {
                return Ok(TICK);
            }
            self.app.plan_rounds().await?;
            let posted = self.do_all(Work::Post, started, stop).await?;
            let closed = self.do_all(Work::Close, started, stop).await?;
            failed = !(posted && closed);
        }
        for letter in self.app.letters().await? {
            if self.bring(&letter).await {
                self.app.told(&letter).await?;
            }
        }
        if failed {
            return Ok(FAILED);
        }
        let due = self.app.next_wake().await?;
        let wait = due.map(|due| due.duration_since(self.app.now()));
        let wait = wait.and_then(|wait| Duration::try_from(wait).ok().or(Some(Duration::ZERO)));
        Ok(wait.unwrap_or(TICK).clamp(SHORTEST, TICK))
    }

    /// Whether our clock agrees with Discord's. While it does not, nothing is
    /// posted; the log says so once.
    async fn is_clock_sound(&self, started: Instant, was_off: &mut bool) -> bool {
        let quiz = &self.app.quiz;
        let mut judged = quiz.soundness(self.app.now(), started.elapsed());
        if judged == Soundness::Unknown {
            match self.rest.get::<Value>(Route::Gateway).await {
                Ok(dated) => {
                    if let Some(date) = dated.date {
                        let now = self.app.now();
                        quiz.hear_time(now, started.elapsed(), date);
                        judged = quiz.soundness(now, started.elapsed());
                    }
                }
                Err(error) => {
                    info!("Discord cannot be asked for the time: {error}");
                    return false;
                }
            }
        }
        if let Soundness::Off(ahead) = judged {
            if !*was_off {
                error!(
                    "the clock of this machine is {} s {} Discord's; nothing is posted until it is \
                     right",
                    ahead.abs().as_secs(),
                    if ahead.is_negative() {
                        "behind"
                    } else {
                        "ahead of"
                    }
                );
            }
            *was_off = true;
            return false;
        }
        if std::mem::take(was_off) {
            info!("the clock of this machine is right again");
        }
        // A reply without a time says nothing against ours.
        true
    }

    /// Does all of one kind that is due; says whether the store held out.
    async fn do_all(
        &self,
        work: Work,
        started: Instant,
        stop: &CancellationToken,
    ) -> Result<bool, StoreError> {
        let failed = AtomicBool::new(false);
        let mut tried = HashSet::new();
        loop {
            let mut due = match work {
                Work::Post => self.app.rounds_to_post().await?,
                Work::Close => self.app.rounds_to_close().await?,
            };
            due.retain(|round| tried.insert((round.id, round.claims)));
            if due.is_empty() || stop.is_cancelled() {
                return Ok(!failed.into_inner());
            }
            let working = stream::iter(due).for_each_concurrent(AT_ONCE, async |round| {
                if stop.is_cancelled() {
                    return;
                }
                let running = started.elapsed();
                let done = match work {
                    Work::Post => {
                        let span = info_span!("round", round.id = %round.id);
                        self.post(&round, running).instrument(span).await
                    }
                    Work::Close => {
                        let span = info_span!("results", round.id = %round.id);
                        self.close(&round, running).instrument(span).await
                    }
                };
                note_failure(&round, done, &failed);
            });
            working.await;
        }
    }

    async fn post(&self, listed: &Round, running: Duration) -> Result<(), StoreError> {
        let Some(publication) = self.app.claim_round(listed, running).await? else {
            return Ok(());
        };
        let mut step = Some(publication.first_step());
        while let Some(now) = step {
            let outcome = match now {
                Step::Look { since } => self.look(&publication, since).await,
                Step::Send => self.send_round(&publication).await,
            };
            step = self.app.settle_step(&publication, now, outcome).await?;
        }
        Ok(())
    }

    async fn send_round(&self, publication: &Publication) -> Outcome {
        if publication.is_over(self.app.now()) {
            return Outcome::NotDone {
                wait: None,
                why: "there was no time left for it".to_owned(),
            };
        }
        let round = &publication.round;
        let reply = render::round(round, &publication.question, publication.late);
        let payload = message(&reply, false);
        let sent = self
            .rest
            .send(
                ChannelId::new(round.channel.0),
                &payload.body,
                &round.id.nonce(),
                &payload.upload(),
            )
            .await;
        match sent {
            Ok(sent) => Outcome::There(crate::id::MessageId(sent.id.get())),
            Err(error) => outcome(&error),
        }
    }

    async fn close(&self, listed: &Round, running: Duration) -> Result<(), StoreError> {
        let Some(closing) = self.app.close_round(listed, running).await? else {
            return Ok(());
        };
        let shown = self.show_results(&closing).await?;
        self.app.settle_results(&closing, shown).await
    }

    async fn show_results(&self, closing: &Closing) -> Result<Shown, StoreError> {
        let round = &closing.played.round;
        let Some(at) = round.message else {
            return Ok(Shown::Gone);
        };
        let results = self.app.results_of(closing).await?;
        let reply = render::results(&closing.played, &results, self.app.link_base());
        let payload = message(&reply, false);
        let edited = self
            .rest
            .edit_message(
                ChannelId::new(round.channel.0),
                MessageId::new(at.0),
                &payload.body,
                &payload.upload(),
            )
            .await;
        Ok(match edited {
            Ok(_) => Shown::Done,
            Err(error) => match error.code() {
                Some(UNKNOWN_MESSAGE | code::UNKNOWN_CHANNEL) => Shown::Gone,
                _ => match outcome(&error) {
                    Outcome::Refused { why } => Shown::Refused(why),
                    Outcome::NotDone { wait, why } => Shown::Later(wait, why),
                    _ => Shown::Later(None, error.to_string()),
                },
            },
        })
    }

    /// Brings an admin a problem, as a direct message; says whether there is no
    /// more to do about it. Not everybody takes any: the status of the quiz shows
    /// it too.
    async fn bring(&self, letter: &Letter) -> bool {
        let brought = async {
            let user = serenity::all::UserId::new(letter.to.0);
            let channel = self.rest.direct_channel(user).await?;
            let payload = message(&render::letter(letter.guild, &letter.notice.text), false);
            let nonce = letter_nonce(letter);
            self.rest.send(channel, &payload.body, &nonce, &[]).await
        };
        let Err(error) = brought.await else {
            return true;
        };
        let is_final = matches!(outcome(&error), Outcome::Refused { .. } | Outcome::Removed);
        info!(
            guild.id = letter.guild.0,
            again = !is_final,
            "an admin was not told of a problem: {error}"
        );
        is_final
    }
}

/// The nonce of a letter: whoever brings it again, Discord takes it once.
fn letter_nonce(letter: &Letter) -> String {
    let mut hasher = FxHasher::default();
    letter.notice.kind.hash(&mut hasher);
    // At most 25 characters: of one moment there may be letters about several
    // servers, and several about one.
    let (guild, at) = (letter.guild.0 >> 22, letter.notice.at.as_millisecond());
    let kind = hasher.finish();
    format!("l{:x}{at:x}{:x}", guild & 0xffff_ffff, kind & 0xffff)
}

/// Logs what the store said. The claim ends by itself; then the round is taken
/// up again.
fn note_failure(round: &Round, done: Result<(), StoreError>, failed: &AtomicBool) {
    if let Err(error) = done {
        failed.store(true, Ordering::Relaxed);
        warn!(
            round.id = %round.id,
            error = &error as &dyn std::error::Error,
            "the store failed while a round was under way"
        );
    }
}
