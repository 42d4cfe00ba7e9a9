//! From events to counts. Pure: what a session is and did goes in, what is to be added to the counts comes out.
//!
//! A session's share in the counts follows from its own events alone, in their order. So it makes no difference in which
//! portions events are folded, and the share of a session that goes can be told from its events.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::counts::Count;
use super::days::{Step, day_of, quarter_of, start_ms};
use super::histogram::label_of;
use super::interests::shows_interest;
use super::model::{Event, Metric, Outcome};
use super::origin::Origin;
use super::sentiment;

/// A pause from which on a visitor was away.
const PAUSE_MS: i64 = 30 * 60 * 1000;
/// Sums are kept in parts of this size, so that they are exact whatever the order they are added in.
const PARTS: f64 = 1024.0;
/// Messages of a visitor who has begun to talk.
const TALK_MESSAGES: i64 = 3;
/// Label of what is not known.
const UNKNOWN: &str = "unknown";

/// Status of a lead that became a client.
const CONVERTED: &str = "converted";

/// How far a session came.
pub const STAGES: [&str; 5] = ["visit", "engaged", "interest", "contact", "converted"];
const VISIT: i64 = 1;
const ENGAGED: i64 = 2;
const INTERESTED: i64 = 3;
const CONTACT: i64 = 4;
const CLIENT: i64 = 5;

/// A session: what it is, and how far its events are counted.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Session {
    pub(super) id: i64,
    pub(super) lang: String,
    pub(super) device: String,
    pub(super) browser: String,
    pub(super) first: Origin,
    pub(super) started_at_ms: i64,
    pub(super) so_far: SoFar,
}

/// What a session did, as far as counted.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SoFar {
    pub(super) last: Origin,
    pub(super) messages: i64,
    pub(super) active_ms: i64,
    pub(super) stage: i64,
    pub(super) first_active_day: Option<i64>,
    pub(super) last_active_day: Option<i64>,
    pub(super) last_message_at_ms: Option<i64>,
    pub(super) last_at_ms: i64,
}

impl SoFar {
    /// Nothing is counted yet.
    pub(super) fn nothing(first: &Origin, started_at_ms: i64) -> Self {
        Self {
            last: first.clone(),
            messages: 0,
            active_ms: 0,
            stage: VISIT,
            first_active_day: None,
            last_active_day: None,
            last_message_at_ms: None,
            last_at_ms: started_at_ms,
        }
    }
}

/// What is counted: metric, beginning of the quarter, label.
pub(super) type Key = (Metric, i64, String);

/// Sums what events add to the counts.
pub(super) struct Fold<'z> {
    zone: &'z TimeZone,
    /// What is to be added.
    pub(super) deltas: BTreeMap<Key, Count>,
}

/// Metrics by source, campaign and page.
type ByOrigin = [Metric; 3];

const SESSIONS: ByOrigin = [
    Metric::SessionsBySource,
    Metric::SessionsByCampaign,
    Metric::SessionsByPage,
];
const SESSIONS_LAST: ByOrigin = [
    Metric::SessionsByLastSource,
    Metric::SessionsByLastCampaign,
    Metric::SessionsByLastPage,
];
const LEADS: [ByOrigin; 2] = [
    [
        Metric::LeadsBySource,
        Metric::LeadsByCampaign,
        Metric::LeadsByPage,
    ],
    [
        Metric::LeadsByLastSource,
        Metric::LeadsByLastCampaign,
        Metric::LeadsByLastPage,
    ],
];
const CONVERSIONS: [ByOrigin; 2] = [
    [
        Metric::ConvertedBySource,
        Metric::ConvertedByCampaign,
        Metric::ConvertedByPage,
    ],
    [
        Metric::ConvertedByLastSource,
        Metric::ConvertedByLastCampaign,
        Metric::ConvertedByLastPage,
    ],
];
const BOOKINGS: [ByOrigin; 2] = [
    [
        Metric::BookingsBySource,
        Metric::BookingsByCampaign,
        Metric::BookingsByPage,
    ],
    [
        Metric::BookingsByLastSource,
        Metric::BookingsByLastCampaign,
        Metric::BookingsByLastPage,
    ],
];
const COHORTS: [(Step, Metric); 3] = [
    (Step::Day, Metric::CohortDays),
    (Step::Week, Metric::CohortWeeks),
    (Step::Month, Metric::CohortMonths),
];

/// What is to be known of a visitor's message.
struct Said<'e> {
    intent: Option<&'e str>,
    confidence: Option<f64>,
    outcome: Outcome,
    sentiment: Option<f64>,
    answer_ms: Option<i64>,
}

impl<'z> Fold<'z> {
    /// Nothing is to be added yet.
    pub(super) fn new(zone: &'z TimeZone) -> Self {
        Self {
            zone,
            deltas: BTreeMap::new(),
        }
    }

    /// Counts an event, which comes after all of its session that were counted before.
    pub(super) fn event(&mut self, at_ms: i64, mut session: Option<&mut Session>, event: &Event) {
        if let Some(session) = session.as_deref_mut() {
            session.so_far.last_at_ms = at_ms;
        }
        match event {
            Event::SessionStarted => self.started(at_ms, session),
            Event::Touched {
                source,
                campaign,
                path,
            } => {
                if let Some(session) = session {
                    let origin = Origin {
                        source: source.clone(),
                        campaign: campaign.clone(),
                        path: path.clone(),
                    };
                    self.touched(session, origin);
                }
            }
            Event::Turn {
                intent,
                confidence,
                outcome,
                sentiment,
                answer_ms,
            } => {
                let said = Said {
                    intent: intent.as_deref(),
                    confidence: *confidence,
                    outcome: *outcome,
                    sentiment: *sentiment,
                    answer_ms: *answer_ms,
                };
                self.turn(at_ms, session, &said);
            }
            Event::AnsweredLate {
                turn_at_ms,
                intent,
                missed,
                by_model,
                answer_ms,
            } => {
                self.answered(at_ms, *answer_ms);
                if *by_model {
                    self.model_knew(*turn_at_ms, intent.as_deref(), *missed);
                }
            }
            Event::HandedOff => self.one(Metric::HandOffs, at_ms, ""),
            Event::PersonWrote => self.one(Metric::Messages, at_ms, "agent"),
            Event::PersonAnswered { waited_ms } => {
                self.one(Metric::Messages, at_ms, "agent");
                self.time(Metric::PersonTimes, at_ms, *waited_ms);
            }
            other => self.business(at_ms, session, other),
        }
    }

    /// What leads, quotes, visits, ratings and searches add.
    fn business(&mut self, at_ms: i64, session: Option<&mut Session>, event: &Event) {
        match event {
            Event::LeadLeft {
                source,
                package,
                property_type,
                ..
            } => {
                let known = |word: &Option<String>| word.clone().unwrap_or_else(|| UNKNOWN.into());
                self.one(Metric::Leads, at_ms, source.as_str());
                self.one(Metric::LeadsByPackage, at_ms, &known(package));
                self.one(Metric::LeadsByPropertyType, at_ms, &known(property_type));
                self.by_origin(LEADS, at_ms, session.as_deref(), 1, 0.0);
                self.reached(session, CONTACT);
            }
            Event::LeadStatus {
                from, to, value, ..
            } => {
                self.one(Metric::LeadStatuses, at_ms, to);
                let value = value.unwrap_or_default();
                // A client who was none after all is taken back.
                if from == CONVERTED && to != CONVERTED {
                    self.by_origin(CONVERSIONS, at_ms, session.as_deref(), -1, -value);
                }
                if to == CONVERTED && from != CONVERTED {
                    self.by_origin(CONVERSIONS, at_ms, session.as_deref(), 1, value);
                    self.reached(session, CLIENT);
                }
            }
            Event::QuoteGiven { .. } => self.one(Metric::Quotes, at_ms, ""),
            Event::QuoteAccepted { value, .. } => {
                self.add(Metric::QuotesAccepted, at_ms, "", 1, *value);
            }
            Event::Booked { service_id, .. } => {
                self.one(Metric::Bookings, at_ms, &service_id.to_string());
                self.by_origin(BOOKINGS, at_ms, session.as_deref(), 1, 0.0);
                self.reached(session, CONTACT);
            }
            Event::BookingCancelled { .. } => self.one(Metric::BookingsLost, at_ms, "cancelled"),
            Event::NoShow { .. } => self.one(Metric::BookingsLost, at_ms, "no_show"),
            Event::ConversationRated { rating, before } => {
                self.rated(Metric::ConversationRatings, at_ms, *rating, *before);
            }
            Event::VisitRated { rating, before } => {
                self.rated(Metric::VisitRatings, at_ms, *rating, *before);
            }
            Event::Searched { found } => {
                let label = if *found { "found" } else { "nothing" };
                self.one(Metric::Searches, at_ms, label);
            }
            Event::SearchesCounted { found, nothing } => {
                self.add(Metric::Searches, at_ms, "found", *found, 0.0);
                self.add(Metric::Searches, at_ms, "nothing", *nothing, 0.0);
            }
            Event::SessionStarted
            | Event::Touched { .. }
            | Event::Turn { .. }
            | Event::AnsweredLate { .. }
            | Event::HandedOff
            | Event::PersonWrote
            | Event::PersonAnswered { .. } => {}
        }
    }

    fn add(&mut self, metric: Metric, at_ms: i64, label: &str, count: i64, total: f64) {
        let key = (metric, quarter_of(at_ms), label.to_owned());
        let delta = self.deltas.entry(key).or_default();
        delta.count += count;
        delta.total += (total * PARTS).round() / PARTS;
    }

    fn one(&mut self, metric: Metric, at_ms: i64, label: &str) {
        self.add(metric, at_ms, label, 1, 0.0);
    }

    fn time(&mut self, metric: Metric, at_ms: i64, ms: i64) {
        // A clock that was put back makes no time negative.
        let ms = ms.max(0);
        self.add(metric, at_ms, &label_of(ms), 1, ms as f64);
    }

    fn labels(&mut self, metrics: ByOrigin, at_ms: i64, origin: &Origin, count: i64, total: f64) {
        let labels = [&origin.source, &origin.campaign, &origin.path];
        for (metric, label) in metrics.into_iter().zip(labels) {
            self.add(metric, at_ms, label, count, total);
        }
    }

    /// By first and last touch; by no known one without a session.
    fn by_origin(
        &mut self,
        metrics: [ByOrigin; 2],
        at_ms: i64,
        session: Option<&Session>,
        count: i64,
        total: f64,
    ) {
        let nowhere = Origin {
            source: UNKNOWN.into(),
            ..Origin::direct()
        };
        let origins = match session {
            Some(session) => [session.first.clone(), session.so_far.last.clone()],
            None => [nowhere.clone(), nowhere],
        };
        for (metrics, origin) in metrics.into_iter().zip(&origins) {
            self.labels(metrics, at_ms, origin, count, total);
        }
    }

    fn started(&mut self, at_ms: i64, session: Option<&mut Session>) {
        self.one(Metric::Sessions, at_ms, "");
        let Some(session) = session else { return };
        session.so_far = SoFar::nothing(&session.first, at_ms);
        self.one(Metric::SessionsByDevice, at_ms, &session.device);
        self.one(Metric::SessionsByBrowser, at_ms, &session.browser);
        self.one(Metric::SessionsByLang, at_ms, &session.lang);
        self.labels(SESSIONS, at_ms, &session.first, 1, 0.0);
        self.labels(SESSIONS_LAST, at_ms, &session.so_far.last, 1, 0.0);
        self.one(Metric::Stages, at_ms, &VISIT.to_string());
    }

    fn touched(&mut self, session: &mut Session, origin: Origin) {
        let at_ms = session.started_at_ms;
        self.labels(SESSIONS_LAST, at_ms, &session.so_far.last, -1, 0.0);
        self.labels(SESSIONS_LAST, at_ms, &origin, 1, 0.0);
        session.so_far.last = origin;
    }

    fn turn(&mut self, at_ms: i64, session: Option<&mut Session>, said: &Said<'_>) {
        self.one(Metric::Messages, at_ms, "user");
        if let Some(answer_ms) = said.answer_ms {
            self.answered(at_ms, answer_ms);
        }
        self.one(Metric::Outcomes, at_ms, said.outcome.as_str());
        if let Some(intent) = said.intent {
            let confidence = said.confidence.unwrap_or_default();
            self.add(Metric::Intents, at_ms, intent, 1, confidence);
            if matches!(said.outcome, Outcome::Fallback | Outcome::Unsure) {
                self.one(Metric::IntentsMissed, at_ms, intent);
            }
        }
        if let Some(mood) = said.sentiment {
            let label = sentiment::class(mood).as_str();
            self.add(Metric::Sentiments, at_ms, label, 1, mood);
        }
        if let Some(session) = session {
            self.active(at_ms, session);
            let is_interest = said.intent.is_some_and(shows_interest);
            if is_interest && said.outcome == Outcome::Answered {
                self.reached(Some(session), INTERESTED);
            } else if session.so_far.messages >= TALK_MESSAGES {
                self.reached(Some(session), ENGAGED);
            }
        }
    }

    /// The time a visitor is there, and the days on which they are.
    fn active(&mut self, at_ms: i64, session: &mut Session) {
        let so_far = &mut session.so_far;
        so_far.messages += 1;
        if so_far.messages == 1 {
            self.one(Metric::Conversations, at_ms, "");
        }
        if let Some(before_ms) = so_far.last_message_at_ms.replace(at_ms) {
            let gap_ms = at_ms - before_ms;
            let active_ms = if (0..PAUSE_MS).contains(&gap_ms) {
                gap_ms
            } else {
                0
            };
            so_far.active_ms += active_ms;
            let is_second = i64::from(so_far.messages == 2);
            let started_ms = session.started_at_ms;
            self.add(
                Metric::ActiveTime,
                started_ms,
                "",
                is_second,
                active_ms as f64,
            );
        }
        let day = day_of(at_ms, self.zone);
        let so_far = &mut session.so_far;
        let first = *so_far.first_active_day.get_or_insert(day);
        let last = so_far.last_active_day;
        if last.is_some_and(|last| day <= last) {
            return;
        }
        so_far.last_active_day = Some(day);
        let first_ms = start_ms(first, self.zone);
        for (step, metric) in COHORTS {
            if last.is_none_or(|last| step.of(last) != step.of(day)) {
                let after = step.of(day) - step.of(first);
                self.one(metric, first_ms, &after.to_string());
            }
        }
    }

    fn answered(&mut self, at_ms: i64, answer_ms: i64) {
        self.one(Metric::Messages, at_ms, "bot");
        self.time(Metric::AnswerTimes, at_ms, answer_ms);
    }

    /// A turn that had no answer has one after all.
    fn model_knew(&mut self, turn_at_ms: i64, intent: Option<&str>, missed: Outcome) {
        self.add(Metric::Outcomes, turn_at_ms, missed.as_str(), -1, 0.0);
        self.one(Metric::Outcomes, turn_at_ms, Outcome::Answered.as_str());
        if let Some(intent) = intent {
            self.add(Metric::IntentsMissed, turn_at_ms, intent, -1, 0.0);
        }
    }

    fn rated(&mut self, metric: Metric, at_ms: i64, rating: i64, before: Option<i64>) {
        if let Some(before) = before {
            self.add(metric, at_ms, &before.to_string(), -1, -(before as f64));
        }
        self.add(metric, at_ms, &rating.to_string(), 1, rating as f64);
    }

    /// Moves a session to a stage it had not come to.
    fn reached(&mut self, session: Option<&mut Session>, stage: i64) {
        let Some(session) = session else { return };
        let before = session.so_far.stage;
        if stage <= before {
            return;
        }
        session.so_far.stage = stage;
        let at_ms = session.started_at_ms;
        self.add(Metric::Stages, at_ms, &before.to_string(), -1, 0.0);
        self.one(Metric::Stages, at_ms, &stage.to_string());
    }
}

#[cfg(test)]
#[path = "fold_tests.rs"]
mod tests;
