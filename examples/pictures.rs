//! Makes the pictures of the documents from the bundled notes: what they cover,
//! and screenshots of the playground in headless Chromium.
//!
//! ```text
//! cargo run --example pictures [FOLDER]
//! ```
//!
//! `FOLDER` is `docs/pictures` when none is named. Needs Debian's packages
//! `chromium` and `chromium-driver`, or what they are called elsewhere.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a script that panics has failed, as it should"
)]

#[path = "../tests/suite/playground/driver.rs"]
#[expect(dead_code, reason = "pictures use what they need of it")]
mod driver;

use std::path::{Path, PathBuf};

use footnote::config::Config;
use footnote::knowledge::Knowledge;
use footnote::load::{Limits, load};
use footnote::matrix::Matrix;
use footnote::picture::{self, Theme};
use footnote::playground::Playground;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use driver::Browser;

/// A scene: file, channel, whether dark, width and height, what is done before,
/// and the title that is waited for.
struct Scene {
    file: &'static str,
    channel: &'static str,
    dark: bool,
    size: (u32, u32),
    acts: Vec<(&'static str, &'static str, Value)>,
    title: &'static str,
}

#[tokio::main]
async fn main() {
    let folder = std::env::args_os().nth(1);
    let folder = folder.map_or_else(|| "docs/pictures".into(), PathBuf::from);
    std::fs::create_dir_all(&folder).unwrap();
    draw(&folder);
    for scene in scenes() {
        take(&folder, scene).await;
    }
}

/// Services × controls, as `/matrix` shows them.
fn draw(folder: &Path) {
    let notes = load(Path::new("knowledge"), &Limits::default())
        .unwrap()
        .notes;
    let matrix = Matrix::of(&Knowledge::build(notes));
    save(
        folder,
        "matrix-dark.png",
        &picture::draw(&matrix, Theme::Dark).unwrap().png,
    );
}

fn save(folder: &Path, file: &str, picture: &[u8]) {
    let path = folder.join(file);
    std::fs::write(&path, picture).unwrap();
    println!("{}: {} KB", path.display(), picture.len() / 1024);
}

fn scenes() -> Vec<Scene> {
    let ask = |text: &str| {
        (
            "101",
            "command",
            json!({ "command": "ask", "arguments": { "question": text } }),
        )
    };
    let press = |member, column| ("quiz", member, json!(column));
    let cue = |cue: &str| ("101", "quiz", json!({ "cue": cue }));
    vec![
        Scene {
            file: "ask-light.png",
            channel: "11",
            dark: false,
            size: (980, 680),
            acts: vec![(
                "102",
                "message",
                json!({ "text": "@Footnote can i turn on encryption for an existing dynamo table?" }),
            )],
            title: "Amazon DynamoDB",
        },
        Scene {
            file: "abstention-dark.png",
            channel: "11",
            dark: true,
            size: (980, 680),
            acts: vec![
                ask("is sqs encripted on the wire?"),
                ask("sqs price per million requests"),
            ],
            title: "Not in the notes",
        },
        Scene {
            file: "question-light.png",
            channel: "12",
            dark: false,
            size: (980, 640),
            acts: vec![cue("post"), press("101", 1)],
            title: "Locked in",
        },
        // The last one: it moves the time of this process ahead.
        Scene {
            file: "results-dark.png",
            channel: "12",
            dark: true,
            size: (980, 760),
            acts: vec![
                cue("post"),
                press("101", 0),
                press("102", 1),
                press("103", 2),
                press("104", 3),
                cue("results"),
            ],
            title: "results",
        },
    ]
}

/// Plays a scene on a playground of its own and takes its picture.
async fn take(folder: &Path, scene: Scene) {
    let playground = Playground::open(&Config::default(), 0).await.unwrap();
    let url = playground.url();
    let stop = CancellationToken::new();
    let serving = tokio::spawn(playground.serve(stop.clone()));
    let client = reqwest::Client::new();
    for (member, path, what) in scene.acts {
        let (member, path, what) = match member {
            "quiz" => (
                path,
                "click",
                round_button(&client, &url, path, &what).await,
            ),
            _ => (member, path, what),
        };
        let mut what = what;
        what["member"] = member.into();
        what["channel"] = scene.channel.into();
        let sent = client
            .post(format!("{url}api/{path}"))
            .header("content-type", "application/json")
            .body(what.to_string());
        assert!(sent.send().await.unwrap().status().is_success(), "{path}");
    }
    let page = format!("{url}?member=101&channel={}", scene.channel);
    let browser = Browser::open(&page).await.expect("chromedriver is needed");
    let (width, height) = scene.size;
    let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
    browser
        .chrome("Emulation.setDeviceMetricsOverride", size)
        .await;
    let scheme = if scene.dark { "dark" } else { "light" };
    let features = json!({ "features": [
        { "name": "prefers-color-scheme", "value": scheme },
        { "name": "prefers-reduced-motion", "value": "reduce" },
    ] });
    browser.chrome("Emulation.setEmulatedMedia", features).await;
    browser.card(scene.title).await;
    let scroll = "[...document.querySelectorAll('h3')].filter((one) => one.textContent.includes('TITLE'))\
                  .pop().closest('.message').scrollIntoView({ block: 'start' })";
    browser.value(&scroll.replace("TITLE", scene.title)).await;
    let picture = browser.client.screenshot().await.unwrap();
    save(folder, scene.file, &picture);
    browser.close().await;
    stop.cancel();
    serving.await.unwrap();
}

/// A click on an answer of the round that was posted last.
async fn round_button(client: &reqwest::Client, url: &str, member: &str, column: &Value) -> Value {
    let state = format!("{url}api/state?member={member}&channel=12");
    let text = client
        .get(state)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let state: Value = serde_json::from_str(&text).unwrap();
    let messages = state["messages"].as_array().unwrap();
    let round = messages
        .iter()
        .rfind(|one| one["reply"]["title"] == "Question of the day")
        .unwrap();
    json!({ "message": round["id"], "edits": round["edits"], "row": 0, "column": column })
}
