//! What admins read, word for word.

use jiff::civil::{date, time};
use jiff::{Timestamp, tz::TimeZone};

use super::*;
use crate::id::{MessageId, UserId};
use crate::quiz::question::{Origin, Place};
use crate::quiz::round::{Attempt, Played, RoundId, State};
use crate::quiz::schedule::{Days, Feedback, Pause};

const GUILD: GuildId = GuildId(1);
const CHANNEL: ChannelId = ChannelId(2);

/// A reply as text: what is clicked or formatted stands in signs.
fn read(reply: &Reply) -> String {
    let mut text = reply.title.clone();
    for block in &reply.blocks {
        text.push('\n');
        match block {
            Block::Heading(heading) => text.extend(["# ", heading.as_str()]),
            Block::Quote { .. } => text.push_str("> quote"),
            Block::Text(parts) => text.extend(parts.iter().map(part)),
        }
    }
    text
}

fn part(part: &Part) -> String {
    match part {
        Part::Plain(text) => text.clone(),
        Part::Strong(text) => format!("*{text}*"),
        Part::Code(text) => format!("`{text}`"),
        Part::Time(at) => format!("<{at}>"),
        Part::Ago(at) => format!("<ago {at}>"),
        Part::Link(text, url) => format!("[{text}]({url})"),
        Part::Member(id) => format!("@{id}"),
        Part::Channel(id) => format!("#{id}"),
        Part::Spoiler(text) => format!("||{text}||"),
    }
}

fn schedule() -> Schedule {
    Schedule {
        guild: GUILD,
        channel: CHANNEL,
        time: time(9, 0, 0, 0),
        zone: "Europe/Berlin".into(),
        days: Days::WORKDAYS,
        reveal_after: 480,
        feedback: Feedback::AtReveal,
        pauses: Vec::new(),
        set_by: Some(UserId(5)),
    }
}

fn berlin(day: i8) -> Timestamp {
    let local = date(2026, 11, day).at(9, 0, 0, 0);
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    local.to_zoned(zone).unwrap().timestamp()
}

/// A plan of Sunday the 22nd of November.
fn plan(schedule: &Schedule) -> Plan<'_> {
    Plan {
        schedule,
        today: date(2026, 11, 22),
        next: Some(Coming {
            date: date(2026, 11, 23),
            due: berlin(23),
            skipped: false,
        }),
        stopped: None,
    }
}

fn question() -> Question {
    Question {
        id: "services/sqs.md#stem".into(),
        hash: "0123456789abcdef".into(),
        origin: Origin::Written,
        stem: "How long does SQS keep a message at most?".into(),
        options: vec!["4 days".into(), "14 days".into()],
        key: 1,
        explanation: "The retention\nends after 14 days.".into(),
        place: Place {
            path: "services/sqs.md".into(),
            line_start: 40,
            line_end: 46,
        },
        sources: Vec::new(),
        service: None,
        controls: Vec::new(),
    }
}

fn round(day: i8, state: State, reason: Option<&str>) -> Round {
    Round {
        id: RoundId {
            guild: GUILD,
            date: date(2026, 11, day),
        },
        channel: CHANNEL,
        due: berlin(day),
        state,
        open_minutes: 480,
        feedback: Feedback::AtReveal,
        question: Some(question()),
        claims: 1,
        refusals: 0,
        first_try: None,
        close_at: None,
        message: matches!(state, State::Revealed | State::Posted).then_some(MessageId(77)),
        posted_at: None,
        reason: reason.map(str::to_owned),
    }
}

#[test]
fn a_set_up_says_when_it_begins_and_what_is_odd() {
    let schedule = schedule();
    let reply = set_up(&plan(&schedule), true, &[], &[], 60);
    assert_eq!(
        read(&reply),
        "The quiz is set up\n\
         *When* Monday to Friday at 09:00 (Europe/Berlin)\n\
         *Where* #2\n\
         *Results* 8 hours later, at 17:00; with them, people learn whether they were right\n\
         *Next question* Monday 23 November at 09:00 there, which is <1795420800> for you"
    );
    let night = Schedule {
        time: time(2, 30, 0, 0),
        reveal_after: 1350,
        feedback: Feedback::Immediate,
        ..schedule.clone()
    };
    let odd = set_up(
        &plan(&night),
        false,
        &[
            LeftOut::Passed(date(2026, 11, 22)),
            LeftOut::Asked(date(2026, 11, 22)),
            LeftOut::TooSoon(date(2026, 11, 23)),
        ],
        &[
            Surprise::Missing(date(2027, 3, 28).at(3, 0, 0, 0)),
            Surprise::Twice(date(2027, 10, 31).at(2, 30, 0, 0)),
        ],
        1,
    );
    assert_eq!(
        read(&odd),
        "The quiz is changed\n\
         *When* Monday to Friday at 02:30 (Europe/Berlin)\n\
         *Where* #2\n\
         *Results* 22 hours 30 minutes later, at 01:00 the next day; people learn at once whether they were right\n\
         *Next question* Monday 23 November at 02:30 there, which is <1795420800> for you\n\
         Today's time has passed; `/quiz-admin post` asks today's question now.\n\
         Today's question was asked already, and stays as it is.\n\
         Monday 23 November is left out: less than 12 hours would lie between two questions.\n\
         Clocks go forward: on Sunday 28 March 2027 there is no 02:30, so the question comes at 03:00.\n\
         Clocks go back: on Sunday 31 October 2027 it is 02:30 twice, and the question comes the first time.\n\
         *Questions run short*: 1 day until one comes again within 60 days. Write more under `## Quiz` in the notes."
    );
}

#[test]
fn a_preview_hides_the_key_until_it_is_clicked() {
    let schedule = schedule();
    let question = question();
    let shown = crate::render::quiz::round(&round(23, State::Scheduled, None), &question, false);
    let reply = preview(
        shown,
        &plan(&schedule),
        &question,
        Some("https://notes.example/"),
        Some("An odd one"),
    );
    let text = read(&reply);
    let (asked, own) = text.split_once("\n# ").unwrap();
    assert!(asked.starts_with(
        "Preview: Monday 23 November\nSet aside: “An odd one”. This one comes instead:\n"
    ));
    assert!(!asked.contains("||"), "{asked}");
    assert_eq!(
        own,
        "For admins\n\
         Right is ||B 14 days||\n\
         Why: ||The retention ends after 14 days.||\n\
         In the notes: [services/sqs.md:40-46](https://notes.example/services/sqs.md?plain=1#L40-L46)\n\
         `/quiz-admin replace` sets it aside and takes another one, `/quiz-admin skip` leaves the day out."
    );
    assert!(reply.buttons.is_empty());
}

#[test]
fn a_status_tells_what_was_what_is_and_what_is_wrong() {
    let mut schedule = schedule();
    schedule.pauses = vec![
        Pause {
            from: date(2026, 12, 24),
            until: Some(date(2027, 1, 1)),
        },
        Pause {
            from: date(2027, 2, 1),
            until: None,
        },
    ];
    let rounds = [
        round(16, State::Revealed, None),
        round(
            17,
            State::Missed,
            Some("the bot was not running at its time"),
        ),
        round(18, State::Failed, Some("Discord refused it")),
        round(19, State::Skipped, Some("paused")),
        round(20, State::Posted, None),
        round(23, State::Scheduled, None),
    ];
    let attempt = |user, choice| Attempt {
        user: UserId(user),
        choice,
        at: berlin(16),
    };
    let played = [Played {
        round: rounds[0].clone(),
        attempts: vec![attempt(8, 1), attempt(9, 0), attempt(10, 1)],
    }];
    let question = question();
    let unfit = Unfit::Lacks {
        never_had: vec!["Embed Links".into()],
        taken: vec!["Send Messages".into(), "Read Message History".into()],
        role: "Footnote".into(),
        timed_out: false,
    };
    let reply = status(&Status {
        plan: plan(&schedule),
        clock_off: Some(300),
        unfit: Some(&unfit),
        notices: vec![
            ("refused", "Missing Permissions", berlin(18)),
            (
                "missed",
                "The question of 2026-11-17 was not posted.",
                berlin(17),
            ),
            ("no-question", "the notes have no quiz question", berlin(18)),
        ],
        rounds: &rounds,
        played: &played,
        aside: vec![
            Troubled {
                id: "services/sqs.md#stem",
                question: Some(&question),
                why: "2 people flagged it",
            },
            Troubled {
                id: "gone.md#stem",
                question: None,
                why: "set aside by an admin",
            },
        ],
        questions: 165,
        stock: 9,
        table: Some(b"question".to_vec()),
        link_base: None,
    });
    assert_eq!(
        read(&reply),
        "The daily quiz\n\
         *When* Monday to Friday at 09:00 (Europe/Berlin)\n\
         *Where* #2\n\
         *Results* 8 hours later, at 17:00; with them, people learn whether they were right\n\
         Paused from Thursday 24 December to Friday 1 January 2027\n\
         Paused from Monday 1 February 2027 until `/quiz-admin resume`\n\
         *Next question* Monday 23 November at 09:00 there, which is <1795420800> for you\n\
         *Set up by* @5\n\
         # Problems\n\
         • The bot lacks *Embed Links*. Allow it to the role Footnote in Server Settings, Roles.\n\
         • #2 takes away from the bot *Send Messages, Read Message History*. Allow it to the role Footnote in Edit Channel, Permissions.\n\
         • The clock of the bot's machine was 300 seconds off, and nothing is posted until it is right. Whoever runs the bot has to set it; `footnote doctor` tells more.\n\
         • The notes have no quiz question. Since <ago 1794988800>. Write questions under `## Quiz` in the notes.\n\
         • *Questions run short*: 9 days until one comes again within 60 days. Write more under `## Quiz` in the notes.\n\
         # Last rounds\n\
         • Friday 20 November: open, 0 answers · [message](https://discord.com/channels/1/2/77)\n\
         • Thursday 19 November: paused\n\
         • Wednesday 18 November: failed: Discord refused it\n\
         • Tuesday 17 November: missed: the bot was not running at its time\n\
         • Monday 16 November: done, 2 of 3 right · [message](https://discord.com/channels/1/2/77)\n\
         # Questions\n\
         165 questions in the notes; 9 days until one has to come again\n\
         • “How long does SQS keep a message at most?”: 2 people flagged it. `services/sqs.md:40-46`\n\
         • “gone.md#stem”: Set aside by an admin.\n\
         `/quiz-admin restore` lets one be asked again."
    );
    assert_eq!(reply.file.unwrap().name, "quiz-questions.csv");
}

#[test]
fn a_quiz_that_stopped_says_so_first() {
    let schedule = schedule();
    let reply = status(&Status {
        plan: Plan {
            stopped: Some("Discord refused three questions in a row"),
            ..plan(&schedule)
        },
        clock_off: None,
        unfit: None,
        notices: vec![(
            "stopped",
            "Discord refused three questions in a row",
            berlin(18),
        )],
        rounds: &[],
        played: &[],
        aside: Vec::new(),
        questions: 165,
        stock: 60,
        table: None,
        link_base: None,
    });
    assert_eq!(
        read(&reply),
        "The daily quiz has stopped\n\
         *When* Monday to Friday at 09:00 (Europe/Berlin)\n\
         *Where* #2\n\
         *Results* 8 hours later, at 17:00; with them, people learn whether they were right\n\
         *Stopped* Discord refused three questions in a row. `/quiz-admin resume` starts it again.\n\
         *Set up by* @5\n\
         # Questions\n\
         165 questions in the notes; 60 days or more until one has to come again"
    );
}

#[test]
fn what_was_mistyped_comes_back_with_what_is_meant() {
    let near = ["Europe/Berlin".to_owned(), "Europe/Dublin".to_owned()];
    assert_eq!(
        read(&no_such_zone("Europe/Berln", &near)),
        "Nothing was changed\n\
         There is no time zone “Europe/Berln”.\n\
         Did you mean `Europe/Berlin` or `Europe/Dublin`?"
    );
    assert_eq!(
        read(&unfit(CHANNEL, &Unfit::NotText)),
        "Nothing was changed\n#2 is no text channel. Choose one where messages can be written."
    );
}

#[test]
fn a_day_that_is_left_out_costs_nothing() {
    let schedule = schedule();
    assert_eq!(
        read(&skipped(date(2026, 11, 20), &plan(&schedule), true)),
        "Left out\n\
         Friday 20 November is left out already. It costs nobody a streak.\n\
         *Next question* Monday 23 November at 09:00 there, which is <1795420800> for you\n\
         On the day itself, `/quiz-admin post` asks the question after all."
    );
    let there = round(20, State::Posted, None);
    assert_eq!(
        read(&already_posted(GUILD, &there)),
        "Already there\nToday's question is in #2 already: [message](https://discord.com/channels/1/2/77)"
    );
}
