//! NovaHouse: one executable for a small services company. This file is the crate's map.

pub mod config;
pub mod nlu;
pub mod platform;
