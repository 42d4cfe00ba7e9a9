//! /api/outbox: what was sent, what was not, and trying again.

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::Section;
use super::model::{Channel, Delivery, Recipient, State};
use super::service::Notify;
use super::store::ListFilter;
use crate::accounts::reads::{self, View};
use crate::platform::clock::to_rfc3339;
use crate::platform::http::{Agent, PageRequest, Problem};

/// The endpoints.
pub struct OutboxApi(pub Notify);

/// A message and how far it came.
#[derive(Debug, Object)]
struct DeliveryView {
    id: i64,
    channel: Channel,
    /// Its name, e.g. `lead_team`.
    message: String,
    /// E-mail address or number; null for the team, each of whose addresses has a message of its own.
    recipient: Option<String>,
    /// What it is about, e.g. `lead:12`.
    about: Option<String>,
    state: State,
    /// Tries that failed.
    attempts: u32,
    /// Why the last one failed, or why it was not sent: `no consent`, `no more of its kind are wanted`.
    last_error: Option<String>,
    /// `Message-ID`, or the provider's number of it.
    provider_id: Option<String>,
    /// RFC 3339.
    created_at: String,
    /// When it was sent or given up; RFC 3339.
    ended_at: Option<String>,
}

#[derive(Debug, Object)]
struct DeliveryList {
    success: bool,
    messages: Vec<DeliveryView>,
    page: u32,
    per_page: u32,
    total: u64,
    pages: u64,
}

#[derive(Debug, Object)]
struct RetriedMessages {
    success: bool,
    /// How many are tried again.
    retried: usize,
}

#[OpenApi(prefix_path = "/api/outbox", tag = "Section::Messages")]
impl OutboxApi {
    /// Messages, the newest first.
    #[oai(path = "/", method = "get", operation_id = "list_messages")]
    async fn list(
        &self,
        by: Agent,
        /// Only those that came so far.
        state: Query<Option<State>>,
        /// Only those on this road.
        channel: Query<Option<Channel>>,
        /// From 1.
        page: Query<Option<u32>>,
        /// At most 200.
        per_page: Query<Option<u32>>,
    ) -> Result<Json<DeliveryList>, Problem> {
        let page = PageRequest::parse(page.0, per_page.0)?;
        let filter = ListFilter {
            state: state.0,
            channel: channel.0,
        };
        let (messages, total) = self.0.list(filter, page.limit(), page.offset()).await?;
        reads::note(&self.0.0.store, &by.0, View::Messages(messages.len())).await?;
        let info = page.info(total);
        Ok(Json(DeliveryList {
            success: true,
            messages: messages.into_iter().map(view).collect(),
            page: info.page,
            per_page: info.per_page,
            total: info.total,
            pages: info.pages,
        }))
    }

    /// Try a message again that was not sent, or may not have been.
    #[oai(path = "/:id/retry", method = "post", operation_id = "retry_message")]
    async fn retry(&self, _by: Agent, id: Path<i64>) -> Result<Json<DeliveryView>, Problem> {
        Ok(Json(view(self.0.retry(id.0).await?)))
    }

    /// Try everything again that was given up or could not be sent at all, 1,000 at most. What may have been sent is left
    /// alone.
    #[oai(
        path = "/retry-failed",
        method = "post",
        operation_id = "retry_failed_messages"
    )]
    async fn retry_failed(&self, _by: Agent) -> Result<Json<RetriedMessages>, Problem> {
        let retried = self.0.retry_failed().await?;
        Ok(Json(RetriedMessages {
            success: true,
            retried,
        }))
    }
}

fn view(delivery: Delivery) -> DeliveryView {
    DeliveryView {
        id: delivery.id,
        channel: delivery.channel,
        message: delivery.message.name().to_string(),
        recipient: match delivery.to {
            Recipient::Team => None,
            Recipient::Person { address, .. } => Some(address),
        },
        about: delivery.about,
        state: delivery.state,
        attempts: delivery.attempts,
        last_error: delivery.last_error,
        provider_id: delivery.provider_id,
        created_at: to_rfc3339(delivery.created_at_ms),
        ended_at: delivery.ended_at_ms.map(to_rfc3339),
    }
}
