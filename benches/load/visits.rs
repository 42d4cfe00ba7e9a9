//! Visits: booking as fast as it goes, free times beside many bookings, and many reminders that are due at once.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use rusqlite::{Connection, params};

use crate::server::{self, Server};
use crate::{Failure, MEASURE, WARM_UP, http_client, print_rate};

/// Everybody can be booked around the clock, so that there are enough different times.
const STAFF: i64 = 60;
const DAYS: i32 = 80;
const CELL_MS: i64 = 300_000;
/// Visits a day one member takes, of five minutes.
const CELLS_A_DAY: i64 = 288;
const CLIENTS: usize = 32;
const BOOKED: i64 = 5_000;
const DAYS_LISTED: i64 = 60;
const REMINDERS: usize = 10_000;
const MAIL_SERVER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/mail_server.py");

/// Books different times.
pub(crate) async fn bookings() -> Result<(), Failure> {
    let folder = server::prepared_folder()?;
    let first_ms = set_up(&folder.path().join("novahouse.db"))?;
    {
        let server = Server::start(folder.path())?;
        let times = move |client: usize, turn: u64| {
            // Each client has its own members, so that no two want the same time.
            let client = i64::try_from(client).unwrap_or_default();
            let turn = i64::try_from(turn).unwrap_or_default();
            let staff = client % (STAFF / 2) * 2 + turn % 2 + 2;
            let start_ms = first_ms + (turn / 2 * 2 + client / (STAFF / 2)) * CELL_MS;
            let start = Timestamp::from_millisecond(start_ms).unwrap_or_default();
            let body = format!(
                r#"{{"client_name":"Load","client_email":"c{client}x{turn}@example.com","client_phone":"{}","service_id":2,"staff_id":{staff},"start_time":"{start}"}}"#,
                600_000_000 + client * 1_000_000 + turn
            );
            http_client::post("/api/booking/create", &body)
        };
        let booked = http_client::run(server.address(), CLIENTS, WARM_UP, MEASURE, times).await?;
        print_rate(
            &format!("POST /api/booking/create, different times, {CLIENTS} clients"),
            "bookings",
            &booked,
        );
    }
    Ok(())
}

/// Free times of sixty days with ten members, who work from nine to five, and thousands of bookings of half an hour.
pub(crate) async fn free_times() -> Result<(), Failure> {
    let folder = server::prepared_folder()?;
    let database = folder.path().join("novahouse.db");
    let first_ms = set_up(&database)?;
    let mut connection = Connection::open(&database)?;
    let tx = connection.transaction()?;
    tx.execute("DELETE FROM booking_service_staff WHERE staff_id > 11", [])?;
    tx.execute(
        "UPDATE booking_staff SET hours_json = REPLACE(REPLACE(hours_json, '00:00', '09:00'), '24:00', '17:00')",
        [],
    )?;
    tx.execute(
        "UPDATE booking_services SET duration_min = 30, slot_step_min = 30 WHERE id = 2",
        [],
    )?;
    for number in 0..BOOKED {
        // Eight or nine a day each, from 8:00 UTC on.
        let (day, place) = (number / 10 % DAYS_LISTED, number / 10 / DAYS_LISTED);
        let start_ms = first_ms + (day * CELLS_A_DAY + 8 * 12 + place * 6) * CELL_MS;
        insert(&tx, 2 + number % 10, start_ms, 6, number)?;
    }
    tx.commit()?;
    let server = Server::start(folder.path())?;
    let day = |ms: i64| {
        Ok::<Date, Failure>(
            Timestamp::from_millisecond(ms)?
                .to_zoned(TimeZone::UTC)
                .date(),
        )
    };
    let from = day(first_ms)?;
    let to = from.checked_add((DAYS_LISTED - 1).days())?;
    let path = format!("/api/booking/available-slots?service_id=2&date_from={from}&date_to={to}");
    let listed = http_client::run(server.address(), 1, WARM_UP, MEASURE, move |_, _| {
        http_client::get(&path)
    })
    .await?;
    print_rate(
        "GET /api/booking/available-slots, 60 days, 10 members, 5,000 bookings",
        "lists",
        &listed,
    );
    Ok(())
}

/// Lets many reminders be due, and waits until a real mail server has all of their letters.
pub(crate) fn reminders() -> Result<(), Failure> {
    let folder = server::prepared_folder()?;
    let database = folder.path().join("novahouse.db");
    let first_ms = set_up(&database)?;
    let now_ms = Timestamp::now().as_millisecond();
    let mut connection = Connection::open(&database)?;
    let tx = connection.transaction()?;
    tx.execute(
        "INSERT INTO settings (name, value_json, updated_at_ms) VALUES ('bookings', ?1, 0)",
        params![r#"{"quiet_from":"00:00","quiet_to":"00:00"}"#],
    )?;
    for number in 0..i64::try_from(REMINDERS)? {
        let start_ms = first_ms + number / (STAFF / 2) * CELL_MS;
        let id = insert(&tx, 2 + number % (STAFF / 2), start_ms, 1, number)?;
        tx.execute(
            "INSERT INTO booking_reminders (booking_id, channel, offset_min, due_at_ms, is_urgent, state, \
             created_at_ms) VALUES (?1, 'email', NULL, ?2, 1, 'pending', 0)",
            params![id, now_ms],
        )?;
    }
    tx.commit()?;
    drop(connection);
    let (_mail, port, letters) = mail_server()?;
    let began = Instant::now();
    let server = Server::start_with(
        folder.path(),
        &[
            ("SMTP_SERVER", "127.0.0.1"),
            ("SMTP_PORT", &port),
            ("SMTP_TLS", "none"),
            ("FROM_EMAIL", "office@example.com"),
        ],
    )?;
    let mut letters = letters.take(REMINDERS).flatten();
    // The server looks for what is due on the minute.
    let first = letters.next().map(|_| began.elapsed()).unwrap_or_default();
    let arrived = 1 + letters.count();
    let took = began.elapsed().saturating_sub(first);
    drop(server);
    println!(
        "{arrived} reminders due at once: the first with the mail server {:.1} s after the start, the last {:.1} s later ({:.0}/s)",
        first.as_secs_f64(),
        took.as_secs_f64(),
        arrived as f64 / took.max(Duration::from_millis(1)).as_secs_f64()
    );
    Ok(())
}

/// A service of five minutes that many members take around the clock; answers the first beginning, the day after
/// tomorrow at midnight UTC.
fn set_up(database: &std::path::Path) -> Result<i64, Failure> {
    let mut connection = Connection::open(database)?;
    let tx = connection.transaction()?;
    tx.execute(
        "INSERT INTO booking_services (id, names_json, duration_min, buffer_before_min, buffer_after_min, \
         slot_step_min, min_notice_min, horizon_days, daily_cap, location_kind, cancel_notice_min, \
         reschedule_notice_min, reminders_json, is_active, created_at_ms, updated_at_ms) \
         SELECT 2, names_json, 5, 0, 0, 5, 0, ?1, NULL, location_kind, cancel_notice_min, reschedule_notice_min, \
         reminders_json, 1, 0, 0 FROM booking_services WHERE id = 1",
        params![DAYS],
    )?;
    let hours: Vec<String> = (1..=7)
        .map(|day| format!(r#"{{"weekday":{day},"from":"00:00","to":"24:00"}}"#))
        .collect();
    let hours = format!("[{}]", hours.join(","));
    for member in 2..STAFF + 2 {
        tx.execute(
            "INSERT INTO booking_staff (id, name, email, hours_json, is_active, feed_version, created_at_ms, \
             updated_at_ms) VALUES (?1, 'Load', 'load@example.com', ?2, 1, 1, 0, 0)",
            params![member, hours],
        )?;
        tx.execute(
            "INSERT INTO booking_service_staff (service_id, staff_id) VALUES (2, ?1)",
            params![member],
        )?;
    }
    tx.commit()?;
    let day_ms = CELL_MS * CELLS_A_DAY;
    Ok((Timestamp::now().as_millisecond() / day_ms + 2) * day_ms)
}

/// A booking of so many cells as the server writes one; answers its number.
fn insert(
    tx: &rusqlite::Transaction<'_>,
    staff_id: i64,
    start_ms: i64,
    cells: i64,
    number: i64,
) -> Result<i64, Failure> {
    tx.execute(
        "INSERT INTO bookings (service_id, staff_id, client_name, client_email, client_email_key, client_phone, \
         client_phone_e164, lang, start_ms, end_ms, busy_from_ms, busy_to_ms, wall_time, time_zone, status, sequence, \
         created_at_ms, updated_at_ms) VALUES (2, ?1, 'Load', ?2, ?2, '600 100 200', '+48600100200', 'pl', ?3, ?4, ?3, \
         ?4, '', 'Europe/Warsaw', 'booked', 0, 0, 0)",
        params![staff_id, format!("c{number}@example.com"), start_ms, start_ms + cells * CELL_MS],
    )?;
    let id = tx.last_insert_rowid();
    for cell in 0..cells {
        tx.execute(
            "INSERT INTO booking_times (staff_id, cell, booking_id) VALUES (?1, ?2, ?3)",
            params![staff_id, start_ms / CELL_MS + cell, id],
        )?;
    }
    Ok(id)
}

struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The tests' mail server: itself, its port, and a line for each letter it takes.
fn mail_server() -> Result<(Ended, String, impl Iterator<Item = std::io::Result<String>>), Failure>
{
    let mut child = Command::new("/usr/bin/python3")
        .args([MAIL_SERVER, "0", "--count"])
        .stdout(Stdio::piped())
        .spawn()?;
    let stdout = child.stdout.take().ok_or("the mail server has no output")?;
    let child = Ended(child);
    let mut lines = BufReader::new(stdout).lines();
    let first = lines.next().ok_or("the mail server ended")??;
    let port = first
        .strip_prefix("listening on ")
        .ok_or("no port")?
        .to_owned();
    Ok((child, port, lines))
}
