//! The token and what people ask appear in no log.
