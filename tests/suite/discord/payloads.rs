//! Any note, any question: what is sent keeps to Discord's limits, pings nobody and cites.
