//! Markdown of a quotation as plain text: the words stay, the markup goes.

use std::borrow::Cow;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// Plain text of a snippet: no markup, no footnote references, one line per
/// block. Code keeps its lines.
pub fn plain(markdown: &str) -> String {
    // A quoted item begins behind its list marker; with one, its nested items
    // are seen as such.
    let listed = if markdown.contains('\n')
        && !markdown.starts_with("```")
        && !markdown.starts_with("~~~")
    {
        Cow::Owned(format!("- {markdown}"))
    } else {
        Cow::Borrowed(markdown)
    };
    let mut text = String::with_capacity(markdown.len());
    let mut code = false;
    // Footnotes are not switched on: their definitions are elsewhere, so the
    // references arrive as text and are cut out below.
    let options = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    for event in Parser::new_ext(&listed, options) {
        match event {
            Event::Text(part) if code => text.push_str(&part),
            Event::Text(part) | Event::Code(part) => text.push_str(&part),
            Event::SoftBreak => text.push(' '),
            Event::HardBreak => new_line(&mut text),
            Event::Start(Tag::CodeBlock(_)) => {
                new_line(&mut text);
                code = true;
            }
            Event::End(TagEnd::CodeBlock) => code = false,
            Event::Start(Tag::Item | Tag::Paragraph | Tag::Heading { .. } | Tag::BlockQuote(_)) => {
                new_line(&mut text);
            }
            _ => {}
        }
    }
    without_references(text.trim())
}

fn new_line(text: &mut String) {
    while text.ends_with([' ', '\n']) {
        text.pop();
    }
    if !text.is_empty() {
        text.push('\n');
    }
}

/// Cuts out `[^label]`.
fn without_references(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("[^") {
        match after.split_once(']') {
            Some((label, after)) if !label.is_empty() && !label.contains(char::is_whitespace) => {
                kept.push_str(before);
                rest = after;
            }
            _ => {
                kept.push_str(before);
                kept.push_str("[^");
                rest = after;
            }
        }
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_goes_and_words_stay() {
        for (markdown, text) in [
            (
                "**Today:** every `COPY` [uses](https://x.example) a role.[^a][^b-2]",
                "Today: every COPY uses a role.",
            ),
            (
                "Parent item:\n  - child *one*\n  - child two",
                "Parent item:\nchild one\nchild two",
            ),
            ("Parent\n\t* child", "Parent\nchild"),
            ("a[^] b [^not a label] c", "a[^] b [^not a label] c"),
            ("broken **bold", "broken **bold"),
            ("| a | b |", "| a | b |"),
            ("", ""),
        ] {
            assert_eq!(plain(markdown), text, "{markdown}");
        }
    }
}
