//! Limits of the components of messages, the older ones and Components V2.

use std::collections::HashSet;

use serde_json::Value;

use super::check::{Findings, items, units};

/// Checks the components of a message; `is_v2` where its flags say Components V2.
pub(crate) fn check(components: &Value, is_v2: bool, findings: &mut Findings) {
    if !is_v2 {
        findings.count("action rows", components, 5);
    }
    let mut seen = HashSet::new();
    let mut total = 0;
    let mut text = 0;
    for component in items(components) {
        if !is_v2 && component["type"] != 1 {
            findings.add(format!(
                "a component of type {} outside an action row",
                component["type"]
            ));
        }
        check_component(component, &mut seen, &mut total, &mut text, findings);
    }
    if total > 40 {
        findings.add(format!("{total} components, at most 40"));
    }
    if text > 4000 {
        findings.add(format!(
            "text displays have {text} units together, at most 4000"
        ));
    }
}

/// One component and those in it.
fn check_component<'a>(
    component: &'a Value,
    seen: &mut HashSet<&'a str>,
    total: &mut usize,
    text: &mut usize,
    findings: &mut Findings,
) {
    *total += 1;
    if let Some(id) = component["custom_id"].as_str()
        && !seen.insert(id)
    {
        findings.add(format!("custom_id {id} twice"));
    }
    match component["type"].as_u64() {
        Some(1) => check_row(component, findings),
        Some(2) => check_button(component, findings),
        Some(3) => check_select(component, findings),
        Some(5..=8) => findings.needed("custom_id", &component["custom_id"], 100),
        Some(9) => {
            let texts = items(&component["components"]).len();
            if !(1..=3).contains(&texts) || !component["accessory"].is_object() {
                findings.add("a section has one to three texts and an accessory");
            }
        }
        Some(10) => {
            findings.needed("text display", &component["content"], 4000);
            *text += component["content"].as_str().map_or(0, units);
        }
        Some(11) => findings.length("alt text", &component["description"], 0, 1024),
        Some(12) => {
            findings.count("items of a media gallery", &component["items"], 10);
            for item in items(&component["items"]) {
                findings.length("alt text", &item["description"], 0, 1024);
            }
        }
        Some(13 | 14 | 17) => {}
        other => findings.add(format!("component type {other:?} in a message")),
    }
    let accessory = component
        .get("accessory")
        .filter(|accessory| accessory.is_object());
    for inner in items(&component["components"]).iter().chain(accessory) {
        check_component(inner, seen, total, text, findings);
    }
}

fn check_row(row: &Value, findings: &mut Findings) {
    let inside = items(&row["components"]);
    let buttons = inside.iter().filter(|one| one["type"] == 2).count();
    let is_one_select = inside.len() == 1 && buttons == 0;
    if !is_one_select && (inside.is_empty() || buttons != inside.len() || buttons > 5) {
        findings.add("an action row holds one to five buttons or one select");
    }
}

fn check_button(button: &Value, findings: &mut Findings) {
    findings.length("button label", &button["label"], 0, 80);
    let has_face = button["label"]
        .as_str()
        .is_some_and(|label| !label.is_empty());
    if !has_face && !button["emoji"].is_object() {
        findings.add("a button without label and emoji");
    }
    match button["style"].as_u64() {
        Some(1..=4) => {
            findings.needed("custom_id", &button["custom_id"], 100);
            if button.get("url").is_some() {
                findings.add("a button with custom_id and url");
            }
        }
        Some(5) => findings.needed("button url", &button["url"], 512),
        other => findings.add(format!("button style {other:?}")),
    }
}

fn check_select(select: &Value, findings: &mut Findings) {
    findings.needed("custom_id", &select["custom_id"], 100);
    findings.length("placeholder", &select["placeholder"], 0, 150);
    let options = items(&select["options"]);
    if !(1..=25).contains(&options.len()) {
        findings.add(format!(
            "a select with {} options, not 1 to 25",
            options.len()
        ));
    }
    let mut values = HashSet::new();
    for option in options {
        findings.needed("select label", &option["label"], 100);
        findings.needed("select value", &option["value"], 100);
        findings.length("select description", &option["description"], 0, 100);
        if let Some(value) = option["value"].as_str()
            && !values.insert(value)
        {
            findings.add(format!("select value {value} twice"));
        }
    }
}
