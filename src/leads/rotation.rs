//! Whose turn it is to care for a new lead, and whether new leads are given out by themselves.

use poem_openapi::Object;
use serde::{Deserialize, Serialize};

use crate::accounts;
use crate::platform::db::{DbError, Tx};
use crate::platform::settings;

const SETTINGS: &str = "leads";
/// Id of the member whose turn it was last.
const LAST: &str = "leads_last_assigned";

/// What the owner decides about leads.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Object)]
#[serde(deny_unknown_fields, default)]
#[oai(deny_unknown_fields)]
pub struct LeadSettings {
    /// New leads are given to the members of the team in turn.
    pub assigns_new: bool,
}

impl LeadSettings {
    /// As they were saved.
    pub fn load(tx: &mut dyn Tx) -> Result<Self, DbError> {
        Ok(settings::load(tx, SETTINGS)?.unwrap_or_default())
    }

    /// Saves them.
    pub fn save(&self, tx: &mut dyn Tx, now_ms: i64) -> Result<(), DbError> {
        settings::save(tx, SETTINGS, self, now_ms)
    }
}

/// The member a new lead is given to, if leads are given out by themselves.
pub(super) fn for_new_lead(tx: &mut dyn Tx, now_ms: i64) -> Result<Option<i64>, DbError> {
    if LeadSettings::load(tx)?.assigns_new {
        next(tx, now_ms)
    } else {
        Ok(None)
    }
}

/// The member whose turn it is; `None` when the team has no accounts.
pub(super) fn next(tx: &mut dyn Tx, now_ms: i64) -> Result<Option<i64>, DbError> {
    let team: Vec<i64> = accounts::team(tx)?.into_iter().map(|(id, _)| id).collect();
    let turn = after(&team, settings::load(tx, LAST)?);
    if let Some(id) = turn {
        settings::save(tx, LAST, &id, now_ms)?;
    }
    Ok(turn)
}

/// Who comes after `last` in the order of ids, round and round.
fn after(team: &[i64], last: Option<i64>) -> Option<i64> {
    let later = team.iter().filter(|id| last.is_none_or(|last| **id > last));
    later.min().or_else(|| team.iter().min()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_go_round_also_past_members_who_left() {
        assert_eq!(after(&[], None), None);
        assert_eq!(after(&[], Some(3)), None);
        assert_eq!(after(&[4, 2, 7], None), Some(2));
        assert_eq!(after(&[4, 2, 7], Some(2)), Some(4));
        assert_eq!(after(&[4, 2, 7], Some(5)), Some(7));
        assert_eq!(after(&[4, 2, 7], Some(7)), Some(2));
    }
}
