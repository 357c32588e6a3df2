//! The bot end to end: the real program against the Discord double.

mod asking;
mod process;
