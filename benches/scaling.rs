//! What more servers cost: the real program against the Discord double and a
//! `PostgreSQL` server, all on this machine and sharing its cores.
//!
//! Prints the processor time of the bot and the transactions on the database for
//! each question, answer of the quiz and round, and the memory of the bot with
//! ever more servers. `docs/scaling.md` says what follows from it. Processor time
//! is that of the bot alone, so that it hardly depends on what else runs. Reads
//! `/proc`, so it needs Linux, and starts a server with `.ci/postgres`.
//!
//! Run with `cargo bench --bench scaling`; it takes about ten minutes.
//! `-- --quick` is a try of three. `FOOTNOTE_PROGRAM` names another build of the
//! program to measure.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a benchmark prints its figures, and ends when something is wrong"
)]

#[path = "../tests/double/mod.rs"]
#[expect(dead_code, reason = "a load run needs only a part of it")]
mod double;
mod bot;
#[path = "../tests/due/mod.rs"]
mod due;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bot::{Bot, ms};
use double::setup::{Checks, Setup};
use double::{Double, town};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Row as _};
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// Actions under way at a time.
const WORKERS: u64 = 8;
/// People in each server that somebody acts in: many, since each is limited.
const PEOPLE: u64 = 500;
/// Discord allows no more servers on a shard.
const SERVERS_A_SHARD: u64 = 2_500;
/// `PostgreSQL` counts with a delay of up to ten seconds.
const COUNTED: Duration = Duration::from_secs(12);

#[tokio::main]
async fn main() {
    let has = |wanted: &str| std::env::args().any(|argument| argument == wanted);
    // `cargo test --benches` only wants to know that it builds.
    if !has("--bench") {
        return;
    }
    let (each, rounds, servers): (u64, u64, &[u64]) = if has("--quick") {
        (500, 100, &[100, 1_000])
    } else {
        (5_000, 500, &[1_000, 5_000, 10_000])
    };
    println!("load of the machine   {}", load());
    match Server::start() {
        Some(server) => work(&server, each, rounds).await,
        None => println!("skipped: there is no PostgreSQL here"),
    }
    memory(servers).await;
    println!("load of the machine   {}", load());
}

/// Rounds are posted, answered and revealed; questions are asked.
async fn work(server: &Server, each: u64, rounds: u64) {
    let run = Run::begin(rounds, PEOPLE, Some(server)).await;
    run.schedule(rounds).await;
    let mut database = server.connect().await;
    let before = Meter::read(None, &mut database).await;
    let bot = run.start();
    until(&mut database, "posted", rounds).await;
    run.double.ready().await;
    let posted = Meter::read(Some(&bot), &mut database).await;
    posted.since(&before, "start, round posted", rounds);

    let messages: Vec<_> = (0..rounds)
        .map(|at| {
            let id = run.double.look(|world| {
                let channel = town::channel(at);
                let mut all = world.messages.iter();
                *all.find(|(_, one)| one.channel == channel).unwrap().0
            });
            run.double.message(id)
        })
        .collect();
    let messages = &messages;
    let before = Meter::read(Some(&bot), &mut database).await;
    let took = run
        .act(each, |turn| {
            let person = (turn + turn / rounds) % PEOPLE;
            let actor = run.double.as_user(town::person(person));
            let actor = actor.in_channel(town::channel(turn % rounds));
            let letter = ["A", "B", "C"][usize::try_from(turn % 3).unwrap()];
            actor.click(&messages[usize::try_from(turn % rounds).unwrap()], letter)
        })
        .await;
    let answered = Meter::read(Some(&bot), &mut database).await;
    answered.since(&before, "answer of the quiz", each);
    println!("                      {:.0} a second", each as f64 / took);
    let stored: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM attempt")
        .fetch_one(&mut database)
        .await
        .unwrap();
    println!("                      {stored} stored");

    let before = Meter::read(Some(&bot), &mut database).await;
    let took = run
        .act(each, |turn| {
            let actor = run.double.as_user(town::person(turn % PEOPLE));
            let actor = actor.in_channel(town::channel(turn % rounds));
            actor.slash("ask", &json!({ "question": question(turn) }))
        })
        .await;
    let asked = Meter::read(Some(&bot), &mut database).await;
    asked.since(&before, "question", each);
    println!("                      {:.0} a second", each as f64 / took);

    let before = Meter::read(Some(&bot), &mut database).await;
    sleep(Duration::from_secs(30)).await;
    let idle = Meter::read(Some(&bot), &mut database).await;
    idle.since(&before, "second without work", 30 + 2 * COUNTED.as_secs());

    let before = Meter::read(Some(&bot), &mut database).await;
    let now = Timestamp::now().as_millisecond();
    let end = format!("UPDATE round SET close_at = {now}, wake_at = 0 WHERE state = 'posted'");
    run_on(&mut database, &end).await;
    until(&mut database, "revealed", rounds).await;
    let revealed = Meter::read(Some(&bot), &mut database).await;
    revealed.since(&before, "round revealed", rounds);
    println!("memory                {:.1} MB", bot.memory_mb());
}

/// The bot on ever more servers, at rest.
async fn memory(steps: &[u64]) {
    let mut least = None;
    for servers in [1].iter().chain(steps) {
        let run = Run::begin(*servers, 0, None).await;
        let bot = run.start();
        let shards = servers.div_ceil(SERVERS_A_SHARD);
        let is_up = || run.double.look(|world| world.gateway.shards().len());
        while (is_up() as u64) < shards {
            sleep(Duration::from_millis(100)).await;
        }
        // All servers have arrived when there is nothing more to do.
        let mut before = bot.processor_time();
        loop {
            sleep(Duration::from_secs(3)).await;
            let now = bot.processor_time();
            if bot.used_since(before) < Duration::from_millis(100) {
                break;
            }
            before = now;
        }
        let memory = bot.memory_mb();
        let base = *least.get_or_insert(memory);
        println!(
            "on {servers:>6} servers     {memory:.1} MB, {:.2} MB more for each thousand; {:.1} s of \
             processor time since the start; shards {shards}",
            (memory - base) * 1000.0 / *servers as f64,
            bot.processor_time().as_secs_f64(),
        );
    }
}

/// What people ask, spread over what the bundled notes hold and do not.
fn question(turn: u64) -> String {
    const SERVICES: [&str; 6] = ["S3", "DynamoDB", "SQS", "Redshift", "Glue", "Lambda"];
    const ASKED: [&str; 5] = [
        "is {} encrypted at rest?",
        "how do I limit who may use {}",
        "{} encripton in transit",
        "which logs does {} write",
        "what does {} cost",
    ];
    let at = |count: usize, turn: u64| usize::try_from(turn).unwrap() % count;
    ASKED[at(ASKED.len(), turn)].replace("{}", SERVICES[at(SERVICES.len(), turn / 5)])
}

/// What was used up so far.
struct Meter {
    used: Duration,
    transactions: i64,
    rows: i64,
}

impl Meter {
    async fn read(bot: Option<&Bot>, database: &mut PgConnection) -> Self {
        let used = bot.map_or(Duration::ZERO, Bot::processor_time);
        sleep(COUNTED).await;
        let row = sqlx::query(
            "SELECT xact_commit, tup_inserted + tup_updated + tup_deleted AS rows \
             FROM pg_stat_database WHERE datname = current_database()",
        )
        .fetch_one(database)
        .await
        .unwrap();
        Self {
            used,
            transactions: row.get("xact_commit"),
            rows: row.get("rows"),
        }
    }

    fn since(&self, before: &Self, what: &str, times: u64) {
        let each = |used: i64| used as f64 / times as f64;
        println!(
            "{what:<21} {} of processor time, {:.2} transactions, {:.2} rows changed; {times} of them",
            ms(self.used.saturating_sub(before.used) / u32::try_from(times).unwrap()),
            each(self.transactions - before.transactions),
            each(self.rows - before.rows),
        );
    }
}

/// A town, and the folder of its bot.
struct Run {
    double: Double,
    folder: TempDir,
    url: String,
}

impl Run {
    async fn begin(servers: u64, people: u64, server: Option<&Server>) -> Self {
        let setup = Setup {
            checks: Checks::None,
            keeps: 12_000,
            shards: u32::try_from(servers.div_ceil(SERVERS_A_SHARD)).unwrap(),
            patience: Duration::from_mins(5),
            ..Setup::town(servers, people)
        };
        let folder = tempfile::tempdir().unwrap();
        let file = format!("sqlite:{}", folder.path().join("footnote.db").display());
        Self {
            double: Double::start(setup).await,
            url: server.map_or(file, |server| server.url.clone()),
            folder,
        }
    }

    /// A round for each server, due a minute ago.
    async fn schedule(&self, servers: u64) {
        let due = Timestamp::now() - SignedDuration::from_mins(1);
        due::schedule(&self.url, 0..servers, due).await;
    }

    fn start(&self) -> Bot {
        let settings = [("FOOTNOTE__STORE__URL", self.url.as_str())];
        Bot::start(&self.double, self.folder.path(), &settings)
    }

    /// People act so many times, as fast as they are answered; says how long it
    /// took, seconds.
    async fn act(&self, times: u64, what: impl Fn(u64) -> double::reply::Sent) -> f64 {
        let since = Instant::now();
        let next = AtomicU64::new(0);
        let mut under_way = JoinSet::new();
        loop {
            let turn = next.fetch_add(1, Ordering::Relaxed);
            if turn >= times {
                break;
            }
            if under_way.len() as u64 >= WORKERS {
                under_way.join_next().await.unwrap().unwrap();
            }
            let sent = what(turn);
            under_way.spawn(async move { drop(sent.callback().await) });
        }
        drop(under_way.join_all().await);
        since.elapsed().as_secs_f64()
    }
}

/// Waits until so many rounds are in this state.
async fn until(database: &mut PgConnection, state: &str, rounds: u64) {
    let count = format!("SELECT COUNT(*) FROM round WHERE state = '{state}'");
    loop {
        let done: i64 = sqlx::query_scalar(AssertSqlSafe(count.clone()))
            .fetch_one(&mut *database)
            .await
            .unwrap();
        if done.cast_unsigned() >= rounds {
            return;
        }
        sleep(Duration::from_secs(1)).await;
    }
}

async fn run_on(database: &mut PgConnection, statement: &str) {
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
        .execute(database)
        .await
        .unwrap();
}

/// A server that ends with the benchmark.
struct Server {
    url: String,
    _running: Child,
}

impl Server {
    fn start() -> Option<Self> {
        let mut child = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.ci/postgres"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let url = line.trim().to_owned();
        (!url.is_empty()).then_some(Self {
            url,
            _running: child,
        })
    }

    async fn connect(&self) -> PgConnection {
        let options: PgConnectOptions = self.url.parse().unwrap();
        options.connect().await.unwrap()
    }
}

fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap();
    let averages: Vec<&str> = load.split_whitespace().take(3).collect();
    averages.join(" ")
}
