//! The way of one visitor.

use poem_openapi::Object;

use super::rounded;
use crate::analytics::fold::{STAGES, Session};
use crate::analytics::model::{Event, Outcome};
use crate::analytics::store::{self, Recorded};
use crate::platform::clock::to_rfc3339;
use crate::platform::db::{DbError, Tx};

/// Mood below which somebody should look after a visitor, from -1 to 1.
const UNHAPPY: f64 = -0.4;

/// A message as it was understood.
#[derive(Debug, Object)]
#[oai(rename = "AnalyticsJourneyIntent")]
struct IntentAt {
    intent: String,
    /// 0 to 1.
    confidence: Option<f64>,
    /// `answered`, `unsure`, `fallback` or `with_person`.
    outcome: String,
    /// RFC 3339.
    timestamp: String,
}

/// The mood of a message.
#[derive(Debug, Object)]
#[oai(rename = "AnalyticsJourneyMood")]
struct MoodAt {
    /// -1 (negative) to 1 (positive).
    score: f64,
    /// RFC 3339.
    timestamp: String,
}

/// Something that happened.
#[derive(Debug, Object)]
#[oai(rename = "AnalyticsJourneyEvent")]
struct EventAt {
    /// Its name, e.g. `lead_left`.
    event: String,
    /// RFC 3339.
    timestamp: String,
}

/// What a visitor did, in order.
#[derive(Debug, Object)]
#[oai(rename = "AnalyticsJourney")]
pub(in crate::analytics) struct Journey {
    session_id: String,
    /// Of the visitor, the assistant and the team.
    total_messages: i64,
    /// Pauses of 30 minutes and more are left out.
    duration_seconds: f64,
    /// `visit`, `engaged`, `interest`, `contact` or `converted`.
    stage: String,
    device: String,
    /// Of the first touch.
    source: String,
    /// Of the first touch; empty: none.
    campaign: String,
    /// Path of the first page; empty: not known.
    page: String,
    intents_timeline: Vec<IntentAt>,
    sentiment_trend: Vec<MoodAt>,
    events: Vec<EventAt>,
    /// How likely the visitor becomes a client, 0 to 1; null while too little is known to tell.
    pub(in crate::analytics) conversion_probability: Option<f64>,
    /// What the team could do next.
    recommendations: Vec<String>,
}

impl Journey {
    /// The way of a session whose events are counted; `None`: it is gone.
    pub(in crate::analytics) fn load(
        tx: &mut dyn Tx,
        session_id: String,
        id: i64,
    ) -> Result<Option<Self>, DbError> {
        let Some(session) = store::session(tx, id)? else {
            return Ok(None);
        };
        let events = store::events_of(tx, id)?;
        Ok(Some(Self::of(session_id, session, &events)))
    }

    fn of(session_id: String, session: Session, recorded: &[Recorded]) -> Self {
        let mut journey = Self {
            session_id,
            total_messages: 0,
            duration_seconds: rounded(session.so_far.active_ms as f64 / 1000.0),
            stage: STAGES[stage_index(session.so_far.stage)].to_owned(),
            device: session.device,
            source: session.first.source,
            campaign: session.first.campaign,
            page: session.first.path,
            intents_timeline: Vec::new(),
            sentiment_trend: Vec::new(),
            events: Vec::new(),
            conversion_probability: None,
            recommendations: Vec::new(),
        };
        for recorded in recorded {
            if let Some(event) = &recorded.event {
                journey.add(event, &to_rfc3339(recorded.at_ms));
            }
        }
        let found = recommendations(session.so_far.stage, recorded);
        journey.recommendations = found.into_iter().map(str::to_owned).collect();
        journey
    }

    fn add(&mut self, event: &Event, timestamp: &str) {
        match event {
            Event::Turn {
                intent,
                confidence,
                outcome,
                sentiment,
                answer_ms,
            } => {
                self.total_messages += 1 + i64::from(answer_ms.is_some());
                if let Some(intent) = intent {
                    self.intents_timeline.push(IntentAt {
                        intent: intent.clone(),
                        confidence: *confidence,
                        outcome: outcome.as_str().to_owned(),
                        timestamp: timestamp.to_owned(),
                    });
                }
                if let Some(score) = sentiment {
                    self.sentiment_trend.push(MoodAt {
                        score: *score,
                        timestamp: timestamp.to_owned(),
                    });
                }
            }
            Event::AnsweredLate { .. } | Event::PersonWrote | Event::PersonAnswered { .. } => {
                self.total_messages += 1;
            }
            _ => {}
        }
        if !matches!(event, Event::Turn { .. }) {
            self.events.push(EventAt {
                event: event.kind().to_owned(),
                timestamp: timestamp.to_owned(),
            });
        }
    }
}

fn stage_index(stage: i64) -> usize {
    usize::try_from(stage - 1)
        .unwrap_or(0)
        .min(STAGES.len() - 1)
}

/// What the team could do next, the most urgent first.
fn recommendations(stage: i64, recorded: &[Recorded]) -> Vec<&'static str> {
    let events: Vec<&Event> = recorded.iter().filter_map(|r| r.event.as_ref()).collect();
    let has = |check: fn(&Event) -> bool| events.iter().any(|event| check(event));
    let last_mood = events.iter().rev().find_map(|event| match event {
        Event::Turn { sentiment, .. } => *sentiment,
        _ => None,
    });
    let missed = events.iter().rev().find_map(|event| match event {
        Event::Turn { outcome, .. } => Some(*outcome == Outcome::Fallback),
        _ => None,
    });
    let mut found = Vec::new();
    let is_answered =
        has(|event| matches!(event, Event::PersonWrote | Event::PersonAnswered { .. }));
    if has(|event| matches!(event, Event::HandedOff)) && !is_answered {
        found.push("The visitor asked for a person and nobody has answered yet.");
    }
    if last_mood.is_some_and(|mood| mood <= UNHAPPY) {
        found.push("The visitor sounds unhappy: a person should write.");
    }
    if missed == Some(true) {
        found.push("The last question was not understood: answer it, and add it to the phrases.");
    }
    match stage_index(stage) {
        2 => found.push(
            "The visitor is interested and left no contact: offer a consultation or an estimate.",
        ),
        3 if !has(|event| matches!(event, Event::Booked { .. })) => {
            found.push("A contact is left and no visit is booked: get back to the person.");
        }
        _ => {}
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(event: Event) -> Recorded {
        Recorded {
            id: 1,
            at_ms: 0,
            session_id: Some(1),
            event: Some(event),
        }
    }

    #[test]
    fn the_team_hears_of_whoever_waits() {
        let waits = [at(Event::HandedOff)];
        assert_eq!(recommendations(1, &waits).len(), 1);
        let answered = [at(Event::HandedOff), at(Event::PersonWrote)];
        assert!(recommendations(1, &answered).is_empty());
        assert_eq!(recommendations(3, &answered).len(), 1);
        assert!(recommendations(5, &answered).is_empty());
    }
}
