//! What goes wrong between the bot and Discord's REST interface: each fault
//! ends in an answer or in one clear line of the log, never in two answers.

use std::time::{Duration, Instant};

use serde_json::json;

use super::process::{Bot, Place, setup};
use crate::double::Double;
use crate::double::faults::{Fault, RetryAfter};
use crate::double::setup::{ALICE, APPLICATION, BOB, GENERAL, GUILD, Id, QUIZ, permission};
use crate::double::world::id_in;

const CALLBACK: &str = "POST interactions/*/*/callback";
const MESSAGE: &str = "POST channels/*/messages";
const REGISTER: &str = "PUT applications/*/commands";

/// Retry-After as it should never be; the time to wait is then the bot's own choice.
const ODD: [&str; 5] = ["-1", "NaN", "inf", "soon", "Wed, 21 Oct 2026 07:28:00 GMT"];

fn limited(retry: &'static str, global: bool) -> Fault {
    let retry = RetryAfter::Header(retry);
    Fault::Limited { retry, global }
}

fn refused(status: u16, code: u64) -> Fault {
    Fault::Refused { status, code }
}

/// A Discord where nobody asks too much, and the bot in it.
async fn start() -> (Double, Place, Bot) {
    let double = Double::start(setup()).await;
    let place = Place::bundled();
    let mut command = place.command(&double, &["run"]);
    command.env("FOOTNOTE__LIMITS__ASKS_PER_USER", "1000");
    command.env("FOOTNOTE__LIMITS__ASKS_PER_GUILD", "1000");
    let bot = Bot::spawn(command);
    double.ready().await;
    (double, place, bot)
}

/// Somebody asks by command and gets an answer.
async fn asks(double: &Double) -> Duration {
    let asked = double
        .as_user(ALICE)
        .slash("ask", &json!({"question": "is sqs encrypted on the wire?"}));
    let text = asked.shown().await.text();
    assert!(text.contains("Encryption in transit"), "{text}");
    asked.callback().await.elapsed
}

/// Somebody mentions the bot and gets an answer.
async fn mentions(double: &Double) {
    let said = double.as_user(BOB).say(&format!(
        "{} is sqs encrypted on the wire?",
        Double::mention()
    ));
    let text = said.answer().await.text();
    assert!(text.contains("Encryption in transit"), "{text}");
}

/// Messages of the bot in a channel, those of interactions apart.
fn messages(double: &Double, channel: Id) -> usize {
    double.look(|world| {
        let of_bot = world.messages.values().filter(|stored| {
            stored.channel == channel
                && stored.json["webhook_id"].is_null()
                && id_in(&stored.json["author"]["id"]) == Some(APPLICATION)
        });
        of_bot.count()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_a_command_survives_what_happens_once() {
    let (double, _place, bot) = start().await;
    let mut faults = vec![
        limited("0.2", false),
        limited("0.2", true),
        Fault::Limited {
            retry: RetryAfter::Missing,
            global: false,
        },
        Fault::Html(500),
        Fault::Html(502),
        Fault::Html(503),
        Fault::Reset,
        Fault::ReplyLost,
        Fault::HtmlAfter(502),
        Fault::Garbage,
        Fault::OddHeaders,
        Fault::Delay(Duration::from_secs(2)),
    ];
    faults.extend(ODD.map(|odd| limited(odd, false)));
    for fault in faults {
        double.fail(CALLBACK, 1, fault.clone());
        let elapsed = asks(&double).await;
        assert!(
            elapsed < Duration::from_millis(2_500),
            "{fault:?}: {elapsed:?}"
        );
    }
    let (code, log) = bot.stop();
    assert_eq!(code, 0);
    for never in ["panic", "could not be told", "answered already"] {
        assert!(!log.contains(never), "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_cannot_be_given_is_one_line_of_the_log_and_nothing_else_stops() {
    let (double, _place, bot) = start().await;
    for (fault, line) in [
        (Fault::Html(500), "Discord answered with status 500"),
        (
            limited("3600", false),
            "rate limited by Discord; come back in 300.0 s",
        ),
        (refused(401, 50_027), "status 401, code 50027"),
        (refused(403, 50_013), "status 403, code 50013"),
        (refused(404, 10_003), "status 404, code 10003"),
    ] {
        double.fail(CALLBACK, 100, fault);
        let before = double.requests(CALLBACK).len();
        let since = Instant::now();
        double.as_user(ALICE).slash("help", &json!({}));
        bot.logged(line).await;
        assert!(since.elapsed() < Duration::from_secs(3), "{line}");
        let tries = double.requests(CALLBACK).len() - before;
        assert!((1..=3).contains(&tries), "{tries} tries: {line}");
        assert_eq!(bot.log().matches(line).count(), 1, "{}", bot.log());
        double.mend();
        asks(&double).await;
    }
    // A click that Discord has given up on, or that was answered by another
    // process, is nobody's fault.
    for (code, line) in [
        (10_062, "Discord had stopped waiting for the answer"),
        (40_060, "the interaction had been answered already"),
    ] {
        double.fail(CALLBACK, 1, refused(400, code));
        double.as_user(ALICE).slash("help", &json!({}));
        bot.logged(line).await;
    }
    asks(&double).await;
    assert_eq!(bot.stop().0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mention_is_answered_once_whatever_happens_once() {
    let (double, _place, bot) = start().await;
    let faults = [
        limited("0.2", false),
        limited("0.2", true),
        Fault::Limited {
            retry: RetryAfter::Missing,
            global: true,
        },
        limited("NaN", false),
        limited("Wed, 21 Oct 2026 07:28:00 GMT", true),
        Fault::Html(500),
        Fault::Html(502),
        Fault::Html(503),
        Fault::Reset,
        Fault::ReplyLost,
        Fault::HtmlAfter(502),
        Fault::Garbage,
        Fault::OddHeaders,
        Fault::Delay(Duration::from_millis(500)),
    ];
    let asked = faults.len();
    for fault in faults {
        double.fail(MESSAGE, 1, fault);
        mentions(&double).await;
    }
    // Later than any repetition: the bot speaks once at a time in a channel.
    mentions(&double).await;
    assert_eq!(messages(&double, GENERAL), asked + 1);
    let sent = double.requests(MESSAGE);
    assert!(sent.len() <= 2 * asked, "{}", sent.len());
    for request in sent {
        assert!(request.body["nonce"].is_string(), "{}", request.body);
        assert_eq!(request.body["enforce_nonce"], true);
    }
    let (code, log) = bot.stop();
    assert_eq!(code, 0);
    assert!(!log.contains("panic"), "{log}");
    assert!(!log.contains("could not be told"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_storm_of_refusals_few_requests_are_made_and_commands_work() {
    let (double, _place, bot) = start().await;
    double.fail(MESSAGE, 1_000, limited("soon", false));
    let before = Instant::now();
    for number in 1..=10 {
        double
            .as_user(BOB)
            .say(&format!("{} what about sqs {number}", Double::mention()));
    }
    bot.logged("Discord could not be told: rate limited").await;
    asks(&double).await;
    let made = double.requests(MESSAGE).len();
    // A wait of one second, then two, four and so on.
    assert!(made <= 6, "{made} within {:?}", before.elapsed());

    // Somewhere else the channel's limit does not matter, the global one does.
    double.mend();
    double.fail(MESSAGE, 1, limited("3600", true));
    let said = format!("{} and sns?", Double::mention());
    double.as_user(BOB).in_channel(QUIZ).say(&said);
    bot.logged("come back in 300.0 s").await;
    let made = double.requests(MESSAGE).len();
    let said = double.as_user(BOB).in_dm().say("and sns?");
    said.silence(double.as_user(ALICE).slash("help", &json!({})))
        .await;
    assert_eq!(double.requests(MESSAGE).len(), made);
    assert!(asks(&double).await < Duration::from_secs(1));
    assert_eq!(bot.stop().0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_bot_may_not_write_the_log_says_so_once_a_channel() {
    let (double, _place, bot) = start().await;
    let forbid = |bits| {
        double.change_setup(|setup| {
            let guild = setup
                .guilds
                .iter_mut()
                .find(|guild| guild.id == GUILD)
                .unwrap();
            let channel = guild
                .channels
                .iter_mut()
                .find(|one| one.id == GENERAL)
                .unwrap();
            channel.denied_to_bot = bits;
        });
    };
    forbid(permission::SEND_MESSAGES);
    let ask = format!("{} is sqs encrypted?", Double::mention());
    let line = "the bot may not write there; give it View Channel, Send Messages";
    double.as_user(BOB).say(&ask);
    bot.logged(line).await;
    for _ in 0..3 {
        double.as_user(BOB).say(&ask);
    }
    double
        .until("four tries", |world| {
            let tries = world.requests.iter();
            let tries = tries.filter(|one| one.is_for("POST", "channels/*/messages"));
            (tries.count() == 4).then_some(())
        })
        .await;
    // In another channel, and by command in this one, people get their answer.
    let said = double.as_user(BOB).in_channel(QUIZ).say(&ask);
    assert!(said.answer().await.text().contains("Amazon SQS"));
    asks(&double).await;
    assert_eq!(bot.log().matches(line).count(), 1, "{}", bot.log());
    assert_eq!(bot.log().matches("WARN").count(), 1, "{}", bot.log());

    // A channel that is gone, by the time of the answer.
    double.fail(MESSAGE, 1, refused(404, 10_003));
    double.as_user(BOB).in_channel(QUIZ).say(&ask);
    bot.logged("a question was not answered: the channel is gone")
        .await;

    forbid(0);
    mentions(&double).await;
    assert_eq!(bot.stop().0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_are_registered_as_soon_as_discord_takes_them() {
    let double = Double::start(crate::double::setup::Setup {
        patience: Duration::from_secs(20),
        ..setup()
    })
    .await;
    double.fail(REGISTER, 1, limited("0.2", false));
    double.fail(REGISTER, 1, Fault::Html(502));
    double.fail(REGISTER, 1, Fault::Reset);
    double.fail(REGISTER, 1, Fault::ReplyLost);
    let place = Place::bundled();
    let bot = Bot::spawn(place.command(&double, &["run"]));
    bot.logged("commands are not registered yet (everywhere)")
        .await;
    bot.logged("commands registered: everywhere").await;
    asks(&double).await;
    assert_eq!(double.requests(REGISTER).len(), 5);
    assert_eq!(bot.stop().0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_registration_is_told_once_and_mentions_are_answered() {
    for (fault, line) in [
        (
            refused(403, 50_001),
            "`footnote invite` prints the right link",
        ),
        (
            refused(400, 50_035),
            "commands were not registered (everywhere): Discord refused",
        ),
        (
            limited("3600", false),
            "commands are not registered yet (everywhere): rate limited",
        ),
    ] {
        let double = Double::start(setup()).await;
        double.fail(REGISTER, 100, fault);
        let place = Place::bundled();
        let bot = Bot::spawn(place.command(&double, &["run"]));
        bot.logged(line).await;
        mentions(&double).await;
        assert_eq!(double.requests(REGISTER).len(), 1);
        assert_eq!(bot.log().matches("registered").count(), 1, "{}", bot.log());
        assert_eq!(bot.stop().0, 0);
    }
}
