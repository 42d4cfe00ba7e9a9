//! Replies offered to the team, from what the visitor last asked: canned answers that fit and answers of intents.

use std::collections::BTreeSet;

use poem_openapi::{Enum, Object};

use super::ChatError;
use super::model::{Sender, StoredMessage};
use super::service::Chat;
use super::store;
use crate::canned::{self, CannedAnswer};
use crate::knowledge::Snapshot;
use crate::nlu::{ASK_FROM, Classification, Lang, OUT_OF_SCOPE, Zone, zone};
use crate::platform::folding::folded;
use crate::platform::http::Principal;

/// Most suggestions at once.
const SUGGESTIONS_MAX: usize = 3;
/// Of these at most so many canned ones, so that an intent's answer has its place.
const CANNED_MAX: usize = 2;
/// So many of the newest messages are looked through for something the visitor asked.
const LOOK_BACK: i64 = 30;
/// Of them at most so many of the visitor's: what was asked before that is over.
const QUESTIONS_MAX: usize = 3;
/// Intents whose answers are the assistant's, about itself or about calling a person.
const NOT_A_PERSONS: [&str; 3] = ["human_handoff", "bot_identity", "help"];
/// Shorter words fit everywhere.
const WORD_MIN_CHARS: usize = 4;
/// Words that begin alike are forms of one word: "oględziny", "oględzin".
const STEM_CHARS: usize = 5;

/// Where a suggestion comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub(super) enum SuggestionKind {
    /// A canned answer of the team.
    Canned,
    /// What the assistant would answer.
    Answer,
}

/// A reply the team could send.
#[derive(Debug, Clone, PartialEq, Object)]
pub(super) struct Suggestion {
    pub(super) kind: SuggestionKind,
    /// What it is about.
    pub(super) title: String,
    /// The whole text, placeholders filled.
    pub(super) text: String,
}

/// Something the visitor said.
struct Question {
    text: String,
    /// Intents it may mean, the likeliest first.
    intents: Vec<String>,
}

/// A canned answer with its text filled.
struct Filled {
    answer: CannedAnswer,
    text: String,
}

impl Chat {
    /// Up to three replies to what the visitor last asked, the best first.
    pub(super) async fn suggestions(
        &self,
        conversation_id: i64,
        by: &Principal,
    ) -> Result<Vec<Suggestion>, ChatError> {
        let (lang, messages, canned) = self
            .store
            .read(move |tx| {
                let state = store::state_by_id(tx, conversation_id)?.ok_or(ChatError::NotFound)?;
                let since = (state.last_seq - LOOK_BACK).max(0);
                let messages = store::messages_since(tx, state.id, since, LOOK_BACK)?;
                let canned = canned::in_language(tx, state.lang)?;
                Ok::<_, ChatError>((state.lang, messages, canned))
            })
            .await?;
        let knowledge = self.knowledge.snapshot();
        let questions: Vec<Question> = messages
            .iter()
            .rev()
            .filter(|message| message.sender == Sender::User)
            .take(QUESTIONS_MAX)
            .map(|message| {
                let understanding = self.knowledge.nlu().understand(&message.body);
                question(message, understanding.pick(Some(lang)).1)
            })
            .collect();
        let filled: Vec<Filled> = canned
            .into_iter()
            .filter_map(|answer| {
                let text = answer.text(&knowledge, &by.display_name)?;
                Some(Filled { answer, text })
            })
            .collect();
        Ok(suggest(&questions, &filled, &knowledge, lang))
    }
}

/// What a message may mean: what it was understood as when it came (a tapped button names its intent), and what it is
/// understood as now.
fn question(message: &StoredMessage, found: &Classification) -> Question {
    let mut intents: Vec<String> = Vec::new();
    let then = message
        .intent
        .as_deref()
        .filter(|_| message.confidence.unwrap_or(0.0) >= f64::from(ASK_FROM));
    let now = std::iter::once((&*found.intent, found.confidence)).chain(
        found
            .alternatives
            .iter()
            .map(|other| (&*other.intent, other.confidence)),
    );
    // Beside what it surely means, nothing else is meant.
    let meanings = if zone(found) == Zone::Answer {
        1
    } else {
        usize::MAX
    };
    let now = now
        .take(meanings)
        .filter(|(_, confidence)| *confidence >= ASK_FROM)
        .map(|(intent, _)| intent);
    for intent in then.into_iter().chain(now) {
        let is_new = intents.iter().all(|known| known != intent);
        if is_new && intent != OUT_OF_SCOPE && !NOT_A_PERSONS.contains(&intent) {
            intents.push(intent.to_owned());
        }
    }
    Question {
        text: message.body.clone(),
        intents,
    }
}

/// The replies to the newest question that has any, the team's own words before the assistant's.
fn suggest(
    questions: &[Question],
    canned: &[Filled],
    knowledge: &Snapshot,
    lang: Lang,
) -> Vec<Suggestion> {
    questions
        .iter()
        .map(|question| replies(question, canned, knowledge, lang))
        .find(|replies| !replies.is_empty())
        .unwrap_or_default()
}

fn replies(
    question: &Question,
    canned: &[Filled],
    knowledge: &Snapshot,
    lang: Lang,
) -> Vec<Suggestion> {
    let asked = stems(&question.text);
    let mut fitting: Vec<(usize, &Filled)> = canned
        .iter()
        .map(|filled| (fit(&filled.answer, &asked), filled))
        .filter(|(fit, _)| *fit > 0)
        .collect();
    fitting.sort_by_key(|(fit, _)| std::cmp::Reverse(*fit));
    let canned = fitting
        .into_iter()
        .take(CANNED_MAX)
        .map(|(_, filled)| Suggestion {
            kind: SuggestionKind::Canned,
            title: filled.answer.title.clone(),
            text: filled.text.clone(),
        });
    let answers = question.intents.iter().filter_map(|name| {
        let intent = knowledge.intent(name)?;
        let text = intent.answers.get(lang);
        (!text.is_empty()).then(|| Suggestion {
            kind: SuggestionKind::Answer,
            title: intent.titles.get(lang).clone(),
            text: text.clone(),
        })
    });
    canned.chain(answers).take(SUGGESTIONS_MAX).collect()
}

/// How well a canned answer fits: two for each tag the question holds, one for each word of the title. One word of a
/// title alone says too little and counts as nothing.
fn fit(answer: &CannedAnswer, asked: &BTreeSet<String>) -> usize {
    let holds = |text: &str| {
        let words = stems(text);
        !words.is_empty() && words.is_subset(asked)
    };
    let tags = answer.tags.iter().filter(|tag| holds(tag)).count();
    let words = stems(&answer.title).intersection(asked).count();
    let fit = 2 * tags + words;
    if fit < 2 { 0 } else { fit }
}

/// The beginnings of a text's longer words, folded.
fn stems(text: &str) -> BTreeSet<String> {
    folded(text)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() >= WORD_MIN_CHARS)
        .map(|word| word.chars().take(STEM_CHARS).collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canned(title: &str, tags: &[&str]) -> CannedAnswer {
        CannedAnswer {
            id: 1,
            title: title.into(),
            body: String::new(),
            lang: Lang::Pl,
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            created_at_ms: 0,
            updated_at_ms: 0,
        }
    }

    fn fits(answer: &CannedAnswer, question: &str) -> usize {
        fit(answer, &stems(question))
    }

    #[test]
    fn a_tag_fits_in_any_form_case_and_without_diacritics() {
        let answer = canned("Termin", &["oględziny"]);
        assert_eq!(fits(&answer, "Kiedy sa OGLEDZIN mieszkania?"), 2);
        assert_eq!(fits(&answer, "Ile kosztuje pakiet Premium?"), 0);
    }

    #[test]
    fn one_word_of_a_title_says_too_little_and_two_are_enough() {
        let answer = canned("Parkiet dębowy w salonie", &[]);
        assert_eq!(fits(&answer, "Czy salon może być większy?"), 0);
        assert_eq!(fits(&answer, "Ile kosztuje parkiet dębowy?"), 2);
    }

    #[test]
    fn a_tag_of_several_words_needs_all_of_them() {
        let answer = canned("VAT", &["faktura zaliczkowa"]);
        assert_eq!(fits(&answer, "Czy będzie faktura?"), 0);
        assert_eq!(fits(&answer, "Czy wystawią Państwo fakturę zaliczkową?"), 2);
    }

    #[test]
    fn what_only_the_assistant_says_is_never_suggested_to_a_person() {
        let found = Classification {
            intent: "human_handoff".into(),
            confidence: 0.9,
            alternatives: vec![],
        };
        let message = StoredMessage {
            id: 1,
            seq: 1,
            sender: Sender::User,
            agent_name: None,
            body: "Chcę rozmawiać z człowiekiem".into(),
            lang: Lang::Pl,
            intent: Some("bot_identity".into()),
            confidence: Some(0.9),
            extras: super::super::model::Extras::default(),
            client_id: None,
            created_at_ms: 0,
        };
        assert!(question(&message, &found).intents.is_empty());
    }
}
