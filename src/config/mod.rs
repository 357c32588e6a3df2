//! The configuration: a TOML file and the environment, checked.
//!
//! The only place that reads the environment. Every key stands with its type in
//! `config/values.rs`, which finds the values and where each one was written;
//! here they are checked. `config.example.toml` shows all keys with their
//! defaults, and a test keeps it and [`Config::default`] equal.

mod error;
mod sections;
mod shards;
mod token;
mod values;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use tracing_subscriber::EnvFilter;
use url::{Host, Url};

pub use self::error::ConfigError;
pub use self::sections::{
    Discord, Gaps, Limits, Listen, Log, LogFormat, Notes, Quiz, Store, TimeZones,
};
pub use self::shards::{MOST_SHARDS, Shards};
pub use self::token::{Token, TokenError, token};
use self::values::Values;
use crate::answer::policy::Policy;
use crate::id::GuildId;

/// Checked configuration. It holds no token.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// Where the notes are.
    pub notes: Notes,
    /// How questions are answered.
    pub answer: Policy,
    /// How much may be asked.
    pub limits: Limits,
    /// Questions that the notes did not answer.
    pub gaps: Gaps,
    /// The daily quiz.
    pub quiz: Quiz,
    /// Where the bot keeps its state.
    pub store: Store,
    /// How Discord is reached.
    pub discord: Discord,
    /// The address for health checks.
    pub listen: Listen,
    /// What is logged and how.
    pub log: Log,
}

/// Where a configuration comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// The file that is read.
    pub file: Option<PathBuf>,
    /// Names of the environment variables that have a say, in order.
    pub variables: Vec<String>,
}

impl Sources {
    /// Where [`Config::read`] takes a configuration from, given the same file.
    pub fn of(file: Option<&Path>) -> Self {
        let mut variables: Vec<String> = std::env::vars_os()
            .filter_map(|(name, _)| name.into_string().ok())
            .filter(|name| name.starts_with(values::PREFIX) || name == values::SHARED_FILTER)
            .collect();
        variables.sort();
        Self {
            file: found(file).map(Path::to_owned),
            variables,
        }
    }
}

/// Read when no file is named, if it is there.
const DEFAULT_FILE: &str = "config.toml";
/// More than this in half a minute is no limit any more.
const MOST_ASKS: u32 = 10_000;
/// Ten years: longer is for ever.
const MOST_DAYS: u32 = 3650;
/// What the choice of questions looks back on, with room.
const SHORTEST_MEMORY: u32 = 90;

impl Config {
    /// Reads the file (`config.toml` here when none is named and it is there)
    /// and the environment; `notes` goes before both.
    pub fn read(file: Option<&Path>, notes: Option<&Path>) -> Result<Self, ConfigError> {
        let file = found(file);
        let text = match file {
            None => String::new(),
            Some(path) => {
                std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
                    path: path.to_owned(),
                    source,
                })?
            }
        };
        let name = file.map_or_else(String::new, |file| file.display().to_string());
        let mut config = Self::parse(&name, &text, std::env::vars_os())?;
        if let Some(notes) = notes {
            notes.clone_into(&mut config.notes.path);
        }
        Ok(config)
    }

    /// Parses the text of a file, then lets environment variables override it.
    pub fn parse(
        name: &str,
        text: &str,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigError> {
        let mut values = Values::of_file(name, text)?;
        values.override_from(environment)?;
        let mut config = Self::default();
        read_answering(&values, &mut config)?;
        read_running(&values, &mut config)?;
        Ok(config)
    }
}

/// The file to read: the one that is named, or the usual one if it is there.
fn found(named: Option<&Path>) -> Option<&Path> {
    let here = Path::new(DEFAULT_FILE);
    named.or_else(|| here.is_file().then_some(here))
}

/// Where the notes are and how questions are answered.
fn read_answering(values: &Values, config: &mut Config) -> Result<(), ConfigError> {
    for key in ["notes.path", "store.url"] {
        if values.text(key) == Some("") {
            return Err(values.bad(key, "must not be empty"));
        }
    }
    if let Some(path) = values.text("notes.path") {
        config.notes.path = path.into();
    }
    config.notes.link_base = values.optional("notes.link_base").map(str::to_owned);
    if let Some(base) = &config.notes.link_base
        && !base.starts_with("https://")
        && !base.starts_with("http://")
    {
        return Err(values.bad("notes.link_base", "must begin with https:// or http://"));
    }
    if let Some(names) = values.list("notes.pinned") {
        names.clone_into(&mut config.notes.pinned);
    }
    if let Some(watch) = values.flag("notes.watch") {
        config.notes.watch = watch;
    }
    if let Some(confidence) = values.number("answer.min_confidence") {
        if !(0.0..=1.0).contains(&confidence) {
            return Err(values.bad("answer.min_confidence", "must be from 0 to 1"));
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a confidence needs few digits"
        )]
        let confidence = confidence as f32;
        config.answer.min_confidence = confidence;
    }
    if let Some(count) = values.whole("answer.max_snippets", 10)? {
        config.answer.max_snippets = count.get() as usize;
    }
    Ok(())
}

/// How the bot runs.
fn read_running(values: &Values, config: &mut Config) -> Result<(), ConfigError> {
    for (key, limit) in [
        ("limits.asks_per_user", &mut config.limits.asks_per_user),
        ("limits.asks_per_guild", &mut config.limits.asks_per_guild),
    ] {
        if let Some(count) = values.whole(key, MOST_ASKS)? {
            *limit = count;
        }
    }
    if let Some(record) = values.flag("gaps.record") {
        config.gaps.record = record;
    }
    if let Some(days) = values.whole("gaps.keep_days", MOST_DAYS)? {
        config.gaps.keep_days = days.get();
    }
    read_quiz(values, &mut config.quiz)?;
    if let Some(url) = values.text("store.url") {
        url.clone_into(&mut config.store.url);
    }
    config.discord.token_file = values.optional("discord.token_file").map(PathBuf::from);
    if let Some(text) = values.optional("discord.api_url") {
        let origin = origin(text).map_err(|problem| values.bad("discord.api_url", problem))?;
        config.discord.api_url = Some(origin);
    }
    for guild in values.list("discord.guilds").unwrap_or_default() {
        let id = guild.parse().ok().filter(|id| *id != 0).ok_or_else(|| {
            values.bad(
                "discord.guilds",
                "must be a list of server ids, which are whole numbers; in Discord's developer \
                 mode a right click on a server copies its id",
            )
        })?;
        config.discord.guilds.push(GuildId(id));
    }
    config.discord.shards = read_shards(values, &config.store.url)?;
    config.listen.address = values.optional("listen.address").map(str::to_owned);
    if let Some(address) = &config.listen.address
        && !is_host_and_port(address)
    {
        let problem = "must be host:port, such as 127.0.0.1:9100";
        return Err(values.bad("listen.address", problem));
    }
    match values.text("log.format") {
        None | Some("text") => {}
        Some("json") => config.log.format = LogFormat::Json,
        Some(_) => return Err(values.bad("log.format", "must be \"text\" or \"json\"")),
    }
    if let Some(filter) = values.optional("log.filter") {
        let directives = EnvFilter::builder().with_regex(false).parse(filter);
        directives.map_err(|_| {
            let problem = "must be levels such as \"info\" or \"info,footnote=debug\"";
            values.bad("log.filter", problem)
        })?;
        filter.clone_into(&mut config.log.filter);
    }
    Ok(())
}

/// The shards of this process. A part of them only is for several processes,
/// which share a database.
fn read_shards(values: &Values, url: &str) -> Result<Option<Shards>, ConfigError> {
    const KEY: &str = "discord.shards";
    let Some(text) = values.optional(KEY) else {
        return Ok(None);
    };
    let shards: Shards = text.parse().map_err(|problem| values.bad(KEY, problem))?;
    if !shards.is_all() && url.starts_with("sqlite:") {
        let problem = "is a part of the shards, so other processes run the rest and share the database, \
                       which a file cannot be: set `store.url` to a postgres://… address, or remove \
                       `discord.shards`";
        return Err(values.bad(KEY, problem));
    }
    Ok(Some(shards))
}

fn read_quiz(values: &Values, quiz: &mut Quiz) -> Result<(), ConfigError> {
    // A round is never later than the next one, which may be 22 hours away.
    if let Some(hours) = values.whole("quiz.catch_up_hours", 20)? {
        quiz.catch_up_hours = hours.get();
    }
    if let Some(count) = values.whole("quiz.practice_per_day", 100)? {
        quiz.practice_per_day = count.get();
    }
    if let Some(days) = values.whole("quiz.keep_days", MOST_DAYS)? {
        if days.get() < SHORTEST_MEMORY {
            let problem = "must be a whole number from 90 to 3650: questions must not come back \
                           within 60 days";
            return Err(values.bad("quiz.keep_days", problem));
        }
        quiz.keep_days = days.get();
    }
    match values.text("quiz.time_zones") {
        None | Some("bundled") => {}
        Some("system") => quiz.time_zones = TimeZones::System,
        Some(_) => {
            return Err(values.bad("quiz.time_zones", "must be \"bundled\" or \"system\""));
        }
    }
    Ok(())
}

/// The base of a REST interface; the token is sent there, so never readable on
/// the way.
fn origin(text: &str) -> Result<String, &'static str> {
    let url = Url::parse(text)
        .map_err(|_| "must be a URL such as https://proxy.example or http://127.0.0.1:8080")?;
    let loopback = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        "http" => {
            return Err("must begin with https://, since the token is sent there; \
                 http:// is for this machine only, such as http://127.0.0.1:8080");
        }
        _ => return Err("must begin with https://"),
    }
    let bare = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if !bare {
        return Err("must end after the host or port, without path, query or user name");
    }
    Ok(url.origin().ascii_serialization())
}

fn is_host_and_port(address: &str) -> bool {
    if address.parse::<std::net::SocketAddr>().is_ok() {
        return true;
    }
    address.rsplit_once(':').is_some_and(|(host, port)| {
        let named = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        !host.is_empty() && host.chars().all(named) && port.parse::<u16>().is_ok()
    })
}

#[cfg(test)]
mod tests;
