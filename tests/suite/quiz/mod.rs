//! The daily quiz: its calendar, its promises under faults, what people see.

mod dice;
mod simulation;
