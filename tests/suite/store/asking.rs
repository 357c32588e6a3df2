//! Settings, gaps, votes and counts.

use footnote::gap::Gap;
use footnote::id::{GuildId, MessageId, UserId};
use footnote::store::{Asked, Verdict};

use super::{ANNA, ANSWER, BEN, Database, GUILD, because, gap, on_each_database};

on_each_database! {
    gaps_are_those_of_the_guild_since_the_time,
    any_text_and_any_id_come_back_as_they_were,
    the_character_that_no_server_stores_does_no_harm,
    the_later_vote_replaces_the_earlier,
    a_reason_added_later_joins_the_vote_and_stays,
    old_texts_are_forgotten_and_still_counted,
    sections_are_counted_by_day,
    hiding_can_be_taken_back,
    many_writers_at_once_lose_nothing;
    what_was_written_is_there_after_a_restart
}

fn asked(section: &str, count: u64) -> Asked {
    Asked {
        section: section.to_owned(),
        count,
    }
}

async fn what_was_written_is_there_after_a_restart(database: &Database) {
    let store = database.store().await;
    store.set_setting("commands", "old").await.unwrap();
    store.set_setting("commands", "5f2a").await.unwrap();
    store.record_gap(&gap("price", 5)).await.unwrap();
    store.hide(ANNA, true).await.unwrap();
    store.close().await;
    drop(store);

    let store = database.store().await;
    assert_eq!(
        store.setting("commands").await.unwrap().as_deref(),
        Some("5f2a")
    );
    assert_eq!(store.setting("other").await.unwrap(), None);
    assert_eq!(store.gaps_since(None, 0).await.unwrap(), [gap("price", 5)]);
    assert!(store.is_hidden(ANNA).await.unwrap());
}

async fn gaps_are_those_of_the_guild_since_the_time(database: &Database) {
    let store = database.store().await;
    let direct = Gap {
        guild: None,
        channel: None,
        message: None,
        question: None,
        ..gap("", 30)
    };
    for gap in [&gap("late", 20), &gap("early", 10), &direct] {
        store.record_gap(gap).await.unwrap();
    }
    let all = store.gaps_since(None, 10).await.unwrap();
    assert_eq!(all, [gap("early", 10), gap("late", 20), direct.clone()]);
    assert_eq!(
        store.gaps_since(Some(GUILD), 11).await.unwrap(),
        [gap("late", 20)]
    );
    assert_eq!(store.gaps_since(Some(GuildId(8)), 0).await.unwrap(), []);
}

async fn any_text_and_any_id_come_back_as_they_were(database: &Database) {
    let store = database.store().await;
    let texts = [
        "'; DROP TABLE gap; -- \" ` %_?1 :a $b @c",
        "\u{202e}txet \u{200b}🧑‍🧑‍🧒 e\u{301} \r\n\t",
        "",
    ];
    for (text, at_ms) in texts.into_iter().zip(1..) {
        let gap = Gap {
            user: UserId(u64::MAX),
            guild: Some(GuildId(u64::MAX)),
            message: Some(MessageId(1 << 63)),
            services: vec![text.to_owned()],
            reason: Some(text.to_owned()),
            ..gap(text, at_ms)
        };
        store.record_gap(&gap).await.unwrap();
        let found = store
            .gaps_since(Some(GuildId(u64::MAX)), at_ms)
            .await
            .unwrap();
        assert_eq!(found, [gap]);
        store.set_setting(text, text).await.unwrap();
        assert_eq!(store.setting(text).await.unwrap().as_deref(), Some(text));
    }
}

async fn the_later_vote_replaces_the_earlier(database: &Database) {
    let store = database.store().await;
    let not_helpful = because(None);
    let vote = async |verdict: Verdict<'_>, at_ms: i64| {
        store.vote(ANNA, ANSWER, verdict, at_ms).await.unwrap();
        store.gaps_since(None, 0).await.unwrap()
    };
    assert_eq!(vote(Verdict::Helpful, 4).await, []);
    let as_voted = because(None);
    assert_eq!(vote(Verdict::NotHelpful(&not_helpful), 5).await, [as_voted]);
    assert_eq!(vote(Verdict::Helpful, 6).await, []);
    let votes = store.person(ANNA).await.unwrap().votes;
    assert_eq!(votes.len(), 1);
    assert!(votes[0].helpful && votes[0].at_ms == 6 && votes[0].answer == ANSWER);
}

async fn a_reason_added_later_joins_the_vote_and_stays(database: &Database) {
    let store = database.store().await;
    let vote = async |user: UserId, gap: &Gap, at_ms: i64| {
        let verdict = Verdict::NotHelpful(gap);
        store.vote(user, ANSWER, verdict, at_ms).await.unwrap();
    };
    vote(ANNA, &because(None), 5).await;
    let without_question = Gap {
        question: None,
        ..because(Some("out of date"))
    };
    vote(ANNA, &without_question, 6).await;
    vote(ANNA, &because(None), 7).await;
    vote(BEN, &because(None), 8).await;
    let expected = [
        Gap {
            at_ms: 7,
            ..because(Some("out of date"))
        },
        Gap {
            user: BEN,
            at_ms: 8,
            ..because(None)
        },
    ];
    assert_eq!(store.gaps_since(None, 0).await.unwrap(), expected);
}

async fn old_texts_are_forgotten_and_still_counted(database: &Database) {
    let store = database.store().await;
    store.record_gap(&gap("old", 10)).await.unwrap();
    store.record_gap(&gap("new", 20)).await.unwrap();
    let old = because(Some("wrong"));
    store
        .vote(BEN, ANSWER, Verdict::NotHelpful(&old), 11)
        .await
        .unwrap();

    assert_eq!(store.forget_texts_before(20).await.unwrap(), 2);
    assert_eq!(store.forget_texts_before(20).await.unwrap(), 0);
    let gaps = store.gaps_since(None, 0).await.unwrap();
    let texts: Vec<_> = gaps
        .iter()
        .map(|gap| (gap.question.as_deref(), gap.reason.as_deref()))
        .collect();
    assert_eq!(texts, [(None, None), (None, None), (Some("new"), None)]);
    assert_eq!(gaps[0].services, ["Amazon SQS"]);
}

async fn sections_are_counted_by_day(database: &Database) {
    let store = database.store().await;
    store
        .add_asked(1, &[asked("a", 5), asked("b", 2)])
        .await
        .unwrap();
    store
        .add_asked(2, &[asked("b", 2), asked("c", 4), asked("b", 1)])
        .await
        .unwrap();
    store.add_asked(3, &[]).await.unwrap();

    let all = [asked("a", 5), asked("b", 5), asked("c", 4)];
    assert_eq!(store.most_asked(0, 10).await.unwrap(), all);
    assert_eq!(store.most_asked(2, 1).await.unwrap(), [asked("c", 4)]);
    assert_eq!(store.prune_asked(2).await.unwrap(), 2);
    assert_eq!(
        store.most_asked(0, 10).await.unwrap(),
        [asked("c", 4), asked("b", 3)]
    );
}

async fn hiding_can_be_taken_back(database: &Database) {
    let store = database.store().await;
    for hidden in [true, true, false, false] {
        store.hide(ANNA, hidden).await.unwrap();
        assert_eq!(store.is_hidden(ANNA).await.unwrap(), hidden);
        assert!(!store.is_hidden(BEN).await.unwrap());
    }
}

async fn many_writers_at_once_lose_nothing(database: &Database) {
    let store = database.store().await;
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let store = store.clone();
            tokio::spawn(async move {
                for at_ms in 0..10 {
                    let gap = gap("price", writer * 100 + at_ms);
                    store.record_gap(&gap).await.unwrap();
                    store.add_asked(1, &[asked("a", 1)]).await.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(store.gaps_since(None, 0).await.unwrap().len(), 80);
    assert_eq!(store.most_asked(0, 1).await.unwrap(), [asked("a", 80)]);
}

async fn the_character_that_no_server_stores_does_no_harm(database: &Database) {
    let store = database.store().await;
    store.set_setting("a", "before\0after").await.unwrap();
    let found = store.setting("a").await.unwrap().unwrap();
    assert!(
        ["before\0after", "before\u{fffd}after"].contains(&found.as_str()),
        "{found:?}"
    );
}
