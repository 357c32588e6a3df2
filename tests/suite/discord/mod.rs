//! The bot end to end: the real program against the Discord double.

mod asking;
mod clicks;
mod doctor;
mod faults;
mod gateway;
pub(crate) mod listening;
mod matrix;
mod notes;
mod payloads;
mod people;
pub(crate) mod process;
mod quiz;
mod quiz_admin;
mod registering;
mod secrets;
mod starting;
mod suggesting;
