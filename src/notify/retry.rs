//! When to try again: soon at first, then ever later, over 28 hours, as Standard Webhooks suggests.

use std::time::Duration;

/// Waits in seconds after the first, second, … failure; with those before it the last try is 27.6 hours after the first.
const WAITS_S: [u64; 7] = [5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 10 * 3600];
/// A wait differs from its table by as much as this, so that what failed together does not come back together.
const JITTER_PERCENT: u64 = 10;
/// Nobody makes us wait longer than this.
const ASKED_MAX: Duration = Duration::from_secs(24 * 3600);

/// How long to wait before the next try; `None` when it is given up.
///
/// * `failures`: tries that failed so far, 1 after the first.
/// * `asked`: what the other side asked for; a longer wait than ours counts, up to a day.
/// * `random`: any number, all equally likely.
pub fn wait(failures: u32, asked: Option<Duration>, random: u32) -> Option<Duration> {
    let index = usize::try_from(failures.checked_sub(1)?).ok()?;
    let middle_ms = WAITS_S.get(index)? * 1000;
    let spread_ms = middle_ms * JITTER_PERCENT / 100;
    let jitter_ms = 2 * spread_ms * u64::from(random) / u64::from(u32::MAX);
    let ours = Duration::from_millis(middle_ms - spread_ms + jitter_ms);
    Some(ours.max(asked.unwrap_or_default().min(ASKED_MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_tries_more_are_made_over_twenty_eight_hours() {
        let all = |random| (1..).map_while(move |failures| wait(failures, None, random));
        for (random, hours) in [(0, 24.8), (u32::MAX / 2, 27.6), (u32::MAX, 30.4)] {
            assert_eq!(all(random).count(), 7);
            let sum: Duration = all(random).sum();
            assert!((sum.as_secs_f64() / 3600.0 - hours).abs() < 0.1, "{sum:?}");
        }
        assert_eq!(wait(8, None, 7), None);
        assert_eq!(wait(0, None, 7), None);
    }

    #[test]
    fn a_wait_is_never_more_than_a_tenth_away_from_its_table() {
        for (failures, expected_s) in (1..).zip(WAITS_S) {
            for random in [0, 1, 12_345_678, u32::MAX] {
                let waited = wait(failures, None, random).unwrap().as_secs_f64();
                let share = waited / expected_s as f64;
                assert!((0.9..=1.1).contains(&share), "{failures}: {waited}");
            }
        }
    }

    #[test]
    fn who_asks_for_a_longer_wait_gets_it_up_to_a_day() {
        let asked = |seconds| wait(1, Some(Duration::from_secs(seconds)), 0).unwrap();
        assert_eq!(asked(60), Duration::from_secs(60));
        assert_eq!(asked(1), Duration::from_millis(4500));
        assert_eq!(asked(1_000_000), ASKED_MAX);
    }
}
