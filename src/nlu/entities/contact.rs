//! E-mail addresses and phone numbers.
//!
//! Phone numbers come out in E.164. Without a country code nine digits are Polish (+48), and in a German message ten to
//! twelve with a leading zero German (+49). Only the length and the grouping are checked, not whether the number is in
//! use: a number somebody typed wrongly is better kept than dropped.

use super::EntityKind;
use super::lexicon::{Sense, Unit};
use super::message::Message;
use crate::nlu::Lang;
use std::ops::Range;

/// Longest local part and domain (RFC 5321).
const LOCAL_MAX: usize = 64;
const DOMAIN_MAX: usize = 253;
/// Tokens an address can have on either side of its "@".
const SIDE_TOKENS: usize = 40;
/// Groups of digits a phone number can have.
const GROUPS_MAX: usize = 10;
/// How nine digits are grouped in Poland.
const POLISH: [&[usize]; 8] = [
    &[9],
    &[3, 3, 3],
    &[2, 3, 2, 2],
    &[2, 7],
    &[3, 6],
    &[3, 2, 2, 2],
    &[2, 3, 4],
    &[5, 4],
];

/// Finds the e-mail address, and keeps other rules from reading it and addresses of pages.
pub(super) fn email(message: &mut Message) {
    for at in 0..message.len() {
        if message.tokens.is(at, '@') {
            let tokens = address(message, at);
            let written = message.written(tokens.clone()).to_lowercase();
            if message.found.email.is_none() && is_email(&written) {
                message.found.email = Some(written);
                message.take(EntityKind::Email, tokens);
            } else {
                message.hide(tokens);
            }
        } else if message.is_free(at..at + 1) && is_page(message, at) {
            let end = (at + 1..message.len()).find(|&at| !message.tokens.is_glued(at));
            message.hide(at..end.unwrap_or(message.len()));
        }
    }
}

/// The tokens around an "@" that can be part of an address.
fn address(message: &Message, at: usize) -> Range<usize> {
    let tokens = &message.tokens;
    let fits = |at: usize| {
        tokens
            .symbol(at)
            .is_none_or(|c| matches!(c, '.' | '_' | '-' | '+' | '%'))
    };
    let mut from = at;
    while from > 0 && at - from < SIDE_TOKENS && tokens.is_glued(from) && fits(from - 1) {
        from -= 1;
    }
    let mut end = at + 1;
    while end < message.len() && end - at < SIDE_TOKENS && tokens.is_glued(end) && fits(end) {
        end += 1;
    }
    while end > at + 1 && tokens.symbol(end - 1).is_some() {
        end -= 1;
    }
    while from < at && tokens.symbol(from).is_some() {
        from += 1;
    }
    from..end
}

fn is_email(written: &str) -> bool {
    let Some((local, domain)) = written.split_once('@') else {
        return false;
    };
    let is_dotted = |part: &str| part.is_ascii() && !part.split('.').any(str::is_empty);
    let is_label = |label: &str| {
        !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let ending = domain.rsplit('.').next().unwrap_or_default();
    (1..=LOCAL_MAX).contains(&local.len())
        && domain.len() <= DOMAIN_MAX
        && is_dotted(local)
        && is_dotted(domain)
        && domain.contains('.')
        && domain.split('.').all(is_label)
        && ending.len() >= 2
        && ending.chars().all(|c| c.is_ascii_alphabetic())
}

fn is_page(message: &Message, at: usize) -> bool {
    let next = |c: char| message.tokens.is(at + 1, c) && message.tokens.is_glued(at + 1);
    match message.tokens.word(at) {
        "www" => next('.'),
        "http" | "https" => next(':') && message.tokens.is(at + 2, '/'),
        _ => false,
    }
}

/// A run of digits with what may stand between them.
struct Run<'a> {
    has_plus: bool,
    groups: Vec<(&'a str, usize)>,
}

/// Finds the phone number.
pub(super) fn phone(message: &mut Message) {
    let mut at = 0;
    while at < message.len() {
        let run = run_at(message, at);
        let Some(&(_, last)) = run.groups.last() else {
            at += 1;
            continue;
        };
        if let Some((phone, tokens)) = phone_in(message, &run, at)
            && message.found.phone.is_none()
        {
            message.found.phone = Some(phone);
            message.take(EntityKind::Phone, tokens);
        }
        at = last + 1;
    }
}

/// The digits from `at` on: groups with one blank, dash, dot, slash or bracket between them.
fn run_at<'m>(message: &'m Message, at: usize) -> Run<'m> {
    let tokens = &message.tokens;
    let has_plus = tokens.is(at, '+');
    let mut run = Run {
        has_plus,
        groups: Vec::new(),
    };
    let is_word_before = at > 0
        && tokens.is_glued(at)
        && !tokens.word(at - 1).is_empty()
        && !message.is_after(at, Sense::PhoneNoun);
    let is_inside = at > 0
        && tokens.is_glued(at)
        && matches!(tokens.symbol(at - 1), Some(',' | ':' | '@'))
        && !(tokens.is(at - 1, ':') && tokens.digits(at.saturating_sub(2)).is_empty());
    if is_word_before || is_inside {
        return run;
    }
    let mut next =
        at + usize::from(has_plus) + usize::from(tokens.is(at + usize::from(has_plus), '('));
    if next == at && tokens.digits(at).is_empty() {
        return run;
    }
    while run.groups.len() < GROUPS_MAX && message.is_free(next..(next + 1).min(message.len())) {
        let digits = tokens.digits(next);
        if digits.is_empty()
            || tokens.get(next).is_some_and(|token| token.on_new_line) && !run.groups.is_empty()
        {
            break;
        }
        run.groups.push((digits, next));
        next += 1;
        let mut marks = 0;
        while matches!(tokens.symbol(next), Some('-' | '.' | '/' | '(' | ')')) && marks < 2 {
            next += 1;
            marks += 1;
        }
    }
    run
}

/// The phone number in a run, and its tokens.
fn phone_in(message: &Message, run: &Run, at: usize) -> Option<(String, Range<usize>)> {
    if message.is_after(at, Sense::NoPhone)
        || at > 0 && message.tokens.is(at - 1, ':') && message.is_after(at - 1, Sense::NoPhone)
    {
        return None;
    }
    let first = run.groups.first()?.0;
    if run.has_plus || first.starts_with("00") && first.len() != 9 {
        return international(run, at);
    }
    let all: String = run.groups.iter().map(|(digits, _)| *digits).collect();
    let last = run.groups.last()?.1;
    if message.lang == Lang::De
        && first.len() > 2
        && first.starts_with('0')
        && (10..=12).contains(&all.len())
    {
        return Some((format!("+49{}", &all[1..]), at..last + 1));
    }
    // Another number may stand before: "60 m² 601 234 567" has none, "nr 5, 601234567" may have.
    (0..run.groups.len()).find_map(|skip| {
        let groups = &run.groups[skip..];
        let (phone, used) = polish(groups)?;
        let (from, end) = (groups[0].1, groups[used - 1].1 + 1);
        let is_rest = groups.len() > used && !message.tokens.is_glued(groups[used].1);
        let is_whole = groups.len() == used || is_rest && skip == 0;
        let counts = message
            .unit(end)
            .is_some_and(|(unit, _)| unit != Unit::Room)
            || message.has(end, Sense::Scale(1e3))
            || message.has(end, Sense::Scale(1e6));
        let from = if skip == 0 { at } else { from };
        (is_whole && !counts).then_some((phone, from..end))
    })
}

/// A number with its country code: after "+" or "00". Polish ones end after nine digits; others take what there is.
fn international(run: &Run, at: usize) -> Option<(String, Range<usize>)> {
    let mut digits = String::new();
    let mut end = at;
    for (index, (group, token)) in run.groups.iter().enumerate() {
        let group = match index {
            0 if !run.has_plus => group.strip_prefix("00")?,
            // "+49 (0) 171": the zero is dialled inside the country only.
            _ if index > 0 && *group == "0" => "",
            _ => group,
        };
        if digits.len() + group.len() > 15 {
            break;
        }
        digits.push_str(group);
        end = token + 1;
        if digits.starts_with("48") && digits.len() >= 11 {
            break;
        }
    }
    let is_polish = digits.starts_with("48");
    let fits = if is_polish {
        digits.len() == 11 && !digits[2..].starts_with('0')
    } else {
        (9..=15).contains(&digits.len()) && !digits.starts_with('0')
    };
    fits.then(|| (format!("+{digits}"), at..end))
}

/// A Polish number at the beginning of the groups, with or without 48 or the old trunk zero, and how many it takes.
fn polish(groups: &[(&str, usize)]) -> Option<(String, usize)> {
    let lengths: Vec<usize> = groups.iter().map(|(digits, _)| digits.len()).collect();
    for used in 1..=groups.len().min(5) {
        let all: String = groups[..used].iter().map(|(digits, _)| *digits).collect();
        let (country, rest) = match (all.len(), groups[0].0) {
            (9, _) => (0, lengths[..used].to_vec()),
            (10, first) if first.starts_with('0') => (1, trimmed(&lengths[..used], 1)),
            (11, first) if first.starts_with("48") => (2, trimmed(&lengths[..used], 2)),
            _ => continue,
        };
        let national = &all[country..];
        if !national.starts_with('0') && POLISH.contains(&rest.as_slice()) {
            return Some((format!("+48{national}"), used));
        }
    }
    None
}

/// Lengths of the groups without the first `digits` digits.
fn trimmed(lengths: &[usize], digits: usize) -> Vec<usize> {
    let mut lengths = lengths.to_vec();
    lengths[0] -= digits;
    lengths.retain(|length| *length > 0);
    lengths
}
