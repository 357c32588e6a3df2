//! What people and admins say about questions, practice, and what admins are told.

use footnote::id::GuildId;
use footnote::quiz::practice::Review;
use jiff::SignedDuration;
use jiff::civil::date;

use super::{ANNA, BEN, Database, GUILD, NOW, ROUND, on_each_database, schedule, seconds};

on_each_database! {
    a_person_flags_a_question_once,
    a_question_is_set_aside_and_taken_back,
    practice_is_kept_in_its_order,
    admins_are_told_once,
}

async fn a_person_flags_a_question_once(database: &Database) {
    let store = database.store().await;
    let now = store.clock(NOW).await.unwrap();
    let flag = async |user, question, hash| {
        let flag = store.flag(&ROUND, user, question, hash, now);
        flag.await.unwrap()
    };
    assert!(flag(ANNA, "a", "1").await);
    assert!(!flag(ANNA, "a", "1").await);
    assert!(flag(BEN, "a", "1").await);
    // It was changed, and is wrong again.
    assert!(flag(ANNA, "a", "2").await);
    let flags = store.flags(GUILD).await.unwrap();
    assert_eq!(flags.len(), 3);
    assert!(flags[0].at >= now);
    assert_eq!(store.flags(GuildId(8)).await.unwrap(), []);
}

async fn a_question_is_set_aside_and_taken_back(database: &Database) {
    let store = database.store().await;
    let now = store.clock(NOW).await.unwrap();
    let set_aside = async |hash, why| {
        let aside = store.set_aside(GUILD, "a", hash, why, now);
        aside.await.unwrap()
    };
    assert!(set_aside("1", "two flags").await);
    assert!(!set_aside("1", "three flags").await);
    assert!(set_aside("2", "by hand").await);
    let aside = store.aside(GUILD).await.unwrap();
    assert_eq!(aside.len(), 1);
    assert_eq!(
        (aside[0].hash.as_str(), aside[0].why.as_str()),
        ("2", "by hand")
    );
    assert_eq!(store.aside(GuildId(8)).await.unwrap(), []);
    let checked = async |hash| store.checked(GUILD, "a", hash).await.unwrap();
    assert_eq!(checked("2").await, None);
    assert!(store.take_back(GUILD, "a", now).await.unwrap());
    assert!(!store.take_back(GUILD, "a", now).await.unwrap());
    assert_eq!(store.aside(GUILD).await.unwrap(), []);
    assert!(checked("2").await.is_some_and(|at| at >= now));
    assert_eq!(checked("1").await, None);
    // Until somebody says again that it is wrong.
    assert!(set_aside("2", "two flags").await);
    assert_eq!(store.aside(GUILD).await.unwrap().len(), 1);
    assert_eq!(checked("2").await, None);
}

async fn practice_is_kept_in_its_order(database: &Database) {
    let store = database.store().await;
    let review = |at: SignedDuration, right| Review {
        question: "a".to_owned(),
        hash: "1".to_owned(),
        right,
        at: NOW + at,
    };
    let late = review(seconds(10), true);
    let early = review(seconds(0), false);
    for review in [&late, &early, &late] {
        store.review(ANNA, review).await.unwrap();
    }
    assert_eq!(
        store.reviews(ANNA).await.unwrap(),
        [early.clone(), late.clone()]
    );
    assert_eq!(store.reviews(BEN).await.unwrap(), []);
    assert_eq!(store.prune_reviews(late.at).await.unwrap(), 1);
    assert_eq!(store.reviews(ANNA).await.unwrap(), [late]);
}

async fn admins_are_told_once(database: &Database) {
    let store = database.store().await;
    let now = store.clock(NOW).await.unwrap();
    let notice = async |kind, text| store.notice(GUILD, kind, text, now).await.unwrap();
    let later = now + seconds(3600);
    store
        .save_schedule(&schedule(GUILD), &[], date(2026, 11, 30), later, now)
        .await
        .unwrap();
    let letters = async || store.letters(now).await.unwrap();
    assert!(notice("channel", "It is gone.").await);
    assert!(!notice("channel", "It is gone.").await);
    let letter = letters().await.remove(0);
    assert_eq!((letter.guild, letter.to), (GUILD, ANNA));
    assert_eq!(letter.notice.text, "It is gone.");
    store.told(&letter, now).await.unwrap();
    assert_eq!(letters().await, []);
    assert!(!notice("channel", "It is gone.").await);
    assert_eq!(letters().await, []);
    assert!(notice("stock", "Few questions.").await);
    assert!(notice("channel", "It may not be written.").await);
    assert_eq!(letters().await.len(), 2);
    let notices = store.notices(GUILD).await.unwrap();
    let mut texts: Vec<_> = notices.iter().map(|notice| notice.text.as_str()).collect();
    texts.sort_unstable();
    assert_eq!(texts, ["Few questions.", "It may not be written."]);
    assert!(store.clear_notice(GUILD, "channel").await.unwrap());
    assert!(!store.clear_notice(GUILD, "channel").await.unwrap());
    assert_eq!(store.notices(GUILD).await.unwrap().len(), 1);
    assert_eq!(store.notices(GuildId(8)).await.unwrap(), []);
}
