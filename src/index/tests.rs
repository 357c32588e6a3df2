//! The index as a whole, on a few notes.

use proptest::prelude::*;

use super::{Builder, Hit, Index, Place, Reading, Scratch, SectionId};
use crate::note::Note;
use crate::note::parse::parse;

const NOTES: [(&str, &str); 3] = [
    (
        "services/s3.md",
        "# Amazon S3\n\nObject storage in buckets.\n\n## Encryption at rest\n\n\
         Buckets are encrypted with SSE-S3 or with KMS keys.\n\n## Versioning\n\n\
         Keeps every version of an object; see [locks](lock.md#retention).\n",
    ),
    (
        "services/sqs.md",
        "# Amazon SQS\n\nQueues of messages.\n\n## Encryption at rest\n\n\
         Queues are encrypted with KMS keys.\n\n## Dead-letter queues\n\n\
         Messages that fail go to a dead-letter queue.\n",
    ),
    (
        "services/kinesis.md",
        "# Kinesis\n\n## Shards\n\n**Limits**\n\nA shard takes 1 MB a second.\n",
    ),
];

fn notes() -> Vec<Note> {
    NOTES
        .iter()
        .map(|(path, text)| parse(path, (*text).to_owned()).0)
        .collect()
}

fn index(notes: &[Note]) -> Index {
    let mut builder = Builder::new();
    for (number, note) in (0..).zip(notes) {
        builder.add(number, note);
    }
    builder.finish()
}

/// Note path and heading of the best section.
fn best(question: &str) -> String {
    let notes = notes();
    let index = index(&notes);
    let hits = index.search(&mut Scratch::default(), question, 1);
    let Some(place) = hits.first().and_then(|hit| index.place(hit.section)) else {
        return "nothing".to_owned();
    };
    let note = &notes[place.note as usize];
    format!(
        "{} {}",
        note.path, note.sections[place.section as usize].heading
    )
}

#[test]
fn the_section_that_is_asked_about_comes_first() {
    for (question, expected) in [
        (
            "is s3 encrypted at rest?",
            "services/s3.md Encryption at rest",
        ),
        ("sqs encripton", "services/sqs.md Encryption at rest"),
        ("dead letter qeues", "services/sqs.md Dead-letter queues"),
        (
            "how do i keep versions of objects",
            "services/s3.md Versioning",
        ),
        ("what takes 1 mb", "services/kinesis.md Limits"),
        ("retention", "nothing"),
        ("", "nothing"),
        ("<@1> || ** ||", "nothing"),
    ] {
        assert_eq!(best(question), expected, "{question}");
    }
}

#[test]
fn a_heading_answers_for_its_bold_lines() {
    let notes = notes();
    let index = index(&notes);
    let found = index.search(&mut Scratch::default(), "1 MB a second", 9);
    let found: Vec<Place> = found
        .iter()
        .filter_map(|hit| index.place(hit.section))
        .collect();
    let headings = found.iter().map(|place| {
        notes[place.note as usize].sections[place.section as usize]
            .heading
            .as_str()
    });
    assert_eq!(headings.collect::<Vec<_>>(), ["Limits", "Shards"]);
}

#[test]
fn equal_sections_come_in_the_order_of_notes() {
    let text = "# Keys\n\nRotate keys.\n";
    let notes: Vec<Note> = (0..3)
        .map(|_| parse("same.md", text.to_owned()).0)
        .collect();
    let hits = index(&notes).search(&mut Scratch::default(), "rotate keys", 9);
    let order: Vec<SectionId> = hits.iter().map(|hit| hit.section).collect();
    assert_eq!(order, [SectionId(0), SectionId(1), SectionId(2)]);
    assert!(
        hits.windows(2)
            .all(|pair| pair[0].score.to_bits() == pair[1].score.to_bits())
    );
}

#[test]
fn readings_tell_known_repaired_and_unknown_words_apart() {
    let index = index(&notes());
    let query = index.read(&mut Scratch::default(), "the encripton of zzzzqq buckets");
    let readings: Vec<&str> = query
        .words
        .iter()
        .map(|word| match word.reading {
            Reading::Known(_) => "known",
            Reading::Repaired(_) => "repaired",
            Reading::Unknown => "unknown",
            Reading::Stop => "stop",
        })
        .collect();
    assert_eq!(readings, ["stop", "repaired", "stop", "unknown", "known"]);
}

#[test]
fn what_a_section_holds_can_be_asked() {
    let index = index(&notes());
    let term = index.lookup("Encrypted").unwrap();
    assert_eq!(index.stem(term), "encrypt");
    assert_eq!(index.document_frequency(term), 2);
    let held = index.fields(SectionId(1), term).unwrap();
    assert!(held.has(super::Fields::HEADING) && held.count() == 1);
    assert_eq!(index.fields(SectionId(0), term), None);
    assert_eq!(index.lookup("retention"), None, "link targets are not text");
    assert_eq!(index.place(SectionId(99)), None);
    shared(&index);
}

#[test]
fn a_huge_question_costs_no_more_than_its_first_thousand_characters() {
    let index = index(&notes());
    let mut scratch = Scratch::default();
    let huge = "encripton bukcet ".repeat(60_000);
    let short: String = huge
        .chars()
        .take(crate::text::question::MAX_QUESTION_CHARS)
        .collect();
    // Both words, and the one that the limit cuts.
    assert_eq!(index.read(&mut scratch, &huge).words.len(), 3);
    assert_eq!(
        index.search(&mut scratch, &huge, 5),
        index.search(&mut scratch, &short, 5)
    );
}

#[test]
fn a_heading_as_long_as_a_book_is_cheap() {
    let text = format!(
        "# {}\n\nkms\n",
        (0..200_000).fold(String::new(), |text, n| text + "w" + &n.to_string() + " ")
    );
    let notes = [parse("long.md", text).0];
    assert_eq!(
        index(&notes)
            .search(&mut Scratch::default(), "kms w1", 1)
            .len(),
        1
    );
}

#[test]
fn an_empty_index_finds_nothing() {
    let index = Builder::new().finish();
    assert!(index.is_empty());
    assert!(
        index
            .search(&mut Scratch::default(), "encripton at rest", 5)
            .is_empty()
    );
    assert!(
        index
            .repair(&mut Scratch::default(), "encripton")
            .is_empty()
    );
}

proptest! {
    #[test]
    fn any_question_is_safe_limited_and_repeatable(question in "\\PC{0,80}", limit in 0_usize..4) {
        let index = index(&notes());
        let mut scratch = Scratch::default();
        let first = index.search(&mut scratch, &question, limit);
        prop_assert!(first.len() <= limit);
        prop_assert!(first.iter().all(|hit| hit.score > 0.0 && hit.score.is_finite()));
        prop_assert!(first.windows(2).all(|pair| ordered(pair[0], pair[1])));
        prop_assert_eq!(&first, &index.search(&mut scratch, &question, limit));
        prop_assert_eq!(&first, &index.search(&mut Scratch::default(), &question, limit));
    }

    #[test]
    fn any_note_can_be_indexed(text in "(\\PC|\n|# |\\[|\\]\\(|<|:|/){0,200}", question in "\\PC{0,40}") {
        let notes = [parse("a/b.md", text).0];
        index(&notes).search(&mut Scratch::default(), &question, 3);
    }

    #[test]
    fn a_known_word_is_never_repaired(number in 0_usize..64) {
        let index = index(&notes());
        let words: Vec<String> = NOTES
            .iter()
            .flat_map(|(_, text)| crate::text::words(text))
            .map(|word| word.text.into_owned())
            .filter(|word| index.lookup(word).is_some())
            .collect();
        let word = &words[number % words.len()];
        let mut scratch = Scratch::default();
        prop_assert!(index.repair(&mut scratch, word).is_empty());
        for read in index.read(&mut scratch, word).words {
            prop_assert!(!matches!(read.reading, Reading::Repaired(_)));
        }
    }

    #[test]
    fn one_scratch_serves_many_indexes(question in "(kms|encripton|queue|shard| ){1,6}") {
        let all = notes();
        let (large, small) = (index(&all), index(&all[..1]));
        let mut scratch = Scratch::default();
        for index in [&large, &small, &large] {
            let expected = index.search(&mut Scratch::default(), &question, 9);
            prop_assert_eq!(index.search(&mut scratch, &question, 9), expected);
        }
    }
}

fn shared<T: Send + Sync>(_: &T) {}

fn ordered(a: Hit, b: Hit) -> bool {
    a.score > b.score || a.score.to_bits() == b.score.to_bits() && a.section < b.section
}
