//! Whether the documents tell the truth: about files, the command line, the
//! configuration and the rules of lint.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use footnote::playground::{COMMANDS, Command};

use crate::harness::{program, root, run};
use crate::tidy::{files, read};

/// The documents for people, with paths relative to the project.
fn documents() -> Vec<PathBuf> {
    let mut documents: Vec<PathBuf> = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"]
        .map(PathBuf::from)
        .into();
    for folder in ["docs", "tests", "assets", "benches"] {
        if root(folder).is_dir() {
            documents.extend(files(folder, ".md"));
        }
    }
    documents.push("knowledge/README.md".into());
    documents.retain(|path| !path.starts_with("tests/fixtures"));
    documents
}

/// Text outside fenced code blocks.
fn prose(text: &str) -> String {
    let mut fenced = false;
    text.lines()
        .filter(|line| {
            let fence = line.trim_start().starts_with("```");
            fenced ^= fence;
            !fenced && !fence
        })
        .flat_map(|line| [line, "\n"])
        .collect()
}

/// Targets of links in a document, without those to the web.
fn links(text: &str) -> Vec<&str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .filter(|target| !target.contains("://") && !target.starts_with('#'))
        .collect()
}

/// What stands in backticks and looks like a path of the project.
fn named_paths(text: &str) -> Vec<&str> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .filter(|code| {
            let path = code
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c));
            let ends = [".rs", ".md", ".toml", ".jsonl", ".tsv"];
            path && (code.contains('/') || ends.iter().any(|end| code.ends_with(end)))
                && !code.starts_with(['.', '/', '-'])
        })
        .collect()
}

#[test]
fn paths_in_the_documents_exist() {
    // Named as examples of what readers may have.
    let examples = ["config.toml", "questions.jsonl", "guide.md"];
    let mut missing = Vec::new();
    for document in documents() {
        let text = prose(&read(&document));
        let folder = root("").join(document.parent().unwrap());
        for link in links(&text) {
            let path = link.split('#').next().unwrap();
            if !folder.join(path).exists() {
                missing.push(format!("{}: link {link}", document.display()));
            }
        }
        for path in named_paths(&text) {
            let places = [root(path), root("src").join(path), folder.join(path)];
            if !examples.contains(&path) && !places.iter().any(|place| place.exists()) {
                missing.push(format!("{}: `{path}`", document.display()));
            }
        }
    }
    assert_eq!(missing, [""; 0]);
}

#[test]
fn every_picture_is_in_a_document() {
    let shown: BTreeSet<PathBuf> = documents()
        .iter()
        .flat_map(|document| {
            let folder = document.parent().unwrap().to_owned();
            let text = read(document);
            links(&text)
                .into_iter()
                .map(|link| folder.join(link))
                .collect::<Vec<_>>()
        })
        .collect();
    let pictures = files("docs/pictures", ".png");
    assert!(!pictures.is_empty());
    for picture in pictures {
        assert!(shown.contains(&picture), "{}", picture.display());
    }
}

#[test]
fn the_readme_is_short_and_tells_how_to_configure() {
    let text = read(Path::new("README.md"));
    assert!(text.lines().count() < 200, "{} lines", text.lines().count());
    for part in ["config.example.toml", "FOOTNOTE__NOTES__PATH", "cargo test"] {
        assert!(text.contains(part), "{part}");
    }
}

/// Code in a document: fenced lines without their prompt, and what stands in backticks.
fn code(text: &str) -> Vec<String> {
    let mut fenced = false;
    let mut code = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if fenced {
            code.push(line.trim_start().trim_start_matches("$ ").to_owned());
        }
    }
    // A stretch of code may go on in the next line.
    let prose = prose(text);
    for paragraph in prose.split("\n\n") {
        let inline = paragraph.split('`').skip(1).step_by(2);
        code.extend(inline.map(|inline| inline.replace('\n', " ")));
    }
    code
}

/// What `footnote … --help` prints, for verbs that were asked before too.
#[derive(Default)]
struct Helps(BTreeMap<String, Option<String>>);

impl Helps {
    /// None when there is no such verb.
    fn of(&mut self, verbs: &[&str]) -> Option<&str> {
        let key = verbs.join(" ");
        let help = self.0.entry(key).or_insert_with(|| {
            let run = run(program(&root("")).args(verbs).arg("--help"), "");
            (run.code == 0).then_some(run.stdout)
        });
        help.as_deref()
    }
}

#[test]
fn verbs_and_flags_in_the_documents_exist() {
    let mut helps = Helps::default();
    let mut wrong = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for document in documents() {
        for line in code(&read(&document)) {
            // `cargo run --release --` is the same as `footnote`.
            let line = line.replace("cargo run --release -- ", "footnote ");
            let Some(call) = line.strip_prefix("footnote ") else {
                continue;
            };
            let call = call.split(" #").next().unwrap();
            let words: Vec<&str> = call.split_whitespace().collect();
            let is_verb = |word: &&str| word.chars().all(|c| c.is_ascii_lowercase());
            let mut verbs: Vec<&str> = words.iter().copied().take_while(is_verb).collect();
            verbs.truncate(if verbs.first() == Some(&"quiz") { 2 } else { 1 });
            seen.insert(verbs.join(" "));
            let Some(help) = helps.of(&verbs) else {
                wrong.insert(format!("{}: footnote {call}", document.display()));
                continue;
            };
            for word in words.iter().filter(|word| word.starts_with("--")) {
                let flag: String = word
                    .chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || *c == '-')
                    .collect();
                let known = help
                    .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
                    .any(|known| known == flag);
                if !known {
                    wrong.insert(format!("{}: {flag} of footnote {call}", document.display()));
                }
            }
        }
    }
    assert_eq!(wrong, BTreeSet::new());
    assert!(seen.len() > 8, "{seen:?}");
}

#[test]
fn every_verb_is_in_a_document() {
    let help = run(program(&root("")).arg("--help"), "").ok();
    let commands = help.split("Commands:").nth(1).unwrap();
    let commands = commands.split("\n\n").next().unwrap();
    let texts: String = documents().iter().map(|path| read(path)).collect();
    for line in commands.lines().filter(|line| line.starts_with("  ")) {
        let verb = line.split_whitespace().next().unwrap();
        let called = format!("footnote {verb}");
        assert!(verb == "help" || texts.contains(&called), "{called}");
    }
}

#[test]
fn commands_and_options_in_the_documents_exist() {
    let mut wrong = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for document in documents() {
        for line in code(&read(&document)) {
            let Some(typed) = line.strip_prefix('/') else {
                continue;
            };
            // A path of a file or of a page is none.
            let is_word = |c: char| c.is_ascii_lowercase() || c == '-';
            let mut words = typed.split([' ', ',', '`']);
            let first = words.next().unwrap();
            if first.is_empty() || !first.chars().all(is_word) {
                continue;
            }
            let known: Vec<&Command> = COMMANDS
                .iter()
                .filter(|command| command.name.split(' ').next() == Some(first))
                .collect();
            let second = words.next().unwrap_or_default();
            let exact = known.iter().find(|command| {
                command.name == first || command.name == format!("{first} {second}")
            });
            // The name alone of several commands, as in "/quiz".
            let is_group = !known.is_empty() && !second.chars().any(is_word);
            if exact.is_none() && !is_group && !PATHS.contains(&first) {
                wrong.insert(format!("{}: /{typed}", document.display()));
            }
            let Some(command) = exact else { continue };
            seen.insert(command.name);
            for option in line
                .split([' ', '['])
                .filter_map(|word| word.split_once(':'))
            {
                let name = option.0;
                let is_option = command.options.iter().any(|option| option.name == name);
                if !name.is_empty() && name.chars().all(is_word_of_an_option) && !is_option {
                    wrong.insert(format!("{}: {name}: of /{typed}", document.display()));
                }
            }
        }
    }
    assert_eq!(wrong, BTreeSet::new());
    let texts: String = documents().iter().map(|path| read(path)).collect();
    for command in COMMANDS {
        let group = command.name.split(' ').next().unwrap();
        let rest = command.name.split(' ').next_back().unwrap();
        let is_there = texts.contains(&format!("/{group}")) && texts.contains(rest);
        assert!(is_there, "/{} is in no document", command.name);
    }
    assert!(seen.len() > 10, "{seen:?}");
}

/// Pages of the listener and a folder of the image, which look like commands.
const PATHS: [&str; 4] = ["livez", "readyz", "metrics", "state"];

fn is_word_of_an_option(c: char) -> bool {
    c.is_ascii_lowercase() || c == '_'
}

#[test]
fn variables_and_keys_in_the_documents_exist() {
    // Keys by section, commented ones too.
    let example = read(Path::new("config.example.toml"));
    let mut section = String::new();
    let mut known = BTreeSet::new();
    for line in example.lines() {
        if let Some(name) = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            name.clone_into(&mut section);
        } else if let Some((key, _)) = line.trim_start_matches("# ").split_once(" = ") {
            known.insert(format!("FOOTNOTE__{section}__{key}").to_uppercase());
        }
    }
    let mut wrong = BTreeSet::new();
    for document in documents() {
        let text = read(&document);
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        for word in words.filter(|word| word.starts_with("FOOTNOTE__")) {
            if !known.contains(word) {
                wrong.insert(format!("{}: {word}", document.display()));
            }
        }
    }
    assert_eq!(wrong, BTreeSet::new());
    assert!(known.len() > 15, "{known:?}");
}

#[test]
fn rules_of_lint_in_the_documents_exist() {
    let sources: String = ["src/lint", "src/note", "src/load"]
        .iter()
        .flat_map(|folder| files(folder, ".rs"))
        .map(|path| read(&path))
        .collect();
    let text = read(Path::new("docs/notes.md"));
    let table = text.split("| about | rules |").nth(1).unwrap();
    let table = table.split("\n\n").next().unwrap();
    let rules: Vec<&str> = table.split('`').skip(1).step_by(2).collect();
    for rule in &rules {
        assert!(sources.contains(&format!("\"{rule}\"")), "{rule}");
    }
    // And those that the fixture of a broken folder shows are all there.
    let broken = root("tests/fixtures/broken");
    let shown = run(
        program(&root(""))
            .args(["lint", "--json", "--notes"])
            .arg(broken),
        "",
    );
    for rule in shown.stdout.split("\"rule\": \"").skip(1) {
        let rule = rule.split('"').next().unwrap();
        assert!(rules.contains(&rule), "{rule} is not in docs/notes.md");
    }
}
