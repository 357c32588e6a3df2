//! Any text as a question: answering never panics, every quotation is an exact
//! range of its note, and the same question has the same answer.
//!
//! ```sh
//! cargo fuzz run questions -- -max_len=2048
//! ```
//!
//! The corpus holds one question for each kind of answer and each kind of noise.

#![no_main]

use std::sync::LazyLock;

use footnote::answer::{answer, policy::Policy};
use footnote::knowledge::Knowledge;
use footnote::note::parse::parse;
use libfuzzer_sys::fuzz_target;

/// A small pack: two services, two controls, and a plain note.
static KNOWLEDGE: LazyLock<Knowledge> = LazyLock::new(|| {
    let notes = [
        (
            "controls/at-rest.md",
            "---\nkind: control\nname: Encryption at rest\naliases: [on disk, stored data, SSE]\n---\n\
             # Encryption at rest\n\nIt protects stored data.\n",
        ),
        (
            "controls/transit.md",
            "---\nkind: control\nname: Encryption in transit\naliases: [on the wire, TLS, HTTPS]\n---\n\
             # Encryption in transit\n\nIt protects data on its way.\n",
        ),
        (
            "plain.md",
            "# Team wiki\n\n## Deployments\n\n- Use the blue pipeline:\n  - on Tuesdays\n",
        ),
        (
            "services/queue.md",
            "---\nkind: service\nname: Acme Queue\naliases: [AQ]\n---\n# Acme Queue\n\n\
             ## Encryption at rest\n\n- Old: only new queues.[^a]\n  - **Today:** every queue is.[^a]\n\n\
             ## Encryption in transit\n\n- HTTPS endpoints only.[^a]\n\n[^a]: Guide\n",
        ),
        (
            "services/store.md",
            "---\nkind: service\nname: Acme Store\n---\n# Acme Store\n\n\
             ## Encryption at rest\n\n- Keys are managed for you.[^a]\n\n[^a]: Guide\n",
        ),
    ];
    Knowledge::build(
        notes
            .iter()
            .map(|(path, text)| parse(path, (*text).to_owned()).0)
            .collect(),
    )
});

fuzz_target!(|question: &str| {
    let policy = Policy::default();
    let first = answer(&KNOWLEDGE, &policy, question, None);
    assert!((0.0..=1.0).contains(&first.confidence));
    assert_eq!(first.quotations.is_empty(), first.abstention.is_some());
    for quotation in &first.quotations {
        let note = KNOWLEDGE
            .notes
            .iter()
            .find(|note| note.path == quotation.citation.path);
        assert!(note.is_some_and(|note| note.source.contains(&quotation.text)));
    }
    let again = answer(&KNOWLEDGE, &policy, question, Some(question));
    let repeated = answer(&KNOWLEDGE, &policy, question, Some(question));
    assert_eq!(again.confidence.to_bits(), repeated.confidence.to_bits());
});
