//! Who did what where: the common part of all interactions.

use std::time::Instant;

use serenity::all::{
    ApplicationId, CommandInteraction, ComponentInteraction, InteractionId, ModalInteraction,
    Permissions,
};

use crate::app::Asker;
use crate::id::{GuildId, UserId};

/// One interaction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turn<'a> {
    pub(super) id: InteractionId,
    pub(super) token: &'a str,
    pub(super) application: ApplicationId,
    pub(super) user: UserId,
    pub(super) guild: Option<GuildId>,
    /// When it arrived.
    pub(super) arrived: Instant,
    /// The person's permissions in the channel; none in a direct message.
    permissions: Permissions,
}

impl Turn<'_> {
    /// Who asks. An answer that only one person sees has no place to link to.
    pub(super) fn asker(&self) -> Asker {
        Asker {
            user: self.user,
            guild: self.guild,
            place: None,
        }
    }

    /// Whether the person may look after the bot on this server. Discord hides
    /// the commands from others, but a request can be forged.
    pub(super) fn may_manage(&self) -> bool {
        self.guild.is_some()
            && self
                .permissions
                .intersects(Permissions::MANAGE_GUILD | Permissions::ADMINISTRATOR)
    }

    /// Whether the person may remove messages of others here.
    pub(super) fn may_remove(&self) -> bool {
        self.permissions
            .intersects(Permissions::MANAGE_MESSAGES | Permissions::ADMINISTRATOR)
    }
}

macro_rules! turn_of {
    ($($interaction:ty),*) => {$(
        impl<'a> From<&'a $interaction> for Turn<'a> {
            fn from(interaction: &'a $interaction) -> Self {
                Self {
                    id: interaction.id,
                    token: &interaction.token,
                    application: interaction.application_id,
                    user: UserId(interaction.user.id.get()),
                    guild: interaction.guild_id.map(|id| GuildId(id.get())),
                    arrived: Instant::now(),
                    permissions: interaction
                        .member
                        .as_ref()
                        .and_then(|member| member.permissions)
                        .unwrap_or_default(),
                }
            }
        }
    )*};
}

turn_of!(CommandInteraction, ComponentInteraction, ModalInteraction);
