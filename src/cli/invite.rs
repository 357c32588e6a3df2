//! `footnote invite`: the link that adds the bot to a server.

use std::io::Write as _;
use std::process::ExitCode;

use crate::config::Config;
use crate::discord::invite::invite;

pub(super) fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let token = config.token()?;
    let invitation = super::block_on(invite(config, &token))??;
    let mut stdout = anstream::stdout().lock();
    writeln!(stdout, "{}", invitation.server)?;
    writeln!(
        stdout,
        "Open it to add {} to a server that you may manage; everybody there can then use it.",
        invitation.name
    )?;
    if let Some(person) = invitation.person {
        writeln!(stdout, "{person}")?;
        writeln!(
            stdout,
            "Open it to add only the commands to your own account; you can then use them anywhere."
        )?;
    }
    Ok(ExitCode::SUCCESS)
}
