//! The command line: arguments in, text and an exit code out.

mod ask;
mod backup;
#[cfg(feature = "discord")]
mod doctor;
mod eval;
#[cfg(feature = "discord")]
mod health;
#[cfg(feature = "discord")]
mod invite;
mod lint;
mod matrix;
mod playground;
mod quiz;
#[cfg(feature = "discord")]
mod run;
mod search;
mod signals;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::LazyLock;

use clap::{Args, Parser, Subcommand};

use crate::config::Config;
#[cfg(feature = "discord")]
use crate::config::TokenError;
use crate::knowledge::Knowledge;
use crate::load::{self, Limits};

/// The check says no: lint found errors, eval is below its floor, doctor found
/// something wrong.
const NO: u8 = 1;
/// Wrong usage or configuration.
const WRONG: u8 = 2;

/// Answers questions from a folder of Markdown notes, with citations.
#[derive(Debug, Parser)]
#[command(name = "footnote", version, long_version = LONG_VERSION.as_str(), max_term_width = 100)]
struct Arguments {
    #[command(flatten)]
    shared: Shared,
    /// Alone: the bot where a token is configured, else the playground
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Args)]
struct Shared {
    /// Configuration file [default: config.toml here, if there is one]
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// Folder of notes; goes before the configuration [default: knowledge]
    #[arg(long, value_name = "DIR", global = true)]
    notes: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Answer a question from the notes, with citations
    Ask(ask::Arguments),
    /// Rank the sections of the notes for many questions
    Search(search::Arguments),
    /// Check the notes: what is wrong, where, and what to do
    Lint(lint::Arguments),
    /// Run the Discord bot
    #[cfg(feature = "discord")]
    Run,
    /// Check everything the bot needs: what is wrong, and how to mend it
    #[cfg(feature = "discord")]
    Doctor(doctor::Arguments),
    /// Ask the running bot whether it is well
    #[cfg(feature = "discord")]
    Health(health::Arguments),
    /// Copy the database while the bot runs
    Backup(backup::Arguments),
    /// Print the link that adds the bot to a server
    #[cfg(feature = "discord")]
    Invite,
    /// Show which services have which controls, as a table or a picture
    Matrix(matrix::Arguments),
    /// Try the bot in a local page that behaves like a chat: no token needed
    Playground(playground::Arguments),
    /// Score labelled questions and list the failures
    Eval(eval::Arguments),
    /// Look at the questions of the daily quiz
    Quiz(quiz::Arguments),
}

/// The version with that of the time zone rules that are part of the program.
static LONG_VERSION: LazyLock<String> = LazyLock::new(|| {
    let zones = crate::quiz::zone::BUNDLED_VERSION;
    format!("{} (time zones {zones})", env!("CARGO_PKG_VERSION"))
});

/// Runs the command line and returns its exit code.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    match dispatch(&arguments) {
        Ok(code) => code,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to do when even standard error is gone.
            let _ = writeln!(anstream::stderr(), "footnote: {error:#}");
            ExitCode::from(WRONG)
        }
    }
}

fn dispatch(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let config = Config::read(
        arguments.shared.config.as_deref(),
        arguments.shared.notes.as_deref(),
    )?;
    let Some(verb) = &arguments.verb else {
        return alone(&config);
    };
    match verb {
        Verb::Ask(arguments) => ask::run(arguments, &config),
        Verb::Search(arguments) => search::run(arguments, &config),
        Verb::Lint(arguments) => lint::run(arguments, &config),
        Verb::Matrix(arguments) => matrix::run(arguments, &config),
        Verb::Eval(arguments) => eval::run(arguments, &config),
        Verb::Quiz(arguments) => quiz::run(arguments, &config),
        Verb::Playground(arguments) => playground::run(arguments, &config),
        #[cfg(feature = "discord")]
        Verb::Run => run::run(&config),
        #[cfg(feature = "discord")]
        Verb::Doctor(own) => doctor::run(own, &config, arguments.shared.config.as_deref()),
        #[cfg(feature = "discord")]
        Verb::Health(arguments) => health::run(arguments, &config),
        Verb::Backup(arguments) => backup::run(arguments, &config),
        #[cfg(feature = "discord")]
        Verb::Invite => invite::run(&config),
    }
}

/// No verb: the bot where there is a token, else the playground. A token that
/// cannot be used is no reason to do something else.
fn alone(config: &Config) -> anyhow::Result<ExitCode> {
    let say = |line: &str| writeln!(anstream::stderr(), "footnote: {line}");
    #[cfg(feature = "discord")]
    match config.token() {
        Err(TokenError::Missing) => {}
        Err(error) => return Err(error.into()),
        Ok(token) => {
            say(&format!(
                "running the bot, since {} holds a token",
                token.place()
            ))?;
            return run::run(config);
        }
    }
    say("no token is configured, so this is the playground; `footnote --help` lists the rest")?;
    playground::run(&playground::Arguments::default(), config)
}

/// `footnote ask … | head` is not a failure.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
        // serde_json does not give the system's error as its source.
        || error
            .chain()
            .filter_map(|cause| cause.downcast_ref::<serde_json::Error>())
            .any(|error| error.io_error_kind() == Some(std::io::ErrorKind::BrokenPipe))
}

/// Runs a few requests on this thread.
fn block_on<T>(work: impl Future<Output = T>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    Ok(runtime.block_on(work))
}

/// Loads the notes and says on standard error what is wrong with them.
fn knowledge(config: &Config) -> anyhow::Result<Knowledge> {
    let loaded = load::load(&config.notes.path, &Limits::default())?;
    let errors = loaded
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == crate::note::diagnostic::Severity::Error);
    let mut stderr = anstream::stderr().lock();
    for diagnostic in errors {
        writeln!(stderr, "{diagnostic}")?;
    }
    Ok(Knowledge::build(loaded.notes))
}

/// Lines of a file, or of standard input for `-`.
fn read_lines(file: &std::path::Path) -> anyhow::Result<String> {
    use anyhow::Context as _;
    if file.as_os_str() == "-" {
        return std::io::read_to_string(std::io::stdin()).context("cannot read standard input");
    }
    std::fs::read_to_string(file).with_context(|| {
        format!(
            "cannot read {}; give a file of JSON lines, or - for standard input",
            file.display()
        )
    })
}

/// What is said of a line of a batch that cannot be read.
const NOT_A_QUESTION: &str = ": not a line {\"id\", \"text\"}";

/// Reads each line of a file of JSON lines when it is asked for; an error names
/// file and line, then what is `wrong`. Blank lines are left out.
fn json_lines<'a, T>(
    file: &'a std::path::Path,
    text: &'a str,
    wrong: &'static str,
) -> impl Iterator<Item = anyhow::Result<T>> + 'a
where
    T: serde::de::DeserializeOwned + 'a,
{
    use anyhow::Context as _;
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(move |(number, line)| {
            serde_json::from_str(line.trim_start_matches('\u{feff}'))
                .with_context(|| format!("{}:{}{wrong}", file.display(), number + 1))
        })
}
