//! What can go wrong with accounts, and what a client is told about it.

use super::model::FieldError;
use crate::platform::db::DbError;
use crate::platform::http::Problem;
use crate::platform::secrets::SecretsError;

/// An error of the accounts slice.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The value of a field was refused.
    #[error("{0}")]
    Invalid(#[from] FieldError),
    /// Another account has this username.
    #[error("another account has this username")]
    UsernameTaken,
    /// Another account has this e-mail address.
    #[error("another account has this e-mail address")]
    EmailTaken,
    /// Unknown name, wrong password or a deactivated account: deliberately one and the same.
    #[error("the name or the password is wrong")]
    LoginFailed,
    /// The password was right, the account has a second factor, and the request held no code.
    #[error("this account needs the six-digit code of its authenticator app as well")]
    TotpRequired,
    /// The password was right but the code is wrong, too old or was used before.
    #[error("the code is wrong, too old or was used before; enter the one shown now")]
    TotpRejected,
    /// Too many attempts for one account.
    #[error("too many attempts; try again in {retry_after_s} s")]
    Throttled {
        /// Seconds until the next attempt is let in.
        retry_after_s: u64,
    },
    /// The set-up link is unknown, was used, or there is an owner already.
    #[error(
        "this set-up link does not work (any more); make a new one with `novahouse admin setup-link`"
    )]
    SetupLinkInvalid,
    /// A set-up link was asked for although somebody can sign in as owner.
    #[error("there is an owner already; use `novahouse admin reset-password` to get back in")]
    OwnerExists,
    /// The link for setting a password is not ours, was used or replaced, or is over.
    #[error("this link does not work (any more); ask for a new one")]
    PasswordLinkInvalid,
    /// A link for an account that may not sign in.
    #[error("this account is deactivated; activate it first")]
    Deactivated,
    /// An API key asked for what only a person's account has.
    #[error("this belongs to a person's account; sign in instead of sending an API key")]
    AccountRequired,
    /// The account's own password, asked for once more, was wrong. Holds the field.
    #[error("this is not your password")]
    WrongPassword(&'static str),
    /// No such account.
    #[error("there is no such account")]
    UserNotFound,
    /// No such browser session of this account.
    #[error("there is no such session of yours")]
    SessionNotFound,
    /// No such API key.
    #[error("there is no such API key")]
    KeyNotFound,
    /// It would leave nobody who can sign in as owner.
    #[error("this is the last active owner; make somebody else an owner first")]
    LastOwner,
    /// Enrolment of a second factor although there is one.
    #[error("a second factor is on already; switch it off first")]
    TotpAlreadyEnabled,
    /// A code to confirm, but no enrolment begun.
    #[error("begin the enrolment of the second factor first")]
    TotpNotBegun,
    /// There is no second factor to switch off.
    #[error("there is no second factor to switch off")]
    TotpNotEnabled,
    /// The code that should finish the enrolment is wrong.
    #[error("does not fit; check the clock of the device and enter the code shown now")]
    TotpCodeWrong,
    /// More passwords are waiting to be checked than the machine can do in time.
    #[error("too many passwords are being checked")]
    Busy,
    /// Hashing or sealing failed: a fault of the program, or `secrets.json` is not the one of this database.
    #[error("cryptography failed: {0}")]
    Crypto(String),
    /// The store.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The system's randomness.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        let sentence = sentence(&error);
        match error {
            AccountError::Invalid(field) => Problem::field(field.code, field.field, field.why),
            AccountError::UsernameTaken => {
                Problem::conflict("username_taken", sentence).with_detail("username", "is taken")
            }
            AccountError::EmailTaken => {
                Problem::conflict("email_taken", sentence).with_detail("email", "is taken")
            }
            AccountError::LoginFailed => Problem::unauthorized("login_failed", sentence),
            AccountError::TotpRequired => Problem::unauthorized("totp_required", sentence)
                .with_detail("totp_code", "is missing"),
            AccountError::TotpRejected => Problem::unauthorized("totp_required", sentence)
                .with_detail("totp_code", "is wrong, too old or was used before"),
            AccountError::Throttled { retry_after_s } => Problem::too_many(retry_after_s),
            AccountError::SetupLinkInvalid => Problem::forbidden("setup_link_invalid", sentence),
            AccountError::PasswordLinkInvalid => {
                Problem::forbidden("password_link_invalid", sentence)
            }
            AccountError::Deactivated => Problem::conflict("user_deactivated", sentence),
            AccountError::OwnerExists => Problem::conflict("owner_exists", sentence),
            AccountError::AccountRequired => Problem::forbidden("account_required", sentence),
            AccountError::WrongPassword(field) => Problem::forbidden("wrong_password", sentence)
                .with_detail(field, "is not your password"),
            AccountError::UserNotFound => Problem::not_found("user_not_found", sentence),
            AccountError::SessionNotFound => {
                Problem::not_found("login_session_not_found", sentence)
            }
            AccountError::KeyNotFound => Problem::not_found("api_key_not_found", sentence),
            AccountError::LastOwner => Problem::conflict("last_owner", sentence),
            AccountError::TotpAlreadyEnabled => Problem::conflict("totp_already_enabled", sentence),
            AccountError::TotpNotBegun => Problem::conflict("totp_not_begun", sentence),
            AccountError::TotpNotEnabled => Problem::conflict("totp_not_enabled", sentence),
            AccountError::TotpCodeWrong => Problem::field("totp_code_wrong", "code", error),
            AccountError::Busy => Problem::unavailable(error),
            AccountError::Crypto(_) => Problem::internal(error),
            AccountError::Db(error) => Problem::from(error),
            AccountError::Secrets(error) => Problem::internal(error),
        }
    }
}

/// The error's text as a sentence of its own.
fn sentence(error: &AccountError) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        format!("{}{}.", first.to_uppercase(), letters.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use poem::http::StatusCode;

    #[test]
    fn a_wrong_password_and_an_unknown_name_give_one_bland_sentence() {
        let problem = Problem::from(AccountError::LoginFailed);
        assert_eq!(problem.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(problem.sentence(), "The name or the password is wrong.");
    }

    #[test]
    fn a_fault_of_ours_shows_nothing_of_its_cause() {
        let problem = Problem::from(AccountError::Crypto("key of length 3".into()));
        assert!(!problem.sentence().contains("length"));
    }
}
