//! What Discord says: only reads, one after the other.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use serenity::all::{ApplicationId, Permissions, UserId};
use serenity::http::Route;
use serenity::model::gateway::BotGateway;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::config::{Config, Shards};
use crate::discord::commands;
use crate::discord::rest::{Rest, RestError};
use crate::id::{ChannelId, GuildId};

use super::channel::{self, Channel, Guild, Member, Standing};
use super::{Finding, judge, quiz};

/// A gateway that does not take a connection in this time is out of reach.
const CONNECT: Duration = Duration::from_secs(5);

/// Servers that are searched for a channel that the bot may not see.
const SEARCHED: usize = 25;

/// Discord's code for a channel that the bot may not see.
pub(super) const MISSING_ACCESS: u64 = 50_001;

/// The application that a token belongs to.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::discord) struct Application {
    pub(in crate::discord) id: ApplicationId,
    pub(in crate::discord) name: String,
    /// Bits that Discord gives it, those of privileged intents among them.
    #[serde(default)]
    pub(super) flags: u64,
    /// Whether everybody may invite the bot.
    #[serde(default)]
    pub(super) bot_public: bool,
    /// Whether an invitation needs a server of ours to end at.
    #[serde(default)]
    pub(super) bot_require_code_grant: bool,
    #[serde(default)]
    pub(super) interactions_endpoint_url: Option<String>,
    /// By installation context: "0" servers, "1" people.
    #[serde(default)]
    pub(super) integration_types_config: Option<HashMap<String, Value>>,
    #[serde(default)]
    bot: Option<BotUser>,
}

#[derive(Clone, Debug, Deserialize)]
struct BotUser {
    id: UserId,
}

impl Application {
    /// Whether people can add it to their own account.
    pub(in crate::discord) fn installs_for_people(&self) -> bool {
        let contexts = self.integration_types_config.as_ref();
        contexts.is_some_and(|contexts| contexts.contains_key("1"))
    }

    /// Whether it can be added to servers; older applications do not say.
    pub(super) fn installs_on_servers(&self) -> bool {
        let contexts = self.integration_types_config.as_ref();
        contexts.is_none_or(|contexts| contexts.is_empty() || contexts.contains_key("0"))
    }

    /// The bot's own user; of newer applications, it has the same id.
    fn user(&self) -> UserId {
        let own = UserId::new(self.id.get());
        self.bot.as_ref().map_or(own, |bot| bot.id)
    }
}

/// A server that the bot is on.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Server {
    pub(super) id: GuildId,
    pub(super) name: String,
}

/// Asks Discord and judges what it says.
pub(super) async fn findings(
    rest: &Rest,
    config: &Config,
    wanted: Option<ChannelId>,
) -> Vec<Finding> {
    let application = match rest
        .get::<Application>(Route::Oauth2ApplicationCurrent)
        .await
    {
        Ok(application) => application,
        Err(error) => return vec![judge::failed("network", &error)],
    };
    let clock = judge::clock(application.date, Timestamp::now());
    let application = application.body;
    let mut findings = judge::application(&application);
    findings.push(gateway(rest, config.discord.shards).await);
    findings.push(clock);
    findings.extend(registered(rest, &application, &config.discord.guilds).await);
    let servers = match rest.get::<Vec<Server>>(Route::UserMeGuilds).await {
        Ok(servers) => servers.body,
        Err(error) => {
            findings.push(judge::failed("servers", &error));
            return findings;
        }
    };
    let mut absent = Vec::new();
    for id in &config.discord.guilds {
        let listed = servers.iter().any(|server| server.id == *id);
        if !listed && server(rest, *id).await.is_err() {
            absent.push(*id);
        }
    }
    findings.extend(judge::servers(&servers, &absent));
    let bot = application.user();
    findings.extend(quiz::findings(rest, config, bot, &servers, Timestamp::now()).await);
    if let Some(wanted) = wanted {
        findings.extend(
            match standing(rest, application.user(), wanted, &servers).await {
                Ok(Some(standing)) => channel::judge(&standing, Timestamp::now()),
                Ok(None) => vec![Finding::ok(
                    "channel",
                    "a direct message, where the bot needs no permissions",
                )],
                Err(error) => vec![channel::not_found(wanted, &error)],
            },
        );
    }
    findings
}

/// Finds the gateway and knocks; no session is started.
async fn gateway(rest: &Rest, shards: Option<Shards>) -> Finding {
    let gateway = match rest.get::<BotGateway>(Route::GatewayBot).await {
        Ok(gateway) => gateway.body,
        Err(error) => return judge::failed("gateway", &error),
    };
    let reached = reach(&gateway.url).await;
    judge::gateway(&gateway, shards, reached.err().as_deref())
}

async fn reach(url: &str) -> Result<(), String> {
    let place = url::Url::parse(url)
        .ok()
        .and_then(|url| Some((url.host_str()?.to_owned(), url.port_or_known_default()?)));
    let Some((host, port)) = place else {
        return Err(format!("{url} is no address"));
    };
    let told = |reason: String| format!("{host}:{port}: {reason}");
    match timeout(CONNECT, TcpStream::connect((host.as_str(), port))).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(told(error.to_string())),
        Err(_) => Err(told("no answer".to_owned())),
    }
}

async fn registered(rest: &Rest, application: &Application, guilds: &[GuildId]) -> Vec<Finding> {
    let ours = commands::definitions();
    let mut findings = Vec::new();
    let everywhere = guilds.is_empty().then_some(None);
    for guild in everywhere
        .into_iter()
        .chain(guilds.iter().map(|guild| Some(*guild)))
    {
        let application_id = application.id;
        let route = match guild {
            None => Route::Commands { application_id },
            Some(guild) => Route::GuildCommands {
                application_id,
                guild_id: guild.0.into(),
            },
        };
        match rest.get::<Vec<Value>>(route).await {
            Ok(theirs) => findings.push(judge::commands(&ours, &theirs.body, guild)),
            // That the bot is not on the server is said with the servers.
            Err(error) if error.code() == Some(MISSING_ACCESS) => {}
            Err(error) => findings.push(judge::failed("commands", &error)),
        }
    }
    findings
}

/// What the bot may do in a channel of a server.
pub(in crate::discord) async fn permissions_in(
    rest: &Rest,
    channel: ChannelId,
) -> Result<Permissions, RestError> {
    let me: BotUser = rest.get(Route::UserMe).await?.body;
    let standing = standing(rest, me.id, channel, &[]).await?;
    Ok(standing.map_or_else(Permissions::empty, |standing| standing.here()))
}

async fn server(rest: &Rest, id: GuildId) -> Result<Guild, RestError> {
    let guild_id = id.0.into();
    Ok(rest.get(Route::Guild { guild_id }).await?.body)
}

/// Everything that decides what the bot may do in a channel; a conversation
/// with one person has no server. A channel that the bot may not see is
/// searched for on `servers`.
pub(super) async fn standing(
    rest: &Rest,
    bot: UserId,
    wanted: ChannelId,
    servers: &[Server],
) -> Result<Option<Standing>, RestError> {
    let found = match channel_with(rest, wanted).await {
        Err(error) if error.code() == Some(MISSING_ACCESS) => {
            search(rest, wanted, servers).await?.ok_or(error)
        }
        found => found,
    }?;
    let Some(guild_id) = found.guild_id else {
        return Ok(None);
    };
    let guild = server(rest, guild_id).await?;
    let member_route = Route::GuildMember {
        guild_id: guild_id.0.into(),
        user_id: bot,
    };
    let member: Member = rest.get(member_route).await?.body;
    // A thread has the permissions of the channel that it hangs on.
    let parent = match found.parent_id {
        Some(parent) if found.is_thread() => Some(channel_with(rest, parent).await?),
        _ => None,
    };
    Ok(Some(Standing {
        bot,
        guild,
        member,
        channel: found,
        parent,
    }))
}

async fn channel_with(rest: &Rest, id: ChannelId) -> Result<Channel, RestError> {
    let channel_id = id.0.into();
    Ok(rest.get(Route::Channel { channel_id }).await?.body)
}

/// Discord names a server's channels even to those who may not see them.
async fn search(
    rest: &Rest,
    wanted: ChannelId,
    servers: &[Server],
) -> Result<Option<Channel>, RestError> {
    for server in servers.iter().take(SEARCHED) {
        let guild_id = server.id.0.into();
        let channels: Vec<Channel> = rest.get(Route::GuildChannels { guild_id }).await?.body;
        if let Some(mut found) = channels.into_iter().find(|channel| channel.id == wanted) {
            found.guild_id = Some(server.id);
            return Ok(Some(found));
        }
    }
    Ok(None)
}
