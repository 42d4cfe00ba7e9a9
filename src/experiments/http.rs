//! /api/ab-testing: what the team calls.

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, OpenApi};

use super::bodies::{ExperimentBody, ExperimentList, ExperimentResultAnswer, ExperimentView};
use super::model::{Design, Experiment, Status};
use super::{Experiments, Section};
use crate::platform::http::{Agent, IdempotencyKey, PageRequest, Problem};

/// The endpoints.
pub struct ExperimentsApi(pub Experiments);

#[derive(ApiResponse)]
enum CreateExperiment {
    /// The draft, with what it needs.
    #[oai(status = 201)]
    Created(Json<ExperimentView>),
}

#[derive(ApiResponse)]
enum DeleteExperiment {
    /// Removed.
    #[oai(status = 204)]
    Deleted,
}

#[OpenApi(prefix_path = "/api/ab-testing", tag = "Section::Experiments")]
impl ExperimentsApi {
    /// Plan an experiment. It is a draft that says how many visitors it needs and how long that takes; nobody sees it yet.
    #[oai(
        path = "/experiments",
        method = "post",
        operation_id = "create_experiment"
    )]
    async fn create(
        &self,
        _by: Agent,
        /// A repeat with the same key gets the first answer.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
        body: Json<ExperimentBody>,
    ) -> Result<CreateExperiment, Problem> {
        let design = self.parse(&body.0)?;
        let experiment = self.0.add(design, key, body.0).await?;
        let view = self.view(experiment).await?;
        Ok(CreateExperiment::Created(Json(view)))
    }

    /// Experiments, the newest first.
    #[oai(
        path = "/experiments",
        method = "get",
        operation_id = "list_experiments"
    )]
    async fn list(
        &self,
        _by: Agent,
        /// Only these.
        status: Query<Option<Status>>,
        /// From 1.
        page: Query<Option<u32>>,
        /// At most 200.
        per_page: Query<Option<u32>>,
    ) -> Result<Json<ExperimentList>, Problem> {
        let page = PageRequest::parse(page.0, per_page.0)?;
        let (found, total) = self.0.page(status.0, page).await?;
        let mut experiments = Vec::with_capacity(found.len());
        for experiment in found {
            experiments.push(self.view(experiment).await?);
        }
        let info = page.info(total);
        Ok(Json(ExperimentList {
            success: true,
            experiments,
            page: info.page,
            per_page: info.per_page,
            total: info.total,
            pages: info.pages,
        }))
    }

    /// One experiment.
    #[oai(
        path = "/experiments/:id",
        method = "get",
        operation_id = "get_experiment"
    )]
    async fn get(&self, _by: Agent, id: Path<i64>) -> Result<Json<ExperimentView>, Problem> {
        let experiment = self.0.get(id.0).await?;
        Ok(Json(self.view(experiment).await?))
    }

    /// Replace a draft. What was started stays as it is (409).
    #[oai(
        path = "/experiments/:id",
        method = "put",
        operation_id = "update_experiment"
    )]
    async fn update(
        &self,
        _by: Agent,
        id: Path<i64>,
        body: Json<ExperimentBody>,
    ) -> Result<Json<ExperimentView>, Problem> {
        let design = self.parse(&body.0)?;
        let experiment = self.0.replace(id.0, design).await?;
        Ok(Json(self.view(experiment).await?))
    }

    /// Delete a draft. What was started stays (409).
    #[oai(
        path = "/experiments/:id",
        method = "delete",
        operation_id = "delete_experiment"
    )]
    async fn delete(&self, _by: Agent, id: Path<i64>) -> Result<DeleteExperiment, Problem> {
        self.0.remove(id.0).await?;
        Ok(DeleteExperiment::Deleted)
    }

    /// Start a draft, or go on with a paused experiment. From here on its variants are frozen.
    #[oai(
        path = "/experiments/:id/start",
        method = "post",
        operation_id = "start_experiment"
    )]
    async fn start(&self, _by: Agent, id: Path<i64>) -> Result<Json<ExperimentView>, Problem> {
        let experiment = self.0.start(id.0).await?;
        Ok(Json(self.view(experiment).await?))
    }

    /// Pause: nobody new sees a variant, and what earlier visitors do still counts.
    #[oai(
        path = "/experiments/:id/pause",
        method = "post",
        operation_id = "pause_experiment"
    )]
    async fn pause(&self, _by: Agent, id: Path<i64>) -> Result<Json<ExperimentView>, Problem> {
        let experiment = self.0.pause(id.0).await?;
        Ok(Json(self.view(experiment).await?))
    }

    /// End an experiment for good. Its result is kept; what single visitors did is not.
    #[oai(
        path = "/experiments/:id/stop",
        method = "post",
        operation_id = "stop_experiment"
    )]
    async fn stop(&self, _by: Agent, id: Path<i64>) -> Result<Json<ExperimentView>, Problem> {
        let experiment = self.0.stop(id.0).await?;
        Ok(Json(self.view(experiment).await?))
    }

    /// What may be said about an experiment: rates, differences with their intervals, p-values, and a verdict, which can
    /// also be that there are not enough visitors.
    #[oai(
        path = "/experiments/:id/results",
        method = "get",
        operation_id = "experiment_results"
    )]
    async fn results(
        &self,
        _by: Agent,
        id: Path<i64>,
    ) -> Result<Json<ExperimentResultAnswer>, Problem> {
        let (experiment, result) = self.0.results(id.0).await?;
        Ok(Json(ExperimentResultAnswer {
            success: true,
            experiment_id: experiment.id,
            status: experiment.status,
            stop_reason: experiment.stop_reason,
            result,
        }))
    }
}

impl ExperimentsApi {
    fn parse(&self, body: &ExperimentBody) -> Result<Design, Problem> {
        Ok(body.parse(&self.0.knowledge.snapshot())?)
    }

    async fn view(&self, experiment: Experiment) -> Result<ExperimentView, Problem> {
        let needed = self.0.needed(&experiment.design).await?;
        Ok(ExperimentView::new(experiment, needed))
    }
}
