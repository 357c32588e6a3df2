//! The leaderboard, and what one person has reached.

use crate::id::UserId;
use crate::quiz::standing::{Period, Row, place_of};
use crate::quiz::streak::Streak;
use crate::render::reply::{Action, Block, Button, Part, Reply};

use super::percent;

/// Rows that are shown.
const ROWS: usize = 10;
/// With fewer answers a share says nothing, as on the leaderboard.
const SHARE: u32 = 5;

/// A leaderboard.
#[derive(Clone, Debug)]
pub struct Board {
    /// Of which time.
    pub period: Period,
    /// Everybody on it, best first.
    pub rows: Vec<Row>,
    /// Who looks at it.
    pub viewer: UserId,
    /// Whether they stay out of it.
    pub is_hidden: bool,
}

/// What a person has reached on a server.
#[derive(Clone, Debug)]
pub struct Stats {
    /// Answers in rounds that are over.
    pub answered: u32,
    /// Right ones.
    pub right: u32,
    /// Their streak.
    pub streak: Streak,
    /// What they know best.
    pub strongest: Option<Control>,
    /// What they know least.
    pub weakest: Option<Control>,
}

/// What somebody knows of a control.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    /// Its name.
    pub name: String,
    /// Right answers.
    pub right: u32,
    /// All answers.
    pub answered: u32,
}

/// A leaderboard as one person sees it, or as everybody does.
pub fn board(board: &Board, private: bool) -> Reply {
    let (title, none) = match board.period {
        Period::Week => ("Leaderboard: this week", "this week"),
        Period::Month => ("Leaderboard: this month", "this month"),
        Period::All => ("Leaderboard: all time", "yet"),
    };
    let mut reply = Reply {
        title: title.to_owned(),
        ..Reply::default()
    };
    if board.rows.is_empty() {
        let none = format!("Nobody has answered a question {none} whose results are out.");
        reply.blocks.push(Block::text(none));
    }
    reply
        .blocks
        .extend(board.rows.iter().take(ROWS).map(listed));
    if !private {
        return reply;
    }
    let below = board.rows.get(ROWS..).unwrap_or_default();
    if let Some(own) = place_of(board.viewer, below) {
        let text = format!("\nYou are {}: {}", ordinal(own.rank), score(own));
        reply.blocks.push(Block::text(text));
    } else if board.is_hidden {
        reply.blocks.push(Block::Text(vec![
            "\nYou are hidden, so you are not listed. ".into(),
            Part::Code("/privacy hide hidden:False".into()),
            " changes that.".into(),
        ]));
    }
    if !board.rows.is_empty() {
        reply.buttons.push(vec![Button {
            label: "Share".to_owned(),
            primary: true,
            action: Action::ShareBoard(board.period),
        }]);
    }
    reply
}

/// What a member has reached, in full for themselves (`own`); `None` when there
/// is nothing to show.
pub fn stats(member: UserId, own: bool, stats: Option<&Stats>) -> Reply {
    let Some(stats) = stats else {
        return nothing(member, own);
    };
    let mut reply = Reply {
        title: "Quiz so far".to_owned(),
        ..Reply::default()
    };
    if !own {
        let who = vec!["Of ".into(), Part::Member(member.0), "\n".into()];
        reply.blocks.push(Block::Text(who));
    }
    let mut say = |text: String| reply.blocks.push(Block::text(text));
    let Streak {
        current,
        best,
        right_in_a_row,
        freezes,
        ..
    } = stats.streak;
    say(format!("• Answered: {}", stats.answered));
    say(format!(
        "• Right: {}{}",
        stats.right,
        share(stats.right, stats.answered)
    ));
    say(format!("• Streak: {current} in a row, at best {best}"));
    say(format!("• Right in a row: {right_in_a_row}"));
    if own {
        say(format!(
            "• Freezes: {freezes}. You get one for every five answers, two at most, and a question \
             that you miss spends one instead of your streak."
        ));
        for (what, control) in [("Strongest", &stats.strongest), ("Weakest", &stats.weakest)] {
            if let Some(control) = control {
                say(format!(
                    "• {what}: {} ({} of {})",
                    control.name, control.right, control.answered
                ));
            }
        }
    }
    reply
}

/// Boards belong to a server.
pub fn on_servers_only() -> Reply {
    Reply::notice(
        "On a server",
        "Each server has a quiz of its own. Use this command on one.",
    )
    .and([
        Part::Code("/quiz practice".into()),
        " works here too.".into(),
    ])
}

fn nothing(member: UserId, own: bool) -> Reply {
    if own {
        return Reply::notice(
            "Quiz so far",
            "You have not answered a question here yet whose results are out.",
        );
    }
    let mut reply = Reply::notice("Quiz so far", "");
    reply.blocks = vec![Block::Text(vec![
        "There is nothing to show of ".into(),
        Part::Member(member.0),
        ".".into(),
    ])];
    reply
}

fn listed(row: &Row) -> Block {
    Block::Text(vec![
        Part::Strong(row.rank.to_string()),
        " ".into(),
        Part::Member(row.user.0),
        format!(" · {}", score(row)).into(),
    ])
}

fn score(row: &Row) -> String {
    format!("{} right{}", row.right, share(row.right, row.answered))
}

/// ` of 6 (83 %)`.
fn share(right: u32, answered: u32) -> String {
    if answered < SHARE {
        return String::new();
    }
    let percent = percent(right as usize, answered as usize);
    format!(" of {answered} ({percent} %)")
}

/// `14th`.
fn ordinal(number: usize) -> String {
    let ending = match (number % 100, number % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}
