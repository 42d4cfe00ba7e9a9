//! The figures: accuracy, out-of-scope recall and Matthews correlation at a threshold.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use crate::nlu::OUT_OF_SCOPE;

/// A sentence that was classified.
#[derive(Debug, Clone)]
pub struct Judged {
    /// What it means.
    pub truth: Arc<str>,
    /// The most probable intent, not counting [`OUT_OF_SCOPE`].
    pub found: Arc<str>,
    /// Its confidence, 0 to 1.
    pub confidence: f32,
    /// How much it counts (1 is normal).
    pub weight: f64,
}

impl Judged {
    fn is_in_scope(&self) -> bool {
        &*self.truth != OUT_OF_SCOPE
    }

    /// What is said of it at a threshold.
    pub(super) fn predicted(&self, threshold: f32) -> &str {
        if self.confidence >= threshold {
            &self.found
        } else {
            OUT_OF_SCOPE
        }
    }
}

/// The figures at one threshold: an intent counts from this confidence on, below it a sentence is out of scope.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Point {
    /// From this confidence on, 0 to 1.
    pub threshold: f32,
    /// Share of all sentences that are right, 0 to 1.
    pub accuracy: f64,
    /// Share of the in-scope sentences that are right; none: `None`.
    pub inscope_accuracy: Option<f64>,
    /// Share of the out-of-scope sentences that are seen to be that; none: `None`.
    pub oos_recall: Option<f64>,
    /// Matthews correlation over all classes, −1 to 1.
    pub mcc: f64,
}

/// How often each label (outer) was taken for each (inner).
pub type Confusion = BTreeMap<String, BTreeMap<String, usize>>;

/// The figures of `judged` at `threshold`.
pub fn point(judged: &[Judged], threshold: f32) -> Point {
    let right = |one: &&Judged| one.predicted(threshold) == &*one.truth;
    let (inside, outside): (Vec<&Judged>, Vec<&Judged>) =
        judged.iter().partition(|one| one.is_in_scope());
    let share = |of: &[&Judged]| {
        let weight = |one: &&Judged| one.weight;
        let all: f64 = of.iter().map(weight).sum();
        let hits: f64 = of.iter().copied().filter(right).map(|one| one.weight).sum();
        (all > 0.0).then(|| hits / all)
    };
    let all: Vec<&Judged> = judged.iter().collect();
    Point {
        threshold,
        accuracy: share(&all).unwrap_or_default(),
        inscope_accuracy: share(&inside),
        oos_recall: share(&outside),
        mcc: mcc(judged
            .iter()
            .map(|one| (&*one.truth, one.predicted(threshold), one.weight))),
    }
}

/// Share of the in-scope sentences whose most probable intent is right, whatever its confidence.
pub fn first_place(judged: &[Judged]) -> Option<f64> {
    point(judged, 0.0).inscope_accuracy
}

/// Matthews correlation of truth and prediction for any number of classes (Gorodkin, 2004):
///
/// ```text
/// (c s − Σₖ pₖ tₖ) / √(s² − Σₖ pₖ²) / √(s² − Σₖ tₖ²)
/// ```
///
/// with s the weight of all, c of the right ones, tₖ of those of class k, pₖ of those said to be. 0 if all are, or are
/// said to be, of one class.
fn mcc<'a>(pairs: impl Iterator<Item = (&'a str, &'a str, f64)>) -> f64 {
    let mut classes: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    let (mut all, mut right) = (0.0, 0.0);
    for (truth, predicted, weight) in pairs {
        all += weight;
        right += if truth == predicted { weight } else { 0.0 };
        classes.entry(truth).or_default().0 += weight;
        classes.entry(predicted).or_default().1 += weight;
    }
    let sum = |of: fn(&(f64, f64)) -> f64| classes.values().map(of).sum::<f64>();
    let spread = |squares: f64| (all * all - squares).max(0.0).sqrt();
    let below = spread(sum(|(truth, _)| truth * truth)) * spread(sum(|(_, said)| said * said));
    // Rounding leaves a little of what should be 0.
    if below <= all * all * 1e-9 {
        return 0.0;
    }
    (right * all - sum(|(truth, said)| truth * said)) / below
}

/// The table of what was taken for what at `threshold`.
pub fn confusion(judged: &[Judged], threshold: f32) -> Confusion {
    let mut table = Confusion::new();
    for one in judged {
        let row = table.entry(one.truth.to_string()).or_default();
        *row.entry(one.predicted(threshold).to_owned()).or_default() += 1;
    }
    table
}

/// Thresholds from 0.05 to 0.95 in steps of a hundredth.
pub fn thresholds() -> impl Iterator<Item = f32> {
    (5u8..=95).map(|percent| f32::from(percent) / 100.0)
}

/// The point with the highest Matthews correlation; of equal ones the first.
pub fn best(points: impl IntoIterator<Item = Point>) -> Option<Point> {
    points
        .into_iter()
        .reduce(|best, next| if next.mcc > best.mcc { next } else { best })
}

/// The mean of the thresholds whose Matthews correlation is within `width` of the highest: where a curve is flat, its
/// very highest point is chance. `None` without points.
pub fn plateau(points: &[Point], width: f64) -> Option<f32> {
    let top = best(points.iter().copied())?.mcc;
    let high = points.iter().filter(|point| point.mcc >= top - width);
    let thresholds: Vec<f32> = high.map(|point| point.threshold).collect();
    Some(thresholds.iter().sum::<f32>() / thresholds.len() as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(truth: &str, found: &str, confidence: f32) -> Judged {
        Judged {
            truth: Arc::from(truth),
            found: Arc::from(found),
            confidence,
            weight: 1.0,
        }
    }

    /// Six sentences; at 0.5: a→a, a→a, a→oos, b→a, oos→oos, oos→b.
    fn six() -> Vec<Judged> {
        vec![
            judged("a", "a", 0.9),
            judged("a", "a", 0.5),
            judged("a", "a", 0.4),
            judged("b", "a", 0.8),
            judged(OUT_OF_SCOPE, "b", 0.2),
            judged(OUT_OF_SCOPE, "b", 0.6),
        ]
    }

    #[test]
    fn the_figures_are_those_counted_by_hand() {
        let point = point(&six(), 0.5);
        assert!((point.accuracy - 3.0 / 6.0).abs() < 1e-12);
        assert!((point.inscope_accuracy.unwrap() - 2.0 / 4.0).abs() < 1e-12);
        assert!((point.oos_recall.unwrap() - 1.0 / 2.0).abs() < 1e-12);
        // s = 6, c = 3; truth a 3, b 1, oos 2; said a 3, b 1, oos 2: (18 − 14) / (36 − 14)
        assert!((point.mcc - 4.0 / 22.0).abs() < 1e-12);
        assert!((first_place(&six()).unwrap() - 3.0 / 4.0).abs() < 1e-12);
    }

    #[test]
    fn weights_count_as_repetition() {
        let mut weighted = six();
        weighted[3].weight = 3.0;
        let mut repeated = six();
        repeated.extend([judged("b", "a", 0.8), judged("b", "a", 0.8)]);
        let (a, b) = (point(&weighted, 0.5), point(&repeated, 0.5));
        assert!((a.mcc - b.mcc).abs() < 1e-12 && (a.accuracy - b.accuracy).abs() < 1e-12);
    }

    #[test]
    fn two_classes_give_the_textbook_correlation() {
        // true positives 4, true negatives 3, false positives 1, false negatives 2
        let mut all = vec![judged("a", "a", 1.0); 4];
        all.extend(vec![judged("b", "b", 1.0); 3]);
        all.push(judged("b", "a", 1.0));
        all.extend(vec![judged("a", "b", 1.0); 2]);
        let expected = (4.0 * 3.0 - 2.0) / (5.0f64 * 6.0 * 4.0 * 5.0).sqrt();
        assert!((point(&all, 0.5).mcc - expected).abs() < 1e-12);
    }

    #[test]
    fn what_is_all_of_one_class_has_no_correlation_and_what_is_missing_no_share() {
        let all = vec![judged("a", "a", 0.9), judged("a", "b", 0.9)];
        let point = point(&all, 0.5);
        assert_eq!(point.oos_recall, None);
        assert!(point.mcc.abs() < 1e-12);
        assert!((super::point(&[], 0.5).accuracy).abs() < 1e-12);
    }

    #[test]
    fn the_middle_of_a_plateau_is_chosen() {
        let points: Vec<Point> = [
            (0.1, 0.2),
            (0.2, 0.598),
            (0.3, 0.6),
            (0.4, 0.592),
            (0.5, 0.5),
        ]
        .map(|(threshold, mcc)| Point {
            threshold,
            mcc,
            ..point(&[], 0.0)
        })
        .to_vec();
        assert!((plateau(&points, 0.01).unwrap() - 0.3).abs() < 1e-6);
        assert!((plateau(&points, 0.005).unwrap() - 0.25).abs() < 1e-6);
        assert!((best(points).unwrap().threshold - 0.3).abs() < 1e-6);
        assert_eq!(plateau(&[], 0.01), None);
    }

    #[test]
    fn the_confusion_table_counts_every_sentence() {
        let table = confusion(&six(), 0.5);
        assert_eq!(table["a"]["a"], 2);
        assert_eq!(table["a"][OUT_OF_SCOPE], 1);
        assert_eq!(table["b"]["a"], 1);
        let count: usize = table.values().flat_map(BTreeMap::values).sum();
        assert_eq!(count, 6);
    }

    #[test]
    fn thresholds_run_from_a_twentieth_to_nineteen() {
        let all: Vec<f32> = thresholds().collect();
        assert_eq!(all.len(), 91);
        assert!((all[0] - 0.05).abs() < 1e-6 && (all[90] - 0.95).abs() < 1e-6);
    }
}
