//! Leads with a history of their own: what generated data is made of. Nobody hears of them.

use super::changes::{Change, What, difference};
use super::model::{NewLead, Status};
use super::store::{self, history};
use super::{LeadError, cleaning, edit, rules};
use crate::accounts::audit::{SYSTEM, VISITOR};
use crate::platform::db::Tx;

/// A status a lead was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastStep {
    /// The status.
    pub status: Status,
    /// Why, when it is [`Status::Lost`].
    pub lost_reason: Option<String>,
    /// Milliseconds UTC.
    pub at_ms: i64,
}

/// Keeps a lead that was left then, with the statuses it was given since, in order of time; answers its number.
///
/// Errors: a value is too long or out of bounds, or a step is lost without a reason.
pub fn keep_past(
    tx: &mut dyn Tx,
    new: NewLead,
    created_at_ms: i64,
    steps: &[PastStep],
) -> Result<i64, LeadError> {
    let mut lead = rules::first(cleaning::cleaned(new)?, created_at_ms);
    lead.id = store::insert(tx, &lead)?;
    history::add(tx, &Change::new(&lead, VISITOR), &[], created_at_ms)?;
    for step in steps {
        let before = lead.clone();
        edit::set_status(&mut lead, step.status, step.lost_reason.clone())?;
        lead.updated_at_ms = step.at_ms;
        let change = Change::of(What::StatusChanged, &before, &lead, SYSTEM);
        history::add(tx, &change, &difference(&before, &lead), step.at_ms)?;
    }
    if !steps.is_empty() {
        store::update(tx, &lead)?;
    }
    Ok(lead.id)
}
