//! Scores answers against labelled questions.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::answer::{Answer, Kind};

/// A question with what its answer must be.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Labelled {
    /// Names the question in the report.
    pub id: String,
    /// The question.
    pub text: String,
    /// The kind of answer.
    pub kind: Kind,
    /// How the question is asked ("misspelt", "paraphrase"); groups the report.
    #[serde(default)]
    pub style: String,
    /// Services: any of them for a direct answer, all of them for the others.
    #[serde(default)]
    pub services: Vec<String>,
    /// Controls, any of which is right.
    #[serde(default)]
    pub controls: Vec<String>,
    /// Lower-case texts, one of which the first snippet must contain.
    #[serde(default)]
    pub expect: Vec<String>,
    /// The question before, for one that follows it.
    #[serde(default)]
    pub previous: Option<String>,
}

/// How one question went.
#[derive(Clone, Debug)]
struct Outcome {
    style: String,
    must_decline: bool,
    declined: bool,
    /// 1 for right; the F1 of the services for a list.
    score: f64,
    matrix: bool,
}

/// Outcomes of a set of questions.
#[derive(Clone, Debug, Default)]
pub struct Report {
    outcomes: Vec<Outcome>,
    failures: Vec<String>,
}

/// The figures of a report; each is `None` when no question counts for it.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// Number of questions.
    pub questions: usize,
    /// Share of questions with an answer whose answer is right (first snippet;
    /// F1 for lists).
    pub right: Option<f64>,
    /// Mean F1 of lists of services.
    pub matrix: Option<f64>,
    /// Share of what must be declined that was.
    pub declined: Option<f64>,
    /// Share of the abstentions that had to be.
    pub precision: Option<f64>,
    /// Share right by style.
    pub by_style: BTreeMap<String, f64>,
    /// Number of questions by style.
    pub count_by_style: BTreeMap<String, usize>,
    /// What went wrong, a line each.
    pub failures: Vec<String>,
}

impl Report {
    /// Scores one answer.
    pub fn add(&mut self, question: &Labelled, answer: &Answer) {
        let must_decline = question.kind == Kind::Abstention;
        let declined = answer.kind == Kind::Abstention;
        let score = if must_decline || declined {
            f64::from(u8::from(must_decline && declined))
        } else {
            score(question, answer)
        };
        if score < 1.0 {
            self.failures.push(failure(question, answer, score));
        }
        self.outcomes.push(Outcome {
            style: if question.style.is_empty() {
                question.kind.as_str().to_owned()
            } else {
                question.style.clone()
            },
            must_decline,
            declined,
            score,
            matrix: question.kind == Kind::Matrix,
        });
    }

    /// The figures.
    pub fn summary(&self) -> Summary {
        let mut styles: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for outcome in &self.outcomes {
            styles
                .entry(outcome.style.clone())
                .or_default()
                .push(outcome.score);
        }
        let of = |wanted: &dyn Fn(&Outcome) -> bool| {
            mean(self.outcomes.iter().filter(|o| wanted(o)).map(|o| o.score))
        };
        Summary {
            questions: self.outcomes.len(),
            right: of(&|outcome| !outcome.must_decline),
            matrix: of(&|outcome| outcome.matrix),
            declined: of(&|outcome| outcome.must_decline),
            precision: of(&|outcome| outcome.declined),
            count_by_style: styles
                .iter()
                .map(|(style, scores)| (style.clone(), scores.len()))
                .collect(),
            by_style: styles
                .into_iter()
                .filter_map(|(style, s)| Some((style, mean(s.into_iter())?)))
                .collect(),
            failures: self.failures.clone(),
        }
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    (count > 0.0).then(|| sum / count)
}

fn score(question: &Labelled, answer: &Answer) -> f64 {
    let right = match question.kind {
        Kind::Direct => is_right(question, answer),
        Kind::Matrix => return f1(&question.services, &answer.services),
        Kind::Overview => {
            answer.kind == Kind::Overview && same(&question.services, &answer.services)
        }
        Kind::Compare => question.services.iter().all(|service| {
            answer.missing.contains(service)
                || answer
                    .quotations
                    .iter()
                    .any(|quotation| quotation.service == *service)
        }),
        Kind::Abstention => false,
    };
    f64::from(u8::from(right))
}

/// Whether the first snippet of a direct answer is one that the labels allow.
pub fn is_right(question: &Labelled, answer: &Answer) -> bool {
    let Some(first) = answer.quotations.first() else {
        return false;
    };
    let any = |labels: &[String], found: &str| {
        labels.is_empty() || labels.iter().any(|label| label.eq_ignore_ascii_case(found))
    };
    let text = match &first.corrects {
        Some((corrected, _)) => format!("{} {corrected}", first.text).to_lowercase(),
        None => first.text.to_lowercase(),
    };
    any(&question.services, &first.service)
        && any(&question.controls, &first.control)
        && (question.expect.is_empty()
            || question
                .expect
                .iter()
                .any(|part| text.contains(part.as_str())))
}

fn same(labels: &[String], found: &[String]) -> bool {
    labels.len() == found.len() && labels.iter().all(|label| found.contains(label))
}

fn f1(labels: &[String], found: &[String]) -> f64 {
    let both = labels.iter().filter(|label| found.contains(label)).count();
    if both == 0 {
        return 0.0;
    }
    #[expect(clippy::cast_precision_loss, reason = "a handful of services")]
    let share = 2.0 * both as f64 / (labels.len() + found.len()) as f64;
    share
}

fn failure(question: &Labelled, answer: &Answer, score: f64) -> String {
    let wanted = match question.kind {
        Kind::Abstention => "an abstention".to_owned(),
        Kind::Matrix | Kind::Compare | Kind::Overview => question.services.join(", "),
        Kind::Direct => {
            let pair = format!(
                "{} · {}",
                question.services.join("/"),
                question.controls.join("/")
            );
            if question.expect.is_empty() {
                pair
            } else {
                format!("{pair} with {:?}", question.expect)
            }
        }
    };
    let got = match (answer.kind, answer.quotations.first()) {
        (Kind::Matrix, _) => answer.services.join(", "),
        (_, Some(first)) => {
            let text: String = first.text.chars().take(60).collect();
            format!(
                "{} · {} “{}”",
                first.service,
                first.control,
                text.replace('\n', " ")
            )
        }
        (_, None) => "abstained".to_owned(),
    };
    format!(
        "{} [{}] {:?}\n    wanted {wanted}\n    got    {} ({:.2}, {score:.2}): {got}\n    read as {}",
        question.id,
        question.style,
        question.text,
        answer.kind.as_str(),
        answer.confidence,
        answer.reading,
    )
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let summary = self.summary();
        for failure in &summary.failures {
            writeln!(f, "{failure}")?;
        }
        if !summary.failures.is_empty() {
            writeln!(f)?;
        }
        for (style, share) in &summary.by_style {
            let count = summary.count_by_style.get(style).copied().unwrap_or(0);
            writeln!(f, "{style:<14} {share:>6.3}  of {count}")?;
        }
        writeln!(f)?;
        let figures = [
            ("right", summary.right, "of what the notes answer"),
            ("matrix F1", summary.matrix, "mean over lists"),
            ("declined", summary.declined, "of what must be declined"),
            ("precision", summary.precision, "of the abstentions"),
        ];
        for (name, share, of) in figures {
            if let Some(share) = share {
                writeln!(f, "{name:<14} {share:>6.3}  {of}")?;
            }
        }
        writeln!(f, "{:<14} {:>6}", "questions", summary.questions)
    }
}
