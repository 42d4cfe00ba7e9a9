//! Webhooks as Standard Webhooks describes them: signed, and delivered to nobody inside.

mod deliver;
mod guard;
mod sign;

pub use deliver::{Delivered, DeliveryError, Event, Webhooks};
pub use guard::{Destination, DestinationError, Reach};
pub use sign::{Secret, SecretError, signature};
