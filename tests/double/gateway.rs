//! The gateway: HELLO, IDENTIFY, READY, heartbeats, RESUME with replay, and
//! every way in which a connection goes wrong.
//!
//! Messages are sent as text, which clients take whether or not they asked for
//! compression. There is one shard.

use std::collections::VecDeque;
use std::sync::Arc;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::objects;
use super::setup::{APPLICATION, Setup};
use super::world::Shared;

/// Intents, by Discord's bits.
pub(crate) const GUILDS: u64 = 1;
pub(crate) const GUILD_MESSAGES: u64 = 1 << 9;
pub(crate) const DIRECT_MESSAGES: u64 = 1 << 12;
/// Members, presences and message content: Footnote needs none of them.
const PRIVILEGED: u64 = 1 << 1 | 1 << 8 | 1 << 15;

/// Events that are kept for a RESUME.
const REPLAY: usize = 1_000;

/// What happens to a client that connects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Welcome {
    /// It is greeted.
    #[default]
    Hello,
    /// The connection ends before the handshake.
    Refuse,
    /// The handshake succeeds, then it is closed with this code.
    Close(u16),
}

/// What the double sends down the line.
enum Frame {
    Text(Utf8Bytes),
    Close(u16),
    Drop,
}

struct Session {
    id: String,
    intents: u64,
    sequence: u64,
    sent: VecDeque<(u64, Utf8Bytes)>,
}

/// The gateway's side of the one bot.
#[derive(Default)]
pub(crate) struct Gateway {
    /// Where clients find it.
    pub(crate) url: String,
    session: Option<Session>,
    /// The connection that is identified, by its number.
    line: Option<(usize, UnboundedSender<Frame>)>,
    pub(crate) welcome: Welcome,
    /// Heartbeats stay without an answer.
    pub(crate) is_deaf: bool,
    /// A goodbye stays without an answer, and the connection open.
    pub(crate) lingers: bool,
    /// How often a client connected, identified and resumed.
    pub(crate) connections: usize,
    pub(crate) identifies: usize,
    pub(crate) resumes: usize,
    /// Events that could go nowhere, since there was no session.
    pub(crate) lost: usize,
}

impl Gateway {
    /// A gateway that clients find below this base.
    pub(crate) fn at(url: &str) -> Self {
        Self {
            url: format!("{}/gateway", url.replacen("http", "ws", 1)),
            ..Self::default()
        }
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.line.is_some()
    }

    pub(crate) fn has_intent(&self, intent: u64) -> bool {
        self.session
            .as_ref()
            .is_some_and(|session| session.intents & intent != 0)
    }

    /// Sends an event; while the client is away it is kept for its RESUME.
    pub(crate) fn dispatch(&mut self, event: &str, data: &Value) {
        let Some(session) = &mut self.session else {
            self.lost += 1;
            return;
        };
        session.sequence += 1;
        let frame = json!({"op": 0, "t": event, "s": session.sequence, "d": data});
        let text = Utf8Bytes::from(frame.to_string());
        session.sent.push_back((session.sequence, text.clone()));
        if session.sent.len() > REPLAY {
            session.sent.pop_front();
        }
        self.send(Frame::Text(text));
    }

    /// Sends text as it is, be it junk.
    pub(crate) fn send_raw(&self, text: &str) {
        self.send(Frame::Text(text.into()));
    }

    /// Closes the connection with this code. The session stays resumable.
    pub(crate) fn close(&mut self, code: u16) {
        self.send(Frame::Close(code));
        self.line = None;
    }

    /// Ends the connection without a word.
    pub(crate) fn drop_line(&mut self) {
        self.send(Frame::Drop);
        self.line = None;
    }

    /// Forgets the session: the next RESUME is refused.
    pub(crate) fn forget_session(&mut self) {
        self.session = None;
    }

    fn send(&self, frame: Frame) {
        if let Some((_, line)) = &self.line {
            // A client that has just gone away misses it, as it would with Discord.
            let _ = line.send(frame);
        }
    }
}

/// Serves one connection to its end.
pub(crate) async fn serve(shared: Arc<Shared>, mut socket: WebSocket) {
    let (line, mut frames) = unbounded_channel();
    let (number, welcome, heartbeat) = shared.change(|world| {
        world.gateway.connections += 1;
        (
            world.gateway.connections,
            world.gateway.welcome,
            world.setup.heartbeat,
        )
    });
    if let Welcome::Close(code) = welcome {
        return close(&mut socket, code).await;
    }
    let hello = json!({"op": 10, "d": {"heartbeat_interval": heartbeat.as_millis(), "_trace": []}});
    if socket.send(Message::text(hello.to_string())).await.is_ok() {
        converse(&shared, &mut socket, number, &line, &mut frames).await;
    }
    shared.change(|world| {
        if world
            .gateway
            .line
            .as_ref()
            .is_some_and(|(of, _)| *of == number)
        {
            world.gateway.line = None;
        }
    });
}

async fn converse(
    shared: &Shared,
    socket: &mut WebSocket,
    number: usize,
    line: &UnboundedSender<Frame>,
    frames: &mut UnboundedReceiver<Frame>,
) {
    loop {
        tokio::select! {
            frame = frames.recv() => match frame {
                Some(Frame::Text(text)) => {
                    if socket.send(Message::Text(text)).await.is_err() {
                        return;
                    }
                }
                Some(Frame::Close(code)) => return close(socket, code).await,
                Some(Frame::Drop) | None => return,
            },
            message = socket.recv() => {
                let Some(Ok(message)) = message else { return };
                if matches!(message, Message::Close(_)) && shared.look().gateway.lingers {
                    return std::future::pending().await;
                }
                let Message::Text(text) = message else { continue };
                let Ok(said) = serde_json::from_str::<Value>(&text) else {
                    return close(socket, 4002).await;
                };
                if let Err(code) = shared.change(|world| {
                    let heard = hear(world, number, line, &said);
                    if let Err(complaint) = check(&said) {
                        world.violations.push(complaint);
                    }
                    heard
                }) {
                    return close(socket, code).await;
                }
            }
        }
    }
}

async fn close(socket: &mut WebSocket, code: u16) {
    let frame = CloseFrame {
        code,
        reason: "".into(),
    };
    // The client may be gone already, which is what a close is for.
    let _ = socket.send(Message::Close(Some(frame))).await;
}

/// What a bot without privileged intents must not ask for.
fn check(said: &Value) -> Result<(), String> {
    let intents = said["d"]["intents"].as_u64().unwrap_or(0);
    if said["op"] == 2 && intents & PRIVILEGED != 0 {
        return Err(format!(
            "IDENTIFY asks for privileged intents: {intents:#x}"
        ));
    }
    Ok(())
}

/// Reacts to what a client says; the error is a close code.
fn hear(
    world: &mut super::world::World,
    number: usize,
    line: &UnboundedSender<Frame>,
    said: &Value,
) -> Result<(), u16> {
    let data = &said["d"];
    let setup = &world.setup;
    let gateway = &mut world.gateway;
    let has_token = || {
        let token = data["token"].as_str().unwrap_or("");
        token.strip_prefix("Bot ").unwrap_or(token) == setup.token
    };
    match said["op"].as_u64() {
        Some(1) => {
            if !gateway.is_deaf {
                // Before IDENTIFY the line is not the gateway's yet.
                let _ = line.send(Frame::Text(json!({"op": 11}).to_string().into()));
            }
        }
        Some(2) => {
            gateway.identifies += 1;
            if !has_token() {
                return Err(4004);
            }
            let Some(intents) = data["intents"].as_u64() else {
                return Err(4013);
            };
            if setup.disallows_intents {
                return Err(4014);
            }
            let id = format!("session-{}", gateway.identifies);
            gateway.session = Some(Session {
                id,
                intents,
                sequence: 0,
                sent: VecDeque::new(),
            });
            gateway.line = Some((number, line.clone()));
            begin(gateway, setup, &data["shard"]);
        }
        Some(6) => {
            gateway.resumes += 1;
            if !has_token() {
                return Err(4004);
            }
            let known = gateway
                .session
                .as_ref()
                .filter(|session| data["session_id"] == session.id.as_str());
            let Some(session) = known else {
                let _ = line.send(Frame::Text(json!({"op": 9, "d": false}).to_string().into()));
                return Ok(());
            };
            let seen = data["seq"].as_u64().unwrap_or(0);
            for (_, text) in session.sent.iter().filter(|(sequence, _)| *sequence > seen) {
                let _ = line.send(Frame::Text(text.clone()));
            }
            gateway.line = Some((number, line.clone()));
            gateway.dispatch("RESUMED", &json!({"_trace": []}));
        }
        Some(3 | 4 | 8) => {}
        _ => return Err(4001),
    }
    Ok(())
}

/// READY and the guilds.
fn begin(gateway: &mut Gateway, setup: &Setup, shard: &Value) {
    let with_bot = || setup.guilds.iter().filter(|guild| guild.has_bot);
    let guilds: Vec<Value> = with_bot()
        .map(|guild| json!({"id": objects::id(guild.id), "unavailable": true}))
        .collect();
    let session = gateway.session.as_ref().map(|session| session.id.clone());
    let ready = json!({
        "v": 10, "user": objects::bot_user(), "guilds": guilds, "session_id": session,
        "resume_gateway_url": gateway.url, "shard": shard,
        "application": {"id": objects::id(APPLICATION), "flags": 0}, "private_channels": [],
    });
    gateway.dispatch("READY", &ready);
    if gateway.has_intent(GUILDS) {
        for guild in with_bot() {
            gateway.dispatch("GUILD_CREATE", &objects::guild_create(setup, guild));
        }
    }
}
