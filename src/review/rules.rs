//! Which questions are alike, and what is shown of them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::chat::{Cause, MissedQuestion};
use crate::nlu::entities::{Context, masked};
use crate::nlu::{Lang, Likeness};

/// Questions of one language belong together from this likeness on.
const ALIKE: f32 = 0.5;
/// Most other wordings a group shows.
const EXAMPLES_MAX: usize = 5;

/// Questions that are alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    /// The oldest, which the group is known by.
    first: MissedQuestion,
    /// The others, oldest first.
    others: Vec<MissedQuestion>,
}

/// Puts every question to the group whose first one it is most like, if it is like any; questions come oldest first, so
/// that a group keeps its name when new ones come. The largest groups come first, of equal ones the newest.
pub(super) fn grouped(questions: Vec<MissedQuestion>) -> Vec<Group> {
    let mut groups: Vec<(Likeness, Group)> = Vec::new();
    for question in questions {
        let likeness = Likeness::of(&question.text);
        let alike = groups
            .iter_mut()
            .filter(|(_, group)| group.first.lang == question.lang)
            .map(|(first, group)| (first.to(&likeness), group))
            .filter(|(alike, _)| *alike >= ALIKE)
            .reduce(|best, next| if next.0 > best.0 { next } else { best });
        match alike {
            Some((_, group)) => group.others.push(question),
            None => groups.push((
                likeness,
                Group {
                    first: question,
                    others: Vec::new(),
                },
            )),
        }
    }
    let mut groups: Vec<Group> = groups.into_iter().map(|(_, group)| group).collect();
    groups.sort_by_key(|group| Reverse((group.count(), group.last().id)));
    groups
}

impl Group {
    /// The number it is known by.
    pub(super) fn id(&self) -> i64 {
        self.first.id
    }

    pub(super) fn lang(&self) -> Lang {
        self.first.lang
    }

    pub(super) fn count(&self) -> usize {
        self.questions().map(times).sum()
    }

    /// When it was first asked, milliseconds UTC.
    pub(super) fn first_at_ms(&self) -> i64 {
        self.first.created_at_ms
    }

    /// When it was last asked, milliseconds UTC.
    pub(super) fn last_at_ms(&self) -> i64 {
        self.last().created_at_ms
    }

    fn last(&self) -> &MissedQuestion {
        self.others.last().unwrap_or(&self.first)
    }

    fn questions(&self) -> impl Iterator<Item = &MissedQuestion> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// The numbers of its questions.
    pub(super) fn ids(&self) -> Vec<i64> {
        self.questions().map(|question| question.id).collect()
    }

    /// Its first wording, masked.
    pub(super) fn text(&self, context: &Context<'_>) -> String {
        masked(&self.first.text, self.lang(), context)
    }

    /// Other wordings, masked, each once.
    pub(super) fn examples(&self, context: &Context<'_>) -> Vec<String> {
        let mut seen = BTreeSet::from([self.text(context)]);
        self.others
            .iter()
            .map(|question| masked(&question.text, question.lang, context))
            .filter(|text| seen.insert(text.clone()))
            .take(EXAMPLES_MAX)
            .collect()
    }

    /// How many of its questions have this cause.
    pub(super) fn caused(&self, cause: Cause) -> usize {
        self.questions()
            .filter(|question| question.cause == cause)
            .map(times)
            .sum()
    }

    /// What visitors then chose, the most frequent first.
    pub(super) fn chosen(&self) -> Vec<(String, usize)> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for intent in self
            .questions()
            .filter_map(|question| question.chosen_intent.as_deref())
        {
            *counts.entry(intent).or_default() += 1;
        }
        let mut chosen: Vec<(String, usize)> = counts
            .into_iter()
            .map(|(intent, count)| (intent.to_owned(), count))
            .collect();
        chosen.sort_by_key(|(_, count)| Reverse(*count));
        chosen
    }
}

fn times(question: &MissedQuestion) -> usize {
    usize::try_from(question.times).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nlu::entities::Vocabulary;
    use proptest::prelude::*;

    fn question(id: i64, lang: Lang, text: &str) -> MissedQuestion {
        MissedQuestion {
            id,
            lang,
            text: text.to_owned(),
            times: 1,
            cause: Cause::Fallback,
            chosen_intent: None,
            created_at_ms: id * 1_000,
        }
    }

    fn with_context<T>(run: impl FnOnce(&Context<'_>) -> T) -> T {
        let vocabulary = Vocabulary::default();
        run(&Context {
            now: jiff::civil::date(2026, 11, 22).at(12, 0, 0, 0),
            vocabulary: &vocabulary,
        })
    }

    #[test]
    fn alike_questions_of_a_language_are_one_group_known_by_the_oldest() {
        let groups = grouped(vec![
            question(1, Lang::Pl, "Czy montujecie saunę?"),
            question(2, Lang::Pl, "Gdzie mogę zaparkować?"),
            question(3, Lang::Pl, "czy montujecie sauny"),
            question(4, Lang::En, "Czy montujecie saunę?"),
            question(5, Lang::Pl, "CZY MONTUJECIE SAUNE"),
        ]);
        let shape: Vec<_> = groups
            .iter()
            .map(|group| (group.id(), group.ids()))
            .collect();
        assert_eq!(shape, [(1, vec![1, 3, 5]), (4, vec![4]), (2, vec![2])]);
        assert_eq!(
            (groups[0].first_at_ms(), groups[0].last_at_ms()),
            (1_000, 5_000)
        );
        with_context(|context| {
            assert_eq!(groups[0].text(context), "Czy montujecie saunę?");
            assert_eq!(
                groups[0].examples(context),
                ["czy montujecie sauny", "CZY MONTUJECIE SAUNE"]
            );
        });
    }

    #[test]
    fn what_visitors_then_chose_is_counted() {
        let mut questions: Vec<_> = (1..=4)
            .map(|id| question(id, Lang::De, "Was geht?"))
            .collect();
        for (question, intent) in questions.iter_mut().zip(["price", "contact", "contact"]) {
            question.cause = Cause::Unsure;
            question.chosen_intent = Some(intent.into());
        }
        let groups = grouped(questions);
        assert_eq!(
            groups[0].chosen(),
            [("contact".to_owned(), 2), ("price".to_owned(), 1)]
        );
        assert_eq!(groups[0].caused(Cause::Unsure), 3);
        assert_eq!(groups[0].caused(Cause::Fallback), 1);
    }

    #[test]
    fn every_address_and_number_is_masked_and_nothing_else() {
        with_context(|context| {
            for (text, shown) in [
                (
                    "Proszę pisać: a.b@example.com albo c@example.org, tel. 601 234 567",
                    "Proszę pisać: … albo …, tel. …",
                ),
                ("601234567 i 602 345 678", "… i …"),
                (
                    "Czy 60 m2 za 120 000 zł to dużo?",
                    "Czy 60 m2 za 120 000 zł to dużo?",
                ),
                ("", ""),
            ] {
                assert_eq!(masked(text, Lang::Pl, context), shown);
            }
        });
    }

    proptest! {
        #[test]
        fn every_question_is_in_one_group_of_its_language(
            texts in prop::collection::vec(("[a-d ]{0,10}", 0..3usize), 0..30)
        ) {
            let questions: Vec<_> = (1..)
                .zip(&texts)
                .map(|(id, (text, lang))| question(id, Lang::ALL[*lang], text))
                .collect();
            let groups = grouped(questions);
            let mut ids: Vec<i64> = groups.iter().flat_map(Group::ids).collect();
            ids.sort_unstable();
            prop_assert_eq!(ids, (1..=texts.len() as i64).collect::<Vec<_>>());
            for group in &groups {
                prop_assert!(group.questions().all(|question| question.lang == group.lang()));
                prop_assert!(group.ids().iter().all(|id| *id >= group.id()));
            }
            prop_assert!(groups.is_sorted_by_key(|group| Reverse(group.count())));
        }
    }
}
