//! Objects as Discord sends them: just what a strict client needs to decode
//! them, with the fields in the forms Discord uses (ids and bits as strings).

use serde_json::{Value, json};

use super::setup::{APPLICATION, BOT_ROLE, Channel, Guild, Id, Member, Role, Setup, User};

/// When everything that was there before began.
const LONG_AGO: &str = "2026-01-01T00:00:00.000000+00:00";

pub(crate) fn id(id: Id) -> Value {
    Value::String(id.to_string())
}

pub(crate) fn user(user: &User) -> Value {
    json!({
        "id": id(user.id), "username": user.name, "discriminator": "0", "global_name": user.name,
        "avatar": null, "bot": false, "public_flags": 0, "flags": 0,
    })
}

pub(crate) fn bot_user() -> Value {
    json!({
        "id": id(APPLICATION), "username": "Footnote", "discriminator": "0001", "global_name": null,
        "avatar": null, "bot": true, "public_flags": 0, "flags": 0, "mfa_enabled": true,
        "verified": true, "email": null,
    })
}

/// Anyone of the setup, the bot included.
pub(crate) fn anyone(setup: &Setup, whom: Id) -> Value {
    match setup.user(whom) {
        Some(person) => user(person),
        None => bot_user(),
    }
}

pub(crate) fn member(setup: &Setup, member: &Member) -> Value {
    let mut value = partial_member(member);
    value["user"] = anyone(setup, member.user);
    value
}

/// A member without the user, as in messages.
pub(crate) fn partial_member(member: &Member) -> Value {
    let roles: Vec<Value> = member.roles.iter().map(|role| id(*role)).collect();
    json!({
        "nick": null, "avatar": null, "banner": null, "roles": roles, "joined_at": LONG_AGO,
        "premium_since": null, "deaf": false, "mute": false, "flags": 0, "pending": false,
        "communication_disabled_until": null,
    })
}

pub(crate) fn role(role: &Role) -> Value {
    let mut value = json!({
        "id": id(role.id), "name": role.name, "color": 0,
        "colors": {"primary_color": 0, "secondary_color": null, "tertiary_color": null},
        "hoist": false, "icon": null, "unicode_emoji": null, "position": 0,
        "permissions": role.permissions.to_string(), "managed": false, "mentionable": false, "flags": 0,
    });
    if role.id == BOT_ROLE {
        value["managed"] = json!(true);
        value["tags"] = json!({"bot_id": id(APPLICATION)});
    }
    value
}

pub(crate) fn channel(guild: &Guild, channel: &Channel) -> Value {
    let mut overwrites = Vec::new();
    if channel.denied_to_bot != 0 {
        overwrites.push(json!({
            "id": id(APPLICATION), "type": 1, "allow": "0", "deny": channel.denied_to_bot.to_string(),
        }));
    }
    json!({
        "id": id(channel.id), "guild_id": id(guild.id), "name": channel.name, "type": 0, "position": 0,
        "permission_overwrites": overwrites, "nsfw": false, "topic": null, "parent_id": null,
        "last_message_id": null, "rate_limit_per_user": 0, "flags": 0,
    })
}

pub(crate) fn dm_channel(channel: Id, recipient: &User) -> Value {
    json!({
        "id": id(channel), "type": 1, "last_message_id": null, "flags": 0,
        "recipients": [user(recipient)],
    })
}

/// A guild as REST shows it.
pub(crate) fn guild(guild: &Guild) -> Value {
    let roles: Vec<Value> = guild.roles.iter().map(role).collect();
    json!({
        "id": id(guild.id), "name": guild.name, "icon": null, "splash": null, "discovery_splash": null,
        "owner_id": id(guild.owner), "afk_channel_id": null, "afk_timeout": 300,
        "verification_level": 0, "default_message_notifications": 0, "explicit_content_filter": 0,
        "roles": roles, "emojis": [], "features": [], "mfa_level": 0, "application_id": null,
        "system_channel_id": null, "system_channel_flags": 0, "rules_channel_id": null,
        "vanity_url_code": null, "description": null, "banner": null, "premium_tier": 0,
        "premium_subscription_count": 0, "preferred_locale": "en-US", "public_updates_channel_id": null,
        "nsfw_level": 0, "stickers": [], "premium_progress_bar_enabled": false,
        "safety_alerts_channel_id": null, "incidents_data": null,
        "max_members": 500_000, "max_video_channel_users": 25, "widget_enabled": false,
    })
}

/// A guild as `GUILD_CREATE` brings it, with its channels and the bot's own membership.
pub(crate) fn guild_create(setup: &Setup, of: &Guild) -> Value {
    let mut value = guild(of);
    let own = of
        .members
        .iter()
        .filter(|member| member.user == APPLICATION);
    value["joined_at"] = json!(LONG_AGO);
    value["large"] = json!(false);
    value["unavailable"] = json!(false);
    value["member_count"] = json!(of.members.len());
    value["members"] = own.map(|own| member(setup, own)).collect();
    value["channels"] = of.channels.iter().map(|one| channel(of, one)).collect();
    for empty in [
        "voice_states",
        "threads",
        "presences",
        "stage_instances",
        "guild_scheduled_events",
    ] {
        value[empty] = json!([]);
    }
    value
}

pub(crate) fn application(setup: &Setup) -> Value {
    let with_bot = setup.guilds.iter().filter(|guild| guild.has_bot).count();
    let mut value = json!({
        "id": id(APPLICATION), "name": "Footnote", "icon": null, "description": "", "summary": "",
        "bot_public": false, "bot_require_code_grant": false, "verify_key": "0".repeat(64), "flags": 0,
        "owner": setup.users.first().map(user), "team": null, "bot": bot_user(),
        "integration_types_config": {"0": {}, "1": {}}, "approximate_guild_count": with_bot,
        "approximate_user_install_count": 0, "redirect_uris": [], "interactions_endpoint_url": null,
        "event_webhooks_status": 1, "install_params": null, "custom_install_url": null, "tags": [],
    });
    for (field, other) in &setup.application {
        value[field] = other.clone();
    }
    value
}
