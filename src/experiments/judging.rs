//! Results, and experiments that end by themselves.

use super::model::{Experiment, Method, Status, StopReason};
use super::store::{self, exposures};
use super::verdict::{Results, is_complete, judge};
use super::{ExperimentError, Experiments};
use crate::knowledge::Snapshot;
use crate::nlu::Lang;
use crate::notify::outbox;
use crate::platform::clock::now_ms;
use crate::platform::db::{DbError, Tx};

/// The job that looks at what runs; without a payload.
pub const JUDGE_JOB: &str = "experiments.judge";

impl Experiments {
    /// An experiment with what may be said about it; of one that has ended, what was said then.
    pub(super) async fn results(&self, id: i64) -> Result<(Experiment, Results), ExperimentError> {
        let (experiment, results) = self
            .store
            .read(move |tx| {
                let experiment = store::by_id(tx, id)?;
                let results = result_of(tx, &experiment)?;
                Ok::<_, ExperimentError>((experiment, results))
            })
            .await?;
        if !is_lower(&experiment, &results) {
            return Ok((experiment, results));
        }
        // Who has seen a p-value may rely on it, so it is kept.
        self.store
            .write(move |tx| {
                let experiment = store::by_id(tx, id)?;
                let results = result_of(tx, &experiment)?;
                keep(tx, &experiment, &results)?;
                Ok((experiment, results))
            })
            .await
    }

    /// Looks at what runs: keeps the sequential p-values, ends what does harm or has the planned visitors. Answers whether
    /// there is something to send.
    ///
    /// Errors: the store fails; the next look does the same.
    pub async fn look_after(&self) -> Result<bool, DbError> {
        let Some(all) = self.running.all() else {
            return Ok(false);
        };
        let mut has_ended = false;
        for id in all.iter().map(|experiment| experiment.id) {
            let is_due = self.store.read(move |tx| is_due(tx, id)).await?;
            if is_due {
                let knowledge = self.knowledge.snapshot();
                let conclude = self
                    .store
                    .write(move |tx| conclude(tx, id, &knowledge, now_ms()));
                has_ended |= conclude.await?;
            }
        }
        if has_ended {
            self.reload().await?;
        }
        Ok(has_ended)
    }
}

/// What may be said about an experiment now.
pub(super) fn result_of(tx: &mut dyn Tx, experiment: &Experiment) -> Result<Results, DbError> {
    if let Some(json) = &experiment.result_json {
        return serde_json::from_str(json)
            .map_err(|_| DbError::Internal("an experiment's result_json is damaged".into()));
    }
    let counts = exposures::counts(tx, experiment)?;
    Ok(judge(experiment, &counts))
}

/// Ends an experiment: its result is kept, and what single visitors did is not.
pub(super) fn end(
    tx: &mut dyn Tx,
    mut experiment: Experiment,
    reason: StopReason,
    now_ms: i64,
) -> Result<(), DbError> {
    experiment.stop_reason = Some(reason);
    let results = result_of(tx, &experiment)?;
    keep(tx, &experiment, &results)?;
    let json =
        serde_json::to_string(&results).map_err(|error| DbError::Internal(error.to_string()))?;
    store::end(tx, experiment.id, reason, &json, now_ms)?;
    exposures::forget(tx, experiment.id)
}

/// Whether a look at an experiment would change something.
fn is_due(tx: &mut dyn Tx, id: i64) -> Result<bool, DbError> {
    let Some(experiment) = counting(tx, id)? else {
        return Ok(false);
    };
    let results = result_of(tx, &experiment)?;
    Ok(is_lower(&experiment, &results) || reason_to_end(tx, &experiment, &results)?.is_some())
}

/// Keeps what is found, and ends the experiment if it must; answers whether it did.
fn conclude(tx: &mut dyn Tx, id: i64, knowledge: &Snapshot, now_ms: i64) -> Result<bool, DbError> {
    let Some(experiment) = counting(tx, id)? else {
        return Ok(false);
    };
    let results = result_of(tx, &experiment)?;
    keep(tx, &experiment, &results)?;
    let Some(reason) = reason_to_end(tx, &experiment, &results)? else {
        return Ok(false);
    };
    end(tx, experiment, reason, now_ms)?;
    let key = format!("alarm:experiment:{id}");
    outbox::alarm(tx, knowledge, key, |lang| words(lang, reason), now_ms)?;
    Ok(true)
}

fn counting(tx: &mut dyn Tx, id: i64) -> Result<Option<Experiment>, DbError> {
    let experiment = match store::by_id(tx, id) {
        Ok(experiment) => experiment,
        Err(ExperimentError::NotFound) => return Ok(None),
        Err(ExperimentError::Db(error)) => return Err(error),
        Err(other) => return Err(DbError::Internal(other.to_string())),
    };
    Ok(Some(experiment).filter(|experiment| experiment.status.counts()))
}

fn reason_to_end(
    tx: &mut dyn Tx,
    experiment: &Experiment,
    results: &Results,
) -> Result<Option<StopReason>, DbError> {
    if results.variants.iter().any(|variant| variant.is_harmful) {
        return Ok(Some(StopReason::Harm));
    }
    let design = &experiment.design;
    if design.method != Method::Fixed || experiment.status != Status::Running {
        return Ok(None);
    }
    let counts = exposures::counts(tx, experiment)?;
    Ok(is_complete(design, &counts).then_some(StopReason::PlannedSize))
}

/// Whether a sequential p-value is smaller than any before. What has ended has its result.
fn is_lower(experiment: &Experiment, results: &Results) -> bool {
    experiment.status.counts()
        && experiment
            .design
            .variants
            .iter()
            .zip(&results.variants)
            .any(|(variant, found)| {
                found
                    .sequential_p_value
                    .is_some_and(|p| p < variant.sequential_p)
            })
}

fn keep(tx: &mut dyn Tx, experiment: &Experiment, results: &Results) -> Result<(), DbError> {
    let variants = experiment.design.variants.iter().zip(&results.variants);
    for (variant, found) in variants {
        if let Some(p) = found.sequential_p_value {
            store::keep_smallest(tx, variant.id, p)?;
        }
    }
    Ok(())
}

fn words(lang: Lang, reason: StopReason) -> (&'static str, &'static str) {
    match (lang, reason) {
        (Lang::Pl, StopReason::Harm) => (
            "Eksperyment został zatrzymany",
            "Jeden z wariantów wyraźnie szkodził: to, przed czym eksperyment miał chronić, zdarzało się przy nim częściej. \
             Goście widzą znów zwykłą treść, a wynik jest zapisany.",
        ),
        (Lang::Pl, StopReason::PlannedSize | StopReason::Manual) => (
            "Eksperyment dobiegł końca",
            "Każdy wariant zobaczyło tylu gości, ilu zaplanowano. Wynik jest gotowy.",
        ),
        (Lang::En, StopReason::Harm) => (
            "An experiment was stopped",
            "One of its variants did clear harm: what the experiment was to guard against became more frequent with it. \
             Visitors see the usual text again, and the result is kept.",
        ),
        (Lang::En, StopReason::PlannedSize | StopReason::Manual) => (
            "An experiment has ended",
            "As many visitors as planned have seen each variant. The result is there.",
        ),
        (Lang::De, StopReason::Harm) => (
            "Ein Experiment wurde angehalten",
            "Eine seiner Varianten hat deutlich geschadet: Wovor das Experiment schützen sollte, kam bei ihr häufiger vor. \
             Besucher sehen wieder den üblichen Text, das Ergebnis ist gespeichert.",
        ),
        (Lang::De, StopReason::PlannedSize | StopReason::Manual) => (
            "Ein Experiment ist zu Ende",
            "Jede Variante haben so viele Besucher gesehen wie geplant. Das Ergebnis liegt vor.",
        ),
    }
}
