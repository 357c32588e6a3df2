//! Everything that can be wrong with a folder or a file. One broken note never
//! takes the others down, and every finding says what to do.

use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::{Duration, Instant};

use footnote::load::{Limits, LoadError, Loaded, load, load_each};
use footnote::note::Note;
use footnote::note::parse::parse;
use tempfile::TempDir;

/// A folder with one good note and whatever the test adds.
fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, bytes) in [("good.md", b"# Good\n\nA fact.\n".as_slice())]
        .iter()
        .chain(files)
    {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    dir
}

fn read(dir: &TempDir) -> Loaded {
    load(dir.path(), &Limits::default()).unwrap()
}

fn paths(loaded: &Loaded) -> Vec<&str> {
    loaded.notes.iter().map(|note| note.path.as_str()).collect()
}

fn findings(loaded: &Loaded) -> Vec<String> {
    loaded.diagnostics.iter().map(ToString::to_string).collect()
}

fn texts(note: &Note) -> Vec<&str> {
    note.sections
        .iter()
        .flat_map(|section| &section.snippets)
        .map(|snippet| note.text(snippet.span))
        .collect()
}

fn text_of(source: &str) -> Vec<String> {
    let (note, _) = parse("n.md", source.to_owned());
    texts(&note).into_iter().map(str::to_owned).collect()
}

#[test]
fn no_folder_a_file_and_an_empty_folder_say_what_to_do() {
    let dir = folder(&[("empty/hidden/.x.md", b"# x"), ("empty/picture.png", b"x")]);
    let error = |path: &Path| load(path, &Limits::default()).unwrap_err().to_string();
    assert!(error(&dir.path().join("nowhere")).contains("→ check the path, or create the folder"));
    assert!(error(&dir.path().join("good.md")).contains("is no folder → name the folder"));
    assert!(error(&dir.path().join("good.md/x")).contains("is no folder → name the folder"));
    assert!(
        error(&dir.path().join("empty"))
            .contains("→ put files ending in .md, .markdown or .txt there")
    );
}

#[test]
fn a_folder_whose_only_note_is_broken_says_why() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.md"), b"\xff").unwrap();
    let error = load(dir.path(), &Limits::default()).unwrap_err();
    assert!(matches!(&error, LoadError::Empty { diagnostics, .. } if diagnostics.len() == 1));
    assert!(
        error
            .to_string()
            .contains("a.md:1:1: error: byte 0 is not UTF-8"),
        "{error}"
    );
}

#[test]
fn a_file_that_is_not_utf8_names_byte_line_and_column() {
    let dir = folder(&[
        (
            "latin.md",
            "# Größe\nein \u{e4}".replace('\u{e4}', "?").as_bytes(),
        ),
        ("bad.md", b"# Caf\xc3\xa9\nna\xefve\n"),
        ("wide.txt", b"\xff\xfea\0b\0"),
    ]);
    let loaded = read(&dir);
    assert_eq!(paths(&loaded), ["good.md", "latin.md"]);
    assert_eq!(
        findings(&loaded),
        [
            "bad.md:2:3: error: byte 10 is not UTF-8: it is another encoding or no text (not-utf8) → save the file as UTF-8",
            "wide.txt:1:1: error: byte 0 is not UTF-8: it looks like UTF-16 (not-utf8) → save the file as UTF-8",
        ]
    );
}

#[test]
fn a_byte_order_mark_and_every_kind_of_line_end_are_fine() {
    for end in ["\n", "\r\n", "\r"] {
        let source =
            "\u{feff}---\nname: N\n---\n# Head\n\n* one\n* two\n\ntext\n".replace('\n', end);
        let (note, diagnostics) = parse("n.md", source);
        assert_eq!(diagnostics, [], "{end:?}");
        assert_eq!(note.name, "N");
        assert_eq!(note.sections[0].anchor, "head");
        assert_eq!(texts(&note), ["one", "two", "text"], "{end:?}");
        let lines: Vec<u32> = note.sections[0]
            .snippets
            .iter()
            .map(|s| s.span.line_start)
            .collect();
        assert_eq!(lines, [6, 7, 9], "{end:?}");
    }
}

#[test]
fn nul_and_tabs_do_no_harm() {
    assert_eq!(
        text_of("a\0b\n\n*\tone\n\t*\ttwo\n"),
        ["a\0b", "one", "two"]
    );
}

#[test]
fn a_file_of_fifty_megabytes_is_skipped_unread() {
    let dir = folder(&[("big.md", b"")]);
    let file = fs::File::options()
        .write(true)
        .open(dir.path().join("big.md"))
        .unwrap();
    file.set_len(50 << 20).unwrap();
    let loaded = read(&dir);
    assert_eq!(paths(&loaded), ["good.md"]);
    assert_eq!(
        findings(&loaded),
        [
            "big.md: error: 52428800 bytes are more than the 2097152 that a note may have (too-large) → split it into several notes"
        ]
    );
}

#[test]
fn all_files_together_have_a_limit() {
    let dir = folder(&[("a.md", &[b'a'; 60]), ("b.md", &[b'b'; 60]), ("z.md", b"z")]);
    let limits = Limits {
        total: 100,
        ..Limits::default()
    };
    let loaded = load(dir.path(), &limits).unwrap();
    assert_eq!(paths(&loaded), ["a.md"]);
    assert_eq!(
        findings(&loaded),
        [
            "b.md: error: the notes have more than 100 bytes; 3 from this one on are left out (too-many) → take out what need not be found, or split the folder"
        ]
    );
}

#[cfg(unix)]
#[test]
fn links_never_lead_out_of_the_folder_and_load_nothing_twice() {
    use std::os::unix::fs::symlink;
    let outside = folder(&[("secret.md", b"# Secret\n\nA secret.\n")]);
    let dir = folder(&[
        ("sub/one.md", b"# One\n\nOne.\n"),
        (".data/hidden.md", b"# Hidden\n\nHidden.\n"),
    ]);
    let link = |to: &Path, name: &str| symlink(to, dir.path().join(name)).unwrap();
    link(&outside.path().join("secret.md"), "absolute.md");
    link(
        &Path::new("..")
            .join(outside.path().file_name().unwrap())
            .join("secret.md"),
        "relative.md",
    );
    link(outside.path(), "folder");
    link(Path::new("/etc/passwd"), "passwd.txt");
    link(Path::new("nothing.md"), "dangling.md");
    link(Path::new("good.md"), "again.md");
    link(Path::new(".data/hidden.md"), "shown.md");
    link(Path::new(".data/hidden.md"), "shown-again.md");
    link(Path::new("."), "sub/loop");
    link(Path::new("../sub"), "sub/up");
    link(Path::new("self.md"), "self.md");
    let loaded = read(&dir);
    assert_eq!(paths(&loaded), ["good.md", "shown-again.md", "sub/one.md"]);
    let told: Vec<(&str, &str)> = loaded
        .diagnostics
        .iter()
        .map(|d| (d.path.as_str(), d.rule))
        .collect();
    let outside = [
        "absolute.md",
        "dangling.md",
        "folder",
        "passwd.txt",
        "relative.md",
        "self.md",
    ];
    assert_eq!(told, outside.map(|path| (path, "link-outside")));
}

#[cfg(unix)]
#[test]
fn pipes_are_not_opened() {
    let dir = folder(&[]);
    let made = std::process::Command::new("mkfifo")
        .arg(dir.path().join("pipe.md"))
        .status();
    if !made.is_ok_and(|status| status.success()) {
        return;
    }
    std::os::unix::net::UnixListener::bind(dir.path().join("socket.md")).unwrap();
    let loaded = read(&dir);
    assert_eq!(paths(&loaded), ["good.md"]);
    let rules: Vec<&str> = loaded.diagnostics.iter().map(|d| d.rule).collect();
    assert_eq!(rules, ["not-a-file", "not-a-file"]);
}

#[cfg(unix)]
#[test]
fn what_may_not_be_read_is_told_and_left_out() {
    use std::os::unix::fs::PermissionsExt;
    let dir = folder(&[("locked.md", b"# x"), ("locked/in.md", b"# x")]);
    let lock = |name: &str, mode| {
        fs::set_permissions(dir.path().join(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    lock("locked.md", 0);
    lock("locked", 0);
    let loaded = read(&dir);
    lock("locked", 0o755);
    if fs::read(dir.path().join("locked.md")).is_ok() {
        return; // The superuser may read everything.
    }
    assert_eq!(paths(&loaded), ["good.md"]);
    let told: Vec<(&str, &str)> = loaded
        .diagnostics
        .iter()
        .map(|d| (d.path.as_str(), d.rule))
        .collect();
    assert_eq!(
        told,
        [("locked", "unreadable"), ("locked.md", "unreadable")]
    );
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_cannot_be_shown_are_told_escaped() {
    use std::os::unix::ffi::OsStrExt;
    let dir = folder(&[("new\nline.md", b"# x")]);
    fs::write(
        dir.path().join(std::ffi::OsStr::from_bytes(b"\xff.md")),
        "# x",
    )
    .unwrap();
    let loaded = read(&dir);
    assert_eq!(paths(&loaded), ["good.md"]);
    let told: Vec<&str> = loaded.diagnostics.iter().map(|d| d.path.as_str()).collect();
    assert_eq!(told, ["new\\nline.md", "\u{fffd}.md"]);
}

#[test]
fn folders_inside_each_other_have_a_limit() {
    let deep = "d/".repeat(80) + "x.md";
    let dir = folder(&[(&deep, b"# x"), ("d/d/near.md", b"# Near\n\nNear.\n")]);
    let loaded = read(&dir);
    assert_eq!(paths(&loaded), ["d/d/near.md", "good.md"]);
    assert_eq!(loaded.diagnostics[0].rule, "too-deep");
}

#[test]
fn notes_come_in_the_order_of_their_paths_on_any_number_of_threads() {
    let files: Vec<(String, String)> = (0..300)
        .map(|i| {
            (
                format!("{}/{i:03}.md", i % 7),
                format!("# N{i}\n\n{}", "text ".repeat(i)),
            )
        })
        .collect();
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_bytes()))
        .collect();
    let dir = folder(&files);
    let order = |threads: usize| {
        let mut seen = Vec::new();
        let threads = NonZeroUsize::new(threads).unwrap();
        load_each(dir.path(), &Limits::default(), threads, |note, _| {
            seen.push(note.path);
        })
        .unwrap();
        seen
    };
    let one = order(1);
    assert!(one.is_sorted());
    assert_eq!(one.len(), 301);
    assert_eq!(order(4), one);
}

#[test]
fn the_readme_at_the_top_is_a_note_only_among_plain_notes() {
    let plain = folder(&[
        ("README.md", b"# About\n\nA fact.\n"),
        ("sub/README.md", b"# Sub\n\nA fact.\n"),
    ]);
    assert_eq!(
        paths(&read(&plain)),
        ["README.md", "good.md", "sub/README.md"]
    );
    let kinds = folder(&[
        ("README.md", b"# About\n\nA fact.\n"),
        ("sub/README.md", b"# Sub\n\nA fact.\n"),
        ("z.md", b"---\nkind: service\n---\n# Z\n"),
    ]);
    assert_eq!(paths(&read(&kinds)), ["good.md", "sub/README.md", "z.md"]);
}

#[test]
fn broken_front_matter_leaves_the_text() {
    let (note, diagnostics) = parse(
        "n.md",
        "---\nkind: [service\n---\n# Head\n\nA fact.\n".to_owned(),
    );
    assert_eq!(texts(&note), ["A fact."]);
    assert_eq!(note.name, "Head");
    assert_eq!(diagnostics.len(), 1);
    assert_eq!(
        (diagnostics[0].rule, diagnostics[0].line > 0),
        ("front-matter-syntax", true)
    );
}

/// Far above what they take in a release build (0.3 s), so that only growth
/// faster than the text fails here.
const PATIENCE: Duration = Duration::from_secs(20);

/// A bomb takes a moment, breaks nothing, and every span stays in the text.
fn survives(name: &str, source: &str) -> Note {
    let began = Instant::now();
    let (note, diagnostics) = parse("bomb.md", source.to_owned());
    footnote::lint::lint(std::slice::from_ref(&note), diagnostics, (2026, 11));
    assert!(
        began.elapsed() < PATIENCE,
        "{name} took {:?}",
        began.elapsed()
    );
    super::properties::holds(&note);
    note
}

#[test]
fn nesting_a_hundred_thousand_deep_does_no_harm() {
    for piece in [
        "[", "![", "(", ">", "> ", "- ", "1. ", "*", "**", "_", "`", "<", "~~", "[^", "[a](",
        "\\[", "<div>",
    ] {
        survives(piece, &piece.repeat(100_000));
    }
    survives("pairs", &("[".repeat(100_000) + &"]".repeat(100_000)));
    let stairs: Vec<String> = (0..700).map(|i| " ".repeat(2 * i) + "- x\n").collect();
    survives("stairs", &(stairs.concat() + &"\n".repeat(500_000)));
}

#[test]
fn nesting_too_deep_is_told_and_only_that_note_is_empty() {
    let (note, diagnostics) = parse("n.md", format!("# Head\n\n{}x\n", "- ".repeat(500)));
    assert_eq!(note.sections.len(), 0);
    let told: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "n.md:3:1: error: lists or quotes are nested too deep; the text of this note is left out (nested-too-deep) → take out markers at the beginning of this line"
        ]
    );
}

#[test]
fn a_line_of_two_megabytes_is_one_snippet() {
    let note = survives("line", &"word ".repeat(400_000));
    assert_eq!(texts(&note).len(), 1);
}

#[test]
fn ten_thousand_headings_are_ten_thousand_sections() {
    let source: Vec<String> = (0..10_000)
        .map(|i| format!("## Safety {i} same\n\n- fact {i}\n\n"))
        .collect();
    let note = survives("headings", &source.concat());
    assert_eq!(note.sections.len(), 10_000);
    survives("repeats", &"# a\n".repeat(10_000));
    let note = survives("far too many", &"# a\n".repeat(100_000));
    assert_eq!(note.sections.len(), 50_000);
}

#[test]
fn many_footnotes_tables_and_markers_take_linear_time() {
    let footnotes: Vec<String> = (0..4_000)
        .map(|i| format!("a[^{i}]\n\n[^{i}]: x\n\n"))
        .collect();
    assert_eq!(
        survives("footnotes", &footnotes.concat()).footnotes.len(),
        4_000
    );
    for piece in [
        "**Bold**\n\n",
        "Bare\n\n",
        "- to go\n",
        "Term: x\n",
        "|a|\n|-|\n",
        "## Quiz\n### a\n- [x] b\n",
        "<!--\n",
        "---\n",
        "[x]: y\n",
        "[^a]: b\n",
    ] {
        survives(piece, &piece.repeat(50_000));
    }
}
