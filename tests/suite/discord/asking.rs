//! Asking: commands, the message menu, mentions, replies, direct messages.

use footnote::answer::policy::Policy;
use footnote::answer::{Kind, answer, lookup};
use footnote::catalog::Role;
use serde_json::{Value, json};

use super::process::{Place, setup};
use crate::double::Double;
use crate::double::reply::Shown;
use crate::double::setup::{ALICE, BOB, GENERAL, GUILD};
use crate::double::world::World;
use crate::harness::knowledge;

/// The title of a message of the bot.
pub(super) fn title(shown: &Shown) -> &str {
    shown.json["embeds"][0]["title"].as_str().unwrap_or("")
}

/// What a command of Alice in `#general` shows her.
async fn shown(double: &Double, command: &str, options: Value) -> Shown {
    let sent = double.as_user(ALICE).slash(command, &options);
    sent.shown().await
}

/// Messages of the bot that everybody sees, without the replies to commands.
fn published(double: &Double) -> usize {
    double.requests("POST channels/*/messages").len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_answered_in_private_with_citations() {
    let double = Double::start(setup()).await;
    let place = Place::bundled();
    let bot = place.start(&double).await;

    let question = json!({"question": "is sqs encripted on the wire?"});
    let private = shown(&double, "ask", question.clone()).await;
    assert!(private.is_ephemeral());
    let text = private.text();
    assert_eq!(title(&private), "Amazon SQS · Encryption in transit");
    assert!(text.contains("[1] services/sqs.md"), "{text}");
    assert!(text.contains("encripted → encrypted"), "{text}");
    assert!(private.labels().contains(&"Share"));

    let mut public = question;
    public["share"] = json!(true);
    let public = shown(&double, "ask", public).await;
    assert!(!public.is_ephemeral());
    assert_eq!(title(&public), title(&private));
    assert!(!public.labels().contains(&"Share"));
    assert_eq!(bot.stop().0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_may_be_chosen_spelled_abbreviated_or_misspelt() {
    let double = Double::start(setup()).await;
    let place = Place::bundled();
    let settings = [("FOOTNOTE__LIMITS__ASKS_PER_USER", "1000")];
    let _bot = place.start_with(&double, &settings).await;
    let alice = double.as_user(ALICE);

    let typed = alice.autocomplete("service", "name", "amazon sq", &json!({}));
    let (label, id) = typed.choices().await.remove(0);
    assert_eq!(label, "Amazon SQS");
    for name in [id.as_str().unwrap(), "Amazon SQS", "sqs", "amzon sqss"] {
        let overview = shown(&double, "service", json!({"name": name})).await;
        assert_eq!(title(&overview), "Amazon SQS", "{name}");
        assert!(overview.is_ephemeral());

        let options = json!({"name": name, "control": "on the wire"});
        let one = shown(&double, "service", options).await;
        assert_eq!(title(&one), "Amazon SQS · Encryption in transit", "{name}");
        assert!(!one.text().contains("server side"), "{}", one.text());
    }

    let typed = alice.autocomplete("control", "name", "encryption at", &json!({}));
    let (label, id) = typed.choices().await.remove(0);
    assert_eq!(label, "Encryption at rest");
    for name in [
        id.as_str().unwrap(),
        "Encryption at rest",
        "encripton at rest",
    ] {
        let control = shown(&double, "control", json!({"name": name})).await;
        let text = control.text();
        assert!(text.starts_with("Encryption at rest: "), "{name}: {text}");
        assert!(text.contains("Amazon DynamoDB"), "{name}: {text}");
        assert!(
            text.contains("controls/encryption-at-rest.md"),
            "{name}: {text}"
        );
    }

    let sides = json!({"first": "services/sqs.md", "second": "dynamo"});
    let compared = shown(&double, "compare", sides).await;
    assert_eq!(title(&compared), "Amazon SQS · Amazon DynamoDB");
    // Names that are a control's as well are those of the services here.
    let sides = json!({"first": "Security groups", "second": "tokenization"});
    let compared = shown(&double, "compare", sides).await;
    assert_eq!(title(&compared), "Security groups · Tokenization");
    let text = compared.text();
    assert!(!text.contains("The notes do not say"), "{text}");
    let sides = json!({"first": "sqs", "second": "dynamo", "control": "tls"});
    let compared = shown(&double, "compare", sides).await;
    let text = compared.text();
    assert!(
        text.contains("Amazon DynamoDB · Encryption in transit"),
        "{text}"
    );
    assert!(!text.contains("Encryption at rest"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_notes_lack_is_said_with_names_to_go_on_with() {
    let double = Double::start(setup()).await;
    let place = Place::bundled();
    let _bot = place.start(&double).await;

    let options = json!({"name": "sqs", "control": "multi-factor authentication"});
    let lacking = shown(&double, "service", options).await;
    let text = lacking.text();
    assert_eq!(title(&lacking), "Not in the notes");
    assert!(
        text.contains("The notes on Amazon SQS do not cover"),
        "{text}"
    );
    assert!(
        text.contains("They do hold: Encryption in transit"),
        "{text}"
    );
    assert!(lacking.labels().contains(&"Encryption in transit"));
    let alice = double.as_user(ALICE);
    let instead = alice.click(&lacking, "Encryption in transit").shown().await;
    assert_eq!(instead.id, lacking.id, "a private message changes in place");
    assert_eq!(title(&instead), "Amazon SQS · Encryption in transit");

    let unknown = shown(&double, "service", json!({"name": "dynamic base"})).await;
    assert_eq!(title(&unknown), "Not in the notes");
    let name = *unknown.labels().first().unwrap();
    let instead = alice.click(&unknown, name).shown().await;
    assert!(title(&instead).starts_with(name), "{}", instead.text());

    for (command, options) in [
        ("control", json!({"name": "warp drive"})),
        ("compare", json!({"first": "foo", "second": "bar"})),
    ] {
        let unknown = shown(&double, command, options).await;
        assert_eq!(title(&unknown), "Not in the notes", "{command}");
    }

    // Chosen suggestions arrive as ids, which make the same question as names.
    let chosen = json!({"first": "services/sqs.md", "second": "services/sqs.md"});
    let chosen = shown(&double, "compare", chosen).await;
    let typed = json!({"first": "Amazon SQS", "second": "Amazon SQS"});
    let typed = shown(&double, "compare", typed).await;
    assert_eq!(title(&chosen), "Amazon SQS");
    assert_eq!(chosen.text(), typed.text());

    let sides = json!({"first": "sqs", "second": "macie", "control": "client-side encryption"});
    let one_side = shown(&double, "compare", sides).await;
    let text = one_side.text();
    assert_eq!(title(&one_side), "Amazon SQS · Amazon Macie");
    assert!(
        text.contains("Amazon Macie**\nThe notes do not say."),
        "{text}"
    );
    assert!(text.contains("[1] services/sqs.md"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_message_menu_looks_up_what_a_message_says() {
    let double = Double::start(setup()).await;
    let place = Place::bundled();
    let _bot = place.start(&double).await;
    let alice = double.as_user(ALICE);
    let find = async |message: &Shown| {
        let found = alice.message_menu("Find in notes", message).shown().await;
        assert!(found.is_ephemeral());
        found
    };

    let said = double
        .as_user(BOB)
        .say("does dynamodb encrypt stored data?");
    let found = find(&said.shown()).await;
    assert_eq!(title(&found), "Amazon DynamoDB · Encryption at rest");
    // The bot's own answers are embeds without text of their own.
    for wordless in [double.as_user(BOB).say("").shown(), found] {
        let found = find(&wordless).await;
        assert_eq!(title(&found), "There is no text in that message");
    }
    assert_eq!(published(&double), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_of_help_are_answered() {
    let double = Double::start(setup()).await;
    let place = Place::bundled();
    let _bot = place.start(&double).await;

    let help = shown(&double, "help", json!({})).await.text();
    let examples: Vec<&str> = help
        .split('`')
        .filter(|code| code.starts_with('/') && code.contains(' '))
        .collect();
    assert!(examples.len() >= 3, "{help}");
    for example in examples {
        let (command, rest) = example[1..].split_once(' ').unwrap();
        let options = match (command, rest.split_once(" second:")) {
            ("ask", None) => json!({"question": rest.strip_prefix("question:").unwrap()}),
            ("compare", Some((first, second))) => {
                json!({"first": first.strip_prefix("first:").unwrap(), "second": second})
            }
            _ => panic!("{example} is written in another way"),
        };
        let answer = shown(&double, command, options).await;
        let text = answer.text();
        assert!(text.contains("-# [1] "), "{example}: {text}");
        assert!(!text.contains("The notes do not say"), "{example}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mentions_replies_and_direct_messages_are_answered_in_place() {
    let double = Double::start(setup()).await;
    let place = Place::bundled();
    let _bot = place.start(&double).await;
    let (alice, bob) = (double.as_user(ALICE), double.as_user(BOB));
    let at = Double::mention();

    let said = alice.say(&format!("{at} is sqs encrypted on the wire?"));
    let first = said.answer().await;
    assert_eq!(title(&first), "Amazon SQS · Encryption in transit");
    assert_eq!(
        first.json["message_reference"]["message_id"],
        said.id.to_string()
    );
    assert!(!first.is_ephemeral());

    // What is meant stays the same, reply after reply, whoever asks on.
    let second = bob.reply_to(&first, "and at rest?").answer().await;
    assert_eq!(title(&second), "Amazon SQS · Encryption at rest");
    let third = alice
        .reply_to(&second, "who may read the messages?")
        .answer()
        .await;
    assert!(title(&third).starts_with("Amazon SQS"), "{}", third.text());
    let other = alice
        .reply_to(&third, "what about dynamodb at rest?")
        .answer()
        .await;
    assert_eq!(title(&other), "Amazon DynamoDB · Encryption at rest");

    let bare = alice.say(&at).answer().await;
    assert!(bare.text().contains("/compare"), "{}", bare.text());

    let direct = alice.clone().in_dm().say("does s3 support vpc endpoints?");
    let direct = direct.answer().await;
    assert!(title(&direct).starts_with("Amazon S3"), "{}", direct.text());
    let asked = alice
        .clone()
        .in_dm()
        .slash("ask", &json!({"question": "kms rotation"}));
    assert!(asked.shown().await.is_ephemeral());
    let elsewhere = alice.user_install_elsewhere();
    let asked = elsewhere.slash("ask", &json!({"question": "sqs at rest"}));
    assert_eq!(
        title(&asked.shown().await),
        "Amazon SQS · Encryption at rest"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_meant_for_the_bot_meets_silence() {
    let double = Double::start(setup()).await;
    let place = Place::bundled();
    let bot = place.start(&double).await;
    let alice = double.as_user(ALICE);
    let at = Double::mention();
    let asked = alice.say(&format!("{at} sqs on the wire"));
    let answer = asked.answer().await;
    let probe = || alice.slash("help", &json!({}));

    let quiet = alice.reply_quietly_to(&answer, "thanks, that is all");
    quiet.silence(probe()).await;
    let chat = alice.say("sqs is great");
    chat.silence(probe()).await;

    // The same event again, after a reconnect and after a crash; and others
    // like it from a bot and from a webhook.
    let mut event = asked.shown().json;
    event["guild_id"] = json!(GUILD.to_string());
    double.dispatch("MESSAGE_CREATE", &event);
    chat.silence(probe()).await;
    assert_eq!(published(&double), 1);
    let _bot = place.restart(&double, bot).await;
    double.dispatch("MESSAGE_CREATE", &event);
    // Discord is asked again, and knows the message by its nonce.
    let tried_again = |world: &mut World| {
        let tries = world.requests.iter();
        let tries = tries.filter(|one| one.is_for("POST", "channels/*/messages"));
        (tries.count() == 2).then_some(())
    };
    double.until("the second try", tried_again).await;
    chat.silence(probe()).await;

    let mut by_bot = event.clone();
    by_bot["id"] = json!((asked.id + 1).to_string());
    by_bot["author"]["bot"] = json!(true);
    let mut by_webhook = event;
    by_webhook["id"] = json!((asked.id + 2).to_string());
    by_webhook["webhook_id"] = json!("1600000000000000001");
    double.dispatch("MESSAGE_CREATE", &by_bot);
    double.dispatch("MESSAGE_CREATE", &by_webhook);
    chat.silence(probe()).await;
    assert_eq!(published(&double), 2);
    let in_general = double.look(|world| {
        let all = world.messages.values();
        all.filter(|message| message.channel == GENERAL && !message.is_ephemeral())
            .count()
    });
    assert_eq!(in_general, 4, "three of Alice, one answer");
}

#[test]
fn every_two_services_can_be_compared() {
    let named = |wanted: Role| -> Vec<&str> {
        let all = knowledge().catalog.entities();
        let all = all.filter(|(_, entity)| entity.role == wanted);
        all.map(|(_, entity)| entity.name.as_str()).collect()
    };
    let mut services = named(Role::Service);
    // A name that is a control's as well is read as the control.
    services.retain(|name| !named(Role::Control).contains(name));
    assert!(services.len() > 20, "{services:?}");
    let mut read_otherwise = Vec::new();
    for first in &services {
        for second in services.iter().filter(|second| second > &first) {
            let question = format!("{first} vs {second}");
            let answer = answer(knowledge(), &Policy::default(), &question, None);
            if answer.kind != Kind::Compare || answer.services != [*first, *second] {
                read_otherwise.push(question);
            }
        }
    }
    assert_eq!(read_otherwise, Vec::<String>::new());
}

#[test]
fn two_services_named_by_id_are_compared_whatever_else_their_names_mean() {
    let knowledge = knowledge();
    let policy = Policy::default();
    let all = knowledge.catalog.entities();
    let services: Vec<_> = all.filter(|(_, one)| one.role == Role::Service).collect();
    assert!(services.len() > 25);
    for (first, _) in &services {
        let (second, other) = services.last().unwrap();
        let compared = lookup::compare(knowledge, &policy, [*first, *second], None);
        assert_eq!(compared.kind, Kind::Compare);
        assert_eq!(compared.services[1], other.name);
        assert_eq!(compared.missing, [""; 0], "{:?}", compared.services);
    }
}

#[test]
fn looking_up_a_control_of_a_service_quotes_that_service_or_says_it_has_none() {
    let knowledge = knowledge();
    let with_role = |wanted: Role| {
        let all = knowledge.catalog.entities();
        all.filter(move |(_, entity)| entity.role == wanted)
    };
    for (service, of) in with_role(Role::Service) {
        let own = knowledge.sections_of(service);
        for (control, wanted) in with_role(Role::Control) {
            let looked_up = format!("{} · {}", of.name, wanted.name);
            let answer =
                lookup::service_and_control(knowledge, &Policy::default(), service, control);
            if answer.kind == Kind::Abstention {
                assert_eq!(answer.services, [of.name.as_str()], "{looked_up}");
                assert_eq!(answer.controls, [wanted.name.as_str()], "{looked_up}");
                let has = knowledge.controls_of(service).contains(&control);
                assert!(!has, "{looked_up}");
            } else {
                let is_own = answer.quotations.iter().all(|one| own.contains(&one.at));
                assert!(is_own, "{looked_up}");
            }
        }
    }
}
