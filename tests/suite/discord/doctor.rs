//! `footnote doctor` and `footnote invite`: what keeps the bot from working.

use std::fs;
use std::path::Path;

use footnote::store::{Condition, Store};
use serde_json::{Value, json};

use super::process::{Place, setup};
use crate::double::Double;
use crate::double::faults::Fault;
use crate::double::setup::{
    APPLICATION, BOT_ROLE, ELSEWHERE, FOREIGN, GENERAL, GUILD, QUIZ, permission,
};
use crate::harness::{Run, run};

const NOTE: (&str, &str) = ("soup.md", "# Soup\n\nLeek soup needs potatoes.\n");

/// Runs a command in a folder; waits beside the double, not instead of it.
async fn footnote(place: &Place, double: &Double, arguments: &[&str]) -> Run {
    with(place, double, arguments, &[]).await
}

/// The same with environment variables.
async fn with(
    place: &Place,
    double: &Double,
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> Run {
    let mut command = place.command(double, arguments);
    command.envs(environment.iter().copied());
    let run = tokio::task::spawn_blocking(move || run(&mut command, ""))
        .await
        .unwrap();
    assert!(!format!("{run:?}").contains(&double.token()));
    run
}

/// Asserts that a report has a line with this beginning and this in it.
#[track_caller]
fn says(run: &Run, beginning: &str, part: &str) {
    let mut lines = run.stdout.lines();
    let found = lines.any(|line| line.starts_with(beginning) && line.contains(part));
    assert!(found, "no line {beginning:?} with {part:?}: {run:#?}");
}

/// Files of a folder with their contents.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().unwrap().is_file())
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect();
    files.sort();
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_works_is_called_well_and_nothing_is_touched() {
    let double = Double::start(setup()).await;
    let place = Place::bundled();

    let before = footnote(&place, &double, &["doctor"]).await;
    assert_eq!(before.code, 0, "{before:#?}");
    says(&before, "ok     store: ", "is made at the first start");
    says(&before, "look   commands: ", "none are registered yet");
    assert_eq!(contents(&place.path("")), []);

    let bot = place.start(&double).await;
    bot.logged("commands registered").await;
    let channel = GENERAL.to_string();
    let during = footnote(&place, &double, &["doctor", "--channel", &channel]).await;
    assert_eq!(during.code, 0, "{during:#?}");
    says(
        &during,
        "ok     configuration: ",
        "FOOTNOTE__DISCORD__API_URL",
    );
    says(&during, "ok     notes: ", "lint finds nothing wrong");
    says(
        &during,
        "ok     store: ",
        "in use by a running bot, which is fine",
    );
    says(&during, "ok     token: ", "in DISCORD_TOKEN");
    says(
        &during,
        "ok     token: ",
        &format!("Footnote, application {APPLICATION}"),
    );
    says(&during, "ok     application: ", "set up as it should be");
    says(
        &during,
        "ok     gateway: ",
        "1000 of 1000 sessions left today",
    );
    says(&during, "ok     clock: ", "agrees");
    says(&during, "ok     disk: ", " MiB are free");
    says(&during, "ok     listener: ", "nothing listens");
    says(&during, "ok     time zones: ", "part of the program");
    let registered = format!("{} commands registered", double.commands(None).len());
    says(&during, "ok     commands: ", &registered);
    says(
        &during,
        "ok     servers: ",
        "the bot is on 1: Platform team",
    );
    says(&during, "ok     channel: ", "#general on Platform team");
    assert!(
        during
            .stdout
            .ends_with("14 checks: 0 wrong, 0 to look at\n")
    );
    assert_eq!(bot.stop().0, 0);

    let files = contents(&place.path(""));
    let so_far = double.look(|world| world.requests.len());
    let after = footnote(&place, &double, &["doctor", "--json"]).await;
    let report: Value = serde_json::from_str(&after.ok()).unwrap();
    assert_eq!(report["fine"], true);
    assert_eq!(
        report["findings"][2],
        json!({
            "verdict": "ok", "subject": "store",
            "what": "sqlite:footnote.db can be used", "remedy": null,
        })
    );
    assert_eq!(contents(&place.path("")), files);
    double.look(|world| {
        let asked = || world.requests.iter().skip(so_far);
        assert!(asked().count() > 3 && asked().all(|request| request.method == "GET"));
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_good_token_the_rest_is_still_looked_at() {
    let double = Double::start(setup()).await;
    let place = Place::with_notes(&[("soup.md", "---\nkind: servise\n---\n# Soup\n")]);
    let token_file = place.path("token");

    let none = with(&place, &double, &["doctor"], &[("DISCORD_TOKEN", " ")]).await;
    assert_eq!(none.code, 1);
    says(&none, "wrong  notes: ", "footnote lint says what to do");
    says(&none, "ok     store: ", "first start");
    says(&none, "wrong  token: ", "DISCORD_TOKEN is empty");
    assert!(none.stdout.ends_with("7 checks: 2 wrong, 0 to look at\n"));

    let other = [("DISCORD_TOKEN", "not.the.right-one")];
    let refused = with(&place, &double, &["doctor"], &other).await;
    assert_eq!(refused.code, 1);
    says(
        &refused,
        "wrong  token: ",
        "Discord refused the bot's token",
    );
    assert!(!refused.stdout.contains("right-one"), "{refused:?}");
    // The token is no good, as it should be.
    assert_eq!(double.take_violations().len(), 1);

    fs::write(&token_file, double.token()).unwrap();
    set_mode(&token_file, 0o644);
    let mut command = place.command(&double, &["doctor"]);
    command
        .env_remove("DISCORD_TOKEN")
        .env("FOOTNOTE__DISCORD__TOKEN_FILE", &token_file);
    let open = tokio::task::spawn_blocking(move || run(&mut command, ""))
        .await
        .unwrap();
    says(&open, "look   token: ", "run chmod 600 ");
    says(&open, "ok     token: ", "Discord accepts it");
}

fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_network_the_rest_is_still_looked_at() {
    let double = Double::start(setup()).await;
    let place = Place::with_notes(&[NOTE]);
    // Nothing listens on a port that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nowhere = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let environment = [("FOOTNOTE__DISCORD__API_URL", nowhere.as_str())];

    let alone = with(&place, &double, &["doctor"], &environment).await;
    assert_eq!(alone.code, 1);
    says(&alone, "ok     notes: ", "1 note with 1 section");
    says(
        &alone,
        "wrong  network: cannot reach Discord: ",
        "check the network",
    );

    let invitation = with(&place, &double, &["invite"], &environment).await;
    assert!(
        invitation
            .wrong()
            .starts_with("footnote: cannot reach Discord: ")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrongly_set_up_application_is_explained() {
    let mut world = setup();
    world.identifies_left = 40;
    world.application = vec![
        ("interactions_endpoint_url", json!("https://other.example/")),
        ("bot_public", json!(true)),
        ("bot_require_code_grant", json!(true)),
        ("flags", json!((1 << 19) | (1 << 14))),
        ("name", json!("Foot\u{1b}[31mnote")),
        ("integration_types_config", json!({"1": {}})),
    ];
    let double = Double::start(world).await;
    let place = Place::with_notes(&[NOTE]);

    let run = footnote(&place, &double, &["doctor"]).await;
    assert_eq!(run.code, 1);
    let application = "application: ";
    says(
        &run,
        &format!("wrong  {application}"),
        "clear it under General Information",
    );
    says(
        &run,
        &format!("wrong  {application}"),
        "switch on Guild Install",
    );
    says(
        &run,
        &format!("wrong  {application}"),
        "Requires OAuth2 Code Grant is on",
    );
    says(
        &run,
        &format!("look   {application}"),
        "Server Members, Message Content",
    );
    says(
        &run,
        &format!("look   {application}"),
        "everybody may add the bot",
    );
    says(&run, "wrong  gateway: ", "only 40 of 1000 sessions left");
    assert!(!run.stdout.contains('\u{1b}'));
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_and_commands_are_held_against_the_configuration() {
    let double = Double::start(setup()).await;
    let place = Place::with_notes(&[NOTE]);
    let guilds = format!("{GUILD},{ELSEWHERE}");
    let environment = [("FOOTNOTE__DISCORD__GUILDS", guilds.as_str())];

    let run = with(&place, &double, &["doctor"], &environment).await;
    assert_eq!(run.code, 1);
    says(
        &run,
        "look   commands: ",
        &format!("none are registered yet on server {GUILD}"),
    );
    says(
        &run,
        "wrong  servers: ",
        &format!("not on server {ELSEWHERE}"),
    );
    says(&run, "ok     servers: ", "Platform team");

    double.change_setup(|setup| setup.guilds[0].has_bot = false);
    let run = footnote(&place, &double, &["doctor"]).await;
    assert_eq!(run.code, 0);
    says(&run, "look   servers: ", "footnote invite");

    double.fail("GET users/@me/guilds", 9, Fault::Html(502));
    let run = footnote(&place, &double, &["doctor"]).await;
    assert_eq!(run.code, 1);
    says(&run, "wrong  servers: ", "Discord answered with status 502");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_in_a_channel_is_named_with_the_place_to_change_it() {
    let double = Double::start(setup()).await;
    let place = Place::with_notes(&[NOTE]);
    let doctor = async |channel: u64| {
        let channel = channel.to_string();
        let run = footnote(&place, &double, &["doctor", "--channel", &channel]).await;
        assert_eq!(run.code, 1, "{run:#?}");
        run
    };

    let run = doctor(7).await;
    says(&run, "wrong  channel: ", "there is no channel 7");
    let run = doctor(FOREIGN).await;
    says(&run, "wrong  channel: ", "not on the server of channel");

    let deny = |channel: usize, denied: u64| {
        double.change_setup(|setup| setup.guilds[0].channels[channel].denied_to_bot = denied);
    };
    deny(0, permission::EMBED_LINKS | permission::ATTACH_FILES);
    let run = doctor(GENERAL).await;
    says(
        &run,
        "wrong  channel: #general on Platform team takes away from the bot: Embed Links, Attach Files — ",
        "allow it to the role Footnote in Edit Channel",
    );

    // Discord tells nothing of a channel that the bot may not see.
    deny(1, permission::VIEW_CHANNEL);
    let run = doctor(QUIZ).await;
    says(
        &run,
        "wrong  channel: #quiz ",
        "takes away from the bot: View Channels",
    );

    deny(0, 0);
    double.change_setup(|setup| {
        let role = setup.guilds[0].roles.iter_mut();
        for role in role.filter(|role| role.id == BOT_ROLE) {
            role.permissions &= !permission::ATTACH_FILES;
        }
    });
    let run = doctor(GENERAL).await;
    says(
        &run,
        "wrong  channel: in #general on Platform team the bot lacks Attach Files — ",
        "Server Settings, Roles",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_cannot_be_used_is_explained() {
    let place = Place::with_notes(&[NOTE]);
    let text = place.path("text.db");
    fs::write(&text, "leek soup, ".repeat(100)).unwrap();
    let at = |path: &Path| format!("sqlite:{}", path.display());

    let error = Store::inspect(&at(&text)).await.unwrap_err().to_string();
    assert!(error.contains("is not a database of Footnote"), "{error}");
    let error = Store::inspect(&at(&place.path("none/a.db"))).await;
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("none for the database does not exist"),
        "{error}"
    );
    assert_eq!(
        Store::inspect("sqlite::memory:").await.unwrap(),
        Condition::Memory
    );

    let fresh = place.path("fresh.db");
    fs::write(&fresh, "").unwrap();
    let condition = Store::inspect(&at(&fresh)).await.unwrap();
    assert!(matches!(condition, Condition::Ready { behind: 1.. }));

    // As after a crash: the schema stands beside the database only.
    let store = Store::open(&at(&fresh)).await.unwrap();
    assert_eq!(Store::inspect(&at(&fresh)).await.unwrap(), Condition::InUse);
    let crashed = place.path("crashed.db");
    for ending in ["", "-wal"] {
        let beside = |path: &Path| format!("{}{ending}", path.display());
        fs::copy(beside(&fresh), beside(&crashed)).unwrap();
    }
    let condition = Store::inspect(&at(&crashed)).await.unwrap();
    assert_eq!(condition, Condition::Ready { behind: 0 });
    store.close().await;
    let condition = Store::inspect(&at(&fresh)).await.unwrap();
    assert_eq!(condition, Condition::Ready { behind: 0 });
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_asks_for_the_least_and_mistakes_are_one_line() {
    let double = Double::start(setup()).await;
    let place = Place::with_notes(&[NOTE]);

    let text = footnote(&place, &double, &["invite"]).await.ok();
    let link = format!(
        "https://discord.com/oauth2/authorize?client_id={APPLICATION}&permissions={}",
        permission::BOT
    );
    let first = text.lines().next().unwrap();
    assert!(first.starts_with(&link), "{text}");
    assert!(
        first.ends_with("&scope=bot+applications.commands"),
        "{text}"
    );
    assert!(text.contains("&integration_type=1&scope=applications.commands\n"));

    double.change_setup(|setup| {
        setup.application = vec![("integration_types_config", json!({"0": {}}))];
    });
    let text = footnote(&place, &double, &["invite"]).await.ok();
    assert!(!text.contains("integration_type=1"), "{text}");

    for (token, complaint) in [
        ("", "footnote: DISCORD_TOKEN is empty"),
        (
            "not.the.right-one",
            "footnote: Discord refused the bot's token",
        ),
    ] {
        let run = with(&place, &double, &["invite"], &[("DISCORD_TOKEN", token)]).await;
        let error = run.wrong();
        assert!(error.starts_with(complaint), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
    // That of the wrong token.
    assert_eq!(double.take_violations().len(), 1);

    for arguments in [&["doctor", "--channel", "general"][..], &["doctor", "all"]] {
        footnote(&place, &double, arguments).await.wrong();
    }
}
