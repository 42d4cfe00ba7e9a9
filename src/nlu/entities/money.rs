//! The budget, in whole zlotys.
//!
//! * A range gives its upper end: that is what the visitor is ready to pay.
//! * A sum is a budget when it has a currency, a scale ("150k") or the word budget before it, or is a round number of
//!   thousands that counts nothing else. After the word budget a number below 1,000 means thousands.
//! * A price per metre, hour or room is none, nor is a sum in another currency: there is no rate to convert it with.

use super::EntityKind;
use super::lexicon::{Sense, Unit};
use super::message::Message;
use super::numbers::{self, Range};

/// Zlotys somebody can have for finishing a home.
const POSSIBLE_PLN: std::ops::RangeInclusive<f64> = 1_000.0..=100_000_000.0;
/// A bare number from here on may be a budget, when it is round.
const BARE_FROM: f64 = 10_000.0;
/// Words between "budżet" and its number at most.
const NOUN_REACH: usize = 4;

/// Finds the budget: one with the word budget before others, then the first.
pub(super) fn find(message: &mut Message) {
    let mut best: Option<(bool, i64, std::ops::Range<usize>)> = None;
    let mut index = 0;
    while index < message.numbers.len() {
        let range = price_range(message, index);
        index += range.numbers;
        let is_named = is_after_noun(message, &range);
        let is_better = best.as_ref().is_none_or(|(known, ..)| is_named && !known);
        if let Some((pln, end)) = budget(message, &range, is_named)
            && is_better
        {
            best = Some((is_named, pln, range.from..end));
        }
    }
    if let Some((_, pln, tokens)) = best {
        message.found.budget_pln = Some(pln);
        message.take(EntityKind::Budget, tokens);
    }
}

/// What was asked for as a budget and is a number alone: "150" are thousands, "80000" is what it says.
pub(super) fn expected(message: &mut Message) {
    let mut index = 0;
    while index < message.numbers.len() {
        let range = price_range(message, index);
        index += range.numbers;
        if let Some((pln, end)) = budget(message, &range, true) {
            message.found.budget_pln = Some(pln);
            message.take(EntityKind::Budget, range.from..end);
            return;
        }
    }
}

/// The number `index`, as a range where one is told; the currency may stand after both ends.
fn price_range(message: &Message, index: usize) -> Range {
    let zloty = |at: usize| match message.unit(at)? {
        (Unit::Zloty, end) => Some(end),
        _ => None,
    };
    let first = message.numbers[index];
    let range = numbers::range(message, index, zloty);
    let counts_other = message
        .unit(range.to)
        .is_some_and(|(unit, _)| !matches!(unit, Unit::Zloty | Unit::OtherMoney));
    if range.numbers == 2 && counts_other {
        return Range {
            low: first.value,
            high: first.value,
            to: first.to,
            is_scaled: first.is_scaled,
            numbers: 1,
            ..range
        };
    }
    range
}

/// The budget a range of numbers is, and the token after it.
fn budget(message: &Message, range: &Range, is_named: bool) -> Option<(i64, usize)> {
    if range.is_negative
        || !message.is_free(range.from..range.to)
        || is_after_each(message, range.from)
    {
        return None;
    }
    let is_zloty_before = message.is_after(range.from, Sense::Unit(Unit::Zloty));
    let (has_currency, end) = match message.unit(range.to) {
        Some((Unit::Zloty, end)) => (true, end),
        Some(_) => return None,
        None => (is_zloty_before && is_named, range.to),
    };
    if is_other_money(message, range.from) || is_per_each(message, end) {
        return None;
    }
    let is_plain = !has_currency && !range.is_scaled;
    if is_plain
        && (!(is_named || is_round(range.high)) || counts(message, end) || is_year(message, range))
    {
        return None;
    }
    if range.is_scaled && counts(message, end) {
        return None;
    }
    let in_thousands = is_plain && is_named && range.high < 1_000.0;
    let pln = range.high * if in_thousands { 1_000.0 } else { 1.0 };
    POSSIBLE_PLN
        .contains(&pln)
        .then_some((pln.round() as i64, end))
}

fn is_round(value: f64) -> bool {
    value >= BARE_FROM && value % 1_000.0 == 0.0
}

/// "budżet to około 120", "mam 80 000 na remont".
fn is_after_noun(message: &Message, range: &Range) -> bool {
    let reach = range.from.saturating_sub(NOUN_REACH)..range.from;
    let before = reach
        .rev()
        .find(|&at| message.has(at, Sense::BudgetNoun))
        .is_some_and(|noun| {
            (message.end(noun)..range.from).all(|at| {
                message.has(at, Sense::Filler)
                    || message.has(at, Sense::FromPlace)
                    || message.has(at, Sense::Between)
                    || message.has(at, Sense::Unit(Unit::Zloty))
                    || matches!(message.tokens.symbol(at), Some(':' | '-' | '=' | '.' | '~'))
            })
        });
    // "80 000 na remont"; but "ein Budget von 150.000" has no budget of one.
    before || range.high >= 10.0 && message.has(range.to, Sense::BudgetNoun)
}

/// A number that counts something else than money.
fn counts(message: &Message, at: usize) -> bool {
    message.has(at, Sense::Thing)
        || message.has(at, Sense::Length)
            && !message.has(at, Sense::To)
            && !message.has(at, Sense::FromPlace)
            && !message.has(at, Sense::Per)
        || message
            .pick(at, |sense| {
                matches!(sense, Sense::Span(_) | Sense::Month(_)).then_some(())
            })
            .is_some()
        || matches!(message.tokens.symbol(at), Some('%' | ':' | '@'))
}

/// "2027" alone, or as part of a date or a postal code.
fn is_year(message: &Message, range: &Range) -> bool {
    let next = range.to;
    let is_joined = |at: usize| matches!(message.tokens.symbol(at), Some('-' | '.' | '/'));
    let before =
        range.from.checked_sub(1).is_some_and(is_joined) && message.tokens.is_glued(range.from);
    before
        || is_joined(next)
            && message.tokens.is_glued(next)
            && !message.tokens.glued_digits(next + 1).is_empty()
        || message.has(next, Sense::YearWord)
}

/// "2000 zł/m²", "za metr", "per hour", "miesięcznie", "zł m2".
fn is_per_each(message: &Message, end: usize) -> bool {
    // "zł brutto za m2", "PLN net per m²"
    let end = end
        + usize::from(matches!(
            message.tokens.word(end),
            "brutto" | "netto" | "net" | "gross"
        ));
    if message.tokens.is(end, '/') {
        return true;
    }
    let each = if message.has(end, Sense::Per) {
        message.end(end)
    } else {
        end
    };
    let each = each
        + usize::from(matches!(
            message.tokens.word(each),
            "1" | "jeden" | "kazdy" | "one"
        ));
    let each = each + usize::from(message.tokens.digits(each) == "1");
    message.has(each, Sense::Each)
        || message
            .unit(each)
            .is_some_and(|(unit, _)| unit == Unit::SquareMetre)
}

/// "za m2 2000 zł", "cena za metr: 2000".
fn is_after_each(message: &Message, from: usize) -> bool {
    let from =
        from - usize::from(from > 0 && matches!(message.tokens.symbol(from - 1), Some(':' | '-')));
    message
        .before(from, Sense::Each)
        .or_else(|| message.before(from, Sense::Unit(Unit::SquareMetre)))
        .is_some_and(|each| message.is_after(each, Sense::Per))
}

/// "€ 30.000", "EUR 30.000".
fn is_other_money(message: &Message, from: usize) -> bool {
    from > 0 && matches!(message.tokens.symbol(from - 1), Some('€' | '$' | '£'))
        || message.is_after(from, Sense::Unit(Unit::OtherMoney))
}
