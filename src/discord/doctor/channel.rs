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
    pub(super) const TEXT: u8 = 0;
    pub(super) const CATEGORY: u8 = 4;
    pub(super) const NEWS: u8 = 5;
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

/// What the bot lacks in a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::discord) struct Lacks {
    /// Permissions that none of its roles has.
    pub(in crate::discord) never_had: Vec<&'static str>,
    /// Permissions that the channel takes away.
    pub(in crate::discord) taken: Vec<&'static str>,
    /// The role where they are best allowed.
    pub(in crate::discord) role: String,
    /// Whether it is timed out on the whole server.
    pub(in crate::discord) timed_out: bool,
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
    let Lacks {
        never_had,
        taken,
        role,
        timed_out,
    } = standing.lacks(&NEEDED, now);
    let mut findings = Vec::new();
    if timed_out {
        findings.push(Finding::wrong(
            "channel",
            format!("the bot is timed out on {}", guild.name),
            "right click on it in the list of members, Remove Timeout".to_owned(),
        ));
    }
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

    /// Whether it is an ordinary channel for messages, or one for news.
    pub(super) fn is_text(&self) -> bool {
        matches!(self.kind, kind::TEXT | kind::NEWS)
    }

    fn is_all_threads(&self) -> bool {
        self.is_thread() || kind::POSTS.contains(&self.kind)
    }
}

impl Lacks {
    pub(in crate::discord) fn is_nothing(&self) -> bool {
        self.never_had.is_empty() && self.taken.is_empty() && !self.timed_out
    }
}

impl Standing {
    /// What the bot may do in the channel.
    pub(super) fn here(&self) -> Permissions {
        self.in_channel(self.by_roles())
    }

    /// Which of some permissions the bot lacks in the channel, by name.
    pub(super) fn lacks(&self, needed: &[(Permissions, &'static str)], now: Timestamp) -> Lacks {
        let by_roles = self.by_roles();
        let here = self.in_channel(by_roles);
        let (mut taken, mut never_had) = (Vec::new(), Vec::new());
        for &(permission, name) in needed {
            // In a thread, and so in a forum, another one stands for this.
            let is_needed =
                permission != Permissions::SEND_MESSAGES || !self.channel.is_all_threads();
            if is_needed && !here.contains(permission) {
                if by_roles.contains(permission) {
                    taken.push(name);
                } else {
                    never_had.push(name);
                }
            }
        }
        Lacks {
            never_had,
            taken,
            role: self.role_to_grant().to_owned(),
            timed_out: self.is_timed_out(now) && !by_roles.contains(Permissions::ADMINISTRATOR),
        }
    }

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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const ALL: u64 = 274_878_024_704;
    const VIEW: u64 = 1 << 10;
    const SEND: u64 = 1 << 11;
    const EMBED: u64 = 1 << 14;
    const IN_THREADS: u64 = 1 << 38;

    /// A server with id 1, the bot 2 with the role 3 that came with it and the
    /// role 4, and a text channel.
    fn standing(everyone: u64, bot: u64, overwrites: &[(u64, u64, u64)]) -> Standing {
        let role = |id: u64, name: &str, permissions: u64, managed: bool| {
            json!({"id": id.to_string(), "name": name, "permissions": permissions.to_string(),
                   "managed": managed})
        };
        let roles = [
            role(1, "@everyone", everyone, false),
            role(4, "helpers", 0, false),
            role(3, "Footnote", bot, true),
            role(5, "owners", 8, false),
        ];
        Standing {
            bot: UserId::new(2),
            guild: of(json!({"id": "1", "name": "Team", "owner_id": "9", "roles": roles})),
            member: of(json!({"roles": ["3", "4"]})),
            channel: channel(0, overwrites),
            parent: None,
        }
    }

    fn channel(kind: u8, overwrites: &[(u64, u64, u64)]) -> Channel {
        let overwrites: Vec<Value> = overwrites
            .iter()
            .map(|(id, allow, deny)| {
                json!({"id": id.to_string(), "allow": allow.to_string(), "deny": deny.to_string()})
            })
            .collect();
        of(
            json!({"id": "7", "guild_id": "1", "name": "general", "type": kind,
                  "permission_overwrites": overwrites}),
        )
    }

    fn of<T: serde::de::DeserializeOwned>(value: Value) -> T {
        serde_json::from_value(value).unwrap()
    }

    #[track_caller]
    fn found(standing: &Standing) -> String {
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        let findings = judge(standing, now);
        let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
        lines.join("\n")
    }

    #[track_caller]
    fn is_fine(standing: &Standing) {
        assert_eq!(
            found(standing),
            "ok     channel: #general on Team: the bot has every permission it needs"
        );
    }

    #[test]
    fn permissions_follow_discords_order() {
        // Roles add up.
        is_fine(&standing(ALL & !EMBED, EMBED, &[]));
        // A role gives back what the channel takes from everyone, …
        is_fine(&standing(ALL, 0, &[(1, 0, SEND), (3, SEND, 0)]));
        // … one role what it takes from another, …
        is_fine(&standing(ALL, 0, &[(3, 0, SEND), (4, SEND, 0)]));
        // … the member what it takes from a role.
        is_fine(&standing(ALL, 0, &[(4, 0, SEND), (2, SEND, 0)]));
        // Other roles and members are no matter.
        is_fine(&standing(ALL, 0, &[(5, 0, ALL), (9, 0, ALL)]));
        let taken = standing(ALL, 0, &[(3, SEND, 0), (2, 0, SEND)]);
        assert_eq!(
            found(&taken),
            "wrong  channel: #general on Team takes away from the bot: Send Messages — allow it to \
             the role Footnote in Edit Channel, Permissions"
        );
    }

    #[test]
    fn what_roles_and_the_channel_withhold_is_told_apart() {
        let both = standing(ALL & !EMBED, 0, &[(1, 0, VIEW)]);
        assert_eq!(
            found(&both),
            "wrong  channel: in #general on Team the bot lacks Embed Links — allow it to the role \
             Footnote in Server Settings, Roles, or add the bot again with the link of footnote invite\n\
             wrong  channel: #general on Team takes away from the bot: View Channels — allow it to \
             the role Footnote in Edit Channel, Permissions"
        );
        let mut roleless = standing(ALL & !EMBED, 0, &[]);
        roleless.member = of(json!({"roles": []}));
        assert!(found(&roleless).contains("to the role @everyone in"));
    }

    #[test]
    fn administrators_and_owners_may_everything() {
        is_fine(&standing(0, 8, &[(1, 0, ALL)]));
        let mut owner = standing(0, 0, &[(1, 0, ALL)]);
        owner.guild.owner_id = owner.bot;
        is_fine(&owner);
    }

    #[test]
    fn threads_and_forums_ask_for_their_own_permission() {
        let mut thread = standing(ALL, 0, &[]);
        thread.channel = channel(11, &[]);
        thread.parent = Some(channel(0, &[(1, 0, SEND)]));
        is_fine(&thread);
        thread.parent = Some(channel(0, &[(1, 0, IN_THREADS)]));
        assert!(found(&thread).contains("Send Messages in Threads"));
        let mut forum = standing(ALL, 0, &[]);
        forum.channel = channel(15, &[(1, 0, SEND)]);
        is_fine(&forum);
        forum.channel = channel(4, &[]);
        assert!(found(&forum).contains("is a category"));
    }

    #[test]
    fn a_timeout_is_seen_while_it_lasts() {
        let mut late = standing(ALL, 0, &[]);
        late.member = of(
            json!({"roles": ["3"], "communication_disabled_until": "2024-01-01T00:00:00+00:00"}),
        );
        assert!(found(&late).contains("the bot is timed out on Team"));
        late.member = of(
            json!({"roles": ["3"], "communication_disabled_until": "2023-01-01T00:00:00+00:00"}),
        );
        is_fine(&late);
    }
}
