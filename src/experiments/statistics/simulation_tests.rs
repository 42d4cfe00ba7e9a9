//! What the methods promise, tried on visitors made up by chance, always the same ones.

use super::*;

const EXPERIMENTS: u32 = 2_000;
const RATE: f64 = 0.1;
const ERROR: f64 = 0.05;
/// Looks at a running experiment, and visitors an arm between two of them.
const LOOKS: u32 = 40;
const BATCH: u64 = 50;

/// `SplitMix64`: G. L. Steele, D. Lea, C. H. Flood, Fast Splittable Pseudorandom Number Generators, OOPSLA 2014.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn comes(&mut self, rate: f64) -> bool {
        real(self.next() >> 11) < rate * real(1 << 53)
    }

    /// More visitors of an arm.
    fn add(&mut self, arm: &mut Arm, visitors: u64, rate: f64) {
        arm.visitors += visitors;
        arm.successes += (0..visitors).filter(|_| self.comes(rate)).count() as u64;
    }
}

fn share(times: u32) -> f64 {
    f64::from(times) / f64::from(EXPERIMENTS)
}

/// How many of the experiments without a difference were taken for one, by who looks after every batch: by the sequential
/// p-value, by the z-test, and by harm alone.
fn false_alarms() -> (f64, f64, f64) {
    let mut chance = Chance(8);
    let (mut sequential, mut naive, mut harm) = (0, 0, 0);
    for _ in 0..EXPERIMENTS {
        let (mut a, mut b) = (Arm::default(), Arm::default());
        let (mut smallest, mut smallest_once, mut smallest_harm): (f64, f64, f64) = (1.0, 1.0, 1.0);
        for _ in 0..LOOKS {
            chance.add(&mut a, BATCH, RATE);
            chance.add(&mut b, BATCH, RATE);
            let p = sequential_p(a, b, 0.02);
            smallest = smallest.min(p);
            if b.rate() > a.rate() {
                smallest_harm = smallest_harm.min(p);
            }
            let once = compare(a, b, 0.95).map_or(1.0, |found| found.p);
            smallest_once = smallest_once.min(once);
        }
        sequential += u32::from(smallest <= ERROR);
        naive += u32::from(smallest_once <= ERROR);
        harm += u32::from(smallest_harm <= ERROR);
    }
    (share(sequential), share(naive), share(harm))
}

#[test]
fn who_looks_forty_times_is_fooled_by_the_z_test_and_not_by_the_sequential_one() {
    let (sequential, naive, harm) = false_alarms();
    assert!(sequential < ERROR, "{sequential}");
    assert!(harm < ERROR / 2.0 + 0.01, "{harm}");
    assert!(naive > 3.0 * ERROR, "{naive}");
}

/// Share of experiments with the planned difference that show it, looked at after `looks` equal parts.
fn shown(plan: &Plan, size: u64, looks: u64, p: impl Fn(Arm, Arm) -> f64) -> f64 {
    let mut chance = Chance(80);
    let mut times = 0;
    for _ in 0..EXPERIMENTS {
        let (mut a, mut b) = (Arm::default(), Arm::default());
        let found = (0..looks).any(|_| {
            chance.add(&mut a, size.div_ceil(looks), plan.rate);
            chance.add(&mut b, size.div_ceil(looks), plan.rate + plan.difference);
            p(a, b) <= plan.error
        });
        times += u32::from(found);
    }
    share(times)
}

#[test]
fn an_experiment_of_the_planned_size_shows_the_difference_as_often_as_promised() {
    let plan = Plan {
        rate: RATE,
        difference: 0.03,
        error: ERROR,
        power: 0.8,
    };
    let once = |a, b| compare(a, b, 0.95).map_or(1.0, |found| found.p);
    let share = shown(&plan, fixed_size(&plan), 1, once);
    assert!((0.77..=0.83).contains(&share), "{share}");
    let half = shown(&plan, fixed_size(&plan) / 2, 1, once);
    assert!(half < 0.6, "{half}");
    let always = |a, b| sequential_p(a, b, plan.difference);
    let share = shown(&plan, sequential_size(&plan), 10, always);
    assert!((0.78..=0.9).contains(&share), "{share}");
}

#[test]
fn a_skewed_division_is_seen_and_a_right_one_hardly_ever_blamed() {
    let blamed = |first: f64| {
        let mut chance = Chance(3);
        let mut times = 0;
        for _ in 0..EXPERIMENTS {
            let mut visitors = [(0, 1), (0, 1)];
            for _ in 0..2_000 {
                visitors[usize::from(!chance.comes(first))].0 += 1;
            }
            let p = sample_ratio_p(&visitors).unwrap();
            times += u32::from(p < MISMATCH_BELOW);
        }
        share(times)
    };
    assert!(blamed(0.5) < 0.004, "{}", blamed(0.5));
    assert!(blamed(0.57) > 0.99, "{}", blamed(0.57));
}
