//! What the bot may do in one channel, computed as Discord documents it:
//! <https://discord.com/developers/docs/topics/permissions>.

use jiff::Timestamp;
use serde::Deserialize;
use serenity::all::{Permissions, RoleId, UserId};

use crate::discord::invite::NEEDED;
use crate::discord::rest::RestError;
use crate::id::{ChannelId, GuildId};

use super::{Finding, judge};

/// Discord's numbers of kinds of channel.
mod kind {
    pub(super) const CATEGORY: u8 = 4;
    pub(super) const THREADS: [u8; 3] = [10, 11, 12];
    /// Forums and media channels: messages stand in their posts only.
    pub(super) const POSTS: [u8; 2] = [15, 16];
}

/// A server as far as it decides about permissions.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Guild {
    id: GuildId,
    name: String,
    owner_id: UserId,
    roles: Vec<Role>,
}

#[derive(Clone, Debug, Deserialize)]
struct Role {
    /// That of `@everyone` is the id of its server.
    id: RoleId,
    name: String,
    permissions: Permissions,
    /// Whether it came with the bot.
    #[serde(default)]
    managed: bool,
}

/// The bot as a member.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Member {
    roles: Vec<RoleId>,
    /// Until when it is timed out.
    #[serde(default)]
    communication_disabled_until: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Channel {
    pub(super) id: ChannelId,
    #[serde(default)]
    pub(super) guild_id: Option<GuildId>,
    #[serde(default)]
    pub(super) parent_id: Option<ChannelId>,
    #[serde(default)]
    name: Option<String>,
    #[serde(rename = "type")]
    kind: u8,
    #[serde(default)]
    permission_overwrites: Vec<Overwrite>,
}

/// What a channel gives to a role or a member, or takes away.
#[derive(Clone, Debug, Deserialize)]
struct Overwrite {
    /// Of the role or, as a number, of the member.
    id: RoleId,
    allow: Permissions,
    deny: Permissions,
}

/// What decides about the bot in a channel of a server.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    /// The bot's user.
    pub(super) bot: UserId,
    pub(super) guild: Guild,
    pub(super) member: Member,
    pub(super) channel: Channel,
    /// Of a thread: the channel that it hangs on.
    pub(super) parent: Option<Channel>,
}

/// A channel that Discord does not show.
pub(super) fn not_found(wanted: ChannelId, error: &RestError) -> Finding {
    match error.code() {
        Some(10_003) => Finding::wrong(
            "channel",
            format!("there is no channel {wanted}"),
            "copy its id anew: right click on the channel, Copy Channel ID (Settings, Advanced, \
             Developer Mode shows that entry)"
                .to_owned(),
        ),
        Some(50_001) => Finding::wrong(
            "channel",
            format!("the bot is not on the server of channel {wanted}, or may not see it there"),
            "add it with the link of footnote invite; in the channel, allow its role View Channels"
                .to_owned(),
        ),
        _ => judge::failed("channel", error),
    }
}

/// What the bot may and may not do in a channel, and where to change that.
pub(super) fn judge(standing: &Standing, now: Timestamp) -> Vec<Finding> {
    let Standing { guild, channel, .. } = standing;
    let name = channel.name.as_deref().unwrap_or("?");
    let place = format!("#{name} on {}", guild.name);
    if channel.kind == kind::CATEGORY {
        return vec![Finding::wrong(
            "channel",
            format!("{place} is a category, which holds no messages"),
            "name one of the channels in it".to_owned(),
        )];
    }
    let by_roles = standing.by_roles();
    let here = standing.in_channel(by_roles);
    let mut findings = Vec::new();
    if standing.is_timed_out(now) && !by_roles.contains(Permissions::ADMINISTRATOR) {
        findings.push(Finding::wrong(
            "channel",
            format!("the bot is timed out on {}", guild.name),
            "right click on it in the list of members, Remove Timeout".to_owned(),
        ));
    }
    let (mut taken, mut never_had) = (Vec::new(), Vec::new());
    for (permission, name) in NEEDED {
        // In a thread, and so in a forum, another one stands for this.
        let is_needed = permission != Permissions::SEND_MESSAGES || !channel.is_all_threads();
        if is_needed && !here.contains(permission) {
            if by_roles.contains(permission) {
                taken.push(name);
            } else {
                never_had.push(name);
            }
        }
    }
    let role = standing.role_to_grant();
    if !never_had.is_empty() {
        findings.push(Finding::wrong(
            "channel",
            format!("in {place} the bot lacks {}", never_had.join(", ")),
            format!(
                "allow it to the role {role} in Server Settings, Roles, or add the bot again with \
                 the link of footnote invite"
            ),
        ));
    }
    if !taken.is_empty() {
        findings.push(Finding::wrong(
            "channel",
            format!("{place} takes away from the bot: {}", taken.join(", ")),
            format!("allow it to the role {role} in Edit Channel, Permissions"),
        ));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(
            "channel",
            format!("{place}: the bot has every permission it needs"),
        ));
    }
    findings
}

impl Channel {
    pub(super) fn is_thread(&self) -> bool {
        kind::THREADS.contains(&self.kind)
    }

    fn is_all_threads(&self) -> bool {
        self.is_thread() || kind::POSTS.contains(&self.kind)
    }
}

impl Standing {
    /// What the bot's roles allow, wherever no channel changes it.
    fn by_roles(&self) -> Permissions {
        let allowed = self
            .held()
            .fold(Permissions::empty(), |sum, role| sum | role.permissions);
        if allowed.contains(Permissions::ADMINISTRATOR) || self.guild.owner_id == self.bot {
            Permissions::all()
        } else {
            allowed
        }
    }

    /// What is left of that in the channel, by what it says of everyone first,
    /// then of all the bot's roles together, then of the bot alone.
    ///
    /// Who may not see a channel may do nothing there, and who may not write
    /// attaches nothing; what is missing itself is all that has to be named.
    fn in_channel(&self, by_roles: Permissions) -> Permissions {
        if by_roles.contains(Permissions::ADMINISTRATOR) {
            return by_roles;
        }
        let decides = self.parent.as_ref().unwrap_or(&self.channel);
        let (everyone, bot) = (self.guild.id.0, self.bot.get());
        let mut allowed = by_roles;
        let steps: [&dyn Fn(u64) -> bool; 3] = [
            &|id| id == everyone,
            &|id| id != everyone && self.member.roles.contains(&id.into()),
            &|id| id == bot,
        ];
        for applies in steps {
            let (mut allow, mut deny) = (Permissions::empty(), Permissions::empty());
            for overwrite in &decides.permission_overwrites {
                if applies(overwrite.id.get()) {
                    allow |= overwrite.allow;
                    deny |= overwrite.deny;
                }
            }
            allowed = (allowed - deny) | allow;
        }
        allowed
    }

    fn is_timed_out(&self, now: Timestamp) -> bool {
        let until = self.member.communication_disabled_until.as_deref();
        until
            .and_then(|until| until.parse::<Timestamp>().ok())
            .is_some_and(|until| until > now)
    }

    /// The bot's roles, `@everyone` among them.
    fn held(&self) -> impl Iterator<Item = &Role> {
        self.guild
            .roles
            .iter()
            .filter(|role| role.id.get() == self.guild.id.0 || self.member.roles.contains(&role.id))
    }

    /// Where something is best allowed: the role that came with the bot, another
    /// of its roles, or everyone.
    fn role_to_grant(&self) -> &str {
        self.held()
            .filter(|role| role.id.get() != self.guild.id.0)
            .max_by_key(|role| role.managed)
            .map_or("@everyone", |role| &role.name)
    }
}
