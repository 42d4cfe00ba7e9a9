//! How much two sentences are alike, by their letters.

use super::features::{Shape, each_gram};
use super::text::Views;

/// Three characters inside a word, so the order of words does not count.
const SHAPE: Shape = Shape {
    words: false,
    stem: 0,
    chars_min: 3,
    chars_max: 3,
};

/// A sentence, ready to be compared; case and diacritics do not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Likeness {
    /// The distinct grams, ascending.
    grams: Vec<u64>,
}

impl Likeness {
    /// Reads a sentence.
    pub fn of(text: &str) -> Self {
        let mut grams = Vec::new();
        each_gram(&Views::of(text).folded, SHAPE, |_, key| grams.push(key));
        grams.sort_unstable();
        grams.dedup();
        Self { grams }
    }

    /// Dice's coefficient of what both are made of: 0 nothing in common, 1 the same. Two unreadable ones are the same.
    pub fn to(&self, other: &Self) -> f32 {
        let (a, b) = (&self.grams, &other.grams);
        if a.is_empty() && b.is_empty() {
            return 1.0;
        }
        let (mut at_a, mut at_b, mut common) = (0, 0, 0usize);
        while let (Some(gram_a), Some(gram_b)) = (a.get(at_a), b.get(at_b)) {
            common += usize::from(gram_a == gram_b);
            at_a += usize::from(gram_a <= gram_b);
            at_b += usize::from(gram_b <= gram_a);
        }
        2.0 * common as f32 / (a.len() + b.len()) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn likeness_is_the_share_of_common_grams() {
        let grams = |grams: &[u64]| Likeness {
            grams: grams.to_vec(),
        };
        let alike = grams(&[1, 2, 3]).to(&grams(&[2, 3, 4, 5, 6]));
        assert!((alike - 0.5).abs() < 1e-6);
        assert!((grams(&[]).to(&grams(&[])) - 1.0).abs() < 1e-6);
        assert!(grams(&[1]).to(&grams(&[])).abs() < 1e-6);
    }

    #[test]
    fn case_diacritics_and_the_order_of_words_do_not_count() {
        let alike =
            Likeness::of("Ile kosztuje łazienka?").to(&Likeness::of("LAZIENKA ile kosztuje"));
        assert!((alike - 1.0).abs() < 1e-6);
    }

    proptest! {
        #[test]
        fn likeness_is_the_same_both_ways_and_whole_to_itself(a in "[a-d ]{0,12}", b in "[a-d ]{0,12}") {
            let (a, b) = (Likeness::of(&a), Likeness::of(&b));
            prop_assert!((a.to(&b) - b.to(&a)).abs() < f32::EPSILON);
            prop_assert!((a.to(&a) - 1.0).abs() < f32::EPSILON);
            prop_assert!((0.0..=1.0).contains(&a.to(&b)));
        }
    }
}
