//! Pieces of a model's text in, sentences that may be shown out. Pure.

use super::grounding::{Evidence, Unsupported, tidy};
use super::sentences::{Cutter, TooLong};

/// Longest answer, in bytes. Longer than any short answer, shorter than what a check reads.
const ANSWER_MAX_BYTES: usize = 1_500;

/// Why an answer is not shown, or no more of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Stopped {
    /// It says what the evidence does not.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
    /// It goes on and on.
    #[error("too long")]
    TooLong,
    /// It rests on no passage: "I don't know", small talk.
    #[error("nothing from the passages")]
    Groundless,
}

impl From<TooLong> for Stopped {
    fn from(_: TooLong) -> Self {
        Self::TooLong
    }
}

/// Checks an answer as it arrives. A sentence is looked at together with all before it, so that nothing slips through
/// between two; and none is shown before the answer shares words with a passage.
#[derive(Debug)]
pub(super) struct Sieve {
    evidence: Evidence,
    cutter: Cutter,
    /// What has passed so far.
    passed: String,
    /// How much of that was given out, in bytes.
    given: usize,
}

impl Sieve {
    pub(super) fn new(evidence: Evidence) -> Self {
        Self {
            evidence,
            cutter: Cutter::default(),
            passed: String::new(),
            given: 0,
        }
    }

    /// Takes a piece; gives what may be shown now. One after the other the given texts are the answer.
    ///
    /// Errors: the answer may not be shown; what was given before is to be taken back.
    pub(super) fn push(&mut self, piece: &str) -> Result<Option<String>, Stopped> {
        for sentence in self.cutter.push(piece)? {
            self.check(&sentence)?;
        }
        Ok(self.give())
    }

    /// The end of the text: what may be shown of its rest, the whole answer, and the passages it rests on.
    ///
    /// Errors: as before.
    pub(super) fn finish(mut self) -> Result<(Option<String>, Finished), Stopped> {
        if let Some(rest) = std::mem::take(&mut self.cutter).finish() {
            self.check(&rest)?;
        }
        let last = self.give();
        let passages = self.evidence.passages_of(&self.passed);
        if passages.is_empty() {
            return Err(Stopped::Groundless);
        }
        let text = self.passed;
        Ok((last, Finished { text, passages }))
    }

    fn check(&mut self, sentence: &str) -> Result<(), Stopped> {
        let sentence = tidy(sentence);
        let words = sentence.trim();
        if words.is_empty() {
            return Ok(());
        }
        if !self.passed.is_empty() {
            let is_new_line =
                sentence[..sentence.len() - sentence.trim_start().len()].contains('\n');
            self.passed.push(if is_new_line { '\n' } else { ' ' });
        }
        self.passed.push_str(words);
        if self.passed.len() > ANSWER_MAX_BYTES {
            return Err(Stopped::TooLong);
        }
        Ok(self.evidence.check(&self.passed)?)
    }

    fn give(&mut self) -> Option<String> {
        let is_new = self.passed.len() > self.given;
        if !is_new || self.evidence.passages_of(&self.passed).is_empty() {
            return None;
        }
        let given = self.passed[self.given..].to_owned();
        self.given = self.passed.len();
        Some(given)
    }
}

/// An answer that may be shown.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Finished {
    pub(super) text: String,
    /// Numbers of the passages it rests on, best first.
    pub(super) passages: Vec<usize>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nlu::Lang;

    const PASSAGE: &str = "Gwarancja na prace wykończeniowe trwa 36 miesięcy. Usterki usuwa ekipa.";

    fn sieve() -> Sieve {
        Sieve::new(Evidence::new(Lang::Pl, [PASSAGE], [], []))
    }

    #[test]
    fn sentences_come_out_whole_and_together_make_the_answer() {
        let mut sieve = sieve();
        let mut given = String::new();
        for piece in [
            "Gwarancja na pr",
            "ace trwa 3",
            "6 miesięcy",
            ". Uster",
            "ki usuwa ekipa.",
        ] {
            if let Some(text) = sieve.push(piece).unwrap() {
                given.push_str(&text);
                assert_eq!(given, "Gwarancja na prace trwa 36 miesięcy.");
            }
        }
        let (last, finished) = sieve.finish().unwrap();
        given.push_str(&last.unwrap());
        assert_eq!(
            given,
            "Gwarancja na prace trwa 36 miesięcy. Usterki usuwa ekipa."
        );
        assert_eq!((finished.text, finished.passages), (given, vec![0]));
    }

    #[test]
    fn nothing_comes_out_before_the_answer_shares_words_with_a_passage() {
        let mut sieve = sieve();
        assert_eq!(sieve.push("Nie wiem. Przykro mi. "), Ok(None));
        assert_eq!(sieve.finish(), Err(Stopped::Groundless));
    }

    #[test]
    fn a_figure_cut_in_two_sentences_is_seen_as_one() {
        let mut sieve = sieve();
        let text = "Gwarancja na prace trwa 36! Tysięcy dni. ";
        assert!(sieve.push(text).is_err());
    }

    #[test]
    fn an_answer_without_end_is_stopped() {
        let mut sieve = sieve();
        let result = (0..100).try_for_each(|_| sieve.push("Usterki usuwa ekipa. A ").map(|_| ()));
        assert_eq!(result, Err(Stopped::TooLong));
    }
}
