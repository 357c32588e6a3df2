//! What the bot can do, with examples from the loaded notes.

use crate::answer::in_a_sentence;
use crate::app::App;
use crate::catalog::Role;
use crate::render::reply::{Block, Part, Reply};

/// The text of `/help`, also for a mention without a question.
pub fn help(app: &App) -> Reply {
    let mut reply = Reply::notice(
        "Ask the notes",
        "Ask in your own words; abbreviations and misspellings are fine. Every answer quotes the notes \
         and says where it stands. When they do not cover something, you are told so.",
    );
    let examples = examples(app);
    if !examples.is_empty() {
        reply.blocks.push(Block::Heading("For example".into()));
        for example in examples {
            reply.blocks.push(Block::Text(vec![Part::Code(example)]));
        }
    }
    reply.blocks.push(Block::Heading("Commands".into()));
    for (command, what) in [
        (
            "/ask",
            "any question; also by mentioning the bot, replying to it, or in a direct message",
        ),
        (
            "/service",
            "what the notes hold on a service, or one control of it",
        ),
        (
            "/control",
            "what a control is and every service that has it",
        ),
        ("/compare", "two services side by side"),
        (
            "/matrix",
            "which services have which controls, as a picture and as text",
        ),
        (
            "/quiz",
            "practice for you alone, the leaderboard of the daily quiz, and what you have reached",
        ),
        ("/privacy", "what is stored about you, and how to delete it"),
        (
            "/notes",
            "for server managers: the state of the notes, and what they lack",
        ),
        (
            "/quiz-admin",
            "for server managers: one question a day in a channel",
        ),
    ] {
        reply.blocks.push(Block::Text(vec![
            Part::Code(command.into()),
            format!(" {what}").into(),
        ]));
    }
    reply.and([
        "Right-click a message and choose Apps, Find in notes, to look up what it is about.".into(),
    ])
}

/// Commands that the loaded notes answer, as they are typed: a fact, a list,
/// two services.
fn examples(app: &App) -> Vec<String> {
    let loaded = app.notes.current();
    let knowledge = &loaded.knowledge;
    let name = |id| knowledge.catalog.entity(id).name.clone();
    let mut services = knowledge
        .catalog
        .entities()
        .filter(|(_, entity)| !matches!(entity.role, Role::Control | Role::Family))
        .filter_map(|(id, _)| Some((id, *knowledge.controls_of(id).first()?)));
    let mut examples = Vec::new();
    if let Some((service, control)) = services.next() {
        examples.push(format!(
            "/ask question:{} {}",
            name(service),
            in_a_sentence(&name(control))
        ));
        examples.push(format!(
            "/ask question:which services have {}?",
            in_a_sentence(&name(control))
        ));
        if let Some((other, _)) = services.next() {
            examples.push(format!(
                "/compare first:{} second:{}",
                name(service),
                name(other)
            ));
        }
    }
    if examples.is_empty() {
        let topics = knowledge
            .catalog
            .entities()
            .filter(|(_, entity)| entity.role != Role::Control);
        examples.extend(
            topics
                .take(3)
                .map(|(id, _)| format!("/ask question:{}", name(id))),
        );
    }
    examples
}
