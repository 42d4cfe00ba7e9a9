//! `/booking/{token}`: a client's visit behind its signed link, to look at, to move and to cancel.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use poem::http::StatusCode;
use serde_json::{Value as Json, json};

use super::asked::Asked;
use super::book;
use super::form::{self, Form};
use super::templates::Sheet;
use super::texts::fill;
use super::times::{self, Shown};
use super::{Reply, Site};
use crate::bookings::{
    Booking, BookingError, BookingStatus, Change, Looking, Service, change_until_ms, client_may,
    may_be_rated,
};
use crate::notify::messages::date_time;
use crate::platform::http::Problem;

/// What the address begins with.
pub(super) const FOLDER: &str = "/booking/";
const REASON_MAX_CHARS: usize = 500;

pub(super) async fn reply(site: &Site, asked: &Asked) -> Result<Reply, Problem> {
    let token = asked.path().strip_prefix(FOLDER).unwrap_or_default();
    let (booking, service) = site.bookings.by_token(token).await?;
    let page = Page {
        site,
        asked,
        token,
        zone: TimeZone::get(&booking.time_zone).unwrap_or(TimeZone::UTC),
        booking,
        service,
    };
    let fields = if asked.is_sent {
        &asked.form
    } else {
        &asked.query
    };
    match (asked.is_sent, fields.text("change")) {
        (false, "time") if page.may(Change::Reschedule) => page.choose().await,
        (false, "cancel") if page.may(Change::Cancel) => Ok(Reply::Page(
            page.ask_cancel(&Form::new(asked, &asked.query)),
        )),
        (false, "rate") => Ok(Reply::Page(
            page.ask_rating(&Form::new(asked, &asked.query)),
        )),
        (false, _) => Ok(Reply::Page(page.whole())),
        (true, "time") => page.take_time().await,
        (true, "cancel") => page.take_cancel().await,
        (true, "rate") => page.take_rating().await,
        (true, _) => Err(Problem::bad_request(
            "malformed_form",
            "The form does not say what to change.",
        )),
    }
}

pub(super) struct Page<'a> {
    pub(super) site: &'a Site,
    pub(super) asked: &'a Asked,
    pub(super) token: &'a str,
    pub(super) booking: Booking,
    service: Service,
    /// On whose clock the visit was agreed.
    zone: TimeZone,
}

impl Page<'_> {
    fn may(&self, change: Change) -> bool {
        let (status, start_ms) = (self.booking.status, self.booking.start_ms);
        client_may(change, &self.service, status, start_ms, self.asked.now_ms).is_ok()
    }

    /// This page, with more in the address.
    pub(super) fn url(&self, query: &[(&str, &str)]) -> String {
        self.asked.url(self.asked.path(), query)
    }

    fn text(&self, name: &str) -> &'static str {
        self.asked.text("visit", name)
    }

    fn time(&self, time_ms: i64) -> String {
        date_time(&times::moment(time_ms, &self.zone), self.asked.lang)
    }

    pub(super) fn visit(&self) -> Json {
        let snapshot = self.site.knowledge.snapshot();
        let company = snapshot.company();
        let booking = &self.booking;
        let staff = Some(&booking.staff_name).filter(|name| **name != company.name);
        let area = booking.area.as_deref();
        json!({
            "service": booking.service_names.get(self.asked.lang),
            "when": self.time(booking.start_ms),
            "place": book::place(self.asked, booking.location_kind, company, area),
            "staff": staff,
        })
    }

    /// The visit as it stands, with what can be done.
    fn whole(&self) -> Sheet {
        let booking = &self.booking;
        let is_open = booking.status == BookingStatus::Booked;
        let has_begun = booking.start_ms <= self.asked.now_ms;
        let done = match (self.asked.query.text("done"), is_open) {
            ("booked", true) => Some("booked"),
            ("moved", true) => Some("moved"),
            ("cancelled", false) if booking.status == BookingStatus::Cancelled => {
                Some("cancelled_now")
            }
            _ => None,
        };
        let state = match booking.status {
            BookingStatus::Cancelled => Some("cancelled").filter(|_| done.is_none()),
            BookingStatus::Done | BookingStatus::NoShow => Some("over"),
            BookingStatus::Booked if booking.end_ms <= self.asked.now_ms => Some("over"),
            BookingStatus::Booked => Some("begun").filter(|_| has_begun),
        };
        let (may_move, may_cancel) = (self.may(Change::Reschedule), self.may(Change::Cancel));
        let calendar = self.site.bookings.calendar_path(booking.id);
        let is_ahead = is_open && !has_begun;
        Sheet::new(
            "visit.html",
            self.text("title"),
            json!({
                "visit": self.visit(),
                "done": done.map(|done| self.text(done)),
                "notice": null,
                "state": state.map(|state| self.text(state)),
                "is_new": done == Some("booked"),
                "limits": if is_ahead { self.limits(may_move, may_cancel) } else { Vec::new() },
                "calendar_url": is_ahead.then_some(calendar),
                "move_url": may_move.then(|| self.url(&[("change", "time")])),
                "cancel_url": may_cancel.then(|| self.url(&[("change", "cancel")])),
                "rate_url": may_be_rated(booking, self.asked.now_ms).is_ok().then(|| self.url(&[("change", "rate")])),
                "book_url": (!is_ahead).then(|| self.asked.url(book::PATH, &[])),
            }),
        )
    }

    /// Until when what can be done here.
    fn limits(&self, may_move: bool, may_cancel: bool) -> Vec<String> {
        let until = |change| change_until_ms(change, &self.service, self.booking.start_ms);
        let (move_ms, cancel_ms) = (until(Change::Reschedule), until(Change::Cancel));
        let line = |may: bool, what: &str, until_ms: i64| {
            let sentence = format!("{}_{what}", if may { "until" } else { "late" });
            fill(self.text(&sentence), &[("time", &self.time(until_ms))])
        };
        let mut lines = if move_ms == cancel_ms {
            vec![line(may_move, "both", move_ms)]
        } else {
            vec![
                line(may_move, "move", move_ms),
                line(may_cancel, "cancel", cancel_ms),
            ]
        };
        if !may_move || !may_cancel {
            let snapshot = self.site.knowledge.snapshot();
            let phone = &snapshot.company().phone_display;
            lines.push(fill(self.text("please_call"), &[("phone", phone)]));
        }
        lines
    }

    fn looking(&self) -> Looking {
        Looking {
            service_id: self.booking.service_id,
            area: self.booking.area.clone(),
            moving: Some(self.booking.id),
        }
    }

    /// Another time is being chosen.
    async fn choose(&self) -> Result<Reply, Problem> {
        let Some(named) = self.asked.query.get("start") else {
            return Ok(Reply::Page(self.times(None).await?));
        };
        if let Some(start) = form::start(named) {
            let looking = self.looking();
            let free = self
                .site
                .bookings
                .is_free(looking, start, self.asked.now_ms);
            match free.await {
                Ok(_) => {
                    let form = Form::new(self.asked, &self.asked.query);
                    return Ok(Reply::Page(self.ask_time(&form, Some(start), &[], None)));
                }
                Err(error) if error.is_about_time() => {}
                Err(error) => return Err(error.into()),
            }
        }
        let sheet = self
            .times(Some(self.asked.text("book", "not_free")))
            .await?;
        Ok(Reply::Page(
            sheet.with_status(StatusCode::UNPROCESSABLE_ENTITY),
        ))
    }

    async fn times(&self, notice: Option<&str>) -> Result<Sheet, Problem> {
        let shown = Shown {
            looking: self.looking(),
            service: &self.service,
            keep: vec![("change", "time")],
        };
        let week = times::week(self.site, self.asked, &shown).await?;
        let when = self.time(self.booking.start_ms);
        Ok(Sheet::new(
            "visit_times.html",
            self.text("move_title"),
            json!({
                "visit": self.visit(),
                "now": fill(self.text("move_now"), &[("time", &when)]),
                "notice": notice,
                "week": week,
                "visit_url": self.url(&[]),
            }),
        ))
    }

    /// The last step of moving it.
    ///
    /// * `start`: the chosen time; `None` when one of `nearest` is to be chosen instead.
    fn ask_time(
        &self,
        form: &Form<'_>,
        start: Option<DateTime>,
        nearest: &[Json],
        notice: Option<&str>,
    ) -> Sheet {
        let mut shown = form.shown();
        if start.is_none() {
            shown["values"]["start"] = "".into();
        }
        let day = start.map(|start| start.date().to_string());
        let day = day.as_deref().map(|day| ("from", day));
        let back: Vec<_> = [("change", "time")].into_iter().chain(day).collect();
        Sheet::new(
            "visit_move.html",
            form.title(self.text("move_confirm")),
            json!({
                "visit": self.visit(),
                "when": start.map(|start| times::words(start, &self.zone, self.asked.lang)),
                "nearest": nearest,
                "notice": notice,
                "form": shown,
                "action": self.url(&[]),
                "times_url": self.url(&back),
                "visit_url": self.url(&[]),
            }),
        )
        .with_status(form.status())
    }

    async fn take_time(&self) -> Result<Reply, Problem> {
        let mut form = Form::new(self.asked, &self.asked.form);
        let Some(start) = form.start() else {
            let now = times::moment(self.booking.start_ms, &self.zone).datetime();
            let nearest = times::nearest(self.site, self.asked, self.looking(), now).await?;
            return Ok(Reply::Page(self.ask_time(&form, None, &nearest, None)));
        };
        let moved = self
            .site
            .bookings
            .move_on_page(&self.booking, start, self.asked.now_ms);
        let error = match moved.await {
            Ok(()) => return Ok(Reply::SeeOther(self.url(&[("done", "moved")]))),
            Err(error) if error.is_about_time() => error,
            Err(error) => return self.too_late(error),
        };
        let (notice, status) = if error.is_taken() {
            (self.text("taken"), StatusCode::CONFLICT)
        } else {
            let notice = self.asked.text("book", "not_free");
            (notice, StatusCode::UNPROCESSABLE_ENTITY)
        };
        let nearest = times::nearest(self.site, self.asked, self.looking(), start).await?;
        let sheet = self.ask_time(&form, None, &nearest, Some(notice));
        Ok(Reply::Page(sheet.with_status(status)))
    }

    fn ask_cancel(&self, form: &Form<'_>) -> Sheet {
        Sheet::new(
            "visit_cancel.html",
            form.title(self.text("cancel_title")),
            json!({
                "visit": self.visit(),
                "form": form.shown(),
                "action": self.url(&[]),
                "visit_url": self.url(&[]),
            }),
        )
        .with_status(form.status())
    }

    async fn take_cancel(&self) -> Result<Reply, Problem> {
        let mut form = Form::new(self.asked, &self.asked.form);
        let reason = form.text("reason", REASON_MAX_CHARS, None);
        if !form.is_right() {
            return Ok(Reply::Page(self.ask_cancel(&form)));
        }
        let cancelled = self
            .site
            .bookings
            .cancel_by_client(self.token, reason, self.asked.now_ms);
        match cancelled.await {
            Ok(_) => Ok(Reply::SeeOther(self.url(&[("done", "cancelled")]))),
            Err(error) => self.too_late(error),
        }
    }

    /// The visit as it stands, which says until when it could be changed.
    fn too_late(&self, error: BookingError) -> Result<Reply, Problem> {
        match error {
            BookingError::Change(_) => {
                let mut sheet = self.whole();
                sheet.values["done"] = Json::Null;
                Ok(Reply::Page(sheet.with_status(StatusCode::CONFLICT)))
            }
            other => Err(other.into()),
        }
    }
}
