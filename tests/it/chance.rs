//! Random points at which something is killed. A failed test prints its seed; `NOVAHOUSE_SEED` makes it choose the same ones.

use std::time::Duration;

/// How often the test of one operation kills it: 50 in a long run, else its share of the 50 that backup, restore and
/// erasure have together.
pub fn kills_wanted(share: u32) -> u32 {
    if std::env::var_os("NOVAHOUSE_LONG").is_some() {
        50
    } else {
        share
    }
}

/// Random numbers from a seed (`SplitMix64`).
pub struct Chance(u64);

impl Chance {
    /// From the seed in the environment, else from a new one.
    pub fn new() -> Self {
        let named = std::env::var("NOVAHOUSE_SEED").ok();
        let seed = named.map_or_else(
            || uuid::Uuid::new_v4().as_u64_pair().0,
            |seed| seed.parse().expect("NOVAHOUSE_SEED is a number"),
        );
        println!("NOVAHOUSE_SEED={seed}");
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A time up to `most`.
    pub fn up_to(&mut self, most: Duration) -> Duration {
        let part = u32::try_from(self.next() >> 32).unwrap_or(u32::MAX);
        most.mul_f64(f64::from(part) / f64::from(u32::MAX))
    }
}
