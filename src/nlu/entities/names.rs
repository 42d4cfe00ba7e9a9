//! The visitor's name, as they introduce or sign themselves.
//!
//! * After "nazywam się", "my name is", "ich heiße" a capitalised word is a name, or a known first name in any case.
//! * After "jestem", "I'm", "ich bin" only a known first name is: most people go on with something else
//!   ("jestem zainteresowany", "I'm German", "ich bin Studentin").
//! * After a greeting at the end ("Pozdrawiam, Jan Kowalski") capitalised words up to the end of the line are one.
//! * Asked for, one to three capitalised words alone are enough ([`expected`]).

use super::EntityKind;
use super::lexicon::Sense;
use super::message::Message;
use super::tokens::{Kind, Tokens};
use crate::nlu::Lang;
use foldhash::fast::RandomState;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

static FIRST_NAMES: LazyLock<HashSet<Box<str>, RandomState>> = LazyLock::new(|| {
    let tokens = Tokens::of_list(include_str!("../../../assets/nlu/first_names.txt"));
    tokens.into_iter().map(String::into_boxed_str).collect()
});

/// Words a name has at most.
const WORDS_MAX: usize = 3;
/// Letters a part of a name has.
const LETTERS: std::ops::RangeInclusive<usize> = 2..=30;
/// What may stand between the words of a name without a capital.
const PARTICLES: [&str; 7] = ["von", "van", "de", "zu", "zum", "der", "di"];

/// How much must speak for a word being a name.
#[derive(Clone, Copy, PartialEq)]
enum Trust {
    /// A capital is enough.
    Introduced,
    /// The first word must be a known first name.
    Said,
    /// Capitalised words up to the end of the line.
    Signed,
}

/// Finds the name.
pub(super) fn find(message: &mut Message) {
    let found = (0..message.len()).find_map(|at| {
        let trust = message.pick(at, |sense| match sense {
            Sense::NameIs => Some(Trust::Introduced),
            Sense::IAm => Some(Trust::Said),
            Sense::Regards => Some(Trust::Signed),
            _ => None,
        })?;
        let mut from = message.end(at);
        while message.has(from, Sense::Copula)
            || matches!(
                message.tokens.symbol(from),
                Some(',' | ':' | '-' | '!' | '.')
            )
        {
            from += 1;
        }
        name_at(message, from, trust)
    });
    keep(message, found);
}

/// What was asked for as a name and is nothing else: one to three words, capitalised or with a known first name.
pub(super) fn expected(message: &mut Message) {
    let found = (0..message.len())
        .find(|&at| message.is_free(at..at + 1) && !message.tokens.word(at).is_empty())
        .and_then(|at| {
            let trust = if at == 0 {
                Trust::Introduced
            } else {
                Trust::Said
            };
            name_at(message, at, trust)
        })
        .filter(|tokens| {
            (tokens.end..message.len())
                .all(|at| message.tokens.word(at).is_empty() || !message.is_free(at..at + 1))
        });
    keep(message, found);
}

fn keep(message: &mut Message, found: Option<Range<usize>>) {
    if let Some(tokens) = found {
        message.found.name = Some(written(message, tokens.clone()));
        message.take(EntityKind::Name, tokens);
    }
}

/// The tokens of the name that begins at `from`.
fn name_at(message: &Message, from: usize, trust: Trust) -> Option<Range<usize>> {
    let is_known = FIRST_NAMES.contains(message.tokens.word(from));
    let is_capitalised = is_capitalised(message, from);
    let is_name = match trust {
        Trust::Introduced => is_known || is_capitalised,
        Trust::Said => is_known,
        Trust::Signed => is_capitalised && message.tokens.word(from).len() > 2,
    };
    if !is_name || !can_be_part(message, from) {
        return None;
    }
    let mut end = after_hyphens(message, from);
    let mut words = 1;
    while words < WORDS_MAX {
        let next =
            end + usize::from(PARTICLES.contains(&message.tokens.word(end)) && is_capitalised);
        let is_next_line = message
            .tokens
            .get(next)
            .is_none_or(|token| token.on_new_line);
        let fits = if is_capitalised && !message.is_shouted {
            self::is_capitalised(message, next)
        } else {
            // "nazywam się jan kowalski": in small letters, or all in capitals, one surname, where no word of ours stands.
            words == 1 && trust == Trust::Introduced && message.senses(next).next().is_none()
        };
        if is_next_line || !fits || !can_be_part(message, next) {
            break;
        }
        end = after_hyphens(message, next);
        words += 1;
    }
    let ends_line = message.tokens.get(end).is_none_or(|token| {
        token.on_new_line || matches!(token.kind, Kind::Symbol(_)) || !message.is_free(end..end + 1)
    });
    (trust != Trust::Signed || ends_line).then_some(from..end)
}

/// A capital first, and not a message written in capitals throughout where a capital tells nothing.
fn is_capitalised(message: &Message, at: usize) -> bool {
    message
        .tokens
        .get(at)
        .is_some_and(|token| token.is_capitalised)
        && (!message.is_shouted || FIRST_NAMES.contains(message.tokens.word(at)))
}

fn can_be_part(message: &Message, at: usize) -> bool {
    let word = message.tokens.word(at);
    message.is_free(at..(at + 1).min(message.len()).max(at))
        && LETTERS.contains(&word.len())
        && !message.has(at, Sense::NoName)
}

/// The token after a double name: "Kowalska-Nowak".
fn after_hyphens(message: &Message, at: usize) -> usize {
    let mut end = at + 1;
    while message.tokens.is(end, '-')
        && message.tokens.is_glued(end)
        && message.tokens.is_glued(end + 1)
        && !message.tokens.word(end + 1).is_empty()
    {
        end += 2;
    }
    end
}

/// The name as it is written, with capitals where there are none or nothing else.
fn written(message: &Message, tokens: Range<usize>) -> String {
    let written = message.written(tokens);
    let words = written.split_whitespace().map(|word| {
        let is_one_case =
            word.chars().all(|c| !c.is_lowercase()) || word.chars().all(|c| !c.is_uppercase());
        if is_one_case && !PARTICLES.contains(&word) {
            capitalised(word)
        } else {
            word.to_owned()
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

fn capitalised(word: &str) -> String {
    let mut starts = true;
    word.chars()
        .flat_map(|c| {
            let cased: Vec<char> = if starts {
                c.to_uppercase().collect()
            } else {
                c.to_lowercase().collect()
            };
            starts = c == '-';
            cased
        })
        .collect()
}

/// Where people are named: a known first name with a capital, in Polish also in another case ("Markiem"), and the
/// capitalised words after it. For hiding them: whoever shares a name with a thing is hidden too.
pub fn people(text: &str, lang: Lang) -> Vec<Range<usize>> {
    let tokens = Tokens::of(text);
    let is_capitalised = |at: usize| {
        let token = tokens.get(at);
        token.is_some_and(|token| token.is_capitalised) && !tokens.word(at).is_empty()
    };
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let mut end = at + 1;
        if is_capitalised(at) && is_first_name(tokens.word(at), lang) {
            while end < at + WORDS_MAX
                && is_capitalised(end)
                && tokens.get(end).is_some_and(|token| !token.on_new_line)
            {
                end += 1;
            }
            let ends = tokens.get(at).zip(tokens.get(end - 1));
            found.extend(ends.map(|(first, last)| first.start..last.end));
        }
        at = end;
    }
    found
}

fn is_first_name(word: &str, lang: Lang) -> bool {
    const ENDING_MAX: usize = 3;
    FIRST_NAMES.contains(word)
        || lang == Lang::Pl
            && FIRST_NAMES.iter().any(|name| {
                let name = name.strip_suffix("ek").map_or_else(
                    || name.trim_end_matches('a').to_owned(),
                    |stem| format!("{stem}k"),
                );
                let ending = word.strip_prefix(name.as_str());
                name.len() >= ENDING_MAX && ending.is_some_and(|ending| ending.len() <= ENDING_MAX)
            })
}
