//! What only the team finds: leads and conversations, in an index of their own.
//!
//! It is brought in line before every search, so nothing else needs to know of it but an erasure, whose job does the
//! same at once.

use super::answer::{Asked, Shown, Texts};
use super::engine::{Entry, Filter, Found, Key, Kind};
use super::live_index::{Difference, LiveIndex, Versioned};
use super::service::Query;
use super::{Search, SearchError};
use crate::nlu::Lang;
use crate::platform::db::{DbError, Store, Tx};
use crate::{chat, leads};

/// What the team looks for.
#[derive(Debug, Clone)]
pub(super) struct TeamQuery {
    pub(super) text: String,
    kind: Option<Kind>,
    limit: usize,
    offset: usize,
}

/// What the team found.
#[derive(Default)]
pub(super) struct TeamResults {
    pub(super) total: usize,
    /// Documents, leads and conversations, best first.
    pub(super) shown: Vec<Shown>,
    pub(super) kinds: Vec<usize>,
    pub(super) langs: Vec<usize>,
}

impl TeamQuery {
    /// Errors: there is no such kind.
    pub(super) fn parse(
        text: String,
        kind: Option<&str>,
        limit: usize,
        offset: usize,
    ) -> Result<Self, SearchError> {
        let names = || {
            Kind::ALL
                .iter()
                .map(|kind| kind.name())
                .collect::<Vec<_>>()
                .join(", ")
        };
        let known = |name| {
            Kind::named(name)
                .ok_or_else(|| SearchError::Field("type", format!("must be one of {}", names())))
        };
        Ok(Self {
            text,
            kind: kind.map(known).transpose()?,
            limit,
            offset,
        })
    }

    fn filter(&self) -> Filter {
        Filter {
            kinds: self.kind.into_iter().collect(),
            ..Filter::default()
        }
    }
}

/// Brings the index of leads and conversations in line with the database (blocking).
pub(super) fn sync(store: &Store, index: &LiveIndex) -> Result<Difference, SearchError> {
    let wanted = store.read_blocking(|tx| versions(tx))?;
    index.sync(&wanted, |(key, version)| {
        let (title, body) = text(store, key)?;
        Some(Entry {
            key,
            version,
            title,
            tags: Vec::new(),
            body,
        })
    })
}

/// Every lead and conversation. A lead has no language; its words are read as Polish, which the team writes.
fn versions(tx: &mut dyn Tx) -> Result<Vec<Versioned>, DbError> {
    let mut versions = Vec::new();
    for (id, updated_at_ms) in leads::lead_versions(tx)? {
        versions.push((
            Key::new(Kind::Lead, Lang::Pl, id),
            updated_at_ms.unsigned_abs(),
        ));
    }
    for (id, lang, last_seq) in chat::conversation_versions(tx)? {
        versions.push((
            Key::new(Kind::Conversation, lang, id),
            last_seq.unsigned_abs(),
        ));
    }
    Ok(versions)
}

/// Title and text of a key, read where they are kept.
fn text(store: &Store, key: Key) -> Option<(String, String)> {
    let read = store.read_blocking(move |tx| match key.kind() {
        Kind::Lead => leads::lead_text(tx, key.id()),
        _ => chat::conversation_text(tx, key.id()),
    });
    read.unwrap_or_else(|error: DbError| {
        tracing::error!(%error, "a text to find cannot be read");
        None
    })
}

impl Search {
    /// Finds documents, leads and conversations.
    pub(super) async fn find_all(&self, query: TeamQuery) -> Result<TeamResults, SearchError> {
        let search = self.clone();
        let found = tokio::task::spawn_blocking(move || search.find_all_blocking(&query)).await;
        found.map_err(|error| DbError::Internal(error.to_string()))?
    }

    fn find_all_blocking(&self, query: &TeamQuery) -> Result<TeamResults, SearchError> {
        let needed = query.offset + query.limit;
        let documents = self.find(&Query {
            text: query.text.clone(),
            filter: query.filter(),
            has_typos: true,
            limit: needed,
            offset: 0,
        })?;
        let (people, of_people) = self.find_people(query, needed)?;
        let mut shown: Vec<Shown> = documents.shown.into_iter().chain(of_people).collect();
        shown.sort_by(|a, b| b.score.total_cmp(&a.score));
        let sum = |a: &[usize], b: &[usize]| a.iter().zip(b).map(|(a, b)| a + b).collect();
        Ok(TeamResults {
            total: documents.total + people.total,
            kinds: sum(&documents.kinds, &people.kinds),
            langs: sum(&documents.langs, &people.langs),
            shown: shown
                .into_iter()
                .skip(query.offset)
                .take(query.limit)
                .collect(),
        })
    }

    fn find_people(
        &self,
        query: &TeamQuery,
        needed: usize,
    ) -> Result<(Found, Vec<Shown>), SearchError> {
        let engine = self.engine()?;
        sync(self.store(), &engine.people)?;
        let Some(reading) = engine.people.reading() else {
            return Err(SearchError::NotReady);
        };
        let asked = Asked::new(&query.text, None, true, &reading, &engine.lexicon);
        let found = reading.find(&asked.wanted, &query.filter(), needed)?;
        let shown = asked.show(&found, 0, needed, |key| {
            let (title, body) = text(self.store(), key)?;
            Some(Texts {
                title: title.into(),
                body: body.into(),
            })
        });
        Ok((found, shown))
    }
}
