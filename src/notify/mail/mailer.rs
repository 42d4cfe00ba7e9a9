//! Handing letters to the mail server.

use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};

use lettre::Message;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::compose::{compose, message_id};
use super::model::Mail;
use super::settings::SmtpSettings;
use crate::config::SmtpTls;
use crate::notify::SendError;

/// Time for one letter, connecting included.
const SEND_WITHIN: Duration = Duration::from_secs(30);
/// So many connections at once; mail servers count them.
const CONNECTIONS_MAX: usize = 4;
/// A connection that was not used for longer is not used again.
const IDLE_MAX: Duration = Duration::from_secs(60);
/// The server wants another way of signing in first: about us, not about the letter.
const SETUP_CODES: [u16; 5] = [530, 534, 535, 538, 523];

const UNREACHABLE: &str = "no connection to the mail server";

/// A letter that the mail server has taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Its `Message-ID`.
    pub message_id: String,
}

/// Sends letters. Connections are kept and used again.
///
/// They are kept here and not in lettre's own pool, which takes a connection back even when the time ran out in the
/// middle of a letter: its late answers would then be read as answers about the next letter. Here the connection
/// belongs to the attempt and goes with it.
pub struct Mailer {
    settings: SmtpSettings,
    tls: Option<TlsParameters>,
    hello: ClientId,
    idle: Mutex<Vec<(AsyncSmtpConnection, Instant)>>,
    turns: Semaphore,
    within: Duration,
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailer").finish_non_exhaustive()
    }
}

impl Mailer {
    /// Errors: permanent, when the system has no usable certificates.
    pub fn new(settings: SmtpSettings) -> Result<Self, SendError> {
        Self::sending_within(settings, SEND_WITHIN)
    }

    pub(super) fn sending_within(
        settings: SmtpSettings,
        within: Duration,
    ) -> Result<Self, SendError> {
        let tls = match settings.tls {
            SmtpTls::None => None,
            SmtpTls::StartTls | SmtpTls::Tls => Some(
                TlsParameters::new(settings.host.clone())
                    .map_err(|_| SendError::permanent("TLS cannot be set up"))?,
            ),
        };
        Ok(Self {
            tls,
            hello: ClientId::Domain(settings.from.address.domain().to_owned()),
            idle: Mutex::default(),
            turns: Semaphore::new(CONNECTIONS_MAX),
            within,
            settings,
        })
    }

    /// Sends one letter.
    ///
    /// Errors: temporary for 4xx, no connection, a broken one, and after 30 seconds; permanent for 5xx. After a break or a
    /// time-out the server may have it all the same; another try has the same `Message-ID`.
    pub async fn send(&self, mail: &Mail) -> Result<Sent, SendError> {
        let message = compose(mail, &self.settings.from, SystemTime::now())?;
        // The semaphore is never closed, so this only waits for a turn.
        let _turn = self.turns.acquire().await;
        match timeout(self.within, self.hand_over(&message)).await {
            Ok(done) => done?,
            Err(_) => {
                return Err(SendError::temporary(
                    "the mail server does not answer in time",
                ));
            }
        }
        Ok(Sent {
            message_id: message_id(&mail.key, &self.settings.from),
        })
    }

    async fn hand_over(&self, message: &Message) -> Result<(), SendError> {
        let mut connection = match self.reuse().await {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        let bytes = message.formatted();
        let sent = connection.send(message.envelope(), &bytes).await;
        sent.map_err(|error| refused(&error))?;
        if let Ok(mut idle) = self.idle.lock() {
            idle.push((connection, Instant::now()));
        }
        Ok(())
    }

    /// A kept connection that still answers.
    async fn reuse(&self) -> Option<AsyncSmtpConnection> {
        loop {
            let (mut connection, since) = self.idle.lock().ok()?.pop()?;
            if since.elapsed() < IDLE_MAX && connection.test_connected().await {
                return Some(connection);
            }
        }
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, SendError> {
        let settings = &self.settings;
        let server = (settings.host.as_str(), settings.port);
        let connected = if let (Some(tls), SmtpTls::Tls) = (&self.tls, settings.tls) {
            let tls = Some(tls.clone());
            AsyncSmtpConnection::connect_tokio1(server, None, &self.hello, tls, None).await
        } else {
            let stream = TcpStream::connect(server).await;
            let stream = stream.map_err(|_| SendError::temporary(UNREACHABLE))?;
            // lettre writes a letter's end by itself: held back, it would cost 40 ms a letter.
            let _ = stream.set_nodelay(true);
            AsyncSmtpConnection::connect_with_transport(Box::new(stream), &self.hello).await
        };
        let signed_in = async {
            let mut connection = connected?;
            if let (Some(tls), SmtpTls::StartTls) = (&self.tls, settings.tls) {
                connection.starttls(tls.clone(), &self.hello).await?;
            }
            if let Some(credentials) = &settings.credentials {
                let password = credentials.password.expose().to_owned();
                let credentials = Credentials::new(credentials.user.clone(), password);
                connection.auth(DEFAULT_MECHANISMS, &credentials).await?;
            }
            Ok(connection)
        };
        signed_in.await.map_err(|error| unconnected(&error))
    }
}

/// Nothing was said about the letter yet, so it can be tried again, whatever the server said.
fn unconnected(error: &Error) -> SendError {
    SendError::temporary(match error.status() {
        Some(_) => format!("the mail server does not let us in: {}", codes(error)),
        None if error.is_client() => {
            "the mail server offers no STARTTLS, or no way to sign in".to_owned()
        }
        None => "the connection to the mail server broke, or TLS with it failed".to_owned(),
    })
}

fn refused(error: &Error) -> SendError {
    let code = error.status().map(u16::from);
    let what = match code {
        Some(_) => format!("the mail server answers {}", codes(error)),
        // lettre says so before the first command: letters beyond ASCII for a server that does not take them.
        None if error.is_client() => {
            return SendError::permanent("the mail server does not take this kind of address");
        }
        None => "the connection to the mail server broke".to_owned(),
    };
    let is_about_us = code.is_some_and(|code| SETUP_CODES.contains(&code));
    if error.is_permanent() && !is_about_us {
        SendError::permanent(what)
    } else {
        SendError::temporary(what)
    }
}

/// `550 5.1.1`: the code and the enhanced one (RFC 3463). The rest of the answer often repeats the address.
fn codes(error: &Error) -> String {
    let basic = error.status().map_or(0, u16::from);
    let text = std::error::Error::source(error).map(ToString::to_string);
    let word = text
        .as_deref()
        .and_then(|text| text.split_whitespace().next());
    let is_enhanced = |word: &&str| {
        word.len() <= 9
            && word.split('.').count() == 3
            && word.chars().all(|c| c.is_ascii_digit() || c == '.')
    };
    match word.filter(is_enhanced) {
        Some(enhanced) => format!("{basic} {enhanced}"),
        None => basic.to_string(),
    }
}

#[cfg(test)]
#[path = "mailer_tests.rs"]
mod tests;
