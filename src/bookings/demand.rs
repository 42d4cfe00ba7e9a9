//! The time a visit takes of a member's day, with the way to the client.

use super::FieldError;
use super::model::{Interval, LocationKind, NAME_MAX_CHARS, Service, minutes_ms, within};
use crate::platform::folding::folded;
use crate::platform::http::clean_text;

const MAX_AREAS: usize = 500;

/// How far the client's areas are, for visits on site.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TravelTimes {
    areas: Vec<(String, u32)>,
    elsewhere_min: u32,
}

impl TravelTimes {
    /// Names of areas with minutes one way, and what counts for every other place.
    ///
    /// Errors: more than 500 areas, an empty name or one given twice, more than 8 hours.
    pub fn parse(areas: &[(&str, u32)], elsewhere_min: u32) -> Result<Self, FieldError> {
        if areas.len() > MAX_AREAS {
            return Err(FieldError::invalid(
                "areas",
                format!("must be {MAX_AREAS} at most"),
            ));
        }
        within("elsewhere_min", elsewhere_min, 0..=480)?;
        let mut known: Vec<(String, u32)> = Vec::with_capacity(areas.len());
        for (name, minutes) in areas {
            within("areas", *minutes, 0..=480)?;
            let name =
                clean_text(name, NAME_MAX_CHARS).map_err(|why| FieldError::Text("areas", why))?;
            known.push((folded(&name), *minutes));
        }
        known.sort_unstable();
        if known.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return Err(FieldError::invalid("areas", "must not hold one twice"));
        }
        Ok(Self {
            areas: known,
            elsewhere_min,
        })
    }

    /// Minutes one way to an area, however it is spelled ("Łódź", "lodz"); `None`: not known where.
    pub fn minutes_to(&self, area: Option<&str>) -> u32 {
        let Some(area) = area.map(|name| folded(name.trim())) else {
            return self.elsewhere_min;
        };
        self.areas
            .binary_search_by(|(name, _)| name.as_str().cmp(&area))
            .map_or(self.elsewhere_min, |index| self.areas[index].1)
    }
}

/// The time a visit takes of a member's day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demand {
    /// Kept free before it.
    pub before_min: u32,
    /// The visit itself.
    pub duration_min: u32,
    /// Kept free after it.
    pub after_min: u32,
}

impl Demand {
    /// What a visit takes. Travel (minutes one way) counts for visits on site alone, on both sides and on top of the
    /// buffers: the way home comes after tidying up.
    pub fn of(service: &Service, travel_min: u32) -> Self {
        let travel_min = match service.location_kind {
            LocationKind::OnSite => travel_min,
            LocationKind::Office | LocationKind::Phone | LocationKind::Video => 0,
        };
        Self {
            before_min: service.buffer_before_min + travel_min,
            duration_min: service.duration_min,
            after_min: service.buffer_after_min + travel_min,
        }
    }

    /// When a visit that begins then ends.
    pub fn end_ms(self, start_ms: i64) -> i64 {
        start_ms + minutes_ms(self.duration_min)
    }

    /// The visit with what is kept free around it. Of two visits of a member these must not overlap: the earlier one's
    /// time after and the later one's time before both stand.
    pub fn busy(self, start_ms: i64) -> Interval {
        Interval {
            from_ms: start_ms - minutes_ms(self.before_min),
            to_ms: self.end_ms(start_ms) + minutes_ms(self.after_min),
        }
    }
}

#[cfg(test)]
#[path = "demand_tests.rs"]
mod tests;
