//! /api/webhooks: who is told what happens, and how far that came.

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Serialize;
use serde_json::Value;

use super::model::{Delivery, Disabled, State, Webhook, WebhookValues};
use super::{Section, WebhookError, Webhooks, rules};
use crate::platform::clock::to_rfc3339;
use crate::platform::http::{IdempotencyKey, JsonText, Owner, PageRequest, Problem, clean_text};

const DESCRIPTION_MAX_CHARS: usize = 200;

/// The endpoints.
pub struct WebhooksApi(pub Webhooks);

/// What a webhook is.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(example)]
struct WebhookBody {
    /// https; on the public internet unless the setting `webhook_allow_private` is on. 2,000 characters at most.
    url: JsonText,
    /// Your own words, 200 characters at most.
    description: Option<JsonText>,
    /// `lead.created`, `lead.updated`, `lead.status_changed`, `lead.deleted`, `booking.created`, `booking.rescheduled`,
    /// `booking.cancelled`, `booking.no_show`, `conversation.started`, `conversation.handed_over`, `conversation.closed`;
    /// also `lead.*`, `booking.*`, `conversation.*` and `*`.
    events: Vec<String>,
    /// Switching it on forgets earlier failures.
    #[oai(default = "enabled")]
    is_enabled: bool,
}

fn enabled() -> bool {
    true
}

impl Example for WebhookBody {
    fn example() -> Self {
        Self {
            url: JsonText("https://hooks.example.com/novahouse".into()),
            description: Some(JsonText("CRM".into())),
            events: vec!["lead.*".into(), "booking.created".into()],
            is_enabled: true,
        }
    }
}

/// A webhook.
#[derive(Debug, Object)]
struct WebhookView {
    id: i64,
    url: String,
    description: Option<String>,
    events: Vec<String>,
    is_enabled: bool,
    /// Tries that failed since the last one that did not.
    failures: u32,
    /// When the first of these was; RFC 3339.
    failing_since: Option<String>,
    /// Why it was switched off by itself.
    disabled_why: Option<Disabled>,
    /// RFC 3339.
    disabled_at: Option<String>,
    /// Until when the secret before the last rotation signs too; RFC 3339.
    old_secret_until: Option<String>,
    /// RFC 3339.
    created_at: String,
    /// RFC 3339.
    updated_at: String,
}

#[derive(Debug, Object)]
struct WebhookList {
    success: bool,
    webhooks: Vec<WebhookView>,
}

/// A webhook with what its requests are signed by.
#[derive(Debug, Object)]
struct CreatedWebhook {
    #[oai(flatten)]
    webhook: WebhookView,
    /// `whsec_…`; it is not shown again.
    secret: String,
}

/// Another secret.
#[derive(Debug, Object)]
struct RotatedSecret {
    success: bool,
    /// `whsec_…`; it is not shown again.
    secret: String,
    /// Until then the one before signs too; RFC 3339.
    old_secret_until: String,
}

/// What came of a test.
#[derive(Debug, Object)]
struct WebhookTest {
    /// It was answered with 2xx.
    success: bool,
    /// `webhook-id` of the request.
    event_id: String,
    /// Why it failed.
    error: Option<String>,
    response_status: Option<u16>,
    /// Beginning of the answer, 500 characters at most.
    response_excerpt: Option<String>,
}

/// An event on its way to a webhook.
#[derive(Debug, Object)]
struct WebhookDeliveryView {
    id: i64,
    webhook_id: i64,
    /// `webhook-id`: the same at every try and every replay.
    event_id: String,
    event: String,
    /// The body: `type`, `timestamp` and `data`.
    payload: Value,
    state: State,
    /// Tries that failed.
    attempts: u32,
    /// While it is pending; RFC 3339.
    next_try_at: Option<String>,
    /// Of the last try that was answered.
    response_status: Option<u16>,
    /// Beginning of that answer, 500 characters at most.
    response_excerpt: Option<String>,
    /// Why the last try failed.
    last_error: Option<String>,
    /// RFC 3339.
    created_at: String,
    /// When the last try was; RFC 3339.
    tried_at: Option<String>,
    /// When it was delivered or given up; RFC 3339.
    ended_at: Option<String>,
}

#[derive(Debug, Object)]
struct WebhookDeliveryList {
    success: bool,
    deliveries: Vec<WebhookDeliveryView>,
    page: u32,
    per_page: u32,
    total: u64,
    pages: u64,
}

#[derive(ApiResponse)]
enum CreateWebhook {
    /// The webhook as stored, with its secret.
    #[oai(status = 201)]
    Created(Json<CreatedWebhook>),
}

#[derive(ApiResponse)]
enum DeleteWebhook {
    /// Removed, with its deliveries.
    #[oai(status = 204)]
    Deleted,
}

#[OpenApi(prefix_path = "/api/webhooks", tag = "Section::Webhooks")]
impl WebhooksApi {
    /// Webhooks, the oldest first.
    #[oai(path = "/", method = "get", operation_id = "list_webhooks")]
    async fn list(&self, _by: Owner) -> Result<Json<WebhookList>, Problem> {
        let webhooks = self.0.all().await?;
        Ok(Json(WebhookList {
            success: true,
            webhooks: webhooks.into_iter().map(view).collect(),
        }))
    }

    /// One webhook.
    #[oai(path = "/:id", method = "get", operation_id = "get_webhook")]
    async fn get(&self, _by: Owner, id: Path<i64>) -> Result<Json<WebhookView>, Problem> {
        Ok(Json(view(self.0.get(id.0).await?)))
    }

    /// Add a webhook, 20 at most. Its requests are those of Standard Webhooks: the headers `webhook-id`, `webhook-timestamp`
    /// and `webhook-signature`, and a body of `type`, `timestamp` and `data`.
    #[oai(path = "/", method = "post", operation_id = "create_webhook")]
    async fn create(
        &self,
        by: Owner,
        /// A repeat with the same key gets the first answer.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
        body: Json<WebhookBody>,
    ) -> Result<CreateWebhook, Problem> {
        let values = self.parse(&body.0)?;
        let by = by.0.actor.to_string();
        let (webhook, secret) = self.0.add(values, key, body.0, by).await?;
        Ok(CreateWebhook::Created(Json(CreatedWebhook {
            webhook: view(webhook),
            secret,
        })))
    }

    /// Replace what a webhook is; its secret stays.
    #[oai(path = "/:id", method = "put", operation_id = "update_webhook")]
    async fn update(
        &self,
        by: Owner,
        id: Path<i64>,
        body: Json<WebhookBody>,
    ) -> Result<Json<WebhookView>, Problem> {
        let values = self.parse(&body.0)?;
        let by = by.0.actor.to_string();
        Ok(Json(view(self.0.replace(id.0, values, by).await?)))
    }

    /// Remove a webhook with its deliveries.
    #[oai(path = "/:id", method = "delete", operation_id = "delete_webhook")]
    async fn delete(&self, by: Owner, id: Path<i64>) -> Result<DeleteWebhook, Problem> {
        self.0.remove(id.0, by.0.actor.to_string()).await?;
        Ok(DeleteWebhook::Deleted)
    }

    /// Send a `webhook.test` at once, also to a webhook that is switched off, and say what came of it.
    #[oai(path = "/:id/test", method = "post", operation_id = "test_webhook")]
    async fn test(&self, _by: Owner, id: Path<i64>) -> Result<Json<WebhookTest>, Problem> {
        let tested = self.0.test(id.0).await?;
        Ok(Json(WebhookTest {
            success: tested.tried.error.is_none(),
            event_id: tested.event_id,
            error: tested.tried.error,
            response_status: tested.tried.status,
            response_excerpt: tested.tried.excerpt,
        }))
    }

    /// Give a webhook another secret. For 24 hours requests carry a signature by each of the two.
    #[oai(
        path = "/:id/rotate-secret",
        method = "post",
        operation_id = "rotate_webhook_secret"
    )]
    async fn rotate(&self, by: Owner, id: Path<i64>) -> Result<Json<RotatedSecret>, Problem> {
        let (secret, until_ms) = self.0.rotate(id.0, by.0.actor.to_string()).await?;
        Ok(Json(RotatedSecret {
            success: true,
            secret,
            old_secret_until: to_rfc3339(until_ms),
        }))
    }

    /// What a webhook was told, the newest first; kept for 30 days.
    #[oai(
        path = "/:id/deliveries",
        method = "get",
        operation_id = "list_webhook_deliveries"
    )]
    async fn deliveries(
        &self,
        _by: Owner,
        id: Path<i64>,
        /// Only those that came so far.
        state: Query<Option<State>>,
        /// From 1.
        page: Query<Option<u32>>,
        /// At most 200.
        per_page: Query<Option<u32>>,
    ) -> Result<Json<WebhookDeliveryList>, Problem> {
        let page = PageRequest::parse(page.0, per_page.0)?;
        let (limit, offset) = (page.limit(), page.offset());
        let (deliveries, total) = self.0.deliveries(id.0, state.0, limit, offset).await?;
        let info = page.info(total);
        Ok(Json(WebhookDeliveryList {
            success: true,
            deliveries: deliveries.into_iter().map(delivery_view).collect(),
            page: info.page,
            per_page: info.per_page,
            total: info.total,
            pages: info.pages,
        }))
    }

    /// Deliver an event again, under the same `webhook-id`.
    #[oai(
        path = "/deliveries/:id/replay",
        method = "post",
        operation_id = "replay_webhook_delivery"
    )]
    async fn replay(
        &self,
        _by: Owner,
        id: Path<i64>,
    ) -> Result<Json<WebhookDeliveryView>, Problem> {
        Ok(Json(delivery_view(self.0.replay(id.0).await?)))
    }
}

impl WebhooksApi {
    fn parse(&self, body: &WebhookBody) -> Result<WebhookValues, WebhookError> {
        let description = JsonText::filled(body.description.as_ref())
            .map(|text| clean_text(text, DESCRIPTION_MAX_CHARS))
            .transpose();
        Ok(WebhookValues {
            url: self.0.address(&body.url)?,
            description: description.map_err(|why| WebhookError::Text("description", why))?,
            events: rules::patterns(&body.events)
                .map_err(|why| WebhookError::Field("events", why))?,
            is_enabled: body.is_enabled,
        })
    }
}

fn view(webhook: Webhook) -> WebhookView {
    let (why, disabled_at_ms) = webhook.disabled.unzip();
    WebhookView {
        id: webhook.id,
        url: webhook.values.url,
        description: webhook.values.description,
        events: webhook.values.events,
        is_enabled: webhook.values.is_enabled,
        failures: webhook.failures,
        failing_since: webhook.failing_since_ms.map(to_rfc3339),
        disabled_why: why,
        disabled_at: disabled_at_ms.map(to_rfc3339),
        old_secret_until: webhook.old_secret.map(|(_, until_ms)| to_rfc3339(until_ms)),
        created_at: to_rfc3339(webhook.created_at_ms),
        updated_at: to_rfc3339(webhook.updated_at_ms),
    }
}

fn delivery_view(delivery: Delivery) -> WebhookDeliveryView {
    WebhookDeliveryView {
        id: delivery.id,
        webhook_id: delivery.webhook_id,
        event_id: delivery.event_id,
        event: delivery.event,
        payload: serde_json::from_str(&delivery.payload_json).unwrap_or_default(),
        state: delivery.state,
        attempts: delivery.attempts,
        next_try_at: delivery.next_try_at_ms.map(to_rfc3339),
        response_status: delivery.response_status,
        response_excerpt: delivery.response_excerpt,
        last_error: delivery.last_error,
        created_at: to_rfc3339(delivery.created_at_ms),
        tried_at: delivery.tried_at_ms.map(to_rfc3339),
        ended_at: delivery.ended_at_ms.map(to_rfc3339),
    }
}
