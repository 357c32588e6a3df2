//! What the double does to a bot on purpose: stops on the way, outages, faults
//! by chance, limits, and moderators.

use std::time::{Duration, Instant};

use jiff::fmt::rfc2822::DateTimeParser;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::double::Double;
use crate::double::faults::{Chance, Fault};
use crate::double::hooks::Moment;
use crate::double::outage::Outage;
use crate::double::setup::{ADMIN, ALICE, DM, GENERAL, QUIZ, Setup, permission};
use crate::double::town;
use crate::double_rules::{plain, request};

const MESSAGE: &str = "POST channels/*/messages";

fn messages(channel: u64) -> String {
    format!("channels/{channel}/messages")
}

/// A message with an enforced nonce.
fn once(nonce: &str) -> Value {
    let mut body = plain("once");
    body["nonce"] = json!(nonce);
    body["enforce_nonce"] = json!(true);
    body
}

/// Sends a message; gives the status and Discord's code, 0 for none.
async fn send(double: &Double, channel: u64, body: &Value) -> (u16, u64) {
    let (status, reply) = request(double, "POST", &messages(channel), body).await;
    (status, reply["code"].as_u64().unwrap_or(0))
}

/// How many messages anybody can see.
fn seen(double: &Double) -> usize {
    double.look(|world| {
        let all = world.messages.values();
        all.filter(|stored| !stored.deleted).count()
    })
}

/// Sends a message and gives up, as a bot that is killed does, when `until` is over.
async fn abandoned(double: &Double, body: &Value, until: impl Future<Output = ()>) {
    tokio::select! {
        _ = send(double, GENERAL, body) => panic!("the request was answered"),
        () = until => {}
    }
}

#[tokio::test]
async fn an_enforced_nonce_is_remembered_for_some_minutes_and_everywhere() {
    let double = Double::start(Setup::default()).await;
    let body = once("q1");
    let id = async |channel| {
        let reply = request(&double, "POST", &messages(channel), &body).await;
        reply.1["id"].clone()
    };
    let first = id(GENERAL).await;
    // It is the author's, not the channel's.
    assert_eq!(id(QUIZ).await, first);
    double.forget_nonces();
    assert_ne!(id(GENERAL).await, first);

    let short = Setup {
        nonce_window: Duration::ZERO,
        ..Setup::default()
    };
    double.change_setup(|setup| *setup = short);
    id(GENERAL).await;
    assert_eq!(seen(&double), 3);
}

#[tokio::test]
async fn what_somebody_deletes_is_gone() {
    let double = Double::start(Setup::default()).await;
    let path = messages(GENERAL);
    let (_, sent) = request(&double, "POST", &path, &once("q1")).await;
    let id: u64 = sent["id"].as_str().unwrap().parse().unwrap();
    let one = format!("{path}/{id}");
    double.delete_message(id);
    let edited = request(&double, "PATCH", &one, &plain("later")).await;
    assert_eq!((edited.0, &edited.1["code"]), (404, &json!(10_008)));
    assert_eq!(send(&double, GENERAL, &once("q1")).await, (404, 10_008));
    let left = request(&double, "GET", &path, &Value::Null).await;
    assert_eq!(left, (200, json!([])));

    double.delete_channel(GENERAL);
    for (method, path) in [("POST", &path), ("GET", &path), ("PATCH", &one)] {
        let refused = request(&double, method, path, &plain("x")).await;
        assert_eq!((refused.0, &refused.1["code"]), (404, &json!(10_003)));
    }
    assert_eq!(send(&double, QUIZ, &plain("x")).await, (200, 0));
}

#[tokio::test]
async fn an_edit_keeps_what_it_does_not_name_and_is_counted() {
    let double = Double::start(Setup::default()).await;
    let mut body = plain("before");
    body["embeds"] = json!([{"title": "kept"}]);
    let (_, sent) = request(&double, "POST", &messages(GENERAL), &body).await;
    let id = sent["id"].as_str().unwrap();
    let one = format!("{}/{id}", messages(GENERAL));
    for text in ["between", "after"] {
        request(&double, "PATCH", &one, &plain(text)).await;
    }
    let shown = double.message(id.parse().unwrap());
    assert_eq!((shown.text().as_str(), shown.edits), ("after\nkept", 2));
}

#[tokio::test]
async fn each_permission_is_asked_for_what_needs_it() {
    let double = Double::start(Setup::default()).await;
    let mut card = plain("");
    card["embeds"] = json!([{"title": "a card"}]);
    for (denied, text, embed, list) in [
        (0, 0, 0, 200),
        (permission::EMBED_LINKS, 0, 50_013, 200),
        (permission::SEND_MESSAGES, 50_013, 50_013, 200),
        (permission::VIEW_CHANNEL, 50_001, 50_001, 403),
        (permission::READ_MESSAGE_HISTORY, 0, 0, 200),
    ] {
        double.deny(GENERAL, denied);
        assert_eq!(
            send(&double, GENERAL, &plain("x")).await.1,
            text,
            "{denied}"
        );
        assert_eq!(send(&double, GENERAL, &card).await.1, embed, "{denied}");
        let listed = request(&double, "GET", &messages(GENERAL), &Value::Null).await;
        assert_eq!(listed.0, list, "{denied}");
    }
}

#[tokio::test]
async fn history_is_read_in_pages_newest_first() {
    let double = Double::start(Setup::default()).await;
    let mut ids = Vec::new();
    for number in 0..5 {
        let body = plain(&number.to_string());
        let (_, sent) = request(&double, "POST", &messages(GENERAL), &body).await;
        ids.push(sent["id"].as_str().unwrap().to_owned());
    }
    let (first, last) = (&ids[0], &ids[4]);
    for (query, wanted) in [
        (String::new(), "43210"),
        ("?limit=2".to_owned(), "43"),
        (format!("?limit=2&after={first}"), "21"),
        (format!("?limit=2&before={last}"), "32"),
        (format!("?after={last}"), ""),
    ] {
        let path = format!("{}{query}", messages(GENERAL));
        let (_, shown) = request(&double, "GET", &path, &Value::Null).await;
        let texts = shown.as_array().unwrap().iter();
        let texts: String = texts.map(|one| one["content"].as_str().unwrap()).collect();
        assert_eq!(texts, wanted, "{query}");
    }
    let path = format!("{}?limit=101", messages(GENERAL));
    assert_eq!(request(&double, "GET", &path, &Value::Null).await.0, 400);
}

#[tokio::test]
async fn direct_messages_reach_those_who_take_them() {
    let double = Double::start(Setup::default()).await;
    let open = async |person: u64| {
        let body = json!({"recipient_id": person.to_string()});
        request(&double, "POST", "users/@me/channels", &body).await
    };
    let (status, channel) = open(ADMIN).await;
    assert_eq!(
        (status, &channel["id"]),
        (200, &json!((DM + ADMIN).to_string()))
    );
    assert_eq!(send(&double, DM + ADMIN, &plain("x")).await, (200, 0));
    double.close_dms(ALICE);
    assert_eq!(open(ALICE).await.0, 200);
    assert_eq!(send(&double, DM + ALICE, &plain("x")).await, (403, 50_007));
    assert_eq!(open(1).await.0, 400);
}

#[tokio::test]
async fn a_town_has_many_guilds_where_the_bot_may_post() {
    let double = Double::start(Setup::town(2_500, 20)).await;
    for at in [0, 1_249, 2_499] {
        assert_eq!(
            send(&double, town::channel(at), &plain("x")).await,
            (200, 0)
        );
    }
    assert_eq!(
        send(&double, town::channel(2_500), &plain("x")).await.1,
        10_003
    );
    double.throw_out(town::guild(7));
    assert_eq!(
        send(&double, town::channel(7), &plain("x")).await,
        (403, 50_001)
    );
}

#[tokio::test]
async fn more_requests_a_second_than_allowed_are_refused_and_counted() {
    let double = Double::start(Setup::default()).await;
    double.limit_all(5);
    let since = Instant::now();
    let mut refused = 0;
    for _ in 0..8 {
        let (status, _) = request(&double, "POST", &messages(GENERAL), &plain("x")).await;
        refused += usize::from(status == 429);
    }
    assert!(since.elapsed() < Duration::from_secs(1), "too slow to tell");
    assert_eq!((refused, double.refused_by_limit()), (3, 3));
    assert_eq!((seen(&double), double.busiest_second()), (5, 8));
    // Answers to interactions do not count.
    let callback = json!({"type": 4, "data": plain("hi")});
    let answered = request(&double, "POST", "interactions/1/x/callback", &callback).await;
    assert_eq!(answered.0, 404);
}

#[tokio::test]
async fn discord_may_have_another_time() {
    let double = Double::start(Setup::default()).await;
    for hours in [0, 3, -3] {
        let ahead = SignedDuration::from_hours(hours);
        double.set_ahead(ahead);
        let reply = reqwest::get(format!("{}/api/v10/gateway", double.url()))
            .await
            .unwrap();
        let date = reply.headers()["date"].to_str().unwrap();
        let date = DateTimeParser::new().parse_timestamp(date).unwrap();
        let off = date.duration_since(Timestamp::now() + ahead);
        assert!(off.abs() < SignedDuration::from_secs(3), "{hours}: {off:?}");
    }
    double.take_violations();
}

#[tokio::test]
async fn an_outage_begins_and_ends() {
    let mut double = Double::start(Setup::default()).await;
    assert_eq!(send(&double, GENERAL, &plain("x")).await, (200, 0));
    double.begin_outage(Outage::Unavailable(503)).await;
    assert_eq!(send(&double, GENERAL, &plain("x")).await, (503, 0));
    double.end_outage();
    assert_eq!(send(&double, GENERAL, &plain("x")).await, (200, 0));

    // A connection that is open, and one that is not there yet.
    let client = reqwest::Client::new();
    let gateway = format!("{}/api/v10/gateway", double.url());
    assert!(client.get(&gateway).send().await.is_ok());
    double.begin_outage(Outage::Refused).await;
    for _ in 0..2 {
        let error = client.get(&gateway).send().await.unwrap_err();
        assert!(error.is_connect() || error.is_request(), "{error:?}");
    }
    let fresh = reqwest::get(&gateway).await.unwrap_err();
    assert!(fresh.is_connect(), "{fresh:?}");
    double.end_outage();
    assert!(client.get(&gateway).send().await.is_ok());
    assert_eq!(seen(&double), 2);
    double.take_violations();
}

#[tokio::test]
async fn faults_by_chance_have_their_shares_and_repeat_with_their_seed() {
    let run = async |seed| {
        let double = Double::start(Setup::for_load()).await;
        double.fail_by_chance(Chance::hard(seed));
        let client = reqwest::Client::new();
        let mut met = String::new();
        for _ in 0..400 {
            let sent = client
                .post(format!("{}/api/v10/{}", double.url(), messages(GENERAL)))
                .header("authorization", format!("Bot {}", double.token()))
                .header("content-type", "application/json")
                .body(plain("x").to_string())
                .send();
            met.push(match sent.await.map(|reply| reply.status().as_u16()) {
                Ok(200) => '.',
                Ok(429) => 'l',
                Ok(502) => 'p',
                Ok(_) => '?',
                Err(_) => 'x',
            });
        }
        (met, seen(&double))
    };
    let (met, made) = run(7).await;
    let share = |of: char| met.matches(of).count();
    assert!((16..=56).contains(&share('l')), "{met}");
    assert!((20..=64).contains(&share('p')), "{met}");
    assert!((44..=104).contains(&share('x')), "{met}");
    assert_eq!(share('?'), 0);
    // A page comes after the effect; of connections some end before, some after.
    let before = 400 - share('l') - made;
    assert!((12..=56).contains(&before), "{before} {met}");
    assert_eq!(run(7).await, (met.clone(), made));
    assert_ne!(run(8).await.0, met);
}

#[tokio::test]
async fn a_request_that_is_caught_on_arrival_has_no_effect_unless_it_is_released() {
    let double = Double::start(Setup::default()).await;
    for (is_released, made) in [(false, 0), (true, 1)] {
        let caught = double.catch(MESSAGE, Moment::Arrived);
        abandoned(&double, &plain("x"), async {
            assert!(!caught.is_reached() || seen(&double) == 0);
            assert_eq!(caught.reached().await.body["content"], "x");
        })
        .await;
        assert_eq!(seen(&double), 0);
        // Whoever sent it is gone. Discord may get to it all the same.
        if is_released {
            caught.release();
        } else {
            caught.lose();
        }
        let requests = made + 1;
        double
            .until("the request", |world| {
                (world.requests.len() == requests).then_some(())
            })
            .await;
        assert_eq!(seen(&double), made);
    }
    // One stop catches one request.
    assert_eq!(send(&double, GENERAL, &plain("x")).await, (200, 0));
}

#[tokio::test]
async fn a_request_that_is_caught_when_processed_has_its_effect() {
    let double = Double::start(Setup::default()).await;
    // Faults that keep it from being processed come first.
    double.fail(MESSAGE, 1, Fault::Html(500));
    let caught = double.catch(MESSAGE, Moment::Processed);
    assert_eq!(send(&double, GENERAL, &plain("x")).await.0, 500);
    assert!(!caught.is_reached());
    abandoned(&double, &plain("x"), async {
        caught.reached().await;
        assert_eq!(seen(&double), 1);
    })
    .await;
    drop(caught);

    let caught = double.catch(MESSAGE, Moment::Answered);
    assert_eq!(send(&double, GENERAL, &plain("x")).await, (200, 0));
    caught.reached().await;
}
