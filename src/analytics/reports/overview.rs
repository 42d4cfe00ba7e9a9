//! What happened, in a few numbers.

use std::collections::BTreeMap;

use poem_openapi::Object;
use serde::Serialize;

use super::{DayCount, by_label, distribution, every_day, mean, percent, reached, rounded, total};
use crate::analytics::days::Period;
use crate::analytics::model::Metric;
use crate::platform::db::{DbError, Tx};

/// Intents the overview names.
const TOP_INTENTS: usize = 10;

/// An intent and how often it was asked about.
#[derive(Debug, Object)]
#[oai(rename = "AnalyticsIntentCount")]
pub(in crate::analytics) struct IntentCount {
    intent: String,
    count: i64,
}

/// The most important numbers.
#[derive(Debug, Object)]
#[oai(rename = "AnalyticsOverview")]
pub(in crate::analytics) struct Overview {
    /// Sessions in which a visitor wrote, by the day of their first message.
    total_conversations: i64,
    total_leads: i64,
    /// Visitors who opened the page with the chat.
    unique_sessions: i64,
    /// Of sessions with two messages or more; pauses of 30 minutes and more are left out.
    avg_session_duration_seconds: f64,
    /// Sessions that left a contact or booked, in percent of all.
    conversion_rate_percent: f64,
    /// The most frequent ones, ten at most.
    top_intents: Vec<IntentCount>,
}

impl Overview {
    pub(in crate::analytics) fn load(tx: &mut dyn Tx, period: Period) -> Result<Self, DbError> {
        let active = total(tx, Metric::ActiveTime, period)?;
        let [sessions, _, _, contacts, _] = reached(tx, period)?;
        let intents = by_label(tx, Metric::Intents, period)?.into_iter();
        Ok(Self {
            total_conversations: total(tx, Metric::Conversations, period)?.count,
            total_leads: total(tx, Metric::Leads, period)?.count,
            unique_sessions: total(tx, Metric::Sessions, period)?.count,
            avg_session_duration_seconds: mean(active.total / 1000.0, active.count),
            conversion_rate_percent: percent(contacts, sessions),
            top_intents: intents
                .take(TOP_INTENTS)
                .map(|(intent, count)| IntentCount {
                    intent,
                    count: count.count,
                })
                .collect(),
        })
    }
}

/// The numbers a dashboard begins with.
#[derive(Debug, Clone, PartialEq, Serialize, Object)]
#[oai(rename = "AnalyticsSummary")]
pub struct Summary {
    /// Sessions in which a visitor wrote.
    pub conversations: i64,
    /// Of visitors, the assistant and the team.
    pub messages: i64,
    /// Contacts that were left.
    pub leads: i64,
    /// Visits that were booked.
    pub bookings: i64,
    /// Bookings in percent of conversations.
    pub conversion_rate: f64,
    /// Days with today.
    pub period_days: i64,
}

impl Summary {
    /// Reads counts that are up to date.
    pub fn load(tx: &mut dyn Tx, period: Period) -> Result<Self, DbError> {
        let conversations = total(tx, Metric::Conversations, period)?.count;
        let bookings = total(tx, Metric::Bookings, period)?.count;
        Ok(Self {
            conversations,
            messages: total(tx, Metric::Messages, period)?.count,
            leads: total(tx, Metric::Leads, period)?.count,
            bookings,
            conversion_rate: percent(bookings, conversations),
            period_days: period.days(),
        })
    }
}

/// The summary beside that of the time before.
#[derive(Debug, Object)]
#[oai(rename = "AnalyticsDashboard")]
pub(in crate::analytics) struct Dashboard {
    /// Of the period.
    current: Summary,
    /// Of as many days just before it.
    previous: Summary,
    /// Today alone.
    today: Summary,
    /// Conversations passed to people.
    hand_offs: i64,
    /// Questions the assistant did not understand.
    missed_questions: i64,
    quotes_given: i64,
    quotes_accepted: i64,
    /// Leads that became clients.
    converted: i64,
    /// What these are worth, in whole units of the currency.
    converted_value: f64,
}

impl Dashboard {
    pub(in crate::analytics) fn load(tx: &mut dyn Tx, period: Period) -> Result<Self, DbError> {
        let today = Period {
            from: period.to,
            to: period.to,
        };
        let outcomes = distribution(tx, Metric::Outcomes, period)?;
        let missed = ["fallback", "unsure"].map(|outcome| outcomes.get(outcome).copied());
        let converted = total(tx, Metric::ConvertedBySource, period)?;
        Ok(Self {
            current: Summary::load(tx, period)?,
            previous: Summary::load(tx, period.before())?,
            today: Summary::load(tx, today)?,
            hand_offs: total(tx, Metric::HandOffs, period)?.count,
            missed_questions: missed.into_iter().flatten().sum(),
            quotes_given: total(tx, Metric::Quotes, period)?.count,
            quotes_accepted: total(tx, Metric::QuotesAccepted, period)?.count,
            converted: converted.count,
            converted_value: rounded(converted.total),
        })
    }
}

/// Conversations by day, and their mood.
#[derive(Debug, Object)]
#[oai(rename = "AnalyticsConversations")]
pub(in crate::analytics) struct Conversations {
    /// Every day of the period.
    pub(in crate::analytics) conversations_by_day: Vec<DayCount>,
    /// Visitors' messages that were `positive`, `neutral` or `negative`.
    pub(in crate::analytics) sentiment_distribution: BTreeMap<String, i64>,
    /// Messages whose mood is known.
    pub(in crate::analytics) total_analyzed: i64,
}

impl Conversations {
    pub(in crate::analytics) fn load(tx: &mut dyn Tx, period: Period) -> Result<Self, DbError> {
        let mut moods = distribution(tx, Metric::Sentiments, period)?;
        for mood in ["positive", "neutral", "negative"] {
            moods.entry(mood.to_owned()).or_insert(0);
        }
        Ok(Self {
            conversations_by_day: every_day(tx, Metric::Conversations, period)?,
            total_analyzed: moods.values().sum(),
            sentiment_distribution: moods,
        })
    }
}

/// How well an intent is understood.
#[derive(Debug, Object)]
#[oai(rename = "AnalyticsIntent")]
pub(in crate::analytics) struct IntentRow {
    intent: String,
    /// Messages understood as it.
    triggers: i64,
    /// Of these, those that were answered.
    success: i64,
    /// Those that were not, or only with a question.
    failures: i64,
    /// Percent.
    success_rate: f64,
    /// 0 to 1.
    avg_confidence: f64,
}

/// How well intents are understood, the most frequent first.
#[derive(Debug, Object)]
#[oai(rename = "AnalyticsIntents")]
pub(in crate::analytics) struct Intents {
    pub(in crate::analytics) intent_summary: Vec<IntentRow>,
    /// How many different ones.
    pub(in crate::analytics) total_intents: usize,
}

impl Intents {
    pub(in crate::analytics) fn load(tx: &mut dyn Tx, period: Period) -> Result<Self, DbError> {
        let missed = distribution(tx, Metric::IntentsMissed, period)?;
        let intents = by_label(tx, Metric::Intents, period)?.into_iter();
        let rows: Vec<IntentRow> = intents
            .map(|(intent, count)| {
                let failures = missed.get(&intent).copied().unwrap_or(0).min(count.count);
                let success = count.count - failures;
                IntentRow {
                    intent,
                    triggers: count.count,
                    success,
                    failures,
                    success_rate: percent(success, count.count),
                    avg_confidence: mean(count.total, count.count),
                }
            })
            .collect();
        Ok(Self {
            total_intents: rows.len(),
            intent_summary: rows,
        })
    }
}

/// Leads by day and kind.
#[derive(Debug, Object)]
#[oai(rename = "AnalyticsLeads")]
pub(in crate::analytics) struct Leads {
    pub(in crate::analytics) total_leads: i64,
    /// Every day of the period.
    pub(in crate::analytics) leads_by_day: Vec<DayCount>,
    /// `standard`, `premium`, `luxury`, `other` (in the person's words) or `unknown`.
    pub(in crate::analytics) leads_by_package: BTreeMap<String, i64>,
    /// `flat`, `house`, `studio`, `commercial`, `other` or `unknown`.
    pub(in crate::analytics) leads_by_property_type: BTreeMap<String, i64>,
    /// `chat`, `form`, `quiz`, `booking` or `import`.
    pub(in crate::analytics) leads_by_source: BTreeMap<String, i64>,
}

impl Leads {
    pub(in crate::analytics) fn load(tx: &mut dyn Tx, period: Period) -> Result<Self, DbError> {
        Ok(Self {
            total_leads: total(tx, Metric::Leads, period)?.count,
            leads_by_day: every_day(tx, Metric::Leads, period)?,
            leads_by_package: distribution(tx, Metric::LeadsByPackage, period)?,
            leads_by_property_type: distribution(tx, Metric::LeadsByPropertyType, period)?,
            leads_by_source: distribution(tx, Metric::Leads, period)?,
        })
    }
}
