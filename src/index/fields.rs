//! Where a section holds a term, and how often, in one byte.

/// Bits of a packed entry that hold the term.
pub(super) const TERM_BITS: u32 = 24;

/// Where a section holds a term: four flags, and the count in its own text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fields(u8);

/// Counts that four bits stand for. Term frequency saturates, so the steps may
/// grow; a count between two steps is the lower one.
const COUNTS: [u16; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 28, 40, 64];

impl Fields {
    /// In the section's heading.
    pub const HEADING: Self = Self(1 << 4);
    /// In an enclosing heading, or the note's name or aliases.
    pub const CONTEXT: Self = Self(1 << 5);
    /// In the name of the file.
    pub const FILE: Self = Self(1 << 6);
    /// In a folder of the path.
    pub const FOLDER: Self = Self(1 << 7);

    /// Both.
    pub(super) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Sets the count in the section's own text, rounded down to a step.
    pub(super) fn with_count(self, count: u32) -> Self {
        let code = COUNTS
            .partition_point(|&step| u32::from(step) <= count)
            .saturating_sub(1);
        Self(self.0 & 0xf0 | u8::try_from(code).unwrap_or(0xf))
    }

    /// Whether all of the other's flags are set.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// How often the section's own text holds the term: exact up to eight,
    /// then rounded down.
    pub fn count(self) -> u16 {
        COUNTS[usize::from(self.0 & 0xf)]
    }

    pub(super) const fn byte(self) -> u8 {
        self.0
    }
}

/// Term and fields in one number.
pub(super) const fn pack(term: u32, fields: Fields) -> u32 {
    term << (32 - TERM_BITS) | fields.0 as u32
}

/// What [`pack`] packed.
pub(super) fn unpack(entry: u32) -> (u32, Fields) {
    (entry >> (32 - TERM_BITS), Fields((entry & 0xff) as u8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_round_down_and_flags_stay() {
        for (count, kept) in [
            (0, 0),
            (1, 1),
            (8, 8),
            (9, 8),
            (11, 10),
            (39, 28),
            (9_999, 64),
        ] {
            let fields = Fields::HEADING.with(Fields::FILE).with_count(count);
            assert_eq!(fields.count(), kept, "{count}");
            assert!(fields.has(Fields::HEADING) && fields.has(Fields::FILE));
            assert!(!fields.has(Fields::CONTEXT) && !fields.has(Fields::FOLDER));
            assert_eq!(unpack(pack(77_777, fields)), (77_777, fields));
        }
    }
}
