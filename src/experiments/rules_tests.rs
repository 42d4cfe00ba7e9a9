//! Who gets which variant: stable, as often as intended, and no share says anything about another.

use proptest::prelude::*;

use super::rules::{drawn, takes_part};
use super::statistics::{MISMATCH_BELOW, sample_ratio_p};

const SESSIONS: u32 = 4_000;

fn session(number: u32) -> String {
    format!("nh_{number}")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_variant_gets_its_part(
        salt in "[a-f0-9]{32}",
        weights in prop::collection::vec(1_u32..=20, 2..=5),
    ) {
        let mut seen: Vec<(u64, u32)> = weights.iter().map(|weight| (0, *weight)).collect();
        for number in 0..SESSIONS {
            seen[drawn(&salt, &session(number), &weights)].0 += 1;
        }
        // By chance one of a hundred million cases is off as far as this.
        prop_assert!(sample_ratio_p(&seen).unwrap() > 1e-8, "{seen:?}");
    }

    #[test]
    fn as_many_take_part_as_shall(salt in "[a-f0-9]{32}", percent in 5_u32..=95) {
        let inside = (0..SESSIONS).filter(|n| takes_part(&salt, &session(*n), percent)).count() as u64;
        let seen = [(inside, percent), (u64::from(SESSIONS) - inside, 100 - percent)];
        prop_assert!(sample_ratio_p(&seen).unwrap() > 1e-8, "{seen:?}");
    }

    #[test]
    fn taking_part_says_nothing_about_the_variant(salt in "[a-f0-9]{32}") {
        let mut seen = [(0, 1), (0, 1)];
        let inside = (0..SESSIONS).filter(|number| takes_part(&salt, &session(*number), 50));
        for number in inside {
            seen[drawn(&salt, &session(number), &[1, 1])].0 += 1;
        }
        prop_assert!(sample_ratio_p(&seen).unwrap() > 1e-8, "{seen:?}");
    }

    #[test]
    fn the_variant_of_one_experiment_says_nothing_about_that_of_another(
        one in "[a-f0-9]{32}",
        other in "[a-f0-9]{32}",
    ) {
        prop_assume!(one != other);
        let mut seen = [(0, 1); 4];
        for number in 0..SESSIONS {
            let session = session(number);
            seen[drawn(&one, &session, &[1, 1]) * 2 + drawn(&other, &session, &[1, 1])].0 += 1;
        }
        prop_assert!(sample_ratio_p(&seen).unwrap() > 1e-8, "{seen:?}");
    }
}

#[test]
fn a_session_keeps_its_variant() {
    let variants: Vec<usize> = (0..8)
        .map(|number| drawn("00ff", &session(number), &[1, 1, 2]))
        .collect();
    let again: Vec<usize> = (0..8)
        .map(|number| drawn("00ff", &session(number), &[1, 1, 2]))
        .collect();
    assert_eq!(variants, again);
    assert!((0..50).all(|number| takes_part("00ff", &session(number), 100)));
}

#[test]
fn a_wrong_division_would_be_seen() {
    let mut seen = [(0, 1), (0, 1)];
    for number in 0..SESSIONS {
        seen[drawn("00ff", &session(number), &[3, 2])].0 += 1;
    }
    assert!(sample_ratio_p(&seen).unwrap() < MISMATCH_BELOW);
}
