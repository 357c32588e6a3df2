//! The Discord bot. Only this folder names serenity or poise.

mod components;
mod markup;
mod reply;
