//! The daily quiz: its calendar, its promises under faults, what people see.

mod calendar;
mod dice;
mod simulation;
