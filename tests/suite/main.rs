//! The integration tests, in one crate: each module is a subject.
//! `tests/suite/README.md` says which test belongs where.

#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    reason = "a test that panics has failed, as it should"
)]

mod harness;

#[path = "../double/mod.rs"]
#[expect(dead_code, reason = "scenarios use what they need of it")]
mod double;

mod ask;
mod config;
mod discord;
#[cfg(feature = "discord")]
#[path = "double.rs"]
mod double_rules;
#[cfg(feature = "discord")]
mod double_trials;
mod documents;
#[cfg(all(feature = "discord", feature = "postgres"))]
#[path = "../due/mod.rs"]
mod due;
mod eval;
mod knowledge;
mod lint;
mod matrix;
mod notes;
#[cfg(feature = "discord")]
mod operations;
mod plain;
#[cfg(feature = "discord")]
mod playground;
#[cfg(feature = "postgres")]
mod postgres;
mod properties;
mod quality;
mod quiz_bank;
mod quiz;
mod readme;
mod search;
mod store;
mod telemetry;
mod tidy;
