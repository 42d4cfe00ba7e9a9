//! Stops asking a model that does not answer. Pure: time is an argument.

/// Failures in a row that open it.
const FAILURES_MAX: u32 = 3;
/// How long nothing is asked then; afterwards one question tries again.
const PAUSE_MS: i64 = 60_000;

/// Closed: everything is asked. Open: nothing, for a minute. Half open: one question, whose outcome decides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Breaker {
    failures: u32,
    /// Milliseconds UTC; nothing is asked before. Set only while there were too many failures.
    paused_until_ms: i64,
}

impl Breaker {
    /// Whether a question may be asked at `now_ms`. One that may while the breaker is half open closes it to others for
    /// another minute, so that it heals also when its outcome is never told.
    pub(super) fn admits(&mut self, now_ms: i64) -> bool {
        if !self.is_tripped() {
            return true;
        }
        let admits = now_ms >= self.paused_until_ms;
        if admits {
            self.paused_until_ms = now_ms + PAUSE_MS;
        }
        admits
    }

    /// The model answered, whatever it said.
    pub(super) fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// It did not.
    pub(super) fn failed(&mut self, now_ms: i64) {
        self.failures = self.failures.saturating_add(1);
        if self.is_tripped() {
            self.paused_until_ms = now_ms + PAUSE_MS;
        }
    }

    /// It has failed too often, and not answered since.
    pub(super) fn is_tripped(self) -> bool {
        self.failures >= FAILURES_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tripped() -> Breaker {
        let mut breaker = Breaker::default();
        for _ in 0..FAILURES_MAX {
            assert!(breaker.admits(0));
            breaker.failed(0);
        }
        breaker
    }

    #[test]
    fn three_failures_in_a_row_open_it_for_a_minute() {
        let mut breaker = tripped();
        assert!(!breaker.admits(1));
        assert!(!breaker.admits(PAUSE_MS - 1));
        assert!(breaker.admits(PAUSE_MS));
    }

    #[test]
    fn half_open_admits_one_whose_outcome_decides() {
        let mut breaker = tripped();
        assert!(breaker.admits(PAUSE_MS));
        assert!(
            !breaker.admits(PAUSE_MS + 1),
            "a second one waits for the first"
        );
        breaker.failed(PAUSE_MS + 2);
        assert!(!breaker.admits(2 * PAUSE_MS + 1));
        assert!(breaker.admits(2 * PAUSE_MS + 2));
        breaker.succeeded();
        assert!(breaker.admits(2 * PAUSE_MS + 3) && !breaker.is_tripped());
    }

    #[test]
    fn a_probe_that_never_tells_does_not_keep_it_open() {
        let mut breaker = tripped();
        assert!(breaker.admits(PAUSE_MS));
        assert!(breaker.admits(2 * PAUSE_MS));
    }

    #[test]
    fn an_answer_between_failures_starts_the_count_anew() {
        let mut breaker = Breaker::default();
        for _ in 0..10 {
            breaker.failed(0);
            breaker.failed(0);
            breaker.succeeded();
        }
        assert!(breaker.admits(0));
    }
}
