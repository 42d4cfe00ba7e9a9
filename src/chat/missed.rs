//! Questions the assistant did not answer and searches that found nothing, kept until the team has looked at them.

use super::model::StoredMessage;
use crate::nlu::Lang;
use crate::params;
use crate::platform::db::{DbError, Row, Tx};
use crate::text_column;

/// Why a question was not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Nothing it could be about; the visitor was told so.
    Fallback,
    /// Several things it could be about; the visitor was asked "did you mean".
    Unsure,
    /// A search that found nothing.
    Search,
}

text_column!(Cause { Fallback = "fallback", Unsure = "unsure", Search = "search" });

/// What the team did about a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// It is a phrase of a known intent now.
    Phrase,
    /// It got an answer of its own.
    Answer,
    /// Nothing.
    Ignored,
}

text_column!(Resolution { Phrase = "phrase", Answer = "answer", Ignored = "ignored" });

/// What a turn tells of how well questions are understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lesson {
    /// This question was not answered.
    Missed(Cause),
    /// The question before was about this intent: of "did you mean" its button was tapped.
    Meant(String),
    /// The question before was about nothing that was offered.
    NoneFits,
}

/// A question that waits for the team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissedQuestion {
    /// Its number; later ones are higher.
    pub id: i64,
    /// The language it was read in.
    pub lang: Lang,
    /// As the visitor wrote it; of a search masked.
    pub text: String,
    /// How often it was asked so.
    pub times: i64,
    /// Why it was not answered.
    pub cause: Cause,
    /// What the visitor then chose.
    pub chosen_intent: Option<String>,
    /// Milliseconds UTC.
    pub created_at_ms: i64,
}

/// Keeps what the turn of `message` tells.
pub(super) fn note(
    tx: &mut dyn Tx,
    conversation_id: i64,
    message: &StoredMessage,
    lesson: &Lesson,
    now_ms: i64,
) -> Result<(), DbError> {
    // Between a question and what is tapped under its answer stands that answer alone.
    let question_seq = message.seq - 2;
    match lesson {
        Lesson::Missed(cause) => tx.execute(
            "INSERT INTO missed_questions (message_id, times, cause, created_at_ms) VALUES (?1, 1, ?2, ?3)",
            params![message.id, cause.as_str(), now_ms],
        )?,
        Lesson::Meant(intent) => tx.execute(
            "UPDATE missed_questions SET chosen_intent = ?3 \
             WHERE message_id = (SELECT id FROM messages WHERE conversation_id = ?1 AND seq = ?2)",
            params![conversation_id, question_seq, intent],
        )?,
        Lesson::NoneFits => tx.execute(
            "UPDATE missed_questions SET cause = ?3 \
             WHERE message_id = (SELECT id FROM messages WHERE conversation_id = ?1 AND seq = ?2)",
            params![conversation_id, question_seq, Cause::Fallback.as_str()],
        )?,
    };
    Ok(())
}

/// Keeps a search that found nothing; one that is open already is counted.
///
/// * `text`: without what tells who somebody is.
pub fn note_search(
    tx: &mut dyn Tx,
    lang: Lang,
    text: &str,
    times: i64,
    now_ms: i64,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO missed_questions (search_lang, search_text, times, cause, created_at_ms) \
         VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (search_lang, search_text) WHERE resolution IS NULL \
         DO UPDATE SET times = missed_questions.times + excluded.times",
        params![lang.code(), text, times, Cause::Search.as_str(), now_ms],
    )?;
    Ok(())
}

/// The newest questions nobody has looked at, oldest first; of one language, or of all.
pub fn open_questions(
    tx: &mut dyn Tx,
    lang: Option<Lang>,
    limit: i64,
) -> Result<Vec<MissedQuestion>, DbError> {
    // An empty text stands for "any", since a bare NULL parameter has no type elsewhere.
    let rows = tx.query(
        "SELECT q.id, COALESCE(m.lang, q.search_lang), COALESCE(m.body, q.search_text), q.times, q.cause, \
         q.chosen_intent, q.created_at_ms FROM missed_questions q LEFT JOIN messages m ON m.id = q.message_id \
         WHERE q.resolution IS NULL AND (?1 = '' OR COALESCE(m.lang, q.search_lang) = ?1) ORDER BY q.id DESC LIMIT ?2",
        params![lang.map_or("", Lang::code), limit],
    )?;
    rows.into_iter().rev().map(question_of).collect()
}

fn question_of(mut row: Row) -> Result<MissedQuestion, DbError> {
    Ok(MissedQuestion {
        id: row.take(0)?,
        lang: row.word(1)?,
        text: row.take(2)?,
        times: row.take(3)?,
        cause: row.word(4)?,
        chosen_intent: row.take(5)?,
        created_at_ms: row.take(6)?,
    })
}

/// Whether the team is done with a question; `None` when there is no such one.
pub fn is_resolved(tx: &mut dyn Tx, id: i64) -> Result<Option<bool>, DbError> {
    tx.query_first(
        "SELECT CASE WHEN resolution IS NULL THEN 0 ELSE 1 END FROM missed_questions WHERE id = ?1",
        params![id],
    )?
    .map(|mut row| row.take(0))
    .transpose()
}

/// Marks questions as done; answers how many were open until now.
pub fn resolve(
    tx: &mut dyn Tx,
    ids: &[i64],
    resolution: Resolution,
    now_ms: i64,
) -> Result<u64, DbError> {
    let mut resolved = 0;
    for id in ids {
        resolved += tx.execute(
            "UPDATE missed_questions SET resolution = ?2, resolved_at_ms = ?3 WHERE id = ?1 AND resolution IS NULL",
            params![*id, resolution.as_str(), now_ms],
        )?;
    }
    Ok(resolved)
}
