//! The integration tests, in one crate: each module is a subject.
//! `tests/suite/README.md` says which test belongs where.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot set itself up has failed"
)]

mod harness;

mod ask;
mod config;
mod eval;
mod knowledge;
mod lint;
mod notes;
mod plain;
mod properties;
mod quality;
mod readme;
mod search;
mod tidy;
