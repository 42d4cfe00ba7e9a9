//! Use cases: one function, one transaction.

use serde::{Deserialize, Serialize};

use super::model::{Lead, NewLead, Saved, Source};
use super::views::LeadView;
use super::{LeadError, letters, rules, store};
use crate::chat::{ChatError, SessionId};
use crate::live::Broadcast;
use crate::notify::outbox::{self, About};
use crate::platform::db::{DbError, Store, Tx};
use crate::platform::http::{IdempotencyKey, Problem, once};
use crate::platform::secrets::Secrets;

/// Leads. Cheap to clone.
#[derive(Clone)]
pub struct Leads {
    pub(super) store: Store,
    secrets: Secrets,
    live: Broadcast,
}

/// What is kept under an Idempotency-Key: no personal data, so that erasing the lead erases all of it.
#[derive(Serialize, Deserialize)]
struct Submitted {
    lead_id: i64,
    joined: bool,
    at_ms: i64,
}

/// Saves what somebody left: a new lead, or more on the open one of the same person; the team and the person get
/// letters, but for a booking, which writes its own. Part of the caller's transaction; [`Leads::announce`] it after the
/// commit.
///
/// Errors: no way to reach the person, or a value that is too long or out of bounds (see [`NewLead`]).
pub fn upsert(tx: &mut dyn Tx, new: &NewLead, now_ms: i64) -> Result<Saved, LeadError> {
    let new = rules::cleaned(new.clone())?;
    let lang = new.consent.as_ref().map(|consent| consent.lang);
    let source = new.source;
    let candidates = store::candidates(tx, &new, rules::joins_since_ms(now_ms))?;
    let saved = if let Some((mut lead, tie)) = rules::choose(candidates, &new) {
        rules::join(&mut lead, new, tie, now_ms);
        store::update(tx, &lead)?;
        Saved { lead, joined: true }
    } else {
        let mut lead = rules::first(new, now_ms);
        lead.id = store::insert(tx, &lead)?;
        Saved {
            lead,
            joined: false,
        }
    };
    if source != Source::Booking {
        letters::queue(tx, &saved, lang, now_ms)?;
    }
    Ok(saved)
}

/// Notes that a meeting with the person is arranged. Part of the caller's transaction; [`Leads::announce`] follows.
pub fn consultation_booked(tx: &mut dyn Tx, saved: &mut Saved, now_ms: i64) -> Result<(), DbError> {
    if rules::book_consultation(&mut saved.lead, now_ms) {
        store::update(tx, &saved.lead)?;
    }
    Ok(())
}

/// The leads that began in a session, the oldest first.
pub fn of_session(tx: &mut dyn Tx, session_id: &str) -> Result<Vec<Lead>, DbError> {
    store::of_session(tx, session_id)
}

/// Erases the leads that began in a session; answers how many.
pub fn erase_session(tx: &mut dyn Tx, session_id: &str) -> Result<u64, DbError> {
    for lead in store::of_session(tx, session_id)? {
        outbox::forget(tx, About::Lead(lead.id))?;
    }
    store::erase_session(tx, session_id)
}

impl Leads {
    /// Opens nothing; the tables are there.
    pub fn new(store: Store, secrets: Secrets, live: Broadcast) -> Self {
        Self {
            store,
            secrets,
            live,
        }
    }

    /// Reads the session a lead came from; one the client chose is weak.
    ///
    /// Errors: it is malformed.
    pub fn session(&self, id: &str) -> Result<SessionId, ChatError> {
        SessionId::parse(id, &self.secrets)
    }

    /// Tells the team that listens: `new_lead`, or `lead_updated` when it joined an open one.
    pub async fn announce(&self, saved: &Saved) {
        let event = if saved.joined {
            "lead_updated"
        } else {
            "new_lead"
        };
        self.live
            .tell_team(event, "lead", &LeadView::from(&saved.lead))
            .await;
    }

    /// Saves what came by the form, once an Idempotency-Key, and tells the team; answers the lead and whether it joined.
    ///
    /// * `body`: what was sent, to tell a repeat from another request under the same key.
    /// * `sees_all`: false answers no more than what was sent, since an e-mail address proves nothing.
    pub async fn submit<B: Serialize + Send + 'static>(
        &self,
        key: IdempotencyKey,
        body: B,
        new: NewLead,
        sees_all: bool,
        now_ms: i64,
    ) -> Result<(Lead, bool), Problem> {
        let sent = new.clone();
        let (submitted, saved) = self
            .store
            .write(move |tx| {
                let mut saved = None;
                let submitted = once(tx, &key, "create_lead", &body, |tx| {
                    let now = upsert(tx, &new, now_ms)?;
                    let submitted = Submitted {
                        lead_id: now.lead.id,
                        joined: now.joined,
                        at_ms: now_ms,
                    };
                    saved = Some(now);
                    Ok(submitted)
                })?;
                Ok::<_, Problem>((submitted, saved))
            })
            .await?;
        if let Some(saved) = &saved {
            self.announce(saved).await;
        }
        let lead = if sees_all {
            self.lead(submitted.lead_id).await?
        } else {
            let sent = rules::first(rules::cleaned(sent)?, submitted.at_ms);
            Lead {
                id: submitted.lead_id,
                ..sent
            }
        };
        Ok((lead, submitted.joined))
    }

    /// A page of leads, the newest first, and how many there are.
    pub(super) async fn list(
        &self,
        limit: i64,
        offset: i64,
    ) -> Result<(Vec<Lead>, i64), LeadError> {
        Ok(self
            .store
            .read(move |tx| store::list(tx, limit, offset))
            .await?)
    }

    /// One lead.
    pub(super) async fn lead(&self, id: i64) -> Result<Lead, LeadError> {
        self.store
            .read(move |tx| store::lead(tx, id))
            .await?
            .ok_or(LeadError::NotFound)
    }
}
