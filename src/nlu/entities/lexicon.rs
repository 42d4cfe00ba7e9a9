//! The words that carry data, read once from `assets/nlu/words.toml`; and [`Phrases`], a table of phrases of one or
//! more words in which the longest one wins.

use super::tokens::{Kind, Token, Tokens};
use crate::nlu::Lang;
use foldhash::fast::RandomState;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

/// What a word can mean. A word may mean several things; the rules look at what they understand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Sense {
    Number(f64),
    /// Multiplies the number before it.
    Scale(f64),
    /// A day of the month or an hour.
    Ordinal(i8),
    Unit(Unit),
    /// After metres: a length, not an area.
    Length,
    /// After a number: something else is counted.
    Thing,
    /// A room with an area of its own.
    Part,
    AreaNoun,
    BudgetNoun,
    RoomsNoun,
    PackageNoun,
    PhoneNoun,
    NoPhone,
    Street,
    Per,
    /// What a price may be per.
    Each,
    To,
    Between,
    And,
    Property(Property),
    NotOwn,
    DaysAhead(i8),
    NotTomorrow,
    /// From 1, Monday.
    Weekday(i8),
    WeekdayShort(i8),
    Month(i8),
    Span(Span),
    InTime,
    FromNow,
    On,
    This,
    Next,
    NextWeek,
    Weekend,
    YearWord,
    DaySuffix,
    Of,
    At,
    FromHour,
    Clock,
    Am,
    Pm,
    /// Minutes from the named hour: -30, -15, 15, 30.
    Quarter(i8),
    Noon,
    HourSuffix,
    GoesOn,
    Filler,
    InPlace,
    FromPlace,
    NotPlace,
    NameIs,
    IAm,
    Regards,
    Copula,
    NoName,
}

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    SquareMetre,
    Metre,
    SquareFoot,
    Zloty,
    OtherMoney,
    Room,
}

/// Units of time ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Span {
    Hour,
    Day,
    Week,
    Fortnight,
    Month,
}

/// What is to be finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Property {
    /// A flat of several rooms.
    Flat,
    /// A house, detached or not.
    House,
    /// A flat of one room.
    Studio,
    /// Offices, shops, restaurants.
    Commercial,
}

impl Property {
    /// `flat`, `house`, `studio`, `commercial`.
    pub fn name(self) -> &'static str {
        match self {
            Property::Flat => "flat",
            Property::House => "house",
            Property::Studio => "studio",
            Property::Commercial => "commercial",
        }
    }

    /// Reads [`Property::name`] back.
    pub fn named(name: &str) -> Option<Property> {
        use Property::{Commercial, Flat, House, Studio};
        [Flat, House, Studio, Commercial]
            .into_iter()
            .find(|property| property.name() == name)
    }
}

/// A word's meanings, and in which language it has them (`None`: in every one).
#[derive(Debug, Default)]
pub(super) struct Entry {
    senses: Vec<(Option<Lang>, Sense)>,
}

impl Entry {
    pub fn senses(&self, lang: Lang) -> impl Iterator<Item = Sense> {
        self.senses
            .iter()
            .filter(move |(own, _)| own.is_none_or(|own| own == lang))
            .map(|(_, sense)| *sense)
    }
}

/// Phrases of one or more words; finding takes one look-up for a word that begins none. Visitors' words are only looked
/// up, never put in, so a quick hasher will do.
#[derive(Debug)]
pub(super) struct Phrases<T> {
    /// The first word of each phrase, with the most words a phrase beginning with it has.
    longest: HashMap<Box<str>, usize, RandomState>,
    phrases: HashMap<Box<str>, T, RandomState>,
}

impl<T> Default for Phrases<T> {
    fn default() -> Self {
        Phrases {
            longest: HashMap::default(),
            phrases: HashMap::default(),
        }
    }
}

impl<T: Default> Phrases<T> {
    /// The value of a phrase, made when it is new; `None` for a phrase without words.
    pub fn entry(&mut self, phrase: &str) -> Option<&mut T> {
        let tokens = Tokens::of(phrase);
        let words: Vec<String> = (0..tokens.len())
            .filter_map(|at| part(&tokens, at))
            .collect();
        let longest = self.longest.entry(words.first()?.as_str().into());
        let longest = longest.or_default();
        *longest = words.len().max(*longest);
        Some(self.phrases.entry(words.join(" ").into()).or_default())
    }
}

impl<T> Phrases<T> {
    /// The longest phrase that begins at `at`: the token after it, and its value. Between its words one dot, dash or
    /// apostrophe may stand, a line break may not.
    pub fn find(&self, tokens: &Tokens, at: usize) -> Option<(usize, &T)> {
        let first = tokens.word(at);
        let longest = *self.longest.get(first)?;
        let mut found = self.phrases.get(first).map(|value| (at + 1, value));
        if longest == 1 {
            return found;
        }
        let mut key = first.to_owned();
        let mut next = at + 1;
        for _ in 1..longest {
            if matches!(tokens.symbol(next), Some('.' | '-' | '\'' | '^')) {
                next += 1;
            }
            let ends = |token: &Token| token.on_new_line || matches!(token.kind, Kind::Symbol(_));
            if tokens.get(next).is_none_or(ends) {
                break;
            }
            // A digit belongs to the word before it only without a blank: "m2", not "m 2 pokoje".
            let digits = tokens.glued_digits(next);
            let word = if digits.is_empty() {
                tokens.word(next)
            } else {
                digits
            };
            if word.is_empty() {
                break;
            }
            key.push(' ');
            key.push_str(word);
            next += 1;
            if let Some(value) = self.phrases.get(key.as_str()) {
                found = Some((next, value));
            }
        }
        found
    }
}

/// The word or the digits at `at`.
fn part(tokens: &Tokens, at: usize) -> Option<String> {
    let part = format!("{}{}", tokens.word(at), tokens.digits(at));
    (!part.is_empty()).then_some(part)
}

/// The ways to write a word: as it stands, and German umlauts as two letters.
pub(super) fn spellings(word: &str) -> impl Iterator<Item = String> {
    let is_umlaut = |c: char| matches!(c, 'ä' | 'ö' | 'ü' | 'Ä' | 'Ö' | 'Ü');
    let written_out = word.contains(is_umlaut).then(|| {
        let mut out = String::with_capacity(word.len() + 4);
        for c in word.chars() {
            out.push(c);
            if is_umlaut(c) {
                out.push('e');
            }
        }
        out
    });
    std::iter::once(word.to_owned()).chain(written_out)
}

#[derive(Deserialize, Default)]
struct WordsFile {
    own_language_only: String,
    #[serde(flatten)]
    sections: BTreeMap<String, BTreeMap<String, BTreeMap<Lang, String>>>,
}

/// The lexicon of all three languages.
pub(super) static WORDS: LazyLock<Phrases<Entry>> = LazyLock::new(|| {
    // The file is part of the executable; a test proves that it is read as a whole.
    let file: WordsFile =
        toml::from_str(include_str!("../../../assets/nlu/words.toml")).unwrap_or_default();
    let mut own: Phrases<()> = Phrases::default();
    for word in file.own_language_only.split(',') {
        own.entry(word);
    }
    let mut words: Phrases<Entry> = Phrases::default();
    for (section, meanings) in &file.sections {
        for (name, languages) in meanings {
            let Some(sense) = sense(section, name) else {
                continue;
            };
            for (lang, list) in languages {
                for word in list.split(',').flat_map(spellings) {
                    let tokens = Tokens::of(&word);
                    let is_own = own
                        .find(&tokens, 0)
                        .is_some_and(|(end, ())| end == tokens.len());
                    if let Some(entry) = words.entry(&word) {
                        entry.senses.push((is_own.then_some(*lang), sense));
                    }
                }
            }
        }
    }
    words
});

fn sense(section: &str, name: &str) -> Option<Sense> {
    let whole = || name.parse::<i8>().ok();
    Some(match section {
        "number" => Sense::Number(name.parse().ok()?),
        "scale" => Sense::Scale(name.parse().ok()?),
        "ordinal" => Sense::Ordinal(whole()?),
        "weekday" => Sense::Weekday(whole()?),
        "weekday_short" => Sense::WeekdayShort(whole()?),
        "month" => Sense::Month(whole()?),
        "days_ahead" if name != "not_tomorrow" => Sense::DaysAhead(whole()?),
        "property" if name != "not_own" => Sense::Property(Property::named(name)?),
        _ => named_sense(section, name)?,
    })
}

fn named_sense(section: &str, name: &str) -> Option<Sense> {
    Some(match (section, name) {
        ("unit", _) => Sense::Unit(unit(name)?),
        ("span", _) => Sense::Span(span(name)?),
        ("noun", _) => noun(name)?,
        ("date_mark", _) => date_mark(name)?,
        ("time", _) => time(name)?,
        ("who", _) => who(name)?,
        ("length", _) => Sense::Length,
        ("thing", _) => Sense::Thing,
        ("part", _) => Sense::Part,
        ("filler", _) => Sense::Filler,
        ("money", "per") => Sense::Per,
        ("money", "each") => Sense::Each,
        ("range", "to") => Sense::To,
        ("range", "between") => Sense::Between,
        ("range", "and") => Sense::And,
        ("property", "not_own") => Sense::NotOwn,
        ("days_ahead", "not_tomorrow") => Sense::NotTomorrow,
        ("place", "in") => Sense::InPlace,
        ("place", "from") => Sense::FromPlace,
        ("place", "not") => Sense::NotPlace,
        _ => return None,
    })
}

fn unit(name: &str) -> Option<Unit> {
    Some(match name {
        "square_metre" => Unit::SquareMetre,
        "metre" => Unit::Metre,
        "square_foot" => Unit::SquareFoot,
        "zloty" => Unit::Zloty,
        "other_money" => Unit::OtherMoney,
        "room" => Unit::Room,
        _ => return None,
    })
}

fn span(name: &str) -> Option<Span> {
    Some(match name {
        "hour" => Span::Hour,
        "day" => Span::Day,
        "week" => Span::Week,
        "fortnight" => Span::Fortnight,
        "month" => Span::Month,
        _ => return None,
    })
}

fn noun(name: &str) -> Option<Sense> {
    Some(match name {
        "area" => Sense::AreaNoun,
        "budget" => Sense::BudgetNoun,
        "rooms" => Sense::RoomsNoun,
        "package" => Sense::PackageNoun,
        "phone" => Sense::PhoneNoun,
        "no_phone" => Sense::NoPhone,
        "street" => Sense::Street,
        _ => return None,
    })
}

fn date_mark(name: &str) -> Option<Sense> {
    Some(match name {
        "in" => Sense::InTime,
        "from_now" => Sense::FromNow,
        "on" => Sense::On,
        "this" => Sense::This,
        "next" => Sense::Next,
        "next_week" => Sense::NextWeek,
        "weekend" => Sense::Weekend,
        "year_word" => Sense::YearWord,
        "day_suffix" => Sense::DaySuffix,
        "of" => Sense::Of,
        _ => return None,
    })
}

fn time(name: &str) -> Option<Sense> {
    Some(match name {
        "at" => Sense::At,
        "from" => Sense::FromHour,
        "clock" => Sense::Clock,
        "am" => Sense::Am,
        "pm" => Sense::Pm,
        "half_to" => Sense::Quarter(-30),
        "quarter_to" => Sense::Quarter(-15),
        "quarter_past" => Sense::Quarter(15),
        "half_past" => Sense::Quarter(30),
        "noon" => Sense::Noon,
        "hour_suffix" => Sense::HourSuffix,
        "goes_on" => Sense::GoesOn,
        _ => return None,
    })
}

fn who(name: &str) -> Option<Sense> {
    Some(match name {
        "name_is" => Sense::NameIs,
        "i_am" => Sense::IAm,
        "regards" => Sense::Regards,
        "copula" => Sense::Copula,
        "no_name" => Sense::NoName,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_of_the_word_list_is_understood() {
        let file: WordsFile =
            toml::from_str(include_str!("../../../assets/nlu/words.toml")).unwrap();
        for (section, meanings) in &file.sections {
            for (name, languages) in meanings {
                assert!(sense(section, name).is_some(), "{section}.{name}");
                assert!(!languages.is_empty(), "{section}.{name}");
            }
        }
    }

    #[test]
    fn the_longest_phrase_wins_and_dots_and_dashes_do_not_part_it() {
        let mut phrases: Phrases<u8> = Phrases::default();
        for (value, phrase) in [
            (1, "pruszcz"),
            (2, "pruszcz gdański"),
            (3, "m kw"),
            (4, "m2"),
        ] {
            *phrases.entry(phrase).unwrap() = value;
        }
        let find = |text: &str| {
            let tokens = Tokens::of(text);
            phrases.find(&tokens, 0).map(|(end, value)| (end, *value))
        };
        assert_eq!(find("Pruszcz Gdanski!"), Some((2, 2)));
        assert_eq!(find("pruszcz, gdański"), Some((1, 1)));
        assert_eq!(find("pruszcz\ngdański"), Some((1, 1)));
        assert_eq!(find("m. kw."), Some((3, 3)));
        assert_eq!(find("m²"), Some((2, 4)));
        assert_eq!(find("m 2 pokoje"), None);
        assert_eq!(find("kw"), None);
    }

    #[test]
    fn umlauts_are_also_read_as_two_letters() {
        let read: Vec<String> = spellings("fünf")
            .map(|word| crate::nlu::fold(&word))
            .collect();
        assert_eq!(read, ["funf", "fuenf"]);
    }
}
