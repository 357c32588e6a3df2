//! The integration tests, in one crate: each module is a subject.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot set itself up has failed"
)]

mod notes;
