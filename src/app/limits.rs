//! How often people may ask. The buckets refill evenly (GCRA), so that whoever
//! waited a little may ask again.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::config;
use crate::id::{GuildId, UserId};
use crate::telemetry::metrics::LIMITED;

/// The limits of the configuration are for this long.
const WINDOW: Duration = Duration::from_secs(30);
/// Clicking through pages is cheaper for everybody than asking.
const CLICKS_PER_ASK: u32 = 4;

type Keyed =
    RateLimiter<u64, HashMapStateStore<u64>, MonotonicClock, NoOpMiddleware<std::time::Instant>>;

/// Answers to rounds in [`WINDOW`]: a person has one to give, and may press
/// again as often as a hand does.
const ATTEMPTS: NonZeroU32 = NonZeroU32::new(30).expect("not zero");

/// Who may ask how often.
#[derive(Debug)]
pub struct Limits {
    users: Keyed,
    guilds: Keyed,
    clicks: Keyed,
    attempts: Keyed,
    told: Keyed,
    clock: MonotonicClock,
}

/// Too much at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// When to come back.
    pub wait: Duration,
    /// The first refusal in a while, which is worth a message; the next ones
    /// would only add to the noise.
    pub first: bool,
}

impl Limits {
    pub(super) fn new(limits: &config::Limits) -> Self {
        let keyed =
            |quota: Quota| RateLimiter::new(quota, HashMapStateStore::default(), MonotonicClock);
        let clicks = limits
            .asks_per_user
            .saturating_mul(NonZeroU32::new(CLICKS_PER_ASK).unwrap_or(NonZeroU32::MIN));
        Self {
            users: keyed(quota(limits.asks_per_user)),
            guilds: keyed(quota(limits.asks_per_guild)),
            clicks: keyed(quota(clicks)),
            attempts: keyed(quota(ATTEMPTS)),
            told: keyed(quota(NonZeroU32::MIN)),
            clock: MonotonicClock,
        }
    }

    /// Counts a question.
    ///
    /// # Errors
    /// This person, or this server, asked too much.
    pub fn ask(&self, user: UserId, guild: Option<GuildId>) -> Result<(), Refused> {
        self.check("asks_per_user", &self.users, user.0, user)?;
        guild.map_or(Ok(()), |guild| {
            self.check("asks_per_guild", &self.guilds, guild.0, user)
        })
    }

    /// Counts a click.
    ///
    /// # Errors
    /// This person clicked too much.
    pub fn click(&self, user: UserId) -> Result<(), Refused> {
        self.check("clicks", &self.clicks, user.0, user)
    }

    /// Counts an answer to a round.
    ///
    /// # Errors
    /// This person answered too much.
    pub fn attempt(&self, user: UserId) -> Result<(), Refused> {
        self.check("attempts", &self.attempts, user.0, user)
    }

    /// Forgets who has not asked for a while.
    pub fn forget_idle(&self) {
        for keyed in [
            &self.users,
            &self.guilds,
            &self.clicks,
            &self.attempts,
            &self.told,
        ] {
            keyed.retain_recent();
            keyed.shrink_to_fit();
        }
    }

    fn check(
        &self,
        what: &'static str,
        keyed: &Keyed,
        key: u64,
        user: UserId,
    ) -> Result<(), Refused> {
        keyed.check_key(&key).map_err(|until| {
            LIMITED.count(&[what]);
            Refused {
                wait: until.wait_time_from(self.clock.now()),
                first: self.told.check_key(&user.0).is_ok(),
            }
        })
    }
}

/// `count` in [`WINDOW`], all at once if need be.
fn quota(count: NonZeroU32) -> Quota {
    Quota::with_period(WINDOW / count.get())
        .unwrap_or(Quota::per_second(count))
        .allow_burst(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(user: u32, guild: u32) -> Limits {
        Limits::new(&config::Limits {
            asks_per_user: NonZeroU32::new(user).unwrap(),
            asks_per_guild: NonZeroU32::new(guild).unwrap(),
        })
    }

    #[test]
    fn a_person_is_told_once_when_to_come_back() {
        let limits = limits(2, 100);
        let ask = || limits.ask(UserId(1), Some(GuildId(9)));
        assert_eq!((ask(), ask()), (Ok(()), Ok(())));
        let refused = ask().unwrap_err();
        assert!(refused.first && refused.wait <= WINDOW / 2, "{refused:?}");
        assert!(!ask().unwrap_err().first);
        assert_eq!(limits.ask(UserId(2), Some(GuildId(9))), Ok(()));
    }

    #[test]
    fn a_server_has_its_own_limit_and_direct_messages_have_none() {
        let limits = limits(100, 2);
        for user in 1..=2 {
            assert_eq!(limits.ask(UserId(user), Some(GuildId(9))), Ok(()));
        }
        assert!(limits.ask(UserId(3), Some(GuildId(9))).is_err());
        assert_eq!(limits.ask(UserId(3), Some(GuildId(8))), Ok(()));
        assert_eq!(limits.ask(UserId(3), None), Ok(()));
    }
}
