//! `footnote doctor`: what keeps the bot from working, and what to do.
//!
//! It only looks. Asking (`local`, `remote`) is apart from judging (`judge`,
//! `channel`), which takes facts and returns findings.

mod channel;
mod judge;
mod local;
mod quiz;
mod remote;

use secrecy::SecretString;
use serde::Serialize;

use crate::config::{Config, Sources};
use crate::id::ChannelId;

use super::rest::Rest;

pub(super) use quiz::{Unfit, unfit_for_quiz};
pub(super) use remote::{Application, permissions_in};

/// How a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// The bot works, but somebody should look at it.
    Look,
    /// Something does not work.
    Wrong,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How it went.
    pub verdict: Verdict,
    /// What was looked at.
    pub subject: &'static str,
    /// What is so.
    pub what: String,
    /// What to do about it; none where nothing is to be done.
    pub remedy: Option<String>,
}

impl Finding {
    fn ok(subject: &'static str, what: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Ok,
            subject,
            what: what.into(),
            remedy: None,
        }
    }

    fn look(
        subject: &'static str,
        what: impl Into<String>,
        remedy: impl Into<Option<String>>,
    ) -> Self {
        Self {
            verdict: Verdict::Look,
            remedy: remedy.into(),
            ..Self::ok(subject, what)
        }
    }

    fn wrong(
        subject: &'static str,
        what: impl Into<String>,
        remedy: impl Into<Option<String>>,
    ) -> Self {
        Self {
            verdict: Verdict::Wrong,
            remedy: remedy.into(),
            ..Self::ok(subject, what)
        }
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let verdict = match self.verdict {
            Verdict::Ok => "ok",
            Verdict::Look => "look",
            Verdict::Wrong => "wrong",
        };
        write!(
            f,
            "{verdict:<5}  {}: {}",
            self.subject,
            printable(&self.what)
        )?;
        match &self.remedy {
            Some(remedy) => write!(f, " — {}", printable(remedy)),
            None => Ok(()),
        }
    }
}

/// Looks at everything that the bot needs, and at a channel if one is named.
/// What comes first is most likely to be the reason of what comes later.
pub async fn examine(
    config: &Config,
    sources: &Sources,
    channel: Option<ChannelId>,
) -> Vec<Finding> {
    let mut findings = vec![
        local::configuration(sources),
        local::notes(config),
        local::store(&config.store.url).await,
    ];
    findings.extend(local::room(&config.store.url));
    findings.push(local::listener(config.listen.address.as_deref()).await);
    findings.push(local::time_zones(config.quiz.time_zones));
    let (token, found) = local::token(config);
    findings.extend(found);
    let Some(token) = token else {
        return findings;
    };
    let secret = SecretString::from(token.expose());
    match Rest::new(&secret, config.discord.api_url.as_deref()) {
        Ok(rest) => findings.extend(remote::findings(&rest, config, channel).await),
        Err(error) => findings.push(judge::failed("network", &error)),
    }
    findings
}

/// Names come from people; in a terminal, some characters are commands.
pub(super) fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

/// A number with its noun.
fn count(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}
