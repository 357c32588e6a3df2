//! People answer while the program is killed, over and over: whatever was
//! confirmed to somebody is stored with the letter that was shown.

use serde_json::Value;

use super::dice::Dice;
use super::trial::{Kind, Trial, count, report};
use crate::double::reply::{Sent, Shown};
use crate::double::town;
use crate::double::world::World;

/// People who answer at once.
const PEOPLE: u64 = 20;
/// The letters of the buttons.
const LETTERS: [&str; 4] = ["A", "B", "C", "D"];

/// Somebody's click, in which guild.
pub(super) struct Click {
    pub(super) guild: u64,
    pub(super) person: u64,
    pub(super) sent: Sent,
}

/// These people press some button each.
pub(super) fn press(
    trial: &Trial,
    dice: &mut Dice,
    guild: u64,
    people: &[u64],
    message: &Shown,
) -> Vec<Click> {
    let click = |&person: &u64| {
        let channel = town::channel(guild);
        let actor = trial.double.as_user(town::person(person));
        let letter = LETTERS[dice.below(LETTERS.len())];
        Click {
            guild,
            person,
            sent: actor.in_channel(channel).click(message, letter),
        }
    };
    people.iter().map(click).collect()
}

/// The letter that a response confirms.
pub(super) fn confirmed(data: &Value) -> Option<char> {
    let text = data["embeds"][0]["description"].as_str()?;
    let beginnings = ["Locked in: **", "You had answered **"];
    let rest = beginnings.iter().find_map(|one| text.strip_prefix(one))?;
    rest.chars().next()
}

async fn kill_while_people_answer(kind: Kind, seed: u64) {
    let kills = count(30, 300);
    let Some(trial) = Trial::begin(kind, kills, PEOPLE).await else {
        return;
    };
    let mut dice = Dice::new(seed);
    trial.schedule(0..kills).await;
    let mut bot = trial.spawn();
    let all_posted = |rows: &std::collections::BTreeMap<_, super::trial::Row>| {
        rows.values().all(|row| row.state == "posted")
    };
    trial.until("all rounds", all_posted).await;
    trial.double.ready().await;
    let mut clicks = Vec::new();
    for guild in 0..kills {
        let message = trial.made()[&town::channel(guild)][0];
        let message = trial.double.message(message);
        let everybody: Vec<u64> = (0..PEOPLE).collect();
        let first = press(&trial, &mut dice, guild, &everybody, &message);
        // Some have their confirmation, others are on their way.
        let enough = dice.below(first.len());
        let told_enough = |world: &mut World| {
            let told = first.iter().filter(|click| {
                let interaction = world.interactions.get(&click.sent.id);
                interaction.is_some_and(|interaction| interaction.callback.is_some())
            });
            (told.count() >= enough).then_some(())
        };
        trial.double.until("some confirmations", told_enough).await;
        bot.kill();
        trial.double.disconnected().await;

        clicks.extend(first);
        trial.forget_session_turns().await;
        bot = trial.spawn();
        trial.double.ready().await;
        let stored = trial.answers().await;
        // Who is told that it was not saved presses again, as told.
        let mut waiting: Vec<u64> = (0..PEOPLE).collect();
        for _ in 0..20 {
            let again = press(&trial, &mut dice, guild, &waiting, &message);
            waiting.clear();
            for click in again {
                let reply = click.sent.callback().await;
                let key = (town::guild(guild), town::person(click.person));
                match (confirmed(&reply.data), stored.get(&key)) {
                    (None, _) => waiting.push(click.person),
                    (Some(shown), Some(before)) => assert_eq!(shown, *before),
                    (Some(_), None) => {}
                }
                clicks.push(click);
            }
        }
        assert!(waiting.is_empty(), "nothing can be saved: {waiting:?}");
    }
    bot.kill();
    trial.double.disconnected().await;

    let stored = trial.answers().await;
    let wanted = usize::try_from(kills * PEOPLE).unwrap();
    assert_eq!(stored.len(), wanted, "everybody has one answer");
    let mut told = 0;
    for click in clicks {
        let callback = trial.double.look(|world| {
            let interaction = world.interactions.get(&click.sent.id)?;
            interaction.callback.clone()
        });
        let Some(callback) = callback else { continue };
        let Some(shown) = confirmed(&callback.data) else {
            continue;
        };
        told += 1;
        let key = (town::guild(click.guild), town::person(click.person));
        assert_eq!(stored.get(&key), Some(&shown), "{key:?}");
    }
    assert!(told > wanted, "only {told} of {} were told", 2 * wanted);
    report(&format!(
        "{kills} kills, {told} confirmations, {wanted} answers"
    ));
    trial.end().await;
}

#[track_caller]
fn confirmed_or_panic(data: &Value) -> char {
    confirmed(data).unwrap_or_else(|| panic!("no letter in {data}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_confirmed_is_stored_whenever_the_program_is_killed_on_sqlite() {
    kill_while_people_answer(Kind::Sqlite, 4).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_confirmed_is_stored_whenever_the_program_is_killed_on_postgres() {
    kill_while_people_answer(Kind::Postgres, 5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_nothing_can_be_stored_nobody_is_told_that_it_was() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let Some(trial) = Trial::begin(kind, 1, PEOPLE).await else {
            continue;
        };
        trial.schedule(0..1).await;
        let bot = trial.spawn();
        trial
            .until("the round", |rows| {
                rows.values().all(|row| row.state == "posted")
            })
            .await;
        trial.double.ready().await;
        let message = trial.double.message(trial.made()[&town::channel(0)][0]);
        let lock = trial.lock().await;
        let alice = trial.double.as_user(town::person(0));
        let alice = alice.in_channel(town::channel(0));
        let told = alice.click(&message, "A").callback().await;
        assert!(
            told.data.to_string().contains("**not** saved"),
            "{}",
            told.data
        );
        assert!(trial.answers().await.is_empty());
        drop(lock);
        let told = alice.click(&message, "B").callback().await;
        // The first one may have been stored after all, as one is told then.
        let shown = confirmed_or_panic(&told.data);
        let stored = trial.answers().await;
        assert_eq!(stored.into_values().collect::<Vec<_>>(), [shown]);
        assert_eq!(bot.stop().0, 0);
        trial.end().await;
    }
}
