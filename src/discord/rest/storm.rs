//! Long misfortunes, many at once: refusals without end, and every fault on
//! every route.

use std::time::Instant;

use futures_util::future::{join_all, select};
use futures_util::pin_mut;
use tokio::time::sleep;

use super::*;

/// Storms of each kind, and faults of each route.
const STORMS: usize = 100;
const FAULTS: usize = 50;

/// Refusals come for this long. Waits only grow, so that the rest of a minute
/// sees fewer requests than its beginning.
const LASTS: Duration = Duration::from_secs(20);
/// Requests that a storm of a minute may see; a third of one, less.
const MOST: usize = 20;
/// What waits of 1, 2, 4 and 8 s leave, and a first one that was stated.
const MOST_IN_LASTS: usize = 7;

/// Three who have something to say in a channel, and do not want to wait.
async fn insist(rest: &Rest) {
    let talk = || async {
        loop {
            let wait = match send(rest).await {
                Ok(_) => panic!("the storm is over"),
                Err(error) => error.retry_after().unwrap_or_default(),
            };
            sleep(wait.clamp(Duration::from_millis(5), Duration::from_secs(1))).await;
        }
    };
    tokio::join!(talk(), talk(), talk());
}

#[tokio::test]
async fn in_a_storm_of_any_kind_few_requests_are_made() {
    let kinds: [&[(&'static str, &'static str)]; 8] = [
        &[("retry-after", "0.05"), ("x-ratelimit-scope", "user")],
        &[("retry-after", "0.05"), ("x-ratelimit-scope", "global")],
        &[],
        &[("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT")],
        &[("retry-after", "3600")],
        &[("retry-after", "NaN")],
        &[("retry-after", "-1")],
        &[("retry-after", "0"), ("x-ratelimit-reset-after", "NaN")],
    ];
    let storm = async |headers: &[(&'static str, &'static str)]| {
        let refused = Answer::With(429, headers.to_vec(), "{}");
        let (rest, script) = port(vec![refused; 10 * MOST]).await;
        let (storm, talk) = (sleep(LASTS), insist(&rest));
        pin_mut!(storm, talk);
        select(storm, talk).await;
        requests(&script)
    };
    let all = kinds
        .iter()
        .flat_map(|kind| std::iter::repeat_n(kind, STORMS));
    for (made, kind) in join_all(all.map(async |kind| (storm(kind).await, kind))).await {
        assert!(
            (1..=MOST_IN_LASTS).contains(&made),
            "{made} requests: {kind:?}"
        );
    }
    const { assert!(MOST_IN_LASTS <= MOST) };
}

#[tokio::test]
async fn what_was_answered_is_not_sent_again_in_any_storm() {
    for odd in [
        "0.01",
        "soon",
        "NaN",
        "-1",
        "inf",
        "Wed, 21 Oct 2026 07:28:00 GMT",
    ] {
        let headers = vec![
            ("retry-after", odd),
            ("x-ratelimit-limit", odd),
            ("x-ratelimit-remaining", odd),
            ("x-ratelimit-reset-after", odd),
        ];
        let refused = Answer::With(429, headers.clone(), "{}");
        let done = Answer::With(200, headers, r#"{"id":"7","channel_id":"5"}"#);
        let one = async || {
            let (rest, script) = port(vec![refused.clone(), done.clone()]).await;
            assert_eq!(send(&rest).await, Ok(SENT), "{odd}");
            assert_eq!(requests(&script), 2, "{odd}");
        };
        join_all((0..STORMS).map(|_| one())).await;
    }
}

/// A call of some route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Respond,
    EditOriginal,
    Followup,
    DeleteOriginal,
    Send,
    Edit,
    Read,
    Gateway,
    Register,
    DirectChannel,
}

impl Kind {
    const ALL: [Self; 10] = [
        Self::Respond,
        Self::EditOriginal,
        Self::Followup,
        Self::DeleteOriginal,
        Self::Send,
        Self::Edit,
        Self::Read,
        Self::Gateway,
        Self::Register,
        Self::DirectChannel,
    ];

    async fn call(self, rest: &Rest) -> Result<(), RestError> {
        let body = json!({ "content": "hello" });
        match self {
            Self::Respond => respond(rest).await.map(drop),
            Self::EditOriginal => {
                let edit = rest.edit_original(APPLICATION, TOKEN, &body, &[]);
                edit.await.map(drop)
            }
            Self::Followup => {
                let followup = rest.followup(APPLICATION, TOKEN, &body, &[]);
                followup.await.map(drop)
            }
            Self::DeleteOriginal => rest.delete_original(APPLICATION, TOKEN).await,
            Self::Send => send(rest).await.map(drop),
            Self::Edit => {
                let edit = rest.edit_message(CHANNEL, MessageId::new(7), &body, &[]);
                edit.await.map(drop)
            }
            Self::Read => {
                let read = rest.messages_after(CHANNEL, MessageId::new(1));
                read.await.map(drop)
            }
            Self::Gateway => rest.get::<Value>(Route::Gateway).await.map(drop),
            Self::Register => {
                let application_id = APPLICATION;
                let route = Route::Commands { application_id };
                rest.put(route, json!([])).await.map(drop)
            }
            Self::DirectChannel => {
                let user = serenity::model::id::UserId::new(4);
                rest.direct_channel(user).await.map(drop)
            }
        }
    }

    /// The time in which it ends, one way or the other.
    fn budget(self) -> Duration {
        match self {
            Self::Respond => Duration::from_secs(3),
            _ => BUDGET + Duration::from_secs(2),
        }
    }
}

#[tokio::test]
async fn every_fault_on_every_route_ends_in_time_and_says_what_happened() {
    let broken = |status| Answer::With(status, vec![], "<html>");
    let faults = [
        broken(500),
        broken(502),
        broken(503),
        Answer::Lost,
        Answer::Silent,
    ];
    let mut calls = Vec::new();
    let one = async |kind: Kind, (rest, script): (Rest, Arc<Script>)| {
        let began = Instant::now();
        let error = kind.call(&rest).await.unwrap_err();
        let took = began.elapsed();
        assert!(took < kind.budget(), "{kind:?}: {took:?}");
        let made = requests(&script);
        assert!((1..=3).contains(&made), "{kind:?}: {made} requests");
        if kind == Kind::Followup {
            assert_eq!(made, 1, "it may have arrived");
        }
        let text = error.to_string();
        assert!(
            matches!(error, RestError::Unknown { .. }),
            "{kind:?}: {text}"
        );
        assert!(
            text.contains("Discord") && !text.contains(TOKEN),
            "{kind:?}: {text}"
        );
    };
    for kind in Kind::ALL {
        // Before time is taken: making a client takes some itself.
        let faults = faults.iter().cycle().take(FAULTS);
        let ports = join_all(faults.map(|fault| port(vec![fault.clone(); 10]))).await;
        calls.push((kind, ports));
    }
    let all = calls
        .into_iter()
        .flat_map(|(kind, ports)| ports.into_iter().map(move |port| (kind, port)));
    join_all(all.map(|(kind, port)| one(kind, port))).await;
}
