//! Leaderboards and what a person has reached.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::id::{GuildId, UserId};
use crate::quiz::round::Played;
use crate::quiz::schedule::local_date;
use crate::quiz::standing::{Period, standings};
use crate::quiz::streak::streak;
use crate::render::quiz::boards::{Board, Control, Stats};
use crate::store::StoreError;

use super::super::App;
use super::attempt::is_over;

/// With fewer answers, a control is neither strong nor weak.
const ANSWERS: u32 = 3;

impl App {
    /// Who had how many right, as `viewer` sees it.
    ///
    /// # Errors
    /// It cannot be read.
    pub async fn leaderboard(
        &self,
        guild: GuildId,
        period: Period,
        viewer: UserId,
    ) -> Result<Board, StoreError> {
        let past = self.past(guild).await?;
        let hidden = self.store.hidden().await?;
        let today = self.day_on(guild).await?;
        let rows = standings(&past, period, today, &hidden);
        Ok(Board {
            period,
            rows,
            viewer,
            is_hidden: hidden.contains(&viewer),
        })
    }

    /// What a member has reached, as far as `viewer` may know. `None` when there
    /// is nothing, or nothing that they may know.
    ///
    /// # Errors
    /// It cannot be read.
    pub async fn stats(
        &self,
        guild: GuildId,
        member: UserId,
        viewer: UserId,
    ) -> Result<Option<Stats>, StoreError> {
        if member != viewer && self.store.is_hidden(member).await? {
            return Ok(None);
        }
        let past = self.past(guild).await?;
        Ok(stats(member, &past))
    }

    /// The day that it is on a server.
    async fn day_on(&self, guild: GuildId) -> Result<Date, StoreError> {
        let saved = self.store.schedule(guild).await?;
        let zone = saved.and_then(|saved| self.quiz.zones().get(&saved.schedule.zone));
        Ok(local_date(&zone.unwrap_or(TimeZone::UTC), self.now()))
    }
}

/// `None` for who has not answered a round that is over.
fn stats(member: UserId, past: &[Played]) -> Option<Stats> {
    let (mut answered, mut right) = (0, 0);
    let mut controls: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for played in past.iter().filter(|played| is_over(&played.round)) {
        let attempt = played.attempts.iter().find(|one| one.user == member);
        let (Some(attempt), Some(question)) = (attempt, &played.round.question) else {
            continue;
        };
        let is_right = u32::from(played.is_right(attempt));
        answered += 1;
        right += is_right;
        for control in &question.controls {
            let (all, good) = controls.entry(control).or_default();
            *all += 1;
            *good += is_right;
        }
    }
    if answered == 0 {
        return None;
    }
    let mut known: Vec<Control> = controls
        .into_iter()
        .filter(|(_, (answered, _))| *answered >= ANSWERS)
        .map(|(name, (answered, right))| Control {
            name: name.to_owned(),
            right,
            answered,
        })
        .collect();
    // Best first; of equals the one with more answers, then by name.
    known.sort_by(|a, b| {
        let rate = |control: &Control, other: &Control| control.right * other.answered;
        rate(b, a)
            .cmp(&rate(a, b))
            .then(b.answered.cmp(&a.answered))
    });
    let weakest = known.pop_if(|weakest| weakest.right < weakest.answered);
    let strongest = (!known.is_empty()).then(|| known.remove(0));
    Some(Stats {
        answered,
        right,
        streak: streak(member, past),
        strongest: strongest.filter(|strongest| strongest.right > 0),
        weakest,
    })
}
