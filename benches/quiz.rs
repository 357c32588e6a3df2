//! The daily quiz under load: the real program against the Discord double, both
//! on this machine and sharing its cores.
//!
//! Prints how soon answers are acknowledged at 100 clicks a second (sent on
//! time, however late the bot is), each durable on `SQLite` before that, and how
//! much memory the bot holds while it posts 10,000 rounds and shows their
//! results. The times run from the event leaving the double to the callback
//! arriving there. Reads the bot's memory from `/proc`, so it needs Linux.
//!
//! Run with `cargo bench --bench quiz`; it takes about twelve minutes, since the
//! bot keeps to 35 requests a second. `-- --quick` is a try of a minute.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints its figures, and ends when something is wrong"
)]

#[path = "../tests/double/mod.rs"]
#[expect(dead_code, reason = "a load run needs only a part of it")]
mod double;
#[expect(dead_code, reason = "what the bot uses up is measured in other runs")]
mod bot;
#[path = "../tests/due/mod.rs"]
mod due;

use std::time::{Duration, Instant};

use bot::{Bot, ms};
use double::setup::{Checks, Setup};
use double::{Double, town};
use jiff::{SignedDuration, Timestamp};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

/// Answers a second, and people in each server.
const RATE: u32 = 100;
const PEOPLE: u64 = 200;
/// No first response after this long is none; Discord waits for three seconds.
const GIVEN_UP: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() {
    let has = |wanted: &str| std::env::args().any(|argument| argument == wanted);
    // `cargo test --benches` only wants to know that it builds.
    if !has("--bench") {
        return;
    }
    let (length, steps): (u64, &[u64]) = if has("--quick") {
        (5, &[100, 500])
    } else {
        (20, &[1_000, 2_000, 5_000, 10_000])
    };
    answers(Duration::from_secs(length)).await;
    memory(steps).await;
}

/// People answer at [`RATE`] for so long.
async fn answers(length: Duration) {
    let clicks = u64::from(RATE) * length.as_secs();
    let guilds = clicks.div_ceil(PEOPLE);
    let run = Run::begin(guilds, PEOPLE).await;
    run.schedule(guilds).await;
    let bot = run.start();
    run.until("posted", guilds).await;
    run.double.ready().await;
    let messages: Vec<_> = (0..guilds)
        .map(|at| {
            let id = run.double.look(|world| {
                let channel = town::channel(at);
                let mut all = world.messages.iter();
                *all.find(|(_, one)| one.channel == channel).unwrap().0
            });
            run.double.message(id)
        })
        .collect();
    sleep(Duration::from_secs(1)).await;

    let mut tick = interval(Duration::from_secs(1) / RATE);
    tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut under_way = JoinSet::new();
    for click in 0..clicks {
        tick.tick().await;
        // One server after the other, as if each had been asked at the same time.
        let (guild, person) = (click % guilds, click / guilds);
        let actor = run.double.as_user(town::person(person));
        let actor = actor.in_channel(town::channel(guild));
        let message = &messages[usize::try_from(guild).unwrap()];
        let letter = ["A", "B", "C"][usize::try_from(click % 3).unwrap()];
        let sent = actor.click(message, letter);
        under_way.spawn(async move { timeout(GIVEN_UP, sent.acknowledged()).await.ok() });
    }
    let times = under_way.join_all().await;
    let lost = times.iter().filter(|time| time.is_none()).count();
    let mut times: Vec<Duration> = times.into_iter().flatten().collect();
    times.sort_unstable();
    let at = |hundredths: usize| ms(times[(times.len() - 1) * hundredths / 100]);
    println!(
        "answers acknowledged  {} at {RATE} a second: p50 {}, p99 {}, longest {}; lost {lost}",
        times.len(),
        at(50),
        at(99),
        at(100)
    );
    println!("stored                {}", run.count("attempt", "1").await);
    println!("memory                {:.1} MB", bot.memory_mb());
}

/// So many rounds are posted and their results shown, step after step.
async fn memory(steps: &[u64]) {
    let all = steps.last().copied().unwrap();
    let run = Run::begin(all, 0).await;
    run.schedule(all).await;
    // Due in steps, so that there is something to see in between.
    let mut from = 0;
    for step in steps {
        let ids = (town::guild(from), town::guild(*step));
        let later = Timestamp::now().as_millisecond() + 3_600_000;
        let wake = if from == 0 { 0 } else { later };
        run.change(&format!(
            "UPDATE round SET wake_at = {wake} WHERE guild_id >= {} AND guild_id < {}",
            ids.0, ids.1
        ))
        .await;
        from = *step;
    }
    let bot = run.start();
    run.double.ready().await;
    println!("memory when idle      {:.1} MB", bot.memory_mb());
    let mut done = 0;
    for step in steps {
        let since = Instant::now();
        let due = format!(
            "UPDATE round SET wake_at = 0 WHERE guild_id < {}",
            town::guild(*step)
        );
        run.change(&format!("{due} AND state = 'scheduled'")).await;
        run.until("posted", *step - done).await;
        let now = Timestamp::now().as_millisecond();
        run.change(&format!(
            "UPDATE round SET close_at = {now}, wake_at = 0 WHERE state = 'posted'"
        ))
        .await;
        run.until("revealed", *step).await;
        done = *step;
        println!(
            "after {step:>6} rounds   {:.1} MB, {:.0} s for this step",
            bot.memory_mb(),
            since.elapsed().as_secs_f64()
        );
    }
}

/// A town, and the folder of its bot.
struct Run {
    double: Double,
    folder: tempfile::TempDir,
}

impl Run {
    async fn begin(guilds: u64, people: u64) -> Self {
        let setup = Setup {
            checks: Checks::None,
            // The messages of a whole step, to be edited.
            keeps: 12_000,
            patience: Duration::from_mins(15),
            ..Setup::town(guilds, people)
        };
        Self {
            double: Double::start(setup).await,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn database(&self) -> std::path::PathBuf {
        self.folder.path().join("footnote.db")
    }

    /// A round for each server, due a minute ago.
    async fn schedule(&self, guilds: u64) {
        let url = format!("sqlite:{}", self.database().display());
        let due = Timestamp::now() - SignedDuration::from_mins(1);
        due::schedule(&url, 0..guilds, due).await;
    }

    fn start(&self) -> Bot {
        Bot::start(&self.double, self.folder.path(), &[])
    }

    async fn change(&self, statement: &str) {
        let options = SqliteConnectOptions::new().filename(self.database());
        let mut connection = options.connect().await.unwrap();
        let statement = AssertSqlSafe(statement.to_owned());
        sqlx::raw_sql(statement)
            .execute(&mut connection)
            .await
            .unwrap();
    }

    async fn count(&self, table: &str, which: &str) -> u64 {
        let options = SqliteConnectOptions::new().filename(self.database());
        let mut connection = options.connect().await.unwrap();
        let statement = format!("SELECT COUNT(*) FROM {table} WHERE {which}");
        let count: i64 = sqlx::query_scalar(AssertSqlSafe(statement))
            .fetch_one(&mut connection)
            .await
            .unwrap();
        count.cast_unsigned()
    }

    /// Waits until so many rounds are in this state.
    async fn until(&self, state: &str, rounds: u64) {
        let which = format!("state = '{state}'");
        while self.count("round", &which).await < rounds {
            sleep(Duration::from_millis(200)).await;
        }
    }
}
