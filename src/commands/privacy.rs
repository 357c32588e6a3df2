//! What is stored about a person, as that person sees it.

use crate::render::reply::{File, Part, Reply};
use crate::store::Person;

/// What is stored, in numbers.
pub fn show(person: &Person) -> Reply {
    if !has_anything(person) {
        let nothing = "Nothing is stored about you.";
        let reply = Reply::notice("Stored about you", nothing);
        return reply;
    }
    let helpful = person.votes.iter().filter(|vote| vote.helpful).count();
    Reply::notice(
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
    ])
}

/// All of it as a file.
pub fn export(person: &Person) -> Reply {
    let mut reply = Reply::notice(
        "Your data",
        "Everything that is stored about you is in the file.",
    );
    reply.file = Some(File {
        name: "footnote-my-data.json".into(),
        description: "Everything that is stored about you".into(),
        // Plain data always serialises.
        bytes: serde_json::to_vec_pretty(person).unwrap_or_default(),
    });
    reply
}

/// So many entries were deleted.
pub fn deleted(rows: u64) -> Reply {
    let text = match rows {
        0 => "There was nothing stored about you.".to_owned(),
        1 => "The one entry about you is gone.".to_owned(),
        rows => format!("All {rows} entries about you are gone."),
    };
    Reply::notice("Deleted", text)
}

/// The name is kept out of lists, or let in.
pub fn hide(hidden: bool) -> Reply {
    if hidden {
        Reply::notice("Hidden", "Your name stays out of lists that others see.").and([
            Part::Code("/privacy hide hidden:False".into()),
            " shows it again.".into(),
        ])
    } else {
        Reply::notice("Shown", "Your name may appear in lists that others see.")
    }
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
