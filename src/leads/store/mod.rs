//! All SQL over leads; lists and history stand in files of their own.

pub(super) mod history;
pub(super) mod list;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::model::{Lead, NewLead, SpamReason};
use super::{Email, Phone, filter, rules};
use crate::params;
use crate::platform::db::{DbError, Param, Row, Tx};

/// The columns a [`Lead`] is read from.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, session_id, is_weak_session, is_shared, name, email, email_key, phone, phone_e164, \
             interested_package, property_size, property_type, location, budget, message, additional_info, source, \
             first_touch_json, last_touch_json, status, lost_reason, score, score_reasons_json, assigned_to, notes, \
             tags_json, consents_json, monday_item_id, spam_reason, created_at_ms, updated_at_ms FROM leads ",
            $rest
        )
    };
}

use select;

/// Most leads a person can be looked for among.
const CANDIDATES_MAX: i64 = 20;

/// Open leads that may be of the same person, the newest first. What lies in the spam folder only meets its like.
pub(super) fn candidates(
    tx: &mut dyn Tx,
    new: &NewLead,
    since_ms: i64,
) -> Result<Vec<Lead>, DbError> {
    // An empty text matches nothing, since none is ever stored. CASE keeps SQLite from walking all that changed lately
    // instead of looking up who it is.
    rows(tx.query(
        select!(
            "WHERE (email_key = ?1 OR phone_e164 = ?2 OR (session_id = ?3 AND is_weak_session = 0) \
             OR id IN (SELECT lead_id FROM lead_sessions WHERE session_id = ?3 AND is_weak_session = 0)) \
             AND status NOT IN ('converted', 'lost') AND CASE WHEN is_spam = ?5 THEN updated_at_ms END > ?4 \
             ORDER BY updated_at_ms DESC, id DESC LIMIT ?6"
        ),
        params![
            new.email.as_ref().map_or("", Email::key),
            new.phone.as_ref().map_or("", Phone::e164),
            rules::proven_session(new).unwrap_or_default(),
            since_ms,
            new.spam.is_some(),
            CANDIDATES_MAX
        ],
    )?)
}

/// The leads of whoever has this e-mail address or number, the newest first.
pub(super) fn of_contact(
    tx: &mut dyn Tx,
    email: Option<&Email>,
    phone: Option<&Phone>,
) -> Result<Vec<Lead>, DbError> {
    rows(tx.query(
        select!("WHERE email_key = ?1 OR phone_e164 = ?2 ORDER BY created_at_ms DESC, id DESC"),
        params![email.map_or("", Email::key), phone.map_or("", Phone::e164)],
    )?)
}

pub(super) fn lead(tx: &mut dyn Tx, id: i64) -> Result<Option<Lead>, DbError> {
    tx.query_first(select!("WHERE id = ?1"), params![id])?
        .map(lead_row)
        .transpose()
}

pub(super) fn of_session(tx: &mut dyn Tx, session_id: &str) -> Result<Vec<Lead>, DbError> {
    rows(tx.query(
        select!(
            "WHERE session_id = ?1 OR id IN (SELECT lead_id FROM lead_sessions WHERE session_id = ?1) ORDER BY id"
        ),
        params![session_id],
    )?)
}

/// Removes a lead with its history, notes and sessions; answers whether it was there.
pub(super) fn delete(tx: &mut dyn Tx, id: i64) -> Result<bool, DbError> {
    Ok(tx.execute("DELETE FROM leads WHERE id = ?1", params![id])? > 0)
}

/// Gives a lead the sessions of another one, and that one's own.
pub(super) fn take_sessions(tx: &mut dyn Tx, from: &Lead, into: i64) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO lead_sessions (lead_id, session_id, is_weak_session) \
         SELECT leads.id, lead_sessions.session_id, lead_sessions.is_weak_session FROM lead_sessions, leads \
         WHERE lead_sessions.lead_id = ?1 AND leads.id = ?2 \
         ON CONFLICT (lead_id, session_id) DO NOTHING",
        params![from.id, into],
    )?;
    if let Some(session_id) = &from.session_id {
        tx.execute(
            "INSERT INTO lead_sessions (lead_id, session_id, is_weak_session) VALUES (?1, ?2, ?3) \
             ON CONFLICT (lead_id, session_id) DO NOTHING",
            params![into, session_id, from.is_weak_session],
        )?;
    }
    Ok(())
}

/// Stores a new lead; answers its id.
pub(super) fn insert(tx: &mut dyn Tx, lead: &Lead) -> Result<i64, DbError> {
    with_columns(lead, |columns| {
        tx.insert(
            "INSERT INTO leads (session_id, is_weak_session, is_shared, name, email, email_key, phone, phone_e164, \
             interested_package, property_size, property_type, location, budget, message, additional_info, source, \
             first_touch_json, last_touch_json, status, lost_reason, score, score_reasons_json, assigned_to, notes, \
             tags_json, consents_json, monday_item_id, is_spam, spam_reason, find_text, created_at_ms, updated_at_ms) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, \
             ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32)",
            columns,
        )
    })
}

/// Stores a lead as it now stands.
pub(super) fn update(tx: &mut dyn Tx, lead: &Lead) -> Result<(), DbError> {
    with_columns(lead, |columns| {
        let columns = [columns, params![lead.id]].concat();
        tx.execute(
            "UPDATE leads SET session_id = ?1, is_weak_session = ?2, is_shared = ?3, name = ?4, email = ?5, \
             email_key = ?6, phone = ?7, phone_e164 = ?8, interested_package = ?9, property_size = ?10, \
             property_type = ?11, location = ?12, budget = ?13, message = ?14, additional_info = ?15, source = ?16, \
             first_touch_json = ?17, last_touch_json = ?18, status = ?19, lost_reason = ?20, score = ?21, \
             score_reasons_json = ?22, assigned_to = ?23, notes = ?24, tags_json = ?25, consents_json = ?26, \
             monday_item_id = ?27, is_spam = ?28, spam_reason = ?29, find_text = ?30, created_at_ms = ?31, \
             updated_at_ms = ?32 WHERE id = ?33",
            &columns,
        )
    })?;
    Ok(())
}

/// Notes under which number monday.com has a lead; false when the lead is gone.
pub(super) fn set_monday_item(tx: &mut dyn Tx, id: i64, item_id: &str) -> Result<bool, DbError> {
    let changed = tx.execute(
        "UPDATE leads SET monday_item_id = ?2 WHERE id = ?1",
        params![id, item_id],
    )?;
    Ok(changed > 0)
}

/// Hands `run` every column but the id, in the order of the table.
fn with_columns<T>(
    lead: &Lead,
    run: impl FnOnce(&[Param<'_>]) -> Result<T, DbError>,
) -> Result<T, DbError> {
    let first_touch = lead.first_touch.as_ref().map(to_json).transpose()?;
    let last_touch = lead.last_touch.as_ref().map(to_json).transpose()?;
    let find_text = filter::find_text(
        &lead.name,
        [
            lead.email.as_ref().map(Email::as_str),
            lead.phone.as_ref().map(Phone::e164),
            lead.location.as_deref(),
            lead.interested_package.as_deref(),
        ],
    );
    run(params![
        lead.session_id.as_deref(),
        lead.is_weak_session,
        lead.is_shared,
        &lead.name,
        lead.email.as_ref().map(Email::as_str),
        lead.email.as_ref().map(Email::key),
        lead.phone.as_ref().map(Phone::as_str),
        lead.phone.as_ref().map(Phone::e164),
        lead.interested_package.as_deref(),
        lead.property_size,
        lead.property_type.as_deref(),
        lead.location.as_deref(),
        lead.budget,
        lead.message.as_deref(),
        lead.additional_info.as_deref(),
        lead.source.as_str(),
        first_touch.as_deref(),
        last_touch.as_deref(),
        lead.status.as_str(),
        lead.lost_reason.as_deref(),
        lead.score,
        &to_json(&lead.score_reasons)?,
        lead.assigned_to,
        lead.notes.as_deref(),
        &to_json(&lead.tags)?,
        &to_json(&lead.consents)?,
        lead.monday_item_id.as_deref(),
        lead.spam.is_some(),
        lead.spam.map(SpamReason::as_str),
        &find_text,
        lead.created_at_ms,
        lead.updated_at_ms
    ])
}

fn rows(rows: Vec<Row>) -> Result<Vec<Lead>, DbError> {
    rows.into_iter().map(lead_row).collect()
}

fn lead_row(mut row: Row) -> Result<Lead, DbError> {
    let (email, email_key): (Option<String>, Option<String>) = (row.take(5)?, row.take(6)?);
    let (phone, e164): (Option<String>, Option<String>) = (row.take(7)?, row.take(8)?);
    Ok(Lead {
        id: row.take(0)?,
        session_id: row.take(1)?,
        is_weak_session: row.take(2)?,
        is_shared: row.take(3)?,
        name: row.take(4)?,
        email: email
            .zip(email_key)
            .map(|(email, key)| Email::stored(email, key)),
        phone: phone
            .zip(e164)
            .map(|(phone, e164)| Phone::stored(phone, e164)),
        interested_package: row.take(9)?,
        property_size: row.take(10)?,
        property_type: row.take(11)?,
        location: row.take(12)?,
        budget: row.take(13)?,
        message: row.take(14)?,
        additional_info: row.take(15)?,
        source: row.word(16)?,
        first_touch: optional_json(&mut row, 17)?,
        last_touch: optional_json(&mut row, 18)?,
        status: row.word(19)?,
        lost_reason: row.take(20)?,
        score: row.take(21)?,
        score_reasons: optional_json(&mut row, 22)?.unwrap_or_default(),
        assigned_to: row.take(23)?,
        notes: row.take(24)?,
        tags: optional_json(&mut row, 25)?.unwrap_or_default(),
        consents: optional_json(&mut row, 26)?.unwrap_or_default(),
        monday_item_id: row.take(27)?,
        spam: optional_word(&mut row, 28)?,
        created_at_ms: row.take(29)?,
        updated_at_ms: row.take(30)?,
    })
}

fn optional_word(row: &mut Row, index: usize) -> Result<Option<SpamReason>, DbError> {
    let word = row.take::<Option<String>>(index)?;
    let damaged = |()| DbError::Internal(format!("column {index} of a lead holds an unknown word"));
    word.map(|word| word.parse().map_err(damaged)).transpose()
}

fn to_json<T: Serialize>(value: &T) -> Result<String, DbError> {
    serde_json::to_string(value).map_err(|error| DbError::Internal(error.to_string()))
}

fn optional_json<T: DeserializeOwned>(row: &mut Row, index: usize) -> Result<Option<T>, DbError> {
    row.take::<Option<String>>(index)?
        .map(|text| serde_json::from_str(&text))
        .transpose()
        .map_err(|error| DbError::Internal(format!("column {index} of a lead is damaged: {error}")))
}
