//! The page as people use it, in headless Chromium.

use fantoccini::key::Key;
use serde_json::json;

use super::driver::Browser;
use super::town::Town;

/// A playground and a page of it; nothing without a browser.
async fn page(path: &str) -> Option<(Town, Browser)> {
    let town = Town::start();
    let browser = Browser::open(&format!("{}{path}", town.url)).await?;
    Some((town, browser))
}

#[tokio::test]
async fn a_question_is_typed_and_answered() {
    let Some((_town, browser)) = page("").await else {
        return;
    };
    browser.see("#text").await;
    browser
        .keys("@Footnote is sqs encrypted on the wire?")
        .await;
    browser.key(Key::Enter).await;
    browser.card("Amazon SQS · Encryption in transit").await;
    browser.see(".card blockquote sup").await;
    browser.click("Helpful").await;
    browser.card("Thank you").await;
    browser.read("self::p", "Only you can see this").await;
    browser.click("Dismiss message").await;
    browser
        .until("!document.querySelector('.message.private')")
        .await;
    browser.close().await;
}

#[tokio::test]
async fn a_command_and_its_options_are_chosen_with_the_keyboard_alone() {
    let Some((_town, browser)) = page("").await else {
        return;
    };
    browser.keys("/serv").await;
    browser.read("@role='option'", "/service").await;
    let expanded = "document.getElementById('text').getAttribute('aria-expanded')";
    assert_eq!(browser.value(expanded).await, "true");
    let active = "document.getElementById(document.activeElement.getAttribute('aria-activedescendant')).textContent";
    let marked = browser.value(active).await;
    assert!(marked.as_str().unwrap().starts_with("/service"), "{marked}");
    browser.key(Key::Tab).await;
    browser.see("#option-name").await;
    browser.keys("dynam").await;
    browser.read("@role='option'", "Amazon DynamoDB").await;
    browser.key(Key::Enter).await;
    let value = browser
        .value("document.getElementById('option-name').value")
        .await;
    assert_eq!(value, "Amazon DynamoDB");
    browser.key(Key::Enter).await;
    browser.card("Amazon DynamoDB").await;
    // Back to writing, ready for the next one.
    browser.keys("/").await;
    browser.read("@role='option'", "/ask").await;
    browser.key(Key::Escape).await;
    assert_eq!(browser.value(expanded).await, "false");
    browser.close().await;
}

#[tokio::test]
async fn a_whole_round_takes_a_few_clicks() {
    let Some((_town, browser)) = page("").await else {
        return;
    };
    browser.click("Post today’s question").await;
    browser.card("Question of the day").await;
    browser
        .see(".buttons.letters button")
        .await
        .click()
        .await
        .unwrap();
    browser.card("Locked in").await;
    browser.click("Show results now").await;
    browser.card("Question of the day: results").await;
    browser.click("Next day").await;
    browser.read("@role='status'", "Time has moved on").await;
    browser.see(".buttons.letters button").await;
    browser.close().await;
}

#[tokio::test]
async fn why_an_answer_did_not_help_is_asked_in_a_form() {
    let Some((_town, browser)) = page("").await else {
        return;
    };
    browser.keys("@Footnote athena encryption").await;
    browser.key(Key::Enter).await;
    browser.card("Amazon Athena").await;
    browser.click("Not helpful").await;
    browser
        .see("dialog[open] textarea")
        .await
        .send_keys("too short")
        .await
        .unwrap();
    browser
        .see("dialog[open] button.primary")
        .await
        .click()
        .await
        .unwrap();
    browser.card("Thank you").await;
    browser.close().await;
}

#[tokio::test]
async fn others_see_what_is_public_and_nothing_else() {
    let Some((town, browser)) = page("?member=102&channel=11").await else {
        return;
    };
    let mira = ("101", "11");
    town.command(mira, "ask", json!({ "question": "is athena encrypted?" }))
        .await;
    let asked = json!({ "question": "is sqs encrypted on the wire?", "share": "True" });
    town.command(mira, "ask", asked).await;
    browser.card("Amazon SQS · Encryption in transit").await;
    // Nor is anybody offered what only managers may do.
    browser.keys("/").await;
    browser.read("@role='option'", "/ask").await;
    let offered = browser
        .value("document.getElementById('offers').textContent")
        .await;
    assert!(!offered.as_str().unwrap().contains("/notes"), "{offered}");
    let private = browser
        .value("document.querySelectorAll('.message.private').length")
        .await;
    assert_eq!(private, 0);
    browser.close().await;
}

#[tokio::test]
async fn a_narrow_screen_never_scrolls_sideways() {
    let Some((town, browser)) = page("?member=101&channel=11").await else {
        return;
    };
    let narrow = json!({ "width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": false });
    browser
        .chrome("Emulation.setDeviceMetricsOverride", narrow)
        .await;
    let who = ("101", "11");
    for (command, arguments) in [
        ("compare", json!({ "first": "rds", "second": "dynamodb" })),
        (
            "ask",
            json!({ "question": "sqs price per million requests" }),
        ),
        ("control", json!({ "name": "encryption at rest" })),
        ("quiz-admin status", json!({})),
        ("notes status", json!({})),
    ] {
        town.command(who, command, arguments).await;
    }
    browser.card("The daily quiz").await;
    let wide = "document.documentElement.scrollWidth";
    assert_eq!(browser.value(wide).await, 360);
    let inner =
        "document.getElementById('log').scrollWidth <= document.getElementById('log').clientWidth";
    assert_eq!(browser.value(inner).await, true);
    browser.keys("/quiz-admin setup ").await;
    browser.see("#option-time").await;
    assert_eq!(browser.value(wide).await, 360);
    browser.click("Menu").await;
    browser.see("#side.open").await;
    browser.click("Post today’s question").await;
    browser.card("Question of the day").await;
    assert_eq!(browser.value(wide).await, 360);
    browser.close().await;
}

#[tokio::test]
async fn dark_is_dark_and_everything_has_contrast() {
    let Some((town, browser)) = page("?member=101&channel=11").await else {
        return;
    };
    town.command(
        ("101", "11"),
        "ask",
        json!({ "question": "is sqs encrypted?" }),
    )
    .await;
    browser.card("Amazon SQS").await;
    let schemes = [("light", false), ("dark", true)];
    for (pictures, (scheme, dark)) in schemes.into_iter().enumerate() {
        let features = json!({ "features": [
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ] });
        browser.chrome("Emulation.setEmulatedMedia", features).await;
        let background = browser
            .value("getComputedStyle(document.body).backgroundColor")
            .await;
        let numbers = background
            .as_str()
            .unwrap()
            .trim_matches(|c: char| !c.is_ascii_digit());
        let sum: u32 = numbers
            .split(", ")
            .map(|part| part.parse::<u32>().unwrap())
            .sum();
        assert_eq!(sum < 3 * 128, dark, "{scheme}: {background}");
        let poor = browser.value(POOR_CONTRAST).await;
        assert_eq!(poor, json!([]), "{scheme}");

        browser.see("#text").await.click().await.unwrap();
        browser.keys("/matrix").await;
        browser.read("@role='option'", "/matrix").await;
        browser.key(Key::Enter).await;
        browser.key(Key::Enter).await;
        let picture = format!("document.querySelectorAll('img.picture')[{pictures}]");
        browser.until(&format!("{picture}?.naturalWidth")).await;
        let corner = browser.value(&CORNER.replace("PICTURE", &picture)).await;
        assert_eq!(
            corner.as_u64().unwrap() < 3 * 128,
            dark,
            "{scheme}: {corner}"
        );
    }
    browser.close().await;
}

/// Red, green and blue of the corner of a picture, added up.
const CORNER: &str = r#"(() => {
  const canvas = document.createElement("canvas").getContext("2d");
  canvas.drawImage(PICTURE, 0, 0);
  return canvas.getImageData(0, 0, 1, 1).data.slice(0, 3).reduce((sum, part) => sum + part, 0);
})()"#;

/// Texts with less contrast than WCAG's AA asks for: 4.5 to 1, or 3 to 1 where
/// they are large. Backgrounds that are partly clear are blended.
const POOR_CONTRAST: &str = r#"(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].map((v, i) => (i === 3 ? v / 255 : v));
  };
  const behind = (element) => {
    if (!element) return [255, 255, 255, 1];
    const own = rgba(getComputedStyle(element).backgroundColor);
    if (own[3] === 1) return own;
    const below = behind(element.parentElement);
    return [0, 1, 2].map((i) => own[i] * own[3] + below[i] * (1 - own[3])).concat(1);
  };
  const light = ([r, g, b]) => {
    const part = (v) => ((v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const poor = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !element.checkVisibility({ opacityProperty: true })) continue;
    const style = getComputedStyle(element);
    const [a, b] = [light(rgba(style.color)), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) poor.push(`${element.className || element.tagName}: ${element.textContent.slice(0, 30)} ${ratio.toFixed(2)}`);
  }
  return poor;
})()"#;

#[tokio::test]
async fn everything_that_can_be_used_has_a_name() {
    let Some((town, browser)) = page("?member=101&channel=11").await else {
        return;
    };
    town.command(("101", "11"), "quiz practice", json!({}))
        .await;
    browser.card("Practice").await;
    browser.keys("/quiz-admin setup ").await;
    browser.see("#option-channel").await;
    let nameless = r#"[...document.querySelectorAll("button, input, select, textarea, a[href], [role=listbox], img")]
        .filter((one) => !(one.getAttribute("aria-label") || one.textContent.trim() || one.labels?.length || one.alt !== undefined))
        .map((one) => one.outerHTML)"#;
    assert_eq!(browser.value(nameless).await, json!([]));
    // Nothing inside the page comes from elsewhere.
    let from = r#"performance.getEntriesByType("resource").map((one) => new URL(one.name).origin).filter((origin) => origin !== location.origin)"#;
    assert_eq!(browser.value(from).await, json!([]));
    browser.close().await;
}

#[tokio::test]
async fn a_page_says_when_the_playground_has_ended() {
    let Some((town, browser)) = page("").await else {
        return;
    };
    assert_eq!(town.stop().0, Some(0));
    browser.read("@role='alert'", "does not answer").await;
}
