//! `footnote quiz`: the questions of the daily quiz, as a team would get them.

mod list;
mod preview;
mod stats;

use std::process::ExitCode;

use anstyle::Style;
use jiff::Zoned;
use jiff::civil::Date;

use crate::config::Config;
use crate::quiz::bank::Bank;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// List the questions by note, and what did not become one
    List(list::Arguments),
    /// Show which questions would be asked from a day on, with the key
    Preview(preview::Arguments),
    /// Show what the answers tell about each question; reads the database
    Stats(stats::Arguments),
}

pub(super) fn run(arguments: &Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    match &arguments.verb {
        Verb::List(arguments) => list::run(arguments, config),
        Verb::Preview(arguments) => preview::run(arguments, config),
        Verb::Stats(arguments) => stats::run(arguments, config),
    }
}

fn today() -> Date {
    Zoned::now().date()
}

fn bank(config: &Config) -> anyhow::Result<Bank> {
    let knowledge = super::knowledge(config)?;
    Ok(Bank::of(&knowledge, today()))
}

/// Lines that break at blanks, the first indented by `first`, the others by as
/// many blanks.
fn wrapped(text: &str, first: &str, width: usize) -> Vec<String> {
    let hanging = " ".repeat(textwrap::core::display_width(first));
    let options = textwrap::Options::new(width)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .initial_indent(first)
        .subsequent_indent(&hanging);
    let lines = textwrap::wrap(text, options);
    lines
        .into_iter()
        .map(std::borrow::Cow::into_owned)
        .collect()
}

/// As wide as the terminal, within what is pleasant to read.
fn width() -> usize {
    textwrap::termwidth().clamp(40, 100)
}

fn counted(count: usize, one: &str) -> String {
    if count == 1 {
        format!("1 {one}")
    } else {
        format!("{count} {one}s")
    }
}
