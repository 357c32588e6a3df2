//! Which question comes next.
//!
//! A weighted draw among the questions that the rules admit. What looks like
//! chance follows from server and day, so the same past gives the same
//! question in every process. The rules, from the one that is given up first:
//!
//! 1. no more than [`PER_TEMPLATE`] questions of one template in a fortnight;
//! 2. not the same subject two rounds running: the service, or the control
//!    where there is no service;
//! 3. no question within [`REPEAT_DAYS`] days; when this goes too, the one that
//!    was asked longest ago comes next.
//!
//! What was set aside is never asked.

use std::collections::HashSet;

use jiff::civil::Date;
use rustc_hash::FxHashMap;

use super::order::hashed;
use super::question::{Origin, Question};
use super::round::{Played, RoundId};

/// Days before a question may come again: long enough that few remember the
/// letter, short enough for a bank of sixty.
pub const REPEAT_DAYS: u32 = 60;
/// Questions of one template in [`FORTNIGHT`] days: beyond it people learn the
/// template instead of the notes.
pub const PER_TEMPLATE: usize = 3;
/// Days that [`PER_TEMPLATE`] counts over.
pub const FORTNIGHT: u32 = 14;

/// A question that was never asked counts like one that was asked this many
/// days ago: well ahead of those that may come again.
const NEVER: u32 = 480;
/// How much more a question weighs that nobody got right last time.
const HARD: f64 = 2.0;
/// Answers below which a share of right ones says little.
const FEW: usize = 3;
/// How much more a question weighs whose text was another when it was asked.
const REVISED: f64 = 2.0;

/// The question of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pick<'a> {
    /// Which; options as they stand in the notes.
    pub question: &'a Question,
    /// The rules that had to be given up for it.
    pub relaxed: Relaxed,
}

/// How many rules were given up, as they stand above.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relaxed {
    /// None.
    #[default]
    Nothing,
    /// Too many of a template in a fortnight.
    Template,
    /// Perhaps the subject of the round before, too.
    Subject,
    /// A question comes again too soon; nothing else is left.
    Repeat,
}

/// The question for a round. `past` are rounds that the server has had, in any
/// order; `set_aside` holds ids and hashes of questions that are not to be
/// asked. `None` only when there is no question at all.
#[expect(
    clippy::implicit_hasher,
    reason = "the standard set is what callers have"
)]
pub fn pick<'a>(
    bank: &'a [Question],
    past: &[Played],
    set_aside: &HashSet<(String, String)>,
    id: &RoundId,
) -> Option<Pick<'a>> {
    let history = History::of(past, id);
    let candidates: Vec<Candidate<'a, '_>> = bank
        .iter()
        .filter(|question| !is_set_aside(question, set_aside))
        .map(|question| Candidate {
            question,
            asked: history.asked.get(question.id.as_str()),
        })
        .collect();
    let rules = [Relaxed::Nothing, Relaxed::Template, Relaxed::Subject];
    for relaxed in rules {
        let admitted = candidates
            .iter()
            .filter(|candidate| history.admits(candidate, relaxed));
        // Weighted sampling as Efraimidis and Spirakis showed it (Information
        // Processing Letters 97, 2006): the largest u^(1/w) wins, u uniform;
        // here as logarithms, which do not underflow.
        let drawn = admitted.max_by(|a, b| {
            let draw = |candidate: &Candidate<'_, '_>| {
                uniform(&format!("pick|{id}|{}", candidate.question.id)).ln()
                    / history.weight(candidate)
            };
            draw(a)
                .total_cmp(&draw(b))
                .then_with(|| b.question.id.cmp(&a.question.id))
        });
        if let Some(candidate) = drawn {
            let question = candidate.question;
            return Some(Pick { question, relaxed });
        }
    }
    let longest_ago = candidates.iter().max_by(|a, b| {
        let order = a.days().cmp(&b.days());
        order.then_with(|| b.question.id.cmp(&a.question.id))
    });
    longest_ago.map(|candidate| Pick {
        question: candidate.question,
        relaxed: Relaxed::Repeat,
    })
}

/// How many further rounds there can be, one a day from `id` on, before a
/// question has to come again within [`REPEAT_DAYS`] days. [`REPEAT_DAYS`]
/// means that there is no end: so many questions go round for ever.
#[expect(
    clippy::implicit_hasher,
    reason = "the standard set is what callers have"
)]
pub fn stock_days(
    bank: &[Question],
    past: &[Played],
    set_aside: &HashSet<(String, String)>,
    id: &RoundId,
) -> usize {
    let history = History::of(past, id);
    // In how many days each question may be asked.
    let mut waiting: Vec<u32> = bank
        .iter()
        .filter(|question| !is_set_aside(question, set_aside))
        .map(|question| {
            let asked = history.asked.get(question.id.as_str());
            asked.map_or(0, |asked| REPEAT_DAYS.saturating_sub(asked.days))
        })
        .collect();
    waiting.sort_unstable();
    // A question is asked at its turn or not at all: the day that it is free
    // must have come when as many questions have been asked as are free earlier.
    let in_time = waiting
        .iter()
        .zip(0_u32..)
        .take_while(|(free, day)| *free <= day);
    in_time.take(REPEAT_DAYS as usize).count()
}

fn is_set_aside(question: &Question, set_aside: &HashSet<(String, String)>) -> bool {
    // Looked up by reference, which a set of pairs of strings cannot do.
    !set_aside.is_empty() && set_aside.contains(&(question.id.clone(), question.hash.clone()))
}

/// A question that may be asked.
struct Candidate<'bank, 'past> {
    question: &'bank Question,
    asked: Option<&'past Asked>,
}

impl Candidate<'_, '_> {
    /// Days since it was asked.
    fn days(&self) -> u32 {
        self.asked.map_or(NEVER, |asked| asked.days)
    }
}

/// When a question was asked last, and how it went.
struct Asked {
    days: u32,
    hash: String,
    /// Share of wrong answers, 0 with few answers.
    wrong: f64,
}

/// What the rounds of a server say about the next one.
struct History<'a> {
    asked: FxHashMap<&'a str, Asked>,
    /// Subject of the round before.
    last_subject: Option<&'a str>,
    /// Rounds of each subject in the last [`REPEAT_DAYS`] days.
    subjects: FxHashMap<&'a str, u32>,
    /// Rounds of each template in the last [`FORTNIGHT`] days.
    templates: FxHashMap<&'a str, usize>,
}

impl<'a> History<'a> {
    fn of(past: &'a [Played], id: &RoundId) -> Self {
        let mut history = Self {
            asked: FxHashMap::default(),
            last_subject: None,
            subjects: FxHashMap::default(),
            templates: FxHashMap::default(),
        };
        let mut before: Option<Date> = None;
        for played in past {
            let (Some(question), date) = (&played.round.question, played.round.id.date) else {
                continue;
            };
            if date == id.date {
                continue;
            }
            // A round of a later day counts as well: a repeat is a repeat.
            let days = (id.date - date).get_days().unsigned_abs();
            if date < id.date && before.is_none_or(|before| date > before) {
                before = Some(date);
                history.last_subject = question.subject();
            }
            if days < REPEAT_DAYS
                && let Some(subject) = question.subject()
            {
                *history.subjects.entry(subject).or_default() += 1;
            }
            if days < FORTNIGHT
                && let Origin::Generated(template) = &question.origin
            {
                *history.templates.entry(template).or_default() += 1;
            }
            let known = history.asked.get(question.id.as_str());
            if known.is_none_or(|known| days < known.days) {
                let asked = Asked {
                    days,
                    hash: question.hash.clone(),
                    wrong: wrong(played),
                };
                history.asked.insert(&question.id, asked);
            }
        }
        history
    }

    fn admits(&self, candidate: &Candidate<'_, '_>, relaxed: Relaxed) -> bool {
        let question = candidate.question;
        let repeats = candidate
            .asked
            .is_some_and(|asked| asked.days < REPEAT_DAYS);
        let subject = question.subject();
        let same_subject = subject.is_some() && subject == self.last_subject;
        let too_many = match &question.origin {
            Origin::Written => false,
            Origin::Generated(template) => {
                self.templates.get(template.as_str()).copied().unwrap_or(0) >= PER_TEMPLATE
            }
        };
        !repeats
            && (!same_subject || relaxed >= Relaxed::Subject)
            && (!too_many || relaxed >= Relaxed::Template)
    }

    /// Never asked or long ago, found hard, changed since, on a subject that had
    /// few rounds: each makes it likelier.
    fn weight(&self, candidate: &Candidate<'_, '_>) -> f64 {
        let subject = candidate.question.subject();
        let covered = subject.and_then(|subject| self.subjects.get(subject));
        let mut weight = f64::from(candidate.days().clamp(1, NEVER));
        weight /= 1.0 + f64::from(covered.copied().unwrap_or(0));
        if let Some(asked) = candidate.asked {
            weight *= 1.0 + (HARD - 1.0) * asked.wrong;
            if asked.hash != candidate.question.hash {
                weight *= REVISED;
            }
        }
        weight
    }
}

fn wrong(played: &Played) -> f64 {
    if played.attempts.len() < FEW {
        return 0.0;
    }
    let right = played
        .attempts
        .iter()
        .filter(|attempt| played.is_right(attempt));
    #[expect(
        clippy::cast_precision_loss,
        reason = "as many as a server has members"
    )]
    let share = right.count() as f64 / played.attempts.len() as f64;
    1.0 - share
}

/// A number above 0 and below 1 that follows from a text.
fn uniform(text: &str) -> f64 {
    // As many bits as a float holds; in the middle of its interval.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit exactly")]
    let number = (hashed(text) >> 12) as f64;
    (number + 0.5) / 2_f64.powi(52)
}

#[cfg(test)]
mod tests;
