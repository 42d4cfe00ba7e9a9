//! What comes in over Socket.IO.
//!
//! socketioxide runs every event in a task of its own; a visitor's messages must stay in the order they were sent, so
//! each socket has a queue that one task at a time works off ([`super::queue`]).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;
use socketioxide::SocketIo;
use socketioxide::extract::{AckSender, Event, SocketRef, TryData};

use super::broadcast::{ADMIN_ROOM, Broadcast, session_room};
use super::payloads::{
    Acknowledged, BotResponse, ChatMessage, Connected, ErrorMessage, Handshake, IncomingMessage,
    IncomingRoom, IncomingTyping, MessageReceived, Pong, RoomEvent, TypingEvent,
};
use super::queue::{EventBudget, Queue};
use crate::chat::{Chat, SendMessage, Sender, SessionId, VisitorSession};
use crate::knowledge::{named_lang, request_lang};
use crate::nlu::Lang;
use crate::platform::clock::{now_ms, to_rfc3339};
use crate::platform::http::{
    Authenticate, Caller, Credentials, Problem, RateGroup, RateLimits, SocketService,
};

/// Longest single packet a client may send, in bytes; a chat message has 2,000 characters at most.
const PACKET_MAX_BYTES: usize = 32 * 1024;

/// What the handlers call.
pub struct LiveParts {
    /// The chat's use cases.
    pub chat: Chat,
    /// Shared with REST, so that both count together.
    pub limits: Arc<RateLimits>,
    /// False lifts the budget of events a socket has (load tests).
    pub limits_events: bool,
    /// Finds the account behind an API key in the handshake.
    pub authenticate: Authenticate,
    /// What goes out.
    pub broadcast: Broadcast,
}

/// A socket and what is known of its owner.
struct Client {
    parts: Arc<LiveParts>,
    caller: std::sync::RwLock<Caller>,
    /// The session of the handshake, when it is one of ours.
    visitor: Option<VisitorSession>,
    /// Language of the page or the browser, for the first message.
    hint: Lang,
    queue: Queue<(Incoming, AckSender)>,
    budget: EventBudget,
    is_admin: AtomicBool,
}

/// An event that waits for its turn.
enum Incoming {
    Message(IncomingMessage),
    Join(IncomingRoom),
    Leave(IncomingRoom),
    Typing(IncomingTyping),
}

/// The Socket.IO server and what sends through it.
pub fn new_service() -> (SocketService, SocketIo, Broadcast) {
    let (service, io) = SocketIo::builder()
        .max_payload(PACKET_MAX_BYTES as u64)
        .ws_max_message_size(PACKET_MAX_BYTES)
        .ws_max_frame_size(PACKET_MAX_BYTES)
        .ws_read_buffer_size(4 * 1024)
        .max_buffer_size(128)
        .build_svc();
    let broadcast = Broadcast::new(io.clone());
    (SocketService::new(service), io, broadcast)
}

/// Connects the handlers.
pub fn attach(io: &SocketIo, parts: LiveParts) {
    let parts = Arc::new(parts);
    io.ns("/", move |socket: SocketRef, auth: TryData<Handshake>| {
        // An empty handshake is an ordinary one: v2.3's clients send none.
        let handshake = auth.0.unwrap_or_default();
        let client = Arc::new(Client::new(Arc::clone(&parts), &socket, &handshake));
        // Before any await: events that follow the handshake at once must find their handlers.
        listen(&socket, &client);
        client
            .parts
            .broadcast
            .connected()
            .fetch_add(1, Ordering::Relaxed);
        async move { greet(&socket, &client, handshake).await }
    });
}

impl Client {
    fn new(parts: Arc<LiveParts>, socket: &SocketRef, handshake: &Handshake) -> Self {
        let request = socket.req_parts();
        let caller = Caller::of_extensions(&request.extensions);
        let accept = request
            .headers
            .get("accept-language")
            .and_then(|value| value.to_str().ok());
        let hint = request_lang(handshake.lang.as_deref(), accept)
            .or_else(|_| request_lang(None, accept))
            .unwrap_or(Lang::Pl);
        let visitor = handshake
            .session_id
            .as_deref()
            .and_then(|id| parts.chat.visitor(id).ok());
        let budget = EventBudget::new(parts.limits_events);
        Self {
            caller: std::sync::RwLock::new(caller),
            visitor,
            hint,
            queue: Queue::default(),
            budget,
            is_admin: AtomicBool::new(false),
            parts,
        }
    }

    fn caller(&self) -> Caller {
        self.caller
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }
}

/// Says hello, then what was missed since `last_seq`, in order.
async fn greet(socket: &SocketRef, client: &Client, handshake: Handshake) {
    if let Some(key) = handshake.api_key {
        match (client.parts.authenticate)(Credentials::ApiKey(key)).await {
            Ok(Some(principal)) => {
                if let Ok(mut caller) = client.caller.write() {
                    caller.principal = Some(principal);
                }
            }
            Ok(None) => refuse(
                socket,
                &Problem::unauthorized("invalid_api_key", "This API key is unknown."),
            ),
            Err(problem) => refuse(socket, &problem),
        }
    }
    if let (Some(id), None) = (&handshake.session_id, &client.visitor) {
        let problem = client
            .parts
            .chat
            .visitor(id)
            .map_or_else(Problem::from, |_| {
                Problem::internal("a session changed its mind")
            });
        refuse(socket, &problem);
    }
    let Some(visitor) = &client.visitor else {
        hello(socket, None, 0);
        return;
    };
    // Joined before reading: a message stored in between may come twice, and clients drop repeats by seq.
    socket.join(session_room(visitor.as_str()));
    presence(client, visitor, true).await;
    let since = handshake.last_seq.unwrap_or(i64::MAX).max(0);
    match client
        .parts
        .chat
        .history(visitor.as_str().to_owned(), since, i64::MAX)
        .await
    {
        Ok(missed) => {
            hello(socket, Some(visitor), missed.last_seq);
            for message in &missed.messages {
                let event = ChatMessage::new(missed.conversation_id, visitor.as_str(), message);
                emit(socket, "chat_message", &event);
            }
        }
        Err(error) => {
            hello(socket, Some(visitor), 0);
            refuse(socket, &error.into());
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

/// Registers the handlers. Their closures only queue: the work is done in order by one task.
fn listen(socket: &SocketRef, client: &Arc<Client>) {
    macro_rules! queued {
        ($event:literal, $type:ty, $variant:ident) => {{
            let client = Arc::clone(client);
            socket.on(
                $event,
                move |socket: SocketRef, data: TryData<$type>, ack: AckSender| {
                    let is_first = match data.0 {
                        Ok(data) => admit(&socket, &client, Incoming::$variant(data), ack),
                        Err(_) => {
                            malformed(&socket, &client, ack);
                            false
                        }
                    };
                    async move {
                        if is_first {
                            work_off(&socket, &client).await;
                        }
                    }
                },
            );
        }};
    }
    queued!("chat_message", IncomingMessage, Message);
    queued!("join", IncomingRoom, Join);
    queued!("leave", IncomingRoom, Leave);
    queued!("typing", IncomingTyping, Typing);

    let pinged = Arc::clone(client);
    socket.on("ping", async move |socket: SocketRef, ack: AckSender| {
        if is_within_budget(&socket, &pinged) {
            let pong = Pong {
                timestamp: to_rfc3339(now_ms()),
            };
            emit(&socket, "pong", &pong);
            let _ = ack.send(&pong);
        }
    });
    let unknown = Arc::clone(client);
    socket.on_fallback(
        async move |socket: SocketRef, Event(_): Event, ack: AckSender| {
            if is_within_budget(&socket, &unknown) {
                let problem =
                    Problem::not_found("unknown_event", "The server knows no such event.");
                refuse_with_ack(&socket, &problem, ack);
            }
        },
    );
    let gone = Arc::clone(client);
    socket.on_disconnect(async move || {
        gone.parts
            .broadcast
            .connected()
            .fetch_sub(1, Ordering::Relaxed);
        if gone.is_admin.swap(false, Ordering::Relaxed) {
            gone.parts
                .broadcast
                .admins()
                .fetch_sub(1, Ordering::Relaxed);
        }
        if let Some(visitor) = &gone.visitor {
            presence(&gone, visitor, false).await;
        }
    });
}

/// Puts an event into the socket's queue; true when the caller shall work it off.
fn admit(socket: &SocketRef, client: &Client, incoming: Incoming, ack: AckSender) -> bool {
    if !is_within_budget(socket, client) {
        return false;
    }
    match client.queue.push((incoming, ack)) {
        Ok(is_first) => is_first,
        Err(_) => {
            flooded(socket);
            false
        }
    }
}

async fn work_off(socket: &SocketRef, client: &Client) {
    while let Some((incoming, ack)) = client.queue.pop() {
        match incoming {
            Incoming::Message(message) => chat_message(socket, client, message, ack).await,
            Incoming::Join(room) => join(socket, client, &room.room, ack).await,
            Incoming::Leave(room) => leave(socket, client, &room.room, ack),
            Incoming::Typing(typing) => typing_event(socket, client, &typing, ack).await,
        }
    }
}

/// Stores the message; acknowledged only once it is on disk.
async fn chat_message(
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
    )?;
    if !session.is_weak() {
        socket.join(session_room(session.as_str()));
    }
    let turn = parts.chat.send(request).await?;
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
    Ok(Acknowledged {
        message_id: turn.message.id,
        seq: turn.message.seq,
    })
}

/// A weak session has no room, and a repeat was told to the room before; the socket that asks gets the answer.
fn answer_asking_socket(socket: &SocketRef, session: &SessionId, turn: &crate::chat::Turn) {
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
            &BotResponse::new(turn.conversation_id, session.as_str(), reply),
        );
    }
}

async fn join(socket: &SocketRef, client: &Client, room: &str, ack: AckSender) {
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

fn leave(socket: &SocketRef, client: &Client, room: &str, ack: AckSender) {
    if room == ADMIN_ROOM {
        if client.is_admin.swap(false, Ordering::Relaxed) {
            client
                .parts
                .broadcast
                .admins()
                .fetch_sub(1, Ordering::Relaxed);
        }
        socket.leave(ADMIN_ROOM);
    } else {
        let id = room.strip_prefix("session:").unwrap_or(room);
        socket.leave(session_room(id));
    }
    emit(socket, "left", &RoomEvent { room });
    let _ = ack.send(&RoomEvent { room });
}

/// A visitor's typing goes to the team, an agent's to the session.
async fn typing_event(
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
async fn presence(client: &Client, visitor: &VisitorSession, is_online: bool) {
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

/// Counts an event; over the budget the client is told, far over it is cut off.
fn is_within_budget(socket: &SocketRef, client: &Client) -> bool {
    use super::queue::Verdict;
    match client.budget.spend(now_ms()) {
        Verdict::Pass => true,
        Verdict::Warn => {
            refuse(socket, &Problem::too_many(1));
            false
        }
        Verdict::Drop => false,
        Verdict::CutOff => {
            flooded(socket);
            false
        }
    }
}

fn flooded(socket: &SocketRef) {
    tracing::warn!("a socket was cut off: too many events");
    let _ = socket.clone().disconnect();
}

fn malformed(socket: &SocketRef, client: &Client, ack: AckSender) {
    if is_within_budget(socket, client) {
        let problem = Problem::bad_request(
            "malformed_payload",
            "The event's payload is missing or of the wrong form.",
        );
        refuse_with_ack(socket, &problem, ack);
    }
}

fn refuse(socket: &SocketRef, problem: &Problem) {
    emit(socket, "error_message", &error_message(problem));
}

fn refuse_with_ack(socket: &SocketRef, problem: &Problem, ack: AckSender) {
    refuse(socket, problem);
    let _ = ack.send(&error_message(problem));
}

fn error_message(problem: &Problem) -> ErrorMessage {
    ErrorMessage {
        success: false,
        error: problem.sentence().to_owned(),
        code: problem.code(),
        retry_after_s: problem.retry_after_s(),
    }
}

/// A socket that cannot take an event is closing or slow; it resumes by seq.
fn emit<T: Serialize>(socket: &SocketRef, event: &str, payload: &T) {
    if let Err(error) = socket.emit(event, payload) {
        tracing::debug!(%error, event, "an event did not reach its socket");
    }
}
