//! What each event does, in the order a socket sent them.

use std::sync::atomic::Ordering;

use socketioxide::extract::{AckSender, SocketRef};

use super::broadcast::{ADMIN_ROOM, session_room};
use super::handlers::{Client, emit, refuse_with_ack};
use super::payloads::{
    Acknowledged, BotResponse, IncomingMessage, IncomingTyping, MessageReceived, RoomEvent,
    TypingEvent,
};
use crate::chat::{Later, SendMessage, Sender, SessionId, Turn, VisitorSession};
use crate::knowledge::named_lang;
use crate::platform::clock::{now_ms, to_rfc3339};
use crate::platform::http::{Problem, RateGroup};

/// Stores the message; acknowledged only once it is on disk.
pub(super) async fn chat_message(
    socket: &SocketRef,
    client: &Client,
    incoming: IncomingMessage,
    ack: AckSender,
) {
    match send(socket, client, incoming).await {
        Ok(acknowledged) => {
            let _ = ack.send(&acknowledged);
        }
        Err(problem) => refuse_with_ack(socket, &problem, ack),
    }
}

async fn send(
    socket: &SocketRef,
    client: &Client,
    incoming: IncomingMessage,
) -> Result<Acknowledged, Problem> {
    let parts = &client.parts;
    let caller = client.caller();
    let counted = match &caller.principal {
        Some(principal) => parts.limits.check_account(principal.actor),
        None => parts
            .limits
            .check(RateGroup::Chat, caller.address.limit_key()),
    };
    counted.map_err(|refused| Problem::too_many(refused.retry_after_s))?;

    let session = match incoming.session_id.as_deref() {
        Some(id) => parts.chat.session(id)?,
        None => match &client.visitor {
            Some(visitor) => visitor.id().clone(),
            None => parts.chat.mint()?,
        },
    };
    let lang = incoming.lang.as_deref().map(named_lang).transpose()?;
    let request = SendMessage::parse(
        session.clone(),
        &incoming.message,
        incoming.client_id.as_deref(),
        lang,
        Some(client.hint),
    )?
    .begins_session(incoming.session_id.is_none() && client.visitor.is_none())
    .sent_from(caller.address);
    if !session.is_weak() {
        socket.join(session_room(session.as_str()));
    }
    // What a language model takes seconds for must not keep the visitor's next messages waiting.
    let (turn, later) = parts.chat.begin(request).await?;
    let received = MessageReceived {
        session_id: session.as_str(),
        message: &turn.message.body,
        timestamp: to_rfc3339(turn.message.created_at_ms),
        status: "received",
        seq: turn.message.seq,
        client_id: turn.message.client_id.as_deref(),
    };
    emit(socket, "message_received", &received);
    answer_asking_socket(socket, &session, &turn);
    if let Some(later) = later.filter(|_| session.is_weak()) {
        tokio::spawn(answer_weak_later(
            socket.clone(),
            session,
            turn.clone(),
            later,
        ));
    }
    Ok(Acknowledged {
        message_id: turn.message.id,
        seq: turn.message.seq,
        handled_by: turn.handled_by,
        agent_name: turn.agent_name,
    })
}

/// A weak session has no room, and a repeat was told to the room before; the socket that asks gets the answer.
fn answer_asking_socket(socket: &SocketRef, session: &SessionId, turn: &Turn) {
    let Some(reply) = turn
        .reply
        .as_ref()
        .filter(|reply| reply.sender == Sender::Bot)
    else {
        return;
    };
    if session.is_weak() && !turn.is_repeat || !session.is_weak() && turn.is_repeat {
        emit(
            socket,
            "bot_response",
            &BotResponse::new(
                turn.conversation_id,
                session.as_str(),
                reply,
                turn.speaker(),
            ),
        );
    }
}

async fn answer_weak_later(socket: SocketRef, session: SessionId, mut turn: Turn, later: Later) {
    turn.reply = later.reply().await;
    answer_asking_socket(&socket, &session, &turn);
}

pub(super) async fn join(socket: &SocketRef, client: &Client, room: &str, ack: AckSender) {
    let outcome = if room == ADMIN_ROOM {
        join_admin(socket, client)
    } else {
        join_session(socket, client, room)
    };
    match outcome {
        Ok(()) => {
            emit(socket, "joined", &RoomEvent { room });
            let _ = ack.send(&RoomEvent { room });
        }
        Err(problem) => refuse_with_ack(socket, &problem, ack),
    }
}

fn join_admin(socket: &SocketRef, client: &Client) -> Result<(), Problem> {
    if !client.caller().is_agent() {
        return Err(Problem::forbidden(
            "forbidden",
            "Only members of the team may join this room.",
        ));
    }
    socket.join(ADMIN_ROOM);
    if !client.is_admin.swap(true, Ordering::Relaxed) {
        client
            .parts
            .broadcast
            .admins()
            .fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

fn join_session(socket: &SocketRef, client: &Client, room: &str) -> Result<(), Problem> {
    let id = room.strip_prefix("session:").unwrap_or(room);
    let session = if client.caller().is_agent() {
        client.parts.chat.session(id)?
    } else {
        client.parts.chat.visitor(id)?.id().clone()
    };
    socket.join(session_room(session.as_str()));
    Ok(())
}

pub(super) fn leave(socket: &SocketRef, client: &Client, room: &str, ack: AckSender) {
    if room == ADMIN_ROOM {
        client.leave_admin();
        socket.leave(ADMIN_ROOM);
    } else {
        let id = room.strip_prefix("session:").unwrap_or(room);
        socket.leave(session_room(id));
    }
    emit(socket, "left", &RoomEvent { room });
    let _ = ack.send(&RoomEvent { room });
}

/// A visitor's typing goes to the team, an agent's to the session.
pub(super) async fn typing_event(
    socket: &SocketRef,
    client: &Client,
    typing: &IncomingTyping,
    ack: AckSender,
) {
    let broadcast = &client.parts.broadcast;
    let is_agent = client.caller().is_agent();
    let visitor = match typing.session_id.as_deref() {
        Some(id) if is_agent => client
            .parts
            .chat
            .session(id)
            .map(|id| id.as_str().to_owned()),
        Some(id) => client
            .parts
            .chat
            .visitor(id)
            .map(|visitor| visitor.as_str().to_owned()),
        None => match &client.visitor {
            Some(visitor) => Ok(visitor.as_str().to_owned()),
            None => return,
        },
    };
    let session_id = match visitor {
        Ok(session_id) => session_id,
        Err(error) => {
            refuse_with_ack(socket, &error.into(), ack);
            return;
        }
    };
    let event = TypingEvent {
        session_id: &session_id,
        is_typing: typing.is_typing,
    };
    if is_agent {
        broadcast
            .emit(session_room(&session_id), "agent_typing", &event)
            .await;
    } else if broadcast.has_listeners() {
        broadcast
            .emit(ADMIN_ROOM.to_owned(), "user_typing", &event)
            .await;
    }
    let _ = ack.send(&event);
}

/// Tells the team that a visitor came or that its last socket went.
pub(super) async fn presence(client: &Client, visitor: &VisitorSession, is_online: bool) {
    let broadcast = &client.parts.broadcast;
    if !broadcast.has_listeners() || (!is_online && broadcast.is_in_room(visitor.as_str())) {
        return;
    }
    let event = serde_json::json!({
        "session_id": visitor.as_str(),
        "is_online": is_online,
        "timestamp": to_rfc3339(now_ms()),
    });
    broadcast
        .emit(ADMIN_ROOM.to_owned(), "presence", &event)
        .await;
}
