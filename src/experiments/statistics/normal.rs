//! Areas under the normal and the chi-squared curve.

use std::f64::consts::{PI, SQRT_2};

/// Halvings of an interval of 80 after which it is as short as numbers of this size can be told apart.
const HALVINGS: u32 = 60;
/// Beyond this many standard deviations there is nothing a number could hold.
const FARTHEST: f64 = 40.0;

/// Chance of a standard normal value below `z`.
pub(super) fn below(z: f64) -> f64 {
    libm::erfc(-z / SQRT_2) / 2.0
}

/// Chance of a standard normal value at least as far from 0 as `z`, on either side.
pub(super) fn two_sided(z: f64) -> f64 {
    libm::erfc(z.abs() / SQRT_2)
}

/// The value below which a standard normal one lies with chance `p`, by halving the interval it is in.
///
/// * `p`: between 0 and 1, both left out.
pub(super) fn quantile(p: f64) -> f64 {
    let (mut low, mut high) = (-FARTHEST, FARTHEST);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if below(middle) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// Chance of a chi-squared value above `x`.
///
/// The regularised upper gamma function Q(df/2, x/2), from its values at 1/2 and 1 by the recurrence
/// Q(a + 1, x) = Q(a, x) + x^a e^-x / Γ(a + 1): Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 26.4.4,
/// 26.4.5 and 6.5.21.
///
/// * `degrees`: of freedom, at least 1.
pub(super) fn chi_squared_above(x: f64, degrees: u32) -> f64 {
    let half = x.max(0.0) / 2.0;
    let is_odd = degrees % 2 == 1;
    // The area so far, the next term of the sum, and the exponent of the term after it.
    let (mut area, mut term, mut exponent) = if is_odd {
        let term = (-half).exp() * (half / PI).sqrt() * 2.0;
        (libm::erfc(half.sqrt()), term, 1.5)
    } else {
        ((-half).exp(), half * (-half).exp(), 2.0)
    };
    let steps = if is_odd { degrees / 2 } else { degrees / 2 - 1 };
    for _ in 0..steps {
        area += term;
        term *= half / exponent;
        exponent += 1.0;
    }
    area.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_near(value: f64, expected: f64) {
        let room = 1e-9 + expected.abs() * 1e-9;
        assert!((value - expected).abs() < room, "{value} is not {expected}");
    }

    #[test]
    fn areas_are_those_of_the_tables() {
        assert_near(below(0.0), 0.5);
        assert_near(below(1.0), 0.841_344_746_068_543);
        assert_near(below(-3.0), 0.001_349_898_031_630_1);
        assert_near(two_sided(1.959_963_984_540_054), 0.05);
        assert_near(quantile(0.975), 1.959_963_984_540_054);
        assert_near(quantile(0.8), 0.841_621_233_572_914);
        assert_near(quantile(0.001), -3.090_232_306_167_813);
    }

    #[test]
    fn chi_squared_areas_are_those_of_the_tables() {
        // Critical values for 5 % and for 0.1 %.
        for (degrees, x, area) in [
            (1, 3.841_458_820_694_124, 0.05),
            (2, 5.991_464_547_107_98, 0.05),
            (3, 7.814_727_903_251_178, 0.05),
            (4, 9.487_729_036_781_154, 0.05),
            (9, 16.918_977_604_620_45, 0.05),
            (1, 10.827_566_170_662_733, 0.001),
            (9, 27.877_164_871_256_57, 0.001),
        ] {
            assert_near(chi_squared_above(x, degrees), area);
        }
        assert_near(chi_squared_above(0.0, 5), 1.0);
    }
}
