//! /api/booking for the team: services, staff, hours, time off, closures, settings.

use poem_openapi::param::{Header, Path};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Object, OpenApi};

use super::hours::{HoursEntry, WeeklyHours};
use super::http::{date, one_line, optional};
use super::model::{
    DEFAULT_CHANGE_NOTICE_MIN, DEFAULT_REMINDERS, LocationKind, ReminderRule, Service, StaffMember,
};
use super::service::{Bookings, Start};
use super::settings::BookingSettings;
use super::setup::{By, Closure};
use super::store::setup::Offer;
use super::views::{ClosureView, Names, ServiceView, StaffView, TimeOffView};
use super::{FieldError, Section};
use crate::leads::Email;
use crate::platform::clock::now_ms;
use crate::platform::http::{Agent, JsonText, Owner, Principal, Problem};

const NAME_MAX_CHARS: usize = 200;
const REASON_MAX_CHARS: usize = 200;
const SERVICES_MAX: usize = 100;

/// The endpoints.
pub struct BookingSetupApi(pub Bookings);

/// Something that can be booked. All lengths are minutes, multiples of 5.
#[derive(Debug, Object)]
#[oai(example)]
struct ServiceBody {
    /// One line, 1 to 200 characters.
    name: JsonText,
    /// The name in single languages; `name` counts where one is missing.
    names: Option<Names>,
    /// 5 minutes to 24 hours.
    duration_min: u32,
    /// Time kept free before it, 8 hours at most.
    #[oai(default)]
    buffer_before_min: u32,
    /// Time kept free after it, 8 hours at most.
    #[oai(default)]
    buffer_after_min: u32,
    /// From one possible beginning to the next.
    #[oai(default = "half_an_hour")]
    slot_step_min: u32,
    /// How long before its beginning it can be booked at the latest, 60 days at most.
    #[oai(default)]
    min_notice_min: u32,
    /// How many days after today can be booked, 1 to 730.
    #[oai(default = "two_months")]
    horizon_days: u32,
    /// Bookings a member takes on one day, 1 to 500; without it as many as fit.
    daily_cap: Option<u32>,
    #[oai(default = "office")]
    location_kind: LocationKind,
    /// How long before its beginning a client may cancel at the latest, 30 days at most.
    #[oai(default = "half_a_day")]
    cancel_notice_min: u32,
    /// How long before its beginning a client may move it at the latest, 30 days at most.
    #[oai(default = "half_a_day")]
    reschedule_notice_min: u32,
    /// Reminders of every booking, 10 at most.
    #[oai(default = "usual_reminders")]
    reminders: Vec<ReminderRule>,
    /// False: no longer offered.
    #[oai(default = "yes")]
    is_active: bool,
}

fn half_an_hour() -> u32 {
    30
}

fn two_months() -> u32 {
    60
}

fn office() -> LocationKind {
    LocationKind::Office
}

fn half_a_day() -> u32 {
    DEFAULT_CHANGE_NOTICE_MIN
}

fn usual_reminders() -> Vec<ReminderRule> {
    DEFAULT_REMINDERS.to_vec()
}

fn yes() -> bool {
    true
}

impl Example for ServiceBody {
    fn example() -> Self {
        Self {
            name: JsonText("Oględziny mieszkania".into()),
            names: Some(Names {
                pl: None,
                en: Some("Visit to your flat".into()),
                de: Some("Besichtigung Ihrer Wohnung".into()),
            }),
            duration_min: 90,
            buffer_before_min: 0,
            buffer_after_min: 15,
            slot_step_min: 30,
            min_notice_min: 24 * 60,
            horizon_days: 60,
            daily_cap: Some(3),
            location_kind: LocationKind::OnSite,
            cancel_notice_min: DEFAULT_CHANGE_NOTICE_MIN,
            reschedule_notice_min: DEFAULT_CHANGE_NOTICE_MIN,
            reminders: DEFAULT_REMINDERS.to_vec(),
            is_active: true,
        }
    }
}

/// Somebody who can be booked.
#[derive(Debug, Object)]
#[oai(example)]
struct StaffBody {
    /// What clients see: one line, 1 to 200 characters.
    name: JsonText,
    /// Where invitations go.
    email: JsonText,
    /// Ids of the services they do.
    #[oai(default)]
    services: Vec<i64>,
    /// Their account, if they have one.
    user_id: Option<i64>,
    /// False: takes no new bookings.
    #[oai(default = "yes")]
    is_active: bool,
}

impl Example for StaffBody {
    fn example() -> Self {
        Self {
            name: JsonText("Anna".into()),
            email: JsonText("anna@example.com".into()),
            services: vec![1],
            user_id: None,
            is_active: true,
        }
    }
}

/// When a member works, on the company's clock.
#[derive(Debug, Object)]
#[oai(example)]
struct HoursBody {
    /// In any order; what is not named is free.
    hours: Vec<HoursEntry>,
}

impl Example for HoursBody {
    fn example() -> Self {
        let span = |from: &str, to: &str| HoursEntry {
            weekday: 1,
            from: from.into(),
            to: to.into(),
        };
        Self {
            hours: vec![span("09:00", "12:00"), span("13:00", "17:00")],
        }
    }
}

/// When a member takes no visits.
#[derive(Debug, Object)]
#[oai(example)]
struct TimeOffBody {
    /// RFC 3339, or without an offset what the company's clock shows.
    from: JsonText,
    /// The same; no longer part of it.
    to: JsonText,
    /// For the team, at most 200 characters.
    reason: Option<JsonText>,
}

impl Example for TimeOffBody {
    fn example() -> Self {
        Self {
            from: JsonText("2026-12-28T00:00".into()),
            to: JsonText("2027-01-02T00:00".into()),
            reason: Some(JsonText("Urlop".into())),
        }
    }
}

/// A day on which the company is closed.
#[derive(Debug, Object)]
#[oai(example)]
struct ClosureBody {
    /// `YYYY-MM-DD`.
    date: JsonText,
    /// At most 200 characters.
    reason: Option<JsonText>,
}

impl Example for ClosureBody {
    fn example() -> Self {
        Self {
            date: JsonText("2026-12-31".into()),
            reason: Some(JsonText("Inwentaryzacja".into())),
        }
    }
}

#[derive(Debug, Object)]
struct TimeOffList {
    time_off: Vec<TimeOffView>,
    count: usize,
}

#[derive(Debug, Object)]
struct ClosureList {
    closures: Vec<ClosureView>,
    count: usize,
}

#[derive(ApiResponse)]
enum CreatedService {
    /// The service as stored.
    #[oai(status = 201)]
    Created(Json<ServiceView>),
}

#[derive(ApiResponse)]
enum CreatedStaff {
    /// The member as stored.
    #[oai(status = 201)]
    Created(Json<StaffView>),
}

#[derive(ApiResponse)]
enum CreatedTimeOff {
    /// The time off as stored.
    #[oai(status = 201)]
    Created(Json<TimeOffView>),
}

#[derive(ApiResponse)]
enum CreatedClosure {
    /// The closed days, in order.
    #[oai(status = 201)]
    Created(Json<ClosureList>),
}

#[derive(ApiResponse)]
enum Removed {
    /// Done.
    #[oai(status = 204)]
    Removed,
}

fn by(principal: &Principal) -> By {
    By {
        actor: principal.actor.to_string(),
        now_ms: now_ms(),
    }
}

#[OpenApi(prefix_path = "/api/booking", tag = "Section::Booking")]
impl BookingSetupApi {
    /// Add something that can be booked.
    #[oai(
        path = "/services",
        method = "post",
        operation_id = "create_booking_service"
    )]
    async fn add_service(
        &self,
        agent: Agent,
        #[oai(name = "Accept-Language")] accept: Header<Option<String>>,
        body: Json<ServiceBody>,
    ) -> Result<CreatedService, Problem> {
        let view = self.save_service(&agent.0, 0, &body.0, accept.0).await?;
        Ok(CreatedService::Created(view))
    }

    /// Replace something that can be booked. Bookings of it stay as they are.
    #[oai(
        path = "/services/:id",
        method = "put",
        operation_id = "update_booking_service"
    )]
    async fn change_service(
        &self,
        agent: Agent,
        id: Path<i64>,
        #[oai(name = "Accept-Language")] accept: Header<Option<String>>,
        body: Json<ServiceBody>,
    ) -> Result<Json<ServiceView>, Problem> {
        if id.0 <= 0 {
            return Err(super::BookingError::NotFound("service").into());
        }
        self.save_service(&agent.0, id.0, &body.0, accept.0).await
    }

    /// Offer something no longer. Bookings of it stay.
    #[oai(
        path = "/services/:id",
        method = "delete",
        operation_id = "delete_booking_service"
    )]
    async fn delete_service(&self, agent: Agent, id: Path<i64>) -> Result<Removed, Problem> {
        self.0.retire_service(id.0, by(&agent.0)).await?;
        Ok(Removed::Removed)
    }

    /// Add somebody who can be booked; they work the company's opening hours until theirs are set.
    #[oai(
        path = "/staff",
        method = "post",
        operation_id = "create_booking_staff"
    )]
    async fn add_member(
        &self,
        agent: Agent,
        body: Json<StaffBody>,
    ) -> Result<CreatedStaff, Problem> {
        let member = StaffMember {
            id: 0,
            name: String::new(),
            email: String::new(),
            service_ids: Vec::new(),
            hours: WeeklyHours::default(),
            is_active: true,
            feed_version: 1,
            user_id: None,
        };
        let member = Told::parse(&body.0)?.into_member(member);
        let member = self.0.add_member(member, by(&agent.0)).await?;
        Ok(CreatedStaff::Created(Json(StaffView::new(
            &member,
            Some(&self.0.links),
        ))))
    }

    /// Replace somebody who can be booked; their hours stay.
    #[oai(
        path = "/staff/:id",
        method = "put",
        operation_id = "update_booking_staff"
    )]
    async fn change_member(
        &self,
        agent: Agent,
        id: Path<i64>,
        body: Json<StaffBody>,
    ) -> Result<Json<StaffView>, Problem> {
        let told = Told::parse(&body.0)?;
        self.change(&agent.0, id.0, |member| {
            *member = told.into_member(member.clone());
        })
        .await
    }

    /// Give somebody no new bookings. Those they have stay.
    #[oai(
        path = "/staff/:id",
        method = "delete",
        operation_id = "delete_booking_staff"
    )]
    async fn delete_member(&self, agent: Agent, id: Path<i64>) -> Result<Removed, Problem> {
        self.change(&agent.0, id.0, |member| member.is_active = false)
            .await?;
        Ok(Removed::Removed)
    }

    /// Set when somebody works. Times are multiples of 5 minutes.
    #[oai(
        path = "/staff/:id/hours",
        method = "put",
        operation_id = "put_booking_hours"
    )]
    async fn set_hours(
        &self,
        agent: Agent,
        id: Path<i64>,
        body: Json<HoursBody>,
    ) -> Result<Json<StaffView>, Problem> {
        let hours = WeeklyHours::parse(&body.0.hours)?;
        hours.on_grain()?;
        self.change(&agent.0, id.0, |member| member.hours = hours)
            .await
    }

    /// Give somebody's calendar a new address; the old one shows nothing any more.
    #[oai(
        path = "/staff/:id/feed",
        method = "post",
        operation_id = "renew_staff_feed"
    )]
    async fn renew_feed(&self, agent: Agent, id: Path<i64>) -> Result<Json<StaffView>, Problem> {
        self.change(&agent.0, id.0, |member| member.feed_version += 1)
            .await
    }

    /// When somebody takes no visits.
    #[oai(
        path = "/staff/:id/time-off",
        method = "get",
        operation_id = "list_time_off"
    )]
    async fn time_off(&self, _agent: Agent, id: Path<i64>) -> Result<Json<TimeOffList>, Problem> {
        let away = self.0.away(id.0).await?;
        Ok(Json(TimeOffList {
            time_off: away.iter().map(TimeOffView::from).collect(),
            count: away.len(),
        }))
    }

    /// Add a time in which somebody takes no visits. Bookings within it stay.
    #[oai(
        path = "/staff/:id/time-off",
        method = "post",
        operation_id = "create_time_off"
    )]
    async fn add_time_off(
        &self,
        agent: Agent,
        id: Path<i64>,
        body: Json<TimeOffBody>,
    ) -> Result<CreatedTimeOff, Problem> {
        let from = Start::parse("from", &body.0.from)?;
        let to = Start::parse("to", &body.0.to)?;
        let reason = reason(body.0.reason.as_ref())?;
        let away = self
            .0
            .add_away(id.0, from, to, reason, by(&agent.0))
            .await?;
        Ok(CreatedTimeOff::Created(Json(TimeOffView::from(&away))))
    }

    /// Remove a time off.
    #[oai(
        path = "/staff/:id/time-off/:time_off_id",
        method = "delete",
        operation_id = "delete_time_off"
    )]
    async fn delete_time_off(
        &self,
        agent: Agent,
        id: Path<i64>,
        time_off_id: Path<i64>,
    ) -> Result<Removed, Problem> {
        self.0
            .delete_away(id.0, time_off_id.0, by(&agent.0))
            .await?;
        Ok(Removed::Removed)
    }

    /// Single days on which the company is closed; its opening hours follow them too.
    #[oai(path = "/closures", method = "get", operation_id = "list_closures")]
    async fn closures(&self, _agent: Agent) -> Result<Json<ClosureList>, Problem> {
        self.closed_days().await
    }

    /// Close the company on a day. Bookings on it stay.
    #[oai(path = "/closures", method = "post", operation_id = "create_closure")]
    async fn close(
        &self,
        agent: Agent,
        body: Json<ClosureBody>,
    ) -> Result<CreatedClosure, Problem> {
        let closure = Closure {
            date: date("date", &body.0.date)?,
            reason: reason(body.0.reason.as_ref())?,
        };
        self.0.close(closure, by(&agent.0)).await?;
        Ok(CreatedClosure::Created(self.closed_days().await?))
    }

    /// Open the company on a day it was closed.
    #[oai(
        path = "/closures/:date",
        method = "delete",
        operation_id = "delete_closure"
    )]
    async fn open_again(&self, agent: Agent, date: Path<String>) -> Result<Removed, Problem> {
        let day = self::date("date", &date.0)?;
        self.0.open_again(day, by(&agent.0)).await?;
        Ok(Removed::Removed)
    }

    /// What holds for all bookings.
    #[oai(
        path = "/settings",
        method = "get",
        operation_id = "get_booking_settings"
    )]
    async fn settings(&self, _agent: Agent) -> Result<Json<BookingSettings>, Problem> {
        Ok(Json(self.0.settings().await?))
    }

    /// Replace what holds for all bookings.
    #[oai(
        path = "/settings",
        method = "put",
        operation_id = "put_booking_settings"
    )]
    async fn set_settings(
        &self,
        owner: Owner,
        body: Json<BookingSettings>,
    ) -> Result<Json<BookingSettings>, Problem> {
        Ok(Json(self.0.set_settings(body.0, by(&owner.0)).await?))
    }
}

impl BookingSetupApi {
    async fn save_service(
        &self,
        principal: &Principal,
        id: i64,
        body: &ServiceBody,
        accept: Option<String>,
    ) -> Result<Json<ServiceView>, Problem> {
        let offer = body.offer(id)?;
        let lang = self.0.knowledge.request_lang(None, accept.as_deref())?;
        let offer = self.0.save_service(offer, by(principal)).await?;
        Ok(Json(ServiceView::new(&offer, lang)))
    }

    async fn change(
        &self,
        principal: &Principal,
        id: i64,
        change: impl FnOnce(&mut StaffMember) + Send + 'static,
    ) -> Result<Json<StaffView>, Problem> {
        let member = self.0.change_member(id, by(principal), change).await?;
        Ok(Json(StaffView::new(&member, Some(&self.0.links))))
    }

    async fn closed_days(&self) -> Result<Json<ClosureList>, Problem> {
        let closures = self.0.closures().await?;
        Ok(Json(ClosureList {
            closures: closures.iter().map(ClosureView::from).collect(),
            count: closures.len(),
        }))
    }
}

impl ServiceBody {
    /// The service it describes; the bounds are the service's own.
    fn offer(&self, id: i64) -> Result<Offer, FieldError> {
        let name = one_line("name", &self.name, NAME_MAX_CHARS)?;
        let own = self.names.clone().unwrap_or_default();
        for text in [&own.pl, &own.en, &own.de].into_iter().flatten() {
            one_line("names", text, NAME_MAX_CHARS)?;
        }
        let service = Service {
            id,
            names: own.or(&name),
            duration_min: self.duration_min,
            buffer_before_min: self.buffer_before_min,
            buffer_after_min: self.buffer_after_min,
            slot_step_min: self.slot_step_min,
            min_notice_min: self.min_notice_min,
            horizon_days: self.horizon_days,
            daily_cap: self.daily_cap,
            location_kind: self.location_kind,
            cancel_notice_min: self.cancel_notice_min,
            reschedule_notice_min: self.reschedule_notice_min,
            reminders: self.reminders.clone(),
        };
        Ok(Offer {
            service,
            is_active: self.is_active,
        })
    }
}

/// What was told of a member, checked.
struct Told {
    name: String,
    email: String,
    service_ids: Vec<i64>,
    user_id: Option<i64>,
    is_active: bool,
}

impl Told {
    fn parse(body: &StaffBody) -> Result<Self, Problem> {
        let mut service_ids = body.services.clone();
        service_ids.sort_unstable();
        service_ids.dedup();
        if service_ids.len() > SERVICES_MAX {
            let why = format!("must be {SERVICES_MAX} at most");
            return Err(FieldError::invalid("services", why).into());
        }
        let email = Email::parse(&body.email)?;
        Ok(Self {
            name: one_line("name", &body.name, NAME_MAX_CHARS)?,
            email: email.as_str().to_owned(),
            service_ids,
            user_id: body.user_id,
            is_active: body.is_active,
        })
    }

    /// The member with everything that was told.
    fn into_member(self, member: StaffMember) -> StaffMember {
        StaffMember {
            name: self.name,
            email: self.email,
            service_ids: self.service_ids,
            user_id: self.user_id,
            is_active: self.is_active,
            ..member
        }
    }
}

fn reason(text: Option<&JsonText>) -> Result<Option<String>, FieldError> {
    optional("reason", JsonText::filled(text), REASON_MAX_CHARS)
}
