//! What other phrases make better and worse: the sentences both sets have, each judged by a model of the rest of its set.

use std::collections::{BTreeMap, BTreeSet};

use poem_openapi::Object;
use serde::{Deserialize, Serialize};

use super::folds::folds;
use super::metrics::{Judged, first_place};
use super::rows::Row;
use super::trial::judge_each;
use crate::nlu::{ANSWER_FROM, Lang, OUT_OF_SCOPE, Phrase};

/// Most sentences named on either side.
const EXAMPLES_MAX: usize = 20;

/// One language before and after. A sentence is right when its intent comes first; one out of scope, when no intent is
/// sure enough to be answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Object)]
pub struct Comparison {
    /// Sentences that were there before and still are.
    pub sentences: usize,
    /// Share of those in scope whose intent came first, 0 to 1; null: there are none.
    pub first_place_before: Option<f64>,
    /// The same now.
    pub first_place_after: Option<f64>,
    /// Sentences that are right now and were not.
    pub better: usize,
    /// Sentences that were right and are not now.
    pub worse: usize,
    /// Of the better ones 20 at most.
    pub examples_better: Vec<Judgement>,
    /// Of the worse ones 20 at most.
    pub examples_worse: Vec<Judgement>,
}

/// A sentence that is understood otherwise than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object)]
pub struct Judgement {
    /// The sentence.
    pub text: String,
    /// What it means.
    pub intent: String,
    /// What it was taken for.
    pub was: String,
    /// What it is taken for now.
    pub is: String,
}

/// Compares in every language whose phrases changed. Takes ten trainings a language, one after the other; `None` as soon as
/// `go_on` is false, which is asked before each.
pub fn compare(
    before: &BTreeSet<Phrase>,
    after: &BTreeSet<Phrase>,
    go_on: &dyn Fn() -> bool,
) -> Option<BTreeMap<Lang, Comparison>> {
    let of = |lang: Lang, phrases: &'_ BTreeSet<Phrase>| -> BTreeSet<Phrase> {
        let phrases = phrases.iter().filter(|phrase| phrase.lang == lang);
        phrases.cloned().collect()
    };
    Lang::ALL
        .into_iter()
        .map(|lang| (lang, of(lang, before), of(lang, after)))
        .filter(|(_, before, after)| before != after)
        .map(|(lang, before, after)| Some((lang, compare_language(lang, &before, &after, go_on)?)))
        .collect()
}

/// Both sides share one division into parts, so that a sentence is not judged otherwise only because it moved.
fn compare_language(
    lang: Lang,
    before: &BTreeSet<Phrase>,
    after: &BTreeSet<Phrase>,
    go_on: &dyn Fn() -> bool,
) -> Option<Comparison> {
    let all: Vec<&Phrase> = before.union(after).collect();
    let rows: Vec<Row> = all.iter().map(|phrase| row_of(phrase)).collect();
    let rows: Vec<&Row> = rows.iter().collect();
    let folds = folds(&rows);
    let judge = |side: &BTreeSet<Phrase>| -> Option<BTreeMap<usize, Judged>> {
        let members: Vec<usize> = (0..all.len())
            .filter(|&at| side.contains(all[at]))
            .collect();
        let rows: Vec<&Row> = members.iter().map(|&at| rows[at]).collect();
        let folds: Vec<usize> = members.iter().map(|&at| folds[at]).collect();
        let judged = judge_each(lang, &rows, &folds, go_on)?;
        Some(members.into_iter().zip(judged).collect())
    };
    let (was, is) = (judge(before)?, judge(after)?);
    let both: Vec<(&str, Judged, Judged)> = was
        .into_iter()
        .filter_map(|(at, was)| Some((all[at].text.as_str(), was, is.get(&at)?.clone())))
        .collect();
    Some(summed_up(&both))
}

fn row_of(phrase: &Phrase) -> Row {
    Row {
        text: phrase.text.clone(),
        label: phrase.intent.clone(),
        lang: Some(phrase.lang),
    }
}

/// The figures of sentences as they were judged before and after.
fn summed_up(both: &[(&str, Judged, Judged)]) -> Comparison {
    let (mut better, mut worse) = (Vec::new(), Vec::new());
    for (text, was, is) in both {
        let truth = &*was.truth;
        let judgement = Judgement {
            text: (*text).to_owned(),
            intent: truth.to_owned(),
            was: taken_for(was).to_owned(),
            is: taken_for(is).to_owned(),
        };
        match (judgement.was == truth, judgement.is == truth) {
            (false, true) => better.push(judgement),
            (true, false) => worse.push(judgement),
            _ => {}
        }
    }
    let first_place = |of: fn(&(&str, Judged, Judged)) -> Judged| {
        first_place(&both.iter().map(of).collect::<Vec<_>>())
    };
    Comparison {
        sentences: both.len(),
        first_place_before: first_place(|(_, was, _)| was.clone()),
        first_place_after: first_place(|(_, _, is)| is.clone()),
        better: better.len(),
        worse: worse.len(),
        examples_better: better.into_iter().take(EXAMPLES_MAX).collect(),
        examples_worse: worse.into_iter().take(EXAMPLES_MAX).collect(),
    }
}

/// What a sentence is taken for; see [`Comparison`].
fn taken_for(judged: &Judged) -> &str {
    if &*judged.truth == OUT_OF_SCOPE {
        judged.predicted(ANSWER_FROM)
    } else {
        &judged.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nlu::samples;
    use std::sync::Arc;

    fn phrases() -> BTreeSet<Phrase> {
        samples::set().phrases.into_iter().collect()
    }

    fn judged(truth: &str, found: &str, confidence: f32) -> Judged {
        Judged {
            truth: Arc::from(truth),
            found: Arc::from(found),
            confidence,
            weight: 1.0,
        }
    }

    #[test]
    fn what_was_wrong_and_is_right_is_better_and_the_other_way_round_worse() {
        let both = [
            ("one", judged("a", "b", 0.9), judged("a", "a", 0.1)),
            ("two", judged("a", "a", 0.9), judged("a", "b", 0.9)),
            ("three", judged("a", "a", 0.9), judged("a", "a", 0.2)),
            ("four", judged("a", "b", 0.9), judged("a", "c", 0.9)),
        ];
        let comparison = summed_up(&both);
        assert_eq!(
            (comparison.sentences, comparison.better, comparison.worse),
            (4, 1, 1)
        );
        assert_eq!(comparison.examples_better[0].text, "one");
        let worse = &comparison.examples_worse[0];
        assert_eq!((&*worse.text, &*worse.was, &*worse.is), ("two", "a", "b"));
        assert_eq!(comparison.first_place_before, Some(0.5));
    }

    #[test]
    fn what_is_out_of_scope_becomes_worse_when_it_would_be_answered() {
        let both = [
            (
                "weather",
                judged(OUT_OF_SCOPE, "a", 0.2),
                judged(OUT_OF_SCOPE, "a", 0.7),
            ),
            (
                "football",
                judged(OUT_OF_SCOPE, "a", 0.2),
                judged(OUT_OF_SCOPE, "b", 0.3),
            ),
        ];
        let comparison = summed_up(&both);
        assert_eq!((comparison.better, comparison.worse), (0, 1));
        assert_eq!(comparison.examples_worse[0].is, "a");
        assert_eq!(comparison.first_place_after, None);
    }

    #[test]
    fn only_languages_whose_phrases_changed_are_compared_and_only_by_what_both_have() {
        let before = phrases();
        let mut after = before.clone();
        let gone = before
            .iter()
            .find(|phrase| phrase.lang == Lang::De)
            .unwrap();
        after.remove(gone);
        after.insert(Phrase {
            lang: Lang::De,
            intent: "price".into(),
            text: "Kostenpunkt".into(),
        });
        let compared = compare(&before, &after, &|| true).unwrap();
        assert_eq!(compared.keys().collect::<Vec<_>>(), [&Lang::De]);
        let german = before.iter().filter(|phrase| phrase.lang == Lang::De);
        assert_eq!(compared[&Lang::De].sentences, german.count() - 1);
        assert_eq!(compare(&before, &before, &|| false), Some(BTreeMap::new()));
        assert_eq!(compare(&before, &after, &|| false), None);
    }

    #[test]
    fn more_phrases_of_the_same_kind_make_a_sentence_better() {
        let phrase = |intent: &str, text: &str| Phrase {
            lang: Lang::En,
            intent: intent.into(),
            text: text.into(),
        };
        let before = BTreeSet::from([
            phrase("pool", "zzyzx quux"),
            phrase("price", "what does it cost"),
            phrase("price", "how much is it"),
            phrase("price", "your price please"),
        ]);
        let mut after = before.clone();
        after.insert(phrase("pool", "zzyzx garply"));
        after.insert(phrase("pool", "quux garply waldo"));
        let english = &compare(&before, &after, &|| true).unwrap()[&Lang::En];
        assert_eq!((english.sentences, english.worse), (4, 0));
        let texts: Vec<&str> = english
            .examples_better
            .iter()
            .map(|one| &*one.text)
            .collect();
        assert!(texts.contains(&"zzyzx quux"), "{texts:?}");
    }
}
