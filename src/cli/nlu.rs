//! `novahouse nlu`: what the assistant understands, without a server.

use std::fs::File;
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use jiff::civil::Date;
use serde::Serialize;

use super::Failure;
use crate::config::{Config, Flags};
use crate::knowledge::{self, understanding_at};
use crate::nlu::entities::{Context, Entities, extract};
use crate::nlu::eval::{Row, evaluate, read_rows};
use crate::nlu::{Lang, Nlu, OUT_OF_SCOPE};
use crate::platform::clock::now_ms;

#[derive(Subcommand)]
pub(super) enum NluCommand {
    /// Read messages from standard input, one a line, and print what each means as one JSON object a line
    Classify {
        /// The day that "tomorrow" is counted from, as 2026-12-15; today in the company's time zone when left out
        #[arg(long)]
        today: Option<Date>,
    },
    /// Measure the understanding and print the figures as JSON: on a test file, or else by cross-validation
    Eval {
        #[command(flatten)]
        train: Training,
        /// Sentences to judge, CSV as for --train; without it the training sentences are judged by cross-validation
        #[arg(long, value_name = "FILE")]
        test: Option<PathBuf>,
        /// The label of what is out of scope
        #[arg(long, value_name = "LABEL", default_value = OUT_OF_SCOPE)]
        oos_label: String,
        /// Add what was taken for what at the chosen threshold
        #[arg(long)]
        confusion: bool,
    },
}

/// What to train from.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub(super) struct Training {
    /// CSV with the columns `sentence,label` or `text,intent`, and optionally `lang`
    #[arg(long, value_name = "FILE")]
    train: Option<PathBuf>,
    /// The built-in company's phrases
    #[arg(long)]
    builtin: bool,
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
/// Errors: the configuration, the model or a file cannot be read, or standard output is closed.
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
        NluCommand::Eval {
            train,
            test,
            oos_label,
            confusion,
        } => {
            let train = match &train.train {
                Some(file) => rows_of(file, oos_label)?,
                None => built_in_rows()?,
            };
            let test = test.as_ref().map(|file| rows_of(file, oos_label));
            let evaluation = evaluate(&train, test.transpose()?.as_deref(), *confusion)?;
            let mut out = std::io::stdout().lock();
            serde_json::to_writer_pretty(&mut out, &evaluation)?;
            out.write_all(b"\n")?;
            Ok(())
        }
    }
}

fn rows_of(file: &Path, oos_label: &str) -> Result<Vec<Row>, Failure> {
    let in_file = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let input = File::open(file).map_err(|error| in_file(&error))?;
    Ok(read_rows(input, oos_label).map_err(|error| in_file(&error))?)
}

fn built_in_rows() -> Result<Vec<Row>, Failure> {
    let pack = knowledge::Pack::built_in()?;
    let of_lang = |lang: Lang| {
        pack.phrases
            .get(lang)
            .iter()
            .map(move |phrases| (lang, phrases))
    };
    let all = Lang::ALL.into_iter().flat_map(of_lang);
    let rows = all.flat_map(|(lang, (intent, texts))| {
        texts.iter().map(move |text| Row {
            text: text.clone(),
            label: intent.clone(),
            lang: Some(lang),
        })
    });
    Ok(rows.collect())
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
