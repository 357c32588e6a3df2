//! What the store keeps, what it forgets, and what it says when it cannot. The
//! same tests run on every kind of database.

mod asking;
#[cfg(feature = "postgres")]
mod encrypted;
mod file;
mod people;
mod questions;
mod races;
mod rounds;
mod schedules;
mod schema;
#[cfg(feature = "postgres")]
mod server;
#[cfg(feature = "postgres")]
mod shards;

use std::path::{Path, PathBuf};
use std::time::Duration;

use footnote::gap::{Gap, Kind};
use footnote::id::{ChannelId, GuildId, MessageId, UserId};
use footnote::quiz::question::{Origin, Place, Question};
use footnote::quiz::round::{Round, RoundId};
use footnote::quiz::schedule::{Days, Feedback, Planned, Schedule};
use footnote::store::{Store, StoreError};
use jiff::civil::{Date, date, time};
use jiff::{SignedDuration, Timestamp};
use sqlx::ConnectOptions as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tempfile::TempDir;

#[cfg(feature = "postgres")]
use crate::postgres;

const ANNA: UserId = UserId(1_100_000_000_000_000_001);
const BEN: UserId = UserId(1_100_000_000_000_000_002);
const GUILD: GuildId = GuildId(7);
const CHANNEL: ChannelId = ChannelId(70);
const ANSWER: MessageId = MessageId(900);
const MESSAGE: MessageId = MessageId(901);

/// The caller's time. A server has another, so tests ask [`Store::clock`].
const NOW: Timestamp = Timestamp::constant(1_795_300_000, 0);
const TODAY: Date = date(2026, 11, 21);
const ROUND: RoundId = RoundId {
    guild: GUILD,
    date: TODAY,
};
/// Longer than any test.
const LEASE: Duration = Duration::from_hours(1);

/// Somewhere to open stores.
pub(super) enum Database {
    /// A file in a folder of its own.
    File(TempDir),
    /// Memory: each store has its own.
    Memory,
    /// A database on a server.
    #[cfg(feature = "postgres")]
    Server(postgres::Database),
}

impl Database {
    fn file() -> Self {
        Self::File(tempfile::tempdir().unwrap())
    }

    #[cfg(feature = "postgres")]
    async fn on_server() -> Option<Self> {
        postgres::Database::create().await.map(Self::Server)
    }

    fn url(&self) -> String {
        match self {
            Self::File(_) => url(&self.path()),
            Self::Memory => "sqlite::memory:".to_owned(),
            #[cfg(feature = "postgres")]
            Self::Server(database) => database.url.clone(),
        }
    }

    async fn open(&self) -> Result<Store, StoreError> {
        Store::open(&self.url()).await
    }

    async fn store(&self) -> Store {
        self.open().await.unwrap()
    }

    /// Where the file is.
    fn path(&self) -> PathBuf {
        match self {
            Self::File(folder) => folder.path().join("footnote.db"),
            _ => panic!("not a file"),
        }
    }

    /// A connection of somebody else to the file: a backup, a tool.
    async fn outside_connection(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(self.path());
        options.create_if_missing(true).connect().await.unwrap()
    }
}

fn url(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}

/// Makes tests of functions that take a database: one for each kind. Those in
/// the second list open it more than once, which memory does not survive.
macro_rules! on_each_database {
    ($($test:ident),* $(,)?) => { on_each_database! { $($test),*; } };
    ($($test:ident),* ; $($kept:ident),* $(,)?) => {
        mod in_memory {
            $(#[tokio::test]
            async fn $test() {
                super::$test(&crate::store::Database::Memory).await;
            })*
        }

        mod in_a_file {
            $(#[tokio::test]
            async fn $test() {
                super::$test(&crate::store::Database::file()).await;
            })*
            $(#[tokio::test]
            async fn $kept() {
                super::$kept(&crate::store::Database::file()).await;
            })*
        }

        #[cfg(feature = "postgres")]
        mod on_a_server {
            use crate::store::Database;

            $(#[tokio::test]
            async fn $test() {
                if let Some(database) = Database::on_server().await {
                    super::$test(&database).await;
                    database.remove().await;
                }
            })*
            $(#[tokio::test]
            async fn $kept() {
                if let Some(database) = Database::on_server().await {
                    super::$kept(&database).await;
                    database.remove().await;
                }
            })*
        }
    };
}
use on_each_database;

#[cfg(feature = "postgres")]
impl Database {
    async fn remove(self) {
        if let Self::Server(database) = self {
            database.remove().await;
        }
    }
}

/// A question of Anna in the guild, at this time, without an answer.
fn gap(question: &str, at_ms: i64) -> Gap {
    Gap {
        kind: Kind::Abstention,
        user: ANNA,
        guild: Some(GUILD),
        channel: Some(ChannelId(8)),
        message: Some(MessageId(9)),
        question: Some(question.to_owned()),
        services: vec!["Amazon SQS".to_owned()],
        controls: vec!["Encryption at rest".to_owned(), "Logging".to_owned()],
        reason: None,
        at_ms,
    }
}

fn because(reason: Option<&str>) -> Gap {
    Gap {
        kind: Kind::NotHelpful,
        reason: reason.map(str::to_owned),
        ..gap("is it encrypted?", 5)
    }
}

/// A quiz every day at nine in Berlin, set up by Anna.
fn schedule(guild: GuildId) -> Schedule {
    Schedule {
        guild,
        channel: CHANNEL,
        time: time(9, 5, 0, 0),
        zone: "Europe/Berlin".to_owned(),
        days: Days::ALL,
        reveal_after: 480,
        feedback: Feedback::AtReveal,
        pauses: Vec::new(),
        set_by: Some(ANNA),
    }
}

/// A question with four options, the second right.
fn question(id: &str) -> Question {
    Question {
        id: id.to_owned(),
        hash: "0123456789abcdef".to_owned(),
        origin: Origin::Generated("state".to_owned()),
        stem: "Which one? 🧑‍🧒".to_owned(),
        options: ["a", "b", "c", "d"].map(str::to_owned).into(),
        key: 1,
        explanation: "It's \"b\".\nReally.".to_owned(),
        place: Place {
            path: "services/sqs.md".to_owned(),
            line_start: 3,
            line_end: 4,
        },
        sources: Vec::new(),
        service: Some("Amazon SQS".to_owned()),
        controls: vec!["Logging".to_owned()],
    }
}

fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

fn due(date: Date, due: Timestamp) -> Planned {
    Planned {
        date,
        due,
        paused: false,
    }
}

/// A store with a round of today that is due, and its clock.
async fn with_a_round(database: &Database) -> (Store, Timestamp) {
    let store = database.store().await;
    let now = store.clock(NOW).await.unwrap();
    let planned = [due(TODAY, now - seconds(60))];
    store
        .save_schedule(&schedule(GUILD), &planned, TODAY, now + seconds(60), now)
        .await
        .unwrap();
    (store, now)
}

/// Claims the round as `me`, to close at this time.
async fn claim(
    store: &Store,
    id: &RoundId,
    now: Timestamp,
    lease: Duration,
    close_at: Timestamp,
) -> Option<Round> {
    let question = question("services/sqs.md#a");
    store
        .claim_round(id, "me", now, lease, &question, close_at)
        .await
        .unwrap()
}

/// A store with a round of today that takes answers until this many seconds from
/// now, and its clock.
async fn with_an_open_round(database: &Database, open: i64) -> (Store, Timestamp) {
    let (store, now) = with_a_round(database).await;
    claim(&store, &ROUND, now, LEASE, now + seconds(open))
        .await
        .unwrap();
    assert!(
        store
            .record_posted(&ROUND, "me", 1, MESSAGE, now)
            .await
            .unwrap()
    );
    (store, now)
}
