//! The Discord bot. Only this folder names serenity or poise.
//!
//! `rest` is the one way to Discord's REST interface, `gateway` keeps the
//! connection that events arrive on, and `guard` holds the limits that keep
//! the latter from doing harm when the network or Discord misbehaves.

pub mod rest;
pub mod guard;
pub mod gateway;
mod components;
mod markup;
mod reply;
