//! Reminders: rows with a due time that are made, moved and called off with their booking.

use jiff::tz::TimeZone;

use super::desk::Desk;
use super::limits::{Pickup, QuietHours, on_pickup, reminders_of};
use super::model::{BookingStatus, Channel, ReminderRule, TIMES_MS};
use super::record::{Booking, Followed, Reminder, ReminderState};
use super::service::{Bookings, Start};
use super::settings::BookingSettings;
use super::{BookingError, FieldError, letters, store};
use crate::notify::outbox;
use crate::platform::db::{DbError, Tx};
use crate::platform::http::{IdempotencyKey, Problem, once};

/// Reminders one look takes at most, so that nobody else's write waits for all of them.
const PICK_UP_MAX: usize = 200;

/// Makes the reminders of a new booking.
pub(super) fn make(
    tx: &mut dyn Tx,
    booking_id: i64,
    desk: &Desk,
    start_ms: i64,
    quiet: QuietHours,
    now_ms: i64,
) -> Result<(), BookingError> {
    let rules = &desk.service.reminders;
    insert(
        tx,
        booking_id,
        rules,
        start_ms,
        &desk.calendar.zone,
        quiet,
        now_ms,
    )
}

fn insert(
    tx: &mut dyn Tx,
    booking_id: i64,
    rules: &[ReminderRule],
    start_ms: i64,
    zone: &TimeZone,
    quiet: QuietHours,
    now_ms: i64,
) -> Result<(), BookingError> {
    for due in reminders_of(rules, start_ms, now_ms, zone, quiet) {
        store::reminders::insert_due(tx, booking_id, due, now_ms)?;
    }
    Ok(())
}

/// Lets the reminders follow a booking that was moved: those that count from its beginning are due anew, also when they
/// were sent for the old one; one due at a time of its own stays while that is before the visit. What somebody called
/// off stays off.
pub(super) fn follow(
    tx: &mut dyn Tx,
    booking_id: i64,
    desk: &Desk,
    start_ms: i64,
    quiet: QuietHours,
    now_ms: i64,
) -> Result<(), BookingError> {
    let known = store::reminders::of(tx, booking_id)?;
    let mut rules = desk.service.reminders.clone();
    for reminder in &known {
        let is_pending = reminder.state == ReminderState::Pending;
        let Some(rule) = rule_of(reminder) else {
            if is_pending && reminder.due_at_ms >= start_ms {
                let off = ReminderState::Cancelled;
                store::reminders::set_state(tx, reminder.id, off, None)?;
            }
            continue;
        };
        if !rules.contains(&rule) {
            rules.push(rule);
        }
        if is_pending {
            store::reminders::delete(tx, reminder.id)?;
        }
    }
    for reminder in &known {
        if reminder.state == ReminderState::Cancelled {
            rules.retain(|rule| Some(*rule) != rule_of(reminder));
        }
    }
    insert(
        tx,
        booking_id,
        &rules,
        start_ms,
        &desk.calendar.zone,
        quiet,
        now_ms,
    )
}

fn rule_of(reminder: &Reminder) -> Option<ReminderRule> {
    Some(ReminderRule {
        offset_min: reminder.offset_min?,
        channel: reminder.channel,
    })
}

/// The reminders of a booking by their time.
pub(super) fn of(tx: &mut dyn Tx, booking_id: i64) -> Result<Vec<Followed>, DbError> {
    let reminders = store::reminders::of(tx, booking_id)?;
    followed(tx, reminders)
}

fn followed(tx: &mut dyn Tx, reminders: Vec<Reminder>) -> Result<Vec<Followed>, DbError> {
    let follow = |reminder: Reminder| {
        let message = outbox::progress(tx, &letters::reminder_key(reminder.id))?;
        Ok(Followed { reminder, message })
    };
    reminders.into_iter().map(follow).collect()
}

/// What a look at the reminders that are due did.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Look {
    /// How many were due.
    pub(super) due: usize,
    /// Messages that were written.
    pub(super) handed_over: usize,
}

/// Takes what is due: marks what came too late as missed, lets wait what is due in quiet hours, and hands the others
/// over in the same transaction, so that each is handed over once.
///
/// * `hand_over`: writes what is to be sent.
pub(super) fn pick_up(
    tx: &mut dyn Tx,
    zone: &TimeZone,
    now_ms: i64,
    mut hand_over: impl FnMut(&mut dyn Tx, &Booking, &Reminder) -> Result<(), BookingError>,
) -> Result<Look, BookingError> {
    let settings = BookingSettings::load(tx)?;
    let quiet = settings.quiet_hours()?;
    let mut look = Look::default();
    for reminder in store::reminders::due(tx, now_ms, PICK_UP_MAX)? {
        look.due += 1;
        let booking = store::booking(tx, reminder.booking_id)?;
        let pickup = if reminder.is_urgent && booking.start_ms > now_ms {
            Pickup::Send
        } else {
            on_pickup(reminder.due_at_ms, booking.start_ms, now_ms, zone, quiet)
        };
        match pickup {
            Pickup::Send => {
                hand_over(tx, &booking, &reminder)?;
                let sent = ReminderState::Sent;
                store::reminders::set_state(tx, reminder.id, sent, Some(now_ms))?;
                look.handed_over += 1;
            }
            Pickup::WaitUntil { at_ms } => {
                store::reminders::set_due(tx, reminder.id, at_ms, reminder.is_urgent)?;
            }
            Pickup::Missed => {
                store::reminders::set_state(tx, reminder.id, ReminderState::Missed, None)?;
            }
        }
    }
    Ok(look)
}

/// When a further reminder is due.
#[derive(Debug, Clone, Copy)]
pub(super) enum When {
    /// At a time of its own.
    At(Start),
    /// So many minutes before the visit.
    Before(u32),
}

impl Bookings {
    /// Looks at what is due, and writes the messages; answers whether there are any.
    pub async fn remind(&self, now_ms: i64) -> Result<bool, BookingError> {
        let mut any = false;
        loop {
            let head = self.letterhead();
            let zone = head.company.zone()?;
            let look = self.store.write(move |tx| {
                pick_up(tx, &zone, now_ms, |tx, booking, reminder| {
                    Ok(letters::remind(tx, &head, booking, reminder, now_ms)?)
                })
            });
            let look = look.await?;
            any |= look.handed_over > 0;
            if look.due < PICK_UP_MAX {
                return Ok(any);
            }
        }
    }

    /// A page of reminders by their time, and how many there are.
    pub(super) async fn reminders(
        &self,
        booking_id: Option<i64>,
        state: Option<ReminderState>,
        limit: i64,
        offset: i64,
    ) -> Result<(Vec<Followed>, i64), BookingError> {
        let read = self.store.read(move |tx| {
            let (page, total) = store::reminders::list(tx, booking_id, state, limit, offset)?;
            Ok((followed(tx, page)?, total))
        });
        read.await
    }

    /// Adds a reminder on each channel, once a key.
    ///
    /// Errors: the booking is not open; a time that is past, or after the visit begins; the same reminder is there.
    pub(super) async fn add_reminders<B: serde::Serialize + Send + 'static>(
        &self,
        booking_id: i64,
        when: When,
        channels: Vec<Channel>,
        key: IdempotencyKey,
        body: B,
        now_ms: i64,
    ) -> Result<Vec<Followed>, Problem> {
        let company = self.company();
        self.store
            .write(move |tx| {
                let ids: Vec<i64> = once(tx, &key, "create_reminders", &body, |tx| {
                    let zone = company.zone()?;
                    let settings = BookingSettings::load(tx)?;
                    let calendar = settings.calendar(&company)?;
                    let at_ms = match when {
                        When::At(start) => Some(start.moment(&calendar)?),
                        When::Before(_) => None,
                    };
                    let wanted = Further {
                        booking: store::booking(tx, booking_id)?,
                        when,
                        at_ms,
                        zone,
                        quiet: settings.quiet_hours()?,
                    };
                    let mut ids = Vec::new();
                    for channel in channels {
                        ids.push(wanted.add(tx, channel, now_ms)?);
                    }
                    Ok(ids)
                })?;
                let mut added = Vec::new();
                for id in ids {
                    added.push(store::reminders::reminder(tx, id)?);
                }
                Ok(followed(tx, added)?)
            })
            .await
    }

    /// Sends a pending reminder, also in quiet hours.
    pub(super) async fn send_now(&self, id: i64, now_ms: i64) -> Result<Followed, BookingError> {
        let marked = self.store.write(move |tx| {
            let reminder = pending(tx, id)?;
            let booking = store::booking(tx, reminder.booking_id)?;
            if booking.start_ms <= now_ms {
                return Err(BookingError::Status("over"));
            }
            Ok(store::reminders::set_due(tx, id, now_ms, true)?)
        });
        marked.await?;
        self.remind(now_ms).await?;
        let read = self.store.read(move |tx| {
            let reminder = store::reminders::reminder(tx, id)?;
            let message = outbox::progress(tx, &letters::reminder_key(id))?;
            Ok(Followed { reminder, message })
        });
        read.await
    }

    /// Calls a pending reminder off.
    pub(super) async fn cancel_reminder(&self, id: i64) -> Result<(), BookingError> {
        self.store
            .write(move |tx| {
                pending(tx, id)?;
                Ok(store::reminders::set_state(
                    tx,
                    id,
                    ReminderState::Cancelled,
                    None,
                )?)
            })
            .await
    }
}

fn pending(tx: &mut dyn Tx, id: i64) -> Result<Reminder, BookingError> {
    let reminder = store::reminders::reminder(tx, id)?;
    if reminder.state != ReminderState::Pending {
        return Err(BookingError::ReminderDone(reminder.state.as_str()));
    }
    Ok(reminder)
}

/// A reminder somebody asks for besides those of the service.
struct Further {
    booking: Booking,
    when: When,
    at_ms: Option<i64>,
    zone: TimeZone,
    quiet: QuietHours,
}

impl Further {
    fn add(&self, tx: &mut dyn Tx, channel: Channel, now_ms: i64) -> Result<i64, BookingError> {
        let booking = &self.booking;
        if booking.status != BookingStatus::Booked {
            return Err(BookingError::Status(booking.status.as_str()));
        }
        let (due_at_ms, offset_min) = match (self.when, self.at_ms) {
            (When::Before(offset_min), _) => {
                let rule = ReminderRule {
                    offset_min,
                    channel,
                };
                let due = reminders_of(&[rule], booking.start_ms, now_ms, &self.zone, self.quiet);
                let due = due.first().ok_or_else(|| {
                    FieldError::invalid("offset_min", "must lead to a time that is still to come")
                })?;
                (due.due_ms, Some(offset_min))
            }
            (When::At(_), at_ms) => {
                let due_ms = at_ms.unwrap_or(0);
                if !TIMES_MS.contains(&due_ms) || due_ms <= now_ms || due_ms >= booking.start_ms {
                    return Err(FieldError::invalid(
                        "reminder_time",
                        "must be still to come and before the visit",
                    )
                    .into());
                }
                (due_ms, None)
            }
        };
        let known = store::reminders::of(tx, booking.id)?;
        let is_there = known.iter().any(|reminder| {
            reminder.state == ReminderState::Pending
                && (reminder.channel, reminder.due_at_ms) == (channel, due_at_ms)
        });
        if is_there {
            return Err(BookingError::ReminderTaken);
        }
        Ok(store::reminders::insert(
            tx, booking.id, channel, offset_min, due_at_ms, now_ms,
        )?)
    }
}
