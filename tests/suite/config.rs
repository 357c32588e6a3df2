//! Configuration through the program: file, environment, arguments.

use std::path::Path;

use crate::harness::{Run, folder, program, run};

const SOUP: &str = "# Soup\n\nLeek soup needs potatoes.\n";
const CAKE: &str = "# Cake\n\nLemon cake needs butter.\n";

/// Asks in a folder, with environment variables.
fn ask(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Run {
    let mut command = program(folder);
    command
        .args(["ask", "what does the leek soup need"])
        .args(arguments);
    command.envs(environment.iter().copied());
    run(&mut command, "")
}

#[test]
fn without_any_configuration_the_notes_are_in_knowledge() {
    let here = folder(&[("knowledge/soup.md", SOUP)]);
    let text = ask(here.path(), &[], &[]).ok();
    assert!(text.contains("Leek soup needs potatoes."), "{text}");
}

#[test]
fn config_toml_here_is_read_and_another_file_when_named() {
    let here = folder(&[
        ("config.toml", "[notes]\npath = \"recipes\"\n"),
        ("recipes/soup.md", SOUP),
        ("other.toml", "[notes]\npath = \"cakes\"\n"),
        ("cakes/cake.md", CAKE),
    ]);
    let text = ask(here.path(), &[], &[]).ok();
    assert!(text.contains("potatoes"), "{text}");
    let text = ask(here.path(), &["--config", "other.toml"], &[]).ok();
    assert!(!text.contains("potatoes"), "{text}");
}

#[test]
fn the_environment_goes_before_the_file_and_the_argument_before_both() {
    let here = folder(&[
        ("config.toml", "[notes]\npath = \"nowhere\"\n"),
        ("recipes/soup.md", SOUP),
    ]);
    let environment = [("FOOTNOTE__NOTES__PATH", "recipes")];
    ask(here.path(), &[], &environment).ok();
    let complaint = ask(here.path(), &["--notes", "elsewhere"], &environment).wrong();
    assert!(
        complaint.contains("there is no folder elsewhere"),
        "{complaint}"
    );
}

#[test]
fn the_answer_follows_the_policy() {
    let twice = "# Soup\n\n- Leek soup needs potatoes.\n- Leek soup needs boiled potatoes.\n";
    let here = folder(&[("knowledge/soup.md", twice)]);
    let text = ask(here.path(), &[], &[]).ok();
    assert_eq!(text.matches("potatoes").count(), 2, "{text}");
    let short = [("FOOTNOTE__ANSWER__MAX_SNIPPETS", "1")];
    let text = ask(here.path(), &[], &short).ok();
    assert_eq!(text.matches("potatoes").count(), 1, "{text}");
}

#[test]
fn mistakes_end_with_2_and_say_where_and_what_is_right() {
    for (config, environment, part) in [
        (
            "[notes]\npaht = \"x\"\n",
            &[][..],
            "config.toml:2:1: there is no key `notes.paht`; did you mean `notes.path`?",
        ),
        (
            "[answers]\n",
            &[],
            "config.toml:1:2: there is no key `answers`; did you mean `answer`?",
        ),
        (
            "[notes]\npath = 1\n",
            &[],
            "config.toml:2:8: `notes.path` must be a text in quotes",
        ),
        (
            "[answer]\nmax_snippets = 0\n",
            &[],
            "config.toml:2:16: `answer.max_snippets` must be a whole number from 1 to 10",
        ),
        ("[notes\n", &[], "config.toml:1:"),
        (
            "",
            &[("FOOTNOTE__ANSWER__MIN_CONFIDENSE", "0.5")],
            "FOOTNOTE__ANSWER__MIN_CONFIDENSE: there is no key `answer.min_confidense`; did you mean `answer.min_confidence`?",
        ),
        (
            "",
            &[("FOOTNOTE__ANSWER__MIN_CONFIDENCE", "high")],
            "`answer.min_confidence` must be a number",
        ),
    ] {
        let here = folder(&[("config.toml", config), ("knowledge/soup.md", SOUP)]);
        let complaint = ask(here.path(), &[], environment).wrong();
        assert!(complaint.contains(part), "{complaint}");
    }
    let here = folder(&[("knowledge/soup.md", SOUP)]);
    let complaint = ask(here.path(), &["--config", "my.toml"], &[]).wrong();
    assert!(
        complaint.contains("cannot read the configuration my.toml"),
        "{complaint}"
    );
}

#[test]
fn the_example_is_a_valid_configuration() {
    let here = folder(&[("knowledge/soup.md", SOUP)]);
    let example = crate::harness::root("config.example.toml");
    ask(here.path(), &["--config", example.to_str().unwrap()], &[]).ok();
}
