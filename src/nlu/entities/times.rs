//! The time of day meant.
//!
//! * Hours are those of business: 1:00 to 6:59 without "rano", "am" or a leading zero are in the afternoon ("o piątej" is
//!   17:00, "halb fünf" 16:30, "05:00" stays).
//! * "po 15", "after 5", "nach 17 Uhr" give the hour that is named; "od 9 do 17" gives the first.
//! * "rano", "po południu", "am Abend" alone name no hour, nor does "przed 12".

use super::EntityKind;
use super::lexicon::Sense;
use super::message::Message;
use jiff::civil::Time;
use std::ops::Range;

/// Hours up to this one are in the afternoon unless the message says otherwise.
const AFTERNOON_TO: i8 = 6;

/// An hour as written, before it is known which half of the day it is in.
struct Clock {
    hour: i8,
    minute: i8,
    /// It has minutes or "Uhr", so it is surely a time.
    is_clear: bool,
    /// It has a leading zero, or is past noon.
    is_24h: bool,
    end: usize,
}

/// Finds the time; `is_expected`: it was asked for, so an hour alone ("17") is one.
pub(super) fn find(message: &mut Message, is_expected: bool) {
    if message.found.time.is_some() {
        return;
    }
    let all = 0..message.len();
    let found = all
        .clone()
        .find_map(|at| quarter(message, at))
        .or_else(|| all.clone().find_map(|at| marked(message, at)))
        .or_else(|| all.clone().find_map(|at| alone(message, at, is_expected)));
    if let Some((time, tokens)) = found {
        message.found.time = Some(time);
        message.take(EntityKind::Time, tokens);
    }
}

type Found = Option<(Time, Range<usize>)>;

/// After a word that asks for an hour: "o 17", "po 15", "um fünf".
fn marked(message: &Message, at: usize) -> Found {
    let is_at = message.has(at, Sense::At);
    let is_from = message.has(at, Sense::FromHour);
    if !is_at && !is_from {
        return None;
    }
    let mut start = message.skip_dot(message.end(at));
    while message.has(start, Sense::At)
        || message.tokens.is(start, ':')
        || matches!(
            message.tokens.word(start),
            "ok" | "ca" | "okolo" | "about" | "circa"
        )
    {
        start = message.skip_dot(message.end(start));
    }
    let clock = clock(message, start)?;
    let end = after_range(message, clock.end);
    let goes_on = message
        .tokens
        .get(end)
        .is_none_or(|token| token.on_new_line)
        || matches!(message.tokens.symbol(end), Some(c) if c != '%')
        || goes_on(message, end);
    let is_time = !counts(message, end) && (is_at || clock.is_clear || goes_on);
    is_time.then(|| finish(message, &clock, at))?
}

/// The token after the second number of "od 2 do 3 tygodni": what is counted stands there.
fn after_range(message: &Message, at: usize) -> usize {
    let is_link =
        message.has(at, Sense::To) || message.has(at, Sense::And) || message.tokens.is(at, '-');
    let second = message.number_at(at + 1).filter(|_| is_link);
    second.map_or(at, |number| number.to)
}

/// Without such a word: "17:30", "17 Uhr", "5pm", "9 rano", "w południe".
fn alone(message: &Message, at: usize, is_expected: bool) -> Found {
    if message.has(at, Sense::Noon) {
        let tokens = at..message.end(at);
        return message
            .is_free(tokens.clone())
            .then_some((Time::constant(12, 0, 0, 0), tokens));
    }
    let clock = clock(message, at)?;
    let has_colon = message.tokens.is(at + 1, ':');
    let is_clear = has_colon && clock.is_clear
        || message.has(clock.end, Sense::Am)
        || message.has(clock.end, Sense::Pm)
        || has_clock_word(message, at, clock.end);
    let is_answer = is_expected && !counts(message, clock.end);
    if !is_clear && !is_answer {
        return None;
    }
    finish(message, &clock, at)
}

fn has_clock_word(message: &Message, at: usize, end: usize) -> bool {
    (at..end).any(|at| message.has(at, Sense::Clock))
}

/// "wpół do piątej", "halb fünf", "half past four", "kwadrans po czwartej".
fn quarter(message: &Message, at: usize) -> Found {
    let minutes = message.pick(at, |sense| match sense {
        Sense::Quarter(minutes) => Some(minutes),
        _ => None,
    })?;
    let mut clock = clock(message, message.end(at)).filter(|clock| clock.minute == 0)?;
    if minutes < 0 {
        clock.hour = (clock.hour + 23) % 24;
        clock.minute = 60 + minutes;
    } else {
        clock.minute = minutes;
    }
    finish(message, &clock, at)
}

/// The hour at `at`, with its minutes.
fn clock(message: &Message, at: usize) -> Option<Clock> {
    let tokens = &message.tokens;
    let written = tokens.digits(at);
    if written.is_empty() {
        return spoken(message, at);
    }
    let is_inside = at > 0
        && tokens.is_glued(at)
        && matches!(
            tokens.symbol(at - 1),
            Some('.' | ',' | ':' | '-' | '/' | '+')
        );
    let hour: i8 = (written.len() <= 2 && !is_inside).then(|| written.parse().ok())??;
    let mut end = at + 1;
    let minutes = match tokens.symbol(end) {
        Some(':' | '.') if tokens.is_glued(end) => tokens.glued_digits(end + 1),
        Some(',' | '/' | '%') if !tokens.glued_digits(end + 1).is_empty() => return None,
        _ => "",
    };
    let mut minute: i8 = 0;
    if minutes.len() == 2 {
        minute = minutes.parse().ok()?;
        end += 2;
        // "15.12.2026", "1:50:20"
        if matches!(tokens.symbol(end), Some('.' | ':' | '-'))
            && !tokens.glued_digits(end + 1).is_empty()
        {
            return None;
        }
    } else if !minutes.is_empty() {
        return None;
    } else if tokens.is(end, '-') && tokens.is_glued(end) && message.has(end + 1, Sense::HourSuffix)
    {
        end += 2;
    }
    let mut is_clear = minutes.len() == 2;
    if message.has(end, Sense::Clock) {
        end = message.end(end);
        is_clear = true;
        // "17 Uhr 30"
        if minutes.is_empty() && tokens.digits(end).len() == 2 && message.unit(end + 1).is_none() {
            minute = tokens
                .digits(end)
                .parse()
                .ok()
                .filter(|minute| *minute < 60)?;
            end += 1;
        }
    }
    let is_24h = written.starts_with('0') || hour > 12;
    (hour < 24 && minute < 60).then_some(Clock {
        hour,
        minute,
        is_clear,
        is_24h,
        end,
    })
}

/// "piątej", "siedemnastej trzydzieści", "five", "fünf Uhr".
fn spoken(message: &Message, at: usize) -> Option<Clock> {
    let ordinal = message.pick(at, |sense| match sense {
        // Hours in Polish are feminine: "o piątej", not "piątego".
        Sense::Ordinal(hour) if message.tokens.word(at).ends_with(['j', 'a']) => Some(hour),
        _ => None,
    });
    let in_words = || {
        let number = message.number_at(at)?;
        let is_hour = (1.0..24.0).contains(&number.value) && number.value.fract() == 0.0;
        is_hour.then_some((number.value as i8, number.to))
    };
    let (hour, mut end) = ordinal
        .map(|hour| (hour, message.end(at)))
        .or_else(in_words)?;
    let mut is_clear = ordinal.is_some();
    if message.has(end, Sense::Clock) {
        end = message.end(end);
        is_clear = true;
    }
    let mut minute = 0;
    if is_clear
        && let Some(number) = message.number_at(end)
        && (1.0..60.0).contains(&number.value)
        && number.value.fract() == 0.0
        && message.tokens.digits(end).is_empty()
        && !counts(message, number.to)
    {
        (minute, end) = (number.value as i8, number.to);
    }
    (hour < 24).then_some(Clock {
        hour,
        minute,
        is_clear,
        is_24h: hour > 12,
        end,
    })
}

/// Decides the half of the day and claims the tokens from `from` on.
fn finish(message: &Message, clock: &Clock, from: usize) -> Found {
    let mut end = clock.end;
    let in_morning = message.has(end, Sense::Am);
    let after_noon = message.has(end, Sense::Pm);
    if in_morning || after_noon {
        end = message.skip_dot(message.end(end));
    }
    let hour = match clock.hour {
        12 if in_morning => 0,
        hour if in_morning => hour,
        hour @ 1..=11 if after_noon => hour + 12,
        // "halb eins" is 12:30, "um fünf" 17:00.
        hour @ 0..=AFTERNOON_TO if !clock.is_24h => hour + 12,
        hour => hour,
    };
    let time = Time::new(hour, clock.minute, 0, 0).ok()?;
    message.is_free(from..end).then_some((time, from..end))
}

/// Whether the number before `at` counts what stands there and is no hour.
fn counts(message: &Message, at: usize) -> bool {
    let is_counted = |sense| {
        let is_other = matches!(
            sense,
            Sense::Span(_)
                | Sense::Thing
                | Sense::Scale(_)
                | Sense::Month(_)
                | Sense::Length
                | Sense::Property(_)
        );
        is_other.then_some(())
    };
    message.unit(at).is_some()
        || message.tokens.is(at, '%')
        || !message.has(at, Sense::GoesOn) && message.pick(at, is_counted).is_some()
}

/// Whether the sentence goes on at `at` as it does after an hour.
fn goes_on(message: &Message, at: usize) -> bool {
    let is_moment = |sense| {
        let is_moment = matches!(
            sense,
            Sense::GoesOn
                | Sense::Am
                | Sense::Pm
                | Sense::Weekday(_)
                | Sense::DaysAhead(_)
                | Sense::On
                | Sense::To
                | Sense::PhoneNoun
                | Sense::Regards
        );
        is_moment.then_some(())
    };
    !counts(message, at) && message.pick(at, is_moment).is_some()
}
