//! What operators do while a quiz is running: back up, restore, stop. Discord has
//! forgotten nonces after a restore, so only looking keeps rounds from coming twice.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rustix::process::Signal;

use super::trial::{Kind, Row, Trial};
use crate::double::gateway::Welcome;
use crate::double::hooks::Moment;
use crate::double::reply::Sent;
use crate::double::setup::Id;
use crate::double::{Double, town};
use crate::harness::{Run, run};

/// Rounds, and people who answer them.
const ROUNDS: u64 = 4;
const PEOPLE: u64 = 20;

/// Rounds by guild.
type Rows = BTreeMap<Id, Row>;

fn are_posted(rows: &Rows) -> bool {
    rows.values().all(|row| row.state == "posted")
}

/// Runs a command beside the bot of a trial.
async fn footnote(trial: &Trial, arguments: &[&str]) -> Run {
    let mut command = trial.place.command(&trial.double, arguments);
    tokio::task::spawn_blocking(move || run(&mut command, ""))
        .await
        .unwrap()
}

/// Everybody answers a round with some letter.
fn press(double: &Double, trial: &Trial, round: u64) -> Vec<Sent> {
    let message = double.message(trial.made()[&town::channel(round)][0]);
    let click = |person| {
        let actor = double.as_user(town::person(person));
        actor.in_channel(town::channel(round)).click(
            &message,
            ["A", "B", "C"][usize::try_from(person % 3).unwrap()],
        )
    };
    (0..PEOPLE).map(click).collect()
}

/// Puts a backup in the place of the database, as docs/operations.md says.
fn restore(trial: &Trial, backup: &Path) {
    for beside in ["footnote.db-wal", "footnote.db-shm"] {
        // It is not there when the last bot had time to tidy up.
        let _ = fs::remove_file(trial.place.path(beside));
    }
    fs::copy(backup, trial.place.path("footnote.db")).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_under_load_has_every_confirmed_answer() {
    use std::os::unix::fs::PermissionsExt as _;
    let trial = Trial::begin(Kind::Sqlite, ROUNDS, PEOPLE).await.unwrap();
    trial.schedule(0..ROUNDS).await;
    let bot = trial.spawn();
    trial.until("all rounds", are_posted).await;
    trial.double.ready().await;
    for sent in press(&trial.double, &trial, 0) {
        sent.callback().await;
    }
    let before = trial.answers().await;
    assert_eq!(before.len(), 20);

    // Others go on answering while it is made.
    let others: Vec<Sent> = (1..ROUNDS)
        .flat_map(|round| press(&trial.double, &trial, round))
        .collect();
    let told = footnote(&trial, &["backup", "copy.db"]).await.ok();
    assert!(told.starts_with("copy.db: checked, "), "{told}");
    for sent in others {
        sent.callback().await;
    }
    let copy = trial.place.path("copy.db");
    let mode = fs::metadata(&copy).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // Nothing is overwritten, and nothing half made is left.
    let again = footnote(&trial, &["backup", "copy.db"]).await.wrong();
    assert!(again.contains("copy.db is there already"), "{again}");
    let left = fs::read_dir(trial.place.path("")).unwrap();
    let left = left.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(left.filter(|name| name.contains("partial")).count(), 0);

    bot.kill();
    trial.double.disconnected().await;
    restore(&trial, &copy);
    trial.double.forget_nonces();
    let restored = trial.answers().await;
    assert!(
        before
            .iter()
            .all(|(key, letter)| restored.get(key) == Some(letter))
    );
    let bot = trial.spawn();
    bot.logged("the database is a copy of ").await;
    trial.double.ready().await;
    bot.kill();
    trial.assert_posted_once(0..ROUNDS, "posted").await;
    trial.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_posted_after_a_backup_is_not_posted_again() {
    let trial = Trial::begin(Kind::Sqlite, ROUNDS, 0).await.unwrap();
    trial.schedule(0..2).await;
    // The backup is from before their time; two servers are not even in it.
    let copied = footnote(&trial, &["backup", "copy.db"]).await;
    assert_eq!(copied.code, 0, "{copied:?}");
    trial.schedule(2..ROUNDS).await;
    let bot = trial.spawn();
    let posted = |rows: &Rows| rows.len() == 4 && are_posted(rows);
    trial.until("all rounds", posted).await;
    bot.kill();

    restore(&trial, &trial.place.path("copy.db"));
    // So late, Discord would take the same message for a new one.
    trial.double.forget_nonces();
    let bot = trial.spawn();
    trial.until("the rounds to be found", are_posted).await;
    bot.kill();
    trial.assert_posted_once(0..2, "posted").await;
    // Set up again by their admins, the others are found as well.
    trial.schedule(2..ROUNDS).await;
    let bot = trial.spawn();
    trial.until("all rounds to be found", posted).await;
    bot.kill();
    trial.assert_posted_once(0..ROUNDS, "posted").await;
    trial.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_that_is_called_a_copy_is_treated_as_one() {
    let Some(trial) = Trial::begin(Kind::Postgres, ROUNDS, 0).await else {
        return;
    };
    trial.schedule(0..ROUNDS).await;
    let dumped = Timestamp::now().as_millisecond();
    let bot = trial.spawn();
    trial.until("all rounds", are_posted).await;
    bot.kill();

    // As they were in a dump from before.
    trial
        .run(
            "UPDATE round SET state = 'scheduled', message_id = NULL, posted_at = NULL, \
             close_at = NULL, first_try = NULL, wake_at = 0, owner = NULL, claims = 0",
        )
        .await;
    // What docs/operations.md says to do after pg_restore.
    trial
        .run(&format!(
            "DELETE FROM setting WHERE name IN ('copied_at', 'doubt_until'); \
             INSERT INTO setting (name, value) VALUES ('copied_at', '{dumped}')"
        ))
        .await;
    trial.double.forget_nonces();
    let bot = trial.spawn();
    trial.until("the rounds to be found", are_posted).await;
    bot.kill();
    trial.assert_posted_once(0..ROUNDS, "posted").await;
    trial.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_takes_less_than_five_seconds_though_nothing_answers() {
    let trial = Trial::begin(Kind::Sqlite, 2, PEOPLE).await.unwrap();
    trial.schedule(std::iter::once(0)).await;
    let bot = trial.spawn();
    trial.until("a round", are_posted).await;
    trial.double.ready().await;
    // Discord takes requests and never answers, nor says goodbye; somebody else
    // holds the database.
    trial.double.linger();
    trial.double.welcome(Welcome::Refuse);
    let callback = trial
        .double
        .catch("POST interactions/*/*/callback", Moment::Arrived);
    let _waiting = press(&trial.double, &trial, 0);
    callback.reached().await;
    let _lock = trial.lock().await;

    let since = Instant::now();
    bot.signal(Signal::TERM);
    let (code, log) = tokio::task::spawn_blocking(move || bot.ended())
        .await
        .unwrap();
    let took = since.elapsed();
    assert_eq!(code, 0, "{log}");
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert!(log.contains("told to stop"), "{log}");
}
