//! Where a section holds a term, and how often.

/// A term where it stands: the number of the term and the part of the section.
/// One number for each word, because sections are kept as rows of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token(u32);

/// Terms that a token can tell apart.
pub(super) const MAX_TERMS: usize = 1 << 24;

impl Token {
    /// A term in one part of a section; `field` is one flag, or none for the
    /// section's own text.
    pub(super) const fn new(term: u32, field: Fields) -> Self {
        Self(term << 8 | field.flags as u32)
    }

    pub(super) const fn term(self) -> u32 {
        self.0 >> 8
    }

    pub(super) const fn flags(self) -> u8 {
        (self.0 & 0xff) as u8
    }

    /// Whether it stands in this part.
    pub(super) const fn is_in(self, field: Fields) -> bool {
        self.flags() == field.flags
    }

    /// Whether it stands in the section's own text.
    pub(super) const fn is_body(self) -> bool {
        self.flags() == 0
    }
}

/// Where a section holds a term, and how often in its own text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    flags: u8,
    count: u16,
}

impl Fields {
    /// In the section's heading.
    pub const HEADING: Self = Self { flags: 1, count: 0 };
    /// In an enclosing heading, or the note's name or aliases.
    pub const CONTEXT: Self = Self { flags: 2, count: 0 };
    /// In the name of the file.
    pub const FILE: Self = Self { flags: 4, count: 0 };
    /// In a folder of the path.
    pub const FOLDER: Self = Self { flags: 8, count: 0 };

    /// Counts one more token of the term.
    pub(super) const fn count_token(&mut self, token: Token) {
        self.flags |= token.flags();
        self.count = self.count.saturating_add(token.is_body() as u16);
    }

    /// Whether all of the other's places are among these.
    pub const fn has(self, other: Self) -> bool {
        self.flags & other.flags == other.flags
    }

    /// How often the section's own text holds the term.
    pub const fn count(self) -> u16 {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_add_up() {
        let term = 77_777;
        let mut fields = Fields::default();
        for part in [
            Fields::HEADING,
            Fields::default(),
            Fields::FILE,
            Fields::default(),
        ] {
            let token = Token::new(term, part);
            assert_eq!(token.term(), term);
            fields.count_token(token);
        }
        assert_eq!(fields.count(), 2);
        assert!(fields.has(Fields::HEADING) && fields.has(Fields::FILE));
        assert!(!fields.has(Fields::CONTEXT) && !fields.has(Fields::FOLDER));
    }
}
