//! Runs the playground and speaks its interface, as a page does.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::{Instant, timeout};

use super::driver::PATIENCE;
use crate::harness::{program, root};

/// Members and channels, as the program has them.
pub(super) const MIRA: &str = "101";
pub(super) const JONAS: &str = "102";
pub(super) const QUESTIONS: &str = "11";
pub(super) const QUIZ: &str = "12";

/// A playground that runs until it is dropped.
pub(super) struct Town {
    child: Child,
    stdout: BufReader<ChildStdout>,
    pub(super) url: String,
    /// What it said at the start.
    pub(super) said: String,
    client: reqwest::Client,
    _folder: TempDir,
}

impl Town {
    /// With the bundled notes.
    pub(super) fn start() -> Self {
        Self::with(&root("knowledge"), &[])
    }

    /// With other notes and settings.
    pub(super) fn with(notes: &Path, settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = program(folder.path())
            .args(["playground", "--port", "0", "--notes"])
            .arg(notes)
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        for _ in 0..2 {
            stdout.read_line(&mut said).unwrap();
        }
        let url = said
            .split_whitespace()
            .find(|word| word.starts_with("http://"));
        Self {
            url: url.unwrap_or_else(|| panic!("{said:?}")).to_owned(),
            child,
            stdout,
            said,
            client: reqwest::Client::new(),
            _folder: folder,
        }
    }

    /// `host:port`.
    pub(super) fn host(&self) -> &str {
        let host = self.url.strip_prefix("http://").unwrap();
        host.trim_end_matches('/')
    }

    /// Posts JSON; the status and the answer.
    pub(super) async fn send(&self, path: &str, what: Value) -> (u16, Value) {
        let response = self
            .client
            .post(format!("{}api/{path}", self.url))
            .header("content-type", "application/json")
            .body(what.to_string())
            .send()
            .await
            .unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        (
            status,
            serde_json::from_str(&text).unwrap_or(Value::String(text)),
        )
    }

    /// Does something as a member in a channel; it works.
    #[track_caller]
    pub(super) fn act<'a>(
        &'a self,
        who: (&str, &str),
        path: &'a str,
        mut what: Value,
    ) -> impl Future<Output = Value> + use<'a> {
        what["member"] = who.0.into();
        what["channel"] = who.1.into();
        async move {
            let (status, answer) = self.send(path, what).await;
            assert_eq!(status, 200, "{path}: {answer}");
            answer
        }
    }

    /// Uses a command.
    pub(super) async fn command(&self, who: (&str, &str), name: &str, arguments: Value) {
        let what = json!({ "command": name, "arguments": arguments });
        self.act(who, "command", what).await;
    }

    /// Presses a button, by its label, of the last message that has it.
    pub(super) async fn press(&self, who: (&str, &str), label: &str) -> Value {
        let button = self.button(who, label).await;
        self.act(who, "click", button).await
    }

    /// What a click on a button sends.
    pub(super) async fn button(&self, who: (&str, &str), label: &str) -> Value {
        let messages = self.messages(who).await;
        for message in messages.iter().rev() {
            let rows = message["reply"]["buttons"].as_array();
            for (row, buttons) in rows.into_iter().flatten().enumerate() {
                for (column, button) in buttons.as_array().unwrap().iter().enumerate() {
                    if button["label"] == label {
                        return json!({
                            "message": message["id"], "edits": message["edits"],
                            "row": row, "column": column,
                        });
                    }
                }
            }
        }
        panic!("no button {label}: {messages:#?}");
    }

    /// All that a member's page of a channel gets.
    pub(super) async fn state(&self, (member, channel): (&str, &str)) -> Value {
        let path = format!("api/state?member={member}&channel={channel}");
        serde_json::from_str(&self.get(&path, &[]).await.1).unwrap()
    }

    /// The messages that a member sees in a channel, oldest first.
    pub(super) async fn messages(&self, who: (&str, &str)) -> Vec<Value> {
        self.state(who).await["messages"]
            .as_array()
            .unwrap()
            .clone()
    }

    /// The last message that a member sees in a channel.
    pub(super) async fn last(&self, who: (&str, &str)) -> Value {
        self.messages(who).await.pop().unwrap()
    }

    /// Gets a path with headers; the status and the body.
    pub(super) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> (u16, String) {
        let mut request = self.client.get(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.text().await.unwrap())
    }

    /// Looks after each change until something is so.
    pub(super) async fn until(&self, who: (&str, &str), is_so: impl Fn(&Value) -> bool) -> Value {
        let events = self.client.get(format!("{}api/events", self.url)).send();
        let mut events = events.await.unwrap();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let state = self.state(who).await;
            if is_so(&state) {
                return state;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            let more = timeout(left, events.chunk()).await;
            more.unwrap_or_else(|_| panic!("it does not come: {state:#}"))
                .unwrap();
        }
    }

    /// Ends it as Ctrl-C does; its exit code and what else it said.
    pub(super) fn stop(mut self) -> (Option<i32>, String) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, Signal::INT).unwrap();
        let code = self.child.wait().unwrap().code();
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        (code, rest)
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Notes that may be changed.
pub(super) struct Notes(TempDir);

impl Notes {
    /// One note on soup.
    pub(super) fn of_soup() -> Self {
        let notes = Self(tempfile::tempdir().unwrap());
        notes.write(
            "soup.md",
            "# Soup\n\n## Leeks\n\nCut the leeks into thin rings.\n",
        );
        notes
    }

    /// Writes a note, whole.
    pub(super) fn write(&self, name: &str, text: &str) {
        fs::write(self.0.path().join(name), text).unwrap();
    }

    /// The folder.
    pub(super) fn path(&self) -> PathBuf {
        self.0.path().to_owned()
    }
}
