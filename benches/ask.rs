//! Searching: one question at a time, with repair, on one thread.
//!
//! Measured on corpora of growing size made from a seed (see `corpus/mod.rs`):
//! one iteration is 200 questions, so a question takes a 200th of the time
//! shown. Run with `cargo bench --bench ask`.

mod corpus;

use footnote::index::{Builder, Index, Scratch};

/// Growth shows between these.
const SECTIONS: [usize; 3] = [1_000, 10_000, 100_000];

fn main() {
    divan::main();
}

#[divan::bench(args = SECTIONS, sample_count = 20)]
fn known_words(bencher: divan::Bencher<'_, '_>, sections: usize) {
    search(bencher, sections, false);
}

#[divan::bench(args = SECTIONS, sample_count = 20)]
fn half_the_words_misspelt(bencher: divan::Bencher<'_, '_>, sections: usize) {
    search(bencher, sections, true);
}

fn search(bencher: divan::Bencher<'_, '_>, sections: usize, misspelt: bool) {
    let index = index(sections);
    let questions = corpus::questions(sections, misspelt);
    let mut scratch = Scratch::default();
    bencher.bench_local(|| {
        questions
            .iter()
            .map(|question| index.search(&mut scratch, question, 10).len())
            .sum::<usize>()
    });
}

fn index(sections: usize) -> Index {
    let mut builder = Builder::new();
    for (number, note) in (0..).zip(corpus::notes(sections)) {
        builder.add(number, &note);
    }
    builder.finish()
}
