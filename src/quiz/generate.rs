//! Questions made from typed facts of the notes.

use jiff::civil::Date;

use crate::knowledge::Knowledge;

use super::bank::Gathered;

/// Everything that the templates make.
pub(super) fn gather(_: &Knowledge, _: Date, _: &mut Gathered) {}
