//! The real program is killed at every step of posting and of showing results,
//! over and over, while Discord has a hard day. In the end every round has its
//! one message, and nothing is stuck.

use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::dice::Dice;
use super::trial::{Connection, Kind, Trial, count, report};
use crate::discord::process::Bot;
use crate::double::faults::Chance;
use crate::double::hooks::{Caught, Moment};
use crate::double::outage::Outage;
use crate::double::town;
use crate::double::world::World;

/// A step that may not come, since a fault was in its way, is waited for this long.
const STEP: Duration = Duration::from_secs(8);

/// Where the program is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Point {
    /// It wants to claim the round and cannot yet.
    BeforeClaim,
    /// It has claimed it, and its request has reached Discord and goes no further.
    AfterClaim,
    /// Its request is carried out only after its death.
    OnItsWay,
    /// Its request is carried out even later: its successor has looked by then.
    LongOnItsWay,
    /// The message is there, and it does not know.
    Processed,
    /// It knows, and cannot write it down.
    Answered,
    /// It has written it down.
    Recorded,
    /// Its predecessor was killed before it knew; now it looks for the message.
    Looking,
    /// The same, and what it saw is on the way to it.
    Found,
    /// Whatever it does then.
    AnyMoment,
}

const POINTS: [Point; 10] = [
    Point::BeforeClaim,
    Point::AfterClaim,
    Point::OnItsWay,
    Point::LongOnItsWay,
    Point::Processed,
    Point::Answered,
    Point::Recorded,
    Point::Looking,
    Point::Found,
    Point::AnyMoment,
];

/// One program that is killed after another.
struct Killing {
    trial: Trial,
    dice: Dice,
    /// Requests that Discord carries out later.
    on_their_way: Vec<Caught>,
    kills: usize,
    /// Steps that did not come.
    missed: usize,
}

impl Killing {
    async fn begin(kind: Kind, rounds: u64, seed: u64) -> Option<Self> {
        let trial = Trial::begin(kind, rounds, 0).await?;
        trial.double.fail_by_chance(Chance::hard(seed));
        Some(Self {
            trial,
            dice: Dice::new(seed),
            on_their_way: Vec::new(),
            kills: 0,
            missed: 0,
        })
    }

    /// A new round; the program that is to post it is killed at a point. Its
    /// predecessors' rounds go on beside it.
    async fn kill(&mut self, at: u64, point: Point) {
        self.trial.schedule(std::iter::once(at)).await;
        self.trial.let_time_pass().await;
        let post = format!("POST channels/{}/messages", town::channel(at));
        let read = format!("GET channels/{}/messages", town::channel(at));
        match point {
            Point::BeforeClaim => self.kill_before_claim(at).await,
            Point::AfterClaim => {
                if let Some(caught) = self.kill_when(&post, Moment::Arrived).await {
                    assert_eq!(self.trial.row(at).await.state, "posting");
                    caught.lose();
                }
            }
            Point::OnItsWay => {
                if let Some(caught) = self.kill_when(&post, Moment::Arrived).await {
                    caught.release();
                }
            }
            Point::LongOnItsWay => {
                let first = self.kill_when(&post, Moment::Arrived).await;
                self.trial.let_time_pass().await;
                // By now its successor has read the channel and found nothing.
                let second = self.kill_when(&post, Moment::Arrived).await;
                self.on_their_way.extend(first.into_iter().chain(second));
            }
            Point::Processed => {
                if let Some(caught) = self.kill_when(&post, Moment::Processed).await {
                    assert_eq!(self.trial.row(at).await.state, "posting");
                    caught.lose();
                    if self.dice.one_in(2) {
                        // Nobody starts it again within some minutes.
                        self.let_minutes_pass().await;
                    }
                }
            }
            Point::Answered => self.kill_before_record(at, &post).await,
            Point::Recorded => {
                let bot = self.trial.spawn();
                let posted = self.trial.until("the round to be posted", |rows| {
                    rows[&town::guild(at)].state == "posted"
                });
                self.missed += usize::from(timeout(STEP, posted).await.is_err());
                self.end(bot);
            }
            Point::Looking | Point::Found => {
                if let Some(caught) = self.kill_when(&post, Moment::Processed).await {
                    caught.lose();
                }
                self.trial.let_time_pass().await;
                let moment = if point == Point::Looking {
                    Moment::Arrived
                } else {
                    Moment::Processed
                };
                if let Some(caught) = self.kill_when(&read, moment).await {
                    caught.lose();
                }
            }
            Point::AnyMoment => {
                let bot = self.trial.spawn();
                let wait = u64::try_from(self.dice.below(600)).unwrap();
                sleep(Duration::from_millis(wait)).await;
                self.end(bot);
            }
        }
    }

    /// What was on its way has arrived by now, and enforced nonces are forgotten.
    async fn let_minutes_pass(&mut self) {
        const POST: &str = "POST channels/*/messages";
        let arrived = self.trial.double.requests(POST).len() + self.on_their_way.len();
        self.on_their_way.drain(..).for_each(Caught::release);
        let find = |world: &mut World| {
            let posts = world.requests.iter();
            let posts = posts.filter(|one| one.is_for("POST", "channels/*/messages"));
            (posts.count() >= arrived).then_some(())
        };
        let double = &self.trial.double;
        double.until("requests on their way", find).await;
        double.forget_nonces();
    }

    fn end(&mut self, bot: Bot) -> String {
        self.kills += 1;
        bot.kill()
    }

    /// Runs a program until a request is caught, and kills it then.
    async fn kill_when(&mut self, route: &str, moment: Moment) -> Option<Caught> {
        let caught = self.trial.double.catch(route, moment);
        let bot = self.trial.spawn();
        let is_caught = timeout(STEP, caught.reached()).await.is_ok();
        self.end(bot);
        self.missed += usize::from(!is_caught);
        is_caught.then_some(caught)
    }

    async fn kill_before_claim(&mut self, at: u64) {
        // Before anything is claimed, the program asks for the time.
        let asked = self.trial.double.catch("GET gateway", Moment::Processed);
        let bot = self.trial.spawn();
        asked.reached().await;
        let lock = self.trial.lock().await;
        asked.release();
        bot.logged("footnote::discord::daily: the quiz cannot go on")
            .await;
        assert_eq!(self.trial.row(at).await.state, "scheduled");
        self.end(bot);
        drop(lock);
        let posted = self.trial.made().contains_key(&town::channel(at));
        assert!(!posted, "it was sent before it was claimed");
    }

    async fn kill_before_record(&mut self, at: u64, post: &str) {
        let processed = self.trial.double.catch(post, Moment::Processed);
        let answered = self.trial.double.catch(post, Moment::Answered);
        let bot = self.trial.spawn();
        let mut lock: Option<Connection> = None;
        if timeout(STEP, processed.reached()).await.is_ok() {
            lock = Some(self.trial.lock().await);
            processed.release();
            // By chance, the answer may be lost on its way.
            if timeout(STEP, answered.reached()).await.is_ok() {
                assert_eq!(self.trial.row(at).await.state, "posting");
            } else {
                self.missed += 1;
            }
        } else {
            self.missed += 1;
        }
        self.end(bot);
        drop(lock);
    }

    /// Discord is away; whatever happens during that is made up for after it.
    async fn outage(&mut self, at: u64, outage: Outage) {
        self.trial.schedule(std::iter::once(at)).await;
        self.trial.let_time_pass().await;
        let post = format!("POST channels/{}/messages", town::channel(at));
        let caught = self.kill_when(&post, Moment::Processed).await;
        self.trial.double.begin_outage(outage).await;
        drop(caught);
        self.trial.let_time_pass().await;
        let bot = self.trial.spawn();
        bot.logged("Discord cannot be asked for the time").await;
        self.end(bot);
        // It lasts longer than a nonce is remembered.
        self.trial.double.end_outage();
        self.let_minutes_pass().await;
    }

    /// The rest is done in peace. Every round has its one message.
    async fn finish(mut self, rounds: u64) {
        self.let_minutes_pass().await;
        self.trial.run_until_all_are("posted").await;
        self.trial.assert_posted_once(0..rounds, "posted").await;
        // The same for results, in the same message.
        self.trial.end_answers().await;
        for (nth, moment) in [Moment::Arrived, Moment::Processed, Moment::Answered]
            .into_iter()
            .enumerate()
        {
            let nth = u64::try_from(nth).unwrap();
            let edit = format!("PATCH channels/{}/messages/*", town::channel(nth));
            if let Some(caught) = self.kill_when(&edit, moment).await {
                caught.lose();
            }
        }
        self.trial.run_until_all_are("revealed").await;
        self.trial.assert_posted_once(0..rounds, "revealed").await;
        for at in 0..rounds {
            let message = self.trial.made()[&town::channel(at)][0];
            let text = self.trial.double.message(message).text();
            assert!(text.contains("Question of the day: results"), "{text}");
        }
        let few = self.kills / 5 + 1;
        assert!(self.missed <= few, "{} of {}", self.missed, self.kills);
        let (kills, missed) = (self.kills, self.missed);
        report(&format!(
            "{rounds} rounds, {kills} kills, {missed} at a step that a fault kept from coming"
        ));
        self.trial.end().await;
    }
}

async fn kill_over_and_over(kind: Kind, seed: u64) {
    let rounds = count(50, 500);
    let Some(mut killing) = Killing::begin(kind, rounds, seed).await else {
        return;
    };
    for at in 0..rounds {
        match at % 12 {
            10 => killing.outage(at, Outage::Refused).await,
            11 => killing.outage(at, Outage::Unavailable(503)).await,
            nth => {
                let point = POINTS[usize::try_from(nth).unwrap()];
                killing.kill(at, point).await;
            }
        }
    }
    killing.finish(rounds).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_killed_at_any_step_posts_each_round_once_on_sqlite() {
    kill_over_and_over(Kind::Sqlite, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_killed_at_any_step_posts_each_round_once_on_postgres() {
    kill_over_and_over(Kind::Postgres, 2).await;
}
