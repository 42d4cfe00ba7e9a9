//! Durations and other whole numbers in classes that grow with the value: exact below 16, then eight a doubling, so
//! that a class is at most an eighth of its values wide. Counts in the same classes can be added, percentiles cannot.

/// Classes there are. The last ones end at 2^40: 12 days in microseconds, 34 years in milliseconds.
pub const CLASSES: usize = 304;

/// Greatest value that is told from others; greater ones count as it.
const VALUE_MAX: u64 = (1 << 40) - 1;

/// Classes a doubling, as a power of two.
const BITS: u32 = 3;

/// The class a value is in.
pub fn class_of(value: u64) -> usize {
    let value = value.min(VALUE_MAX);
    let above = value.checked_ilog2().unwrap_or(0).saturating_sub(BITS);
    // Both terms are below CLASSES.
    ((above << BITS) as usize) + usize::try_from(value >> above).unwrap_or(0)
}

/// The values of a class: from the first to below the second.
pub fn bounds(class: usize) -> (u64, u64) {
    let class = class.min(CLASSES - 1) as u64;
    let above = (class >> BITS).saturating_sub(1);
    let lower = (class - (above << BITS)) << above;
    (lower, lower + (1 << above))
}

/// The value below or at which the share `p` of all values lies (nearest rank), spread evenly inside its class.
///
/// * `counts`: class and how many values are in it, in rising order of the classes.
/// * `p`: 0 to 1.
/// * `None`: there are no values.
pub fn percentile(counts: &[(usize, u64)], p: f64) -> Option<f64> {
    let total: u64 = counts.iter().map(|(_, count)| count).sum();
    if total == 0 {
        return None;
    }
    let rank = (p.clamp(0.0, 1.0) * total as f64).ceil().max(1.0);
    let mut before = 0.0;
    for &(class, count) in counts {
        let count = count as f64;
        if before + count >= rank {
            let (lower, upper) = bounds(class);
            let width = (upper - lower) as f64;
            // A class of one value is that value.
            let inside = (width - 1.0) * (rank - before - 0.5) / count;
            return Some(lower as f64 + inside);
        }
        before += count;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn counted(values: &[u64]) -> Vec<(usize, u64)> {
        let mut counts = vec![0; CLASSES];
        for value in values {
            counts[class_of(*value)] += 1;
        }
        counts.into_iter().enumerate().collect()
    }

    #[test]
    fn small_values_have_a_class_each_and_no_value_is_without_one() {
        for value in 0..16 {
            assert_eq!(class_of(value), value as usize);
            assert_eq!(bounds(value as usize), (value, value + 1));
        }
        assert_eq!(class_of(u64::MAX), CLASSES - 1);
        assert_eq!(bounds(CLASSES - 1).1, 1 << 40);
    }

    #[test]
    fn percentiles_of_nothing_are_not_known_and_of_one_value_are_its_class() {
        assert_eq!(percentile(&[], 0.5), None);
        assert_eq!(percentile(&counted(&[]), 0.5), None);
        assert_eq!(percentile(&counted(&[7]), 0.0), Some(7.0));
        assert_eq!(percentile(&counted(&[7]), 1.0), Some(7.0));
    }

    #[test]
    fn the_slowest_of_a_hundred_is_seen_at_the_hundredth_and_not_before() {
        let mut values = vec![3; 99];
        values.push(5_000);
        let counts = counted(&values);
        assert_eq!(percentile(&counts, 0.99), Some(3.0));
        assert!(percentile(&counts, 1.0).unwrap() > 4_000.0);
    }

    proptest! {
        #[test]
        fn a_value_lies_in_its_class_which_is_narrow(value in 0_u64..1 << 40) {
            let (lower, upper) = bounds(class_of(value));
            prop_assert!(lower <= value && value < upper);
            prop_assert!(upper - lower <= 1.max(lower / 8));
        }

        #[test]
        fn percentiles_are_within_an_eighth_of_the_true_ones(
            mut values in prop::collection::vec(0_u64..10_000_000, 1..300),
            p in 0.0_f64..=1.0,
        ) {
            let told = percentile(&counted(&values), p).unwrap();
            values.sort_unstable();
            let rank = (p * values.len() as f64).ceil().max(1.0) as usize;
            let truth = values[rank - 1] as f64;
            prop_assert!((told - truth).abs() <= truth / 8.0, "{told} for {truth}");
        }
    }
}
