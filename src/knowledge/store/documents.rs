//! The documents and their pictures.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{from_json, lang, to_json};
use crate::knowledge::KnowledgeError;
use crate::knowledge::document::DocumentValues;
use crate::nlu::Lang;
use crate::params;
use crate::platform::db::{DbError, Row, Tx};
use crate::uploads;

#[derive(Debug, Clone)]
pub(in crate::knowledge) struct DocumentRow {
    pub(in crate::knowledge) id: i64,
    pub(in crate::knowledge) kind: String,
    pub(in crate::knowledge) slug: String,
    pub(in crate::knowledge) lang: Lang,
    pub(in crate::knowledge) title: String,
    pub(in crate::knowledge) body: String,
    pub(in crate::knowledge) tags: Vec<String>,
    pub(in crate::knowledge) url: Option<String>,
    pub(in crate::knowledge) fields: Map<String, Value>,
    /// Numbers of uploads, in their order.
    pub(in crate::knowledge) pictures: Vec<i64>,
    pub(in crate::knowledge) position: i64,
    pub(in crate::knowledge) is_published: bool,
    pub(in crate::knowledge) created_at_ms: i64,
    pub(in crate::knowledge) updated_at_ms: i64,
}

pub(in crate::knowledge) fn documents(tx: &mut dyn Tx) -> Result<Vec<DocumentRow>, DbError> {
    let mut pictures = pictures(tx)?;
    tx.query("SELECT id, type, slug, lang, title, body, tags_json, url, fields_json, position, is_published, \
         created_at_ms, updated_at_ms FROM documents ORDER BY type, position, id", params![])?
        .into_iter()
        .map(|row| {
            let mut document = document_row(row)?;
            document.pictures = pictures.remove(&document.id).unwrap_or_default();
            Ok(document)
        })
        .collect()
}

/// One document with its templates as written.
pub(in crate::knowledge) fn document(
    tx: &mut dyn Tx,
    id: i64,
) -> Result<Option<DocumentRow>, DbError> {
    let Some(row) = tx.query_first("SELECT id, type, slug, lang, title, body, tags_json, url, fields_json, position, is_published, \
         created_at_ms, updated_at_ms FROM documents WHERE id = ?1", params![id])? else {
        return Ok(None);
    };
    let mut document = document_row(row)?;
    let pictures = tx.query(
        "SELECT upload_id FROM document_pictures WHERE document_id = ?1 ORDER BY position",
        params![id],
    )?;
    document.pictures = pictures
        .into_iter()
        .map(|mut row| row.take(0))
        .collect::<Result<_, _>>()?;
    Ok(Some(document))
}

/// The pictures of every document that has some, by its id.
fn pictures(tx: &mut dyn Tx) -> Result<HashMap<i64, Vec<i64>>, DbError> {
    let rows = tx.query(
        "SELECT document_id, upload_id FROM document_pictures ORDER BY document_id, position",
        params![],
    )?;
    let mut pictures: HashMap<i64, Vec<i64>> = HashMap::new();
    for mut row in rows {
        pictures.entry(row.take(0)?).or_default().push(row.take(1)?);
    }
    Ok(pictures)
}

/// Replaces the pictures of a document.
///
/// Errors: one of them is no picture of the team.
fn save_pictures(tx: &mut dyn Tx, id: i64, pictures: &[i64]) -> Result<(), KnowledgeError> {
    tx.execute(
        "DELETE FROM document_pictures WHERE document_id = ?1",
        params![id],
    )?;
    for (position, upload_id) in (0_i64..).zip(pictures) {
        if uploads::attachments(tx, &[*upload_id])?.is_empty() {
            return Err(KnowledgeError::invalid(
                "pictures",
                format!("the team has sent no picture {upload_id}"),
            ));
        }
        tx.execute(
            "INSERT INTO document_pictures (document_id, position, upload_id) VALUES (?1, ?2, ?3)",
            params![id, position, *upload_id],
        )?;
    }
    Ok(())
}

fn document_row(mut row: Row) -> Result<DocumentRow, DbError> {
    Ok(DocumentRow {
        id: row.take(0)?,
        kind: row.take(1)?,
        slug: row.take(2)?,
        lang: lang(&mut row, 3)?,
        title: row.take(4)?,
        body: row.take(5)?,
        tags: from_json(&row.take::<String>(6)?)?,
        url: row.take(7)?,
        fields: from_json(&row.take::<String>(8)?)?,
        pictures: Vec::new(),
        position: row.take(9)?,
        is_published: row.take(10)?,
        created_at_ms: row.take(11)?,
        updated_at_ms: row.take(12)?,
    })
}

pub(in crate::knowledge) fn insert_document(
    tx: &mut dyn Tx,
    values: &DocumentValues,
    now_ms: i64,
) -> Result<i64, KnowledgeError> {
    let inserted = tx.insert(
        "INSERT INTO documents (type, slug, lang, title, body, tags_json, url, fields_json, position, is_published, \
         created_at_ms, updated_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11)",
        params![
            &values.kind,
            &values.slug,
            values.lang.code(),
            &values.title,
            &values.body,
            &to_json(&values.tags)?,
            values.url.as_deref(),
            &to_json(&values.fields)?,
            values.position,
            values.is_published,
            now_ms
        ],
    );
    let id = inserted.map_err(slug_taken)?;
    save_pictures(tx, id, &values.pictures)?;
    Ok(id)
}

pub(in crate::knowledge) fn update_document(
    tx: &mut dyn Tx,
    id: i64,
    values: &DocumentValues,
    now_ms: i64,
) -> Result<(), KnowledgeError> {
    let changed = tx
        .execute(
            "UPDATE documents SET type = ?2, slug = ?3, lang = ?4, title = ?5, body = ?6, tags_json = ?7, url = ?8, \
             fields_json = ?9, position = ?10, is_published = ?11, updated_at_ms = ?12 WHERE id = ?1",
            params![
                id,
                &values.kind,
                &values.slug,
                values.lang.code(),
                &values.title,
                &values.body,
                &to_json(&values.tags)?,
                values.url.as_deref(),
                &to_json(&values.fields)?,
                values.position,
                values.is_published,
                now_ms
            ],
        )
        .map_err(slug_taken)?;
    if changed == 0 {
        return Err(KnowledgeError::NotFound("document"));
    }
    save_pictures(tx, id, &values.pictures)
}

pub(in crate::knowledge) fn delete_document(
    tx: &mut dyn Tx,
    id: i64,
) -> Result<(), KnowledgeError> {
    if tx.execute("DELETE FROM documents WHERE id = ?1", params![id])? == 0 {
        return Err(KnowledgeError::NotFound("document"));
    }
    Ok(())
}

fn slug_taken(error: DbError) -> KnowledgeError {
    if error.is_unique("documents.slug") {
        KnowledgeError::SlugTaken
    } else {
        error.into()
    }
}
