//! What the model sees of a session. Pure.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::analytics::interests;
use crate::analytics::model::{Event, Outcome};

const SEARCH_ENGINES: [&str; 6] = ["google", "bing", "duckduckgo", "ecosia", "yahoo", "seznam"];
/// Hours of the day in which people work, on the company's clock.
const WORKING_HOURS: std::ops::Range<i8> = 8..18;

/// Names of the features, in the order of [`Session::features`].
pub const FEATURES: [&str; 15] = [
    "messages_log",
    "asked_price",
    "asked_services",
    "asked_visit",
    "missed_share",
    "handed_off",
    "mood",
    "lang_en",
    "lang_de",
    "mobile",
    "outside_working_hours",
    "weekend",
    "from_campaign",
    "from_search",
    "direct",
];

/// A session with what happened in it. What shows that somebody has become a client, or is about to, is no feature:
/// leads, bookings, quotes.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Session {
    pub(super) id: i64,
    pub(super) lang: String,
    pub(super) device: String,
    pub(super) source: String,
    pub(super) campaign: String,
    pub(super) started_at_ms: i64,
    pub(super) done: Done,
}

/// What happened in a session.
#[allow(clippy::struct_excessive_bools)] // each is a feature of its own
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Done {
    turns: u32,
    missed: u32,
    asked_price: bool,
    asked_services: bool,
    asked_visit: bool,
    handed_off: bool,
    mood_sum: f64,
    moods: u32,
    /// When it first became known that the visitor is a client.
    pub(super) converted_at_ms: Option<i64>,
}

impl Done {
    /// Takes note of what happened.
    pub(super) fn note(&mut self, event: &Event, at_ms: i64) {
        match event {
            Event::Turn {
                intent,
                outcome,
                sentiment,
                ..
            } => {
                self.turns += 1;
                self.missed += u32::from(*outcome == Outcome::Fallback);
                if let Some(mood) = sentiment {
                    self.mood_sum += mood;
                    self.moods += 1;
                }
                let intent = intent.as_deref().unwrap_or_default();
                self.asked_price |= interests::PRICES.contains(&intent);
                self.asked_services |= interests::SERVICES.contains(&intent);
                self.asked_visit |= intent == interests::VISIT;
            }
            Event::HandedOff => self.handed_off = true,
            Event::LeadStatus { to, .. } if to == "converted" => {
                self.converted_at_ms.get_or_insert(at_ms);
            }
            Event::QuoteAccepted { .. } => {
                self.converted_at_ms.get_or_insert(at_ms);
            }
            _ => {}
        }
    }
}

impl Session {
    /// The numbers the model is fitted to.
    pub(super) fn features(&self, zone: &TimeZone) -> Vec<f64> {
        let is = |fact: bool| f64::from(u8::from(fact));
        let share = |part: f64, of: u32| if of == 0 { 0.0 } else { part / f64::from(of) };
        let began = Timestamp::from_millisecond(self.started_at_ms).unwrap_or_default();
        let began = zone.to_datetime(began);
        let is_weekend = began.date().weekday().to_monday_zero_offset() >= 5;
        let source = self.source.as_str();
        let is_search = SEARCH_ENGINES.iter().any(|engine| source.contains(engine));
        vec![
            f64::from(self.done.turns).ln_1p(),
            is(self.done.asked_price),
            is(self.done.asked_services),
            is(self.done.asked_visit),
            share(f64::from(self.done.missed), self.done.turns),
            is(self.done.handed_off),
            share(self.done.mood_sum, self.done.moods),
            is(self.lang == "en"),
            is(self.lang == "de"),
            is(matches!(self.device.as_str(), "phone" | "tablet")),
            is(!WORKING_HOURS.contains(&began.hour())),
            is(is_weekend),
            is(!self.campaign.is_empty()),
            is(self.campaign.is_empty() && is_search),
            is(self.campaign.is_empty() && source == "direct"),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(intent: &str, outcome: Outcome, sentiment: Option<f64>) -> Event {
        Event::Turn {
            intent: Some(intent.into()),
            confidence: None,
            outcome,
            sentiment,
            answer_ms: None,
        }
    }

    #[test]
    fn a_session_is_seen_by_what_was_asked_and_when_on_the_company_s_clock() {
        // A Saturday, 23:30 in Warsaw.
        let began: Timestamp = "2026-11-21T22:30:00Z".parse().unwrap();
        let mut session = Session {
            lang: "de".into(),
            device: "phone".into(),
            source: "google.com".into(),
            started_at_ms: began.as_millisecond(),
            ..Session::default()
        };
        session
            .done
            .note(&turn("price", Outcome::Answered, Some(0.5)), 1);
        session.done.note(&turn("x", Outcome::Fallback, None), 2);
        session.done.note(&Event::HandedOff, 3);
        let zone = TimeZone::get("Europe/Warsaw").unwrap();
        let features = session.features(&zone);
        assert_eq!(features.len(), FEATURES.len());
        let of = |name: &str| features[FEATURES.iter().position(|it| *it == name).unwrap()];
        assert!((of("messages_log") - 3.0_f64.ln()).abs() < 1e-12);
        for (name, value) in [
            ("asked_price", 1.0),
            ("asked_services", 0.0),
            ("missed_share", 0.5),
            ("handed_off", 1.0),
            ("mood", 0.5),
            ("lang_de", 1.0),
            ("lang_en", 0.0),
            ("mobile", 1.0),
            ("outside_working_hours", 1.0),
            ("weekend", 1.0),
            ("from_search", 1.0),
            ("direct", 0.0),
        ] {
            assert!((of(name) - value).abs() < 1e-12, "{name}: {}", of(name));
        }
    }

    #[test]
    fn a_visitor_is_a_client_from_the_first_sign_of_it() {
        let mut session = Session::default();
        let status = |to: &str| Event::LeadStatus {
            lead_id: 1,
            from: "new".into(),
            to: to.into(),
            value: None,
        };
        session.done.note(&status("contacted"), 10);
        assert_eq!(session.done.converted_at_ms, None);
        session.done.note(
            &Event::QuoteAccepted {
                quote_id: 1,
                value: 1.0,
            },
            20,
        );
        session.done.note(&status("converted"), 30);
        assert_eq!(session.done.converted_at_ms, Some(20));
    }
}
