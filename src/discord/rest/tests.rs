//! The port against a server on loopback that answers from a script.

#[path = "storm.rs"]
mod storm;

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::HeaderName;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use serenity::model::gateway::BotGateway;

use super::call::jitter;
use super::*;
use reqwest::header::HeaderMap;

/// What the server does with the next request.
#[derive(Clone)]
enum Answer {
    Json(u16, Value),
    With(u16, Vec<(&'static str, &'static str)>, &'static str),
    /// The connection is closed without a reply.
    Lost,
    /// No reply, ever.
    Silent,
}

#[derive(Debug)]
struct Seen {
    method: String,
    path: String,
    headers: HeaderMap,
    body: String,
}

impl Seen {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

#[derive(Default)]
struct Script {
    answers: Mutex<Vec<Answer>>,
    seen: Mutex<Vec<Seen>>,
}

/// A port and the script of the server behind it. When the script ends, the
/// server answers with a message.
async fn port(answers: Vec<Answer>) -> (Rest, Arc<Script>) {
    let script = Arc::new(Script {
        answers: Mutex::new(answers),
        ..Script::default()
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new()
        .fallback(answer)
        .with_state(Arc::clone(&script));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (
        Rest::new(&SecretString::from("secret.canary.token"), Some(&base)).unwrap(),
        script,
    )
}

async fn answer(State(script): State<Arc<Script>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    script.seen.lock().unwrap().push(Seen {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        headers: parts.headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    let next = {
        let mut answers = script.answers.lock().unwrap();
        if answers.is_empty() {
            message()
        } else {
            answers.remove(0)
        }
    };
    match next {
        Answer::Json(status, body) => reply(status, &[], body.to_string()),
        Answer::With(status, headers, body) => reply(status, &headers, body.to_owned()),
        // A body that fails ends the connection before the reply is whole.
        Answer::Lost => {
            let broken =
                futures_util::stream::iter([Err::<Vec<u8>, _>(std::io::Error::other("lost"))]);
            axum::body::Body::from_stream(broken).into_response()
        }
        Answer::Silent => std::future::pending().await,
    }
}

fn reply(status: u16, headers: &[(&'static str, &str)], body: String) -> Response {
    let mut response = (axum::http::StatusCode::from_u16(status).unwrap(), body).into_response();
    for (name, value) in headers {
        response
            .headers_mut()
            .insert(HeaderName::from_static(name), value.parse().unwrap());
    }
    response
}

fn message() -> Answer {
    Answer::Json(
        200,
        json!({ "id": "7", "channel_id": "5", "content": "hello" }),
    )
}

fn refusal(status: u16, code: u64) -> Answer {
    Answer::Json(status, json!({ "code": code, "message": "No" }))
}

const CHANNEL: ChannelId = ChannelId::new(5);
const APPLICATION: ApplicationId = ApplicationId::new(3);
const INTERACTION: InteractionId = InteractionId::new(9);
const SENT: Sent = Sent {
    id: MessageId::new(7),
    channel_id: CHANNEL,
};

/// The token of an interaction; no error may show it.
const TOKEN: &str = "interaction-canary";

async fn send(rest: &Rest) -> Result<Sent, RestError> {
    rest.send(CHANNEL, &json!({ "content": "hello" }), "nonce", &[])
        .await
}

async fn respond(rest: &Rest) -> Result<Acknowledged, RestError> {
    let body = json!({ "type": 4, "data": { "content": "hello" } });
    rest.respond(INTERACTION, TOKEN, &body, &[]).await
}

fn requests(script: &Script) -> usize {
    script.seen.lock().unwrap().len()
}

#[tokio::test]
async fn a_message_carries_its_nonce_and_pings_nobody() {
    let (rest, script) = port(vec![]).await;
    assert_eq!(send(&rest).await, Ok(SENT));
    let seen = script.seen.lock().unwrap().pop().unwrap();
    assert_eq!(
        (seen.method.as_str(), seen.path.as_str()),
        ("POST", "/api/v10/channels/5/messages")
    );
    let expected = json!({
        "content": "hello",
        "nonce": "nonce",
        "enforce_nonce": true,
        "allowed_mentions": { "parse": [] },
    });
    assert_eq!(seen.json(), expected);
    assert_eq!(seen.headers["authorization"], "Bot secret.canary.token");
    assert_eq!(seen.headers["content-type"], "application/json");
    let agent = seen.headers["user-agent"].to_str().unwrap();
    assert!(agent.starts_with("DiscordBot (https://"), "{agent}");
}

#[tokio::test]
async fn a_body_that_would_ping_is_not_sent() {
    let (rest, script) = port(vec![]).await;
    let body = json!({ "content": "@everyone", "allowed_mentions": { "parse": ["everyone"] } });
    let error = rest.send(CHANNEL, &body, "nonce", &[]).await.unwrap_err();
    assert!(matches!(error, RestError::Unsendable(_)) && error.surely_not_done());
    assert_eq!(requests(&script), 0);
}

#[tokio::test]
async fn files_travel_as_a_form_with_their_description() {
    let (rest, script) = port(vec![]).await;
    let file = |name: &str| File {
        name: name.to_owned(),
        bytes: b"bytes".to_vec(),
        alt: Some("Alt".to_owned()),
    };
    let files = [file("a.png"), file("b.csv")];
    let body = json!({ "content": "x" });
    rest.edit_original(APPLICATION, TOKEN, &body, &files)
        .await
        .unwrap();
    let seen = script.seen.lock().unwrap().pop().unwrap();
    assert_eq!(
        seen.path,
        format!("/api/v10/webhooks/3/{TOKEN}/messages/@original")
    );
    assert!(
        seen.headers["content-type"]
            .to_str()
            .unwrap()
            .starts_with("multipart/form-data")
    );
    for part in [
        "payload_json",
        "files[0]",
        "files[1]",
        "a.png",
        "b.csv",
        r#""description":"Alt""#,
    ] {
        assert!(seen.body.contains(part), "{part}: {}", seen.body);
    }
}

#[tokio::test]
async fn a_send_of_unknown_outcome_is_repeated_with_the_same_nonce() {
    let bad_body = Answer::With(200, vec![], "<html>");
    let (rest, script) = port(vec![Answer::Lost, bad_body]).await;
    assert_eq!(send(&rest).await, Ok(SENT));
    let seen = script.seen.lock().unwrap();
    assert_eq!(seen.len(), 3);
    assert!(seen.iter().all(|seen| seen.json()["nonce"] == "nonce"));
}

#[tokio::test]
async fn after_three_tries_the_outcome_is_unknown() {
    let broken = Answer::With(502, vec![], "<html>");
    let (rest, script) = port(vec![broken; 5]).await;
    let error = send(&rest).await.unwrap_err();
    assert!(
        matches!(error, RestError::Unknown { code: None, .. }),
        "{error:?}"
    );
    assert!(!error.surely_not_done());
    assert_eq!(requests(&script), 3);
    assert_eq!(rest.counts().unknown.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_refusal_after_a_lost_reply_stays_in_doubt_but_keeps_its_code() {
    let (rest, _) = port(vec![Answer::Lost, refusal(404, 10_008)]).await;
    let error = send(&rest).await.unwrap_err();
    assert_eq!(error.code(), Some(10_008));
    assert!(!error.surely_not_done());
}

#[tokio::test]
async fn a_followup_that_may_have_arrived_is_not_repeated() {
    let (rest, script) = port(vec![Answer::Lost]).await;
    let outcome = rest
        .followup(APPLICATION, TOKEN, &json!({ "content": "x" }), &[])
        .await;
    assert!(
        matches!(outcome, Err(RestError::Unknown { .. })),
        "{outcome:?}"
    );
    assert_eq!(requests(&script), 1);
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let (rest, script) = port(vec![refusal(403, 50_001), refusal(401, 0)]).await;
    let error = send(&rest).await.unwrap_err();
    let expected = RestError::Refused {
        status: 403,
        code: 50_001,
        message: "No".to_owned(),
    };
    assert_eq!(error, expected);
    assert!(error.surely_not_done());
    assert_eq!(send(&rest).await, Err(RestError::Unauthorized));
    assert_eq!(requests(&script), 2);
}

#[tokio::test]
async fn a_stale_interaction_token_says_nothing_about_the_bots_token() {
    let (rest, _) = port(vec![refusal(401, 50_027)]).await;
    let outcome = rest
        .edit_original(APPLICATION, TOKEN, &json!({ "content": "x" }), &[])
        .await;
    assert!(matches!(
        outcome,
        Err(RestError::Refused {
            status: 401,
            code: 50_027,
            ..
        })
    ));
}

#[tokio::test]
async fn late_and_double_answers_are_outcomes_and_not_repeated() {
    let done = Answer::With(204, vec![], "");
    let (rest, script) = port(vec![done, refusal(404, 10_062), refusal(400, 40_060)]).await;
    assert_eq!(respond(&rest).await, Ok(Acknowledged::Delivered));
    assert_eq!(respond(&rest).await, Ok(Acknowledged::TooLate));
    assert_eq!(respond(&rest).await, Ok(Acknowledged::Already));
    assert_eq!(requests(&script), 3);
    let counts = rest.counts();
    assert_eq!(counts.too_late.load(Ordering::Relaxed), 1);
    assert_eq!(counts.already.load(Ordering::Relaxed), 1);
    let body = script.seen.lock().unwrap()[0].json();
    assert_eq!(body["data"]["allowed_mentions"], json!({ "parse": [] }));
}

#[tokio::test]
async fn an_answer_is_repeated_until_discord_says_that_it_has_one() {
    let broken = || Answer::With(502, vec![], "<html>");
    let (rest, script) = port(vec![broken(), Answer::Lost, refusal(400, 40_060)]).await;
    assert_eq!(respond(&rest).await, Ok(Acknowledged::Delivered));
    assert_eq!(requests(&script), 3);
    assert_eq!(rest.counts().already.load(Ordering::Relaxed), 0);
    assert_eq!(rest.counts().unknown.load(Ordering::Relaxed), 0);
    let limited = Answer::With(429, vec![("retry-after", "0.05")], "{}");
    let (rest, script) = port(vec![limited]).await;
    assert_eq!(respond(&rest).await, Ok(Acknowledged::Delivered));
    assert_eq!(requests(&script), 2);
}

#[tokio::test]
async fn a_silent_discord_costs_an_answer_no_more_than_its_budget() {
    let (rest, script) = port(vec![Answer::Silent; 3]).await;
    let call = tokio::time::timeout(Duration::from_secs(3), respond(&rest));
    assert!(matches!(call.await, Ok(Err(RestError::Unknown { .. }))));
    assert_eq!(requests(&script), 2);
}

#[tokio::test]
async fn a_refused_connection_is_surely_not_done() {
    // A port that nobody listens on: bound and given back.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let rest = Rest::new(&SecretString::from("t"), Some(&base)).unwrap();
    for error in [
        send(&rest).await.unwrap_err(),
        respond(&rest).await.unwrap_err(),
    ] {
        assert!(matches!(error, RestError::NotSent { .. }), "{error:?}");
        assert!(error.surely_not_done());
        assert!(!format!("{error} {error:?}").contains(TOKEN));
    }
}

#[tokio::test]
async fn a_rate_limited_send_waits_and_succeeds() {
    let limited = Answer::With(429, vec![("retry-after", "0.05")], "{}");
    let (rest, script) = port(vec![limited]).await;
    assert_eq!(send(&rest).await, Ok(SENT));
    assert_eq!(requests(&script), 2);
}

#[tokio::test]
async fn a_long_wait_is_told_at_once_and_no_request_is_wasted_on_it() {
    let limited = Answer::With(429, vec![("retry-after", "120")], "{}");
    let (rest, script) = port(vec![limited]).await;
    for _ in 0..3 {
        let error = send(&rest).await.unwrap_err();
        let wait = error.retry_after().unwrap().as_secs();
        assert!((110..=120).contains(&wait), "{error:?}");
        assert!(error.surely_not_done());
    }
    assert_eq!(requests(&script), 1);
    // Another channel has a limit of its own.
    let other = rest
        .send(ChannelId::new(6), &json!({ "content": "x" }), "n", &[])
        .await;
    assert!(other.is_ok());
}

#[tokio::test]
async fn a_global_limit_stops_every_channel_but_no_answer_to_a_person() {
    let headers = vec![("retry-after", "120"), ("x-ratelimit-scope", "global")];
    let (rest, script) = port(vec![Answer::With(429, headers, "{}")]).await;
    assert!(send(&rest).await.is_err());
    let other = rest
        .send(ChannelId::new(6), &json!({ "content": "x" }), "n", &[])
        .await;
    assert!(matches!(other, Err(RestError::RateLimited { .. })));
    assert_eq!(requests(&script), 1);
    assert_eq!(respond(&rest).await, Ok(Acknowledged::Delivered));
}

#[tokio::test]
async fn an_empty_bucket_is_waited_for_without_a_refusal() {
    let headers = vec![
        ("x-ratelimit-remaining", "0"),
        ("x-ratelimit-reset-after", "100"),
    ];
    let last = Answer::With(200, headers, r#"{"id":"7","channel_id":"5"}"#);
    let (rest, script) = port(vec![last]).await;
    assert_eq!(send(&rest).await, Ok(SENT));
    assert!(matches!(
        send(&rest).await,
        Err(RestError::RateLimited { .. })
    ));
    assert_eq!(requests(&script), 1);
}

#[tokio::test]
async fn odd_headers_neither_repeat_nor_break_a_call() {
    for odd in ["NaN", "-1", "inf", "Wed, 21 Oct 2026 07:28:00 GMT"] {
        let headers = vec![
            ("x-ratelimit-limit", odd),
            ("x-ratelimit-remaining", odd),
            ("x-ratelimit-reset-after", odd),
        ];
        let odd = Answer::With(200, headers, r#"{"id":"7","channel_id":"5"}"#);
        let (rest, script) = port(vec![odd]).await;
        assert_eq!(send(&rest).await, Ok(SENT));
        assert_eq!(requests(&script), 1);
    }
}

#[tokio::test]
async fn one_call_at_a_time_for_each_channel() {
    let (rest, script) = port(vec![Answer::Silent]).await;
    let body = json!({ "content": "x" });
    let stuck = rest.send(CHANNEL, &body, "a", &[]);
    let second = async {
        // Starts after the first has arrived.
        while requests(&script) == 0 {
            tokio::task::yield_now().await;
        }
        let waiting = rest.send(CHANNEL, &body, "b", &[]);
        let waited = tokio::time::timeout(Duration::from_millis(200), waiting).await;
        let other = rest.send(ChannelId::new(6), &body, "c", &[]).await;
        (waited.is_err(), other.is_ok())
    };
    tokio::select! {
        _ = stuck => panic!("the first call has no answer"),
        (waited, other) = second => assert!(waited && other),
    }
}

#[tokio::test]
async fn the_breaker_spares_answers_to_people() {
    let (rest, script) = port(vec![refusal(403, 50_013); 500]).await;
    let lanes = (1..=500).map(|id| {
        let rest = &rest;
        // By interaction tokens, which the rate of all does not slow down.
        let application = ApplicationId::new(id);
        async move { rest.delete_original(application, TOKEN).await }
    });
    for outcome in futures_util::future::join_all(lanes).await {
        assert!(outcome.is_err());
    }
    assert!(matches!(send(&rest).await, Err(RestError::Paused { .. })));
    assert_eq!(requests(&script), 500);
    assert_eq!(respond(&rest).await, Ok(Acknowledged::Delivered));
}

#[tokio::test]
async fn reads_are_typed_and_dated() {
    let gateway = json!({
        "url": "wss://gateway.example", "shards": 2,
        "session_start_limit": { "total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1 },
    });
    let headers = vec![("date", "Sun, 22 Nov 2026 14:00:00 GMT")];
    let body: &'static str = Box::leak(gateway.to_string().into_boxed_str());
    let (rest, _) = port(vec![Answer::With(200, headers, body)]).await;
    let reply: Dated<BotGateway> = rest.get(Route::GatewayBot).await.unwrap();
    assert_eq!(reply.body.shards, 2);
    assert_eq!(reply.date, Some("2026-11-22T14:00:00Z".parse().unwrap()));
}

#[tokio::test]
async fn a_message_that_is_gone_counts_as_removed() {
    let (rest, _) = port(vec![refusal(404, 10_008)]).await;
    assert_eq!(rest.delete_original(APPLICATION, TOKEN).await, Ok(()));
}

#[tokio::test]
async fn no_error_shows_a_token() {
    let answers = vec![
        Answer::Lost,
        refusal(400, 50_035),
        Answer::With(500, vec![], ""),
        Answer::Lost,
        Answer::With(500, vec![], ""),
    ];
    let (rest, _) = port(answers).await;
    for _ in 0..2 {
        let error = respond(&rest).await.unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("canary"), "{shown}");
    }
}

#[test]
fn jitter_spreads_around_one() {
    let seen: Vec<f64> = std::iter::repeat_with(jitter).take(100).collect();
    assert!(seen.iter().all(|x| (0.5..=1.5).contains(x)));
    assert!(seen.iter().any(|x| (x - seen[0]).abs() > 0.01));
}
