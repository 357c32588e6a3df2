//! English words that shape a question rather than say what it is about.
//!
//! The lists are about how people ask, never about the notes.

/// Words that ask for a list of services ("which *services* …").
pub(super) const PLURALS: &[&str] = &[
    "services",
    "service",
    "ones",
    "products",
    "product",
    "databases",
    "stores",
    "tools",
    "systems",
    "offerings",
    "svcs",
    "svc",
];

/// Words that begin a question for a list.
pub(super) const LISTERS: &[&str] = &[
    "which",
    "what",
    "whats",
    "list",
    "all",
    "every",
    "any",
    "name",
    "who",
    "wich",
    "show",
    "everything",
    "whch",
];

/// Before such a verb: "who supports", "what all has".
pub(super) const ASKERS: &[&str] = &["which", "who", "what", "all", "everything", "everyone", "wich", "whch"];

/// Verbs that make "what/who …" a question for a list ("who supports …").
pub(super) const LIST_VERBS: &[&str] = &[
    "supports", "support", "has", "have", "offers", "offer", "does", "do", "uses", "use", "allows",
    "allow", "provides", "provide", "can", "needs", "need", "requires", "encrypts", "encrypt",
];

/// Words that ask for a comparison.
pub(super) const COMPARERS: &[&str] = &[
    "vs",
    "versus",
    "compare",
    "compared",
    "comparing",
    "comparison",
    "difference",
    "differences",
    "differ",
    "differs",
    "different",
    "diff",
    "between",
    "against",
    "v",
    "unlike",
    "both",
    "rather",
    "contrast",
    "compar",
    "comparision",
    "side",
];

/// Words that ask for everything there is; they are not looked for in notes.
pub(super) const OVERVIEW: &[&str] = &[
    "about",
    "overview",
    "summary",
    "everything",
    "info",
    "notes",
    "tell",
    "explain",
    "summarise",
    "summarize",
    "rundown",
    "recap",
    "tldr",
    "intro",
    "introduction",
    "basics",
    "gist",
    "brief",
    "briefly",
    "stuff",
    "dump",
];

/// First words of a question that goes on from the one before.
pub(super) const FOLLOWING: &[&str] = &[
    "and",
    "what about",
    "how about",
    "same for",
    "also",
    "but",
    "ok and",
    "or",
];

/// Words that stand for the service of the question before.
pub(super) const PRONOUNS: &[&str] = &[
    "it", "its", "they", "them", "their", "this", "that", "there", "one",
];

/// What people ask of anything: its price, size, limits, versions, how-to. A
/// question for one of these is only answered by a fact that speaks of it.
const FACETS: &[&str] = &[
    "age", "alternatives", "amount", "architecture", "author", "availability", "average", "backup",
    "backups", "bandwidth", "benchmark", "benchmarks", "bill", "billed", "billing", "budget",
    "bug", "bytes", "calculator", "cap", "capacity", "certification", "changelog", "charge",
    "charged", "charges", "cheap", "cheaper", "cheapest", "cli", "cloudformation", "command",
    "competitor", "concurrency", "concurrent", "cost", "costs", "count", "date", "deadline",
    "deprecated", "diagram", "discount", "discounts", "dollars", "download", "downtime",
    "durability", "duration", "estimate", "example", "examples", "exception", "expensive",
    "expire", "expiry", "failover", "faster", "fastest", "fee", "fees", "fifo", "flavor",
    "flavour", "frequency", "gb", "history", "hour", "hourly", "hours", "install", "invented",
    "invoice", "iops", "java", "javascript", "lag", "language", "languages", "latency", "length",
    "licence", "license", "lifetime", "limit", "limits", "max", "maximum", "mb", "memory",
    "million", "min", "minimum", "minutes", "monthly", "number", "outage", "pay", "peering",
    "performance", "popular", "price", "prices", "pricing", "python", "quota", "quotas", "rate",
    "recover", "recovery", "refund", "region", "regional", "regions", "release", "released",
    "replica", "replicas", "replication", "reset", "restore", "retention", "retries", "retry",
    "roadmap", "rotate", "rotated", "rotates", "rotation", "scale", "scaling", "sdk", "seconds",
    "shard", "shards", "size", "sizes", "sizing", "sla", "slow", "slower", "snapshot", "snapshots",
    "snippet", "speed", "spot", "syntax", "terraform", "throttle", "throttled", "throttling",
    "throughput", "tier", "timeout", "timeouts", "tps", "ttl", "tune", "tuning", "tutorial",
    "uptime", "version", "versions", "visibility", "year", "yearly",
];

/// Whether a normalised word asks for a facet.
pub(super) fn is_facet(word: &str) -> bool {
    FACETS.binary_search(&word).is_ok()
}

/// After "how": asks for a quantity.
pub(super) const QUANTITIES: &[&str] = &[
    "many",
    "much",
    "often",
    "long",
    "big",
    "large",
    "fast",
    "slow",
    "frequently",
    "quickly",
    "expensive",
    "old",
    "soon",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facets_are_sorted() {
        assert!(FACETS.is_sorted_by(|a, b| a < b));
    }
}
