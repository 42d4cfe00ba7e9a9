//! How long requests take, by route: counted in memory in logarithmic classes ([`super::histogram`]) until somebody takes
//! the counts. Recording takes a shared lock and a few atomic additions, and allocates only for a route's first request.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use foldhash::fast::RandomState;

use super::histogram::{CLASSES, class_of};

/// Routes that are told from each other. They are patterns, of which there are a few hundred; this bounds the memory
/// whatever a caller passes.
const ROUTES_MAX: usize = 1_000;

/// The counts of one route.
struct Counts {
    classes: Vec<AtomicU64>,
    total_us: AtomicU64,
    max_us: AtomicU64,
    client_errors: AtomicU64,
    server_errors: AtomicU64,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            classes: (0..CLASSES).map(|_| AtomicU64::new(0)).collect(),
            total_us: AtomicU64::new(0),
            max_us: AtomicU64::new(0),
            client_errors: AtomicU64::new(0),
            server_errors: AtomicU64::new(0),
        }
    }
}

impl Counts {
    fn add(&self, micros: u64, status: &str) {
        if let Some(class) = self.classes.get(class_of(micros)) {
            class.fetch_add(1, Relaxed);
        }
        self.total_us.fetch_add(micros, Relaxed);
        self.max_us.fetch_max(micros, Relaxed);
        match status {
            "4xx" => self.client_errors.fetch_add(1, Relaxed),
            "5xx" => self.server_errors.fetch_add(1, Relaxed),
            _ => 0,
        };
    }

    fn merge(&self, times: &Times) {
        for (class, count) in &times.classes {
            if let Some(class) = self.classes.get(*class) {
                class.fetch_add(*count, Relaxed);
            }
        }
        self.total_us.fetch_add(times.total_us, Relaxed);
        self.max_us.fetch_max(times.max_us, Relaxed);
        self.client_errors.fetch_add(times.client_errors, Relaxed);
        self.server_errors.fetch_add(times.server_errors, Relaxed);
    }

    /// The counts, which begin again; `None`: there are none.
    fn take(&self) -> Option<Times> {
        let counted = self.classes.iter().enumerate();
        let classes: Vec<(usize, u64)> = counted
            .map(|(class, count)| (class, count.swap(0, Relaxed)))
            .filter(|(_, count)| *count > 0)
            .collect();
        if classes.is_empty() {
            return None;
        }
        Some(Times {
            total_us: self.total_us.swap(0, Relaxed),
            max_us: self.max_us.swap(0, Relaxed),
            client_errors: self.client_errors.swap(0, Relaxed),
            server_errors: self.server_errors.swap(0, Relaxed),
            classes,
        })
    }
}

/// How long requests of a route took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Times {
    /// Class of time in microseconds and how many requests are in it, in rising order.
    pub classes: Vec<(usize, u64)>,
    /// Their times together.
    pub total_us: u64,
    /// The slowest one.
    pub max_us: u64,
    /// Answers from 400 to 499.
    pub client_errors: u64,
    /// Answers from 500 on.
    pub server_errors: u64,
}

impl Times {
    /// How many requests.
    pub fn requests(&self) -> u64 {
        self.classes.iter().map(|(_, count)| count).sum()
    }

    /// Adds other requests of the same route.
    pub fn merge(&mut self, other: &Times) {
        for (class, count) in &other.classes {
            match self
                .classes
                .binary_search_by_key(class, |(known, _)| *known)
            {
                Ok(at) => self.classes[at].1 += count,
                Err(at) => self.classes.insert(at, (*class, *count)),
            }
        }
        self.total_us += other.total_us;
        self.max_us = self.max_us.max(other.max_us);
        self.client_errors += other.client_errors;
        self.server_errors += other.server_errors;
    }
}

type Routes = HashMap<Box<str>, Counts, RandomState>;

/// The times of requests. Cheap to clone.
#[derive(Clone, Default)]
pub struct Timings(Arc<RwLock<Routes>>);

impl Timings {
    /// Counts an answered request.
    ///
    /// * `route`: the pattern, never the path.
    /// * `status`: its class, `4xx`.
    pub fn add(&self, route: &str, elapsed: Duration, status: &str) {
        let micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        {
            let routes = self.0.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(counts) = routes.get(route) {
                counts.add(micros, status);
                return;
            }
        }
        let mut routes = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if routes.len() < ROUTES_MAX {
            routes.entry(route.into()).or_default().add(micros, status);
        }
    }

    /// What was counted since the last time, by route; the counts begin again.
    pub fn take(&self) -> Vec<(String, Times)> {
        let routes = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut taken: Vec<(String, Times)> = routes
            .iter()
            .filter_map(|(route, counts)| Some((route.to_string(), counts.take()?)))
            .collect();
        taken.sort_by(|left, right| left.0.cmp(&right.0));
        taken
    }

    /// Counts what was taken once more, since it could not be kept.
    pub fn give_back(&self, route: &str, times: &Times) {
        let routes = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(counts) = routes.get(route) {
            counts.merge(times);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_route_and_taken_once() {
        let timings = Timings::default();
        for (route, micros, status) in [
            ("/b", 100, "2xx"),
            ("/a", 7, "4xx"),
            ("/b", 3_000, "5xx"),
            ("/b", 100, "2xx"),
        ] {
            timings.add(route, Duration::from_micros(micros), status);
        }
        let taken = timings.take();
        let routes: Vec<&str> = taken.iter().map(|(route, _)| route.as_str()).collect();
        assert_eq!(routes, ["/a", "/b"]);
        assert_eq!((taken[0].1.client_errors, taken[0].1.server_errors), (1, 0));
        let b = &taken[1].1;
        assert_eq!((b.requests(), b.total_us, b.max_us), (3, 3_200, 3_000));
        assert_eq!((b.client_errors, b.server_errors), (0, 1));
        assert_eq!(timings.take(), []);
        timings.give_back("/b", b);
        assert_eq!(timings.take(), [("/b".to_owned(), b.clone())]);
    }

    #[test]
    fn counts_of_two_times_are_added() {
        let timings = Timings::default();
        let mut sum = Times::default();
        for micros in [5, 900, 5, 70] {
            timings.add("/", Duration::from_micros(micros), "2xx");
            sum.merge(&timings.take()[0].1);
        }
        assert_eq!((sum.requests(), sum.total_us, sum.max_us), (4, 980, 900));
        assert_eq!(sum.classes.first(), Some(&(5, 2)));
        assert!(sum.classes.is_sorted());
    }

    #[test]
    fn routes_take_bounded_memory() {
        let timings = Timings::default();
        for number in 0..2 * ROUTES_MAX {
            timings.add(&format!("/{number}"), Duration::ZERO, "2xx");
        }
        assert_eq!(timings.take().len(), ROUTES_MAX);
    }

    #[test]
    fn nothing_is_lost_between_threads() {
        let timings = Timings::default();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..1_000 {
                        timings.add("/", Duration::from_micros(20), "2xx");
                    }
                });
            }
        });
        assert_eq!(timings.take()[0].1.requests(), 4_000);
    }
}
