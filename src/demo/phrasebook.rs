//! What is said: visitors' texts are the phrases the assistant learns from, its own are its answers. Nothing is invented.

use std::collections::BTreeMap;
use std::sync::Arc;

use fastrand::Rng;

use super::chance::{one_of, weighted};
use crate::knowledge::{Snapshot, SystemText};
use crate::nlu::{Lang, OUT_OF_SCOPE, Phrase};

/// Visitors' languages in percent; one the company does not answer in becomes the one it begins with.
const LANGS: [(u32, Lang); 3] = [(80, Lang::Pl), (12, Lang::En), (8, Lang::De)];
/// What asks for a person.
pub(super) const HAND_OFF: &str = "human_handoff";

/// Everything that can be said, by language.
pub(super) struct Phrasebook {
    pub(super) snapshot: Arc<Snapshot>,
    /// By language and intent.
    phrases: BTreeMap<(Lang, String), Vec<String>>,
    /// Intents with an answer, as often as they have phrases.
    intents: BTreeMap<Lang, Vec<(u32, String)>>,
}

/// A visitor's question.
pub(super) struct Question {
    pub(super) text: String,
    pub(super) intent: String,
    /// Tapped, not written.
    pub(super) is_button: bool,
}

impl Phrasebook {
    /// * `phrases`: of every intent.
    pub(super) fn new(snapshot: Arc<Snapshot>, phrases: Vec<Phrase>) -> Self {
        let mut by_intent: BTreeMap<(Lang, String), Vec<String>> = BTreeMap::new();
        for phrase in phrases {
            let key = (phrase.lang, phrase.intent);
            by_intent.entry(key).or_default().push(phrase.text);
        }
        let mut intents: BTreeMap<Lang, Vec<(u32, String)>> = BTreeMap::new();
        for ((lang, intent), phrases) in &by_intent {
            let is_answered = snapshot
                .intent(intent)
                .is_some_and(|known| !known.answers.get(*lang).is_empty());
            if is_answered && intent != HAND_OFF && intent != OUT_OF_SCOPE {
                let weight = u32::try_from(phrases.len()).unwrap_or(u32::MAX);
                let of_lang = intents.entry(*lang).or_default();
                of_lang.push((weight, intent.clone()));
            }
        }
        Self {
            snapshot,
            phrases: by_intent,
            intents,
        }
    }

    /// Whether anything can be said at all.
    pub(super) fn has_words(&self) -> bool {
        !self.intents.is_empty()
    }

    /// Draws a visitor's language; `None` when nothing is known to be said in it.
    pub(super) fn lang(&self, rng: &mut Rng) -> Option<Lang> {
        let lang = self
            .snapshot
            .offered()
            .nearest(*weighted(rng, &LANGS), None);
        self.intents.contains_key(&lang).then_some(lang)
    }

    /// A question of any intent that is answered.
    pub(super) fn question(&self, rng: &mut Rng, lang: Lang) -> Option<Question> {
        let intent = weighted(rng, self.intents.get(&lang)?);
        self.question_of(rng, lang, intent)
    }

    /// A question of one intent.
    pub(super) fn question_of(&self, rng: &mut Rng, lang: Lang, intent: &str) -> Option<Question> {
        let phrases = self.phrases.get(&(lang, intent.to_owned()))?;
        Some(Question {
            text: one_of(rng, phrases).clone(),
            intent: intent.to_owned(),
            is_button: false,
        })
    }

    /// What is answered to an intent; empty when nothing is.
    pub(super) fn answer(&self, intent: &str, lang: Lang) -> &str {
        (self.snapshot.intent(intent)).map_or("", |known| known.answers.get(lang))
    }

    /// One of the buttons under an intent's answer: what it says and asks for.
    pub(super) fn button(&self, rng: &mut Rng, intent: &str, lang: Lang) -> Option<Question> {
        let known = self.snapshot.intent(intent)?;
        let next: Vec<&String> = (known.follow_ups.iter())
            .filter(|next| *next != HAND_OFF && !self.answer(next, lang).is_empty())
            .collect();
        if next.is_empty() {
            return None;
        }
        let intent = *one_of(rng, &next);
        let titles = &self.snapshot.intent(intent)?.titles;
        Some(Question {
            text: titles.get(lang).clone(),
            intent: intent.clone(),
            is_button: true,
        })
    }

    /// A sentence of the assistant.
    pub(super) fn sentence(&self, text: SystemText, lang: Lang) -> String {
        self.snapshot.sentence(text, lang).to_owned()
    }

    /// When somebody of the team is there, from then on (milliseconds UTC).
    pub(super) fn opens_at(&self, at_ms: i64) -> Option<i64> {
        let state = self.snapshot.opening(at_ms);
        if state.is_open {
            return Some(at_ms);
        }
        let next = state.next_open?;
        Some(next.timestamp().as_millisecond())
    }
}
