//! `Idempotency-Key`: a repeated POST gets the first answer, within 24 hours.

use poem::{Request, RequestBody, Result};
use poem_openapi::registry::{MetaParamIn, MetaSchemaRef};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{Caller, Problem};
use crate::params;
use crate::platform::clock::now_ms;
use crate::platform::db::{DbError, Tx};
use crate::platform::secrets::sha256;

/// How long a first answer is kept.
const KEEP_MS: i64 = 24 * 60 * 60 * 1000;
/// Longest key taken.
const MAX_CHARS: usize = 200;

/// The header of this request, with who sent it, if there is one.
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    key: Option<String>,
    caller: String,
}

impl IdempotencyKey {
    /// The key of a form on a page of ours. It was made at random for that form, so it counts from every address: whoever
    /// sends the form again may have changed the network meanwhile.
    pub fn of_form(key: Option<Uuid>) -> Self {
        Self {
            key: key.map(|key| key.to_string()),
            caller: "form".into(),
        }
    }

    /// The key of one of several things a request creates; `number` counts from 0.
    #[must_use]
    pub fn numbered(&self, number: usize) -> Self {
        Self {
            key: self.key.as_ref().map(|key| format!("{key} {number}")),
            caller: self.caller.clone(),
        }
    }
}

impl<'a> ApiExtractor<'a> for IdempotencyKey {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];
    type ParamType = String;
    type ParamRawType = String;

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Header)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        Some(String::schema_ref())
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<String>,
    ) -> Result<Self> {
        let caller = Caller::of(request);
        let key = match request.headers().get("idempotency-key") {
            None => None,
            Some(value) => match value.to_str() {
                Ok(text) if (1..=MAX_CHARS).contains(&text.len()) => Some(text.to_owned()),
                _ => {
                    return Err(Problem::field(
                        "invalid_idempotency_key",
                        "Idempotency-Key",
                        "must be 1 to 200 visible ASCII characters",
                    )
                    .into());
                }
            },
        };
        Ok(Self {
            key,
            caller: caller.principal.map_or_else(
                || format!("address:{}", caller.address.limit_key()),
                |principal| principal.actor.to_string(),
            ),
        })
    }
}

/// Forgets answers in which a text stands, of whoever it is; answers how many.
///
/// * `text`: an e-mail address, a phone number or a session id, in any case.
pub fn forget_idempotent(tx: &mut dyn Tx, text: &str) -> Result<u64, DbError> {
    let mut pattern = String::from("%");
    for c in text.to_lowercase().chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    tx.execute(
        "DELETE FROM idempotency_keys WHERE LOWER(answer_json) LIKE ?1 ESCAPE '!'",
        params![&pattern],
    )
}

/// Runs `create` once a key: a repeat with the same body gets the stored answer, one with another body is refused.
/// Without a key `create` simply runs. Call it inside the transaction that creates.
///
/// * `route`: the operation, so that one key may serve several.
/// * Errors: 422 `idempotency_key_reused` for another body, and what `create` answers (then nothing is kept).
pub fn once<A, B, F>(
    tx: &mut dyn Tx,
    key: &IdempotencyKey,
    route: &'static str,
    body: &B,
    create: F,
) -> Result<A, Problem>
where
    A: Serialize + DeserializeOwned,
    B: Serialize,
    F: FnOnce(&mut dyn Tx) -> Result<A, Problem>,
{
    let Some(request_key) = &key.key else {
        return create(tx);
    };
    let body_hash = sha256(serde_json::to_vec(body).map_err(Problem::internal)?);
    let now = now_ms();
    let earlier = tx.query_first(
        "SELECT body_hash, answer_json FROM idempotency_keys \
         WHERE caller = ?1 AND route = ?2 AND request_key = ?3 AND created_at_ms > ?4",
        params![&key.caller, route, request_key, now - KEEP_MS],
    )?;
    if let Some(mut row) = earlier {
        if row.take::<Vec<u8>>(0)? != body_hash {
            return Err(Problem::field(
                "idempotency_key_reused",
                "Idempotency-Key",
                "was used before with another body",
            ));
        }
        let answer: String = row.take(1)?;
        return serde_json::from_str(&answer).map_err(Problem::internal);
    }
    let answer = create(tx)?;
    let answer_json = serde_json::to_string(&answer).map_err(Problem::internal)?;
    tx.execute(
        "INSERT INTO idempotency_keys (caller, route, request_key, body_hash, answer_json, created_at_ms) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
         ON CONFLICT (caller, route, request_key) DO UPDATE SET \
         body_hash = excluded.body_hash, answer_json = excluded.answer_json, created_at_ms = excluded.created_at_ms",
        params![&key.caller, route, request_key, &body_hash, &answer_json, now],
    )?;
    Ok(answer)
}

/// Drops answers older than 24 hours; answers how many.
pub fn purge(tx: &mut dyn Tx, now_ms: i64) -> Result<u64, DbError> {
    tx.execute(
        "DELETE FROM idempotency_keys WHERE created_at_ms <= ?1",
        params![now_ms - KEEP_MS],
    )
}
