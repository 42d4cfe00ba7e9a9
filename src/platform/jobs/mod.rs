//! Work that must happen after a change, and work that comes by the clock.
//!
//! A use case writes an outbox row in its own transaction ([`enqueue`]); the worker of its kind claims it when it is due,
//! runs the handler and retries what failed. Daily tasks only ever enqueue, so that one missed while the machine
//! was off is made up for by the same road.

mod outbox;
mod schedule;
mod worker;

pub use outbox::{NewJob, enqueue, enqueue_at, purge_finished};
pub use schedule::{DailyTask, Schedule, ZoneNow, hand_over, wait_for_next};
pub use tokio_cron_scheduler::JobSchedulerError;
pub use worker::{Handler, HandlerError, Handlers, JobDoorbell, start};
