//! Two rates, looked at once.

use super::normal::{quantile, two_sided};
use super::{Arm, pooled_rate, pooled_variance};

/// Successes and failures that must be expected of every arm before a normal curve describes it: the usual rule for
/// tables of counts (W. G. Cochran, Some methods for strengthening the common χ² tests, Biometrics 10, 1954).
const EXPECTED_MIN: f64 = 5.0;

/// How a variant differs from the control.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// The variant's rate less the control's.
    pub difference: f64,
    /// Lower end of the interval for the difference.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// The difference in per cent of the control's rate; `None` when that is 0.
    pub lift_percent: Option<f64>,
    /// Standard deviations the difference is from none.
    pub z: f64,
    /// Chance of a difference at least as large, either way, if there is none in truth.
    pub p: f64,
}

/// Compares two rates: a z-test with the pooled rate, which holds when there is no difference, and an interval with each
/// arm's own, which holds whatever the difference is (J. L. Fleiss, B. Levin, M. C. Paik, Statistical Methods for Rates
/// and Proportions, 3rd ed. 2003, sections 3.1 and 3.3; without continuity correction).
///
/// `None` while an arm is empty, or all of both did the same.
///
/// * `confidence`: of the interval, between 0 and 1.
pub fn compare(control: Arm, variant: Arm, confidence: f64) -> Option<Comparison> {
    if control.visitors == 0 || variant.visitors == 0 {
        return None;
    }
    let deviation = pooled_variance(control, variant).sqrt();
    if deviation == 0.0 {
        return None;
    }
    let difference = variant.rate() - control.rate();
    let own = |arm: Arm| arm.rate() * (1.0 - arm.rate()) / arm.visitors();
    let reach = quantile(f64::midpoint(1.0, confidence)) * (own(control) + own(variant)).sqrt();
    let z = difference / deviation;
    Some(Comparison {
        difference,
        low: (difference - reach).max(-1.0),
        high: (difference + reach).min(1.0),
        lift_percent: (control.successes > 0).then(|| difference / control.rate() * 100.0),
        z,
        p: two_sided(z),
    })
}

/// Whether both arms have the visitors a normal curve needs.
pub fn is_enough(one: Arm, other: Arm) -> bool {
    let rate = pooled_rate(one, other);
    let rarer = rate.min(1.0 - rate);
    let smaller = one.visitors.min(other.visitors);
    super::real(smaller) * rarer >= EXPECTED_MIN
}

/// p-values of several comparisons, corrected for being several, in the same order: S. Holm, A simple sequentially
/// rejective multiple test procedure, Scandinavian Journal of Statistics 6 (1979).
pub fn holm(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut corrected = vec![1.0; values.len()];
    let mut largest: f64 = 0.0;
    for (rank, index) in order.into_iter().enumerate() {
        let factor = super::real((values.len() - rank) as u64);
        largest = largest.max((values[index] * factor).min(1.0));
        corrected[index] = largest;
    }
    corrected
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_near(value: f64, expected: f64, room: f64) {
        assert!((value - expected).abs() < room, "{value} is not {expected}");
    }

    #[test]
    fn twelve_against_thirty_of_120_is_what_a_calculation_by_hand_gives() {
        let found = compare(Arm::new(120, 12), Arm::new(120, 30), 0.95).unwrap();
        assert_near(found.p, 0.002_229, 5e-7);
        assert_near(found.lift_percent.unwrap(), 150.0, 1e-9);
        assert_near(found.difference, 0.15, 1e-12);
        // 0.15 / sqrt(0.175 * 0.825 * 2 / 120)
        assert_near(found.z, 3.057_883, 1e-6);
        // 1.959964 * sqrt(0.1 * 0.9 / 120 + 0.25 * 0.75 / 120)
        assert_near(found.low, 0.15 - 0.094_252, 2e-6);
        assert_near(found.high, 0.15 + 0.094_252, 2e-6);
    }

    #[test]
    fn nothing_is_compared_where_there_is_nothing_to_compare() {
        assert_eq!(compare(Arm::new(0, 0), Arm::new(9, 1), 0.95), None);
        assert_eq!(compare(Arm::new(9, 0), Arm::new(9, 0), 0.95), None);
        assert_eq!(compare(Arm::new(9, 9), Arm::new(9, 9), 0.95), None);
        let from_nothing = compare(Arm::new(50, 0), Arm::new(50, 9), 0.95).unwrap();
        assert_eq!(from_nothing.lift_percent, None);
    }

    #[test]
    fn five_successes_and_five_failures_must_be_expected_of_each_arm() {
        assert!(!is_enough(Arm::new(100, 4), Arm::new(100, 5)));
        assert!(is_enough(Arm::new(100, 4), Arm::new(100, 6)));
        assert!(!is_enough(Arm::new(100, 96), Arm::new(100, 95)));
        assert!(!is_enough(Arm::new(4, 2), Arm::new(1_000, 500)));
        assert!(!is_enough(Arm::new(0, 0), Arm::new(0, 0)));
    }

    #[test]
    fn several_comparisons_count_as_holm_says() {
        let corrected = holm(&[0.01, 0.04, 0.03]);
        for (value, expected) in corrected.iter().zip([0.03, 0.06, 0.06]) {
            assert_near(*value, expected, 1e-12);
        }
        assert_eq!(holm(&[0.2]), [0.2]);
        assert_eq!(holm(&[0.9, 0.8]), [1.0, 1.0]);
        assert!(holm(&[]).is_empty());
    }
}
