//! English words that shape a question rather than say what it is about.
//!
//! The lists are about how people ask, never about the notes.

/// Words that ask for a list of services ("which *services* …").
pub(super) const PLURALS: &[&str] = &[
    "services", "service", "ones", "products", "product", "databases", "stores", "tools", "things",
    "subjects", "topics", "systems", "offerings", "components", "notes", "apps", "svcs", "svc",
];

/// Words that begin a question for a list.
pub(super) const LISTERS: &[&str] =
    &["which", "what", "whats", "list", "all", "every", "any", "name", "who", "wich", "show", "everything", "whch"];

/// Verbs that make "what/who …" a question for a list ("who supports …").
pub(super) const LIST_VERBS: &[&str] = &[
    "supports", "support", "has", "have", "offers", "offer", "does", "do", "uses", "use", "allows",
    "allow", "provides", "provide", "can", "needs", "need", "requires", "encrypts", "encrypt",
];

/// Words that ask for a comparison.
pub(super) const COMPARERS: &[&str] = &[
    "vs", "versus", "compare", "compared", "comparing", "comparison", "difference", "differences", "differ",
    "differs", "different", "diff", "between", "against", "v", "unlike", "both", "rather", "contrast",
    "compar", "comparision", "side",
];

/// Words that join two names without comparing by themselves.
pub(super) const JOINERS: &[&str] = &["or", "and", "with", "to", "than", "from"];

/// Words nearly every question about notes of this kind could hold. They say
/// little, but still break ties.
pub(super) const GENERIC: &[&str] = &[
    "able", "about", "access", "actually", "add", "allow", "allowed", "allows", "already", "also", "always",
    "answer", "anyone", "anything", "apply", "ask", "available", "aws", "amazon", "bad", "based", "basically",
    "best", "better", "bit", "built", "call", "called", "care", "case", "change", "check", "come", "comes",
    "concept", "correct", "cover", "covered", "current", "currently", "deal", "default", "details", "doc", "docs",
    "documentation", "easy", "enable", "enabled", "ensure", "exactly", "exist", "existing", "explain", "far",
    "fast", "feature", "features", "find", "fine", "folks", "full", "general", "give", "going", "gonna", "good",
    "got", "guarantee", "guys", "handle", "handled", "handles", "happen", "happens", "hard", "help", "hey", "hi",
    "hello", "idea", "info", "information", "instead", "issue", "keep", "kind", "know", "let", "like", "look",
    "looking", "lot", "make", "makes", "mean", "means", "mention", "method", "mode", "native", "natively",
    "necessary", "need", "needed", "needs", "new", "nice", "note", "notes", "notice", "now", "nowadays", "offer",
    "offered", "ok", "okay", "old", "option", "options", "overview", "people", "please", "pls", "plz", "point",
    "possible", "prefer", "properly", "protect", "protected", "protection", "provide", "provides", "quick",
    "quickly", "question", "real", "really", "recommend", "recommended", "remember", "right", "run", "running",
    "safe", "safely", "say", "secure", "secured", "securely", "security", "see", "set", "setting", "settings",
    "setup", "show", "simple", "someone", "something", "sort", "state", "still", "stuff", "summary", "support",
    "supported", "supporting", "supports", "sure", "take", "talk", "team", "tell", "thank", "thanks", "thing",
    "things", "think", "time", "today", "true", "try", "trying", "turn", "type", "understand", "use", "used",
    "uses", "using", "usually", "various", "wanna", "want", "way", "ways", "well", "wondering", "work", "works",
    "yes", "yet", "anyway", "basic", "basics", "again", "proper", "service", "services", "thx", "pros", "cons",
    "happening", "going", "manage", "managed", "via", "per", "correctly", "automatically", "etc",
];

/// Words that do not mean anything by themselves but ask for everything.
pub(super) const OVERVIEW: &[&str] =
    &["about", "overview", "summary", "everything", "info", "notes", "tell", "explain", "summarise", "summarize"];

pub(super) fn is_generic(word: &str) -> bool {
    GENERIC.contains(&word)
}
