//! Machines whose clock goes wrong: it jumps, stands still, or they sleep. No
//! round is posted twice, early, or by a wrong clock; admins can see why; and
//! what can still be posted when all is well again is not missed.

use footnote::quiz::round::State;
use jiff::{SignedDuration, Timestamp};

use super::{Broken, GUILDS, GuildId, Mutant, World, run_all, seeds, wall};

/// Troubles in one simulation.
const TROUBLES: usize = 25;
/// Nothing is earlier than this by Discord's clock.
const EARLY: SignedDuration = SignedDuration::from_secs(120);
/// A round this late is not posted any more.
const CATCH_UP: SignedDuration = SignedDuration::from_hours(6);
/// The longest that nobody looks in these simulations, and the waits of a round
/// together.
const SLACK: SignedDuration = SignedDuration::from_mins(100);

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// What is wrong with the clock.
#[derive(Clone, Copy, Debug)]
enum Trouble {
    /// It is this many seconds ahead.
    Ahead(i64),
    /// It stands still.
    Stuck,
    /// The machines sleep for eight hours; their clock goes on.
    Asleep,
}

const ALL: [Trouble; 7] = [
    Trouble::Ahead(HOUR),
    Trouble::Ahead(-HOUR),
    Trouble::Ahead(DAY),
    Trouble::Ahead(-DAY),
    Trouble::Ahead(3_653 * DAY),
    Trouble::Stuck,
    Trouble::Asleep,
];

/// From when until when the clock was wrong, or the machines asleep.
type Time = (Timestamp, Timestamp);

fn minutes(minutes: usize) -> SignedDuration {
    SignedDuration::from_mins(i64::try_from(minutes).unwrap())
}

impl World {
    /// Both processes do what is due, until they find nothing.
    async fn work(&mut self) -> Result<(), Broken> {
        loop {
            for process in 0..self.processes.len() {
                self.advance(process).await?;
            }
            let mut all = self.processes.iter();
            if all.all(|process| process.underway.is_empty()) {
                return Ok(());
            }
        }
    }

    /// Time passes, and they work.
    async fn go_on(&mut self, time: SignedDuration) -> Result<(), Broken> {
        let end = self.now + time;
        while self.now < end {
            let by = minutes(1 + self.dice.below(60));
            self.pass(by.min(end.duration_since(self.now)));
            self.work().await?;
            if self.dice.one_in(4) {
                self.somebody_answers().await?;
            }
        }
        Ok(())
    }

    /// Time passes until a round is due, and they are in the middle of it.
    async fn go_on_until_due(&mut self) -> Result<(), Broken> {
        loop {
            self.pass(SignedDuration::from_mins(7));
            let app = self.processes[0].app.as_ref().expect("an application");
            if !app.rounds_to_post().await.unwrap().is_empty() {
                for _ in 0..self.dice.below(8) {
                    let process = self.dice.below(2);
                    self.advance(process).await?;
                }
                return Ok(());
            }
            self.work().await?;
        }
    }

    async fn suffer(&mut self, trouble: Trouble) -> Result<Time, Broken> {
        let before = minutes(self.dice.below(12 * 60));
        self.go_on(before).await?;
        if self.dice.one_in(2) {
            self.go_on_until_due().await?;
        }
        if matches!(trouble, Trouble::Stuck) {
            // What is under way ends by the running time then, which is not
            // simulated.
            self.work().await?;
        }
        let began = self.now;
        let posted = self.discord.messages.len();
        match trouble {
            Trouble::Asleep => {
                self.slept += SignedDuration::from_hours(8);
                self.pass(SignedDuration::from_hours(8));
                return Ok((began, self.now));
            }
            Trouble::Stuck => self.stuck = Some(wall()),
            Trouble::Ahead(seconds) => self.offset = SignedDuration::from_secs(seconds),
        }
        self.set_wall();
        if self.dice.one_in(3) {
            // One that knows nothing of before.
            self.crash(0).await;
        }
        let lasts = minutes(5 + self.dice.below(9 * 60));
        self.go_on(lasts).await?;
        for message in &self.discord.messages[posted..] {
            // A clock that stands still is right for two minutes.
            if message.at > began + EARLY || !matches!(trouble, Trouble::Stuck) {
                let (round, at) = (message.round, message.at);
                return Err(format!(
                    "{round} was posted at {at}, {trouble:?} since {began}"
                ));
            }
        }
        if matches!(trouble, Trouble::Ahead(DAY..)) {
            let mut all = self.processes.iter().filter_map(|one| one.app.as_ref());
            if !all.any(|app| app.quiz.held_by_clock().is_some()) {
                return Err(format!("nobody is told of {trouble:?} since {began}"));
            }
        }
        self.offset = SignedDuration::ZERO;
        self.stuck = None;
        self.set_wall();
        Ok((began, self.now))
    }

    /// Nothing was early, and nothing missed that could still be posted.
    async fn check_times(&self, troubles: &[Time]) -> Result<(), Broken> {
        for guild in 1..=GUILDS {
            let since = jiff::civil::date(2026, 1, 1);
            let rounds = self.store.rounds_since(GuildId(guild), since).await;
            for round in rounds.unwrap() {
                let mut messages = self.discord.messages.iter();
                let message = messages.find(|message| message.round == round.id);
                if let Some(message) = message
                    && round.due.duration_since(message.at) > EARLY
                {
                    return Err(format!("{} came early, at {}", round.id, message.at));
                }
                let had_reason = troubles.iter().any(|(began, ended)| {
                    *began < round.due + SLACK && *ended > round.due + CATCH_UP - SLACK
                });
                if matches!(round.state, State::Missed | State::Failed) && !had_reason {
                    let (id, due, why) = (round.id, round.due, round.reason);
                    return Err(format!("{id}, due {due}, was not posted: {why:?}"));
                }
            }
        }
        Ok(())
    }
}

async fn simulate(seed: u64, mutant: Mutant) -> Result<usize, Broken> {
    let mut world = World::new(seed, mutant).await;
    world.calm = true;
    let mut troubles = Vec::new();
    for nth in 0..TROUBLES {
        let trouble = ALL[(nth + usize::try_from(seed).unwrap()) % ALL.len()];
        troubles.push(world.suffer(trouble).await?);
        world.go_on(SignedDuration::from_hours(9)).await?;
    }
    world.go_on(SignedDuration::from_hours(72)).await?;
    world.check_end().await?;
    world.check_times(&troubles).await?;
    Ok(troubles.len())
}

fn run(seed: u64, mutant: Mutant) -> Result<usize, Broken> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(simulate(seed, mutant))
}

#[test]
fn a_simulated_wrong_clock_posts_nothing_and_costs_nothing_that_can_be_made_up_for() {
    let seeds = seeds(8, 80);
    let troubles = run_all(&seeds, |seed| run(seed, Mutant::None));
    assert_eq!(troubles, seeds.len() * TROUBLES);
}

#[test]
fn whoever_believes_a_wrong_clock_is_caught() {
    assert!((0..3).any(|seed| run(seed, Mutant::BelieveClock).is_err()));
}
