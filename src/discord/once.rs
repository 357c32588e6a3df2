//! What happens once, although the occasion may come twice.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

/// Occasions remembered. With more, all are forgotten, and something may
/// happen a second time.
const REMEMBERED: usize = 1_000;

/// Occasions that there were, in memory only: after a restart, Discord's own
/// state tells them.
#[derive(Debug)]
pub(super) struct Once<K>(Mutex<HashSet<K>>);

impl<K> Default for Once<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash> Once<K> {
    /// Whether this is the first time.
    pub(super) fn is_new(&self, occasion: K) -> bool {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(occasion)
    }

    /// It did not happen after all.
    pub(super) fn forget(&self, occasion: &K) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.remove(occasion);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_time_is_not_new_and_memory_is_bounded() {
        let once = Once::default();
        assert!(once.is_new(0));
        assert!(!once.is_new(0));
        once.forget(&0);
        assert!(once.is_new(0));
        for occasion in 1..10 * REMEMBERED {
            assert!(once.is_new(occasion));
        }
        assert!(once.0.lock().unwrap().len() <= REMEMBERED);
    }
}
