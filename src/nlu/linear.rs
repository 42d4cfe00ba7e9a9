//! Multinomial logistic regression on sparse rows: the quantised model and its scores.
//!
//! Training is in `solver.rs`.

use super::NluError;
use super::codec::{Reader, Writer};
use super::features::Vector;

/// Classes are padded to a multiple of this, so that a row is a whole number of vector registers.
const LANES: usize = 16;

/// As [`LANES`], for models of few classes.
const FEW: usize = 4;

/// A trained model: one contiguous row of weights per feature, 8 bits each with a scale per row.
#[derive(Debug, Clone, PartialEq)]
pub struct Linear {
    classes: usize,
    /// `stride_of(classes)`.
    stride: usize,
    /// Per class.
    bias: Vec<f32>,
    /// Per feature: what one step of its weights is worth.
    scales: Vec<f32>,
    /// `scales.len() * stride`, feature by feature.
    weights: Vec<i8>,
}

/// Length of a row for so many classes.
pub fn stride_of(classes: usize) -> usize {
    if classes <= FEW {
        FEW
    } else {
        classes.next_multiple_of(LANES)
    }
}

impl Linear {
    /// Rounds every row of `weights` (`rows * stride_of(classes)`, feature by feature) to 8 bits;
    /// the largest error is 1/254 of the row's largest weight.
    pub fn quantise(classes: usize, bias: Vec<f32>, weights: &[f32]) -> Linear {
        let stride = stride_of(classes);
        let mut scales = Vec::with_capacity(weights.len() / stride.max(1));
        let mut small = Vec::with_capacity(weights.len());
        for row in weights.chunks_exact(stride) {
            let largest = row.iter().fold(0.0f32, |top, w| top.max(w.abs()));
            let scale = (largest / 127.0).max(f32::MIN_POSITIVE);
            scales.push(scale);
            small.extend(row.iter().map(|w| (w / scale).round() as i8));
        }
        Linear {
            classes,
            stride,
            bias,
            scales,
            weights: small,
        }
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Number of features.
    pub fn rows(&self) -> usize {
        self.scales.len()
    }

    /// Bytes held on the heap.
    pub fn bytes(&self) -> usize {
        self.weights.len() + (self.scales.len() + self.bias.len()) * 4
    }

    /// The score (logit) of each class.
    pub fn scores(&self, text: &Vector) -> Vec<f32> {
        let mut sums = vec![0.0f32; self.stride];
        if self.stride == FEW {
            self.add_rows::<FEW>(text, &mut sums);
        } else {
            self.add_rows::<LANES>(text, &mut sums);
        }
        sums.truncate(self.classes);
        sums.iter_mut().zip(&self.bias).for_each(|(s, b)| *s += b);
        sums
    }

    /// Adds every row of `text`, `N` classes at a time.
    #[inline]
    fn add_rows<const N: usize>(&self, text: &Vector, sums: &mut [f32]) {
        let (sums, _) = sums.as_chunks_mut::<N>();
        for &(row, value) in &text.items {
            let row = row as usize;
            let factor = value * self.scales[row];
            let (weights, _) = self.weights[row * self.stride..][..self.stride].as_chunks::<N>();
            for (sums, weights) in sums.iter_mut().zip(weights) {
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum += factor * f32::from(*weight);
                }
            }
        }
    }

    /// Writes the model.
    pub fn encode(&self, out: &mut Writer) {
        out.f32s(&self.bias);
        out.f32s(&self.scales);
        out.i8s(&self.weights);
    }

    /// Reads what [`Linear::encode`] wrote. Errors: damaged bytes.
    pub fn decode(input: &mut Reader<'_>) -> Result<Linear, NluError> {
        let bias = input.f32s()?;
        let scales = input.f32s()?;
        let weights = input.i8s()?;
        let classes = bias.len();
        let stride = stride_of(classes);
        if classes < 2 || scales.len().checked_mul(stride) != Some(weights.len()) {
            return Err(NluError::Damaged("weights"));
        }
        Ok(Linear {
            classes,
            stride,
            bias,
            scales,
            weights,
        })
    }
}

/// Turns scores into probabilities: softmax of `scores * sharpness`.
pub fn softmax(scores: &mut [f32], sharpness: f32) {
    let top = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = ((*score - top) * sharpness).exp();
        sum += *score;
    }
    for score in scores.iter_mut() {
        *score /= sum;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A model of 20 rows with weights of very different sizes, and the exact weights.
    fn model(classes: usize) -> (Linear, Vec<f32>) {
        let stride = stride_of(classes);
        let weight = |i: usize| {
            let (row, class) = (i / stride, i % stride);
            let size = 10f32.powi(row as i32 % 7 - 3);
            if class < classes {
                size * ((i * 37 % 19) as f32 - 9.0)
            } else {
                0.0
            }
        };
        let weights: Vec<f32> = (0..20 * stride).map(weight).collect();
        let bias = (0..classes).map(|class| class as f32 * 0.1).collect();
        (Linear::quantise(classes, bias, &weights), weights)
    }

    #[test]
    fn eight_bits_keep_each_row_to_a_two_hundredth_of_its_largest_weight() {
        for classes in [2, 3, 4, 5, 16, 17, 45] {
            let (linear, weights) = model(classes);
            for (row, exact) in weights.chunks(stride_of(classes)).enumerate() {
                let items = vec![(row as u32, 1.0)];
                let scores = linear.scores(&Vector { items });
                assert_eq!(scores.len(), classes);
                let largest = exact.iter().fold(0.0f32, |top, w| top.max(w.abs()));
                for (class, score) in scores.iter().enumerate() {
                    let error = (score - exact[class] - class as f32 * 0.1).abs();
                    assert!(error <= largest / 200.0 + 1e-5, "{classes} {row} {class}");
                }
            }
        }
    }

    #[test]
    fn softmax_is_a_distribution_for_any_finite_scores() {
        for mut scores in [
            vec![0.0, 0.0],
            vec![1e30, -1e30, 0.0],
            vec![-5.0; 7],
            vec![80.0, 90.0],
        ] {
            softmax(&mut scores, 1.3);
            assert!((scores.iter().sum::<f32>() - 1.0).abs() < 1e-5);
            assert!(scores.iter().all(|p| (0.0..=1.0).contains(p)));
        }
    }

    #[test]
    fn a_model_is_read_back_and_damage_is_noticed() {
        let (linear, _) = model(5);
        let mut out = Writer::default();
        linear.encode(&mut out);
        let bytes = out.into_bytes();
        assert_eq!(Linear::decode(&mut Reader::new(&bytes)), Ok(linear));
        for end in 0..bytes.len() {
            assert!(Linear::decode(&mut Reader::new(&bytes[..end])).is_err());
        }
        let mut out = Writer::default();
        out.f32s(&[0.0; 5]);
        out.f32s(&[1.0; 3]);
        out.i8s(&[1; 47]);
        assert!(Linear::decode(&mut Reader::new(out.bytes())).is_err());
    }
}
