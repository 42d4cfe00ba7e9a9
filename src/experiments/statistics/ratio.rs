//! Whether visitors were divided as intended. If not, something besides chance decided who saw what, and no rate can be
//! trusted.

use super::normal::chi_squared_above;
use super::real;

/// Below this the division is no accident: about one right experiment in a thousand is blamed. The threshold of
/// A. Fabijan et al., Diagnosing Sample Ratio Mismatch in Online Controlled Experiments, KDD 2019.
pub const MISMATCH_BELOW: f64 = 0.001;
/// Visitors expected of each variant before the test says anything.
const EXPECTED_MIN: f64 = 5.0;

/// p-value of Pearson's chi-squared test of the visitors of all variants against their weights; `None` while they are too
/// few.
///
/// * `arms`: visitors and weight of each variant, at least two; weights are above 0.
pub fn sample_ratio_p(arms: &[(u64, u32)]) -> Option<f64> {
    let visitors = real(arms.iter().map(|(visitors, _)| visitors).sum());
    let weights: f64 = arms.iter().map(|(_, weight)| f64::from(*weight)).sum();
    let mut distance = 0.0;
    for (seen, weight) in arms {
        let expected = visitors * f64::from(*weight) / weights;
        if expected.is_nan() || expected < EXPECTED_MIN {
            return None;
        }
        distance += (real(*seen) - expected).powi(2) / expected;
    }
    let degrees = u32::try_from(arms.len()).ok()?.checked_sub(1)?;
    (degrees > 0).then(|| chi_squared_above(distance, degrees))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_division_as_intended_passes_and_another_does_not() {
        let p = |arms: &[(u64, u32)]| sample_ratio_p(arms).unwrap();
        assert!((p(&[(500, 1), (500, 1)]) - 1.0).abs() < 1e-12);
        // (25² / 525 would be of another question) 2 * 25² / 500 = 2.5: p = 0.1138463
        assert!((p(&[(525, 1), (475, 1)]) - 0.113_846_298).abs() < 1e-8);
        assert!(p(&[(580, 1), (420, 1)]) < MISMATCH_BELOW);
        assert!(p(&[(750, 3), (250, 1)]) > 0.99);
        assert!(p(&[(500, 3), (500, 1)]) < MISMATCH_BELOW);
        assert!(p(&[(100, 1), (100, 1), (160, 1)]) < MISMATCH_BELOW);
    }

    #[test]
    fn a_few_visitors_prove_nothing() {
        assert_eq!(sample_ratio_p(&[(9, 1), (0, 1)]), None);
        assert_eq!(sample_ratio_p(&[(0, 1), (0, 1)]), None);
        assert_eq!(sample_ratio_p(&[(90, 1)]), None);
    }
}
