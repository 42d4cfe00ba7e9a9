//! SQL over services, staff and their time off.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::super::BookingError;
use super::super::model::{Interval, Service, StaffMember, TimeOff};
use crate::params;
use crate::platform::db::{DbError, Row, Tx};

macro_rules! select_services {
    ($rest:literal) => {
        concat!(
            "SELECT id, names_json, duration_min, buffer_before_min, buffer_after_min, slot_step_min, min_notice_min, \
             horizon_days, daily_cap, location_kind, cancel_notice_min, reschedule_notice_min, reminders_json, is_active \
             FROM booking_services ",
            $rest
        )
    };
}

macro_rules! select_staff {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, email, hours_json, is_active, feed_version, user_id FROM booking_staff ",
            $rest
        )
    };
}

/// A service, and whether it is offered.
#[derive(Debug, Clone)]
pub(in super::super) struct Offer {
    pub(in super::super) service: Service,
    pub(in super::super) is_active: bool,
}

/// Whether anything was ever set up.
pub(in super::super) fn is_new(tx: &mut dyn Tx) -> Result<bool, DbError> {
    let rows: i64 = tx.query_value(
        "SELECT (SELECT COUNT(*) FROM booking_services) + (SELECT COUNT(*) FROM booking_staff)",
        params![],
    )?;
    Ok(rows == 0)
}

pub(in super::super) fn services(tx: &mut dyn Tx) -> Result<Vec<Offer>, DbError> {
    tx.query(select_services!("ORDER BY id"), params![])?
        .into_iter()
        .map(offer_of)
        .collect()
}

pub(in super::super) fn service(tx: &mut dyn Tx, id: i64) -> Result<Offer, BookingError> {
    let row = tx.query_first(select_services!("WHERE id = ?1"), params![id])?;
    Ok(offer_of(row.ok_or(BookingError::NotFound("service"))?)?)
}

/// Adds a service; answers its number.
pub(in super::super) fn insert_service(
    tx: &mut dyn Tx,
    offer: &Offer,
    now_ms: i64,
) -> Result<i64, DbError> {
    let service = &offer.service;
    tx.insert(
        "INSERT INTO booking_services (names_json, duration_min, buffer_before_min, buffer_after_min, slot_step_min, \
         min_notice_min, horizon_days, daily_cap, location_kind, cancel_notice_min, reschedule_notice_min, \
         reminders_json, is_active, created_at_ms, updated_at_ms) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?14)",
        params![
            &to_json(&service.names)?,
            service.duration_min,
            service.buffer_before_min,
            service.buffer_after_min,
            service.slot_step_min,
            service.min_notice_min,
            service.horizon_days,
            service.daily_cap,
            service.location_kind.as_str(),
            service.cancel_notice_min,
            service.reschedule_notice_min,
            &to_json(&service.reminders)?,
            offer.is_active,
            now_ms
        ],
    )
}

/// Replaces a service. Errors: there is none.
pub(in super::super) fn update_service(
    tx: &mut dyn Tx,
    offer: &Offer,
    now_ms: i64,
) -> Result<(), BookingError> {
    let service = &offer.service;
    let changed = tx.execute(
        "UPDATE booking_services SET names_json = ?2, duration_min = ?3, buffer_before_min = ?4, \
         buffer_after_min = ?5, slot_step_min = ?6, min_notice_min = ?7, horizon_days = ?8, daily_cap = ?9, \
         location_kind = ?10, cancel_notice_min = ?11, reschedule_notice_min = ?12, reminders_json = ?13, \
         is_active = ?14, updated_at_ms = ?15 WHERE id = ?1",
        params![
            service.id,
            &to_json(&service.names)?,
            service.duration_min,
            service.buffer_before_min,
            service.buffer_after_min,
            service.slot_step_min,
            service.min_notice_min,
            service.horizon_days,
            service.daily_cap,
            service.location_kind.as_str(),
            service.cancel_notice_min,
            service.reschedule_notice_min,
            &to_json(&service.reminders)?,
            offer.is_active,
            now_ms
        ],
    )?;
    found(changed, "service")
}

/// Takes a service off the list. Errors: there is none.
pub(in super::super) fn retire_service(
    tx: &mut dyn Tx,
    id: i64,
    now_ms: i64,
) -> Result<(), BookingError> {
    let changed = tx.execute(
        "UPDATE booking_services SET is_active = 0, updated_at_ms = ?2 WHERE id = ?1",
        params![id, now_ms],
    )?;
    found(changed, "service")
}

/// Every member, also those who take no bookings any more.
pub(in super::super) fn staff(tx: &mut dyn Tx) -> Result<Vec<StaffMember>, DbError> {
    let mut staff: Vec<StaffMember> = tx
        .query(select_staff!("ORDER BY id"), params![])?
        .into_iter()
        .map(member_of)
        .collect::<Result<_, _>>()?;
    for mut row in tx.query(
        "SELECT staff_id, service_id FROM booking_service_staff ORDER BY staff_id, service_id",
        params![],
    )? {
        let staff_id: i64 = row.take(0)?;
        if let Some(member) = staff.iter_mut().find(|member| member.id == staff_id) {
            member.service_ids.push(row.take(1)?);
        }
    }
    Ok(staff)
}

/// Members who take bookings of a service: all, or one of them.
pub(in super::super) fn staff_of(
    tx: &mut dyn Tx,
    service_id: i64,
    only: Option<i64>,
) -> Result<Vec<StaffMember>, DbError> {
    tx.query(
        select_staff!(
            "WHERE is_active = 1 AND id IN (SELECT staff_id FROM booking_service_staff \
             WHERE service_id = ?1 AND (?2 = 0 OR staff_id = ?2)) ORDER BY id"
        ),
        params![service_id, only.unwrap_or(0)],
    )?
    .into_iter()
    .map(member_of)
    .collect()
}

pub(in super::super) fn member(tx: &mut dyn Tx, id: i64) -> Result<StaffMember, BookingError> {
    let row = tx.query_first(select_staff!("WHERE id = ?1"), params![id])?;
    let mut member = member_of(row.ok_or(BookingError::NotFound("member of staff"))?)?;
    for mut row in tx.query(
        "SELECT service_id FROM booking_service_staff WHERE staff_id = ?1 ORDER BY service_id",
        params![id],
    )? {
        member.service_ids.push(row.take(0)?);
    }
    Ok(member)
}

/// Adds a member; answers their number.
pub(in super::super) fn insert_member(
    tx: &mut dyn Tx,
    member: &StaffMember,
    now_ms: i64,
) -> Result<i64, DbError> {
    let id = tx.insert(
        "INSERT INTO booking_staff (name, email, hours_json, is_active, feed_version, user_id, created_at_ms, \
         updated_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)",
        params![
            &member.name,
            &member.email,
            &to_json(&member.hours)?,
            member.is_active,
            member.feed_version,
            member.user_id,
            now_ms
        ],
    )?;
    set_services(tx, id, &member.service_ids)?;
    Ok(id)
}

/// Replaces a member. Errors: there is none.
pub(in super::super) fn update_member(
    tx: &mut dyn Tx,
    member: &StaffMember,
    now_ms: i64,
) -> Result<(), BookingError> {
    let changed = tx.execute(
        "UPDATE booking_staff SET name = ?2, email = ?3, hours_json = ?4, is_active = ?5, feed_version = ?6, \
         user_id = ?7, updated_at_ms = ?8 WHERE id = ?1",
        params![
            member.id,
            &member.name,
            &member.email,
            &to_json(&member.hours)?,
            member.is_active,
            member.feed_version,
            member.user_id,
            now_ms
        ],
    )?;
    found(changed, "member of staff")?;
    tx.execute(
        "DELETE FROM booking_service_staff WHERE staff_id = ?1",
        params![member.id],
    )?;
    Ok(set_services(tx, member.id, &member.service_ids)?)
}

fn set_services(tx: &mut dyn Tx, staff_id: i64, service_ids: &[i64]) -> Result<(), DbError> {
    for service_id in service_ids {
        tx.execute(
            "INSERT INTO booking_service_staff (service_id, staff_id) VALUES (?1, ?2)",
            params![*service_id, staff_id],
        )?;
    }
    Ok(())
}

/// A time off as it is on disk.
#[derive(Debug, Clone)]
pub(in super::super) struct Away {
    pub(in super::super) id: i64,
    pub(in super::super) time: Interval,
    pub(in super::super) reason: Option<String>,
}

/// A member's time off that touches an interval, in order.
pub(in super::super) fn away(
    tx: &mut dyn Tx,
    staff_id: i64,
    within: Interval,
) -> Result<Vec<Away>, DbError> {
    tx.query(
        "SELECT id, from_ms, to_ms, reason FROM booking_time_off \
         WHERE staff_id = ?1 AND to_ms > ?2 AND from_ms < ?3 ORDER BY from_ms, id",
        params![staff_id, within.from_ms, within.to_ms],
    )?
    .into_iter()
    .map(|mut row| {
        Ok(Away {
            id: row.take(0)?,
            time: Interval {
                from_ms: row.take(1)?,
                to_ms: row.take(2)?,
            },
            reason: row.take(3)?,
        })
    })
    .collect()
}

/// Adds a time off; answers its number.
pub(in super::super) fn insert_away(
    tx: &mut dyn Tx,
    staff_id: i64,
    time_off: TimeOff,
    reason: Option<&str>,
    now_ms: i64,
) -> Result<i64, DbError> {
    let time = time_off.interval();
    tx.insert(
        "INSERT INTO booking_time_off (staff_id, from_ms, to_ms, reason, created_at_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![staff_id, time.from_ms, time.to_ms, reason, now_ms],
    )
}

/// Removes a time off. Errors: there is none.
pub(in super::super) fn delete_away(
    tx: &mut dyn Tx,
    staff_id: i64,
    id: i64,
) -> Result<(), BookingError> {
    let gone = tx.execute(
        "DELETE FROM booking_time_off WHERE id = ?1 AND staff_id = ?2",
        params![id, staff_id],
    )?;
    found(gone, "time off")
}

fn found(rows: u64, what: &'static str) -> Result<(), BookingError> {
    if rows == 0 {
        return Err(BookingError::NotFound(what));
    }
    Ok(())
}

fn offer_of(mut row: Row) -> Result<Offer, DbError> {
    Ok(Offer {
        service: Service {
            id: row.take(0)?,
            names: from_json(&row.take::<String>(1)?)?,
            duration_min: row.take(2)?,
            buffer_before_min: row.take(3)?,
            buffer_after_min: row.take(4)?,
            slot_step_min: row.take(5)?,
            min_notice_min: row.take(6)?,
            horizon_days: row.take(7)?,
            daily_cap: row.take(8)?,
            location_kind: row.word(9)?,
            cancel_notice_min: row.take(10)?,
            reschedule_notice_min: row.take(11)?,
            reminders: from_json(&row.take::<String>(12)?)?,
        },
        is_active: row.take(13)?,
    })
}

fn member_of(mut row: Row) -> Result<StaffMember, DbError> {
    Ok(StaffMember {
        id: row.take(0)?,
        name: row.take(1)?,
        email: row.take(2)?,
        service_ids: Vec::new(),
        hours: from_json(&row.take::<String>(3)?)?,
        is_active: row.take(4)?,
        feed_version: row.take(5)?,
        user_id: row.take(6)?,
    })
}

fn to_json(value: &impl Serialize) -> Result<String, DbError> {
    serde_json::to_string(value).map_err(|error| DbError::Internal(error.to_string()))
}

pub(super) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, DbError> {
    serde_json::from_str(text).map_err(|error| DbError::Internal(error.to_string()))
}
