//! The ranking formula.

use super::Fields;
use super::repair::tune;

/// Inverse document frequency as in BM25.
pub(super) fn idf(df: u32, sections: usize) -> f32 {
    let (df, n) = (df as f32, sections as f32);
    (1.0 + (n - df + 0.5) / (df + 0.5)).ln()
}

/// Saturated term frequency over the fields.
pub(super) fn frequency(fields: Fields, length: f32) -> f32 {
    let b = tune!(K_B, 0.4);
    let mut x = f32::from(fields.count()) / (1.0 - b + b * length);
    if fields.has(Fields::HEADING) {
        x += tune!(W_HEAD, 2.0);
    }
    if fields.has(Fields::CONTEXT) {
        x += tune!(W_CTX, 1.0);
    }
    if fields.has(Fields::FILE) {
        x += tune!(W_FILE, 0.7);
    }
    if fields.has(Fields::FOLDER) {
        x += tune!(W_FOLDER, 1.5);
    }
    x / (x + tune!(K_1, 1.2))
}
