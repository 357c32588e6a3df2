//! The supervisor against a small gateway on loopback that follows a script.

use std::future::{Ready, ready};
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::*;

/// What the gateway does on one connection.
#[derive(Clone, Copy)]
enum Does {
    /// Ready (or resumed), then only heartbeats.
    Stay,
    /// Ready (or resumed), then closed with this code.
    Leave(u16),
    /// Closed with this code as an answer to the first message.
    Refuse(u16),
    /// Ready in a form that cannot be decoded.
    Garble,
}

/// A gateway with its part of the REST interface.
#[derive(Clone)]
struct Gateway {
    address: String,
    status: StatusCode,
    sessions_left: u64,
    /// For each connection in turn; the last goes on for ever.
    script: &'static [Does],
    /// The operation that each connection began with.
    began: Arc<std::sync::Mutex<Vec<u64>>>,
}

impl Gateway {
    async fn start(script: &'static [Does], change: impl FnOnce(&mut Self)) -> (Rest, Self) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let mut gateway = Self {
            address: address.clone(),
            status: StatusCode::OK,
            sessions_left: 1000,
            script,
            began: Arc::default(),
        };
        change(&mut gateway);
        let router = Router::new()
            .route("/api/v10/gateway", get(Self::describe))
            .route("/api/v10/gateway/bot", get(Self::describe))
            .fallback(Self::connect)
            .with_state(gateway.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let base = format!("http://{address}");
        (
            Rest::new(&SecretString::from("token"), Some(&base)).unwrap(),
            gateway,
        )
    }

    fn describe(State(gateway): State<Self>) -> Ready<Response> {
        let limit = json!({
            "total": 1000, "remaining": gateway.sessions_left,
            "reset_after": 3_600_000, "max_concurrency": 1,
        });
        let url = format!("ws://{}", gateway.address);
        let body = json!({ "url": url, "shards": 1, "session_start_limit": limit });
        ready((gateway.status, body.to_string()).into_response())
    }

    fn connect(State(gateway): State<Self>, upgrade: WebSocketUpgrade) -> Ready<Response> {
        ready(upgrade.on_upgrade(|socket| async move { gateway.talk(socket).await.unwrap_or(()) }))
    }

    async fn talk(self, mut socket: WebSocket) -> Option<()> {
        say(
            &mut socket,
            json!({ "op": 10, "d": { "heartbeat_interval": 45_000 } }),
        )
        .await?;
        let first = loop {
            let op = hear(&mut socket).await?;
            if op != 1 {
                break op;
            }
        };
        let turn = {
            let mut began = self.began.lock().unwrap();
            began.push(first);
            began.len() - 1
        };
        let does = self.script[turn.min(self.script.len() - 1)];
        let user = json!({ "id": "1", "username": "Footnote", "discriminator": "0000" });
        let mut body = json!({
            "v": 10, "user": user, "guilds": [], "session_id": "s", "shard": [0, 1],
            "resume_gateway_url": "wss://unused.example",
            "application": { "id": "1", "flags": 0 },
        });
        if let Does::Refuse(code) = does {
            return close(&mut socket, code).await;
        }
        if let Does::Garble = does {
            body["session_id"] = Value::Null;
        }
        let name = if first == 6 { "RESUMED" } else { "READY" };
        say(
            &mut socket,
            json!({ "op": 0, "s": 1, "t": name, "d": body }),
        )
        .await?;
        if let Does::Leave(code) = does {
            return close(&mut socket, code).await;
        }
        loop {
            if hear(&mut socket).await? == 1 {
                say(&mut socket, json!({ "op": 11 })).await?;
            }
        }
    }

    fn began(&self) -> Vec<u64> {
        self.began.lock().unwrap().clone()
    }
}

async fn say(socket: &mut WebSocket, event: Value) -> Option<()> {
    socket
        .send(Message::Text(event.to_string().into()))
        .await
        .ok()
}

async fn close(socket: &mut WebSocket, code: u16) -> Option<()> {
    let frame = CloseFrame {
        code,
        reason: "".into(),
    };
    socket.send(Message::Close(Some(frame))).await.ok()?;
    // Until the other side has answered.
    while let Some(Ok(_)) = socket.recv().await {}
    None
}

/// The operation of the next message; none when the connection ends.
async fn hear(socket: &mut WebSocket) -> Option<u64> {
    loop {
        if let Message::Text(text) = socket.recv().await?.ok()? {
            let event: Value = serde_json::from_str(&text).unwrap();
            return event["op"].as_u64();
        }
    }
}

async fn store() -> Store {
    Store::open("sqlite::memory:").await.unwrap()
}

/// Runs the supervisor until a condition holds (or it ends by itself).
async fn run_until(
    rest: &Rest,
    reached: impl Fn(&GatewayState) -> bool,
) -> (Result<(), GatewayExit>, Arc<GatewayState>) {
    let state = Arc::new(GatewayState::default());
    let shutdown = async {
        while !reached(&state) {
            sleep(Duration::from_millis(5)).await;
        }
    };
    let store = store().await;
    let running = run(rest, &state, &store, None, |builder| builder, shutdown);
    let ended = timeout(Duration::from_secs(20), running).await;
    (ended.expect("the supervisor goes on"), state)
}

fn count(count: &AtomicU64) -> u64 {
    count.load(Ordering::Relaxed)
}

#[tokio::test]
async fn connects_and_stops_in_order() {
    let (rest, gateway) = Gateway::start(&[Does::Stay], |_| {}).await;
    let (ended, state) = run_until(&rest, GatewayState::is_connected).await;
    assert_eq!(ended, Ok(()));
    assert_eq!(gateway.began(), [2]);
    assert_eq!((count(&state.identifies), count(&state.connects)), (1, 1));
    assert!(!state.is_connected());
}

#[tokio::test]
async fn a_lost_connection_is_resumed_with_the_same_session() {
    let (rest, gateway) = Gateway::start(&[Does::Leave(4000), Does::Stay], |_| {}).await;
    let (ended, state) = run_until(&rest, |state| count(&state.resumes) == 1).await;
    assert_eq!(ended, Ok(()));
    assert_eq!(gateway.began(), [2, 6]);
    assert_eq!((count(&state.identifies), count(&state.connects)), (1, 2));
}

#[tokio::test]
async fn what_only_a_person_can_mend_ends_with_its_reason() {
    let cases: [(&'static [Does], _); 3] = [
        (&[Does::Refuse(4004)], GatewayExit::WrongToken),
        (&[Does::Refuse(4013)], GatewayExit::UnknownIntents),
        (&[Does::Refuse(4014)], GatewayExit::DisallowedIntents),
    ];
    for (script, exit) in cases {
        let (rest, gateway) = Gateway::start(script, |_| {}).await;
        let (ended, _) = run_until(&rest, |_| false).await;
        assert_eq!(ended, Err(exit));
        assert_eq!(gateway.began(), [2]);
    }
}

#[tokio::test]
async fn a_refused_token_is_seen_before_connecting() {
    let refusing = |gateway: &mut Gateway| gateway.status = StatusCode::UNAUTHORIZED;
    let (rest, gateway) = Gateway::start(&[Does::Stay], refusing).await;
    let (ended, _) = run_until(&rest, |_| false).await;
    assert_eq!(ended, Err(GatewayExit::WrongToken));
    assert_eq!(gateway.began(), [0; 0]);
}

#[tokio::test]
async fn the_last_sessions_of_a_day_are_not_started() {
    let few = |gateway: &mut Gateway| gateway.sessions_left = 99;
    let (rest, gateway) = Gateway::start(&[Does::Stay], few).await;
    let state = Arc::new(GatewayState::default());
    let store = store().await;
    let running = run(
        &rest,
        &state,
        &store,
        None,
        |builder| builder,
        std::future::pending(),
    );
    // Otherwise a connection is there within a tenth of this.
    assert!(timeout(Duration::from_secs(1), running).await.is_err());
    assert_eq!(gateway.began(), [0; 0]);
}

#[tokio::test]
async fn a_gateway_that_closes_every_connection_sees_few() {
    let script = &[Does::Leave(4000), Does::Refuse(4000)];
    let (rest, gateway) = Gateway::start(script, |_| {}).await;
    let state = Arc::new(GatewayState::default());
    let store = store().await;
    let running = run(
        &rest,
        &state,
        &store,
        None,
        |builder| builder,
        std::future::pending(),
    );
    // Without a guard there are hundreds a second.
    assert!(timeout(Duration::from_secs(3), running).await.is_err());
    let began = gateway.began().len();
    assert!((2..=8).contains(&began), "{began}");
    assert_eq!(count(&state.identifies), 1);
    assert!(!state.is_connected());
}

#[tokio::test]
async fn a_ready_that_cannot_be_decoded_is_counted() {
    let (rest, _) = Gateway::start(&[Does::Garble], |_| {}).await;
    let counted =
        |state: &GatewayState| count(&state.undecodable) == 1 && count(&state.identifies) == 1;
    let (ended, state) = run_until(&rest, counted).await;
    assert_eq!(ended, Ok(()));
    assert!(!state.is_connected());
}
