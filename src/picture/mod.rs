//! Pictures: a matrix as SVG, and that as PNG.
//!
//! Drawing takes tens of milliseconds: it is done once for the notes in use,
//! and not where somebody waits for other things. The same matrix always makes
//! the same bytes.

mod layout;
mod sheet;
mod theme;
mod words;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::Tree;
use thiserror::Error;

use crate::matrix::Matrix;

pub use layout::svg;
pub use theme::Theme;

/// A picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// As text. It asks for the bundled font by name, and has no links or scripts.
    pub svg: String,
    /// As pixels.
    pub png: Vec<u8>,
    /// In pixels; at most 1,600.
    pub width: u32,
    /// In pixels; at most 4,000.
    pub height: u32,
}

/// Why a picture was not drawn. Both are defects of ours.
#[derive(Debug, Error)]
pub enum PictureError {
    /// The drawing is not sound.
    #[error("the drawing cannot be read")]
    Svg(#[from] resvg::usvg::Error),
    /// The pixels have no size, or cannot be written.
    #[error("the picture cannot be made of {0}×{1} pixels")]
    Png(u32, u32),
}

/// Draws a matrix; one that is empty becomes a picture with headings only.
///
/// # Errors
/// Only through a defect in here.
pub fn draw(matrix: &Matrix, theme: Theme) -> Result<Picture, PictureError> {
    let svg = layout::svg(matrix, theme);
    let tree = Tree::from_str(&svg, &words::options())?;
    let size = tree.size().to_int_size();
    let (width, height) = (size.width(), size.height());
    let broken = PictureError::Png(width, height);
    let Some(mut pixels) = Pixmap::new(width, height) else {
        return Err(broken);
    };
    resvg::render(&tree, Transform::identity(), &mut pixels.as_mut());
    let png = pixels.encode_png().map_err(|_| broken)?;
    Ok(Picture {
        svg,
        png,
        width,
        height,
    })
}
