//! The area of what is to be finished, in square metres.
//!
//! * A range gives its middle: a quote for "50-60 m²" is then wrong by a tenth at most, either way.
//! * Square feet are converted. Metres alone count from 10 on, unless they measure a length ("200 metrów od morza").
//! * The area of a part ("łazienka 8 m²") counts only when nothing else has one.

use super::EntityKind;
use super::lexicon::{Sense, Unit};
use super::message::Message;
use super::numbers::{self, Range};

/// Square metres that can be meant.
const POSSIBLE_M2: std::ops::RangeInclusive<f64> = 2.0..=10_000.0;
/// Metres without "square" below this are lengths.
const BARE_METRES_FROM: f64 = 10.0;
const SQUARE_FOOT_M2: f64 = 0.092_903_04;
/// Words between "powierzchnia" and its number at most.
const NOUN_REACH: usize = 4;

struct Candidate {
    m2: f64,
    tokens: std::ops::Range<usize>,
    is_part: bool,
}

/// Finds the area.
pub(super) fn find(message: &mut Message) {
    let mut candidates = Vec::new();
    let mut index = 0;
    while index < message.numbers.len() {
        let (candidate, used) = candidate(message, index);
        candidates.extend(candidate);
        index += used;
    }
    let best = candidates.iter().position(|candidate| !candidate.is_part);
    if let Some(best) = candidates.get(best.unwrap_or(0)) {
        message.found.area_m2 = Some(best.m2);
        message.take(EntityKind::Area, best.tokens.clone());
    }
    for other in candidates {
        message.hide(other.tokens);
    }
}

/// What was asked for as an area and is a number alone: "60", "około 60".
pub(super) fn expected(message: &mut Message) {
    let free = (0..message.numbers.len()).find(|&index| {
        let number = message.numbers[index];
        message.is_free(number.from..number.to)
    });
    let Some(index) = free else { return };
    let mut range = numbers::range(message, index, |_| None);
    // "60 metrów": asked for an area, nobody means a length.
    if let Some((Unit::Metre, end)) = message.unit(range.to) {
        range.to = end;
    }
    if let Some(m2) = middle(&range, 1.0) {
        message.found.area_m2 = Some(m2);
        message.take(EntityKind::Area, range.from..range.to);
    }
}

/// The area at the number `index`, and how many numbers were read.
fn candidate(message: &Message, index: usize) -> (Option<Candidate>, usize) {
    let area_unit = |at: usize| match message.unit(at)? {
        (Unit::SquareMetre | Unit::SquareFoot | Unit::Metre, end) => Some(end),
        _ => None,
    };
    let mut range = numbers::range(message, index, area_unit);
    if range.numbers == 2 && area_unit(range.to).is_none() && !is_after_noun(message, &range) {
        let first = message.numbers[index];
        range = Range {
            high: first.value,
            low: first.value,
            to: first.to,
            numbers: 1,
            ..range
        };
    }
    let used = range.numbers;
    if !message.is_free(range.from..range.to) {
        return (None, used);
    }
    let found = match message.unit(range.to) {
        Some((Unit::SquareMetre, end)) => middle(&range, 1.0).map(|m2| (m2, end)),
        Some((Unit::SquareFoot, end)) => middle(&range, SQUARE_FOOT_M2).map(|m2| (m2, end)),
        Some((Unit::Metre, end)) if is_bare_area(message, &range, end) => {
            middle(&range, 1.0).map(|m2| (m2, end))
        }
        None if !range.is_scaled
            && is_after_noun(message, &range)
            && !counts(message, range.to) =>
        {
            middle(&range, 1.0).map(|m2| (m2, range.to))
        }
        _ => None,
    };
    let candidate = found.map(|(m2, end)| Candidate {
        m2,
        is_part: is_part(message, range.from, end),
        tokens: range.from..end,
    });
    (candidate, used)
}

fn middle(range: &Range, unit_m2: f64) -> Option<f64> {
    let m2 = f64::midpoint(range.low, range.high) * unit_m2;
    let m2 = (m2 * 100.0).round() / 100.0;
    (!range.is_negative && POSSIBLE_M2.contains(&m2)).then_some(m2)
}

/// Metres without "square", where no length is told: neither "od morza" nor a cubic or running metre follows.
fn is_bare_area(message: &Message, range: &Range, end: usize) -> bool {
    let is_cubic = !message.tokens.glued_digits(end).is_empty();
    range.low >= BARE_METRES_FROM && !is_cubic && !message.has(end, Sense::Length)
}

/// "powierzchnia: 60", "metraż to około 60".
fn is_after_noun(message: &Message, range: &Range) -> bool {
    let reach = range.from.saturating_sub(NOUN_REACH)..range.from;
    let Some(noun) = reach.rev().find(|&at| message.has(at, Sense::AreaNoun)) else {
        return false;
    };
    (message.end(noun)..range.from).all(|at| {
        message.has(at, Sense::Filler)
            || message.has(at, Sense::FromPlace)
            || matches!(message.tokens.symbol(at), Some(':' | '-' | '=' | '.'))
    })
}

/// Whether what follows is counted by the number before it.
fn counts(message: &Message, at: usize) -> bool {
    message.has(at, Sense::Thing)
        || message
            .pick(at, |sense| matches!(sense, Sense::Span(_)).then_some(()))
            .is_some()
        || message.tokens.is(at, '%')
}

/// "łazienka 8 m²", "8 m² łazienki", "ogród ma 200 m²".
fn is_part(message: &Message, from: usize, end: usize) -> bool {
    let before = (from.saturating_sub(3)..from)
        .rev()
        .take_while(|&at| message.tokens.symbol(at).is_none() || message.tokens.is(at, '-'))
        .any(|at| message.has(at, Sense::Part));
    before || message.has(end, Sense::Part)
}
