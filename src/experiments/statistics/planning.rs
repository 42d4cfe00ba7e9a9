//! How many visitors an experiment needs.

use super::normal::{below, quantile};
use super::sequential::log_ratio;

/// More visitors a variant than any experiment gets.
const SIZE_MAX: u64 = 1 << 40;

/// What an experiment shall be able to show.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    /// The control's rate, between 0 and 1.
    pub rate: f64,
    /// The smallest difference worth knowing of, above 0; `rate + difference` is below 1.
    pub difference: f64,
    /// Chance of seeing a difference where there is none; of one comparison, between 0 and 1.
    pub error: f64,
    /// Chance of seeing `difference` where it is.
    pub power: f64,
}

impl Plan {
    fn other(self) -> f64 {
        self.rate + self.difference
    }

    /// Standard deviation of the difference for one visitor a variant, when there is none.
    fn pooled(self) -> f64 {
        let mean = f64::midpoint(self.rate, self.other());
        (2.0 * mean * (1.0 - mean)).sqrt()
    }

    /// The same when there is one.
    fn unpooled(self) -> f64 {
        (self.rate * (1.0 - self.rate) + self.other() * (1.0 - self.other())).sqrt()
    }
}

/// Visitors each variant needs when the z-test is done once, at the end: J. L. Fleiss, B. Levin, M. C. Paik, Statistical
/// Methods for Rates and Proportions, 3rd ed. 2003, formula 4.14, for two arms of the same size.
pub fn fixed_size(plan: &Plan) -> u64 {
    let root =
        quantile(1.0 - plan.error / 2.0) * plan.pooled() + quantile(plan.power) * plan.unpooled();
    whole((root / plan.difference).powi(2))
}

/// Visitors each variant needs when one looks all the time, by [`super::sequential_p`] with `difference` as its spread.
/// What is counted is the chance of having shown it at the end; most often it shows before, so this is an upper bound.
pub fn sequential_size(plan: &Plan) -> u64 {
    let shows = |size: u64| {
        let visitors = super::real(size);
        let variance = plan.pooled().powi(2) / visitors;
        // The smallest difference that would be shown: of the logarithm, only the last part depends on it.
        let (spread, wanted) = (plan.difference, (1.0 / plan.error).ln());
        let at_none = log_ratio(0.0, variance, spread);
        let slope = log_ratio(1.0, variance, spread) - at_none;
        let shown = ((wanted - at_none) / slope).sqrt();
        let deviation = plan.unpooled() / visitors.sqrt();
        below((plan.difference - shown) / deviation) >= plan.power
    };
    let (mut few, mut enough) = (0, 1);
    while !shows(enough) && enough < SIZE_MAX {
        few = enough;
        enough *= 2;
    }
    while enough - few > 1 {
        let middle = u64::midpoint(few, enough);
        if shows(middle) {
            enough = middle;
        } else {
            few = middle;
        }
    }
    enough
}

/// The next whole number; what is out of bounds is the farthest one.
fn whole(size: f64) -> u64 {
    size.ceil().clamp(1.0, super::real(SIZE_MAX)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_is_that_of_the_book() {
        let plan = |rate, difference| Plan {
            rate,
            difference,
            error: 0.05,
            power: 0.8,
        };
        // (1.959964 * sqrt(2 * 0.125 * 0.875) + 0.841621 * sqrt(0.09 + 0.1275))² / 0.05² = 685.6
        assert_eq!(fixed_size(&plan(0.1, 0.05)), 686);
        // (1.959964 * sqrt(2 * 0.055 * 0.945) + 0.841621 * sqrt(0.0475 + 0.0564))² / 0.01² = 8158.0
        assert!((8_157..=8_159).contains(&fixed_size(&plan(0.05, 0.01))));
        assert!(fixed_size(&plan(0.02, 0.002)) > 80_000);
    }

    #[test]
    fn looking_all_the_time_costs_visitors() {
        for (rate, difference) in [(0.1, 0.05), (0.05, 0.01), (0.4, 0.1), (0.9, 0.05)] {
            let plan = Plan {
                rate,
                difference,
                error: 0.05,
                power: 0.8,
            };
            let (once, always) = (fixed_size(&plan), sequential_size(&plan));
            assert!(always > once && always < once * 3, "{once} {always}");
        }
    }
}
