//! Notes change while the bot runs; `/notes` for server managers.
