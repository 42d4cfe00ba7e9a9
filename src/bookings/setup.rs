//! What the team sets up: services, staff, hours, time off, closures.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::{Value, json};

use super::BookingError;
use super::FieldError;
use super::hours::{HoursEntry, WeeklyHours};
use super::model::{
    DEFAULT_CHANGE_NOTICE_MIN, DEFAULT_REMINDERS, Interval, LocationKind, Service, StaffMember,
    TimeOff,
};
use super::service::{Bookings, Start};
use super::settings::{BookingSettings, closure_reasons, save_closure_reasons};
use super::store;
use super::store::setup::{Away, Offer};
use crate::accounts::audit;
use crate::knowledge::{Company, Hours, Knowledge, PerLang, PublicFacts};
use crate::platform::clock::now_ms;
use crate::platform::db::{DbError, Store, Tx};

/// All time there is.
const EVER: Interval = Interval {
    from_ms: i64::MIN,
    to_ms: i64::MAX,
};

/// Gives a new database something to book (blocking).
pub fn set_up(store: &Store, knowledge: &Knowledge) -> Result<(), BookingError> {
    if store.read_blocking(|tx| store::setup::is_new(tx))? {
        let snapshot = knowledge.snapshot();
        store.write_blocking(move |tx| first(tx, snapshot.company()))?;
    }
    Ok(())
}

/// What a new database gets: a consultation of an hour, and one member named after the company who works its hours.
pub(super) fn first(tx: &mut dyn Tx, company: &Company) -> Result<(), BookingError> {
    let now_ms = now_ms();
    let service_id = store::setup::insert_service(tx, &Offer::consultation(), now_ms)?;
    let member = StaffMember {
        id: 0,
        name: company.name.clone(),
        email: company.email.clone(),
        service_ids: vec![service_id],
        hours: opening_hours(&company.hours)?,
        is_active: true,
        feed_version: 1,
        user_id: None,
    };
    store::setup::insert_member(tx, &member, now_ms)?;
    Ok(())
}

impl Offer {
    fn consultation() -> Self {
        let service = Service {
            id: 0,
            names: PerLang {
                pl: "Konsultacja w biurze".into(),
                en: "Consultation at our office".into(),
                de: "Beratung in unserem Büro".into(),
            },
            duration_min: 60,
            buffer_before_min: 0,
            buffer_after_min: 15,
            slot_step_min: 30,
            min_notice_min: 120,
            horizon_days: 60,
            daily_cap: None,
            location_kind: LocationKind::Office,
            cancel_notice_min: DEFAULT_CHANGE_NOTICE_MIN,
            reschedule_notice_min: DEFAULT_CHANGE_NOTICE_MIN,
            reminders: DEFAULT_REMINDERS.to_vec(),
        };
        Self {
            service,
            is_active: true,
        }
    }
}

/// The company's opening hours as a member's.
pub(super) fn opening_hours(hours: &Hours) -> Result<WeeklyHours, FieldError> {
    let entries: Vec<HoursEntry> = (1..)
        .zip(hours.days())
        .flat_map(|(weekday, spans)| {
            spans.iter().filter_map(move |span| {
                let (from, to) = span.split_once('-')?;
                Some(HoursEntry {
                    weekday,
                    from: two_digits(from),
                    to: two_digits(to),
                })
            })
        })
        .collect();
    WeeklyHours::parse(&entries)
}

/// `9:00` as `09:00`: opening hours are read leniently.
fn two_digits(time: &str) -> String {
    format!("{:0>5}", time.trim())
}

/// A day on which the company is closed.
pub(super) struct Closure {
    pub(super) date: Date,
    pub(super) reason: Option<String>,
}

/// A change of the set-up: who makes it, and when.
#[derive(Debug, Clone)]
pub(super) struct By {
    pub(super) actor: String,
    pub(super) now_ms: i64,
}

impl By {
    fn note(&self, tx: &mut dyn Tx, action: &str, details: &Value) -> Result<(), DbError> {
        audit::record(tx, &self.actor, action, None, details, self.now_ms)
    }
}

impl Bookings {
    /// Every service, also those no longer offered.
    pub(super) async fn services(&self) -> Result<Vec<Offer>, BookingError> {
        Ok(self.store.read(|tx| store::setup::services(tx)).await?)
    }

    /// Adds a service, or replaces the one with its number; number 0 is a new one.
    pub(super) async fn save_service(&self, offer: Offer, by: By) -> Result<Offer, BookingError> {
        offer.service.validate()?;
        self.store
            .write(move |tx| {
                let mut id = offer.service.id;
                if id == 0 {
                    id = store::setup::insert_service(tx, &offer, by.now_ms)?;
                } else {
                    store::setup::update_service(tx, &offer, by.now_ms)?;
                }
                by.note(tx, "booking_service_saved", &json!({"service_id": id}))?;
                store::setup::service(tx, id)
            })
            .await
    }

    /// Takes a service off the list; bookings of it stay.
    pub(super) async fn retire_service(&self, id: i64, by: By) -> Result<(), BookingError> {
        self.store
            .write(move |tx| {
                store::setup::retire_service(tx, id, by.now_ms)?;
                let details = json!({"service_id": id});
                Ok(by.note(tx, "booking_service_retired", &details)?)
            })
            .await
    }

    /// Every member, also those who take no bookings any more.
    pub(super) async fn staff(&self) -> Result<Vec<StaffMember>, BookingError> {
        Ok(self.store.read(|tx| store::setup::staff(tx)).await?)
    }

    /// Adds a member, who works the company's opening hours until theirs are set.
    pub(super) async fn add_member(
        &self,
        mut member: StaffMember,
        by: By,
    ) -> Result<StaffMember, BookingError> {
        member.hours = opening_hours(&self.company().hours)?;
        self.store
            .write(move |tx| {
                check_services(tx, &member)?;
                let id = store::setup::insert_member(tx, &member, by.now_ms).map_err(no_account)?;
                by.note(tx, "booking_staff_saved", &json!({"staff_id": id}))?;
                store::setup::member(tx, id)
            })
            .await
    }

    /// Changes a member; answers them as they now are.
    pub(super) async fn change_member(
        &self,
        id: i64,
        by: By,
        change: impl FnOnce(&mut StaffMember) + Send + 'static,
    ) -> Result<StaffMember, BookingError> {
        self.store
            .write(move |tx| {
                let mut member = store::setup::member(tx, id)?;
                change(&mut member);
                check_services(tx, &member)?;
                store::setup::update_member(tx, &member, by.now_ms).map_err(
                    |error| match error {
                        BookingError::Db(error) => no_account(error),
                        other => other,
                    },
                )?;
                by.note(tx, "booking_staff_saved", &json!({"staff_id": id}))?;
                store::setup::member(tx, id)
            })
            .await
    }

    /// A member's time off, in order.
    pub(super) async fn away(&self, staff_id: i64) -> Result<Vec<Away>, BookingError> {
        self.store
            .read(move |tx| {
                store::setup::member(tx, staff_id)?;
                Ok(store::setup::away(tx, staff_id, EVER)?)
            })
            .await
    }

    /// Adds a time off. Bookings within it stay; whoever enters it sees and moves them.
    pub(super) async fn add_away(
        &self,
        staff_id: i64,
        from: Start,
        to: Start,
        reason: Option<String>,
        by: By,
    ) -> Result<Away, BookingError> {
        let company = self.company();
        self.store
            .write(move |tx| {
                store::setup::member(tx, staff_id)?;
                let calendar = BookingSettings::load(tx)?.calendar(&company)?;
                let time_off = TimeOff::new(from.moment(&calendar)?, to.moment(&calendar)?)?;
                let reason_text = reason.as_deref();
                let id = store::setup::insert_away(tx, staff_id, time_off, reason_text, by.now_ms)?;
                let details = json!({"staff_id": staff_id, "time_off_id": id});
                by.note(tx, "booking_time_off_added", &details)?;
                Ok(Away {
                    id,
                    time: time_off.interval(),
                    reason,
                })
            })
            .await
    }

    pub(super) async fn delete_away(
        &self,
        staff_id: i64,
        id: i64,
        by: By,
    ) -> Result<(), BookingError> {
        self.store
            .write(move |tx| {
                store::setup::delete_away(tx, staff_id, id)?;
                let details = json!({"staff_id": staff_id, "time_off_id": id});
                Ok(by.note(tx, "booking_time_off_removed", &details)?)
            })
            .await
    }

    /// Days on which the company is closed, in order.
    pub(super) async fn closures(&self) -> Result<Vec<Closure>, BookingError> {
        let days = self.company().closed_days()?;
        let mut reasons = self.store.read(closure_reasons).await?;
        let mut closures: Vec<Closure> = days
            .into_iter()
            .map(|date| Closure {
                date,
                reason: reasons.remove(&date),
            })
            .collect();
        closures.sort_by_key(|closure| closure.date);
        Ok(closures)
    }

    /// Closes the company on a day, or gives a closed day another reason. Bookings on it stay.
    pub(super) async fn close(&self, closure: Closure, by: By) -> Result<(), BookingError> {
        self.change_closures(
            by,
            "booking_closure_added",
            closure.date,
            move |days, reasons| {
                let day = closure.date.to_string();
                if !days.contains(&day) {
                    days.push(day);
                    days.sort();
                }
                match closure.reason {
                    Some(reason) => reasons.insert(closure.date, reason),
                    None => reasons.remove(&closure.date),
                };
                Ok(())
            },
        )
        .await
    }

    /// Opens the company on a day it was closed.
    pub(super) async fn open_again(&self, date: Date, by: By) -> Result<(), BookingError> {
        self.change_closures(by, "booking_closure_removed", date, move |days, reasons| {
            let day = date.to_string();
            if !days.contains(&day) {
                return Err(BookingError::NotFound("closure"));
            }
            days.retain(|closed| *closed != day);
            reasons.remove(&date);
            Ok(())
        })
        .await
    }

    async fn change_closures(
        &self,
        by: By,
        action: &'static str,
        date: Date,
        change: impl FnOnce(&mut Vec<String>, &mut BTreeMap<Date, String>) -> Result<(), BookingError>
        + Send
        + 'static,
    ) -> Result<(), BookingError> {
        self.knowledge
            .change(move |tx| {
                let mut company = PublicFacts::company_now(tx)?;
                let mut reasons = closure_reasons(tx)?;
                change(&mut company.closures, &mut reasons)?;
                let still_closed = company.closures.clone();
                reasons.retain(|date, _| still_closed.contains(&date.to_string()));
                save_closure_reasons(tx, &reasons, by.now_ms)?;
                let facts = PublicFacts {
                    company: Some(company),
                    ..PublicFacts::default()
                };
                facts.save(tx, by.now_ms)?;
                Ok(by.note(tx, action, &json!({"date": date.to_string()}))?)
            })
            .await
    }

    pub(super) async fn settings(&self) -> Result<BookingSettings, BookingError> {
        Ok(self.store.read(BookingSettings::load).await?)
    }

    pub(super) async fn set_settings(
        &self,
        settings: BookingSettings,
        by: By,
    ) -> Result<BookingSettings, BookingError> {
        let settings = settings.checked()?;
        self.store
            .write(move |tx| {
                settings.save(tx, by.now_ms)?;
                by.note(tx, "booking_settings_saved", &json!({}))?;
                Ok(settings)
            })
            .await
    }
}

/// Errors: a member shall do a service there is not.
fn check_services(tx: &mut dyn Tx, member: &StaffMember) -> Result<(), BookingError> {
    for id in &member.service_ids {
        store::setup::service(tx, *id).map_err(|error| match error {
            BookingError::NotFound(_) => {
                FieldError::invalid("services", format!("{id} is no service")).into()
            }
            other => other,
        })?;
    }
    Ok(())
}

/// The only thing a member refers to that may not be there.
fn no_account(error: DbError) -> BookingError {
    match error {
        DbError::Reference => FieldError::invalid("user_id", "is no account").into(),
        other => other.into(),
    }
}
