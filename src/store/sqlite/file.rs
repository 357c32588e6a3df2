//! The file of a database: where it is, that only we may read it, and that no
//! other process uses it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::store::StoreError;

/// Where a `SQLite` database is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Nowhere; it ends with the process.
    Memory,
    /// In a file.
    File(PathBuf),
}

impl Place {
    /// Reads `sqlite:PATH`, `sqlite://PATH` or `sqlite::memory:`. The path is
    /// taken as it is written; parameters (`?…`) are refused, since they could
    /// switch off what the store relies on.
    pub(super) fn of_url(url: &str) -> Result<Self, StoreError> {
        let rest = url.strip_prefix("sqlite:").ok_or(StoreError::Url)?;
        let path = rest.strip_prefix("//").unwrap_or(rest);
        match path {
            ":memory:" => Ok(Place::Memory),
            "" => Err(StoreError::Url),
            _ if path.contains(['?', '\0']) || path.starts_with(':') => Err(StoreError::Url),
            _ => Ok(Place::File(PathBuf::from(path))),
        }
    }
}

/// The file of a database as it is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It is not there, and can be made.
    Absent,
    /// Another process claims it.
    InUse,
    /// It can be claimed and written.
    Free,
}

/// Looks for the file without making or claiming it.
pub(super) fn find(path: &Path) -> Result<Found, StoreError> {
    let folder = folder_of(path)?;
    let not_writable = |source| StoreError::NotWritable {
        path: path.to_owned(),
        source,
    };
    // Further files are made beside it.
    rustix::fs::access(folder, rustix::fs::Access::WRITE_OK)
        .map_err(|error| not_writable(error.into()))?;
    if !path.exists() {
        return Ok(Found::Absent);
    }
    OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .map_err(not_writable)?;
    let path = path.canonicalize().map_err(not_writable)?;
    match File::open(lock_of(&path)).map(|lock| lock.try_lock_shared()) {
        Ok(Err(TryLockError::WouldBlock)) => Ok(Found::InUse),
        // Nobody has ever claimed it, or nobody does now.
        _ => Ok(Found::Free),
    }
}

/// Creates the file where it is missing, readable by its owner only, and keeps
/// other processes out for as long as the returned lock file is open. The path
/// is the real one, so that two links to a file are one database.
pub(super) fn claim(path: &Path) -> Result<(PathBuf, File), StoreError> {
    folder_of(path)?;
    let not_writable = |source| StoreError::NotWritable {
        path: path.to_owned(),
        source,
    };
    drop(open(path).map_err(not_writable)?);
    let path = path.canonicalize().map_err(not_writable)?;
    let lock = open(&lock_of(&path)).map_err(not_writable)?;
    match lock.try_lock() {
        Ok(()) => Ok((path, lock)),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse(path)),
        Err(TryLockError::Error(source)) => Err(not_writable(source)),
    }
}

/// Bytes that are free where the file at a URL is or will be.
pub(in crate::store) fn room(url: &str) -> Option<u64> {
    let Ok(Place::File(path)) = Place::of_url(url) else {
        return None;
    };
    let disk = rustix::fs::statvfs(folder_of(&path).ok()?).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// The folder that the file is in, which has to be there.
fn folder_of(path: &Path) -> Result<&Path, StoreError> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    if folder.is_dir() {
        Ok(folder)
    } else {
        Err(StoreError::FolderMissing(folder.to_owned()))
    }
}

/// The file beside it whose lock claims it; one on the database itself would be
/// in the way of `SQLite`'s own.
fn lock_of(path: &Path) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".lock");
    beside.into()
}

/// Opens a file for writing; a new one belongs to its owner alone. Files that
/// `SQLite` puts beside the database take over its mode.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_name_a_file_or_memory() {
        let cases = [
            ("sqlite:footnote.db", "footnote.db"),
            ("sqlite://data/footnote.db", "data/footnote.db"),
            ("sqlite:/var/lib/footnote.db", "/var/lib/footnote.db"),
            ("sqlite:///var/lib/a b%20c.db", "/var/lib/a b%20c.db"),
        ];
        for (url, path) in cases {
            assert_eq!(
                Place::of_url(url).unwrap(),
                Place::File(path.into()),
                "{url}"
            );
        }
        for url in ["sqlite::memory:", "sqlite://:memory:"] {
            assert_eq!(Place::of_url(url).unwrap(), Place::Memory);
        }
    }

    #[test]
    fn other_urls_are_refused_without_repeating_them() {
        for url in [
            "",
            "footnote.db",
            "sqlite",
            "sqlite:",
            "sqlite://",
            "sqlite:a.db?mode=ro",
            "sqlite::shared:",
            "mysql://user:hunter2@host/db",
        ] {
            let error = Place::of_url(url).unwrap_err().to_string();
            assert!(error.contains("sqlite:PATH"), "{error}");
            assert!(!error.contains("hunter2"));
        }
    }
}
