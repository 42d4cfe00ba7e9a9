//! NovaHouse: one executable for a small services company. This file is the crate's map.

pub mod accounts;
pub mod app;
pub mod backup;
pub mod bookings;
pub mod canned;
pub mod chat;
pub mod cli;
pub mod commands;
pub mod config;
pub mod health;
pub mod knowledge;
pub mod leads;
pub mod live;
pub mod llm;
pub mod nlu;
pub mod notify;
pub mod pages;
pub mod platform;
pub mod qualification;
pub mod quotes;
pub mod review;
pub mod search;
pub mod settings;
pub mod uploads;
