//! Runs the real program against a double, in a folder of its own.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _};
use tempfile::TempDir;

use crate::double::Double;
use crate::double::setup::Setup;
use crate::harness::{program, root};

/// A program that does not end by itself is given up after this long.
const PATIENCE: Duration = Duration::from_secs(20);

/// A Discord where links may lead to the sources of the bundled notes.
pub(crate) fn setup() -> Setup {
    Setup {
        link_hosts: [
            "docs.aws.amazon.com",
            "aws.amazon.com",
            "csrc.nist.gov",
            "developer.mozilla.org",
        ]
        .map(Into::into)
        .into(),
        ..Setup::default()
    }
}

/// A folder that the bot runs in: notes, configuration, database.
#[derive(Debug)]
pub(crate) struct Place {
    folder: TempDir,
    notes: PathBuf,
}

impl Place {
    /// With the bundled notes.
    pub(crate) fn bundled() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            notes: root("knowledge"),
        }
    }

    /// With notes of its own, which may be changed.
    pub(crate) fn with_notes(files: &[(&str, &str)]) -> Self {
        let place = Self {
            folder: tempfile::tempdir().unwrap(),
            notes: PathBuf::new(),
        };
        let notes = place.path("notes");
        fs::create_dir(&notes).unwrap();
        let place = Self { notes, ..place };
        for (name, text) in files {
            place.write_note(name, text);
        }
        place
    }

    /// Writes a note, as an editor does: whole.
    pub(crate) fn write_note(&self, name: &str, text: &str) {
        let path = self.notes.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A file in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The notes.
    pub(crate) fn notes(&self) -> &Path {
        &self.notes
    }

    /// The program with the token and the address of a double.
    pub(crate) fn command(&self, double: &Double, arguments: &[&str]) -> Command {
        let mut command = program(self.folder.path());
        command
            .args(arguments)
            .arg("--notes")
            .arg(&self.notes)
            .env("DISCORD_TOKEN", double.token())
            .env("FOOTNOTE__DISCORD__API_URL", double.url())
            .env("RUST_LOG", "debug");
        command
    }

    /// Starts the bot and waits until people can use it.
    pub(crate) async fn start(&self, double: &Double) -> Bot {
        let bot = Bot::spawn(self.command(double, &["run"]));
        double.ready().await;
        bot
    }

    /// Starts the bot with settings in its environment and waits until it is
    /// connected and has registered its commands.
    pub(crate) async fn start_with(&self, double: &Double, settings: &[(&str, &str)]) -> Bot {
        let mut command = self.command(double, &["run"]);
        command.envs(settings.iter().copied());
        let bot = Bot::spawn(command);
        double.ready().await;
        bot
    }

    /// Ends the bot like a crash, then starts it again.
    pub(crate) async fn restart(&self, double: &Double, bot: Bot) -> Bot {
        bot.kill();
        double.disconnected().await;
        self.start(double).await
    }

    /// A connection of somebody else to the bot's database.
    pub(crate) async fn database(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(self.path("footnote.db"));
        options.connect().await.unwrap()
    }

    /// Every row of every table, a line each.
    pub(crate) async fn rows(&self) -> Vec<String> {
        let mut database = self.database().await;
        let mut rows = Vec::new();
        for table in ["setting", "vote", "gap", "asked", "hidden"] {
            let columns = format!(
                "SELECT group_concat('quote(' || name || ')', \
                                   ' || '','' || ') FROM pragma_table_info('{table}')"
            );
            let columns: String = sqlx::query_scalar(AssertSqlSafe(columns))
                .fetch_one(&mut database)
                .await
                .unwrap();
            let all = format!("SELECT {columns} FROM {table} ORDER BY 1");
            let all: Vec<String> = sqlx::query_scalar(AssertSqlSafe(all))
                .fetch_all(&mut database)
                .await
                .unwrap();
            rows.extend(all.into_iter().map(|row| format!("{table}: {row}")));
        }
        rows
    }
}

/// A running bot. It is killed when it goes out of scope.
#[derive(Debug)]
pub(crate) struct Bot {
    child: Child,
    log: Arc<Mutex<String>>,
    reading: Option<JoinHandle<()>>,
}

impl Bot {
    /// Starts a command and collects its log.
    pub(crate) fn spawn(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = child.stderr.take().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let into = Arc::clone(&log);
        let reading = std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines() {
                let line = line.unwrap();
                into.lock().unwrap().push_str(&(line + "\n"));
            }
        });
        Self {
            child,
            log,
            reading: Some(reading),
        }
    }

    /// What was logged so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Waits until a line with this text is logged.
    pub(crate) async fn logged(&self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.log().contains(text) {
            assert!(
                Instant::now() < deadline,
                "{text:?} was not logged:\n{}",
                self.log()
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Ends it like a crash.
    pub(crate) fn kill(mut self) -> String {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.rest_of_log()
    }

    /// Tells it to stop; gives its exit code and log.
    pub(crate) fn stop(mut self) -> (i32, String) {
        self.signal(Signal::TERM);
        self.end()
    }

    /// Waits until it ends by itself; gives its exit code and log.
    pub(crate) fn ended(mut self) -> (i32, String) {
        self.end()
    }

    /// Its process.
    pub(crate) fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Sends it a signal and leaves it to it.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    fn end(&mut self) -> (i32, String) {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(
                Instant::now() < deadline,
                "the bot does not end:\n{}",
                self.log()
            );
            std::thread::sleep(Duration::from_millis(10));
        };
        (status.code().unwrap_or(-1), self.rest_of_log())
    }

    fn rest_of_log(&mut self) -> String {
        if let Some(reading) = self.reading.take() {
            reading.join().unwrap();
        }
        self.log()
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let _ = writeln!(std::io::stderr(), "log of the bot:\n{}", self.log());
        }
    }
}
