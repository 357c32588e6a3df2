//! Which commands Discord is told of, where, and when.

use footnote::store::Store;
use serde_json::{Value, json};

use super::process::{Bot, Place, setup};
use crate::double::Double;
use crate::double::setup::{APPLICATION, ELSEWHERE, GUILD, permission};

const EVERYWHERE: &str = "PUT applications/*/commands";
const ON_A_SERVER: &str = "PUT applications/*/guilds/*/commands";

/// How often commands were registered everywhere, and on single servers.
fn registered(double: &Double) -> (usize, usize) {
    (
        double.requests(EVERYWHERE).len(),
        double.requests(ON_A_SERVER).len(),
    )
}

async fn stop(double: &Double, bot: Bot) {
    assert_eq!(bot.stop().0, 0);
    double.disconnected().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_are_registered_when_they_have_changed() {
    let double = Double::start(setup()).await;
    let place = Place::bundled();
    let bot = place.start(&double).await;
    bot.logged("commands registered: everywhere").await;
    assert_eq!(registered(&double), (1, 0));
    stop(&double, bot).await;

    let bot = place.start(&double).await;
    bot.logged("commands are registered already").await;
    assert_eq!(registered(&double), (1, 0));
    stop(&double, bot).await;

    // An older version had other commands.
    let url = format!("sqlite:{}", place.path("footnote.db").display());
    let store = Store::open(&url).await.unwrap();
    let key = format!("commands:{APPLICATION}");
    assert!(store.setting(&key).await.unwrap().is_some());
    store.set_setting(&key, "[]").await.unwrap();
    store.close().await;
    drop(store);
    let bot = place.start(&double).await;
    bot.logged("commands registered: everywhere").await;
    assert_eq!(registered(&double), (2, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_move_between_everywhere_and_single_servers() {
    let double = Double::start(setup()).await;
    let place = Place::bundled();
    let names = |guild| double.commands(guild).len();
    let guild = GUILD.to_string();
    let both = format!("{GUILD},{ELSEWHERE}");
    let all = 11;

    let bot = place.start(&double).await;
    bot.logged("commands registered: everywhere").await;
    assert_eq!(names(None), all);
    stop(&double, bot).await;

    // The bot is not on the other server: said, and no reason to stop.
    let settings = [("FOOTNOTE__DISCORD__GUILDS", both.as_str())];
    let bot = place.start_with(&double, &settings).await;
    bot.logged("the bot is not on it").await;
    bot.logged(&format!("commands registered: server {GUILD}"))
        .await;
    assert_eq!((names(None), names(Some(GUILD))), (0, all));
    let on_server = &double.requests(ON_A_SERVER)[0].body;
    for command in on_server.as_array().unwrap() {
        // Discord refuses a private chat as a place for a server's command.
        assert_eq!(command.get("contexts"), None, "{command}");
        assert_eq!(command.get("integration_types"), None, "{command}");
    }
    stop(&double, bot).await;

    let settings = [("FOOTNOTE__DISCORD__GUILDS", guild.as_str())];
    let bot = place.start_with(&double, &settings).await;
    bot.logged(&format!("commands are registered already: server {GUILD}"))
        .await;
    stop(&double, bot).await;

    let bot = place.start(&double).await;
    bot.logged("commands registered: everywhere").await;
    assert_eq!((names(None), names(Some(GUILD))), (all, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_say_in_plain_words_what_they_are_for() {
    let double = Double::start(setup()).await;
    let place = Place::bundled();
    let _bot = place.start(&double).await;
    let commands = double.commands(None);
    let names: Vec<&str> = commands
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "ask",
            "service",
            "control",
            "compare",
            "matrix",
            "Find in notes",
            "quiz",
            "notes",
            "quiz-admin",
            "privacy",
            "help"
        ]
    );
    for command in &commands {
        let name = &command["name"];
        if name == "notes" || name == "quiz-admin" {
            let manage = permission::MANAGE_GUILD.to_string();
            assert_eq!(command["default_member_permissions"], manage);
            assert_eq!(command["contexts"], json!([0]));
            assert_eq!(command["integration_types"], json!([0]));
        } else {
            assert!(command["default_member_permissions"].is_null(), "{name}");
            assert_eq!(command["contexts"], json!([0, 1, 2]), "{name}");
            assert_eq!(command["integration_types"], json!([0, 1]), "{name}");
        }
        described(command);
    }
    let completed: Vec<String> = commands
        .iter()
        .flat_map(|command| {
            let options = command["options"].as_array().into_iter().flatten();
            options
                .filter(|option| option["autocomplete"] == true)
                .map(|option| format!("{} {}", command["name"], option["name"]).replace('"', ""))
        })
        .collect();
    assert_eq!(
        completed,
        [
            "ask question",
            "service name",
            "service control",
            "control name",
            "compare first",
            "compare second",
            "compare control"
        ]
    );
}

/// Every command and option says what it is, short, like a sentence.
fn described(definition: &Value) {
    // An entry of the message menu is its own description.
    if definition["type"] != 3 {
        let name = &definition["name"];
        let text = definition["description"].as_str().unwrap();
        assert!((5..=100).contains(&text.chars().count()), "{name}: {text}");
        assert!(text.starts_with(char::is_uppercase), "{name}: {text}");
        assert!(
            !text.ends_with('.') && !text.contains(['`', '*']),
            "{name}: {text}"
        );
    }
    for option in definition["options"].as_array().into_iter().flatten() {
        described(option);
    }
}
