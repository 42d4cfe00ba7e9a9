//! A text that arrives in pieces, cut into whole sentences. Pure.
//!
//! Better too late than too early: a cut between a number and what it counts would show half a fact. After a digit, a
//! single letter or an abbreviation a dot ends nothing, so two sentences may come as one.

/// Abbreviations of all three languages that end in a dot inside of a sentence, without that dot.
const ABBREVIATIONS: [&str; 62] = [
    "np", "ok", "tzn", "tj", "ul", "al", "godz", "tel", "tys", "mies", "min", "max", "maks", "ww",
    "wg", "św", "inż", "prof", "dr", "pkt", "nr", "im", "in", "os", "pl", "str", "kl", "woj",
    "pow", "gm", "ds", "tzw", "ew", "szt", "zob", "por", "ca", "bzw", "usw", "inkl", "exkl", "ggf",
    "evtl", "std", "abs", "ggü", "zzgl", "mtl", "e.g", "i.e", "approx", "incl", "excl", "vs", "st",
    "no", "mr", "mrs", "ms", "etc", "vol", "dept",
];
/// Longest text without an end of a sentence, in bytes.
pub(super) const SENTENCE_MAX_BYTES: usize = 2_000;

/// The text does not end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooLong;

/// Takes pieces, gives sentences.
#[derive(Debug, Default)]
pub(super) struct Cutter {
    waiting: String,
}

impl Cutter {
    /// Takes a piece; gives the sentences it completes, each with the blanks that part it from the one before.
    ///
    /// Errors: what waits for its end is longer than any sentence.
    pub(super) fn push(&mut self, piece: &str) -> Result<Vec<String>, TooLong> {
        self.waiting.push_str(piece);
        let mut sentences = Vec::new();
        while let Some(end) = end_of_sentence(&self.waiting) {
            let rest = self.waiting.split_off(end);
            sentences.push(std::mem::replace(&mut self.waiting, rest));
        }
        if self.waiting.len() > SENTENCE_MAX_BYTES {
            return Err(TooLong);
        }
        Ok(sentences)
    }

    /// What is left at the end of the text.
    pub(super) fn finish(self) -> Option<String> {
        (!self.waiting.trim().is_empty()).then_some(self.waiting)
    }
}

/// Where the first sentence ends, in bytes; `None` while that cannot be told.
fn end_of_sentence(text: &str) -> Option<usize> {
    let begin = text.len() - text.trim_start().len();
    text[begin..].char_indices().find_map(|(at, c)| {
        let at = begin + at;
        match c {
            '\n' => Some(at),
            '.' | '!' | '?' | '…' => end_after(text, at, at + c.len_utf8()),
            _ => None,
        }
    })
}

/// The end of the sentence whose last mark is `text[mark..end]`, if it is the last one.
fn end_after(text: &str, mark: usize, end: usize) -> Option<usize> {
    let closing: usize = text[end..]
        .chars()
        .take_while(|c| matches!(c, '”' | '"' | '“' | ')' | '’' | '.' | '!' | '?'))
        .map(char::len_utf8)
        .sum();
    let end = end + closing;
    let rest = &text[end..];
    let next = rest.trim_start().chars().next()?;
    let is_apart = rest.starts_with(char::is_whitespace);
    let goes_on = next.is_lowercase() || next.is_ascii_digit() && text[mark..].starts_with('.');
    let is_end =
        is_apart && !goes_on && !(text[mark..].starts_with('.') && is_abbreviated(&text[..mark]));
    is_end.then_some(end)
}

/// Whether a dot behind `before` belongs to its last word.
fn is_abbreviated(before: &str) -> bool {
    let word = before
        .rsplit(|c: char| c.is_whitespace() || "(„\"/".contains(c))
        .next()
        .unwrap_or_default()
        .to_lowercase();
    let last = word.rsplit('.').next().unwrap_or_default();
    last.ends_with(|c: char| c.is_ascii_digit())
        || last.chars().count() == 1
        || ABBREVIATIONS.contains(&word.as_str())
        || ABBREVIATIONS.contains(&last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cut(text: &str) -> Vec<String> {
        let mut cutter = Cutter::default();
        let mut sentences = cutter.push(text).unwrap();
        sentences.extend(cutter.finish());
        sentences
            .iter()
            .map(|sentence| sentence.trim().to_owned())
            .collect()
    }

    #[test]
    fn sentences_of_all_three_languages_are_told_apart() {
        for (text, sentences) in [
            ("Tak. Robimy to!", vec!["Tak.", "Robimy to!"]),
            (
                "Malujemy np. ściany, m.in. w Gdyni. Zapraszamy.",
                vec!["Malujemy np. ściany, m.in. w Gdyni.", "Zapraszamy."],
            ),
            (
                "Cena to ok. 949 zł/m². Za 1,5 roku.",
                vec!["Cena to ok. 949 zł/m².", "Za 1,5 roku."],
            ),
            (
                "To jest 3. etap. Potem odbiór.",
                vec!["To jest 3. etap.", "Potem odbiór."],
            ),
            (
                "Wir liefern z. B. Fliesen. Gern!",
                vec!["Wir liefern z. B. Fliesen.", "Gern!"],
            ),
            (
                "Am 15. März beginnt es. Danke.",
                vec!["Am 15. März beginnt es.", "Danke."],
            ),
            (
                "We do e.g. tiles. Really? Yes.",
                vec!["We do e.g. tiles.", "Really?", "Yes."],
            ),
            ("Raz\nDwa", vec!["Raz", "Dwa"]),
            ("„Tak.” Powiedział.", vec!["„Tak.”", "Powiedział."]),
            ("bez końca", vec!["bez końca"]),
            ("   ", vec![]),
        ] {
            assert_eq!(cut(text), sentences, "{text}");
        }
    }

    #[test]
    fn a_number_is_never_parted_from_what_it_counts() {
        for text in [
            "Cena to 949. Zł za metr.",
            "od 5 tys. Zł",
            "do 15. Maja",
            "1. Etap",
            "36 mies. Gwarancji",
        ] {
            assert_eq!(cut(text), [text], "{text}");
        }
    }

    #[test]
    fn a_text_without_end_is_refused() {
        let mut cutter = Cutter::default();
        assert_eq!(cutter.push(&"a ".repeat(SENTENCE_MAX_BYTES)), Err(TooLong));
    }

    proptest! {
        #[test]
        fn nothing_is_lost_however_the_text_arrives(
            text in "[a-zA-Z0-9żŁ .!?…\n,\"”)(]{0,120}",
            cuts in prop::collection::vec(0_usize..8, 0..60),
        ) {
            let mut cutter = Cutter::default();
            let mut out = String::new();
            let mut letters = text.chars().peekable();
            let mut cuts = cuts.into_iter().cycle();
            while letters.peek().is_some() {
                let piece: String = letters.by_ref().take(cuts.next().unwrap_or(1).max(1)).collect();
                out.extend(cutter.push(&piece).unwrap());
            }
            out.extend(cutter.finish());
            prop_assert_eq!(out.trim_end(), text.trim_end());
        }
    }
}
