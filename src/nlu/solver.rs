//! Training of the linear classifiers: one squared-hinge support vector machine per class, by dual coordinate descent.
//!
//! Minimised is, for every class k over its weights w (one per feature),
//!
//! ```text
//! ½ |w|² + C Σᵢ mᵢ · max(0, 1 − yᵢ w·xᵢ)²,     yᵢ = 1 for the examples of class k, else −1
//! ```
//!
//! with a weight mᵢ per example. In the dual every example holds a number a per class (≥ 0 for its own class, ≤ 0 for
//! the others) and w = Σᵢ aᵢ xᵢ. One step solves one a exactly, given all others (Hsieh, Chang, Lin, Keerthi and
//! Sundararajan, 2008):
//!
//! ```text
//! a ← a − (w·xᵢ − yᵢ + d a) / (|xᵢ|² + d),  cut off at 0,     d = 1 / (2 C mᵢ)
//! ```
//!
//! All classes share the features of an example, so its classes are stepped together, row by contiguous row. No step
//! size and no line search; about ten passes suffice.

use super::features::Vector;
use super::linear::{Linear, stride_of};

/// One training example.
#[derive(Debug, Clone)]
pub struct Example {
    /// Its features.
    pub vector: Vector,
    /// Its class.
    pub class: usize,
    /// How much it counts (1 is normal).
    pub weight: f32,
}

/// Settings of the training.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// C above: larger fits the examples more closely.
    pub strength: f32,
    /// Value of the constant feature; 0 leaves the bias out.
    pub bias: f32,
    /// Passes over the examples at most.
    pub passes: usize,
    /// An early end: when no dual variable of a pass moved by more than this.
    pub tolerance: f32,
}

/// Changes below this are not carried into the weights; the dual variable keeps its old value.
const NEGLIGIBLE: f32 = 1e-4;

/// Trains on `examples`, whose rows are below `rows` and whose classes are below `classes`.
///
/// Deterministic: the order of each pass comes from a fixed sequence. A score is a margin: about 1 for what is surely
/// of a class, −1 for what surely is not.
pub fn train(examples: &[Example], rows: usize, classes: usize, plan: Plan) -> Linear {
    let mut state = State::new(examples, rows, classes, plan);
    let mut order: Vec<usize> = (0..examples.len()).collect();
    let mut random = 0x853c_49e6_748f_ea9b_u64;
    for _ in 0..plan.passes {
        shuffle(&mut order, &mut random);
        let mut moved = 0.0f32;
        for &index in &order {
            moved = moved.max(state.visit(index));
        }
        if moved < plan.tolerance {
            break;
        }
    }
    let bias = state.bias[..classes]
        .iter()
        .map(|b| b * plan.bias)
        .collect();
    Linear::quantise(classes, bias, &state.weights)
}

/// Fisher-Yates with a linear congruential sequence (Knuth's MMIX constants).
fn shuffle(order: &mut [usize], random: &mut u64) {
    for last in (1..order.len()).rev() {
        *random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let pick = (u128::from(*random) * (last as u128 + 1)) >> 64;
        order.swap(last, pick as usize);
    }
}

struct State<'a> {
    examples: &'a [Example],
    plan: Plan,
    classes: usize,
    stride: usize,
    /// Feature by feature, `stride` each.
    weights: Vec<f32>,
    bias: Vec<f32>,
    /// Dual variables a, example by example, `stride` each (the padding stays 0).
    duals: Vec<f32>,
    /// |x|² of each example, constant feature included.
    squares: Vec<f32>,
    scores: Vec<f32>,
    changes: Vec<f32>,
}

impl<'a> State<'a> {
    fn new(examples: &'a [Example], rows: usize, classes: usize, plan: Plan) -> State<'a> {
        let stride = stride_of(classes);
        let square = |example: &Example| {
            let items = example.vector.items.iter();
            items.map(|(_, v)| v * v).sum::<f32>() + plan.bias * plan.bias
        };
        State {
            examples,
            plan,
            classes,
            stride,
            weights: vec![0.0; rows * stride],
            bias: vec![0.0; stride],
            duals: vec![0.0; examples.len() * stride],
            squares: examples.iter().map(square).collect(),
            scores: vec![0.0; stride],
            changes: vec![0.0; stride],
        }
    }

    /// One step of every class for one example; returns how far its dual variables moved.
    fn visit(&mut self, index: usize) -> f32 {
        let example = &self.examples[index];
        let square = self.squares[index];
        if square <= 0.0 || example.weight <= 0.0 {
            return 0.0;
        }
        for (score, bias) in self.scores.iter_mut().zip(&self.bias) {
            *score = bias * self.plan.bias;
        }
        for &(row, value) in &example.vector.items {
            let weights = &self.weights[row as usize * self.stride..][..self.stride];
            add_scaled(&mut self.scores, weights, value);
        }
        let moved = self.step(index, square);
        if moved > 0.0 {
            add_scaled(&mut self.bias, &self.changes, self.plan.bias);
            for &(row, value) in &example.vector.items {
                let weights = &mut self.weights[row as usize * self.stride..][..self.stride];
                add_scaled(weights, &self.changes, value);
            }
        }
        moved
    }

    /// Moves the example's dual variables to where its scores want them and notes by how much.
    fn step(&mut self, index: usize, square: f32) -> f32 {
        let example = &self.examples[index];
        let damping = 0.5 / (self.plan.strength * example.weight);
        let factor = 1.0 / (square + damping);
        let duals = &mut self.duals[index * self.stride..][..self.classes];
        let own = example.class;
        let own_dual = duals[own];
        let own_new = (own_dual - (self.scores[own] - 1.0 + damping * own_dual) * factor).max(0.0);
        let mut moved = 0.0f32;
        for ((dual, score), change) in duals.iter_mut().zip(&self.scores).zip(&mut self.changes) {
            let new = (*dual - (score + 1.0 + damping * *dual) * factor).min(0.0);
            let by = new - *dual;
            *change = if by.abs() > NEGLIGIBLE { by } else { 0.0 };
            *dual += *change;
        }
        let by = own_new - own_dual;
        self.changes[own] = if by.abs() > NEGLIGIBLE { by } else { 0.0 };
        duals[own] = own_dual + self.changes[own];
        for change in &self.changes[..self.classes] {
            moved = moved.max(change.abs());
        }
        moved
    }
}

/// `target += source * factor`.
#[inline]
fn add_scaled(target: &mut [f32], source: &[f32], factor: f32) {
    for (target, source) in target.iter_mut().zip(source) {
        *target += source * factor;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(items: &[(u32, f32)], class: usize) -> Example {
        Example {
            vector: Vector {
                items: items.to_vec(),
            },
            class,
            weight: 1.0,
        }
    }

    #[test]
    fn the_gradient_vanishes_at_the_trained_weights() {
        let examples = [
            example(&[(0, 1.0), (2, 0.3)], 0),
            example(&[(0, 0.8), (1, 0.6)], 0),
            example(&[(1, 1.0), (2, 0.4)], 1),
            example(&[(2, 1.0)], 2),
            example(&[(0, 0.5), (2, 0.9)], 2),
        ];
        let plan = Plan {
            strength: 5.0,
            bias: 0.0,
            passes: 2_000,
            tolerance: 0.0,
        };
        let model = train(&examples, 3, 3, plan);
        for row in 0..3u32 {
            for class in 0..3 {
                let vector = example(&[(row, 1.0)], 0).vector;
                let weight = model.scores(&vector)[class];
                let mut pull = 0.0;
                for e in &examples {
                    let y = if e.class == class { 1.0 } else { -1.0 };
                    let x = e.vector.items.iter().find(|i| i.0 == row);
                    let slack = (1.0 - y * model.scores(&e.vector)[class]).max(0.0);
                    pull += 2.0 * plan.strength * slack * y * x.map_or(0.0, |i| i.1);
                }
                assert!(
                    (weight - pull).abs() < 0.15,
                    "{row} {class}: {weight} {pull}"
                );
            }
        }
    }

    #[test]
    fn an_example_that_counts_more_is_fitted_more_closely() {
        let plan = Plan {
            strength: 0.5,
            bias: 0.0,
            passes: 200,
            tolerance: 0.0,
        };
        let mut examples = [example(&[(0, 1.0)], 0), example(&[(0, 1.0)], 1)];
        let even = train(&examples, 1, 2, plan).scores(&examples[0].vector);
        assert!((even[0] - even[1]).abs() < 0.02);
        examples[1].weight = 4.0;
        let leaning = train(&examples, 1, 2, plan).scores(&examples[0].vector);
        assert!(leaning[1] > leaning[0] + 0.3);
    }

    #[test]
    fn training_twice_gives_the_same_model() {
        let examples: Vec<Example> = (0..40u32)
            .map(|i| example(&[(i % 7, 1.0), (7 + i % 3, 0.5)], (i % 3) as usize))
            .collect();
        let plan = Plan {
            strength: 10.0,
            bias: 1.0,
            passes: 10,
            tolerance: 1e-3,
        };
        let model = train(&examples, 10, 3, plan);
        assert_eq!(model, train(&examples, 10, 3, plan));
        let scores = model.scores(&examples[1].vector);
        assert!(scores[1] > scores[0] && scores[1] > scores[2]);
    }
}
