//! What comes in over Socket.IO.
//!
//! socketioxide runs every event in a task of its own; a visitor's messages must stay in the order they were sent, so
//! each socket has a queue that one task at a time works off ([`super::queue`]).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;
use socketioxide::SocketIo;
use socketioxide::extract::{AckSender, Event, SocketRef, TryData};

use super::broadcast::Broadcast;
use super::events;
use super::greeting::greet;
use super::payloads::{
    ErrorMessage, Handshake, IncomingMessage, IncomingRoom, IncomingTyping, Pong,
};
use super::queue::{CutOff, EventBudget, Queue};
use crate::chat::{Chat, VisitorSession};
use crate::nlu::Lang;
use crate::platform::clock::{now_ms, to_rfc3339};
use crate::platform::http::{Authenticate, Caller, Principal, Problem, RateLimits, SocketService};

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
pub(super) struct Client {
    pub(super) parts: Arc<LiveParts>,
    caller: std::sync::RwLock<Caller>,
    /// The session of the handshake, when it is one of ours.
    pub(super) visitor: Option<VisitorSession>,
    /// Language of the page or the browser, for the first message.
    pub(super) hint: Lang,
    queue: Queue<(Incoming, AckSender)>,
    budget: EventBudget,
    pub(super) cut_off: CutOff,
    pub(super) is_admin: AtomicBool,
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
        .ws_read_buffer_size(1024)
        .max_buffer_size(128)
        .build_svc();
    let broadcast = Broadcast::new(io.clone());
    (SocketService::new(service), io, broadcast)
}

/// Connects the handlers.
pub fn attach(io: &SocketIo, parts: LiveParts) {
    let parts = Arc::new(parts);
    let cut_off = CutOff::default();
    io.ns(
        "/",
        move |socket: SocketRef, auth: TryData<Option<Handshake>>| {
            // No handshake is an ordinary one (v2.3's clients send none); a malformed one is refused in `greet`.
            let is_malformed = auth.0.is_err();
            let handshake = auth.0.ok().flatten().unwrap_or_default();
            let client = Arc::new(Client::new(
                Arc::clone(&parts),
                cut_off.clone(),
                &socket,
                &handshake,
            ));
            // Before any await: events that follow the handshake at once must find their handlers.
            listen(&socket, &client);
            client
                .parts
                .broadcast
                .connected()
                .fetch_add(1, Ordering::Relaxed);
            async move {
                if is_malformed {
                    refuse(&socket, &malformed());
                }
                greet(&socket, &client, handshake).await;
                // Events that came meanwhile have waited in the queue.
                work_off(&socket, &client).await;
            }
        },
    );
}

impl Client {
    fn new(
        parts: Arc<LiveParts>,
        cut_off: CutOff,
        socket: &SocketRef,
        handshake: &Handshake,
    ) -> Self {
        let request = socket.req_parts();
        let caller = Caller::of_extensions(&request.extensions);
        let accept = request
            .headers
            .get("accept-language")
            .and_then(|value| value.to_str().ok());
        let hint = parts
            .chat
            .knowledge()
            .request_lang(handshake.lang.as_deref(), accept)
            .or_else(|_| parts.chat.knowledge().request_lang(None, accept))
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
            queue: Queue::in_work(),
            budget,
            cut_off,
            is_admin: AtomicBool::new(false),
            parts,
        }
    }

    /// Stops counting this socket as a listener of the team.
    pub(super) fn leave_admin(&self) {
        if self.is_admin.swap(false, Ordering::Relaxed) {
            self.parts
                .broadcast
                .admins()
                .fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Notes who the caller turned out to be.
    pub(super) fn set_principal(&self, principal: Option<Principal>) {
        self.caller
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .principal = principal;
    }

    pub(super) fn caller(&self) -> Caller {
        self.caller
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }
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
                            if is_within_budget(&socket, &client) {
                                refuse_with_ack(&socket, &malformed(), ack);
                            }
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
        gone.leave_admin();
        if let Some(visitor) = &gone.visitor {
            events::presence(&gone, visitor, false).await;
        }
    });
}

/// Puts an event into the socket's queue; true when the caller shall work it off.
fn admit(socket: &SocketRef, client: &Client, incoming: Incoming, ack: AckSender) -> bool {
    if !is_within_budget(socket, client) {
        return false;
    }
    client.queue.push((incoming, ack)).unwrap_or_else(|_| {
        flooded(socket, client);
        false
    })
}

async fn work_off(socket: &SocketRef, client: &Client) {
    while let Some((incoming, ack)) = client.queue.pop() {
        // A socket that is gone must not join rooms any more: nobody would take it out again.
        if !socket.connected() {
            continue;
        }
        match incoming {
            Incoming::Message(message) => events::chat_message(socket, client, message, ack).await,
            Incoming::Join(room) => events::join(socket, client, &room.room, ack).await,
            Incoming::Leave(room) => events::leave(socket, client, &room.room, ack),
            Incoming::Typing(typing) => events::typing_event(socket, client, &typing, ack).await,
        }
        if !socket.connected() {
            socket.leave_all();
            client.leave_admin();
        }
    }
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
            flooded(socket, client);
            false
        }
    }
}

fn flooded(socket: &SocketRef, client: &Client) {
    tracing::warn!("a socket was cut off: too many events");
    if client.parts.limits_events {
        client.cut_off.note(client.caller().address.limit_key());
    }
    let _ = socket.clone().disconnect();
}

fn malformed() -> Problem {
    Problem::bad_request(
        "malformed_payload",
        "The event's payload is missing or of the wrong form.",
    )
}

pub(super) fn refuse(socket: &SocketRef, problem: &Problem) {
    emit(socket, "error_message", &error_message(problem));
}

pub(super) fn refuse_with_ack(socket: &SocketRef, problem: &Problem, ack: AckSender) {
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
pub(super) fn emit<T: Serialize>(socket: &SocketRef, event: &str, payload: &T) {
    if let Err(error) = socket.emit(event, payload) {
        tracing::debug!(%error, event, "an event did not reach its socket");
    }
}
