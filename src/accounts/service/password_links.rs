//! Links by which a member of the team sets a password: an invitation, or a new password for one that was forgotten.
//!
//! A letter is kept with the link's number alone; its proof is added when it is sent ([`proven`]), so that a copy of the
//! database opens no account.

use serde_json::json;

use crate::accounts::error::AccountError;
use crate::accounts::model::User;
use crate::accounts::{Accounts, audit, rules, store};
use crate::notify::messages::{Invitation, Message, PasswordReset, TeamRole};
use crate::notify::outbox::{self, About, NewDelivery, Recipient};
use crate::platform::db::{DbError, Tx};
use crate::platform::http::{Actor, Principal, Role};
use crate::platform::link;
use crate::platform::secrets::Secrets;

/// What the links are for, so that one made for something else opens none.
const PURPOSE: &str = "password";
/// The page that takes the new password. The link stands behind the `#`, so that it reaches no server's log.
const PAGE: &str = "/admin#password=";
const INVITATION_DAYS: u32 = 7;
const RESET_MIN: u32 = 60;
const MINUTE_MS: i64 = 60 * 1000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// A link that was made and written to its account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::accounts) struct Sent {
    /// The address that opens it; a path of this server.
    pub(in crate::accounts) url: String,
    pub(in crate::accounts) expires_at_ms: i64,
}

/// The address in a letter with the proof that opens it; what is no such address stays.
pub(crate) fn proven(url: &str, secrets: &Secrets) -> String {
    match url.strip_prefix(PAGE).and_then(|id| id.parse().ok()) {
        Some(id) => address(id, secrets),
        None => url.to_owned(),
    }
}

fn address(link_id: i64, secrets: &Secrets) -> String {
    format!("{PAGE}{}", link::token(PURPOSE, link_id, secrets))
}

/// Writes the invitation of an account that was just made.
pub(super) fn invite(
    tx: &mut dyn Tx,
    user: &User,
    by: &Principal,
    now_ms: i64,
) -> Result<(), DbError> {
    write(tx, user, Some(by), now_ms)?;
    Ok(())
}

/// Writes a link and the letter with it; answers the link's number and its end.
///
/// * `by`: the owner who wants it; `None`: the member asked for it.
fn write(
    tx: &mut dyn Tx,
    user: &User,
    by: Option<&Principal>,
    now_ms: i64,
) -> Result<(i64, i64), DbError> {
    let valid_ms = if user.has_password {
        i64::from(RESET_MIN) * MINUTE_MS
    } else {
        i64::from(INVITATION_DAYS) * DAY_MS
    };
    let expires_at_ms = now_ms + valid_ms;
    let id = store::replace_password_link(tx, user.id, now_ms, expires_at_ms)?;
    let url = format!("{PAGE}{id}");
    let message = if user.has_password {
        Message::PasswordReset(PasswordReset {
            url,
            valid_min: RESET_MIN,
        })
    } else {
        Message::Invitation(Invitation {
            inviter: by
                .filter(|by| matches!(by.actor, Actor::User(_)))
                .map(|by| by.display_name.to_string()),
            role: match user.role {
                Role::Owner => TeamRole::Owner,
                Role::Agent => TeamRole::Agent,
            },
            url,
            valid_days: INVITATION_DAYS,
        })
    };
    let letter = NewDelivery {
        key: format!("password-link:{id}"),
        message: &message,
        lang: None,
        to: Recipient::Person {
            address: user.email.clone(),
            name: user.display_name.clone(),
        },
        about: Some(About::User(user.id)),
        calendar: None,
    };
    outbox::queue(tx, &letter, now_ms)?;
    let actor = by.map_or_else(|| audit::VISITOR.to_owned(), |by| by.actor.to_string());
    let details = json!({"user_id": user.id});
    audit::record(tx, &actor, "password_link_sent", None, &details, now_ms)?;
    Ok((id, expires_at_ms))
}

impl Accounts {
    /// Writes to a member with a link to set a password: the invitation again, or a new password.
    ///
    /// Errors: the account is not there, or may not sign in.
    pub(in crate::accounts) async fn send_password_link(
        &self,
        by: &Principal,
        user_id: i64,
        now_ms: i64,
    ) -> Result<Sent, AccountError> {
        let by = by.clone();
        let written = self.inner.store.write(move |tx| {
            let user = store::user_by_id(tx, user_id)?.ok_or(AccountError::UserNotFound)?;
            if !user.is_active {
                return Err(AccountError::Deactivated);
            }
            Ok(write(tx, &user, Some(&by), now_ms)?)
        });
        let (link_id, expires_at_ms) = written.await?;
        Ok(Sent {
            url: address(link_id, &self.inner.secrets),
            expires_at_ms,
        })
    }

    /// Writes to whoever forgot their password, when there is such an account that may sign in; nobody is told whether
    /// there is.
    ///
    /// * `login`: username or e-mail address, as typed.
    /// * Errors: asked too often for that name.
    pub(in crate::accounts) async fn forgot_password(
        &self,
        login: &str,
        now_ms: i64,
    ) -> Result<(), AccountError> {
        let login = login.trim().to_lowercase();
        self.inner.throttle.check(&format!("forgot {login}"))?;
        let written = self.inner.store.write(move |tx| {
            let found = store::user_by_login(tx, &login)?.map(|found| found.user);
            if let Some(user) = found.filter(|user| user.is_active) {
                write(tx, &user, None, now_ms)?;
            }
            Ok::<_, AccountError>(())
        });
        written.await
    }

    /// Sets the password of the account a link was written to, and ends its sessions. The link works once; a second
    /// factor stays.
    ///
    /// Errors: the link is not ours, was used or replaced, or is over; the password is refused.
    pub(in crate::accounts) async fn set_password(
        &self,
        token: &str,
        password: String,
        now_ms: i64,
    ) -> Result<(), AccountError> {
        let link_id = link::id_of(PURPOSE, token.trim(), &self.inner.secrets)
            .ok_or(AccountError::PasswordLinkInvalid)?;
        let user = self
            .inner
            .store
            .read(move |tx| opened(tx, link_id, now_ms))
            .await?;
        rules::password("password", &password, &[&user.username, &user.email])?;
        let hash = self.inner.hasher.hash(password).await?;
        let write = self.inner.store.write(move |tx| {
            let user = opened(tx, link_id, now_ms)?;
            store::delete_password_link(tx, user.id)?;
            store::update_password(tx, user.id, &hash, now_ms)?;
            let ended = store::end_sessions(tx, user.id, None)?;
            let actor = Actor::User(user.id).to_string();
            let details = json!({"user_id": user.id, "sessions_ended": ended});
            audit::record(tx, &actor, "password_changed", None, &details, now_ms)?;
            Ok::<_, AccountError>(())
        });
        write.await?;
        self.inner.known.forget();
        Ok(())
    }
}

/// The account a link opens now.
fn opened(tx: &mut dyn Tx, link_id: i64, now_ms: i64) -> Result<User, AccountError> {
    let link = store::password_link(tx, link_id)?.filter(|link| now_ms < link.expires_at_ms);
    let user = match link {
        Some(link) => store::user_by_id(tx, link.user_id)?,
        None => None,
    };
    user.filter(|user| user.is_active)
        .ok_or(AccountError::PasswordLinkInvalid)
}
