//! A question becomes an answer: quotations with citations, or an abstention
//! that says what the notes do not hold.
//!
//! [`answer`] is a pure function of the knowledge, the question and the
//! policy. It does not format: `render` does.

mod compare;
mod confidence;
mod cue;
mod decline;
mod direct;
mod evidence;
mod list;
pub mod lookup;
mod mention;
pub mod policy;
pub mod query;
mod quote;
mod reading;
mod score;
pub mod suggest;
mod words;

pub use decline::{Abstention, Reason};
pub use evidence::Evidence;
pub use mention::Mention;
pub use quote::{Citation, Quotation};
pub use reading::{Reading, in_a_sentence};

use crate::catalog::EntityId;
use crate::knowledge::Knowledge;
use policy::Policy;
use query::{Cue, Query};

/// The kinds of answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The best few snippets.
    Direct,
    /// What the notes hold on one subject, by control.
    Overview,
    /// Every service with a snippet under a control.
    Matrix,
    /// Two or more services side by side.
    Compare,
    /// The notes do not cover it.
    Abstention,
}

impl Kind {
    /// Lower-case name, as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Overview => "overview",
            Self::Matrix => "matrix",
            Self::Compare => "compare",
            Self::Abstention => "abstention",
        }
    }
}

/// What is said to a question.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The kind of answer.
    pub kind: Kind,
    /// The services it is about, as the question named them, else as found.
    pub services: Vec<String>,
    /// The controls it is about.
    pub controls: Vec<String>,
    /// How sure it is that the question is answered, 0 to 1.
    pub confidence: f32,
    /// What the best snippet satisfies of the question; also of an abstention.
    pub evidence: Option<Evidence>,
    /// Best first; empty for an abstention.
    pub quotations: Vec<Quotation>,
    /// Services asked about that the notes say nothing on (compare).
    pub missing: Vec<String>,
    /// How the question was read.
    pub reading: Reading,
    /// Why there is no answer, when there is none.
    pub abstention: Option<Abstention>,
}

/// Answers a question. `before` is the question that this one follows, if any:
/// its service carries over when this one names none.
pub fn answer(
    knowledge: &Knowledge,
    policy: &Policy,
    question: &str,
    before: Option<&str>,
) -> Answer {
    let mut query = Query::read(knowledge, question);
    if let Some(before) = before {
        query.follow(knowledge, &Query::read(knowledge, before));
    }
    if query.asks_nothing() {
        return decline::nothing_asked(knowledge, &query);
    }
    if query.cue == Cue::List {
        list::prefer_controls(knowledge, &mut query);
    }
    let services = query.services(knowledge);
    let controls = query.controls(knowledge);
    if query.cue == Cue::Compare && services.len() >= 2 {
        return compare::answer(knowledge, policy, &query, &services);
    }
    if query.cue == Cue::List
        && let Some(answer) = list::matrix(knowledge, policy, &query)
    {
        return answer;
    }
    if query.is_bare() && !query.quantity {
        match (services.as_slice(), controls.as_slice()) {
            ([_], []) => return list::overview(knowledge, policy, &query),
            ([], [_]) if query.is_keywords() => return list::control(knowledge, policy, &query),
            ([_, _, ..], []) => return direct::or_compare(knowledge, policy, &query, &services),
            _ => {}
        }
    }
    direct::answer(knowledge, policy, &query)
}

/// What comes after the quotations of a direct answer, best first: for who
/// wants to read on. Empty for the other kinds, which hold everything already.
pub fn further(
    knowledge: &Knowledge,
    policy: &Policy,
    question: &str,
    before: Option<&str>,
) -> Vec<Quotation> {
    let mut query = Query::read(knowledge, question);
    if let Some(before) = before {
        query.follow(knowledge, &Query::read(knowledge, before));
    }
    direct::further(knowledge, policy, &query)
}

fn names(knowledge: &Knowledge, ids: &[EntityId]) -> Vec<String> {
    ids.iter()
        .map(|id| knowledge.catalog.entity(*id).name.clone())
        .collect()
}
