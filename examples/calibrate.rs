//! Fits the weights of the confidence on labelled questions.
//!
//! ```sh
//! cargo run --release --example calibrate -- tests/golden/tune.jsonl tests/golden/practice.jsonl
//! ```
//!
//! Every direct answer, given without abstaining, is an observation: what its
//! best snippet satisfies of the question ([`Evidence::features`]) and whether
//! that snippet is right. The weights are those of a logistic regression with a
//! ridge penalty, found by Newton's method (Hastie, Tibshirani and Friedman,
//! The Elements of Statistical Learning, 4.4.1). They are copied by hand into
//! `src/answer/confidence.rs`.

#![expect(clippy::print_stdout, reason = "a program for a terminal")]

use std::path::Path;

use anyhow::{Context as _, Result};
use footnote::answer::{self, Evidence, Kind, policy::Policy};
use footnote::eval::{Labelled, is_right};
use footnote::knowledge::Knowledge;
use footnote::load::{Limits, load};

const N: usize = Evidence::FEATURES;
/// Keeps weights of rare features small.
const RIDGE: f64 = 1.0;

struct Observation {
    features: [f64; N],
    right: bool,
    must_decline: bool,
}

fn main() -> Result<()> {
    let knowledge = Knowledge::build(load(Path::new("knowledge"), &Limits::default())?.notes);
    let policy = Policy {
        min_confidence: 0.0,
        ..Policy::default()
    };
    let mut seen = Vec::new();
    for file in std::env::args().skip(1) {
        let lines = std::fs::read_to_string(&file).with_context(|| file.clone())?;
        for line in lines.lines() {
            let question: Labelled = serde_json::from_str(line)?;
            let answer = answer::answer(
                &knowledge,
                &policy,
                &question.text,
                question.previous.as_deref(),
            );
            let must_decline = question.kind == Kind::Abstention;
            let (Kind::Direct, Some(evidence)) = (answer.kind, answer.evidence) else {
                continue;
            };
            if evidence.service <= 0.0
                || evidence.denied
                || !(must_decline || question.kind == Kind::Direct)
            {
                continue;
            }
            seen.push(Observation {
                features: evidence.features().map(f64::from),
                right: !must_decline && is_right(&question, &answer),
                must_decline,
            });
        }
    }
    let weights = fit(&seen);
    println!("{} answers\n{:.2?}\n", seen.len(), weights);
    println!("threshold  right  declined");
    for threshold in [0.35, 0.4, 0.43, 0.45, 0.5, 0.55, 0.6] {
        let share = |wanted: &dyn Fn(&Observation) -> bool, good: &dyn Fn(&Observation) -> bool| {
            let all = seen.iter().filter(|o| wanted(o)).count();
            let fine = seen.iter().filter(|o| wanted(o) && good(o)).count();
            100 * fine / all.max(1)
        };
        let answered = |o: &Observation| chance(&weights, &o.features) >= threshold;
        println!(
            "{threshold:>9}  {:>4}%  {:>7}%",
            share(&|o| !o.must_decline, &|o| o.right && answered(o)),
            share(&|o| o.must_decline, &|o| !answered(o)),
        );
    }
    Ok(())
}

fn chance(weights: &[f64; N], features: &[f64; N]) -> f64 {
    let sum: f64 = weights
        .iter()
        .zip(features)
        .map(|(weight, value)| weight * value)
        .sum();
    1.0 / (1.0 + (-sum).exp())
}

fn fit(seen: &[Observation]) -> [f64; N] {
    let mut weights = [0.0; N];
    for _ in 0..50 {
        let mut gradient = [0.0; N];
        let mut curvature = [[0.0; N]; N];
        for i in 0..N {
            // The constant is not penalised.
            let ridge = if i == 0 { 1e-6 } else { RIDGE };
            gradient[i] = ridge * weights[i];
            curvature[i][i] = ridge;
        }
        for o in seen {
            let p = chance(&weights, &o.features);
            let error = p - f64::from(u8::from(o.right));
            for i in 0..N {
                gradient[i] += error * o.features[i];
                for (j, cell) in curvature[i].iter_mut().enumerate() {
                    *cell += p * (1.0 - p) * o.features[i] * o.features[j];
                }
            }
        }
        let step = solve(curvature, gradient);
        for (weight, step) in weights.iter_mut().zip(step) {
            *weight -= step;
        }
    }
    weights
}

/// Gaussian elimination with partial pivoting; the matrix is positive definite.
fn solve(mut matrix: [[f64; N]; N], mut right: [f64; N]) -> [f64; N] {
    for column in 0..N {
        let pivot = (column..N)
            .max_by(|a, b| {
                matrix[*a][column]
                    .abs()
                    .total_cmp(&matrix[*b][column].abs())
            })
            .unwrap_or(column);
        matrix.swap(column, pivot);
        right.swap(column, pivot);
        for row in column + 1..N {
            let factor = matrix[row][column] / matrix[column][column];
            let above = matrix[column];
            for (cell, above) in matrix[row].iter_mut().zip(above).skip(column) {
                *cell -= factor * above;
            }
            right[row] -= factor * right[column];
        }
    }
    for row in (0..N).rev() {
        let known: f64 = (row + 1..N)
            .map(|column| matrix[row][column] * right[column])
            .sum();
        right[row] = (right[row] - known) / matrix[row][row];
    }
    right
}
