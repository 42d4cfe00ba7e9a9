//! Black-box tests: each starts the real executable with a data folder of its own and speaks to it as a visitor, an
//! agent or the owner would.
#![allow(clippy::unwrap_used, clippy::expect_used)] // tests stop at the first surprise

mod accounts;
mod bad_address;
mod bad_input;
mod booking_chat;
mod booking_letters;
mod booking_setup;
mod booking_survival;
mod bookings;
mod chat;
mod clamd;
mod commands;
mod config_cli;
mod connections;
mod control;
mod front_door;
mod gallery;
mod guards;
mod inbox;
mod jobs;
mod knowledge;
mod leads;
mod limits;
mod llm;
mod mail_server;
mod model;
mod notify;
mod pack;
mod postgres;
mod privacy;
mod process;
mod qualification;
mod quotes;
mod review;
mod roles;
mod scanner;
mod search;
mod settings;
mod store;
mod support;
mod team;
mod tls;
mod totp;
mod tour;
mod uploads;
