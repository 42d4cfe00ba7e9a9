//! The model: fitted every night, asked for one session.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::calibration::{Calibration, calibration};
use super::features::FEATURES;
use super::regression::{Fit, fit};
use super::store;
use crate::knowledge::Knowledge;
use crate::platform::clock::now_ms;
use crate::platform::db::{DbError, Store, Tx};
use crate::platform::jobs::HandlerError;
use crate::platform::settings;

/// The job that fits the model again.
pub const CONVERSION_JOB: &str = "analytics.conversion";

/// Fewer clients than this say too little about fifteen features.
pub const CONVERSIONS_MIN: u64 = 200;

/// Name of the setting that keeps the model.
const MODEL: &str = "conversion_model";
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Time a visitor has to become a client.
const WITHIN_MS: i64 = 90 * DAY_MS;
/// Sessions before that are of another time.
const OLDEST_MS: i64 = 2 * 365 * DAY_MS;

/// The model as it is kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// When it was last fitted, milliseconds UTC; 0: never.
    pub fitted_at_ms: i64,
    /// Sessions whose 90 days have passed.
    pub sessions: u64,
    /// How many of them became clients within these.
    pub conversions: u64,
    /// `None`: not enough data.
    pub fit: Option<FittedModel>,
}

/// What was fitted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FittedModel {
    /// Logit of a session whose features are all 0.
    pub intercept: f64,
    /// Of each of [`FEATURES`], in its own unit.
    pub weights: Vec<f64>,
    /// The same by standard deviation.
    pub effects: Vec<f64>,
    /// How well it holds on sessions it was not fitted to.
    pub calibration: Calibration,
}

/// The conversion model. Cheap to clone.
#[derive(Clone)]
pub struct Conversion {
    store: Store,
    knowledge: Knowledge,
}

impl Conversion {
    /// Wires it.
    pub fn new(store: Store, knowledge: Knowledge) -> Self {
        Self { store, knowledge }
    }

    /// The model as it was last fitted.
    pub async fn model(&self) -> Result<Model, DbError> {
        self.store.read(load).await
    }

    /// Fits the model to every session whose time has passed.
    pub async fn refit(&self) -> Result<(), HandlerError> {
        let now = now_ms();
        let (from_ms, to_ms) = (now - OLDEST_MS, now - WITHIN_MS);
        let zone = self.knowledge.snapshot().zone();
        let (mut cases, mut outcomes, mut after) = (Vec::new(), Vec::new(), 0);
        loop {
            let read = self
                .store
                .read(move |tx| store::next_sessions(tx, after, from_ms, to_ms));
            let batch = read.await?;
            let Some(last) = batch.last() else { break };
            after = last.id;
            for session in &batch {
                let within = |at_ms: i64| at_ms - session.started_at_ms <= WITHIN_MS;
                outcomes.push(session.done.converted_at_ms.is_some_and(within));
                cases.push(session.features(&zone));
            }
        }
        let fitting = tokio::task::spawn_blocking(move || fitted(&cases, &outcomes, now));
        let model = fitting
            .await
            .map_err(|error| HandlerError::Final(error.to_string()))?;
        let write = self
            .store
            .write(move |tx| settings::save(tx, MODEL, &model, now));
        Ok(write.await?)
    }
}

fn fitted(cases: &[Vec<f64>], outcomes: &[bool], now_ms: i64) -> Model {
    let conversions = outcomes.iter().filter(|outcome| **outcome).count() as u64;
    let fitted = (conversions >= CONVERSIONS_MIN).then(|| {
        let Fit {
            intercept,
            weights,
            effects,
        } = fit(cases, outcomes);
        FittedModel {
            intercept,
            weights,
            effects,
            calibration: calibration(cases, outcomes),
        }
    });
    Model {
        fitted_at_ms: now_ms,
        sessions: cases.len() as u64,
        conversions,
        fit: fitted,
    }
}

fn load(tx: &mut dyn Tx) -> Result<Model, DbError> {
    let model: Model = settings::load(tx, MODEL)?.unwrap_or_default();
    // A model over other features than today's says nothing until the next night.
    let is_todays = |fit: &FittedModel| fit.weights.len() == FEATURES.len();
    Ok(Model {
        fit: model.fit.filter(is_todays),
        ..model
    })
}

/// How likely the visitor of a session becomes a client, 0 to 1.
///
/// * `session`: its number in `analytics_sessions`.
/// * `None`: not enough is known yet, or the session is gone.
pub fn probability(tx: &mut dyn Tx, session: i64, zone: &TimeZone) -> Result<Option<f64>, DbError> {
    let Some(model) = load(tx)?.fit else {
        return Ok(None);
    };
    let Some(session) = store::session(tx, session)? else {
        return Ok(None);
    };
    let fit = Fit {
        intercept: model.intercept,
        weights: model.weights,
        effects: model.effects,
    };
    Ok(Some(fit.probability(&session.features(zone))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytics::{Event, Visit, begin, record};
    use crate::nlu::Lang;
    use crate::platform::db::in_memory;

    #[test]
    fn too_few_clients_give_no_model_and_enough_do() {
        let cases: Vec<Vec<f64>> = (0..1_000)
            .map(|n| vec![f64::from(n % 7); FEATURES.len()])
            .collect();
        let some = |clients: usize| (0..1_000).map(|n| n < clients).collect::<Vec<_>>();
        let few = fitted(&cases, &some(199), 5);
        assert_eq!((few.sessions, few.conversions, few.fit), (1_000, 199, None));
        let enough = fitted(&cases, &some(200), 5);
        assert_eq!(enough.fit.unwrap().weights.len(), FEATURES.len());
    }

    #[test]
    fn a_session_is_judged_by_what_happened_in_it() {
        let zone = TimeZone::UTC;
        let (before, after, gone) = in_memory(|tx| {
            let id = begin(tx, "s", &Visit::unknown(Lang::Pl), 1_000)?;
            assert_eq!(probability(tx, id, &zone)?, None, "no model yet");
            let mut weights = vec![0.0; FEATURES.len()];
            weights[5] = 2.0;
            let model = Model {
                fit: Some(FittedModel {
                    intercept: -1.0,
                    effects: weights.clone(),
                    weights,
                    calibration: calibration(&[], &[]),
                }),
                ..Model::default()
            };
            settings::save(tx, MODEL, &model, 1)?;
            let before = probability(tx, id, &zone)?;
            record(tx, Some(id), &Event::HandedOff, 2_000)?;
            Ok::<_, DbError>((
                before,
                probability(tx, id, &zone)?,
                probability(tx, 99, &zone)?,
            ))
        })
        .unwrap();
        assert!((before.unwrap() - 0.268_941).abs() < 1e-5, "{before:?}");
        assert!((after.unwrap() - 0.731_059).abs() < 1e-5, "{after:?}");
        assert_eq!(gone, None);
    }
}
