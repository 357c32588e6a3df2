//! Many servers at the same minute: all get their round soon, and Discord's
//! limits are never met.

use std::time::{Duration, Instant};

use super::trial::{Kind, Trial, count, report};
use crate::double::setup::{Checks, Setup};
use crate::double::town;

/// What the bot allows itself a second, and what Discord allows.
const OWN: f64 = 35.0;
const DISCORD: usize = 50;

#[tokio::test(flavor = "multi_thread")]
async fn all_servers_that_are_due_in_one_minute_are_served_at_a_steady_pace() {
    let guilds = count(120, 2_500);
    let setup = Setup {
        checks: Checks::Limits,
        patience: Duration::from_mins(3),
        ..Setup::town(guilds, 0)
    };
    let trial = Trial::with(Kind::Sqlite, setup).await.unwrap();
    trial.double.limit_all(DISCORD);
    trial.schedule(0..guilds).await;
    let since = Instant::now();
    let bot = trial.spawn();
    trial
        .double
        .until("all rounds", |world| {
            let sent = world.messages.len();
            (u64::try_from(sent).unwrap() >= guilds).then_some(())
        })
        .await;
    let took = since.elapsed();
    trial
        .until("all to be recorded", |rows| {
            rows.values().all(|row| row.state == "posted")
        })
        .await;
    let (code, log) = bot.stop();
    assert_eq!(code, 0, "{log}");
    trial.assert_posted_once(0..guilds, "posted").await;
    assert!(took < Duration::from_mins(2), "{took:?}");
    assert_eq!(trial.double.refused_by_limit(), 0);
    let busiest = trial.double.busiest_second();
    assert!(busiest <= DISCORD, "{busiest} requests within a second");
    let (first, last) = trial.double.look(|world| {
        let mut posts = world.requests.iter();
        let is_post = |one: &&crate::double::rest::Request| one.method == "POST";
        let first = posts.clone().find(is_post).unwrap().at;
        (first, posts.rfind(is_post).unwrap().at)
    });
    // Beyond the few that a quiet time before allows at once.
    let rest = f64::from(u32::try_from(guilds).unwrap()) - 10.0;
    let pace = rest / last.duration_since(first).as_secs_f64();
    assert!(pace <= OWN + 0.5, "{pace} a second");
    report(&format!(
        "{guilds} rounds in {took:?}, {pace:.1} a second, at most {busiest}"
    ));
    assert_eq!(trial.made().len(), usize::try_from(guilds).unwrap());
    assert!(trial.made().contains_key(&town::channel(guilds - 1)));
    trial.end().await;
}
