//! Discord fails in every way at once, and works again: each round has its one
//! message within a minute.

use std::time::{Duration, Instant};

use super::trial::{Kind, Trial, report};
use crate::double::faults::Fault;
use crate::double::town;

/// Rounds that are due.
const ROUNDS: u64 = 50;
/// After Discord works again, all of them are posted within this time.
const SOON: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread")]
async fn within_a_minute_of_the_end_of_an_outage_every_round_is_posted_once() {
    let trial = Trial::begin(Kind::Sqlite, ROUNDS, 0).await.unwrap();
    let faults = [
        Fault::Html(500),
        Fault::Html(502),
        Fault::Html(503),
        Fault::Reset,
        Fault::ReplyLost,
        Fault::HtmlAfter(502),
        Fault::Garbage,
        Fault::Silent,
    ];
    for (at, fault) in (0..ROUNDS).zip(faults.into_iter().cycle()) {
        let route = format!("POST channels/{}/messages", town::channel(at));
        trial.double.fail(&route, 1_000, fault);
    }
    trial.schedule(0..ROUNDS).await;
    let bot = trial.spawn();
    trial
        .until("every round to be tried in vain", |rows| {
            let mut rounds = rows.values();
            rounds.all(|row| row.claims > 0 && !row.is_owned && row.state != "posted")
        })
        .await;
    trial.double.mend();
    let works = Instant::now();
    while trial.rows().await.values().any(|row| row.state != "posted") {
        assert!(works.elapsed() < SOON, "{:#?}", trial.rows().await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    report(&format!(
        "{ROUNDS} rounds posted after {:?}",
        works.elapsed()
    ));
    assert_eq!(bot.stop().0, 0);
    trial.assert_posted_once(0..ROUNDS, "posted").await;
    trial.end().await;
}
