//! Streaks, derived from attempts.
