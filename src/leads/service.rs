//! Use cases of whoever leaves a lead: one function, one transaction. Those of the team stand in `team.rs`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::changes::{Change, What, happened};
use super::filter::{Filter, SortBy, SortOrder};
use super::marks::Marks;
use super::model::{Lead, NewLead, Saved, Source};
use super::proof::{ProofChallenge, Proofs};
use super::views::LeadView;
use super::{Email, LeadError, Phone, cleaning, letters, rotation, rules, store};
use crate::accounts::audit::VISITOR;
use crate::chat::{ChatError, SessionId};
use crate::experiments::{self, Goal};
use crate::knowledge::Knowledge;
use crate::live::Broadcast;
use crate::notify::outbox::{self, About};
use crate::platform::db::{DbError, Store, Tx};
use crate::platform::http::{IdempotencyKey, Problem, once};
use crate::platform::secrets::Secrets;
use crate::quotes;

/// Leads. Cheap to clone.
#[derive(Clone)]
pub struct Leads {
    pub(super) store: Store,
    pub(super) knowledge: Knowledge,
    secrets: Secrets,
    live: Broadcast,
    proofs: Proofs,
    /// Files are read one after the other.
    pub(super) importing: Arc<Mutex<()>>,
}

/// What came through the API.
pub(super) struct Sent {
    pub(super) new: NewLead,
    /// Who sent it, as the history writes it.
    pub(super) by: String,
    /// False answers no more than what was sent, since an e-mail address proves nothing.
    pub(super) sees_all: bool,
    /// The proof of work that came with it.
    pub(super) proof: Option<String>,
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
    save(tx, new, VISITOR, now_ms)
}

/// [`upsert`] by somebody who may be of the team.
fn save(tx: &mut dyn Tx, new: &NewLead, by: &str, now_ms: i64) -> Result<Saved, LeadError> {
    let new = cleaning::cleaned(new.clone())?;
    let (source, session_id) = (new.source, new.session_id.clone());
    let candidates = store::candidates(tx, &new, rules::joins_since_ms(now_ms))?;
    let saved = if let Some((before, tie)) = rules::choose(candidates, &new) {
        let mut lead = before.clone();
        rules::join(&mut lead, new, tie, now_ms);
        store::update(tx, &lead)?;
        let change = Change::of(What::Joined, &before, &lead, by);
        happened(tx, &change, now_ms)?;
        Saved { lead, joined: true }
    } else {
        let mut lead = rules::first(new, now_ms);
        if lead.spam.is_none() {
            lead.assigned_to = rotation::for_new_lead(tx, now_ms)?;
        }
        lead.id = store::insert(tx, &lead)?;
        happened(tx, &Change::new(&lead, by), now_ms)?;
        Saved {
            lead,
            joined: false,
        }
    };
    if source != Source::Booking {
        letters::queue(tx, &saved, now_ms)?;
    }
    if let Some(session_id) = session_id.filter(|_| saved.lead.spam.is_none()) {
        experiments::reached(tx, Goal::Lead, &session_id, now_ms)?;
    }
    Ok(saved)
}

/// Notes that a meeting with the person is arranged. Part of the caller's transaction; [`Leads::announce`] follows.
pub fn consultation_booked(tx: &mut dyn Tx, saved: &mut Saved, now_ms: i64) -> Result<(), DbError> {
    let before = saved.lead.clone();
    if rules::book_consultation(&mut saved.lead, now_ms) {
        store::update(tx, &saved.lead)?;
        let change = Change::of(What::StatusChanged, &before, &saved.lead, VISITOR);
        happened(tx, &change, now_ms)?;
    }
    Ok(())
}

/// The leads that began in a session, or that took up one which did, the oldest first.
pub fn of_session(tx: &mut dyn Tx, session_id: &str) -> Result<Vec<Lead>, DbError> {
    store::of_session(tx, session_id)
}

/// One lead, if it is there.
pub fn find(tx: &mut dyn Tx, id: i64) -> Result<Option<Lead>, DbError> {
    store::lead(tx, id)
}

/// Notes under which number monday.com has a lead; false when the lead is gone.
pub fn set_monday_item(tx: &mut dyn Tx, id: i64, item_id: &str) -> Result<bool, DbError> {
    store::set_monday_item(tx, id, item_id)
}

/// The leads of whoever has this e-mail address or number, the newest first.
pub fn of_contact(
    tx: &mut dyn Tx,
    email: Option<&Email>,
    phone: Option<&Phone>,
) -> Result<Vec<Lead>, DbError> {
    store::of_contact(tx, email, phone)
}

/// Erases the leads of [`of_session`]; answers how many.
pub fn erase_session(tx: &mut dyn Tx, session_id: &str, now_ms: i64) -> Result<u64, DbError> {
    let leads = store::of_session(tx, session_id)?;
    for lead in &leads {
        erase(tx, lead, VISITOR, now_ms)?;
    }
    Ok(leads.len() as u64)
}

/// Erases a lead with its history, notes and letters. Bookings and quotes stay and forget it.
///
/// * `by`: `user:<id>`, `key:<id>`, `visitor` or `system`.
pub fn erase(tx: &mut dyn Tx, lead: &Lead, by: &str, now_ms: i64) -> Result<(), DbError> {
    let change = Change {
        what: What::Deleted,
        before: None,
        lead,
        by,
        other_id: None,
    };
    happened(tx, &change, now_ms)?;
    outbox::forget(tx, About::Lead(lead.id))?;
    quotes::relink(tx, lead.id, None)?;
    store::delete(tx, lead.id)?;
    Ok(())
}

impl Leads {
    /// Opens nothing; the tables are there.
    pub fn new(store: Store, knowledge: Knowledge, secrets: Secrets, live: Broadcast) -> Self {
        Self {
            store,
            knowledge,
            proofs: Proofs::new(secrets.clone()),
            secrets,
            live,
            importing: Arc::default(),
        }
    }

    /// Something to work out, for a client that sent much.
    pub(super) fn challenge(&self, now_ms: i64) -> Result<ProofChallenge, Problem> {
        self.proofs.challenge(now_ms)
    }

    /// Reads the session a lead came from; one the client chose is weak.
    ///
    /// Errors: it is malformed.
    pub fn session(&self, id: &str) -> Result<SessionId, ChatError> {
        SessionId::parse(id, &self.secrets)
    }

    /// Tells the team that listens: `new_lead`, or `lead_updated` when it joined an open one. Of what lies in the spam
    /// folder nobody hears.
    pub async fn announce(&self, saved: &Saved) {
        if saved.lead.spam.is_some() {
            return;
        }
        let event = if saved.joined {
            "lead_updated"
        } else {
            "new_lead"
        };
        self.live
            .tell_team(event, "lead", &LeadView::from(&saved.lead))
            .await;
    }

    /// Saves what came by a page's form, once a key, and tells the team. What looks like spam is kept in its folder and
    /// not announced; the sender gets the same answer.
    ///
    /// * `body`: what was sent, to tell a repeat from another form under the same key.
    /// * `new`: as it was filled in; whether it is spam follows from `marks`.
    /// * Errors: as [`upsert`].
    pub async fn submit_form<B: Serialize + Send + 'static>(
        &self,
        key: IdempotencyKey,
        body: B,
        mut new: NewLead,
        marks: &Marks,
        now_ms: i64,
    ) -> Result<(), Problem> {
        new.spam = marks.suspicion(now_ms);
        let sent = Sent {
            new,
            by: VISITOR.to_owned(),
            sees_all: false,
            proof: None,
        };
        self.submit(key, body, sent, now_ms).await?;
        Ok(())
    }

    /// Saves what came through the API, once an Idempotency-Key, and tells the team; answers the lead and whether it
    /// joined.
    ///
    /// * `body`: what was sent, to tell a repeat from another request under the same key.
    pub(super) async fn submit<B: Serialize + Send + 'static>(
        &self,
        key: IdempotencyKey,
        body: B,
        sent: Sent,
        now_ms: i64,
    ) -> Result<(Lead, bool), Problem> {
        let (as_sent, sees_all) = (sent.new.clone(), sent.sees_all);
        let proofs = self.proofs.clone();
        let (submitted, saved) = self
            .store
            .write(move |tx| {
                let mut saved = None;
                let submitted = once(tx, &key, "create_lead", &body, |tx| {
                    let now = save(tx, &sent.new, &sent.by, now_ms)?;
                    // Last, so that a refused lead costs no proof.
                    if let Some(proof) = &sent.proof {
                        proofs.redeem(proof, now_ms)?;
                    }
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
            let sent = rules::first(cleaning::cleaned(as_sent)?, submitted.at_ms);
            Lead {
                id: submitted.lead_id,
                spam: None,
                ..sent
            }
        };
        Ok((lead, submitted.joined))
    }

    /// A page of leads, and how many the filter lets through.
    pub(super) async fn list(
        &self,
        filter: Filter,
        sort: (SortBy, SortOrder),
        limit: i64,
        offset: i64,
    ) -> Result<(Vec<Lead>, i64), LeadError> {
        Ok(self
            .store
            .read(move |tx| store::list::page(tx, &filter, sort, limit, offset))
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
