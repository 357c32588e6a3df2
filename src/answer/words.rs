//! English words that shape a question rather than say what it is about.
//!
//! The lists are about how people ask, never about the notes.

/// Words that ask for a list of services ("which *services* …").
pub(super) const PLURALS: &[&str] = &[
    "services", "service", "ones", "products", "product", "databases", "stores", "tools",
    "systems", "offerings", "svcs", "svc",
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

/// Words that ask for everything there is; they are not looked for in notes.
pub(super) const OVERVIEW: &[&str] =
    &["about", "overview", "summary", "everything", "info", "notes", "tell", "explain", "summarise", "summarize",
      "rundown", "recap", "tldr", "intro", "introduction", "basics", "gist", "brief", "briefly", "stuff", "dump"];

/// First words of a question that goes on from the one before.
pub(super) const FOLLOWING: &[&str] = &["and", "what about", "how about", "same for", "also", "but", "ok and", "or"];

/// Words that stand for the service of the question before.
pub(super) const PRONOUNS: &[&str] = &["it", "its", "they", "them", "their", "this", "that", "there", "one"];
