//! What the bot needs to be allowed, and the link that asks for it.

use secrecy::SecretString;
use serenity::all::{ApplicationId, Permissions};
use serenity::http::Route;

use crate::config::{Config, Token};

use super::RunError;
use super::doctor::{Application, printable};
use super::gateway::GatewayExit;
use super::rest::{Rest, RestError};

/// Everything that the bot needs to be allowed in a channel, as Discord calls
/// it; `docs/discord.md` says what each is for.
pub(super) const NEEDED: [(Permissions, &str); 6] = [
    (Permissions::VIEW_CHANNEL, "View Channels"),
    (Permissions::SEND_MESSAGES, "Send Messages"),
    (
        Permissions::SEND_MESSAGES_IN_THREADS,
        "Send Messages in Threads",
    ),
    (Permissions::EMBED_LINKS, "Embed Links"),
    (Permissions::ATTACH_FILES, "Attach Files"),
    (Permissions::READ_MESSAGE_HISTORY, "Read Message History"),
];

/// How the bot comes to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The name of the application.
    pub name: String,
    /// Adds the bot to a server.
    pub server: String,
    /// Adds its commands to a person's own account; none where the application
    /// does not offer that.
    pub person: Option<String>,
}

/// Asks Discord which application the token belongs to and makes its links.
///
/// # Errors
/// Discord cannot be asked, or does not know the token.
pub async fn invite(config: &Config, token: &Token) -> Result<Invitation, RunError> {
    let rest = Rest::new(
        &SecretString::from(token.expose()),
        config.discord.api_url.as_deref(),
    )?;
    let application: Application = match rest.get(Route::Oauth2ApplicationCurrent).await {
        Ok(reply) => reply.body,
        Err(RestError::Unauthorized) => return Err(GatewayExit::WrongToken.into()),
        Err(error) => return Err(error.into()),
    };
    Ok(Invitation {
        server: server_link(application.id),
        person: application
            .installs_for_people()
            .then(|| person_link(application.id)),
        name: printable(&application.name),
    })
}

fn server_link(application: ApplicationId) -> String {
    let permissions = NEEDED
        .iter()
        .fold(Permissions::empty(), |sum, (permission, _)| {
            sum | *permission
        });
    format!(
        "https://discord.com/oauth2/authorize?client_id={application}&permissions={}\
         &integration_type=0&scope=bot+applications.commands",
        permissions.bits()
    )
}

fn person_link(application: ApplicationId) -> String {
    format!(
        "https://discord.com/oauth2/authorize?client_id={application}\
         &integration_type=1&scope=applications.commands"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_asks_for_the_least() {
        // 2^10 + 2^11 + 2^14 + 2^15 + 2^16 + 2^38.
        assert_eq!(
            server_link(ApplicationId::new(42)),
            "https://discord.com/oauth2/authorize?client_id=42&permissions=274878024704\
             &integration_type=0&scope=bot+applications.commands"
        );
    }
}
