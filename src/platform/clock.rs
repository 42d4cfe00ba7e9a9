//! Times: milliseconds UTC inside, RFC 3339 with `Z` outside.

use jiff::Timestamp;

/// The current time in milliseconds UTC. Rules take it as an argument instead of calling this.
pub fn now_ms() -> i64 {
    Timestamp::now().as_millisecond()
}

/// `2026-11-22T15:07:24.123Z`. A time outside jiff's range (years −9999 to 9999) gives the epoch.
pub fn to_rfc3339(at_ms: i64) -> String {
    let at = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    format!("{at:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_utc_with_milliseconds() {
        assert_eq!(to_rfc3339(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(to_rfc3339(1_795_360_044_120), "2026-11-22T15:07:24.120Z");
    }
}
