//! The daily quiz: its calendar, its promises under faults, what people see.

#[cfg(all(feature = "discord", feature = "postgres"))]
mod answering;
mod calendar;
mod dice;
#[cfg(all(feature = "discord", feature = "postgres"))]
mod killing;
#[cfg(all(feature = "discord", feature = "postgres"))]
mod many;
#[cfg(all(feature = "discord", feature = "postgres"))]
mod posting;
#[cfg(all(feature = "discord", feature = "postgres"))]
mod running;
mod simulation;
#[cfg(all(feature = "discord", feature = "postgres"))]
mod trial;
#[cfg(all(feature = "discord", feature = "postgres"))]
mod two;
