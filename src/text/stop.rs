//! Stop words: words that ask, not words that are asked about.
//!
//! The list is closed-class English (articles, pronouns, prepositions,
//! auxiliaries) plus the phrases people wrap a question in ("can someone
//! explain …", "what does … say about …"). It holds normalised words, so
//! apostrophes are gone. A question made of nothing else keeps its words.

/// Words of [`STOP_WORDS`] carry no content in a question.
pub fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.binary_search(&word).is_ok()
}

/// In alphabetical order, for the binary search.
pub const STOP_WORDS: &[&str] = &[
    "a", "about", "above", "after", "again", "all", "also", "although", "am", "an", "and",
    "another", "any", "anybody", "anyone", "anything", "are", "arent", "as", "at", "be",
    "because", "been", "before", "being", "between", "both", "but", "by", "can", "cannot", "cant",
    "could", "couldnt", "did", "didnt", "do", "does", "doesnt", "doing", "done", "dont", "during",
    "each", "either", "else", "etc", "ever", "every", "explain", "few", "for", "from", "further",
    "get", "gets", "getting", "give", "given", "go", "goes", "going", "got", "had", "hadnt",
    "has", "hasnt", "have", "havent", "having", "he", "hello", "help", "hence", "her", "here",
    "hers", "hey", "hi", "him", "his", "how", "however", "i", "id", "if", "ill", "im", "in",
    "into", "is", "isnt", "it", "its", "itself", "ive", "just", "kindly", "know", "let", "lets",
    "like", "many", "may", "maybe", "me", "might", "mine", "more", "most", "much", "must", "my",
    "myself", "need", "needs", "neither", "no", "nor", "not", "now", "of", "off", "often", "on",
    "once", "one", "only", "onto", "or", "other", "our", "ours", "out", "over", "own", "per",
    "please", "quite", "rather", "really", "regarding", "said", "same", "say", "saying", "says",
    "shall", "she", "should", "shouldnt", "since", "so", "some", "somebody", "someone",
    "something", "still", "such", "tell", "than", "thank", "thanks", "that", "thats", "the",
    "their", "theirs", "them", "themselves", "then", "there", "therefore", "theres", "these",
    "they", "thing", "things", "this", "those", "though", "through", "thus", "to", "too",
    "toward", "towards", "under", "until", "up", "upon", "us", "very", "via", "want", "wanted",
    "wants", "was", "wasnt", "we", "well", "were", "werent", "what", "whatever", "whats", "when",
    "where", "whereas", "wheres", "whether", "which", "while", "who", "whom", "whose", "why",
    "will", "with", "within", "without", "wont", "would", "wouldnt", "yes", "yet", "you", "your",
    "youre", "yours",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_normalised() {
        assert!(STOP_WORDS.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(STOP_WORDS.iter().all(|word| crate::text::normalise(word) == *word));
    }

    #[test]
    fn content_words_stay() {
        for word in ["access", "rest", "transit", "key", "table", "use", "create"] {
            assert!(!is_stop_word(word), "{word}");
        }
        for word in ["the", "whats", "someone", "is"] {
            assert!(is_stop_word(word), "{word}");
        }
    }
}
