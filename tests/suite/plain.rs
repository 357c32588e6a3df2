//! Notes that were not written for Footnote: each kind gives useful, cited answers.

use serde_json::Value;

use crate::harness::{assert_quoted_exactly, folder, footnote_on};

/// Asks a folder of notes; the first quotation must hold the text and stand in
/// the file, under the innermost heading.
#[track_caller]
fn found(files: &[(&str, &str)], question: &str, text: &str, path: &str, heading: &str) -> Value {
    let notes = folder(files);
    let json = footnote_on(notes.path(), &["ask", "--json", question]).ok();
    let answer: Value = serde_json::from_str(&json).unwrap();
    assert_quoted_exactly(notes.path(), &answer);
    let first = &answer["snippets"][0];
    assert!(
        first["text"]
            .as_str()
            .is_some_and(|quoted| quoted.contains(text)),
        "{json}"
    );
    let citation = first["citation"].as_str().unwrap();
    assert!(citation.starts_with(&format!("{path}#L")), "{citation}");
    assert_eq!(
        first["heading"].as_array().unwrap().last().unwrap(),
        heading,
        "{json}"
    );
    answer
}

#[track_caller]
fn declined(files: &[(&str, &str)], question: &str) {
    let notes = folder(files);
    let text = footnote_on(notes.path(), &["ask", question]).ok();
    assert!(text.starts_with("Not in the notes"), "{text}");
}

/// A team's wiki: headings, lists, a table, a code block.
const WIKI: &[(&str, &str)] = &[
    (
        "deploy.md",
        "# Deployments\n\nWe deploy from the main branch only.\n\n## Rollback\n\n- Press **Revert** in the pipeline.\n- Tell the channel #ops.\n\n## Freeze\n\nThere are no deployments between 20 December and 6 January.\n",
    ),
    (
        "on-call.md",
        "# On-call\n\n## Escalation\n\n| Severity | Who | Within |\n|---|---|---|\n| SEV1 | the incident manager | 15 minutes |\n| SEV2 | the team lead | 4 hours |\n\n## Pager\n\n```sh\npagectl take --until friday\n```\n",
    ),
];

#[test]
fn a_wiki_is_quoted_by_list_item() {
    let question = "how do we do a rollback";
    found(
        WIKI,
        question,
        "Press **Revert** in the pipeline.",
        "deploy.md",
        "Rollback",
    );
}

#[test]
fn a_wiki_is_quoted_by_paragraph() {
    let question = "is there a freeze for deployments in december";
    found(
        WIKI,
        question,
        "between 20 December and 6 January",
        "deploy.md",
        "Freeze",
    );
}

#[test]
fn a_wiki_is_quoted_by_table_row() {
    let question = "sev2 escalation";
    found(WIKI, question, "the team lead", "on-call.md", "Escalation");
}

#[test]
fn a_wiki_is_quoted_by_code_block() {
    let question = "how to take the pager";
    found(
        WIKI,
        question,
        "pagectl take --until friday",
        "on-call.md",
        "Pager",
    );
}

#[test]
fn a_wiki_is_silent_on_what_it_does_not_hold() {
    declined(WIKI, "what is the salary of the team lead");
    declined(WIKI, "where is the espresso machine");
}

/// An Obsidian vault: front matter of its own, wiki links, callouts, tags,
/// hidden folders.
const VAULT: &[(&str, &str)] = &[
    (
        "Infra/Message Broker.md",
        "---\ntags: [infra, queue]\ncreated: 2026-03-01\ncssclasses: wide\n---\n\n#infra #queue\n\nSee [[Vault|the secrets page]] for credentials.\n\n## Retention\n\n- Messages are kept for three days, see [[Message Broker#Backups]].\n\n## Backups\n\n> [!warning] No backups\n> The broker keeps no backups of its queues.\n",
    ),
    (
        "Infra/Vault.md",
        "---\naliases: secrets page\n---\n\n## Unsealing\n\nThree of five key holders unseal the vault. ^unseal\n",
    ),
    (
        ".obsidian/workspace.md",
        "# Retention\n\nMessages are kept for ever.\n",
    ),
];

#[test]
fn a_vault_takes_subjects_from_file_names() {
    let question = "message broker retention";
    let text = "Messages are kept for three days";
    found(
        VAULT,
        question,
        text,
        "Infra/Message Broker.md",
        "Retention",
    );
}

#[test]
fn a_vault_is_quoted_inside_callouts() {
    let question = "does the message broker have backups";
    let text = "keeps no backups";
    found(VAULT, question, text, "Infra/Message Broker.md", "Backups");
}

#[test]
fn a_vault_answers_about_a_page_by_its_name() {
    let question = "who can unseal the vault";
    found(
        VAULT,
        question,
        "Three of five key holders",
        "Infra/Vault.md",
        "Unsealing",
    );
}

/// A docs folder: README at the top, nested guides, no front matter.
const DOCS: &[(&str, &str)] = &[
    (
        "README.md",
        "# Teapot\n\nTeapot boils water over HTTP.\n\n## Installation\n\nRun the installer and restart your kettle.\n",
    ),
    (
        "guide/configuration.md",
        "# Configuration\n\n## Temperature\n\nThe default temperature is 96 °C; green tea wants 80 °C.\n\n## Timeouts\n\nA brew that takes longer than five minutes is poured away.\n",
    ),
    (
        "guide/errors.markdown",
        "Errors\n======\n\nStatus 418\n----------\n\nSomebody asked the teapot for coffee.\n",
    ),
];

#[test]
fn a_docs_folder_answers_from_nested_guides() {
    let question = "what is the default temperature";
    let path = "guide/configuration.md";
    found(DOCS, question, "96 °C", path, "Temperature");
}

#[test]
fn a_docs_folder_answers_from_its_readme() {
    let question = "teapot installation";
    found(
        DOCS,
        question,
        "Run the installer",
        "README.md",
        "Installation",
    );
}

#[test]
fn underlined_headings_are_headings() {
    let question = "what does status 418 mean";
    found(
        DOCS,
        question,
        "asked the teapot for coffee",
        "guide/errors.markdown",
        "Status 418",
    );
}

#[test]
fn a_misspelt_question_is_repaired_with_the_words_of_these_notes() {
    let question = "defualt temprature";
    let answer = found(
        DOCS,
        question,
        "96 °C",
        "guide/configuration.md",
        "Temperature",
    );
    let reading = answer["reading"].as_str().unwrap();
    assert!(reading.contains("temprature"), "{reading}");
}

/// Pages that were pasted from elsewhere: bold and bare lines for headings,
/// numbering, a word in every heading.
const PASTED: &[(&str, &str)] = &[(
    "kitchen.txt",
    "Kitchen security notes\n\n**1-1 Security - Kettle**\n\n- The lid must be closed while it boils\n- Descale it every month\n\n**1-2 Security - Toaster**\n\n- Never use a fork\n  - not even a wooden one\n\n**2、Security - Blender**\n\nUnplug the blender before cleaning\n",
)];

#[test]
fn bold_lines_are_headings() {
    let question = "kettle lid";
    let text = "The lid must be closed while it boils";
    let answer = found(
        PASTED,
        question,
        text,
        "kitchen.txt",
        "1-1 Security - Kettle",
    );
    assert_eq!(answer["snippets"][0]["service"], "Kettle");
}

#[test]
fn a_nested_item_is_quoted_from_its_parent_on() {
    let question = "toaster wooden fork";
    let text = "Never use a fork\n  - not even a wooden one";
    found(
        PASTED,
        question,
        text,
        "kitchen.txt",
        "1-2 Security - Toaster",
    );
}

#[test]
fn a_bold_heading_alone_gives_what_stands_below_it() {
    let question = "blender";
    found(
        PASTED,
        question,
        "Unplug the blender",
        "kitchen.txt",
        "2、Security - Blender",
    );
}
