//! What the counts allow to say. Pure.

use poem_openapi::{Enum, Object};
use serde::{Deserialize, Serialize};

use super::model::{Counts, Design, Experiment, Method, StopReason, Variant};
use super::statistics::{
    Arm, MISMATCH_BELOW, Plan, compare, fixed_size, holm, is_enough, sample_ratio_p, sequential_p,
    sequential_size,
};

/// The growth of what is guarded that is found quickest: five visitors of a hundred more.
const GUARD_SPREAD: f64 = 0.05;

/// What may be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[oai(rename_all = "snake_case", rename = "ExperimentVerdict")]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    /// Too early to say anything.
    NotEnoughVisitors,
    /// The planned visitors came and no difference shows; a smaller one than planned for may be there.
    NoDifferenceShown,
    /// A variant is better than the control.
    Better,
    /// A variant is worse than the control, and none is better.
    Worse,
    /// Visitors were not divided as intended, so nothing can be said; look for what keeps some from being counted.
    SampleRatioMismatch,
    /// What is guarded became more frequent, so the experiment ended.
    StoppedForHarm,
}

/// A variant against the control.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Object)]
#[oai(rename = "ExperimentComparison")]
pub(super) struct ComparisonView {
    /// Its rate less the control's.
    difference: f64,
    /// Lower end of the interval for the difference, at the experiment's confidence level.
    difference_low: f64,
    /// Upper end.
    difference_high: f64,
    /// The difference in per cent of the control's rate; null when that is 0.
    lift_percent: Option<f64>,
    /// Standard deviations the difference is from none.
    z: f64,
    /// Two-proportion z-test; true only for who looks once, at the planned size.
    p_value: f64,
    /// The same, corrected for several variants (Holm).
    p_value_corrected: f64,
}

/// What is known of a variant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Object)]
#[oai(rename = "ExperimentVariantResult")]
pub(super) struct VariantResult {
    pub(super) key: String,
    pub(super) name: String,
    is_control: bool,
    weight: u32,
    /// Visitors who saw it.
    pub(super) exposures: u64,
    /// Those of them who reached the goal.
    pub(super) conversions: u64,
    /// Share of these, 0 to 1.
    rate: f64,
    /// Visitors who used it, as the website reported.
    engagements: u64,
    /// Sum of the values the website reported with conversions; not checked by anybody.
    reported_value: f64,
    /// Visitors whom what is guarded befell; null without a guard.
    guard_events: Option<u64>,
    /// Share of these, 0 to 1.
    guard_rate: Option<f64>,
    /// Null for the control, and while nothing can be compared.
    comparison: Option<ComparisonView>,
    /// Always-valid p-value against the control, the smallest so far: true however often one looks. Null for the control.
    pub(super) sequential_p_value: Option<f64>,
    /// The same, corrected for several variants (Holm).
    sequential_p_value_corrected: Option<f64>,
    /// What may be said of it; null for the control.
    pub(super) verdict: Option<Verdict>,
    /// It makes what is guarded more frequent.
    pub(super) is_harmful: bool,
}

/// What may be said about an experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Object)]
#[oai(rename = "ExperimentResult")]
pub(super) struct Results {
    pub(super) verdict: Verdict,
    /// The variant that is best by far enough; null when there is none.
    pub(super) best_variant: Option<String>,
    confidence_level: f64,
    /// Visitors in all.
    exposures: u64,
    /// Visitors each variant needs before "no difference" can be said.
    visitors_needed_per_variant: u64,
    /// p-value of visitors against weights (chi-squared); null while they are few. Below 0.001 nothing else is said.
    sample_ratio_p_value: Option<f64>,
    pub(super) variants: Vec<VariantResult>,
}

/// What an experiment needs.
///
/// `error` is parted among the comparisons, so that together they err no oftener than one (Bonferroni).
pub(super) fn visitors_needed(design: &Design) -> u64 {
    let plan = Plan {
        rate: design.baseline_rate,
        difference: design.minimum_difference(),
        error: (1.0 - design.confidence_level) / comparisons(design),
        power: design.power,
    };
    match design.method {
        Method::Fixed => fixed_size(&plan),
        Method::Sequential => sequential_size(&plan),
    }
}

/// Visitors of all variants together until the one with the smallest weight has enough.
pub(super) fn visitors_in_all(design: &Design) -> u64 {
    let weights = design.variants.iter().map(|variant| variant.weight);
    let smallest = weights.clone().min().unwrap_or(1);
    let total: u64 = weights.map(u64::from).sum();
    let needed = u128::from(visitors_needed(design)) * u128::from(total);
    u64::try_from(needed.div_ceil(u128::from(smallest))).unwrap_or(u64::MAX)
}

/// Whether every variant has the visitors that were planned.
pub(super) fn is_complete(design: &Design, counts: &[Counts]) -> bool {
    let needed = visitors_needed(design);
    counts.iter().all(|counts| counts.visitors >= needed)
}

fn comparisons(design: &Design) -> f64 {
    let variants = u32::try_from(design.variants.len()).unwrap_or(u32::MAX);
    f64::from(variants.saturating_sub(1).max(1))
}

/// Judges an experiment.
///
/// * `counts`: of its variants, in their order.
pub(super) fn judge(experiment: &Experiment, counts: &[Counts]) -> Results {
    let design = &experiment.design;
    let arms: Vec<Arm> = counts.iter().map(|counts| arm(design, counts)).collect();
    let control = arms.first().copied().unwrap_or_default();
    let mut variants: Vec<VariantResult> = design
        .variants
        .iter()
        .zip(counts)
        .enumerate()
        .map(|(place, (variant, counts))| measured(design, place, variant, counts, control))
        .collect();
    correct(&mut variants);
    let needed = visitors_needed(design);
    for (variant, arm) in variants.iter_mut().zip(&arms).skip(1) {
        variant.verdict = Some(verdict_of(design, variant, control, *arm, needed));
    }
    harm(design, &mut variants, counts);
    let seen: Vec<(u64, u32)> = variants
        .iter()
        .map(|variant| (variant.exposures, variant.weight))
        .collect();
    let sample_ratio_p_value = sample_ratio_p(&seen);
    let is_mismatch = sample_ratio_p_value.is_some_and(|p| p < MISMATCH_BELOW);
    let is_harmed = experiment.stop_reason == Some(StopReason::Harm);
    let blocked = match (is_harmed, is_mismatch) {
        (true, _) => Some(Verdict::StoppedForHarm),
        (false, true) => Some(Verdict::SampleRatioMismatch),
        (false, false) => None,
    };
    if let Some(blocked) = blocked {
        for variant in variants.iter_mut().skip(1) {
            variant.verdict = Some(blocked);
        }
    }
    Results {
        verdict: blocked.unwrap_or_else(|| overall(&variants)),
        best_variant: best(&variants),
        confidence_level: design.confidence_level,
        exposures: seen.iter().map(|(visitors, _)| visitors).sum(),
        visitors_needed_per_variant: needed,
        sample_ratio_p_value,
        variants,
    }
}

fn arm(design: &Design, counts: &Counts) -> Arm {
    let happened = counts.goals.min(counts.visitors);
    if design.goal.is_absence() {
        Arm::new(counts.visitors, counts.visitors - happened)
    } else {
        Arm::new(counts.visitors, happened)
    }
}

fn measured(
    design: &Design,
    place: usize,
    variant: &Variant,
    counts: &Counts,
    control: Arm,
) -> VariantResult {
    let own = arm(design, counts);
    let is_control = place == 0;
    let found = compare(control, own, design.confidence_level).filter(|_| !is_control);
    let now_p = sequential_p(control, own, design.minimum_difference());
    let guard = Arm::new(counts.visitors, counts.guarded);
    VariantResult {
        key: variant.key.clone(),
        name: variant.name.clone(),
        is_control,
        weight: variant.weight,
        exposures: own.visitors,
        conversions: own.successes,
        rate: own.rate(),
        engagements: counts.engaged,
        reported_value: counts.value,
        guard_events: design.guard.map(|_| guard.successes),
        guard_rate: design.guard.map(|_| guard.rate()),
        comparison: found.map(|found| ComparisonView {
            difference: found.difference,
            difference_low: found.low,
            difference_high: found.high,
            lift_percent: found.lift_percent,
            z: found.z,
            p_value: found.p,
            p_value_corrected: found.p,
        }),
        sequential_p_value: (!is_control).then(|| variant.sequential_p.min(now_p)),
        sequential_p_value_corrected: None,
        verdict: None,
        is_harmful: false,
    }
}

/// Corrects the p-values of all comparisons for being several; what cannot be compared counts as 1.
fn correct(variants: &mut [VariantResult]) {
    let compared = || variants.iter().skip(1);
    let once: Vec<f64> = compared()
        .map(|variant| {
            variant
                .comparison
                .as_ref()
                .map_or(1.0, |found| found.p_value)
        })
        .collect();
    let always: Vec<f64> = compared()
        .map(|variant| variant.sequential_p_value.unwrap_or(1.0))
        .collect();
    let corrected = holm(&once).into_iter().zip(holm(&always));
    for (variant, (once, always)) in variants.iter_mut().skip(1).zip(corrected) {
        if let Some(found) = &mut variant.comparison {
            found.p_value_corrected = once;
        }
        variant.sequential_p_value_corrected = Some(always);
    }
}

fn verdict_of(
    design: &Design,
    variant: &VariantResult,
    control: Arm,
    own: Arm,
    needed: u64,
) -> Verdict {
    let has_planned = control.visitors.min(own.visitors) >= needed;
    let Some(found) = variant
        .comparison
        .as_ref()
        .filter(|_| is_enough(control, own))
    else {
        return Verdict::NotEnoughVisitors;
    };
    let p = match design.method {
        Method::Fixed if !has_planned => return Verdict::NotEnoughVisitors,
        Method::Fixed => found.p_value_corrected,
        Method::Sequential => variant.sequential_p_value_corrected.unwrap_or(1.0),
    };
    let is_shown = p <= 1.0 - design.confidence_level;
    match (is_shown, found.difference > 0.0) {
        (true, true) => Verdict::Better,
        (true, false) => Verdict::Worse,
        (false, _) if has_planned => Verdict::NoDifferenceShown,
        (false, _) => Verdict::NotEnoughVisitors,
    }
}

/// Marks the variants that make what is guarded more frequent: by the sequential test, since it is looked at all the
/// time, parted among the comparisons; only growth counts, so it errs half as often as it might.
fn harm(design: &Design, variants: &mut [VariantResult], counts: &[Counts]) {
    if design.guard.is_none() {
        return;
    }
    let guard = |counts: &Counts| Arm::new(counts.visitors, counts.guarded);
    let control = counts.first().map(guard).unwrap_or_default();
    let error = (1.0 - design.confidence_level) / comparisons(design);
    for (variant, counts) in variants.iter_mut().zip(counts).skip(1) {
        let own = guard(counts);
        let p = sequential_p(control, own, GUARD_SPREAD);
        variant.is_harmful = own.rate() > control.rate() && p <= error;
    }
}

fn overall(variants: &[VariantResult]) -> Verdict {
    let verdicts: Vec<Verdict> = variants
        .iter()
        .filter_map(|variant| variant.verdict)
        .collect();
    // A difference counts as soon as it shows; that there is none only when nobody is still waited for.
    [Verdict::Better, Verdict::Worse, Verdict::NotEnoughVisitors]
        .into_iter()
        .find(|verdict| verdicts.contains(verdict))
        .unwrap_or(Verdict::NoDifferenceShown)
}

fn best(variants: &[VariantResult]) -> Option<String> {
    variants
        .iter()
        .filter(|variant| variant.verdict == Some(Verdict::Better))
        .max_by(|one, other| one.rate.total_cmp(&other.rate))
        .map(|variant| variant.key.clone())
}
