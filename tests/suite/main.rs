//! The integration tests, in one crate: each module is a subject.
//! `tests/suite/README.md` says which test belongs where.

#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    reason = "a test that panics has failed, as it should"
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
mod telemetry;
mod tidy;
