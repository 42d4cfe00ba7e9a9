//! Times as labels of a metric: classes of time, so that percentiles can be told from counts.

use super::counts::Count;
use crate::platform::histogram::{bounds, class_of, percentile as of_classes};

/// The label of a time: the least milliseconds of its class, e.g. `208` for 215 ms. A time below zero counts as zero.
pub fn label_of(ms: i64) -> String {
    bounds(class_of(u64::try_from(ms).unwrap_or(0)))
        .0
        .to_string()
}

/// Milliseconds within which the share `p` (0 to 1) of all times lie, at most an eighth off; `None`: there are none.
///
/// * `classes`: counts by [`label_of`], in any order, as [`super::by_label`] answers.
pub fn percentile(classes: &[(String, Count)], p: f64) -> Option<f64> {
    let class = |(label, count): &(String, Count)| {
        let least_ms = label.parse().ok()?;
        Some((class_of(least_ms), u64::try_from(count.count).ok()?))
    };
    let mut counts: Vec<(usize, u64)> = classes.iter().filter_map(class).collect();
    counts.sort_unstable();
    of_classes(&counts, p)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(times_ms: &[i64]) -> Vec<(String, Count)> {
        let one = |ms: &i64| {
            (
                label_of(*ms),
                Count {
                    count: 1,
                    total: 0.0,
                },
            )
        };
        times_ms.iter().map(one).collect()
    }

    #[test]
    fn a_label_is_the_beginning_of_its_class() {
        assert_eq!(label_of(-5), "0");
        assert_eq!(label_of(15), "15");
        assert_eq!(label_of(215), "208");
        assert_eq!(label_of(208), label_of(223));
        assert_ne!(label_of(223), label_of(224));
    }

    #[test]
    fn percentiles_are_read_from_labels_in_any_order() {
        let times = classes(&[9_000, 4, 4, 4, 4, 4, 4, 4, 4, 12]);
        assert_eq!(percentile(&times, 0.5), Some(4.0));
        assert_eq!(percentile(&times, 0.9), Some(12.0));
        let slowest = percentile(&times, 1.0).unwrap();
        assert!((slowest - 9_000.0).abs() <= 9_000.0 / 8.0, "{slowest}");
        assert_eq!(percentile(&[], 0.5), None);
    }
}
