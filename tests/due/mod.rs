//! Rounds that are due, for runs on a town of the Discord double.

use footnote::id::{ChannelId, GuildId, UserId};
use footnote::quiz::schedule::{Days, Feedback, Planned, Schedule};
use footnote::store::Store;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use crate::double::setup::ADMIN;
use crate::double::town;

/// Gives guilds of the town a schedule each, with a round due at a time. On
/// `SQLite` no bot may be running.
pub(crate) async fn schedule(url: &str, guilds: impl Iterator<Item = u64>, due: Timestamp) {
    let store = Store::open(url).await.unwrap();
    let now = store.clock(Timestamp::now()).await.unwrap();
    let local = TimeZone::UTC.to_datetime(due);
    let planned = [Planned {
        date: local.date(),
        due,
        paused: false,
    }];
    // No other round comes up while the run lasts.
    let through = local.date().saturating_add(1.day());
    let again = now + SignedDuration::from_hours(24);
    for at in guilds {
        let schedule = Schedule {
            guild: GuildId(town::guild(at)),
            channel: ChannelId(town::channel(at)),
            time: Time::new(local.hour(), local.minute(), 0, 0).unwrap(),
            zone: "UTC".to_owned(),
            days: Days::ALL,
            reveal_after: 600,
            feedback: Feedback::AtReveal,
            pauses: Vec::new(),
            set_by: Some(UserId(ADMIN)),
        };
        store
            .save_schedule(&schedule, &planned, through, again, now)
            .await
            .unwrap();
    }
    store.close().await;
}
