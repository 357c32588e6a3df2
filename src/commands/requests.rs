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
    let named = (
        shown(app.named(first, Wanted::Service)),
        shown(app.named(second, Wanted::Service)),
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
        _ => {
            let service = |text| app.name_of(text, Wanted::Service);
            let control = control.map(|text| app.name_of(text, Wanted::Control));
            let control = control.unwrap_or_default();
            question(&[&service(first), "vs", &service(second), &control])
        }
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
