//! `footnote quiz stats`: what the answers in the database tell about each
//! question. It only reads.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Context as _;
use jiff::civil::Date;

use super::{BOLD, DIM, counted, wrapped};
use crate::config::Config;
use crate::id::GuildId;
use crate::quiz::item::{Item, items};
use crate::quiz::table::csv;
use crate::store::Store;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Print them as CSV, a line for each question
    #[arg(long)]
    csv: bool,
    /// Id of one server; all of them together without it
    #[arg(long, value_name = "ID")]
    guild: Option<u64>,
}

pub(super) fn run(arguments: &Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    let items = crate::cli::block_on(read(&config.store.url, arguments.guild.map(GuildId)))??;
    if arguments.csv {
        std::io::stdout().lock().write_all(&csv(&items)?)?;
    } else {
        list(&items)?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn read(url: &str, guild: Option<GuildId>) -> anyhow::Result<Vec<Item>> {
    let store = Store::open_to_read(url).await?;
    let store = store.context(
        "there is no database with answers; name it as url under [store] in the configuration, and \
         run the bot once",
    )?;
    let played = store.played_since(guild, Date::MIN).await?;
    let guilds: BTreeSet<GuildId> = played.iter().map(|played| played.round.id.guild).collect();
    let mut flags = Vec::new();
    for guild in guilds {
        flags.extend(store.flags(guild).await?);
    }
    Ok(items(&played, &flags))
}

fn list(items: &[Item]) -> anyhow::Result<()> {
    let mut stdout = anstream::stdout().lock();
    let width = super::width();
    writeln!(stdout, "{BOLD}answers  right  surely between{BOLD:#}")?;
    for item in items {
        let (low, high) = item.wilson;
        let head = format!(
            "{:>7}  {:>4.0}%  {:>3.0}% – {:>3.0}%   ",
            item.n,
            item.p * 100.0,
            low * 100.0,
            high * 100.0
        );
        for line in wrapped(&item.stem, &head, width) {
            writeln!(stdout, "{line}")?;
        }
        let knowing = item
            .discrimination
            .map(|r| format!("discrimination {r:.2}"));
        let flags = (item.flags > 0).then(|| counted(item.flags, "flag"));
        let alarm = item.alarm.as_ref().map(ToString::to_string);
        for remark in [knowing, flags, alarm].into_iter().flatten() {
            for line in wrapped(&remark, "         ", width) {
                writeln!(stdout, "{DIM}{line}{DIM:#}")?;
            }
        }
    }
    writeln!(stdout, "\n{} answered", counted(items.len(), "question"))?;
    Ok(())
}
