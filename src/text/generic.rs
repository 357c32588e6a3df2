//! Words that nearly every question could hold.
//!
//! They say little about what is asked ("use", "support", "enable"), but still
//! break ties. About how people ask, never about the notes.

/// Whether a normalised word says little by itself.
pub fn is_generic_word(word: &str) -> bool {
    GENERIC_WORDS.binary_search(&word).is_ok()
}

/// In alphabetical order, for the binary search.
const GENERIC_WORDS: &[&str] = &[
    "able", "about", "access", "actually", "add", "again", "allow", "allowed", "allows", "already",
    "also", "always", "amazon", "answer", "anybody", "anyone", "anything", "anyway", "apply",
    "asap", "ask", "automatically", "available", "aws", "bad", "based", "basic", "basically",
    "basics", "best", "better", "bit", "box", "brand", "btw", "built", "call", "called", "care",
    "case", "change", "check", "come", "comes", "concept", "cons", "correct", "correctly", "cover",
    "covered", "curious", "current", "currently", "deal", "dear", "default", "details", "doc",
    "docs", "documentation", "easy", "enable", "enabled", "ensure", "etc", "exactly", "exist",
    "existing", "explain", "far", "fast", "feature", "features", "find", "fine", "folks", "full",
    "fyi", "general", "give", "going", "gonna", "good", "got", "guarantee", "guys", "handle",
    "handled", "handles", "happen", "happening", "happens", "happy", "hard", "hello", "help",
    "hey", "hi", "hmm", "idea", "info", "information", "instead", "issue", "keep", "kind", "know",
    "let", "like", "lol", "look", "looking", "lot", "make", "makes", "manage", "managed", "maybe",
    "mean", "means", "mention", "method", "mode", "morning", "native", "natively", "necessary",
    "need", "needed", "needs", "new", "nice", "note", "notes", "notice", "now", "nowadays",
    "offer", "offered", "official", "officially", "ok", "okay", "old", "option", "options",
    "overview", "people", "per", "please", "pls", "plz", "point", "possible", "prefer", "proper",
    "properly", "pros", "protect", "protected", "protection", "provide", "provides", "question",
    "quick", "quickly", "real", "really", "recommend", "recommended", "remember", "right", "run",
    "running", "safe", "safely", "say", "secure", "secured", "securely", "security", "see",
    "service", "services", "set", "setting", "settings", "setup", "show", "simple", "somebody",
    "someone", "something", "sorry", "sort", "state", "still", "stuff", "summary", "support",
    "supported", "supporting", "supports", "sure", "take", "talk", "tbh", "team", "tell", "thank",
    "thanks", "thing", "things", "think", "thx", "time", "today", "true", "try", "trying", "turn",
    "type", "understand", "use", "used", "uses", "using", "usually", "various", "via", "wanna",
    "want", "way", "ways", "well", "wondering", "work", "works", "yes", "yet",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted() {
        assert!(GENERIC_WORDS.is_sorted_by(|a, b| a < b));
    }
}
