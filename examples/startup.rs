//! Where the time goes between start and answer.
//!
//! ```sh
//! cargo run --release --example startup -- knowledge
//! ```

#![expect(clippy::print_stdout, reason = "a program for a terminal")]

use std::path::Path;
use std::time::Instant;

use footnote::answer::{self, policy::Policy};
use footnote::catalog::Catalog;
use footnote::index::Builder;
use footnote::knowledge::Knowledge;
use footnote::load::{Limits, load};

fn main() -> anyhow::Result<()> {
    let folder = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "knowledge".to_owned());
    let start = Instant::now();
    let loaded = load(Path::new(&folder), &Limits::default())?;
    println!("load      {:>8.2?}", start.elapsed());
    let start = Instant::now();
    let mut builder = Builder::new();
    for (at, note) in loaded.notes.iter().enumerate() {
        builder.add(u32::try_from(at)?, note);
    }
    let index = builder.finish();
    println!(
        "index     {:>8.2?}  {} sections",
        start.elapsed(),
        index.len()
    );
    let start = Instant::now();
    let catalog = Catalog::build(&loaded.notes);
    println!(
        "catalog   {:>8.2?}  {} names",
        start.elapsed(),
        catalog.len()
    );
    let start = Instant::now();
    let knowledge = Knowledge::build(loaded.notes);
    println!(
        "knowledge {:>8.2?}  (index and catalog again)",
        start.elapsed()
    );
    for question in [
        "is sqs encrypted on the wire?",
        "which services support vpc endpoints",
        "encripton at rset for dynamo",
        "what is the price of tea",
    ] {
        let mut best = std::time::Duration::MAX;
        for _ in 0..200 {
            let start = Instant::now();
            std::hint::black_box(answer::answer(
                &knowledge,
                &Policy::default(),
                question,
                None,
            ));
            best = best.min(start.elapsed());
        }
        println!("ask       {best:>8.2?}  {question}");
    }
    Ok(())
}
