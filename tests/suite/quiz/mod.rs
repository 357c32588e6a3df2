//! The daily quiz: its calendar, its promises under faults, what people see.

#[cfg(all(feature = "discord", feature = "postgres"))]
mod answering;
mod calendar;
mod dice;
#[cfg(all(feature = "discord", feature = "postgres"))]
mod database;
#[cfg(all(feature = "discord", feature = "postgres"))]
mod killing;
#[cfg(all(feature = "discord", feature = "postgres"))]
mod many;
#[cfg(all(feature = "discord", feature = "postgres"))]
mod posting;
#[cfg(all(feature = "discord", feature = "postgres"))]
mod power;
#[cfg(all(feature = "discord", feature = "postgres"))]
mod recovery;
#[cfg(all(feature = "discord", feature = "postgres"))]
mod running;
#[cfg(all(feature = "discord", feature = "postgres"))]
mod shards;
mod simulation;
#[cfg(all(feature = "discord", feature = "postgres"))]
mod trial;
#[cfg(all(feature = "discord", feature = "postgres"))]
mod two;
