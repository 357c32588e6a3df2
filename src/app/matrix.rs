//! The matrix of the notes in use, drawn once for each theme. What was drawn
//! goes with its notes when they are swapped.

use std::sync::{Arc, OnceLock};

use crate::matrix::Matrix;
use crate::picture::{self, Picture, Theme};
use crate::render::matrix::{alt, reply};
use crate::render::reply::{File, Reply};

use super::{App, Loaded};

/// What the file is called where it is sent.
const FILE: &str = "matrix.png";

/// The matrix with everything that a platform shows of it.
#[derive(Clone, Debug)]
pub struct MatrixPicture {
    /// Services, controls, cells.
    pub matrix: Matrix,
    /// The picture; none when there is nothing to show, or after a defect.
    pub picture: Option<Picture>,
    /// What it shows in words, at most 1,024 characters.
    pub alt: String,
}

/// The pictures of one set of notes.
#[derive(Debug, Default)]
pub(super) struct Drawn {
    light: OnceLock<Arc<MatrixPicture>>,
    dark: OnceLock<Arc<MatrixPicture>>,
}

impl App {
    /// The matrix of the notes in use. The first call draws the picture, on a
    /// thread of its own; later ones have it at once.
    pub async fn matrix(&self, theme: Theme) -> Arc<MatrixPicture> {
        let loaded = self.notes.current();
        if let Some(drawn) = loaded.drawn.of(theme).get() {
            return Arc::clone(drawn);
        }
        tokio::task::spawn_blocking(move || loaded.matrix(theme))
            .await
            .unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
    }

    /// What can be shown of the matrix while its picture is being drawn.
    pub fn matrix_without_picture(&self) -> Reply {
        let matrix = Matrix::of(&self.notes.current().knowledge);
        let wait = "The picture is still being drawn. Ask again in a moment to see it.";
        reply(&matrix, None, false).and([wait.into()])
    }
}

impl MatrixPicture {
    /// The message that shows it: the picture, and the same as text. `private`
    /// ones can be shared.
    pub fn reply(&self, private: bool) -> Reply {
        let file = self.picture.as_ref().map(|picture| File {
            name: FILE.to_owned(),
            description: self.alt.clone(),
            bytes: picture.png.clone(),
        });
        reply(&self.matrix, file, private)
    }
}

impl Loaded {
    fn matrix(&self, theme: Theme) -> Arc<MatrixPicture> {
        let drawn = self.drawn.of(theme).get_or_init(|| {
            let matrix = Matrix::of(&self.knowledge);
            let picture = (!matrix.is_empty()).then(|| picture::draw(&matrix, theme));
            Arc::new(MatrixPicture {
                alt: alt(&matrix),
                picture: picture.and_then(|drawn| {
                    drawn
                        .inspect_err(|error| {
                            tracing::error!(
                                error = error as &dyn std::error::Error,
                                "the matrix was not drawn"
                            );
                        })
                        .ok()
                }),
                matrix,
            })
        });
        Arc::clone(drawn)
    }
}

impl Drawn {
    fn of(&self, theme: Theme) -> &OnceLock<Arc<MatrixPicture>> {
        match theme {
            Theme::Light => &self.light,
            Theme::Dark => &self.dark,
        }
    }
}
