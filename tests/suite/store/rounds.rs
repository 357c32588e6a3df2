//! A round's way through its states: what each step relies on, and who may take it.

use std::time::Duration;

use footnote::id::{ChannelId, GuildId, MessageId};
use footnote::quiz::round::{Attempt, RoundId, State};
use footnote::quiz::schedule::Schedule;
use footnote::store::{Attempted, Store};
use jiff::Timestamp;
use jiff::civil::date;

use super::{
    ANNA, BEN, CHANNEL, Database, GUILD, LEASE, MESSAGE, NOW, ROUND, TODAY, claim, due,
    on_each_database, question, schedule, seconds, with_a_round, with_an_open_round,
};

on_each_database! {
    a_due_round_is_claimed_once,
    a_claim_that_has_ended_is_taken_over,
    a_claim_is_given_back,
    a_click_proves_that_the_message_is_there,
    rounds_end_without_a_message_only_where_they_may,
    an_admin_posts_now,
    first_answers_are_kept,
    a_forged_click_stores_nothing,
    a_round_closes_once_and_is_revealed_once,
    rounds_are_listed_in_their_order,
    rounds_that_are_over_are_pruned;
    answers_survive_a_restart,
}

async fn a_due_round_is_claimed_once(database: &Database) {
    let (store, now) = with_a_round(database).await;
    let later = RoundId {
        date: date(2026, 11, 22),
        ..ROUND
    };
    let planned = [due(later.date, now + seconds(3_600))];
    store.plan(GUILD, 1, &planned, TODAY, now).await.unwrap();
    let to_post = store.rounds_to_post(now, 10).await.unwrap();
    assert_eq!(to_post.len(), 1);
    assert_eq!((to_post[0].id, to_post[0].claims), (ROUND, 0));
    assert_eq!(claim(&store, &later, now, LEASE, now).await, None);

    let close_at = now + seconds(28_800);
    let round = claim(&store, &ROUND, now, LEASE, close_at).await.unwrap();
    assert_eq!((round.state, round.claims), (State::Posting, 1));
    assert_eq!(round.question, Some(question("services/sqs.md#a")));
    assert_eq!(round.close_at, Some(close_at));
    assert!(round.first_try.unwrap() >= now);
    assert_eq!(claim(&store, &ROUND, now, LEASE, close_at).await, None);
    assert_eq!(store.rounds_to_post(now, 10).await.unwrap(), []);

    // Another owner or number is not this claim.
    let posted = async |owner, claims| {
        let posted = store.record_posted(&ROUND, owner, claims, MESSAGE, now);
        posted.await.unwrap()
    };
    assert!(!posted("me", 2).await);
    assert!(!posted("you", 1).await);
    assert!(posted("me", 1).await);
    assert!(!posted("me", 1).await);
    let round = store.round(&ROUND).await.unwrap().unwrap();
    assert_eq!((round.state, round.message), (State::Posted, Some(MESSAGE)));
    assert!(round.posted_at.unwrap() >= now);
}

async fn a_claim_that_has_ended_is_taken_over(database: &Database) {
    let (store, now) = with_a_round(database).await;
    let close_at = now + seconds(28_800);
    let first = claim(&store, &ROUND, now, Duration::ZERO, close_at)
        .await
        .unwrap();
    assert_eq!(store.rounds_to_post(now, 10).await.unwrap().len(), 1);
    let other = question("services/s3.md#other");
    let second = store
        .claim_round(&ROUND, "you", now, LEASE, &other, close_at + seconds(60))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(second.claims, 2);
    // What the first claim decided stays: its message may be there.
    assert_eq!(second.question, first.question);
    assert_eq!(second.close_at, first.close_at);
    assert_eq!(second.first_try, first.first_try);

    let posted = store.record_posted(&ROUND, "me", 1, MESSAGE, now).await;
    assert!(!posted.unwrap());
    let back = store.give_back(&ROUND, "me", 1, State::Scheduled, now, "no route", false);
    assert!(!back.await.unwrap());
    let posted = store.record_posted(&ROUND, "you", 2, MESSAGE, now).await;
    assert!(posted.unwrap());
}

async fn a_claim_is_given_back(database: &Database) {
    let (store, now) = with_a_round(database).await;
    for (claims, to) in [(1, State::Posting), (2, State::Held), (3, State::Scheduled)] {
        let close_at = now + seconds(28_800);
        let round = claim(&store, &ROUND, now, LEASE, close_at).await.unwrap();
        assert_eq!(round.claims, claims);
        let back = store.give_back(&ROUND, "me", claims, to, now, "no answer", false);
        assert!(back.await.unwrap());
        let round = store.round(&ROUND).await.unwrap().unwrap();
        assert_eq!((round.state, round.claims), (to, claims));
        assert_eq!(round.reason.as_deref(), Some("no answer"));
        assert!(round.question.is_some());
        // Scheduled means that nothing has been tried.
        let tried = to != State::Scheduled;
        assert_eq!(round.first_try.is_some(), tried);
        assert_eq!(round.close_at.is_some(), tried);
        let posted = store.record_posted(&ROUND, "me", claims, MESSAGE, now);
        assert!(!posted.await.unwrap());
    }
    claim(&store, &ROUND, now, LEASE, now).await.unwrap();
    let later = now + seconds(3_600);
    let back = store.give_back(&ROUND, "me", 4, State::Scheduled, later, "429", false);
    assert!(back.await.unwrap());
    assert_eq!(store.rounds_to_post(now, 10).await.unwrap(), []);
}

async fn a_click_proves_that_the_message_is_there(database: &Database) {
    let (store, now) = with_a_round(database).await;
    let adopt = async |channel| {
        let adopted = store.adopt(&ROUND, MESSAGE, channel, now);
        adopted.await.unwrap()
    };
    assert!(!adopt(CHANNEL).await);
    claim(&store, &ROUND, now, LEASE, now + seconds(28_800))
        .await
        .unwrap();
    assert!(!adopt(ChannelId(71)).await);
    assert!(adopt(CHANNEL).await);
    assert!(!adopt(CHANNEL).await);
    let round = store.round(&ROUND).await.unwrap().unwrap();
    assert_eq!((round.state, round.message), (State::Posted, Some(MESSAGE)));
    // Its sender has nothing left to record.
    let posted = store.record_posted(&ROUND, "me", 1, MessageId(5), now);
    assert!(!posted.await.unwrap());
}

/// Brings a round of its own into a state, its claim ended where there is one.
async fn round_in(store: &Store, guild: u64, state: State, now: Timestamp) -> RoundId {
    let id = RoundId {
        guild: GuildId(guild),
        date: TODAY,
    };
    let planned = [due(TODAY, now)];
    store
        .save_schedule(&schedule(id.guild), &planned, TODAY, now, now)
        .await
        .unwrap();
    match state {
        State::Scheduled => {}
        State::Missed | State::Failed | State::Skipped => {
            assert!(store.finish_round(&id, state, "", now, None).await.unwrap());
        }
        _ => {
            claim(store, &id, now, Duration::ZERO, now).await.unwrap();
        }
    }
    match state {
        State::Held => {
            let held = store.give_back(&id, "me", 1, State::Held, now, "", false);
            assert!(held.await.unwrap());
        }
        State::Posted | State::Closed | State::Revealed => {
            let posted = store.record_posted(&id, "me", 1, MESSAGE, now);
            assert!(posted.await.unwrap());
        }
        _ => {}
    }
    if matches!(state, State::Closed | State::Revealed) {
        let closed = store.close_round(&id, "me", now, Duration::ZERO).await;
        assert_eq!(closed.unwrap().unwrap().claims, 2);
    }
    if state == State::Revealed {
        let revealed = store.record_revealed(&id, "me", 2, None).await;
        assert!(revealed.unwrap());
    }
    id
}

async fn rounds_end_without_a_message_only_where_they_may(database: &Database) {
    let store = database.store().await;
    let now = store.clock(NOW).await.unwrap();
    let mut guild = 100;
    for from in State::ALL {
        for to in [State::Missed, State::Failed, State::Skipped] {
            guild += 1;
            let id = round_in(&store, guild, from, now).await;
            assert_eq!(store.round(&id).await.unwrap().unwrap().state, from);
            let claim = Some(("me", 1));
            let done = store.finish_round(&id, to, "why", now, claim);
            let done = done.await.unwrap();
            assert_eq!(done, from.may_become(to), "{from:?} to {to:?}");
            let is = store.round(&id).await.unwrap().unwrap();
            assert_eq!(is.state, if done { to } else { from });
            assert_eq!(is.reason.as_deref() == Some("why"), done);
        }
    }
    // As long as somebody may be sending, nobody else ends it; and where somebody
    // may have sent, it is not left out.
    let id = round_in(&store, 98, State::Posting, now).await;
    let skipped = store.finish_round(&id, State::Skipped, "", now, None).await;
    assert!(!skipped.unwrap());
    let id = round_in(&store, 99, State::Scheduled, now).await;
    claim(&store, &id, now, LEASE, now).await.unwrap();
    let missed = store.finish_round(&id, State::Missed, "", now, None).await;
    assert!(!missed.unwrap());
}

async fn an_admin_posts_now(database: &Database) {
    let store = database.store().await;
    let now = store.clock(NOW).await.unwrap();
    let put = async |id: &RoundId| {
        let planned = due(id.date, now);
        store.put_round(id.guild, &planned, now).await.unwrap()
    };
    assert!(!put(&ROUND).await, "there is no schedule");
    for (guild, state) in (100..).zip(State::ALL) {
        let id = round_in(&store, guild, state, now).await;
        let unsent = matches!(
            state,
            State::Scheduled | State::Missed | State::Failed | State::Skipped
        );
        assert_eq!(put(&id).await, unsent, "{state:?}");
        let is = store.round(&id).await.unwrap().unwrap();
        assert_eq!(is.state, if unsent { State::Scheduled } else { state });
        let other_day = RoundId {
            date: date(2026, 11, 22),
            ..id
        };
        assert!(put(&other_day).await);
        let new = store.round(&other_day).await.unwrap().unwrap();
        assert_eq!((new.state, new.channel), (State::Scheduled, CHANNEL));
    }

    // A message may be in the channel of then: that is where to look for it.
    let id = round_in(&store, 90, State::Held, now).await;
    let missed = store.finish_round(&id, State::Missed, "", now, None).await;
    assert!(missed.unwrap());
    let before = store.round(&id).await.unwrap().unwrap();
    let moved = Schedule {
        channel: ChannelId(71),
        ..schedule(id.guild)
    };
    store
        .save_schedule(&moved, &[], TODAY, now, now)
        .await
        .unwrap();
    assert!(put(&id).await);
    let again = store.round(&id).await.unwrap().unwrap();
    assert_eq!(again.channel, before.channel);
    assert_eq!(again.first_try, before.first_try);
    assert_eq!(again.question, before.question);
    assert_eq!(again.close_at, None);
}

async fn first_answers_are_kept(database: &Database) {
    let (store, now) = with_an_open_round(database, 28_800).await;
    let answer = async |user, choice| {
        let answered = store.attempt(&ROUND, user, choice, MESSAGE, CHANNEL, now);
        answered.await.unwrap()
    };
    let Attempted::Stored(first) = answer(ANNA, 2).await else {
        panic!("not stored");
    };
    assert_eq!((first.user, first.choice), (ANNA, 2));
    assert!(first.at >= now);
    assert_eq!(answer(ANNA, 1).await, Attempted::Kept(first));
    assert_eq!(answer(ANNA, 2).await, Attempted::Kept(first));
    let Attempted::Stored(second) = answer(BEN, 1).await else {
        panic!("not stored");
    };
    let played = store.played(&ROUND).await.unwrap().unwrap();
    assert_eq!(played.attempts, [first, second]);
    assert!(!played.is_right(&first) && played.is_right(&second));
    let of_anna = store.attempts_of(ANNA).await.unwrap();
    assert_eq!(of_anna, [(played.round.clone(), first)]);
    let all = store.played_since(None, TODAY).await.unwrap();
    assert_eq!(all, [played]);
}

async fn a_forged_click_stores_nothing(database: &Database) {
    let (store, now) = with_an_open_round(database, 28_800).await;
    let other_day = RoundId {
        date: date(2026, 11, 22),
        ..ROUND
    };
    let other_guild = RoundId {
        guild: GuildId(8),
        ..ROUND
    };
    let clicks = [
        (ROUND, 4, MESSAGE, CHANNEL),
        (ROUND, usize::MAX, MESSAGE, CHANNEL),
        (ROUND, 0, MessageId(902), CHANNEL),
        (ROUND, 0, MESSAGE, ChannelId(71)),
        (other_day, 0, MESSAGE, CHANNEL),
        (other_guild, 0, MESSAGE, CHANNEL),
    ];
    for (id, choice, message, channel) in clicks {
        let answered = store.attempt(&id, ANNA, choice, message, channel, now);
        assert_eq!(answered.await.unwrap(), Attempted::Unknown);
    }
    assert_eq!(store.attempts_of(ANNA).await.unwrap(), []);
}

async fn a_round_closes_once_and_is_revealed_once(database: &Database) {
    let (store, now) = with_an_open_round(database, 0).await;
    // A new name, since a server's clock goes on.
    let answer = async |user| {
        let answered = store.attempt(&ROUND, user, 0, MESSAGE, CHANNEL, now);
        answered.await.unwrap()
    };
    assert_eq!(answer(ANNA).await, Attempted::Closed);
    assert_eq!(store.rounds_to_close(now, 10).await.unwrap().len(), 1);
    let close = async |owner, lease| store.close_round(&ROUND, owner, now, lease).await.unwrap();
    let closed = close("me", Duration::ZERO).await.unwrap();
    assert_eq!((closed.state, closed.claims), (State::Closed, 2));
    assert_eq!(closed.message, Some(MESSAGE));
    assert_eq!(answer(ANNA).await, Attempted::Closed);
    // The one who closed it has stopped; another takes over.
    assert_eq!(store.rounds_to_close(now, 10).await.unwrap().len(), 1);
    assert_eq!(close("you", LEASE).await.unwrap().claims, 3);
    assert_eq!(close("me", LEASE).await, None);
    let revealed = async |owner, claims| {
        let revealed = store.record_revealed(&ROUND, owner, claims, None);
        revealed.await.unwrap()
    };
    assert!(!revealed("me", 2).await);
    let later = store.retry_reveal(&ROUND, "me", 2, now, "500").await;
    assert!(!later.unwrap());
    let later = store.retry_reveal(&ROUND, "you", 3, now, "500").await;
    assert!(later.unwrap());
    assert!(!revealed("you", 3).await);
    let round = close("me", LEASE).await.unwrap();
    assert_eq!((round.claims, round.reason.as_deref()), (4, Some("500")));
    assert!(revealed("me", 4).await);
    assert!(!revealed("me", 4).await);
    assert_eq!(store.rounds_to_close(now, 10).await.unwrap(), []);
    assert_eq!(close("me", LEASE).await, None);
    let round = store.round(&ROUND).await.unwrap().unwrap();
    assert_eq!((round.state, round.reason), (State::Revealed, None));
    assert_eq!(answer(ANNA).await, Attempted::Closed);
    assert_eq!(store.attempts_of(ANNA).await.unwrap(), []);
}

async fn rounds_are_listed_in_their_order(database: &Database) {
    let store = database.store().await;
    let now = store.clock(NOW).await.unwrap();
    // Later rounds of the first guild are due earlier than those of the second.
    for (guild, ago) in [(1, 30), (2, 60), (3, 90)] {
        let days =
            [21, 20].map(|day| due(date(2026, 11, day), now - seconds(ago + i64::from(day))));
        store
            .save_schedule(&schedule(GuildId(guild)), &days, TODAY, now, now)
            .await
            .unwrap();
    }
    let due_first = store.rounds_to_post(now, 4).await.unwrap();
    let order: Vec<_> = due_first
        .iter()
        .map(|round| (round.id.guild.0, round.id.date.day()))
        .collect();
    assert_eq!(order, [(3, 21), (3, 20), (2, 21), (2, 20)]);

    for round in store.rounds_to_post(now, 10).await.unwrap() {
        claim(&store, &round.id, now, LEASE, now).await.unwrap();
        // One was never posted.
        if round.id.guild.0 != 3 || round.id.date.day() != 20 {
            store
                .record_posted(&round.id, "me", 1, MESSAGE, now)
                .await
                .unwrap();
        }
    }
    let played = async |guild: Option<u64>, day| {
        let since = date(2026, 11, day);
        let played = store.played_since(guild.map(GuildId), since).await.unwrap();
        let order = played
            .iter()
            .map(|played| (played.round.id.date.day(), played.round.id.guild.0));
        order.collect::<Vec<_>>()
    };
    assert_eq!(
        played(None, 1).await,
        [(20, 1), (20, 2), (21, 1), (21, 2), (21, 3)]
    );
    assert_eq!(played(Some(2), 1).await, [(20, 2), (21, 2)]);
    assert_eq!(played(Some(2), 21).await, [(21, 2)]);
    assert_eq!(played(Some(9), 1).await, []);
}

async fn rounds_that_are_over_are_pruned(database: &Database) {
    let store = database.store().await;
    let now = store.clock(NOW).await.unwrap();
    for (guild, state) in (1..).zip(State::ALL) {
        let id = round_in(&store, guild, state, now).await;
        store.flag(&id, BEN, "a", "b", now).await.unwrap();
    }
    assert_eq!(store.prune_quiz(TODAY).await.unwrap(), 0);
    let over = State::ALL.iter().filter(|state| state.is_final()).count();
    let next_year = date(2100, 1, 1);
    assert_eq!(
        store.prune_quiz(next_year).await.unwrap(),
        u64::try_from(over).unwrap()
    );
    for (guild, state) in (1..).zip(State::ALL) {
        let id = RoundId {
            guild: GuildId(guild),
            ..ROUND
        };
        let is = store.round(&id).await.unwrap();
        assert_eq!(is.is_some(), !state.is_final(), "{state:?}");
        assert_eq!(store.flags(id.guild).await.unwrap(), []);
    }
}

async fn answers_survive_a_restart(database: &Database) {
    let (store, now) = with_an_open_round(database, 28_800).await;
    let answered = store.attempt(&ROUND, ANNA, 3, MESSAGE, CHANNEL, now).await;
    let Attempted::Stored(stored) = answered.unwrap() else {
        panic!("not stored");
    };
    store.close().await;
    let store = database.store().await;
    let played = store.played(&ROUND).await.unwrap().unwrap();
    assert_eq!(played.attempts, [stored] as [Attempt; 1]);
    assert_eq!(played.round.state, State::Posted);
}
