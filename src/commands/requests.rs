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

/// Two services side by side.
pub fn compare(app: &App, first: &str, second: &str, control: Option<&str>) -> Request {
    let first = app.name_of(first, Wanted::Service);
    let second = app.name_of(second, Wanted::Service);
    let both = format!("{first} vs {second}");
    match control {
        Some(control) => question(&[&both, &app.name_of(control, Wanted::Control)]),
        None => question(&[&both]),
    }
}

fn question(words: &[&str]) -> Request {
    Request::Question {
        text: words.join(" ").trim().to_owned(),
        before: String::new(),
    }
}
