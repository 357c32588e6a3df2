//! The gateway: HELLO, IDENTIFY, READY, heartbeats, RESUME with replay, and
//! every way in which a connection goes wrong.
//!
//! Messages are sent as text, which clients take whether or not they asked for
//! compression. Sessions are of the shard that they identify as; as with Discord,
//! several may be of one shard, and then all of them get its events.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::spawn_blocking;

use super::objects;
use super::setup::{APPLICATION, Id};
use super::world::{Shared, id_in};

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
    /// Its number, of so many.
    shard: (u64, u64),
    intents: u64,
    sequence: u64,
    sent: VecDeque<(u64, Utf8Bytes)>,
    /// The connection that it is on, by its number.
    line: Option<(usize, UnboundedSender<Frame>)>,
}

impl Session {
    /// Whether it gets events of a guild, or those of none.
    fn is_for(&self, guild: Option<Id>) -> bool {
        let (shard, total) = self.shard;
        guild.map_or(0, |guild| (guild >> 22) % total) == shard
    }

    fn send(&self, frame: Frame) {
        if let Some((_, line)) = &self.line {
            // A client that has just gone away misses it, as it would with Discord.
            let _ = line.send(frame);
        }
    }

    /// Sends an event with its data as JSON.
    fn dispatch(&mut self, event: &str, data: &str) {
        self.sequence += 1;
        let sequence = self.sequence;
        let frame = format!(r#"{{"op":0,"t":"{event}","s":{sequence},"d":{data}}}"#);
        let text = Utf8Bytes::from(frame);
        self.sent.push_back((self.sequence, text.clone()));
        if self.sent.len() > REPLAY {
            self.sent.pop_front();
        }
        self.send(Frame::Text(text));
    }
}

/// The gateway's side of the one bot.
#[derive(Default)]
pub(crate) struct Gateway {
    /// Where clients find it.
    pub(crate) url: String,
    sessions: Vec<Session>,
    pub(crate) welcome: Welcome,
    /// Heartbeats stay without an answer.
    pub(crate) is_deaf: bool,
    /// A goodbye stays without an answer, and the connection open.
    pub(crate) lingers: bool,
    /// How often a client connected, identified and resumed.
    pub(crate) connections: usize,
    pub(crate) identifies: usize,
    pub(crate) resumes: usize,
    /// When each session was started, and as which shard.
    pub(crate) started: Vec<(Instant, u64)>,
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
        self.sessions.iter().any(|session| session.line.is_some())
    }

    /// The shards that are connected, in order; twice where two sessions are.
    pub(crate) fn shards(&self) -> Vec<u64> {
        let connected = self.sessions.iter().filter(|one| one.line.is_some());
        let mut shards: Vec<u64> = connected.map(|session| session.shard.0).collect();
        shards.sort_unstable();
        shards
    }

    pub(crate) fn has_intent(&self, intent: u64) -> bool {
        self.sessions
            .iter()
            .any(|session| session.intents & intent != 0)
    }

    /// Sends an event to the shard of its guild; while the client is away it is
    /// kept for its RESUME.
    pub(crate) fn dispatch(&mut self, event: &str, data: &Value) {
        let guild = match event {
            "GUILD_CREATE" | "GUILD_DELETE" => &data["id"],
            _ => &data["guild_id"],
        };
        let guild = id_in(guild);
        let mut is_lost = true;
        let data = data.to_string();
        for session in self.sessions.iter_mut().filter(|one| one.is_for(guild)) {
            session.dispatch(event, &data);
            is_lost = false;
        }
        self.lost += usize::from(is_lost);
    }

    /// Sends text as it is, be it junk.
    pub(crate) fn send_raw(&self, text: &str) {
        for session in &self.sessions {
            session.send(Frame::Text(text.into()));
        }
    }

    /// Closes the connections with this code. The sessions stay resumable.
    pub(crate) fn close(&mut self, code: u16) {
        for session in &mut self.sessions {
            session.send(Frame::Close(code));
            session.line = None;
        }
    }

    /// Ends the connections without a word.
    pub(crate) fn drop_line(&mut self) {
        for session in &mut self.sessions {
            session.send(Frame::Drop);
            session.line = None;
        }
    }

    /// Forgets the sessions: the next RESUME is refused.
    pub(crate) fn forget_session(&mut self) {
        self.sessions.clear();
    }

    fn leave(&mut self, number: usize) {
        for session in &mut self.sessions {
            if session.line.as_ref().is_some_and(|(of, _)| *of == number) {
                session.line = None;
            }
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
    shared.change(|world| world.gateway.leave(number));
}

async fn converse(
    shared: &Arc<Shared>,
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
                let mut guilds = Vec::new();
                if said["op"] == 2 {
                    // With thousands of them it takes its time; nobody waits for it.
                    let shared = Arc::clone(shared);
                    guilds = spawn_blocking(move || arriving(&shared)).await.unwrap();
                }
                if let Err(code) = shared.change(|world| {
                    let heard = hear(world, number, line, &said, &guilds);
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

/// The guilds that a new session is told of, as JSON.
fn arriving(shared: &Shared) -> Vec<(Id, String)> {
    let setup = shared.look().setup.clone();
    let with_bot = setup.guilds.iter().filter(|guild| guild.has_bot);
    with_bot
        .map(|guild| (guild.id, objects::guild_create(&setup, guild).to_string()))
        .collect()
}

/// Reacts to what a client says; the error is a close code.
fn hear(
    world: &mut super::world::World,
    number: usize,
    line: &UnboundedSender<Frame>,
    said: &Value,
    guilds: &[(Id, String)],
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
            let number_at = |at: usize| data["shard"][at].as_u64();
            let shard = (number_at(0).unwrap_or(0), number_at(1).unwrap_or(1).max(1));
            if shard.0 >= shard.1 {
                return Err(4010);
            }
            gateway.started.push((Instant::now(), shard.0));
            // What nobody is connected to any more will not be taken up again.
            gateway
                .sessions
                .retain(|one| one.shard != shard || one.line.is_some());
            let mut session = Session {
                id: format!("session-{}", gateway.identifies),
                shard,
                intents,
                sequence: 0,
                sent: VecDeque::new(),
                line: Some((number, line.clone())),
            };
            begin(&mut session, &gateway.url, guilds);
            gateway.sessions.push(session);
        }
        Some(6) => {
            gateway.resumes += 1;
            if !has_token() {
                return Err(4004);
            }
            let mut sessions = gateway.sessions.iter_mut();
            let Some(session) = sessions.find(|one| data["session_id"] == one.id.as_str()) else {
                let _ = line.send(Frame::Text(json!({"op": 9, "d": false}).to_string().into()));
                return Ok(());
            };
            let seen = data["seq"].as_u64().unwrap_or(0);
            for (_, text) in session.sent.iter().filter(|(sequence, _)| *sequence > seen) {
                let _ = line.send(Frame::Text(text.clone()));
            }
            session.line = Some((number, line.clone()));
            session.dispatch("RESUMED", r#"{"_trace":[]}"#);
        }
        Some(3 | 4 | 8) => {}
        _ => return Err(4001),
    }
    Ok(())
}

/// READY and the guilds of the shard.
fn begin(session: &mut Session, url: &str, guilds: &[(Id, String)]) {
    let (shard, total) = session.shard;
    let mine: Vec<&(Id, String)> = guilds
        .iter()
        .filter(|(guild, _)| session.is_for(Some(*guild)))
        .collect();
    let guilds: Vec<Value> = mine
        .iter()
        .map(|(guild, _)| json!({"id": objects::id(*guild), "unavailable": true}))
        .collect();
    let ready = json!({
        "v": 10, "user": objects::bot_user(), "guilds": guilds, "session_id": session.id,
        "resume_gateway_url": url, "shard": [shard, total],
        "application": {"id": objects::id(APPLICATION), "flags": 0}, "private_channels": [],
    });
    session.dispatch("READY", &ready.to_string());
    if session.intents & GUILDS != 0 {
        for (_, guild) in mine {
            session.dispatch("GUILD_CREATE", guild);
        }
    }
}
