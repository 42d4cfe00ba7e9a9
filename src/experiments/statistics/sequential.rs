//! Two rates, looked at as often as one likes.
//!
//! The mixture sequential probability ratio test: how much better the data are described by differences spread normally
//! around 0 with standard deviation τ than by none. Under no difference this ratio stays below 1/α for ever with chance
//! 1 − α, so its inverse is a p-value at every moment. R. Johari, P. Koomen, L. Pekelis, D. Walsh, Always Valid
//! Inference: Continuous Monitoring of A/B Tests, Operations Research 70 (2022); arXiv 1512.04922, section 5 for rates.
//! Theirs is for pairs of visitors with variance V a pair; here `V / n` is the variance of the difference itself, so that
//! arms of different size need no pairing.

use super::{Arm, is_enough, pooled_variance};

/// The p-value of this moment, 0 to 1. The smallest one so far holds at every later moment, too, so whoever looks keeps
/// it. 1 while there are too few visitors for a normal curve.
///
/// * `spread`: τ, above 0 and chosen before the start; the test is quickest for differences of about this size.
pub fn sequential_p(control: Arm, variant: Arm, spread: f64) -> f64 {
    if !is_enough(control, variant) {
        return 1.0;
    }
    let difference = variant.rate() - control.rate();
    let p = (-log_ratio(difference, pooled_variance(control, variant), spread)).exp();
    p.min(1.0)
}

/// Logarithm of the mixture's likelihood ratio.
///
/// * `variance`: of the difference, above 0.
pub(super) fn log_ratio(difference: f64, variance: f64, spread: f64) -> f64 {
    let mixed = spread * spread;
    let both = variance + mixed;
    0.5 * ((variance / both).ln() + difference * difference * mixed / (variance * both))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_is_that_of_the_formula() {
        // 10,000 visitors an arm, 1,000 and 1,100 successes, τ = 0.01: variance 0.105 * 0.895 * 2 / 10,000.
        let p = sequential_p(Arm::new(10_000, 1_000), Arm::new(10_000, 1_100), 0.01);
        let (v, t): (f64, f64) = (0.000_018_795, 0.000_1);
        let ratio = (v / (v + t)).sqrt() * (0.000_1 * t / (2.0 * v * (v + t))).exp();
        assert!((p - 1.0 / ratio).abs() < 1e-9, "{p}");
    }

    #[test]
    fn a_few_visitors_prove_nothing() {
        assert!(sequential_p(Arm::new(20, 0), Arm::new(20, 8), 0.1) >= 1.0);
        assert!(sequential_p(Arm::new(0, 0), Arm::new(0, 0), 0.1) >= 1.0);
        assert!(sequential_p(Arm::new(900, 0), Arm::new(900, 0), 0.1) >= 1.0);
    }

    #[test]
    fn it_is_stricter_than_looking_once() {
        let (control, variant) = (Arm::new(120, 12), Arm::new(120, 30));
        let once = super::super::compare(control, variant, 0.95).unwrap().p;
        for spread in [0.01, 0.03, 0.1, 0.15, 0.3] {
            assert!(sequential_p(control, variant, spread) > once);
        }
    }
}
