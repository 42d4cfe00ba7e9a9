//! Use cases of finding and erasing, and what follows an erasure outside of the database.

use std::collections::BTreeMap;
use std::time::Duration;

use super::erase::{self, Receipt};
use super::{Identifier, Person, Rodo, RodoError, person, store, tombstones};
use crate::accounts::audit;
use crate::backup::queue_offsite;
use crate::platform::byte_search::Needles;
use crate::platform::clock::now_ms;
use crate::platform::db::{DATABASE_FILE, scrub};
use crate::platform::jobs::HandlerError;

/// What reads the database may keep its log from being emptied for hours (a program that copies it), and each try makes
/// writers wait.
const READ_BY_OTHERS: Duration = Duration::from_secs(60);
/// Everything else passes by itself, as the search index that is just being opened.
const SOON: Duration = Duration::from_secs(2);

/// A person and how much is kept about them.
pub struct Preview {
    /// Everything that leads to them.
    pub person: Person,
    /// How many of what.
    pub counts: BTreeMap<String, u64>,
}

impl Rodo {
    /// What is kept about a person, in numbers.
    ///
    /// Errors: nothing is, or several people share the identifier.
    pub async fn preview(
        &self,
        identifier: Identifier,
        actor: String,
    ) -> Result<Preview, RodoError> {
        let secrets = self.0.secrets.clone();
        let write = self.0.store.write(move |tx| {
            let person = person::find(tx, &identifier, &secrets)?;
            let counts = person.counts(tx)?;
            let subject = identifier.pseudonym(&secrets);
            let details = serde_json::json!({"subject": subject, "found": counts});
            audit::record(tx, &actor, "person_looked_up", None, &details, now_ms())?;
            Ok(Preview { person, counts })
        });
        write.await
    }

    /// Erases a person everywhere. The database forgets before this returns, and mostly every other place, too; files of
    /// pictures follow within a moment, and what could not be done at once by a job.
    ///
    /// * `actor`: who erases, as in the audit log.
    ///
    /// Errors: nothing is kept about them, several people share the identifier, or a legal hold forbids it.
    pub async fn erase(&self, identifier: Identifier, actor: String) -> Result<Receipt, RodoError> {
        let secrets = self.0.secrets.clone();
        let write = self.0.store.write(move |tx| {
            let person = person::find(tx, &identifier, &secrets)?;
            let receipt = erase::erase(tx, &person, &actor, &secrets, now_ms())?;
            Ok::<_, RodoError>((receipt, person))
        });
        let (receipt, person) = write.await?;
        self.finish_or_leave(receipt.id, &person).await;
        Ok(receipt)
    }

    /// A receipt by its name, who erased, and when the last copy was gone.
    pub(crate) async fn receipt(
        &self,
        name: String,
    ) -> Result<(Receipt, String, Option<i64>), RodoError> {
        let read = self.0.store.read(move |tx| store::receipt(tx, &name));
        read.await?.ok_or(RodoError::NotFound)
    }

    /// Takes the last copies of who was erased, by a job: after a server went down in between.
    pub async fn finish_job(&self, payload_json: &str) -> Result<(), HandlerError> {
        let id: i64 = payload_json
            .parse()
            .map_err(|_| HandlerError::Final("the payload is no number".into()))?;
        let finished = self.finish(id, &Person::default()).await;
        // An erasure is never given up.
        finished.map_err(|error| HandlerError::Later {
            why: error.to_string(),
            after: match error {
                RodoError::Db(_) => READ_BY_OTHERS,
                _ => SOON,
            },
        })
    }

    /// Finishes an erasure at once, or leaves it to its job, e.g. while the search index is being opened.
    pub(super) async fn finish_or_leave(&self, id: i64, person: &Person) {
        if let Err(error) = self.finish(id, person).await {
            tracing::warn!(%error, erasure = id, "an erasure is finished by its job");
        }
    }

    /// Writes the tombstone, then takes the copies in the search index, among the pictures, in the write-ahead log and in
    /// pages the database does not use any more. Doing it twice changes nothing.
    pub(super) async fn finish(&self, id: i64, person: &Person) -> Result<(), RodoError> {
        let read = self.0.store.read(move |tx| store::unfinished(tx, id));
        let Some(tombstone) = read.await? else {
            return Ok(());
        };
        let (parts, texts) = (self.0.clone(), person.values());
        let on_disk = tokio::task::spawn_blocking(move || {
            tombstones::append(&parts.folder, &tombstone)?;
            parts.search.sync_people()?;
            let needles = Needles::new(texts.iter().map(String::as_str));
            scrub(&parts.folder.join(DATABASE_FILE), &needles)?;
            Ok::<_, RodoError>(())
        });
        on_disk
            .await
            .map_err(|error| RodoError::Internal(error.to_string()))??;
        if !self.0.has_jobs {
            self.0
                .uploads
                .sweep_all()
                .await
                .map_err(|error| RodoError::Internal(error.to_string()))?;
        }
        let write = self.0.store.write(move |tx| {
            store::finish_erasure(tx, id, now_ms())?;
            queue_offsite(tx, now_ms())
        });
        Ok(write.await?)
    }
}
