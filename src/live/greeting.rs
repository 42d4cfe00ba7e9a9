//! The handshake: who connects, what they missed, and whether they may still listen later.

use std::sync::Arc;
use std::time::Duration;

use socketioxide::extract::SocketRef;
use socketioxide::{SendError, SocketError};

use super::broadcast::{ADMIN_ROOM, session_room};
use super::events;
use super::handlers::{Client, emit, refuse};
use super::payloads::{ChatMessage, Connected, Handshake};
use super::queue::CUT_OFF_S;
use crate::chat::{ChatError, History, VisitorSession};
use crate::platform::clock::{now_ms, to_rfc3339};
use crate::platform::http::{Credentials, Problem, RateGroup};

/// Missed messages read at a time.
const PAGE: i64 = 100;
/// How long to wait for a slow socket to take more.
const SLOW_SOCKET: Duration = Duration::from_millis(20);
/// How often an agent's rights are looked at again.
const RIGHTS_EVERY: Duration = Duration::from_secs(30);

/// Says hello, then what was missed since `last_seq`, in order.
pub(super) async fn greet(socket: &SocketRef, client: &Arc<Client>, handshake: Handshake) {
    let address = client.caller().address.limit_key();
    let wait_s = match client.parts.limits.check(RateGroup::Read, address) {
        Err(refused) => Some(refused.retry_after_s),
        Ok(_) => client.cut_off.holds(address).then_some(CUT_OFF_S),
    };
    if let Some(wait_s) = wait_s {
        refuse(socket, &Problem::too_many(wait_s));
        let _ = socket.clone().disconnect();
        return;
    }
    let credentials = match handshake.api_key {
        Some(key) => Some(Credentials::ApiKey(key)),
        None => Credentials::from_headers(&socket.req_parts().headers),
    };
    if let Some(credentials) = credentials {
        identify(socket, client, credentials).await;
    }
    if let (Some(id), None) = (&handshake.session_id, &client.visitor)
        && let Err(error) = client.parts.chat.visitor(id)
    {
        refuse(socket, &error.into());
    }
    let Some(visitor) = &client.visitor else {
        hello(socket, None, 0);
        return;
    };
    if let Err(error) = resume(socket, client, visitor, handshake.last_seq).await {
        refuse(socket, &error.into());
    }
    events::presence(client, visitor, true).await;
}

/// Finds the account behind a key or cookie, and keeps looking for as long as the socket is open.
async fn identify(socket: &SocketRef, client: &Arc<Client>, credentials: Credentials) {
    let is_key = matches!(credentials, Credentials::ApiKey(_));
    // The front door has already judged the cookie's origin; a cookie it did not count must not count here.
    if !is_key && client.caller().principal.is_none() {
        return;
    }
    match (client.parts.authenticate)(credentials.clone()).await {
        Ok(Some(principal)) => {
            client.set_principal(Some(principal));
            tokio::spawn(watch_rights(
                socket.clone(),
                Arc::clone(client),
                credentials,
            ));
        }
        Ok(None) => {
            client.set_principal(None);
            let address = client.caller().address.limit_key();
            let problem = match client.parts.limits.check(RateGroup::Login, address) {
                Ok(_) => Problem::unauthorized("invalid_api_key", "This API key is unknown."),
                Err(refused) => Problem::too_many(refused.retry_after_s),
            };
            refuse(socket, &problem);
        }
        Err(problem) => refuse(socket, &problem),
    }
}

/// Ends the socket of an agent whose session or key no longer counts.
async fn watch_rights(socket: SocketRef, client: Arc<Client>, credentials: Credentials) {
    loop {
        tokio::time::sleep(RIGHTS_EVERY).await;
        if !socket.connected() {
            return;
        }
        match (client.parts.authenticate)(credentials.clone()).await {
            Ok(Some(principal)) => client.set_principal(Some(principal)),
            Ok(None) => {
                client.set_principal(None);
                client.leave_admin();
                socket.leave(ADMIN_ROOM);
                let _ = socket.disconnect();
                return;
            }
            // The store is down: the next look decides.
            Err(_) => {}
        }
    }
}

/// Sends what was missed, page by page, joins the room, then sends what came in between. A message may come twice,
/// and clients drop repeats by seq.
async fn resume(
    socket: &SocketRef,
    client: &Client,
    visitor: &VisitorSession,
    last_seq: Option<i64>,
) -> Result<(), ChatError> {
    let chat = &client.parts.chat;
    let id = || visitor.as_str().to_owned();
    let mut since = last_seq.unwrap_or(i64::MAX).max(0);
    let mut page = chat.history(id(), since, PAGE).await?;
    hello(socket, Some(visitor), page.last_seq);
    while let Some(last) = page.messages.last() {
        since = last.seq;
        send_missed(socket, visitor, &page).await;
        page = chat.history(id(), since, PAGE).await?;
    }
    socket.join(session_room(visitor.as_str()));
    if last_seq.is_some() {
        let between = chat.history(id(), since, PAGE).await?;
        send_missed(socket, visitor, &between).await;
    }
    Ok(())
}

/// Waits while the socket's buffer is full, so that nothing of a long conversation is dropped.
async fn send_missed(socket: &SocketRef, visitor: &VisitorSession, page: &History) {
    for message in &page.messages {
        let event = ChatMessage::new(
            page.conversation_id,
            visitor.as_str(),
            message,
            page.speaker(),
        );
        while let Err(SendError::Socket(SocketError::InternalChannelFull)) =
            socket.emit("chat_message", &event)
        {
            if !socket.connected() {
                return;
            }
            tokio::time::sleep(SLOW_SOCKET).await;
        }
    }
}

fn hello(socket: &SocketRef, visitor: Option<&VisitorSession>, last_seq: i64) {
    let connected = Connected {
        message: "Connected to NovaHouse",
        sid: socket.id.to_string(),
        timestamp: to_rfc3339(now_ms()),
        session_id: visitor.map(VisitorSession::as_str),
        last_seq,
    };
    emit(socket, "connected", &connected);
}
