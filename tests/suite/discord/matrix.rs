//! `/matrix`: a picture with alt text, and the same as text.

use std::time::{Duration, Instant};

use serde_json::json;

use super::asking::title;
use super::process::{Place, setup};
use crate::double::Double;
use crate::double::actor::Actor;
use crate::double::reply::Shown;
use crate::double::setup::ALICE;

const FILE: &str = "matrix.png";

/// Asks until the picture is there: a slow machine draws it while the first
/// answer is given without it.
async fn with_picture(person: &Actor) -> Shown {
    let end = Instant::now() + Duration::from_secs(90);
    loop {
        let shown = person.slash("matrix", &json!({})).shown().await;
        if !attachments(&shown).is_empty() {
            return shown;
        }
        let text = shown.text();
        assert!(text.contains("still being drawn"), "{text}");
        assert!(
            text.contains("Encryption at rest"),
            "the text is there: {text}"
        );
        assert!(Instant::now() < end, "no picture");
    }
}

fn attachments(shown: &Shown) -> &[serde_json::Value] {
    shown.json["attachments"]
        .as_array()
        .map_or(&[], Vec::as_slice)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_matrix_is_a_picture_with_the_same_as_text_and_can_be_shared() {
    let double = Double::start(setup()).await;
    let place = Place::bundled();
    let unlimited = [("FOOTNOTE__LIMITS__ASKS_PER_USER", "1000")];
    let bot = place.start_with(&double, &unlimited).await;
    let alice = double.as_user(ALICE);

    let private = with_picture(&alice).await;
    assert!(private.is_ephemeral());
    assert_eq!(title(&private), "Services and controls");
    let png = private.file(FILE);
    assert!(png.starts_with(b"\x89PNG\r\n"));
    let alt = attachments(&private)[0]["description"].as_str().unwrap();
    assert!(
        alt.starts_with("A table of services and controls. 29 services"),
        "{alt}"
    );
    let text = private.text();
    assert!(text.contains("**Encryption at rest**: Athena, "), "{text}");
    assert!(text.contains("**CORS**: with a dated fact, S3"), "{text}");

    let shared = alice.click(&private, "Share").followup(0).await;
    assert!(!shared.is_ephemeral());
    assert_eq!(shared.file(FILE), png);
    assert!(shared.text().contains(&format!("Shared by <@{ALICE}>")));
    let kept = private.now();
    assert_eq!(kept.labels(), [""; 0]);
    assert_eq!((kept.file(FILE), attachments(&kept).len()), (png, 1));

    let again = alice.in_dm().slash("matrix", &json!({})).shown().await;
    assert_eq!(
        again.file(FILE),
        shared.file(FILE),
        "it is there at once now"
    );
    assert_eq!(bot.stop().0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn notes_without_services_get_a_sentence() {
    let double = Double::start(setup()).await;
    let place = Place::with_notes(&[("soup.md", "# Soup\n\nLeeks.\n")]);
    let _bot = place.start(&double).await;
    let shown = double
        .as_user(ALICE)
        .slash("matrix", &json!({}))
        .shown()
        .await;
    let text = shown.text();
    assert!(text.contains("the notes describe none"), "{text}");
    assert!(attachments(&shown).is_empty() && shown.labels().is_empty());
}
