use proptest::prelude::*;
use serde_json::{Value, json};

use super::questions::Package::{Luxury, Premium, Standard};
use super::rules::{Answer, AnswerError, Said, recommend, understood};

fn answers(values: &Value) -> Vec<Answer> {
    let sent: Vec<(i64, Value)> = (1..).zip(values.as_array().unwrap().clone()).collect();
    understood(&sent).unwrap()
}

#[test]
fn the_cheapest_answer_to_all_is_standard_without_doubt() {
    let result = recommend(&answers(&json!([
        30, 80_000, true, "basic", "flat", "classic", false, false
    ])));
    assert_eq!(result.package, Standard);
    assert_eq!(result.scores, [407, 0, 0]);
    assert!((result.confidence - 100.0).abs() < 1e-9);
}

#[test]
fn a_large_costly_shop_is_luxury() {
    let result = recommend(&answers(&json!([
        120,
        400_000,
        "no",
        "luxury",
        "commercial",
        "industrial",
        "yes",
        "yes"
    ])));
    assert_eq!(result.package, Luxury);
    assert_eq!(result.scores, [0, 170, 951]);
    assert!((result.confidence - 84.8).abs() < 1e-9);
}

#[test]
fn a_house_with_good_materials_is_premium() {
    let result = recommend(&answers(&json!([
        65, 150_000, "no", "premium", "house", "modern", "yes", "yes"
    ])));
    assert_eq!(result.package, Premium);
    assert_eq!(result.scores, [0, 730, 180]);
    assert!((result.confidence - 80.2).abs() < 1e-9);
}

#[test]
fn every_number_falls_in_a_band_and_a_bound_belongs_to_the_lower_one() {
    for (area, scores) in [
        (json!(40), [50, 0, 0]),
        (json!(40.5), [0, 100, 0]),
        (json!("40,5"), [0, 100, 0]),
        (json!(70), [0, 100, 0]),
        (json!(70.01), [0, 0, 150]),
    ] {
        assert_eq!(recommend(&answers(&json!([area]))).scores, scores, "{area}");
    }
    let budget = |said: i64| recommend(&understood(&[(2, json!(said))]).unwrap()).scores;
    assert_eq!(budget(100_000), [100, 0, 0]);
    assert_eq!(budget(100_001), [0, 200, 0]);
    assert_eq!(budget(200_001), [0, 0, 300]);
}

#[test]
fn at_equal_points_the_simpler_package_is_recommended() {
    let tie = understood(&[(1, json!(40)), (3, json!("no"))]).unwrap();
    assert_eq!(recommend(&tie).scores, [50, 50, 0]);
    assert_eq!(recommend(&tie).package, Standard);
}

#[test]
fn choices_are_understood_in_the_words_of_three_languages_and_of_version_2_3() {
    for words in ["Średniej jakości", "MEDIUM", "mid-range"] {
        let answers = understood(&[(4, json!(words))]).unwrap();
        assert_eq!(answers[0].said, Said::Choice("medium"), "{words}");
    }
    for words in [
        "apartment building",
        "apartment_building",
        "Apartamentowiec",
    ] {
        let answers = understood(&[(5, json!(words))]).unwrap();
        assert_eq!(answers[0].said, Said::Choice("apartment_building"));
    }
    for words in ["tak", "Ja", "yes", "true"] {
        let answers = understood(&[(7, json!(words))]).unwrap();
        assert_eq!(answers[0].said, Said::YesNo(true));
    }
}

#[test]
fn what_does_not_fit_is_refused_with_its_place() {
    let refused = |sent: &[(i64, Value)]| understood(sent).err().unwrap();
    assert_eq!(refused(&[]), AnswerError::None);
    assert_eq!(refused(&vec![(1, json!(1)); 101]), AnswerError::TooMany);
    assert_eq!(
        refused(&[(1, json!(50)), (9, json!(1))]),
        AnswerError::UnknownQuestion { at: 1 }
    );
    assert_eq!(
        refused(&[(1, json!(50)), (1, json!(60))]),
        AnswerError::Twice { at: 1 }
    );
    for wrong in [
        json!("big"),
        json!(0),
        json!(-5),
        json!(null),
        json!("NaN"),
        json!("inf"),
        json!("150,000"),
    ] {
        assert_eq!(
            refused(&[(1, wrong.clone())]),
            AnswerError::NotANumber { at: 0 },
            "{wrong}"
        );
    }
    assert_eq!(refused(&[(3, json!(1))]), AnswerError::NotYesOrNo { at: 0 });
    assert_eq!(
        refused(&[(6, json!("gothic"))]).field(),
        "answers[0].answer"
    );
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<f64>().prop_map(|number| json!(number)),
        any::<i64>().prop_map(|number| json!(number)),
        any::<bool>().prop_map(|is_yes| json!(is_yes)),
        "\\PC{0,30}".prop_map(|text| json!(text)),
        prop::sample::select(vec![
            "basic", "luxury", "house", "flat", "modern", "classic", "yes", "no", "55,5",
        ])
        .prop_map(|text| json!(text)),
        Just(json!(null)),
        Just(json!([1])),
    ]
}

proptest! {
    #[test]
    fn random_answers_never_panic_and_confidence_stays_within_0_and_100(
        sent in prop::collection::vec((-1_i64..11, any_value()), 0..12)
    ) {
        if let Ok(answers) = understood(&sent) {
            let result = recommend(&answers);
            prop_assert!((0.0..=100.0).contains(&result.confidence));
            prop_assert_eq!(
                result.scores[result.package as usize],
                result.scores.into_iter().max().unwrap_or_default()
            );
        }
    }

    #[test]
    fn a_larger_area_never_scores_for_a_simpler_package(a in 0.1_f64..1e6, b in 0.1_f64..1e6) {
        let package = |m2: f64| recommend(&understood(&[(1, json!(m2))]).unwrap()).package as usize;
        prop_assert!(package(a.min(b)) <= package(a.max(b)));
    }
}
