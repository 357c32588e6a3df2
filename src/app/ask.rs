//! Asking: a request becomes what the notes say, and what follows from that is
//! counted.

use std::sync::Arc;
use std::time::Instant;

use crate::answer::lookup::{self, Wanted};
use crate::answer::suggest::Suggestion;
use crate::answer::{self, Answer, suggest};
use crate::catalog::EntityId;
use crate::gap::Kind;
use crate::id::{ChannelId, GuildId, MessageId, UserId};
use crate::knowledge::Knowledge;
use crate::render::answer::Answered;
use crate::render::reply::Request;
use crate::telemetry::metrics::{ABSTENTIONS, ANSWER_TIME, ANSWERS};
use crate::text::question::MAX_QUESTION_CHARS;

use super::App;
use super::limits::Refused;

/// Names offered to go on with when the notes do not say.
const NEAREST: usize = 5;
/// Suggestions while something is typed.
const SUGGESTIONS: usize = 25;

/// Who asks, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asker {
    /// The person.
    pub user: UserId,
    /// The server; none in a direct message.
    pub guild: Option<GuildId>,
    /// Where the question can be read by others, if it can.
    pub place: Option<Place>,
}

/// A message that others can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its channel.
    pub channel: ChannelId,
    /// Itself.
    pub message: MessageId,
}

impl App {
    /// Answers and counts a question: popular sections, and gaps when the
    /// notes do not say. `None` when the notes no longer hold what is looked up.
    ///
    /// # Errors
    /// This person or server asked too much.
    pub async fn ask(
        self: &Arc<Self>,
        request: Request,
        asker: Asker,
    ) -> Result<Option<Answered>, Refused> {
        self.limits.ask(asker.user, asker.guild)?;
        let since = Instant::now();
        let Some(answered) = self.answer(request).await else {
            return Ok(None);
        };
        ANSWER_TIME.time(&[], since.elapsed());
        count(&answered.answer);
        if answered.answer.abstention.is_some() {
            if !is_noise(&answered.answer) {
                self.record_gap(self.gap(&answered, asker, Kind::Abstention));
            }
        } else if let Some(best) = answered.answer.quotations.first() {
            let loaded = self.notes.current();
            self.popular
                .count(lookup::section_id(&loaded.knowledge, best.at));
        }
        Ok(Some(answered))
    }

    /// Answers without counting, for pages and for sharing. `None` when the
    /// notes no longer hold what is looked up.
    pub async fn answer(self: &Arc<Self>, request: Request) -> Option<Answered> {
        if !self.notes.are_large() {
            return self.answer_now(request);
        }
        let app = Arc::clone(self);
        tokio::task::spawn_blocking(move || app.answer_now(request))
            .await
            .unwrap_or_else(|error| match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => None,
            })
    }

    fn answer_now(&self, request: Request) -> Option<Answered> {
        let loaded = self.notes.current();
        let knowledge = &loaded.knowledge;
        let request = resolved(knowledge, request);
        let mut further = Vec::new();
        let (question, answer) = match &request {
            Request::Question { text, before } => {
                let before = Some(before.as_str()).filter(|before| !before.is_empty());
                let answer = answer::answer(knowledge, &self.policy, text, before);
                if answer.kind == answer::Kind::Direct {
                    further = answer::further(knowledge, &self.policy, text, before);
                }
                (text.clone(), answer)
            }
            Request::Show(id) => self.show(knowledge, id)?,
            Request::Both(service, control) => {
                let service = lookup::find(knowledge, service, Wanted::Service)?;
                let control = lookup::find(knowledge, control, Wanted::Control)?;
                let name = |id: EntityId| &knowledge.catalog.entity(id).name;
                (
                    format!("{} · {}", name(service), name(control)),
                    lookup::service_and_control(knowledge, &self.policy, service, control),
                )
            }
            Request::Compare {
                first,
                second,
                control,
            } => {
                let first = lookup::find(knowledge, first, Wanted::Service)?;
                let second = lookup::find(knowledge, second, Wanted::Service)?;
                let control = match control.as_str() {
                    "" => None,
                    id => Some(lookup::find(knowledge, id, Wanted::Control)?),
                };
                let name = |id: EntityId| &knowledge.catalog.entity(id).name;
                let among = control.map_or_else(String::new, |id| format!(" · {}", name(id)));
                let question = format!("{} vs {}{among}", name(first), name(second));
                let sides = [first, second];
                let answer = lookup::compare(knowledge, &self.policy, sides, control);
                (question, answer)
            }
        };
        Some(Answered {
            nearest: nearest(knowledge, &answer),
            request,
            question,
            answer,
            further,
        })
    }

    fn show(&self, knowledge: &Knowledge, id: &str) -> Option<(String, Answer)> {
        if let Some(at) = lookup::section_with_id(knowledge, id)
            && let Some(answer) = lookup::section(knowledge, &self.policy, at)
        {
            let label = suggest::section(knowledge, at).map_or_else(String::new, |s| s.label);
            return Some((label, answer));
        }
        let name = |id: EntityId| knowledge.catalog.entity(id).name.clone();
        if let Some(service) = lookup::find(knowledge, id, Wanted::Service) {
            let answer = lookup::service(knowledge, &self.policy, service);
            return Some((name(service), answer));
        }
        let control = lookup::find(knowledge, id, Wanted::Control)?;
        Some((
            name(control),
            lookup::control(knowledge, &self.policy, control),
        ))
    }

    /// Sections for what is typed as a question; the most asked for nothing.
    pub fn suggest_sections(&self, typed: &str) -> Vec<Suggestion> {
        let loaded = self.notes.current();
        if typed.trim().is_empty() {
            return self.popular_sections(&loaded.knowledge, SUGGESTIONS);
        }
        suggest::sections(&loaded.knowledge, head(typed), SUGGESTIONS)
    }

    /// Names for what is typed as one, among those that go with `within`.
    pub fn suggest_names(
        &self,
        typed: &str,
        wanted: Wanted,
        within: Option<&str>,
    ) -> Vec<Suggestion> {
        let loaded = self.notes.current();
        let knowledge = &loaded.knowledge;
        let other = match wanted {
            Wanted::Service => Wanted::Control,
            Wanted::Control => Wanted::Service,
        };
        let within = within
            .filter(|text| !text.trim().is_empty())
            .and_then(|text| lookup::find(knowledge, text, other));
        suggest::names(knowledge, head(typed), wanted, within, SUGGESTIONS)
    }

    /// The request for a name typed where a service or a control is wanted: its
    /// id, or the text as a question when it names none.
    pub fn named(&self, text: &str, wanted: Wanted) -> Request {
        let loaded = self.notes.current();
        let knowledge = &loaded.knowledge;
        match lookup::find(knowledge, head(text), wanted) {
            Some(id) => Request::Show(lookup::id_of(knowledge, id)),
            None => Request::Question {
                text: text.to_owned(),
                before: String::new(),
            },
        }
    }

    /// The name of what a text stands for, or the text itself.
    pub fn name_of(&self, text: &str, wanted: Wanted) -> String {
        let loaded = self.notes.current();
        lookup::find(&loaded.knowledge, head(text), wanted).map_or_else(
            || text.to_owned(),
            |id| loaded.knowledge.catalog.entity(id).name.clone(),
        )
    }
}

/// What is read of a text that is typed.
fn head(text: &str) -> &str {
    text.char_indices()
        .nth(MAX_QUESTION_CHARS)
        .and_then(|(end, _)| text.get(..end))
        .unwrap_or(text)
}

/// A suggestion that was chosen arrives as the text of a question.
fn resolved(knowledge: &Knowledge, request: Request) -> Request {
    let is_id = |id: &str| {
        lookup::section_with_id(knowledge, id).is_some()
            || lookup::with_id(knowledge, id).next().is_some()
    };
    match request {
        Request::Question { text, .. } if is_id(text.trim()) => {
            Request::Show(text.trim().to_owned())
        }
        Request::Question { text, before } => Request::Question {
            text: head(&text).to_owned(),
            before,
        },
        other => other,
    }
}

fn count(answer: &Answer) {
    ANSWERS.count(&[answer.kind.as_str()]);
    if let Some(abstention) = &answer.abstention {
        ABSTENTIONS.count(&[match abstention.reason {
            answer::Reason::NoQuestion => "no_question",
            answer::Reason::UnknownSubject => "unknown_subject",
            answer::Reason::NotCovered => "not_covered",
        }]);
    }
}

/// A greeting is no gap in the notes.
fn is_noise(answer: &Answer) -> bool {
    answer
        .abstention
        .as_ref()
        .is_some_and(|abstention| abstention.reason == answer::Reason::NoQuestion)
}

/// Where to go from an abstention: names near the question, else what the
/// notes do hold on its service.
fn nearest(knowledge: &Knowledge, answer: &Answer) -> Vec<(String, Request)> {
    let Some(abstention) = &answer.abstention else {
        return Vec::new();
    };
    let id = |name: &String, wanted| {
        lookup::find(knowledge, name, wanted).map(|id| lookup::id_of(knowledge, id))
    };
    let names = abstention.nearest.iter().filter_map(|name| {
        let id = id(name, Wanted::Service).or_else(|| id(name, Wanted::Control))?;
        Some((name.clone(), Request::Show(id)))
    });
    let service = answer
        .services
        .first()
        .and_then(|name| id(name, Wanted::Service));
    let held = abstention.holds.iter().filter_map(|name| {
        let control = id(name, Wanted::Control)?;
        Some((name.clone(), Request::Both(service.clone()?, control)))
    });
    names.chain(held).take(NEAREST).collect()
}
