//! How well predictions hold: what was predicted beside what happened, on cases the model never saw. Pure.

use serde::{Deserialize, Serialize};

use super::regression::fit;

/// Parts the cases are divided into; each is judged by a model of the others.
const PARTS: usize = 5;
/// Groups of the table.
const GROUPS: usize = 10;

/// A tenth of the cases, from the least to the most likely.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tenth {
    /// How many cases.
    pub count: u64,
    /// Mean of what was predicted, 0 to 1.
    pub predicted: f64,
    /// Share of which it happened, 0 to 1.
    pub happened: f64,
}

/// How well predictions hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Ten groups, the least likely first; fewer of fewer than ten cases.
    pub tenths: Vec<Tenth>,
    /// Mean squared error of the predictions (Brier's score); 0 is perfect.
    pub error: f64,
    /// The same of predicting the overall share for everyone: what the model has to be better than.
    pub error_without_model: f64,
}

/// Judges by held-out fifths; case n belongs to part n mod 5, so the same cases give the same table.
pub fn calibration(cases: &[Vec<f64>], outcomes: &[bool]) -> Calibration {
    let mut judged: Vec<(f64, bool)> = Vec::with_capacity(cases.len());
    for part in 0..PARTS {
        let is_held_out = |at: &usize| at % PARTS == part;
        let learned = (0..cases.len()).filter(|at| !is_held_out(at));
        let (seen, ends): (Vec<_>, Vec<_>) =
            learned.map(|at| (cases[at].clone(), outcomes[at])).unzip();
        let model = fit(&seen, &ends);
        let held_out = (0..cases.len()).filter(is_held_out);
        judged.extend(held_out.map(|at| (model.probability(&cases[at]), outcomes[at])));
    }
    let count = judged.len().max(1) as f64;
    let share = judged.iter().filter(|(_, happened)| *happened).count() as f64 / count;
    let square = |predicted: f64, happened: bool| (predicted - f64::from(happened)).powi(2);
    let error = |of: &dyn Fn(f64) -> f64| {
        let errors = judged
            .iter()
            .map(|(told, happened)| square(of(*told), *happened));
        errors.sum::<f64>() / count
    };
    let (error, error_without_model) = (error(&|told| told), error(&|_| share));
    Calibration {
        tenths: tenths(judged),
        error,
        error_without_model,
    }
}

fn tenths(mut judged: Vec<(f64, bool)>) -> Vec<Tenth> {
    judged.sort_by(|left, right| left.0.total_cmp(&right.0));
    let all = judged.len();
    let groups = (0..GROUPS).map(|group| &judged[group * all / GROUPS..(group + 1) * all / GROUPS]);
    groups
        .filter(|group| !group.is_empty())
        .map(|group| {
            let count = group.len() as f64;
            let happened = group.iter().filter(|(_, happened)| *happened).count();
            Tenth {
                count: group.len() as u64,
                predicted: group.iter().map(|(told, _)| told).sum::<f64>() / count,
                happened: happened as f64 / count,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::regression::tests::simulated;
    use super::*;

    #[test]
    fn of_what_is_predicted_as_likely_as_it_is_that_much_happens() {
        let (cases, outcomes) = simulated(20_000, -1.5, &[1.0, -0.5]);
        let judged = calibration(&cases, &outcomes);
        assert_eq!(judged.tenths.len(), 10);
        for tenth in &judged.tenths {
            assert_eq!(tenth.count, 2_000);
            assert!((tenth.predicted - tenth.happened).abs() < 0.04, "{tenth:?}");
        }
        assert!(judged.tenths[9].happened > 4.0 * judged.tenths[0].happened);
        assert!(
            judged.error < 0.9 * judged.error_without_model,
            "{judged:?}"
        );
    }

    #[test]
    fn features_that_say_nothing_are_no_better_than_the_overall_share() {
        let (cases, outcomes) = simulated(5_000, -1.0, &[0.0, 0.0]);
        let judged = calibration(&cases, &outcomes);
        assert!(
            judged.error >= 0.995 * judged.error_without_model,
            "{judged:?}"
        );
    }

    #[test]
    fn every_case_is_judged_once_whatever_their_number() {
        for count in [0, 1, 7, 10, 23] {
            let (cases, outcomes) = simulated(count, 0.0, &[1.0]);
            let judged = calibration(&cases, &outcomes);
            let told: u64 = judged.tenths.iter().map(|tenth| tenth.count).sum();
            assert_eq!(told, count as u64);
        }
    }
}
