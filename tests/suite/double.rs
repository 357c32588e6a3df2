//! The Discord double itself: it accepts what Discord accepts, refuses what
//! Discord refuses, and its checks find what they are there for.

use std::time::Duration;

use serde_json::{Value, json};
use serenity::all::{
    ClientBuilder, CommandOptionType, Context, CreateAllowedMentions, CreateAttachment,
    CreateCommand, CreateCommandOption, CreateInteractionResponse,
    CreateInteractionResponseMessage, EventHandler, GatewayIntents, Http, HttpBuilder, Interaction,
    Message, Ready,
};
use serenity::async_trait;

use crate::double::Double;
use crate::double::faults::{Fault, RetryAfter};
use crate::double::setup::{
    ADMIN, ALICE, APPLICATION, Checks, GENERAL, GUILD, OUTSIDER, Setup, permission,
};

/// A bot as small as can be: it says again what it is told.
struct Echo;

#[async_trait]
impl EventHandler for Echo {
    async fn ready(&self, context: Context, _: Ready) {
        let question =
            CreateCommandOption::new(CommandOptionType::String, "question", "What to say");
        let ask = CreateCommand::new("ask")
            .description("Says it again")
            .add_option(question.required(true));
        context
            .http
            .create_global_commands(&vec![ask])
            .await
            .unwrap();
    }

    async fn interaction_create(&self, context: Context, interaction: Interaction) {
        let message = CreateInteractionResponseMessage::new()
            .allowed_mentions(CreateAllowedMentions::new())
            .ephemeral(true);
        let button = serenity::all::CreateButton::new("again").label("Again");
        match interaction {
            Interaction::Command(command) => {
                let text = command.data.options[0].value.as_str().unwrap().to_owned();
                let message = message.content(text).button(button);
                let response = CreateInteractionResponse::Message(message);
                command
                    .create_response(&context.http, response)
                    .await
                    .unwrap();
            }
            Interaction::Component(component) => {
                let text = format!("{} again", component.message.content);
                let message = message.content(text).button(button);
                let response = CreateInteractionResponse::UpdateMessage(message);
                component
                    .create_response(&context.http, response)
                    .await
                    .unwrap();
            }
            _ => {}
        }
    }

    async fn message(&self, context: Context, message: Message) {
        if message.author.bot || message.content.is_empty() {
            return;
        }
        let body = plain(&format!("heard: {}", message.content));
        context
            .http
            .send_message(message.channel_id, Vec::new(), &body)
            .await
            .unwrap();
    }
}

/// serenity's HTTP client on the double.
fn http(double: &Double, token: &str) -> Http {
    HttpBuilder::new(token)
        .proxy(double.url())
        .ratelimiter_disabled(true)
        .build()
}

/// Starts the small bot; it ends with the test.
async fn start_echo(double: &Double) {
    let intents =
        GatewayIntents::GUILDS | GatewayIntents::GUILD_MESSAGES | GatewayIntents::DIRECT_MESSAGES;
    let builder = ClientBuilder::new_with_http(http(double, &double.token()), intents);
    let mut client = builder.event_handler(Echo).await.unwrap();
    tokio::spawn(async move { client.start().await });
    double.ready().await;
}

/// A message body in which nothing is wrong.
pub(crate) fn plain(text: &str) -> Value {
    json!({"content": text, "allowed_mentions": {"parse": []}})
}

/// A request by hand; the status and the JSON of the reply.
pub(crate) async fn request(
    double: &Double,
    method: &str,
    path: &str,
    body: &Value,
) -> (u16, Value) {
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    let response = reqwest::Client::new()
        .request(method, format!("{}/api/v10/{path}", double.url()))
        .header("authorization", format!("Bot {}", double.token()))
        .header("user-agent", "DiscordBot (https://example.org, 1)")
        .header("content-type", "application/json")
        .body(body.to_string())
        .send()
        .await
        .unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}

/// Registers `/ask` by hand, for tests without a bot.
async fn register_ask(double: &Double) {
    let option =
        json!({"name": "question", "description": "What", "type": 3, "autocomplete": true});
    let ask = json!([{"name": "ask", "description": "Asks", "options": [option]}]);
    let path = format!("applications/{APPLICATION}/commands");
    assert_eq!(request(double, "PUT", &path, &ask).await.0, 200);
}

/// What the checks say about a message in a channel, one line each.
async fn complaints_about(double: &Double, body: &Value) -> String {
    let path = format!("channels/{GENERAL}/messages");
    request(double, "POST", &path, body).await;
    double.take_violations().join("\n")
}

#[tokio::test]
async fn a_command_is_registered_used_and_answered_and_its_button_updates_the_message() {
    let double = Double::start(Setup::default()).await;
    start_echo(&double).await;
    let alice = double.as_user(ALICE);
    let sent = alice.slash("ask", &json!({"question": "is sqs encrypted"}));
    let reply = sent.callback().await;
    assert_eq!(
        (reply.kind, &reply.data["content"]),
        (4, &json!("is sqs encrypted"))
    );
    let shown = sent.shown().await;
    assert!(shown.is_ephemeral());
    let updated = alice.click(&shown, "Again").shown().await;
    assert_eq!(
        (updated.id, updated.text()),
        (shown.id, "is sqs encrypted again".to_owned())
    );
}

#[tokio::test]
async fn text_is_delivered_to_a_bot_that_is_mentioned_replied_to_or_written_to_directly() {
    let double = Double::start(Setup::default()).await;
    start_echo(&double).await;
    let alice = double.as_user(ALICE);
    let hello = format!("{} hello", Double::mention());
    let answer = alice.say(&hello).answer().await;
    assert_eq!(answer.text(), format!("heard: {hello}"));
    assert_eq!(
        alice.reply_to(&answer, "and then?").answer().await.text(),
        "heard: and then?"
    );
    let unread = alice.say("nobody is meant");
    unread
        .silence(alice.slash("ask", &json!({"question": "still there?"})))
        .await;
    let direct = double.as_user(OUTSIDER).in_dm().say("a direct word");
    assert_eq!(direct.answer().await.text(), "heard: a direct word");
}

#[tokio::test]
async fn what_happens_while_the_line_is_down_is_replayed() {
    let double = Double::start(Setup::default()).await;
    start_echo(&double).await;
    double.drop_connection();
    // Sent while nobody listens.
    let sent = double
        .as_user(ALICE)
        .slash("ask", &json!({"question": "late"}));
    assert_eq!(sent.shown().await.text(), "late");
    assert_eq!(double.connections(), (2, 1, 1));
}

#[tokio::test]
async fn a_wrong_token_and_disallowed_intents_close_for_good() {
    let double = Double::start(Setup::default()).await;
    double.change_setup(|setup| setup.disallows_intents = true);
    let builder =
        ClientBuilder::new_with_http(http(&double, &double.token()), GatewayIntents::GUILDS);
    let error = builder.await.unwrap().start().await.unwrap_err();
    assert!(error.to_string().contains("intents"), "{error}");

    let reply = http(&double, "MTIz.wrong.token").get_current_user().await;
    assert!(reply.unwrap_err().to_string().contains("401"));
    assert!(
        double
            .take_violations()
            .join("\n")
            .contains("no valid Authorization")
    );
}

#[tokio::test]
async fn an_interaction_is_acknowledged_once_and_in_time() {
    let setup = Setup {
        acknowledge_within: Duration::ZERO,
        ..Setup::default()
    };
    let double = Double::start(setup).await;
    register_ask(&double).await;
    let ask = || {
        double
            .as_user(ALICE)
            .slash("ask", &json!({"question": "x"}))
    };
    let callback = |sent: &crate::double::reply::Sent| {
        format!("interactions/{}/{}/callback", sent.id, sent.token())
    };
    let body = json!({"type": 4, "data": plain("hi")});

    let late = request(&double, "POST", &callback(&ask()), &body).await;
    assert_eq!((late.0, &late.1["code"]), (404, &json!(10062)));

    double.change_setup(|setup| setup.acknowledge_within = Duration::from_secs(3));
    let sent = ask();
    assert_eq!(
        request(&double, "POST", &callback(&sent), &body).await.0,
        204
    );
    let twice = request(&double, "POST", &callback(&sent), &body).await;
    assert_eq!((twice.0, &twice.1["code"]), (400, &json!(40060)));

    let unknown = request(&double, "POST", "interactions/1/token/callback", &body).await;
    assert_eq!((unknown.0, &unknown.1["code"]), (404, &json!(10062)));
}

#[tokio::test]
async fn a_deferred_reply_waits_for_its_content() {
    let double = Double::start(Setup::default()).await;
    register_ask(&double).await;
    let sent = double
        .as_user(ALICE)
        .slash("ask", &json!({"question": "x"}));
    let path = format!("interactions/{}/{}/callback", sent.id, sent.token());
    request(
        &double,
        "POST",
        &path,
        &json!({"type": 5, "data": {"flags": 64}}),
    )
    .await;
    let path = format!("webhooks/{APPLICATION}/{}/messages/@original", sent.token());
    assert_eq!(
        request(&double, "PATCH", &path, &plain("done")).await.0,
        200
    );
    let shown = sent.shown().await;
    assert_eq!(
        (shown.text().as_str(), shown.is_ephemeral()),
        ("done", true)
    );
    let path = format!("webhooks/{APPLICATION}/{}", sent.token());
    request(&double, "POST", &path, &plain("and more")).await;
    assert_eq!(sent.followup(0).await.text(), "and more");
}

#[tokio::test]
async fn an_enforced_nonce_gives_the_earlier_message() {
    let double = Double::start(Setup::default()).await;
    let path = format!("channels/{GENERAL}/messages");
    let mut body = plain("once");
    body["nonce"] = json!("q1");
    let free = [
        request(&double, "POST", &path, &body).await,
        request(&double, "POST", &path, &body).await,
    ];
    assert_ne!(free[0].1["id"], free[1].1["id"]);
    body["enforce_nonce"] = json!(true);
    let first = request(&double, "POST", &path, &body).await.1;
    let again = request(&double, "POST", &path, &body).await.1;
    assert_eq!(first["id"], again["id"]);
    let after = format!(
        "{path}?limit=100&after={}",
        free[0].1["id"].as_str().unwrap()
    );
    assert_eq!(
        request(&double, "GET", &after, &Value::Null)
            .await
            .1
            .as_array()
            .unwrap()
            .len(),
        2
    );
    // Deleted meanwhile: Discord does not make another one.
    let one = format!("{path}/{}", first["id"].as_str().unwrap());
    assert_eq!(request(&double, "DELETE", &one, &Value::Null).await.0, 204);
    assert_eq!(
        request(&double, "POST", &path, &body).await.1["code"],
        10008
    );
}

#[tokio::test]
async fn faults_come_as_often_as_planned() {
    let double = Double::start(Setup::default()).await;
    let path = format!("channels/{GENERAL}/messages");
    let route = "POST channels/*/messages";
    double.fail(route, 1, Fault::Html(502));
    double.fail(
        route,
        1,
        Fault::Refused {
            status: 403,
            code: 50013,
        },
    );
    double.fail(
        route,
        1,
        Fault::Limited {
            retry: RetryAfter::Header("1.5"),
            global: true,
        },
    );
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(request(&double, "POST", &path, &plain("hi")).await.0);
    }
    assert_eq!(seen, [502, 403, 429, 200]);

    double.fail(route, 1, Fault::Reset);
    double.fail(route, 1, Fault::ReplyLost);
    let http = http(&double, &double.token());
    for _ in 0..2 {
        http.send_message(GENERAL.into(), Vec::new(), &plain("hi"))
            .await
            .unwrap_err();
    }
    // The first had no effect, the second had.
    let all = request(&double, "GET", &path, &Value::Null).await.1;
    assert_eq!(all.as_array().unwrap().len(), 2);
}

#[test]
fn permissions_are_the_sum_of_roles() {
    let setup = Setup::default();
    let of = |user| setup.guilds[0].permissions_of(user);
    assert_eq!(
        of(ADMIN).unwrap() & permission::MANAGE_GUILD,
        permission::MANAGE_GUILD
    );
    assert_eq!(of(ALICE).unwrap() & permission::MANAGE_GUILD, 0);
    assert_eq!(of(OUTSIDER), None);
}

#[tokio::test]
async fn what_the_bot_may_not_do_in_a_channel_is_refused() {
    let double = Double::start(Setup::default()).await;
    let path = format!("channels/{GENERAL}/messages");
    for (denied, code) in [
        (permission::SEND_MESSAGES, 50013),
        (permission::VIEW_CHANNEL, 50001),
    ] {
        double.change_setup(|setup| setup.guilds[0].channels[0].denied_to_bot = denied);
        let (status, body) = request(&double, "POST", &path, &plain("hi")).await;
        assert_eq!((status, &body["code"]), (403, &json!(code)));
    }
    let (status, body) = request(&double, "GET", "channels/1", &Value::Null).await;
    assert_eq!((status, &body["code"]), (404, &json!(10003)));
    // Without the right to read history Discord shows an empty one.
    let denied = permission::READ_MESSAGE_HISTORY;
    double.change_setup(|setup| setup.guilds[0].channels[0].denied_to_bot = denied);
    request(&double, "POST", &path, &plain("hi")).await;
    assert_eq!(
        request(&double, "GET", &path, &Value::Null).await,
        (200, json!([]))
    );
}

#[tokio::test]
async fn files_are_kept_with_their_names_and_alt_texts() {
    let double = Double::start(Setup::default()).await;
    let mut body = plain("see the file");
    body["attachments"] = json!([{"id": 0, "filename": "gaps.csv", "description": "Gaps"}]);
    let file = CreateAttachment::bytes(b"question,count".as_slice(), "gaps.csv");
    let sent = http(&double, &double.token())
        .send_message(GENERAL.into(), vec![file], &body)
        .await;
    let shown = double.message(sent.unwrap().id.get());
    assert_eq!(shown.file("gaps.csv").as_ref(), b"question,count");
    assert_eq!(shown.json["attachments"][0]["description"], "Gaps");
}

#[tokio::test]
async fn only_what_is_registered_can_be_used() {
    let double = Double::start(Setup::default()).await;
    register_ask(&double).await;
    let alice = double.as_user(ALICE);
    let elsewhere = alice.clone().user_install_elsewhere();
    let attempts = [
        ("not registered", &alice, "asks", json!({})),
        ("no option", &alice, "ask", json!({"topic": "x"})),
        ("does not fit", &alice, "ask", json!({"question": 7})),
        ("no registered subcommand", &alice, "ask now", json!({})),
        ("not installed", &elsewhere, "ask", json!({})),
    ];
    for (complaint, actor, name, options) in attempts {
        let attempt = std::panic::AssertUnwindSafe(|| actor.slash(name, &options).id);
        let panic = std::panic::catch_unwind(attempt).unwrap_err();
        let text = panic.downcast_ref::<String>().unwrap();
        assert!(text.contains(complaint), "{complaint} is not in {text:?}");
    }
    alice.autocomplete("ask", "question", "sq", &json!({}));
}

/// A message body with one field more, or another one.
fn with(field: &str, value: Value) -> Value {
    let mut body = plain("text");
    body[field] = value;
    body
}

fn embed(embed: &Value) -> Value {
    with("embeds", json!([embed]))
}

fn row(components: &Value) -> Value {
    with("components", json!([{"type": 1, "components": components}]))
}

fn button(id: &str) -> Value {
    json!({"type": 2, "style": 2, "label": "Go", "custom_id": id})
}

fn long(count: usize) -> String {
    "x".repeat(count)
}

/// A double that holds requests against the limits alone, and allows one host.
async fn strict() -> Double {
    let link_hosts = vec!["good.example".into()];
    Double::start(Setup {
        checks: Checks::Limits,
        link_hosts,
        ..Setup::default()
    })
    .await
}

/// Asserts that the checks say this of each message; nothing means fine.
async fn assert_found(cases: &[(Value, &str)]) {
    let double = strict().await;
    for (body, complaint) in cases {
        let found = complaints_about(&double, body).await;
        let is_right = if complaint.is_empty() {
            found.is_empty()
        } else {
            found.contains(complaint)
        };
        assert!(is_right, "{body}: {complaint:?} is not {found:?}");
    }
}

#[tokio::test]
async fn texts_and_pings_beyond_the_rules_are_found() {
    let mentions = |value: Value| with("allowed_mentions", value);
    assert_found(&[
        (plain("text"), ""),
        (plain(""), "an empty message"),
        (plain(&long(2001)), "content has 2001 units"),
        // A sign outside the first plane counts twice.
        (plain(&"🦀".repeat(1001)), "content has 2002 units"),
        (plain(&"🦀".repeat(1000)), ""),
        (json!({"content": "x"}), "lacks an empty parse"),
        (
            mentions(json!({"parse": ["users"]})),
            "lacks an empty parse",
        ),
        (mentions(json!({"parse": [], "users": ["1"]})), "has users"),
        (mentions(json!({"parse": [], "roles": ["1"]})), "has roles"),
        (
            mentions(json!({"parse": [], "replied_user": true})),
            "pings the author",
        ),
        (with("nonce", json!(long(26))), "nonce has 26"),
        (with("enforce_nonce", json!(true)), "without a nonce"),
    ])
    .await;
}

#[tokio::test]
async fn links_to_other_hosts_are_found() {
    assert_found(&[
        (plain("[here](https://good.example/x)"), ""),
        (plain("\\[not\\](https://evil.example)"), ""),
        (
            plain("[here](https://evil.example/x)"),
            "a link to https://evil.example/x",
        ),
        (
            plain("[here](<https://good.example@evil.example>)"),
            "a link to",
        ),
        (
            embed(&json!({"title": "t", "url": "https://evil.example"})),
            "a link to",
        ),
        (
            embed(&json!({"title": "t", "url": "https://good.example/y"})),
            "",
        ),
    ])
    .await;
}

#[tokio::test]
async fn embeds_beyond_the_limits_are_found() {
    let value = |text: &str| json!({"fields": [{"name": "n", "value": text}]});
    let fields = vec![json!({"name": "n", "value": "v"}); 26];
    assert_found(&[
        (
            embed(&json!({"title": long(256), "description": long(4096)})),
            "",
        ),
        (embed(&json!({"title": long(257)})), "embed title"),
        (
            embed(&json!({"description": long(4097)})),
            "embed description",
        ),
        (
            embed(&json!({"footer": {"text": long(2049)}})),
            "embed footer",
        ),
        (
            embed(&json!({"author": {"name": long(257)}})),
            "embed author",
        ),
        (embed(&value(&long(1025))), "embed field value"),
        (embed(&value(" ")), "an empty value"),
        (embed(&json!({"fields": fields})), "26 embed fields"),
        (
            with("embeds", json!(vec![json!({"title": "t"}); 11])),
            "11 embeds",
        ),
        (
            with("embeds", json!(vec![json!({"description": long(3001)}); 2])),
            "6002 units together",
        ),
    ])
    .await;
}

#[tokio::test]
async fn components_beyond_the_limits_are_found() {
    let rows = vec![json!({"type": 1, "components": [button("a")]}); 6];
    let buttons: Vec<Value> = (0..6).map(|n| button(&n.to_string())).collect();
    let labelled = |label: &str| json!([{"type": 2, "style": 2, "label": label, "custom_id": "a"}]);
    assert_found(&[
        (row(&json!([button("v1:more:1")])), ""),
        (with("components", json!(rows)), "6 action rows"),
        (
            with("components", json!([button("a")])),
            "outside an action row",
        ),
        (row(&json!(buttons)), "one to five buttons"),
        (row(&json!([button("a"), button("a")])), "a twice"),
        (row(&labelled(&long(81))), "button label"),
        (row(&labelled("")), "without label"),
        (row(&json!([button(&long(101))])), "custom_id has 101"),
        (
            row(&json!([{"type": 2, "style": 2, "label": "a"}])),
            "custom_id is missing",
        ),
        (
            row(&json!([{"type": 2, "style": 9, "label": "a"}])),
            "button style",
        ),
        (
            row(&json!([{"type": 3, "custom_id": "a", "options": []}])),
            "a select with 0",
        ),
        (with("flags", json!(1 << 15)), "Components V2 with content"),
    ])
    .await;
}

/// Asserts that the checks say this of each request with such a body.
async fn assert_found_at(method: &str, path: &str, cases: &[(Value, &str)]) {
    let double = strict().await;
    for (body, complaint) in cases {
        request(&double, method, path, body).await;
        let found = double.take_violations().join("\n");
        assert!(
            found.contains(complaint),
            "{body}: {complaint} is not in {found:?}"
        );
    }
}

#[tokio::test]
async fn callbacks_beyond_the_limits_are_found() {
    let choices =
        |choice: Value, count| json!({"type": 8, "data": {"choices": vec![choice; count]}});
    let modal = |title: &str| json!({"type": 9, "data": {"title": title, "custom_id": "m", "components": []}});
    let cases = [
        (
            choices(json!({"name": "n", "value": "v"}), 26),
            "26 choices",
        ),
        (
            choices(json!({"name": long(101), "value": "v"}), 1),
            "choice name",
        ),
        (
            choices(json!({"name": "n", "value": long(101)}), 1),
            "choice value",
        ),
        (modal(&long(46)), "modal title"),
        (modal("t"), "0 components"),
        (json!({"type": 3}), "callback type"),
    ];
    assert_found_at("POST", "interactions/1/x/callback", &cases).await;
    assert_found_at(
        "GET",
        &format!("guilds/{GUILD}/bans"),
        &[(Value::Null, "unknown route")],
    )
    .await;
}

#[tokio::test]
async fn commands_beyond_the_limits_are_found() {
    let option = |name: &str| json!({"name": name, "description": "d", "type": 3});
    let needed = json!({"name": "b", "description": "d", "type": 3, "required": true});
    let choosing = |choice: Value, count| json!({"name": "o", "description": "d", "type": 3, "choices": vec![choice; count]});
    let command =
        |options: Vec<Value>| json!([{"name": "a", "description": "d", "options": options}]);
    let large = json!({"name": long(100), "value": long(100)});
    let cases = [
        (
            json!(vec![json!({"name": "a", "type": 3}); 16]),
            "16 commands",
        ),
        (
            json!([{"name": "Ask", "description": "d"}]),
            "signs that Discord",
        ),
        (json!([{"name": "ask"}]), "lacks a description"),
        (
            json!([{"name": long(33), "description": "d"}]),
            "command name",
        ),
        (
            json!([{"name": "a", "description": long(101)}]),
            "command description",
        ),
        (command(vec![option("o"); 26]), "26 options"),
        (command(vec![option("a"), needed]), "after an optional"),
        (
            command(vec![choosing(json!({"name": "n", "value": "v"}), 26)]),
            "26 choices",
        ),
        (command(vec![choosing(large, 5); 9]), "units together"),
    ];
    assert_found_at(
        "PUT",
        &format!("applications/{APPLICATION}/commands"),
        &cases,
    )
    .await;
}

#[tokio::test]
#[should_panic(expected = "requests in violation")]
async fn a_double_with_violations_fails_its_test() {
    let double = Double::start(Setup::default()).await;
    let path = format!("channels/{GENERAL}/messages");
    request(&double, "POST", &path, &json!({"content": "unguarded"})).await;
}

#[tokio::test]
async fn the_api_description_is_asked_where_there_is_one() {
    let double = Double::start(Setup::default()).await;
    if crate::double::openapi::Description::of_discord().is_none() {
        return;
    }
    let mut body = plain("text");
    body["flags"] = json!("not a number");
    let found = complaints_about(&double, &body).await;
    assert!(found.contains("API description: at /flags"), "{found}");
}
