//! How many people write, for whoever plans by it.

use crate::params;
use crate::platform::db::{DbError, Tx};

/// Conversations that began since a time, of sessions we handed out.
pub fn begun_since(tx: &mut dyn Tx, since_ms: i64) -> Result<i64, DbError> {
    tx.query_value(
        "SELECT COUNT(*) FROM conversations WHERE created_at_ms >= ?1 AND is_weak = 0",
        params![since_ms],
    )
}

/// Conversations of sessions we handed out in which the assistant said one of three texts since a time.
pub fn said_since(tx: &mut dyn Tx, texts: [&str; 3], since_ms: i64) -> Result<i64, DbError> {
    let [pl, en, de] = texts.map(holding);
    tx.query_value(
        "SELECT COUNT(DISTINCT messages.conversation_id) FROM conversations, messages \
         WHERE conversations.updated_at_ms >= ?1 AND conversations.is_weak = 0 \
         AND messages.conversation_id = conversations.id AND messages.sender = 'bot' AND messages.created_at_ms >= ?1 \
         AND (messages.body LIKE ?2 ESCAPE '!' OR messages.body LIKE ?3 ESCAPE '!' OR messages.body LIKE ?4 ESCAPE '!')",
        params![since_ms, &pl, &en, &de],
    )
}

/// The pattern of texts that hold this one.
fn holding(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}
