//! Answers as JSON, for `ask --json` and `ask --batch`.

use serde::Serialize;
use serde_json::Value;

use crate::answer::{Abstention, Answer, Evidence, Quotation};

/// One line of `ask --batch`. The first eight fields are a contract; the rest
/// says what else the terminal shows.
#[derive(Debug, Serialize)]
pub struct AnswerLine<'a> {
    /// The `id` of the question, as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a Value>,
    kind: &'static str,
    abstained: bool,
    services: &'a [String],
    controls: &'a [String],
    confidence: f32,
    elapsed_us: u64,
    snippets: Vec<SnippetLine<'a>>,
    reading: String,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    missing: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    abstention: Option<AbstentionLine<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<Evidence>,
}

#[derive(Debug, Serialize)]
struct SnippetLine<'a> {
    service: &'a str,
    control: &'a str,
    text: &'a str,
    citation: String,
    heading: &'a [String],
    sources: Vec<&'a str>,
    score: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    corrects: Option<CorrectedLine<'a>>,
}

#[derive(Debug, Serialize)]
struct CorrectedLine<'a> {
    text: &'a str,
    citation: String,
}

#[derive(Debug, Serialize)]
struct AbstentionLine<'a> {
    reason: crate::answer::Reason,
    uncovered: &'a [String],
    holds: &'a [String],
    nearest: &'a [String],
}

impl<'a> AnswerLine<'a> {
    /// The line for an answer that took `elapsed_us` microseconds.
    pub fn new(
        answer: &'a Answer,
        id: Option<&'a Value>,
        elapsed_us: u64,
        link_base: Option<&str>,
    ) -> Self {
        Self {
            id,
            kind: answer.kind.as_str(),
            abstained: answer.abstention.is_some(),
            services: &answer.services,
            controls: &answer.controls,
            confidence: rounded(answer.confidence),
            elapsed_us,
            snippets: answer
                .quotations
                .iter()
                .map(|quotation| snippet(quotation, link_base))
                .collect(),
            reading: answer.reading.to_string(),
            missing: &answer.missing,
            abstention: answer.abstention.as_ref().map(abstention),
            evidence: answer.evidence,
        }
    }
}

fn snippet<'a>(quotation: &'a Quotation, link_base: Option<&str>) -> SnippetLine<'a> {
    SnippetLine {
        service: &quotation.service,
        control: &quotation.control,
        text: &quotation.text,
        citation: quotation.citation.to_string(),
        heading: &quotation.heading,
        sources: quotation
            .sources
            .iter()
            .map(|source| source.text.as_str())
            .collect(),
        score: rounded(quotation.score),
        link: link_base.map(|base| quotation.citation.link(base)),
        corrects: quotation
            .corrects
            .as_ref()
            .map(|(text, citation)| CorrectedLine {
                text,
                citation: citation.to_string(),
            }),
    }
}

fn abstention(abstention: &Abstention) -> AbstentionLine<'_> {
    AbstentionLine {
        reason: abstention.reason,
        uncovered: &abstention.uncovered,
        holds: &abstention.holds,
        nearest: &abstention.nearest,
    }
}

/// Three decimals: more would only suggest precision.
fn rounded(value: f32) -> f32 {
    (value * 1000.0).round() / 1000.0
}
