//! Numbers in digits and in words of three languages: "62,5", "120 tys.", "1.200.000", "sto dwadzieścia tysięcy",
//! "one and a half million", "hundertzwanzigtausend".
//!
//! A dot, comma, apostrophe or blank before exactly three digits separates thousands; a dot or comma before any other
//! number of digits is the decimal mark. That holds in all three languages, because nobody writes an area or a sum with
//! three decimals, and visitors mix the habits.

use super::german;
use super::lexicon::Sense;
use super::message::Message;

/// Longest run of digits that is a number and no account or order.
const MAX_DIGITS: usize = 12;

/// A number and where it stands (tokens `from..to`).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Number {
    pub value: f64,
    pub from: usize,
    pub to: usize,
    /// It has a scale: thousand, k, million.
    pub is_scaled: bool,
    pub is_negative: bool,
}

/// A number, or two as a range: "50-60", "od 100 do 150", "between 50 and 60".
#[derive(Debug, Clone, Copy)]
pub(super) struct Range {
    pub low: f64,
    pub high: f64,
    pub from: usize,
    pub to: usize,
    pub is_scaled: bool,
    pub is_negative: bool,
    /// How many of the message's numbers it is made of.
    pub numbers: usize,
}

/// All numbers of a message.
pub(super) fn all(message: &Message) -> Vec<Number> {
    let mut numbers = Vec::new();
    let mut at = 0;
    while at < message.len() {
        match read(message, at) {
            Some(number) => {
                at = number.to;
                numbers.push(number);
            }
            None => at += 1,
        }
    }
    numbers
}

/// The range that begins with the number `index`. A low end without a scale takes that of the high one ("100-150 tys.").
/// Between the two ends the unit may stand, where `is_unit` knows it.
pub(super) fn range(
    message: &Message,
    index: usize,
    is_unit: impl Fn(usize) -> Option<usize>,
) -> Range {
    let first = message.numbers[index];
    let single = Range {
        low: first.value,
        high: first.value,
        from: first.from,
        to: first.to,
        is_scaled: first.is_scaled,
        is_negative: first.is_negative,
        numbers: 1,
    };
    let Some(second) = message.numbers.get(index + 1) else {
        return single;
    };
    let link = is_unit(first.to).unwrap_or(first.to);
    let is_linked = second.from == link + 1
        && (message.tokens.is(link, '-')
            || message.has(link, Sense::To)
            || message.has(link, Sense::And) && message.is_after(first.from, Sense::Between));
    let scale = if second.is_scaled && !first.is_scaled && first.value < 1000.0 {
        if second.value >= 1e6 { 1e6 } else { 1e3 }
    } else {
        1.0
    };
    let low = first.value * scale;
    if !is_linked || low > second.value {
        return single;
    }
    Range {
        low,
        high: second.value,
        to: second.to,
        is_scaled: second.is_scaled,
        numbers: 2,
        ..single
    }
}

/// The number that begins at `at`.
fn read(message: &Message, at: usize) -> Option<Number> {
    let is_digits = !message.tokens.digits(at).is_empty();
    // "m2" and "M3" are no numbers.
    if is_digits && message.tokens.is_glued(at) && !message.tokens.word(at - 1).is_empty() {
        return None;
    }
    let (value, to, is_scaled) = sum(message, at)?;
    let is_negative = at > 0
        && is_digits
        && message.tokens.is(at - 1, '-')
        && message.tokens.is_glued(at)
        && (at == 1 || !message.tokens.is_glued(at - 1));
    Some(Number {
        value,
        from: at,
        to,
        is_scaled,
        is_negative,
    })
}

/// Adds up what stands in a row from `at`, falling in size: "1 mln 200 tys.", "two hundred and fifty thousand".
fn sum(message: &Message, at: usize) -> Option<(f64, usize, bool)> {
    let mut total = 0.0;
    let mut last_scale = f64::INFINITY;
    let mut is_scaled = false;
    let mut next = at;
    while let Some((part, mut end)) = below_scale(message, next, is_scaled) {
        let mut value = part;
        let mut scale = 1.0;
        while let Some(factor) = scale_at(message, end) {
            scale *= factor;
            end = message.skip_dot(message.end(end));
        }
        // "pół" is a number only before a scale.
        if (part - 0.5).abs() < f64::EPSILON
            && scale < 1000.0
            && message.tokens.digits(next).is_empty()
        {
            break;
        }
        // After a scale only hundreds go on: in "sto tysięcy dwa pokoje" the two are rooms.
        if scale >= last_scale || is_scaled && scale <= 1.0 && !(100.0..1000.0).contains(&part) {
            break;
        }
        value *= scale;
        total += value;
        is_scaled |= scale > 1.0 || value >= 1000.0 && message.tokens.digits(next).is_empty();
        last_scale = scale;
        next = end;
        if scale <= 1.0 {
            break;
        }
    }
    (next > at).then_some((total, next, is_scaled))
}

fn scale_at(message: &Message, at: usize) -> Option<f64> {
    // "100-tysięczny" and "150 k" alike; but no scale across a line.
    if message.tokens.get(at)?.on_new_line {
        return None;
    }
    message.pick(at, |sense| match sense {
        Sense::Scale(factor) if factor >= 1000.0 => Some(factor),
        _ => None,
    })
}

/// The part before a scale: digits, or words up to 999. `continues`: a part with a scale stands before; then only a
/// part in words, or in digits with a scale of its own, goes on.
fn below_scale(message: &Message, at: usize, continues: bool) -> Option<(f64, usize)> {
    if let Some((value, end)) = digits(message, at) {
        let goes_on = !continues || scale_at(message, end).is_some();
        return goes_on.then_some((value, end));
    }
    if let Some(found) = words(message, at) {
        return Some(found);
    }
    // "tysiąc" and "a thousand" are one of it; "kilka tysięcy" and "several thousand" are no number.
    let is_one = matches!(message.tokens.word(at), "tysiac" | "milion")
        || at > 0 && message.tokens.word(at - 1) == "a";
    (is_one && !continues && scale_at(message, at).is_some()).then_some((1.0, at))
}

/// A number in digits at `at`, with its decimals, and the token after it.
fn digits(message: &Message, at: usize) -> Option<(f64, usize)> {
    let tokens = &message.tokens;
    let first = tokens.digits(at);
    if first.is_empty() || first.len() > MAX_DIGITS {
        return None;
    }
    let mut written = first.to_owned();
    let mut end = at + 1;
    let mut separator = None;
    while first.len() <= 3 && first != "0" && written.len() <= MAX_DIGITS {
        let (mark, group) = match tokens.symbol(end) {
            Some(c @ ('.' | ',' | '\'')) if tokens.is_glued(end) => (c, end + 1),
            None if !tokens.is_glued(end) => (' ', end),
            _ => break,
        };
        let is_group = tokens.digits(group).len() == 3 && (mark == ' ') != tokens.is_glued(group);
        let is_line = tokens.get(group).is_some_and(|token| token.on_new_line);
        if !is_group || is_line || separator.is_some_and(|known| known != mark) {
            break;
        }
        written.push_str(tokens.digits(group));
        separator = Some(mark);
        end = group + 1;
    }
    let decimals = match tokens.symbol(end) {
        Some(c @ ('.' | ',')) if tokens.is_glued(end) && separator != Some(c) => {
            tokens.glued_digits(end + 1)
        }
        _ => "",
    };
    let is_date =
        matches!(tokens.symbol(end + 2), Some('.')) && !tokens.glued_digits(end + 3).is_empty();
    if !decimals.is_empty() && decimals.len() <= MAX_DIGITS && !is_date {
        written.push('.');
        written.push_str(decimals);
        end += 2;
    }
    Some((written.parse().ok()?, end))
}

/// A number below 1,000 in words at `at` (German compounds: below a million), and the token after it.
fn words(message: &Message, at: usize) -> Option<(f64, usize)> {
    let mut value = 0.0;
    // What the next word must stay below: "sto" leaves room for 99, "dwadzieścia" for 9.
    let mut room = f64::INFINITY;
    let mut end = at;
    loop {
        let next = end + usize::from(end > at && is_joint(message, end));
        if let Some(part) = word_value(message, next).filter(|part| *part < room) {
            value += part;
            end = message.end(next);
            room = room_after(part);
        } else if end > at && value < 10.0 && message.has(next, Sense::Scale(100.0)) {
            value = value.max(1.0) * 100.0;
            end = message.end(next);
            room = 100.0;
        } else {
            break;
        }
        if room <= 1.0 && !message.has(end, Sense::Scale(100.0)) {
            break;
        }
    }
    (end > at).then_some((value, end))
}

/// "and", a hyphen: between the words of one number.
fn is_joint(message: &Message, at: usize) -> bool {
    let is_hyphen = message.tokens.is(at, '-') && message.tokens.is_glued(at);
    let is_and = matches!(message.tokens.word(at), "and" | "und");
    (is_hyphen || is_and) && word_value(message, at + 1).is_some()
}

fn word_value(message: &Message, at: usize) -> Option<f64> {
    let word = message.tokens.word(at);
    if word.is_empty() {
        return None;
    }
    let known = message.pick(at, |sense| match sense {
        Sense::Number(value) => Some(value),
        _ => None,
    });
    known.or_else(|| german::number(word).map(f64::from))
}

fn room_after(part: f64) -> f64 {
    if part >= 100.0 {
        100.0
    } else if part >= 20.0 {
        10.0
    } else {
        1.0
    }
}
