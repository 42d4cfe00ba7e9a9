//! When somebody works: times of day are minutes from midnight on the company's clock.

use jiff::civil::Weekday;
use poem_openapi::Object;
use serde::{Deserialize, Serialize};

use super::FieldError;
use super::model::{DAY_MIN, on_grain};

const MAX_SPANS_A_DAY: usize = 12;

/// A span of wall time within one day; the end is not part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct WallSpan {
    from_min: u32,
    to_min: u32,
}

impl WallSpan {
    /// Reads `09:00` and `17:00`; the end may be `24:00`.
    ///
    /// Errors: no time of day written like that, or an end that is not after the beginning.
    pub fn parse(from: &str, to: &str) -> Result<Self, FieldError> {
        let from_min = wall_minute("from", from)?;
        let to_min = wall_minute("to", to)?;
        if from_min >= to_min {
            return Err(FieldError::invalid("to", "must be after the beginning"));
        }
        Ok(Self { from_min, to_min })
    }

    /// Its beginning in minutes from midnight.
    pub fn from_min(self) -> u32 {
        self.from_min
    }

    /// Its end in minutes from midnight, 1440 at most.
    pub fn to_min(self) -> u32 {
        self.to_min
    }

    fn contains(self, minute: u32) -> bool {
        (self.from_min..self.to_min).contains(&minute)
    }
}

/// Reads `HH:MM`, to `24:00`.
pub(super) fn wall_minute(field: &'static str, text: &str) -> Result<u32, FieldError> {
    let two_digits = |part: &str| {
        (part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse::<u32>().ok())
            .flatten()
    };
    text.split_once(':')
        .and_then(|(hour, minute)| Some((two_digits(hour)?, two_digits(minute)?)))
        .filter(|&(hour, minute)| minute < 60 && hour * 60 + minute <= DAY_MIN)
        .map(|(hour, minute)| hour * 60 + minute)
        .ok_or_else(|| FieldError::invalid(field, "must be a time of day such as 09:00"))
}

fn wall_text(minute: u32) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// One span of a week, as it is written in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object)]
#[serde(deny_unknown_fields)]
pub struct HoursEntry {
    /// ISO weekday: 1 is Monday, 7 Sunday.
    pub weekday: u8,
    /// `HH:MM`.
    pub from: String,
    /// `HH:MM`, after `from`; `24:00` is the day's end.
    pub to: String,
}

/// When somebody works: per weekday spans in order that do not overlap. Spans that touch stay two: a visit lies within
/// one, and each has its own grid of beginnings.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<HoursEntry>", into = "Vec<HoursEntry>")]
pub struct WeeklyHours {
    /// From Monday.
    days: [Vec<WallSpan>; 7],
}

impl WeeklyHours {
    /// Reads spans in any order.
    ///
    /// Errors: a weekday that is none, a span that is none, spans that overlap, more than 12 on one day.
    pub fn parse(entries: &[HoursEntry]) -> Result<Self, FieldError> {
        let mut days: [Vec<WallSpan>; 7] = Default::default();
        for entry in entries {
            let day = usize::from(entry.weekday)
                .checked_sub(1)
                .and_then(|index| days.get_mut(index))
                .ok_or_else(|| FieldError::invalid("weekday", "must be 1 (Monday) to 7"))?;
            day.push(WallSpan::parse(&entry.from, &entry.to)?);
        }
        for day in &mut days {
            day.sort_unstable();
            if day.windows(2).any(|pair| pair[1].from_min < pair[0].to_min) {
                return Err(FieldError::invalid("hours", "must not overlap"));
            }
            if day.len() > MAX_SPANS_A_DAY {
                return Err(FieldError::invalid(
                    "hours",
                    format!("must be {MAX_SPANS_A_DAY} spans a day at most"),
                ));
            }
        }
        Ok(Self { days })
    }

    /// Whether every span begins and ends on a multiple of 5 minutes. Errors: one does not.
    pub fn on_grain(&self) -> Result<(), FieldError> {
        for span in self.days.iter().flatten() {
            on_grain("hours", span.from_min)?;
            on_grain("hours", span.to_min)?;
        }
        Ok(())
    }

    /// The spans of a weekday, in order.
    pub fn on(&self, day: Weekday) -> &[WallSpan] {
        &self.days[day.to_monday_zero_offset() as usize]
    }

    /// The span a minute of a weekday lies in.
    pub(super) fn span_at(&self, day: Weekday, minute: u32) -> Option<WallSpan> {
        self.on(day)
            .iter()
            .copied()
            .find(|span| span.contains(minute))
    }

    /// As it is written in JSON, from Monday.
    pub fn entries(&self) -> Vec<HoursEntry> {
        (1..)
            .zip(&self.days)
            .flat_map(|(weekday, spans)| {
                spans.iter().map(move |span| HoursEntry {
                    weekday,
                    from: wall_text(span.from_min),
                    to: wall_text(span.to_min),
                })
            })
            .collect()
    }
}

impl TryFrom<Vec<HoursEntry>> for WeeklyHours {
    type Error = FieldError;

    fn try_from(entries: Vec<HoursEntry>) -> Result<Self, FieldError> {
        Self::parse(&entries)
    }
}

impl From<WeeklyHours> for Vec<HoursEntry> {
    fn from(hours: WeeklyHours) -> Self {
        hours.entries()
    }
}

#[cfg(test)]
#[path = "hours_tests.rs"]
mod tests;
