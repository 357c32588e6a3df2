//! The database fails while rounds are being posted and people answer: they are
//! told that nothing was saved, what was confirmed is stored, and no round has
//! a second message afterwards.

use std::time::Duration;

use rustix::process::{Resource, Rlimit, prlimit};
use tokio::time::{Instant, sleep};

use super::answering::{Click, confirmed, press};
use super::dice::Dice;
use super::trial::{Connection, Kind, Trial, count, report};
use crate::discord::process::Bot;
use crate::double::hooks::Moment;
use crate::double::setup::Setup;
use crate::double::{reply, town};
use crate::postgres::{Database, Own};

/// Rounds in the middle of being posted, and people who answer another one.
const EACH: u64 = 20;
/// An interaction without an answer has failed after this time.
const DISCORD: Duration = Duration::from_secs(3);

/// What is wrong with the database.
enum Fault {
    /// Somebody else holds the lock; statements queue for connections.
    Locked(Option<Connection>),
    /// The disk takes no more bytes.
    Full,
    /// It may only be read: a standby has taken over.
    ReadOnly,
    /// The server has crashed, and starts again.
    Gone(Own),
}

impl Fault {
    async fn begin(&mut self, trial: &Trial, bot: &Bot) {
        match self {
            Self::Locked(lock) => *lock = Some(trial.lock().await),
            Self::Full => limit_files(bot, Some(0)),
            Self::ReadOnly => {
                let on = "SET default_transaction_read_only = on";
                trial.database.as_ref().unwrap().set(on).await;
            }
            Self::Gone(server) => server.stop(),
        }
    }

    async fn end(&mut self, trial: &Trial, bot: &Bot) {
        match self {
            Self::Locked(lock) => *lock = None,
            Self::Full => limit_files(bot, None),
            Self::ReadOnly => {
                let off = "RESET default_transaction_read_only";
                trial.database.as_ref().unwrap().set(off).await;
            }
            Self::Gone(server) => server.start_again(),
        }
    }
}

/// Lets the bot write files up to this size, as on a disk that is full.
fn limit_files(bot: &Bot, most: Option<u64>) {
    let limit = Rlimit {
        current: most,
        maximum: None,
    };
    prlimit(Some(bot.pid()), Resource::Fsize, limit).unwrap();
}

/// Everybody presses a button; says what they were told, which comes in time.
async fn everybody(
    trial: &Trial,
    dice: &mut Dice,
    message: &reply::Shown,
) -> Vec<(Click, Option<char>)> {
    let people: Vec<u64> = (0..EACH).collect();
    let mut told = Vec::new();
    for click in press(trial, dice, 0, &people, message) {
        let reply = click.sent.callback().await;
        assert!(reply.elapsed < DISCORD, "{:?}", reply.elapsed);
        let letter = confirmed(&reply.data);
        let text = reply.data.to_string();
        assert!(letter.is_some() || text.contains("**not** saved"), "{text}");
        told.push((click, letter));
    }
    told
}

async fn survive(trial: Trial, mut fault: Fault, lasts: Duration) {
    let mut dice = Dice::new(6);
    trial.schedule(0..1).await;
    trial.run_until_all_are("posted").await;
    let message = trial.double.message(trial.made()[&town::channel(0)][0]);
    trial.schedule(1..=EACH).await;
    let routes = (1..=EACH).map(|at| format!("POST channels/{}/messages", town::channel(at)));
    let caught: Vec<_> = routes
        .map(|route| trial.double.catch(&route, Moment::Processed))
        .collect();
    // A write beyond a limit is an error like any other, not the end.
    let bot = trial.spawn_by("sh", &["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]);
    trial.double.ready().await;
    for one in &caught {
        one.reached().await;
    }

    // Twenty messages are there, and nobody has written that down.
    fault.begin(&trial, &bot).await;
    drop(caught);
    let until = Instant::now() + lasts;
    let mut refused = 0;
    loop {
        for (_, letter) in everybody(&trial, &mut dice, &message).await {
            assert_eq!(letter, None, "confirmed by a database that takes nothing");
            refused += 1;
        }
        if Instant::now() > until {
            break;
        }
        // Who presses without end is asked to slow down.
        sleep(Duration::from_secs(1)).await;
    }
    fault.end(&trial, &bot).await;

    // Soon everybody can answer, and is told what is stored.
    let mut told = everybody(&trial, &mut dice, &message).await;
    let patience = Instant::now() + Duration::from_secs(10);
    while told.iter().any(|(_, letter)| letter.is_none()) {
        assert!(Instant::now() < patience, "nothing can be saved any more");
        told = everybody(&trial, &mut dice, &message).await;
    }
    let mut stored = trial.answers().await;
    for (click, letter) in told {
        let key = (town::guild(click.guild), town::person(click.person));
        assert_eq!(stored.remove(&key), letter, "{key:?}");
    }
    let began = Instant::now();
    while trial.rows().await.values().any(|row| row.state != "posted") {
        // A claim of a minute, half of one until the next look, and some more.
        let longest = Duration::from_secs(100);
        assert!(began.elapsed() < longest, "{:#?}", trial.rows().await);
        sleep(Duration::from_millis(50)).await;
    }
    report(&format!(
        "{EACH} rounds and {refused} answers met it, {EACH} answers kept, posted after {:?}",
        began.elapsed()
    ));
    assert_eq!(bot.stop().0, 0);
    trial.assert_posted_once(0..=EACH, "posted").await;
    let sent = trial.double.requests("POST channels/*/messages").len();
    assert_eq!(
        sent,
        usize::try_from(EACH).unwrap() + 1,
        "each was sent once"
    );
    trial.end().await;
}

fn town_of() -> Setup {
    Setup::town(EACH + 1, EACH)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_database_loses_and_doubles_nothing() {
    let lasts = Duration::from_secs(count(2, 30));
    let on_file = survive(Trial::on(None, town_of()).await, Fault::Locked(None), lasts);
    let on_server = async {
        if let Some(trial) = Trial::with(Kind::Postgres, town_of()).await {
            survive(trial, Fault::Locked(None), lasts).await;
        }
    };
    tokio::join!(on_file, on_server);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_loses_and_doubles_nothing() {
    let lasts = Duration::from_secs(count(2, 30));
    survive(Trial::on(None, town_of()).await, Fault::Full, lasts).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_may_only_be_read_loses_and_doubles_nothing() {
    let lasts = Duration::from_secs(count(2, 30));
    if let Some(trial) = Trial::with(Kind::Postgres, town_of()).await {
        survive(trial, Fault::ReadOnly, lasts).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_crashes_and_comes_back_loses_and_doubles_nothing() {
    let lasts = Duration::from_secs(count(2, 30));
    let Some(server) = Own::start() else {
        return;
    };
    let database = Database::create_on(&server.url).await;
    let trial = Trial::on(Some(database), town_of()).await;
    survive(trial, Fault::Gone(server), lasts).await;
}
