//! Everything a chat turn needs, rendered, in memory.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::KnowledgeError;
use super::company::Company;
use super::opening::{OpeningState, open_ms, opening_state, say_next_open};
use super::pack::PerLang;
use super::store::{DocumentRow, IntentRow, KnowledgeRows};
use super::template::{Renderer, fill, local, names_next_open};
use crate::nlu::{Lang, OUT_OF_SCOPE};

/// A button under a bot's message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, poem_openapi::Object)]
pub struct QuickReply {
    /// What the visitor reads.
    pub title: String,
    /// What is sent as the message when it is tapped, e.g. `intent:price`.
    pub payload: String,
}

/// A document an answer rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, poem_openapi::Object)]
pub struct Source {
    /// Id of the document.
    pub id: i64,
    /// faq, package, …
    #[serde(rename = "type")]
    #[oai(rename = "type")]
    pub kind: String,
    /// Its title.
    pub title: String,
    /// Where to read more.
    pub url: Option<String>,
}

/// What is known of an intent.
#[derive(Debug, Clone)]
pub struct Intent {
    /// Button label.
    pub titles: PerLang<String>,
    /// Rendered answer.
    pub answers: PerLang<String>,
    /// Intents offered next.
    pub follow_ups: Vec<String>,
    /// Documents that say the same.
    pub sources: PerLang<Vec<Source>>,
}

/// The bot's own sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the variants are the keys of answers/*.toml, described there
pub enum SystemText {
    Greeting,
    Disclosure,
    DidYouMean,
    Fallback,
    NoneOfThese,
    TalkToHuman,
    HandoffOpen,
    HandoffClosed,
    HandoffWaiting,
    AgentJoined,
    HandedBack,
    ConversationClosed,
    ConsentText,
}

impl SystemText {
    /// All of them.
    pub const ALL: [SystemText; 13] = [
        Self::Greeting,
        Self::Disclosure,
        Self::DidYouMean,
        Self::Fallback,
        Self::NoneOfThese,
        Self::TalkToHuman,
        Self::HandoffOpen,
        Self::HandoffClosed,
        Self::HandoffWaiting,
        Self::AgentJoined,
        Self::HandedBack,
        Self::ConversationClosed,
        Self::ConsentText,
    ];

    /// The key in the pack's files.
    pub fn key(self) -> &'static str {
        match self {
            Self::Greeting => "greeting",
            Self::Disclosure => "disclosure",
            Self::DidYouMean => "did_you_mean",
            Self::Fallback => "fallback",
            Self::NoneOfThese => "none_of_these",
            Self::TalkToHuman => "talk_to_human",
            Self::HandoffOpen => "handoff_open",
            Self::HandoffClosed => "handoff_closed",
            Self::HandoffWaiting => "handoff_waiting",
            Self::AgentJoined => "agent_joined",
            Self::HandedBack => "handed_back",
            Self::ConversationClosed => "conversation_closed",
            Self::ConsentText => "consent_text",
        }
    }
}

/// The knowledge as it was at one moment; never changes, is replaced as a whole.
pub struct Snapshot {
    /// Number of the change that led here; 0 at start.
    pub(super) generation: u64,
    company: Company,
    intents: HashMap<String, Intent>,
    sentences: PerLang<HashMap<String, String>>,
    documents: PerLang<Vec<DocumentRow>>,
}

/// Most sources named under one answer.
const SOURCES_MAX: usize = 2;

impl Snapshot {
    /// Renders what the database holds.
    ///
    /// Errors: a text names an unknown placeholder.
    pub(super) fn build(rows: KnowledgeRows) -> Result<Self, KnowledgeError> {
        let company = rows.company;
        let renderers =
            PerLang::try_from_fn(|lang| Ok::<_, KnowledgeError>(Renderer::new(&company, lang)))?;
        let mut sentences: PerLang<HashMap<String, String>> = PerLang::default();
        let mut answers: HashMap<String, PerLang<String>> = HashMap::new();
        for answer in rows.answers {
            let text = renderers.get(answer.lang).render(&answer.body)?;
            if let Some(key) = answer.name.strip_prefix("system:") {
                sentences.get_mut(answer.lang).insert(key.to_owned(), text);
            } else if let Some(intent) = answer.name.strip_prefix("intent:") {
                *answers
                    .entry(intent.to_owned())
                    .or_default()
                    .get_mut(answer.lang) = text;
            }
        }
        let mut documents: PerLang<Vec<DocumentRow>> = PerLang::default();
        for mut document in rows.documents {
            let renderer = renderers.get(document.lang);
            document.title = renderer.render(&document.title)?;
            document.body = renderer.render(&document.body)?;
            for field in document.fields.values_mut() {
                renderer.render_json(field)?;
            }
            documents.get_mut(document.lang).push(document);
        }
        let intents = rows
            .intents
            .into_iter()
            .filter(|intent| intent.name != OUT_OF_SCOPE)
            .map(|row| intent_of(row, &mut answers, &documents))
            .collect();
        Ok(Self {
            generation: 0,
            company,
            intents,
            sentences,
            documents,
        })
    }

    /// The company's facts.
    pub fn company(&self) -> &Company {
        &self.company
    }

    /// What is known of `name`.
    pub fn intent(&self, name: &str) -> Option<&Intent> {
        self.intents.get(name)
    }

    /// A button that asks for `name`.
    pub fn button(&self, name: &str, lang: Lang) -> Option<QuickReply> {
        let intent = self.intents.get(name)?;
        Some(QuickReply {
            title: intent.titles.get(lang).clone(),
            payload: format!("intent:{name}"),
        })
    }

    /// A sentence of the bot that does not depend on the moment.
    pub fn sentence(&self, text: SystemText, lang: Lang) -> &str {
        self.sentences
            .get(lang)
            .get(text.key())
            .map_or("", String::as_str)
    }

    /// A sentence with the next opening filled in.
    pub fn sentence_at(&self, text: SystemText, lang: Lang, now_ms: i64) -> String {
        let next = self.next_open_words(lang, now_ms).unwrap_or_default();
        fill(self.sentence(text, lang), &next, "")
    }

    /// A sentence about a member of the team.
    pub fn sentence_about(&self, text: SystemText, lang: Lang, agent_name: &str) -> String {
        fill(self.sentence(text, lang), "", agent_name)
    }

    /// Whether somebody is there. Hours were checked when they were set; should they not be readable, nobody is.
    pub fn opening(&self, now_ms: i64) -> OpeningState {
        opening_state(&self.company, now_ms).unwrap_or(OpeningState {
            is_open: false,
            next_open: None,
        })
    }

    /// How long somebody was there between two times, in milliseconds; hours that cannot be read count as closed.
    pub fn open_ms(&self, from_ms: i64, to_ms: i64) -> i64 {
        open_ms(&self.company, from_ms, to_ms).unwrap_or(0)
    }

    /// A text of the team with its placeholders filled, as `agent_name` would send it.
    ///
    /// Errors: an unknown placeholder (also `next_open`, which has no words while somebody is there), or a result that
    /// is too long.
    pub fn filled(
        &self,
        template: &str,
        lang: Lang,
        agent_name: &str,
    ) -> Result<String, KnowledgeError> {
        let text = Renderer::new(&self.company, lang).render(template)?;
        if names_next_open(&text) {
            return Err(KnowledgeError::Template(
                "next_open is for the assistant's own sentences".into(),
            ));
        }
        Ok(fill(&text, "", agent_name))
    }

    fn next_open_words(&self, lang: Lang, now_ms: i64) -> Option<String> {
        let next = self.opening(now_ms).next_open?;
        let now = local(&self.company, now_ms).ok()?;
        Some(say_next_open(&next, &now, lang))
    }

    /// All sentences of `lang` by key, for `/api/i18n`.
    pub(super) fn sentences(&self, lang: Lang) -> &HashMap<String, String> {
        self.sentences.get(lang)
    }

    /// All intents by name.
    pub(super) fn intents(&self) -> &HashMap<String, Intent> {
        &self.intents
    }

    /// Published documents of a type, in their order.
    pub(super) fn documents<'a>(
        &'a self,
        kind: &'a str,
        lang: Lang,
    ) -> impl Iterator<Item = &'a DocumentRow> {
        self.documents
            .get(lang)
            .iter()
            .filter(move |document| document.kind == kind && document.is_published)
    }

    /// The document of a type with this slug.
    pub(super) fn document(&self, kind: &str, slug: &str, lang: Lang) -> Option<&DocumentRow> {
        self.documents.get(lang).iter().find(|document| {
            document.kind == kind && document.slug == slug && document.is_published
        })
    }
}

fn intent_of(
    row: IntentRow,
    answers: &mut HashMap<String, PerLang<String>>,
    documents: &PerLang<Vec<DocumentRow>>,
) -> (String, Intent) {
    let sources = |lang: Lang| {
        documents
            .get(lang)
            .iter()
            .filter(|document| document.is_published)
            .filter(|document| {
                document
                    .fields
                    .get("intent")
                    .and_then(serde_json::Value::as_str)
                    == Some(row.name.as_str())
            })
            .take(SOURCES_MAX)
            .map(|document| Source {
                id: document.id,
                kind: document.kind.clone(),
                title: document.title.clone(),
                url: document.url.clone(),
            })
            .collect()
    };
    let intent = Intent {
        answers: answers.remove(&row.name).unwrap_or_default(),
        sources: PerLang {
            pl: sources(Lang::Pl),
            en: sources(Lang::En),
            de: sources(Lang::De),
        },
        titles: row.titles,
        follow_ups: row.follow_ups,
    };
    (row.name, intent)
}
