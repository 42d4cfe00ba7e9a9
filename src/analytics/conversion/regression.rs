//! Logistic regression: how likely something is, from a few features of it. Pure and deterministic.
//!
//! Newton's method on the penalised likelihood (iteratively reweighted least squares, e.g. Hastie, Tibshirani and
//! Friedman, The Elements of Statistical Learning, 4.4.1). Features are brought to one scale first. The ridge keeps every
//! weight finite, also where the outcomes can be told apart without error, and a feature that never varies at 0.

/// Penalty of a weight on the common scale: as if two more cases spoke against it.
const RIDGE: f64 = 1.0;
/// Of the intercept: hardly any, but enough where every outcome is the same.
const INTERCEPT_RIDGE: f64 = 1e-3;
const STEPS_MAX: usize = 50;
/// Steps become halves of halves when they lead downhill.
const HALVINGS_MAX: usize = 30;
const STEP_MIN: f64 = 1e-9;

/// A fitted model.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// Logit of a case whose features are all 0.
    pub intercept: f64,
    /// Of each feature, in its own unit.
    pub weights: Vec<f64>,
    /// Of each feature, by its standard deviation: comparable with each other.
    pub effects: Vec<f64>,
}

impl Fit {
    /// How likely a case is, 0 to 1.
    pub fn probability(&self, features: &[f64]) -> f64 {
        logistic(self.intercept + dot(&self.weights, features))
    }
}

/// Fits a model to cases and their outcomes; both are as long, and every case has as many features as the first.
pub fn fit(cases: &[Vec<f64>], outcomes: &[bool]) -> Fit {
    let width = cases.first().map_or(0, Vec::len);
    let scales: Vec<(f64, f64)> = (0..width).map(|at| scale(cases, at)).collect();
    let rows: Vec<Vec<f64>> = cases.iter().map(|case| scaled(case, &scales)).collect();
    let mut beta = vec![0.0; width + 1];
    let mut reached = likelihood(&rows, outcomes, &beta);
    for _ in 0..STEPS_MAX {
        let Some(step) = newton_step(&rows, outcomes, &beta) else {
            break;
        };
        let Some((next, likelihood)) = uphill(&rows, outcomes, &beta, &step, reached) else {
            break;
        };
        beta = next;
        reached = likelihood;
        if step.iter().all(|part| part.abs() < STEP_MIN) {
            break;
        }
    }
    let effects = beta[1..].to_vec();
    let by_unit = effects.iter().zip(&scales);
    let weights: Vec<f64> = by_unit
        .map(|(effect, (_, spread))| effect / spread)
        .collect();
    let means: Vec<f64> = scales.iter().map(|(mean, _)| *mean).collect();
    Fit {
        intercept: beta[0] - dot(&weights, &means),
        weights,
        effects,
    }
}

/// Mean and standard deviation of a feature; 1 for one that never varies.
fn scale(cases: &[Vec<f64>], at: usize) -> (f64, f64) {
    let count = cases.len() as f64;
    let mean = cases.iter().map(|case| case[at]).sum::<f64>() / count;
    let square = |case: &Vec<f64>| (case[at] - mean) * (case[at] - mean);
    let spread = (cases.iter().map(square).sum::<f64>() / count).sqrt();
    (mean, if spread > 1e-12 { spread } else { 1.0 })
}

/// A case on the common scale, behind a 1 for the intercept.
fn scaled(case: &[f64], scales: &[(f64, f64)]) -> Vec<f64> {
    let features = case.iter().zip(scales);
    std::iter::once(1.0)
        .chain(features.map(|(value, (mean, spread))| (value - mean) / spread))
        .collect()
}

fn logistic(logit: f64) -> f64 {
    1.0 / (1.0 + (-logit).exp())
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(a, b)| a * b).sum()
}

fn ridge(at: usize) -> f64 {
    if at == 0 { INTERCEPT_RIDGE } else { RIDGE }
}

/// The penalised log-likelihood.
fn likelihood(rows: &[Vec<f64>], outcomes: &[bool], beta: &[f64]) -> f64 {
    let of_row = |(row, outcome): (&Vec<f64>, &bool)| {
        let logit = dot(row, beta);
        // ln(1 + e^x) without overflow.
        let partition = logit.max(0.0) + (-logit.abs()).exp().ln_1p();
        if *outcome {
            logit - partition
        } else {
            -partition
        }
    };
    let penalty = |(at, weight): (usize, &f64)| ridge(at) * weight * weight / 2.0;
    rows.iter().zip(outcomes).map(of_row).sum::<f64>()
        - beta.iter().enumerate().map(penalty).sum::<f64>()
}

/// The step to where the likelihood would be highest, were it a parabola; `None`: it is flat.
fn newton_step(rows: &[Vec<f64>], outcomes: &[bool], beta: &[f64]) -> Option<Vec<f64>> {
    let width = beta.len();
    let mut slope: Vec<f64> = (0..width).map(|at| -ridge(at) * beta[at]).collect();
    let mut curve = vec![vec![0.0; width]; width];
    for (at, row) in curve.iter_mut().enumerate() {
        row[at] = ridge(at);
    }
    for (row, outcome) in rows.iter().zip(outcomes) {
        let probability = logistic(dot(row, beta));
        let error = f64::from(*outcome) - probability;
        let weight = probability * (1.0 - probability);
        for (at, value) in row.iter().enumerate() {
            slope[at] += error * value;
            for (other, right) in row[..=at].iter().enumerate() {
                curve[at][other] += weight * value * right;
            }
        }
    }
    solved(curve, slope)
}

/// Solves `matrix · x = right` for a symmetric positive matrix, of which the lower half is given (Cholesky).
fn solved(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Option<Vec<f64>> {
    let width = right.len();
    for at in 0..width {
        for below in at..width {
            let sum: f64 = (0..at).map(|k| matrix[below][k] * matrix[at][k]).sum();
            let rest = matrix[below][at] - sum;
            if below > at {
                matrix[below][at] = rest / matrix[at][at];
            } else if rest > 0.0 {
                matrix[at][at] = rest.sqrt();
            } else {
                return None;
            }
        }
    }
    for (at, row) in matrix.iter().enumerate() {
        let sum: f64 = (0..at).map(|k| row[k] * right[k]).sum();
        right[at] = (right[at] - sum) / row[at];
    }
    for at in (0..width).rev() {
        let sum: f64 = (at + 1..width).map(|k| matrix[k][at] * right[k]).sum();
        right[at] = (right[at] - sum) / matrix[at][at];
    }
    Some(right)
}

/// As far along a step as leads uphill; `None`: no part of it does.
fn uphill(
    rows: &[Vec<f64>],
    outcomes: &[bool],
    beta: &[f64],
    step: &[f64],
    reached: f64,
) -> Option<(Vec<f64>, f64)> {
    let mut part = 1.0;
    for _ in 0..HALVINGS_MAX {
        let moved = |(weight, by): (&f64, &f64)| weight + part * by;
        let next: Vec<f64> = beta.iter().zip(step).map(moved).collect();
        let likelihood = likelihood(rows, outcomes, &next);
        if likelihood >= reached {
            return Some((next, likelihood));
        }
        part /= 2.0;
    }
    None
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Numbers from 0 to 1 that look random and are always the same (a linear congruential generator).
    pub(in super::super) struct Dice(pub u64);

    impl Dice {
        pub(in super::super) fn roll(&mut self) -> f64 {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (self.0 >> 11) as f64 / (1_u64 << 53) as f64
        }
    }

    /// Cases whose outcome follows these weights.
    pub(in super::super) fn simulated(
        count: usize,
        intercept: f64,
        weights: &[f64],
    ) -> (Vec<Vec<f64>>, Vec<bool>) {
        let mut dice = Dice(7);
        let cases: Vec<Vec<f64>> = (0..count)
            .map(|_| weights.iter().map(|_| dice.roll() * 4.0 - 2.0).collect())
            .collect();
        let happens = |case: &Vec<f64>| dice.roll() < logistic(intercept + dot(weights, case));
        let outcomes = cases.iter().map(happens).collect();
        (cases, outcomes)
    }

    #[test]
    fn known_weights_are_found_again() {
        let truth = [1.2, -0.7, 0.0];
        let (cases, outcomes) = simulated(20_000, -1.0, &truth);
        let fit = fit(&cases, &outcomes);
        assert!((fit.intercept + 1.0).abs() < 0.08, "{fit:?}");
        for (found, known) in fit.weights.iter().zip(truth) {
            assert!((found - known).abs() < 0.08, "{fit:?}");
        }
    }

    #[test]
    fn outcomes_that_can_be_told_apart_give_finite_weights() {
        let cases: Vec<Vec<f64>> = (0..400).map(|n| vec![f64::from(n) - 199.5, 3.0]).collect();
        let outcomes: Vec<bool> = cases.iter().map(|case| case[0] > 0.0).collect();
        let fit = fit(&cases, &outcomes);
        assert!(
            fit.weights[0].is_finite() && fit.weights[0] > 0.0,
            "{fit:?}"
        );
        assert!(fit.weights[1].abs() < 1e-9, "never varies: {fit:?}");
        assert!(fit.probability(&[-150.0, 3.0]) < 0.01);
        assert!(fit.probability(&[150.0, 3.0]) > 0.99);
    }

    #[test]
    fn outcomes_that_are_all_the_same_or_missing_do_no_harm() {
        let cases = vec![vec![1.0], vec![2.0], vec![3.0]];
        for outcome in [true, false] {
            let fit = fit(&cases, &[outcome; 3]);
            assert!(fit.intercept.is_finite() && fit.weights[0].is_finite());
        }
        assert!((fit(&[], &[]).probability(&[]) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn the_same_cases_give_the_same_model() {
        let (cases, outcomes) = simulated(500, 0.3, &[0.5, 0.5]);
        assert_eq!(fit(&cases, &outcomes), fit(&cases, &outcomes));
    }
}
