//! The shape of the code: which module may use which, sizes, words.

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::root;

/// A file without its tests may have this many lines. Beyond it, a second idea
/// has usually moved in.
const LINES: usize = 400;

/// Files below a folder that end in this, with paths relative to the project.
pub(crate) fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root("").join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.file_type().unwrap().is_dir() {
                if name != "target" && !name.starts_with('.') {
                    folders.push(path);
                }
            } else if name.ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The text of a file of the project.
pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(root("").join(path)).unwrap()
}

/// A source file up to its tests, which come last or have a file `tests.rs`.
fn without_tests(path: &Path) -> String {
    let text = read(path);
    if path.ends_with("tests.rs") {
        return String::new();
    }
    match text.find("\n#[cfg(test)]\nmod tests") {
        Some(at) => text[..at].to_owned(),
        None => text,
    }
}

/// The modules in the order of `lib.rs`.
fn modules() -> Vec<String> {
    let text = read(Path::new("src/lib.rs"));
    text.lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .map(str::to_owned)
        .collect()
}

/// The module of the crate that a file belongs to; none for `lib.rs` and `main.rs`.
fn module_of(path: &Path) -> Option<String> {
    let below = path.strip_prefix("src").unwrap();
    let first = below.iter().next().unwrap().to_string_lossy();
    let name = first.trim_end_matches(".rs").to_owned();
    (name != "lib" && name != "main").then_some(name)
}

/// Names behind `crate::`, those in braces too.
fn used_modules(code: &str) -> Vec<String> {
    let mut used = Vec::new();
    for part in code.split("crate::").skip(1) {
        let word = |text: &str| -> String {
            text.chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect()
        };
        if let Some(list) = part.strip_prefix('{') {
            let mut depth = 0;
            let mut start = true;
            for (at, c) in list.char_indices() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => start = true,
                    c if start && c.is_alphabetic() => {
                        used.push(word(&list[at..]));
                        start = false;
                    }
                    _ => {}
                }
            }
        } else {
            used.push(word(part));
        }
    }
    used
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

#[test]
fn a_module_uses_only_modules_declared_above_it() {
    let modules = modules();
    let place = |name: &str| modules.iter().position(|module| module == name);
    let mut wrong = Vec::new();
    for path in files("src", ".rs") {
        let Some(own) = module_of(&path) else {
            continue;
        };
        let here = place(&own).unwrap_or_else(|| panic!("{own} is not declared in lib.rs"));
        let code: String = without_tests(&path)
            .lines()
            .filter(|line| !is_comment(line))
            .flat_map(|line| [line, "\n"])
            .collect();
        for used in used_modules(&code) {
            match place(&used) {
                Some(there) if there <= here => {}
                _ => wrong.push(format!("{}: {own} uses {used}", path.display())),
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn used_modules_are_read_from_every_form() {
    let code = "use crate::text;\nuse crate::{note::{Note, Kind}, index as i};\nlet x = crate::load::load();";
    assert_eq!(used_modules(code), ["text", "note", "index", "load"]);
}

#[test]
fn no_file_outgrows_one_idea() {
    let long: Vec<String> = files("src", ".rs")
        .iter()
        .map(|path| (path, without_tests(path).lines().count()))
        .filter(|(_, lines)| *lines > LINES)
        .map(|(path, lines)| format!("{}: {lines} lines", path.display()))
        .collect();
    assert_eq!(long, [""; 0]);
}

#[test]
fn every_file_says_what_it_is_for() {
    for folder in ["src", "tests/suite", "examples"] {
        for path in files(folder, ".rs") {
            assert!(
                read(&path).starts_with("//! "),
                "{} has no module doc",
                path.display()
            );
        }
    }
}

#[test]
fn nothing_unfinished_is_left() {
    let words = [
        "TODO",
        "FIXME",
        "XXX",
        "HACK",
        ".unwrap()",
        "dbg!",
        "todo!(",
        "unimplemented!(",
    ];
    let mut left = Vec::new();
    for path in files("src", ".rs") {
        for (at, line) in without_tests(&path).lines().enumerate() {
            if let Some(word) = words.iter().find(|word| line.contains(**word)) {
                left.push(format!("{}:{}: {word}", path.display(), at + 1));
            }
        }
    }
    assert_eq!(left, [""; 0]);
}

#[test]
fn the_map_names_every_module() {
    let map = read(Path::new("docs/architecture.md"));
    for module in modules() {
        let named = [
            format!("`{module}`"),
            format!("`{module}/`"),
            format!("`{module}.rs`"),
        ];
        assert!(
            named.iter().any(|name| map.contains(name)),
            "docs/architecture.md lacks {module}"
        );
    }
    assert!(map.lines().count() < 150);
}

#[test]
fn words_of_the_code_are_not_vague() {
    // A file called so would collect everything.
    for path in files("src", ".rs") {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let vague = ["utils", "util", "helpers", "common", "manager", "misc"];
        assert!(!vague.contains(&name.as_str()), "{}", path.display());
    }
}
