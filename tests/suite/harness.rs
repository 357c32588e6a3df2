//! What all tests share: running the program, and the bundled notes.

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use footnote::answer::policy::Policy;
use footnote::answer::{Answer, answer};
use footnote::eval::Labelled;
use footnote::knowledge::Knowledge;
use footnote::load::{Limits, load};
use serde_json::Value;
use tempfile::TempDir;

/// A path in the project.
pub(crate) fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// What a run of the program left behind.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// The output of a run that went well.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, 0, "{self:#?}");
        self.stdout
    }

    /// The complaint of a run that was wrong usage or configuration.
    #[track_caller]
    pub(crate) fn wrong(self) -> String {
        assert_eq!((self.code, self.stdout.as_str()), (2, ""), "{self:#?}");
        self.stderr
    }
}

/// The program, ready to run in a folder and without settings from outside.
pub(crate) fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_footnote"));
    command.current_dir(folder);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("FOOTNOTE__") {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a command with this standard input.
pub(crate) fn run(command: &mut Command, stdin: &str) -> Run {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let text = stdin.to_owned();
    // From a thread of its own: the program may write before it has read all.
    let feeding = std::thread::spawn(move || {
        // A program that refuses its arguments does not read.
        let _ = input.write_all(text.as_bytes());
    });
    let output = child.wait_with_output().unwrap();
    feeding.join().unwrap();
    Run {
        code: output.status.code().expect("ended by a signal"),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs the program on the bundled notes.
pub(crate) fn footnote<S: AsRef<OsStr>>(arguments: &[S]) -> Run {
    footnote_reading(arguments, "")
}

/// Runs the program on the bundled notes with this standard input.
pub(crate) fn footnote_reading<S: AsRef<OsStr>>(arguments: &[S], stdin: &str) -> Run {
    // An empty folder: a developer's own config.toml has no say here.
    let folder = tempfile::tempdir().unwrap();
    let mut command = program(folder.path());
    command
        .args(arguments)
        .arg("--notes")
        .arg(root("knowledge"));
    run(&mut command, stdin)
}

/// Runs the program on a folder of notes.
pub(crate) fn footnote_on<S: AsRef<OsStr>>(notes: &Path, arguments: &[S]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    run(
        program(folder.path())
            .args(arguments)
            .arg("--notes")
            .arg(notes),
        "",
    )
}

/// `footnote ask --json` on the bundled notes.
#[track_caller]
pub(crate) fn ask_json(question: &str) -> Value {
    let text = footnote(&["ask", "--json", question]).ok();
    serde_json::from_str(&text).unwrap()
}

/// `footnote ask --batch -` on the bundled notes: a line for each question.
#[track_caller]
pub(crate) fn batch(input: &str) -> Vec<Value> {
    let text = footnote_reading(&["ask", "--batch", "-"], input).ok();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Lines of a batch for these questions, numbered from 0.
pub(crate) fn batch_lines<S: AsRef<str>>(questions: &[S]) -> String {
    questions
        .iter()
        .enumerate()
        .map(|(id, text)| serde_json::json!({"id": id, "text": text.as_ref()}).to_string() + "\n")
        .collect()
}

/// A folder with these files.
pub(crate) fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

/// Knowledge of a folder, as the program builds it.
pub(crate) fn knowledge_of(folder: &Path) -> Knowledge {
    Knowledge::build(load(folder, &Limits::default()).unwrap().notes)
}

/// Knowledge of the bundled notes.
pub(crate) fn knowledge() -> &'static Knowledge {
    static KNOWLEDGE: OnceLock<Knowledge> = OnceLock::new();
    KNOWLEDGE.get_or_init(|| knowledge_of(&root("knowledge")))
}

/// The answer of the bundled notes.
pub(crate) fn ask(question: &str) -> Answer {
    answer(knowledge(), &Policy::default(), question, None)
}

/// One half of the labelled questions.
pub(crate) fn golden(file: &str) -> Vec<Labelled> {
    let path = root("tests/golden").join(file);
    fs::read_to_string(&path)
        .unwrap()
        .lines()
        .enumerate()
        .map(|(at, line)| {
            serde_json::from_str(line)
                .unwrap_or_else(|error| panic!("{}:{}: {error}", path.display(), at + 1))
        })
        .collect()
}

/// The lines that a citation names, as they stand in the file.
#[track_caller]
pub(crate) fn cited_lines(notes: &Path, citation: &str) -> String {
    let (path, lines) = citation.split_once("#L").expect("path#Lx-Ly");
    let (first, last) = lines.split_once("-L").expect("path#Lx-Ly");
    let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
    assert!(0 < first && first <= last, "{citation}");
    let source = fs::read_to_string(notes.join(path)).unwrap();
    let lines: Vec<&str> = source.split_inclusive('\n').collect();
    lines[first - 1..last].concat()
}

/// Asserts that every quotation of an answer (as JSON) stands word for word in
/// the lines that it cites.
#[track_caller]
pub(crate) fn assert_quoted_exactly(notes: &Path, answer: &Value) {
    for snippet in answer["snippets"].as_array().unwrap() {
        let corrected = &snippet["corrects"];
        for quoted in std::iter::once(snippet).chain((!corrected.is_null()).then_some(corrected)) {
            let text = quoted["text"].as_str().unwrap();
            let citation = quoted["citation"].as_str().unwrap();
            assert!(!text.trim().is_empty(), "{citation}");
            let lines = cited_lines(notes, citation);
            assert!(
                lines.contains(text),
                "{citation} reads {lines:?}, quoted as {text:?}"
            );
        }
    }
}

/// Strings of a JSON array.
#[track_caller]
pub(crate) fn strings(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item.as_str().unwrap())
        .collect()
}

/// The keys of a JSON object in the order in which they are written.
pub(crate) fn keys_in_order(object: &str) -> Vec<String> {
    struct Keys(Vec<String>);
    impl<'de> serde::Deserialize<'de> for Keys {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> serde::de::Visitor<'de> for Visitor {
                type Value = Keys;
                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("an object")
                }
                fn visit_map<M: serde::de::MapAccess<'de>>(
                    self,
                    mut map: M,
                ) -> Result<Keys, M::Error> {
                    let mut keys = Vec::new();
                    while let Some((key, _)) = map.next_entry::<String, serde::de::IgnoredAny>()? {
                        keys.push(key);
                    }
                    Ok(Keys(keys))
                }
            }
            deserializer.deserialize_map(Visitor)
        }
    }
    serde_json::from_str::<Keys>(object).unwrap().0
}
