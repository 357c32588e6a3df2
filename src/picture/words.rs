//! Words in a picture: the font, how wide words are in it, and cutting them.
//!
//! There is one font, so that the same notes make the same picture anywhere. It
//! has Latin, Greek and Cyrillic letters; others are shown as boxes, and the
//! text beside the picture has them.

use std::sync::{Arc, LazyLock};

use resvg::usvg::fontdb::{Database, Source};
use resvg::usvg::{Node, Options, Tree};
use svg::Document;
use svg::node::element::Text;
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory as _};
use unicode_segmentation::UnicodeSegmentation as _;

/// The family that the bundled fonts belong to.
const FAMILY: &str = "Roboto";

/// Longer names are cut before they are measured.
const LONGEST: usize = 80;

static FONTS: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let regular: &'static [u8] = include_bytes!("../../assets/fonts/Roboto-Regular.ttf");
    let bold: &'static [u8] = include_bytes!("../../assets/fonts/Roboto-Bold.ttf");
    let mut fonts = Database::new();
    for font in [regular, bold] {
        fonts.load_font_source(Source::Binary(Arc::new(font)));
    }
    Arc::new(fonts)
});

/// How words look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Style {
    /// Height of the font in pixels.
    pub(super) size: i32,
    pub(super) bold: bool,
}

/// How SVG is read: with the bundled fonts, and no other file.
pub(super) fn options() -> Options<'static> {
    Options {
        fontdb: Arc::clone(&FONTS),
        font_family: FAMILY.to_owned(),
        ..Options::default()
    }
}

/// Words as an element, from the left end of their base line.
pub(super) fn element(text: &str, style: Style, colour: &str, x: i32, y: i32) -> Text {
    Text::new(text)
        .set("x", x)
        .set("y", y)
        .set("fill", colour)
        .set("font-family", FAMILY)
        .set("font-size", style.size)
        .set("font-weight", if style.bold { 700 } else { 400 })
}

/// How wide each text is, in whole pixels.
pub(super) fn widths(texts: &[String], style: Style) -> Vec<i32> {
    let mut document = Document::new();
    for (at, text) in texts.iter().enumerate() {
        document = document.add(element(text, style, "#000000", 0, 0).set("id", format!("t{at}")));
    }
    let tree = Tree::from_str(&document.to_string(), &options());
    (0..texts.len())
        .map(
            |at| match tree.as_ref().ok()?.node_by_id(&format!("t{at}"))? {
                Node::Text(text) => Some(whole(text.bounding_box().width())),
                _ => None,
            },
        )
        // What shows nothing has no width.
        .map(Option::unwrap_or_default)
        .collect()
}

/// Texts that are no wider than `room`, cut where they must be, and how wide
/// each is.
pub(super) fn fitted<'a>(
    texts: impl Iterator<Item = &'a str>,
    style: Style,
    room: i32,
) -> Vec<(String, i32)> {
    let mut fitted: Vec<String> = texts.map(|text| cut(&line(text), LONGEST)).collect();
    loop {
        let widths = widths(&fitted, style);
        let mut all_fit = true;
        for (text, width) in fitted.iter_mut().zip(&widths) {
            let letters = text.graphemes(true).count();
            if *width > room && letters > 2 {
                all_fit = false;
                let share = usize::try_from(room).unwrap_or(0) * letters;
                let fewer = share / usize::try_from(*width).unwrap_or(1).max(1);
                *text = cut(text, fewer.clamp(2, letters - 1));
            }
        }
        if all_fit {
            return fitted.into_iter().zip(widths).collect();
        }
    }
}

/// At most so many letters, the last of them "…" when some are missing.
fn cut(text: &str, letters: usize) -> String {
    if text.grapheme_indices(true).nth(letters).is_none() {
        return text.to_owned();
    }
    let kept: String = text
        .graphemes(true)
        .take(letters.saturating_sub(1))
        .collect();
    format!("{}…", kept.trim_end_matches([' ', '…']))
}

/// One line of letters and signs: nothing that reorders or hides text, or that
/// XML cannot hold.
fn line(text: &str) -> String {
    let shown =
        |c: &char| c.is_whitespace() || c.general_category_group() != GeneralCategoryGroup::Other;
    let shown: String = text.chars().filter(shown).collect();
    let line = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() {
        "…".to_owned()
    } else {
        line
    }
}

fn whole(pixels: f32) -> i32 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "far below 32 bits: texts are short"
    )]
    let whole = pixels.ceil() as i32;
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: Style = Style {
        size: 24,
        bold: false,
    };

    #[test]
    fn wide_texts_are_cut_to_their_room_and_others_stay() {
        let long = "W".repeat(10_000);
        let texts = [
            "Amazon S3",
            &long,
            "Managed Service for Apache Flink",
            "语言 ✓",
        ];
        let fitted = fitted(texts.into_iter(), STYLE, 200);
        assert!(fitted.iter().all(|(_, width)| *width <= 200), "{fitted:?}");
        let texts: Vec<&str> = fitted.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(texts[0], "Amazon S3");
        assert!(texts[1].ends_with("W…"), "{texts:?}");
        assert!(texts[2].starts_with("Managed Ser") && texts[2].ends_with('…'));
        assert_eq!(texts[3], "语言 ✓");
    }

    #[test]
    fn bold_words_are_wider() {
        let width = |bold| widths(&["Encryption".to_owned()], Style { bold, ..STYLE })[0];
        assert!(width(true) > width(false));
    }

    #[test]
    fn what_hides_or_turns_text_is_left_out() {
        assert_eq!(line("a\u{202e}b\u{0}\u{feff}\n c "), "ab c");
        assert_eq!(line("\u{200b}"), "…");
    }
}
