//! Reads a folder of notes: which files are notes, and what was wrong with the others.
//!
//! The folder is opened once and everything is reached through that handle, so
//! no path and no symbolic link leads out of it. One broken file never takes
//! the others down: it becomes a diagnostic.
//!
//! A note is a regular file that ends in `.md`, `.markdown` or `.txt`. Left out are
//!
//! - hidden files and folders (`.git`, `.obsidian`, `.trash`);
//! - the `README.md` at the top when another note has a `kind`: there it
//!   explains the notes and is none. In a folder of plain Markdown it is a note.
//!
//! A link inside the folder to a file that is loaded anyway adds nothing; a
//! linked folder is not entered, so there are no loops.

mod walk;

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use cap_std::ambient_authority;
use cap_std::fs::Dir;

use self::walk::{File, too_large, unreadable};
use crate::note::Note;
use crate::note::diagnostic::{Diagnostic, Severity};
use crate::note::lines::{Lines, offset};
use crate::note::parse::parse;

/// What is too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one file. People write notes: long ones have a few hundred kilobytes.
    pub file: u64,
    /// Bytes of all files together; it bounds memory.
    pub total: u64,
    /// Folders inside each other.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            file: 2 << 20,
            total: 256 << 20,
            depth: 64,
        }
    }
}

/// The notes of a folder and what is wrong with them.
#[derive(Debug, Default)]
pub struct Loaded {
    /// In the order of their paths.
    pub notes: Vec<Note>,
    /// In the order of their paths and lines.
    pub diagnostics: Vec<Diagnostic>,
}

/// Why there are no notes at all.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Nothing has this name.
    #[error("there is no folder {} → check the path, or create the folder and put notes (.md) into it", .0.display())]
    Missing(PathBuf),
    /// It is a file or something else.
    #[error("{} is no folder → name the folder that the notes are in", .0.display())]
    NotAFolder(PathBuf),
    /// The folder cannot be read.
    #[error("cannot read the folder {} → check its permissions", path.display())]
    Unreadable {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// No file in it is a note.
    #[error("there are no notes in {} → put files ending in .md, .markdown or .txt there{}", path.display(), first_of(diagnostics))]
    Empty {
        /// The folder.
        path: PathBuf,
        /// Why files that could have been notes are none.
        diagnostics: Vec<Diagnostic>,
    },
}

fn first_of(diagnostics: &[Diagnostic]) -> String {
    diagnostics
        .first()
        .map_or_else(String::new, |first| format!("; the first problem: {first}"))
}

/// Reads all notes of a folder.
pub fn load(dir: &Path, limits: &Limits) -> Result<Loaded, LoadError> {
    let mut loaded = Loaded::default();
    let outside = load_each(dir, limits, two_threads(), |note, diagnostics| {
        loaded.notes.push(note);
        loaded.diagnostics.extend(diagnostics);
    })?;
    loaded.notes.sort_by(|a, b| a.path.cmp(&b.path));
    loaded.diagnostics.extend(outside);
    loaded.diagnostics.sort_by(|a, b| {
        (&a.path, a.line, a.column, a.rule).cmp(&(&b.path, b.line, b.column, b.rule))
    });
    Ok(loaded)
}

/// Two threads where there are two cores: parsing is most of the work of loading.
pub fn two_threads() -> NonZeroUsize {
    let two = NonZeroUsize::MIN.saturating_add(1);
    std::thread::available_parallelism().map_or(NonZeroUsize::MIN, |cores| cores.min(two))
}

/// Reads the notes of a folder and hands each to `each` with what is wrong in
/// it, while others are still being parsed; the caller decides what it keeps.
///
/// They come in the order of their paths, but a `README.md` at the top comes
/// last. Returns what is wrong outside the notes: files that are none.
pub fn load_each(
    dir: &Path,
    limits: &Limits,
    threads: NonZeroUsize,
    mut each: impl FnMut(Note, Vec<Diagnostic>),
) -> Result<Vec<Diagnostic>, LoadError> {
    let root = open_root(dir)?;
    let mut diagnostics = Vec::new();
    let mut files = walk::files(&root, limits, &mut diagnostics);
    if let Some(at) = files.iter().position(|(path, _)| is_top_readme(path)) {
        // Whether it is a note is known when all others are.
        files[at..].rotate_left(1);
    }
    let mut count = 0_usize;
    let mut kinds = false;
    in_order(&root, &files, limits, threads, |parsed| match parsed {
        Ok((note, _)) if kinds && note.kind.is_none() && is_top_readme(&note.path) => {}
        Ok((note, found)) => {
            count += 1;
            kinds |= note.kind.is_some();
            each(note, found);
        }
        Err(diagnostic) => diagnostics.push(diagnostic),
    });
    if count == 0 {
        return Err(LoadError::Empty {
            path: dir.to_owned(),
            diagnostics,
        });
    }
    Ok(diagnostics)
}

fn is_top_readme(path: &str) -> bool {
    path.eq_ignore_ascii_case("readme.md")
}

fn open_root(dir: &Path) -> Result<Dir, LoadError> {
    let unreadable = |source| LoadError::Unreadable {
        path: dir.to_owned(),
        source,
    };
    match std::fs::metadata(dir) {
        Ok(metadata) if metadata.is_dir() => {}
        Ok(_) => return Err(LoadError::NotAFolder(dir.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(LoadError::Missing(dir.to_owned()));
        }
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            return Err(LoadError::NotAFolder(dir.to_owned()));
        }
        Err(error) => return Err(unreadable(error)),
    }
    let root = Dir::open_ambient_dir(dir, ambient_authority()).map_err(unreadable)?;
    // Opening may be allowed where listing is not.
    root.entries().map_err(unreadable)?;
    Ok(root)
}

/// A note with its findings, or why the file is none.
type Parsed = Result<(Note, Vec<Diagnostic>), Diagnostic>;

/// Reads and parses files on several threads and delivers them in order.
fn in_order(
    root: &Dir,
    files: &[File],
    limits: &Limits,
    threads: NonZeroUsize,
    mut deliver: impl FnMut(Parsed),
) {
    /// Files that a thread takes at once: few enough that both have work to the
    /// end, enough that handing over does not count.
    const BATCH: usize = 16;
    if threads.get() == 1 || files.len() <= BATCH {
        for file in files {
            deliver(read(root, file, limits));
        }
        return;
    }
    let batches: Vec<&[File]> = files.chunks(BATCH).collect();
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::sync_channel::<(usize, Vec<Parsed>)>(BATCH);
    std::thread::scope(|scope| {
        for _ in 0..threads.get() {
            let sender = sender.clone();
            let (next, batches) = (&next, &batches);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(batch) = batches.get(index) else {
                        break;
                    };
                    let parsed = batch.iter().map(|file| read(root, file, limits)).collect();
                    if sender.send((index, parsed)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        // A few come early while the next one in order is still being parsed.
        let mut early = BTreeMap::new();
        let mut due = 0;
        for (index, parsed) in receiver {
            early.insert(index, parsed);
            while let Some(parsed) = early.remove(&due) {
                parsed.into_iter().for_each(&mut deliver);
                due += 1;
            }
        }
    });
}

fn read(root: &Dir, (path, bytes): &File, limits: &Limits) -> Parsed {
    let file = root.open(path).map_err(|error| unreadable(path, &error))?;
    let mut text = Vec::with_capacity(usize::try_from(*bytes).unwrap_or(0) + 1);
    // The file may have grown since its size was looked at.
    file.take(limits.file.saturating_add(1))
        .read_to_end(&mut text)
        .map_err(|error| unreadable(path, &error))?;
    if text.len() as u64 > limits.file {
        return Err(too_large(path, text.len() as u64, limits));
    }
    match String::from_utf8(text) {
        Ok(source) => Ok(parse(path, source)),
        Err(error) => Err(not_utf8(
            path,
            error.as_bytes(),
            error.utf8_error().valid_up_to(),
        )),
    }
}

fn not_utf8(path: &str, bytes: &[u8], valid: usize) -> Diagnostic {
    let before = bytes
        .get(..valid)
        .and_then(|bytes| std::str::from_utf8(bytes).ok())
        .unwrap_or_default();
    let (line, column) = Lines::new(before).position(before, offset(before.len()));
    let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    let what = if utf16 {
        "it looks like UTF-16"
    } else {
        "it is another encoding or no text"
    };
    Diagnostic {
        path: path.to_owned(),
        line,
        column,
        severity: Severity::Error,
        rule: "not-utf8",
        message: format!("byte {valid} is not UTF-8: {what}"),
        remedy: "save the file as UTF-8".to_owned(),
    }
}
