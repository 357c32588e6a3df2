//! Discord's REST interface misbehaves: limits, failures, lost and slow replies.
