//! `footnote doctor` and `footnote invite`: what is wrong and how to mend it.
