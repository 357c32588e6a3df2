//! The HTTP side: reads a request, records and checks it, lets it meet its
//! fault, carries it out and replies as Discord does.

use std::sync::Arc;
use std::time::Instant;

use axum::body::{Body, Bytes};
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{DefaultBodyLimit, FromRequest as _, Multipart, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use axum::{Router, http};
use serde_json::{Value, json};

use super::faults::Fault;
use super::gateway::Welcome;
use super::hooks::{Moment, Order};
use super::setup::Checks;
use super::world::{Shared, World};
use super::{check, gateway, routes};

/// More than Discord takes in one request.
const MAX_BODY: usize = 64 << 20;

/// A file of a multipart request.
#[derive(Clone, Debug)]
pub(crate) struct File {
    /// The n of the part `files[n]`.
    pub(crate) number: Option<u64>,
    pub(crate) name: String,
    pub(crate) content_type: Option<String>,
    pub(crate) bytes: Bytes,
}

/// A request as it came in. The authorization itself is not kept.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Without `/api/v10/` in front and without the query.
    pub(crate) path: String,
    pub(crate) query: String,
    /// The JSON body, or that of the part `payload_json`; null when there is none.
    pub(crate) body: Value,
    pub(crate) files: Vec<File>,
    pub(crate) at: Instant,
    pub(crate) is_authorized: bool,
    pub(crate) user_agent: String,
    pub(crate) content_type: String,
    /// What it was answered; 0 before that or when the reply was lost.
    pub(crate) status: u16,
}

impl Request {
    /// Whether it is of a route such as `channels/*/messages`, `*` being one
    /// segment; any method is `*` too.
    pub(crate) fn is_for(&self, method: &str, route: &str) -> bool {
        let mut segments = self.path.split('/');
        let fits = route.split('/').all(|wanted| {
            segments
                .next()
                .is_some_and(|segment| wanted == "*" || wanted == segment)
        });
        fits && segments.next().is_none() && (method == "*" || method == self.method)
    }

    /// The path without tokens, which would fill the screen.
    pub(crate) fn route(&self) -> String {
        let segments = self
            .path
            .split('/')
            .map(|segment| if segment.len() > 40 { "…" } else { segment });
        segments.collect::<Vec<_>>().join("/")
    }

    /// A number in the query.
    pub(crate) fn query_number(&self, name: &str) -> Option<u64> {
        let pairs = self
            .query
            .split('&')
            .filter_map(|pair| pair.split_once('='));
        pairs.clone().find(|(key, _)| *key == name)?.1.parse().ok()
    }
}

/// What a request is answered.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) status: u16,
    /// JSON; a string is sent as a page of HTML; null as nothing.
    pub(crate) body: Value,
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Outcome {
    pub(crate) fn ok(body: Value) -> Self {
        Self {
            status: 200,
            body,
            headers: Vec::new(),
        }
    }

    pub(crate) fn nothing() -> Self {
        Self {
            status: 204,
            body: Value::Null,
            headers: Vec::new(),
        }
    }

    /// An error in Discord's words, with its JSON error code.
    pub(crate) fn refused(status: u16, code: u64, message: &str) -> Self {
        let body = json!({"message": message, "code": code});
        Self {
            status,
            body,
            headers: Vec::new(),
        }
    }

    pub(crate) fn unknown_message() -> Self {
        Self::refused(404, 10_008, "Unknown Message")
    }

    pub(crate) fn html(status: u16) -> Self {
        let body =
            Value::String("<html><body><h1>It is not you, it is us</h1></body></html>".into());
        Self {
            status,
            body,
            headers: Vec::new(),
        }
    }
}

/// The server of a double.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/gateway", any(connect))
        .fallback(answer)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(shared)
}

async fn connect(State(shared): State<Arc<Shared>>, upgrade: WebSocketUpgrade) -> Response {
    let welcome = shared.look().gateway.welcome;
    if welcome == Welcome::Refuse {
        shared.change(|world| world.gateway.connections += 1);
        end_connection();
    }
    upgrade.on_upgrade(move |socket| gateway::serve(shared, socket))
}

async fn answer(State(shared): State<Arc<Shared>>, request: http::Request<Body>) -> Response {
    // On a task of its own: what Discord has taken in it carries out, be it that
    // whoever asked is gone.
    match tokio::spawn(deal_with(shared, request)).await {
        Ok(Some(response)) => response,
        Ok(None) => end_connection(),
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// Deals with a request; no response when the connection is to end.
async fn deal_with(shared: Arc<Shared>, request: http::Request<Body>) -> Option<Response> {
    let mut request = match read(&shared, request).await {
        Ok(request) => request,
        Err(complaint) => {
            shared.change(|world| world.violations.push(complaint));
            let refusal = Outcome::refused(400, 50_109, "The request body contains invalid JSON.");
            return Some(respond(&shared, &refusal, None));
        }
    };
    let checks = shared.look().setup.checks;
    let mut found = Vec::new();
    if checks != Checks::None {
        let hosts = shared.look().setup.link_hosts.clone();
        found = check::check(&request, &hosts);
        if let (Checks::All, Some(description)) = (checks, &shared.description) {
            found.extend(description.check(&request));
        }
    }
    shared.look().violations.append(&mut found);
    if shared.stop(&request, Moment::Arrived).await == Order::Lose {
        shared.change(|world| world.keep_request(request));
        return None;
    }
    let (fault, outcome) = shared.change(|world| {
        let (fault, outcome) = carry_out(world, &request);
        let is_lost = matches!(fault, Some(Fault::Reset | Fault::ReplyLost | Fault::Silent));
        request.status = if is_lost { 0 } else { outcome.status };
        world.keep_request(request.clone());
        (fault, outcome)
    });
    let is_done = fault.as_ref().is_none_or(Fault::lets_through) && outcome.status != 429;
    if is_done && shared.stop(&request, Moment::Processed).await == Order::Lose {
        return None;
    }
    let response = match &fault {
        Some(Fault::Reset | Fault::ReplyLost) => return None,
        Some(Fault::Silent) => std::future::pending().await,
        Some(Fault::Delay(time)) => {
            tokio::time::sleep(*time).await;
            respond(&shared, &outcome, None)
        }
        Some(Fault::HtmlAfter(status)) => respond(&shared, &Outcome::html(*status), None),
        fault => respond(&shared, &outcome, fault.as_ref()),
    };
    shared.stop(&request, Moment::Answered).await;
    Some(response)
}

/// The fault that a request meets, if any, and what it is answered.
fn carry_out(world: &mut World, request: &Request) -> (Option<Fault>, Outcome) {
    let fault = match world.unavailable {
        Some(status) => Some(Fault::Html(status)),
        None => world.plan.next(request),
    };
    if let Some(fault) = fault.as_ref().filter(|fault| !fault.lets_through()) {
        let outcome = fault.outcome();
        return (Some(fault.clone()), outcome);
    }
    let limit = world.setup.limit;
    if let Some(refusal) = limit.and_then(|limit| world.pace.refuse(request, limit)) {
        return (None, refusal);
    }
    let outcome = routes::carry_out(world, request);
    (fault, outcome)
}

/// Ends the connection without a reply: its task unwinds, silently.
fn end_connection() -> ! {
    std::panic::resume_unwind(Box::new("a connection that the test wanted to end"))
}

async fn read(shared: &Shared, request: http::Request<Body>) -> Result<Request, String> {
    let (parts, body) = request.into_parts();
    let named = |name: header::HeaderName| text(&parts.headers, &name);
    let authorization = named(header::AUTHORIZATION);
    let content_type = named(header::CONTENT_TYPE);
    let path = parts.uri.path();
    let Some(path) = path.strip_prefix("/api/v10/") else {
        return Err(format!("not a path of API version 10: {path}"));
    };
    let is_authorized =
        authorization.strip_prefix("Bot ") == Some(shared.look().setup.token.as_str());
    let mut read = Request {
        method: parts.method.to_string(),
        path: path.to_owned(),
        query: parts.uri.query().unwrap_or("").to_owned(),
        body: Value::Null,
        files: Vec::new(),
        at: Instant::now(),
        is_authorized,
        user_agent: named(header::USER_AGENT),
        content_type,
        status: 0,
    };
    if read.content_type.starts_with("multipart/form-data") {
        let request = http::Request::from_parts(parts, body);
        let parts = Multipart::from_request(request, &()).await;
        let parts = parts.map_err(|error| format!("{}: {error}", read.path))?;
        read_parts(&mut read, parts)
            .await
            .map_err(|error| format!("{}: {error}", read.path))?;
    } else {
        let bytes = axum::body::to_bytes(body, MAX_BODY).await;
        let bytes = bytes.map_err(|error| format!("{}: {error}", read.path))?;
        if !bytes.is_empty() {
            let body = serde_json::from_slice(&bytes);
            read.body = body.map_err(|error| format!("{}: no JSON: {error}", read.path))?;
        }
    }
    Ok(read)
}

async fn read_parts(read: &mut Request, mut parts: Multipart) -> Result<(), String> {
    while let Some(part) = parts
        .next_field()
        .await
        .map_err(|error| error.to_string())?
    {
        let field = part.name().unwrap_or("").to_owned();
        let name = part.file_name().unwrap_or("").to_owned();
        let content_type = part.content_type().map(str::to_owned);
        let bytes = part.bytes().await.map_err(|error| error.to_string())?;
        if field == "payload_json" {
            read.body = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
        } else {
            let number = field
                .strip_prefix("files[")
                .and_then(|rest| rest.strip_suffix(']'));
            let number = number.and_then(|number| number.parse().ok());
            read.files.push(File {
                number,
                name,
                content_type,
                bytes,
            });
        }
    }
    Ok(())
}

fn text(headers: &HeaderMap, name: &header::HeaderName) -> String {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or("").to_owned()
}

fn respond(shared: &Shared, outcome: &Outcome, fault: Option<&Fault>) -> Response {
    let status = StatusCode::from_u16(outcome.status).expect("a status of HTTP");
    let (kind, body) = match (&outcome.body, fault) {
        (_, Some(Fault::Garbage)) => ("application/json", "{\"id\": \"12".to_owned()),
        (Value::Null, _) => ("application/json", String::new()),
        (Value::String(page), _) => ("text/html", page.clone()),
        (body, _) => ("application/json", body.to_string()),
    };
    let mut response = (status, [(header::CONTENT_TYPE, kind)], body).into_response();
    let odd = matches!(fault, Some(Fault::OddHeaders));
    let now = shared.look().now();
    let reset_at = now.as_second() + 1;
    let added = [
        (
            "date",
            now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string(),
        ),
        ("x-ratelimit-bucket", "double".to_owned()),
        (
            "x-ratelimit-limit",
            if odd { "many" } else { "1000" }.to_owned(),
        ),
        (
            "x-ratelimit-remaining",
            if odd { "some" } else { "999" }.to_owned(),
        ),
        ("x-ratelimit-reset", format!("{reset_at}.000")),
        (
            "x-ratelimit-reset-after",
            if odd { "NaN" } else { "1.000" }.to_owned(),
        ),
    ];
    for (name, value) in added.into_iter().chain(outcome.headers.iter().cloned()) {
        let value = value.parse().expect("a value that fits into a header");
        response.headers_mut().insert(name, value);
    }
    response
}
