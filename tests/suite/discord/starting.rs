//! Starting and stopping, with good and bad configuration.
