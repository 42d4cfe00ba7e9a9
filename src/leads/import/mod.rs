//! Leads from a CSV file: it lies in a nameless file until it is read, its rows are stored in batches.

mod columns;
mod decode;
mod rows;

use std::collections::HashSet;
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::Read;

use jiff::tz::TimeZone;
use poem::Body;
use poem_openapi::Object;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::changes::{Change, What, difference, happened};
use super::model::Lead;
use super::rules::{self, Tie};
use super::service::Leads;
use super::store::{self, history};
use super::{Email, LeadError, Phone};
use crate::platform::db::{DbError, Store, Tx};
use crate::platform::http::Problem;
use columns::Columns;
use decode::{Encoding, Sniffer};
use rows::Row;
pub(super) use rows::{square_metres, told};

/// Largest file: a million rows of names and addresses.
pub const IMPORT_MAX_BYTES: usize = 64 * 1024 * 1024;
/// Rows of a transaction.
const BATCH: usize = 200;
/// Refused rows that are told one by one.
const ERRORS_MAX: usize = 100;
/// Who wrote the notes that came with a file.
const NOTES_FROM: &str = "import";

/// What became of a file.
#[derive(Debug, Default, Object)]
pub(super) struct LeadsImported {
    success: bool,
    /// Nothing was stored.
    dry_run: bool,
    /// `utf-8` or `windows-1250`, as it was told.
    encoding: String,
    /// `,` or `;`.
    delimiter: String,
    /// Fields that the file has.
    columns: Vec<String>,
    /// Names of columns that mean nothing here.
    ignored_columns: Vec<String>,
    /// Rows without the first one.
    rows: u64,
    /// New leads.
    created: u64,
    /// Rows of people who are known.
    joined: u64,
    /// Rows that were refused.
    failed: u64,
    /// The first hundred of them.
    errors: Vec<LeadRowError>,
}

/// A row that was refused.
#[derive(Debug, Object)]
struct LeadRowError {
    /// Where it begins in the file, from 1.
    line: u64,
    /// The field that was refused; null: the row as a whole.
    field: Option<String>,
    error: String,
}

impl Leads {
    /// Reads a file and, unless it is a dry run, stores its leads.
    ///
    /// Errors: it is no text, names no columns that are needed, or another one is being read.
    pub(super) async fn import(
        &self,
        body: Body,
        is_dry: bool,
        by: String,
        now_ms: i64,
    ) -> Result<LeadsImported, Problem> {
        let Ok(_alone) = self.importing.try_lock() else {
            return Err(LeadError::Importing.into());
        };
        let (file, encoding) = spooled(body).await?;
        let import = Import {
            store: self.store.clone(),
            zone: self.knowledge.snapshot().zone(),
            is_dry,
            by,
            now_ms,
            seen: HashSet::new(),
            hasher: RandomState::new(),
            told: LeadsImported::default(),
        };
        let read = tokio::task::spawn_blocking(move || import.run(file, encoding));
        let imported = read.await.map_err(Problem::internal)?;
        Ok(imported?)
    }
}

/// Takes the body into a nameless file; tells its encoding.
async fn spooled(body: Body) -> Result<(File, Encoding), Problem> {
    let mut file = tokio::fs::File::from_std(tempfile::tempfile().map_err(Problem::unavailable)?);
    let mut body = body.into_async_read();
    let mut sniffer = Sniffer::default();
    let mut chunk = vec![0; 64 * 1024];
    loop {
        // Why a body ends early the front door knows, and answers it.
        let broken = |_| Problem::bad_request("broken_body", "The body did not arrive whole.");
        let length = body.read(&mut chunk).await.map_err(broken)?;
        if length == 0 {
            break;
        }
        sniffer.read(&chunk[..length]);
        file.write_all(&chunk[..length])
            .await
            .map_err(Problem::unavailable)?;
    }
    file.flush().await.map_err(Problem::unavailable)?;
    let encoding = sniffer.encoding()?;
    Ok((file.into_std().await, encoding))
}

struct Import {
    store: Store,
    zone: TimeZone,
    is_dry: bool,
    by: String,
    now_ms: i64,
    /// In a dry run, hashes of the addresses and numbers of rows before.
    seen: HashSet<u64>,
    hasher: RandomState,
    told: LeadsImported,
}

impl Import {
    /// Blocking.
    fn run(mut self, file: File, encoding: Encoding) -> Result<LeadsImported, LeadError> {
        let unreadable = |error: csv::Error| DbError::Unavailable(error.to_string());
        let (text, delimiter) = decode::opened(file, encoding)?;
        self.told.success = true;
        self.told.dry_run = self.is_dry;
        encoding.name().clone_into(&mut self.told.encoding);
        self.told.delimiter = char::from(delimiter).to_string();
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(text);
        let mut record = csv::StringRecord::new();
        reader.read_record(&mut record).map_err(unreadable)?;
        let columns = Columns::parse(&record)?;
        self.told.columns = columns.known();
        self.told.ignored_columns.clone_from(&columns.ignored);
        let mut batch = Vec::with_capacity(BATCH);
        while reader.read_record(&mut record).map_err(unreadable)? {
            if record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            self.told.rows += 1;
            match Row::parse(&record, &columns, &self.zone, self.now_ms) {
                Ok(row) => batch.push(row),
                Err(error) => {
                    self.refuse(line_of(&record, reader.position().line()), error);
                }
            }
            if batch.len() == BATCH {
                self.take(std::mem::take(&mut batch))?;
            }
        }
        self.take(batch)?;
        Ok(self.told)
    }

    fn refuse(&mut self, line: u64, error: LeadError) {
        self.told.failed += 1;
        if self.told.errors.len() < ERRORS_MAX {
            let (field, error) = rows::told(error);
            self.told.errors.push(LeadRowError { line, field, error });
        }
    }

    fn take(&mut self, batch: Vec<Row>) -> Result<(), LeadError> {
        let (created, joined) = if self.is_dry {
            self.look_at(batch)?
        } else {
            let (by, now_ms) = (self.by.clone(), self.now_ms);
            self.store.write_blocking(move |tx| {
                let mut counts = (0, 0);
                for row in batch {
                    if stored(tx, row, &by, now_ms)? {
                        counts.0 += 1;
                    } else {
                        counts.1 += 1;
                    }
                }
                Ok::<_, LeadError>(counts)
            })?
        };
        self.told.created += created;
        self.told.joined += joined;
        Ok(())
    }

    /// How many would be new and how many known.
    fn look_at(&mut self, batch: Vec<Row>) -> Result<(u64, u64), LeadError> {
        let contacts: Vec<(Option<Email>, Option<Phone>)> = batch
            .into_iter()
            .map(|row| (row.new.email, row.new.phone))
            .collect();
        let asked = contacts.clone();
        let known: Vec<bool> = self.store.read_blocking(move |tx| {
            let is_known = |(email, phone): &(Option<Email>, Option<Phone>)| {
                Ok(known(tx, email.as_ref(), phone.as_ref())?.is_some())
            };
            asked.iter().map(is_known).collect::<Result<_, DbError>>()
        })?;
        let mut counts = (0, 0);
        for ((email, phone), is_known) in contacts.iter().zip(known) {
            let keys = [
                email.as_ref().map(Email::key),
                phone.as_ref().map(Phone::e164),
            ];
            let mut is_seen = is_known;
            for key in keys.into_iter().flatten() {
                is_seen |= !self.seen.insert(self.hasher.hash_one(key));
            }
            if is_seen {
                counts.1 += 1;
            } else {
                counts.0 += 1;
            }
        }
        Ok(counts)
    }
}

/// Where a row begins. The reader counts the empty lines before it as its own, so they are counted from its end; a row
/// whose quote is never closed has none.
///
/// * `next_line`: the line after the row.
fn line_of(record: &csv::StringRecord, next_line: u64) -> u64 {
    let breaks: usize = record.iter().map(|cell| cell.matches('\n').count()).sum();
    let from_end = next_line.saturating_sub(1 + breaks as u64);
    let begun = record.position().map_or(0, csv::Position::line);
    begun.max(from_end)
}

/// The newest lead of a person, whatever became of it.
fn known(
    tx: &mut dyn Tx,
    email: Option<&Email>,
    phone: Option<&Phone>,
) -> Result<Option<Lead>, DbError> {
    let leads = store::of_contact(tx, email, phone)?;
    Ok(leads.into_iter().find(|lead| lead.spam.is_none()))
}

/// Stores a row; answers whether its lead is new.
fn stored(tx: &mut dyn Tx, row: Row, by: &str, now_ms: i64) -> Result<bool, LeadError> {
    let note = row.note.clone();
    let before = known(tx, row.new.email.as_ref(), row.new.phone.as_ref())?;
    let (mut lead, is_new) = match &before {
        Some(before) => {
            let mut lead = before.clone();
            rules::join(&mut lead, row.new, Tie::Contact, now_ms);
            if difference(before, &lead).is_empty() {
                return Ok(false);
            }
            (lead, false)
        }
        None => (row.into_lead(now_ms), true),
    };
    if is_new {
        lead.notes.clone_from(&note);
        lead.id = store::insert(tx, &lead)?;
        if let Some(note) = &note {
            history::add_note(tx, lead.id, (None, NOTES_FROM), note, now_ms)?;
        }
    } else {
        store::update(tx, &lead)?;
    }
    let change = match &before {
        Some(before) => Change::of(What::Joined, before, &lead, by),
        None => Change::new(&lead, by),
    };
    happened(tx, &change, now_ms)?;
    Ok(is_new)
}

/// The text of a file, from its beginning.
type Text = Box<dyn Read + Send>;
