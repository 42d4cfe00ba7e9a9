//! What is said about known counts.

use super::model::{
    Content, Counts, Design, Element, Experiment, Goal, Guard, Method, Status, StopReason, Variant,
};
use super::verdict::{Verdict, is_complete, judge, visitors_in_all, visitors_needed};

fn variant(key: &str) -> Variant {
    Variant {
        id: 0,
        key: key.into(),
        name: key.into(),
        weight: 1,
        content: Content::default(),
        sequential_p: 1.0,
    }
}

fn experiment(method: Method, keys: &[&str]) -> Experiment {
    Experiment {
        id: 1,
        design: Design {
            name: "Greeting".into(),
            hypothesis: None,
            element: Element::Greeting,
            goal: Goal::Lead,
            guard: Some(Guard::Fallback),
            method,
            traffic_percent: 100,
            confidence_level: 0.95,
            power: 0.8,
            baseline_rate: 0.1,
            minimum_lift_percent: 150.0,
            variants: keys.iter().map(|key| variant(key)).collect(),
        },
        salt: "00".into(),
        status: Status::Running,
        stop_reason: None,
        result_json: None,
        created_at_ms: 0,
        updated_at_ms: 0,
        started_at_ms: Some(0),
        ended_at_ms: None,
    }
}

fn counts(visitors: u64, goals: u64) -> Counts {
    Counts {
        visitors,
        goals,
        ..Counts::default()
    }
}

#[test]
fn the_check_value_is_better_by_150_percent() {
    let fixed = experiment(Method::Fixed, &["a", "b"]);
    // (1.959964 * sqrt(2 * 0.175 * 0.825) + 0.841621 * sqrt(0.09 + 0.1875))² / 0.15² = 99.54
    assert_eq!(visitors_needed(&fixed.design), 100);
    let found = judge(&fixed, &[counts(120, 12), counts(120, 30)]);
    let json = serde_json::to_value(&found).unwrap();
    let comparison = &json["variants"][1]["comparison"];
    let p = comparison["p_value"].as_f64().unwrap();
    assert!((p - 0.002_229).abs() < 5e-7, "{p}");
    let lift = comparison["lift_percent"].as_f64().unwrap();
    assert!((lift - 150.0).abs() < 1e-9, "{lift}");
    assert_eq!(found.verdict, Verdict::Better);
    assert_eq!(found.best_variant.as_deref(), Some("b"));
    let found = judge(&fixed, &[counts(120, 30), counts(120, 12)]);
    assert_eq!((found.verdict, found.best_variant), (Verdict::Worse, None));
}

#[test]
fn a_fixed_experiment_says_nothing_before_its_planned_size() {
    let fixed = experiment(Method::Fixed, &["a", "b"]);
    let early = [counts(99, 9), counts(99, 40)];
    assert_eq!(judge(&fixed, &early).verdict, Verdict::NotEnoughVisitors);
    assert!(!is_complete(&fixed.design, &early));
    let alike = [counts(150, 15), counts(150, 18)];
    assert_eq!(judge(&fixed, &alike).verdict, Verdict::NoDifferenceShown);
    assert!(is_complete(&fixed.design, &alike));
}

#[test]
fn a_sequential_experiment_speaks_as_soon_as_it_is_sure() {
    let sequential = experiment(Method::Sequential, &["a", "b"]);
    assert!(visitors_needed(&sequential.design) > 100);
    let early = [counts(90, 6), counts(90, 40)];
    assert_eq!(judge(&sequential, &early).verdict, Verdict::Better);
    let few = [counts(8, 0), counts(8, 8)];
    assert_eq!(judge(&sequential, &few).verdict, Verdict::NotEnoughVisitors);
    let alike = [counts(500, 50), counts(500, 51)];
    assert_eq!(
        judge(&sequential, &alike).verdict,
        Verdict::NoDifferenceShown
    );
}

#[test]
fn the_smallest_sequential_p_value_stays() {
    let mut sequential = experiment(Method::Sequential, &["a", "b"]);
    sequential.design.variants[1].sequential_p = 0.004;
    let found = judge(&sequential, &[counts(300, 30), counts(300, 36)]);
    assert_eq!(found.variants[1].sequential_p_value, Some(0.004));
    assert_eq!(found.verdict, Verdict::Better);
}

#[test]
fn several_variants_are_each_compared_and_corrected() {
    let three = experiment(Method::Fixed, &["a", "b", "c"]);
    let alone = experiment(Method::Fixed, &["a", "b"]);
    assert!(visitors_needed(&three.design) > visitors_needed(&alone.design));
    // 30 of 300 against 46: p = 0.0495 alone, twice that with another comparison.
    let two = judge(&alone, &[counts(300, 30), counts(300, 46)]);
    assert_eq!(two.verdict, Verdict::Better);
    let found = judge(&three, &[counts(300, 30), counts(300, 46), counts(300, 30)]);
    assert_eq!(found.verdict, Verdict::NoDifferenceShown);
    let found = judge(&three, &[counts(300, 30), counts(300, 75), counts(300, 10)]);
    let verdicts: Vec<_> = found
        .variants
        .iter()
        .map(|variant| variant.verdict)
        .collect();
    assert_eq!(
        verdicts,
        [None, Some(Verdict::Better), Some(Verdict::Worse)]
    );
    assert_eq!(found.best_variant.as_deref(), Some("b"));
}

#[test]
fn a_skewed_division_blocks_every_verdict() {
    let fixed = experiment(Method::Fixed, &["a", "b"]);
    let found = judge(&fixed, &[counts(500, 50), counts(300, 90)]);
    assert_eq!(found.verdict, Verdict::SampleRatioMismatch);
    assert_eq!(
        found.variants[1].verdict,
        Some(Verdict::SampleRatioMismatch)
    );
    assert_eq!(found.best_variant, None);
}

#[test]
fn what_is_guarded_and_grows_is_harm_and_what_shrinks_is_not() {
    let mut fixed = experiment(Method::Fixed, &["a", "b"]);
    let guarded = |visitors, guarded| Counts {
        guarded,
        ..counts(visitors, 10)
    };
    let grown = [guarded(100, 5), guarded(100, 40)];
    assert!(judge(&fixed, &grown).variants[1].is_harmful);
    let shrunk = [guarded(100, 40), guarded(100, 5)];
    assert!(!judge(&fixed, &shrunk).variants[1].is_harmful);
    fixed.stop_reason = Some(StopReason::Harm);
    assert_eq!(judge(&fixed, &grown).verdict, Verdict::StoppedForHarm);
    fixed.design.guard = None;
    assert!(!judge(&fixed, &grown).variants[1].is_harmful);
}

#[test]
fn who_was_not_passed_on_is_a_success_of_no_handoff() {
    let mut fixed = experiment(Method::Fixed, &["a", "b"]);
    fixed.design.goal = Goal::NoHandoff;
    let found = judge(&fixed, &[counts(200, 60), counts(200, 20)]);
    assert_eq!(found.variants[0].conversions, 140);
    assert_eq!(found.variants[1].conversions, 180);
    assert_eq!(found.verdict, Verdict::Better);
}

#[test]
fn the_smallest_weight_decides_how_many_visitors_are_needed_in_all() {
    let mut fixed = experiment(Method::Fixed, &["a", "b"]);
    assert_eq!(visitors_in_all(&fixed.design), 200);
    fixed.design.variants[0].weight = 9;
    assert_eq!(visitors_in_all(&fixed.design), 1_000);
}

#[test]
fn no_visitors_are_not_enough_visitors() {
    for method in [Method::Fixed, Method::Sequential] {
        let nobody = experiment(method, &["a", "b"]);
        let found = judge(&nobody, &[Counts::default(); 2]);
        assert_eq!(found.verdict, Verdict::NotEnoughVisitors);
        assert_eq!(found.variants[1].sequential_p_value, Some(1.0));
    }
}
