//! What holds for every text that can be written.

use std::collections::HashSet;

use footnote::lint::lint;
use footnote::note::footnotes::footnotes_of;
use footnote::note::parse::parse;
use footnote::note::{Note, Span};
use proptest::prelude::*;

/// The line of a byte, counted the slow way.
fn line_of(source: &str, byte: usize) -> u32 {
    let before = source.get(..byte).unwrap();
    let pairs = before.matches("\r\n").count();
    let ends = before.matches(['\r', '\n']).count();
    // Between the two bytes of `\r\n` the line is not over.
    let split =
        usize::from(before.ends_with('\r') && source.get(byte..).unwrap().starts_with('\n'));
    u32::try_from(1 + ends - pairs - split).unwrap()
}

/// The invariants of a note.
pub(super) fn holds(note: &Note) {
    let source = &note.source;
    // The slow way takes time in proportion to the square of the text.
    let small = source.len() < 5_000;
    let span = |span: Span, what: &str| {
        let text = source.get(span.start as usize..span.end as usize);
        assert!(text.is_some(), "{what} is no range of the text: {span:?}");
        if small {
            let last = (span.end as usize)
                .saturating_sub(1)
                .max(span.start as usize);
            let last = (0..=last)
                .rev()
                .find(|at| source.is_char_boundary(*at))
                .unwrap();
            assert_eq!(
                span.line_start,
                line_of(source, span.start as usize),
                "{what} {span:?}"
            );
            assert_eq!(span.line_end, line_of(source, last), "{what} {span:?}");
        }
        text.unwrap()
    };
    let mut anchors = HashSet::new();
    let mut end = 0;
    for (index, section) in note.sections.iter().enumerate() {
        span(section.span, "section");
        span(section.heading_span, "heading");
        assert!(section.span.start >= end, "sections follow each other");
        end = section.span.end;
        assert!(
            section.anchor.is_empty() || anchors.insert(&section.anchor),
            "anchors are unique"
        );
        let parent = section.parent.map(|parent| &note.sections[parent as usize]);
        assert!(
            section
                .parent
                .is_none_or(|parent| (parent as usize) < index)
        );
        assert!(parent.is_none_or(|parent| parent.level < section.level));
        let mut from = section.span.start;
        for (index, snippet) in section.snippets.iter().enumerate() {
            let text = span(snippet.span, "snippet");
            assert!(!text.trim().is_empty(), "a snippet says something");
            assert_eq!(text.trim_end(), text, "a snippet has no trailing blanks");
            assert!(snippet.span.start >= from, "snippets follow each other");
            assert!(
                snippet.span.end <= section.span.end,
                "snippets stand in their section"
            );
            from = snippet.span.end;
            assert!(
                snippet
                    .parent
                    .is_none_or(|parent| (parent as usize) < index)
            );
            let sources = footnotes_of(note, snippet.span);
            assert!(sources.iter().all(|source| *source < note.footnotes.len()));
        }
    }
    for question in &note.questions {
        if let Some(explanation) = question.explanation {
            span(explanation, "explanation");
        }
    }
}

fn parses(source: &str) {
    let (note, diagnostics) = parse("any.md", source.to_owned());
    assert_eq!(note.source, source);
    holds(&note);
    for found in lint(std::slice::from_ref(&note), diagnostics, (2026, 11)) {
        assert!(!found.message.is_empty() && !found.remedy.is_empty());
        assert!(found.line <= line_of(source, source.len()), "{found}");
    }
}

/// Pieces that mean something in Markdown, front matter or notes.
fn piece() -> impl Strategy<Value = String> {
    const PIECES: [&str; 64] = [
        "\n",
        "\n\n",
        "\r\n",
        "\r",
        " ",
        "  ",
        "    ",
        "\t",
        "# ",
        "## ",
        "### ",
        "## Quiz\n",
        "- ",
        "* ",
        "1. ",
        "> ",
        "- [x] ",
        "- [ ] ",
        "**",
        "*",
        "_",
        "`",
        "```\n",
        "~~~",
        "|",
        "|-|\n",
        "| a | b |\n",
        "[",
        "](",
        ")",
        "]",
        "![",
        "[^a]",
        "[^a]: ",
        "[a]: ",
        "<!--",
        "-->",
        "<div>",
        "</div>",
        "<a name=\"x\">",
        "---\n",
        "+++\n",
        "===\n",
        "kind: service\n",
        "aliases: [a, b]\n",
        "name: ",
        "reviewed: 2026-11\n",
        ": ",
        "\\",
        "&amp;",
        "\u{feff}",
        "\0",
        "é",
        "日本",
        "🎉",
        "\u{301}",
        "**Bold**\n\n",
        "Bare\n\n",
        "**Today:** ",
        "[[wiki]]",
        "> [!note] ",
        "IV) ",
        "2、",
        "word ",
    ];
    prop_oneof![
        8 => prop::sample::select(&PIECES[..]).prop_map(str::to_owned),
        1 => "[a-zA-Z0-9 .,:]{1,12}",
        1 => any::<char>().prop_map(String::from),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_parses(source in any::<String>()) {
        parses(&source);
    }

    #[test]
    fn any_markdown_parses(pieces in prop::collection::vec(piece(), 0..60)) {
        parses(&pieces.concat());
    }

    #[test]
    fn any_front_matter_parses(pieces in prop::collection::vec(piece(), 0..30)) {
        parses(&format!("---\nkind: service\n{}\n---\n# Head\n", pieces.concat()));
    }
}
