//! /api/ab-testing: what visitors call.

use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

use super::model::Element;
use super::{ExperimentError, Experiments, Section};
use crate::platform::http::{JsonText, Problem};

/// Largest value a website may report.
const VALUE_MAX: f64 = 1e9;

/// The endpoints.
pub struct TrackApi(pub Experiments);

/// Whose variants are asked for.
#[derive(Debug, Object)]
#[oai(example)]
struct ExperimentAssignRequest {
    /// From POST /api/chatbot/sessions.
    session_id: JsonText,
    /// Only this experiment; all that run if left out.
    experiment_id: Option<i64>,
}

impl Example for ExperimentAssignRequest {
    fn example() -> Self {
        Self {
            session_id: JsonText(SESSION_EXAMPLE.into()),
            experiment_id: None,
        }
    }
}

/// What a session gets of an experiment.
#[derive(Debug, Object)]
struct ExperimentAssignment {
    experiment_id: i64,
    /// What is varied.
    element: Element,
    /// Key of the variant; null: the session takes no part.
    variant: Option<String>,
}

#[derive(Debug, Object)]
struct ExperimentAssignments {
    success: bool,
    assignments: Vec<ExperimentAssignment>,
}

/// An experiment as visitors may know it.
#[derive(Debug, Object)]
struct ActiveExperiment {
    id: i64,
    /// What is varied.
    element: Element,
}

#[derive(Debug, Object)]
struct ActiveExperiments {
    success: bool,
    experiments: Vec<ActiveExperiment>,
}

/// A conversion that happened on the website.
#[derive(Debug, Object)]
#[oai(example)]
struct ReportedConversion {
    /// From POST /api/chatbot/sessions.
    session_id: JsonText,
    experiment_id: i64,
    /// What it is worth, 0 to 1,000,000,000; shown as a sum, and part of no test.
    value: Option<f64>,
}

impl Example for ReportedConversion {
    fn example() -> Self {
        Self {
            session_id: JsonText(SESSION_EXAMPLE.into()),
            experiment_id: 1,
            value: Some(250.0),
        }
    }
}

/// A use of what is varied.
#[derive(Debug, Object)]
#[oai(example)]
struct ReportedEngagement {
    /// From POST /api/chatbot/sessions.
    session_id: JsonText,
    experiment_id: i64,
}

impl Example for ReportedEngagement {
    fn example() -> Self {
        Self {
            session_id: JsonText(SESSION_EXAMPLE.into()),
            experiment_id: 1,
        }
    }
}

#[derive(Debug, Object)]
struct TrackAnswer {
    success: bool,
}

const SESSION_EXAMPLE: &str = "nh_2b1p8m4Yt0m3mJ1v9pQ6Zk1rYh0cO7xwS4E";

#[OpenApi(prefix_path = "/api/ab-testing", tag = "Section::Experiments")]
impl TrackApi {
    /// Which variants a session gets; always the same ones, and asking counts nothing.
    #[oai(path = "/assign", method = "post", operation_id = "assign_variants")]
    async fn assign(
        &self,
        body: Json<ExperimentAssignRequest>,
    ) -> Result<Json<ExperimentAssignments>, Problem> {
        let visitor = self.0.visitor(&body.0.session_id.0)?;
        let assigned = self.0.assigned(&visitor, body.0.experiment_id)?;
        Ok(Json(ExperimentAssignments {
            success: true,
            assignments: assigned
                .into_iter()
                .map(|one| ExperimentAssignment {
                    experiment_id: one.experiment_id,
                    element: one.element,
                    variant: one.variant,
                })
                .collect(),
        }))
    }

    /// What is tried at the moment, without the variants.
    #[oai(
        path = "/active",
        method = "get",
        operation_id = "list_active_experiments"
    )]
    async fn active(&self) -> Result<Json<ActiveExperiments>, Problem> {
        let shown = self.0.shown().into_iter();
        Ok(Json(ActiveExperiments {
            success: true,
            experiments: shown
                .map(|(id, element)| ActiveExperiment { id, element })
                .collect(),
        }))
    }

    /// Report a conversion on the website, once a session, of an experiment whose goal is `reported`. Leads, bookings and
    /// conversations are counted by themselves.
    #[oai(
        path = "/track/conversion",
        method = "post",
        operation_id = "track_conversion"
    )]
    async fn conversion(
        &self,
        body: Json<ReportedConversion>,
    ) -> Result<Json<TrackAnswer>, Problem> {
        let visitor = self.0.visitor(&body.0.session_id.0)?;
        let value = body.0.value;
        if value.is_some_and(|value| !(0.0..=VALUE_MAX).contains(&value)) {
            let why = "must be from 0 to 1000000000";
            return Err(ExperimentError::Field("value".into(), why.into()).into());
        }
        self.0
            .convert(&visitor, body.0.experiment_id, value)
            .await?;
        Ok(Json(TrackAnswer { success: true }))
    }

    /// Report that the visitor used what is varied, once a session; shown beside the goal, and part of no test.
    #[oai(
        path = "/track/engagement",
        method = "post",
        operation_id = "track_engagement"
    )]
    async fn engagement(
        &self,
        body: Json<ReportedEngagement>,
    ) -> Result<Json<TrackAnswer>, Problem> {
        let visitor = self.0.visitor(&body.0.session_id.0)?;
        self.0.engage(&visitor, body.0.experiment_id).await?;
        Ok(Json(TrackAnswer { success: true }))
    }
}
