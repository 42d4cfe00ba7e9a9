//! By what a form betrays that no person sent it. Pure.

use jiff::Timestamp;

use super::model::SpamReason;

/// Nobody reads and fills a form in less.
const FILLED_IN_MS: i64 = 3_000;

/// What comes with a form besides what was filled in, as it was sent.
#[derive(Debug, Clone, Default)]
pub struct Marks {
    /// A field that people do not see (`website`); programs that fill every field fill it too.
    pub website: Option<String>,
    /// When the form was shown (`opened_at`): RFC 3339, or milliseconds since 1970. What cannot be read counts as
    /// missing.
    pub opened_at: Option<String>,
    /// The client has used more than half of its limit and brought no proof of work.
    pub is_unproven: bool,
}

impl Marks {
    /// Why the form goes to the spam folder, if it does.
    pub fn suspicion(&self, now_ms: i64) -> Option<SpamReason> {
        let is_filled = |text: &String| !text.trim().is_empty();
        if self.website.as_ref().is_some_and(is_filled) {
            return Some(SpamReason::Honeypot);
        }
        // A clock that is ahead of ours says nothing.
        let took_ms = self
            .opened_at_ms()
            .map(|at_ms| now_ms.saturating_sub(at_ms));
        if took_ms.is_some_and(|took_ms| (0..FILLED_IN_MS).contains(&took_ms)) {
            return Some(SpamReason::TooFast);
        }
        self.is_unproven.then_some(SpamReason::NoProofOfWork)
    }

    fn opened_at_ms(&self) -> Option<i64> {
        let text = self.opened_at.as_ref()?.trim();
        let moment = || {
            text.parse::<Timestamp>()
                .ok()
                .map(Timestamp::as_millisecond)
        };
        text.parse().ok().or_else(moment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: i64 = 1_795_360_044_120;

    fn opened(at: &str) -> Marks {
        Marks {
            opened_at: Some(at.to_owned()),
            ..Marks::default()
        }
    }

    #[test]
    fn a_filled_trap_a_quick_hand_and_a_missing_proof_are_suspicious() {
        let trapped = |website: &str| Marks {
            website: Some(website.to_owned()),
            ..Marks::default()
        };
        assert_eq!(
            trapped("https://example.com").suspicion(NOW_MS),
            Some(SpamReason::Honeypot)
        );
        assert_eq!(trapped(" ").suspicion(NOW_MS), None);
        assert_eq!(Marks::default().suspicion(NOW_MS), None);
        let unproven = Marks {
            is_unproven: true,
            ..Marks::default()
        };
        assert_eq!(unproven.suspicion(NOW_MS), Some(SpamReason::NoProofOfWork));
    }

    #[test]
    fn three_seconds_are_enough_and_an_odd_clock_says_nothing() {
        let quick = (NOW_MS - 2_999).to_string();
        assert_eq!(opened(&quick).suspicion(NOW_MS), Some(SpamReason::TooFast));
        for calm in [
            (NOW_MS - 3_000).to_string(),
            (NOW_MS + 60_000).to_string(),
            i64::MIN.to_string(),
            i64::MAX.to_string(),
            "yesterday".into(),
            String::new(),
            "2026-11-22T15:07:20Z".into(),
        ] {
            assert_eq!(opened(&calm).suspicion(NOW_MS), None, "{calm}");
        }
        let quick = opened("2026-11-22T16:07:23+01:00");
        assert_eq!(quick.suspicion(NOW_MS), Some(SpamReason::TooFast));
    }
}
