//! A database full of messages.

use std::path::Path;

use novahouse::params;
use novahouse::platform::db::{DbError, edit};

const MESSAGES_EACH: i64 = 150;
/// With its keys and indexes such a message takes about 950 bytes.
const BODY_CHARS: usize = 800;
/// What the messages are made of, so that they shrink about as much as texts do.
const WORDS: [&str; 48] = [
    "ile",
    "kosztuje",
    "wykończenie",
    "mieszkania",
    "w",
    "Gdańsku",
    "łazienka",
    "płytki",
    "panele",
    "termin",
    "odbioru",
    "klucze",
    "pakiet",
    "premium",
    "czy",
    "gwarancja",
    "na",
    "prace",
    "kuchnia",
    "zabudowa",
    "proszę",
    "o",
    "kontakt",
    "jutro",
    "po",
    "południu",
    "metrów",
    "blok",
    "piętro",
    "winda",
    "projekt",
    "wnętrz",
    "materiały",
    "cena",
    "obejmuje",
    "montaż",
    "drzwi",
    "gładzie",
    "malowanie",
    "elektryk",
    "hydraulik",
    "oświetlenie",
    "ogrzewanie",
    "podłogowe",
    "deska",
    "dębowa",
    "faktura",
    "umowa",
];

/// Writes `conversations` of 150 long messages each.
pub(crate) fn fill(database: &Path, conversations: i64) -> Result<(), DbError> {
    let mut random = fastrand::Rng::with_seed(1);
    edit(database, |tx| {
        for conversation in 1..=conversations {
            let session = format!("bench-{conversation}");
            let id = tx.insert(
                "INSERT INTO conversations (session_id, is_weak, status, handled_by, lang, last_seq, last_message, \
                 last_sender, created_at_ms, updated_at_ms) VALUES (?1, 0, 'open', 'bot', 'pl', ?2, '', 'user', 0, 0)",
                params![&session, MESSAGES_EACH],
            )?;
            for seq in 1..=MESSAGES_EACH {
                let mut body = format!("{conversation} {seq}");
                while body.len() < BODY_CHARS {
                    body.push(' ');
                    match random.usize(..WORDS.len() + 4) {
                        chosen if chosen < WORDS.len() => body.push_str(WORDS[chosen]),
                        _ => body.push_str(&random.u32(..10_000).to_string()),
                    }
                }
                tx.insert(
                    "INSERT INTO messages (conversation_id, seq, sender, body, lang, created_at_ms) \
                     VALUES (?1, ?2, 'user', ?3, 'pl', 0)",
                    params![id, seq, &body],
                )?;
            }
        }
        Ok::<_, DbError>(())
    })
}
