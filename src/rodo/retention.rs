//! How long what is kept: rules in days, what they would take tonight, and the nightly run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::holds::Holds;
use super::tombstones::macs;
use super::{Person, Rodo, RodoError, erase, requests, store};
use crate::accounts::audit;
use crate::leads::Trace;
use crate::platform::clock::now_ms;
use crate::platform::db::{DbError, Tx};
use crate::platform::jobs::HandlerError;
use crate::platform::secrets::Secrets;
use crate::platform::settings;
use crate::{analytics, bookings, chat, leads, text_column};

/// The nightly job.
pub const RETENTION_JOB: &str = "rodo.retention";
/// The setting that holds the rules.
const SETTING: &str = "retention";
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Bounds of a rule: a typing error must not empty the house, and a number must not overflow.
const DAYS_MIN: u32 = 30;
const DAYS_MAX: u32 = 36_500;
/// Rows a transaction takes, so that visitors do not wait for it.
const AT_ONCE: i64 = 100;

/// What a rule is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, poem_openapi::Enum)]
#[oai(rename_all = "snake_case", rename = "RetentionClass")]
pub enum Class {
    /// Conversations in which nobody wrote since, with pictures, consents and open quotes.
    Conversations,
    /// Leads nobody has touched since.
    Leads,
    /// Visits that ended then.
    Bookings,
    /// Entries of the audit log.
    AuditLog,
    /// What the numbers know of sessions in which nothing happened since; counts stay.
    Analytics,
}

text_column!(Class {
    Conversations = "conversations",
    Leads = "leads",
    Bookings = "bookings",
    AuditLog = "audit_log",
    Analytics = "analytics",
});

impl Class {
    const ALL: [Self; 5] = [
        Self::Conversations,
        Self::Leads,
        Self::Bookings,
        Self::AuditLog,
        Self::Analytics,
    ];
}

/// The rules in days; none is never.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Rules {
    conversations: Option<u32>,
    leads: Option<u32>,
    bookings: Option<u32>,
    audit_log: Option<u32>,
    analytics: Option<u32>,
}

impl Default for Rules {
    /// Two years for talks that led to nothing, three for leads (the time after which claims of a business end in Polish
    /// law), five for visits and for who did what; for single events a year to look back on and a month to do it.
    fn default() -> Self {
        Self {
            conversations: Some(730),
            leads: Some(1_095),
            bookings: Some(1_825),
            audit_log: Some(1_825),
            analytics: Some(400),
        }
    }
}

impl Rules {
    pub(super) fn load(tx: &mut dyn Tx) -> Result<Self, DbError> {
        Ok(settings::load(tx, SETTING)?.unwrap_or_default())
    }

    fn days(&self, class: Class) -> Option<u32> {
        match class {
            Class::Conversations => self.conversations,
            Class::Leads => self.leads,
            Class::Bookings => self.bookings,
            Class::AuditLog => self.audit_log,
            Class::Analytics => self.analytics,
        }
    }

    /// Changes a rule.
    ///
    /// Errors: fewer than 30 days, or more than a hundred years.
    fn set(&mut self, class: Class, days: Option<u32>) -> Result<(), RodoError> {
        if days.is_some_and(|days| !(DAYS_MIN..=DAYS_MAX).contains(&days)) {
            return Err(RodoError::Field(
                "days",
                format!("must be from {DAYS_MIN} to {DAYS_MAX}, or null for never"),
            ));
        }
        *match class {
            Class::Conversations => &mut self.conversations,
            Class::Leads => &mut self.leads,
            Class::Bookings => &mut self.bookings,
            Class::AuditLog => &mut self.audit_log,
            Class::Analytics => &mut self.analytics,
        } = days;
        Ok(())
    }

    /// What is older goes.
    fn before_ms(&self, class: Class, now_ms: i64) -> Option<i64> {
        Some(now_ms - i64::from(self.days(class)?) * DAY_MS)
    }

    /// Days by name, for the register.
    pub(super) fn named(&self) -> BTreeMap<String, u32> {
        Class::ALL
            .into_iter()
            .filter_map(|class| Some((class.as_str().to_owned(), self.days(class)?)))
            .collect()
    }
}

/// A rule and what it would take now.
pub(super) struct Due {
    pub(super) class: Class,
    pub(super) days: Option<u32>,
    pub(super) due: i64,
}

impl Rodo {
    /// The rules with what each would take now. With `changes` they are as they would be after these.
    ///
    /// Errors: a change is out of bounds.
    pub(super) async fn retention(
        &self,
        changes: Vec<(Class, Option<u32>)>,
    ) -> Result<Vec<Due>, RodoError> {
        let read = self.0.store.read(move |tx| {
            let mut rules = Rules::load(tx)?;
            for (class, days) in changes {
                rules.set(class, days)?;
            }
            due(tx, &rules, now_ms())
        });
        read.await
    }

    /// Changes rules; the next night goes by them.
    ///
    /// Errors: a change is out of bounds.
    pub(super) async fn set_retention(
        &self,
        changes: Vec<(Class, Option<u32>)>,
        actor: String,
    ) -> Result<Vec<Due>, RodoError> {
        let write = self.0.store.write(move |tx| {
            let (mut rules, now) = (Rules::load(tx)?, now_ms());
            for (class, days) in changes {
                rules.set(class, days)?;
            }
            settings::save(tx, SETTING, &rules, now)?;
            let details = json!({"retention": rules});
            audit::record(tx, &actor, "settings_changed", None, &details, now)?;
            due(tx, &rules, now)
        });
        write.await
    }

    /// Takes what the rules say, a little at a time; who is on hold stays.
    pub async fn retain(&self) -> Result<(), HandlerError> {
        let mut taken: BTreeMap<&'static str, u64> = BTreeMap::new();
        for class in Class::ALL {
            let mut held = 0;
            loop {
                let secrets = self.0.secrets.clone();
                let write = self
                    .0
                    .store
                    .write(move |tx| take_some(tx, class, held, &secrets, now_ms()));
                let some: Taken = write.await?;
                *taken.entry(class.as_str()).or_insert(0) += some.rows;
                held = some.held;
                if some.is_all {
                    break;
                }
            }
        }
        let write = self.0.store.write(move |tx| {
            let now = now_ms();
            store::purge_requests(tx, now - requests::KEPT_MS)?;
            if taken.values().any(|rows| *rows > 0) {
                let details = json!({ "removed": taken });
                audit::record(tx, audit::SYSTEM, "retention_applied", None, &details, now)?;
            }
            Ok::<_, DbError>(())
        });
        Ok(write.await?)
    }
}

fn due(tx: &mut dyn Tx, rules: &Rules, now_ms: i64) -> Result<Vec<Due>, RodoError> {
    let mut all = Vec::new();
    for class in Class::ALL {
        let due = match rules.before_ms(class, now_ms) {
            None => 0,
            Some(before) => match class {
                Class::Conversations => chat::person::idle_count(tx, before)?,
                Class::Leads => leads::person::untouched_count(tx, before)?,
                Class::Bookings => bookings::person::ended_count(tx, before)?,
                Class::AuditLog => audit::older_than(tx, before)?,
                Class::Analytics => analytics::older_than(tx, before)?,
            },
        };
        all.push(Due {
            class,
            days: rules.days(class),
            due,
        });
    }
    Ok(all)
}

/// What one transaction took.
#[derive(Debug, PartialEq, Eq)]
struct Taken {
    rows: u64,
    /// Rows that are due and on hold, which come first again the next time.
    held: i64,
    is_all: bool,
}

fn take_some(
    tx: &mut dyn Tx,
    class: Class,
    held: i64,
    secrets: &Secrets,
    now_ms: i64,
) -> Result<Taken, DbError> {
    let mut taken = Taken {
        rows: 0,
        held: 0,
        is_all: true,
    };
    let Some(before) = Rules::load(tx)?.before_ms(class, now_ms) else {
        return Ok(taken);
    };
    let limit = AT_ONCE + held;
    let people: Vec<Person> = match class {
        Class::AuditLog => {
            taken.rows = audit::cleanup(tx, before, now_ms)?;
            return Ok(taken);
        }
        Class::Analytics => {
            taken.rows = analytics::forget_older(tx, before, now_ms, AT_ONCE)?;
            taken.is_all = taken.rows == 0;
            return Ok(taken);
        }
        Class::Conversations => chat::person::idle_sessions(tx, before, limit)?
            .into_iter()
            .map(Person::of_session)
            .collect(),
        Class::Leads => leads::person::untouched(tx, before, limit)?
            .into_iter()
            .map(Person::of_lead)
            .collect(),
        Class::Bookings => bookings::person::ended(tx, before, limit)?
            .into_iter()
            .map(Person::of_booking)
            .collect(),
    };
    taken.is_all = i64::try_from(people.len()).unwrap_or(i64::MAX) < limit;
    let holds = Holds::load(tx)?;
    for person in people {
        if !holds.is_empty() && holds.on(&macs(&person, secrets)).is_some() {
            taken.held += 1;
            continue;
        }
        erase::remove_rows(tx, &person, now_ms)?;
        taken.rows += 1;
    }
    if taken.rows > 0 {
        erase::sync_index(tx, now_ms)?;
    }
    Ok(taken)
}

impl Person {
    fn of_session(session_id: String) -> Self {
        Self {
            sessions: [session_id].into(),
            ..Self::default()
        }
    }

    fn of_lead(trace: Trace) -> Self {
        Self {
            leads: [trace.id].into(),
            emails: trace.email_key.into_iter().collect(),
            ..Self::default()
        }
    }

    fn of_booking(trace: Trace) -> Self {
        Self {
            bookings: [trace.id].into(),
            emails: trace.email_key.into_iter().collect(),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params;
    use crate::platform::db::in_memory;

    const NOW_MS: i64 = 4_000 * DAY_MS;

    fn lead(tx: &mut dyn Tx, email: &str, age_days: i64) {
        let at = NOW_MS - age_days * DAY_MS;
        tx.execute(
            "INSERT INTO leads (is_weak_session, is_shared, name, email, email_key, source, status, score, \
             score_reasons_json, tags_json, consents_json, is_spam, find_text, created_at_ms, updated_at_ms) \
             VALUES (0, 0, 'x', ?1, ?1, 'form', 'new', 0, '[]', '[]', '[]', 0, '', ?2, ?2)",
            params![email, at],
        )
        .unwrap();
    }

    #[test]
    fn what_is_old_goes_but_what_is_young_or_on_hold_stays() {
        let folder = tempfile::tempdir().unwrap();
        let secrets = Secrets::open(&folder.path().join("secrets.json")).unwrap();
        in_memory::<_, DbError>(|tx| {
            for n in 0..AT_ONCE + 20 {
                lead(tx, &format!("old{n}@example.com"), 2_000);
            }
            lead(tx, "young@example.com", 10);
            let held = Person {
                emails: ["old0@example.com".to_owned()].into(),
                ..Person::default()
            };
            store::insert_hold(tx, &macs(&held, &secrets), "a claim", "user:1", 0)?;
            let mut take = |held| take_some(tx, Class::Leads, held, &secrets, NOW_MS).unwrap();
            let first = take(0);
            assert_eq!((first.rows, first.held, first.is_all), (99, 1, false));
            let second = take(first.held);
            assert_eq!((second.rows, second.held, second.is_all), (20, 1, true));
            assert_eq!(take(second.held).rows, 0);
            let left: i64 = tx.query_value("SELECT COUNT(*) FROM leads", params![])?;
            assert_eq!(left, 2);
            Ok(())
        })
        .unwrap();
    }

    #[test]
    fn a_rule_is_from_a_month_to_a_century_or_never() {
        let mut rules = Rules::default();
        for wrong in [0, 29, 36_501, u32::MAX] {
            assert!(rules.set(Class::Leads, Some(wrong)).is_err(), "{wrong}");
        }
        rules.set(Class::Leads, Some(30)).unwrap();
        assert_eq!(
            rules.before_ms(Class::Leads, NOW_MS),
            Some(NOW_MS - 30 * DAY_MS)
        );
        rules.set(Class::Leads, None).unwrap();
        assert_eq!(rules.before_ms(Class::Leads, NOW_MS), None);
        assert!(!rules.named().contains_key("leads"));
    }
}
