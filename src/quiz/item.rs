//! What answers tell about a question.
