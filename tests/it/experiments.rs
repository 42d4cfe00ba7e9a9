//! Experiments, from the plan to the result.
