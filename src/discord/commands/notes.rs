//! `/notes`: for those who look after the notes of a server.

use std::sync::Arc;

use crate::commands::notes;
use crate::gap::Place;

use super::super::bot::Bot;
use super::super::error::Failure;
use super::super::turn::Turn;
use super::Context;

/// The state of the notes, and what they lack
#[poise::command(
    slash_command,
    subcommands("status", "gaps", "reload"),
    subcommand_required,
    default_member_permissions = "MANAGE_GUILD",
    install_context = "Guild",
    interaction_context = "Guild"
)]
#[expect(clippy::unused_async, reason = "poise wants an async function")]
pub(super) async fn notes(_: Context<'_>) -> Result<(), Failure> {
    Ok(())
}

/// Which notes are in use, and what is wrong with them
#[poise::command(slash_command)]
pub(super) async fn status(ctx: Context<'_>) -> Result<(), Failure> {
    let (bot, turn) = admitted(&ctx)?;
    bot.tell(&turn, &notes::status(&bot.app.notes.status()))
        .await
}

/// What people asked and the notes did not answer, most asked first
#[poise::command(slash_command)]
pub(super) async fn gaps(
    ctx: Context<'_>,
    #[description = "How many days back (30)"]
    #[min = 1]
    #[max = 3650]
    days: Option<u32>,
) -> Result<(), Failure> {
    let (bot, turn) = admitted(&ctx)?;
    let days = days.unwrap_or(notes::GAP_DAYS).clamp(1, 3650);
    let guild = turn.guild.ok_or(Failure::NotAllowed)?;
    let report = bot.app.gap_report(guild, days).await?;
    bot.tell(&turn, &notes::gaps(&report, days, link)).await
}

/// Read the notes again now
#[poise::command(slash_command)]
pub(super) async fn reload(ctx: Context<'_>) -> Result<(), Failure> {
    let (bot, turn) = admitted(&ctx)?;
    let reply = notes::reload(&bot.app).await.ok_or(Failure::Defect)?;
    bot.tell(&turn, &reply).await
}

/// Discord hides these commands from others; a request can be forged.
pub(super) fn admitted<'a>(ctx: &Context<'a>) -> Result<(&'a Arc<Bot>, Turn<'a>), Failure> {
    let turn = Turn::from(ctx.interaction);
    if turn.may_manage() {
        Ok((ctx.framework.user_data, turn))
    } else {
        Err(Failure::NotAllowed)
    }
}

/// Where a message can be read.
fn link(place: &Place) -> String {
    format!(
        "https://discord.com/channels/{}/{}/{}",
        place.guild, place.channel, place.message
    )
}
