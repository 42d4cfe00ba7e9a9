//! The town, in the nominative: "w Gdańsku" → Gdańsk, "Gdańsk Wrzeszcz" and "na Mokotowie" by the town they are part of.
//!
//! The longest name wins ("Pruszcz Gdański" is not Gdańsk). Of several towns the one where the home is counts before
//! the one the visitor comes from ("jestem z Warszawy, mieszkanie w Sopocie"), and never one that is denied ("nie w
//! Gdyni"). Names of streets are no towns ("ul. Gdańska", "Warsaw Street", "Gdańska 15").

use super::declension;
use super::lexicon::{Phrases, Sense, spellings};
use super::message::Message;
use super::{EntityKind, Vocabulary};
use serde::Deserialize;
use std::sync::LazyLock;

#[derive(Deserialize, Default)]
struct TownsFile {
    names: String,
    words: String,
    town: Vec<Town>,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Town {
    name: String,
    also: Vec<String>,
    forms: Vec<String>,
    districts: Vec<String>,
    is_word: bool,
}

/// What a phrase says about a place.
#[derive(Debug, Clone, Default)]
pub(super) struct Place {
    /// The nominative.
    town: String,
    /// Also a common word.
    is_word: bool,
    /// Not the name as it stands in the nominative.
    is_inflected: bool,
}

static TOWNS: LazyLock<Phrases<Place>> = LazyLock::new(|| {
    // The file is part of the executable; a test proves that it is read as a whole.
    let file: TownsFile =
        toml::from_str(include_str!("../../../assets/nlu/towns.toml")).unwrap_or_default();
    let mut towns = Phrases::default();
    for (list, is_word) in [(&file.names, false), (&file.words, true)] {
        for name in list.split(',').map(str::trim) {
            add(&mut towns, name, &[], is_word);
        }
    }
    for town in &file.town {
        add(&mut towns, &town.name, &town.also, town.is_word);
        for form in &town.forms {
            put(&mut towns, form, &town.name, town.is_word, true);
        }
        for district in &town.districts {
            for form in declension::forms(district) {
                put(&mut towns, &form, &town.name, false, false);
                put(
                    &mut towns,
                    &format!("{} {form}", town.name),
                    &town.name,
                    false,
                    false,
                );
            }
        }
    }
    towns
});

/// Adds a town with the forms of its name and what else it is called.
pub(super) fn add(towns: &mut Phrases<Place>, name: &str, also: &[String], is_word: bool) {
    put(towns, name, name, is_word, false);
    for form in declension::forms(name) {
        put(towns, &form, name, is_word, true);
    }
    for other in also.iter().flat_map(|other| spellings(other)) {
        put(towns, &other, name, is_word, false);
    }
}

fn put(towns: &mut Phrases<Place>, phrase: &str, town: &str, is_word: bool, is_inflected: bool) {
    if let Some(place) = towns.entry(phrase)
        && place.town.is_empty()
    {
        *place = Place {
            town: town.to_owned(),
            is_word,
            is_inflected,
        };
    }
}

/// Finds the town; `is_expected`: it was asked for, so a name that is a common word too needs no more.
pub(super) fn find(message: &mut Message, vocabulary: &Vocabulary, is_expected: bool) {
    let mut best: Option<(u8, String, std::ops::Range<usize>)> = None;
    let mut at = 0;
    while at < message.len() {
        let own = vocabulary.cities.find(&message.tokens, at);
        let known = TOWNS.find(&message.tokens, at);
        let longest = own.into_iter().chain(known).max_by_key(|(end, _)| *end);
        let Some((end, place)) = longest.filter(|(end, _)| message.is_free(at..*end)) else {
            at += 1;
            continue;
        };
        let rank = rank(message, at..end, place, is_expected);
        if rank > best.as_ref().map_or(0, |(rank, ..)| *rank) {
            best = Some((rank, place.town.clone(), at..end));
        }
        at = end;
    }
    if let Some((_, town, tokens)) = best {
        message.found.city = Some(town);
        message.take(EntityKind::City, tokens);
    }
}

/// How much a name at `tokens` is where the home is: 0 not at all.
fn rank(message: &Message, tokens: std::ops::Range<usize>, place: &Place, is_expected: bool) -> u8 {
    let (from, end) = (tokens.start, tokens.end);
    let in_at = message.before(from, Sense::InPlace);
    let from_at = message.before(from, Sense::FromPlace);
    // "I live in": the longer phrase tells.
    let is_from = from_at.is_some_and(|from| in_at.is_none_or(|place| from < place));
    let is_in = in_at.is_some() && !is_from;
    let is_house_number = !message.tokens.digits(end).is_empty()
        && message
            .number_at(end)
            .is_none_or(|number| message.unit(number.to).is_none());
    let is_street = message.is_after(from, Sense::Street)
        || message.has(end, Sense::Street) && !message.tokens.is_glued(end)
        || place.is_inflected && is_house_number && !is_in && !is_from;
    if is_street {
        return 0;
    }
    let is_capitalised = message
        .tokens
        .get(from)
        .is_some_and(|token| token.is_capitalised);
    let is_alone = end - from == message.len();
    if place.is_word && !is_expected && !(is_capitalised && (is_in || is_from || is_alone)) {
        return 0;
    }
    // "nie w Gdańsku": the denial stands before the word of place.
    let before = in_at.or(from_at);
    if message.is_after(from, Sense::NotPlace)
        || before.is_some_and(|at| message.is_after(at, Sense::NotPlace))
    {
        return 0;
    }
    match (is_in, is_from) {
        (true, _) => 3,
        (false, false) => 2,
        (false, true) => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_towns_is_read_as_a_whole() {
        let file: TownsFile =
            toml::from_str(include_str!("../../../assets/nlu/towns.toml")).unwrap();
        let lists = [&file.names, &file.words];
        let names = lists
            .into_iter()
            .flat_map(|list| list.split(',').map(str::trim));
        let own = file.town.iter().map(|town| town.name.as_str());
        let all: Vec<&str> = names.chain(own).collect();
        assert!(all.len() >= 200, "{}", all.len());
        for name in &all {
            assert!(name.starts_with(char::is_uppercase), "{name:?}");
            let tokens = super::super::tokens::Tokens::of(name);
            let found = TOWNS.find(&tokens, 0);
            assert_eq!(
                found.map(|(end, place)| (end, place.town.as_str())),
                Some((tokens.len(), *name))
            );
        }
    }
}
