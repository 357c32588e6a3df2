//! Button ids: what an [`Action`] looks like in Discord's `custom_id`, and back.
//!
//! An id says everything that its button needs, in at most 100 characters:
//! `v1:` and a letter, then the page and the request. A question that is too
//! long for that stands in the footer of the message that the button is on.
//! The version stays in front, so that buttons of old messages keep working
//! when the form changes.

use crate::id::GuildId;
use crate::quiz::round::RoundId;
use crate::quiz::standing::Period;
use crate::render::reply::{Action, Exercise, Request};

use super::markup::{length, visible};

/// Discord's limit on `custom_id`.
const ID: usize = 100;
const VERSION: &str = "v1:";

/// The modal that asks why an answer did not help.
const REASON: &str = "v1:r:";
/// The text field in it.
pub(super) const REASON_FIELD: &str = "reason";

/// The id of a button.
pub(super) fn encode(action: &Action) -> String {
    match action {
        Action::Page(request, page) => with_request(&format!("p:{page}:"), request),
        Action::Share(request, page) => with_request(&format!("s:{page}:"), request),
        Action::Helpful(request) => with_request("h:", request),
        Action::NotHelpful(request) => with_request("n:", request),
        Action::Dismiss(asker) => format!("{VERSION}x:{asker}"),
        Action::Attempt(RoundId { guild, date }, option) => {
            format!("{VERSION}a:{guild}:{date}:{option}")
        }
        Action::Flag(RoundId { guild, date }) => format!("{VERSION}f:{guild}:{date}"),
        Action::ShareBoard(period) => format!("{VERSION}l:{}", period.name()),
        Action::ShareMatrix => format!("{VERSION}m:"),
        Action::Practise => format!("{VERSION}g:"),
        Action::Try(Exercise { tag, shown_at }, option) => {
            format!("{VERSION}t:{tag}:{shown_at}:{option}")
        }
    }
}

/// The action of a button. `question` is the one that the message shows.
pub(super) fn decode(id: &str, question: Option<&str>) -> Option<Action> {
    let (verb, rest) = id.strip_prefix(VERSION)?.split_once(':')?;
    let paged = |rest: &str| {
        let (page, request) = rest.split_once(':')?;
        Some((decode_request(request, question)?, number(page)?))
    };
    Some(match verb {
        "p" => paged(rest).map(|(request, page)| Action::Page(request, page))?,
        "s" => paged(rest).map(|(request, page)| Action::Share(request, page))?,
        "h" => Action::Helpful(decode_request(rest, question)?),
        "n" => Action::NotHelpful(decode_request(rest, question)?),
        "x" => Action::Dismiss(number(rest)?),
        "a" => {
            let (round, option) = rest.rsplit_once(':')?;
            Action::Attempt(decode_round(round)?, number(option)?)
        }
        "f" => Action::Flag(decode_round(rest)?),
        "l" => Action::ShareBoard(Period::of_name(rest)?),
        "m" if rest.is_empty() => Action::ShareMatrix,
        "g" if rest.is_empty() => Action::Practise,
        "t" => {
            let (exercise, option) = rest.rsplit_once(':')?;
            let (tag, shown_at) = exercise.split_once(':')?;
            let exercise = Exercise {
                tag: tag.to_owned(),
                shown_at: number(shown_at)?,
            };
            Action::Try(exercise, number(option)?)
        }
        _ => return None,
    })
}

/// The id of the modal that asks for a reason.
pub(super) fn encode_reason(request: &Request) -> String {
    with_request("r:", request)
}

/// What the reason in a modal is about.
pub(super) fn decode_reason(id: &str, question: Option<&str>) -> Option<Request> {
    decode_request(id.strip_prefix(REASON)?, question)
}

/// A question as it is kept: one line of visible text.
pub(super) fn one_line(text: &str) -> String {
    visible(text)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn with_request(verb: &str, request: &Request) -> String {
    let full = match request {
        Request::Question { text, before } => {
            let (text, before) = (one_line(text), one_line(before));
            format!("q{}:{before}{text}", before.chars().count())
        }
        Request::Show(id) => format!("i:{id}"),
        Request::Both(service, control) => {
            format!("b{}:{service}{control}", service.chars().count())
        }
        Request::Compare {
            first,
            second,
            control,
        } => {
            let lengths = [first, second].map(|id| id.chars().count());
            format!("c{}.{}:{first}{second}{control}", lengths[0], lengths[1])
        }
    };
    let id = format!("{VERSION}{verb}{full}");
    if length(&id) <= ID {
        return id;
    }
    // The message shows what was asked, and names when something was looked up.
    let before = match request {
        Request::Question { before, .. } => one_line(before),
        Request::Show(_) | Request::Both(..) | Request::Compare { .. } => String::new(),
    };
    let id = format!("{VERSION}{verb}m:{before}");
    if length(&id) <= ID {
        id
    } else {
        format!("{VERSION}{verb}m:")
    }
}

fn decode_request(text: &str, question: Option<&str>) -> Option<Request> {
    let (form, rest) = text.split_once(':')?;
    let kind = form.chars().next()?;
    let first = form.get(1..)?;
    let split = || split_at(rest, number(first)?);
    let request = match kind {
        'q' => {
            let (before, text) = split()?;
            Request::Question { text, before }
        }
        'b' => {
            let (service, control) = split()?;
            Request::Both(service, control)
        }
        'c' => {
            let (first, second) = first.split_once('.')?;
            let (first, rest) = split_at(rest, number(first)?)?;
            let (second, control) = split_at(&rest, number(second)?)?;
            Request::Compare {
                first,
                second,
                control,
            }
        }
        'i' if first.is_empty() => Request::Show(rest.to_owned()),
        'm' if first.is_empty() => Request::Question {
            text: question?.to_owned(),
            before: rest.to_owned(),
        },
        _ => return None,
    };
    let asks = match &request {
        Request::Question { text, .. } | Request::Show(text) => !text.is_empty(),
        Request::Both(service, control) => !service.is_empty() && !control.is_empty(),
        Request::Compare { first, second, .. } => !first.is_empty() && !second.is_empty(),
    };
    asks.then_some(request)
}

/// The first so many characters, and the others.
fn split_at(text: &str, at: usize) -> Option<(String, String)> {
    let (at, _) = text.char_indices().chain([(text.len(), ' ')]).nth(at)?;
    Some((text.get(..at)?.to_owned(), text.get(at..)?.to_owned()))
}

/// A server and a day, written as we write them.
fn decode_round(text: &str) -> Option<RoundId> {
    let (guild, day) = text.split_once(':')?;
    let date: jiff::civil::Date = day.parse().ok()?;
    (date.to_string() == day).then_some(RoundId {
        guild: GuildId(number(guild)?),
        date,
    })
}

/// A whole number written as we write it: no sign, no leading zero.
fn number<T: std::str::FromStr + ToString>(text: &str) -> Option<T> {
    let number: T = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn question(text: &str, before: &str) -> Request {
        Request::Question {
            text: text.to_owned(),
            before: before.to_owned(),
        }
    }

    fn round() -> RoundId {
        RoundId {
            guild: GuildId(7),
            date: jiff::civil::date(2026, 11, 22),
        }
    }

    #[test]
    fn ids_are_short_and_readable() {
        for (action, id) in [
            (
                Action::Page(question("is sqs encrypted?", ""), 1),
                "v1:p:1:q0:is sqs encrypted?",
            ),
            (
                Action::Helpful(question("and at rest?", "Amazon SQS")),
                "v1:h:q10:Amazon SQSand at rest?",
            ),
            (
                Action::Share(Request::Show("services/sqs.md#access".into()), 0),
                "v1:s:0:i:services/sqs.md#access",
            ),
            (
                Action::NotHelpful(Request::Both("a.md".into(), "b.md".into())),
                "v1:n:b4:a.mdb.md",
            ),
            (
                Action::Helpful(Request::Compare {
                    first: "a.md".into(),
                    second: "bé.md".into(),
                    control: "c.md".into(),
                }),
                "v1:h:c4.5:a.mdbé.mdc.md",
            ),
            (
                Action::Page(
                    Request::Compare {
                        first: "a.md".into(),
                        second: "b.md".into(),
                        control: String::new(),
                    },
                    1,
                ),
                "v1:p:1:c4.4:a.mdb.md",
            ),
            (Action::Dismiss(42), "v1:x:42"),
            (Action::Attempt(round(), 1), "v1:a:7:2026-11-22:1"),
            (Action::Flag(round()), "v1:f:7:2026-11-22"),
            (Action::ShareMatrix, "v1:m:"),
            (Action::Practise, "v1:g:"),
            (Action::ShareBoard(Period::Month), "v1:l:month"),
            (
                Action::Try(
                    Exercise {
                        tag: "0123456789abcdef".into(),
                        shown_at: 1_795_000_000,
                    },
                    4,
                ),
                "v1:t:0123456789abcdef:1795000000:4",
            ),
        ] {
            assert_eq!(encode(&action), id);
            assert_eq!(decode(id, None), Some(action));
        }
    }

    #[test]
    fn a_long_question_is_read_from_the_message() {
        let long = "why ".repeat(50);
        let long = long.trim_end();
        let id = encode(&Action::Helpful(question(long, "Amazon SQS")));
        assert_eq!(id, "v1:h:m:Amazon SQS");
        assert_eq!(
            decode(&id, Some(long)),
            Some(Action::Helpful(question(long, "Amazon SQS")))
        );
        assert_eq!(decode(&id, None), None);
    }

    #[test]
    fn what_is_no_id_of_ours_is_none() {
        for id in [
            "",
            "v1",
            "v1:",
            "v1:x:",
            "v1:x:-1",
            "v1:x:007",
            "v1:x:1:2",
            "v2:h:q0:a",
            "v1:h:q0:",
            "v1:h:q9:a",
            "v1:h:q:a",
            "v1:h:z:a",
            "v1:p:70000:q0:a",
            "v1:p:q0:a",
            "v1:h:i:",
            "v1:h:b0:a",
            "v1:h:i1:a",
            "v1:h:c1:ab",
            "v1:h:c1.:ab",
            "v1:h:c1.9:ab",
            "v1:h:c0.1:ab",
            "hello",
            "v1:a:7:2026-11-22:-1",
            "v1:a:7:2026-11-22:01",
            "v1:a:7:2026-11-22",
            "v1:a:7:20261122:1",
            "v1:a:7:2026-11-31:1",
            "v1:a::2026-11-22:1",
            "v1:f:7:2026-11-22:1",
            "v1:f:7:2026-W47-7",
            "v1:g:1",
            "v1:m:1",
            "v1:l:year",
            "v1:t:abc:1",
            "v1:t:abc:x:1",
        ] {
            assert_eq!(decode(id, Some("question")), None, "{id}");
        }
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out(text in r"\PC{1,150}", before in r"\PC{0,40}", page: u16) {
            let (text, before) = (one_line(&text), one_line(&before));
            prop_assume!(!text.is_empty());
            let action = Action::Page(question(&text, &before), page);
            let id = encode(&action);
            prop_assert!(length(&id) <= ID && !id.is_empty());
            prop_assert_eq!(decode(&id, Some(&text)), Some(action));
        }

        #[test]
        fn no_id_breaks_it(id in r"(?s)(v1:)?.{0,100}") {
            let _ = decode(&id, Some("question"));
            let _ = decode_reason(&id, None);
        }
    }
}
