//! `/api/auth`: coming in, going out, one's own account.

use poem::Request;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, OpenApi};

use super::team_views::RoleName;
use super::views::{
    Done, ForgottenPassword, Identity, LinkedPassword, Login, OwnUser, PasswordChange,
    PasswordConfirmation, SessionList, SessionView, Setup, TotpCode, TotpEnrolment,
};
use super::{Tag, device, ended_cookie, session_cookie};
use crate::accounts::Accounts;
use crate::accounts::model::NewUser;
use crate::accounts::service::{LoginRequest, OwnAccount, SetupRequest, SignedIn};
use crate::platform::clock::now_ms;
use crate::platform::http::{Agent, Caller, Credentials, Principal, Problem, Role};

/// `/api/auth`.
pub struct AuthApi {
    accounts: Accounts,
}

/// Who is signed in, and the cookie that keeps it so.
#[derive(ApiResponse)]
pub enum IdentityAnswer {
    /// Signed in.
    #[oai(status = 200)]
    Ok(
        Json<Identity>,
        /// The session cookie; absent for API keys.
        #[oai(header = "Set-Cookie")]
        Option<String>,
    ),
}

/// That somebody is signed out.
#[derive(ApiResponse)]
pub enum LogoutAnswer {
    /// Signed out.
    #[oai(status = 200)]
    Ok(
        Json<Done>,
        /// Removes the session cookie.
        #[oai(header = "Set-Cookie")]
        String,
    ),
}

const DONE: Json<Done> = Json(Done { success: true });

impl AuthApi {
    pub(in crate::accounts) fn new(accounts: Accounts) -> Self {
        Self { accounts }
    }

    fn came_in(&self, signed_in: SignedIn, request: &Request) -> IdentityAnswer {
        let cookie = session_cookie(
            &signed_in.token,
            request,
            self.accounts.inner.secure_cookies,
        );
        identity(signed_in.user.into(), Some(cookie))
    }
}

fn identity(user: OwnUser, cookie: Option<String>) -> IdentityAnswer {
    let identity = Identity {
        success: true,
        user,
    };
    IdentityAnswer::Ok(Json(identity), cookie)
}

fn program(principal: &Principal) -> OwnUser {
    OwnUser {
        id: None,
        username: None,
        email: None,
        display_name: principal.display_name.to_string(),
        role: RoleName::from(principal.role),
        totp_enabled: None,
    }
}

#[OpenApi(prefix_path = "/api/auth", tag = "Tag::Accounts")]
impl AuthApi {
    /// Make the first owner with the one-time set-up link and sign in.
    ///
    /// The link works once, and only while there is no owner (403 `setup_link_invalid`).
    #[oai(path = "/setup", method = "post", operation_id = "set_up_first_owner")]
    async fn set_up(
        &self,
        caller: Caller,
        request: &Request,
        body: Json<Setup>,
    ) -> Result<IdentityAnswer, Problem> {
        let device = device(request, &caller);
        let setup = SetupRequest {
            token: body.0.token,
            owner: NewUser {
                username: body.0.username,
                email: body.0.email,
                password: Some(body.0.password),
                role: Role::Owner,
                display_name: body.0.display_name,
            },
            device,
        };
        let signed_in = self.accounts.set_up(setup, now_ms()).await?;
        Ok(self.came_in(signed_in, request))
    }

    /// Sign in with a password and, where switched on, a second factor.
    ///
    /// 401 `login_failed` does not say what was wrong; 401 `totp_required`: the password was right, send the code
    /// (again).
    #[oai(path = "/login", method = "post", operation_id = "log_in")]
    async fn log_in(
        &self,
        caller: Caller,
        request: &Request,
        body: Json<Login>,
    ) -> Result<IdentityAnswer, Problem> {
        let login = LoginRequest {
            name: body.0.username,
            password: body.0.password,
            totp_code: body.0.totp_code,
            device: device(request, &caller),
        };
        let signed_in = self.accounts.log_in(login, now_ms()).await?;
        Ok(self.came_in(signed_in, request))
    }

    /// Ask for a letter with a link to set a new password.
    ///
    /// The answer is the same whether or not there is such an account.
    #[oai(path = "/forgot", method = "post", operation_id = "forgot_password")]
    async fn forgot_password(&self, body: Json<ForgottenPassword>) -> Result<Json<Done>, Problem> {
        self.accounts
            .forgot_password(&body.0.username, now_ms())
            .await?;
        Ok(DONE)
    }

    /// Set the password with the link of an invitation or of a letter about a forgotten one.
    ///
    /// The link works once (403 `password_link_invalid`); every session of the account ends. Sign in afterwards.
    #[oai(path = "/set-password", method = "post", operation_id = "set_password")]
    async fn set_password(&self, body: Json<LinkedPassword>) -> Result<Json<Done>, Problem> {
        let LinkedPassword { token, password } = body.0;
        self.accounts
            .set_password(&token, password, now_ms())
            .await?;
        Ok(DONE)
    }

    /// Sign out this browser.
    ///
    /// Also answers 200 when nobody was signed in.
    #[oai(path = "/logout", method = "post", operation_id = "log_out")]
    async fn log_out(&self, caller: Caller, request: &Request) -> Result<LogoutAnswer, Problem> {
        if let Some(principal) = &caller.principal {
            self.accounts.log_out(principal, now_ms()).await?;
        }
        let cookie = ended_cookie(request, self.accounts.inner.secure_cookies);
        Ok(LogoutAnswer::Ok(DONE, cookie))
    }

    /// Tell who is signed in.
    ///
    /// Renews the cookie of a browser, whose session ends 30 days after its last use.
    #[oai(path = "/me", method = "get", operation_id = "get_me")]
    async fn me(&self, by: Agent, request: &Request) -> Result<IdentityAnswer, Problem> {
        let user = match self.accounts.me(&by.0).await? {
            OwnAccount::Person(user) => user.into(),
            OwnAccount::Program => program(&by.0),
        };
        let cookie = match Credentials::from_headers(request.headers()) {
            Some(Credentials::Cookie(token)) => Some(session_cookie(
                &token,
                request,
                self.accounts.inner.secure_cookies,
            )),
            Some(Credentials::ApiKey(_)) | None => None,
        };
        Ok(identity(user, cookie))
    }

    /// Change the own password; every other session of the account ends.
    #[oai(path = "/password", method = "post", operation_id = "change_password")]
    async fn change_password(
        &self,
        by: Agent,
        body: Json<PasswordChange>,
    ) -> Result<Json<Done>, Problem> {
        let PasswordChange {
            current_password,
            new_password,
        } = body.0;
        self.accounts
            .change_password(&by.0, current_password, new_password, now_ms())
            .await?;
        Ok(DONE)
    }

    /// Begin to enrol an authenticator app; it counts once confirmed.
    #[oai(path = "/totp/begin", method = "post", operation_id = "begin_totp")]
    async fn begin_totp(&self, by: Agent) -> Result<Json<TotpEnrolment>, Problem> {
        let enrolment = self.accounts.begin_totp(&by.0, now_ms()).await?;
        Ok(Json(TotpEnrolment {
            success: true,
            secret: enrolment.secret,
            otpauth_url: enrolment.otpauth_url,
        }))
    }

    /// Finish enrolling with a first code; from then on signing in needs one.
    #[oai(path = "/totp/confirm", method = "post", operation_id = "confirm_totp")]
    async fn confirm_totp(&self, by: Agent, body: Json<TotpCode>) -> Result<Json<Done>, Problem> {
        self.accounts
            .confirm_totp(&by.0, body.0.code, now_ms())
            .await?;
        Ok(DONE)
    }

    /// Switch the second factor off.
    #[oai(path = "/totp", method = "delete", operation_id = "disable_totp")]
    async fn disable_totp(
        &self,
        by: Agent,
        body: Json<PasswordConfirmation>,
    ) -> Result<Json<Done>, Problem> {
        self.accounts
            .disable_totp(&by.0, body.0.password, now_ms())
            .await?;
        Ok(DONE)
    }

    /// List the browsers in which the caller is signed in.
    #[oai(
        path = "/sessions",
        method = "get",
        operation_id = "list_login_sessions"
    )]
    async fn sessions(&self, by: Agent) -> Result<Json<SessionList>, Problem> {
        let current = by.0.login_session_id;
        let sessions = self.accounts.sessions(&by.0, now_ms()).await?;
        Ok(Json(SessionList {
            success: true,
            sessions: sessions
                .into_iter()
                .map(|session| SessionView::new(session, current))
                .collect(),
        }))
    }

    /// Sign out one of the caller's browsers.
    #[oai(
        path = "/sessions/:id",
        method = "delete",
        operation_id = "end_login_session"
    )]
    async fn end_session(&self, by: Agent, id: Path<i64>) -> Result<Json<Done>, Problem> {
        self.accounts.end_session(&by.0, id.0, now_ms()).await?;
        Ok(DONE)
    }
}
