//! A text that arrives in pieces, cut into whole sentences. Pure.

use crate::platform::sentences::end_of_sentence;

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
