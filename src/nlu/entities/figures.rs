//! Every figure a text states and what it counts: for comparing what one text says with what another one does.
//!
//! [`super::extract`] looks for what a visitor means; here nothing is guessed and nothing left out. A text and its
//! rephrasing give equal figures where both name number and unit: "trzydzieści sześć miesięcy" and "36 miesięcy" do.

use super::Message;
use super::lexicon::{Sense, Unit};
use super::numbers::Number;
use super::tokens::Tokens;
use crate::nlu::Lang;
use std::ops::Range;

/// Digits from which a run of groups is one number to dial or to pay into, rather than amounts.
const LONG_RUN: usize = 7;
/// Letters of a word beside a number that are compared, and letters it needs to be.
const STEM_LETTERS: usize = 4;

/// A figure and the bytes of the text that state it, its unit included.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// What it says.
    pub says: Says,
    /// Where it stands.
    pub bytes: Range<usize>,
}

/// What a figure says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Says {
    /// A number of something; the bits of an `f64`.
    Amount(u64, Counted),
    /// Numbers with marks between them: `15.3.2027`, `8:30`, `24/7`. No leading zeros.
    Chain(String),
    /// Seven digits or more, as of phones and accounts; digits alone.
    Run(String),
    /// Digits inside a word, as written without case: `h2o`.
    Stray(String),
}

/// What a number counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Counted {
    /// A measure.
    Of(Measure),
    /// Money; the beginning of the currency's name: `zlo`, `eur`.
    Money(String),
    /// Days of this month (1 is January), or the year after its name.
    Month(i8),
    /// Anything else: beginnings of the words around it.
    Loose(Vec<String>),
}

/// Units of measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // they are what they are called
pub enum Measure {
    SquareMetre,
    Metre,
    SquareFoot,
    Room,
    Percent,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// Beginnings of words that measure time, and of percent. Checked in this order.
const STEMS: [(&str, Measure); 29] = [
    ("minut", Measure::Minute),
    ("godz", Measure::Hour),
    ("hour", Measure::Hour),
    ("stunde", Measure::Hour),
    ("stundig", Measure::Hour),
    ("dni", Measure::Day),
    ("dzien", Measure::Day),
    ("day", Measure::Day),
    ("tag", Measure::Day),
    ("werktag", Measure::Day),
    ("arbeitstag", Measure::Day),
    ("tydz", Measure::Week),
    ("tygod", Measure::Week),
    ("week", Measure::Week),
    ("woche", Measure::Week),
    ("wochig", Measure::Week),
    ("miesi", Measure::Month),
    ("mies", Measure::Month),
    ("month", Measure::Month),
    ("monat", Measure::Month),
    ("kwartal", Measure::Quarter),
    ("quart", Measure::Quarter),
    ("roczn", Measure::Year),
    ("letni", Measure::Year),
    ("year", Measure::Year),
    ("jahr", Measure::Year),
    ("procent", Measure::Percent),
    ("prozent", Measure::Percent),
    ("percent", Measure::Percent),
];
/// Whole words of the same, too short to be beginnings.
const WORDS: [(&str, Measure); 11] = [
    ("rok", Measure::Year),
    ("roku", Measure::Year),
    ("lat", Measure::Year),
    ("lata", Measure::Year),
    ("latach", Measure::Year),
    ("latami", Measure::Year),
    ("doba", Measure::Day),
    ("doby", Measure::Day),
    ("dobe", Measure::Day),
    ("h", Measure::Hour),
    ("std", Measure::Hour),
];

/// All figures of the first 2,000 characters of `text`, in the order they stand.
pub fn figures(text: &str, lang: Lang) -> Vec<Figure> {
    let message = Message::read(text, lang);
    let mut reader = Reader {
        message: &message,
        used: vec![false; message.len()],
        found: Vec::new(),
    };
    reader.runs();
    reader.chains();
    reader.amounts();
    reader.strays();
    reader.found.sort_by_key(|figure| figure.bytes.start);
    reader.found
}

struct Reader<'m> {
    message: &'m Message<'m>,
    used: Vec<bool>,
    found: Vec<Figure>,
}

impl Reader<'_> {
    fn tokens(&self) -> &Tokens {
        &self.message.tokens
    }

    fn keep(&mut self, says: Says, tokens: Range<usize>) {
        let ends = self.tokens().get(tokens.start).zip(
            tokens
                .end
                .checked_sub(1)
                .and_then(|last| self.tokens().get(last)),
        );
        if let Some((first, last)) = ends {
            let bytes = first.start..last.end;
            self.found.push(Figure { says, bytes });
            self.used[tokens].fill(true);
        }
    }

    /// Groups of digits with blanks or the marks of phone numbers between them, long enough for one.
    fn runs(&mut self) {
        let mut at = 0;
        while at < self.message.len() {
            let (digits, end) = self.run_at(at);
            let is_long = digits.len() >= LONG_RUN && !self.is_sum(at, end);
            if is_long {
                self.keep(Says::Run(digits), at..end);
            }
            at = end.max(at + 1);
        }
    }

    fn run_at(&self, at: usize) -> (String, usize) {
        let tokens = self.tokens();
        let mut digits = tokens.digits(at).to_owned();
        let mut end = at + 1;
        if digits.is_empty() {
            return (digits, end);
        }
        loop {
            let mut next = end;
            while next - end < 3 && matches!(tokens.symbol(next), Some('-' | '.' | '/' | '(' | ')'))
            {
                next += 1;
            }
            let group = tokens.digits(next);
            if group.is_empty() {
                return (digits, end);
            }
            digits.push_str(group);
            end = next + 1;
        }
    }

    /// One amount with its unit ("1 250 000 zł"), or two as a range ("60 000 - 70 000 zł").
    fn is_sum(&self, at: usize, end: usize) -> bool {
        let Some(first) = self.message.number_at(at) else {
            return false;
        };
        let last = if first.to == end {
            first
        } else {
            let link = first.to;
            match self.message.number_at(link + 1) {
                Some(second) if self.tokens().is(link, '-') && second.to == end => second,
                _ => return false,
            }
        };
        self.unit_after(last).is_some() || self.money_before(first.from).is_some()
    }

    /// Numbers joined by marks: dates and times in digits, "24/7".
    fn chains(&mut self) {
        let mut at = 0;
        while at < self.message.len() {
            let end = self.chain_at(at);
            let is_one = self
                .message
                .number_at(at)
                .is_some_and(|number| number.to >= end);
            if end > at + 1 && !is_one {
                let groups = (at..end).map(|at| match self.tokens().symbol(at) {
                    Some(mark) => mark.to_string(),
                    None => match self.tokens().digits(at).trim_start_matches('0') {
                        "" => "0".to_owned(),
                        digits => digits.to_owned(),
                    },
                });
                let chain: String = groups.collect();
                // Two with a dash are the ends of a range, and amounts.
                if chain.matches('-').count() != 1 || chain.contains(['.', '/', ':']) {
                    self.keep(Says::Chain(chain), at..end);
                }
            }
            at = end.max(at + 1);
        }
    }

    fn chain_at(&self, at: usize) -> usize {
        let tokens = self.tokens();
        let mut end = at;
        if self.used[at] || tokens.digits(at).is_empty() {
            return end;
        }
        end += 1;
        while matches!(tokens.symbol(end), Some('.' | '/' | ':' | '-'))
            && tokens.is_glued(end)
            && !tokens.glued_digits(end + 1).is_empty()
        {
            end += 2;
        }
        end
    }

    fn amounts(&mut self) {
        for index in 0..self.message.numbers.len() {
            let number = self.message.numbers[index];
            if self.used[number.from..number.to].contains(&true) || self.is_inside_word(&number) {
                continue;
            }
            let (counted, tokens) = self.counted(index);
            let says = Says::Amount(number.value.to_bits(), counted);
            self.keep(says, tokens);
        }
    }

    /// Letters that belong to no unit stand right behind the digits: "99O", "5x".
    fn is_inside_word(&self, number: &Number) -> bool {
        let tokens = self.tokens();
        let word = tokens.word(number.to);
        let is_glued = tokens.is_glued(number.to) && !word.is_empty();
        is_glued
            && !tokens.digits(number.to - 1).is_empty()
            && self.unit_at(number.to).is_none()
            && !matches!(word, "st" | "nd" | "rd" | "th")
    }

    /// What the number `index` counts, and the tokens of both.
    fn counted(&self, index: usize) -> (Counted, Range<usize>) {
        let number = &self.message.numbers[index];
        let tokens = number.from..number.to;
        if let Some((counted, end)) = self.unit_after(number) {
            return (counted, number.from..end);
        }
        if let Some(money) = self.money_before(number.from) {
            return (money, number.from - 1..number.to);
        }
        if let Some(month) = self.month_before(number.from) {
            return (Counted::Month(month), tokens);
        }
        if let Some((counted, end)) = self.unit_after_word(number) {
            return (counted, number.from..end);
        }
        // "949 do 1990 zł": the first counts what the second does.
        let is_linked = self.tokens().is(number.to, '-')
            || self.message.has(number.to, Sense::To)
            || self.message.has(number.to, Sense::And)
            || matches!(
                self.tokens().word(number.to),
                "lub" | "albo" | "or" | "oder"
            );
        let next = self.message.numbers.get(index + 1);
        let counted = next
            .filter(|next| is_linked && next.from == number.to + 1)
            .and_then(|next| self.unit_after(next))
            .map_or_else(|| self.loose(number), |(counted, _)| counted);
        (counted, tokens)
    }

    /// The unit right after a number, or after the dot of a day ("15. März").
    fn unit_after(&self, number: &Number) -> Option<(Counted, usize)> {
        let here = |at: usize| self.unit_at(at).filter(|_| self.is_same_line(at));
        let is_month = |(counted, _): &(Counted, usize)| matches!(counted, Counted::Month(_));
        here(number.to).or_else(|| here(self.message.skip_dot(number.to)).filter(is_month))
    }

    /// The unit after one word that says more about it: "36 pełnych miesięcy". Not "949 per month", nor "3 or 4 months".
    fn unit_after_word(&self, number: &Number) -> Option<(Counted, usize)> {
        let is_link = [Sense::To, Sense::And, Sense::Per]
            .into_iter()
            .any(|sense| self.message.has(number.to, sense));
        let is_word = !self.tokens().word(number.to).is_empty() && !is_link;
        let next = number.to + 1;
        (is_word && self.message.number_at(number.to).is_none() && self.is_same_line(next))
            .then(|| self.unit_at(next))
            .flatten()
    }

    fn is_same_line(&self, at: usize) -> bool {
        self.tokens()
            .get(at)
            .is_some_and(|token| !token.on_new_line)
    }

    fn unit_at(&self, at: usize) -> Option<(Counted, usize)> {
        let at = at + usize::from(self.tokens().is(at, '-') && self.tokens().is_glued(at));
        if self.tokens().is(at, '%') {
            return Some((Counted::Of(Measure::Percent), at + 1));
        }
        if let Some(month) = self.month_at(at) {
            return Some((Counted::Month(month), self.message.end(at)));
        }
        if let Some((unit, end)) = self.message.unit(at) {
            return Some((self.unit(unit, at), end));
        }
        let word = self.tokens().word(at);
        let exact = WORDS.iter().find(|(known, _)| *known == word);
        let known = exact.or_else(|| STEMS.iter().find(|(stem, _)| word.starts_with(stem)));
        known.map(|(_, measure)| (Counted::Of(*measure), at + 1))
    }

    fn unit(&self, unit: Unit, at: usize) -> Counted {
        match unit {
            Unit::SquareMetre => Counted::Of(Measure::SquareMetre),
            Unit::Metre => Counted::Of(Measure::Metre),
            Unit::SquareFoot => Counted::Of(Measure::SquareFoot),
            Unit::Room => Counted::Of(Measure::Room),
            Unit::Zloty => Counted::Money("zlo".to_owned()),
            Unit::OtherMoney => Counted::Money(match self.tokens().symbol(at) {
                Some(sign) => sign.to_string(),
                None => self.tokens().word(at).chars().take(3).collect(),
            }),
        }
    }

    fn month_at(&self, at: usize) -> Option<i8> {
        self.message.pick(at, |sense| match sense {
            Sense::Month(month) => Some(month),
            _ => None,
        })
    }

    fn month_before(&self, at: usize) -> Option<i8> {
        at.checked_sub(1).and_then(|before| self.month_at(before))
    }

    /// The currency right before a number: "PLN 949", "€5".
    fn money_before(&self, at: usize) -> Option<Counted> {
        let at = at.checked_sub(1)?;
        let (unit, end) = self.message.unit(at)?;
        (matches!(unit, Unit::Zloty | Unit::OtherMoney) && end == at + 1)
            .then(|| self.unit(unit, at))
    }

    /// Beginnings of the word before and of the two after.
    fn loose(&self, number: &Number) -> Counted {
        let stem = |at: usize| {
            let word = self.tokens().word(at);
            let stem: String = word.chars().take(STEM_LETTERS).collect();
            (stem.chars().count() == STEM_LETTERS).then_some(stem)
        };
        let before = number.from.checked_sub(1).and_then(stem);
        let after = (number.to..number.to + 2).filter_map(stem);
        Counted::Loose(before.into_iter().chain(after).collect())
    }

    /// Digits that are part of nothing that was read, except the two of "m2".
    fn strays(&mut self) {
        let mut at = 0;
        while at < self.message.len() {
            let is_unit = at > 0 && self.message.unit(at - 1).is_some_and(|(_, end)| end > at);
            if self.used[at] || self.tokens().digits(at).is_empty() || is_unit {
                at += 1;
                continue;
            }
            let mut from = at;
            while from > 0 && self.tokens().is_glued(from) && !self.used[from - 1] {
                from -= 1;
            }
            let mut end = at + 1;
            while end < self.message.len() && self.tokens().is_glued(end) && !self.used[end] {
                end += 1;
            }
            let written = self.message.written(from..end).to_lowercase();
            let written = written.trim_end_matches(['.', ',', '!', '?', ':', ';', ')']);
            self.keep(Says::Stray(written.to_owned()), from..end);
            at = end;
        }
    }
}
