//! All SQL over synonyms and frequent searches.

use super::SearchError;
use super::engine::Phrase;
use super::synonyms::{OwnSynonym, SynonymValues};
use crate::nlu::Lang;
use crate::params;
use crate::platform::db::{DbError, Row, Tx};

/// A search is offered to others once it was made so often.
const OFFERED_FROM: i64 = 5;
/// Of a language.
const OFFERED_MAX: i64 = 500;
/// As often as this is as often as can be.
const OFTEN: f32 = 1_000.0;
/// A search that nobody repeats is forgotten.
const KEEP_MS: i64 = 90 * 24 * 60 * 60 * 1_000;

/// The company's synonyms, oldest first.
pub(super) fn synonyms(tx: &mut dyn Tx) -> Result<Vec<OwnSynonym>, DbError> {
    tx.query(
        "SELECT id, lang, is_two_way, words_json, created_at_ms, updated_at_ms FROM search_synonyms ORDER BY id",
        params![],
    )?
    .into_iter()
    .map(synonym_of)
    .collect()
}

pub(super) fn synonym(tx: &mut dyn Tx, id: i64) -> Result<OwnSynonym, SearchError> {
    let row = tx.query_first(
        "SELECT id, lang, is_two_way, words_json, created_at_ms, updated_at_ms FROM search_synonyms WHERE id = ?1",
        params![id],
    )?;
    Ok(synonym_of(row.ok_or(SearchError::NotFound("synonyms"))?)?)
}

/// Adds synonyms; answers their number.
pub(super) fn insert_synonym(
    tx: &mut dyn Tx,
    values: &SynonymValues,
    now_ms: i64,
) -> Result<i64, DbError> {
    tx.insert(
        "INSERT INTO search_synonyms (lang, is_two_way, words_json, created_at_ms, updated_at_ms) \
         VALUES (?1, ?2, ?3, ?4, ?4)",
        params![
            values.lang.code(),
            values.is_two_way,
            &words_json(values)?,
            now_ms
        ],
    )
}

/// Replaces synonyms. Errors: there are none with that number.
pub(super) fn update_synonym(
    tx: &mut dyn Tx,
    id: i64,
    values: &SynonymValues,
    now_ms: i64,
) -> Result<(), SearchError> {
    found(tx.execute(
        "UPDATE search_synonyms SET lang = ?2, is_two_way = ?3, words_json = ?4, updated_at_ms = ?5 WHERE id = ?1",
        params![id, values.lang.code(), values.is_two_way, &words_json(values)?, now_ms],
    )?)
}

/// Removes synonyms. Errors: there are none with that number.
pub(super) fn delete_synonym(tx: &mut dyn Tx, id: i64) -> Result<(), SearchError> {
    found(tx.execute("DELETE FROM search_synonyms WHERE id = ?1", params![id])?)
}

fn found(rows: u64) -> Result<(), SearchError> {
    if rows == 0 {
        return Err(SearchError::NotFound("synonyms"));
    }
    Ok(())
}

fn words_json(values: &SynonymValues) -> Result<String, DbError> {
    serde_json::to_string(&values.words).map_err(|error| DbError::Internal(error.to_string()))
}

fn synonym_of(mut row: Row) -> Result<OwnSynonym, DbError> {
    let damaged = || DbError::Internal("a synonym's words_json is damaged".into());
    Ok(OwnSynonym {
        id: row.take(0)?,
        values: SynonymValues {
            lang: row.word(1)?,
            is_two_way: row.take(2)?,
            words: serde_json::from_str(&row.take::<String>(3)?).map_err(|_| damaged())?,
        },
        created_at_ms: row.take(4)?,
        updated_at_ms: row.take(5)?,
    })
}

/// Counts a search that found something; answers whether it is offered to others.
pub(super) fn count_search(
    tx: &mut dyn Tx,
    lang: Lang,
    text: &str,
    times: i64,
    now_ms: i64,
) -> Result<bool, DbError> {
    let times: i64 = tx.query_value(
        "INSERT INTO frequent_searches (lang, body, times, last_at_ms) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (lang, body) DO UPDATE SET times = frequent_searches.times + excluded.times, \
         last_at_ms = excluded.last_at_ms RETURNING times",
        params![lang.code(), text, times, now_ms],
    )?;
    Ok(times >= OFFERED_FROM)
}

/// What was looked for often in a language, as suggestions.
pub(super) fn frequent(tx: &mut dyn Tx, lang: Lang) -> Result<Vec<Phrase>, DbError> {
    tx.query(
        "SELECT body, times FROM frequent_searches WHERE lang = ?1 AND times >= ?2 ORDER BY times DESC, body LIMIT ?3",
        params![lang.code(), OFFERED_FROM, OFFERED_MAX],
    )?
    .into_iter()
    .map(|mut row| {
        let text = row.take(0)?;
        let times: i64 = row.take(1)?;
        let weight = ((times as f32).ln() / OFTEN.ln()).min(1.0);
        Ok(Phrase { text, weight })
    })
    .collect()
}

/// Forgets what nobody has looked for again.
pub fn purge_searches(tx: &mut dyn Tx, now_ms: i64) -> Result<u64, DbError> {
    tx.execute(
        "DELETE FROM frequent_searches WHERE last_at_ms < ?1",
        params![now_ms - KEEP_MS],
    )
}
