//! Time zones by name.
