//! The tables of the configuration, checked and with their defaults.

use std::fmt;
use std::num::NonZeroU32;
use std::path::PathBuf;

use super::Shards;
use crate::id::GuildId;

/// The `[notes]` table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notes {
    /// Folder of notes.
    pub path: PathBuf,
    /// Where the folder can be read on the web; makes citations permalinks.
    pub link_base: Option<String>,
    /// Names suggested first when somebody has typed nothing; none is empty.
    pub pinned: Vec<String>,
    /// Whether changed notes are loaded while the bot runs.
    pub watch: bool,
}

impl Default for Notes {
    fn default() -> Self {
        Self {
            path: "knowledge".into(),
            link_base: None,
            pinned: Vec::new(),
            watch: true,
        }
    }
}

/// The `[limits]` table: questions within 30 seconds, each 1 to 10,000.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Questions of one person.
    pub asks_per_user: NonZeroU32,
    /// Questions in one server.
    pub asks_per_guild: NonZeroU32,
}

impl Default for Limits {
    fn default() -> Self {
        // More than anybody asks by hand; a script that clicks on is stopped.
        const USER: NonZeroU32 = NonZeroU32::new(10).expect("not zero");
        const GUILD: NonZeroU32 = NonZeroU32::new(60).expect("not zero");
        Self {
            asks_per_user: USER,
            asks_per_guild: GUILD,
        }
    }
}

/// The `[gaps]` table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gaps {
    /// Whether questions without a helpful answer are kept.
    pub record: bool,
    /// Days that the text of such a question is kept, 1 to 3650.
    pub keep_days: u32,
}

impl Default for Gaps {
    fn default() -> Self {
        Self {
            record: true,
            keep_days: 90,
        }
    }
}

/// The `[quiz]` table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quiz {
    /// Hours after its time that a round is still posted, 1 to 20. One that is
    /// later than that is recorded as missed.
    pub catch_up_hours: u32,
    /// Questions a day that practice asks one person, 1 to 100.
    pub practice_per_day: u32,
    /// Days that rounds and answers are kept, 90 to 3650.
    pub keep_days: u32,
    /// Which time zone data is used.
    pub time_zones: TimeZones,
}

impl Default for Quiz {
    fn default() -> Self {
        Self {
            catch_up_hours: 6,
            practice_per_day: 10,
            keep_days: 1095,
            time_zones: TimeZones::Bundled,
        }
    }
}

/// Where the rules of time zones come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeZones {
    /// They are part of the program: the same on every machine.
    Bundled,
    /// Those of the machine, which may be newer.
    System,
}

/// The `[store]` table.
#[derive(Clone, PartialEq, Eq)]
pub struct Store {
    /// URL of the database; which kinds there are, the store knows. It may hold a
    /// password.
    pub url: String,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.url.split(':').next().unwrap_or_default();
        write!(f, "Store({kind}:…)")
    }
}

impl Default for Store {
    fn default() -> Self {
        Self {
            url: "sqlite:footnote.db".to_owned(),
        }
    }
}

/// The `[discord]` table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Discord {
    /// File with the token of the bot.
    pub token_file: Option<PathBuf>,
    /// Base of the REST interface when it is not Discord's own: scheme, host and
    /// perhaps port, without a slash at the end.
    pub api_url: Option<String>,
    /// Servers that get the commands at once; everywhere when empty.
    pub guilds: Vec<GuildId>,
    /// The shards that this process runs; all that Discord recommends without it.
    pub shards: Option<Shards>,
}

/// The `[listen]` table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listen {
    /// `host:port`; nothing listens without it.
    pub address: Option<String>,
}

/// The `[log]` table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// How a line looks.
    pub format: LogFormat,
    /// Tracing directives; they parse.
    pub filter: String,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            format: LogFormat::Text,
            filter: "info".to_owned(),
        }
    }
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}
