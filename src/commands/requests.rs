//! What the typed arguments of a command ask for.

use crate::answer::lookup::Wanted;
use crate::app::App;
use crate::render::reply::Request;

/// The note on a service, or one control of it.
pub fn service(app: &App, name: &str, control: Option<&str>) -> Request {
    match (app.named(name, Wanted::Service), control) {
        (Request::Show(service), Some(control)) => {
            match app.named(control, Wanted::Control) {
                Request::Show(control) => Request::Both(service, control),
                // No control: the words of both make a question.
                _ => question(&[&app.name_of(name, Wanted::Service), control]),
            }
        }
        (Request::Show(service), None) => Request::Show(service),
        (_, control) => question(&[name, control.unwrap_or_default()]),
    }
}

/// What a control is, and who has it.
pub fn control(app: &App, name: &str) -> Request {
    app.named(name, Wanted::Control)
}

/// Two services side by side, by a control or all of theirs. What names none
/// makes a question of the words.
pub fn compare(app: &App, first: &str, second: &str, control: Option<&str>) -> Request {
    let service = |text: &str| shown(app.named(text, Wanted::Service));
    let named = (
        service(first),
        service(second),
        control.map_or(Some(String::new()), |text| {
            shown(app.named(text, Wanted::Control))
        }),
    );
    match named {
        (Some(first), Some(second), Some(control)) if first != second => Request::Compare {
            first,
            second,
            control,
        },
        _ => question(&[first, "vs", second, control.unwrap_or_default()]),
    }
}

/// The id of what is looked up by name.
fn shown(request: Request) -> Option<String> {
    match request {
        Request::Show(id) => Some(id),
        _ => None,
    }
}

fn question(words: &[&str]) -> Request {
    Request::Question {
        text: words.join(" ").trim().to_owned(),
        before: String::new(),
    }
}
