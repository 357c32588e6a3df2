//! Gaps that ask for the same thing, most asked first.
//!
//! Gaps are divided by the services and controls they were read as, and inside
//! by similar wording: the most frequent wordings lead, and each other joins the
//! leader it shares most words with. The result depends on the gaps alone, not
//! on their order.

use std::cmp::Reverse;

use rustc_hash::{FxHashMap, FxHashSet};

use super::wording::{Wording, Words, wordings};
use super::{Gap, Kind, Place};

/// Places that a group names: enough to read what people meant.
pub const LINKS: usize = 3;

/// Leaders that are weighed under one word, most frequent first. A word of more
/// leaders says little about which of them is meant.
const MAX_WEIGHED: usize = 32;

/// Gaps that ask for the same thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The services they were read as, in alphabetical order.
    pub services: Vec<String>,
    /// The controls they were read as, in alphabetical order.
    pub controls: Vec<String>,
    /// The wording that stands for the group, without markup; none where no
    /// texts are kept.
    pub question: Option<String>,
    /// How many different people asked.
    pub people: usize,
    /// How many times it was asked without an answer.
    pub abstentions: usize,
    /// How many times an answer did not help.
    pub not_helpful: usize,
    /// The first time, in milliseconds since 1970 UTC.
    pub first_ms: i64,
    /// The last time, in milliseconds since 1970 UTC.
    pub last_ms: i64,
    /// Where it can be read again: the latest, at most [`LINKS`].
    pub places: Vec<Place>,
    /// Which of the gaps belong to it, ascending.
    pub members: Vec<usize>,
}

/// Groups gaps: each is in exactly one group. Those that most people ran into
/// come first, then those that came up most often, then the latest.
pub fn group(gaps: &[Gap]) -> Vec<Group> {
    let blocks: Vec<Block<'_>> = gaps.iter().map(block).collect();
    let wordings = wordings_of(gaps, &blocks);
    let mut in_block: FxHashMap<&Block<'_>, Vec<usize>> = FxHashMap::default();
    for (at, block) in blocks.iter().enumerate() {
        in_block.entry(block).or_default().push(at);
    }
    let mut groups: Vec<Group> = Vec::new();
    for (block, members) in in_block {
        for cluster in clusters(&members, &wordings) {
            groups.push(describe(gaps, block, &wordings, cluster));
        }
    }
    groups.sort_by(|a, b| {
        let most = |group: &Group| (group.people, group.members.len(), group.last_ms);
        let names = (&a.services, &a.controls).cmp(&(&b.services, &b.controls));
        most(b)
            .cmp(&most(a))
            .then(names)
            .then_with(|| a.question.cmp(&b.question))
    });
    groups
}

/// Names of services and of controls, sorted.
type Block<'a> = (Vec<&'a str>, Vec<&'a str>);

fn block(gap: &Gap) -> Block<'_> {
    (sorted(&gap.services), sorted(&gap.controls))
}

fn sorted(names: &[String]) -> Vec<&str> {
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The wording of each gap; none where its text is not kept.
fn wordings_of(gaps: &[Gap], blocks: &[Block<'_>]) -> Vec<Option<Wording>> {
    let names: Vec<Vec<&str>> = blocks
        .iter()
        .map(|(services, controls)| services.iter().chain(controls).copied().collect())
        .collect();
    let asked: Vec<(&str, &[&str])> = gaps
        .iter()
        .zip(&names)
        .filter_map(|(gap, names)| Some((gap.question.as_deref()?, names.as_slice())))
        .collect();
    let mut wordings = wordings(&asked).into_iter();
    gaps.iter()
        .map(|gap| gap.question.as_ref().and_then(|_| wordings.next()))
        .collect()
}

/// Gaps of one block with similar wording; the most frequent wording is first.
fn clusters(members: &[usize], wordings: &[Option<Wording>]) -> Vec<Vec<usize>> {
    let mut alike: FxHashMap<Option<&Words>, Vec<usize>> = FxHashMap::default();
    for at in members {
        let words = wordings.get(*at).and_then(Option::as_ref);
        alike
            .entry(words.map(|wording| &wording.words))
            .or_default()
            .push(*at);
    }
    let mut alike: Vec<(Option<&Words>, Vec<usize>)> = alike.into_iter().collect();
    alike.sort_by_key(|(words, members)| (Reverse(members.len()), *words));

    let mut clusters: Vec<(&[u32], Vec<usize>)> = Vec::new();
    let mut leaders: FxHashMap<u32, Vec<usize>> = FxHashMap::default();
    for (words, members) in alike {
        let words: &[u32] = words.map_or(&[], |words| &**words);
        if let Some(cluster) = nearest(words, &clusters, &leaders) {
            if let Some((_, joined)) = clusters.get_mut(cluster) {
                joined.extend(members);
            }
        } else {
            for word in rarest(words) {
                leaders.entry(*word).or_default().push(clusters.len());
            }
            clusters.push((words, members));
        }
    }
    clusters.into_iter().map(|(_, members)| members).collect()
}

/// The cluster whose leader shares the most words with a wording, when that is
/// at least half of all the words of both.
fn nearest(
    words: &[u32],
    clusters: &[(&[u32], Vec<usize>)],
    leaders: &FxHashMap<u32, Vec<usize>>,
) -> Option<usize> {
    let mut best: Option<(usize, usize, usize)> = None;
    for word in rarest(words) {
        for at in leaders.get(word).into_iter().flatten().take(MAX_WEIGHED) {
            let Some((leader, _)) = clusters.get(*at) else {
                continue;
            };
            let shared = shared(words, leader);
            let all = words.len() + leader.len() - shared;
            let better = best.is_none_or(|(best_shared, best_all, best_at)| {
                // As fractions: shared / all.
                let (this, that) = (shared * best_all, best_shared * all);
                this > that || this == that && *at < best_at
            });
            if 2 * shared >= all && better {
                best = Some((shared, all, *at));
            }
        }
    }
    best.map(|(_, _, at)| at)
}

/// The rarest words of a set. Two sets that share half of all their words share
/// one of these, so the frequent ones need no look.
fn rarest(words: &[u32]) -> &[u32] {
    words.get(..=words.len() / 2).unwrap_or(words)
}

/// How many numbers two ascending lists share.
fn shared(a: &[u32], b: &[u32]) -> usize {
    a.iter()
        .filter(|word| b.binary_search(word).is_ok())
        .count()
}

fn describe(
    gaps: &[Gap],
    (services, controls): &Block<'_>,
    wordings: &[Option<Wording>],
    mut members: Vec<usize>,
) -> Group {
    let question = representative(&members, wordings);
    members.sort_unstable();
    let of_group = || members.iter().filter_map(|at| gaps.get(*at));
    let people: FxHashSet<_> = of_group().map(|gap| gap.user).collect();
    let abstentions = of_group()
        .filter(|gap| gap.kind == Kind::Abstention)
        .count();
    let mut places: Vec<(Reverse<i64>, Place)> = of_group()
        .filter_map(|gap| Some((Reverse(gap.at_ms), gap.place()?)))
        .collect();
    places.sort_unstable();
    places.dedup_by_key(|(_, place)| *place);
    Group {
        services: owned(services),
        controls: owned(controls),
        question,
        people: people.len(),
        abstentions,
        not_helpful: members.len() - abstentions,
        first_ms: of_group().map(|gap| gap.at_ms).min().unwrap_or_default(),
        last_ms: of_group().map(|gap| gap.at_ms).max().unwrap_or_default(),
        places: places
            .into_iter()
            .map(|(_, place)| place)
            .take(LINKS)
            .collect(),
        members,
    }
}

/// The text that was typed most often; of several the shortest, then the first
/// in the alphabet.
fn representative(members: &[usize], wordings: &[Option<Wording>]) -> Option<String> {
    let mut count: FxHashMap<&str, usize> = FxHashMap::default();
    for at in members {
        let wording = wordings.get(*at).and_then(Option::as_ref)?;
        *count.entry(&wording.text).or_default() += 1;
    }
    count
        .into_iter()
        .min_by_key(|(text, count)| (Reverse(*count), text.len(), *text))
        .map(|(text, _)| text.to_owned())
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::id::{ChannelId, GuildId, MessageId, UserId};

    /// User `user` asked this about these services at this time.
    fn asked(user: u64, question: &str, services: &[&str], at_ms: i64) -> Gap {
        Gap {
            kind: Kind::Abstention,
            user: UserId(user),
            guild: Some(GuildId(1)),
            channel: Some(ChannelId(2)),
            message: Some(MessageId(u64::try_from(at_ms).unwrap())),
            question: Some(question.to_owned()),
            services: owned(services),
            controls: Vec::new(),
            reason: None,
            at_ms,
        }
    }

    #[test]
    fn different_wordings_of_one_question_fall_together() {
        let gaps = [
            asked(1, "what is the price per request?", &["Amazon SQS"], 10),
            asked(2, "price per request", &["Amazon SQS"], 40),
            asked(
                3,
                "**price** of a single reqest in sqs",
                &["Amazon SQS"],
                20,
            ),
            asked(1, "price per request", &["Amazon SQS"], 30),
            asked(4, "price per request", &["Amazon S3"], 50),
            asked(5, "how do I restore a backup", &["Amazon SQS"], 60),
        ];
        let groups = group(&gaps);
        let first = &groups[0];
        assert_eq!(first.members, [0, 1, 2, 3]);
        assert_eq!(first.question.as_deref(), Some("price per request"));
        assert_eq!(
            (first.people, first.abstentions, first.not_helpful),
            (3, 4, 0)
        );
        assert_eq!((first.first_ms, first.last_ms), (10, 40));
        let places: Vec<u64> = first.places.iter().map(|place| place.message.0).collect();
        assert_eq!(places, [40, 30, 20]);
        assert_eq!(groups.len(), 3);
    }

    #[test]
    fn people_count_before_repeats() {
        let gaps = [
            asked(1, "limits of a queue", &[], 1),
            asked(1, "limits of a queue", &[], 2),
            asked(1, "limits of a queue", &[], 3),
            asked(1, "restore a backup", &[], 4),
            asked(2, "restore a backup", &[], 5),
        ];
        let groups = group(&gaps);
        assert_eq!(groups[0].question.as_deref(), Some("restore a backup"));
        assert_eq!(groups[1].members, [0, 1, 2]);
    }

    #[test]
    fn forgotten_texts_stay_counted_and_apart() {
        let mut gaps = [
            asked(1, "limits", &["Amazon SQS"], 1),
            asked(2, "", &["Amazon SQS"], 2),
            asked(3, "", &["Amazon SQS"], 3),
        ];
        gaps[1].question = None;
        gaps[2].question = None;
        let groups = group(&gaps);
        assert_eq!((groups[0].question.as_deref(), groups[0].people), (None, 2));
        assert_eq!(groups[1].question.as_deref(), Some("limits"));
    }

    #[test]
    fn a_direct_message_is_never_linked() {
        let mut gap = asked(1, "limits", &[], 1);
        gap.guild = None;
        assert_eq!(group(&[gap])[0].places, []);
    }

    #[test]
    fn names_in_any_order_are_the_same_names() {
        let gaps = [
            asked(1, "cost", &["A", "B"], 1),
            asked(2, "cost", &["B", "A", "B"], 2),
        ];
        assert_eq!(group(&gaps).len(), 1);
    }

    fn any_gap() -> impl Strategy<Value = Gap> {
        let word = prop::sample::select(vec![
            "price",
            "prize",
            "pricing",
            "backup",
            "bakup",
            "restore",
            "the",
            "queue",
            "limit",
            "encryption",
            "encripton",
            "暗号",
            "s3",
            "ec2",
            "\u{202e}",
            "<@1>",
            "frobnicator",
            "frobncator",
        ]);
        let question = prop_oneof![
            4 => prop::collection::vec(word, 0..5).prop_map(|words| Some(words.join(" "))),
            1 => any::<Option<String>>(),
        ];
        let services = prop::sample::subsequence(vec!["Amazon SQS", "Amazon S3"], 0..=2);
        (0..4_u64, question, services, 0..20_i64).prop_map(|(user, question, services, at)| Gap {
            question,
            ..asked(user, "", &services, at)
        })
    }

    /// What each group holds, whatever the order of the gaps was.
    fn contents(gaps: &[Gap]) -> Vec<(Group, Vec<String>)> {
        group(gaps)
            .into_iter()
            .map(|mut group| {
                let members = std::mem::take(&mut group.members);
                let mut gaps: Vec<_> = members
                    .iter()
                    .map(|at| format!("{:?}", gaps[*at]))
                    .collect();
                gaps.sort();
                (group, gaps)
            })
            .collect()
    }

    proptest! {
        #[test]
        fn every_gap_is_in_exactly_one_group(gaps in prop::collection::vec(any_gap(), 0..60)) {
            let groups = group(&gaps);
            let members: Vec<usize> = groups.iter().flat_map(|group| group.members.clone()).collect();
            let distinct: BTreeSet<usize> = members.iter().copied().collect();
            prop_assert_eq!(members.len(), gaps.len());
            prop_assert_eq!(distinct, (0..gaps.len()).collect());
            for group in groups {
                prop_assert_eq!(group.abstentions + group.not_helpful, group.members.len());
                prop_assert!(group.first_ms <= group.last_ms && group.people <= group.members.len());
            }
        }

        #[test]
        fn the_order_of_gaps_does_not_matter(
            (gaps, shuffled) in prop::collection::vec(any_gap(), 0..40)
                .prop_flat_map(|gaps| (Just(gaps.clone()), Just(gaps).prop_shuffle()))
        ) {
            prop_assert_eq!(contents(&gaps), contents(&shuffled));
        }
    }
}
