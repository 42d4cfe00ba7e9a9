//! Collecting and printing figures.

use std::time::Duration;

/// Times of every answered request within the measured span.
#[derive(Default)]
pub(crate) struct Latencies {
    times_us: Vec<u32>,
    errors: u64,
    measured: Duration,
}

impl Latencies {
    pub(crate) fn add(&mut self, elapsed: Duration) {
        self.times_us
            .push(u32::try_from(elapsed.as_micros()).unwrap_or(u32::MAX));
    }

    pub(crate) fn add_error(&mut self) {
        self.errors += 1;
    }

    pub(crate) fn merge(&mut self, other: Latencies) {
        self.times_us.extend(other.times_us);
        self.errors += other.errors;
    }

    /// Sorts what was collected over `measured`.
    pub(crate) fn finish(mut self, measured: Duration) -> Self {
        self.times_us.sort_unstable();
        self.measured = measured;
        self
    }

    pub(crate) fn per_second(&self) -> f64 {
        self.times_us.len() as f64 / self.measured.as_secs_f64()
    }

    pub(crate) fn percentile_ms(&self, share: f64) -> f64 {
        let last = self.times_us.len().saturating_sub(1);
        let index = (last as f64 * share).round() as usize;
        self.times_us
            .get(index)
            .map_or(f64::NAN, |us| f64::from(*us) / 1000.0)
    }

    pub(crate) fn errors(&self) -> u64 {
        self.errors
    }
}

/// Bytes as MiB.
pub(crate) fn mib(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / (1024.0 * 1024.0))
}
