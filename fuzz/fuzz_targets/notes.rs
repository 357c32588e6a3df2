//! Any bytes as a note: parsing and linting never panic, and every span is a
//! range of the text.
//!
//! ```sh
//! cargo fuzz run notes -- -max_len=4096 -dict=fuzz/notes.dict
//! ```
//!
//! The corpus holds one small file for each thing that notes are made of; what
//! the fuzzer finds on the way is not kept.

#![no_main]

use footnote::note::footnotes::footnotes_of;
use footnote::note::parse::parse;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (note, diagnostics) = parse("folder/note.md", text.to_owned());
    assert_eq!(note.source, text);
    let mut end = 0;
    for section in &note.sections {
        assert!(section.span.start >= end);
        end = section.span.end;
        for snippet in &section.snippets {
            assert!(!note.text(snippet.span).trim().is_empty());
            assert!(snippet.span.start >= section.span.start && snippet.span.end <= end);
            footnotes_of(&note, snippet.span);
        }
    }
    let lines = text.matches(['\n', '\r']).count() as u32 + 1;
    for found in footnote::lint::lint(&[note], diagnostics, (2026, 11)) {
        assert!(found.line <= lines, "{found}");
    }
});
