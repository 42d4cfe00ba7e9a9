//! Everything that is kept about a person, for that person: as JSON, as a page to read, with the files.

use poem_openapi::types::ToJSON;
use serde_json::{Value, json};

use super::{Identifier, Person, Rodo, RodoError, page, person, store};
use crate::accounts::audit;
use crate::bookings;
use crate::chat;
use crate::experiments;
use crate::leads;
use crate::nlu::Lang;
use crate::notify::outbox;
use crate::platform::clock::{now_ms, to_rfc3339};
use crate::platform::db::Tx;
use crate::platform::http::Problem;
use crate::quotes;
use crate::uploads::{self, Attachment, Upload};

/// What a person is given.
pub struct Export {
    /// When it was made, RFC 3339.
    pub export_date: String,
    /// By what the person was named.
    pub user_identifier: String,
    /// Everything, by kind.
    pub data: Value,
    uploads: Vec<Upload>,
}

impl Rodo {
    /// Everything kept about a person.
    ///
    /// * `actor`: who gets it, as in the audit log.
    ///
    /// Errors: nothing is kept, or several people share the identifier.
    pub async fn export(&self, identifier: Identifier, actor: String) -> Result<Export, RodoError> {
        let secrets = self.0.secrets.clone();
        let subject = identifier.pseudonym(&secrets);
        let read = self.0.store.read(move |tx| {
            let person = person::find(tx, &identifier, &secrets)?;
            let (data, uploads) = gather(tx, &person)?;
            Ok::<_, RodoError>(Export {
                export_date: to_rfc3339(now_ms()),
                user_identifier: identifier.key(),
                data,
                uploads,
            })
        });
        let export = read.await?;
        let write = self.0.store.write(move |tx| {
            let details = json!({"subject": subject});
            audit::record(tx, &actor, "data_exported", None, &details, now_ms())
        });
        write.await?;
        Ok(export)
    }

    /// An export as one zip: `data.json`, a page to read, and the files.
    ///
    /// Errors: a file cannot be read.
    pub async fn packed(&self, export: Export, lang: Lang) -> Result<Vec<u8>, RodoError> {
        let mut files = Vec::new();
        for upload in &export.uploads {
            let original = self.0.uploads.original(upload).await;
            let original = original.map_err(|error| RodoError::Internal(error.to_string()))?;
            if let Some((ending, bytes)) = original {
                files.push((format!("files/{}.{ending}", upload.id), bytes));
            }
        }
        let company = self.0.knowledge.snapshot().company().name.clone();
        let packed =
            tokio::task::spawn_blocking(move || page::zip(&export, &files, &company, lang));
        packed
            .await
            .map_err(|error| RodoError::Internal(error.to_string()))?
    }
}

/// Everything about a person, by kind, and their pictures.
fn gather(tx: &mut dyn Tx, person: &Person) -> Result<(Value, Vec<Upload>), RodoError> {
    let (mut sessions, mut consents, mut quotes) = (Vec::new(), Vec::new(), Vec::new());
    let (mut uploads, mut experiments) = (Vec::new(), Vec::new());
    for session in &person.sessions {
        sessions.extend(chat::person::export(tx, session)?);
        consents.extend(chat::person::export_consents(tx, session)?);
        quotes.extend(quotes::of_session(tx, session)?);
        uploads.extend(uploads::of_session(tx, session)?);
        experiments.extend(experiments::person::of_session(tx, session)?);
    }
    let mut leads = Vec::new();
    for id in &person.leads {
        leads.extend(leads::person::export(tx, *id)?);
        quotes.extend(quotes::person::of_lead(tx, *id)?);
    }
    let mut bookings = Vec::new();
    for id in &person.bookings {
        bookings.push(bookings::person::export(tx, *id).map_err(internal)?);
    }
    let mut letters = Vec::new();
    for about in person.letters_about(tx)? {
        letters.extend(outbox::person::export(tx, about)?);
    }
    let mut requests = Vec::new();
    for text in person.values() {
        for (_, kind, at_ms) in store::requests_of(tx, &text)? {
            requests.push(json!({"kind": kind.as_str(), "created_at": to_rfc3339(at_ms)}));
        }
    }
    consents.extend(super::consents::withdrawals(tx, person)?);
    // A quote of the session that is also the lead's is told once.
    let mut told: Vec<Option<Value>> = Vec::new();
    for quote in quotes.iter().map(ToJSON::to_json) {
        if !told.contains(&quote) {
            told.push(quote);
        }
    }
    let pictures: Vec<Value> = uploads.iter().map(picture).collect();
    let data = json!({
        "personal_info": {
            "names": person.names,
            "emails": person.emails,
            "phones": person.phones,
            "session_ids": person.sessions,
        },
        "leads": leads,
        "bookings": bookings,
        "chat_sessions": sessions,
        "consents": consents,
        "quotes": told,
        "uploads": pictures,
        "letters": letters,
        "requests": requests,
        "experiments": experiments.to_json(),
    });
    Ok((data, uploads))
}

fn internal(error: impl Into<Problem>) -> RodoError {
    RodoError::Internal(error.into().to_string())
}

fn picture(upload: &Upload) -> Value {
    json!({
        "id": upload.id,
        "file_name": upload.file_name,
        "uploaded_at": to_rfc3339(upload.created_at_ms),
        "session_id": upload.session_id,
        "sha256": upload.sha256,
        "picture": Attachment::of(upload).map(|picture| picture.to_json()),
    })
}

#[cfg(test)]
impl Export {
    pub(super) fn for_tests(data: Value) -> Self {
        Self {
            export_date: to_rfc3339(0),
            user_identifier: "anna@example.com".into(),
            data,
            uploads: Vec::new(),
        }
    }
}
