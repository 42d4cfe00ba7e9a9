//! All SQL over the knowledge tables.

mod documents;

use std::collections::HashMap;

use serde_json::Value;

use super::KnowledgeError;
use super::company::Company;
use super::language::Offered;
use super::pack::PerLang;
use super::widget::Widget;
use crate::nlu::{Lang, Phrase, TrainingDigest};
use crate::params;
use crate::platform::db::{DbError, Row, Tx};
use crate::platform::settings;
use crate::quotes::{self, PriceList};
use crate::uploads::{self, Attachment};

pub(super) use documents::{
    DocumentRow, delete_document, document, documents, insert_document, update_document,
};

/// Names of this slice's settings.
const COMPANY: &str = "company";
const LANGUAGES: &str = "languages";
const WIDGET: &str = "widget";
const TRAINING_DIGEST: &str = "training_digest";

/// The columns a row type is read from, in the order it takes them.
macro_rules! select {
    (intents $($rest:literal)?) => {
        concat!(
            "SELECT id, name, titles_json, follow_ups_json, created_at_ms, updated_at_ms FROM intents"
            $(, " ", $rest)?
        )
    };
    (entities $($rest:literal)?) => {
        concat!(
            "SELECT id, name, values_json, created_at_ms, updated_at_ms FROM entities"
            $(, " ", $rest)?
        )
    };
}

/// Everything a snapshot is built from.
pub(super) struct KnowledgeRows {
    pub(super) company: Company,
    pub(super) price_list: PriceList,
    pub(super) offered: Offered,
    pub(super) widget: Widget,
    pub(super) intents: Vec<IntentRow>,
    pub(super) answers: Vec<AnswerRow>,
    pub(super) documents: Vec<DocumentRow>,
    /// Those of the documents, by their numbers.
    pub(super) pictures: HashMap<i64, Attachment>,
    pub(super) entities: Vec<EntityRow>,
}

#[derive(Debug, Clone)]
pub(super) struct IntentRow {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) titles: PerLang<String>,
    pub(super) follow_ups: Vec<String>,
    pub(super) created_at_ms: i64,
    pub(super) updated_at_ms: i64,
}

pub(super) struct AnswerRow {
    pub(super) name: String,
    pub(super) lang: Lang,
    pub(super) body: String,
}

pub(super) struct EntityRow {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) values: Vec<Vec<String>>,
    pub(super) created_at_ms: i64,
    pub(super) updated_at_ms: i64,
}

/// True when a pack was imported before.
pub(super) fn is_imported(tx: &mut dyn Tx) -> Result<bool, DbError> {
    Ok(settings::load::<Value>(tx, COMPANY)?.is_some())
}

/// Reads everything a snapshot needs.
pub(super) fn load(tx: &mut dyn Tx) -> Result<KnowledgeRows, KnowledgeError> {
    let price_list = current_prices(tx)?;
    let documents = documents(tx)?;
    let ids: Vec<i64> = documents
        .iter()
        .flat_map(|document| document.pictures.iter().copied())
        .collect();
    let pictures = uploads::attachments(tx, &ids)?;
    Ok(KnowledgeRows {
        company: company_with(tx, &price_list)?,
        price_list,
        offered: settings::load(tx, LANGUAGES)?.unwrap_or_default(),
        widget: settings::load(tx, WIDGET)?.unwrap_or_default(),
        intents: intents(tx)?,
        answers: answers(tx)?,
        documents,
        pictures: pictures
            .into_iter()
            .map(|picture| (picture.id, picture))
            .collect(),
        entities: entities(tx)?,
    })
}

/// The company's facts as they are inside this transaction.
pub(super) fn company(tx: &mut dyn Tx) -> Result<Company, KnowledgeError> {
    let price_list = current_prices(tx)?;
    company_with(tx, &price_list)
}

fn current_prices(tx: &mut dyn Tx) -> Result<PriceList, KnowledgeError> {
    Ok(
        quotes::price_list(tx)?
            .ok_or_else(|| DbError::Internal("there is no price list".into()))?,
    )
}

/// The company's facts with the prices that count now.
fn company_with(tx: &mut dyn Tx, price_list: &PriceList) -> Result<Company, KnowledgeError> {
    let mut company: Value = settings::load(tx, COMPANY)?
        .ok_or_else(|| DbError::Internal("no pack was imported".into()))?;
    company[PRICES] = serde_json::to_value(&price_list.prices).map_err(json_error)?;
    Ok(serde_json::from_value(company).map_err(json_error)?)
}

/// The field of the company's facts that is kept elsewhere.
const PRICES: &str = "prices";

/// Replaces the company's facts; its prices become a version of the price list when they changed.
pub(super) fn save_company(tx: &mut dyn Tx, company: &Company, now_ms: i64) -> Result<(), DbError> {
    quotes::keep_prices(tx, &company.prices, None, now_ms)?;
    let mut company = serde_json::to_value(company).map_err(json_error)?;
    if let Some(fields) = company.as_object_mut() {
        fields.remove(PRICES);
    }
    settings::save(tx, COMPANY, &company, now_ms)
}

/// Replaces the languages the company answers in.
pub(super) fn save_offered(tx: &mut dyn Tx, offered: &Offered, now_ms: i64) -> Result<(), DbError> {
    settings::save(tx, LANGUAGES, offered, now_ms)
}

/// Replaces how the chat looks.
pub(super) fn save_widget(tx: &mut dyn Tx, widget: &Widget, now_ms: i64) -> Result<(), DbError> {
    settings::save(tx, WIDGET, widget, now_ms)
}

/// The digest of what the model is trained from, if it was kept by this very program after the last change: another
/// one may train from other texts.
pub(super) fn training_digest(tx: &mut dyn Tx) -> Result<Option<TrainingDigest>, DbError> {
    let kept: Option<(String, TrainingDigest)> = settings::load(tx, TRAINING_DIGEST)?;
    Ok(kept
        .filter(|(program, _)| program == PROGRAM)
        .map(|(_, digest)| digest))
}

/// The program that keeps a digest.
const PROGRAM: &str = env!("CARGO_PKG_VERSION");

/// Keeps the digest of what the tables hold now.
pub(super) fn keep_training_digest(
    tx: &mut dyn Tx,
    digest: TrainingDigest,
    now_ms: i64,
) -> Result<(), DbError> {
    settings::save(tx, TRAINING_DIGEST, &(PROGRAM, digest), now_ms)
}

/// Forgets the digest; in every transaction that may change what the model is trained from.
pub(super) fn forget_training_digest(tx: &mut dyn Tx) -> Result<(), DbError> {
    settings::forget(tx, TRAINING_DIGEST)
}

/// Removes everything a pack brings but the company's facts, which are replaced.
pub(super) fn clear(tx: &mut dyn Tx) -> Result<(), DbError> {
    for sql in [
        "DELETE FROM intent_phrases",
        "DELETE FROM intents",
        "DELETE FROM answers",
        "DELETE FROM entities",
        "DELETE FROM documents",
    ] {
        tx.execute(sql, params![])?;
    }
    Ok(())
}

pub(super) fn intents(tx: &mut dyn Tx) -> Result<Vec<IntentRow>, DbError> {
    tx.query(select!(intents "ORDER BY position, id"), params![])?
        .into_iter()
        .map(|mut row| {
            Ok(IntentRow {
                id: row.take(0)?,
                name: row.take(1)?,
                titles: from_json(&row.take::<String>(2)?)?,
                follow_ups: from_json(&row.take::<String>(3)?)?,
                created_at_ms: row.take(4)?,
                updated_at_ms: row.take(5)?,
            })
        })
        .collect()
}

/// Number of phrases by intent id.
pub(super) fn phrase_counts(tx: &mut dyn Tx) -> Result<Vec<(i64, i64)>, DbError> {
    tx.query(
        "SELECT intent_id, COUNT(*) FROM intent_phrases GROUP BY intent_id",
        params![],
    )?
    .into_iter()
    .map(|mut row| Ok((row.take(0)?, row.take(1)?)))
    .collect()
}

/// Phrases of one intent.
pub(super) fn phrases_of(tx: &mut dyn Tx, intent_id: i64) -> Result<Vec<(Lang, String)>, DbError> {
    tx.query(
        "SELECT lang, body FROM intent_phrases WHERE intent_id = ?1 ORDER BY lang, id",
        params![intent_id],
    )?
    .into_iter()
    .map(|mut row| Ok((lang(&mut row, 0)?, row.take(1)?)))
    .collect()
}

/// Every phrase, in a fixed order, for training.
pub(super) fn phrases(tx: &mut dyn Tx) -> Result<Vec<Phrase>, DbError> {
    tx.query(
        "SELECT p.lang, i.name, p.body FROM intent_phrases p JOIN intents i ON i.id = p.intent_id ORDER BY p.id",
        params![],
    )?
    .into_iter()
    .map(|mut row| {
        Ok(Phrase {
            lang: lang(&mut row, 0)?,
            intent: row.take(1)?,
            text: row.take(2)?,
        })
    })
    .collect()
}

/// Answer templates of one name, by language.
pub(super) fn answers_of(tx: &mut dyn Tx, name: &str) -> Result<Vec<(Lang, String)>, DbError> {
    tx.query(
        "SELECT lang, body FROM answers WHERE name = ?1 ORDER BY lang",
        params![name],
    )?
    .into_iter()
    .map(|mut row| Ok((lang(&mut row, 0)?, row.take(1)?)))
    .collect()
}

pub(super) fn answers(tx: &mut dyn Tx) -> Result<Vec<AnswerRow>, DbError> {
    tx.query(
        "SELECT name, lang, body FROM answers ORDER BY name, lang",
        params![],
    )?
    .into_iter()
    .map(|mut row| {
        Ok(AnswerRow {
            name: row.take(0)?,
            lang: lang(&mut row, 1)?,
            body: row.take(2)?,
        })
    })
    .collect()
}

pub(super) fn entities(tx: &mut dyn Tx) -> Result<Vec<EntityRow>, DbError> {
    tx.query(select!(entities "ORDER BY id"), params![])?
        .into_iter()
        .map(|mut row| {
            Ok(EntityRow {
                id: row.take(0)?,
                name: row.take(1)?,
                values: from_json(&row.take::<String>(2)?)?,
                created_at_ms: row.take(3)?,
                updated_at_ms: row.take(4)?,
            })
        })
        .collect()
}

pub(super) fn insert_intent(
    tx: &mut dyn Tx,
    name: &str,
    titles: &PerLang<String>,
    follow_ups: &[String],
    position: i64,
    now_ms: i64,
) -> Result<i64, DbError> {
    tx.insert(
        "INSERT INTO intents (name, titles_json, follow_ups_json, position, created_at_ms, updated_at_ms) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
        params![name, &to_json(titles)?, &to_json(follow_ups)?, position, now_ms],
    )
}

pub(super) fn insert_phrase(
    tx: &mut dyn Tx,
    intent_id: i64,
    lang: Lang,
    body: &str,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO intent_phrases (intent_id, lang, body) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        params![intent_id, lang.code(), body],
    )?;
    Ok(())
}

pub(super) fn delete_phrase(
    tx: &mut dyn Tx,
    intent_id: i64,
    lang: Lang,
    body: &str,
) -> Result<(), DbError> {
    tx.execute(
        "DELETE FROM intent_phrases WHERE intent_id = ?1 AND lang = ?2 AND body = ?3",
        params![intent_id, lang.code(), body],
    )?;
    Ok(())
}

/// Number of phrases in a language.
pub(super) fn phrase_count(tx: &mut dyn Tx, lang: Lang) -> Result<i64, DbError> {
    tx.query_value(
        "SELECT COUNT(*) FROM intent_phrases WHERE lang = ?1",
        params![lang.code()],
    )
}

pub(super) fn save_answer(
    tx: &mut dyn Tx,
    name: &str,
    lang: Lang,
    body: &str,
    now_ms: i64,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO answers (name, lang, body, updated_at_ms) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (name, lang) DO UPDATE SET body = excluded.body, updated_at_ms = excluded.updated_at_ms",
        params![name, lang.code(), body, now_ms],
    )?;
    Ok(())
}

pub(super) fn insert_entity(
    tx: &mut dyn Tx,
    name: &str,
    values: &[Vec<String>],
    now_ms: i64,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO entities (name, values_json, created_at_ms, updated_at_ms) VALUES (?1, ?2, ?3, ?3)",
        params![name, &to_json(values)?, now_ms],
    )?;
    Ok(())
}

fn lang(row: &mut Row, index: usize) -> Result<Lang, DbError> {
    let code: String = row.take(index)?;
    code.parse()
        .map_err(|_| DbError::Internal("a language column holds another word".into()))
}

pub(super) fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, DbError> {
    serde_json::from_str(text)
        .map_err(|e| DbError::Internal(format!("a JSON column is damaged: {e}")))
}

#[allow(clippy::needless_pass_by_value)] // handed to `map_err`
fn json_error(error: serde_json::Error) -> DbError {
    DbError::Internal(error.to_string())
}

pub(super) fn to_json<T: serde::Serialize + ?Sized>(value: &T) -> Result<String, DbError> {
    serde_json::to_string(value).map_err(|e| DbError::Internal(e.to_string()))
}
