//! Multinomial logistic regression on sparse rows: the quantised model and its scores.
//!
//! Training is in `solver.rs`.

use super::NluError;
use super::codec::{Reader, Writer};
use super::features::Vector;

/// Classes are padded to a multiple of this, so that a row is a whole number of vector registers.
pub const LANES: usize = 16;

/// A trained model: one contiguous row of weights per feature, 8 bits each with a scale per row.
#[derive(Debug, Clone, PartialEq)]
pub struct Linear {
    classes: usize,
    /// `classes`, padded to [`LANES`].
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
    classes.next_multiple_of(LANES)
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
        for &(row, value) in &text.items {
            let row = row as usize;
            let factor = value * self.scales[row];
            let weights = &self.weights[row * self.stride..][..self.stride];
            let (sums, _) = sums.as_chunks_mut::<LANES>();
            let (weights, _) = weights.as_chunks::<LANES>();
            for (sums, weights) in sums.iter_mut().zip(weights) {
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum += factor * f32::from(*weight);
                }
            }
        }
        sums.truncate(self.classes);
        sums.iter_mut().zip(&self.bias).for_each(|(s, b)| *s += b);
        sums
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
    scores.iter_mut().for_each(|score| *score /= sum);
}
