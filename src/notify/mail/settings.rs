//! Where mail is handed over.

use std::net::IpAddr;

use super::model::Person;
use crate::config::{Secret, SmtpTls};

/// What is wrong with the settings of mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Neither a name nor an address.
    #[error("the mail server must be a host name or an IP address, without scheme or port")]
    Host,
    /// One of the two is missing.
    #[error("user and password of the mail server go together")]
    Credentials,
    /// A password that anybody on the way could read.
    #[error("a password is not sent to another machine without TLS")]
    PasswordInTheOpen,
    /// The sender cannot be read.
    #[error("the sender must be an address, or Name <address>")]
    From,
}

/// Who we are to the mail server.
#[derive(Debug, Clone)]
pub struct SmtpCredentials {
    /// The name.
    pub user: String,
    /// The password.
    pub password: Secret,
}

/// Where mail is handed over, and who writes.
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tls: SmtpTls,
    pub(super) credentials: Option<SmtpCredentials>,
    pub(super) from: Person,
}

impl SmtpSettings {
    /// Checks and takes the settings.
    ///
    /// * `from`: `Name <address>` or the address.
    pub fn new(
        host: &str,
        port: u16,
        tls: SmtpTls,
        user: Option<&str>,
        password: Option<Secret>,
        from: &str,
    ) -> Result<Self, SettingsError> {
        let host = host.trim();
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if host.is_empty() || !(host.chars().all(is_name) || host.parse::<IpAddr>().is_ok()) {
            return Err(SettingsError::Host);
        }
        let credentials = match (user.filter(|user| !user.is_empty()), password) {
            (Some(user), Some(password)) => Some(SmtpCredentials {
                user: user.to_owned(),
                password,
            }),
            (None, None) => None,
            _ => return Err(SettingsError::Credentials),
        };
        let is_local =
            host == "localhost" || host.parse().is_ok_and(|host: IpAddr| host.is_loopback());
        if credentials.is_some() && tls == SmtpTls::None && !is_local {
            return Err(SettingsError::PasswordInTheOpen);
        }
        Ok(Self {
            host: host.to_owned(),
            port,
            tls,
            credentials,
            from: from.parse().map_err(|_| SettingsError::From)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(
        host: &str,
        tls: SmtpTls,
        user: Option<&str>,
        from: &str,
    ) -> Result<SmtpSettings, SettingsError> {
        let password = user.map(|_| Secret::new("secret"));
        SmtpSettings::new(host, 25, tls, user, password, from)
    }

    #[test]
    fn wrong_settings_say_what_is_wrong() {
        let from = "Company <office@example.com>";
        for (host, tls, user, from, error) in [
            ("", SmtpTls::Tls, None, from, SettingsError::Host),
            ("smtp://x", SmtpTls::Tls, None, from, SettingsError::Host),
            ("x:25", SmtpTls::Tls, None, from, SettingsError::Host),
            ("x", SmtpTls::Tls, None, "office", SettingsError::From),
            (
                "x",
                SmtpTls::None,
                Some("u"),
                from,
                SettingsError::PasswordInTheOpen,
            ),
        ] {
            assert_eq!(settings(host, tls, user, from).unwrap_err(), error);
        }
        assert!(settings("127.0.0.1", SmtpTls::None, Some("u"), from).is_ok());
        assert!(settings("::1", SmtpTls::None, Some("u"), from).is_ok());
        let half = SmtpSettings::new("x", 465, SmtpTls::Tls, Some("u"), None, from);
        assert_eq!(half.unwrap_err(), SettingsError::Credentials);
    }
}
