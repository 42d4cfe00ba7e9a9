//! Training, judging and choosing the threshold.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::folds::{FOLDS, folds};
use super::metrics::{self, Confusion, Judged, Point};
use super::rows::Row;
use super::{EvalError, Rows};
use crate::nlu::intents::{IntentModel, Tuning};
use crate::nlu::text::Views;
use crate::nlu::{Lang, NluError, OUT_OF_SCOPE};

/// Matthews correlations that differ by less are the same: chance moves them more.
const EQUALLY_GOOD: f64 = 0.01;
/// How many sentences are taken to be out of scope when a threshold is chosen, whatever the share in the training rows.
/// Of 0.25, 0.33, 0.4, 0.5 and 0.6 this one, with [`EQUALLY_GOOD`], chose best for the built-in phrases when those out
/// of scope were kept from the training.
const OOS_SHARE: f64 = 0.4;
/// Training rows show what out of scope looks like if one in so many is.
const ENOUGH_OOS_ONE_IN: usize = 20;
/// How many ways intents are left out to learn what out of scope looks like.
const HOLD_OUTS: usize = 3;

/// Everything measured.
#[derive(Debug, Serialize)]
pub struct Evaluation {
    /// Of all rows.
    #[serde(flatten)]
    pub all: Report,
    /// Of each language, if the rows have any.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub languages: BTreeMap<Lang, Report>,
}

/// The figures of one set of sentences.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Sentences judged.
    pub sentences: usize,
    /// Share of the in-scope sentences whose most probable intent is right, 0 to 1; none: `None`.
    pub first_place: Option<f64>,
    /// At thresholds 0.05, 0.06 … 0.95.
    pub thresholds: Vec<Point>,
    /// Of these the one with the highest Matthews correlation.
    pub best: Point,
    /// At the threshold chosen from the training rows alone ([`evaluate`]).
    pub chosen: Point,
    /// Training on all training rows, in seconds.
    pub train_seconds: f64,
    /// Time for one sentence, in microseconds.
    pub sentence_us: SentenceTimes,
    /// What was taken for what at the chosen threshold, if asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confusion: Option<Confusion>,
}

/// Median and 99th percentile, in microseconds.
#[derive(Debug, Serialize)]
#[allow(missing_docs)] // named by the percentile
pub struct SentenceTimes {
    pub p50: f64,
    pub p99: f64,
}

/// What was measured on the rows of one language.
struct Trial {
    /// The sentences that are reported.
    judged: Vec<Judged>,
    /// Those that the threshold is chosen from.
    choosing: Vec<Judged>,
    training: Duration,
    sentences: Vec<Duration>,
}

/// Trains on `train`, one model a language, and judges `test`; without `test`, judges `train` by cross-validation.
/// The languages of `test` do not count if `train` has none.
///
/// The threshold is the middle of those with the highest Matthews correlation in a cross-validation of `train`, where
/// the sentences are weighed as if two in five were out of scope. If `train`
/// hardly has sentences out of scope, the intents are left out in turns, and the sentences of those left out are.
///
/// Errors: no rows, a single label, or test rows in a language that was not trained.
pub fn evaluate(
    train: &[Row],
    test: Option<&[Row]>,
    with_confusion: bool,
) -> Result<Evaluation, EvalError> {
    let known = train.iter().any(|row| row.lang.is_some());
    let by_lang = by_language(train, known);
    let tests = test.map(|rows| by_language(rows, known));
    let mut tested = tests.iter().flat_map(BTreeMap::keys);
    if let Some(lang) = tested.find(|lang| !by_lang.contains_key(*lang)) {
        return Err(EvalError::NothingToTrain(Rows(*lang)));
    }
    let mut trials = Vec::new();
    for (lang, rows) in &by_lang {
        let test = tests
            .as_ref()
            .map(|tests| tests.get(lang).map_or(&[][..], Vec::as_slice));
        trials.push((*lang, run(*lang, rows, test)?));
    }
    let mut languages = BTreeMap::new();
    for (lang, trial) in &trials {
        if let (Some(lang), Some(report)) = (lang, Report::of(&[trial], with_confusion)) {
            languages.insert(*lang, report);
        }
    }
    let all: Vec<&Trial> = trials.iter().map(|(_, trial)| trial).collect();
    Ok(Evaluation {
        all: Report::of(&all, with_confusion).ok_or(EvalError::NoRows)?,
        languages,
    })
}

/// The rows of each language; all in one if languages are not `known`.
fn by_language(rows: &[Row], known: bool) -> BTreeMap<Option<Lang>, Vec<&Row>> {
    let mut parts: BTreeMap<Option<Lang>, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        parts
            .entry(row.lang.filter(|_| known))
            .or_default()
            .push(row);
    }
    parts
}

fn run(lang: Option<Lang>, rows: &[&Row], test: Option<&[&Row]>) -> Result<Trial, EvalError> {
    let labels: BTreeSet<&str> = rows.iter().map(|row| row.label.as_str()).collect();
    if let (Some(only), 1) = (labels.first(), labels.len()) {
        return Err(EvalError::OneLabel((*only).to_owned()));
    }
    let started = Instant::now();
    let model = train(lang, rows)?;
    let training = started.elapsed();
    let shown_oos = rows.iter().filter(|row| row.label == OUT_OF_SCOPE).count();
    let enough_oos = shown_oos * ENOUGH_OOS_ONE_IN >= rows.len();
    let folds = folds(rows);
    let crossed = if test.is_none() || enough_oos {
        cross_validate(lang, rows, &folds)
    } else {
        Vec::new()
    };
    let mut choosing = if enough_oos {
        crossed.iter().map(|(judged, _)| judged.clone()).collect()
    } else {
        hold_out_intents(lang, rows, &folds)
    };
    balance(&mut choosing);
    let (judged, sentences) = match test {
        Some(test) => test.iter().map(|row| judge(&model, row)).unzip(),
        None => crossed.into_iter().unzip(),
    };
    Ok(Trial {
        judged,
        choosing,
        training,
        sentences,
    })
}

/// Without a language English is taken: it is read letter by letter.
fn train(lang: Option<Lang>, rows: &[&Row]) -> Result<IntentModel, NluError> {
    let pairs: Vec<(&str, &str)> = rows
        .iter()
        .map(|row| (row.text.as_str(), row.label.as_str()))
        .collect();
    IntentModel::train(lang.unwrap_or(Lang::En), &pairs, &Tuning::default())
}

fn judge(model: &IntentModel, row: &Row) -> (Judged, Duration) {
    let started = Instant::now();
    let classified = model.classify(&Views::of(&row.text));
    let took = started.elapsed();
    let best = classified.best_in_scope();
    let (found, confidence) = best.map_or_else(
        || (Arc::from(OUT_OF_SCOPE), 0.0),
        |(intent, confidence)| (Arc::clone(intent), confidence),
    );
    let judged = Judged {
        truth: Arc::from(row.label.as_str()),
        found,
        confidence,
        weight: 1.0,
    };
    (judged, took)
}

/// Judges each part of the rows by a model of the other parts.
fn cross_validate(lang: Option<Lang>, rows: &[&Row], folds: &[usize]) -> Vec<(Judged, Duration)> {
    let splits = (0..FOLDS).map(|fold| {
        let held = folds.iter().map(|&of| of == fold).collect();
        Split {
            held,
            unknown: BTreeSet::new(),
        }
    });
    judge_splits(lang, rows, splits.collect())
}

/// What each row is taken for by a model of the rows in the other parts. One part after the other, so that whoever else
/// needs the machine keeps a core. `None` as soon as `go_on` is false, which is asked before each part.
pub(super) fn judge_each(
    lang: Lang,
    rows: &[&Row],
    folds: &[usize],
    go_on: &dyn Fn() -> bool,
) -> Option<Vec<Judged>> {
    let mut judged: Vec<Option<Judged>> = vec![None; rows.len()];
    for fold in 0..FOLDS {
        if !go_on() {
            return None;
        }
        let split = Split {
            held: folds.iter().map(|&of| of == fold).collect(),
            unknown: BTreeSet::new(),
        };
        let places = judged.iter_mut().zip(folds).filter(|(_, of)| **of == fold);
        let part = judge_split(Some(lang), rows, &split);
        for ((place, _), (one, _)) in places.zip(part) {
            *place = Some(one);
        }
    }
    Some(judged.into_iter().flatten().collect())
}

/// As [`cross_validate`], but besides its part each model also misses a fifth of the intents, whose rows are out of
/// scope for it.
fn hold_out_intents(lang: Option<Lang>, rows: &[&Row], folds: &[usize]) -> Vec<Judged> {
    let labels: BTreeSet<&str> = rows.iter().map(|row| row.label.as_str()).collect();
    let mut splits = Vec::new();
    for turn in 0..HOLD_OUTS {
        for fold in 0..FOLDS {
            let is_left_out = |&(at, _): &(usize, &&str)| (at + at / FOLDS * turn) % FOLDS == fold;
            let unknown: BTreeSet<&str> = labels
                .iter()
                .enumerate()
                .filter(is_left_out)
                .map(|(_, label)| *label)
                .collect();
            let held = rows
                .iter()
                .zip(folds)
                .map(|(row, of)| *of == fold || unknown.contains(row.label.as_str()))
                .collect();
            splits.push(Split { held, unknown });
        }
    }
    let judged = judge_splits(lang, rows, splits);
    judged.into_iter().map(|(judged, _)| judged).collect()
}

/// One model of a cross-validation.
struct Split<'a> {
    /// Per row: whether it is judged instead of learnt.
    held: Vec<bool>,
    /// Labels that are out of scope for this model.
    unknown: BTreeSet<&'a str>,
}

/// Trains and judges every split, each in a thread of its own. A split that leaves nothing to tell apart understands
/// nothing.
fn judge_splits(
    lang: Option<Lang>,
    rows: &[&Row],
    splits: Vec<Split<'_>>,
) -> Vec<(Judged, Duration)> {
    let mut parts: Vec<Vec<(Judged, Duration)>> = Vec::new();
    parts.resize_with(splits.len(), Vec::new);
    std::thread::scope(|scope| {
        for (split, part) in splits.into_iter().zip(&mut parts) {
            scope.spawn(move || *part = judge_split(lang, rows, &split));
        }
    });
    parts.concat()
}

fn judge_split(lang: Option<Lang>, rows: &[&Row], split: &Split<'_>) -> Vec<(Judged, Duration)> {
    let (held, learnt): (Vec<_>, Vec<_>) =
        rows.iter().zip(&split.held).partition(|(_, held)| **held);
    let learnt: Vec<&Row> = learnt.into_iter().map(|(row, _)| *row).collect();
    let Ok(model) = train(lang, &learnt) else {
        let nothing = |row: &&Row| Judged {
            truth: Arc::from(row.label.as_str()),
            found: Arc::from(OUT_OF_SCOPE),
            confidence: 0.0,
            weight: 1.0,
        };
        let rows = held.iter().map(|(row, _)| *row);
        return rows.map(|row| (nothing(row), Duration::ZERO)).collect();
    };
    let judged = held.into_iter().map(|(row, _)| {
        let (mut judged, took) = judge(&model, row);
        if split.unknown.contains(&*judged.truth) {
            judged.truth = Arc::from(OUT_OF_SCOPE);
        }
        (judged, took)
    });
    judged.collect()
}

/// Weighs the sentences as if [`OOS_SHARE`] of them were out of scope.
fn balance(judged: &mut [Judged]) {
    let outside = judged
        .iter()
        .filter(|one| &*one.truth == OUT_OF_SCOPE)
        .count();
    let inside = judged.len() - outside;
    for one in judged {
        one.weight = if &*one.truth == OUT_OF_SCOPE {
            OOS_SHARE / outside as f64
        } else {
            (1.0 - OOS_SHARE) / inside as f64
        };
    }
}

impl Report {
    /// The figures of all `trials` together; `None` if they judged nothing.
    fn of(trials: &[&Trial], with_confusion: bool) -> Option<Report> {
        let judged: Vec<Judged> = trials
            .iter()
            .flat_map(|trial| trial.judged.clone())
            .collect();
        if judged.is_empty() {
            return None;
        }
        let choosing: Vec<Judged> = trials
            .iter()
            .flat_map(|trial| trial.choosing.clone())
            .collect();
        let points = |of: &[Judged]| {
            metrics::thresholds()
                .map(|threshold| metrics::point(of, threshold))
                .collect::<Vec<_>>()
        };
        let chosen = metrics::plateau(&points(&choosing), EQUALLY_GOOD)?;
        let thresholds = points(&judged);
        let sentences = trials
            .iter()
            .flat_map(|trial| trial.sentences.iter().copied());
        Some(Report {
            sentences: judged.len(),
            first_place: metrics::first_place(&judged),
            best: metrics::best(thresholds.iter().copied())?,
            thresholds,
            chosen: metrics::point(&judged, chosen),
            train_seconds: trials
                .iter()
                .map(|trial| trial.training.as_secs_f64())
                .sum(),
            sentence_us: SentenceTimes::of(sentences.collect()),
            confusion: with_confusion.then(|| metrics::confusion(&judged, chosen)),
        })
    }
}

impl SentenceTimes {
    fn of(mut times: Vec<Duration>) -> SentenceTimes {
        times.sort_unstable();
        let at = |percent: usize| {
            let index = times.len().saturating_sub(1) * percent / 100;
            times
                .get(index)
                .map_or(0.0, |time| time.as_secs_f64() * 1e6)
        };
        SentenceTimes {
            p50: at(50),
            p99: at(99),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(of: &[(&str, &str)]) -> Vec<Row> {
        let row = |(text, label): &(&str, &str)| Row {
            text: (*text).to_owned(),
            label: (*label).to_owned(),
            lang: None,
        };
        of.iter().map(row).collect()
    }

    /// Three intents of six wordings each.
    fn training() -> Vec<Row> {
        let wordings = [
            "how about the",
            "what of our",
            "tell me your",
            "need",
            "some more",
            "is this",
        ];
        let about = |label: &'static str, topic: &'static str| {
            wordings.map(|start| (format!("{start} {topic}"), label))
        };
        [
            about("price", "price or cost"),
            about("duration", "weeks it lasts"),
            about("warranty", "guarantee"),
        ]
        .into_iter()
        .flatten()
        .flat_map(|(text, label)| rows(&[(&text, label)]))
        .collect()
    }

    #[test]
    fn a_test_file_is_judged_by_a_model_of_the_training_file() {
        let test = rows(&[
            ("the price please", "price"),
            ("which guarantee", "warranty"),
            ("zzz qqq", OUT_OF_SCOPE),
        ]);
        let report = evaluate(&training(), Some(&test), true).unwrap().all;
        assert_eq!((report.sentences, report.first_place), (3, Some(1.0)));
        assert_eq!(report.chosen.oos_recall, Some(1.0));
        assert!(report.thresholds.contains(&report.best));
        assert_eq!(report.confusion.unwrap()[OUT_OF_SCOPE][OUT_OF_SCOPE], 1);
    }

    #[test]
    fn without_a_test_file_every_training_row_is_judged_once() {
        let mut train = training();
        for row in &mut train {
            row.lang = Some(Lang::De);
        }
        let evaluation = evaluate(&train, None, false).unwrap();
        assert_eq!(evaluation.all.sentences, train.len());
        assert_eq!(evaluation.languages[&Lang::De].sentences, train.len());
        assert_eq!(evaluation.all.confusion, None);
    }

    #[test]
    fn too_little_to_learn_from_is_an_error_or_understood_as_nothing() {
        let one = evaluate(&rows(&[("a", "x"), ("b", "x")]), None, false);
        assert!(matches!(one, Err(EvalError::OneLabel(label)) if label == "x"));
        let two = evaluate(&rows(&[("aaa", "x"), ("bbb", "y")]), None, false);
        assert_eq!(two.unwrap().all.first_place, Some(0.0));
    }

    #[test]
    fn a_language_without_training_rows_is_an_error() {
        let mut train = training();
        train[0].lang = Some(Lang::En);
        let mut test = train[..1].to_vec();
        test[0].lang = Some(Lang::Pl);
        for row in &mut train {
            row.lang = Some(Lang::En);
        }
        let error = evaluate(&train, Some(&test), false).unwrap_err();
        assert!(matches!(
            error,
            EvalError::NothingToTrain(Rows(Some(Lang::Pl)))
        ));
    }
}
