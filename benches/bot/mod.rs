//! The program under measurement, for the benchmarks that run it.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::double::Double;

/// The running program; it ends with this.
pub(crate) struct Bot(Child);

impl Bot {
    /// Starts it on the double with the bundled notes, in a folder of its own.
    /// Nobody asks too often for it. `FOOTNOTE_PROGRAM` names another build.
    pub(crate) fn start(double: &Double, folder: &Path, settings: &[(&str, &str)]) -> Self {
        let own = env!("CARGO_BIN_EXE_footnote").into();
        let mut command = Command::new(env::var_os("FOOTNOTE_PROGRAM").unwrap_or(own));
        command
            .arg("run")
            .arg("--notes")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/knowledge"))
            .current_dir(folder)
            .env("DISCORD_TOKEN", double.token())
            .env("FOOTNOTE__DISCORD__API_URL", double.url())
            .env("FOOTNOTE__LIMITS__ASKS_PER_USER", "10000")
            .env("FOOTNOTE__LIMITS__ASKS_PER_GUILD", "10000")
            .env("FOOTNOTE__LOG__FILTER", "warn")
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        Self(command.spawn().unwrap())
    }

    /// Resident memory.
    pub(crate) fn memory_mb(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kb: f64 = line
            .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
            .unwrap();
        kb / 1024.0
    }

    /// Processor time of all its threads so far, by Linux's clock of 100 ticks a second.
    pub(crate) fn processor_time(&self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0.id())).unwrap();
        // The name, in parentheses, may hold anything.
        let (_, fields) = stat.rsplit_once(')').unwrap();
        // Time in user mode and in the kernel, fields 14 and 15 of the line.
        let ticks: u64 = fields
            .split_whitespace()
            .skip(11)
            .take(2)
            .map(|ticks| ticks.parse::<u64>().unwrap())
            .sum();
        Duration::from_millis(ticks * 10)
    }

    /// Processor time since it was so much.
    pub(crate) fn used_since(&self, before: Duration) -> Duration {
        self.processor_time().saturating_sub(before)
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A time in milliseconds, to be printed.
pub(crate) fn ms(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1000.0)
}
