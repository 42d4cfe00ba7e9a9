//! The day meant, counted from today in the company's time zone.
//!
//! * A weekday is the next one after today; with "przyszły", "next", "nächsten" it is that of the next week, which begins
//!   on Monday ("przyszły wtorek" said on a Monday is eight days ahead, on a Sunday two).
//! * "w weekend" is the coming Saturday, or today when today is one.
//! * A day without a year is the next such day, today included. A day that does not exist (31 February) is none.
//! * In "12/5/2026" the day comes first, unless only the second number can be one. Without a year a slash is no date.
//! * "w przyszłym tygodniu", "w grudniu" name no day.

use super::lexicon::{Sense, Span};
use super::message::Message;
use super::{Context, EntityKind};
use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Weekday};
use std::ops::Range;

/// Years before and after today's that can be meant.
const YEARS: i16 = 10;
/// Tokens between a weekday and "next week" at most.
const WEEK_REACH: usize = 4;
/// Units of time ahead that are still a date and not a duration.
const AHEAD_MAX: f64 = 400.0;

/// What a phrase says about the moment.
enum Moment {
    Day(Date),
    /// "za 2 godziny".
    Instant(DateTime),
}

/// Finds the date; `is_expected`: it was asked for, so a day alone ("15.") is one.
pub(super) fn find(message: &mut Message, context: &Context, is_expected: bool) {
    let found = (0..message.len()).find_map(|at| {
        if !message.is_free(at..at + 1) {
            return None;
        }
        let reader = Reader {
            message,
            today: context.now.date(),
            is_expected,
        };
        let (moment, tokens) = reader.moment(at, context.now)?;
        message.is_free(tokens.clone()).then_some((moment, tokens))
    });
    match found {
        Some((Moment::Day(date), tokens)) => {
            message.found.date = Some(date);
            message.take(EntityKind::Date, tokens);
        }
        Some((Moment::Instant(at), tokens)) => {
            message.found.date = Some(at.date());
            message.found.time = Some(at.time());
            message.take(EntityKind::Date, tokens);
        }
        None => {}
    }
}

/// Which week a weekday is in.
enum Weeks {
    /// The calendar week after this one.
    NextWeek,
    /// "za tydzień we wtorek": the Tuesday nearest to that many weeks from today.
    Ahead(i64),
}

struct Reader<'m, 't> {
    message: &'m Message<'t>,
    today: Date,
    is_expected: bool,
}

type Day = Option<(Date, Range<usize>)>;

impl Reader<'_, '_> {
    fn moment(&self, at: usize, now: DateTime) -> Option<(Moment, Range<usize>)> {
        let day = self
            .iso(at)
            .or_else(|| self.numeric(at))
            .or_else(|| self.day_and_month(at))
            .or_else(|| self.month_and_day(at))
            .or_else(|| self.named(at))
            .or_else(|| self.weekday(at));
        match day {
            Some((date, tokens)) => Some((Moment::Day(date), tokens)),
            None => self.ahead(at, now),
        }
    }

    /// The digits at `at` as a number of at most `digits` digits.
    fn small(&self, at: usize, digits: usize) -> Option<i16> {
        let written = self.message.tokens.digits(at);
        let fits = (1..=digits).contains(&written.len());
        fits.then(|| written.parse().ok())?
    }

    /// A date whose year is written: any within [`YEARS`].
    fn dated(&self, year: i16, month: i16, day: i16) -> Option<Date> {
        let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
        ((date.year() - self.today.year()).abs() <= YEARS).then_some(date)
    }

    /// The next such day, today included. 29 February may be years ahead.
    fn next(&self, month: i16, day: i16) -> Option<Date> {
        (0..=YEARS)
            .filter_map(|ahead| self.dated(self.today.year().checked_add(ahead)?, month, day))
            .find(|date| *date >= self.today)
    }

    /// "2026-12-15".
    fn iso(&self, at: usize) -> Day {
        let tokens = &self.message.tokens;
        let is_year = tokens.digits(at).len() == 4;
        let joins = |at: usize| tokens.is(at, '-') || tokens.is(at, '.') || tokens.is(at, '/');
        if !is_year || !joins(at + 1) || !joins(at + 3) {
            return None;
        }
        let date = self.dated(
            self.small(at, 4)?,
            self.small(at + 2, 2)?,
            self.small(at + 4, 2)?,
        )?;
        Some((date, at..at + 5))
    }

    /// "15.12.2026", "15.12.", "15/12/26", "15-12-2026".
    fn numeric(&self, at: usize) -> Day {
        let tokens = &self.message.tokens;
        let first = self.small(at, 2)?;
        let mark = tokens
            .symbol(at + 1)
            .filter(|mark| matches!(mark, '.' | '/' | '-'))?;
        let is_inside = tokens.is_glued(at)
            && at > 0
            && (matches!(tokens.symbol(at - 1), Some('.' | ',' | '/' | '-' | ':'))
                || !tokens.word(at - 1).is_empty());
        if is_inside || !tokens.is_glued(at + 1) {
            return None;
        }
        let second = self.small(at + 2, 2)?;
        if tokens.is(at + 3, mark) {
            let year = match tokens.digits(at + 4).len() {
                4 => self.small(at + 4, 4),
                2 if tokens.is_glued(at + 4) => self.small(at + 4, 2).map(|year| 2000 + year),
                _ => None,
            };
            if let Some(year) = year {
                let date = self
                    .dated(year, second, first)
                    .or_else(|| self.dated(year, first, second).filter(|_| mark == '/'));
                return Some((date?, at..at + 5));
            }
        }
        let end = at + 3 + usize::from(tokens.is(at + 3, '.') && tokens.is_glued(at + 3));
        let is_clear = tokens.digits(at + 2).len() == 2
            || end > at + 3
            || self.is_marked(at)
            || self.is_expected;
        let is_measure =
            self.counts(at + 3) || tokens.is(at + 3, ':') || self.message.has(at + 3, Sense::Clock);
        if mark != '.'
            || !tokens.is_glued(at + 2)
            || !is_clear
            || is_measure
            || self.message.is_after(at, Sense::At)
        {
            return None;
        }
        Some((self.next(second, first)?, at..end))
    }

    fn is_marked(&self, at: usize) -> bool {
        self.message.is_after(at, Sense::On)
    }

    /// Whether the number before `at` counts or measures what stands there.
    fn counts(&self, at: usize) -> bool {
        let message = self.message;
        let is_measure =
            |sense| matches!(sense, Sense::Span(_) | Sense::Thing | Sense::Scale(_)).then_some(());
        message.unit(at).is_some()
            || message.tokens.is(at, '%')
            || message.pick(at, is_measure).is_some()
    }

    /// The day of the month at `at`, in digits or words, and the token after it with "-go", "th" or a dot.
    fn day(&self, at: usize) -> Option<(i16, usize)> {
        let message = self.message;
        if let Some(day) = message.pick(at, |sense| match sense {
            Sense::Ordinal(day) => Some(i16::from(day)),
            _ => None,
        }) {
            return Some((day, message.end(at)));
        }
        let day = self.small(at, 2)?;
        let mut end = at + 1;
        if matches!(message.tokens.symbol(end), Some('-' | '.')) && message.tokens.is_glued(end) {
            end += 1;
        }
        if message.tokens.is_glued(end) && message.has(end, Sense::DaySuffix) {
            end += 1;
        }
        Some((day, end))
    }

    fn month(&self, at: usize) -> Option<i16> {
        self.message.pick(at, |sense| match sense {
            Sense::Month(month) => Some(i16::from(month)),
            _ => None,
        })
    }

    /// The year after a day and month, and the token after it.
    fn year(&self, at: usize) -> Option<(i16, usize)> {
        let at = at + usize::from(matches!(self.message.tokens.symbol(at), Some(',' | '.')));
        let is_year =
            self.message.tokens.digits(at).len() == 4 && self.message.unit(at + 1).is_none();
        let year = is_year.then(|| self.small(at, 4))??;
        let end = at + 1 + usize::from(self.message.has(at + 1, Sense::YearWord));
        Some((year, end))
    }

    fn with_year(&self, month: i16, day: i16, from: usize, end: usize) -> Day {
        match self.year(end) {
            Some((year, end)) => Some((self.dated(year, month, day)?, from..end)),
            None => Some((self.next(month, day)?, from..end)),
        }
    }

    /// "15 grudnia", "15. Dezember 2026", "the 15th of December", "piętnastego grudnia".
    fn day_and_month(&self, at: usize) -> Day {
        let (day, day_end) = self.day(at)?;
        let mut end = day_end;
        while self.message.has(end, Sense::Of) {
            end += 1;
        }
        match self.month(end) {
            Some(month) => {
                let end = self.message.skip_dot(self.message.end(end));
                self.with_year(month, day, at, end)
            }
            None => self.day_alone(at, day, day_end),
        }
    }

    /// "w 15-go", "on the 15th", or any day in digits when a date was asked for: the next one of that number.
    fn day_alone(&self, at: usize, day: i16, end: usize) -> Day {
        let message = self.message;
        if message.tokens.digits(at).is_empty() || self.counts(end) {
            return None;
        }
        let has_suffix = end > at + 1 && message.has(end - 1, Sense::DaySuffix);
        let is_clear = has_suffix && (self.is_marked(at) || message.is_after(at, Sense::Of));
        let is_hour = message.is_after(at, Sense::At)
            || message.tokens.is(end, ':')
            || message.has(end, Sense::Clock);
        if !is_clear && (!self.is_expected || is_hour) {
            return None;
        }
        let date = (0..12_i8).find_map(|ahead| {
            let month = self
                .today
                .first_of_month()
                .checked_add(ahead.months())
                .ok()?;
            let date = self.dated(month.year(), i16::from(month.month()), day)?;
            (date >= self.today).then_some(date)
        })?;
        Some((date, at..end))
    }

    /// "December 15", "Dec. 15th, 2026".
    fn month_and_day(&self, at: usize) -> Day {
        let month = self.month(at)?;
        let mut start = self.message.skip_dot(self.message.end(at));
        while self.message.has(start, Sense::Of) {
            start += 1;
        }
        let (day, end) = self.day(start)?;
        let is_number = !self.message.tokens.digits(start).is_empty();
        // "od maja 60 m²", "in May 2 rooms"
        if is_number && self.counts(end) || !is_number && self.month(end).is_some() {
            return None;
        }
        self.with_year(month, day, at, end)
    }

    /// "jutro", "the day after tomorrow", "übermorgen".
    fn named(&self, at: usize) -> Day {
        let message = self.message;
        let days = message.pick(at, |sense| match sense {
            Sense::DaysAhead(days) => Some(days),
            _ => None,
        })?;
        // "guten Morgen"; "am Morgen" is a phrase of its own.
        let is_inside = at > 0 && message.end(at - 1) > at;
        if is_inside || days == 1 && message.is_after(at, Sense::NotTomorrow) {
            return None;
        }
        let date = self.today.checked_add(i64::from(days).days()).ok()?;
        Some((date, at..message.end(at)))
    }

    fn weekday(&self, at: usize) -> Day {
        let message = self.message;
        let is_marked = self.is_marked(at)
            || message.is_after(at, Sense::This)
            || message.is_after(at, Sense::Next);
        let is_weekend = message.has(at, Sense::Weekend);
        let number = message.pick(at, |sense| match sense {
            Sense::Weekday(day) => Some(day),
            Sense::WeekdayShort(day) if is_marked || self.is_expected => Some(day),
            Sense::Weekend => Some(6),
            _ => None,
        })?;
        // "środy", "soboty" after "w" are every one of them.
        if message.has(at, Sense::WeekdayShort(number))
            && message.tokens.word(at).ends_with('y')
            && at > 0
            && matches!(message.tokens.word(at - 1), "w" | "we")
        {
            return None;
        }
        let weekday = Weekday::from_monday_one_offset(number).ok()?;
        let (from, weeks, end) = self.week(at);
        let end = end.max(message.end(at));
        let date = match weeks {
            Some(Weeks::NextWeek) => {
                let days_left = 7 - i64::from(self.today.weekday().to_monday_zero_offset());
                self.today
                    .checked_add((days_left + i64::from(number) - 1).days())
                    .ok()?
            }
            Some(Weeks::Ahead(weeks)) => {
                let earliest = self.today.checked_add((weeks * 7 - 4).days()).ok()?;
                earliest.nth_weekday(1, weekday).ok()?
            }
            None if is_weekend && self.today.weekday() == weekday => self.today,
            None => self.today.nth_weekday(1, weekday).ok()?,
        };
        Some((date, from..end))
    }

    /// Which week the weekday at `at` is in, where that is said, and the tokens that belong to it.
    fn week(&self, at: usize) -> (usize, Option<Weeks>, usize) {
        let message = self.message;
        let end = message.end(at);
        if let Some(next) = message.before(at, Sense::Next) {
            return (next, Some(Weeks::NextWeek), end);
        }
        let near = at.saturating_sub(WEEK_REACH)..(end + WEEK_REACH).min(message.len());
        for other in near {
            if message.has(other, Sense::NextWeek) {
                return (
                    at.min(other),
                    Some(Weeks::NextWeek),
                    end.max(message.end(other)),
                );
            }
            if let Some((amount, Span::Week, after)) = self.amount_ahead(other)
                && amount <= 52.0
                && (after <= at || other <= end + 1)
            {
                return (
                    at.min(other),
                    Some(Weeks::Ahead(amount as i64)),
                    end.max(after),
                );
            }
        }
        (at, None, end)
    }

    /// "za dwa tygodnie", "in a week", "in 3 Tagen", "two weeks from now": how many of what, and the token after it.
    fn amount_ahead(&self, at: usize) -> Option<(f64, Span, usize)> {
        let message = self.message;
        let is_in = message.has(at, Sense::InTime);
        let start = if is_in { message.end(at) } else { at };
        let (amount, unit_at) = match message.number_at(start) {
            Some(number) if !number.is_negative && !number.is_scaled => (number.value, number.to),
            Some(_) => return None,
            // "za tydzień", "in a week"
            None => (
                1.0,
                start + usize::from(matches!(message.tokens.word(start), "a" | "an")),
            ),
        };
        let span = message.pick(unit_at, |sense| match sense {
            Sense::Span(span) => Some(span),
            _ => None,
        })?;
        let end = message.end(unit_at);
        let is_from_now = !is_in && message.has(end, Sense::FromNow);
        if !is_in && !is_from_now || amount > AHEAD_MAX {
            return None;
        }
        Some((
            amount,
            span,
            if is_from_now { message.end(end) } else { end },
        ))
    }

    fn ahead(&self, at: usize, now: DateTime) -> Option<(Moment, Range<usize>)> {
        let (amount, span, end) = self.amount_ahead(at)?;
        if amount.fract() != 0.0 {
            return None;
        }
        let amount = amount as i64;
        let day = match span {
            Span::Hour => {
                let at_minute = now
                    .checked_add(amount.hours())
                    .ok()?
                    .round(jiff::Unit::Minute)
                    .ok()?;
                return Some((Moment::Instant(at_minute), at..end));
            }
            Span::Day => self.today.checked_add(amount.days()),
            Span::Week => self.today.checked_add(amount.weeks()),
            Span::Fortnight => self.today.checked_add((amount * 2).weeks()),
            Span::Month => self.today.checked_add(amount.months()),
        };
        Some((Moment::Day(day.ok()?), at..end))
    }
}
