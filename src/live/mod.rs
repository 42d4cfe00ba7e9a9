//! Socket.IO: chat, rooms, typing, presence and resume, as api.md describes the events.
//!
//! * `broadcast`: what goes out; other slices call it after their commit.
//! * `handlers`: events into each socket's queue;
//! * `greeting`: the handshake, and what was missed;
//! * `events`: what each event does; calls the chat's use cases;
//! * `queue`: order and measure of one socket's events.

mod broadcast;
mod events;
mod greeting;
mod handlers;
mod payloads;
mod queue;

pub use broadcast::Broadcast;
pub use handlers::{LiveParts, attach, new_service};
