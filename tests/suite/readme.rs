//! What the README shows is what the program prints.
//!
//! In a `console` block, everything below `$ footnote …` is its output. When
//! the output has changed for a good reason, `UPDATE_FIXTURES=1 cargo test
//! --test suite readme` writes it anew; then read the difference.

use std::fs;

use crate::harness::{program, root, run};

/// Words of a command line with double quotes.
fn arguments(line: &str) -> Vec<String> {
    line.split('"')
        .enumerate()
        .flat_map(|(at, part)| {
            if at % 2 == 1 {
                vec![part.to_owned()]
            } else {
                part.split_whitespace().map(str::to_owned).collect()
            }
        })
        .collect()
}

/// The text with the output of every command as it is now.
fn with_output(text: &str) -> String {
    let mut out = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        out.push_str(line);
        out.push('\n');
        if line != "```console" {
            continue;
        }
        let command = lines.next().unwrap();
        out.push_str(command);
        out.push('\n');
        let words = arguments(command.strip_prefix("$ footnote ").expect("$ footnote …"));
        let run = run(
            // With the defaults, whatever configuration a developer has.
            program(&root(""))
                .args(words)
                .args(["--config", "config.example.toml"]),
            "",
        );
        out.push_str(&run.stdout);
        out.push_str(&run.stderr);
        out.push_str("```\n");
        lines
            .by_ref()
            .find(|line| *line == "```")
            .expect("the end of the block");
    }
    out
}

#[test]
fn the_readme_shows_real_output() {
    let path = root("README.md");
    let text = fs::read_to_string(&path).unwrap();
    let now = with_output(&text);
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        fs::write(&path, now).unwrap();
        return;
    }
    let differing = text
        .lines()
        .zip(now.lines())
        .find(|(shown, real)| shown != real);
    assert!(
        text == now,
        "README.md differs from what is printed, first here: {differing:#?}"
    );
}

#[test]
fn the_readme_shows_a_citation_and_an_abstention() {
    let text = fs::read_to_string(root("README.md")).unwrap();
    assert!(text.contains("\n[1] services/") && text.contains("\nNot in the notes "));
}
