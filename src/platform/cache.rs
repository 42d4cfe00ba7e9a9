//! The in-process cache: values that are read far more often than they change.
//!
//! Keys are paths like `knowledge:portfolio:pl`; whoever changes the data behind them calls
//! [`Cache::invalidate`] with the common beginning, after the commit.

use std::sync::Arc;
use std::time::{Duration, Instant};

use moka::Expiry;
use moka::sync::Cache as Moka;

/// Bytes all entries may take together.
const CAPACITY_BYTES: u64 = 16 * 1024 * 1024;

#[derive(Clone)]
struct Entry {
    value: Arc<[u8]>,
    time_to_live: Duration,
}

struct PerEntry;

impl Expiry<String, Entry> for PerEntry {
    fn expire_after_create(&self, _: &String, entry: &Entry, _: Instant) -> Option<Duration> {
        Some(entry.time_to_live)
    }

    fn expire_after_update(
        &self,
        _: &String,
        entry: &Entry,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(entry.time_to_live)
    }
}

/// A bounded map of rendered answers, each with its own time to live. Cheap to clone.
#[derive(Clone)]
pub struct Cache {
    entries: Moka<String, Entry>,
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            entries: Moka::builder()
                .max_capacity(CAPACITY_BYTES)
                .weigher(|key: &String, entry: &Entry| {
                    u32::try_from(key.len() + entry.value.len()).unwrap_or(u32::MAX)
                })
                .expire_after(PerEntry)
                .support_invalidation_closures()
                .build(),
        }
    }
}

impl Cache {
    /// The value under `key`, if it is still alive.
    pub fn get(&self, key: &str) -> Option<Arc<[u8]>> {
        self.entries.get(key).map(|entry| entry.value)
    }

    /// Keeps `value` under `key` for `time_to_live`, replacing what was there.
    pub fn put(&self, key: String, value: Arc<[u8]>, time_to_live: Duration) {
        self.entries.insert(
            key,
            Entry {
                value,
                time_to_live,
            },
        );
    }

    /// Forgets every key that begins with `prefix`. Call it after the commit, never before: a reader in between
    /// would put the old value back.
    pub fn invalidate(&self, prefix: &str) {
        let prefix = prefix.to_owned();
        if let Err(error) = self
            .entries
            .invalidate_entries_if(move |key, _| key.starts_with(&prefix))
        {
            tracing::error!(%error, "the cache could not be invalidated by prefix; all of it is dropped");
            self.entries.invalidate_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn invalidating_a_prefix_leaves_other_keys() {
        let cache = Cache::default();
        cache.put("knowledge:faq:pl".into(), Arc::from(*b"1"), LONG);
        cache.put("slots:1".into(), Arc::from(*b"2"), LONG);
        cache.invalidate("knowledge:");
        assert!(cache.get("knowledge:faq:pl").is_none());
        assert_eq!(cache.get("slots:1").as_deref(), Some(&b"2"[..]));
    }

    #[test]
    fn each_entry_lives_for_its_own_time() {
        let cache = Cache::default();
        cache.put("short".into(), Arc::from(*b"1"), Duration::ZERO);
        cache.put("long".into(), Arc::from(*b"2"), LONG);
        assert!(cache.get("short").is_none());
        assert!(cache.get("long").is_some());
    }
}
