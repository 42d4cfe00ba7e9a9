//! /api/intents and /api/entities: what the bot recognises, for agents.

use std::collections::HashMap;

use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::service::Knowledge;
use super::store;
use super::{KnowledgeError, PerLang};
use crate::nlu::Lang;
use crate::platform::clock::to_rfc3339;
use crate::platform::http::{Agent, Problem};

/// The intents.
pub struct IntentsApi(pub Knowledge);

/// The entities.
pub struct EntitiesApi(pub Knowledge);

#[derive(Debug, Object)]
struct IntentItem {
    id: i64,
    name: String,
    /// Button label by language; empty for what is out of scope.
    titles: HashMap<String, String>,
    training_phrases_count: i64,
    created_at: String,
}

#[derive(Debug, Object)]
struct IntentList {
    success: bool,
    count: usize,
    intents: Vec<IntentItem>,
}

#[derive(Debug, Object)]
struct IntentDetail {
    id: i64,
    name: String,
    /// Phrases of all languages.
    training_phrases: Vec<String>,
    /// The same by language.
    training_phrases_by_language: PhrasesByLang,
    /// Answer templates of all languages.
    response_templates: Vec<String>,
    /// Button label by language.
    titles: HashMap<String, String>,
    /// Intents offered after the answer.
    follow_ups: Vec<String>,
    created_at: String,
    updated_at: String,
}

#[derive(Debug, Object)]
struct PhrasesByLang {
    pl: Vec<String>,
    en: Vec<String>,
    de: Vec<String>,
}

#[derive(Debug, Object)]
struct IntentAnswer {
    success: bool,
    intent: IntentDetail,
}

#[derive(Debug, Object)]
struct EntityItem {
    id: i64,
    name: String,
    values_count: usize,
    created_at: String,
}

#[derive(Debug, Object)]
struct EntityList {
    success: bool,
    count: usize,
    entities: Vec<EntityItem>,
}

#[derive(Debug, Object)]
struct EntityDetail {
    id: i64,
    name: String,
    /// Canonical values.
    values: Vec<String>,
    /// Other ways to write each value.
    synonyms: HashMap<String, Vec<String>>,
    created_at: String,
    updated_at: String,
}

#[derive(Debug, Object)]
struct EntityAnswer {
    success: bool,
    entity: EntityDetail,
}

#[OpenApi(prefix_path = "/api/intents", tag = "super::Section::Understanding")]
impl IntentsApi {
    /// All intents with the number of their training phrases.
    #[oai(path = "/", method = "get", operation_id = "list_intents")]
    async fn list(&self, _by: Agent) -> Result<Json<IntentList>, Problem> {
        let (intents, counts) = self
            .0
            .store
            .read(|tx| Ok::<_, KnowledgeError>((store::intents(tx)?, store::phrase_counts(tx)?)))
            .await?;
        let counts: HashMap<i64, i64> = counts.into_iter().collect();
        let intents: Vec<IntentItem> = intents
            .into_iter()
            .map(|row| IntentItem {
                training_phrases_count: counts.get(&row.id).copied().unwrap_or(0),
                id: row.id,
                titles: by_code(&row.titles),
                name: row.name,
                created_at: to_rfc3339(row.created_at_ms),
            })
            .collect();
        Ok(Json(IntentList {
            success: true,
            count: intents.len(),
            intents,
        }))
    }

    /// One intent with its phrases and answers.
    #[oai(path = "/:id", method = "get", operation_id = "get_intent")]
    async fn get(&self, _by: Agent, id: Path<i64>) -> Result<Json<IntentAnswer>, Problem> {
        let id = id.0;
        let (row, phrases, answers) = self
            .0
            .store
            .read(move |tx| {
                let row = store::intents(tx)?
                    .into_iter()
                    .find(|row| row.id == id)
                    .ok_or(KnowledgeError::NotFound("intent"))?;
                let answers = store::answers_of(tx, &format!("intent:{}", row.name))?;
                Ok::<_, KnowledgeError>((row, store::phrases_of(tx, id)?, answers))
            })
            .await?;
        let of = |wanted: Lang| -> Vec<String> {
            let phrases = phrases.iter().filter(|(lang, _)| *lang == wanted);
            phrases.map(|(_, text)| text.clone()).collect()
        };
        Ok(Json(IntentAnswer {
            success: true,
            intent: IntentDetail {
                id: row.id,
                training_phrases_by_language: PhrasesByLang {
                    pl: of(Lang::Pl),
                    en: of(Lang::En),
                    de: of(Lang::De),
                },
                training_phrases: phrases.iter().map(|(_, text)| text.clone()).collect(),
                response_templates: answers.into_iter().map(|(_, text)| text).collect(),
                titles: by_code(&row.titles),
                follow_ups: row.follow_ups,
                created_at: to_rfc3339(row.created_at_ms),
                updated_at: to_rfc3339(row.updated_at_ms),
                name: row.name,
            },
        }))
    }
}

#[OpenApi(prefix_path = "/api/entities", tag = "super::Section::Understanding")]
impl EntitiesApi {
    /// All entities with the number of their values.
    #[oai(path = "/", method = "get", operation_id = "list_entities")]
    async fn list(&self, _by: Agent) -> Result<Json<EntityList>, Problem> {
        let rows = self.0.store.read(|tx| store::entities(tx)).await?;
        let entities: Vec<EntityItem> = rows
            .into_iter()
            .map(|row| EntityItem {
                id: row.id,
                name: row.name,
                values_count: row.values.len(),
                created_at: to_rfc3339(row.created_at_ms),
            })
            .collect();
        Ok(Json(EntityList {
            success: true,
            count: entities.len(),
            entities,
        }))
    }

    /// One entity with its values.
    #[oai(path = "/:id", method = "get", operation_id = "get_entity")]
    async fn get(&self, _by: Agent, id: Path<i64>) -> Result<Json<EntityAnswer>, Problem> {
        let rows = self.0.store.read(|tx| store::entities(tx)).await?;
        let row = rows
            .into_iter()
            .find(|row| row.id == id.0)
            .ok_or(KnowledgeError::NotFound("entity"))?;
        let mut values = Vec::new();
        let mut synonyms = HashMap::new();
        for mut names in row.values {
            if names.is_empty() {
                continue;
            }
            let canonical = names.remove(0);
            synonyms.insert(canonical.clone(), names);
            values.push(canonical);
        }
        Ok(Json(EntityAnswer {
            success: true,
            entity: EntityDetail {
                id: row.id,
                name: row.name,
                values,
                synonyms,
                created_at: to_rfc3339(row.created_at_ms),
                updated_at: to_rfc3339(row.updated_at_ms),
            },
        }))
    }
}

fn by_code(titles: &PerLang<String>) -> HashMap<String, String> {
    Lang::ALL
        .into_iter()
        .map(|lang| (lang.code().to_owned(), titles.get(lang).clone()))
        .collect()
}
