//! Use cases: marking leads, bringing their items in line, looking whether it works.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::client::{Board, Client};
use super::store::{self, Counts, Wanted};
use super::{columns, columns::Column};
use crate::config::Secret;
use crate::knowledge::Knowledge;
use crate::leads::{self, Lead};
use crate::nlu::Lang;
use crate::notify::{SendError, outbox, retry};
use crate::platform::clock::now_ms;
use crate::platform::db::{DbError, Store, Tx};
use crate::platform::jobs::{HandlerError, NewJob, enqueue};
use crate::platform::secrets::random_bytes;
use crate::platform::settings;

/// The job that brings one lead's item in line; its payload is the lead's number.
pub const SYNC_JOB: &str = "monday.sync";
/// The job that removes an item whose lead is gone; its payload is the item's number.
pub const FORGET_JOB: &str = "monday.forget";
/// Under this name the settings remember that a board is configured, for transactions that mark leads.
const IS_CONFIGURED: &str = "monday_is_configured";
/// Somebody may change the board's columns.
const BOARD_FOR: Duration = Duration::from_secs(10 * 60);
/// Leads tried again by one request.
const RETRIED_MAX: i64 = 1_000;
const HOUR_MS: i64 = 60 * 60 * 1000;

/// An account with monday.com.
#[derive(Debug, Clone)]
pub struct Account {
    /// Key of its API.
    pub key: Secret,
    /// Number of the board.
    pub board_id: String,
    /// Where it is reached, if not at its own address.
    pub base_url: Option<String>,
}

/// What is copied to monday.com. Cheap to clone.
#[derive(Clone)]
pub struct Monday(Arc<Inner>);

struct Inner {
    store: Store,
    knowledge: Knowledge,
    client: Option<Client>,
    /// The board as it was seen last.
    board: Mutex<Option<(Instant, Arc<Board>)>>,
}

/// Whether it works.
pub(super) struct Checked {
    /// The board, or why it cannot be read; `None`: nothing is configured.
    pub(super) board: Option<Result<Arc<Board>, SendError>>,
    pub(super) counts: Counts,
    /// Leads that are tried again.
    pub(super) retried: usize,
}

/// See [`super::queue`].
pub(super) fn queue(tx: &mut dyn Tx, lead_id: i64, now_ms: i64) -> Result<bool, DbError> {
    if !is_configured(tx)? {
        return Ok(false);
    }
    store::want(tx, lead_id, now_ms)?;
    enqueue_sync(tx, lead_id, now_ms)?;
    Ok(true)
}

/// See [`super::forget`].
pub(super) fn forget(tx: &mut dyn Tx, item_id: Option<&str>, now_ms: i64) -> Result<(), DbError> {
    let Some(item_id) = item_id else {
        return Ok(());
    };
    if !is_configured(tx)? {
        return Ok(());
    }
    let job = NewJob {
        kind: FORGET_JOB,
        payload_json: item_id,
        dedupe_key: None,
    };
    enqueue(tx, &job, now_ms)
}

fn is_configured(tx: &mut dyn Tx) -> Result<bool, DbError> {
    Ok(settings::load(tx, IS_CONFIGURED)?.unwrap_or(false))
}

/// Without a dedupe key: a change that comes while a job runs needs one of its own, and a job that finds nothing to do
/// costs one read.
fn enqueue_sync(tx: &mut dyn Tx, lead_id: i64, now_ms: i64) -> Result<(), DbError> {
    let job = NewJob {
        kind: SYNC_JOB,
        payload_json: &lead_id.to_string(),
        dedupe_key: None,
    };
    enqueue(tx, &job, now_ms)
}

impl Monday {
    /// Wires the slice and remembers whether there is a board (blocking).
    ///
    /// Errors: the database cannot be written, or TLS cannot be set up.
    pub fn open(
        store: &Store,
        knowledge: &Knowledge,
        account: Option<Account>,
    ) -> Result<Self, SendError> {
        let client = account.map(|account| {
            let base_url = account.base_url.as_deref().unwrap_or(Client::BASE_URL);
            Client::new(base_url, account.key, account.board_id, None)
        });
        let client = client.transpose()?;
        let is_there = client.is_some();
        let remember = store.write_blocking(move |tx| {
            if is_configured(tx)? != is_there {
                settings::save(tx, IS_CONFIGURED, &is_there, now_ms())?;
            }
            Ok::<_, DbError>(())
        });
        remember.map_err(|_| SendError::permanent("the database cannot be written"))?;
        Ok(Self(Arc::new(Inner {
            store: store.clone(),
            knowledge: knowledge.clone(),
            client,
            board: Mutex::new(None),
        })))
    }

    /// Brings the item of the lead that the job names in line.
    pub async fn sync(&self, payload_json: &str) -> Result<(), HandlerError> {
        let lead_id: i64 = payload_json
            .parse()
            .map_err(|_| HandlerError::Final("the payload is no number".into()))?;
        let read = self.0.store.read(move |tx| {
            let wanted = store::wanted(tx, lead_id)?;
            Ok::<_, DbError>(wanted.zip(leads::find(tx, lead_id)?))
        });
        let (Some(client), Some((wanted, lead))) = (&self.0.client, read.await?) else {
            return Ok(());
        };
        match self.bring_in_line(client, &wanted, &lead).await {
            Ok(item_id) => self.settle(&wanted, &lead, item_id).await,
            Err(error) => self.failed(lead_id, &wanted, error).await,
        }
    }

    /// Removes an item whose lead is gone.
    pub async fn remove(&self, item_id: &str) -> Result<(), HandlerError> {
        let Some(client) = &self.0.client else {
            return Ok(());
        };
        client.delete(item_id).await.map_err(|error| match error {
            SendError::Temporary { what, retry_after } => match retry_after {
                Some(after) => HandlerError::Later { why: what, after },
                None => HandlerError::Retry(what),
            },
            SendError::Uncertain { what } => HandlerError::Retry(what),
            SendError::Permanent { what } => HandlerError::Final(what),
        })
    }

    /// Changes the item or makes one; answers its number.
    async fn bring_in_line(
        &self,
        client: &Client,
        wanted: &Wanted,
        lead: &Lead,
    ) -> Result<String, SendError> {
        let board = self.board(client).await?;
        let values = columns::values(&board.columns, lead);
        let name = columns::item_name(lead);
        let mut there = lead.monday_item_id.clone();
        if there.is_none() && wanted.is_uncertain {
            there = client.find(&name).await?;
        }
        if let Some(item_id) = there {
            client.change(&item_id, &values).await?;
            return Ok(item_id);
        }
        let lead_id = lead.id;
        let write = self.0.store.write(move |tx| store::ask(tx, lead_id));
        write
            .await
            .map_err(|_| SendError::temporary("the database cannot be written"))?;
        client.create(&name, &values).await
    }

    async fn board(&self, client: &Client) -> Result<Arc<Board>, SendError> {
        let seen = {
            let board = self.0.board.lock();
            board.unwrap_or_else(PoisonError::into_inner).clone()
        };
        match seen {
            Some((at, board)) if at.elapsed() < BOARD_FOR => Ok(board),
            _ => self.look(client).await,
        }
    }

    /// Reads the board anew.
    async fn look(&self, client: &Client) -> Result<Arc<Board>, SendError> {
        let board = Arc::new(client.board().await?);
        let mut seen = self.0.board.lock().unwrap_or_else(PoisonError::into_inner);
        *seen = Some((Instant::now(), Arc::clone(&board)));
        Ok(board)
    }

    async fn settle(
        &self,
        wanted: &Wanted,
        lead: &Lead,
        item_id: String,
    ) -> Result<(), HandlerError> {
        let (lead_id, version) = (lead.id, wanted.version);
        let is_known = lead.monday_item_id.as_deref() == Some(&item_id);
        let write = self.0.store.write(move |tx| {
            let now = now_ms();
            if !is_known && !leads::set_monday_item(tx, lead_id, &item_id)? {
                // Erased while its item was made.
                return forget(tx, Some(&item_id), now);
            }
            store::synced(tx, lead_id, version, now)
        });
        Ok(write.await?)
    }

    /// Notes a failed try, and says when the next one is. What may have been done is looked for before it is done again.
    async fn failed(
        &self,
        lead_id: i64,
        wanted: &Wanted,
        error: SendError,
    ) -> Result<(), HandlerError> {
        let why = error.to_string();
        let random = random_bytes().map_or(0, u32::from_le_bytes);
        let after = match error {
            SendError::Temporary { retry_after, .. } => {
                retry::wait(wanted.attempts + 1, retry_after, random)
            }
            SendError::Uncertain { .. } => retry::wait(wanted.attempts + 1, None, random),
            SendError::Permanent { .. } => None,
        };
        let (noted, knowledge) = (why.clone(), self.0.knowledge.clone());
        let is_last = after.is_none();
        let write = self.0.store.write(move |tx| {
            let now = now_ms();
            store::failed(tx, lead_id, &noted, is_last)?;
            if is_last {
                let key = format!("alarm:monday:{}", now / HOUR_MS);
                outbox::alarm(tx, &knowledge.snapshot(), key, given_up_words, now)?;
            }
            Ok::<_, DbError>(())
        });
        write.await?;
        Err(match after {
            Some(after) => HandlerError::Later { why, after },
            None => HandlerError::Final(why),
        })
    }

    /// Reads the board; when that works, leads that were given up are tried again.
    pub(super) async fn check(&self) -> Result<Checked, DbError> {
        let board = match &self.0.client {
            Some(client) => Some(self.look(client).await),
            None => None,
        };
        let works = matches!(board, Some(Ok(_)));
        let write = self.0.store.write(move |tx| {
            let given_up = if works {
                store::given_up(tx, RETRIED_MAX)?
            } else {
                Vec::new()
            };
            for lead_id in &given_up {
                queue(tx, *lead_id, now_ms())?;
            }
            Ok::<_, DbError>((store::counts(tx)?, given_up.len()))
        });
        let (counts, retried) = write.await?;
        Ok(Checked {
            board,
            counts,
            retried,
        })
    }
}

/// What a column holds, in words of the API.
pub(super) fn held(column: &Column) -> Option<&'static str> {
    columns::field(column)
}

fn given_up_words(lang: Lang) -> (&'static str, &'static str) {
    match lang {
        Lang::Pl => (
            "Kontakt nie trafił do monday.com",
            "Co najmniej jednego kontaktu nie udało się przenieść na tablicę. Proszę sprawdzić klucz i tablicę; udany test \
             połączenia z monday.com wysyła zaległe kontakty ponownie.",
        ),
        Lang::En => (
            "A lead did not reach monday.com",
            "At least one lead could not be copied to the board. Check the key and the board; a successful test of the \
             connection to monday.com sends what is missing again.",
        ),
        Lang::De => (
            "Ein Kontakt hat monday.com nicht erreicht",
            "Mindestens ein Kontakt konnte nicht auf das Board übertragen werden. Bitte Schlüssel und Board prüfen; ein \
             erfolgreicher Test der Verbindung zu monday.com sendet das Fehlende erneut.",
        ),
    }
}
