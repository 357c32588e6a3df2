//! Telling Discord which commands there are, only when they have changed.

use std::time::Duration;

use serde_json::Value;
use serenity::all::ApplicationId;
use serenity::http::Route;
use tokio::time::sleep;
use tracing::{error, info, warn};

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

impl Bot {
    /// Registers the commands: everywhere, or only on the servers of the
    /// configuration, where they appear at once.
    pub(super) async fn register(&self, application: ApplicationId) {
        let definitions = commands::definitions();
        let before: Vec<GuildId> = match self
            .app
            .store()
            .setting(&key(GUILDS, application, None))
            .await
        {
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
        };
        for guild in before.iter().filter(|guild| !self.guilds.contains(guild)) {
            self.put(application, Some(*guild), &Value::Array(Vec::new()))
                .await;
        }
        if self.guilds.is_empty() {
            self.put(application, None, &definitions).await;
        }
        for guild in &self.guilds {
            self.put(application, Some(*guild), &definitions).await;
        }
        if before != self.guilds {
            self.keep(&key(GUILDS, application, None), &self.guilds)
                .await;
        }
    }

    /// Registers `definitions` in one place unless they are registered there.
    async fn put(&self, application: ApplicationId, guild: Option<GuildId>, definitions: &Value) {
        let key = key(REGISTERED, application, guild);
        let text = definitions.to_string();
        if matches!(self.app.store().setting(&key).await, Ok(Some(known)) if known == text) {
            return;
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
        let place = guild.map_or_else(
            || "everywhere".to_owned(),
            |guild| format!("server {guild}"),
        );
        let mut pause = AGAIN;
        loop {
            let Err(error) = self.rest.put(route, definitions.clone()).await else {
                info!("commands registered: {place}");
                return self.keep(&key, definitions).await;
            };
            if error.code() == Some(50_001) {
                return warn!(
                    "commands cannot be registered on {place}: the bot is not on it, or was \
                     invited without the scope applications.commands; `footnote invite` prints \
                     the right link"
                );
            }
            if matches!(error, RestError::Refused { .. } | RestError::Unauthorized) {
                return error!("commands were not registered ({place}): {error}");
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

fn key(name: &str, application: ApplicationId, guild: Option<GuildId>) -> String {
    match guild {
        None => format!("{name}:{application}"),
        Some(guild) => format!("{name}:{application}:{guild}"),
    }
}
