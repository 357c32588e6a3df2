//! Words that every platform uses: titles and the sentences of an abstention.

use crate::answer::{Abstention, Answer, Kind, Quotation, Reason, in_a_sentence};

/// What an answer is about, in a line.
pub fn title(answer: &Answer) -> String {
    match answer.kind {
        Kind::Direct => answer.quotations.first().map(filed).unwrap_or_default(),
        Kind::Compare => answer.services.join(" · "),
        Kind::Overview => answer.services.join(", "),
        Kind::Matrix => {
            let count = answer.services.len();
            let what = if answer.controls.is_empty() {
                "Found".to_owned()
            } else {
                answer.controls.join(", ")
            };
            format!(
                "{what}: {count} {}",
                if count == 1 { "service" } else { "services" }
            )
        }
        Kind::Abstention => match answer.abstention.as_ref().map(|gap| gap.reason) {
            Some(Reason::NoQuestion) => "There is no question in that".to_owned(),
            _ => "Not in the notes".to_owned(),
        },
    }
}

/// Service and control of a quotation.
pub fn filed(quotation: &Quotation) -> String {
    [quotation.service.as_str(), quotation.control.as_str()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}

/// What an abstention says, a sentence each.
pub fn sentences(answer: &Answer, abstention: &Abstention) -> Vec<String> {
    let mut sentences = Vec::new();
    let about = answer.services.join(" and ");
    let part = if abstention.uncovered.is_empty() {
        answer
            .controls
            .iter()
            .map(|name| in_a_sentence(name))
            .collect::<Vec<_>>()
            .join(", ")
    } else {
        abstention
            .uncovered
            .iter()
            .map(|word| format!("“{word}”"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    match (abstention.reason, about.is_empty(), part.is_empty()) {
        (Reason::NoQuestion, ..) => {
            sentences.push("Ask about a subject of the notes, in your own words.".to_owned());
        }
        (_, true, true) => sentences.push("The notes do not cover this.".to_owned()),
        (_, true, false) => sentences.push(format!("The notes do not cover {part}.")),
        (_, false, true) => sentences.push(format!("The notes on {about} do not answer this.")),
        (_, false, false) => sentences.push(format!("The notes on {about} do not cover {part}.")),
    }
    if !abstention.holds.is_empty() {
        sentences.push(format!("They do hold: {}.", abstention.holds.join(", ")));
    }
    if !abstention.nearest.is_empty() {
        let lead = if abstention.reason == Reason::NoQuestion {
            "For example"
        } else {
            "Nearest names"
        };
        sentences.push(format!("{lead}: {}.", abstention.nearest.join(", ")));
    }
    sentences
}
