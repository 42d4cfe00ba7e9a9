//! What the company decides once for all bookings.

use std::collections::BTreeMap;

use jiff::civil::Date;
use poem_openapi::Object;
use serde::{Deserialize, Serialize};

use super::FieldError;
use super::calendar::Calendar;
use super::demand::TravelTimes;
use super::limits::QuietHours;
use super::model::on_grain;
use crate::knowledge::{Company, KnowledgeError};
use crate::platform::db::{DbError, Tx};
use crate::platform::settings;

/// A week: later nobody remembers.
const FOLLOW_UP_MAX_H: u32 = 168;
const SETTINGS: &str = "bookings";
const CLOSURE_REASONS: &str = "booking_closure_reasons";

/// What holds for all bookings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Object)]
#[serde(deny_unknown_fields, default)]
#[oai(deny_unknown_fields)]
pub struct BookingSettings {
    /// Whether public holidays are days like others.
    pub works_on_holidays: bool,
    /// From when no reminder is sent, `HH:MM` on the company's clock.
    pub quiet_from: String,
    /// Until when.
    pub quiet_to: String,
    /// Minutes one way to areas, for visits on site; multiples of 5.
    pub travel: Vec<TravelTime>,
    /// Minutes one way to every other place.
    pub travel_elsewhere_min: u32,
    /// Hours after a visit at which its client is asked how it was, 1 to 168; nobody is asked without. Only clients who
    /// agreed to `email_marketing` get the letter.
    pub follow_up_after_h: Option<u32>,
}

/// How far an area is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
pub struct TravelTime {
    /// Its name; case and diacritics do not matter.
    pub area: String,
    /// Minutes one way.
    pub minutes: u32,
}

impl Default for BookingSettings {
    fn default() -> Self {
        Self {
            works_on_holidays: false,
            quiet_from: "21:00".into(),
            quiet_to: "08:00".into(),
            travel: Vec::new(),
            travel_elsewhere_min: 0,
            follow_up_after_h: None,
        }
    }
}

impl BookingSettings {
    /// Checks everything a reader relies on.
    pub fn checked(self) -> Result<Self, FieldError> {
        self.quiet_hours()?;
        self.travel_times()?;
        if self
            .follow_up_after_h
            .is_some_and(|hours| !(1..=FOLLOW_UP_MAX_H).contains(&hours))
        {
            return Err(FieldError::invalid(
                "follow_up_after_h",
                "must be from 1 to 168",
            ));
        }
        on_grain("travel_elsewhere_min", self.travel_elsewhere_min)?;
        for travel in &self.travel {
            on_grain("travel", travel.minutes)?;
        }
        Ok(self)
    }

    pub(super) fn load(tx: &mut dyn Tx) -> Result<Self, DbError> {
        Ok(settings::load(tx, SETTINGS)?.unwrap_or_default())
    }

    pub(super) fn save(&self, tx: &mut dyn Tx, now_ms: i64) -> Result<(), DbError> {
        settings::save(tx, SETTINGS, self, now_ms)
    }

    /// When nobody is disturbed.
    pub(super) fn quiet_hours(&self) -> Result<QuietHours, FieldError> {
        QuietHours::parse(&self.quiet_from, &self.quiet_to)
    }

    pub(super) fn travel_times(&self) -> Result<TravelTimes, FieldError> {
        let areas: Vec<(&str, u32)> = self
            .travel
            .iter()
            .map(|travel| (travel.area.as_str(), travel.minutes))
            .collect();
        TravelTimes::parse(&areas, self.travel_elsewhere_min)
    }

    /// When the company works at all.
    pub(super) fn calendar(&self, company: &Company) -> Result<Calendar, KnowledgeError> {
        Ok(Calendar {
            zone: company.zone()?,
            closures: company.closed_days()?.into_iter().collect(),
            works_on_holidays: self.works_on_holidays,
        })
    }
}

/// Why the company is closed on single days. The days themselves are facts of the company, which its opening hours
/// follow too; a reason whose day is gone says nothing.
pub(super) fn closure_reasons(tx: &mut dyn Tx) -> Result<BTreeMap<Date, String>, DbError> {
    Ok(settings::load(tx, CLOSURE_REASONS)?.unwrap_or_default())
}

pub(super) fn save_closure_reasons(
    tx: &mut dyn Tx,
    reasons: &BTreeMap<Date, String>,
    now_ms: i64,
) -> Result<(), DbError> {
    settings::save(tx, CLOSURE_REASONS, reasons, now_ms)
}
