//! The token and what people ask appear in no log, whatever its filter.

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use serde_json::{Value, json};

use super::process::{Bot, Place, setup};
use crate::double::Double;
use crate::double::faults::{Fault, RetryAfter};
use crate::double::setup::{ADMIN, ALICE, BOB, GUILD};

/// What nobody but the asker and the bot should know.
const QUESTION: &str = "xylophonecanary";

/// A name that would start a line, clear the screen and turn the writing.
const HOSTILE: &str = "al\nERROR forged\r\u{1b}[2J\u{9b}\u{202e}\u{2028}ice";

/// Everything that may go wrong, goes wrong; a person keeps asking.
async fn misfortunes(format: &str, filter: &str) -> (Double, String, Vec<String>) {
    let mut setup = setup();
    for user in &mut setup.users {
        user.name = format!("{HOSTILE}{}", user.id);
    }
    for guild in setup.guilds.iter_mut().filter(|guild| guild.id == GUILD) {
        guild.name = HOSTILE.into();
    }
    let double = Double::start(setup).await;
    let place = Place::with_notes(&[
        (
            "soup.md",
            "# Soup\n\n## Leeks\n\nLeek soup needs potatoes.\n",
        ),
        (
            "al\nERROR forged\r\u{1b}[2J\u{9b}\u{202e}\u{2028}ice.md",
            "---\nkind: [service\n---\n# Cake\n\nLemon cake.\n",
        ),
    ]);
    let mut command = place.command(&double, &["run"]);
    command
        .env("RUST_LOG", filter)
        .env("FOOTNOTE__LOG__FORMAT", format);
    let bot = Bot::spawn(command);
    double.ready().await;

    let mut tokens = Vec::new();
    let question = json!({"question": QUESTION});
    let ask = || double.as_user(ALICE).slash("ask", &question);
    let missing = RetryAfter::Missing;
    for fault in [
        Fault::Html(502),
        Fault::Reset,
        Fault::ReplyLost,
        Fault::Garbage,
        Fault::OddHeaders,
        Fault::Limited {
            retry: missing,
            global: true,
        },
    ] {
        double.fail("POST interactions/*/*/callback", 1, fault);
        let asked = ask();
        tokens.push(asked.token());
        asked.callback().await;
    }
    for fault in [
        Fault::Html(500),
        Fault::Refused {
            status: 401,
            code: 0,
        },
        Fault::Refused {
            status: 400,
            code: 50_035,
        },
    ] {
        double.fail("POST interactions/*/*/callback", 3, fault);
        tokens.push(ask().token());
        bot.logged("Discord could not be told").await;
        double.mend();
    }
    double.fail(
        "POST channels/*/messages",
        1,
        Fault::Refused {
            status: 403,
            code: 50_013,
        },
    );
    let said = format!("{} {QUESTION}", Double::mention());
    double.as_user(BOB).say(&said);
    bot.logged("the bot may not write there").await;
    double.as_user(BOB).say(&said).answer().await;

    // Frames that cannot be decoded, with everything in them.
    let odd = json!({
        "id": "1", "type": 2, "token": ask().token(), "data": QUESTION, "member": {"nick": HOSTILE},
    });
    double.dispatch("INTERACTION_CREATE", &odd);
    double.dispatch(
        "MESSAGE_CREATE",
        &json!({"content": QUESTION, "author": double.token()}),
    );
    double.send_raw(&format!(
        "{{\"op\": 0, \"t\": \"{}\", {QUESTION}",
        double.token()
    ));
    bot.logged("an event from Discord could not be decoded")
        .await;
    double.close(4000);
    let status = double.as_user(ADMIN).slash("notes status", &json!({}));
    tokens.push(status.token());
    status.callback().await;
    let (code, log) = bot.stop();
    assert_eq!(code, 0, "{log}");
    (double, log, tokens)
}

/// The spellings of a secret in which programs print bytes.
fn spellings(secret: &str) -> Vec<String> {
    let bytes = secret.as_bytes();
    let mut spellings = vec![
        secret.to_owned(),
        HEXLOWER.encode(bytes),
        HEXUPPER.encode(bytes),
        format!("{bytes:?}"),
    ];
    for before in 0..3 {
        let moved = [&vec![0; before], bytes].concat();
        // The characters that the secret shares with its neighbours are left out.
        let own = (before * 8_usize).div_ceil(6)..moved.len() * 8 / 6;
        for base64 in [BASE64_NOPAD, BASE64URL_NOPAD] {
            spellings.push(base64.encode(&moved)[own.clone()].to_owned());
        }
    }
    spellings
}

#[tokio::test(flavor = "multi_thread")]
async fn no_filter_makes_the_log_tell_a_token_or_a_question() {
    for (format, filter) in [
        ("text", "trace"),
        ("json", "trace"),
        (
            "text",
            "info,serenity::gateway=trace,tungstenite=trace,tokio_tungstenite=trace,hyper=trace,\
             reqwest=trace,serenity::http=trace,footnote=trace,sqlx=trace,poise=trace",
        ),
    ] {
        let (double, log, tokens) = misfortunes(format, filter).await;
        let token = double.token();
        for secret in tokens
            .iter()
            .map(String::as_str)
            .chain([token.as_str(), QUESTION])
        {
            for spelling in spellings(secret) {
                assert!(!log.contains(&spelling), "{filter}: {spelling} in\n{log}");
            }
        }
        // Nothing that somebody else wrote makes a line of its own, or moves the cursor.
        for line in log.lines() {
            let begins = match format {
                "json" => serde_json::from_str::<Value>(line).is_ok_and(|line| line.is_object()),
                _ => line.starts_with("20"),
            };
            assert!(begins, "{line:?}");
            let obeyed = |c: char| c.is_control() || "\u{202e}\u{2028}".contains(c);
            assert!(!line.contains(obeyed), "{line:?}");
        }
        assert!(log.contains("forged"), "the broken note is named: {log}");
    }
}
