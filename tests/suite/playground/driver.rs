//! A headless browser, where there is one: Chromium and its driver.

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::key::Key;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};

/// Something that does not come is given up after this long.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// What a person does and sees in a browser.
pub(super) struct Browser {
    pub(super) client: Client,
    /// Of the session, for what the library does not know.
    url: String,
    driver: Child,
}

impl Browser {
    /// Opens a page. Without a browser it says so, and the test has nothing to do.
    pub(super) async fn open(page: &str) -> Option<Self> {
        let started = Command::new("chromedriver")
            .arg("--port=0")
            // With its browser, which ends with it whatever becomes of the test.
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut driver) = started else {
            assert_ne!(
                std::env::var_os("FOOTNOTE_REQUIRE_BROWSER"),
                Some("1".into()),
                "there is no chromedriver"
            );
            #[expect(clippy::print_stdout, reason = "whoever runs the tests should know")]
            {
                println!("skipped: there is no browser here (apt-get install chromium-driver)");
            }
            return None;
        };
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines
            .find_map(|line| {
                let line = line.unwrap();
                let (_, port) = line.split_once("successfully on port ")?;
                Some(port.trim_end_matches('.').to_owned())
            })
            .expect("chromedriver names its port");
        // What it prints later is read, so that it never waits.
        std::thread::spawn(move || lines.for_each(drop));
        let base = format!("http://127.0.0.1:{port}");
        let wanted = json!({
            "goog:chromeOptions": {
                "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1100,800", "--lang=en"],
            },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(wanted.as_object().unwrap().clone())
            .connect(&base)
            .await
            .unwrap();
        let session = client.session_id().await.unwrap().unwrap();
        let browser = Self {
            client,
            url: format!("{base}/session/{session}"),
            driver,
        };
        browser.client.goto(page).await.unwrap();
        browser.see("#log .message").await;
        Some(browser)
    }

    /// Waits for an element.
    pub(super) async fn see(&self, css: &str) -> fantoccini::elements::Element {
        let wait = self.client.wait().at_most(PATIENCE);
        let found = wait.for_element(Locator::Css(css)).await;
        found.unwrap_or_else(|error| panic!("{css}: {error}"))
    }

    /// Waits for an element that shows a text.
    pub(super) async fn read(&self, css: &str, text: &str) -> fantoccini::elements::Element {
        let inside = "[contains(normalize-space(.), \"TEXT\")]".replace("TEXT", text);
        let path = format!("//*[{css}]{inside}");
        let wait = self.client.wait().at_most(PATIENCE);
        let found = wait.for_element(Locator::XPath(&path)).await;
        found.unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Waits until the title of a card is this.
    pub(super) async fn card(&self, title: &str) -> fantoccini::elements::Element {
        self.read("self::h3", title).await
    }

    /// Clicks the button that says this; the last one where there are several.
    pub(super) async fn click(&self, label: &str) {
        self.read("self::button", label).await;
        let path = format!("//button[contains(normalize-space(.), \"{label}\")]");
        let mut found = self.client.find_all(Locator::XPath(&path)).await.unwrap();
        found.pop().unwrap().click().await.unwrap();
    }

    /// Types where the focus is.
    pub(super) async fn keys(&self, keys: &str) {
        let active = self.client.active_element().await.unwrap();
        active.send_keys(keys).await.unwrap();
    }

    /// Presses one key where the focus is.
    pub(super) async fn key(&self, key: Key) {
        self.keys(&char::from(key).to_string()).await;
    }

    /// The value of an expression of JavaScript.
    pub(super) async fn value(&self, expression: &str) -> Value {
        let script = format!("return {expression}");
        self.client.execute(&script, Vec::new()).await.unwrap()
    }

    /// Waits until an expression of JavaScript is true.
    pub(super) async fn until(&self, expression: &str) {
        let script = "const done = arguments[arguments.length - 1]; \
                      const look = () => (IT) ? done(true) : requestAnimationFrame(look); look();";
        let script = script.replace("IT", expression);
        let came = self.client.execute_async(&script, Vec::new()).await;
        came.unwrap_or_else(|error| panic!("{expression}: {error}"));
    }

    /// Sends a command of Chrome's own protocol.
    pub(super) async fn chrome(&self, command: &str, parameters: Value) {
        let what = json!({ "cmd": command, "params": parameters });
        self.post("goog/cdp/execute", what).await;
    }

    /// What the console of the browser complains of.
    pub(super) async fn complaints(&self) -> Vec<String> {
        let log = self.post("se/log", json!({ "type": "browser" })).await;
        let lines = log["value"].as_array().unwrap().iter();
        lines
            .filter(|line| matches!(line["level"].as_str(), Some("SEVERE" | "WARNING")))
            .map(|line| line["message"].to_string())
            .collect()
    }

    /// Ends it; the console had nothing to complain of.
    pub(super) async fn close(self) {
        assert_eq!(self.complaints().await, [""; 0]);
        // What is no text would be shown like this.
        let shown = self.value("document.body.textContent").await;
        assert!(!shown.as_str().unwrap().contains("[object"), "{shown}");
        self.client.clone().close().await.unwrap();
    }

    async fn post(&self, path: &str, what: Value) -> Value {
        let sent = reqwest::Client::new()
            .post(format!("{}/{path}", self.url))
            .body(what.to_string())
            .send()
            .await
            .unwrap();
        serde_json::from_str(&sent.text().await.unwrap()).unwrap()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // They may have ended.
        let _ = kill_process_group(Pid::from_child(&self.driver), Signal::KILL);
        let _ = self.driver.wait();
    }
}
