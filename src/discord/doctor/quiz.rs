//! Whether the daily quiz can do its work: its channel first of all.

use std::collections::HashSet;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serenity::all::{Permissions, UserId};

use crate::app::{Clock, Notes};
use crate::config::{Config, TimeZones};
use crate::discord::rest::{Rest, RestError};
use crate::id::{ChannelId, GuildId};
use crate::quiz::bank::Bank;
use crate::quiz::rotation::stock_days;
use crate::quiz::round::RoundId;
use crate::quiz::schedule::local_date;
use crate::quiz::zone::Zones;
use crate::store::{Saved, Store, StoreError};

use super::channel::Lacks;
use super::remote::{self, MISSING_ACCESS, Server};
use super::{Finding, count, judge};

/// Discord's codes for something that is not there.
const UNKNOWN: [u64; 3] = [10_003, 10_004, 10_007];

/// What a round needs in its channel. The history is what tells, after a
/// crash, whether the question is there.
const NEEDED: [(Permissions, &str); 4] = [
    (Permissions::VIEW_CHANNEL, "View Channels"),
    (Permissions::SEND_MESSAGES, "Send Messages"),
    (Permissions::EMBED_LINKS, "Embed Links"),
    (Permissions::READ_MESSAGE_HISTORY, "Read Message History"),
];

/// Servers whose quiz is looked at: each takes some requests.
const LOOKED_AT: u32 = 25;

/// Fewer days of questions than this are worth a look.
const FEW_DAYS: usize = 14;

/// Why a channel is no place for rounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::discord) enum Unfit {
    /// It is not there, or the bot is not on its server.
    Gone,
    /// It is on another server.
    Elsewhere,
    /// It is for something else than messages.
    NotText,
    /// The bot may not do there what it needs to.
    Lacks(Lacks),
}

/// What keeps a server's rounds out of a channel; none when nothing does.
///
/// # Errors
/// Discord does not say.
pub(in crate::discord) async fn unfit_for_quiz(
    rest: &Rest,
    bot: UserId,
    guild: GuildId,
    channel: ChannelId,
    now: Timestamp,
) -> Result<Option<Unfit>, RestError> {
    let here = [Server {
        id: guild,
        name: String::new(),
    }];
    let standing = match remote::standing(rest, bot, channel, &here).await {
        Ok(Some(standing)) => standing,
        Ok(None) => return Ok(Some(Unfit::Elsewhere)),
        Err(error) if error.code().is_some_and(|code| UNKNOWN.contains(&code)) => {
            return Ok(Some(Unfit::Gone));
        }
        // Not even the list of this server's channels has it.
        Err(error) if error.code() == Some(MISSING_ACCESS) => return Ok(Some(Unfit::Elsewhere)),
        Err(error) => return Err(error),
    };
    if standing.channel.guild_id != Some(guild) {
        return Ok(Some(Unfit::Elsewhere));
    }
    if !standing.channel.is_text() {
        return Ok(Some(Unfit::NotText));
    }
    let lacks = standing.lacks(&NEEDED, now);
    Ok((!lacks.is_nothing()).then_some(Unfit::Lacks(lacks)))
}

/// The quiz of each server that has one. What is wrong with the database itself
/// is said elsewhere.
pub(super) async fn findings(
    rest: &Rest,
    config: &Config,
    bot: UserId,
    servers: &[Server],
    now: Timestamp,
) -> Vec<Finding> {
    let Ok(Some(store)) = Store::open_to_read(&config.store.url).await else {
        return Vec::new();
    };
    let quizzes = store.schedules(LOOKED_AT).await.unwrap_or_default();
    let questions = if quizzes.is_empty() {
        None
    } else {
        questions(config, now)
    };
    let mut findings = Vec::new();
    for quiz in &quizzes {
        let id = quiz.schedule.guild;
        let named = servers.iter().find(|server| server.id == id);
        let place = match named {
            Some(server) => format!("on {}", server.name),
            None => format!("on server {id}"),
        };
        let before = findings.len();
        findings.extend(running(quiz, &place));
        let zone = zone(config, &quiz.schedule.zone);
        if zone.is_none() {
            findings.push(Finding::wrong(
                "quiz",
                format!("{place}, its time zone {} is not known", quiz.schedule.zone),
                "choose another with /quiz-admin setup".to_owned(),
            ));
        }
        let channel = quiz.schedule.channel;
        match unfit_for_quiz(rest, bot, id, channel, now).await {
            Ok(unfit) => findings.extend(unfit.iter().flat_map(|unfit| told(unfit, &place))),
            Err(error) => findings.push(judge::failed("quiz", &error)),
        }
        if let (Some(bank), Some(zone)) = (&questions, &zone) {
            let today = local_date(zone, now);
            if let Ok(left) = days_left(&store, bank, id, today).await {
                findings.extend(short(left, &place));
            }
        }
        if findings.len() == before {
            let schedule = &quiz.schedule;
            findings.push(Finding::ok(
                "quiz",
                format!(
                    "{place}: {} at {} ({})",
                    schedule.days,
                    schedule.time.strftime("%H:%M"),
                    schedule.zone
                ),
            ));
        }
    }
    store.close().await;
    findings
}

fn running(quiz: &Saved, place: &str) -> Option<Finding> {
    let why = quiz.stopped.as_ref()?;
    Some(Finding::wrong(
        "quiz",
        format!("{place} it has stopped: {}", why.trim_end_matches('.')),
        "mend that, then /quiz-admin resume there".to_owned(),
    ))
}

fn told(unfit: &Unfit, place: &str) -> Vec<Finding> {
    let wrong = |what: String, remedy: String| Finding::wrong("quiz", what, remedy);
    let another = || "choose another one with /quiz-admin setup there".to_owned();
    match unfit {
        Unfit::Gone => vec![wrong(format!("{place}, its channel is gone"), another())],
        Unfit::Elsewhere => vec![wrong(
            format!("{place}, its channel is not there, or on another server"),
            another(),
        )],
        Unfit::NotText => vec![wrong(
            format!("{place}, its channel is no text channel"),
            another(),
        )],
        Unfit::Lacks(lacks) => {
            let mut findings = Vec::new();
            let role = &lacks.role;
            if lacks.timed_out {
                findings.push(wrong(
                    format!("{place}, the bot is timed out"),
                    "right click on it in the list of members, Remove Timeout".to_owned(),
                ));
            }
            if !lacks.never_had.is_empty() {
                findings.push(wrong(
                    format!("{place}, the bot lacks {}", lacks.never_had.join(", ")),
                    format!("allow it to the role {role} in Server Settings, Roles"),
                ));
            }
            if !lacks.taken.is_empty() {
                findings.push(wrong(
                    format!(
                        "{place}, its channel takes away from the bot: {}",
                        lacks.taken.join(", ")
                    ),
                    format!("allow it to the role {role} in Edit Channel, Permissions"),
                ));
            }
            findings
        }
    }
}

fn short(left: usize, place: &str) -> Option<Finding> {
    (left < FEW_DAYS).then(|| {
        Finding::look(
            "quiz",
            format!("{place}, {} of questions left", count(left, "day")),
            "write more under ## Quiz in the notes".to_owned(),
        )
    })
}

fn zone(config: &Config, name: &str) -> Option<TimeZone> {
    let zones = match config.quiz.time_zones {
        TimeZones::Bundled => Zones::bundled(),
        TimeZones::System => Zones::system().ok()?,
    };
    zones.get(name)
}

/// The questions of the notes; none where the notes cannot be used, which is
/// said with them.
fn questions(config: &Config, now: Timestamp) -> Option<Bank> {
    let notes = Notes::load(&config.notes.path, Clock::default()).ok()?;
    let today = local_date(&TimeZone::UTC, now);
    Some(Bank::of(&notes.current().knowledge, today))
}

async fn days_left(
    store: &Store,
    bank: &Bank,
    guild: GuildId,
    date: Date,
) -> Result<usize, StoreError> {
    let past = store.played_since(Some(guild), Date::MIN).await?;
    let aside = store.aside(guild).await?.into_iter();
    let aside: HashSet<_> = aside.map(|aside| (aside.question, aside.hash)).collect();
    Ok(stock_days(
        &bank.questions,
        &past,
        &aside,
        &RoundId { guild, date },
    ))
}
