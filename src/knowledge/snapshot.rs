//! Everything a chat turn needs, rendered, in memory.

use std::collections::HashMap;
use std::sync::Arc;

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::KnowledgeError;
use super::company::Company;
use super::language::Offered;
use super::opening::{OpeningState, open_ms, opening_state, say_next_open};
use super::pack::PerLang;
use super::sources::{Source, pictures_of, share_pictures, source_of};
use super::store::{DocumentRow, IntentRow, KnowledgeRows};
use super::template::{Renderer, fill, local, unfilled};
use super::widget::{Texts, Widget, brand, theme_css};
use crate::nlu::entities::{Context, Vocabulary};
use crate::nlu::{Lang, OUT_OF_SCOPE};
use crate::quotes::PriceList;
use crate::uploads::Attachment;

/// A button under a bot's message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, poem_openapi::Object)]
pub struct QuickReply {
    /// What the visitor reads.
    pub title: String,
    /// What is sent as the message when it is tapped, e.g. `intent:price`.
    pub payload: String,
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

macro_rules! system_texts {
    ($($variant:ident = $key:literal),* $(,)?) => {
        /// The bot's own sentences and buttons.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[allow(missing_docs)] // the variants are the keys of answers/*.toml, described there
        pub enum SystemText {
            $($variant),*
        }

        impl SystemText {
            /// All of them.
            pub const ALL: &'static [SystemText] = &[$(Self::$variant),*];

            /// The key in the pack's files.
            pub fn key(self) -> &'static str {
                match self { $(Self::$variant => $key),* }
            }
        }
    };
}

system_texts! {
    Greeting = "greeting",
    Disclosure = "disclosure",
    DidYouMean = "did_you_mean",
    Fallback = "fallback",
    FallbackFound = "fallback_found",
    PictureReceived = "picture_received",
    NoneOfThese = "none_of_these",
    TalkToHuman = "talk_to_human",
    HandoffOpen = "handoff_open",
    HandoffClosed = "handoff_closed",
    HandoffWaiting = "handoff_waiting",
    AgentJoined = "agent_joined",
    HandedBack = "handed_back",
    ConversationClosed = "conversation_closed",
    ConsentText = "consent_text",
    QuizConsent = "quiz_consent",
    AskArea = "ask_area",
    AskAreaAgain = "ask_area_again",
    AskAreaBack = "ask_area_back",
    AskPackage = "ask_package",
    AskPackageAgain = "ask_package_again",
    AskPackageBack = "ask_package_back",
    OfferContact = "offer_contact",
    AskName = "ask_name",
    AskNameAgain = "ask_name_again",
    AskNameBack = "ask_name_back",
    AskContact = "ask_contact",
    AskContactAgain = "ask_contact_again",
    AskContactBack = "ask_contact_back",
    AskTime = "ask_time",
    AskTimeAgain = "ask_time_again",
    AskTimeBack = "ask_time_back",
    AskService = "ask_service",
    AskVisitName = "ask_visit_name",
    AskVisitNameBack = "ask_visit_name_back",
    AskEmail = "ask_email",
    AskEmailAgain = "ask_email_again",
    AskEmailBack = "ask_email_back",
    AskPhone = "ask_phone",
    AskPhoneAgain = "ask_phone_again",
    AskPhoneBack = "ask_phone_back",
    AskConsent = "ask_consent",
    AskConsentAgain = "ask_consent_again",
    AskConsentBack = "ask_consent_back",
    ConsentRefused = "consent_refused",
    LeadSaved = "lead_saved",
    LeadJoined = "lead_joined",
    QuoteSaved = "quote_saved",
    VisitBooked = "visit_booked",
    TimeTaken = "time_taken",
    NoFreeTimes = "no_free_times",
    AskErase = "ask_erase",
    DataDeleted = "data_deleted",
    DataKept = "data_kept",
    DataCopy = "data_copy",
    GoalDropped = "goal_dropped",
    Forgotten = "forgotten",
    Noted = "noted",
    InMind = "in_mind",
    WelcomeBack = "welcome_back",
    QuizIntro = "quiz_intro",
    QuizAgain = "quiz_again",
    QuizBack = "quiz_back",
    QuizResult = "quiz_result",
    QuizNoResult = "quiz_no_result",
    ButtonYes = "button_yes",
    ButtonNo = "button_no",
    ButtonDontKnow = "button_dont_know",
    ButtonAgree = "button_agree",
    ButtonDisagree = "button_disagree",
    ButtonQuote = "button_quote",
    ButtonSaveQuote = "button_save_quote",
    ButtonContact = "button_contact",
    ButtonQualification = "button_qualification",
    ButtonVisit = "button_visit",
    ButtonOtherTimes = "button_other_times",
    ButtonCopyData = "button_copy_data",
    ButtonEraseData = "button_erase_data",
    WordFlat = "word_flat",
    WordHouse = "word_house",
    WordStudio = "word_studio",
    WordCommercial = "word_commercial",
}

/// The knowledge as it was at one moment; never changes, is replaced as a whole.
pub struct Snapshot {
    /// Number of the change that led here; 0 at start.
    pub(super) generation: u64,
    company: Company,
    price_list: Arc<PriceList>,
    offered: Offered,
    widget: Widget,
    chat_texts: Texts,
    theme_css: String,
    brand: Option<(String, String)>,
    intents: HashMap<String, Intent>,
    sentences: PerLang<HashMap<String, String>>,
    documents: PerLang<Vec<DocumentRow>>,
    /// Id of a document to its place among those of its language.
    places: PerLang<HashMap<i64, usize>>,
    /// Of documents, by their numbers.
    pictures: HashMap<i64, Attachment>,
    vocabulary: Vocabulary,
    zone: TimeZone,
}

/// Most sources named under one answer.
const SOURCES_MAX: usize = 2;

impl Snapshot {
    /// Renders what the database holds.
    ///
    /// * `third_party`: the host of a language model that gets visitors' words, if one does.
    /// * Errors: a text names an unknown placeholder.
    pub(super) fn build(
        rows: KnowledgeRows,
        third_party: Option<&str>,
    ) -> Result<Self, KnowledgeError> {
        let company = rows.company;
        let renderers = PerLang::try_from_fn(|lang| {
            Ok::<_, KnowledgeError>(Renderer::new(&company, third_party, lang))
        })?;
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
        share_pictures(&mut documents);
        let chat_texts = chat_texts(&rows.widget, &company, &renderers)?;
        let intents = rows
            .intents
            .into_iter()
            .filter(|intent| intent.name != OUT_OF_SCOPE)
            .map(|row| intent_of(row, &mut answers, &documents, &rows.pictures))
            .collect();
        let places = PerLang::try_from_fn(|lang| {
            let ids = documents.get(lang).iter().map(|document| document.id);
            Ok::<_, KnowledgeError>(ids.enumerate().map(|(place, id)| (id, place)).collect())
        })?;
        let names = rows.entities.iter();
        let vocabulary = Vocabulary::new(
            &company.name,
            names.map(|entity| (entity.name.as_str(), entity.values.as_slice())),
        );
        let zone = company.zone()?;
        Ok(Self {
            generation: 0,
            company,
            price_list: Arc::new(rows.price_list),
            offered: rows.offered,
            theme_css: theme_css(&rows.widget.colours)?,
            brand: brand(&rows.widget.colours)?,
            widget: rows.widget,
            chat_texts,
            intents,
            sentences,
            documents,
            places,
            pictures: rows.pictures,
            vocabulary,
            zone,
        })
    }

    /// The company's facts.
    pub fn company(&self) -> &Company {
        &self.company
    }

    /// What finding data in a message needs, at `now_ms` (milliseconds UTC). A time out of range counts as the earliest.
    pub fn context(&self, now_ms: i64) -> Context<'_> {
        let now = Timestamp::from_millisecond(now_ms);
        Context {
            now: now.map_or(DateTime::MIN, |at| self.zone.to_datetime(at)),
            vocabulary: &self.vocabulary,
        }
    }

    /// Tells one wording of a sentence from another, e.g. for the record of a consent.
    pub fn text_version(&self, text: SystemText, lang: Lang) -> String {
        let digest = Sha256::digest(self.sentence(text, lang));
        HEXLOWER.encode(&digest[..6])
    }

    /// The price list every price in the texts comes from.
    pub fn price_list(&self) -> Arc<PriceList> {
        Arc::clone(&self.price_list)
    }

    /// The languages the company answers in.
    pub fn offered(&self) -> &Offered {
        &self.offered
    }

    /// How the chat looks and begins, as the owner wrote it.
    pub fn widget(&self) -> &Widget {
        &self.widget
    }

    /// The style sheet with the company's colours; empty when it has none of its own.
    pub fn theme_css(&self) -> &str {
        &self.theme_css
    }

    /// The company's colour and that of text on it as `#rrggbb`; `None` when it has none of its own.
    pub fn brand(&self) -> Option<(String, String)> {
        self.brand.clone()
    }

    /// What stands above the chat.
    pub fn title(&self, lang: Lang) -> &str {
        &self.chat_texts.get(lang).title
    }

    /// The chat's first bubble: the owner's, else the assistant's.
    pub fn greeting(&self, lang: Lang) -> &str {
        match self.chat_texts.get(lang).greeting.as_str() {
            "" => self.sentence(SystemText::Greeting, lang),
            own => own,
        }
    }

    /// The company's time zone.
    pub fn zone(&self) -> TimeZone {
        self.zone.clone()
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
        fill(self.sentence(text, lang), &[("next_open", &next)])
    }

    /// A sentence about a member of the team.
    pub fn sentence_about(&self, text: SystemText, lang: Lang, agent_name: &str) -> String {
        fill(self.sentence(text, lang), &[("agent_name", agent_name)])
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
    /// Errors: an unknown placeholder (also one only the assistant's own sentences have words for), or a result that
    /// is too long.
    pub fn filled(
        &self,
        template: &str,
        lang: Lang,
        agent_name: &str,
    ) -> Result<String, KnowledgeError> {
        let text = Renderer::new(&self.company, None, lang).render(template)?;
        let text = fill(&text, &[("agent_name", agent_name)]);
        match unfilled(&text) {
            Some(name) => Err(KnowledgeError::Template(format!(
                "{name} is for the assistant's own sentences"
            ))),
            None => Ok(text),
        }
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

    /// All documents of a language.
    pub(super) fn all_documents(&self, lang: Lang) -> &[DocumentRow] {
        self.documents.get(lang)
    }

    /// The document with that id, when it is in `lang`.
    pub(super) fn document_by_id(&self, id: i64, lang: Lang) -> Option<&DocumentRow> {
        let place = self.places.get(lang).get(&id)?;
        self.documents.get(lang).get(*place)
    }

    /// The pictures of a document, in their order.
    pub(super) fn pictures(&self, document: &DocumentRow) -> Vec<Attachment> {
        pictures_of(document, &self.pictures).cloned().collect()
    }

    /// A document as an answer names it.
    pub(super) fn source(&self, document: &DocumentRow) -> Source {
        source_of(document, &self.pictures)
    }

    /// The document of a type with this slug.
    pub(super) fn document(&self, kind: &str, slug: &str, lang: Lang) -> Option<&DocumentRow> {
        self.documents.get(lang).iter().find(|document| {
            document.kind == kind && document.slug == slug && document.is_published
        })
    }
}

/// The owner's texts for the chat, filled; a title there always is.
fn chat_texts(
    widget: &Widget,
    company: &Company,
    renderers: &PerLang<Renderer>,
) -> Result<Texts, KnowledgeError> {
    let mut texts = widget.texts.clone();
    for lang in Lang::ALL {
        let of_lang = texts.get_mut(lang);
        for (field, text) in [
            ("widget.texts.title", &mut of_lang.title),
            ("widget.texts.greeting", &mut of_lang.greeting),
        ] {
            *text = renderers
                .get(lang)
                .render(text)
                .map_err(|error| KnowledgeError::invalid(field, error.to_string()))?;
        }
        if of_lang.title.is_empty() {
            of_lang.title.clone_from(&company.name);
        }
    }
    Ok(texts)
}

fn intent_of(
    row: IntentRow,
    answers: &mut HashMap<String, PerLang<String>>,
    documents: &PerLang<Vec<DocumentRow>>,
    pictures: &HashMap<i64, Attachment>,
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
            .map(|document| source_of(document, pictures))
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
