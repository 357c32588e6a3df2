//! What the proofs share: a town where rounds are due, the real program, its
//! database, and how things have to stand in the end.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

use footnote::quiz::question::Question;
use jiff::{SignedDuration, Timestamp};
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Row as _};
use tokio::time::{Instant, sleep};

use crate::discord::process::{Bot, Place};
use crate::double::setup::{Id, Setup};
use crate::double::{Double, town};
use crate::{due, postgres};

/// Nothing that goes well stands still for longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Questions of the notes: enough that admins are not told to write more.
const QUESTIONS: usize = 20;

/// Which kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Sqlite,
    Postgres,
}

/// A town, its bot's folder and database. Nobody runs yet.
pub(super) struct Trial {
    pub(super) double: Double,
    pub(super) place: Place,
    pub(super) database: Option<postgres::Database>,
}

/// A connection of somebody else to the bot's database. While it holds a lock,
/// the bot cannot write; dropping it ends the lock.
pub(super) enum Connection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// A round as the database has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) state: String,
    /// Somebody has claimed it.
    pub(super) is_owned: bool,
    pub(super) claims: i64,
    pub(super) message: Option<Id>,
}

impl Trial {
    /// A town with so many guilds and people; none where there is no such database.
    pub(super) async fn begin(kind: Kind, guilds: u64, people: u64) -> Option<Self> {
        Self::with(kind, Setup::town(guilds, people)).await
    }

    pub(super) async fn with(kind: Kind, setup: Setup) -> Option<Self> {
        let database = match kind {
            Kind::Sqlite => None,
            Kind::Postgres => Some(postgres::Database::create().await?),
        };
        Some(Self::on(database, setup).await)
    }

    /// On a database of a server, or else on a file.
    pub(super) async fn on(database: Option<postgres::Database>, setup: Setup) -> Self {
        Self {
            double: Double::start(setup).await,
            place: Place::with_notes(&[("soup.md", &note())]),
            database,
        }
    }

    pub(super) fn url(&self) -> String {
        match &self.database {
            Some(database) => database.url.clone(),
            None => format!("sqlite:{}", self.place.path("footnote.db").display()),
        }
    }

    /// Schedules for guilds of the town, each with a round that was due three
    /// minutes ago. On `SQLite`, no bot may be running.
    pub(super) async fn schedule(&self, guilds: impl Iterator<Item = u64>) {
        self.schedule_at(guilds, Timestamp::now() - SignedDuration::from_mins(3))
            .await;
    }

    /// The same with rounds due at a time.
    pub(super) async fn schedule_at(&self, guilds: impl Iterator<Item = u64>, due: Timestamp) {
        due::schedule(&self.url(), guilds, due).await;
    }

    /// Starts the bot; does not wait for anything.
    pub(super) fn spawn(&self) -> Bot {
        Bot::spawn(self.command())
    }

    /// Starts the bot by another program, which has these arguments before its
    /// own.
    pub(super) fn spawn_by(&self, program: &str, arguments: &[&str]) -> Bot {
        let bot = self.command();
        let mut command = Command::new(program);
        command.args(arguments).arg(bot.get_program());
        command.args(bot.get_args());
        command.current_dir(bot.get_current_dir().unwrap());
        for (name, value) in bot.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        Bot::spawn(command)
    }

    fn command(&self) -> Command {
        let mut command = self.place.command(&self.double, &["run"]);
        command
            .env("FOOTNOTE__STORE__URL", self.url())
            .env("FOOTNOTE__LIMITS__ASKS_PER_USER", "10000")
            .env("FOOTNOTE__LIMITS__ASKS_PER_GUILD", "10000");
        command
    }

    /// Ends all claims and waits, as time would. The bot sees it when it starts.
    pub(super) async fn let_time_pass(&self) {
        self.run(
            "UPDATE round SET wake_at = 0 \
             WHERE state IN ('scheduled', 'posting', 'held', 'closed')",
        )
        .await;
    }

    /// Lets the next bot start a session at once, as after five seconds.
    pub(super) async fn forget_session_turns(&self) {
        self.run("DELETE FROM setting WHERE name LIKE 'session-turn:%'")
            .await;
    }

    /// Ends the time for answers of all rounds that are posted.
    pub(super) async fn end_answers(&self) {
        let now = Timestamp::now().as_millisecond();
        self.run(&format!(
            "UPDATE round SET close_at = {now}, wake_at = 0 WHERE state = 'posted'"
        ))
        .await;
    }

    /// A connection of somebody else.
    pub(super) async fn connect(&self) -> Connection {
        if let Some(database) = &self.database {
            return Connection::Postgres(database.connect().await);
        }
        let path = self.place.path("footnote.db");
        let options = SqliteConnectOptions::new().filename(path);
        Connection::Sqlite(options.connect().await.unwrap())
    }

    /// Keeps the bot from writing until the connection is dropped.
    pub(super) async fn lock(&self) -> Connection {
        let mut connection = self.connect().await;
        let statements = match connection {
            Connection::Sqlite(_) => "BEGIN IMMEDIATE",
            Connection::Postgres(_) => "BEGIN; LOCK TABLE round IN EXCLUSIVE MODE",
        };
        connection.run(statements).await;
        connection
    }

    pub(super) async fn run(&self, statement: &str) {
        self.connect().await.run(statement).await;
    }

    /// All rounds, by guild.
    pub(super) async fn rows(&self) -> BTreeMap<Id, Row> {
        self.connect().await.rows().await
    }

    /// The round of a guild of the town.
    pub(super) async fn row(&self, at: u64) -> Row {
        let mut rows = self.rows().await;
        rows.remove(&town::guild(at)).expect("a scheduled guild")
    }

    /// The letter of each stored answer, by guild and person.
    pub(super) async fn answers(&self) -> BTreeMap<(Id, Id), char> {
        self.connect().await.answers().await
    }

    /// Waits until the rounds stand as wanted; a bot does it. However many there
    /// are, it fails only when none gets on. A claim alone is no step on: one
    /// that is claimed for ever is stuck.
    pub(super) async fn until(
        &self,
        what: &str,
        wanted: impl Fn(&BTreeMap<Id, Row>) -> bool,
    ) -> BTreeMap<Id, Row> {
        let mut deadline = Instant::now() + PATIENCE;
        let mut connection = self.connect().await;
        let mut stood = Vec::new();
        loop {
            let rows = connection.rows().await;
            if wanted(&rows) {
                return rows;
            }
            let stand: Vec<_> = rows
                .values()
                .map(|row| (row.state.clone(), row.message))
                .collect();
            if stand != stood {
                stood = stand;
                deadline = Instant::now() + PATIENCE;
            }
            assert!(Instant::now() < deadline, "waited for {what}: {rows:#?}");
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Runs bots one after another, time passing between them, until every round
    /// is in this state. Says how many it took.
    pub(super) async fn run_until_all_are(&self, state: &str) -> usize {
        for starts in 1..=40 {
            self.let_time_pass().await;
            let before = self.rows().await;
            let bot = self.spawn();
            let rows = self
                .until("rounds to get on", |rows| {
                    let mut all = rows.iter();
                    all.all(|(id, row)| row.state == state || row.waits_since(&before[id]))
                })
                .await;
            bot.kill();
            if rows.values().all(|row| row.state == state) {
                return starts;
            }
        }
        panic!("rounds are stuck: {:#?}", self.rows().await);
    }

    /// Every round of these guilds has its state, and its one message in its
    /// channel, by Discord's account and by the database's.
    pub(super) async fn assert_posted_once(&self, guilds: impl Iterator<Item = u64>, state: &str) {
        let rows = self.rows().await;
        let made = self.made();
        for at in guilds {
            let row = &rows[&town::guild(at)];
            assert_eq!(row.state, state, "round {at}: {row:?}");
            let messages = made.get(&town::channel(at)).cloned().unwrap_or_default();
            assert_eq!(messages.len(), 1, "messages of round {at}: {messages:?}");
            assert_eq!(row.message, Some(messages[0]), "round {at}");
        }
    }

    /// All messages that were ever made, by channel; deleted ones too.
    pub(super) fn made(&self) -> BTreeMap<Id, Vec<Id>> {
        self.double.look(|world| {
            let mut made: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
            for (id, stored) in &world.messages {
                if !stored.is_ephemeral() && stored.json["webhook_id"].is_null() {
                    made.entry(stored.channel).or_default().push(*id);
                }
            }
            made
        })
    }

    /// The database is whole; nothing of it is left behind.
    pub(super) async fn end(self) {
        if let Connection::Sqlite(mut connection) = self.connect().await {
            let whole: String = sqlx::query_scalar("PRAGMA integrity_check")
                .fetch_one(&mut connection)
                .await
                .unwrap();
            assert_eq!(whole, "ok");
        }
        if let Some(database) = self.database {
            database.remove().await;
        }
    }
}

impl Row {
    /// A claim ended since then, and another try is made later.
    fn waits_since(&self, before: &Self) -> bool {
        let is_open = matches!(
            self.state.as_str(),
            "scheduled" | "posting" | "held" | "closed"
        );
        is_open && self.claims > before.claims && !self.is_owned
    }
}

impl Connection {
    /// Returns when it is closed, with all that follows from that on disk.
    pub(super) async fn close(self) {
        match self {
            Self::Sqlite(connection) => connection.close().await.unwrap(),
            Self::Postgres(connection) => connection.close().await.unwrap(),
        }
    }

    pub(super) async fn run(&mut self, statement: &str) {
        let statement = sqlx::raw_sql(AssertSqlSafe(statement.to_owned()));
        match self {
            Self::Sqlite(connection) => drop(statement.execute(connection).await.unwrap()),
            Self::Postgres(connection) => drop(statement.execute(connection).await.unwrap()),
        }
    }

    pub(super) async fn answers(&mut self) -> BTreeMap<(Id, Id), char> {
        const ALL: &str = "SELECT guild_id, user_id, CAST(choice AS BIGINT) AS choice FROM attempt";
        macro_rules! read {
            ($connection:expr) => {{
                let rows = sqlx::query(ALL).fetch_all($connection).await.unwrap();
                let rows = rows.into_iter().map(|row| {
                    let id = |name: &str| row.get::<i64, _>(name).cast_unsigned();
                    let choice = usize::try_from(row.get::<i64, _>("choice")).unwrap();
                    ((id("guild_id"), id("user_id")), Question::letter(choice))
                });
                rows.collect()
            }};
        }
        match self {
            Self::Sqlite(connection) => read!(connection),
            Self::Postgres(connection) => read!(connection),
        }
    }

    async fn rows(&mut self) -> BTreeMap<Id, Row> {
        const ALL: &str = "SELECT guild_id, state, owner IS NOT NULL AS owned, \
            CAST(claims AS BIGINT) AS claims, message_id FROM round";
        macro_rules! read {
            ($connection:expr) => {{
                let rows = sqlx::query(ALL).fetch_all($connection).await.unwrap();
                let rows = rows.into_iter().map(|row| {
                    let id = |name: &str| row.get::<Option<i64>, _>(name).map(i64::cast_unsigned);
                    let read = Row {
                        state: row.get("state"),
                        is_owned: row.get("owned"),
                        claims: row.get("claims"),
                        message: id("message_id"),
                    };
                    (id("guild_id").unwrap(), read)
                });
                rows.collect()
            }};
        }
        match self {
            Self::Sqlite(connection) => read!(connection),
            Self::Postgres(connection) => read!(connection),
        }
    }
}

/// A note with questions.
fn note() -> String {
    let option = |number: usize, more: usize| {
        let mark = if more == number % 4 { 'x' } else { ' ' };
        format!("- [{mark}] {} leeks", number + more + 1)
    };
    let mut lines = vec!["# Soup\n\nLeeks need an hour.[^cook]\n\n## Quiz".to_owned()];
    for number in 1..=QUESTIONS {
        lines.push(format!("\n### How many leeks does soup {number} need?\n"));
        lines.extend((0..4).map(|more| option(number, more)));
        lines.push("\nThe cook says so.[^cook]".to_owned());
    }
    lines.push("\n[^cook]: The cook\n".to_owned());
    lines.join("\n")
}

/// Whether the large counts are wanted: `FOOTNOTE_NIGHTLY=1`.
fn is_nightly() -> bool {
    std::env::var_os("FOOTNOTE_NIGHTLY").is_some()
}

/// Prints the figures of a large run.
pub(super) fn report(figures: &str) {
    if is_nightly() {
        #[expect(clippy::print_stdout, reason = "the figures of a large run")]
        {
            println!("{figures}");
        }
    }
}

/// The count for every change, or the nightly one.
pub(super) fn count(usual: u64, nightly: u64) -> u64 {
    if is_nightly() { nightly } else { usual }
}
