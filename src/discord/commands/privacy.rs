//! `/privacy`: what is stored about a person, under their own control.

use crate::render::reply::{File, Part, Reply};
use crate::store::Person;

use super::super::error::Failure;
use super::super::turn::Turn;
use super::Context;

/// What is stored about you, under your control
#[poise::command(
    slash_command,
    subcommands("show", "export", "delete", "hide"),
    subcommand_required,
    install_context = "Guild|User",
    interaction_context = "Guild|BotDm|PrivateChannel"
)]
#[expect(clippy::unused_async, reason = "poise wants an async function")]
pub(super) async fn privacy(_: Context<'_>) -> Result<(), Failure> {
    Ok(())
}

/// What is stored about you
#[poise::command(slash_command)]
pub(super) async fn show(ctx: Context<'_>) -> Result<(), Failure> {
    let bot = ctx.framework.user_data;
    let turn = Turn::from(ctx.interaction);
    let person = bot.app.person(turn.user).await?;
    if !has_anything(&person) {
        let nothing = "Nothing is stored about you.";
        let reply = Reply::notice("Stored about you", nothing);
        return bot.tell(&turn, &reply).await;
    }
    let helpful = person.votes.iter().filter(|vote| vote.helpful).count();
    let reply = Reply::notice(
        "Stored about you",
        format!(
            "• Your Discord user id\n• Votes on answers: {helpful} helpful, {} not helpful\n\
             • Questions that the notes did not answer well: {}\n\
             • Answers in the daily quiz: {}, in practice: {}\n\
             • Quiz questions that you flagged: {}\n\
             • Servers whose quiz you set up: {}\n\
             • Your name in lists that others see: {}",
            person.votes.len() - helpful,
            person.gaps.len(),
            person.attempts.len(),
            person.practice.len(),
            person.flags.len(),
            person.set_up.len(),
            if person.hidden { "hidden" } else { "shown" },
        ),
    )
    .and(["Nothing else: questions that were answered are not kept.".into()])
    .and([
        Part::Code("/privacy export".into()),
        " gives you all of it as a file, ".into(),
        Part::Code("/privacy delete".into()),
        " deletes it.".into(),
    ]);
    bot.tell(&turn, &reply).await
}

/// All of it as a file
#[poise::command(slash_command)]
pub(super) async fn export(ctx: Context<'_>) -> Result<(), Failure> {
    let bot = ctx.framework.user_data;
    let turn = Turn::from(ctx.interaction);
    let person = bot.app.person(turn.user).await?;
    let mut reply = Reply::notice(
        "Your data",
        "Everything that is stored about you is in the file.",
    );
    reply.file = Some(File {
        name: "footnote-my-data.json".into(),
        description: "Everything that is stored about you".into(),
        // Plain data always serialises.
        bytes: serde_json::to_vec_pretty(&person).unwrap_or_default(),
    });
    bot.tell(&turn, &reply).await
}

/// Delete everything that is stored about you
#[poise::command(slash_command)]
pub(super) async fn delete(ctx: Context<'_>) -> Result<(), Failure> {
    let bot = ctx.framework.user_data;
    let turn = Turn::from(ctx.interaction);
    let text = match bot.app.forget_person(turn.user).await? {
        0 => "There was nothing stored about you.".to_owned(),
        1 => "The one entry about you is gone.".to_owned(),
        rows => format!("All {rows} entries about you are gone."),
    };
    bot.tell(&turn, &Reply::notice("Deleted", text)).await
}

/// Keep your name out of lists that others see
#[poise::command(slash_command)]
pub(super) async fn hide(
    ctx: Context<'_>,
    #[description = "False shows your name again"] hidden: Option<bool>,
) -> Result<(), Failure> {
    let bot = ctx.framework.user_data;
    let turn = Turn::from(ctx.interaction);
    let hidden = hidden.unwrap_or(true);
    bot.app.hide_person(turn.user, hidden).await?;
    let reply = if hidden {
        Reply::notice("Hidden", "Your name stays out of lists that others see.").and([
            Part::Code("/privacy hide hidden:False".into()),
            " shows it again.".into(),
        ])
    } else {
        Reply::notice("Shown", "Your name may appear in lists that others see.")
    };
    bot.tell(&turn, &reply).await
}

fn has_anything(person: &Person) -> bool {
    let Person {
        user: _,
        hidden,
        votes,
        gaps,
        attempts,
        practice,
        flags,
        set_up,
    } = person;
    *hidden
        || !(votes.is_empty()
            && gaps.is_empty()
            && attempts.is_empty()
            && practice.is_empty()
            && flags.is_empty()
            && set_up.is_empty())
}
