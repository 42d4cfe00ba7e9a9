//! Use cases: what the owner sets up, telling of events, delivering them.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};

use super::letters::{self, Trouble};
use super::model::{Delivery, EventKind, NewDelivery, State, Tried, Webhook, WebhookValues};
use super::sender::{Request, Sender};
use super::{WebhookError, guard, rules, store};
use crate::accounts::audit;
use crate::knowledge::Knowledge;
use crate::notify::outbox::About;
use crate::notify::{SendError, retry};
use crate::platform::clock::now_ms;
use crate::platform::db::{DbError, Store, Tx};
use crate::platform::http::{IdempotencyKey, Problem, once};
use crate::platform::jobs::{HandlerError, NewJob, enqueue};
use crate::platform::secrets::{Secrets, SecretsError, random_bytes};

/// The job that delivers one event to one webhook; its payload is the delivery's number.
pub const DELIVER_JOB: &str = "webhooks.deliver";
/// Each event is written once for every webhook that hears of it.
const WEBHOOKS_MAX: i64 = 20;

/// What webhooks need.
pub struct WebhookParts {
    /// Where they are kept.
    pub store: Store,
    /// Opens their secrets.
    pub secrets: Secrets,
    /// In which language the owner is written to.
    pub knowledge: Knowledge,
    /// Whether they may be at private addresses, and reached by http.
    pub allow_private: bool,
}

/// Webhooks. Cheap to clone.
#[derive(Clone)]
pub struct Webhooks {
    parts: Arc<WebhookParts>,
    sender: Sender,
}

/// What came of a test.
pub(super) struct Tested {
    pub(super) event_id: String,
    pub(super) tried: Tried,
}

/// See [`super::queue`].
pub(super) fn queue<D>(
    tx: &mut dyn Tx,
    kind: EventKind,
    about: About,
    now_ms: i64,
    data: D,
) -> Result<(), DbError>
where
    D: FnOnce(&mut dyn Tx) -> Result<Value, DbError>,
{
    let mut listening = store::listening(tx)?;
    listening.retain(|(_, patterns)| rules::hears(patterns, kind));
    if listening.is_empty() {
        return Ok(());
    }
    let payload = rules::payload(kind, now_ms, &data(tx)?);
    let (event_id, about) = (new_event_id(), about.to_string());
    for (webhook_id, _) in listening {
        let new = NewDelivery {
            webhook_id,
            event_id: &event_id,
            kind,
            about: Some(&about),
            payload_json: &payload,
        };
        let id = store::insert_delivery(tx, &new, now_ms)?;
        enqueue_delivery(tx, id, now_ms)?;
    }
    Ok(())
}

fn new_event_id() -> String {
    format!("msg_{}", uuid::Uuid::new_v4().simple())
}

fn enqueue_delivery(tx: &mut dyn Tx, id: i64, now_ms: i64) -> Result<(), DbError> {
    let job = NewJob {
        kind: DELIVER_JOB,
        payload_json: &id.to_string(),
        dedupe_key: Some(&format!("webhook_delivery:{id}")),
    };
    enqueue(tx, &job, now_ms)
}

fn purpose(id: i64) -> String {
    format!("webhook:{id}")
}

impl Webhooks {
    /// Wires the slice.
    ///
    /// Errors: TLS cannot be set up.
    pub fn new(parts: WebhookParts) -> Result<Self, SendError> {
        let sender = Sender::new(parts.allow_private, None)?;
        Ok(Self {
            parts: Arc::new(parts),
            sender,
        })
    }

    /// Every webhook, the oldest first.
    pub(super) async fn all(&self) -> Result<Vec<Webhook>, WebhookError> {
        Ok(self.parts.store.read(|tx| store::all(tx)).await?)
    }

    /// One webhook.
    pub(super) async fn get(&self, id: i64) -> Result<Webhook, WebhookError> {
        self.parts.store.read(move |tx| webhook(tx, id)).await
    }

    /// The address in one form.
    ///
    /// Errors: it is none, or leads where it must not.
    pub(super) fn address(&self, text: &str) -> Result<String, WebhookError> {
        let url = guard::parse(text, self.parts.allow_private);
        let url = url.map_err(|why| WebhookError::Field("url", why.into()))?;
        Ok(url.into())
    }

    /// Adds a webhook, once for each key; answers it with its secret.
    ///
    /// * `body`: what was sent, by which a repeat is known.
    pub(super) async fn add<B: Serialize + Send + 'static>(
        &self,
        values: WebhookValues,
        key: IdempotencyKey,
        body: B,
        by: String,
    ) -> Result<(Webhook, String), Problem> {
        let secrets = self.parts.secrets.clone();
        let added: Webhook = self
            .parts
            .store
            .write(move |tx| {
                let id: i64 = once(tx, &key, "create_webhook", &body, |tx| {
                    Ok(add(tx, &secrets, &values, &by, now_ms())?)
                })?;
                Ok::<_, Problem>(webhook(tx, id)?)
            })
            .await?;
        let secret = self.open(&added, &added.secret_sealed);
        let secret = secret.map_err(WebhookError::from)?;
        Ok((added, rules::shown(&secret)))
    }

    /// Replaces what the owner says about a webhook. Switched on, it begins anew.
    pub(super) async fn replace(
        &self,
        id: i64,
        values: WebhookValues,
        by: String,
    ) -> Result<Webhook, WebhookError> {
        self.parts
            .store
            .write(move |tx| {
                webhook(tx, id)?;
                let now = now_ms();
                store::update(tx, id, &values, now)?;
                note(tx, &by, "webhook_changed", id, now)?;
                webhook(tx, id)
            })
            .await
    }

    /// Removes a webhook with its deliveries.
    pub(super) async fn remove(&self, id: i64, by: String) -> Result<(), WebhookError> {
        self.parts
            .store
            .write(move |tx| {
                if !store::delete(tx, id)? {
                    return Err(WebhookError::NotFound);
                }
                Ok(note(tx, &by, "webhook_deleted", id, now_ms())?)
            })
            .await
    }

    /// Gives a webhook another secret; the one before signs too for a day. Answers the new one, and until when.
    pub(super) async fn rotate(&self, id: i64, by: String) -> Result<(String, i64), WebhookError> {
        let secrets = self.parts.secrets.clone();
        self.parts
            .store
            .write(move |tx| {
                let before = webhook(tx, id)?;
                let now = now_ms();
                let until = now + rules::OLD_SECRET_MS;
                let secret: [u8; rules::SECRET_BYTES] = random_bytes()?;
                let sealed = secrets.seal(&purpose(id), &secret)?;
                let old = Some((before.secret_sealed.as_slice(), until));
                store::set_secret(tx, id, &sealed, old, now)?;
                note(tx, &by, "webhook_secret_rotated", id, now)?;
                Ok((rules::shown(&secret), until))
            })
            .await
    }

    /// A page of a webhook's deliveries, the newest first, and how many there are.
    pub(super) async fn deliveries(
        &self,
        id: i64,
        state: Option<State>,
        limit: i64,
        offset: i64,
    ) -> Result<(Vec<Delivery>, i64), WebhookError> {
        self.parts
            .store
            .read(move |tx| {
                webhook(tx, id)?;
                Ok(store::deliveries(tx, id, state, limit, offset)?)
            })
            .await
    }

    /// Delivers an event again that was delivered or given up, under the same id.
    pub(super) async fn replay(&self, id: i64) -> Result<Delivery, WebhookError> {
        self.parts
            .store
            .write(move |tx| {
                let there = store::delivery(tx, id)?.ok_or(WebhookError::NoDelivery)?;
                if !webhook(tx, there.webhook_id)?.values.is_enabled {
                    return Err(WebhookError::Disabled);
                }
                let now = now_ms();
                if !store::reopen(tx, id, now)? {
                    return Err(WebhookError::Underway);
                }
                enqueue_delivery(tx, id, now)?;
                store::delivery(tx, id)?.ok_or(WebhookError::NoDelivery)
            })
            .await
    }

    /// Sends a test, also to a webhook that is switched off, and says what came of it. It is tried once and does not
    /// count as a failure.
    pub(super) async fn test(&self, id: i64) -> Result<Tested, WebhookError> {
        let webhook = self.get(id).await?;
        let event_id = new_event_id();
        let data = json!({"webhook": {"id": id, "events": &webhook.values.events}});
        let body = rules::payload(EventKind::Test, now_ms(), &data);
        let tried = self.post(&webhook, &event_id, &body).await?;
        let (noted, logged_id) = (tried.clone(), event_id.clone());
        let write = self.parts.store.write(move |tx| {
            let new = NewDelivery {
                webhook_id: id,
                event_id: &logged_id,
                kind: EventKind::Test,
                about: None,
                payload_json: &body,
            };
            let now = now_ms();
            let state = match noted.error {
                None => State::Delivered,
                Some(_) => State::Failed,
            };
            let delivery = store::insert_delivery(tx, &new, now)?;
            store::note_try(tx, delivery, &noted, state, None, now)
        });
        write.await?;
        Ok(Tested { event_id, tried })
    }

    /// Delivers what the job names. What was delivered and not noted is delivered again, under the same id.
    pub async fn deliver(&self, payload_json: &str) -> Result<(), HandlerError> {
        let id: i64 = payload_json
            .parse()
            .map_err(|_| HandlerError::Final("the payload is no number".into()))?;
        let read = self.parts.store.read(move |tx| {
            let delivery = store::delivery(tx, id)?;
            let delivery = delivery.filter(|delivery| delivery.state == State::Pending);
            match delivery {
                Some(delivery) => {
                    Ok(store::webhook(tx, delivery.webhook_id)?.map(|webhook| (delivery, webhook)))
                }
                None => Ok::<_, DbError>(None),
            }
        });
        let Some((delivery, webhook)) = read.await? else {
            return Ok(());
        };
        if !webhook.values.is_enabled {
            return self.give_up(id, "the webhook is switched off").await;
        }
        match self
            .post(&webhook, &delivery.event_id, &delivery.payload_json)
            .await
        {
            Ok(tried) => self.settle(delivery, tried).await,
            Err(error) => self.give_up(id, &error.to_string()).await,
        }
    }

    async fn give_up(&self, id: i64, why: &str) -> Result<(), HandlerError> {
        let noted = why.to_owned();
        let write = self
            .parts
            .store
            .write(move |tx| store::give_up(tx, id, &noted, now_ms()));
        write.await?;
        Err(HandlerError::Final(why.into()))
    }

    /// Signs and sends a body.
    async fn post(
        &self,
        webhook: &Webhook,
        event_id: &str,
        body: &str,
    ) -> Result<Tried, SecretsError> {
        let now = now_ms();
        let mut secrets = vec![self.open(webhook, &webhook.secret_sealed)?];
        if let Some((sealed, until_ms)) = &webhook.old_secret
            && *until_ms > now
        {
            secrets.push(self.open(webhook, sealed)?);
        }
        let at_s = now / 1000;
        let request = Request {
            url: &webhook.values.url,
            event_id,
            at_s,
            signatures: rules::signatures(&secrets, event_id, at_s, body),
            body: body.to_owned(),
        };
        Ok(self.sender.post(request).await)
    }

    fn open(&self, webhook: &Webhook, sealed: &[u8]) -> Result<Vec<u8>, SecretsError> {
        self.parts.secrets.unseal(&purpose(webhook.id), sealed)
    }

    /// Notes what came of a try, and says when the next one is.
    async fn settle(&self, delivery: Delivery, tried: Tried) -> Result<(), HandlerError> {
        let random = random_bytes().map_or(0, u32::from_le_bytes);
        let after = retry::wait(delivery.attempts + 1, tried.retry_after, random);
        let after_ms = after.map(|after| i64::try_from(after.as_millis()).unwrap_or(i64::MAX));
        let knowledge = self.parts.knowledge.clone();
        let failure = tried.error.clone();
        let write = self
            .parts
            .store
            .write(move |tx| note_try(tx, &knowledge, &delivery, &tried, after_ms, now_ms()));
        let state = write.await?;
        match (failure, after) {
            (None, _) => Ok(()),
            (Some(why), Some(after)) if state == State::Pending => {
                Err(HandlerError::Later { why, after })
            }
            (Some(why), _) => Err(HandlerError::Final(why)),
        }
    }
}

/// Notes a try in the delivery and its webhook, which it may switch off; answers how far the delivery is.
///
/// * `after_ms`: from now to the next try; `None`: this was the last.
fn note_try(
    tx: &mut dyn Tx,
    knowledge: &Knowledge,
    delivery: &Delivery,
    tried: &Tried,
    after_ms: Option<i64>,
    now_ms: i64,
) -> Result<State, DbError> {
    if tried.error.is_none() {
        store::works(tx, delivery.webhook_id)?;
        store::note_try(tx, delivery.id, tried, State::Delivered, None, now_ms)?;
        return Ok(State::Delivered);
    }
    store::fails(tx, delivery.webhook_id, now_ms)?;
    let mut next_try_at_ms = after_ms.map(|after_ms| now_ms.saturating_add(after_ms));
    if let Some(webhook) = store::webhook(tx, delivery.webhook_id)? {
        let since_ms = webhook.failing_since_ms.unwrap_or(now_ms);
        let disabled = rules::disabled(tried.status, since_ms, now_ms);
        if let Some(why) = disabled {
            next_try_at_ms = None;
            if store::disable(tx, webhook.id, why, now_ms)? {
                letters::queue(tx, knowledge, webhook.id, Trouble::Disabled(why), now_ms)?;
            }
        } else if next_try_at_ms.is_none() {
            letters::queue(tx, knowledge, webhook.id, Trouble::GivenUp, now_ms)?;
        }
    }
    let state = next_try_at_ms.map_or(State::Failed, |_| State::Pending);
    store::note_try(tx, delivery.id, tried, state, next_try_at_ms, now_ms)?;
    Ok(state)
}

fn webhook(tx: &mut dyn Tx, id: i64) -> Result<Webhook, WebhookError> {
    store::webhook(tx, id)?.ok_or(WebhookError::NotFound)
}

fn add(
    tx: &mut dyn Tx,
    secrets: &Secrets,
    values: &WebhookValues,
    by: &str,
    now_ms: i64,
) -> Result<i64, WebhookError> {
    if store::count(tx)? >= WEBHOOKS_MAX {
        return Err(WebhookError::TooMany(WEBHOOKS_MAX));
    }
    let id = store::insert(tx, values, now_ms)?;
    let secret: [u8; rules::SECRET_BYTES] = random_bytes()?;
    let sealed = secrets.seal(&purpose(id), &secret)?;
    store::set_secret(tx, id, &sealed, None, now_ms)?;
    note(tx, by, "webhook_created", id, now_ms)?;
    Ok(id)
}

fn note(tx: &mut dyn Tx, by: &str, action: &str, id: i64, now_ms: i64) -> Result<(), DbError> {
    audit::record(tx, by, action, None, &json!({"webhook_id": id}), now_ms)
}
