//! What the team sends to set bookings up, and how it is read.

use poem_openapi::Object;
use poem_openapi::types::Example;

use super::FieldError;
use super::hours::HoursEntry;
use super::http::{one_line, optional};
use super::model::{
    DEFAULT_CHANGE_NOTICE_MIN, DEFAULT_REMINDERS, LocationKind, ReminderRule, Service, StaffMember,
};
use super::store::setup::Offer;
use super::views::Names;
use crate::leads::Email;
use crate::platform::http::{JsonText, Problem};

const NAME_MAX_CHARS: usize = 200;
const REASON_MAX_CHARS: usize = 200;
const SERVICES_MAX: usize = 100;

/// Something that can be booked. All lengths are minutes, multiples of 5.
#[derive(Debug, Object)]
#[oai(example)]
pub(super) struct ServiceBody {
    /// One line, 1 to 200 characters.
    pub(super) name: JsonText,
    /// The name in single languages; `name` counts where one is missing.
    pub(super) names: Option<Names>,
    /// 5 minutes to 24 hours.
    pub(super) duration_min: u32,
    /// Time kept free before it, 8 hours at most.
    #[oai(default)]
    pub(super) buffer_before_min: u32,
    /// Time kept free after it, 8 hours at most.
    #[oai(default)]
    pub(super) buffer_after_min: u32,
    /// From one possible beginning to the next.
    #[oai(default = "half_an_hour")]
    pub(super) slot_step_min: u32,
    /// How long before its beginning it can be booked at the latest, 60 days at most.
    #[oai(default)]
    pub(super) min_notice_min: u32,
    /// How many days after today can be booked, 1 to 730.
    #[oai(default = "two_months")]
    pub(super) horizon_days: u32,
    /// Bookings a member takes on one day, 1 to 500; without it as many as fit.
    pub(super) daily_cap: Option<u32>,
    #[oai(default = "office")]
    pub(super) location_kind: LocationKind,
    /// How long before its beginning a client may cancel at the latest, 30 days at most.
    #[oai(default = "half_a_day")]
    pub(super) cancel_notice_min: u32,
    /// How long before its beginning a client may move it at the latest, 30 days at most.
    #[oai(default = "half_a_day")]
    pub(super) reschedule_notice_min: u32,
    /// Reminders of every booking, 10 at most.
    #[oai(default = "usual_reminders")]
    pub(super) reminders: Vec<ReminderRule>,
    /// False: no longer offered.
    #[oai(default = "yes")]
    pub(super) is_active: bool,
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
pub(super) struct StaffBody {
    /// What clients see: one line, 1 to 200 characters.
    pub(super) name: JsonText,
    /// Where invitations go.
    pub(super) email: JsonText,
    /// Ids of the services they do.
    #[oai(default)]
    pub(super) services: Vec<i64>,
    /// Their account, if they have one.
    pub(super) user_id: Option<i64>,
    /// False: takes no new bookings.
    #[oai(default = "yes")]
    pub(super) is_active: bool,
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
pub(super) struct HoursBody {
    /// In any order; what is not named is free.
    pub(super) hours: Vec<HoursEntry>,
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
pub(super) struct TimeOffBody {
    /// RFC 3339, or without an offset what the company's clock shows.
    pub(super) from: JsonText,
    /// The same; no longer part of it.
    pub(super) to: JsonText,
    /// For the team, at most 200 characters.
    pub(super) reason: Option<JsonText>,
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
pub(super) struct ClosureBody {
    /// `YYYY-MM-DD`.
    pub(super) date: JsonText,
    /// At most 200 characters.
    pub(super) reason: Option<JsonText>,
}

impl Example for ClosureBody {
    fn example() -> Self {
        Self {
            date: JsonText("2026-12-31".into()),
            reason: Some(JsonText("Inwentaryzacja".into())),
        }
    }
}

impl ServiceBody {
    /// The service it describes; the bounds are the service's own.
    pub(super) fn offer(&self, id: i64) -> Result<Offer, FieldError> {
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
pub(super) struct Told {
    pub(super) name: String,
    pub(super) email: String,
    pub(super) service_ids: Vec<i64>,
    pub(super) user_id: Option<i64>,
    pub(super) is_active: bool,
}

impl Told {
    pub(super) fn parse(body: &StaffBody) -> Result<Self, Problem> {
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
    pub(super) fn into_member(self, member: StaffMember) -> StaffMember {
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

pub(super) fn reason(text: Option<&JsonText>) -> Result<Option<String>, FieldError> {
    optional("reason", JsonText::filled(text), REASON_MAX_CHARS)
}
