//! What programs outside hear of leads: webhooks and monday.com.

use serde_json::{Value, json};

use super::changes::{Change, What};
use super::model::Lead;
use super::views::LeadView;
use crate::experiments::{self, Goal};
use crate::monday;
use crate::notify::outbox::About;
use crate::platform::db::{DbError, Tx};
use crate::webhooks::{self, EventKind};

/// Tells of a change in its transaction; answers whether monday.com will show it. Of what lies in the spam folder nothing
/// is told, but that it went there.
pub(super) fn tell(tx: &mut dyn Tx, change: &Change<'_>, now_ms: i64) -> Result<bool, DbError> {
    let lead = change.lead;
    let kind = match change.what {
        What::Deleted => {
            gone(tx, lead, now_ms)?;
            return Ok(false);
        }
        What::Imported => return Ok(false),
        What::MarkedSpam => EventKind::LeadUpdated,
        _ if lead.spam.is_some() => return Ok(false),
        What::Created | What::Released => EventKind::LeadCreated,
        What::StatusChanged => EventKind::LeadStatusChanged,
        What::Joined | What::Updated | What::Assigned | What::Noted | What::Merged => {
            EventKind::LeadUpdated
        }
    };
    if let (What::Released, Some(session_id)) = (change.what, &lead.session_id) {
        experiments::reached(tx, Goal::Lead, session_id, now_ms)?;
    }
    webhooks::queue(tx, kind, About::Lead(lead.id), now_ms, |_| data(change))?;
    monday::queue(tx, lead.id, now_ms)
}

/// Tells that a lead is gone, and takes back what was to be told of it before.
pub(super) fn gone(tx: &mut dyn Tx, lead: &Lead, now_ms: i64) -> Result<(), DbError> {
    let about = About::Lead(lead.id);
    webhooks::forget(tx, about)?;
    let data = json!({"lead": {"id": lead.id}});
    webhooks::queue(tx, EventKind::LeadDeleted, about, now_ms, |_| Ok(data))?;
    monday::forget(tx, lead.monday_item_id.as_deref(), now_ms)
}

/// The lead as the team's API shows it, but for its session's id, which would open the conversation.
fn data(change: &Change<'_>) -> Result<Value, DbError> {
    let view = serde_json::to_value(LeadView::from(change.lead));
    let mut view = view.map_err(|error| DbError::Internal(error.to_string()))?;
    if let Some(fields) = view.as_object_mut() {
        fields.remove("session_id");
    }
    let before = change.before.filter(|_| change.what == What::StatusChanged);
    Ok(match before {
        Some(before) => json!({"lead": view, "old_status": before.status.as_str()}),
        None => json!({"lead": view}),
    })
}
