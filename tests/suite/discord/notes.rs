//! `/notes` for who looks after them, and notes that change while people ask.

use std::fs;

use serde_json::{Value, json};

use super::asking::title;
use super::process::{Place, setup};
use crate::double::Double;
use crate::double::reply::Shown;
use crate::double::setup::{ADMIN, ALICE, BOB, GUILD, Role, Setup, permission};

/// Enough for tests that ask on and on.
const BUSY: [(&str, &str); 2] = [
    ("FOOTNOTE__LIMITS__ASKS_PER_USER", "10000"),
    ("FOOTNOTE__LIMITS__ASKS_PER_GUILD", "10000"),
];

/// The note on a queue that speaks a version of TLS.
fn queue(version: &str) -> String {
    format!(
        "---\nkind: service\nname: Acme Queue\naliases: [AQ]\n---\n\n# Acme Queue\n\n\
         ## Encryption in transit\n\n- Messages travel over TLS {version}.[^guide]\n\n\
         [^guide]: Acme Queue guide\n"
    )
}

const STORE: &str = "---\nkind: service\nname: Acme Store\n---\n\n# Acme Store\n\n\
                     ## Encryption in transit\n\n- Objects travel over HTTPS.[^guide]\n\n\
                     [^guide]: Acme Store guide\n";
/// It refers to a footnote that is not there.
const BROKEN: &str = "---\nkind: service\nname: Acme Store\n---\n\n# Acme Store\n\n\
                      ## Encryption in transit\n\n- Objects travel over HTTPS.[^gide]\n";

async fn command(double: &Double, name: &str, options: Value) -> Shown {
    let shown = double.as_user(ADMIN).slash(name, &options).shown().await;
    assert!(shown.is_ephemeral());
    shown
}

async fn status(double: &Double) -> String {
    command(double, "notes status", json!({})).await.text()
}

/// What is said about the queue.
async fn asked(double: &Double) -> String {
    let question = json!({"question": "how do messages travel in acme queue?"});
    let sent = double.as_user(ALICE).slash("ask", &question);
    sent.shown().await.text()
}

/// Asks until the answer holds this.
async fn answered_with(double: &Double, text: &str) {
    let asking = async { while !asked(double).await.contains(text) {} };
    let patience = double.look(|world| world.setup.patience);
    let found = tokio::time::timeout(patience, asking).await;
    assert!(found.is_ok(), "{text:?} is never said");
}

#[tokio::test(flavor = "multi_thread")]
async fn notes_are_for_who_manages_the_server() {
    const ROLE: u64 = 1_400_000_000_000_009;
    let mut setup = setup();
    let guild = setup
        .guilds
        .iter_mut()
        .find(|guild| guild.id == GUILD)
        .unwrap();
    guild.roles.push(Role {
        id: ROLE,
        name: "owner".into(),
        permissions: permission::ADMINISTRATOR,
    });
    let bob = guild.members.iter_mut().find(|member| member.user == BOB);
    bob.unwrap().roles.push(ROLE);
    let double = Double::start(setup).await;
    let place = Place::bundled();
    let _bot = place.start(&double).await;
    // A request that Discord's clients do not offer.
    let anywhere = double.as_user(ADMIN);
    anywhere.shared.change(|world| {
        let all = world.commands.values_mut().flatten();
        for notes in all.filter(|command| command["name"] == "notes") {
            notes["contexts"] = json!([0, 1, 2]);
            notes["integration_types"] = json!([0, 1]);
        }
    });

    let alice = double.as_user(ALICE);
    for subcommand in ["status", "gaps", "reload"] {
        let name = format!("notes {subcommand}");
        for (actor, may) in [
            (double.as_user(ADMIN), true),
            (double.as_user(BOB), true),
            (alice.clone(), false),
            (alice.clone().in_dm(), false),
            (anywhere.clone().in_dm(), false),
            (alice.clone().user_install_elsewhere(), false),
        ] {
            let shown = actor.slash(&name, &json!({})).shown().await;
            assert!(shown.is_ephemeral());
            let refused = title(&shown) == "For server managers";
            assert_eq!(refused, !may, "{name}: {}", shown.text());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn gaps_are_what_people_asked_in_vain_most_asked_first() {
    let double = Double::start(Setup {
        link_hosts: vec!["discord.com".into(), "docs.aws.amazon.com".into()],
        ..setup()
    })
    .await;
    let place = Place::bundled();
    let _bot = place.start(&double).await;
    let (alice, bob) = (double.as_user(ALICE), double.as_user(BOB));
    let none = command(&double, "notes gaps", json!({})).await;
    assert!(
        none.text().contains("answered everything"),
        "{}",
        none.text()
    );

    let at = Double::mention();
    let public = alice.say(&format!("{at} sqs price per million requests"));
    public.answer().await;
    let private = json!({"question": "what is the price of sqs requests? **bold**"});
    bob.slash("ask", &private).shown().await;
    let greeting = alice.slash("ask", &json!({"question": "hello"}));
    greeting.shown().await;
    let lacking = json!({"name": "sqs", "control": "multi-factor authentication"});
    alice.slash("service", &lacking).shown().await;
    let elsewhere = alice.clone().in_dm().say("snowflake warehouse size");
    elsewhere.answer().await;
    let answer = bob.slash("ask", &json!({"question": "=dynamodb at rest"}));
    let answer = answer.shown().await;
    let form = bob.click(&answer, "Not helpful").modal().await;
    let reason = json!({"reason": "which key?"});
    bob.submit_modal(&form, &reason).shown().await;

    let gaps = command(&double, "notes gaps", json!({"days": 1})).await;
    let text = gaps.text();
    let first = text.find("Amazon SQS").unwrap();
    assert!(first < text.find("Amazon DynamoDB").unwrap(), "{text}");
    assert!(text.contains("In the last day: 4 questions"), "{text}");
    assert!(text.contains("(twice, 2 people, last <t:"), "{text}");
    assert!(text.contains("1 not helpful"), "{text}");
    let looked_up = "Amazon SQS · Multi-factor authentication";
    assert!(text.contains(looked_up), "{text}");
    let link = format!(
        "https://discord.com/channels/{GUILD}/{}/{}",
        public.channel, public.id
    );
    assert!(text.contains(&link), "{text}");
    for absent in ["hello", "snowflake", "**bold**"] {
        assert!(!text.contains(absent), "{absent}: {text}");
    }

    let table = String::from_utf8(gaps.file("gaps.csv").to_vec()).unwrap();
    assert_eq!(table.lines().count(), 5, "{table}");
    assert!(
        table.contains("which key?") && table.contains(&link),
        "{table}"
    );
    assert!(!table.contains(",="), "{table}");
    for person in [ADMIN, ALICE, BOB] {
        assert!(!format!("{text}{table}").contains(&person.to_string()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_notes_answer_and_broken_ones_do_not() {
    let double = Double::start(setup()).await;
    let place = Place::with_notes(&[("queue.md", &queue("1.2")), ("store.md", STORE)]);
    let bot = place.start_with(&double, &BUSY).await;
    assert!(asked(&double).await.contains("TLS 1.2"));
    let good = status(&double).await;
    assert!(good.contains("2 notes"), "{good}");

    place.write_note("queue.md", &queue("1.3"));
    answered_with(&double, "TLS 1.3").await;

    place.write_note("store.md", BROKEN);
    place.write_note("queue.md", &queue("1.4"));
    bot.logged("store.md:10").await;
    assert!(asked(&double).await.contains("TLS 1.3"));
    let broken = status(&double).await;
    assert!(
        broken.contains("A later change was not taken over"),
        "{broken}"
    );
    assert!(broken.contains("store.md:10"), "{broken}");
    assert!(broken.contains("gide"), "{broken}");
    let reload = command(&double, "notes reload", json!({})).await;
    assert_eq!(title(&reload), "The notes from before stay in use");
    assert!(reload.text().contains("store.md:10"), "{}", reload.text());

    place.write_note("store.md", STORE);
    answered_with(&double, "TLS 1.4").await;
    let mended = status(&double).await;
    assert!(!mended.contains("not taken over"), "{mended}");

    for note in ["queue.md", "store.md"] {
        fs::remove_file(place.notes().join(note)).unwrap();
    }
    bot.logged("there are no notes in").await;
    assert!(asked(&double).await.contains("TLS 1.4"));
    let empty = status(&double).await;
    assert!(empty.contains("there are no notes in"), "{empty}");

    place.write_note("deeper/queue.md", &queue("1.5"));
    answered_with(&double, "TLS 1.5").await;

    // Another folder in its place, as a new checkout makes it.
    fs::remove_dir_all(place.notes()).unwrap();
    bot.logged("there is no folder").await;
    place.write_note("queue.md", &queue("1.6"));
    answered_with(&double, "TLS 1.6").await;
    place.write_note("queue.md", &queue("1.7"));
    answered_with(&double, "TLS 1.7").await;
    let reload = command(&double, "notes reload", json!({})).await;
    assert_eq!(title(&reload), "Notes loaded");
    assert!(
        reload.text().contains("In use now: 1 note, with"),
        "{}",
        reload.text()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_meet_whole_notes_during_many_quick_changes() {
    let double = Double::start(setup()).await;
    let place = Place::with_notes(&[("queue.md", &queue("1.0")), ("store.md", STORE)]);
    let _bot = place.start_with(&double, &BUSY).await;
    for version in 1..=150 {
        // As `git pull` does it: another file takes the place of the old one.
        let draft = place.path("draft.md");
        fs::write(&draft, queue(&format!("1.{version}"))).unwrap();
        fs::rename(&draft, place.notes().join("queue.md")).unwrap();
        let answer = asked(&double).await;
        assert!(answer.contains("Messages travel over TLS 1."), "{answer}");
    }
    answered_with(&double, "TLS 1.150").await;
    let status = status(&double).await;
    assert!(!status.contains("not taken over"), "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn unwatched_notes_change_when_told_to() {
    let double = Double::start(setup()).await;
    let place = Place::with_notes(&[("queue.md", &queue("1.2"))]);
    let settings = [("FOOTNOTE__NOTES__WATCH", "false")];
    let _bot = place.start_with(&double, &settings).await;
    place.write_note("queue.md", &queue("1.3"));
    assert!(asked(&double).await.contains("TLS 1.2"));
    command(&double, "notes reload", json!({})).await;
    assert!(asked(&double).await.contains("TLS 1.3"));
}
