//! Colours of a picture. It has a background of its own, since no chat says
//! which one its reader has chosen.

use serde::Deserialize;

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// Dark on white, for paper and documents.
    #[default]
    Light,
    /// Light on nearly black, for chats: most of their readers have it dark,
    /// and a dark card hurts nobody's eyes on a white page.
    Dark,
}

/// Colours as `#rrggbb`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Palette {
    pub(super) background: &'static str,
    /// Behind every other row.
    pub(super) band: &'static str,
    /// Names and headings.
    pub(super) ink: &'static str,
    /// What is read second.
    pub(super) muted: &'static str,
    pub(super) covered: &'static str,
    pub(super) dated: &'static str,
    pub(super) missing: &'static str,
}

impl Theme {
    pub(super) fn palette(self) -> Palette {
        match self {
            Self::Light => Palette {
                background: "#ffffff",
                band: "#f1f3f6",
                ink: "#1b1f24",
                muted: "#545c66",
                covered: "#12694b",
                dated: "#b25000",
                missing: "#838a94",
            },
            Self::Dark => Palette {
                background: "#1e1f22",
                band: "#282a2f",
                ink: "#f2f3f5",
                muted: "#b5bac1",
                covered: "#57cc99",
                dated: "#ffb454",
                missing: "#7d828b",
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance as the Web Content Accessibility Guidelines 2.2
    /// define it.
    fn luminance(colour: &str) -> f64 {
        let part = |at: usize| {
            let digits = colour.get(at..at + 2).unwrap();
            let value = f64::from(u8::from_str_radix(digits, 16).unwrap()) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    }

    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn the_measure_of_contrast_is_right() {
        assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
        assert!((contrast("#767676", "#ffffff") - 4.54).abs() < 0.01);
    }

    #[test]
    fn every_colour_stands_out_from_what_is_behind_it() {
        for theme in [Theme::Light, Theme::Dark] {
            let palette = theme.palette();
            for behind in [palette.background, palette.band] {
                // Text needs 4.5 (AA), names more: they are small on a phone.
                for (name, colour, least) in [
                    ("ink", palette.ink, 12.0),
                    ("muted", palette.muted, 4.5),
                    ("covered", palette.covered, 4.5),
                    ("dated", palette.dated, 4.5),
                    // A sign that is no text needs 3.
                    ("missing", palette.missing, 3.0),
                ] {
                    let contrast = contrast(colour, behind);
                    assert!(
                        contrast >= least,
                        "{theme:?}: {name} on {behind}: {contrast:.2}"
                    );
                }
            }
        }
    }
}
