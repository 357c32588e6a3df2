//! What is counted and measured while the bot runs: every metric with its name,
//! its meaning and the values of its labels, in one table.
//!
//! Nothing is kept until [`start`]: without a listener to ask for them, metrics
//! would only take memory. No label holds an id or a text of anybody, so their
//! number is known from the start; each series is there, as zero, before its
//! first event, since an alert cannot compare with what is missing.

use std::sync::OnceLock;
use std::time::Duration;

use metrics::{Label, counter, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// Upper bounds of times that people wait for, seconds. The aims are 2 ms for
/// half of all and 20 ms for 99 of 100; Discord gives up after 3 s. Bounds stand
/// at these, and in between as densely as a person can tell them apart.
const BUCKETS: [f64; 12] = [
    0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 2.0, 3.0,
];

/// Something that is counted or measured.
#[derive(Debug)]
pub struct Metric {
    /// Its name for Prometheus.
    pub name: &'static str,
    /// What it says.
    pub help: &'static str,
    /// What kind of number it is.
    pub kind: Kind,
    /// What it is told apart by, each label with all its values.
    pub labels: &'static [(&'static str, &'static [&'static str])],
}

/// What kind of number a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It only grows, until the process ends.
    Counter,
    /// It goes up and down.
    Gauge,
    /// How many took how long, seconds.
    Histogram,
}

/// Each line of documentation becomes the help text of its metric.
macro_rules! table {
    ($(
        #[doc = $help:literal]
        $constant:ident: $kind:ident $name:literal
        $(by $label:literal [$($value:expr),+ $(,)?])*;
    )+) => {
        $(
            #[doc = $help]
            pub static $constant: Metric = Metric {
                name: $name,
                help: $help.trim_ascii(),
                kind: Kind::$kind,
                labels: &[$(($label, &[$($value),+])),*],
            };
        )+
        /// All metrics.
        pub static ALL: &[&Metric] = &[$(&$constant),+];
    };
}

table! {
    /// Answers given, by kind.
    ANSWERS: Counter "footnote_answers_total"
        by "kind" ["direct", "overview", "matrix", "compare", "abstention"];
    /// Questions that the notes do not answer, by reason.
    ABSTENTIONS: Counter "footnote_abstentions_total"
        by "reason" ["no_question", "unknown_subject", "not_covered"];
    /// Time to find an answer in the notes, without sending it.
    ANSWER_TIME: Histogram "footnote_answer_seconds";
    /// Time from the arrival of an interaction to Discord's word that its first response is there, the way to Discord included.
    ACKNOWLEDGEMENT_TIME: Histogram "footnote_acknowledgement_seconds";
    /// First responses to interactions, by what became of them.
    ACKNOWLEDGEMENTS: Counter "footnote_acknowledgements_total"
        by "outcome" ["delivered", "too_late", "already", "failed"];
    /// What was refused because somebody did too much at once, by what it was.
    LIMITED: Counter "footnote_limited_total"
        by "limit" ["asks_per_user", "asks_per_guild", "clicks", "attempts"];
    /// Knowledge gaps recorded, by kind.
    GAPS: Counter "footnote_gaps_total" by "kind" ["abstention", "not_helpful"];
    /// Votes on answers.
    VOTES: Counter "footnote_votes_total" by "vote" ["helpful", "not_helpful"];

    /// Rounds that are not over, by state; those of all processes on one database.
    ROUNDS: Gauge "footnote_rounds"
        by "state" ["scheduled", "posting", "held", "posted", "closed"];
    /// How long the round that waits longest to be posted has been due; 0 when none is.
    ROUND_OVERDUE: Gauge "footnote_round_overdue_seconds";
    /// Changes of rounds made by this process, by the state that they led to.
    ROUND_CHANGES: Counter "footnote_round_changes_total"
        by "to" ["scheduled", "posting", "held", "posted", "closed", "revealed", "missed", "failed",
                 "skipped"];
    /// Days without their question, by reason; skipped and paused days are none.
    MISSES: Counter "footnote_round_misses_total"
        by "reason" ["not_running", "too_late", "refused", "no_question"];
    /// Answers to rounds, by what became of them.
    ATTEMPTS: Counter "footnote_attempts_total"
        by "result" ["saved", "repeated", "late", "not_saved"];
    /// 1 while nothing is posted because the clock of this machine is off by more than two minutes.
    CLOCK_OFF: Gauge "footnote_clock_off";

    /// 1 while events arrive from Discord.
    GATEWAY_CONNECTED: Gauge "footnote_gateway_connected";
    /// Time since Discord last answered a heartbeat, of the shard that waits longest; it is asked about every 41 s.
    GATEWAY_HEARTBEAT_AGE: Gauge "footnote_gateway_heartbeat_age_seconds";
    /// Time between the last heartbeat and its answer, the longest over all shards.
    GATEWAY_LATENCY: Gauge "footnote_gateway_latency_seconds";
    /// Connections opened to Discord's gateway, failed ones too; beyond the first of each shard they are reconnects.
    GATEWAY_CONNECTS: Counter "footnote_gateway_connects_total";
    /// Sessions started; Discord allows 1,000 a day.
    GATEWAY_IDENTIFIES: Counter "footnote_gateway_identifies_total";
    /// Sessions resumed, with nothing missed.
    GATEWAY_RESUMES: Counter "footnote_gateway_resumes_total";
    /// Clients replaced after a fault.
    GATEWAY_REBUILDS: Counter "footnote_gateway_rebuilds_total";
    /// Events that somebody waited for and that could not be decoded.
    GATEWAY_UNDECODABLE: Counter "footnote_gateway_undecodable_total";

    /// Requests to Discord's REST interface, repeated ones too.
    REST_REQUESTS: Counter "footnote_rest_requests_total";
    /// Calls of Discord's REST interface with all their tries, by outcome.
    REST_CALLS: Counter "footnote_rest_calls_total"
        by "outcome" ["ok", "refused", "rate_limited", "paused", "not_sent", "unknown",
                      "unauthorized", "unsendable"];
    /// Replies of Discord with status 429.
    REST_RATE_LIMITED: Counter "footnote_rest_rate_limited_total";
    /// Time that calls were held back by the rate limits, before they were sent.
    REST_WAIT: Histogram "footnote_rest_wait_seconds";

    /// Notes in use.
    NOTES: Gauge "footnote_notes";
    /// Sections of the notes in use.
    SECTIONS: Gauge "footnote_notes_sections";
    /// What lint finds in the notes in use.
    FINDINGS: Gauge "footnote_notes_findings" by "severity" ["error", "warning"];
    /// When the notes in use were loaded, seconds since 1970.
    NOTES_LOADED: Gauge "footnote_notes_loaded_timestamp_seconds";
    /// 1 while the latest change of the notes is refused and earlier ones are in use.
    NOTES_REFUSED: Gauge "footnote_notes_refused";
    /// Reloads of the notes.
    RELOADS: Counter "footnote_notes_reloads_total" by "outcome" ["ok", "refused"];

    /// Time of the database for an operation, waiting for a connection included.
    DATABASE_TIME: Histogram "footnote_database_seconds"
        by "operation" ["read", "change", "begin", "step", "commit"];
    /// Operations of the database that failed.
    DATABASE_ERRORS: Counter "footnote_database_errors_total"
        by "operation" ["read", "change", "begin", "step", "commit"]
        by "error" ["busy", "full", "read_only", "unreachable", "damaged", "other"];
    /// Connections to the database.
    DATABASE_CONNECTIONS: Gauge "footnote_database_connections" by "state" ["idle", "in_use"];

    /// 1, with the version of the program and of its time zone rules.
    BUILD: Gauge "footnote_build_info"
        by "version" [env!("CARGO_PKG_VERSION")]
        by "tzdb" [crate::quiz::zone::BUNDLED_VERSION];
    /// Memory of the process in use, bytes.
    MEMORY: Gauge "process_resident_memory_bytes";
    /// When the process started, seconds since 1970.
    STARTED: Gauge "process_start_time_seconds";
}

static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();

impl Metric {
    /// Counts one; `values` are those of the labels, in their order.
    pub fn count(&self, values: &[&'static str]) {
        counter!(self.name, self.labels_of(values)).increment(1);
    }

    /// Sets a counter to what was counted elsewhere.
    pub fn total(&self, total: u64) {
        counter!(self.name).absolute(total);
    }

    /// Sets a gauge.
    pub fn set(&self, values: &[&'static str], to: f64) {
        gauge!(self.name, self.labels_of(values)).set(to);
    }

    /// Adds a time to a histogram.
    pub fn time(&self, values: &[&'static str], time: Duration) {
        histogram!(self.name, self.labels_of(values)).record(time);
    }

    fn labels_of(&self, values: &[&'static str]) -> Vec<Label> {
        debug_assert_eq!(values.len(), self.labels.len(), "{}", self.name);
        let pairs = self.labels.iter().zip(values);
        pairs
            .map(|((label, known), value)| {
                debug_assert!(known.contains(value), "{}: {label}={value}", self.name);
                Label::from_static_parts(label, value)
            })
            .collect()
    }

    /// All combinations of values of its labels.
    fn series(&self) -> Vec<Vec<&'static str>> {
        self.labels
            .iter()
            .fold(vec![Vec::new()], |series, (_, values)| {
                let longer = series.iter().flat_map(|start| {
                    values.iter().map(move |value| {
                        let mut one = start.clone();
                        one.push(*value);
                        one
                    })
                });
                longer.collect()
            })
    }
}

/// Begins to count and measure in this process. `now` is in seconds since 1970.
pub fn start(now: f64) {
    let builder = Matcher::Suffix("_seconds".to_owned());
    // Bounds are there, so none of the errors that they could have is possible.
    let Ok(builder) = PrometheusBuilder::new().set_buckets_for_metric(builder, &BUCKETS) else {
        return;
    };
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_err() {
        // Started before.
        return;
    }
    let _ = HANDLE.set(handle);
    for metric in ALL {
        describe(metric);
        for values in metric.series() {
            let labels = metric.labels_of(&values);
            match metric.kind {
                Kind::Counter => counter!(metric.name, labels).increment(0),
                Kind::Gauge => gauge!(metric.name, labels).set(0.0),
                Kind::Histogram => drop(histogram!(metric.name, labels)),
            }
        }
    }
    for values in BUILD.series() {
        BUILD.set(&values, 1.0);
    }
    STARTED.set(&[], now);
}

/// All metrics as Prometheus reads them; empty before [`start`].
pub fn exposition() -> String {
    // Where the system does not tell, 0 stays.
    if let Some(bytes) = resident_memory() {
        MEMORY.set(&[], bytes);
    }
    HANDLE
        .get()
        .map_or_else(String::new, PrometheusHandle::render)
}

/// Has to be called every few seconds: measured times wait in memory until
/// somebody sorts them into their buckets.
pub fn tidy() {
    if let Some(handle) = HANDLE.get() {
        handle.run_upkeep();
    }
}

fn describe(metric: &Metric) {
    match metric.kind {
        Kind::Counter => metrics::describe_counter!(metric.name, metric.help),
        Kind::Gauge => metrics::describe_gauge!(metric.name, metric.help),
        Kind::Histogram => metrics::describe_histogram!(metric.name, metric.help),
    }
}

/// Bytes, from <https://man7.org/linux/man-pages/man5/proc_pid_status.5.html>;
/// other systems have no such file.
fn resident_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u32 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(f64::from(kib) * 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_follow_the_conventions() {
        let mut seen = HashSet::new();
        for metric in ALL {
            let name = metric.name;
            assert!(seen.insert(name), "{name} is there twice");
            assert!(
                name.starts_with("footnote_") || name.starts_with("process_"),
                "{name}"
            );
            assert_eq!(
                name.ends_with("_total"),
                metric.kind == Kind::Counter,
                "{name}"
            );
            assert!(
                metric.kind != Kind::Histogram || name.ends_with("_seconds"),
                "{name}"
            );
            assert!(metric.help.ends_with('.'), "{name}");
        }
    }

    #[test]
    fn there_are_few_series_and_their_number_is_known() {
        let series: usize = ALL.iter().map(|metric| metric.series().len()).sum();
        assert!(series < 200, "{series}");
    }

    #[test]
    fn what_is_counted_is_shown_and_all_else_is_zero() {
        assert_eq!(exposition(), "");
        ANSWERS.count(&["direct"]);
        start(7.0);
        ANSWERS.count(&["direct"]);
        DATABASE_ERRORS.count(&["change", "full"]);
        ANSWER_TIME.time(&[], Duration::from_micros(1_500));
        tidy();
        let text = exposition();
        for line in [
            "# HELP footnote_answers_total Answers given, by kind.",
            "footnote_answers_total{kind=\"direct\"} 1",
            "footnote_answers_total{kind=\"matrix\"} 0",
            "footnote_database_errors_total{operation=\"change\",error=\"full\"} 1",
            "footnote_answer_seconds_bucket{le=\"0.001\"} 0",
            "footnote_answer_seconds_bucket{le=\"0.002\"} 1",
            "footnote_rest_wait_seconds_count 0",
            "process_start_time_seconds 7",
        ] {
            assert!(text.lines().any(|one| one == line), "no {line:?} in {text}");
        }
        for metric in ALL {
            let kind = format!("{:?}", metric.kind).to_lowercase();
            let line = format!("# TYPE {} {kind}", metric.name);
            assert!(text.lines().any(|one| one == line), "no {line:?}");
        }
    }
}
