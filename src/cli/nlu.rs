//! `novahouse nlu`: what the assistant understands, without a server.

use std::io::{BufRead, Write};

use clap::Subcommand;
use jiff::civil::Date;
use serde::Serialize;

use super::Failure;
use crate::config::{Config, Flags};
use crate::knowledge::understanding_at;
use crate::nlu::Nlu;
use crate::nlu::entities::{Context, Entities, extract};
use crate::platform::clock::now_ms;

#[derive(Subcommand)]
pub(super) enum NluCommand {
    /// Read messages from standard input, one a line, and print what each means as one JSON object a line
    Classify {
        /// The day that "tomorrow" is counted from, as 2026-12-15; today in the company's time zone when left out
        #[arg(long)]
        today: Option<Date>,
    },
}

/// One line of `classify`.
#[derive(Serialize)]
struct Classified<'a> {
    text: &'a str,
    lang: &'static str,
    intent: &'a str,
    confidence: f32,
    alternatives: Vec<Other<'a>>,
    entities: Entities,
}

#[derive(Serialize)]
struct Other<'a> {
    intent: &'a str,
    confidence: f32,
}

/// Runs the command.
///
/// Errors: the configuration or the model cannot be read, or standard output is closed.
pub(super) fn run(flags: &Flags, command: &NluCommand) -> Result<(), Failure> {
    match command {
        NluCommand::Classify { today } => {
            let config = Config::load(flags)?;
            let (nlu, snapshot) = understanding_at(&config.data_dir)?;
            let mut context = snapshot.context(now_ms());
            if let Some(today) = today {
                context.now = today.to_datetime(context.now.time());
            }
            classify(&nlu, &context)
        }
    }
}

fn classify(nlu: &Nlu, context: &Context) -> Result<(), Failure> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut input = std::io::stdin().lock();
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        // Input is whatever somebody pipes in: what is no UTF-8 is replaced, not refused.
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end_matches(['\r', '\n']);
        let understanding = nlu.understand(text);
        let (lang, found) = understanding.pick(None);
        let alternatives = found.alternatives.iter().map(|other| Other {
            intent: &other.intent,
            confidence: other.confidence,
        });
        serde_json::to_writer(
            &mut out,
            &Classified {
                text,
                lang: lang.code(),
                intent: &found.intent,
                confidence: found.confidence,
                alternatives: alternatives.collect(),
                entities: extract(text, lang, context),
            },
        )?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(())
}
