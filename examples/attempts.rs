//! How long it takes until an answer of the daily quiz is stored.
//!
//! Clicks come at an even rate, a hundred a second, each of another person, and
//! none waits for the one before. Run with
//! `cargo run --release --example attempts -- URL [SECONDS]`, such as
//! `sqlite:/tmp/attempts.db` or a `postgres://` URL of an empty database.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use footnote::id::{ChannelId, GuildId, MessageId, UserId};
use footnote::quiz::question::{Origin, Place, Question};
use footnote::quiz::round::RoundId;
use footnote::quiz::schedule::{Days, Feedback, Planned, Schedule};
use footnote::store::{Attempted, Store};
use jiff::Timestamp;
use jiff::civil::{Date, Time};

const A_SECOND: u32 = 100;
const DATE: Date = Date::constant(2026, 11, 22);
const CHANNEL: ChannelId = ChannelId(1);
const MESSAGE: MessageId = MessageId(1);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().context("a URL, and perhaps seconds")?;
    let seconds: u32 = arguments.next().map_or(Ok(30), |text| text.parse())?;

    let store = Store::open(&url).await?;
    let id = open_round(&store).await?;
    let mut clicks = Vec::new();
    let mut tick = tokio::time::interval(Duration::from_secs(1) / A_SECOND);
    for user in 0..u64::from(seconds * A_SECOND) {
        tick.tick().await;
        let store = store.clone();
        clicks.push(tokio::spawn(async move {
            let start = Instant::now();
            let now = Timestamp::now();
            let answered = store.attempt(&id, UserId(user), 1, MESSAGE, CHANNEL, now);
            answered.await.map(|answered| (answered, start.elapsed()))
        }));
    }
    let mut times = Vec::new();
    for click in clicks {
        let (answered, time) = click.await??;
        ensure!(matches!(answered, Attempted::Stored(_)), "{answered:?}");
        times.push(time);
    }
    times.sort_unstable();
    let share = |per_mille: usize| times[(times.len() - 1) * per_mille / 1_000];
    #[expect(clippy::print_stdout, reason = "this is what it is for")]
    {
        println!(
            "{} answers at {A_SECOND}/s: p50 {:.1?}, p99 {:.1?}, p99.9 {:.1?}, longest {:.1?}",
            times.len(),
            share(500),
            share(990),
            share(999),
            share(1_000),
        );
    }
    store.close().await;
    Ok(())
}

/// A round that takes answers.
async fn open_round(store: &Store) -> anyhow::Result<RoundId> {
    let now = store.clock(Timestamp::now()).await?;
    let id = RoundId {
        guild: GuildId(1),
        date: DATE,
    };
    let schedule = Schedule {
        guild: id.guild,
        channel: CHANNEL,
        time: Time::midnight(),
        zone: "UTC".to_owned(),
        days: Days::ALL,
        reveal_after: 480,
        feedback: Feedback::AtReveal,
        pauses: Vec::new(),
        set_by: None,
    };
    let planned = Planned {
        date: DATE,
        due: now,
        paused: false,
    };
    store
        .save_schedule(&schedule, &[planned], DATE, now, now)
        .await?;
    let question = Question {
        id: "a".to_owned(),
        hash: "0".repeat(16),
        origin: Origin::Written,
        stem: "Which one?".to_owned(),
        options: ["a", "b", "c", "d"].map(str::to_owned).into(),
        key: 1,
        explanation: "It is b.".to_owned(),
        place: Place {
            path: "a.md".to_owned(),
            line_start: 1,
            line_end: 1,
        },
        sources: Vec::new(),
        service: None,
        controls: Vec::new(),
    };
    let hour = Duration::from_hours(1);
    let claimed = store
        .claim_round(&id, "me", now, hour, &question, now + hour)
        .await?;
    let claims = claimed.context("the database is not empty")?.claims;
    store.record_posted(&id, "me", claims, MESSAGE, now).await?;
    Ok(id)
}
