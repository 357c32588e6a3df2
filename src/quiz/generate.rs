//! Questions made from typed facts of the notes.
