//! What is to be finished (flat, house, studio, commercial) and by which of the company's packages.

use super::german;
use super::lexicon::{Property, Sense};
use super::message::Message;
use super::{EntityKind, Vocabulary};
use std::ops::Range;

/// Words between "pakiet" and its name at most.
const PACKAGE_REACH: usize = 3;
/// A message this short is an answer: a package needs no "pakiet" beside it.
const ANSWER_WORDS: usize = 3;

/// Finds the kind of home: the first one named; a studio wins over the flat it also is ("mieszkanie, kawalerka").
pub(super) fn property(message: &mut Message, vocabulary: &Vocabulary) {
    let mut best: Option<(Property, Range<usize>)> = None;
    let mut at = 0;
    while at < message.len() {
        let found = property_at(message, vocabulary, at);
        at = found.as_ref().map_or(at + 1, |(_, tokens)| tokens.end);
        let Some((property, tokens)) = found else {
            continue;
        };
        let is_better = match &best {
            None => true,
            Some((known, _)) => *known == Property::Flat && property == Property::Studio,
        };
        if is_better && message.is_free(tokens.clone()) {
            best = Some((property, tokens));
        }
    }
    if let Some((property, tokens)) = best {
        message.found.property_type = Some(property);
        message.take(EntityKind::PropertyType, tokens);
    }
}

fn property_at(
    message: &Message,
    vocabulary: &Vocabulary,
    at: usize,
) -> Option<(Property, Range<usize>)> {
    let word = message.tokens.word(at);
    if word.is_empty() || message.is_after(at, Sense::NotOwn) || is_company(message, vocabulary, at)
    {
        return None;
    }
    let own = vocabulary.properties.find(&message.tokens, at);
    let own = own.and_then(|(end, property)| Some(((*property)?, at..end)));
    let known = message.pick(at, |sense| match sense {
        Sense::Property(property) => Some(property),
        _ => None,
    });
    let known = known.map(|property| (property, at..message.end(at)));
    let compound = || german::property(word).map(|property| (property, at..at + 1));
    let found = own
        .into_iter()
        .chain(known)
        .max_by_key(|(_, tokens)| tokens.end);
    let (property, tokens) = found.or_else(compound)?;
    let is_design = message.has(tokens.end, Sense::NotOwn);
    (!is_design).then_some((property, tokens))
}

/// "Nova House" is the company's name and no house.
fn is_company(message: &Message, vocabulary: &Vocabulary, at: usize) -> bool {
    let (word, before) = (
        message.tokens.word(at),
        at.checked_sub(1).map_or("", |at| message.tokens.word(at)),
    );
    !before.is_empty()
        && vocabulary
            .company
            .strip_prefix(before)
            .is_some_and(|rest| rest.trim_start() == word)
}

/// Finds the package. Its name needs the word package near it, unless the message is short, because "standard" and
/// "luksusowy" are common words. Two different ones are a comparison and give none. `is_expected`: it was asked for.
pub(super) fn package(message: &mut Message, vocabulary: &Vocabulary, is_expected: bool) {
    let words = (0..message.len())
        .filter(|&at| !message.tokens.word(at).is_empty())
        .count();
    let mut found: Vec<(&str, Range<usize>)> = Vec::new();
    let mut at = 0;
    while at < message.len() {
        let Some((end, name)) = vocabulary.packages.find(&message.tokens, at) else {
            at += 1;
            continue;
        };
        let near = at.saturating_sub(PACKAGE_REACH)..(end + PACKAGE_REACH - 1).min(message.len());
        let is_named = near
            .into_iter()
            .any(|at| message.has(at, Sense::PackageNoun))
            || message.tokens.word(at).starts_with("pakiet");
        let follows = !found.is_empty();
        if (is_expected || words <= ANSWER_WORDS || is_named || follows) && message.is_free(at..end)
        {
            found.push((name, at..end));
        }
        at = end;
    }
    let is_one = found.windows(2).all(|pair| pair[0].0 == pair[1].0);
    if let (true, Some((name, tokens))) = (is_one, found.into_iter().next()) {
        message.found.package = Some(name.to_owned());
        message.take(EntityKind::Package, tokens);
    }
}
