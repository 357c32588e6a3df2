//! The page and its interface over HTTP: JSON in and out, and one stream that
//! says when to look again.
//!
//! Only pages of this very address are served: a foreign `Host` is somebody
//! else's name for this machine (DNS rebinding), a foreign `Origin` another site
//! in the same browser.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Path, Query, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, ORIGIN,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::Stream;
use futures_util::stream::unfold;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::id::{ChannelId, MessageId, UserId};
use crate::picture::Theme;

use super::Inner;
use super::acts::{Arguments, command_of};
use super::clicks::Pressed;
use super::quiz::Cue;
use super::table::COMMANDS;
use super::town::{Turn, member_with};
use super::view::is_picture;

/// Nobody types more than this.
const BODY: usize = 64 * 1024;
/// Everything comes from here, and nothing goes elsewhere.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

type Shared = State<Arc<Inner>>;
/// What is answered when a request makes no sense: a status and a sentence.
type Refusal = (StatusCode, Json<Value>);

/// Answers for ever.
pub(super) async fn serve(listener: TcpListener, inner: Arc<Inner>) -> io::Result<()> {
    let address = listener.local_addr()?;
    axum::serve(listener, routes(inner, address)).await
}

fn routes(inner: Arc<Inner>, address: SocketAddr) -> Router {
    Router::new()
        .route(
            "/",
            get(async || asset("text/html", include_str!("page/index.html"))),
        )
        .route(
            "/style.css",
            get(async || asset("text/css", include_str!("page/style.css"))),
        )
        .route(
            "/page.js",
            get(async || asset("text/javascript", include_str!("page/page.js"))),
        )
        .route(
            "/reply.js",
            get(async || asset("text/javascript", include_str!("page/reply.js"))),
        )
        .route(
            "/composer.js",
            get(async || asset("text/javascript", include_str!("page/composer.js"))),
        )
        .route(
            "/icon.svg",
            get(async || asset("image/svg+xml", include_str!("page/icon.svg"))),
        )
        .route("/api/commands", get(async || Json(COMMANDS)))
        .route("/api/state", get(state))
        .route("/api/events", get(events))
        .route("/api/file/{message}", get(file))
        .route("/api/suggest", post(suggest))
        .route("/api/command", post(command))
        .route("/api/message", post(message))
        .route("/api/find", post(find))
        .route("/api/click", post(click))
        .route("/api/reason", post(reason))
        .route("/api/dismiss", post(dismiss))
        .route("/api/quiz", post(quiz))
        .fallback(async || refusal(StatusCode::NOT_FOUND, "there is nothing here"))
        .layer(DefaultBodyLimit::max(BODY))
        .layer(from_fn_with_state(address.port(), guard))
        .with_state(inner)
}

/// Lets in only what comes from a page of ours.
async fn guard(State(port): State<u16>, request: Request, next: Next) -> Response {
    let mut response = if is_from_here(request.headers(), port) {
        next.run(request).await
    } else {
        let why = "the playground is for this machine only: open http://127.0.0.1 with its port";
        refusal(StatusCode::FORBIDDEN, why).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn is_from_here(headers: &HeaderMap, port: u16) -> bool {
    let own = |text: &str| {
        ["127.0.0.1", "localhost"]
            .iter()
            .any(|host| text.eq_ignore_ascii_case(&format!("{host}:{port}")))
    };
    let header = |name| {
        let value: Option<&HeaderValue> = headers.get(name);
        value.map(|value| value.to_str().unwrap_or_default())
    };
    header(HOST).is_some_and(own)
        && header(ORIGIN).is_none_or(|origin| origin.strip_prefix("http://").is_some_and(own))
}

fn asset(kind: &str, text: &'static str) -> impl IntoResponse + use<> {
    ([(CONTENT_TYPE, format!("{kind}; charset=utf-8"))], text)
}

/// Who looks or acts, and where.
#[derive(Debug, Deserialize)]
struct Who {
    member: UserId,
    channel: ChannelId,
    #[serde(default)]
    theme: Theme,
}

impl Who {
    fn turn(&self) -> Result<Turn, Refusal> {
        let turn = Turn::of(self.member, self.channel, self.theme);
        turn.ok_or_else(|| refusal(StatusCode::NOT_FOUND, "no such member or channel"))
    }
}

async fn state(State(inner): Shared, Query(who): Query<Who>) -> Result<Json<Value>, Refusal> {
    let turn = who.turn()?;
    let plan = inner.plan().await;
    Ok(Json(inner.state(turn, plan)))
}

/// Sends a number at once and whenever something has changed.
async fn events(
    State(inner): Shared,
) -> Sse<impl Stream<Item = Result<Event, Infallible>> + use<>> {
    let mut version = inner.version.subscribe();
    version.mark_changed();
    let stream = unfold(version, async |mut version| {
        version.changed().await.ok()?;
        let now = *version.borrow_and_update();
        Some((Ok(Event::default().data(now.to_string())), version))
    });
    Sse::new(stream).keep_alive(KeepAlive::default())
}

#[derive(Debug, Deserialize)]
struct Viewer {
    member: UserId,
}

async fn file(
    State(inner): Shared,
    Path(id): Path<u64>,
    Query(viewer): Query<Viewer>,
) -> Result<Response, Refusal> {
    let gone = || refusal(StatusCode::NOT_FOUND, "there is no such file");
    let member = member_with(viewer.member).ok_or_else(gone)?;
    let town = inner.town();
    let found = town.message(MessageId(id), member.id);
    let file = found.and_then(|message| message.reply()?.file.as_ref());
    let file = file.ok_or_else(gone)?;
    let (kind, how) = if is_picture(&file.name) {
        ("image/png", "inline")
    } else {
        ("application/octet-stream", "attachment")
    };
    // Names are ours, without quotes.
    let disposition = format!("{how}; filename=\"{}\"", file.name);
    let headers = [
        (CONTENT_TYPE, kind.to_owned()),
        (CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, file.bytes.clone()).into_response())
}

#[derive(Debug, Deserialize)]
struct Unfinished {
    #[serde(flatten)]
    who: Who,
    command: String,
    option: String,
    typed: String,
    #[serde(default)]
    arguments: Arguments,
}

async fn suggest(
    State(inner): Shared,
    Json(typed): Json<Unfinished>,
) -> Result<Json<Value>, Refusal> {
    let turn = typed.who.turn()?;
    let offered = inner
        .suggest(
            turn,
            &typed.command,
            &typed.option,
            &typed.typed,
            &typed.arguments,
        )
        .await;
    let offered: Vec<Value> = offered
        .into_iter()
        .map(|(label, value)| json!({ "label": label, "value": value }))
        .collect();
    Ok(Json(offered.into()))
}

#[derive(Debug, Deserialize)]
struct Used {
    #[serde(flatten)]
    who: Who,
    command: String,
    #[serde(default)]
    arguments: Arguments,
}

async fn command(State(inner): Shared, Json(used): Json<Used>) -> Result<Json<Value>, Refusal> {
    let turn = used.who.turn()?;
    let command = command_of(&used.command)
        .ok_or_else(|| refusal(StatusCode::NOT_FOUND, "there is no such command"))?;
    let missing = command.options.iter().find(|option| {
        let given = used.arguments.get(option.name);
        option.required && given.is_none_or(|value| value.trim().is_empty())
    });
    if let Some(missing) = missing {
        let why = format!("/{} needs {}", command.name, missing.name);
        return Err(refusal(StatusCode::BAD_REQUEST, &why));
    }
    let _turn = inner.turn.lock().await;
    inner.command(turn, command, &used.arguments).await;
    Ok(done())
}

#[derive(Debug, Deserialize)]
struct Written {
    #[serde(flatten)]
    who: Who,
    text: String,
    #[serde(default)]
    to: Option<MessageId>,
}

async fn message(
    State(inner): Shared,
    Json(written): Json<Written>,
) -> Result<Json<Value>, Refusal> {
    let turn = written.who.turn()?;
    let _turn = inner.turn.lock().await;
    inner.message(turn, &written.text, written.to).await;
    Ok(done())
}

#[derive(Debug, Deserialize)]
struct Meant {
    #[serde(flatten)]
    who: Who,
    message: MessageId,
}

async fn find(State(inner): Shared, Json(meant): Json<Meant>) -> Result<Json<Value>, Refusal> {
    let turn = meant.who.turn()?;
    let _turn = inner.turn.lock().await;
    inner.find(turn, meant.message).await;
    Ok(done())
}

/// Takes away a message that only this member sees.
async fn dismiss(State(inner): Shared, Json(meant): Json<Meant>) -> Result<Json<Value>, Refusal> {
    let turn = meant.who.turn()?;
    inner.change(|town| {
        let found = town.message(meant.message, turn.member.id);
        if found.is_some_and(|message| message.only.is_some()) {
            town.remove(meant.message);
        }
    });
    Ok(done())
}

#[derive(Debug, Deserialize)]
struct Clicked {
    #[serde(flatten)]
    who: Who,
    message: MessageId,
    edits: u32,
    row: usize,
    column: usize,
    #[serde(default)]
    reason: String,
}

impl Clicked {
    fn pressed(&self) -> Pressed {
        Pressed {
            message: self.message,
            edits: self.edits,
            row: self.row,
            column: self.column,
        }
    }
}

async fn click(State(inner): Shared, Json(clicked): Json<Clicked>) -> Result<Json<Value>, Refusal> {
    let turn = clicked.who.turn()?;
    let _turn = inner.turn.lock().await;
    let ask_why = inner.click(turn, clicked.pressed()).await;
    Ok(Json(json!({ "form": ask_why })))
}

async fn reason(
    State(inner): Shared,
    Json(clicked): Json<Clicked>,
) -> Result<Json<Value>, Refusal> {
    let turn = clicked.who.turn()?;
    let _turn = inner.turn.lock().await;
    inner.reason(turn, clicked.pressed(), &clicked.reason).await;
    Ok(done())
}

#[derive(Debug, Deserialize)]
struct Staged {
    cue: Cue,
}

async fn quiz(State(inner): Shared, Json(staged): Json<Staged>) -> Result<Json<Value>, Refusal> {
    let _turn = inner.turn.lock().await;
    match inner.stage(staged.cue).await {
        Ok(said) => Ok(Json(json!({ "said": said }))),
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the quiz cannot go on"
            );
            let why = "the playground cannot reach its database right now";
            Err(refusal(StatusCode::SERVICE_UNAVAILABLE, why))
        }
    }
}

fn done() -> Json<Value> {
    Json(json!({}))
}

fn refusal(status: StatusCode, why: &str) -> Refusal {
    (status, Json(json!({ "error": why })))
}
