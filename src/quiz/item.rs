//! What answers tell about a question, at the scale of a team.
//!
//! Every figure comes with the number of answers that it needs; below that it
//! is left out rather than shown with a warning. A question that looks wrong is
//! often a note that is wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;

use super::round::{Played, State};
use crate::id::UserId;

/// Below so many answers a share of right ones says next to nothing: its
/// interval spans more than half of all that is possible.
const ENOUGH: u32 = 8;

/// So many players make a correlation worth a look.
const ENOUGH_TO_CORRELATE: usize = 15;

/// So many other answers tell how good a player is.
const OTHER_ANSWERS: u32 = 5;

/// So many answers show that a distractor tempts nobody.
const ENOUGH_FOR_DISTRACTORS: u32 = 20;

/// A distractor chosen less often does not work: Tarrant, Ware and Mohammed,
/// "An assessment of functioning and non-functioning distractors in
/// multiple-choice questions", BMC Medical Education 9:40 (2009).
const FUNCTIONING: f64 = 0.05;

/// So many people say that something is wrong.
const FLAGS: usize = 2;

/// The 97.5 % point of the normal distribution, for an interval of 95 %.
const Z: f64 = 1.959_964;

/// The 95 % point, for what is below zero.
const Z_BELOW: f64 = 1.644_854;

/// Somebody says that something is wrong with a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// The question's id.
    pub question: String,
    /// The question's hash.
    pub hash: String,
    /// Who.
    pub user: UserId,
    /// When.
    pub at: Timestamp,
}

/// A question as people answered it in closed rounds.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The question's id.
    pub question: String,
    /// The question's hash: with another note it is another item.
    pub hash: String,
    /// What was asked; empty for a question that is flagged and was never asked.
    pub stem: String,
    /// Answers.
    pub n: u32,
    /// Right answers.
    pub right: u32,
    /// The share of right answers, 0 to 1; 0 without answers. Questions between
    /// 0.4 and 0.85 teach most.
    pub p: f64,
    /// Where that share surely lies (95 %): Wilson, "Probable inference, the law
    /// of succession, and statistical inference", JASA 22 (1927), pages 209-212.
    pub wilson: (f64, f64),
    /// The share without what guessing alone would give: 0 for pure guessing,
    /// 1 when all know it, negative when people are misled. Frary, "Formula
    /// scoring of multiple-choice tests", Educational Measurement: Issues and
    /// Practice 7 (1988), pages 33-38.
    pub corrected: f64,
    /// Whether those who know other questions know this one: the correlation
    /// of a right answer with the share of right answers to other questions,
    /// -1 to 1. From 0.3 on good, below 0 the key is in doubt. For 15 players or
    /// more who answered 5 other questions, each by the first answer.
    pub discrimination: Option<f64>,
    /// The options, the key first.
    pub options: Vec<Choice>,
    /// How many people flagged it.
    pub flags: usize,
    /// Why the key is in doubt, if it is.
    pub alarm: Option<Alarm>,
}

/// How often an option was chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// Its text: rounds show options in different orders.
    pub text: String,
    /// Whether it is the right one.
    pub key: bool,
    /// How many chose it.
    pub chosen: u32,
    /// The same as a share of all answers, 0 to 1.
    pub rate: f64,
    /// Whether it is a distractor that tempts nobody: less than 5 % of 20
    /// answers or more.
    pub idle: bool,
}

/// Why a key is in doubt. Shown as a sentence for the people who mend notes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Alarm {
    /// The better half of the players prefers a distractor.
    Preferred {
        /// The distractor.
        option: String,
        /// How many of them chose it.
        chosen: u32,
        /// How many of them chose the key.
        key: u32,
    },
    /// Those who know other questions get this one wrong.
    Reversed,
    /// Several people flagged it.
    Flagged(usize),
}

impl Item {
    /// Whether there are too few answers for its shares to mean anything.
    pub const fn too_few(&self) -> bool {
        self.n < ENOUGH
    }
}

impl fmt::Display for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Preferred {
                option,
                chosen,
                key,
            } => write!(
                f,
                "Of the better half of the players {chosen} chose “{option}” and {key} the key. Please check the key, and what the note says."
            ),
            Self::Reversed => f.write_str(
                "People who know other questions tend to get this one wrong. Please check the key, and what the note says.",
            ),
            Self::Flagged(people) => write!(
                f,
                "{people} people say that something is wrong with this question."
            ),
        }
    }
}

/// Every question that was answered or flagged, by id and hash.
pub fn items(played: &[Played], flags: &[Flag]) -> Vec<Item> {
    let mut tallies: BTreeMap<(&str, &str), Tally<'_>> = BTreeMap::new();
    let mut players: BTreeMap<UserId, Score> = BTreeMap::new();
    for played in played {
        let closed = matches!(played.round.state, State::Closed | State::Revealed);
        let Some(question) = played.round.question.as_ref().filter(|_| closed) else {
            continue;
        };
        let tally = tallies.entry((&question.id, &question.hash)).or_default();
        tally.stem = &question.stem;
        for (at, text) in question.options.iter().enumerate() {
            let (key, _) = tally.options.entry(text).or_default();
            *key = at == question.key;
        }
        for attempt in &played.attempts {
            let Some(option) = question.options.get(attempt.choice) else {
                continue;
            };
            let right = played.is_right(attempt);
            tally.answers.push((attempt.user, option, right));
            tally.options.entry(option).or_default().1 += 1;
            players.entry(attempt.user).or_default().add(right);
        }
    }
    for flag in flags {
        let tally = tallies.entry((&flag.question, &flag.hash)).or_default();
        tally.flagged.insert(flag.user);
    }
    tallies
        .into_iter()
        .filter(|(_, tally)| !tally.answers.is_empty() || !tally.flagged.is_empty())
        .map(|((question, hash), tally)| tally.item(question, hash, &players))
        .collect()
}

/// What is counted of an item.
#[derive(Default)]
struct Tally<'a> {
    stem: &'a str,
    /// Whether it is the key, and how often it was chosen.
    options: BTreeMap<&'a str, (bool, u32)>,
    answers: Vec<(UserId, &'a str, bool)>,
    flagged: BTreeSet<UserId>,
}

/// Answers of a player.
#[derive(Clone, Copy, Default)]
struct Score {
    right: u32,
    n: u32,
}

/// A player who is known well enough from other items.
struct Known<'a> {
    /// The share of right answers to other items.
    skill: f64,
    option: &'a str,
    right: bool,
}

impl Score {
    fn add(&mut self, right: bool) {
        self.right += u32::from(right);
        self.n += 1;
    }

    /// The share of right answers, drawn to the middle as by two right and two
    /// wrong ones more, so that five lucky answers are no 100 %: Agresti and
    /// Coull, The American Statistician 52 (1998), pages 119-126.
    fn skill(self) -> f64 {
        f64::from(self.right + 2) / f64::from(self.n + 4)
    }
}

impl Tally<'_> {
    fn item(&self, question: &str, hash: &str, players: &BTreeMap<UserId, Score>) -> Item {
        let n = count(self.answers.len());
        let right = count(self.answers.iter().filter(|(.., right)| *right).count());
        let known = self.known(players);
        let discrimination = correlation(&known);
        let flags = self.flagged.len();
        let alarm = preferred(&known)
            .or_else(|| {
                let reversed = discrimination.is_some_and(|r| is_reversed(r, known.len()));
                reversed.then_some(Alarm::Reversed)
            })
            .or_else(|| (flags >= FLAGS).then_some(Alarm::Flagged(flags)));
        let mut options: Vec<Choice> = self
            .options
            .iter()
            .map(|(text, (key, chosen))| {
                let rate = share(*chosen, n);
                Choice {
                    text: (*text).to_owned(),
                    key: *key,
                    chosen: *chosen,
                    rate,
                    idle: !key && n >= ENOUGH_FOR_DISTRACTORS && rate < FUNCTIONING,
                }
            })
            .collect();
        options.sort_by_key(|option| !option.key);
        let p = share(right, n);
        Item {
            question: question.to_owned(),
            hash: hash.to_owned(),
            stem: self.stem.to_owned(),
            n,
            right,
            p,
            wilson: wilson(right, n),
            corrected: without_guessing(p, options.len()),
            discrimination,
            options,
            flags,
            alarm,
        }
    }

    /// First answers of players who answered enough other items.
    fn known(&self, players: &BTreeMap<UserId, Score>) -> Vec<Known<'_>> {
        let mut here: BTreeMap<UserId, Score> = BTreeMap::new();
        for (user, _, right) in &self.answers {
            here.entry(*user).or_default().add(*right);
        }
        let mut seen = BTreeSet::new();
        self.answers
            .iter()
            .filter(|(user, ..)| seen.insert(*user))
            .filter_map(|(user, option, right)| {
                let (all, own) = (players.get(user)?, here.get(user)?);
                let others = Score {
                    right: all.right - own.right,
                    n: all.n - own.n,
                };
                (others.n >= OTHER_ANSWERS).then_some(Known {
                    skill: others.skill(),
                    option,
                    right: *right,
                })
            })
            .collect()
    }
}

/// Whether a correlation of so many players is below zero by more than chance
/// makes one in twenty that is not: Fisher's transformation, Metron 1 (1921). A
/// good question would be set aside too often without it.
fn is_reversed(r: f64, players: usize) -> bool {
    let players = f64::from(count(players));
    players > 3.0 && r.atanh() + Z_BELOW / (players - 3.0).sqrt() < 0.0
}

/// A distractor that the better half chooses more often than the key.
fn preferred(known: &[Known<'_>]) -> Option<Alarm> {
    if known.len() < usize::try_from(ENOUGH).ok()? {
        return None;
    }
    let mut skills: Vec<f64> = known.iter().map(|player| player.skill).collect();
    skills.sort_by(f64::total_cmp);
    let middle = *skills.get(skills.len() / 2)?;
    let mut key = 0;
    let mut distractors: BTreeMap<&str, u32> = BTreeMap::new();
    for player in known.iter().filter(|player| player.skill >= middle) {
        if player.right {
            key += 1;
        } else {
            *distractors.entry(player.option).or_default() += 1;
        }
    }
    let (option, chosen) = distractors.into_iter().max_by_key(|(_, chosen)| *chosen)?;
    (chosen > key).then(|| Alarm::Preferred {
        option: option.to_owned(),
        chosen,
        key,
    })
}

/// The point-biserial correlation, which is Pearson's with 0 and 1. None for
/// too few, or when all are alike.
fn correlation(known: &[Known<'_>]) -> Option<f64> {
    if known.len() < ENOUGH_TO_CORRELATE {
        return None;
    }
    let n = f64::from(count(known.len()));
    let right = |player: &Known<'_>| f64::from(u8::from(player.right));
    let (sum_x, sum_y) = known.iter().fold((0.0, 0.0), |(x, y), player| {
        (x + right(player), y + player.skill)
    });
    let (mean_x, mean_y) = (sum_x / n, sum_y / n);
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for player in known {
        let (x, y) = (right(player) - mean_x, player.skill - mean_y);
        xx += x * x;
        yy += y * y;
        xy += x * y;
    }
    // What remains of equal numbers by rounding is no spread.
    let spread = (xx * yy).sqrt();
    (spread > 1e-9).then(|| (xy / spread).clamp(-1.0, 1.0))
}

fn wilson(right: u32, n: u32) -> (f64, f64) {
    if n == 0 {
        return (0.0, 1.0);
    }
    let p = share(right, n);
    let n = f64::from(n);
    let square = Z * Z;
    let middle = (p + square / (2.0 * n)) / (1.0 + square / n);
    let half = Z / (1.0 + square / n) * (p * (1.0 - p) / n + square / (4.0 * n * n)).sqrt();
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

fn without_guessing(p: f64, options: usize) -> f64 {
    if options < 2 {
        return p;
    }
    let chance = 1.0 / f64::from(count(options));
    (p - chance) / (1.0 - chance)
}

fn share(part: u32, n: u32) -> f64 {
    if n == 0 {
        0.0
    } else {
        f64::from(part) / f64::from(n)
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::example::{played, question};
    use super::*;
    use jiff::civil::date;

    /// A closed round of a question.
    fn round(id: &str, attempts: &[(u64, usize)]) -> Played {
        played(date(2026, 11, 2), State::Revealed, question(id), attempts)
    }

    fn near(number: f64, expected: f64) -> bool {
        (number - expected).abs() < 0.000_5
    }

    /// Six other questions that players up to `good` know, and others do not.
    fn others(good: u64, all: u64) -> Vec<Played> {
        (0..6)
            .map(|number| {
                let attempts: Vec<(u64, usize)> = (1..=all)
                    .map(|user| (user, usize::from(user > good)))
                    .collect();
                round(&format!("other {number}"), &attempts)
            })
            .collect()
    }

    fn item(mut rounds: Vec<Played>, attempts: &[(u64, usize)]) -> Item {
        rounds.push(round("this", attempts));
        let found = items(&rounds, &[]);
        found
            .into_iter()
            .find(|item| item.question == "this")
            .unwrap()
    }

    #[test]
    fn a_share_comes_with_what_it_is_worth() {
        let attempts: Vec<(u64, usize)> =
            (1..=10).map(|user| (user, usize::from(user > 7))).collect();
        let item = item(vec![], &attempts);
        assert_eq!((item.n, item.right), (10, 7));
        assert!(near(item.p, 0.7));
        // As in the tables: 39.7 % to 89.2 %.
        assert!(
            near(item.wilson.0, 0.3968) && near(item.wilson.1, 0.8922),
            "{:?}",
            item.wilson
        );
        assert!(near(item.corrected, 0.6));
        assert!(!item.too_few());
    }

    #[test]
    fn few_answers_are_named_as_such() {
        let attempts: Vec<(u64, usize)> = (1..=7).map(|user| (user, 0)).collect();
        assert!(item(vec![], &attempts).too_few());
        assert!(near(wilson(0, 0).0, 0.0) && near(wilson(0, 0).1, 1.0));
        assert!(near(wilson(5, 5).1, 1.0) && wilson(5, 5).0 > 0.5);
    }

    #[test]
    fn choices_are_counted_by_text_when_rounds_show_another_order() {
        let mut turned = question("this");
        turned.options.reverse();
        turned.key = 3;
        let rounds = [
            round("this", &[(1, 0), (2, 1)]),
            played(
                date(2026, 11, 3),
                State::Revealed,
                turned,
                &[(3, 3), (4, 2)],
            ),
        ];
        let found = items(&rounds, &[]);
        let chosen: Vec<(&str, bool, u32)> = found[0]
            .options
            .iter()
            .map(|option| (option.text.as_str(), option.key, option.chosen))
            .collect();
        assert_eq!(
            chosen,
            [
                ("key", true, 2),
                ("first", false, 2),
                ("second", false, 0),
                ("third", false, 0)
            ]
        );
    }

    #[test]
    fn a_changed_question_is_another_item() {
        let mut changed = question("this");
        changed.hash = "f".repeat(16);
        let rounds = [
            round("this", &[(1, 0)]),
            played(date(2026, 11, 3), State::Revealed, changed, &[(1, 0)]),
            played(
                date(2026, 11, 4),
                State::Posted,
                question("open"),
                &[(1, 0)],
            ),
        ];
        let numbers: Vec<u32> = items(&rounds, &[]).iter().map(|item| item.n).collect();
        assert_eq!(numbers, [1, 1]);
    }

    #[test]
    fn a_distractor_that_tempts_nobody_is_named() {
        let attempts: Vec<(u64, usize)> = (1..=20)
            .map(|user| (user, [0, 0, 0, 1][usize::try_from(user % 4).unwrap()]))
            .collect();
        let idle = |item: &Item| {
            let idle = item.options.iter().filter(|option| option.idle);
            idle.map(|option| option.text.clone()).collect::<Vec<_>>()
        };
        assert_eq!(idle(&item(vec![], &attempts)), ["second", "third"]);
        assert_eq!(idle(&item(vec![], &attempts[1..])), [""; 0]);
    }

    #[test]
    fn a_good_question_parts_those_who_know_from_those_who_do_not() {
        let knowing: Vec<(u64, usize)> =
            (1..=16).map(|user| (user, usize::from(user > 8))).collect();
        let item = item(others(8, 16), &knowing);
        assert!(near(item.discrimination.unwrap(), 1.0));
        assert_eq!(item.alarm, None);
    }

    #[test]
    fn fifteen_players_and_five_other_answers_are_needed() {
        let attempts = |n| -> Vec<(u64, usize)> {
            (1..=n).map(|user| (user, usize::from(user > 8))).collect()
        };
        assert!(item(others(8, 15), &attempts(15)).discrimination.is_some());
        assert_eq!(item(others(8, 14), &attempts(14)).discrimination, None);
        let mut fewer = others(8, 15);
        fewer.truncate(4);
        assert_eq!(item(fewer, &attempts(15)).discrimination, None);
        // All alike: nothing to compare with.
        assert_eq!(item(others(15, 15), &attempts(15)).discrimination, None);
    }

    #[test]
    fn a_wrong_key_is_noticed_by_those_who_know() {
        // The better half agrees on another option.
        let attempts: Vec<(u64, usize)> = (1..=8)
            .map(|user| (user, if user <= 4 { 2 } else { 0 }))
            .collect();
        let item = item(others(4, 8), &attempts);
        assert_eq!(
            item.alarm.unwrap().to_string(),
            "Of the better half of the players 4 chose “second” and 0 the key. Please check the key, and what the note says."
        );
    }

    /// Sixteen players, of whom the better half got it wrong where `wrong` says.
    fn split(wrong: impl Fn(u64) -> bool) -> Item {
        let choice = |user| usize::from(user <= 8 && wrong(user));
        let attempts: Vec<(u64, usize)> = (1..=16).map(|user| (user, choice(user))).collect();
        item(others(8, 16), &attempts)
    }

    #[test]
    fn a_reversed_question_is_noticed() {
        let item = split(|user| user % 2 == 0);
        assert!(item.discrimination.unwrap() < -0.5);
        assert_eq!(item.alarm, Some(Alarm::Reversed));
    }

    #[test]
    fn a_correlation_below_zero_that_chance_makes_is_no_alarm() {
        let item = split(|user| user % 4 == 0);
        assert!(item.discrimination.unwrap() < 0.0);
        assert_eq!(item.alarm, None);
    }

    #[test]
    fn two_people_who_flag_a_question_are_heard() {
        let flag = |user| Flag {
            question: "this".to_owned(),
            hash: question("this").hash,
            user: UserId(user),
            at: Timestamp::UNIX_EPOCH,
        };
        let of = |flags: &[Flag]| items(&[round("this", &[(1, 0)])], flags)[0].clone();
        assert_eq!(of(&[flag(1), flag(1)]).alarm, None);
        assert_eq!(of(&[flag(1), flag(2)]).alarm, Some(Alarm::Flagged(2)));
        // Also when nobody answered it.
        assert_eq!(items(&[], &[flag(1), flag(2)])[0].flags, 2);
    }
}
