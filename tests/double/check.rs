//! Discord's limits as checks, and our own rules for what the bot sends: it
//! pings nobody, and its links lead where they may.
//!
//! Lengths are counted in UTF-16 units. Discord's API description counts
//! characters; units are never fewer, so what passes here passes there.

use std::collections::HashSet;

use serde_json::Value;

use super::check_commands;
use super::check_components;
use super::rest::Request;

/// Flags of Components V2 messages, which have rules of their own.
const COMPONENTS_V2: u64 = 1 << 15;
/// Discord's limit for a file without boosts.
const MAX_FILE: usize = 10 << 20;

/// Collects what is wrong with one request.
pub(crate) struct Findings {
    request: String,
    found: Vec<String>,
}

impl Findings {
    pub(crate) fn add(&mut self, complaint: impl AsRef<str>) {
        self.found
            .push(format!("{}: {}", self.request, complaint.as_ref()));
    }

    /// The length of a text, if there is one, lies in the range.
    pub(crate) fn length(&mut self, what: &str, text: &Value, least: usize, most: usize) {
        let Some(text) = text.as_str() else { return };
        let length = units(text);
        if length < least || length > most {
            self.add(format!("{what} has {length} units, not {least} to {most}"));
        }
    }

    /// A text that must be there.
    pub(crate) fn needed(&mut self, what: &str, text: &Value, most: usize) {
        if text.is_string() {
            self.length(what, text, 1, most);
        } else {
            self.add(format!("{what} is missing"));
        }
    }

    /// A list has at most so many items.
    pub(crate) fn count(&mut self, what: &str, list: &Value, most: usize) {
        let count = items(list).len();
        if count > most {
            self.add(format!("{count} {what}, at most {most}"));
        }
    }
}

/// What is wrong with a request. `hosts` are those that links may lead to.
pub(crate) fn check(request: &Request, hosts: &[String]) -> Vec<String> {
    let request_line = format!("{} {}", request.method, request.route());
    let mut findings = Findings {
        request: request_line,
        found: Vec::new(),
    };
    check_headers(request, &mut findings);
    let body = &request.body;
    let path: Vec<&str> = request.path.split('/').collect();
    match (request.method.as_str(), path.as_slice()) {
        ("POST", ["channels", _, "messages"] | ["webhooks", _, _]) => {
            check_message(body, true, request, hosts, &mut findings);
        }
        ("PATCH", ["channels", _, "messages", _] | ["webhooks", _, _, "messages", _]) => {
            check_message(body, false, request, hosts, &mut findings);
        }
        ("POST", ["interactions", _, _, "callback"]) => {
            let data = &body["data"];
            match body["type"].as_u64() {
                Some(4) => check_message(data, true, request, hosts, &mut findings),
                Some(7) => check_message(data, false, request, hosts, &mut findings),
                Some(8) => check_choices(data, &mut findings),
                Some(9) => check_modal(data, &mut findings),
                Some(5 | 6) => {}
                other => findings.add(format!("callback type {other:?}")),
            }
        }
        ("PUT", ["applications", .., "commands"]) => check_commands::check(body, &mut findings),
        _ => {}
    }
    findings.found
}

/// The length that Discord's clients count.
pub(crate) fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// The items of a list; none when it is absent.
pub(crate) fn items(list: &Value) -> &[Value] {
    list.as_array().map_or(&[], Vec::as_slice)
}

fn check_headers(request: &Request, findings: &mut Findings) {
    let has_own_token =
        request.path.starts_with("interactions/") || request.path.starts_with("webhooks/");
    if !has_own_token && request.path != "gateway" && !request.is_authorized {
        findings.add("no valid Authorization");
    }
    let agent = request.user_agent.strip_prefix("DiscordBot (");
    let named = agent.and_then(|rest| rest.split_once(')')?.0.split_once(", "));
    if !named.is_some_and(|(url, version)| url.starts_with("http") && !version.is_empty()) {
        findings.add(format!(
            "User-Agent {:?} is not DiscordBot (url, version)",
            request.user_agent
        ));
    }
    let is_known = request.content_type.starts_with("application/json")
        || request.content_type.starts_with("multipart/form-data");
    if !request.body.is_null() && !is_known {
        findings.add(format!("content type {:?}", request.content_type));
    }
}

fn check_message(
    body: &Value,
    is_new: bool,
    request: &Request,
    hosts: &[String],
    findings: &mut Findings,
) {
    let flags = body["flags"].as_u64().unwrap_or(0);
    let is_v2 = flags & COMPONENTS_V2 != 0;
    findings.length("content", &body["content"], 0, 2000);
    check_mentions(&body["allowed_mentions"], findings);
    check_embeds(&body["embeds"], findings);
    if is_v2 {
        let has = |field: &str| body[field].as_str().is_some_and(|text| !text.is_empty());
        if has("content") || !items(&body["embeds"]).is_empty() || body["poll"].is_object() {
            findings.add("Components V2 with content, embeds or a poll");
        }
    }
    check_components::check(&body["components"], is_v2, findings);
    if let Some(nonce) = body.get("nonce") {
        findings.length("nonce", nonce, 1, 25);
    }
    if body["enforce_nonce"] == true && body["nonce"].is_null() {
        findings.add("enforce_nonce without a nonce");
    }
    check_files(body, request, findings);
    let is_empty = body["content"]
        .as_str()
        .is_none_or(|text| text.trim().is_empty())
        && ["embeds", "components", "sticker_ids"]
            .iter()
            .all(|field| items(&body[*field]).is_empty())
        && request.files.is_empty()
        && !body["poll"].is_object();
    if is_new && is_empty {
        findings.add("an empty message");
    }
    check_links(body, hosts, findings);
}

/// Nothing that the bot sends may ping: not even a default may decide that.
fn check_mentions(allowed: &Value, findings: &mut Findings) {
    if !allowed["parse"].as_array().is_some_and(Vec::is_empty) {
        findings.add("allowed_mentions lacks an empty parse");
    }
    for list in ["users", "roles"] {
        if !items(&allowed[list]).is_empty() {
            findings.add(format!("allowed_mentions has {list}"));
        }
    }
    if allowed["replied_user"] == true {
        findings.add("allowed_mentions pings the author of the message replied to");
    }
}

fn check_embeds(embeds: &Value, findings: &mut Findings) {
    findings.count("embeds", embeds, 10);
    let mut sum = 0;
    for embed in items(embeds) {
        let mut part = |what: &str, text: &Value, most: usize| {
            findings.length(what, text, 0, most);
            sum += text.as_str().map_or(0, units);
        };
        part("embed title", &embed["title"], 256);
        part("embed description", &embed["description"], 4096);
        part("embed footer", &embed["footer"]["text"], 2048);
        part("embed author", &embed["author"]["name"], 256);
        for field in items(&embed["fields"]) {
            part("embed field name", &field["name"], 256);
            part("embed field value", &field["value"], 1024);
        }
        for field in items(&embed["fields"]) {
            for name in ["name", "value"] {
                let text = field[name].as_str().unwrap_or("");
                if text.trim().is_empty() {
                    findings.add(format!("an embed field with an empty {name}"));
                }
            }
        }
        findings.count("embed fields", &embed["fields"], 25);
    }
    if sum > 6000 {
        findings.add(format!("embeds have {sum} units together, at most 6000"));
    }
}

fn check_modal(modal: &Value, findings: &mut Findings) {
    findings.needed("modal title", &modal["title"], 45);
    findings.needed("custom_id", &modal["custom_id"], 100);
    let rows = items(&modal["components"]);
    // The description allows 40, the documentation five.
    if !(1..=5).contains(&rows.len()) {
        findings.add(format!(
            "a modal with {} components, not 1 to 5",
            rows.len()
        ));
    }
    let mut seen = HashSet::new();
    for row in rows {
        findings.length("label", &row["label"], 1, 45);
        findings.length("label description", &row["description"], 0, 100);
        let labelled = row.get("component").into_iter();
        for input in items(&row["components"]).iter().chain(labelled) {
            findings.needed("custom_id", &input["custom_id"], 100);
            if let Some(id) = input["custom_id"].as_str()
                && !seen.insert(id)
            {
                findings.add(format!("custom_id {id} twice"));
            }
            if input["type"] == 4 {
                findings.length("input label", &input["label"], 1, 45);
                findings.length("input placeholder", &input["placeholder"], 0, 100);
                findings.length("input value", &input["value"], 0, 4000);
                if input["max_length"]
                    .as_u64()
                    .is_some_and(|most| !(1..=4000).contains(&most))
                {
                    findings.add("max_length of an input is not 1 to 4000");
                }
            }
        }
    }
}

fn check_choices(data: &Value, findings: &mut Findings) {
    findings.count("choices", &data["choices"], 25);
    if !data["choices"].is_array() {
        findings.add("choices are missing");
    }
    for choice in items(&data["choices"]) {
        findings.needed("choice name", &choice["name"], 100);
        findings.length("choice value", &choice["value"], 1, 100);
    }
}

fn check_files(body: &Value, request: &Request, findings: &mut Findings) {
    if request.files.len() > 10 {
        findings.add(format!("{} files, at most 10", request.files.len()));
    }
    for file in &request.files {
        if file.bytes.len() > MAX_FILE {
            findings.add(format!(
                "file {} has {} bytes, at most {MAX_FILE}",
                file.name,
                file.bytes.len()
            ));
        }
        if file.number.is_none() || file.name.is_empty() {
            findings.add("a file without number or name");
        }
    }
    for attachment in items(&body["attachments"]) {
        findings.length("alt text", &attachment["description"], 0, 1024);
    }
}

/// Texts under these keys are shown as they are, if at all: `text` is a footer's.
const WITHOUT_MARKUP: [&str; 5] = ["url", "custom_id", "label", "placeholder", "text"];

/// Masked links, link buttons and linked titles lead to allowed hosts.
fn check_links(body: &Value, hosts: &[String], findings: &mut Findings) {
    let mut texts = Vec::new();
    collect(body, &mut texts);
    let masked = texts
        .iter()
        .filter(|(key, _)| !WITHOUT_MARKUP.contains(key))
        .flat_map(|(_, text)| targets(text));
    let direct = texts
        .iter()
        .filter(|(key, _)| *key == "url")
        .map(|(_, url)| *url);
    for url in masked.chain(direct) {
        let rest = url
            .strip_prefix("https://")
            .or_else(|| url.strip_prefix("http://"));
        let Some(rest) = rest else {
            if !url.starts_with("attachment://") {
                findings.add(format!("a link to {url}"));
            }
            continue;
        };
        let host = rest.split(['/', '?', '#', ':', '@']).next().unwrap_or("");
        let is_plain = !rest.split('/').next().unwrap_or("").contains('@');
        if !is_plain || !hosts.iter().any(|allowed| allowed == host) {
            findings.add(format!("a link to {url}"));
        }
    }
}

/// All texts in a body with the key each stands under.
fn collect<'a>(value: &'a Value, texts: &mut Vec<(&'a str, &'a str)>) {
    match value {
        Value::Array(list) => list.iter().for_each(|item| collect(item, texts)),
        Value::Object(map) => {
            for (key, value) in map {
                if let Some(text) = value.as_str() {
                    texts.push((key, text));
                } else {
                    collect(value, texts);
                }
            }
        }
        _ => {}
    }
}

/// Targets of masked links, `[shown](target)`, that are neither escaped nor code
/// and that Discord would make a link of.
fn targets(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("](").filter_map(|(at, _)| {
        let (before, after) = (text.get(..at)?, text.get(at + 2..)?);
        let target = after
            .split([')', ' ', '\n'])
            .next()?
            .trim_matches(['<', '>']);
        let is_escaped = before.chars().rev().take_while(|c| *c == '\\').count() % 2 == 1;
        let ticks = before.matches('`').count() - before.matches("\\`").count();
        let is_code = ticks % 2 == 1;
        (!is_escaped && !is_code && before.contains('[') && target.contains("://"))
            .then_some(target)
    })
}
