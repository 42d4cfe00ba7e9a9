//! When somebody is there: pure rules over the opening hours, in the company's time zone.

use jiff::civil::Weekday;
use jiff::{Timestamp, ToSpan, Zoned};

use super::KnowledgeError;
use super::company::{Company, Hours};
use crate::nlu::Lang;

/// Whether somebody is there, and when next.
#[derive(Debug, Clone, PartialEq)]
pub struct OpeningState {
    /// Somebody is there now.
    pub is_open: bool,
    /// When somebody is there next; `None` while open, or when nobody is there for two weeks.
    pub next_open: Option<Zoned>,
}

/// How many days ahead the next opening is looked for.
const LOOK_AHEAD_DAYS: i64 = 14;

/// The state at `now_ms` (milliseconds UTC).
///
/// Errors: the company's hours, closures or zone cannot be read (refused when they are set).
pub fn opening_state(company: &Company, now_ms: i64) -> Result<OpeningState, KnowledgeError> {
    let zone = company.zone()?;
    let week = company.hours.spans()?;
    let closed = company.closed_days()?;
    let now = Timestamp::from_millisecond(now_ms)
        .map_err(|_| KnowledgeError::invalid("time", "out of range".into()))?
        .to_zoned(zone.clone());
    let mut next_open = None;
    for ahead in 0..=LOOK_AHEAD_DAYS {
        let Ok(day) = now.date().checked_add(ahead.days()) else {
            break;
        };
        if closed.contains(&day) {
            continue;
        }
        let spans = &week[day.weekday().to_monday_zero_offset() as usize];
        for (from, to) in spans {
            let at = |time| day.to_datetime(time).to_zoned(zone.clone());
            let (Ok(from), Ok(to)) = (at(*from), at(*to)) else {
                continue;
            };
            if from <= now && now < to {
                return Ok(OpeningState {
                    is_open: true,
                    next_open: None,
                });
            }
            if from > now && next_open.is_none() {
                next_open = Some(from);
            }
        }
        if next_open.is_some() {
            break;
        }
    }
    Ok(OpeningState {
        is_open: false,
        next_open,
    })
}

/// How long somebody was there between two times, in milliseconds; of a longer span, its last two weeks count.
///
/// Errors: as [`opening_state`].
pub(super) fn open_ms(company: &Company, from_ms: i64, to_ms: i64) -> Result<i64, KnowledgeError> {
    let zone = company.zone()?;
    let week = company.hours.spans()?;
    let closed = company.closed_days()?;
    let time = |ms| {
        Timestamp::from_millisecond(ms)
            .map_err(|_| KnowledgeError::invalid("time", "out of range".into()))
    };
    let to = time(to_ms)?.to_zoned(zone.clone());
    let mut day = to.date();
    let mut sum_ms = 0;
    for _ in 0..=LOOK_AHEAD_DAYS {
        let spans = &week[day.weekday().to_monday_zero_offset() as usize];
        for (opens, closes) in spans.iter().filter(|_| !closed.contains(&day)) {
            let at = |clock| day.to_datetime(clock).to_zoned(zone.clone());
            if let (Ok(opens), Ok(closes)) = (at(*opens), at(*closes)) {
                let begin_ms = opens.timestamp().as_millisecond().max(from_ms);
                let end_ms = closes.timestamp().as_millisecond().min(to_ms);
                sum_ms += (end_ms - begin_ms).max(0);
            }
        }
        let Ok(before) = day.yesterday() else { break };
        day = before;
    }
    Ok(sum_ms)
}

/// The next opening as an adverbial: `jutro o 9:00`, `on Monday at 9:00`, `am Montag um 9:00 Uhr`.
pub(super) fn say_next_open(next: &Zoned, now: &Zoned, lang: Lang) -> String {
    let days = (next.date() - now.date()).get_days();
    let time = format!("{}:{:02}", next.hour(), next.minute());
    let day = match (days, lang) {
        (0, Lang::Pl) => "dziś".to_owned(),
        (0, Lang::En) => "today".to_owned(),
        (0, Lang::De) => "heute".to_owned(),
        (1, Lang::Pl) => "jutro".to_owned(),
        (1, Lang::En) => "tomorrow".to_owned(),
        (1, Lang::De) => "morgen".to_owned(),
        (2..=6, _) => on_weekday(next.weekday(), lang).to_owned(),
        (_, Lang::Pl) => format!("{}.{:02}.", next.day(), next.month()),
        (_, Lang::En) => format!("on {}", next.strftime("%-d %B")),
        (_, Lang::De) => format!("am {}.{}.", next.day(), next.month()),
    };
    match lang {
        Lang::Pl => format!("{day} o {time}"),
        Lang::En => format!("{day} at {time}"),
        Lang::De => format!("{day} um {time} Uhr"),
    }
}

fn on_weekday(day: Weekday, lang: Lang) -> &'static str {
    let index = day.to_monday_zero_offset() as usize;
    match lang {
        Lang::Pl => [
            "w poniedziałek",
            "we wtorek",
            "w środę",
            "w czwartek",
            "w piątek",
            "w sobotę",
            "w niedzielę",
        ][index],
        Lang::En => [
            "on Monday",
            "on Tuesday",
            "on Wednesday",
            "on Thursday",
            "on Friday",
            "on Saturday",
            "on Sunday",
        ][index],
        Lang::De => [
            "am Montag",
            "am Dienstag",
            "am Mittwoch",
            "am Donnerstag",
            "am Freitag",
            "am Samstag",
            "am Sonntag",
        ][index],
    }
}

/// The week in one fragment without a final dot: `pn.–pt. 9–17, sob. 10–14`.
pub(super) fn say_hours(hours: &Hours, lang: Lang) -> String {
    let names = match lang {
        Lang::Pl => ["pn.", "wt.", "śr.", "czw.", "pt.", "sob.", "niedz."],
        Lang::En => ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
        Lang::De => ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"],
    };
    let days = hours.days();
    let mut parts = Vec::new();
    let mut first = 0;
    while first < days.len() {
        let mut last = first;
        while last + 1 < days.len() && days[last + 1] == days[first] {
            last += 1;
        }
        if !days[first].is_empty() {
            let span = if first == last {
                names[first].to_owned()
            } else {
                format!("{}–{}", names[first], names[last])
            };
            let times: Vec<String> = days[first].iter().map(|span| short_span(span)).collect();
            parts.push(format!("{span} {}", times.join(", ")));
        }
        first = last + 1;
    }
    let text = parts.join(", ");
    if lang == Lang::De && !text.is_empty() {
        format!("{text} Uhr")
    } else {
        text
    }
}

/// `09:00-17:30` as people write it: `9–17:30`.
fn short_span(span: &str) -> String {
    span.split('-')
        .map(|time| {
            let time = time.trim();
            let time = time.strip_suffix(":00").unwrap_or(time);
            time.strip_prefix('0').unwrap_or(time)
        })
        .collect::<Vec<_>>()
        .join("–")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::Pack;

    fn company() -> Company {
        Pack::built_in().unwrap().company
    }

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    fn next(now: &str, lang: Lang) -> String {
        let company = company();
        let state = opening_state(&company, ms(now)).unwrap();
        assert!(!state.is_open, "{now}");
        let now = now
            .parse::<Timestamp>()
            .unwrap()
            .to_zoned(company.zone().unwrap());
        say_next_open(&state.next_open.unwrap(), &now, lang)
    }

    #[test]
    fn open_hours_are_counted_in_the_companys_zone_in_winter_and_summer() {
        let open = |now: &str| opening_state(&company(), ms(now)).unwrap().is_open;
        assert!(open("2026-11-23T08:00:00Z"), "Monday 9:00 in winter");
        assert!(!open("2026-11-23T07:59:59Z"));
        assert!(!open("2026-11-23T16:00:00Z"), "17:00 is the end");
        assert!(open("2026-07-06T07:00:00Z"), "Monday 9:00 in summer");
        assert!(open("2026-11-28T12:59:00Z"), "Saturday before 14:00");
        assert!(!open("2026-11-22T12:00:00Z"), "Sunday");
    }

    #[test]
    fn the_next_opening_is_said_as_people_say_it() {
        assert_eq!(next("2026-11-22T12:00:00Z", Lang::Pl), "jutro o 9:00");
        assert_eq!(next("2026-11-23T06:00:00Z", Lang::En), "today at 9:00");
        assert_eq!(
            next("2026-11-28T15:00:00Z", Lang::De),
            "am Montag um 9:00 Uhr"
        );
    }

    #[test]
    fn a_closure_moves_the_next_opening() {
        let mut company = company();
        company.closures = vec!["2026-11-23".into()];
        let state = opening_state(&company, ms("2026-11-23T09:00:00Z")).unwrap();
        assert!(!state.is_open);
        assert_eq!(state.next_open.unwrap().date().to_string(), "2026-11-24");
    }

    #[test]
    fn a_company_that_never_opens_has_no_next_opening() {
        let mut company = company();
        company.hours = Hours::default();
        let state = opening_state(&company, ms("2026-11-23T09:00:00Z")).unwrap();
        assert_eq!((state.is_open, state.next_open), (false, None));
    }

    #[test]
    fn the_week_is_said_in_one_line() {
        let hours = company().hours;
        assert_eq!(say_hours(&hours, Lang::Pl), "pn.–pt. 9–17, sob. 10–14");
        assert_eq!(say_hours(&hours, Lang::En), "Mon–Fri 9–17, Sat 10–14");
        assert_eq!(say_hours(&hours, Lang::De), "Mo–Fr 9–17, Sa 10–14 Uhr");
    }

    #[test]
    fn nonsense_hours_are_refused() {
        for span in ["9-17", "17:00-09:00", "25:00-26:00", "", "09:00"] {
            let hours = Hours {
                mon: vec![span.into()],
                ..Hours::default()
            };
            assert!(hours.spans().is_err(), "{span:?}");
        }
    }

    #[test]
    fn only_opening_hours_count_as_time_in_which_somebody_was_there() {
        let mut company = company();
        company.time_zone = "Europe/Warsaw".into();
        company.hours = Hours {
            mon: vec!["09:00-12:00".into(), "13:00-17:00".into()],
            tue: vec!["09:00-17:00".into()],
            ..Hours::default()
        };
        company.closures = vec!["2026-11-24".into()];
        let minutes = |from, to| open_ms(&company, ms(from), ms(to)).unwrap() / 60_000;
        // 2026-11-23 is a Monday; Warsaw is an hour ahead of UTC.
        assert_eq!(minutes("2026-11-23T08:10:00Z", "2026-11-23T08:15:00Z"), 5);
        assert_eq!(minutes("2026-11-23T10:50:00Z", "2026-11-23T12:10:00Z"), 20);
        assert_eq!(minutes("2026-11-22T20:00:00Z", "2026-11-23T08:03:00Z"), 3);
        assert_eq!(minutes("2026-11-23T16:00:00Z", "2026-11-29T20:00:00Z"), 0);
        assert_eq!(minutes("2026-11-23T08:15:00Z", "2026-11-23T08:10:00Z"), 0);
    }
}
