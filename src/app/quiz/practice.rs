//! Practice: a person's own questions at a time that suits memory. It never
//! scores, and nothing is kept of it but the answers.

use std::collections::HashSet;

use data_encoding::HEXLOWER;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

use crate::id::{GuildId, UserId};
use crate::quiz::order::shuffled;
use crate::quiz::practice::{Next, Review, next};
use crate::quiz::question::Question;
use crate::quiz::round::State;
use crate::render::quiz::practice::{Practice, Tried};
use crate::render::reply::Exercise;
use crate::store::StoreError;

use super::super::App;
use super::attempt::is_over;

/// Rounds that may still be open are not older than this: a round is open for
/// 23 hours at most, and may be a day late.
const OPEN: SignedDuration = SignedDuration::from_hours(72);
/// Bytes of a hash that tell questions apart.
const TAG: usize = 8;

impl App {
    /// The next question for somebody to practise. `guild` is where they are.
    ///
    /// # Errors
    /// What they practised cannot be read.
    pub async fn practise(
        &self,
        user: UserId,
        guild: Option<GuildId>,
    ) -> Result<Practice, StoreError> {
        let now = self.now();
        let (reviews, guilds) = self.reviews(user, guild).await?;
        let barred = self.barred(&guilds).await?;
        let bank = self.bank();
        let questions: Vec<Question> = bank
            .questions
            .iter()
            .filter(|question| !barred.contains(&question.id))
            .cloned()
            .collect();
        let per_day = self.quiz.practice_per_day() as usize;
        let (question, is_new) = match next(&questions, &reviews, now, per_day, user) {
            Next::Due(question) => (question, false),
            Next::New(question) => (question, true),
            Next::Done { next_due } => return Ok(Practice::Done(next_due)),
        };
        let exercise = Exercise {
            tag: tag(question),
            shown_at: now.as_second(),
        };
        Ok(Practice::Ask {
            question: Box::new(shown(question, &exercise)),
            exercise,
            is_new,
        })
    }

    /// Takes an answer in practice. `None` when the question has changed since, or
    /// is gone.
    ///
    /// # Errors
    /// It was not stored.
    pub async fn try_exercise(
        &self,
        user: UserId,
        exercise: &Exercise,
        choice: usize,
    ) -> Result<Option<Tried>, StoreError> {
        let bank = self.bank();
        let asked = bank
            .questions
            .iter()
            .find(|question| tag(question) == exercise.tag)
            .map(|question| shown(question, exercise))
            .filter(|question| choice < question.options.len());
        let Some(question) = asked else {
            return Ok(None);
        };
        let Ok(at) = Timestamp::from_second(exercise.shown_at) else {
            return Ok(None);
        };
        // With the time of the question, not of the click, a second click is the
        // same answer to the store, which keeps the first.
        let review = Review {
            question: question.id.clone(),
            hash: question.hash.clone(),
            right: choice == question.key,
            at,
        };
        self.store.review(user, &review).await?;
        Ok(Some(Tried { question, choice }))
    }

    /// What somebody answered, in practice and in rounds that are over, and the
    /// servers whose quiz they know.
    async fn reviews(
        &self,
        user: UserId,
        guild: Option<GuildId>,
    ) -> Result<(Vec<Review>, HashSet<GuildId>), StoreError> {
        let mut reviews = self.store.reviews(user).await?;
        let mut guilds: HashSet<GuildId> = guild.into_iter().collect();
        for (round, attempt) in self.store.attempts_of(user).await? {
            guilds.insert(round.id.guild);
            let is_over = is_over(&round);
            if let Some(question) = round.question.filter(|_| is_over) {
                reviews.push(Review {
                    right: question.key == attempt.choice,
                    question: question.id,
                    hash: question.hash,
                    at: attempt.at,
                });
            }
        }
        reviews.sort_by_key(|review| review.at);
        Ok((reviews, guilds))
    }

    /// Questions that are not practised now: practice would tell the answer of a
    /// round that is open, or one that may be wrong.
    async fn barred(&self, guilds: &HashSet<GuildId>) -> Result<HashSet<String>, StoreError> {
        let mut barred = HashSet::new();
        let since = (self.now() - OPEN).to_zoned(jiff::tz::TimeZone::UTC).date();
        for guild in guilds {
            let rounds = self.store.rounds_since(*guild, since).await?;
            let open = rounds.into_iter().filter(|round| {
                matches!(round.state, State::Posting | State::Held | State::Posted)
            });
            barred.extend(open.filter_map(|round| Some(round.question?.id)));
            let aside = self.store.aside(*guild).await?;
            barred.extend(aside.into_iter().map(|aside| aside.question));
        }
        Ok(barred)
    }
}

/// A short name of a question with its text as it is now.
fn tag(question: &Question) -> String {
    let hash = Sha256::digest(format!("{}|{}", question.id, question.hash));
    HEXLOWER.encode(hash.get(..TAG).unwrap_or_default())
}

/// Options in the order of an exercise.
fn shown(question: &Question, exercise: &Exercise) -> Question {
    shuffled(question, format!("practice|{}", exercise.shown_at))
}
