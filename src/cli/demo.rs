//! `novahouse demo-data`: a generated past for a data folder nobody uses.

use clap::Args;

use super::Failure;
use crate::analytics::Analytics;
use crate::app::Opened;
use crate::config::{Config, Flags};
use crate::demo::{Generated, generate};
use crate::platform::clock::now_ms;

#[derive(Args)]
pub(super) struct DemoArgs {
    /// Months until now
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=36))]
    months: u32,
    /// Conversations a day, on average
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=2_000))]
    conversations_per_day: u32,
    /// The same seed gives the same data
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Generates, with a line a month on standard error and the counts on standard output.
///
/// Errors: the folder is in use, by a server or by data that is not generated, or it was filled before.
pub(super) fn run(flags: &Flags, asked: &DemoArgs) -> Result<(), Failure> {
    let config = Config::load(flags)?;
    let opened = Opened::open(&config)?;
    let knowledge = opened.knowledge(&config)?;
    let what = Generated {
        months: asked.months,
        conversations_per_day: asked.conversations_per_day,
        seed: asked.seed,
    };
    let counts = generate(
        &opened.store,
        &knowledge,
        &opened.secrets,
        &what,
        now_ms(),
        |month, counts| {
            eprintln!(
                "{}: {} conversations, {} messages so far",
                month.strftime("%Y-%m"),
                counts.conversations,
                counts.messages
            );
        },
    )?;
    eprintln!("counting");
    let analytics = Analytics::new(opened.store.clone(), knowledge);
    tokio::runtime::Runtime::new()?.block_on(analytics.bring_up_to_date())?;
    println!("sessions: {}", counts.sessions);
    println!("conversations: {}", counts.conversations);
    println!("messages: {}", counts.messages);
    println!("leads: {}", counts.leads);
    println!("quotes: {}", counts.quotes);
    println!("bookings: {}", counts.bookings);
    println!("events: {}", counts.events);
    Ok(())
}
