//! What programs outside hear of leads: webhooks and monday.com.

use serde_json::{Value, json};

use super::model::{Lead, Status};
use super::views::LeadView;
use crate::monday;
use crate::notify::outbox::About;
use crate::platform::db::{DbError, Tx};
use crate::webhooks::{self, EventKind};

/// What became of a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// It is new.
    Created,
    /// The person came back, or something was changed.
    Updated,
    /// It has another status; this is the one before.
    StatusChanged(Status),
    /// It is removed. What was told of it before is to be forgotten first.
    Deleted,
}

/// Tells of it; part of the transaction that changes the lead.
///
/// * `lead`: as it now stands, or last stood.
pub(super) fn tell(tx: &mut dyn Tx, what: What, lead: &Lead, now_ms: i64) -> Result<(), DbError> {
    let kind = match what {
        What::Created => EventKind::LeadCreated,
        What::Updated => EventKind::LeadUpdated,
        What::StatusChanged(_) => EventKind::LeadStatusChanged,
        What::Deleted => EventKind::LeadDeleted,
    };
    webhooks::queue(tx, kind, About::Lead(lead.id), now_ms, |_| data(what, lead))?;
    if what == What::Deleted {
        return monday::forget(tx, lead.monday_item_id.as_deref(), now_ms);
    }
    monday::queue(tx, lead.id, now_ms)
}

/// The lead as the team's API shows it, but for its session's id, which would open the conversation.
fn data(what: What, lead: &Lead) -> Result<Value, DbError> {
    if what == What::Deleted {
        return Ok(json!({"lead": {"id": lead.id}}));
    }
    let view = serde_json::to_value(LeadView::from(lead));
    let mut view = view.map_err(|error| DbError::Internal(error.to_string()))?;
    if let Some(fields) = view.as_object_mut() {
        fields.remove("session_id");
    }
    Ok(match what {
        What::StatusChanged(before) => json!({"lead": view, "old_status": before.as_str()}),
        _ => json!({"lead": view}),
    })
}
