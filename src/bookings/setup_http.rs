//! /api/booking: what can be booked and who; for the team the set-up of services, staff, hours, time off, closures and
//! settings.

use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};

use super::hours::WeeklyHours;
use super::http::date;
use super::model::StaffMember;
use super::service::{Bookings, Start};
use super::settings::BookingSettings;
use super::setup::{By, Closure};
use super::setup_bodies::{
    ClosureBody, HoursBody, ServiceBody, StaffBody, TimeOffBody, Told, reason,
};
use super::views::{ClosureView, ServiceView, StaffView, TimeOffView};
use super::{BookingError, Section};
use crate::platform::clock::now_ms;
use crate::platform::http::{Agent, Caller, Owner, Principal, Problem};

/// The endpoints.
pub struct BookingSetupApi(pub Bookings);

#[derive(Debug, Object)]
struct ServiceList {
    services: Vec<ServiceView>,
    count: usize,
}

#[derive(Debug, Object)]
struct StaffList {
    staff: Vec<StaffView>,
    count: usize,
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
    /// What can be booked.
    #[oai(
        path = "/services",
        method = "get",
        operation_id = "list_booking_services"
    )]
    async fn services(
        &self,
        caller: Caller,
        #[oai(name = "Accept-Language")] accept: Header<Option<String>>,
        /// `pl`, `en` or `de`; else `Accept-Language` decides.
        lang: Query<Option<String>>,
        /// The team's: also what is no longer offered.
        all: Query<Option<bool>>,
    ) -> Result<Json<ServiceList>, Problem> {
        let lang = lang.0.as_deref();
        let lang = self.0.knowledge.request_lang(lang, accept.0.as_deref())?;
        let sees_all = caller.is_agent() && all.0.unwrap_or(false);
        let mut offers = self.0.services().await?;
        offers.retain(|offer| offer.is_active || sees_all);
        let services: Vec<ServiceView> = offers
            .iter()
            .map(|offer| ServiceView::new(offer, lang))
            .collect();
        Ok(Json(ServiceList {
            count: services.len(),
            services,
        }))
    }

    /// Who can be booked.
    #[oai(path = "/staff", method = "get", operation_id = "list_booking_staff")]
    async fn staff(&self, caller: Caller) -> Result<Json<StaffList>, Problem> {
        let links = caller.is_agent().then_some(self.0.links.as_ref());
        let staff: Vec<StaffView> = self
            .0
            .staff()
            .await?
            .iter()
            .filter(|member| member.is_active || links.is_some())
            .map(|member| StaffView::new(member, links))
            .collect();
        Ok(Json(StaffList {
            count: staff.len(),
            staff,
        }))
    }

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
            return Err(BookingError::NotFound("service").into());
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
