//! The daily quiz: its calendar, its promises under faults, what people see.

mod dice;
mod killing;
mod simulation;
mod trial;
