//! Which week, when it is due, and what to advise. Pure.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::analytics::days::{Period, number_of};
use crate::notify::messages::{Advice, Count};

/// Hour of Monday, on the company's clock.
const HOUR: i8 = 7;
/// So many questions without an answer are worth an hour's work.
const UNANSWERED_MANY: u64 = 3;
/// Of fewer conversations a week less says nothing.
const CONVERSATIONS_MANY: u64 = 10;

/// When the report was last due, and the seven days it is about; `None`: the clock is out of range.
pub(super) fn last_due(now_ms: i64, zone: &TimeZone) -> Option<(i64, Period)> {
    let now = Timestamp::from_millisecond(now_ms).ok()?;
    let today = zone.to_datetime(now).date();
    let since_monday = i64::from(today.weekday().to_monday_zero_offset());
    let monday = today.checked_sub(since_monday.days()).ok()?;
    let time = Time::new(HOUR, 0, 0, 0).ok()?;
    [monday, monday.checked_sub(7.days()).ok()?]
        .into_iter()
        .filter_map(|monday| {
            let due = monday.to_datetime(time).to_zoned(zone.clone()).ok()?;
            let day = number_of(monday);
            let week = Period {
                from: day - 7,
                to: day - 1,
            };
            Some((due.timestamp().as_millisecond(), week))
        })
        .find(|(due_ms, _)| *due_ms <= now_ms)
}

/// The one thing to do that promises most.
pub(super) fn advice(
    conversations: Count,
    leads: Count,
    bookings: Count,
    unanswered: Count,
) -> Option<Advice> {
    let is_half_gone = conversations.before >= CONVERSATIONS_MANY
        && conversations.now.saturating_mul(2) <= conversations.before;
    if is_half_gone {
        Some(Advice::CheckWebsite)
    } else if leads.now > 0 && bookings.now == 0 {
        Some(Advice::OfferVisits)
    } else if unanswered.now >= UNANSWERED_MANY {
        Some(Advice::AnswerQuestions)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytics::days::date_of;

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    fn due(now: &str, zone: &str) -> (i64, String) {
        let zone = TimeZone::get(zone).unwrap();
        let (due_ms, week) = last_due(ms(now), &zone).unwrap();
        assert_eq!(week.days(), 7);
        (due_ms, date_of(week.from).to_string())
    }

    #[test]
    fn the_report_is_due_on_mondays_at_seven_on_the_company_s_clock() {
        let warsaw = "Europe/Warsaw";
        for (now, at, from) in [
            ("2026-11-23T06:00:00Z", "2026-11-23T06:00:00Z", "2026-11-16"),
            ("2026-11-23T05:59:59Z", "2026-11-16T06:00:00Z", "2026-11-09"),
            ("2026-11-29T22:59:59Z", "2026-11-23T06:00:00Z", "2026-11-16"),
            // The Sunday before has 23 hours, and 25 in autumn.
            ("2026-03-30T05:00:00Z", "2026-03-30T05:00:00Z", "2026-03-23"),
            ("2026-10-26T06:00:00Z", "2026-10-26T06:00:00Z", "2026-10-19"),
        ] {
            assert_eq!(due(now, warsaw), (ms(at), from.to_owned()), "{now}");
        }
        let kolkata = due("2026-11-23T01:30:00Z", "Asia/Kolkata");
        assert_eq!(kolkata.0, ms("2026-11-23T01:30:00Z"));
    }

    #[test]
    fn the_most_urgent_thing_is_advised() {
        let of = |conversations, leads, bookings, unanswered| {
            advice(
                Count::new(conversations, 20),
                Count::new(leads, 0),
                Count::new(bookings, 0),
                Count::new(unanswered, 0),
            )
        };
        assert_eq!(of(10, 5, 0, 9), Some(Advice::CheckWebsite));
        assert_eq!(of(11, 5, 0, 9), Some(Advice::OfferVisits));
        assert_eq!(of(11, 5, 1, 9), Some(Advice::AnswerQuestions));
        assert_eq!(of(11, 0, 0, 2), None);
        assert_eq!(of(0, 0, 0, 0), Some(Advice::CheckWebsite));
    }
}
