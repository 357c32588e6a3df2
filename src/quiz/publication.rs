//! Getting a round's message into its channel exactly once, as a protocol.
