//! Telling Discord which commands there are, only when they have changed.

use std::time::Duration;

use serde_json::Value;
use serenity::all::ApplicationId;
use serenity::http::Route;
use tokio::time::sleep;
use tracing::{debug, error, info, warn};

use crate::id::GuildId;

use super::bot::Bot;
use super::commands;
use super::rest::RestError;

/// Settings under which the commands that Discord knows are kept.
const REGISTERED: &str = "commands";
/// The servers that have commands of their own.
const GUILDS: &str = "command-guilds";
/// While Discord does not take them, the first pause before the next try.
const AGAIN: Duration = Duration::from_secs(5);
/// The pause doubles up to this.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);
/// Discord's code for a server that the bot cannot see.
const MISSING_ACCESS: u64 = 50_001;

impl Bot {
    /// Registers the commands: everywhere, or only on the servers of the
    /// configuration, where they appear at once. What was registered in other
    /// places before goes, or people would see every command twice.
    pub(super) async fn register(&self, application: ApplicationId) {
        let definitions = commands::definitions();
        let none = Value::Array(Vec::new());
        let before = self.guilds_before(application).await;
        let mut guilds = self.guilds.clone();
        for guild in before.iter().filter(|guild| !self.guilds.contains(guild)) {
            if !self.put(application, Some(*guild), &none).await {
                // It is tried again at the next start.
                guilds.push(*guild);
            }
        }
        if self.guilds.is_empty() {
            self.put(application, None, &definitions).await;
        } else if self.known(application, None).await.is_some() {
            self.put(application, None, &none).await;
        }
        let own = for_one_server(&definitions);
        for guild in &self.guilds {
            self.put(application, Some(*guild), &own).await;
        }
        if before != guilds {
            self.keep(&key(GUILDS, application, None), &guilds).await;
        }
    }

    async fn guilds_before(&self, application: ApplicationId) -> Vec<GuildId> {
        let key = key(GUILDS, application, None);
        match self.app.store().setting(&key).await {
            Ok(known) => known
                .and_then(|known| serde_json::from_str(&known).ok())
                .unwrap_or_default(),
            Err(error) => {
                error!(
                    error = &error as &dyn std::error::Error,
                    "the registered commands cannot be read"
                );
                Vec::new()
            }
        }
    }

    /// What is registered in a place, as far as it was noted.
    async fn known(&self, application: ApplicationId, guild: Option<GuildId>) -> Option<String> {
        let key = key(REGISTERED, application, guild);
        self.app.store().setting(&key).await.ok().flatten()
    }

    /// Registers `definitions` in one place unless they are registered there.
    /// False when it may help to try again later.
    async fn put(
        &self,
        application: ApplicationId,
        guild: Option<GuildId>,
        definitions: &Value,
    ) -> bool {
        let place = guild.map_or_else(
            || "everywhere".to_owned(),
            |guild| format!("server {guild}"),
        );
        if self.known(application, guild).await == Some(definitions.to_string()) {
            debug!("commands are registered already: {place}");
            return true;
        }
        let route = match guild {
            None => Route::Commands {
                application_id: application,
            },
            Some(guild) => Route::GuildCommands {
                application_id: application,
                guild_id: guild.0.into(),
            },
        };
        let mut pause = AGAIN;
        loop {
            let Err(error) = self.rest.put(route, definitions.clone()).await else {
                let commands = definitions.as_array().map_or(0, Vec::len);
                info!(commands, "commands registered: {place}");
                let key = key(REGISTERED, application, guild);
                self.keep(&key, definitions).await;
                return true;
            };
            if error.code() == Some(MISSING_ACCESS) {
                warn!(
                    "commands cannot be registered on {place}: the bot is not on it, or was \
                     invited without the scope applications.commands; `footnote invite` prints \
                     the right link"
                );
                return true;
            }
            if matches!(error, RestError::Refused { .. } | RestError::Unauthorized) {
                error!("commands were not registered ({place}): {error}");
                return false;
            }
            let wait = error.retry_after().unwrap_or(pause);
            warn!(
                register.pause_s = wait.as_secs(),
                "commands are not registered yet ({place}): {error}"
            );
            sleep(wait).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn keep(&self, key: &str, value: &impl serde::Serialize) {
        let Ok(text) = serde_json::to_string(value) else {
            return;
        };
        if let Err(error) = self.app.store().set_setting(key, &text).await {
            // They are registered again at the next start, which does no harm.
            warn!(
                error = &error as &dyn std::error::Error,
                "the registered commands were not noted"
            );
        }
    }
}

/// Definitions for one server: where a command can be used is said of commands
/// for everywhere only.
fn for_one_server(definitions: &Value) -> Value {
    let mut own = definitions.clone();
    for command in own.as_array_mut().into_iter().flatten() {
        if let Some(fields) = command.as_object_mut() {
            fields.remove("contexts");
            fields.remove("integration_types");
        }
    }
    own
}

fn key(name: &str, application: ApplicationId, guild: Option<GuildId>) -> String {
    match guild {
        None => format!("{name}:{application}"),
        Some(guild) => format!("{name}:{application}:{guild}"),
    }
}
