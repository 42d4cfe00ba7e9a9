//! Whether text messages arrived: the provider that took one is asked later, a few times.

use serde::{Deserialize, Serialize};

use super::model::State;
use super::service::{Notify, tell_unsent};
use super::store;
use crate::notify::SendError;
use crate::notify::sms;
use crate::platform::clock::now_ms;
use crate::platform::db::{DbError, Tx};
use crate::platform::jobs::{HandlerError, NewJob, enqueue_at};

/// The job that asks about one message.
pub const SMS_STATUS_JOB: &str = "notify.sms_status";
const MINUTE_MS: i64 = 60 * 1000;
/// When the provider is asked, counted from the time before; a phone that is off is waited for over two days.
const ASKED_AFTER_MS: [i64; 6] = [
    2 * MINUTE_MS,
    10 * MINUTE_MS,
    60 * MINUTE_MS,
    6 * 60 * MINUTE_MS,
    18 * 60 * MINUTE_MS,
    24 * 60 * MINUTE_MS,
];

/// What the job is to ask.
#[derive(Serialize, Deserialize)]
struct Question {
    delivery_id: i64,
    /// Times it was asked before.
    asked: usize,
}

/// Has the provider asked about a message it just took; part of the caller's transaction.
pub(super) fn follow(tx: &mut dyn Tx, delivery_id: i64, now_ms: i64) -> Result<(), DbError> {
    let first = Question {
        delivery_id,
        asked: 0,
    };
    ask_later(tx, &first, now_ms)
}

/// Nothing when it was asked often enough: the message stays `sent`.
fn ask_later(tx: &mut dyn Tx, question: &Question, now_ms: i64) -> Result<(), DbError> {
    let Some(after_ms) = ASKED_AFTER_MS.get(question.asked) else {
        return Ok(());
    };
    let payload = serde_json::to_string(question);
    let payload = payload.map_err(|error| DbError::Internal(error.to_string()))?;
    let job = NewJob {
        kind: SMS_STATUS_JOB,
        payload_json: &payload,
        dedupe_key: None,
    };
    enqueue_at(tx, &job, now_ms + after_ms, now_ms)
}

impl Notify {
    /// Asks how far a text message is, and later again while that is not known.
    pub async fn follow_sms(&self, payload_json: &str) -> Result<(), HandlerError> {
        let mut question: Question = serde_json::from_str(payload_json)
            .map_err(|error| HandlerError::Final(error.to_string()))?;
        let id = question.delivery_id;
        let read = self.0.store.read(move |tx| store::delivery(tx, id)).await?;
        let sent = read.filter(|delivery| delivery.state == State::Sent);
        let provider_id = sent.and_then(|delivery| delivery.provider_id);
        let (Some(provider), Some(provider_id)) = (&self.0.sms, provider_id) else {
            return Ok(());
        };
        let answer = provider.status(&provider_id).await;
        let knowledge = self.0.knowledge.clone();
        let write = self.0.store.write(move |tx| {
            let now = now_ms();
            match answer.map(|status| status.delivery) {
                Ok(sms::Delivery::Delivered) => store::arrived(tx, id, State::Delivered, None),
                Ok(sms::Delivery::Failed(code)) => {
                    let why = match code {
                        Some(code) => format!("it did not arrive: code {code}"),
                        None => "it did not arrive".into(),
                    };
                    store::arrived(tx, id, State::Undelivered, Some(&why))?;
                    tell_unsent(tx, &knowledge, now)
                }
                // Another provider than the one that took it, or one that forgot it, never will know.
                Err(SendError::Permanent { .. }) => Ok(()),
                Ok(sms::Delivery::Queued | sms::Delivery::Sent)
                | Err(SendError::Temporary { .. } | SendError::Uncertain { .. }) => {
                    question.asked += 1;
                    ask_later(tx, &question, now)
                }
            }
        });
        Ok(write.await?)
    }
}
