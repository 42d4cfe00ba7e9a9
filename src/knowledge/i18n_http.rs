//! /api/i18n: languages, translations, detection, as in v2.3.

use std::collections::BTreeMap;

use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

use super::language::named_lang;
use super::service::Knowledge;
use crate::nlu::Lang;
use crate::platform::http::{Problem, clean_text};

/// The endpoints.
pub struct I18nApi(pub Knowledge);

/// Longest text whose language is detected, in characters.
const TEXT_MAX_CHARS: usize = 2_000;

#[derive(Debug, Object)]
#[oai(example)]
struct DetectRequest {
    /// What to look at.
    text: String,
}

impl Example for DetectRequest {
    fn example() -> Self {
        Self {
            text: "Witam, chciałbym zapytać o cennik".into(),
        }
    }
}

#[derive(Debug, Object)]
struct DetectAnswer {
    status: String,
    /// `pl`, `en` or `de`.
    detected_language: String,
    text: String,
    /// Probability of each language; the sum is 1.
    scores: BTreeMap<String, f32>,
}

#[derive(Debug, Object)]
struct Translations {
    status: String,
    language: String,
    /// Sentences by key; titles of intents under `intent.<name>`.
    translations: BTreeMap<String, String>,
}

#[derive(Debug, Object)]
#[oai(example)]
struct TranslateRequest {
    /// Key of a sentence.
    key: String,
    /// `pl`, `en` or `de`; the company's first when missing.
    language: Option<String>,
}

impl Example for TranslateRequest {
    fn example() -> Self {
        Self {
            key: "greeting".into(),
            language: Some("de".into()),
        }
    }
}

#[derive(Debug, Object)]
struct TranslateAnswer {
    status: String,
    key: String,
    language: String,
    /// The sentence; the key itself when there is none, as in v2.3.
    translation: String,
}

#[derive(Debug, Object)]
struct LanguageView {
    code: String,
    name: String,
    flag: String,
}

#[derive(Debug, Object)]
struct Languages {
    status: String,
    languages: Vec<LanguageView>,
    default: String,
}

#[derive(Debug, Object)]
struct FaqAnswer {
    status: String,
    intent: String,
    language: String,
    translation: String,
}

#[OpenApi(prefix_path = "/api/i18n", tag = "super::Section::Languages")]
impl I18nApi {
    /// Tell which language a text is in.
    #[oai(path = "/detect", method = "post", operation_id = "i18n_detect")]
    async fn detect(&self, body: Json<DetectRequest>) -> Result<Json<DetectAnswer>, Problem> {
        let text = clean_text(&body.0.text, TEXT_MAX_CHARS)
            .map_err(|error| Problem::field("invalid_text", "text", error))?;
        let scores = self.0.nlu().detect(&text);
        Ok(Json(DetectAnswer {
            status: "success".into(),
            detected_language: scores.best().code().into(),
            text,
            scores: Lang::ALL
                .into_iter()
                .map(|lang| (lang.code().to_owned(), scores.of(lang)))
                .collect(),
        }))
    }

    /// All sentences of the chat in a language.
    #[oai(
        path = "/translations/:language",
        method = "get",
        operation_id = "i18n_translations"
    )]
    async fn translations(&self, language: Path<String>) -> Result<Json<Translations>, Problem> {
        let lang = named_lang(&language.0)?;
        let snapshot = self.0.snapshot();
        let sentences = snapshot
            .sentences(lang)
            .keys()
            .filter_map(|key| Some((key.clone(), sentence(&snapshot, key, lang)?)));
        let titles = snapshot
            .intents()
            .iter()
            .map(|(name, intent)| (format!("intent.{name}"), intent.titles.get(lang).clone()));
        Ok(Json(Translations {
            status: "success".into(),
            language: lang.code().into(),
            translations: sentences.chain(titles).collect(),
        }))
    }

    /// One sentence in a language.
    #[oai(path = "/translate", method = "post", operation_id = "i18n_translate")]
    async fn translate(
        &self,
        body: Json<TranslateRequest>,
    ) -> Result<Json<TranslateAnswer>, Problem> {
        let key = clean_text(&body.0.key, 100)
            .map_err(|error| Problem::field("invalid_key", "key", error))?;
        let snapshot = self.0.snapshot();
        let lang = match body.0.language.as_deref() {
            Some(code) => named_lang(code)?,
            None => snapshot.offered().first(),
        };
        let translation = sentence(&snapshot, &key, lang).unwrap_or_else(|| key.clone());
        Ok(Json(TranslateAnswer {
            status: "success".into(),
            key,
            language: lang.code().into(),
            translation,
        }))
    }

    /// The languages the company answers in.
    #[oai(path = "/languages", method = "get", operation_id = "i18n_languages")]
    async fn languages(&self) -> Result<Json<Languages>, Problem> {
        let snapshot = self.0.snapshot();
        let view = |lang: &Lang| {
            let (name, flag) = match lang {
                Lang::Pl => ("Polski", "🇵🇱"),
                Lang::En => ("English", "🇬🇧"),
                Lang::De => ("Deutsch", "🇩🇪"),
            };
            LanguageView {
                code: lang.code().into(),
                name: name.into(),
                flag: flag.into(),
            }
        };
        Ok(Json(Languages {
            status: "success".into(),
            languages: snapshot.offered().all().iter().map(view).collect(),
            default: snapshot.offered().first().code().into(),
        }))
    }

    /// The answer of an intent in a language.
    #[oai(
        path = "/faq/:intent/:language",
        method = "get",
        operation_id = "i18n_faq"
    )]
    async fn faq(
        &self,
        intent: Path<String>,
        language: Path<String>,
    ) -> Result<Json<FaqAnswer>, Problem> {
        let lang = named_lang(&language.0)?;
        let snapshot = self.0.snapshot();
        let known = snapshot
            .intent(&intent.0)
            .ok_or_else(|| Problem::not_found("intent_not_found", "There is no such intent."))?;
        Ok(Json(FaqAnswer {
            status: "success".into(),
            translation: known.answers.get(lang).clone(),
            intent: intent.0,
            language: lang.code().into(),
        }))
    }
}

/// A sentence as a translator reads it.
fn sentence(snapshot: &super::Snapshot, key: &str, lang: Lang) -> Option<String> {
    let text = snapshot.sentences(lang).get(key)?;
    Some(super::template::with_placeholders(text))
}
