//! Autocomplete: names and sections while they are typed.
