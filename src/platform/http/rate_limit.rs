//! Rate limits: GCRA per client and route group (governor), so bursts up to the limit pass and refill evenly.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use poem::http::{HeaderMap, HeaderValue};

use super::Actor;
use crate::platform::clock::now_ms;

/// Endpoints that share a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RateGroup {
    /// Chat messages, by REST and Socket.IO together.
    Chat,
    /// What creates leads and bookings.
    Create,
    /// Uploads.
    Upload,
    /// Knowledge, search and everything else that is public.
    Read,
    /// Signing in.
    Login,
    /// Rights of data subjects.
    Rodo,
    /// Everything a signed-in agent does.
    Agent,
    /// Pages, their files and health: not limited.
    Free,
}

/// Requests a minute, per group.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)] // the fields are the groups
pub struct RateQuotas {
    pub chat_per_min: u32,
    pub create_per_min: u32,
    pub upload_per_min: u32,
    pub read_per_min: u32,
    pub login_per_min: u32,
    pub rodo_per_min: u32,
    pub agent_per_min: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Address(RateGroup, IpAddr),
    Account(Actor),
}

type Limiter<K> = RateLimiter<K, DashMapStateStore<K>, DefaultClock, StateInformationMiddleware>;

struct Group {
    per_min: u32,
    limiter: Limiter<Key>,
}

impl Group {
    fn new(per_min: u32) -> Self {
        let quota = Quota::per_minute(NonZeroU32::new(per_min).unwrap_or(NonZeroU32::MIN));
        Self {
            per_min: per_min.max(1),
            limiter: RateLimiter::dashmap(quota).with_middleware::<StateInformationMiddleware>(),
        }
    }
}

impl RateQuotas {
    /// In the order of [`Groups`].
    fn in_order(&self) -> [u32; 7] {
        [
            self.chat_per_min,
            self.create_per_min,
            self.upload_per_min,
            self.read_per_min,
            self.login_per_min,
            self.rodo_per_min,
            self.agent_per_min,
        ]
    }
}

/// In the order in which [`RateLimits::check`] finds them.
type Groups = [Arc<Group>; 7];

/// The limits of all groups, changeable while requests are counted. `None` inside when limits are lifted.
pub struct RateLimits {
    groups: Option<ArcSwap<Groups>>,
}

/// What the limit says of a request that was let in, or for how long it is not.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    limit: u32,
    remaining: u32,
    reset_epoch_s: i64,
}

/// A request over the limit.
#[derive(Debug, Clone, Copy)]
pub struct Refused {
    /// Seconds until the next one is let in, rounded up.
    pub retry_after_s: u64,
    /// For the headers of the refusal.
    pub standing: Standing,
}

impl RateLimits {
    /// Limits as given, or none at all (`rate_limits = false`, for load tests).
    pub fn new(quotas: Option<&RateQuotas>) -> Self {
        Self {
            groups: quotas.map(|quotas| {
                let groups = quotas
                    .in_order()
                    .map(|per_min| Arc::new(Group::new(per_min)));
                ArcSwap::from_pointee(groups)
            }),
        }
    }

    /// Limits as given from now on. A group whose limit stays the same goes on counting; one whose limit changes
    /// begins anew. Lifted limits stay lifted.
    pub fn set(&self, quotas: &RateQuotas) {
        let Some(groups) = &self.groups else {
            return;
        };
        let mut next = Groups::clone(&groups.load());
        for (group, per_min) in next.iter_mut().zip(quotas.in_order()) {
            if group.per_min != per_min.max(1) {
                *group = Arc::new(Group::new(per_min));
            }
        }
        groups.store(Arc::new(next));
    }

    /// Counts one request of a visitor in `group`. `Ok(None)`: nothing is limited here.
    pub fn check(&self, group: RateGroup, address: IpAddr) -> Result<Option<Standing>, Refused> {
        self.check_key(group, Key::Address(group, address))
    }

    /// Counts one request of a signed-in account.
    pub fn check_account(&self, actor: Actor) -> Result<Option<Standing>, Refused> {
        self.check_key(RateGroup::Agent, Key::Account(actor))
    }

    fn check_key(&self, group: RateGroup, key: Key) -> Result<Option<Standing>, Refused> {
        let index = match group {
            RateGroup::Chat => 0,
            RateGroup::Create => 1,
            RateGroup::Upload => 2,
            RateGroup::Read => 3,
            RateGroup::Login => 4,
            RateGroup::Rodo => 5,
            RateGroup::Agent => 6,
            RateGroup::Free => return Ok(None),
        };
        let Some(groups) = self.groups.as_ref().map(ArcSwap::load) else {
            return Ok(None);
        };
        let group = &groups[index];
        let refill_one = Duration::from_secs(60) / group.per_min;
        let standing = |remaining: u32| Standing {
            limit: group.per_min,
            remaining,
            reset_epoch_s: now_ms() / 1000
                + (refill_one * (group.per_min - remaining.min(group.per_min)))
                    .as_secs_f64()
                    .ceil() as i64,
        };
        match group.limiter.check_key(&key) {
            Ok(state) => Ok(Some(standing(state.remaining_burst_capacity()))),
            Err(not_until) => {
                let wait = not_until.wait_time_from(DefaultClock::default().now());
                Err(Refused {
                    retry_after_s: (wait.as_secs_f64().ceil() as u64).max(1),
                    standing: standing(0),
                })
            }
        }
    }

    /// Forgets clients whose limit is full again, so that memory stays bounded.
    pub fn forget_idle(&self) {
        if let Some(groups) = &self.groups {
            for group in groups.load().iter() {
                group.limiter.retain_recent();
                group.limiter.shrink_to_fit();
            }
        }
    }
}

impl Standing {
    /// More than half of what a burst may hold is used.
    pub(super) fn is_past_half(self) -> bool {
        self.remaining < self.limit / 2
    }

    /// Writes `X-RateLimit-Limit`, `-Remaining` and `-Reset` (epoch seconds).
    pub(super) fn write(self, headers: &mut HeaderMap) {
        headers.insert("x-ratelimit-limit", HeaderValue::from(self.limit));
        headers.insert("x-ratelimit-remaining", HeaderValue::from(self.remaining));
        headers.insert("x-ratelimit-reset", HeaderValue::from(self.reset_epoch_s));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(chat_per_min: u32) -> RateLimits {
        RateLimits::new(Some(&RateQuotas {
            chat_per_min,
            create_per_min: 10,
            upload_per_min: 10,
            read_per_min: 100,
            login_per_min: 5,
            rodo_per_min: 3,
            agent_per_min: 600,
        }))
    }

    const CLIENT: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const OTHER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn a_burst_up_to_the_limit_passes_and_the_next_is_told_when_to_come_back() {
        let limits = limits(3);
        for remaining in [2, 1, 0] {
            let standing = limits.check(RateGroup::Chat, CLIENT).unwrap().unwrap();
            assert_eq!((standing.limit, standing.remaining), (3, remaining));
        }
        let refused = limits.check(RateGroup::Chat, CLIENT).unwrap_err();
        assert!((1..=20).contains(&refused.retry_after_s));
    }

    #[test]
    fn a_client_is_past_half_of_its_limit_after_more_than_half_of_it() {
        let limits = limits(10);
        let past_half: Vec<bool> = (0..7)
            .map(|_| limits.check(RateGroup::Chat, CLIENT).unwrap().unwrap())
            .map(Standing::is_past_half)
            .collect();
        assert_eq!(past_half, [false, false, false, false, false, true, true]);
    }

    #[test]
    fn clients_and_groups_are_counted_apart() {
        let limits = limits(1);
        assert!(limits.check(RateGroup::Chat, CLIENT).is_ok());
        assert!(limits.check(RateGroup::Chat, CLIENT).is_err());
        assert!(limits.check(RateGroup::Chat, OTHER).is_ok());
        assert!(limits.check(RateGroup::Read, CLIENT).is_ok());
        assert!(limits.check_account(Actor::User(1)).is_ok());
    }

    #[test]
    fn a_changed_limit_holds_at_once_and_the_others_go_on_counting() {
        let limits = limits(1);
        assert!(limits.check(RateGroup::Chat, CLIENT).is_ok());
        assert!(limits.check(RateGroup::Chat, CLIENT).is_err());
        let read = |limits: &RateLimits| limits.check(RateGroup::Read, CLIENT).unwrap().unwrap();
        assert_eq!(read(&limits).remaining, 99);
        limits.set(&RateQuotas {
            chat_per_min: 2,
            create_per_min: 10,
            upload_per_min: 10,
            read_per_min: 100,
            login_per_min: 5,
            rodo_per_min: 3,
            agent_per_min: 600,
        });
        assert!(limits.check(RateGroup::Chat, CLIENT).is_ok());
        assert_eq!(read(&limits).remaining, 98);
    }

    #[test]
    fn lifted_limits_let_everything_in() {
        let limits = RateLimits::new(None);
        for _ in 0..1000 {
            assert!(limits.check(RateGroup::Login, CLIENT).unwrap().is_none());
        }
    }
}
