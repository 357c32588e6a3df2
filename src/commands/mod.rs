//! What each command does and says, whatever the platform: typed arguments, one
//! call of [`crate::app`], one reply. A platform finds out who may do it, reads
//! arguments and shows the reply.

mod help;
pub mod notes;
pub mod privacy;
pub mod quiz_admin;
pub mod requests;

pub use help::help;
