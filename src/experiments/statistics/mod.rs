//! The arithmetic of experiments: pure, over counts of visitors and of those who did what is counted.
//!
//! ```text
//! normal.rs       areas under the normal and the chi-squared curve
//! proportions.rs  two rates, looked at once: z-test, interval, lift; several comparisons
//! sequential.rs   two rates, looked at as often as one likes
//! ratio.rs        whether visitors were divided as intended
//! planning.rs     how many visitors an experiment needs
//! ```

mod normal;
mod planning;
mod proportions;
mod ratio;
mod sequential;
#[cfg(test)]
mod simulation_tests;

pub use planning::{Plan, fixed_size, sequential_size};
pub use proportions::{compare, holm, is_enough};
pub use ratio::{MISMATCH_BELOW, sample_ratio_p};
pub use sequential::sequential_p;

/// What is known of one variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Arm {
    /// Who saw it.
    pub visitors: u64,
    /// How many of them did what is counted; never more than `visitors`.
    pub successes: u64,
}

impl Arm {
    /// Puts counts together; more successes than visitors count as all of them.
    pub fn new(visitors: u64, successes: u64) -> Self {
        Self {
            visitors,
            successes: successes.min(visitors),
        }
    }

    /// Share of successes, 0 to 1; 0 without visitors.
    pub fn rate(self) -> f64 {
        if self.visitors == 0 {
            return 0.0;
        }
        real(self.successes) / real(self.visitors)
    }

    fn visitors(self) -> f64 {
        real(self.visitors)
    }
}

/// Both arms' share of successes together.
fn pooled_rate(one: Arm, other: Arm) -> f64 {
    Arm::new(
        one.visitors + other.visitors,
        one.successes + other.successes,
    )
    .rate()
}

/// Variance of the difference of two rates that are the same in truth, as estimated from both arms together.
fn pooled_variance(one: Arm, other: Arm) -> f64 {
    let rate = pooled_rate(one, other);
    rate * (1.0 - rate) * (1.0 / one.visitors() + 1.0 / other.visitors())
}

/// A count as a number; exact below 2^53, which no count of visitors reaches.
fn real(count: u64) -> f64 {
    count as f64
}
