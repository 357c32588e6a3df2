//! Limits of command definitions.

use serde_json::Value;

use super::check::{Findings, items, units};
use super::routes::kind;

/// Units that a command may have in all its names, descriptions and choices.
const MAX_SUM: usize = 8000;

/// Checks the body of `PUT …/commands`.
pub(crate) fn check(commands: &Value, findings: &mut Findings) {
    let of_kind = |wanted: u64| {
        items(commands)
            .iter()
            .filter(|one| kind(one) == wanted)
            .count()
    };
    for (wanted, most) in [(1, 100), (2, 15), (3, 15)] {
        let count = of_kind(wanted);
        if count > most {
            findings.add(format!("{count} commands of type {wanted}, at most {most}"));
        }
    }
    for command in items(commands) {
        let name = command["name"].as_str().unwrap_or("");
        findings.length("command name", &command["name"], 1, 32);
        if kind(command) == 1 {
            check_name(name, findings);
            findings.length("command description", &command["description"], 1, 100);
            if !command["description"].is_string() {
                findings.add(format!("/{name} lacks a description"));
            }
        } else if command["description"]
            .as_str()
            .is_some_and(|text| !text.is_empty())
        {
            findings.add(format!("{name} is a menu entry with a description"));
        }
        check_options(&command["options"], findings);
        let sum = sum(command);
        if sum > MAX_SUM {
            findings.add(format!(
                "{name} has {sum} units together, at most {MAX_SUM}"
            ));
        }
    }
}

fn check_options(options: &Value, findings: &mut Findings) {
    findings.count("options", options, 25);
    let mut was_optional = false;
    for option in items(options) {
        let name = option["name"].as_str().unwrap_or("");
        findings.length("option name", &option["name"], 1, 32);
        check_name(name, findings);
        findings.length("option description", &option["description"], 1, 100);
        if option["required"] == true && was_optional {
            findings.add(format!("required option {name} after an optional one"));
        }
        // Subcommands, types 1 and 2, are neither.
        was_optional |= option["required"] != true && option["type"].as_u64() > Some(2);
        findings.count("choices", &option["choices"], 25);
        for choice in items(&option["choices"]) {
            findings.length("choice name", &choice["name"], 1, 100);
            findings.length("choice value", &choice["value"], 1, 100);
        }
        if option["autocomplete"] == true && !items(&option["choices"]).is_empty() {
            findings.add(format!("option {name} with autocomplete and choices"));
        }
        check_options(&option["options"], findings);
    }
}

/// Slash commands and options: letters, digits, `-`, `_`, nothing in upper case.
fn check_name(name: &str, findings: &mut Findings) {
    let is_allowed = |c: char| (c.is_alphanumeric() && !c.is_uppercase()) || "-_'".contains(c);
    if name.is_empty() || !name.chars().all(is_allowed) {
        findings.add(format!(
            "name {name:?} has signs that Discord does not take"
        ));
    }
}

/// What Discord adds up: names, descriptions and choices, at every depth.
fn sum(of: &Value) -> usize {
    let text = |field: &str| of[field].as_str().map_or(0, units);
    let choices = items(&of["choices"]).iter();
    let choices: usize = choices
        .map(|choice| ["name", "value"].map(|field| choice[field].as_str().map_or(0, units)))
        .map(|both| both[0] + both[1])
        .sum();
    text("name")
        + text("description")
        + choices
        + items(&of["options"]).iter().map(sum).sum::<usize>()
}
