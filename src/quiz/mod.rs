//! The daily quiz as plain rules: which question, when, who answered what.
//!
//! Nothing here asks the clock, draws at random or reads a file; times and
//! seeds are arguments. What follows from attempts (streaks, standings, item
//! statistics, what to practise) is derived anew each time and never stored.

pub mod bank;
pub mod change;
pub mod day;
#[cfg(test)]
mod example;
pub mod gate;
pub mod generate;
pub mod item;
mod naming;
pub mod order;
pub mod practice;
pub mod publication;
pub mod question;
pub mod rotation;
pub mod round;
pub mod schedule;
pub mod standing;
pub mod streak;
pub mod table;
mod written;
pub mod zone;
