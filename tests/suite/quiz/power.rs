//! The power fails while people answer: whatever was confirmed to somebody is in
//! the files that are left.
//!
//! `strace` records, in order, what the program writes to its database, when it
//! waits for the disk, and when it tells somebody that an answer is stored. From
//! that the files are made that a power cut would leave at some moment: what was
//! waited for is there; of what was written after that, any part may be, down to
//! single sectors. The store then opens them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use footnote::store::Store;
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;

use super::answering::{confirmed, press};
use super::dice::Dice;
use super::trial::{Connection, Kind, Trial, count, report};
use crate::double::setup::Id;
use crate::double::town;

/// People who answer in each guild.
const PEOPLE: u64 = 20;
/// The least that a disk writes as a whole, bytes.
const SECTOR: usize = 512;
/// The database; its other files are named after it.
const NAME: &str = "footnote.db";
/// The log of the database, as `SQLite` calls it.
const WAL: &str = "footnote.db-wal";
/// Pages in it before anybody answers: it is emptied at 1,000, and that has to
/// happen under the eyes of the test.
const PAGES: u64 = 900;

/// What the program did, as far as it matters.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Event {
    Create(String),
    Write(String, usize, Vec<u8>),
    Truncate(String, usize),
    Remove(String),
    /// It waited until all of a file is on disk.
    Sync(String),
    /// It waited until the names in the folder are.
    SyncFolder,
    /// It told somebody that an answer is stored.
    Told(Id),
}

/// A file as a power cut may leave it.
#[derive(Clone, Debug, Default)]
struct File {
    /// What is surely there.
    kept: Vec<u8>,
    /// What may be.
    doubtful: Vec<Event>,
    is_named: bool,
    is_removed: bool,
}

/// The files of the database.
#[derive(Clone, Debug)]
struct Disk(BTreeMap<String, File>);

impl Disk {
    /// As they are now, all of it surely.
    fn read(folder: &Path) -> Self {
        let mut files = BTreeMap::new();
        for name in [NAME, WAL] {
            if let Ok(kept) = fs::read(folder.join(name)) {
                let file = File {
                    kept,
                    is_named: true,
                    ..File::default()
                };
                files.insert(name.to_owned(), file);
            }
        }
        Self(files)
    }

    fn take(&mut self, event: &Event) {
        match event {
            Event::Create(name) => {
                let file = self.0.entry(name.clone()).or_default();
                if file.is_removed {
                    *file = File::default();
                }
            }
            Event::Write(name, ..) | Event::Truncate(name, _) => {
                let file = self.0.get_mut(name).expect("it was opened");
                file.doubtful.push(event.clone());
            }
            Event::Remove(name) => {
                if let Some(file) = self.0.get_mut(name) {
                    file.is_removed = true;
                }
            }
            Event::Sync(name) => {
                let file = self.0.get_mut(name).expect("it was opened");
                for done in std::mem::take(&mut file.doubtful) {
                    change(&mut file.kept, &done, &mut |_| true);
                }
            }
            Event::SyncFolder => {
                self.0.retain(|_, file| !file.is_removed);
                self.0.values_mut().for_each(|file| file.is_named = true);
            }
            Event::Told(_) => {}
        }
    }

    /// The files that a power cut would leave now, in a folder.
    fn leave(&self, dice: &mut Dice, folder: &Path) {
        for (name, file) in &self.0 {
            // A name that is not on disk may be lost, or back.
            if (!file.is_named || file.is_removed) && dice.one_in(2) {
                continue;
            }
            let mut left = file.kept.clone();
            // Nothing of it, all of it, or some.
            let luck = dice.below(3);
            for done in &file.doubtful {
                change(&mut left, done, &mut |whole| match luck {
                    0 => false,
                    1 => true,
                    _ => !whole || dice.one_in(2),
                });
            }
            fs::write(folder.join(name), left).unwrap();
        }
    }
}

/// Carries out a change as far as chance has it: each sector by itself (`true`
/// asks for one), or a change of length.
fn change(bytes: &mut Vec<u8>, done: &Event, happens: &mut impl FnMut(bool) -> bool) {
    match done {
        Event::Write(_, at, written) => {
            let mut from = 0;
            while from < written.len() {
                let position = at + from;
                let to = written.len().min(from + SECTOR - position % SECTOR);
                if happens(true) {
                    let end = position + (to - from);
                    bytes.resize(bytes.len().max(end), 0);
                    bytes[position..end].copy_from_slice(&written[from..to]);
                }
                from = to;
            }
        }
        Event::Truncate(_, length) if happens(true) => bytes.resize(*length, 0),
        _ => {}
    }
}

/// Reads what `strace` has written. Each event stands where it ended, but what
/// people are told where it began.
fn events(log: &str) -> Vec<Event> {
    let mut events = Vec::new();
    let mut begun: BTreeMap<&str, String> = BTreeMap::new();
    for line in log.lines() {
        let Some((process, call)) = line.split_once(' ') else {
            continue;
        };
        let call = call.trim_start();
        let whole = if let Some(first) = call.strip_suffix(" <unfinished ...>") {
            events.extend(told(first));
            begun.insert(process, first.to_owned());
            continue;
        } else if let Some(rest) = call.strip_prefix("<... ") {
            let rest = rest.split_once(" resumed>").map_or("", |(_, rest)| rest);
            begun.remove(process).unwrap_or_default() + rest
        } else {
            events.extend(told(call));
            call.to_owned()
        };
        events.extend(event(&whole));
    }
    events
}

/// A call that has succeeded and has to do with the database.
fn event(call: &str) -> Option<Event> {
    let (call, result) = call.rsplit_once(" = ")?;
    let (name, arguments) = call.trim_end().split_once('(')?;
    if result.starts_with('-') {
        return None;
    }
    let number = |at: usize| -> usize {
        let all = arguments.trim_end_matches(')').rsplit(", ");
        all.clone().nth(at).unwrap().trim().parse().unwrap()
    };
    let path = match name {
        "openat" | "unlink" | "unlinkat" => text(arguments.split('"').nth(1)?),
        _ => text(arguments.split_once('<')?.1.split_once('>')?.0),
    };
    let file = Path::new(&path).file_name()?.to_str()?.to_owned();
    let is_ours = [NAME, WAL, "footnote.db-journal"].contains(&file.as_str());
    if name == "fsync" && !is_ours {
        // `SQLite` waits for no other folder than that of the database.
        return Path::new(&path).is_dir().then_some(Event::SyncFolder);
    }
    if !is_ours {
        return None;
    }
    Some(match name {
        "openat" => Event::Create(file),
        "unlink" | "unlinkat" => Event::Remove(file),
        "fsync" | "fdatasync" => Event::Sync(file),
        "ftruncate" => Event::Truncate(file, number(0)),
        "pwrite64" => {
            let bytes = bytes(arguments.split('"').nth(1)?);
            let written: usize = result.trim().parse().unwrap();
            Event::Write(file, number(0), bytes[..written].to_vec())
        }
        // Another way to write would go unseen.
        other => panic!("{other} on {file}"),
    })
}

/// Whom a call tells that an answer is stored.
fn told(call: &str) -> Option<Event> {
    let is_sent = ["write(", "writev(", "sendto(", "sendmsg("];
    if !is_sent.iter().any(|name| call.starts_with(name)) {
        return None;
    }
    let sent: String = call.split('"').skip(1).step_by(2).map(text).collect();
    let (_, rest) = sent.split_once("/interactions/")?;
    let is_confirmed = ["Locked in: **", "You had answered **"];
    let is_confirmed = is_confirmed.iter().any(|begin| rest.contains(begin));
    let id = rest.split('/').next()?.parse().ok()?;
    is_confirmed.then_some(Event::Told(id))
}

/// A string of `strace -xx`.
fn text(hex: &str) -> String {
    String::from_utf8_lossy(&bytes(hex)).into_owned()
}

fn bytes(hex: &str) -> Vec<u8> {
    let mut codes = hex.split("\\x");
    // What stands before the first is no code.
    codes.next();
    codes
        .filter_map(|code| u8::from_str_radix(code.get(..2)?, 16).ok())
        .collect()
}

/// Whether programs can be watched here.
fn has_strace() -> bool {
    let mut strace = Command::new("strace");
    strace.args(["-qq", "-o", "/dev/null", "true"]);
    strace.stdout(Stdio::null()).stderr(Stdio::null());
    let works = strace.status().is_ok_and(|status| status.success());
    if !works {
        #[expect(clippy::print_stdout, reason = "whoever runs the tests should know")]
        {
            println!("skipped: strace cannot watch programs here (apt-get install strace)");
        }
    }
    works
}

/// Writes pages into the log of the database until it is nearly full.
async fn fill_log(trial: &Trial) {
    let mut connection = trial.connect().await;
    connection
        .run("PRAGMA wal_autocheckpoint = 0; PRAGMA synchronous = OFF")
        .await;
    let (database, log) = (trial.place.path(NAME), trial.place.path(WAL));
    while fs::metadata(&log).map_or(0, |log| log.len()) < PAGES * 4_096 {
        // A millisecond later; what does not change would not be written.
        connection
            .run("UPDATE round SET wake_at = wake_at + 1")
            .await;
    }
    let copies = [fs::read(&database).unwrap(), fs::read(&log).unwrap()];
    // Whoever closes it last would empty it.
    connection.close().await;
    fs::write(database, &copies[0]).unwrap();
    fs::write(log, &copies[1]).unwrap();
}

/// The answers in the files of a power cut, if these are whole.
async fn answers_in(folder: &Path) -> Option<BTreeMap<(Id, Id), char>> {
    let path = folder.join(NAME);
    let url = format!("sqlite:{}", path.display());
    Store::open(&url).await.ok()?.close().await;
    let options = SqliteConnectOptions::new().filename(path);
    let mut connection = options.connect().await.unwrap();
    let whole: String = sqlx::query_scalar("PRAGMA integrity_check")
        .fetch_one(&mut connection)
        .await
        .ok()?;
    if whole != "ok" {
        return None;
    }
    Some(Connection::Sqlite(connection).answers().await)
}

/// Cuts the power at so many moments. Says how many confirmed answers were lost;
/// in files that are damaged, all.
async fn cut(
    disk: &Disk,
    events: &[Event],
    confirmed: &BTreeMap<Id, ((Id, Id), char)>,
    times: usize,
) -> usize {
    let mut dice = Dice::new(7);
    let all: Vec<usize> = (0..events.len())
        .filter(|at| matches!(events[*at], Event::Told(_)))
        .collect();
    // Half right after somebody was told, half at any moment since the first.
    let mut moments: Vec<usize> = (0..times)
        .map(|nth| match nth % 2 {
            0 => all[nth * all.len() / times],
            _ => all[0] + dice.below(events.len() - all[0]),
        })
        .collect();
    moments.sort_unstable();
    let mut disk = disk.clone();
    let mut told = Vec::new();
    let mut lost = 0;
    let mut taken = 0;
    for moment in moments {
        while taken <= moment {
            disk.take(&events[taken]);
            if let Event::Told(id) = &events[taken] {
                told.push(confirmed[id]);
            }
            taken += 1;
        }
        let folder = tempfile::tempdir().unwrap();
        disk.leave(&mut dice, folder.path());
        let stored = answers_in(folder.path()).await.unwrap_or_default();
        let is_lost = |(key, letter): &&((Id, Id), char)| stored.get(key) != Some(letter);
        lost += told.iter().filter(is_lost).count();
    }
    lost
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_confirmed_survives_a_power_cut() {
    if !has_strace() {
        return;
    }
    let (guilds, cuts) = (count(4, 15), count(24, 240));
    let cuts = usize::try_from(cuts).unwrap();
    let trial = Trial::begin(Kind::Sqlite, guilds, PEOPLE).await.unwrap();
    trial.schedule(0..guilds).await;
    fill_log(&trial).await;
    let disk = Disk::read(trial.place.path("").as_path());
    let log = trial.place.path("strace.log");
    let bot = trial.spawn_by(
        "strace",
        // As a child of the program: what ends the program does not end its log.
        &[
            "-D",
            "-f",
            "-qq",
            "-y",
            "-xx",
            "-s",
            "1000000",
            "-e",
            "signal=none",
            "-e",
            "trace=openat,creat,pwrite64,pwritev,write,writev,sendto,sendmsg,fsync,fdatasync,\
             ftruncate,unlink,unlinkat",
            "-o",
            log.to_str().unwrap(),
            "--",
        ],
    );
    trial
        .until("all rounds", |rows| {
            rows.values().all(|row| row.state == "posted")
        })
        .await;
    trial.double.ready().await;
    let mut dice = Dice::new(8);
    let mut letters = BTreeMap::new();
    for guild in 0..guilds {
        let message = trial.double.message(trial.made()[&town::channel(guild)][0]);
        let everybody: Vec<u64> = (0..PEOPLE).collect();
        for click in press(&trial, &mut dice, guild, &everybody, &message) {
            let reply = click.sent.callback().await;
            let key = (town::guild(click.guild), town::person(click.person));
            if let Some(letter) = confirmed(&reply.data) {
                letters.insert(click.sent.id, (key, letter));
            }
        }
    }
    bot.kill();
    let events = events(&fs::read_to_string(&log).unwrap());
    let told = events
        .iter()
        .filter(|one| matches!(one, Event::Told(_)))
        .count();
    assert!(
        told > 0 && told >= letters.len() * 9 / 10,
        "{told} of {}",
        letters.len()
    );
    let first = events.iter().position(|one| matches!(one, Event::Told(_)));
    let emptied = Event::Sync(NAME.to_owned());
    assert!(
        events[first.unwrap()..].contains(&emptied),
        "the log was never emptied"
    );

    assert_eq!(cut(&disk, &events, &letters, cuts).await, 0);
    report(&format!(
        "{cuts} power cuts, {told} confirmed answers, none lost"
    ));
    // As with `synchronous=NORMAL`, which does not wait for each commit.
    let careless: Vec<Event> = events
        .into_iter()
        .filter(|event| *event != Event::Sync(WAL.to_owned()))
        .collect();
    let lost = cut(&disk, &careless, &letters, 24).await;
    assert!(lost > 0, "power cuts that cost nothing show nothing");
    trial.end().await;
}
