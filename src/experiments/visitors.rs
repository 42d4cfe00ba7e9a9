//! What visitors call.

use super::model::{Element, Experiment, Goal, Status};
use super::store::{self, exposures};
use super::{ExperimentError, Experiments, rules};
use crate::analytics::session_key;
use crate::chat::VisitorSession;
use crate::platform::clock::now_ms;
use crate::platform::db::Tx;

/// Which variant of an experiment a session gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Assigned {
    pub(super) experiment_id: i64,
    pub(super) element: Element,
    /// Key of the variant; `None`: the session takes no part.
    pub(super) variant: Option<String>,
}

impl Experiments {
    /// Reads the right to act for a session.
    ///
    /// Errors: the id is malformed, or weak.
    pub(super) fn visitor(&self, session_id: &str) -> Result<VisitorSession, ExperimentError> {
        Ok(VisitorSession::parse(session_id, &self.secrets)?)
    }

    /// What a session gets of what runs. Nothing is counted by asking.
    ///
    /// * `only`: this experiment.
    /// * Errors: it does not run.
    pub(super) fn assigned(
        &self,
        visitor: &VisitorSession,
        only: Option<i64>,
    ) -> Result<Vec<Assigned>, ExperimentError> {
        let all = self.running.all();
        let assigned: Vec<Assigned> = all
            .iter()
            .flat_map(|all| all.iter())
            .filter(|one| one.status == Status::Running)
            .filter(|one| only.is_none_or(|id| id == one.id))
            .map(|one| Assigned {
                experiment_id: one.id,
                element: one.design.element,
                variant: rules::assigned(one, visitor.as_str()).map(|variant| variant.key.clone()),
            })
            .collect();
        if only.is_some() && assigned.is_empty() {
            return Err(ExperimentError::NotFound);
        }
        Ok(assigned)
    }

    /// Number and element of what runs.
    pub(super) fn shown(&self) -> Vec<(i64, Element)> {
        let all = self.running.all();
        all.iter()
            .flat_map(|all| all.iter())
            .filter(|one| one.status == Status::Running)
            .map(|one| (one.id, one.design.element))
            .collect()
    }

    /// Counts a conversion that the website reports, once a visitor.
    ///
    /// Errors: the experiment counts another goal, does not count now or was not seen; or it was counted before.
    pub(super) async fn convert(
        &self,
        visitor: &VisitorSession,
        experiment_id: i64,
        value: Option<f64>,
    ) -> Result<(), ExperimentError> {
        let key = session_key(visitor.as_str());
        self.store
            .write(move |tx| {
                let experiment = seen(tx, experiment_id, &key)?;
                if experiment.design.goal != Goal::Reported {
                    return Err(ExperimentError::NotReported);
                }
                if exposures::report(tx, experiment_id, &key, value, now_ms())? {
                    return Ok(());
                }
                Err(ExperimentError::AlreadyCounted)
            })
            .await
    }

    /// Counts that the visitor used what is varied, once a visitor.
    ///
    /// Errors: as of [`Experiments::convert`], whatever the goal.
    pub(super) async fn engage(
        &self,
        visitor: &VisitorSession,
        experiment_id: i64,
    ) -> Result<(), ExperimentError> {
        let key = session_key(visitor.as_str());
        self.store
            .write(move |tx| {
                seen(tx, experiment_id, &key)?;
                if exposures::engage(tx, experiment_id, &key, now_ms())? {
                    return Ok(());
                }
                Err(ExperimentError::AlreadyCounted)
            })
            .await
    }
}

/// An experiment that counts and that the session has seen.
fn seen(tx: &mut dyn Tx, id: i64, key: &str) -> Result<Experiment, ExperimentError> {
    let experiment = store::by_id(tx, id)?;
    match experiment.status {
        Status::Running | Status::Paused => {}
        // What nobody was shown yet is not told to visitors either.
        Status::Draft => return Err(ExperimentError::NotFound),
        Status::Stopped => return Err(ExperimentError::Ended),
    }
    if !exposures::has_seen(tx, id, key)? {
        return Err(ExperimentError::NotExposed);
    }
    Ok(experiment)
}
