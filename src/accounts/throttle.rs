//! How often a password may be tried for one account, whatever addresses the attempts come from.

use std::num::NonZeroU32;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::error::AccountError;
use crate::platform::secrets::sha256;

/// Ten at once, refilled one every 90 seconds: ten in 15 minutes.
const BURST: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);
const PER_HOUR: NonZeroU32 = NonZeroU32::MIN.saturating_add(39);
/// So many names are remembered before the idle ones are forgotten.
const NAMES_BEFORE_SWEEP: usize = 10_000;

/// Counts attempts by name. Names are kept as hashes only, existing or not.
pub(super) struct Throttle {
    limiter: DefaultKeyedRateLimiter<[u8; 32]>,
}

impl Throttle {
    pub(super) fn new() -> Self {
        let quota = Quota::per_hour(PER_HOUR).allow_burst(BURST);
        Self {
            limiter: RateLimiter::keyed(quota),
        }
    }

    /// Counts one attempt for `name` (lower-case).
    ///
    /// Errors: [`AccountError::Throttled`] when there were too many.
    pub(super) fn check(&self, name: &str) -> Result<(), AccountError> {
        if self.limiter.len() > NAMES_BEFORE_SWEEP {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        self.limiter.check_key(&sha256(name)).map_err(|not_until| {
            let wait = not_until.wait_time_from(DefaultClock::default().now());
            AccountError::Throttled {
                retry_after_s: (wait.as_secs_f64().ceil() as u64).max(1),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eleventh_attempt_waits_and_other_names_do_not() {
        let throttle = Throttle::new();
        for _ in 0..10 {
            throttle.check("anna").unwrap();
        }
        let Err(AccountError::Throttled { retry_after_s }) = throttle.check("anna") else {
            panic!("the eleventh attempt was let in");
        };
        assert!((1..=90).contains(&retry_after_s));
        throttle.check("jan").unwrap();
    }
}
