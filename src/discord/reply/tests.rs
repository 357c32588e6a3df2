//! Any note, any question: what holds for every message.
//!
//! The messages are read back by [`inert`], which knows Discord's markup on its
//! own: whatever it finds in a quotation must be the text of the note.

#![expect(
    clippy::string_slice,
    reason = "a test that panics has failed, as it should"
)]

use proptest::prelude::*;
use proptest::sample::select;
use tokio::runtime::Runtime;

use super::super::components::decode;
use super::super::markup::{escape, visible};
use super::*;
use crate::app::{App, Clock};
use crate::config::Config;
use crate::render::answer::{Setting, answer};
use crate::render::reply::{Block, Quoted, Request};

const BASE: &str = "https://notes.example/main/notes";

/// What people and attackers write, among words that questions are about.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => select(vec![
            "encryption", "access", "Alpha", "Beta", "queue", "is", "e-mail", "S3:PutObject", "a_b", "1.2", "SSE-S3",
            "kms:*", "arn:aws:s3:::bucket/*", "|", "~5", "<5 ms", "C:\\temp",
        ]).prop_map(str::to_owned),
        3 => select(vec![
            "<@1>", "<@&2>", "<#3>", "<t:0:R>", "<:a:1>", "</b:2>", "@everyone", "@here", "[x](https://evil.example)",
            "\\[x](https://evil.example)", "https://evil.example/a_b_", "<https://evil.example>", "||spoiler||",
            "# h", "\n# h", "\n> q", "\n- i", "-# s", "```", "`", "``x``", "**b**", "_i_", "__u__", "~~s~~", "\\", "\\*", "](", "[", "]",
            "[^1]", "1. n", "|a|b|", "<b>", "&amp;", "***", "[1]",
        ]).prop_map(str::to_owned),
        2 => select(vec![
            "👩\u{200d}👩\u{200d}👧\u{200d}👦", "🏳\u{fe0f}\u{200d}🌈", "e\u{301}\u{302}\u{303}", "שלום", "\u{202e}abc\u{202c}", "\u{2066}x\u{2069}",
            "\u{200b}", "\u{feff}", "\0", "\r", "a\r\nb", "\t", "\u{2028}", "漢字", "ﷺ", "\u{7}",
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
        1 => "[a-z]{100,400}",
    ]
}

fn words(most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(word(), 1..most).prop_map(|words| words.join(" "))
}

fn join(count: usize, write: impl Fn(usize) -> String) -> String {
    (1..=count).map(write).collect::<Vec<_>>().concat()
}

/// One piece of a section, by its kind.
fn piece() -> impl Strategy<Value = String> {
    let references = select(vec!["", "[^1]", "[^1][^2][^gone]", "many"]).prop_map(|references| {
        if references == "many" {
            join(200, |n| format!("[^{n}]"))
        } else {
            references.to_owned()
        }
    });
    let item = (words(60), references)
        .prop_map(|(text, references)| format!("{}{references}", text.replace('\n', " ")));
    let item = item.boxed();
    prop_oneof![
        4 => item.clone().prop_map(|item| format!("- {item}\n")),
        2 => (item.clone(), item.clone()).prop_map(|(old, new)| format!("- {old}\n  - **Today:** {new}\n")),
        1 => (item.clone(), item.clone(), item.clone()).prop_map(|(a, b, c)| format!("- {a}\n  - {b}\n    - {c}\n")),
        1 => (item.clone(), 1_usize..80).prop_map(|(item, times)| format!("{}\n\n", item.repeat(times))),
        1 => (item.clone(), item).prop_map(|(a, b)| format!("| access | queue |\n|---|---|\n| {a} | {b} |\n\n")),
        1 => (words(40), 3_usize..6, 1_usize..60).prop_map(|(code, fence, times)| {
            let fence = "`".repeat(fence);
            format!("{fence}sh\n{}\n{fence}\n\n", format!("{code}\n").repeat(times))
        }),
    ]
}

fn note() -> impl Strategy<Value = String> {
    let head = select(vec![
        "",
        "---\nkind: service\nname: Alpha\naliases: [first]\n---\n",
        "---\nkind: control\nname: Encryption\n---\n",
    ]);
    let heading = prop_oneof![3 => select(vec!["Encryption", "Access", "Queue"]).prop_map(str::to_owned), 1 => words(20)];
    let section = (heading, prop::collection::vec(piece(), 0..6)).prop_map(|(heading, pieces)| {
        format!("## {}\n\n{}\n", heading.replace('\n', " "), pieces.concat())
    });
    (head, words(8), prop::collection::vec(section, 1..5)).prop_map(|(head, title, sections)| {
        let footnotes = join(200, |n| {
            format!("[^{n}]: [Guide _{n}_ ||x||, @everyone](https://docs.example/{n})\n")
        });
        format!(
            "{head}# {}\n\n{}\n[^2]: <@1> https://docs.example/bare [a]\n{footnotes}",
            title.replace('\n', " "),
            sections.concat()
        )
    })
}

fn notes() -> impl Strategy<Value = Vec<(String, String)>> {
    let name = prop_oneof![
        4 => "[a-c]{1,3}",
        1 => Just("services/[id](x) _a_ `b` <@1>".to_owned()),
        1 => "[a-z]{200}/[a-z ]{200}",
        1 => Just("👩\u{200d}👧 \u{202e}evil@everyone".to_owned()),
    ];
    prop::collection::vec((name.prop_map(|name| format!("{name}.md")), note()), 1..5)
}

fn question() -> impl Strategy<Value = String> {
    let shapes = select(vec![
        "{}",
        "is alpha {}",
        "which services have encryption {}",
        "alpha vs beta {}",
        "alpha",
        "encryption",
        "https://asked.example {}",
        "what does alpha say on https://asked.example/x",
        "@everyone",
    ]);
    (shapes, words(40)).prop_map(|(shape, words)| {
        shape
            .replace("{}", &words)
            .replace("evil.example", "asked.example")
    })
}

/// What Discord shows of a text; the markup in it is an error. `links` are the
/// addresses that a reader could click on.
fn inert(text: &str, links: &mut Vec<String>) -> Result<String, String> {
    let mut shown = String::new();
    let mut start = true;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("https://") || rest.starts_with("http://") {
            let end = rest.find(|c: char| c.is_whitespace() || c == '<');
            let address = &rest[..end.unwrap_or(rest.len())];
            links.push(address.to_owned());
            shown += address;
            rest = &rest[address.len()..];
            start = false;
            continue;
        }
        let after = &rest[c.len_utf8()..];
        let next = after.chars().next();
        let active = |what: &str| {
            Err(format!(
                "{what} at {:?}",
                rest.chars().take(30).collect::<String>()
            ))
        };
        let blank = next.is_none_or(char::is_whitespace);
        let word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
        match c {
            '\\' if next.is_some_and(|c| !c.is_ascii_alphanumeric() && !c.is_whitespace()) => {
                shown.extend(next);
                rest = &after[next.map_or(0, char::len_utf8)..];
                start = false;
                continue;
            }
            '*' | '`' => return active("emphasis or code"),
            '[' => return active("a bracket"),
            '_' if !word(next) || next == Some('_') => return active("the end of an emphasis"),
            '~' | '|' if next == Some(c) => return active("a strike or spoiler"),
            '<' if is_tag(after) => return active("a mention"),
            '@' if after.starts_with("everyone") || after.starts_with("here") => {
                return active("a mention of all");
            }
            '#' | '-' | '+' | '>' if start && blank => return active("a block"),
            '.' if blank && !shown.is_empty() && !start => {
                let line = shown.rsplit('\n').next().unwrap_or("").trim_start();
                if !line.is_empty() && line.chars().all(|c| c.is_ascii_digit()) {
                    return active("a numbered item");
                }
            }
            _ => {}
        }
        start = c == '\n' || start && c.is_whitespace();
        shown.push(c);
        rest = after;
    }
    Ok(shown)
}

/// Whether something like `@1>` follows.
fn is_tag(after: &str) -> bool {
    let end = after.find(|c: char| "<>".contains(c) || c.is_whitespace());
    end.is_some_and(|end| after[end..].starts_with('>') && after[..end].contains(['@', '#', ':']))
}

fn squeezed(text: &str) -> String {
    visible(text)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// Splits `text [1][2]` into the text and its numbers.
fn marked(text: &str) -> (&str, Vec<usize>) {
    let kept = text.trim_end_matches(|c: char| c.is_ascii_digit() || "[]".contains(c));
    // Digits and brackets of the text itself end in no " [".
    let at = text[kept.len()..]
        .find('[')
        .map_or(text.len(), |at| kept.len() + at);
    let numbers = text[at..]
        .split(['[', ']'])
        .filter_map(|number| number.parse().ok());
    (text[..at].trim_end(), numbers.collect())
}

/// Holds a shown text against the text of the note.
fn check_shown(what: &str, shown: &str, whole: &str, cut: &mut bool) -> Result<(), TestCaseError> {
    let (shown, whole) = (squeezed(shown), squeezed(whole));
    if shown == whole {
        return Ok(());
    }
    *cut = true;
    let kept = shown.strip_suffix('…').map(str::trim_end);
    prop_assert!(
        kept.is_some_and(|kept| whole.starts_with(kept)),
        "{what}: {shown:?} of {whole:?}"
    );
    Ok(())
}

/// The numbers of the sources. Masked links of our own are taken for their
/// text, which is inert too.
fn read_sources(sources: &str, links: &mut Vec<String>) -> Result<Vec<usize>, String> {
    let mut listed = Vec::new();
    for line in sources.lines() {
        let (number, rest) = line
            .strip_prefix("-# [")
            .and_then(|line| line.split_once("] "))
            .ok_or_else(|| format!("no source: {line}"))?;
        listed.push(number.parse::<usize>().map_err(|_| line.to_owned())?);
        let mut rest = rest.to_owned();
        while let Some((before, (shown, (url, after)))) =
            rest.split_once("](<").and_then(|(before, after)| {
                let (start, shown) = before.rsplit_once('[')?;
                Some((
                    start.to_owned(),
                    (shown.to_owned(), after.split_once(">)")?),
                ))
            })
        {
            links.push(url.to_owned());
            rest = format!("{before}{shown}{after}");
        }
        inert(&rest, links).map_err(|active| format!("{active} in {line}"))?;
    }
    Ok(listed)
}

/// Reads a description back and holds it against its reply; gives what can be clicked on.
fn check_description(reply: &Reply, description: &str) -> Result<Vec<String>, TestCaseError> {
    let fail = |complaint: String| TestCaseError::fail(format!("{complaint}\n{description}"));
    let mut links = Vec::new();
    let (text, sources) = match description
        .split_once("\n\n-# [")
        .filter(|_| !reply.sources.is_empty())
    {
        Some((text, sources)) => (text, format!("-# [{sources}")),
        None => (description, String::new()),
    };
    let listed = read_sources(&sources, &mut links).map_err(fail)?;
    // Quotations in order: text, numbers, and what they correct.
    let mut unread = text.lines().peekable();
    let mut cut = false;
    for block in &reply.blocks {
        let Block::Quote {
            text: quoted,
            corrects,
            ..
        } = block
        else {
            continue;
        };
        let numbers = match quoted {
            Quoted::Prose(prose) => {
                while unread.next_if(|line| !line.starts_with("> ")).is_some() {}
                let mut shown = Vec::new();
                while let Some(line) = unread.next_if(|line| line.starts_with("> ")) {
                    shown.push(line[2..].to_owned());
                }
                let shown = shown.join("\n");
                let (shown, numbers) = marked(&shown);
                let shown = inert(shown, &mut links).map_err(fail)?;
                check_shown("quotation", &shown, prose, &mut cut)?;
                numbers
            }
            Quoted::Code(code) => {
                while unread.next_if(|line| *line != "```").is_some() {}
                unread.next();
                let mut shown = String::new();
                while let Some(line) = unread.next_if(|line| *line != "```") {
                    prop_assert!(!line.contains("```"), "{}", description);
                    shown += line;
                    shown.push('\n');
                }
                unread.next();
                check_shown("code", &shown, &code.replace("```", "ˋˋˋ"), &mut cut)?;
                marked(unread.next().unwrap_or("")).1
            }
        };
        prop_assert!(
            numbers.iter().any(|number| listed.contains(number)),
            "no number of {:?}\n{}",
            quoted,
            description
        );
        prop_assert!(
            numbers.iter().all(|number| listed.contains(number)),
            "{:?}\n{}",
            numbers,
            description
        );
        if let Some((Quoted::Prose(older) | Quoted::Code(older), _)) = corrects {
            let line = unread.next().unwrap_or("");
            let shown = line.strip_prefix("-# Corrects an older note: ");
            let (shown, numbers) =
                marked(shown.ok_or_else(|| fail(format!("no correction: {line}")))?);
            let shown = inert(shown, &mut links).map_err(fail)?;
            check_shown("older", &shown, older, &mut cut)?;
            prop_assert!(
                !numbers.is_empty() && numbers.iter().all(|number| listed.contains(number)),
                "{}",
                line
            );
        }
    }
    prop_assert!(
        !unread.any(|line| line.starts_with("> ")),
        "{}",
        description
    );
    prop_assert!(
        !cut || whole_length(reply) > DESCRIPTION,
        "cut without need\n{}",
        description
    );
    Ok(links)
}

/// What a reply would need at most, were nothing cut.
fn whole_length(reply: &Reply) -> usize {
    let of = |quoted: &Quoted| match quoted {
        Quoted::Prose(text) => length(&escape(text)) + 3 * text.lines().count() + 50,
        Quoted::Code(text) => length(text) + 50,
    };
    let blocks = reply.blocks.iter().map(|block| match block {
        Block::Heading(text) => length(&escape(text)) + 6,
        Block::Quote { text, corrects, .. } => {
            of(text) + corrects.as_ref().map_or(0, |(older, _)| of(older) + 50)
        }
        Block::Text(_) => 500,
    });
    blocks.sum::<usize>() + SOURCES_AT_MOST
}

/// More than quotations ever leave to their sources.
const SOURCES_AT_MOST: usize = 2000;

fn check_limits(body: &Value, private: bool) -> Result<(), TestCaseError> {
    let embed = &body["embeds"][0];
    let text = |value: &Value| length(value.as_str().unwrap_or(""));
    let parts = [
        text(&embed["title"]),
        text(&embed["description"]),
        text(&embed["footer"]["text"]),
    ];
    prop_assert!(
        parts[0] <= 256
            && parts[1] <= 4096
            && parts[2] <= 2048
            && parts.iter().sum::<usize>() <= 6000,
        "{:?}",
        parts
    );
    prop_assert!(parts[1] > 0);
    prop_assert_eq!(&body["allowed_mentions"], &json!({ "parse": [] }));
    prop_assert_eq!(body["flags"].as_u64(), private.then_some(64));
    let rows = body["components"].as_array().unwrap();
    prop_assert!(rows.len() <= 5);
    let mut ids = Vec::new();
    for row in rows {
        let buttons = row["components"].as_array().unwrap();
        prop_assert!((1..=5).contains(&buttons.len()));
        for button in buttons {
            let (label, id) = (
                button["label"].as_str().unwrap(),
                button["custom_id"].as_str().unwrap(),
            );
            prop_assert!(
                (1..=80).contains(&length(label)) && (1..=100).contains(&length(id)),
                "{}",
                button
            );
            prop_assert!(!ids.contains(&id), "{} twice", id);
            let question = embed["footer"]["text"].as_str().and_then(question_in);
            prop_assert!(decode(id, question).is_some(), "{} does nothing", id);
            ids.push(id);
        }
    }
    Ok(())
}

/// Asks, and checks all pages as one person and as everybody sees them.
async fn check_all(app: &std::sync::Arc<App>, request: Request) -> Result<(), TestCaseError> {
    let Some(answered) = app.answer(request).await else {
        return Ok(());
    };
    for (page, private) in [
        (0, true),
        (0, false),
        (1, true),
        (2, false),
        (3, true),
        (u16::MAX, true),
    ] {
        let setting = Setting {
            private,
            asker: u64::MAX,
            page,
        };
        let reply = answer(&answered, setting, app.link_base());
        let payload = message(&reply, private);
        check_limits(&payload.body, private)?;
        let embed = &payload.body["embeds"][0];
        let links = check_description(&reply, embed["description"].as_str().unwrap_or(""))?;
        // What is asked leads to another address; see `question`.
        let known = |link: &String| {
            link.starts_with(BASE)
                || link.starts_with("https://docs.example")
                || link.starts_with("https://evil.example")
        };
        prop_assert!(links.iter().all(known), "{:?}", links);
        let mut links = Vec::new();
        let title = inert(embed["title"].as_str().unwrap_or(""), &mut links)
            .map_err(TestCaseError::fail)?;
        check_shown("title", &title, &reply.title, &mut false)?;
        prop_assert_eq!(links, Vec::<String>::new());
    }
    Ok(())
}

async fn check_notes(
    notes: &[(String, String)],
    questions: Vec<String>,
    linked: bool,
) -> Result<(), TestCaseError> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in notes {
        let path = folder.path().join("notes").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let mut config = Config::default();
    config.notes.path = folder.path().join("notes");
    config.notes.link_base = linked.then(|| BASE.to_owned());
    config.store.url = format!("sqlite:{}", folder.path().join("state.db").display());
    let app = App::start(&config, Clock::default()).await.unwrap();
    let shown = app
        .suggest_sections("")
        .into_iter()
        .chain(app.suggest_sections("encryption"));
    let requests: Vec<Request> = shown
        .take(4)
        .map(|suggestion| Request::Show(suggestion.id))
        .collect();
    let asked = questions.into_iter().map(|text| Request::Question {
        text: super::one_line(&text),
        before: String::new(),
    });
    for request in requests.into_iter().chain(asked) {
        check_all(&app, request).await?;
    }
    app.close().await;
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_note_and_question_make_a_sound_message(
        notes in notes(),
        questions in prop::collection::vec(question(), 1..6),
        linked: bool,
    ) {
        let runtime = Runtime::new().unwrap();
        runtime.block_on(check_notes(&notes, questions, linked))?;
    }
}
