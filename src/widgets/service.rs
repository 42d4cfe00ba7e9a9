//! Use cases: one function, one transaction.

use super::data::Numbers;
use super::model::{NewWidget, Widget};
use super::{WidgetError, store};
use crate::analytics::{Analytics, Period};
use crate::platform::clock::now_ms;
use crate::platform::db::{DbError, Store, Tx};
use crate::platform::http::{IdempotencyKey, Problem, once};

/// More nobody looks at, and each is read at once.
const WIDGETS_MAX: i64 = 50;

/// Widgets. Cheap to clone.
#[derive(Clone)]
pub struct Widgets {
    store: Store,
    pub(super) analytics: Analytics,
}

impl Widgets {
    /// Wires the slice.
    pub fn new(store: Store, analytics: Analytics) -> Self {
        Self { store, analytics }
    }

    /// Reads something about the last `days` days, with today.
    pub(super) async fn about<T, F>(&self, days: i64, load: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Tx, Period) -> Result<T, DbError> + Send + 'static,
    {
        let read = self
            .analytics
            .read(move |tx, zone| load(tx, Period::last(days, now_ms(), zone)));
        read.await
    }

    /// The team's widgets with their numbers, the oldest first.
    pub(super) async fn all(&self) -> Result<Vec<(Widget, Numbers)>, WidgetError> {
        let read = self.analytics.read(|tx, zone| {
            let now = now_ms();
            let mut shown = Vec::new();
            for widget in store::all(tx)? {
                let period = Period::last(widget.values.period_days, now, zone);
                let numbers = Numbers::load(tx, &widget.values, period)?;
                shown.push((widget, numbers));
            }
            Ok(shown)
        });
        Ok(read.await?)
    }

    /// Adds a widget, once for each key.
    ///
    /// * `body`: what was sent, by which a repeat is known.
    /// * Errors: the title is taken, or there are 50 already.
    pub(super) async fn add<B>(
        &self,
        values: NewWidget,
        key: IdempotencyKey,
        body: B,
    ) -> Result<(Widget, Numbers), Problem>
    where
        B: serde::Serialize + Send + 'static,
    {
        let write = self.store.write(move |tx| {
            let id: i64 = once(tx, &key, "create_widget", &body, |tx| {
                if store::count(tx)? >= WIDGETS_MAX {
                    return Err(WidgetError::TooMany(WIDGETS_MAX).into());
                }
                Ok(store::insert(tx, &values, now_ms())?)
            })?;
            Ok::<_, Problem>(store::by_id(tx, id)?)
        });
        let widget = write.await?;
        let values = widget.values.clone();
        let days = values.period_days;
        let numbers = self.about(days, move |tx, period| Numbers::load(tx, &values, period));
        let numbers = numbers.await?;
        Ok((widget, numbers))
    }

    /// Removes a widget.
    pub(super) async fn remove(&self, id: i64) -> Result<(), WidgetError> {
        self.store.write(move |tx| store::delete(tx, id)).await
    }
}
