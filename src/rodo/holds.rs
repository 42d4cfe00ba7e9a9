//! Legal holds: persons whose data must not be erased for now, by the clock or on request.

use std::collections::BTreeSet;

use serde_json::json;

use super::store::{self, Hold};
use super::tombstones::macs;
use super::{Identifier, Person, Rodo, RodoError, person};
use crate::accounts::audit;
use crate::platform::clock::now_ms;
use crate::platform::db::{DbError, Tx};
use crate::platform::http::clean_text;
use crate::platform::secrets::Secrets;

const REASON_MAX_CHARS: usize = 500;

/// Why a person must be kept, if they must.
pub(super) fn holding(
    tx: &mut dyn Tx,
    person: &Person,
    secrets: &Secrets,
) -> Result<Option<String>, DbError> {
    Ok(Holds::load(tx)?.on(&macs(person, secrets)))
}

/// The holds in force, for looking at many persons.
pub(super) struct Holds(Vec<Hold>);

impl Holds {
    pub(super) fn load(tx: &mut dyn Tx) -> Result<Self, DbError> {
        Ok(Self(store::holds(tx)?))
    }

    /// The reason of the hold that names one of these.
    pub(super) fn on(&self, macs: &BTreeSet<String>) -> Option<String> {
        let hold = self.0.iter().find(|hold| !hold.macs.is_disjoint(macs));
        hold.map(|hold| hold.reason.clone())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Rodo {
    /// The holds in force, the oldest first.
    pub(super) async fn holds(&self) -> Result<Vec<Hold>, RodoError> {
        Ok(self.0.store.read(|tx| store::holds(tx)).await?)
    }

    /// Keeps a person from being erased; answers the hold's number.
    ///
    /// Errors: the reason is empty or too long, nothing is kept about the person, or it is several.
    pub(super) async fn hold(
        &self,
        identifier: Identifier,
        reason: &str,
        actor: String,
    ) -> Result<i64, RodoError> {
        let reason =
            clean_text(reason, REASON_MAX_CHARS).map_err(|why| RodoError::Text("reason", why))?;
        let secrets = self.0.secrets.clone();
        let write = self.0.store.write(move |tx| {
            let now = now_ms();
            let person = person::find(tx, &identifier, &secrets)?;
            let id = store::insert_hold(tx, &macs(&person, &secrets), &reason, &actor, now)?;
            audit::record(tx, &actor, "hold_put_on", None, &json!({"hold": id}), now)?;
            Ok(id)
        });
        write.await
    }

    /// Ends a hold.
    ///
    /// Errors: none of that number is in force.
    pub(super) async fn release(&self, id: i64, actor: String) -> Result<(), RodoError> {
        let write = self.0.store.write(move |tx| {
            let now = now_ms();
            if !store::release_hold(tx, id, now)? {
                return Err(RodoError::HoldNotFound);
            }
            Ok(audit::record(
                tx,
                &actor,
                "hold_released",
                None,
                &json!({"hold": id}),
                now,
            )?)
        });
        write.await
    }
}
