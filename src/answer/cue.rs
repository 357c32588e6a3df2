//! The kind of answer that the form of a question asks for.

use crate::catalog::Role;
use crate::knowledge::Knowledge;

use super::mention::Mention;
use super::query::{Cue, QueryWord};
use super::words;

/// How far after "which" the word "services" may stand ("which of our aws services").
const NEAR: usize = 4;

/// Reads the cue of a question.
pub(super) fn of(all: &[QueryWord], mentions: &[Mention], knowledge: &Knowledge) -> Cue {
    let form = Form::new(all, mentions, knowledge);
    if form.compares() {
        Cue::Compare
    } else if form.lists() {
        Cue::List
    } else if form.defines() {
        Cue::Definition
    } else {
        Cue::None
    }
}

/// The words of a question that are no part of a name, in their places.
struct Form<'a> {
    words: Vec<&'a str>,
    services: usize,
    controls: usize,
}

impl<'a> Form<'a> {
    fn new(all: &'a [QueryWord], mentions: &[Mention], knowledge: &Knowledge) -> Self {
        let mut words: Vec<&str> = all.iter().map(|word| word.text.as_str()).collect();
        let (mut services, mut controls) = (0, 0);
        for mention in mentions {
            let control = mention
                .readings
                .iter()
                .any(|(id, _)| knowledge.catalog.entity(*id).role == Role::Control);
            if control {
                controls += 1;
            } else {
                services += 1;
            }
            for at in &mention.words {
                if let Some(word) = words.get_mut(*at) {
                    *word = "";
                }
            }
        }
        Self {
            words,
            services,
            controls,
        }
    }

    fn word(&self, at: usize) -> &str {
        self.words.get(at).copied().unwrap_or_default()
    }

    /// "… vs …", "difference between …"
    fn compares(&self) -> bool {
        self.services >= 2
            && self
                .words
                .iter()
                .any(|word| words::COMPARERS.contains(word))
    }

    fn lists(&self) -> bool {
        let plural = |word: &&str| words::PLURALS.contains(word);
        let lister = |word: &&str| words::LISTERS.contains(word);
        let which_services = self.words.iter().enumerate().any(|(at, word)| {
            lister(word) && self.words.iter().skip(at + 1).take(NEAR).any(&plural)
        });
        if which_services {
            return true;
        }
        if self.services > 0 {
            return false;
        }
        let who_supports = self.words.windows(2).any(|pair| match pair {
            ["what", "do" | "does" | "can"] => false,
            [who, verb] => words::ASKERS.contains(who) && words::LIST_VERBS.contains(verb),
            _ => false,
        });
        let everything_with = matches!(self.word(0), "everything" | "anything" | "all")
            && matches!(self.word(1), "with" | "that");
        let named = self.controls > 0
            && (self.word(0) == "where"
                || self
                    .words
                    .iter()
                    .any(|word| plural(word) || *word == "across" || *word == "everywhere"));
        who_supports || everything_with || named || self.word(0) == "list"
    }

    /// "what is …", "what does … mean"
    fn defines(&self) -> bool {
        let asks = matches!(
            (self.word(0), self.word(1)),
            ("what", "is" | "are" | "s") | ("whats" | "define" | "explain" | "wats", _)
        );
        asks || self
            .words
            .iter()
            .any(|word| matches!(*word, "mean" | "means" | "meaning" | "definition"))
    }
}
