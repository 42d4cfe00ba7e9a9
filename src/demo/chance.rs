//! Drawing from shares, so that the same seed draws the same.

use fastrand::Rng;

/// Whether something comes about that does so with probability `share`.
pub(super) fn happens(rng: &mut Rng, share: f64) -> bool {
    rng.f64() < share
}

/// One of several, each as often as its weight says.
///
/// Panics: there is none.
pub(super) fn weighted<'a, T>(rng: &mut Rng, items: &'a [(u32, T)]) -> &'a T {
    let total: u32 = items.iter().map(|(weight, _)| weight).sum();
    let mut drawn = rng.u32(0..total.max(1));
    for (weight, item) in items {
        if drawn < *weight {
            return item;
        }
        drawn -= weight;
    }
    &items[items.len() - 1].1
}

/// One of several, all alike.
///
/// Panics: there is none.
pub(super) fn one_of<'a, T>(rng: &mut Rng, items: &'a [T]) -> &'a T {
    &items[rng.usize(0..items.len())]
}

/// A waiting time whose mean is `mean`, as between things that happen independently of each other.
pub(super) fn exponential(rng: &mut Rng, mean: f64) -> f64 {
    -(1.0 - rng.f64()).ln() * mean
}

/// How often something happens that is expected so often (Poisson; from 30 on the normal approximation).
pub(super) fn times(rng: &mut Rng, expected: f64) -> usize {
    if expected < 30.0 {
        let limit = (-expected).exp();
        let mut product = rng.f64();
        let mut times = 0;
        while product > limit {
            product *= rng.f64();
            times += 1;
        }
        return times;
    }
    let radius = (-2.0 * (1.0 - rng.f64()).ln()).sqrt();
    let normal = radius * (std::f64::consts::TAU * rng.f64()).cos();
    (expected + expected.sqrt() * normal).round().max(0.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_come_as_often_as_their_weights_say() {
        let mut rng = Rng::with_seed(1);
        let items = [(80, 'a'), (12, 'b'), (8, 'c'), (0, 'd')];
        let drawn: Vec<char> = (0..10_000).map(|_| *weighted(&mut rng, &items)).collect();
        let share = |of: char| drawn.iter().filter(|one| **one == of).count() as f64 / 10_000.0;
        assert!((share('a') - 0.80).abs() < 0.02, "{}", share('a'));
        assert!((share('b') - 0.12).abs() < 0.02, "{}", share('b'));
        assert!((share('d')).abs() < f64::EPSILON);
    }

    #[test]
    fn counts_and_waiting_times_have_the_mean_they_should() {
        let mut rng = Rng::with_seed(2);
        for expected in [0.5, 12.0, 270.0] {
            let sum: usize = (0..4_000).map(|_| times(&mut rng, expected)).sum();
            let mean = sum as f64 / 4_000.0;
            assert!(
                (mean - expected).abs() < 0.03 * expected + 0.03,
                "{expected}: {mean}"
            );
        }
        let sum: f64 = (0..10_000).map(|_| exponential(&mut rng, 3.0)).sum();
        assert!((sum / 10_000.0 - 3.0).abs() < 0.15, "{sum}");
    }
}
