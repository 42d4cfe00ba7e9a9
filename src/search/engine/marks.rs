//! Where the words of a query stand in an entry's texts, and how that is shown.

use std::collections::HashMap;
use std::ops::Range;

use super::reading::Reading;
use super::wanted::Wanted;
use super::words::{Initials, form_into, words};
use crate::nlu::Lang;
use crate::platform::sentences::{position, sentences};

/// Longest snippet; a longer sentence is cut between words.
const SNIPPET_MAX_CHARS: usize = 320;
/// A shorter sentence is shown with the next one.
const SENTENCE_SHORT_CHARS: usize = 60;

/// Words so many places apart still go together; further away it does not matter how far.
const FAR: usize = 4;

/// Which forms a query's words are marked as, by language.
pub struct Marker<'q> {
    /// The words as typed.
    asked: Vec<&'q str>,
    forms: Vec<(Lang, Forms<'q>)>,
}

/// What a query's words may stand for in one language.
#[derive(Default)]
struct Forms<'q> {
    meanings: HashMap<&'q str, Meaning, foldhash::fast::RandomState>,
    /// What they begin with: most words of a text begin with others.
    initials: Initials,
}

/// What a form in a text is to a query.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Meaning {
    /// The query's word.
    slot: usize,
    /// How well it fits it.
    fit: f32,
}

/// A word of a text that the query asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// Where it stands, in bytes.
    pub at: Range<usize>,
    /// Counts words; from one mark to the next it says so only when fewer than [`FAR`] stand between them.
    position: usize,
    slot: usize,
    fit: f32,
    /// It is the very word that was typed, with its diacritics.
    is_as_typed: bool,
}

impl Mark {
    /// Which word of the query it is.
    pub fn slot(&self) -> usize {
        self.slot
    }
}

impl<'q> Marker<'q> {
    /// Of the words that were typed, as each language of `wanted` reads them.
    pub fn new(asked: Vec<&'q str>, wanted: &[Wanted], reading: &'q Reading) -> Self {
        let forms = wanted.iter().map(|wanted| {
            let vocabulary = reading.vocabulary(wanted.lang);
            let mut forms = Forms::default();
            for (slot, of) in wanted.slots.iter().enumerate() {
                for &(ordinal, fit) in of.fits.iter().chain(
                    of.phrases
                        .iter()
                        .flat_map(|phrase| phrase.words.iter().flatten()),
                ) {
                    let form = vocabulary.form(ordinal);
                    forms.initials.put(form);
                    let meaning = forms.meanings.entry(form).or_insert(Meaning { slot, fit });
                    if fit > meaning.fit {
                        *meaning = Meaning { slot, fit };
                    }
                }
            }
            (wanted.lang, forms)
        });
        Self {
            asked,
            forms: forms.collect(),
        }
    }

    /// The words as typed.
    pub fn asked(&self) -> &[&'q str] {
        &self.asked
    }

    /// The words of `text` to mark, in order.
    pub fn marks(&self, text: &str, lang: Lang) -> Vec<Mark> {
        let Some((_, forms)) = self.forms.iter().find(|(of, _)| *of == lang) else {
            return Vec::new();
        };
        let mut form = String::new();
        let (mut position, mut passed) = (0, 0);
        let marks = forms.initials.words(text).filter_map(|word| {
            form_into(word.text, lang, &mut form);
            let meaning = forms.meanings.get(&*form)?;
            let typed = self.asked.get(meaning.slot);
            let is_as_typed = typed.is_some_and(|typed| is_same(typed, word.text));
            position += 1 + words(&text[passed..word.start]).take(FAR).count();
            passed = word.end();
            Some(Mark {
                at: word.start..word.end(),
                position,
                slot: meaning.slot,
                fit: meaning.fit,
                is_as_typed,
            })
        });
        marks.collect()
    }
}

/// True for the same word, in whatever case.
fn is_same(typed: &str, word: &str) -> bool {
    fn lower(text: &str) -> impl Iterator<Item = char> + '_ {
        text.chars().flat_map(char::to_lowercase)
    }
    typed == word || lower(typed).eq(lower(word))
}

/// How well the marks of a text go together, 0 to 1: half for words side by side in the order asked, half for words that
/// stand there as typed.
pub fn closeness(marks: &[Mark], slots: usize) -> f32 {
    let has_as_typed = |slot: &usize| {
        marks
            .iter()
            .any(|mark| mark.slot == *slot && mark.is_as_typed)
    };
    let as_typed = (0..slots).filter(has_as_typed).count() as f32 / slots.max(1) as f32;
    if slots < 2 {
        return as_typed / 2.0;
    }
    let mut near = vec![0.0f32; slots];
    for pair in marks.windows(2) {
        let [a, b] = pair else { continue };
        let distance = b.position - a.position;
        if a.slot != b.slot && distance <= FAR {
            let order = if a.slot + 1 == b.slot { 1.0 } else { 0.8 };
            let slot = &mut near[a.slot.min(b.slot)];
            *slot = slot.max(order / distance as f32);
        }
    }
    f32::midpoint(near.iter().sum::<f32>() / (slots - 1) as f32, as_typed)
}

/// `text` as HTML: escaped, with `<mark>` around the marked words.
pub fn html(text: &str, marks: &[Mark]) -> String {
    let mut out = String::with_capacity(text.len() + 16 * marks.len());
    let mut at = 0;
    for mark in marks {
        escape(&text[at..mark.at.start], &mut out);
        out.push_str("<mark>");
        escape(&text[mark.at.clone()], &mut out);
        out.push_str("</mark>");
        at = mark.at.end;
    }
    escape(&text[at..], &mut out);
    out
}

fn escape(mut text: &str, out: &mut String) {
    while let Some(at) = position(text.as_bytes(), *b"&<>\"'") {
        out.push_str(&text[..at]);
        out.push_str(match text.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => "&#39;",
        });
        text = &text[at + 1..];
    }
    out.push_str(text);
}

/// A part of a text.
pub struct Snippet {
    /// Its words.
    pub text: String,
    /// The same as HTML with marks.
    pub html: String,
}

/// The sentence with most of the words, whole; the first one when there are no marks. With a short one the next is shown,
/// too.
pub fn snippet(text: &str, marks: &[Mark]) -> Snippet {
    let sentences: Vec<Range<usize>> = sentences(text).collect();
    let mut best = (0, 0.0);
    for (number, sentence) in sentences.iter().enumerate() {
        let said = worth(within(marks, sentence));
        if said > best.1 {
            best = (number, said);
        }
    }
    let Some(mut range) = sentences.get(best.0).cloned() else {
        return Snippet {
            text: String::new(),
            html: String::new(),
        };
    };
    let at = within(marks, &range)
        .first()
        .map_or(range.start, |mark| mark.at.start);
    if let Some(next) = sentences.get(best.0 + 1)
        && text[range.clone()].chars().count() < SENTENCE_SHORT_CHARS
    {
        range.end = next.end;
    }
    let (is_cut_before, is_cut_behind) = shorten(text, &mut range, at);
    let shifted = |mark: &Mark| Mark {
        at: mark.at.start - range.start..mark.at.end - range.start,
        ..mark.clone()
    };
    let inside: Vec<Mark> = within(marks, &range).iter().map(shifted).collect();
    let part = &text[range];
    let before = if is_cut_before { "… " } else { "" };
    let behind = if is_cut_behind { " …" } else { "" };
    Snippet {
        text: format!("{before}{part}{behind}"),
        html: format!("{before}{}{behind}", html(part, &inside)),
    }
}

/// The marks that stand in a part of their text.
fn within<'m>(marks: &'m [Mark], range: &Range<usize>) -> &'m [Mark] {
    let from = marks.partition_point(|mark| mark.at.start < range.start);
    let length = marks[from..].partition_point(|mark| mark.at.end <= range.end);
    &marks[from..from + length]
}

/// What marks say of the query: each of its words counts once, as well as it fits best.
fn worth(marks: &[Mark]) -> f32 {
    let mut best: Vec<(usize, f32)> = Vec::new();
    for mark in marks {
        match best.iter_mut().find(|(slot, _)| *slot == mark.slot) {
            Some((_, fit)) => *fit = fit.max(mark.fit),
            None => best.push((mark.slot, mark.fit)),
        }
    }
    best.iter().map(|(_, fit)| 1.0 + fit).sum()
}

/// Cuts a part that is too long between words, so that `at` stays in it. Returns whether it was cut before and behind.
fn shorten(text: &str, range: &mut Range<usize>, at: usize) -> (bool, bool) {
    let chars = text[range.clone()].chars().count();
    if chars <= SNIPPET_MAX_CHARS {
        return (false, false);
    }
    let at = at.clamp(range.start, range.end);
    let lead = text[range.start..at]
        .char_indices()
        .rev()
        .nth(SNIPPET_MAX_CHARS / 3)
        .map_or(range.start, |(i, _)| range.start + i);
    let start = if lead == range.start {
        lead
    } else {
        lead + text[lead..at].find(' ').map_or(0, |i| i + 1)
    };
    let stop = text[start..range.end]
        .char_indices()
        .nth(SNIPPET_MAX_CHARS)
        .map_or(range.end, |(i, _)| start + i);
    let end = if stop == range.end {
        stop
    } else {
        start + text[start..stop].rfind(' ').unwrap_or(stop - start)
    };
    let cut = (start > range.start, end < range.end);
    *range = start..end;
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(text: &str, word: &str, slot: usize) -> Mark {
        let start = text.find(word).unwrap();
        Mark {
            at: start..start + word.len(),
            position: words(&text[..start]).count(),
            slot,
            fit: 1.0,
            is_as_typed: false,
        }
    }

    #[test]
    fn marks_stand_in_escaped_html() {
        let text = "Płytki <30×30> & \"fugi\"";
        assert_eq!(
            html(text, &[mark(text, "Płytki", 0), mark(text, "fugi", 1)]),
            "<mark>Płytki</mark> &lt;30×30&gt; &amp; &quot;<mark>fugi</mark>&quot;"
        );
    }

    #[test]
    fn a_snippet_is_the_sentence_with_most_of_the_words() {
        let text = "Zaczynamy od projektu. W łazience układamy płytki, np. gres, i fugujemy je tego samego dnia. Potem sprzątamy.";
        let snippet = snippet(
            text,
            &[
                mark(text, "projektu", 0),
                mark(text, "łazience", 1),
                mark(text, "płytki", 0),
            ],
        );
        assert_eq!(
            snippet.text,
            "W łazience układamy płytki, np. gres, i fugujemy je tego samego dnia."
        );
        assert!(
            snippet
                .html
                .contains("W <mark>łazience</mark> układamy <mark>płytki</mark>, np.")
        );
    }

    #[test]
    fn a_long_sentence_is_cut_between_words_around_the_mark() {
        let text = format!("{}łazienka {}", "słowo ".repeat(200), "dalej ".repeat(200));
        let snippet = snippet(&text, &[mark(&text, "łazienka", 0)]);
        assert!(snippet.text.starts_with("… słowo") && snippet.text.ends_with("dalej …"));
        assert!(snippet.html.contains("<mark>łazienka</mark>"));
        assert!(snippet.text.chars().count() <= SNIPPET_MAX_CHARS + 4);
    }

    #[test]
    fn words_side_by_side_are_closer() {
        let (near, far) = (
            "ciepła podłoga w łazience",
            "podłoga, a nad nią w kuchni sufit, ciepła",
        );
        let of = |text| {
            let mut marks = vec![mark(text, "ciepła", 0), mark(text, "podłoga", 1)];
            marks.sort_by_key(|mark| mark.at.start);
            closeness(&marks, 2)
        };
        assert!(of(near) > of(far));
    }
}
