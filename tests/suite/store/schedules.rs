//! Schedules, and the rounds that they lead to.

use footnote::id::{ChannelId, GuildId};
use footnote::quiz::round::{RoundId, State};
use footnote::quiz::schedule::{Days, Feedback, Pause, Planned, Schedule};
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};

use super::{
    CHANNEL, Database, GUILD, LEASE, NOW, ROUND, TODAY, claim, due, on_each_database, schedule,
    seconds, with_a_round,
};

on_each_database! {
    the_clock_is_the_same_for_all,
    a_schedule_comes_back_as_it_was_saved,
    only_what_is_running_is_planned,
    a_plan_of_an_older_revision_changes_nothing,
    a_day_keeps_its_round,
    saving_plans_anew_what_has_not_begun,
    stopping_keeps_the_schedule_and_what_has_begun,
    somebody_is_woken_for_what_comes_next;
}

async fn the_clock_is_the_same_for_all(database: &Database) {
    let store = database.store().await;
    let time = store.clock(NOW).await.unwrap();
    match database {
        Database::File(_) | Database::Memory => assert_eq!(time, NOW),
        // Whatever a process believes.
        #[cfg(feature = "postgres")]
        Database::Server(_) => {
            let apart = time.duration_since(Timestamp::now()).abs();
            assert!(apart < SignedDuration::from_mins(1), "{apart}");
        }
    }
}

async fn a_schedule_comes_back_as_it_was_saved(database: &Database) {
    let store = database.store().await;
    let now = store.clock(NOW).await.unwrap();
    assert_eq!(store.schedule(GUILD).await.unwrap(), None);
    let first = schedule(GUILD);
    let other = Schedule {
        channel: ChannelId(u64::MAX),
        zone: "Pacific/Apia".to_owned(),
        days: Days::WORKDAYS,
        feedback: Feedback::Immediate,
        pauses: vec![
            Pause {
                from: TODAY,
                until: Some(date(2027, 1, 6)),
            },
            Pause {
                from: date(2027, 8, 1),
                until: None,
            },
        ],
        set_by: None,
        ..first.clone()
    };
    for (schedule, rev) in [(first, 1), (other, 2)] {
        let saved = store.save_schedule(&schedule, &[], TODAY, now, now).await;
        assert_eq!(saved.unwrap(), rev);
        let saved = store.schedule(GUILD).await.unwrap().unwrap();
        assert_eq!(saved.schedule, schedule);
        assert_eq!((saved.rev, saved.planned_through), (rev, Some(TODAY)));
        assert_eq!(saved.stopped, None);
    }
}

async fn only_what_is_running_is_planned(database: &Database) {
    let store = database.store().await;
    let now = store.clock(NOW).await.unwrap();
    for (guild, plan_in) in [(1, -10), (2, -20), (3, 3_600), (4, -30)] {
        let plan_at = now + seconds(plan_in);
        let schedule = schedule(GuildId(guild));
        store
            .save_schedule(&schedule, &[], TODAY, plan_at, now)
            .await
            .unwrap();
    }
    store.stop_schedule(GuildId(4), "gone").await.unwrap();
    let guilds = async |limit| {
        let saved = store.schedules_to_plan(now, limit).await.unwrap();
        let guilds = saved.iter().map(|saved| saved.schedule.guild.0);
        guilds.collect::<Vec<_>>()
    };
    assert_eq!(guilds(10).await, [2, 1]);
    assert_eq!(guilds(1).await, [2]);
    let later = now + seconds(3_600);
    assert!(
        store
            .plan(GuildId(2), 1, &[], date(2026, 11, 22), later)
            .await
            .unwrap()
    );
    assert_eq!(guilds(10).await, [1]);
}

async fn a_plan_of_an_older_revision_changes_nothing(database: &Database) {
    let (store, now) = with_a_round(database).await;
    let tomorrow = date(2026, 11, 22);
    let planned = [due(tomorrow, now)];
    assert!(!store.plan(GUILD, 0, &planned, tomorrow, now).await.unwrap());
    let nobody = GuildId(99);
    assert!(
        !store
            .plan(nobody, 1, &planned, tomorrow, now)
            .await
            .unwrap()
    );
    assert_eq!(store.rounds_since(GUILD, TODAY).await.unwrap().len(), 1);
    assert!(store.plan(GUILD, 1, &planned, tomorrow, now).await.unwrap());
    assert_eq!(store.rounds_since(GUILD, TODAY).await.unwrap().len(), 2);
    let saved = store.schedule(GUILD).await.unwrap().unwrap();
    assert_eq!(saved.planned_through, Some(tomorrow));
}

async fn a_day_keeps_its_round(database: &Database) {
    let (store, now) = with_a_round(database).await;
    let before = store.round(&ROUND).await.unwrap().unwrap();
    assert_eq!(
        (before.state, before.channel, before.claims),
        (State::Scheduled, CHANNEL, 0)
    );
    assert_eq!(
        (before.open_minutes, before.feedback),
        (480, Feedback::AtReveal)
    );
    let planned = [
        due(TODAY, now + seconds(5)),
        Planned {
            paused: true,
            ..due(date(2026, 11, 22), now + seconds(5))
        },
    ];
    assert!(store.plan(GUILD, 1, &planned, TODAY, now).await.unwrap());
    let rounds = store.rounds_since(GUILD, TODAY).await.unwrap();
    assert_eq!(rounds[0], before);
    assert_eq!(rounds[1].state, State::Skipped);
    assert_eq!(rounds[1].reason.as_deref(), Some(footnote::store::PAUSED));
    assert_eq!(rounds.len(), 2);
}

async fn saving_plans_anew_what_has_not_begun(database: &Database) {
    let (store, now) = with_a_round(database).await;
    let on = |day, in_seconds, paused| Planned {
        paused,
        ..due(date(2026, 11, day), now + seconds(in_seconds))
    };
    let planned = [
        on(18, -90_000, true),
        on(22, 3_600, false),
        on(23, 90_000, true),
    ];
    assert!(store.plan(GUILD, 1, &planned, TODAY, now).await.unwrap());
    claim(&store, &ROUND, now, LEASE, now + LEASE)
        .await
        .unwrap();

    let planned = [on(21, 60, false), on(24, 120, false)];
    store
        .save_schedule(&schedule(GUILD), &planned, TODAY, now, now)
        .await
        .unwrap();
    let rounds = store.rounds_since(GUILD, date(2026, 1, 1)).await.unwrap();
    let left: Vec<_> = rounds
        .iter()
        .map(|round| (round.id.date.day(), round.state))
        .collect();
    assert_eq!(
        left,
        [
            // A pause that is over stays on record, what was claimed goes on.
            (18, State::Skipped),
            (21, State::Posting),
            (24, State::Scheduled),
        ]
    );
}

async fn stopping_keeps_the_schedule_and_what_has_begun(database: &Database) {
    let (store, now) = with_a_round(database).await;
    claim(&store, &ROUND, now, LEASE, now + LEASE)
        .await
        .unwrap();
    let planned = [due(date(2026, 11, 22), now)];
    store.plan(GUILD, 1, &planned, TODAY, now).await.unwrap();

    assert!(store.stop_schedule(GUILD, "no channel").await.unwrap());
    assert!(!store.stop_schedule(GUILD, "again").await.unwrap());
    assert!(!store.stop_schedule(GuildId(99), "").await.unwrap());
    let saved = store.schedule(GUILD).await.unwrap().unwrap();
    assert_eq!(saved.stopped.as_deref(), Some("no channel"));
    let rounds = store.rounds_since(GUILD, TODAY).await.unwrap();
    assert_eq!(rounds.len(), 1);
    assert_eq!(rounds[0].state, State::Posting);
    // Nobody plans it until it is saved again.
    assert!(!store.plan(GUILD, 1, &planned, TODAY, now).await.unwrap());
    let schedule = schedule(GUILD);
    store
        .save_schedule(&schedule, &planned, TODAY, now, now)
        .await
        .unwrap();
    let saved = store.schedule(GUILD).await.unwrap().unwrap();
    assert_eq!((saved.stopped, saved.rev), (None, 2));
}

async fn somebody_is_woken_for_what_comes_next(database: &Database) {
    let store = database.store().await;
    let now = store.clock(NOW).await.unwrap();
    assert_eq!(store.next_wake(now).await.unwrap(), None);
    // A server's clock goes on between two questions.
    let wakes_in = async |expected: i64| {
        let now = store.clock(NOW).await.unwrap();
        let wake = store.next_wake(now).await.unwrap().unwrap();
        let off = wake.duration_since(now + seconds(expected)).abs();
        assert!(off < seconds(30), "{off} from {expected}");
    };
    let planned = [due(TODAY, now + seconds(500))];
    store
        .save_schedule(&schedule(GUILD), &planned, TODAY, now + seconds(900), now)
        .await
        .unwrap();
    wakes_in(500).await;
    store
        .plan(GUILD, 1, &[], TODAY, now + seconds(300))
        .await
        .unwrap();
    wakes_in(300).await;
    store.stop_schedule(GUILD, "").await.unwrap();
    assert_eq!(store.next_wake(now).await.unwrap(), None);

    store
        .save_schedule(&schedule(GUILD), &[], TODAY, now + seconds(90_000), now)
        .await
        .unwrap();
    store.put_round(GUILD, &due(TODAY, now), now).await.unwrap();
    wakes_in(0).await;
    let now = store.clock(NOW).await.unwrap();
    let lease = std::time::Duration::from_secs(200);
    claim(&store, &ROUND, now, lease, now + seconds(700))
        .await
        .unwrap();
    wakes_in(200).await;
    store
        .record_posted(&ROUND, "me", 1, super::MESSAGE, now)
        .await
        .unwrap();
    wakes_in(700).await;
    assert_eq!(
        store
            .round(&RoundId {
                guild: GuildId(99),
                ..ROUND
            })
            .await
            .unwrap(),
        None
    );
}
