//! Measuring, keeping and reading.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::store::{self, ProcessLoad};
use crate::analytics::days::{QUARTER_MS, quarter_of};
use crate::platform::clock::now_ms;
use crate::platform::db::{DbError, Store, Tx};
use crate::platform::histogram::percentile;
use crate::platform::process::{processor_ms, resident_bytes};
use crate::platform::timings::{Times, Timings};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const HOUR_MS: i64 = 60 * 60 * 1000;
/// Quarters become days after this time.
const QUARTERS_FOR_MS: i64 = 8 * DAY_MS;
/// Longer than anybody can ask for.
const KEPT_FOR_MS: i64 = 400 * DAY_MS;
/// Between two looks at the processor's time less says nothing.
const LOOK_MIN_MS: i64 = 1_000;
/// Socket.IO's requests wait until there is something to tell: their time is no one's work.
const WAITING_ROUTE: &str = "/socket.io";

/// A route and how fast it was answered.
#[derive(Debug, Clone, PartialEq)]
pub struct RouteTimes {
    /// Its pattern.
    pub route: String,
    /// How long its requests took.
    pub times: Times,
}

impl RouteTimes {
    /// Milliseconds within which the share `p` was answered.
    pub fn percentile_ms(&self, p: f64) -> f64 {
        // The middle of the slowest class can lie above the slowest request.
        let most = self.times.max_us as f64;
        percentile(&self.times.classes, p).unwrap_or(0.0).min(most) / 1_000.0
    }
}

/// What the process took on average.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Load {
    /// Memory it held.
    pub resident_bytes: f64,
    /// Processor time in percent of one processor; `None`: not looked at twice yet.
    pub processor_percent: Option<f64>,
}

/// What was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// Routes with a request, the most frequent first.
    pub routes: Vec<RouteTimes>,
    /// `None`: the system does not tell, or was not asked yet.
    pub load: Option<Load>,
}

/// How fast requests are answered. Cheap to clone.
#[derive(Clone)]
pub struct Performance {
    store: Store,
    timings: Timings,
    /// When the processor's time was last looked at, and what it was.
    looked: Arc<Mutex<Option<(Instant, u64)>>>,
}

impl Performance {
    /// Wires it.
    pub fn new(store: Store, timings: Timings) -> Self {
        Self {
            store,
            timings,
            looked: Arc::default(),
        }
    }

    /// Keeps what was measured since the last time, and looks at the process. What cannot be kept now is kept next time.
    pub async fn keep(&self) {
        let load = self.look();
        if let Err(error) = self.store_all(load).await {
            tracing::warn!(%error, "measured times are kept in the next minute");
        }
    }

    async fn store_all(&self, load: Option<ProcessLoad>) -> Result<(), DbError> {
        let start_ms = quarter_of(now_ms());
        let mut taken = self.timings.take();
        taken.retain(|(route, _)| route != WAITING_ROUTE);
        if taken.is_empty() && load.is_none() {
            return Ok(());
        }
        let taken = Arc::new(taken);
        let of_writer = Arc::clone(&taken);
        let write = self.store.write(move |tx| {
            for (route, times) in of_writer.iter() {
                store::add_times(tx, route, (start_ms, QUARTER_MS), times)?;
            }
            match load {
                Some(load) => store::add_load(tx, start_ms, load),
                None => Ok(()),
            }
        });
        let written = write.await;
        if written.is_err() {
            for (route, times) in taken.iter() {
                self.timings.give_back(route, times);
            }
        }
        written
    }

    /// What the process took since the last look.
    fn look(&self) -> Option<ProcessLoad> {
        let resident_bytes = resident_bytes()?;
        let used_ms = processor_ms()?;
        let now = Instant::now();
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        let before = looked.replace((now, used_ms));
        let since = before.map(|(at, used)| (now - at, used_ms.saturating_sub(used)));
        let passed = since.map(|(passed, used)| (passed.as_millis() as i64, used as i64));
        let (passed_ms, processor_ms) = passed
            .filter(|(passed_ms, _)| *passed_ms >= LOOK_MIN_MS)
            .unwrap_or_default();
        Some(ProcessLoad {
            samples: 1,
            resident_bytes,
            processor_ms,
            passed_ms,
        })
    }

    /// What was measured in the last hours, with the quarter of an hour in which they begin; of times more than eight days
    /// ago, with the day.
    pub async fn measured(&self, hours: i64) -> Result<Measured, DbError> {
        self.store_all(None).await?;
        let since_ms = now_ms() - hours * HOUR_MS;
        let read = self.store.read(move |tx| {
            let rows = store::times_since(tx, since_ms)?;
            Ok::<_, DbError>((rows, store::load_since(tx, since_ms - QUARTER_MS)?))
        });
        let (rows, load) = read.await?;
        let mut by_route: BTreeMap<String, Times> = BTreeMap::new();
        for row in rows {
            by_route.entry(row.route).or_default().merge(&row.times);
        }
        let mut routes: Vec<RouteTimes> = by_route
            .into_iter()
            .map(|(route, times)| RouteTimes { route, times })
            .collect();
        routes.sort_by_key(|route| std::cmp::Reverse(route.times.requests()));
        Ok(Measured {
            routes,
            load: mean(load),
        })
    }
}

fn mean(load: ProcessLoad) -> Option<Load> {
    (load.samples > 0).then(|| Load {
        resident_bytes: load.resident_bytes as f64 / load.samples as f64,
        processor_percent: (load.passed_ms > 0)
            .then(|| load.processor_ms as f64 * 100.0 / load.passed_ms as f64),
    })
}

/// Makes old quarters into days, and drops old days.
pub fn purge(tx: &mut dyn Tx, now_ms: i64) -> Result<(), DbError> {
    let before_ms = now_ms - QUARTERS_FOR_MS;
    let before_ms = before_ms - before_ms.rem_euclid(DAY_MS);
    store::into_days(tx, before_ms, (QUARTER_MS, DAY_MS))?;
    store::drop_before(tx, now_ms - KEPT_FOR_MS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::db::in_memory;

    fn times(classes: &[(usize, u64)], max_us: u64) -> Times {
        Times {
            classes: classes.to_vec(),
            total_us: 10,
            max_us,
            client_errors: 1,
            server_errors: 2,
        }
    }

    #[test]
    fn quarters_are_added_and_become_days_without_losing_a_request() {
        let day = 20_000 * DAY_MS;
        let (kept, later, gone) = in_memory(|tx| {
            let quarter = |number: i64| (day + number * QUARTER_MS, QUARTER_MS);
            store::add_times(tx, "/a", quarter(0), &times(&[(3, 1)], 3))?;
            store::add_times(tx, "/a", quarter(0), &times(&[(3, 1), (9, 1)], 9))?;
            store::add_times(tx, "/a", quarter(95), &times(&[(100, 5)], 5_000))?;
            let kept = store::times_since(tx, day)?.len();
            purge(tx, day + 9 * DAY_MS + 1)?;
            let later = store::times_since(tx, day + DAY_MS - 1)?;
            purge(tx, day + 402 * DAY_MS)?;
            Ok::<_, DbError>((kept, later, store::times_since(tx, 0)?.len()))
        })
        .unwrap();
        assert_eq!((kept, later.len(), gone), (2, 1, 0));
        let sum = &later[0].times;
        assert_eq!(sum.classes, [(3, 2), (9, 1), (100, 5)]);
        assert_eq!((sum.max_us, sum.total_us), (5_000, 30));
        assert_eq!((sum.client_errors, sum.server_errors), (3, 6));
    }

    #[test]
    fn percentiles_are_never_above_the_slowest_request() {
        let route = RouteTimes {
            route: "/".into(),
            times: times(&[(200, 2)], 1),
        };
        assert!((route.percentile_ms(0.99) - 0.001).abs() < 1e-9);
    }

    #[test]
    fn what_the_process_takes_is_a_mean_over_time() {
        assert_eq!(mean(ProcessLoad::default()), None);
        let load = ProcessLoad {
            samples: 2,
            resident_bytes: 300,
            processor_ms: 30,
            passed_ms: 120,
        };
        let mean = mean(load).unwrap();
        assert!((mean.resident_bytes - 150.0).abs() < 1e-9);
        assert!((mean.processor_percent.unwrap() - 25.0).abs() < 1e-9);
    }
}
