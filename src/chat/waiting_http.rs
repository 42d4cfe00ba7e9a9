//! /api/settings/conversations: how long visitors and people may leave a conversation standing.

use poem_openapi::OpenApi;
use poem_openapi::payload::Json;

use super::service::Chat;
use super::waiting::WaitingTimes;
use crate::platform::http::{Owner, Problem};

/// The endpoints.
pub struct WaitingApi(pub Chat);

#[OpenApi(
    prefix_path = "/api/settings/conversations",
    tag = "super::Section::Inbox"
)]
impl WaitingApi {
    /// When a waiting visitor alarms the team, and when an idle conversation goes back to the assistant.
    #[oai(path = "/", method = "get", operation_id = "get_waiting_times")]
    async fn get(&self, _by: Owner) -> Result<Json<WaitingTimes>, Problem> {
        Ok(Json(self.0.waiting_times().await?))
    }

    /// Change these times; they hold within a minute.
    #[oai(path = "/", method = "put", operation_id = "put_waiting_times")]
    async fn put(
        &self,
        by: Owner,
        body: Json<WaitingTimes>,
    ) -> Result<Json<WaitingTimes>, Problem> {
        Ok(Json(self.0.set_waiting_times(body.0, &by.0).await?))
    }
}
