//! Spaced repetition with FSRS.
