//! Starting and stopping, with good and bad configuration.

use std::fs;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::json;

use super::process::{Bot, Place, setup};
use crate::double::Double;
use crate::double::faults::{Fault, RetryAfter};
use crate::double::setup::{ADMIN, ALICE, BOB, GUILD, Setup};
use crate::harness::{Run, run};

/// Asserts that a start ends with code 2 and one line that says this.
#[track_caller]
fn assert_one_line(run: Run, part: &str) {
    let complaint = run.wrong();
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
    assert!(complaint.starts_with("footnote: "), "{complaint}");
    assert!(complaint.contains(part), "{part:?} is not in {complaint}");
    for never in ["panic", "Os {", "kind:", "Error"] {
        assert!(!complaint.contains(never), "{complaint}");
    }
    // A cause is told once.
    assert!(complaint.matches("os error").count() <= 1, "{complaint}");
}

/// Stands for a variable that is not there.
const UNSET: &str = "-";

/// Variables that keep the bot from starting, and what is said of them.
const BAD: &[(&[(&str, &str)], &str)] = &[
    (
        &[("DISCORD_TOKEN", UNSET)],
        "there is no bot token: set DISCORD_TOKEN",
    ),
    (&[("DISCORD_TOKEN", "")], "DISCORD_TOKEN is empty"),
    (&[("DISCORD_TOKEN", " \n")], "DISCORD_TOKEN is empty"),
    (&[("DISCORD_TOKEN", "a b")], "without quotes or blanks"),
    (
        &[("DISCORD_TOKEN", "\"quoted.like.this\"")],
        "without quotes or blanks",
    ),
    (
        &[
            ("DISCORD_TOKEN", UNSET),
            ("FOOTNOTE__DISCORD__TOKEN_FILE", "missing"),
        ],
        "cannot read the bot token from missing; check the path",
    ),
    (
        &[
            ("DISCORD_TOKEN", UNSET),
            ("FOOTNOTE__DISCORD__TOKEN_FILE", "folder"),
        ],
        "cannot read the bot token from folder; check the path",
    ),
    (
        &[
            ("DISCORD_TOKEN", UNSET),
            ("FOOTNOTE__DISCORD__TOKEN_FILE", "empty"),
        ],
        "empty is empty: put the bot token there",
    ),
    (
        &[
            ("DISCORD_TOKEN", UNSET),
            ("FOOTNOTE__DISCORD__TOKEN_FILE", "two"),
        ],
        "two does not hold a bot token: there must be one line",
    ),
    (
        &[("FOOTNOTE__DISCORD__API_URL", "discord")],
        "`discord.api_url` must be a URL",
    ),
    (
        &[("FOOTNOTE__DISCORD__API_URL", "http://proxy.example")],
        "must begin with https://, since the token is sent there",
    ),
    (
        &[("FOOTNOTE__DISCORD__API_URL", "https://proxy.example/api")],
        "must end after the host or port",
    ),
    (
        &[("FOOTNOTE__DISCORD__GUILD", "1")],
        "did you mean `discord.guilds`?",
    ),
    (
        &[("FOOTNOTE__DISCORD__GUILDS", "one")],
        "must be a list of server ids",
    ),
    (
        &[("FOOTNOTE__STORE__URL", "sqlite:nowhere/footnote.db")],
        "The folder nowhere for the database does not exist. Create it",
    ),
    (
        &[("FOOTNOTE__STORE__URL", "sqlite:folder")],
        "The database folder cannot be written. Give the user",
    ),
    (
        &[("FOOTNOTE__STORE__URL", "sqlite:text.db")],
        "is not a database of Footnote",
    ),
    (
        &[("FOOTNOTE__STORE__URL", "mysql://secret@host")],
        "Use sqlite:PATH for a file",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn bad_configuration_is_one_line_with_what_to_do() {
    let double = Double::start(setup()).await;
    let place = Place::bundled();
    let token = double.token();
    fs::write(place.path("empty"), "\n").unwrap();
    fs::write(place.path("two"), format!("{token}\n{token}\n")).unwrap();
    fs::write(
        place.path("text.db"),
        "These are words, no tables.\n".repeat(99),
    )
    .unwrap();
    fs::create_dir(place.path("folder")).unwrap();
    for &(environment, part) in BAD {
        let mut command = place.command(&double, &["run"]);
        for (name, value) in environment {
            match *value {
                UNSET => command.env_remove(name),
                value => command.env(name, value),
            };
        }
        assert_one_line(run(&mut command, ""), part);
    }
    // Nobody was asked with any of that.
    assert_eq!(double.look(|world| world.requests.len()), 0);

    let mut command = place.command(&double, &["run", "--config", "my.toml"]);
    assert_one_line(
        run(&mut command, ""),
        "cannot read the configuration my.toml; check",
    );
    fs::write(place.path("my.toml"), "[discord]\ntokn_file = \"x\"\n").unwrap();
    let mut command = place.command(&double, &["run", "--config", "my.toml"]);
    assert_one_line(
        run(&mut command, ""),
        "my.toml:2:1: there is no key `discord.tokn_file`",
    );

    let nothing = Place::with_notes(&[]);
    let mut command = nothing.command(&double, &["run"]);
    assert_one_line(run(&mut command, ""), "put files ending in .md");
    fs::remove_dir(nothing.notes()).unwrap();
    let mut command = nothing.command(&double, &["run"]);
    assert_one_line(
        run(&mut command, ""),
        "check the path, or create the folder",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_serves_one_bot_at_a_time() {
    let double = Double::start(setup()).await;
    let place = Place::bundled();
    let bot = place.start(&double).await;
    let second = run(&mut place.command(&double, &["run"]), "");
    assert_one_line(second, "Another process uses the database");
    bot.kill();
    // A crash leaves nothing behind that is in the way.
    let bot = Bot::spawn(place.command(&double, &["run"]));
    bot.logged("connected to Discord").await;
    assert_eq!(bot.stop().0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_discord_refuses_ends_with_the_remedy() {
    let double = Double::start(setup()).await;
    let place = Place::bundled();
    let mut command = place.command(&double, &["run"]);
    command.env("DISCORD_TOKEN", "odd-token");
    let (code, log) = Bot::spawn(command).ended();
    assert_eq!(code, 2);
    assert_eq!(
        log.matches("does not look like one of Discord's").count(),
        1,
        "{log}"
    );
    let last = log.lines().last().unwrap();
    assert!(
        last.starts_with("footnote: Discord refused the bot's token."),
        "{log}"
    );
    assert!(
        last.contains("https://discord.com/developers/applications"),
        "{log}"
    );
    assert_eq!(
        double.take_violations(),
        ["GET gateway/bot: no valid Authorization"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_file_that_others_can_read_is_warned_of_and_used() {
    use std::os::unix::fs::PermissionsExt as _;
    let double = Double::start(setup()).await;
    let place = Place::bundled();
    let file = place.path("token");
    fs::write(&file, format!("Bot {}\n", double.token())).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let mut command = place.command(&double, &["run"]);
    command
        .env_remove("DISCORD_TOKEN")
        .env("FOOTNOTE__DISCORD__TOKEN_FILE", &file);
    let bot = Bot::spawn(command);
    double.ready().await;
    let (code, log) = bot.stop();
    assert_eq!(code, 0);
    assert_eq!(log.matches("run chmod 600").count(), 1, "{log}");
    // With both, the variable is the one that counts.
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&file, "another.token.entirely").unwrap();
    let mut command = place.command(&double, &["run"]);
    command.env("FOOTNOTE__DISCORD__TOKEN_FILE", &file);
    let bot = Bot::spawn(command);
    bot.logged("connected to Discord").await;
    let (code, log) = bot.stop();
    assert_eq!(code, 0);
    assert!(!log.contains("WARN"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_note_and_an_unknown_server_do_not_keep_the_rest_from_working() {
    let double = Double::start(setup()).await;
    let place = Place::with_notes(&[
        (
            "soup.md",
            "# Soup\n\n## Leeks\n\nLeek soup needs potatoes.\n",
        ),
        (
            "cake.md",
            "---\nkind: [service\n---\n# Cake\n\n## Butter\n\nLemon cake needs butter.\n",
        ),
    ]);
    let mut command = place.command(&double, &["run"]);
    command.env("FOOTNOTE__DISCORD__GUILDS", format!("12345,{GUILD}"));
    let bot = Bot::spawn(command);
    bot.logged(&format!("commands registered: server {GUILD}"))
        .await;
    double.ready().await;
    let (asker, question) = (
        double.as_user(ALICE),
        json!({"question": "what does leek soup need"}),
    );
    let text = asker.slash("ask", &question).shown().await.text();
    assert!(text.contains("potatoes"), "{text}");
    let status = double.as_user(ADMIN).slash("notes status", &json!({}));
    assert!(status.shown().await.text().contains("cake.md"));
    let (code, log) = bot.stop();
    assert_eq!(code, 0);
    let about = |part| log.lines().filter(|line| line.contains(part)).count();
    assert_eq!(about("cake.md:3"), 1, "{log}");
    assert_eq!(
        about("commands cannot be registered on server 12345"),
        1,
        "{log}"
    );
    assert!(
        log.contains("`footnote invite` prints the right link"),
        "{log}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_discord_that_is_down_at_the_start_is_waited_for() {
    let double = Double::start(setup()).await;
    // Two calls of three tries each, then one that is refused on the way.
    double.fail("GET gateway/bot", 4, Fault::Html(503));
    double.fail("GET gateway/bot", 1, Fault::Reset);
    let place = Place::bundled();
    let bot = place.start(&double).await;
    assert_eq!(
        bot.log()
            .matches("cannot ask Discord for its gateway")
            .count(),
        1
    );
    assert_eq!(bot.stop().0, 0);

    // Nothing has to be up to be told to stop.
    double.fail("GET gateway/bot", 1_000, Fault::Html(503));
    let bot = Bot::spawn(place.command(&double, &["run"]));
    bot.logged("cannot ask Discord for its gateway").await;
    let since = Instant::now();
    assert_eq!(bot.stop().0, 0);
    assert!(since.elapsed() < Duration::from_secs(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stand_in_without_gateway_bot_serves_one_shard() {
    let double = Double::start(setup()).await;
    double.fail(
        "GET gateway/bot",
        1_000,
        Fault::Refused {
            status: 404,
            code: 0,
        },
    );
    let place = Place::bundled();
    let bot = place.start(&double).await;
    double
        .as_user(ALICE)
        .slash("help", &json!({}))
        .shown()
        .await;
    let (code, log) = bot.stop();
    assert_eq!(code, 0);
    assert!(!log.contains("WARN"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_signals_end_an_idle_bot_at_once_and_it_says_goodbye() {
    for signal in [Signal::TERM, Signal::INT] {
        let double = Double::start(setup()).await;
        let place = Place::bundled();
        let bot = place.start(&double).await;
        let since = Instant::now();
        bot.signal(signal);
        double.disconnected().await;
        let (code, log) = bot.ended();
        assert_eq!(code, 0, "{log}");
        assert!(
            since.elapsed() < Duration::from_secs(1),
            "{:?}",
            since.elapsed()
        );
        assert!(log.contains("stopped"), "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_being_answered_when_the_bot_is_stopped_is_delivered() {
    let double = Double::start(setup()).await;
    double.linger();
    let place = Place::bundled();
    let bot = place.start(&double).await;
    // Discord asks both to come back in a second.
    for route in ["POST interactions/*/*/callback", "POST channels/*/messages"] {
        let retry = RetryAfter::Header("1");
        double.fail(
            route,
            1,
            Fault::Limited {
                retry,
                global: false,
            },
        );
    }
    let question = json!({"question": "is sqs encrypted on the wire?"});
    let asked = double.as_user(ALICE).slash("ask", &question);
    let said = double
        .as_user(BOB)
        .say(&format!("{} athena", Double::mention()));
    double
        .until("both first tries", |world| {
            let tries = world.requests.iter().filter(|one| one.status == 429);
            (tries.count() == 2).then_some(())
        })
        .await;
    let since = Instant::now();
    let (code, log) = bot.stop();
    assert_eq!(code, 0, "{log}");
    // Although the gateway does not say goodbye.
    assert!(
        since.elapsed() < Duration::from_secs(5),
        "{:?}",
        since.elapsed()
    );
    assert!(asked.shown().await.text().contains("Encryption in transit"));
    assert!(said.answer().await.text().contains("Athena"));
    assert!(!log.contains("not delivered"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_the_bot_at_once() {
    let double = Double::start(Setup {
        patience: Duration::from_secs(20),
        ..setup()
    })
    .await;
    double.linger();
    let place = Place::bundled();
    let bot = place.start(&double).await;
    bot.signal(Signal::TERM);
    bot.logged("told to stop; finishing").await;
    let since = Instant::now();
    bot.signal(Signal::INT);
    let (code, log) = bot.ended();
    assert_eq!(code, 1, "{log}");
    assert!(
        since.elapsed() < Duration::from_millis(500),
        "{:?}",
        since.elapsed()
    );
    assert!(log.contains("told to stop twice"), "{log}");
}
