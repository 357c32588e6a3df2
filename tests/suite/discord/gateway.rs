//! The connection misbehaves: drops, storms, refusals, lost sessions.
