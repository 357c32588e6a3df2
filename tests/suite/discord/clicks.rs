//! Buttons: pages, sharing, votes, dismissing; old ones, odd ones, forged ones.

use std::time::Duration;

use serde_json::{Value, json};

use super::asking::title;
use super::process::{Place, setup};
use crate::double::Double;
use crate::double::actor::Actor;
use crate::double::reply::{Reply, Sent, Shown};
use crate::double::setup::{ADMIN, ADMIN_ROLE, ALICE, BOB, Checks, Setup};

/// What only Alice sees as the answer to her question.
async fn asked(double: &Double, question: &str) -> Shown {
    let question = json!({"question": question});
    double.as_user(ALICE).slash("ask", &question).shown().await
}

/// The same for all to see.
async fn asked_publicly(double: &Double, question: &str) -> Shown {
    let question = json!({"question": question, "share": true});
    double.as_user(ALICE).slash("ask", &question).shown().await
}

/// The button that leads on, if there is one.
fn more(shown: &Shown) -> Option<String> {
    let label = shown
        .labels()
        .into_iter()
        .find(|label| label.starts_with("More"));
    label.map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn more_leads_through_all_pages_and_back() {
    let double = Double::start(setup()).await;
    let place = Place::bundled();
    let _bot = place.start(&double).await;
    let alice = double.as_user(ALICE);

    for question in [
        "which services have encryption at rest?",
        "is sqs encrypted on the wire?",
    ] {
        let first = asked(&double, question).await;
        let mut pages = vec![first.clone()];
        while let Some(label) = more(&pages[pages.len() - 1]) {
            let next = alice.click(&first, &label).shown().await;
            assert_eq!(next.id, first.id, "the private message changes in place");
            assert_eq!(next.text().lines().next(), first.text().lines().next());
            assert!(
                pages.iter().all(|page| page.text() != next.text()),
                "{label}"
            );
            assert!(next.text().contains("-# [1] "), "{}", next.text());
            pages.push(next);
        }
        assert!(pages.len() > 1, "{question}");
        let back = alice.click(&first, "Back to the first page").shown().await;
        assert_eq!(back.text(), first.text());
        assert_eq!(back.labels(), first.labels());
    }

    // What all see stays as it is; who reads on does so alone.
    let public = asked_publicly(&double, "which services have encryption at rest?").await;
    let label = more(&public).unwrap();
    let bob = double.as_user(BOB);
    let second = bob.click(&public, &label).shown().await;
    assert!(second.is_ephemeral() && second.id != public.id);
    let label = more(&second).unwrap();
    let third = bob.click(&second, &label).shown().await;
    assert_eq!(third.id, second.id);
    assert_eq!(public.now().edits, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn sharing_shows_an_answer_to_all_once() {
    let double = Double::start(setup()).await;
    let place = Place::bundled();
    let _bot = place.start(&double).await;
    let alice = double.as_user(ALICE);

    let private = asked(&double, "is sqs encrypted on the wire?").await;
    let click = alice.click(&private, "Share");
    let twice = alice.click(&private, "Share");
    click.callback().await;
    twice.callback().await;
    let shared = shared_by(&double, &[click, twice]).await;
    assert!(!shared.is_ephemeral());
    assert_eq!(title(&shared), title(&private));
    assert!(shared.text().contains(&format!("Shared by <@{ALICE}>")));
    assert_eq!(
        shared.json["mentions"],
        json!([]),
        "by name, without a ping"
    );
    assert!(!shared.labels().contains(&"Share"));
    let kept = private.now();
    assert!(!kept.labels().contains(&"Share"));
    assert_eq!(kept.text(), private.text());

    // Another page is another thing to share.
    let label = more(&kept).unwrap();
    let second = alice.click(&kept, &label).shown().await;
    let click = alice.click(&second, "Share");
    let shared = click.followup(0).await;
    assert!(shared.text().contains("Shared by"));

    // Anybody may use the buttons of what was shared.
    let thanks = double.as_user(BOB).click(&shared, "Helpful").shown().await;
    assert_eq!(title(&thanks), "Thank you");
    alice.click(&shared, "Dismiss").callback().await;
    shared.deleted().await;
}

/// The only message that some clicks shared.
async fn shared_by(double: &Double, clicks: &[Sent]) -> Shown {
    let ids: Vec<u64> = clicks.iter().map(|click| click.id).collect();
    let shared = double
        .until("something shared", |world| {
            let all = ids.iter().filter_map(|id| world.interactions.get(id));
            let all: Vec<u64> = all.flat_map(|click| click.followups.clone()).collect();
            (!all.is_empty()).then_some(all)
        })
        .await;
    assert_eq!(shared.len(), 1);
    double.message(shared[0])
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_vote_counts_with_its_reason() {
    let double = Double::start(setup()).await;
    let place = Place::bundled();
    let _bot = place.start(&double).await;
    let alice = double.as_user(ALICE);
    let answer = asked_publicly(&double, "is sqs encrypted on the wire?").await;
    let stored = async |table: &str| {
        let rows = place.rows().await.into_iter();
        rows.filter(|row| row.starts_with(table))
            .collect::<Vec<_>>()
    };

    let thanks = alice.click(&answer, "Helpful").shown().await;
    assert!(thanks.is_ephemeral());
    assert_eq!(title(&thanks), "Thank you");
    assert!(stored("vote").await[0].contains(&format!("{ALICE},{},1,", answer.id)));
    assert_eq!(stored("gap").await.len(), 0);

    // Counted at once; the form may be left.
    let form = alice.click(&answer, "Not helpful").modal().await;
    assert!(stored("vote").await[0].contains(&format!("{ALICE},{},0,", answer.id)));
    let gap = stored("gap").await.remove(0);
    assert!(gap.contains("'is sqs encrypted on the wire?'"), "{gap}");
    assert!(
        gap.contains(&answer.id.to_string()),
        "with its place: {gap}"
    );

    let reason = json!({"reason": "  says nothing\n@everyone of **keys** "});
    let thanks = alice.submit_modal(&form, &reason).shown().await;
    assert!(thanks.is_ephemeral());
    assert_eq!(title(&thanks), "Thank you");
    let gap = stored("gap").await.remove(0);
    assert!(
        gap.contains("'says nothing @everyone of **keys**'"),
        "{gap}"
    );

    // A form without words takes nothing back; another person has another vote.
    let form = alice.click(&answer, "Not helpful").modal().await;
    alice.submit_modal(&form, &json!({})).shown().await;
    assert!(stored("gap").await[0].contains("says nothing"));
    double.as_user(BOB).click(&answer, "Helpful").shown().await;
    assert_eq!(stored("vote").await.len(), 2);

    alice.click(&answer, "Helpful").shown().await;
    assert_eq!(stored("gap").await.len(), 0);
    assert_eq!(stored("vote").await.len(), 2);
}

/// Discord's permission to remove messages of others.
const MANAGE_MESSAGES: u64 = 1 << 13;

#[tokio::test(flavor = "multi_thread")]
async fn who_asked_or_moderates_may_dismiss() {
    let double = Double::start(setup()).await;
    let place = Place::bundled();
    let _bot = place.start(&double).await;
    let [admin, alice, bob] = [ADMIN, ALICE, BOB].map(|user| double.as_user(user));
    let dismiss = |actor: &Actor, message: &Shown| actor.click(message, "Dismiss");

    let private = asked(&double, "sqs on the wire").await;
    dismiss(&alice, &private).callback().await;
    private.deleted().await;

    let said = alice.say(&format!("{} sqs on the wire", Double::mention()));
    let public = said.answer().await;
    for other in [&bob, &admin] {
        let refused = dismiss(other, &public).shown().await;
        assert!(refused.is_ephemeral());
        assert_eq!(title(&refused), "This one is not yours to dismiss");
    }
    assert!(!public.now().is_deleted);
    dismiss(&alice, &public).callback().await;
    public.deleted().await;

    double.change_setup(|setup| {
        let roles = setup.guilds.iter_mut().flat_map(|guild| &mut guild.roles);
        for role in roles.filter(|role| role.id == ADMIN_ROLE) {
            role.permissions |= MANAGE_MESSAGES;
        }
    });
    let public = asked_publicly(&double, "sqs on the wire").await;
    dismiss(&admin, &public).callback().await;
    public.deleted().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn buttons_work_after_the_bot_was_killed_and_started_again() {
    let double = Double::start(setup()).await;
    let place = Place::bundled();
    let bot = place.start(&double).await;
    let alice = double.as_user(ALICE);
    let list = asked(&double, "which services have encryption at rest?").await;
    let answer = asked(&double, "is sqs encrypted on the wire?").await;
    let options = json!({"name": "sqs", "control": "multi-factor authentication"});
    let lacking = alice.slash("service", &options).shown().await;
    let said = alice.say(&format!("{} dynamodb at rest", Double::mention()));
    let public = said.answer().await;
    // Too long for the id of a button.
    let question = "is sqs encrypted on the wire? ".repeat(30);
    let long = asked(&double, question.trim()).await;
    assert_eq!(title(&long), "Amazon SQS · Encryption in transit");
    let form = alice.click(&long, "Not helpful").modal().await;

    let _bot = place.restart(&double, bot).await;

    let second = alice.click(&list, &more(&list).unwrap()).shown().await;
    assert_ne!(second.text(), list.text());
    let shared = alice.click(&answer, "Share").followup(0).await;
    assert_eq!(title(&shared), title(&answer));
    assert!(!answer.now().labels().contains(&"Share"));
    let instead = alice.click(&lacking, "Encryption at rest").shown().await;
    assert_eq!(title(&instead), "Amazon SQS · Encryption at rest");

    let more_of_long = more(&long).expect("further quotations");
    let second = alice.click(&long, &more_of_long).shown().await;
    assert_eq!(title(&second), title(&long));
    let thanks = alice.submit_modal(&form, &json!({"reason": "too long"}));
    assert_eq!(title(&thanks.shown().await), "Thank you");
    let shared = alice.click(&long, "Share").followup(0).await;
    assert!(shared.text().contains(question.trim()), "{}", shared.text());

    let thanks = double.as_user(BOB).click(&public, "Helpful").shown().await;
    assert_eq!(title(&thanks), "Thank you");
    let form = alice.click(&public, "Not helpful").modal().await;
    alice
        .submit_modal(&form, &json!({"reason": "old"}))
        .shown()
        .await;
    let reply = double.as_user(BOB).reply_to(&public, "and on the wire?");
    let reply = reply.answer().await;
    assert_eq!(title(&reply), "Amazon DynamoDB · Encryption in transit");
    for message in [&list, &public] {
        alice.click(message, "Dismiss").callback().await;
        message.deleted().await;
    }
}

const QUEUE: &str = "---\nkind: service\nname: Acme Queue\naliases: [AQ]\n---\n\n# Acme Queue\n\n\
                     ## Encryption in transit\n\n- Messages travel over TLS 1.3.[^guide]\n\n\
                     [^guide]: Acme Queue guide\n";
const STORE: &str = "---\nkind: service\nname: Acme Store\n---\n\n# Acme Store\n\n\
                     ## Encryption in transit\n\n- Objects travel over HTTPS.[^guide]\n\n\
                     [^guide]: Acme Store guide\n";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_gone_from_the_notes_is_said_to_be_gone() {
    let double = Double::start(setup()).await;
    let place = Place::with_notes(&[("queue.md", QUEUE), ("store.md", STORE)]);
    let bot = place.start(&double).await;
    let alice = double.as_user(ALICE);
    let looked_up = alice.slash("service", &json!({"name": "AQ"})).shown().await;
    assert_eq!(title(&looked_up), "Acme Queue");
    let answer = asked(&double, "acme queue tls").await;
    assert!(answer.text().contains("TLS 1.3"), "{}", answer.text());

    std::fs::remove_file(place.notes().join("queue.md")).unwrap();
    bot.logged("notes loaded").await;

    for button in ["Share", "Share"] {
        let gone = alice.click(&looked_up, button).shown().await;
        assert!(gone.is_ephemeral());
        assert_eq!(title(&gone), "No longer in the notes");
    }
    // A vote is about what was shown, not about what is there now.
    let form = alice.click(&looked_up, "Not helpful").modal().await;
    let thanks = alice.submit_modal(&form, &json!({"reason": "gone"}));
    assert_eq!(title(&thanks.shown().await), "Thank you");
    // A question is asked anew, so what is shared is true today.
    let shared = alice.click(&answer, "Share").followup(0).await;
    assert_eq!(title(&shared), "Not in the notes");
}

/// A generator of odd ids: small, and the same in every run.
struct Odd(u64);

impl Odd {
    fn below(&mut self, limit: usize) -> usize {
        // Constants of Knuth's MMIX; the upper bits are the random ones.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    /// A known id with some characters changed, or any characters.
    fn id(&mut self, known: &[String]) -> String {
        const SIGNS: &[char] = &[
            'v', '1', '2', ':', 'p', 's', 'h', 'n', 'x', 'r', 'q', 'b', 'i', 'm', '0', '9', '-',
            '/', '#', '.', ' ', 'A', 'z', '\'', '"', ';', '%', '\0', '\u{202e}', 'é', '🧑',
        ];
        let mut id: Vec<char> = match self.below(4) {
            0 => Vec::new(),
            1 => "v1:".chars().collect(),
            _ => known[self.below(known.len())].chars().collect(),
        };
        for _ in 0..=self.below(6) {
            let sign = SIGNS[self.below(SIGNS.len())];
            let at = self.below(id.len() + 1);
            match self.below(4) {
                0 if at < id.len() => drop(id.remove(at)),
                1 if at < id.len() => id[at] = sign,
                2 => id.truncate(at),
                _ => id.insert(at, sign),
            }
        }
        id.truncate(100);
        if id.is_empty() {
            "v1".to_owned()
        } else {
            id.into_iter().collect()
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_buttons_and_forms_change_nothing_and_are_answered_kindly() {
    const CLICKS: usize = 9_000;
    const FORMS: usize = 1_000;
    let double = Double::start(Setup {
        checks: Checks::Limits,
        ..setup()
    })
    .await;
    let place = Place::bundled();
    let settings = [
        ("FOOTNOTE__LIMITS__ASKS_PER_USER", "10000"),
        ("RUST_LOG", "warn"),
    ];
    let _bot = place.start_with(&double, &settings).await;
    let bob = double.as_user(BOB);
    let private = asked(&double, "is sqs encrypted on the wire?").await;
    let public = asked_publicly(&double, "sqs at rest").await;
    let foreign = double.as_user(ALICE).say("I am no bot").shown();
    double
        .as_user(ALICE)
        .click(&public, "Helpful")
        .shown()
        .await;
    let mut known: Vec<String> = [&private, &public]
        .into_iter()
        .flat_map(|message| message.buttons().into_iter().cloned().collect::<Vec<_>>())
        .map(|button| button["custom_id"].as_str().unwrap().to_owned())
        .collect();
    known.push("v1:r:q0:is sqs encrypted on the wire?".to_owned());
    let before = place.rows().await;

    let mut odd = Odd(20_261_122);
    let mut sent = Vec::new();
    for number in 0..CLICKS + FORMS {
        let id = odd.id(&known);
        if known.contains(&id) {
            continue;
        }
        let on = [&private, &public, &foreign][number % 3];
        sent.push(if number < CLICKS {
            bob.click_forged(on, &id)
        } else {
            let field = json!({"type": 4, "custom_id": "reason"});
            let rows = json!([{"type": 1, "components": [field]}]);
            let form = Reply {
                kind: 9,
                data: json!({"custom_id": id, "components": rows}),
                elapsed: Duration::ZERO,
                source: Some(on.id),
            };
            bob.submit_modal(&form, &json!({"reason": "forged"}))
        });
        if sent.len() == 100 {
            answered_kindly(&mut sent).await;
        }
    }
    answered_kindly(&mut sent).await;
    // A button of one message does nothing on another, nor on a person's.
    let elsewhere = known.iter().map(|id| bob.click_forged(&foreign, id));
    answered_kindly(&mut elsewhere.collect()).await;

    assert_eq!(place.rows().await, before);
    assert!(
        [private, public]
            .iter()
            .all(|message| message.now().edits == 0)
    );
}

async fn answered_kindly(sent: &mut Vec<Sent>) {
    for sent in sent.drain(..) {
        let reply = sent.callback().await;
        let said = &reply.data["embeds"][0]["title"];
        assert_eq!((reply.kind, &reply.data["flags"]), (4, &Value::from(64)));
        assert_eq!(said, "This button no longer works", "{}", sent.what);
    }
}
