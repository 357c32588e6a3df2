//! The bot under load: the real program against the Discord double, on the
//! bundled notes, both on this machine and sharing its cores.
//!
//! Prints how long the start takes, how soon interactions are acknowledged at
//! 200 a second (sent on time, however late the bot is), and how memory and
//! speed behave until 100,000 interactions are done. The times run from the
//! event leaving the double to the callback arriving there. Reads the bot's
//! memory and processor time from `/proc`, so it needs Linux. `FOOTNOTE_PROGRAM`
//! names another build of the program to measure.
//!
//! Run with `cargo bench --bench discord`, or with `-- --quick` for a try of
//! half a minute.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints its figures, and ends when something is wrong"
)]

#[path = "../tests/double/mod.rs"]
#[expect(dead_code, reason = "a load run needs only a part of it")]
mod double;
mod bot;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bot::{Bot, ms};
use double::Double;
use double::reply::{Sent, Shown};
use double::setup::{
    APPLICATION, BOT_ROLE, Channel, Guild, Id, Member, Role, Setup, User, permission,
};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

/// Interactions and suggestions a second.
const RATE: u32 = 200;
/// Servers, and people on each.
const GUILDS: u64 = 20;
const PEOPLE: u64 = 100;
/// Interactions under way at a time when they are sent as fast as they are answered.
const WORKERS: usize = 16;
/// No first response after this long is none; Discord waits for three seconds.
const GIVEN_UP: Duration = Duration::from_secs(5);
/// Ids begin here, by what they are of.
const GUILD_IDS: Id = 2_000_000_000_000_000;
const CHANNEL_IDS: Id = 2_100_000_000_000_000;
const USER_IDS: Id = 2_200_000_000_000_000;

/// How much is measured.
struct Plan {
    mixed: Duration,
    typing: Duration,
    total: usize,
}

#[tokio::main]
async fn main() {
    let has = |wanted: &str| std::env::args().any(|argument| argument == wanted);
    // `cargo test --benches` only wants to know that it builds.
    if !has("--bench") {
        return;
    }
    let plan = if has("--quick") {
        Plan {
            mixed: Duration::from_secs(5),
            typing: Duration::from_secs(3),
            total: 10_000,
        }
    } else {
        Plan {
            mixed: Duration::from_secs(30),
            typing: Duration::from_secs(10),
            total: 100_000,
        }
    };
    measure(&plan).await;
}

async fn measure(plan: &Plan) {
    let folder = tempfile::tempdir().unwrap();
    let double = Double::start(town()).await;
    let started = Instant::now();
    let bot = Bot::start(&double, folder.path(), &[]);
    double.ready().await;
    println!("ready after          {}", ms(started.elapsed()));
    sleep(Duration::from_secs(2)).await;
    println!("memory when idle     {:.1} MB", bot.memory_mb());

    let crowd = Arc::new(Crowd::new(double));
    let (used, since) = (bot.processor_time(), crowd.turns());
    let mixed = open_loop(&crowd, plan.mixed, Crowd::act).await;
    print_times("acknowledged", mixed);
    let each = bot.used_since(used) / u32::try_from(crowd.turns() - since).unwrap();
    println!("  processor time     {} each", ms(each));
    println!("  memory             {:.1} MB", bot.memory_mb());

    let typing = open_loop(&crowd, plan.typing, Crowd::type_in).await;
    print_times("suggested", typing);
    println!("  memory             {:.1} MB", bot.memory_mb());

    for part in 1..=10 {
        let until = plan.total * part / 10;
        let (used, from, started) = (bot.processor_time(), crowd.turns(), Instant::now());
        closed_loop(&crowd, until).await;
        let done = u32::try_from(crowd.turns() - from).unwrap();
        if done > 0 {
            println!(
                "after {until:>7}        {:.1} MB, {:.0} a second, processor time {} each",
                bot.memory_mb(),
                f64::from(done) / started.elapsed().as_secs_f64(),
                ms(bot.used_since(used) / done),
            );
        }
    }
    println!(
        "unacknowledged in all {}",
        crowd.lost.load(Ordering::Relaxed)
    );
    println!(
        "first responses that were no answer {}",
        crowd.deferred.load(Ordering::Relaxed)
    );
}

/// Sends at [`RATE`] for so long, on time; gives how long each took.
async fn open_loop(
    crowd: &Arc<Crowd>,
    length: Duration,
    send: impl Fn(&Crowd, usize) -> Act,
) -> Vec<Duration> {
    let mut tick = interval(Duration::from_secs(1) / RATE);
    tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut under_way = JoinSet::new();
    let end = Instant::now() + length;
    while Instant::now() < end {
        tick.tick().await;
        let act = send(crowd, crowd.next());
        let crowd = Arc::clone(crowd);
        under_way.spawn(async move { crowd.finish(act).await });
    }
    under_way.join_all().await.into_iter().flatten().collect()
}

/// Sends as fast as answers come until so many interactions were sent in all.
async fn closed_loop(crowd: &Arc<Crowd>, until: usize) {
    let mut under_way = JoinSet::new();
    for _ in 0..WORKERS {
        let crowd = Arc::clone(crowd);
        under_way.spawn(async move {
            while crowd.turns() < until {
                let act = crowd.act(crowd.next());
                crowd.finish(act).await;
            }
        });
    }
    under_way.join_all().await;
}

fn print_times(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |hundredths: usize| ms(times[(times.len() - 1) * hundredths / 100]);
    println!(
        "{what:<20} {} times: p50 {}, p99 {}, longest {}",
        times.len(),
        at(50),
        at(99),
        at(100)
    );
}

/// Many servers with many people, so that nobody asks too often.
fn town() -> Setup {
    let quiet = Setup::for_load();
    let role = |id, name: &str, permissions| Role {
        id,
        name: name.into(),
        permissions,
    };
    let guild = |at: u64| {
        let people = (0..PEOPLE).map(|person| Member {
            user: USER_IDS + at * PEOPLE + person,
            roles: Vec::new(),
        });
        let bot = Member {
            user: APPLICATION,
            roles: vec![BOT_ROLE],
        };
        Guild {
            id: GUILD_IDS + at,
            name: format!("Team {at}"),
            owner: USER_IDS,
            channels: vec![Channel {
                id: CHANNEL_IDS + at,
                name: "general".into(),
                denied_to_bot: 0,
            }],
            roles: vec![
                role(GUILD_IDS + at, "@everyone", permission::MEMBER),
                role(BOT_ROLE, "Footnote", permission::BOT),
            ],
            members: people.chain([bot]).collect(),
            has_bot: true,
        }
    };
    Setup {
        users: (USER_IDS..USER_IDS + GUILDS * PEOPLE)
            .map(|id| User {
                id,
                name: format!("person {id}"),
            })
            .collect(),
        guilds: (0..GUILDS).map(guild).collect(),
        patience: Duration::from_mins(1),
        ..quiet
    }
}

/// Something that was sent.
struct Act {
    sent: Sent,
    guild: usize,
    /// Who asked, where the answer is kept to be clicked on.
    asker: Option<Id>,
}

/// The people of the town and what they do.
struct Crowd {
    double: Double,
    turns: AtomicUsize,
    lost: AtomicUsize,
    deferred: AtomicUsize,
    /// The last answer in each guild, and whose it is.
    answers: Vec<Mutex<Option<(Id, Shown)>>>,
}

impl Crowd {
    fn new(double: Double) -> Self {
        Self {
            double,
            turns: AtomicUsize::new(0),
            lost: AtomicUsize::new(0),
            deferred: AtomicUsize::new(0),
            answers: (0..GUILDS).map(|_| Mutex::default()).collect(),
        }
    }

    /// Interactions sent so far.
    fn turns(&self) -> usize {
        self.turns.load(Ordering::Relaxed)
    }

    fn next(&self) -> usize {
        self.turns.fetch_add(1, Ordering::Relaxed)
    }

    /// A person at random, but the same in each run.
    fn person(turn: usize) -> (usize, Id) {
        let guild = scatter(turn) % usize::try_from(GUILDS).unwrap();
        let person = scatter(turn + 7) % usize::try_from(PEOPLE).unwrap();
        let place = u64::try_from(guild).unwrap() * PEOPLE + u64::try_from(person).unwrap();
        (guild, USER_IDS + place)
    }

    /// Somebody asks, looks up, compares or clicks.
    fn act(&self, turn: usize) -> Act {
        let (guild, user) = Self::person(turn);
        let channel = CHANNEL_IDS + u64::try_from(guild).unwrap();
        let actor = self.double.as_user(user).in_channel(channel);
        let pick = scatter(turn + 13);
        let service = SERVICES[pick % SERVICES.len()];
        let other = SERVICES[(pick / 31 + 1) % SERVICES.len()];
        let control = CONTROLS[pick / 7 % CONTROLS.len()];
        let ask = |question: String| actor.slash("ask", &json!({ "question": question }));
        let plain = |sent| Act {
            sent,
            guild,
            asker: None,
        };
        match turn % 10 {
            0..=2 => Act {
                asker: Some(user),
                ..plain(ask(format!("does {service} have {control}?")))
            },
            3 => plain(ask(misspelt(&format!(
                "how do i set up {control} for {service}"
            )))),
            4 => plain(ask(format!(
                "what does {service} cost per month in {}",
                pick % 1000
            ))),
            5 => plain(actor.slash("service", &json!({ "name": service }))),
            6 => plain(actor.slash("control", &json!({ "name": control }))),
            7 => plain(actor.slash("compare", &json!({ "first": service, "second": other }))),
            _ => match self.answer_in(guild) {
                Some((whose, answer)) => {
                    let answer = answer.now();
                    let buttons = answer.buttons();
                    let says = |label: &str| {
                        let label = label.to_owned();
                        move |button: &&&Value| {
                            button["label"]
                                .as_str()
                                .is_some_and(|own| own.starts_with(&label))
                        }
                    };
                    let more = buttons.iter().find(says("More"));
                    let button = more.filter(|_| turn.is_multiple_of(2));
                    let button = button.or_else(|| buttons.iter().find(says("Helpful")));
                    // An abstention has other buttons.
                    let button = button.or_else(|| buttons.first()).unwrap();
                    let id = button["custom_id"].as_str().unwrap();
                    let actor = self.double.as_user(whose).in_channel(channel);
                    // Another click may just change the message under this one.
                    plain(actor.click_forged(&answer, id))
                }
                None => plain(ask(format!("{service} {control}"))),
            },
        }
    }

    /// Somebody types a question or a name.
    fn type_in(&self, turn: usize) -> Act {
        let (guild, user) = Self::person(turn);
        let actor = self
            .double
            .as_user(user)
            .in_channel(CHANNEL_IDS + u64::try_from(guild).unwrap());
        let pick = scatter(turn + 13);
        let service = SERVICES[pick % SERVICES.len()];
        let control = CONTROLS[pick / 7 % CONTROLS.len()];
        let head = |text: &str| -> String { text.chars().take(1 + pick / 3 % 12).collect() };
        let sent = match turn % 4 {
            0 => actor.autocomplete("ask", "question", "", &json!({})),
            1 => actor.autocomplete(
                "ask",
                "question",
                &head(&misspelt(&format!("{service} {control}"))),
                &json!({}),
            ),
            2 => actor.autocomplete("service", "name", &head(service), &json!({})),
            _ => actor.autocomplete(
                "service",
                "control",
                &head(control),
                &json!({ "name": service }),
            ),
        };
        Act {
            sent,
            guild,
            asker: None,
        }
    }

    /// Waits for the first response and gives its time; none when it never came.
    async fn finish(&self, act: Act) -> Option<Duration> {
        let Ok(callback) = timeout(GIVEN_UP, act.sent.callback()).await else {
            self.lost.fetch_add(1, Ordering::Relaxed);
            return None;
        };
        if matches!(callback.kind, 5 | 6) {
            self.deferred.fetch_add(1, Ordering::Relaxed);
        }
        if let Some(whose) = act.asker {
            let shown = act.sent.shown().await;
            *self.slot(act.guild) = Some((whose, shown));
        }
        Some(callback.elapsed)
    }

    fn answer_in(&self, guild: usize) -> Option<(Id, Shown)> {
        self.slot(guild).clone()
    }

    fn slot(&self, guild: usize) -> MutexGuard<'_, Option<(Id, Shown)>> {
        self.answers[guild]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Spreads counted turns as if by chance, the same in each run.
fn scatter(turn: usize) -> usize {
    let mixed = (turn as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    usize::try_from(mixed >> 33).unwrap()
}

/// Two letters change places, as they do when somebody types fast.
fn misspelt(text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let at = letters.len() * 2 / 3;
    letters.swap(at - 1, at);
    letters.into_iter().collect()
}

/// What people ask about.
const SERVICES: [&str; 12] = [
    "S3",
    "RDS",
    "DynamoDB",
    "SQS",
    "Redshift",
    "Athena",
    "Glue",
    "Kinesis",
    "Lambda",
    "OpenSearch",
    "ElastiCache",
    "EMR",
];
const CONTROLS: [&str; 9] = [
    "encryption at rest",
    "encryption in transit",
    "access control",
    "logging and monitoring",
    "key management",
    "network isolation",
    "private access",
    "authentication",
    "row level security",
];
