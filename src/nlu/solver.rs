//! Training of the multinomial logistic regression by exact dual block-coordinate ascent.
//!
//! Minimised is, over the weights W (features × classes),
//!
//! ```text
//! ½ |W|² + C Σᵢ mᵢ · ( log Σₖ exp zᵢₖ − zᵢ,yᵢ ),     zᵢ = Wᵀ xᵢ
//! ```
//!
//! with a weight mᵢ per example. In the dual every example holds a probability vector pᵢ and
//! W = C Σᵢ mᵢ xᵢ (`e_yᵢ` − pᵢ)ᵀ, so W needs no regularisation step of its own and only the rows of
//! the example at hand are touched (stochastic dual coordinate ascent: Shalev-Shwartz and Zhang,
//! 2013; the block version for maximum entropy: Yu, Huang and Lin, 2011). Given the others, the
//! best pᵢ solves
//!
//! ```text
//! ln pₖ + c pₖ = aₖ − τ,   Σₖ pₖ = 1,   c = C mᵢ |xᵢ|²,   a = zᵢ + c pᵢ (old)
//! ```
//!
//! that is pₖ = ω(aₖ + ln c − τ) / c with the Wright omega function, and a one-dimensional Newton
//! iteration finds τ. No step size, no line search; ten to twenty passes suffice.

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
    /// An early end: when no probability of a pass moved by more than this.
    pub tolerance: f32,
}

/// Trains on `examples`, whose rows are below `rows` and whose classes are below `classes`.
///
/// Deterministic: the order of each pass comes from a fixed sequence.
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
    /// Dual variables p, example by example, `stride` each (the padding stays 0).
    duals: Vec<f32>,
    /// τ of each example's last visit, where the next search begins.
    shifts: Vec<f32>,
    /// |x|² of each example, constant feature included.
    squares: Vec<f32>,
    scores: Vec<f32>,
    next: Vec<f32>,
}

impl<'a> State<'a> {
    fn new(examples: &'a [Example], rows: usize, classes: usize, plan: Plan) -> State<'a> {
        let stride = stride_of(classes);
        let mut duals = vec![0.0; examples.len() * stride];
        for (example, dual) in examples.iter().zip(duals.chunks_exact_mut(stride)) {
            dual[example.class] = 1.0;
        }
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
            duals,
            shifts: vec![f32::NEG_INFINITY; examples.len()],
            squares: examples.iter().map(square).collect(),
            scores: vec![0.0; stride],
            next: vec![0.0; stride],
        }
    }

    /// Solves one example's block exactly; returns how far its probabilities moved.
    fn visit(&mut self, index: usize) -> f32 {
        let example = &self.examples[index];
        let stride = self.stride;
        let strength = self.plan.strength * example.weight;
        let c = strength * self.squares[index];
        if c <= 0.0 {
            return 0.0;
        }
        let old = &mut self.duals[index * stride..][..stride];
        let scores = &mut self.scores;
        for ((score, bias), p) in scores.iter_mut().zip(&self.bias).zip(old.iter()) {
            *score = bias * self.plan.bias + c * p;
        }
        for &(row, value) in &example.vector.items {
            let weights = &self.weights[row as usize * stride..][..stride];
            add_scaled(scores, weights, value);
        }
        let next = &mut self.next;
        let (some, other) = (&scores[..self.classes], &mut next[..self.classes]);
        self.shifts[index] = best_block(some, c, self.shifts[index], other);
        let mut moved = 0.0f32;
        for (new, old) in next.iter_mut().zip(old.iter_mut()) {
            let change = *old - *new; // of e_y − p
            *old = *new;
            moved = moved.max(change.abs());
            *new = change * strength;
        }
        if moved > 1e-5 {
            add_scaled(&mut self.bias, next, self.plan.bias);
            for &(row, value) in &example.vector.items {
                let weights = &mut self.weights[row as usize * stride..][..stride];
                add_scaled(weights, next, value);
            }
        }
        next[self.classes..].fill(0.0);
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

/// Finds p ≥ 0 with Σ p = 1 and ln pₖ + c pₖ = aₖ − τ; returns τ.
///
/// Σ ω(aₖ + ln c − τ) − c falls and is convex in τ, so Newton's iteration approaches the root from
/// the left without overshooting twice. `start` is a guess of τ (any number).
fn best_block(a: &[f32], c: f32, start: f32, p: &mut [f32]) -> f32 {
    let log = c.ln();
    let top = a.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let lowest = top - c; // there the largest class alone fills the sum
    let mut tau = start.max(lowest);
    for _ in 0..30 {
        let (mut sum, mut slope) = (0.0f32, 0.0f32);
        for (p, a) in p.iter_mut().zip(a) {
            let w = omega(a + log - tau);
            *p = w;
            sum += w;
            slope += w / (1.0 + w);
        }
        let gap = sum - c;
        if gap.abs() <= 1e-4 * c {
            break;
        }
        tau = (tau + gap / slope.max(1e-20)).max(lowest);
    }
    let sum: f32 = p.iter().sum();
    for share in p.iter_mut() {
        *share /= sum;
    }
    tau
}

/// Wright's omega function on the real line: the w > 0 with w + ln w = b. Newton's iteration in
/// u = ln w from the right, where it is monotone; relative error below 1e-5.
fn omega(b: f32) -> f32 {
    if b < -8.0 {
        let e = b.exp();
        return e * (1.0 - e);
    }
    let mut u = if b > 1.0 { b.ln() } else { b.min(0.0) };
    for _ in 0..6 {
        let w = u.exp();
        let change = (w + u - b) / (w + 1.0);
        u -= change;
        if change.abs() < 1e-4 {
            return w * (1.0 - change);
        }
    }
    u.exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector(items: &[(u32, f32)]) -> Vector {
        Vector {
            items: items.to_vec(),
        }
    }

    #[test]
    fn omega_solves_its_equation() {
        for step in -400..400 {
            let b = step as f32 * 0.1;
            let w = omega(b);
            assert!(w >= 0.0);
            if b > -20.0 {
                assert!((w + w.ln() - b).abs() < 1e-3 * (1.0 + b.abs()), "{b}: {w}");
            }
        }
    }

    #[test]
    fn a_block_is_a_distribution_whatever_the_start() {
        let a = [3.0, -1.0, 0.5, 40.0, -200.0];
        for c in [0.01, 1.0, 25.0, 1000.0] {
            for start in [f32::NEG_INFINITY, -50.0, 0.0, 50.0] {
                let mut p = [0.0; 5];
                best_block(&a, c, start, &mut p);
                assert!((p.iter().sum::<f32>() - 1.0).abs() < 1e-4);
                let left = p[0].ln() + c * p[0] - a[0];
                let right = p[3].ln() + c * p[3] - a[3];
                assert!(
                    p[0] < 1e-6 || (left - right).abs() < 0.05 * (1.0 + c),
                    "{c} {p:?}"
                );
            }
        }
    }

    #[test]
    fn the_gradient_vanishes_at_the_trained_weights() {
        let example = |items: &[(u32, f32)], class| Example {
            vector: vector(items),
            class,
            weight: 1.0,
        };
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
            passes: 500,
            tolerance: 0.0,
        };
        let model = train(&examples, 3, 3, plan);
        for row in 0..3u32 {
            for class in 0..3 {
                let weight = model.scores(&vector(&[(row, 1.0)]))[class];
                let mut pull = 0.0;
                for e in &examples {
                    let mut p = model.scores(&e.vector);
                    super::super::linear::softmax(&mut p, 1.0);
                    let x = e
                        .vector
                        .items
                        .iter()
                        .find(|i| i.0 == row)
                        .map_or(0.0, |i| i.1);
                    pull += x * (f32::from(u8::from(e.class == class)) - p[class]);
                }
                assert!(
                    (weight - plan.strength * pull).abs() < 0.05,
                    "{row} {class}"
                );
            }
        }
    }

    #[test]
    fn training_twice_gives_the_same_model() {
        let examples: Vec<Example> = (0..40u32)
            .map(|i| Example {
                vector: vector(&[(i % 7, 1.0), (7 + i % 3, 0.5)]),
                class: (i % 3) as usize,
                weight: 1.0,
            })
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
