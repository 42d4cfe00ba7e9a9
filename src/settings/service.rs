//! Reading and changing the settings: one change, one transaction, also when it concerns several slices.

use std::sync::Arc;

use serde_json::json;
use tokio::sync::Mutex;

use super::{Limits, Notifications, SettingsError};
use crate::accounts::audit;
use crate::analytics::ReportSettings;
use crate::knowledge::{Knowledge, PublicFacts};
use crate::leads::LeadSettings;
use crate::platform::clock::now_ms;
use crate::platform::db::{DbError, Store, Tx};
use crate::platform::http::{Actor, RateLimits, RateQuotas};
use crate::platform::settings;

/// Names of this slice's settings.
const NOTIFICATIONS: &str = "notifications";
const LIMITS: &str = "limits";

/// What the server was started with, where the owner sets nothing.
#[derive(Debug, Clone)]
pub struct Configured {
    /// Requests a minute.
    pub limits: RateQuotas,
    /// Where notices go.
    pub notifications: Notifications,
}

/// The settings. Cheap to clone.
#[derive(Clone)]
pub struct Settings {
    store: Store,
    pub(super) knowledge: Knowledge,
    limits: Arc<RateLimits>,
    pub(super) configured: Arc<Configured>,
    /// Changes come one after the other, so that the limits that hold are those saved last.
    changing: Arc<Mutex<()>>,
}

/// What is kept here.
#[derive(Debug, Clone, Default)]
pub(super) struct Kept {
    pub(super) notifications: Notifications,
    pub(super) limits: Limits,
    pub(super) leads: LeadSettings,
    pub(super) reports: ReportSettings,
}

/// What shall change; what is missing stays.
#[derive(Debug, Clone, Default)]
pub(super) struct Change {
    pub(super) facts: PublicFacts,
    pub(super) notifications: Option<Notifications>,
    pub(super) limits: Option<Limits>,
    pub(super) leads: Option<LeadSettings>,
    pub(super) reports: Option<ReportSettings>,
}

impl Settings {
    /// Wires the slice and puts the owner's limits in force (blocking).
    pub fn open(
        store: &Store,
        knowledge: &Knowledge,
        limits: &Arc<RateLimits>,
        configured: Configured,
    ) -> Result<Self, DbError> {
        let own = store.read_blocking(load)?.limits;
        limits.set(&own.over(&configured.limits));
        Ok(Self {
            store: store.clone(),
            knowledge: knowledge.clone(),
            limits: Arc::clone(limits),
            configured: Arc::new(configured),
            changing: Arc::default(),
        })
    }

    /// What is kept here; the rest stands in the knowledge's snapshot.
    pub(super) async fn kept(&self) -> Result<Kept, SettingsError> {
        Ok(self.store.read(load).await?)
    }

    /// The addresses notices go to: the owner's, else those the server was started with.
    pub async fn notices_to(&self) -> Result<Vec<String>, DbError> {
        let kept = self.store.read(load).await?.notifications;
        let configured = &self.configured.notifications;
        Ok(if kept.emails.is_empty() {
            configured.emails.clone()
        } else {
            kept.emails
        })
    }

    /// Makes the change; it holds at once.
    ///
    /// Errors: a value is refused, or a text no longer renders; nothing has changed then.
    pub(super) async fn change(&self, change: Change, by: Actor) -> Result<(), SettingsError> {
        let change = Change {
            facts: change.facts.checked()?,
            notifications: change
                .notifications
                .map(Notifications::checked)
                .transpose()?,
            limits: change.limits.map(Limits::checked).transpose()?,
            leads: change.leads,
            reports: change.reports,
        };
        let _one_at_a_time = self.changing.lock().await;
        let own = change.limits.clone();
        self.knowledge
            .change(move |tx| Ok::<_, SettingsError>(save(tx, &change, by, now_ms())?))
            .await?;
        if let Some(own) = own {
            self.limits.set(&own.over(&self.configured.limits));
        }
        Ok(())
    }
}

fn load(tx: &mut dyn Tx) -> Result<Kept, DbError> {
    Ok(Kept {
        notifications: settings::load(tx, NOTIFICATIONS)?.unwrap_or_default(),
        limits: settings::load(tx, LIMITS)?.unwrap_or_default(),
        leads: LeadSettings::load(tx)?,
        reports: ReportSettings::load(tx)?,
    })
}

fn save(tx: &mut dyn Tx, change: &Change, by: Actor, now_ms: i64) -> Result<(), DbError> {
    change.facts.save(tx, now_ms)?;
    if let Some(notifications) = &change.notifications {
        settings::save(tx, NOTIFICATIONS, notifications, now_ms)?;
    }
    if let Some(limits) = &change.limits {
        settings::save(tx, LIMITS, limits, now_ms)?;
    }
    if let Some(leads) = &change.leads {
        leads.save(tx, now_ms)?;
    }
    if let Some(reports) = &change.reports {
        reports.save(tx, now_ms)?;
    }
    let parts = [
        ("company", change.facts.company.is_some()),
        ("languages", change.facts.offered.is_some()),
        ("widget", change.facts.widget.is_some()),
        (NOTIFICATIONS, change.notifications.is_some()),
        (LIMITS, change.limits.is_some()),
        ("leads", change.leads.is_some()),
        ("reports", change.reports.is_some()),
    ];
    let changed: Vec<&str> = parts
        .into_iter()
        .filter_map(|(name, is_changed)| is_changed.then_some(name))
        .collect();
    let details = json!({"parts": changed});
    audit::record(
        tx,
        &by.to_string(),
        "settings_changed",
        None,
        &details,
        now_ms,
    )
}
