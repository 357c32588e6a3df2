//! A problem of the quiz, as a letter to the admin who set it up.

use crate::id::GuildId;
use crate::render::reply::{Part, Reply};

/// The letter. It says once what the status of the quiz goes on showing.
pub fn letter(guild: GuildId, text: &str) -> Reply {
    let server = format!("https://discord.com/channels/{guild}");
    Reply::problem("The daily quiz needs you", sentence(text)).and([
        "You set it up on ".into(),
        Part::Link("this server".to_owned(), server),
        ". There, ".into(),
        Part::Code("/quiz-admin status".to_owned()),
        " shows how it is.".into(),
    ])
}

/// Begins with a capital and ends with a full stop.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string());
    let whole = first.unwrap_or_default() + chars.as_str();
    if whole.ends_with(['.', '!', '?']) {
        whole
    } else {
        whole + "."
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::reply::Block;

    #[test]
    fn a_letter_is_a_sentence_and_says_where_to_look() {
        let letter = letter(GuildId(7), "the bot may not see the channel");
        let expected = Block::text("The bot may not see the channel.");
        assert_eq!(letter.blocks.first(), Some(&expected));
        assert!(format!("{letter:?}").contains("/quiz-admin status"));
    }
}
