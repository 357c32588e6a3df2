//! From what Discord says to findings. No questions are asked here.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use serenity::model::gateway::BotGateway;

use crate::config::Shards;
use crate::discord::gateway::GatewayExit;
use crate::discord::guard::wait_for_sessions;
use crate::discord::rest::RestError;
use crate::id::GuildId;

use super::remote::{Application, Server};
use super::{Finding, count};

/// Discord and an honest clock differ by the way between them, a second or
/// two. Beyond this, times that people see are plainly wrong, and the daily quiz
/// posts nothing.
const SKEW_S: u64 = 120;

/// Servers that one request lists; with so many, there may be more.
const LISTED: usize = 200;

/// Servers that are named.
const NAMED: usize = 3;

/// Bits of an application's flags by the switch of each intent; the second bit
/// is for applications on fewer than 100 servers.
const PRIVILEGED: [(u64, &str); 3] = [
    (1 << 12 | 1 << 13, "Presence"),
    (1 << 14 | 1 << 15, "Server Members"),
    (1 << 18 | 1 << 19, "Message Content"),
];

/// A question to Discord that was not answered.
pub(super) fn failed(subject: &'static str, error: &RestError) -> Finding {
    let remedy = match error {
        RestError::Unauthorized => {
            return Finding::wrong("token", GatewayExit::WrongToken.to_string(), None);
        }
        RestError::NotSent { .. } => {
            "check the network, and api_url in [discord] where it is set; a firewall must let the \
             bot out to discord.com and gateway.discord.gg, port 443"
        }
        RestError::RateLimited { .. } | RestError::Paused { .. } => {
            return Finding::look(subject, error.to_string(), "try again then".to_owned());
        }
        RestError::Refused { .. } | RestError::Unsendable(_) => {
            "look at the application at https://discord.com/developers/applications"
        }
        RestError::Unknown { .. } => {
            let what = format!("Discord did not answer properly: {}", reason(error));
            let remedy = "try again; https://discordstatus.com says whether Discord has trouble";
            return Finding::wrong(subject, what, remedy.to_owned());
        }
    };
    Finding::wrong(subject, error.to_string(), remedy.to_owned())
}

fn reason(error: &RestError) -> String {
    match error {
        RestError::Unknown { reason, .. } => reason.clone(),
        other => other.to_string(),
    }
}

/// The token is good; is the application set up as the bot needs it?
pub(super) fn application(application: &Application) -> Vec<Finding> {
    let page = |page| {
        format!(
            "https://discord.com/developers/applications/{}/{page}",
            application.id
        )
    };
    let mut findings = vec![Finding::ok(
        "token",
        format!(
            "Discord accepts it: {}, application {}",
            application.name, application.id
        ),
    )];
    let before = findings.len();
    if application
        .interactions_endpoint_url
        .as_deref()
        .is_some_and(|url| !url.is_empty())
    {
        findings.push(Finding::wrong(
            "application",
            "an Interactions Endpoint URL is set, so commands and buttons go there and never reach the bot",
            format!("clear it under General Information: {}", page("information")),
        ));
    }
    if !application.installs_on_servers() {
        findings.push(Finding::wrong(
            "application",
            "it cannot be added to servers",
            format!(
                "switch on Guild Install under Installation: {}",
                page("installation")
            ),
        ));
    }
    if application.bot_require_code_grant {
        findings.push(Finding::wrong(
            "application",
            "Requires OAuth2 Code Grant is on, so invitations fail",
            format!("switch it off under Bot: {}", page("bot")),
        ));
    }
    let privileged: Vec<&str> = PRIVILEGED
        .iter()
        .filter(|(bits, _)| application.flags & bits != 0)
        .map(|(_, name)| *name)
        .collect();
    if !privileged.is_empty() {
        findings.push(Finding::look(
            "application",
            format!(
                "privileged intents are on that the bot does not use: {}",
                privileged.join(", ")
            ),
            format!(
                "switch them off under Bot, Privileged Gateway Intents: {}",
                page("bot")
            ),
        ));
    }
    if application.bot_public {
        findings.push(Finding::look(
            "application",
            "everybody may add the bot to their server",
            format!(
                "for a team alone, set Install Link to None under Installation, then switch off \
                 Public Bot under Bot: {}",
                page("bot")
            ),
        ));
    }
    if findings.len() == before {
        let people = if application.installs_for_people() {
            ", and to people's own accounts"
        } else {
            ""
        };
        findings.push(Finding::ok(
            "application",
            format!("set up as it should be; can be added to servers{people}"),
        ));
    }
    findings
}

/// Whether events can arrive; `unreached` says why no connection was taken.
pub(super) fn gateway(
    gateway: &BotGateway,
    shards: Option<Shards>,
    unreached: Option<&str>,
) -> Finding {
    if let Some(reason) = unreached {
        return Finding::wrong(
            "gateway",
            format!("no connection to {reason}"),
            "let the bot out to that address; it must be reached without a proxy".to_owned(),
        );
    }
    let limit = &gateway.session_start_limit;
    let left = format!("{} of {} sessions left today", limit.remaining, limit.total);
    let reset = Duration::from_millis(limit.reset_after);
    if wait_for_sessions(limit.remaining, reset).is_zero() {
        let recommended = gateway.shards;
        if let Some(shards) = shards.filter(|shards| shards.total() < recommended) {
            return Finding::look(
                "gateway",
                format!("this process runs shards {shards}, but Discord recommends {recommended} in all"),
                "raise the total of `shards` in [discord] of all processes; docs/scaling.md says how"
                    .to_owned(),
            );
        }
        let part = shards.map_or_else(String::new, |shards| {
            format!("; this process runs shards {shards}")
        });
        Finding::ok("gateway", format!("within reach; {left}{part}"))
    } else {
        Finding::wrong(
            "gateway",
            format!("only {left}, so the bot waits before it connects"),
            format!(
                "it goes on by itself in {} min; its log says why it connected so often",
                reset.as_secs().div_ceil(60)
            ),
        )
    }
}

/// The clock of this machine against that of Discord, as far as that told it.
pub(super) fn clock(discord: Option<Timestamp>, here: Timestamp) -> Finding {
    let Some(discord) = discord else {
        return Finding::look("clock", "Discord did not tell the time", None);
    };
    let skew = here.as_second() - discord.as_second();
    let (seconds, side) = (
        skew.unsigned_abs(),
        if skew < 0 { "behind" } else { "ahead of" },
    );
    if seconds > SKEW_S {
        Finding::wrong(
            "clock",
            format!("{seconds} s {side} Discord's, so the daily quiz posts nothing"),
            "set it, and let the system keep it (timedatectl set-ntp true)".to_owned(),
        )
    } else {
        Finding::ok("clock", "agrees with Discord's")
    }
}

/// Our commands against those that Discord shows, everywhere or on one server.
pub(super) fn commands(ours: &Value, theirs: &[Value], guild: Option<GuildId>) -> Finding {
    let place = guild.map_or_else(String::new, |guild| format!(" on server {guild}"));
    let next_start = "the next start of footnote run registers them".to_owned();
    if theirs.is_empty() {
        let what = format!("none are registered yet{place}");
        return Finding::look("commands", what, next_start);
    }
    let ours = ours.as_array().map(Vec::as_slice).unwrap_or_default();
    let same =
        |one: &Value, other: &Value| one["name"] == other["name"] && kind(one) == kind(other);
    let mut differing: Vec<&str> = ours
        .iter()
        .filter(|own| {
            let theirs = theirs.iter().find(|theirs| same(own, theirs));
            !theirs.is_some_and(|theirs| covers(own, theirs))
        })
        .filter_map(name)
        .collect();
    let unknown = theirs
        .iter()
        .filter(|theirs| !ours.iter().any(|own| same(own, theirs)));
    differing.extend(unknown.filter_map(name));
    if differing.is_empty() {
        let what = format!("{} registered{place}", count(ours.len(), "command"));
        return Finding::ok("commands", what);
    }
    let what = format!(
        "other than those of this version{place}: {}",
        differing.join(", ")
    );
    Finding::look("commands", what, next_start)
}

fn name(command: &Value) -> Option<&str> {
    command["name"].as_str()
}

fn kind(command: &Value) -> u64 {
    command["type"].as_u64().unwrap_or(1)
}

/// Whether Discord's form of a definition says all that ours does. It adds ids
/// and leaves out what is empty.
fn covers(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => ours
            .iter()
            .all(|(key, own)| covers(own, theirs.get(key).unwrap_or(&Value::Null))),
        (Value::Array(ours), Value::Array(theirs)) => {
            ours.len() == theirs.len()
                && ours
                    .iter()
                    .zip(theirs)
                    .all(|(own, other)| covers(own, other))
        }
        _ => ours == theirs || (is_empty(ours) && is_empty(theirs)),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::String(text) => text.is_empty(),
        Value::Array(entries) => entries.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Number(_) => false,
    }
}

/// Where the bot is, and where the configuration wants it and it is not.
pub(super) fn servers(servers: &[Server], absent: &[GuildId]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = absent
        .iter()
        .map(|id| {
            Finding::wrong(
                "servers",
                format!("the bot is not on server {id}, which guilds in [discord] names"),
                "add it with the link of footnote invite, or take the id out".to_owned(),
            )
        })
        .collect();
    if servers.is_empty() {
        findings.push(Finding::look(
            "servers",
            "the bot is on none",
            "add it with the link of footnote invite".to_owned(),
        ));
        return findings;
    }
    let names: Vec<&str> = servers
        .iter()
        .take(NAMED)
        .map(|server| server.name.as_str())
        .collect();
    let least = if servers.len() == LISTED {
        "at least "
    } else {
        ""
    };
    let more = if servers.len() > NAMED { ", …" } else { "" };
    findings.push(Finding::ok(
        "servers",
        format!(
            "the bot is on {least}{}: {}{more}",
            servers.len(),
            names.join(", ")
        ),
    ));
    findings
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Verdict::{self, Look, Ok, Wrong};
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn a_clock_may_differ_by_two_minutes() {
        let discord = Some(at(1_000_000));
        for (here, verdict, words) in [
            (1_000_000, Ok, "agrees"),
            (1_000_120, Ok, "agrees"),
            (999_880, Ok, "agrees"),
            (1_000_121, Wrong, "121 s ahead of Discord's"),
            (996_400, Wrong, "3600 s behind Discord's"),
        ] {
            let finding = clock(discord, at(here));
            assert_eq!(finding.verdict, verdict, "{finding}");
            assert!(finding.what.contains(words), "{finding}");
        }
        assert_eq!(clock(None, at(0)).verdict, Look);
    }

    #[test]
    fn a_gateway_with_few_sessions_left_is_waited_for() {
        let gateway_with = |remaining: u64| -> BotGateway {
            let limit = json!({
                "total": 1000, "remaining": remaining, "reset_after": 90_000, "max_concurrency": 1,
            });
            let gateway =
                json!({"url": "wss://g.example", "shards": 1, "session_start_limit": limit});
            serde_json::from_value(gateway).unwrap()
        };
        assert_eq!(gateway(&gateway_with(100), None, None).verdict, Ok);
        let few = gateway(&gateway_with(99), None, None);
        assert_eq!(few.verdict, Wrong);
        assert!(few.remedy.unwrap().contains("by itself in 2 min"));
        let unreached = gateway(&gateway_with(1000), None, Some("g.example:443: no answer"));
        assert_eq!(unreached.verdict, Wrong);
        assert_eq!(unreached.what, "no connection to g.example:443: no answer");
    }

    #[test]
    fn too_few_shards_are_seen() {
        let limit = json!({
            "total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1,
        });
        let recommending = |shards: u32| -> BotGateway {
            let gateway = json!({
                "url": "wss://g.example", "shards": shards, "session_start_limit": limit,
            });
            serde_json::from_value(gateway).unwrap()
        };
        let ours = Shards::new(0, 1, 4);
        let fine = gateway(&recommending(4), ours, None);
        assert_eq!(fine.verdict, Ok);
        assert!(fine.what.ends_with("this process runs shards 0-1/4"));
        let few = gateway(&recommending(5), ours, None);
        assert_eq!(few.verdict, Look);
        assert!(few.what.contains("recommends 5"), "{few}");
        assert_eq!(gateway(&recommending(5), None, None).verdict, Ok);
    }

    #[test]
    fn commands_are_compared_by_what_they_say() {
        let ours = json!([
            {"name": "ask", "description": "Ask", "options": [
                {"type": 3, "name": "question", "description": "Yours", "required": true,
                 "name_localizations": {}, "choices": []},
            ]},
            {"type": 3, "name": "Find", "options": [], "description_localizations": {}},
        ]);
        // With what Discord adds, and without what is empty.
        let theirs = json!([
            {"id": "1", "type": 3, "name": "Find", "description": "", "version": "9"},
            {"id": "2", "type": 1, "name": "ask", "description": "Ask", "nsfw": false, "options": [
                {"type": 3, "name": "question", "description": "Yours", "required": true},
            ]},
        ]);
        let judged = |change: &dyn Fn(&mut Value)| -> (Verdict, String) {
            let mut theirs = theirs.clone();
            change(&mut theirs);
            let finding = commands(&ours, theirs.as_array().unwrap(), None);
            (finding.verdict, finding.what)
        };
        let differs = |names: &str| (Look, format!("other than those of this version: {names}"));
        assert_eq!(judged(&|_| {}), (Ok, "2 commands registered".to_owned()));
        let description = "/1/options/0/description";
        assert_eq!(
            judged(&|theirs| *theirs.pointer_mut(description).unwrap() = json!("Old")),
            differs("ask")
        );
        assert_eq!(
            judged(&|theirs| theirs[1]["options"] = json!([])),
            differs("ask")
        );
        assert_eq!(
            judged(&|theirs| theirs[0]["name"] = json!("Search")),
            differs("Find, Search")
        );
        let none = commands(&ours, &[], Some(GuildId(7)));
        assert_eq!(none.what, "none are registered yet on server 7");
    }

    #[test]
    fn an_application_of_before_installation_contexts_is_fine() {
        let old = json!({"id": "42", "name": "Footnote"});
        let application = serde_json::from_value(old).unwrap();
        let findings = super::application(&application);
        assert!(
            findings.iter().all(|finding| finding.verdict == Ok),
            "{findings:?}"
        );
    }

    #[test]
    fn only_some_servers_are_named() {
        let on = |count: u64| -> Vec<Server> {
            let one = |id| Server {
                id: GuildId(id),
                name: format!("S{id}"),
            };
            (1..=count).map(one).collect()
        };
        let what = |count| servers(&on(count), &[]).remove(0).what;
        assert_eq!(what(2), "the bot is on 2: S1, S2");
        assert_eq!(what(4), "the bot is on 4: S1, S2, S3, …");
        assert_eq!(what(200), "the bot is on at least 200: S1, S2, S3, …");
    }

    #[test]
    fn every_failure_says_what_to_do() {
        let retry_after = Duration::from_secs(9);
        let reason = || "oh".to_owned();
        for (error, verdict, words) in [
            (RestError::Unauthorized, Wrong, "Reset Token"),
            (
                RestError::NotSent { reason: reason() },
                Wrong,
                "cannot reach Discord: oh",
            ),
            (
                RestError::RateLimited { retry_after },
                Look,
                "come back in 9.0 s",
            ),
            (RestError::Paused { retry_after }, Look, "try again then"),
            (
                RestError::Unknown {
                    reason: reason(),
                    code: None,
                },
                Wrong,
                "discordstatus.com",
            ),
        ] {
            let finding = failed("gateway", &error);
            assert_eq!(finding.verdict, verdict, "{finding}");
            assert!(finding.to_string().contains(words), "{finding}");
        }
    }
}
