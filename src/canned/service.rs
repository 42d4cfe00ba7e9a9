//! Use cases: one function, one transaction.

use super::model::{CannedAnswer, CannedValues};
use super::{CannedError, store};
use crate::knowledge::Knowledge;
use crate::platform::clock::now_ms;
use crate::platform::db::Store;
use crate::platform::http::{IdempotencyKey, Problem, once};

/// Canned answers. Cheap to clone.
#[derive(Clone)]
pub struct Canned {
    store: Store,
    pub(super) knowledge: Knowledge,
}

impl Canned {
    /// Wires the slice.
    pub fn new(store: Store, knowledge: Knowledge) -> Self {
        Self { store, knowledge }
    }

    /// Every canned answer, by title.
    pub(super) async fn all(&self) -> Result<Vec<CannedAnswer>, CannedError> {
        Ok(self.store.read(|tx| store::all(tx)).await?)
    }

    /// One canned answer.
    pub(super) async fn get(&self, id: i64) -> Result<CannedAnswer, CannedError> {
        self.store.read(move |tx| store::by_id(tx, id)).await
    }

    /// Adds a canned answer, once for each key.
    ///
    /// * `body`: what was sent, by which a repeat is known.
    pub(super) async fn add<B>(
        &self,
        values: CannedValues,
        key: IdempotencyKey,
        body: B,
    ) -> Result<CannedAnswer, Problem>
    where
        B: serde::Serialize + Send + 'static,
    {
        self.store
            .write(move |tx| {
                let id: i64 = once(tx, &key, "create_canned", &body, |tx| {
                    Ok(store::insert(tx, &values, now_ms())?)
                })?;
                Ok(store::by_id(tx, id)?)
            })
            .await
    }

    /// Replaces a canned answer.
    pub(super) async fn replace(
        &self,
        id: i64,
        values: CannedValues,
    ) -> Result<CannedAnswer, CannedError> {
        self.store
            .write(move |tx| {
                store::update(tx, id, &values, now_ms())?;
                store::by_id(tx, id)
            })
            .await
    }

    /// Removes a canned answer.
    pub(super) async fn remove(&self, id: i64) -> Result<(), CannedError> {
        self.store.write(move |tx| store::delete(tx, id)).await
    }
}
