//! `/api/users`: the team.

use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, OpenApi};

use super::Tag;
use super::team_views::{CreateUser, PasswordLinkView, UpdateUser, UserView};
use crate::accounts::Accounts;
use crate::platform::clock::{now_ms, to_rfc3339};
use crate::platform::http::{IdempotencyKey, Owner, Problem};

/// `/api/users`.
pub struct UsersApi {
    accounts: Accounts,
}

/// An account that was made.
#[derive(ApiResponse)]
pub enum CreatedUser {
    /// Made, or made before under the same Idempotency-Key.
    #[oai(status = 201)]
    Created(Json<UserView>),
}

/// An account that is gone.
#[derive(ApiResponse)]
pub enum DeletedUser {
    /// Removed.
    #[oai(status = 204)]
    Deleted,
}

impl UsersApi {
    pub(in crate::accounts) fn new(accounts: Accounts) -> Self {
        Self { accounts }
    }
}

#[OpenApi(prefix_path = "/api/users", tag = "Tag::Accounts")]
impl UsersApi {
    /// List the team.
    #[oai(path = "/", method = "get", operation_id = "list_users")]
    async fn list(&self, _by: Owner) -> Result<Json<Vec<UserView>>, Problem> {
        let users = self.accounts.users().await?;
        Ok(Json(users.into_iter().map(UserView::from).collect()))
    }

    /// Make an account.
    ///
    /// Without a password the member gets a letter with a link to set one, which works once and for 7 days.
    #[oai(path = "/", method = "post", operation_id = "create_user")]
    async fn create(
        &self,
        by: Owner,
        #[oai(name = "Idempotency-Key")] key: IdempotencyKey,
        body: Json<CreateUser>,
    ) -> Result<CreatedUser, Problem> {
        let user = self
            .accounts
            .add_user(&by.0, key, body.0.into(), now_ms())
            .await?;
        Ok(CreatedUser::Created(Json(user.into())))
    }

    /// Show one account.
    #[oai(path = "/:id", method = "get", operation_id = "get_user")]
    async fn get(&self, _by: Owner, id: Path<i64>) -> Result<Json<UserView>, Problem> {
        Ok(Json(self.accounts.user(id.0).await?.into()))
    }

    /// Change an account; the last active owner stays one (409 `last_owner`).
    #[oai(path = "/:id", method = "put", operation_id = "update_user")]
    async fn update(
        &self,
        by: Owner,
        id: Path<i64>,
        body: Json<UpdateUser>,
    ) -> Result<Json<UserView>, Problem> {
        let user = self
            .accounts
            .change_user(&by.0, id.0, body.0.into(), now_ms())
            .await?;
        Ok(Json(user.into()))
    }

    /// Send a member a letter with a link to set a password: the invitation again, or a new password.
    ///
    /// The link works once and replaces the one before: for 7 days where there is no password yet, else for an hour.
    #[oai(
        path = "/:id/password-link",
        method = "post",
        operation_id = "send_password_link"
    )]
    async fn send_password_link(
        &self,
        by: Owner,
        id: Path<i64>,
    ) -> Result<Json<PasswordLinkView>, Problem> {
        let sent = self
            .accounts
            .send_password_link(&by.0, id.0, now_ms())
            .await?;
        Ok(Json(PasswordLinkView {
            success: true,
            url: sent.url,
            expires_at: to_rfc3339(sent.expires_at_ms),
        }))
    }

    /// Remove an account; the last active owner stays (409 `last_owner`).
    #[oai(path = "/:id", method = "delete", operation_id = "delete_user")]
    async fn delete(&self, by: Owner, id: Path<i64>) -> Result<DeletedUser, Problem> {
        self.accounts.remove_user(&by.0, id.0, now_ms()).await?;
        Ok(DeletedUser::Deleted)
    }
}
