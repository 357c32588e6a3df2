//! The playground: the real program, over HTTP and in a real browser.

mod api;
mod browser;
mod driver;
mod starting;
mod town;
