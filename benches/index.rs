//! Building the index: adding parsed notes and finishing.
//!
//! Measured on a corpus made from a seed (see `corpus/mod.rs`), parsed before
//! the clock starts. Run with `cargo bench --bench index`.

#[expect(dead_code, reason = "questions are for the other bench")]
mod corpus;

use footnote::index::{Builder, Index};
use footnote::note::Note;

fn main() {
    divan::main();
}

#[divan::bench(args = [1_000, 10_000], sample_count = 10)]
fn build(bencher: divan::Bencher<'_, '_>, sections: usize) {
    let notes: Vec<Note> = corpus::notes(sections).collect();
    bencher.bench(|| index(&notes));
}

fn index(notes: &[Note]) -> Index {
    let mut builder = Builder::new();
    for (number, note) in (0..).zip(notes) {
        builder.add(number, note);
    }
    builder.finish()
}
