//! `/api/auth/keys`: keys for programs.

use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, OpenApi};

use super::Tag;
use super::team_views::{ApiKeyList, ApiKeyView, CreateApiKey, NewApiKeyView};
use super::views::Done;
use crate::accounts::model::NewApiKey;
use crate::accounts::{AccountError, Accounts, rules};
use crate::platform::clock::now_ms;
use crate::platform::http::{IdempotencyKey, Owner, Problem};

/// `/api/auth/keys`.
pub struct ApiKeysApi {
    accounts: Accounts,
}

/// A key that was made.
#[derive(ApiResponse)]
pub enum CreatedKey {
    /// Made, or made before under the same Idempotency-Key.
    #[oai(status = 201)]
    Created(Json<NewApiKeyView>),
}

impl ApiKeysApi {
    pub(in crate::accounts) fn new(accounts: Accounts) -> Self {
        Self { accounts }
    }
}

#[OpenApi(prefix_path = "/api/auth/keys", tag = "Tag::Accounts")]
impl ApiKeysApi {
    /// List API keys, without the keys themselves.
    #[oai(path = "/", method = "get", operation_id = "list_api_keys")]
    async fn list(&self, _by: Owner) -> Result<Json<ApiKeyList>, Problem> {
        let keys = self.accounts.keys().await?;
        Ok(Json(ApiKeyList {
            success: true,
            keys: keys.into_iter().map(ApiKeyView::from).collect(),
        }))
    }

    /// Make an API key; it is shown this once.
    #[oai(path = "/", method = "post", operation_id = "create_api_key")]
    async fn create(
        &self,
        by: Owner,
        #[oai(name = "Idempotency-Key")] key: IdempotencyKey,
        body: Json<CreateApiKey>,
    ) -> Result<CreatedKey, Problem> {
        let now = now_ms();
        let expires_at_ms = body
            .0
            .expires_at
            .map(|text| rules::expires_at(&text, now))
            .transpose()
            .map_err(AccountError::from)?;
        let new = NewApiKey {
            name: body.0.name,
            role: body.0.role.into(),
            expires_at_ms,
        };
        let (stored, key) = self.accounts.add_key(&by.0, key, new, now).await?;
        Ok(CreatedKey::Created(Json(NewApiKeyView {
            success: true,
            key,
            api_key: stored.into(),
        })))
    }

    /// Revoke an API key; it works no more from the next request on.
    #[oai(path = "/:id", method = "delete", operation_id = "revoke_api_key")]
    async fn revoke(&self, by: Owner, id: Path<i64>) -> Result<Json<Done>, Problem> {
        self.accounts.revoke_key(&by.0, id.0, now_ms()).await?;
        Ok(Json(Done { success: true }))
    }
}
