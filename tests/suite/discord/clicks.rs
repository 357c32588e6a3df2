//! Buttons: pages, sharing, votes, dismissing; after restarts, and forged.
