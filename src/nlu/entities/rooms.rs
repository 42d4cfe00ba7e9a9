//! How many rooms: "3 pokoje", "trzypokojowe", "two-bedroom", "Dreizimmerwohnung", "liczba pokoi: 3".
//!
//! Of a range the larger number counts; half rooms, which only German knows, are rounded down. Bedrooms are counted as
//! the visitor counts them.

use super::EntityKind;
use super::german;
use super::lexicon::{Sense, Unit};
use super::message::Message;
use super::numbers;

/// Rooms a home can have.
const POSSIBLE: std::ops::RangeInclusive<f64> = 1.0..=30.0;

/// Beginnings of "…pokojowe" in one word.
const POLISH: [(&str, u32); 8] = [
    ("jedno", 1),
    ("dwu", 2),
    ("trzy", 3),
    ("cztero", 4),
    ("piecio", 5),
    ("szescio", 6),
    ("siedmio", 7),
    ("osmio", 8),
];

/// Finds the number of rooms.
pub(super) fn find(message: &mut Message) {
    let found = counted(message)
        .or_else(|| in_one_word(message))
        .or_else(|| listed(message));
    if let Some((rooms, tokens)) = found {
        message.found.rooms = Some(rooms);
        message.take(EntityKind::Rooms, tokens);
    }
}

/// What was asked for as a number of rooms and is a number alone.
pub(super) fn expected(message: &mut Message) {
    let found = (0..message.numbers.len()).find_map(|index| {
        let range = numbers::range(message, index, |_| None);
        let tokens = range.from..range.to;
        (message.is_free(tokens.clone()) && !range.is_negative && !range.is_scaled)
            .then(|| Some((possible(range.high)?, tokens)))?
    });
    if let Some((rooms, tokens)) = found {
        message.found.rooms = Some(rooms);
        message.take(EntityKind::Rooms, tokens);
    }
}

type Found = Option<(u32, std::ops::Range<usize>)>;

fn counted(message: &Message) -> Found {
    (0..message.numbers.len()).find_map(|index| {
        let range = numbers::range(message, index, |_| None);
        let (unit, end) = message.unit(range.to)?;
        let tokens = range.from..end;
        // "4 1/2 Zimmer" are not two.
        let is_fraction = range.from > 0 && message.tokens.is(range.from - 1, '/');
        let is_rooms = !is_fraction
            && unit == Unit::Room
            && !range.is_negative
            && message.is_free(tokens.clone());
        is_rooms.then(|| Some((possible(range.high)?, tokens)))?
    })
}

fn in_one_word(message: &Message) -> Found {
    (0..message.len()).find_map(|at| {
        let word = message.tokens.word(at);
        let polish = word.find("pokoj").and_then(|end| {
            let stem = &word[..end];
            POLISH.iter().find(|(name, _)| *name == stem)
        });
        let rooms = polish
            .map(|(_, rooms)| *rooms)
            .or_else(|| german::rooms(word))?;
        Some((rooms, at..at + 1))
    })
}

/// "liczba pokoi: 3".
fn listed(message: &Message) -> Found {
    (0..message.len()).find_map(|at| {
        let colon = message.end(at);
        let is_list = message.has(at, Sense::RoomsNoun) && message.tokens.is(colon, ':');
        let number = is_list.then(|| message.number_at(colon + 1))??;
        (!number.is_scaled).then(|| Some((possible(number.value)?, at..number.to)))?
    })
}

fn possible(rooms: f64) -> Option<u32> {
    let whole = rooms.floor();
    POSSIBLE.contains(&whole).then_some(whole as u32)
}
