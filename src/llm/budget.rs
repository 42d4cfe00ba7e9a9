//! How much may be asked a day. Pure: time is an argument. A day is one of UTC, so that a clock change makes none longer.

use std::collections::HashMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Most visitors counted a day; more are refused, so that addresses made up by the thousand fill no memory.
const VISITORS_MAX: usize = 100_000;

/// What may be spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Questions a day from one client address (IPv6: /64).
    pub visitor_questions: u32,
    /// Questions a day in all.
    pub questions: u32,
    /// Tokens a day in all, as estimated.
    pub tokens: u64,
}

/// What was spent on a day. Kept in the database, so that a restart gives no fresh budget.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    /// Days since 1970.
    pub day: i64,
    /// Questions asked.
    pub questions: u32,
    /// Tokens sent and received, as estimated.
    pub tokens: u64,
}

/// The day's account. What each visitor spent is kept in memory alone: addresses need no place in the database, and
/// the day's total holds across restarts.
#[derive(Debug)]
pub(super) struct Budget {
    limits: Limits,
    spent: Spent,
    visitors: HashMap<IpAddr, u32>,
}

impl Budget {
    /// Goes on from what was `spent`.
    pub(super) fn new(limits: Limits, spent: Spent) -> Self {
        Self {
            limits,
            spent,
            visitors: HashMap::new(),
        }
    }

    /// Takes one question of `visitor` out of the budget; false when there is nothing left.
    pub(super) fn take(&mut self, visitor: Option<IpAddr>, now_ms: i64) -> bool {
        self.turn_page(now_ms);
        if self.spent.questions >= self.limits.questions || self.spent.tokens >= self.limits.tokens
        {
            return false;
        }
        if let Some(visitor) = visitor {
            if self.visitors.len() >= VISITORS_MAX && !self.visitors.contains_key(&visitor) {
                return false;
            }
            let asked = self.visitors.entry(visitor).or_default();
            if *asked >= self.limits.visitor_questions {
                return false;
            }
            *asked += 1;
        }
        self.spent.questions += 1;
        true
    }

    /// Counts what a question cost; answers what the day has cost so far.
    pub(super) fn pay(&mut self, tokens: u64, now_ms: i64) -> Spent {
        self.turn_page(now_ms);
        self.spent.tokens = self.spent.tokens.saturating_add(tokens);
        self.spent
    }

    fn turn_page(&mut self, now_ms: i64) {
        let day = now_ms.div_euclid(DAY_MS);
        if day != self.spent.day {
            self.spent = Spent {
                day,
                ..Spent::default()
            };
            self.visitors.clear();
        }
    }
}

/// Tokens of a text, estimated from its bytes: three a token is on the safe side for Polish and German.
pub(super) fn tokens(bytes: usize) -> u64 {
    bytes.div_ceil(3) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        visitor_questions: 2,
        questions: 3,
        tokens: 100,
    };

    fn visitor(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    fn budget() -> Budget {
        Budget::new(LIMITS, Spent::default())
    }

    #[test]
    fn a_visitor_and_a_day_have_their_questions_and_no_more() {
        let mut budget = budget();
        assert!(budget.take(Some(visitor(1)), 0) && budget.take(Some(visitor(1)), 0));
        assert!(!budget.take(Some(visitor(1)), 0), "the visitor's are gone");
        assert!(budget.take(Some(visitor(2)), 0));
        assert!(!budget.take(Some(visitor(3)), 0), "the day's are gone");
        assert!(budget.take(Some(visitor(1)), DAY_MS), "a new day");
    }

    #[test]
    fn spent_tokens_end_the_day_too() {
        let mut budget = budget();
        assert!(budget.take(Some(visitor(1)), 0));
        let spent = budget.pay(100, 0);
        assert_eq!((spent.questions, spent.tokens), (1, 100));
        assert!(!budget.take(Some(visitor(2)), 0));
    }

    #[test]
    fn what_was_spent_before_a_restart_counts() {
        let mut first = budget();
        for last in 0..3 {
            assert!(first.take(Some(visitor(last)), 5));
        }
        let mut second = Budget::new(LIMITS, first.pay(1, 5));
        assert!(!second.take(Some(visitor(9)), 6));
        assert!(second.take(Some(visitor(9)), DAY_MS + 6));
    }
}
