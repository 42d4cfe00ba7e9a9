//! Where mail is handed over.

use std::net::IpAddr;
use std::str::FromStr;

use super::model::Person;
use crate::config::Secret;

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SmtpTls {
    /// TLS after `STARTTLS`; without it nothing is said.
    #[default]
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// None, for a relay on the same machine or network.
    None,
}

impl SmtpTls {
    /// The port a server takes mail on in this way.
    pub fn default_port(self) -> u16 {
        match self {
            Self::StartTls => 587,
            Self::Tls => 465,
            Self::None => 25,
        }
    }
}

impl FromStr for SmtpTls {
    type Err = SettingsError;

    fn from_str(text: &str) -> Result<Self, SettingsError> {
        match text.trim().to_ascii_lowercase().as_str() {
            "starttls" => Ok(Self::StartTls),
            "tls" => Ok(Self::Tls),
            "none" => Ok(Self::None),
            _ => Err(SettingsError::Tls),
        }
    }
}

/// What is wrong with the settings of mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Neither a name nor an address.
    #[error("the mail server must be a host name or an IP address, without scheme or port")]
    Host,
    /// Not one of the three.
    #[error("must be starttls, tls or none")]
    Tls,
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
    /// * `port`: the usual one of `tls` when missing.
    /// * `from`: `Name <address>` or the address.
    pub fn new(
        host: &str,
        port: Option<u16>,
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
            port: port.unwrap_or(tls.default_port()),
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
        tls: &str,
        user: Option<&str>,
        from: &str,
    ) -> Result<SmtpSettings, SettingsError> {
        let password = user.map(|_| Secret::new("secret"));
        SmtpSettings::new(host, None, tls.parse()?, user, password, from)
    }

    #[test]
    fn the_port_follows_the_protection() {
        for (tls, port) in [("starttls", 587), ("TLS", 465), ("none", 25)] {
            let settings = settings("mail.example.com", tls, None, "a@example.com").unwrap();
            assert_eq!(settings.port, port);
        }
        assert_eq!("ssl".parse::<SmtpTls>(), Err(SettingsError::Tls));
    }

    #[test]
    fn wrong_settings_say_what_is_wrong() {
        let from = "Company <office@example.com>";
        for (host, tls, user, from, error) in [
            ("", "tls", None, from, SettingsError::Host),
            ("smtp://x", "tls", None, from, SettingsError::Host),
            ("x:25", "tls", None, from, SettingsError::Host),
            ("x", "tls", None, "office", SettingsError::From),
            (
                "x",
                "none",
                Some("u"),
                from,
                SettingsError::PasswordInTheOpen,
            ),
        ] {
            assert_eq!(settings(host, tls, user, from).unwrap_err(), error);
        }
        assert!(settings("127.0.0.1", "none", Some("u"), from).is_ok());
        assert!(settings("::1", "none", Some("u"), from).is_ok());
        let half = SmtpSettings::new("x", None, SmtpTls::Tls, Some("u"), None, from);
        assert_eq!(half.unwrap_err(), SettingsError::Credentials);
    }
}
