//! The results of a round, in the message that asked the question.

use std::collections::HashSet;

use jiff::Timestamp;

use crate::id::UserId;
use crate::quiz::question::Question;
use crate::quiz::round::Played;
use crate::render::reply::{Action, Block, Button, Part, Reply};

use super::{explain, line, option, percent};

/// Names in a list; the others are counted.
const NAMES: usize = 20;
/// Length of the longest bar, in characters: it fits a phone.
const BAR: usize = 12;

/// What the results say beyond the round itself.
#[derive(Clone, Debug, Default)]
pub struct Results {
    /// Who wants to stay out of lists; they are counted, not named.
    pub hidden: HashSet<UserId>,
    /// The longest streaks with their people, longest first.
    pub streaks: Vec<(UserId, u32)>,
    /// When the next round is due, if it is known.
    pub next: Option<Timestamp>,
}

/// The message of a round after its end.
pub fn results(played: &Played, results: &Results, link_base: Option<&str>) -> Reply {
    let mut reply = Reply {
        title: "Question of the day: results".to_owned(),
        ..Reply::default()
    };
    let Some(question) = &played.round.question else {
        reply.blocks.push(Block::text("This question is over."));
        return reply;
    };
    let text = distribution(question, played);
    reply.blocks.push(Block::Text(text));
    explain(&mut reply, question, link_base);
    reply.blocks.push(Block::Text(winners(played, results)));
    reply.blocks.extend(streaks(&results.streaks));
    if let Some(next) = results.next {
        let next = vec!["Next question ".into(), Part::Time(next.as_second())];
        reply.blocks.push(Block::Text(next));
    }
    reply.buttons = vec![vec![Button {
        label: "Flag this question".to_owned(),
        primary: false,
        action: Action::Flag(played.round.id),
    }]];
    reply
}

/// Stem and options with how many chose each.
fn distribution(question: &Question, played: &Played) -> Vec<Part> {
    let mut text = vec![Part::Strong(line(&question.stem)), "\n".into()];
    let all = played.attempts.len();
    let chosen = |option| {
        let attempts = played.attempts.iter();
        attempts.filter(|attempt| attempt.choice == option).count()
    };
    let options = 0..question.options.len();
    let most = options.clone().map(chosen).max().unwrap_or(0);
    for at in options {
        text.push(if at == question.key { "\n✅ " } else { "\n" }.into());
        text.extend(option(question, at));
        if at == question.key {
            text.extend([" · ".into(), Part::Strong("right".into())]);
        }
        if all > 0 {
            let count = chosen(at);
            let bar = "▇".repeat((count * BAR).div_ceil(most.max(1)));
            let gap = if bar.is_empty() { "" } else { " " };
            text.push(format!("\n{bar}{gap}{count} ({} %)", percent(count, all)).into());
        }
    }
    text
}

fn winners(played: &Played, results: &Results) -> Vec<Part> {
    let all = played.attempts.len();
    if all == 0 {
        return vec!["Nobody answered this time. The next one is a new chance.".into()];
    }
    let right: Vec<UserId> = played
        .attempts
        .iter()
        .filter(|attempt| played.is_right(attempt))
        .map(|attempt| attempt.user)
        .collect();
    if right.is_empty() {
        return vec![format!("Nobody of {all} had it right. Now everybody knows.").into()];
    }
    let shown = right.iter().filter(|user| !results.hidden.contains(user));
    let shown: Vec<UserId> = shown.take(NAMES).copied().collect();
    let mut text: Vec<Part> = vec![format!("{} of {all} had it right", right.len()).into()];
    for (at, user) in shown.iter().enumerate() {
        text.push(if at == 0 { ": " } else { ", " }.into());
        text.push(Part::Member(user.0));
    }
    let more = right.len() - shown.len();
    if more > 0 && !shown.is_empty() {
        text.push(format!(" and {more} more").into());
    }
    text
}

fn streaks(streaks: &[(UserId, u32)]) -> Option<Block> {
    if streaks.is_empty() {
        return None;
    }
    let mut text: Vec<Part> = vec!["Longest streaks: ".into()];
    for (at, (user, days)) in streaks.iter().enumerate() {
        if at > 0 {
            text.push(" · ".into());
        }
        text.extend([Part::Member(user.0), format!(" {days}").into()]);
    }
    Some(Block::Text(text))
}
