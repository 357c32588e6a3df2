//! Gates: why a candidate does not become a question.
