//! Order and measure of one socket's events.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Events that may wait.
const QUEUE_MAX: usize = 64;
/// Events a second before a client is told to slow down.
const WARN_PER_S: u32 = 50;
/// Events a second at which a client is cut off.
const CUT_OFF_PER_S: u32 = 500;
/// How long a client that was cut off may not come back, in seconds.
pub(super) const CUT_OFF_S: u64 = 10;
/// Clients remembered as cut off; more of them push out the oldest.
const CUT_OFF_MAX: u64 = 10_000;

/// A queue that one task at a time works off.
pub(super) struct Queue<T> {
    state: Mutex<State<T>>,
}

struct State<T> {
    waiting: VecDeque<T>,
    is_worked: bool,
}

impl<T> Queue<T> {
    /// An empty queue that its maker works off first.
    pub(super) fn in_work() -> Self {
        Self {
            state: Mutex::new(State {
                waiting: VecDeque::new(),
                is_worked: true,
            }),
        }
    }

    /// Adds an item; `Ok(true)` when nobody works the queue off, so the caller must. `Err` gives the item back when
    /// the queue is full.
    pub(super) fn push(&self, item: T) -> Result<bool, T> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.waiting.len() >= QUEUE_MAX {
            return Err(item);
        }
        state.waiting.push_back(item);
        let is_first = !state.is_worked;
        state.is_worked = true;
        Ok(is_first)
    }

    /// Takes the oldest item; `None` ends the work, and the next push begins it again.
    pub(super) fn pop(&self) -> Option<T> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let item = state.waiting.pop_front();
        if item.is_none() {
            state.is_worked = false;
            state.waiting = VecDeque::new();
        }
        item
    }
}

/// What to do with an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Handle it.
    Pass,
    /// Do not handle it, and tell the client once.
    Warn,
    /// Do not handle it.
    Drop,
    /// Disconnect the client.
    CutOff,
}

/// Counts events within each second.
pub(super) struct EventBudget {
    is_limited: bool,
    state: Mutex<(i64, u32)>,
}

impl EventBudget {
    /// A budget, or none at all (load tests).
    pub(super) fn new(is_limited: bool) -> Self {
        Self {
            is_limited,
            state: Mutex::new((0, 0)),
        }
    }

    /// Counts an event at `now_ms`.
    pub(super) fn spend(&self, now_ms: i64) -> Verdict {
        if !self.is_limited {
            return Verdict::Pass;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let second = now_ms / 1000;
        if state.0 != second {
            *state = (second, 0);
        }
        state.1 += 1;
        match state.1 {
            n if n <= WARN_PER_S => Verdict::Pass,
            n if n == WARN_PER_S + 1 => Verdict::Warn,
            n if n < CUT_OFF_PER_S => Verdict::Drop,
            _ => Verdict::CutOff,
        }
    }
}

/// Clients that were cut off for flooding. Ending a socket leaves its connection open, over which the client could
/// begin the next one at once. Cheap to clone.
#[derive(Clone)]
pub(super) struct CutOff(moka::sync::Cache<IpAddr, ()>);

impl Default for CutOff {
    fn default() -> Self {
        Self(
            moka::sync::Cache::builder()
                .max_capacity(CUT_OFF_MAX)
                .time_to_live(Duration::from_secs(CUT_OFF_S))
                .build(),
        )
    }
}

impl CutOff {
    pub(super) fn note(&self, address: IpAddr) {
        self.0.insert(address, ());
    }

    /// True while the client may not come back.
    pub(super) fn holds(&self, address: IpAddr) -> bool {
        self.0.contains_key(&address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_worker_at_a_time_takes_items_in_order() {
        let queue = Queue::in_work();
        assert_eq!(queue.push(0), Ok(false), "its maker works it off");
        assert_eq!((queue.pop(), queue.pop()), (Some(0), None));
        assert_eq!(queue.push(1), Ok(true));
        assert_eq!(queue.push(2), Ok(false));
        assert_eq!((queue.pop(), queue.pop()), (Some(1), Some(2)));
        assert_eq!(
            queue.push(3),
            Ok(false),
            "the worker has not seen the end yet"
        );
        assert_eq!((queue.pop(), queue.pop()), (Some(3), None));
        assert_eq!(queue.push(4), Ok(true));
    }

    #[test]
    fn a_full_queue_gives_the_item_back() {
        let queue = Queue::in_work();
        for item in 0..QUEUE_MAX {
            assert!(queue.push(item).is_ok());
        }
        assert_eq!(queue.push(99), Err(99));
    }

    #[test]
    fn a_flood_is_warned_once_then_dropped_then_cut_off_and_forgiven_the_next_second() {
        let budget = EventBudget::new(true);
        let verdicts: Vec<Verdict> = (0..600).map(|_| budget.spend(1_000)).collect();
        assert_eq!(verdicts.iter().filter(|v| **v == Verdict::Pass).count(), 50);
        assert_eq!(verdicts.iter().filter(|v| **v == Verdict::Warn).count(), 1);
        assert_eq!(verdicts.last(), Some(&Verdict::CutOff));
        assert_eq!(budget.spend(2_000), Verdict::Pass);
    }
}
