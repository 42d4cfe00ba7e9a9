//! Free times as links, a week at a time.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use serde_json::{Value as Json, json};

use super::Site;
use super::asked::Asked;
use super::texts::fill;
use crate::bookings::{BookingError, Looking, Service, Slot};
use crate::nlu::Lang;
use crate::notify::messages::{date, date_time};

/// Most days that are looked at together.
const LOOK_DAYS: i64 = 60;
/// Where the day's first half ends.
const NOON: i8 = 12;

/// Which times are shown, and where a click on one leads.
pub(super) struct Shown<'a> {
    pub(super) looking: Looking,
    pub(super) service: &'a Service,
    /// What the addresses say besides the time or the week.
    pub(super) keep: Vec<(&'a str, &'a str)>,
}

/// A week of free times: the one the address names (`from`), else that of the first free time.
pub(super) async fn week(
    site: &Site,
    asked: &Asked,
    shown: &Shown<'_>,
) -> Result<Json, BookingError> {
    let zone = site.bookings.zone()?;
    let today = moment(asked.now_ms, &zone).date();
    let last = today.saturating_add(i64::from(shown.service.horizon_days).days());
    let named = asked.query.text("from").parse::<Date>().ok();
    let within = match named {
        Some(day) => day.clamp(today, last),
        None => match first_free(site, asked, shown, today, last).await? {
            Some(slot) => moment(slot.start_ms, &zone).date(),
            None => today,
        },
    };
    let monday = within.saturating_sub(i64::from(within.weekday().to_monday_zero_offset()).days());
    let sunday = monday.saturating_add(6.days());
    let looking = shown.looking.clone();
    let slots = site
        .bookings
        .free_between(looking, monday.max(today), sunday, asked.now_ms)
        .await?;
    let address = |name: &'static str, value: &str| {
        let query: Vec<_> = shown.keep.iter().copied().chain([(name, value)]).collect();
        asked.url(asked.path(), &query)
    };
    let to_week = |day: Date| address("from", &day.to_string());
    let mut week = json!({
        "days": days(&slots, &zone, asked, |value| address("start", value)),
        "earlier_url": (monday > today).then(|| to_week(monday.saturating_sub(7.days()).max(today))),
        "later_url": (sunday < last).then(|| to_week(sunday.saturating_add(1.day()))),
        "zone": fill(asked.text("book", "zone"), &[("zone", zone.iana_name().unwrap_or("UTC"))]),
        "nothing": asked.text("book", "none_in_week"),
        "first": "",
        "first_url": null,
    });
    if slots.is_empty() {
        match first_free(site, asked, shown, sunday.saturating_add(1.day()), last).await? {
            Some(slot) => {
                let first = moment(slot.start_ms, &zone);
                let time = date_time(&first, asked.lang);
                week["first"] = fill(asked.text("book", "first_free"), &[("time", &time)]).into();
                week["first_url"] = to_week(first.date()).into();
            }
            None if named.is_none() => week["nothing"] = asked.text("book", "none_at_all").into(),
            None => {}
        }
    }
    Ok(week)
}

/// The first free time from one day to another.
async fn first_free(
    site: &Site,
    asked: &Asked,
    shown: &Shown<'_>,
    from: Date,
    last: Date,
) -> Result<Option<Slot>, BookingError> {
    let mut from = from;
    while from <= last {
        let to = from.saturating_add((LOOK_DAYS - 1).days()).min(last);
        let looking = shown.looking.clone();
        let slots = site.bookings.free_between(looking, from, to, asked.now_ms);
        if let Some(first) = slots.await?.first() {
            return Ok(Some(*first));
        }
        from = to.saturating_add(1.day());
    }
    Ok(None)
}

/// The times by day and half of the day; halves and days without any are left out.
fn days(slots: &[Slot], zone: &TimeZone, asked: &Asked, to: impl Fn(&str) -> String) -> Vec<Json> {
    let times: Vec<Zoned> = slots
        .iter()
        .map(|slot| moment(slot.start_ms, zone))
        .collect();
    let by_day = times.chunk_by(|a, b| a.date() == b.date());
    by_day
        .map(|day| {
            let halves: Vec<Json> = day
                .chunk_by(|a, b| (a.hour() < NOON) == (b.hour() < NOON))
                .map(|half| {
                    let is_morning = half.first().is_some_and(|time| time.hour() < NOON);
                    let times: Vec<Json> = (half.iter())
                        .map(|time| json!({"url": to(&value(time)), "short": short(time)}))
                        .collect();
                    let half = if is_morning { "morning" } else { "afternoon" };
                    json!({"title": asked.text("book", half), "times": times})
                })
                .collect();
            let date_of = day.first().map(Zoned::date).unwrap_or_default();
            json!({
                "id": format!("day-{date_of}"),
                "title": date(date_of, asked.lang),
                "halves": halves,
            })
        })
        .collect()
}

/// Up to 5 times near one that cannot be had, to choose from in a form.
pub(super) async fn nearest(
    site: &Site,
    asked: &Asked,
    looking: Looking,
    start: DateTime,
) -> Result<Vec<Json>, BookingError> {
    let zone = site.bookings.zone()?;
    let slots = site.bookings.nearest(looking, start, asked.now_ms).await?;
    let times = slots.iter().map(|slot| {
        let time = moment(slot.start_ms, &zone);
        json!({"value": value(&time), "long": date_time(&time, asked.lang)})
    });
    Ok(times.collect())
}

/// A moment (milliseconds UTC) on the clock of a zone.
pub(super) fn moment(time_ms: i64, zone: &TimeZone) -> Zoned {
    let time = Timestamp::from_millisecond(time_ms).unwrap_or(Timestamp::MIN);
    time.to_zoned(zone.clone())
}

/// A time on the company's clock in words.
pub(super) fn words(start: DateTime, zone: &TimeZone, lang: Lang) -> String {
    let time = zone.to_zoned(start);
    time.map_or_else(|_| start.to_string(), |time| date_time(&time, lang))
}

/// As addresses and forms say it.
fn value(time: &Zoned) -> String {
    time.strftime("%Y-%m-%dT%H:%M").to_string()
}

fn short(time: &Zoned) -> String {
    format!("{}:{:02}", time.hour(), time.minute())
}
