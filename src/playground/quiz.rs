//! Rounds of the daily quiz in the playground: what is due is pulled from the
//! application and shown in a channel, and the time can be moved ahead, so that a
//! whole round takes a minute.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::sleep;

use crate::app::{Shown, Wish};
use crate::commands::quiz_admin;
use crate::id::{ChannelId, MessageId};
use crate::quiz::publication::{Outcome, Step};
use crate::quiz::round::{Round, RoundId};
use crate::render::quiz as render;
use crate::render::reply::{Action, Block, Part, Reply};
use crate::store::StoreError;

use super::Inner;
use super::acts::manager;
use super::time;
use super::town::{GUILD, QUIZ, Said, direct, member_with};

/// The schedule is looked at this often: nothing else happens here.
const TICK: Duration = Duration::from_secs(2);
/// Moved this far beyond a moment, so that it has surely come.
const BEYOND: SignedDuration = SignedDuration::from_secs(1);

/// What somebody who stages a round asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Cue {
    /// Today's question.
    Post,
    /// The results of the round that is open.
    Results,
    /// The next day that has a question.
    Next,
}

impl Inner {
    /// A quiz to begin with, which the sample manager has set up.
    pub(super) async fn set_up_quiz(&self) -> Result<(), StoreError> {
        let wish = Wish {
            guild: GUILD,
            channel: QUIZ,
            time: "9:00".to_owned(),
            zone: "UTC".to_owned(),
            days: Some("daily".to_owned()),
            reveal_after: Some("8h".to_owned()),
            feedback: None,
            by: manager().id,
        };
        // Notes without a question have no quiz.
        if let Ok(schedule) = self.app.read_wish(&wish).await? {
            self.app.set_up(&schedule).await?;
        }
        Ok(())
    }

    /// Brings rounds about for ever.
    pub(super) async fn keep_quiz(&self) {
        loop {
            {
                let _turn = self.turn.lock().await;
                if let Err(error) = self.keep_up().await {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "the quiz cannot go on; it is tried again"
                    );
                }
            }
            tokio::select! {
                () = sleep(TICK) => {}
                () = self.app.quiz.woken() => {}
            }
        }
    }

    /// Does what somebody asks for who stages a round; says it in a line.
    pub(super) async fn stage(&self, cue: Cue) -> Result<String, StoreError> {
        let Some(overview) = self.app.quiz_of(GUILD).await? else {
            return Ok("There is no quiz yet: /quiz-admin setup starts one.".to_owned());
        };
        let now = self.app.now();
        let said = match cue {
            Cue::Post => {
                let fit = |_| async { Ok::<_, StoreError>(None) };
                first_words(&quiz_admin::post(&self.app, GUILD, fit).await?)
            }
            Cue::Results => {
                let rounds = overview.rounds.iter();
                let open = rounds
                    .filter(|round| round.message.is_some())
                    .filter_map(|round| round.close_at)
                    .filter(|close_at| *close_at > now)
                    .max();
                let Some(close_at) = open else {
                    return Ok("No question is open. Post one first.".to_owned());
                };
                if !self.skip_to(close_at) {
                    return Ok(REAL_TIME.to_owned());
                }
                "It is later now: the results are out.".to_owned()
            }
            Cue::Next => {
                let coming = overview.coming.iter().filter(|coming| !coming.skipped);
                let Some(next) = coming.map(|coming| coming.due).find(|due| *due > now) else {
                    return Ok("No question is planned. /quiz-admin status says why.".to_owned());
                };
                if !self.skip_to(next) {
                    return Ok(REAL_TIME.to_owned());
                }
                "Time has moved on to the next question.".to_owned()
            }
        };
        self.keep_up().await?;
        self.change(|_| ());
        Ok(said)
    }

    /// Where rounds appear, and when the next one is due, in seconds since 1970.
    pub(super) async fn plan(&self) -> (ChannelId, Option<i64>) {
        // A store that fails says so elsewhere.
        match self.app.quiz_of(GUILD).await {
            Ok(Some(overview)) => {
                let next = overview.next().map(|next| next.due.as_second());
                (overview.saved.schedule.channel, next)
            }
            _ => (QUIZ, None),
        }
    }

    /// Moves the time ahead, where it is ours.
    fn skip_to(&self, moment: Timestamp) -> bool {
        let is_ours = self.store.is_none();
        if is_ours {
            time::move_to(moment.checked_add(BEYOND).unwrap_or(moment));
        }
        is_ours
    }

    /// Does all that is due on this server; a configured database may hold others.
    async fn keep_up(&self) -> Result<(), StoreError> {
        if self
            .app
            .next_wake()
            .await?
            .is_some_and(|due| due <= self.app.now())
        {
            self.app.plan_rounds().await?;
        }
        for round in self.app.rounds_to_close().await? {
            if round.id.guild == GUILD {
                self.close(&round).await?;
            }
        }
        for round in self.app.rounds_to_post().await? {
            if round.id.guild == GUILD {
                self.post(&round).await?;
            }
        }
        for letter in self.app.letters().await? {
            self.app.told(&letter).await?;
            let to = member_with(letter.to).unwrap_or(manager());
            let reply = render::letter(letter.guild, &letter.notice.text);
            let now = self.app.now();
            self.change(|town| {
                let said = Said::Bot(Box::new(reply));
                town.post(direct(to.id), said, now).only = Some(to.id);
            });
        }
        Ok(())
    }

    async fn post(&self, listed: &Round) -> Result<(), StoreError> {
        let Some(publication) = self.app.claim_round(listed, RUNNING).await? else {
            return Ok(());
        };
        let mut step = Some(publication.first_step());
        while let Some(now) = step {
            let outcome = match now {
                Step::Look { .. } => self
                    .message_of(&listed.id)
                    .map_or(Outcome::Absent, Outcome::There),
                Step::Send => {
                    let round = &publication.round;
                    let reply = render::round(round, &publication.question, publication.late);
                    let at = self.app.now();
                    Outcome::There(self.change(|town| {
                        let said = Said::Bot(Box::new(reply));
                        town.post(round.channel, said, at).id
                    }))
                }
            };
            step = self.app.settle_step(&publication, now, outcome).await?;
        }
        Ok(())
    }

    /// The message of a round, known by its buttons.
    fn message_of(&self, id: &RoundId) -> Option<MessageId> {
        let town = self.town();
        let mut messages = town.messages();
        let found = messages.find(|message| {
            matches!(message.action(0, 0), Some(Action::Attempt(round, _)) if round == id)
        });
        found.map(|message| message.id)
    }

    async fn close(&self, listed: &Round) -> Result<(), StoreError> {
        let Some(closing) = self.app.close_round(listed, RUNNING).await? else {
            return Ok(());
        };
        let results = self.app.results_of(&closing).await?;
        let reply = render::results(&closing.played, &results, self.app.link_base());
        let message = closing.played.round.message;
        let edited = message.is_some_and(|message| self.change(|town| town.edit(message, reply)));
        let shown = if edited { Shown::Done } else { Shown::Gone };
        self.app.settle_results(&closing, shown).await
    }
}

/// How long this has been running: of no account, where no other clock is heard.
const RUNNING: Duration = Duration::ZERO;

/// Why the time stays as it is.
const REAL_TIME: &str =
    "The playground uses a database that was configured, so its time is the real one.";

/// The first sentence of a reply, in plain words.
fn first_words(reply: &Reply) -> String {
    let Some(Block::Text(parts)) = reply.blocks.first() else {
        return reply.title.clone();
    };
    let words = parts.iter().map(|part| match part {
        Part::Plain(text) | Part::Strong(text) | Part::Code(text) | Part::Link(text, _) => {
            text.as_str()
        }
        Part::Channel(_) => "the quiz channel",
        _ => "",
    });
    words.collect()
}
