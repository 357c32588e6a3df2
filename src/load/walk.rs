//! Which files of a folder are notes, found without opening any of them.
//!
//! What is left out though it could have been a note becomes a diagnostic.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use cap_std::fs::{Dir, DirEntry};

use super::Limits;
use crate::note::diagnostic::{Diagnostic, Severity};

/// Path and bytes.
pub(super) type File = (String, u64);

/// The notes among the files of a folder, in the order of their paths.
pub(super) fn files(root: &Dir, limits: &Limits, diagnostics: &mut Vec<Diagnostic>) -> Vec<File> {
    let mut walk = Walk {
        limits,
        files: BTreeMap::new(),
        links: BTreeSet::new(),
        diagnostics,
    };
    walk.folder(root, "", 0);
    walk.follow_links(root);
    within_total(walk.files, limits, diagnostics)
}

/// Collects the files that are notes.
struct Walk<'a> {
    limits: &'a Limits,
    /// Path → bytes.
    files: BTreeMap<String, u64>,
    links: BTreeSet<String>,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Walk<'_> {
    fn folder(&mut self, dir: &Dir, prefix: &str, depth: usize) {
        let entries = match dir.entries() {
            Ok(entries) => entries,
            Err(error) => return self.unreadable(prefix, &error),
        };
        for entry in entries {
            match entry {
                Ok(entry) => self.entry(dir, &entry, prefix, depth),
                Err(error) => self.unreadable(prefix, &error),
            }
        }
    }

    fn entry(&mut self, dir: &Dir, entry: &DirEntry, prefix: &str, depth: usize) {
        let os_name = entry.file_name();
        let Some(name) = os_name
            .to_str()
            .filter(|name| !name.contains(char::is_control))
        else {
            let shown = format!("{prefix}{}", os_name.to_string_lossy().escape_debug());
            return self.diagnostics.push(whole_file(
                &shown,
                Severity::Error,
                "file-name",
                "the name is not UTF-8 or holds control characters".to_owned(),
                "give it a plain name",
            ));
        };
        if name.starts_with('.') {
            return;
        }
        let path = format!("{prefix}{name}");
        let metadata = match entry.metadata() {
            Ok(metadata) => metadata,
            Err(error) => return self.unreadable(&path, &error),
        };
        if metadata.is_symlink() {
            self.links.insert(path);
        } else if metadata.is_dir() {
            if depth >= self.limits.depth {
                return self.diagnostics.push(whole_file(
                    &path,
                    Severity::Error,
                    "too-deep",
                    format!("more than {} folders inside each other", self.limits.depth),
                    "move the notes in it further up",
                ));
            }
            match dir.open_dir(name) {
                Ok(inner) => self.folder(&inner, &format!("{path}/"), depth + 1),
                Err(error) => self.unreadable(&path, &error),
            }
        } else if is_note_name(name) {
            if metadata.is_file() {
                self.file(path, metadata.len());
            } else {
                self.diagnostics.push(whole_file(
                    &path,
                    Severity::Warning,
                    "not-a-file",
                    "this is a pipe, socket or device and is not read".to_owned(),
                    "take it out of the folder",
                ));
            }
        }
    }

    fn file(&mut self, path: String, bytes: u64) {
        if bytes > self.limits.file {
            self.diagnostics.push(too_large(&path, bytes, self.limits));
        } else {
            self.files.insert(path, bytes);
        }
    }

    fn unreadable(&mut self, path: &str, error: &io::Error) {
        self.diagnostics
            .push(unreadable(path.trim_end_matches('/'), error));
    }

    /// Links are looked at last, when it is known what is loaded anyway.
    fn follow_links(&mut self, root: &Dir) {
        let mut seen = BTreeSet::new();
        for link in std::mem::take(&mut self.links) {
            let target = root
                .metadata(&link)
                .and_then(|metadata| root.canonicalize(&link).map(|target| (metadata, target)));
            let (metadata, target) = match target {
                Ok(found) => found,
                Err(error) => {
                    let message = if error.kind() == io::ErrorKind::NotFound {
                        "the link leads to nothing"
                    } else {
                        "the link leads out of the folder and is not followed"
                    };
                    self.diagnostics.push(whole_file(
                        &link,
                        Severity::Error,
                        "link-outside",
                        message.to_owned(),
                        "put the file itself here, or link with a relative path inside the folder",
                    ));
                    continue;
                }
            };
            let parts: Vec<String> = target
                .components()
                .map(|part| part.as_os_str().to_string_lossy().into_owned())
                .collect();
            let target = parts.join("/");
            if metadata.is_file() && is_note_name(&link) {
                if !self.files.contains_key(&target) && seen.insert(target) {
                    self.file(link, metadata.len());
                }
            } else if metadata.is_dir() && parts.iter().any(|part| part.starts_with('.')) {
                self.diagnostics.push(whole_file(
                    &link,
                    Severity::Warning,
                    "linked-folder",
                    "linked folders are not entered".to_owned(),
                    "move the folder here, or link its files",
                ));
            }
        }
    }
}

/// The paths of the files, in order, up to the limit for all together.
fn within_total(
    files: BTreeMap<String, u64>,
    limits: &Limits,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<File> {
    let mut total = 0_u64;
    let mut kept = Vec::with_capacity(files.len());
    let mut left_out: Option<(String, usize)> = None;
    for (path, bytes) in files {
        total = total.saturating_add(bytes);
        if total <= limits.total {
            kept.push((path, bytes));
        } else {
            left_out.get_or_insert((path, 0)).1 += 1;
        }
    }
    if let Some((path, count)) = left_out {
        diagnostics.push(whole_file(
            &path,
            Severity::Error,
            "too-many",
            format!(
                "the notes have more than {} bytes; {count} from this one on are left out",
                limits.total
            ),
            "take out what need not be found, or split the folder",
        ));
    }
    kept
}

fn is_note_name(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| {
        ["md", "markdown", "txt"]
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    })
}

/// The system refuses to hand the file or folder out.
pub(super) fn unreadable(path: &str, error: &io::Error) -> Diagnostic {
    let message = format!("cannot be read: {error}");
    whole_file(
        path,
        Severity::Error,
        "unreadable",
        message,
        "check its permissions",
    )
}

/// The file is larger than a note may be.
pub(super) fn too_large(path: &str, bytes: u64, limits: &Limits) -> Diagnostic {
    let message = format!(
        "{bytes} bytes are more than the {} that a note may have",
        limits.file
    );
    whole_file(
        path,
        Severity::Error,
        "too-large",
        message,
        "split it into several notes",
    )
}

/// A finding about a whole file.
fn whole_file(
    path: &str,
    severity: Severity,
    rule: &'static str,
    message: String,
    remedy: &str,
) -> Diagnostic {
    Diagnostic {
        path: path.to_owned(),
        line: 0,
        column: 0,
        severity,
        rule,
        message,
        remedy: remedy.to_owned(),
    }
}
