//! Telling Discord the commands, only when they changed.
