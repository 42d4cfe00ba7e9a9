//! Beginning a session: what a page tells, what it gets, and what the numbers keep of the visit.

use std::collections::BTreeMap;

use poem_openapi::Object;
use poem_openapi::types::Example;

use super::service::Chat;
use super::session::{SessionId, VisitorSession};
use super::{ChatError, DbError};
use crate::analytics::{self, Origin, Visit};
use crate::knowledge::QuickReply;
use crate::leads;
use crate::nlu::Lang;
use crate::platform::clock::now_ms;
use crate::platform::http::{ClientAddress, JsonText};

#[derive(Debug, Object)]
#[oai(example)]
pub(super) struct SessionRequest {
    /// `pl`, `en` or `de`; else `Accept-Language` decides.
    pub(super) lang: Option<JsonText>,
    /// The session this browser had before: it goes on. Another one than ours begins a new session.
    session_id: Option<JsonText>,
    /// The page the chat is on.
    page_url: Option<JsonText>,
    /// Where the visitor came from.
    referrer: Option<JsonText>,
    /// Campaign parameters of the page's address.
    utm: Option<BTreeMap<String, JsonText>>,
}

impl Example for SessionRequest {
    fn example() -> Self {
        Self {
            lang: Some(JsonText("pl".into())),
            session_id: None,
            page_url: Some(JsonText("https://novahouse.pl/".into())),
            referrer: Some(JsonText("https://www.google.com/".into())),
            utm: None,
        }
    }
}

#[derive(Debug, Object)]
pub(super) struct SessionAnswer {
    pub(super) session_id: String,
    /// What stands above the chat: the owner's title, else the company's name.
    pub(super) title: String,
    /// Shown before the first message; it is not stored and has no seq.
    pub(super) greeting: String,
    pub(super) quick_replies: Vec<QuickReply>,
    pub(super) lang: String,
    /// Somebody is there now.
    pub(super) business_open: bool,
    /// When somebody is there next, RFC 3339; null while open.
    pub(super) next_open: Option<String>,
}

impl SessionRequest {
    fn origin(&self) -> Origin {
        // Only page and host are kept, whatever else an address holds.
        let bare = |url: &Option<JsonText>| {
            let url = url.as_ref()?.0.split(['?', '#']).next()?;
            Some(url.to_owned())
        };
        let (page, referrer) = (bare(&self.page_url), bare(&self.referrer));
        let utm: BTreeMap<String, String> = (self.utm.iter().flatten())
            .map(|(name, value)| (name.clone(), value.0.clone()))
            .collect();
        Origin::new(
            page.as_deref().and_then(leads::path_of),
            page.as_deref().and_then(leads::host_of).as_deref(),
            referrer.as_deref().and_then(leads::host_of).as_deref(),
            &utm,
        )
    }
}

impl Chat {
    /// The session a page goes on with, or a new one. The numbers take note of the visit, unless it is a program's that
    /// says so; what they cannot keep is lost, and the visitor may talk all the same.
    pub(super) async fn open_session(
        &self,
        request: &SessionRequest,
        lang: Lang,
        address: ClientAddress,
        user_agent: Option<&str>,
    ) -> Result<SessionId, ChatError> {
        let known: Option<VisitorSession> =
            JsonText::filled(request.session_id.as_ref()).and_then(|id| self.visitor(id).ok());
        let session = match known {
            Some(visitor) => visitor.id().clone(),
            None => self.mint()?,
        };
        let device = analytics::device(user_agent.unwrap_or_default());
        if !device.is_program {
            let visit = Visit {
                lang,
                device: device.class,
                browser: device.browser,
                address_prefix: Some(address.truncated()),
                origin: request.origin(),
            };
            let session_id = session.to_string();
            let write = self.store.write(move |tx| {
                analytics::begin(tx, &session_id, &visit, now_ms())?;
                Ok::<_, DbError>(())
            });
            if let Err(error) = write.await {
                tracing::warn!(%error, "a visit is not counted");
            }
        }
        Ok(session)
    }
}
