//! /api/widgets: ready numbers for a dashboard.

use poem_openapi::param::Query;
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::data::{self, ResponseTimes, Satisfaction, Share, TimelineDay};
use super::{Section, Widgets};
use crate::analytics::{Active, Metric, Summary, active_since, asked_days, within};
use crate::platform::clock::now_ms;
use crate::platform::http::{Agent, Problem};

/// The endpoints.
pub struct WidgetsApi(pub Widgets);

/// Labels that are told unless asked otherwise, and at most.
const LIMIT: i64 = 10;
const LIMIT_MAX: i64 = 50;
/// A session is active when something happened in it within these minutes, unless asked otherwise.
const ACTIVE_MIN: i64 = 30;
const ACTIVE_MIN_MAX: i64 = 1_440;
const MINUTE_MS: i64 = 60 * 1000;

/// An answer with what is shown.
macro_rules! answer {
    ($name:ident, $data:ty) => {
        #[derive(Debug, Object)]
        struct $name {
            success: bool,
            data: $data,
        }

        impl $name {
            fn of(data: $data) -> Json<Self> {
                Json(Self {
                    success: true,
                    data,
                })
            }
        }
    };
}

/// What happened, by day.
#[derive(Debug, Object)]
struct WidgetTimeline {
    /// Days with today.
    period_days: i64,
    /// Every day, the oldest first.
    timeline: Vec<TimelineDay>,
}

/// An intent and how often it was asked about.
#[derive(Debug, Object)]
struct WidgetIntent {
    intent: String,
    count: i64,
    /// In percent of all, two decimals.
    percentage: f64,
}

/// A package and how many leads want it.
#[derive(Debug, Object)]
struct WidgetPackage {
    package: String,
    count: i64,
    /// In percent of the leads that named one, two decimals.
    percentage: f64,
}

/// Sessions in which something happened lately.
#[derive(Debug, Object)]
struct WidgetActiveSessions {
    active_sessions: i64,
    /// Within how many minutes.
    minutes: i64,
    /// By class of device, the most frequent first.
    by_device: Vec<WidgetDevice>,
}

#[derive(Debug, Object)]
struct WidgetDevice {
    /// `desktop`, `phone`, `tablet` or `unknown`.
    device: String,
    count: i64,
}

answer!(WidgetSummaryAnswer, Summary);
answer!(WidgetTimelineAnswer, WidgetTimeline);
answer!(WidgetIntentsAnswer, Vec<WidgetIntent>);
answer!(WidgetPackagesAnswer, Vec<WidgetPackage>);
answer!(WidgetActiveAnswer, WidgetActiveSessions);
answer!(WidgetResponseTimesAnswer, ResponseTimes);
answer!(WidgetSatisfactionAnswer, Satisfaction);

#[OpenApi(prefix_path = "/api/widgets", tag = "Section::Widgets")]
impl WidgetsApi {
    /// The most important numbers.
    #[oai(
        path = "/metrics/summary",
        method = "get",
        operation_id = "widget_summary"
    )]
    async fn summary(
        &self,
        _by: Agent,
        /// 1 to 365, with today; 30 unless told.
        days: Query<Option<i64>>,
    ) -> Result<Json<WidgetSummaryAnswer>, Problem> {
        let days = asked_days(days.0)?;
        Ok(WidgetSummaryAnswer::of(
            self.0.analytics.summary(days).await?,
        ))
    }

    /// Conversations, messages, leads and bookings by day.
    #[oai(
        path = "/metrics/timeline",
        method = "get",
        operation_id = "widget_timeline"
    )]
    async fn timeline(
        &self,
        _by: Agent,
        /// 1 to 365, with today; 30 unless told.
        days: Query<Option<i64>>,
    ) -> Result<Json<WidgetTimelineAnswer>, Problem> {
        let period_days = asked_days(days.0)?;
        let timeline = self.0.about(period_days, data::timeline).await?;
        Ok(WidgetTimelineAnswer::of(WidgetTimeline {
            period_days,
            timeline,
        }))
    }

    /// What visitors ask about most.
    #[oai(path = "/top/intents", method = "get", operation_id = "widget_intents")]
    async fn intents(
        &self,
        _by: Agent,
        /// 1 to 365, with today; 30 unless told.
        days: Query<Option<i64>>,
        /// 1 to 50; 10 unless told.
        limit: Query<Option<i64>>,
    ) -> Result<Json<WidgetIntentsAnswer>, Problem> {
        let shares = self.top(Metric::Intents, days.0, limit.0).await?;
        let intent = |share: Share| WidgetIntent {
            intent: share.label,
            count: share.count,
            percentage: share.percentage,
        };
        Ok(WidgetIntentsAnswer::of(
            shares.into_iter().map(intent).collect(),
        ))
    }

    /// The packages leads want most.
    #[oai(
        path = "/top/packages",
        method = "get",
        operation_id = "widget_packages"
    )]
    async fn packages(
        &self,
        _by: Agent,
        /// 1 to 365, with today; 30 unless told.
        days: Query<Option<i64>>,
        /// 1 to 50; 10 unless told.
        limit: Query<Option<i64>>,
    ) -> Result<Json<WidgetPackagesAnswer>, Problem> {
        let shares = self.top(Metric::LeadsByPackage, days.0, limit.0).await?;
        let package = |share: Share| WidgetPackage {
            package: share.label,
            count: share.count,
            percentage: share.percentage,
        };
        Ok(WidgetPackagesAnswer::of(
            shares.into_iter().map(package).collect(),
        ))
    }

    /// Visitors who are there now.
    #[oai(
        path = "/active/sessions",
        method = "get",
        operation_id = "widget_active_sessions"
    )]
    async fn active(
        &self,
        _by: Agent,
        /// 1 to 1,440; 30 unless told.
        minutes: Query<Option<i64>>,
    ) -> Result<Json<WidgetActiveAnswer>, Problem> {
        let minutes = within("minutes", minutes.0.unwrap_or(ACTIVE_MIN), ACTIVE_MIN_MAX)?;
        let read = self.0.analytics.read(move |tx, _| {
            let since_ms = now_ms() - minutes * MINUTE_MS;
            active_since(tx, since_ms)
        });
        let Active {
            sessions,
            by_device,
        } = read.await?;
        let device = |(device, count)| WidgetDevice { device, count };
        Ok(WidgetActiveAnswer::of(WidgetActiveSessions {
            active_sessions: sessions,
            minutes,
            by_device: by_device.into_iter().map(device).collect(),
        }))
    }

    /// How long visitors wait for an answer, measured.
    #[oai(
        path = "/response/times",
        method = "get",
        operation_id = "widget_response_times"
    )]
    async fn response_times(
        &self,
        _by: Agent,
        /// 1 to 365, with today; 30 unless told.
        days: Query<Option<i64>>,
    ) -> Result<Json<WidgetResponseTimesAnswer>, Problem> {
        let days = asked_days(days.0)?;
        let times = self.0.about(days, data::response_times).await?;
        Ok(WidgetResponseTimesAnswer::of(times))
    }

    /// How satisfied people say they are: ratings of conversations and visits.
    #[oai(
        path = "/satisfaction/scores",
        method = "get",
        operation_id = "widget_satisfaction"
    )]
    async fn satisfaction(
        &self,
        _by: Agent,
        /// 1 to 365, with today; 30 unless told.
        days: Query<Option<i64>>,
    ) -> Result<Json<WidgetSatisfactionAnswer>, Problem> {
        let days = asked_days(days.0)?;
        let scores = self.0.about(days, data::satisfaction).await?;
        Ok(WidgetSatisfactionAnswer::of(scores))
    }
}

impl WidgetsApi {
    async fn top(
        &self,
        metric: Metric,
        days: Option<i64>,
        limit: Option<i64>,
    ) -> Result<Vec<Share>, Problem> {
        let days = asked_days(days)?;
        let limit = within("limit", limit.unwrap_or(LIMIT), LIMIT_MAX)? as usize;
        let read = self.0.about(days, move |tx, period| {
            data::shares(tx, metric, period, limit)
        });
        Ok(read.await?)
    }
}
