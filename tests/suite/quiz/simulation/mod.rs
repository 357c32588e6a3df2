//! A seeded simulation of posting and answering, behind ports.
//!
//! The application is the real one, on a real database in memory; the clock and
//! Discord are simulated. Up to two processes bring rounds about, one request or
//! one statement at a time, in an order that a seed decides. They crash between
//! any two, stop for hours, clocks jump, Discord refuses, loses requests and
//! replies, delivers late, is away for longer than it remembers nonces, channels
//! vanish and come back, people answer, twice and too late. What must hold is
//! checked after every step, and in the end every day has its message or a
//! recorded reason.
//!
//! A failure prints its seed; `FOOTNOTE_SIM_SEED=7 cargo test simulated` runs
//! that one again. `FOOTNOTE_NIGHTLY=1` runs as many as thirty years of thirty
//! servers. Machines with a wrong clock have simulations of their own in `clock`.
//!
//! The mutants at the end are the four mistakes that would break the promise.
//! Each is made at a port, where it has the same effect as in the code, and the
//! same checks must catch it.

mod clock;

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::sync::Arc;
use std::time::Duration;

use footnote::app::{App, Clock, Closing, Notes, Publication, Shown, Soundness};
use footnote::config::Config;
use footnote::id::{ChannelId, GuildId, MessageId, UserId};
use footnote::quiz::publication::{Outcome, Step};
use footnote::quiz::round::{Round, RoundId, State};
use footnote::quiz::schedule::{Days, Feedback, Schedule};
use footnote::store::{Attempted, Store};
use jiff::civil::time;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use tempfile::TempDir;

use super::dice::Dice;

thread_local! {
    /// What the simulated machines believe the time to be.
    static WALL: Cell<Timestamp> = const { Cell::new(Timestamp::UNIX_EPOCH) };
}

fn wall() -> Timestamp {
    WALL.get()
}

const GUILDS: u64 = 4;
const PEOPLE: u64 = 5;
const DAYS: i64 = 14;
/// Days after those in which nothing goes wrong.
const CALM_DAYS: i64 = 3;
/// How long Discord remembers a nonce: "the past few minutes".
const NONCES: SignedDuration = SignedDuration::from_mins(3);
/// Seconds in which a request may still arrive that nobody waits for any more.
const IN_FLIGHT: usize = 150;
/// Time passes in such steps where every one of them may matter.
const UNHURRIED: SignedDuration = SignedDuration::from_secs(5);
/// Rounds that the clock lets through are at most this early.
const EARLY: SignedDuration = SignedDuration::from_secs(125);

/// A mistake that somebody could make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mutant {
    /// None: the program as it is.
    None,
    /// The message goes out before the round is claimed.
    SendBeforeClaim,
    /// The message carries no nonce.
    NoNonce,
    /// The channel is not read back when a message may be there.
    NoReadBack,
    /// The clock is believed, whatever Discord says.
    BelieveClock,
    /// People are told before their answer is on disk.
    AcknowledgeBeforeCommit,
}

/// What broke.
type Broken = String;

/// A message in a simulated channel.
#[derive(Clone, Debug)]
struct Message {
    round: RoundId,
    id: MessageId,
    at: Timestamp,
    removed: bool,
    /// The database knew of it when it was removed.
    known: bool,
    closed: bool,
}

/// Discord, as far as it matters.
#[derive(Default)]
struct Discord {
    messages: Vec<Message>,
    /// Requests that are still on their way, and when they arrive.
    in_flight: Vec<(Timestamp, RoundId)>,
    away_until: Option<Timestamp>,
    /// Channels where the bot is refused.
    refusing: HashSet<GuildId>,
    /// Channels whose history the bot may not read.
    unreadable: HashSet<GuildId>,
    refused: BTreeMap<RoundId, u32>,
}

/// One process: its application, and what it has begun.
struct Process {
    app: Option<Arc<App>>,
    /// When it was started, by [`World::awake`].
    started: Timestamp,
    /// It takes no step until then: a machine that sleeps, a slow disk.
    asleep_until: Timestamp,
    underway: Vec<Underway>,
}

/// Work between two steps.
enum Underway {
    Listed(Round),
    Publishing(Box<Publication>, Step),
    /// A step was carried out, and what came of it is to be recorded.
    Settling(Box<Publication>, Step, Outcome),
    Closing(Box<Closing>),
    Showing(Box<Closing>, Shown),
    ToClose(Round),
}

struct World {
    dice: Dice,
    mutant: Mutant,
    /// True time, which is also Discord's.
    now: Timestamp,
    /// How far the machines' clocks are off.
    offset: SignedDuration,
    /// They show this, and stand still.
    stuck: Option<Timestamp>,
    /// How long the machines slept: their running time stands still meanwhile.
    slept: SignedDuration,
    discord: Discord,
    processes: Vec<Process>,
    store: Store,
    config: Config,
    _folder: TempDir,
    /// What people were told that is stored.
    told: HashMap<(RoundId, UserId), usize>,
    seen: HashMap<RoundId, State>,
    next_id: u64,
    calm: bool,
}

fn schedule(guild: u64) -> Schedule {
    let zones = [
        "Europe/Berlin",
        "America/New_York",
        "Asia/Kolkata",
        "Pacific/Apia",
    ];
    let index = usize::try_from(guild).unwrap();
    Schedule {
        guild: GuildId(guild),
        channel: ChannelId(100 + guild),
        time: time(i8::try_from(5 * guild % 24).unwrap(), 30, 0, 0),
        zone: zones[index % zones.len()].to_owned(),
        days: if guild == 1 {
            Days::WORKDAYS
        } else {
            Days::ALL
        },
        reveal_after: if guild == 2 { 1_380 } else { 480 },
        feedback: Feedback::AtReveal,
        pauses: Vec::new(),
        set_by: Some(UserId(1)),
    }
}

const NOTE: &str = "# Soup\n\n## Leeks\n\n- Leeks are green.[^a]\n\n## Quiz\n\n\
    ### Which colour do leeks have?\n\n- [x] Green\n- [ ] Blue\n- [ ] Grey\n\nLeeks are green.[^a]\n\n\
    ### Which colour does salt have?\n\n- [ ] Black\n- [x] White\n- [ ] Green\n\nSalt is white.[^a]\n\n\
    [^a]: A book\n";

impl World {
    async fn new(seed: u64, mutant: Mutant) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("soup.md"), NOTE).unwrap();
        let mut config = Config::default();
        config.notes.path = folder.path().to_owned();
        let store = Store::open("sqlite::memory:").await.unwrap();
        let now: Timestamp = "2026-03-20T00:00:00Z".parse().unwrap();
        WALL.set(now);
        let mut world = Self {
            dice: Dice::new(seed),
            mutant,
            now,
            offset: SignedDuration::ZERO,
            stuck: None,
            slept: SignedDuration::ZERO,
            discord: Discord::default(),
            processes: Vec::new(),
            store,
            config,
            _folder: folder,
            told: HashMap::new(),
            seen: HashMap::new(),
            next_id: 1,
            calm: false,
        };
        for guild in 1..=GUILDS {
            let yesterday = now.to_zoned(jiff::tz::TimeZone::UTC).date() - 1.day();
            world
                .store
                .save_schedule(&schedule(guild), &[], yesterday, now, now)
                .await
                .unwrap();
        }
        for _ in 0..2 {
            let process = world.process().await;
            world.processes.push(process);
        }
        world
    }

    async fn process(&self) -> Process {
        let notes = Notes::load(&self.config.notes.path, Clock(wall)).unwrap();
        let app = App::with_store(&self.config, Clock(wall), notes, self.store.clone())
            .await
            .unwrap();
        Process {
            app: Some(app),
            started: self.awake(),
            asleep_until: self.now,
            underway: Vec::new(),
        }
    }

    /// The running time of the machines, from some moment on.
    fn awake(&self) -> Timestamp {
        self.now - self.slept
    }

    fn set_wall(&self) {
        WALL.set(self.stuck.unwrap_or(self.now + self.offset));
    }

    fn pass(&mut self, by: SignedDuration) {
        // What a nonce is for is rare: a request that a later one overtakes. Where
        // it is missing, little time passes while one is on its way.
        let is_watched = self.mutant == Mutant::NoNonce && !self.discord.in_flight.is_empty();
        let by = if is_watched { by.min(UNHURRIED) } else { by };
        let end = self.now + by;
        // Each request arrives at its time, also when time passes in one go.
        let mut arriving = std::mem::take(&mut self.discord.in_flight);
        arriving.sort_unstable();
        for (at, round) in arriving {
            if at <= end {
                self.now = at;
                self.deliver(round);
            } else {
                self.discord.in_flight.push((at, round));
            }
        }
        self.now = end;
        self.set_wall();
    }

    /// One thing happens.
    async fn step(&mut self) -> Result<(), Broken> {
        let process = self.dice.below(2);
        match self.dice.below(100) {
            0..=54 => self.advance(process).await?,
            55..=75 => {
                let longest = if self.dice.one_in(4) { 240 } else { 20 };
                let seconds = self.dice.below(longest);
                self.pass(SignedDuration::from_secs(i64::try_from(seconds).unwrap()));
            }
            76..=79 => {
                let minutes = self.dice.below(180);
                self.pass(SignedDuration::from_mins(i64::try_from(minutes).unwrap()));
            }
            80..=89 => self.somebody_answers().await?,
            _ if self.calm => self.pass(SignedDuration::from_mins(7)),
            90..=91 => self.crash(process).await,
            92 => {
                let minutes = i64::try_from(self.dice.below(600)).unwrap();
                let until = self.now + SignedDuration::from_mins(minutes);
                self.processes[process].asleep_until = until;
            }
            93 => {
                let choices = [1, 60, 30, 7, 72 * 60];
                let minutes = choices[self.dice.below(choices.len())];
                self.discord.away_until = Some(self.now + SignedDuration::from_mins(minutes));
            }
            94 => {
                let jumps = [
                    0,
                    0,
                    0,
                    3_600,
                    -3_600,
                    86_400,
                    -86_400,
                    90,
                    -90,
                    315_360_000,
                ];
                self.offset = SignedDuration::from_secs(jumps[self.dice.below(jumps.len())]);
                self.set_wall();
            }
            95 => {
                let guild = GuildId(1 + u64::try_from(self.dice.below(4)).unwrap());
                if !self.discord.refusing.remove(&guild) {
                    self.discord.refusing.insert(guild);
                }
            }
            96 => {
                let guild = GuildId(1 + u64::try_from(self.dice.below(4)).unwrap());
                if !self.discord.unreadable.remove(&guild) {
                    self.discord.unreadable.insert(guild);
                }
            }
            97 => {
                if let Some(at) = self.dice.pick(self.discord.messages.len()) {
                    let message = &mut self.discord.messages[at];
                    let RoundId { guild, date } = message.round;
                    let rounds = self.store.rounds_since(guild, date).await.unwrap();
                    let mut recorded = rounds.iter().filter_map(|round| round.message);
                    message.known |= recorded.any(|recorded| recorded == message.id);
                    message.removed = true;
                }
            }
            _ => self.advance(process).await?,
        }
        Ok(())
    }

    async fn crash(&mut self, process: usize) {
        // What had begun is forgotten; what was sent is on its way.
        let fresh = self.process().await;
        self.processes[process] = fresh;
    }

    /// A process takes one step.
    async fn advance(&mut self, process: usize) -> Result<(), Broken> {
        let now = self.now;
        let one = &mut self.processes[process];
        if one.asleep_until > now {
            return Ok(());
        }
        let app = Arc::clone(one.app.as_ref().expect("a process has its application"));
        if one.underway.is_empty() {
            return self.look_for_work(process, &app).await;
        }
        let at = self.dice.below(self.processes[process].underway.len());
        let work = self.processes[process].underway.swap_remove(at);
        let running = self.awake().duration_since(self.processes[process].started);
        let running = running.unsigned_abs();
        let next = match work {
            Underway::Listed(round) => self.claim(&app, round, running).await,
            Underway::Publishing(publication, step) => {
                let outcome = match step {
                    Step::Look { since } => self.look(&publication, since),
                    Step::Send if publication.is_over(wall()) => Outcome::NotDone {
                        wait: None,
                        why: "no time left".to_owned(),
                    },
                    Step::Send => self.send(publication.round.id)?,
                };
                Some(Underway::Settling(publication, step, outcome))
            }
            Underway::Settling(publication, step, outcome) => app
                .settle_step(&publication, step, outcome)
                .await
                .unwrap()
                .map(|step| Underway::Publishing(publication, step)),
            Underway::ToClose(round) => {
                let closing = app.close_round(&round, running).await.unwrap();
                closing.map(|closing| Underway::Closing(Box::new(closing)))
            }
            Underway::Closing(closing) => {
                let shown = self.show(&closing)?;
                Some(Underway::Showing(closing, shown))
            }
            Underway::Showing(closing, shown) => {
                app.settle_results(&closing, shown).await.unwrap();
                None
            }
        };
        self.processes[process].underway.extend(next);
        self.check_messages()?;
        // Reading everything back takes longer than all else.
        if self.dice.one_in(40) {
            self.check_rounds().await?;
        }
        Ok(())
    }

    async fn look_for_work(&mut self, process: usize, app: &Arc<App>) -> Result<(), Broken> {
        let due = app.next_wake().await.unwrap();
        if due.is_none_or(|due| due > wall()) {
            return Ok(());
        }
        let running = self.awake().duration_since(self.processes[process].started);
        let running = running.unsigned_abs();
        if self.mutant == Mutant::BelieveClock {
            app.quiz.hear_time(wall(), running, wall());
        }
        if app.quiz.soundness(wall(), running) == Soundness::Unknown {
            if self.is_away() {
                return Ok(());
            }
            app.quiz.hear_time(wall(), running, self.now);
        }
        if app.quiz.soundness(wall(), running) != Soundness::Sound {
            return Ok(());
        }
        app.plan_rounds().await.unwrap();
        let posting = app.rounds_to_post().await.unwrap();
        let closing = app.rounds_to_close().await.unwrap();
        let underway = &mut self.processes[process].underway;
        underway.extend(posting.into_iter().map(Underway::Listed));
        underway.extend(closing.into_iter().map(Underway::ToClose));
        Ok(())
    }

    async fn claim(&mut self, app: &Arc<App>, round: Round, running: Duration) -> Option<Underway> {
        let early = (self.mutant == Mutant::SendBeforeClaim && round.state == State::Scheduled)
            .then(|| self.send(round.id));
        let publication = Box::new(app.claim_round(&round, running).await.unwrap()?);
        let step = publication.first_step();
        if let (Some(Ok(outcome)), Step::Send) = (early, step) {
            return Some(Underway::Settling(publication, step, outcome));
        }
        Some(Underway::Publishing(publication, step))
    }

    fn is_away(&self) -> bool {
        self.discord
            .away_until
            .is_some_and(|until| until > self.now)
    }

    /// A request to send the message of a round.
    fn send(&mut self, round: RoundId) -> Result<Outcome, Broken> {
        let why = || "the test says so".to_owned();
        let not_done = Outcome::NotDone {
            wait: None,
            why: why(),
        };
        let unknown = Outcome::Unknown { why: why() };
        if self.is_away() {
            return Ok(if self.dice.one_in(2) {
                not_done
            } else {
                unknown
            });
        }
        let roll = if self.calm { 99 } else { self.dice.below(100) };
        match roll {
            0..=7 => return Ok(not_done),
            8..=15 => return Ok(unknown),
            16..=23 => {
                let later = i64::try_from(self.dice.below(IN_FLIGHT)).unwrap();
                let arrives = self.now + SignedDuration::from_secs(later);
                self.discord.in_flight.push((arrives, round));
                return Ok(unknown);
            }
            _ => {}
        }
        if self.discord.refusing.contains(&round.guild) {
            let refused = self.discord.refused.entry(round).or_default();
            *refused += 1;
            if *refused > 3 {
                return Err(format!("{round} was refused {refused} times"));
            }
            return Ok(Outcome::Refused { why: why() });
        }
        let sent = self.deliver(round);
        Ok(match (roll, sent) {
            (24..=41, _) => unknown,
            (_, Some(message)) => Outcome::There(message),
            (_, None) => Outcome::Removed,
        })
    }

    /// Discord carries a request out. `None`: the message of this nonce is gone.
    fn deliver(&mut self, round: RoundId) -> Option<MessageId> {
        if self.discord.refusing.contains(&round.guild) {
            return None;
        }
        let now = self.now;
        let known = self
            .discord
            .messages
            .iter()
            .find(|message| message.round == round && now.duration_since(message.at) < NONCES);
        if self.mutant != Mutant::NoNonce
            && let Some(known) = known
        {
            return (!known.removed).then_some(known.id);
        }
        let id = MessageId(self.next_id);
        self.next_id += 1;
        self.discord.messages.push(Message {
            round,
            id,
            at: now,
            removed: false,
            known: false,
            closed: false,
        });
        Some(id)
    }

    fn look(&mut self, publication: &Publication, since: Timestamp) -> Outcome {
        let round = publication.round.id;
        if self.mutant == Mutant::NoReadBack {
            return Outcome::Absent;
        }
        if self.is_away() || (!self.calm && self.dice.one_in(10)) {
            return Outcome::Unknown {
                why: "the test says so".to_owned(),
            };
        }
        if self.discord.refusing.contains(&round.guild) {
            let why = "the test says so".to_owned();
            return Outcome::Refused { why };
        }
        if self.discord.unreadable.contains(&round.guild) {
            return Outcome::Unreadable;
        }
        let found = self.discord.messages.iter().find(|message| {
            // Discord's ids tell the time by its own clock.
            message.round == round && !message.removed && message.at >= since
        });
        found.map_or(Outcome::Absent, |message| Outcome::There(message.id))
    }

    fn show(&mut self, closing: &Closing) -> Result<Shown, Broken> {
        let round = &closing.played.round;
        if self.is_away() || (!self.calm && self.dice.one_in(8)) {
            return Ok(Shown::Later(None, "the test says so".to_owned()));
        }
        if self.discord.refusing.contains(&round.id.guild) {
            return Ok(Shown::Refused("the test says so".to_owned()));
        }
        let at = round.message;
        let message = self.discord.messages.iter_mut().find(|m| Some(m.id) == at);
        let Some(message) = message else {
            return Err(format!(
                "{} shows results in a message that never was",
                round.id
            ));
        };
        message.closed = true;
        Ok(if message.removed {
            Shown::Gone
        } else {
            Shown::Done
        })
    }

    /// Somebody presses a button, perhaps twice, perhaps too late.
    async fn somebody_answers(&mut self) -> Result<(), Broken> {
        let Some(at) = self.dice.pick(self.discord.messages.len()) else {
            return Ok(());
        };
        let at = if self.dice.one_in(3) {
            at
        } else {
            self.discord.messages.len() - 1
        };
        let message = self.discord.messages[at].clone();
        if message.removed || message.closed {
            return Ok(());
        }
        let user = UserId(1 + u64::try_from(self.dice.below(5)).unwrap() % PEOPLE);
        let choice = self.dice.below(3);
        let id = message.round;
        let channel = ChannelId(100 + id.guild.0);
        if self.mutant == Mutant::AcknowledgeBeforeCommit && self.dice.one_in(4) {
            // The process dies between the two.
            self.told.entry((id, user)).or_insert(choice);
            return Ok(());
        }
        let adopted = self.store.adopt(&id, message.id, channel, wall()).await;
        adopted.unwrap();
        let attempted = self
            .store
            .attempt(&id, user, choice, message.id, channel, wall())
            .await
            .unwrap();
        match attempted {
            Attempted::Stored(attempt) | Attempted::Kept(attempt) => {
                let told = *self.told.entry((id, user)).or_insert(attempt.choice);
                if told != attempt.choice {
                    return Err(format!("{user} was told {told} in {id}, and then another"));
                }
            }
            Attempted::Closed | Attempted::Unknown => {}
        }
        Ok(())
    }

    /// No round has two messages, at any moment. One that is removed before its
    /// sender knows that it was there leaves no trace; then there may be another.
    fn check_messages(&self) -> Result<(), Broken> {
        let mut posted = HashMap::new();
        for message in &self.discord.messages {
            let before: Option<&Message> = posted.insert(message.round, message);
            if before.is_some_and(|before| before.known || !before.removed) {
                return Err(format!("{} was posted twice", message.round));
            }
        }
        Ok(())
    }

    /// Rounds only move forward, and none is early.
    async fn check_rounds(&mut self) -> Result<(), Broken> {
        for guild in 1..=GUILDS {
            let rounds = self
                .store
                .rounds_since(GuildId(guild), jiff::civil::date(2026, 1, 1))
                .await
                .unwrap();
            for round in rounds {
                let before = self.seen.insert(round.id, round.state);
                let before = before.unwrap_or(State::Scheduled);
                if !reaches(before, round.state) {
                    return Err(format!(
                        "{} went from {before:?} to {:?}",
                        round.id, round.state
                    ));
                }
                let message = self.discord.messages.iter().find(|m| m.round == round.id);
                if let Some(message) = message
                    && round.due.duration_since(message.at) > EARLY
                {
                    return Err(format!("{} was posted at {}", round.id, message.at));
                }
            }
        }
        Ok(())
    }

    /// What must hold in the end, when everything was well for two days.
    async fn check_end(&mut self) -> Result<(), Broken> {
        self.check_messages()?;
        self.check_rounds().await?;
        for ((id, user), choice) in &self.told {
            let played = self.store.played(id).await.unwrap();
            let attempts = played.map(|played| played.attempts).unwrap_or_default();
            let stored: Vec<usize> = attempts
                .iter()
                .filter(|attempt| attempt.user == *user)
                .map(|attempt| attempt.choice)
                .collect();
            if stored != [*choice] {
                return Err(format!(
                    "{user} was told {choice} in {id}, stored is {stored:?}"
                ));
            }
        }
        let today = self.now.to_zoned(jiff::tz::TimeZone::UTC).date();
        for guild in 1..=GUILDS {
            let rounds = self
                .store
                .rounds_since(GuildId(guild), jiff::civil::date(2026, 1, 1))
                .await
                .unwrap();
            let days: HashMap<_, &Round> =
                rounds.iter().map(|round| (round.id.date, round)).collect();
            let stopped = self
                .store
                .schedule(GuildId(guild))
                .await
                .unwrap()
                .unwrap()
                .stopped;
            if stopped.is_none() {
                let zone = jiff::tz::TimeZone::get(&schedule(guild).zone).unwrap();
                let first = jiff::civil::date(2026, 3, 20);
                let planned = schedule(guild).planned(&zone, Some(first), today - 2.days());
                for day in planned {
                    if !days.contains_key(&day.date) {
                        return Err(format!("{guild}/{} was forgotten", day.date));
                    }
                }
            }
            for round in rounds
                .iter()
                .filter(|round| round.id.date < today - 2.days())
            {
                let posted = self.discord.messages.iter().any(|m| m.round == round.id);
                match round.state {
                    State::Revealed => {
                        if !posted {
                            return Err(format!("{} has results and no message", round.id));
                        }
                    }
                    State::Missed | State::Failed | State::Skipped => {
                        if round.reason.is_none() {
                            return Err(format!("{} was left out without a reason", round.id));
                        }
                    }
                    state => return Err(format!("{} is stuck in {state:?}", round.id)),
                }
            }
        }
        Ok(())
    }
}

/// Whether states may follow each other, perhaps with others in between.
fn reaches(from: State, to: State) -> bool {
    let mut reached = vec![from];
    let mut at = 0;
    while let Some(state) = reached.get(at).copied() {
        for next in State::ALL {
            if state.may_become(next) && !reached.contains(&next) {
                reached.push(next);
            }
        }
        at += 1;
    }
    reached.contains(&to)
}

async fn simulate(seed: u64, mutant: Mutant) -> Result<usize, Broken> {
    let mut world = World::new(seed, mutant).await;
    let end = world.now + SignedDuration::from_hours(24 * DAYS);
    while world.now < end {
        world.step().await?;
    }
    // Everything is mended, and two days pass.
    world.calm = true;
    world.offset = SignedDuration::ZERO;
    world.discord.away_until = None;
    world.discord.refusing.clear();
    world.discord.unreadable.clear();
    let end = world.now + SignedDuration::from_hours(24 * CALM_DAYS);
    for process in &mut world.processes {
        process.asleep_until = world.now;
    }
    while world.now < end {
        world.step().await?;
    }
    world.check_end().await?;
    Ok(world.discord.messages.len())
}

fn run(seed: u64, mutant: Mutant) -> Result<usize, Broken> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(simulate(seed, mutant))
}

/// The seeds to run: the one that was asked for, else so many.
fn seeds(usual: u64, nightly: u64) -> Vec<u64> {
    if let Some(seed) = std::env::var_os("FOOTNOTE_SIM_SEED") {
        let seed = seed.to_str().and_then(|seed| seed.parse().ok());
        return vec![seed.expect("FOOTNOTE_SIM_SEED is a number")];
    }
    let nightly_run = std::env::var_os("FOOTNOTE_NIGHTLY").is_some();
    (0..if nightly_run { nightly } else { usual }).collect()
}

/// Runs all seeds on all processors; the sum of what they give.
fn run_all(seeds: &[u64], run: impl Fn(u64) -> Result<usize, Broken> + Sync) -> usize {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let share = |first: usize| {
            let (own, run) = (seeds.iter().skip(first).step_by(threads), &run);
            scope.spawn(move || {
                let again = "again with FOOTNOTE_SIM_SEED";
                own.map(|&seed| {
                    run(seed).unwrap_or_else(|broken| panic!("{broken}; {again}={seed}"))
                })
                .sum::<usize>()
            })
        };
        let running: Vec<_> = (0..threads).map(share).collect();
        running.into_iter().map(|one| one.join().unwrap()).sum()
    })
}

#[test]
fn simulated_weeks_keep_every_promise() {
    // More than 330,000 days of servers: thirty years of thirty.
    let seeds = seeds(12, 4_900);
    let posted = run_all(&seeds, |seed| run(seed, Mutant::None));
    assert!(posted > 0, "nothing was posted at all");
    if seeds.len() > 12 {
        let days = seeds.len() * usize::try_from((DAYS + CALM_DAYS) * 4).unwrap();
        #[expect(clippy::print_stdout, reason = "the figures of a large run")]
        {
            println!(
                "{} seeds, {days} days of servers, {posted} messages",
                seeds.len()
            );
        }
    }
}

#[test]
fn every_mutant_is_caught() {
    for mutant in [
        Mutant::SendBeforeClaim,
        Mutant::NoNonce,
        Mutant::NoReadBack,
        Mutant::AcknowledgeBeforeCommit,
    ] {
        let caught = (0..24).any(|seed| run(seed, mutant).is_err());
        assert!(caught, "{mutant:?} breaks nothing that is checked");
    }
}
