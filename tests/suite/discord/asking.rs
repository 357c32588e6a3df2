//! Asking: commands, mentions, replies, direct messages.

use serde_json::json;

use super::process::{Place, setup};
use crate::double::Double;
use crate::double::setup::ALICE;

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_answered_in_private_with_citations() {
    let double = Double::start(setup()).await;
    let place = Place::bundled();
    let bot = place.start(&double).await;

    let asked = double
        .as_user(ALICE)
        .slash("ask", &json!({"question": "is sqs encripted on the wire?"}));
    let shown = asked.shown().await;

    assert!(shown.is_ephemeral());
    let text = shown.text();
    assert!(
        text.contains("Amazon SQS · Encryption in transit"),
        "{text}"
    );
    assert!(text.contains("[1] services/sqs.md"), "{text}");
    assert!(text.contains("encripted → encrypted"), "{text}");
    assert_eq!(bot.stop().0, 0);
}
