//! Use cases of the team: one function, one transaction.

use serde_json::json;

use super::changes::{Change, Followed, What, happened};
use super::edit::{self, Edit, Field};
use super::merge::{Choices, merged};
use super::model::{Lead, Saved, SpamReason, Status};
use super::service::{Leads, erase};
use super::store::history;
use super::timeline::LeadNoteView;
use super::{LeadError, cleaning, hooks, letters, rotation, store};
use crate::accounts::{self, audit};
use crate::bookings;
use crate::chat::ERASED_JOB;
use crate::notify::outbox::{self, About};
use crate::platform::clock::to_rfc3339;
use crate::platform::db::{DbError, Tx};
use crate::platform::http::{Actor, IdempotencyKey, Principal, Problem, once};
use crate::platform::jobs::{NewJob, enqueue};
use crate::quotes;

/// Who acts.
#[derive(Clone)]
pub(super) struct By {
    /// As the history writes it.
    pub(super) actor: String,
    user_id: Option<i64>,
    name: String,
}

impl From<&Principal> for By {
    fn from(principal: &Principal) -> Self {
        Self {
            actor: principal.actor.to_string(),
            user_id: match principal.actor {
                Actor::User(id) => Some(id),
                Actor::Key(_) | Actor::EnvironmentKey => None,
            },
            name: principal.display_name.to_string(),
        }
    }
}

/// Whom a lead is given to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Assignee {
    Nobody,
    Member(i64),
    /// Whose turn it is.
    InTurn,
}

/// A status that was set.
pub(super) struct Moved {
    pub(super) before: Status,
    pub(super) is_for_monday: bool,
}

/// What came of one status for many leads.
#[derive(Default)]
pub(super) struct Bulk {
    pub(super) changed: Vec<Lead>,
    pub(super) unchanged: usize,
    /// Leads that could not take it, and why.
    pub(super) refused: Vec<(i64, LeadError)>,
}

/// Which of two leads stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Merge {
    pub(super) into: i64,
    pub(super) from: i64,
}

impl Leads {
    /// Changes fields.
    ///
    /// Errors: a value is refused; there is no such lead or member.
    pub(super) async fn edit(
        &self,
        id: i64,
        edit: Edit,
        by: By,
        now_ms: i64,
    ) -> Result<Lead, LeadError> {
        let edit = edit.checked()?;
        let (lead, is_changed) = self
            .store
            .write(move |tx| apply(tx, id, edit, &by, now_ms))
            .await?;
        if is_changed {
            self.announce_change(&lead).await;
        }
        Ok(lead)
    }

    /// Moves a lead on; the same status changes nothing.
    pub(super) async fn set_status(
        &self,
        id: i64,
        status: Status,
        reason: Option<String>,
        by: By,
        now_ms: i64,
    ) -> Result<Moved, LeadError> {
        let reason = lost_reason(reason.as_deref())?;
        let (lead, moved, is_changed) = self
            .store
            .write(move |tx| {
                let mut lead = found(tx, id)?;
                let before = lead.status;
                let followed = move_on(tx, &mut lead, status, reason, &by.actor, now_ms)?;
                let moved = Moved {
                    before,
                    is_for_monday: followed.is_some_and(|followed| followed.is_for_monday),
                };
                Ok::<_, LeadError>((lead, moved, followed.is_some()))
            })
            .await?;
        if is_changed {
            self.announce_change(&lead).await;
        }
        Ok(moved)
    }

    /// Moves many leads on, in one transaction; those that cannot are told apart.
    pub(super) async fn bulk_status(
        &self,
        ids: Vec<i64>,
        status: Status,
        reason: Option<String>,
        by: By,
        now_ms: i64,
    ) -> Result<Bulk, LeadError> {
        let reason = lost_reason(reason.as_deref())?;
        let bulk = self
            .store
            .write(move |tx| {
                let mut bulk = Bulk::default();
                for id in ids {
                    let Some(mut lead) = store::lead(tx, id)? else {
                        bulk.refused.push((id, LeadError::NotFound));
                        continue;
                    };
                    let reason = reason.clone();
                    match move_on(tx, &mut lead, status, reason, &by.actor, now_ms) {
                        Ok(Some(_)) => bulk.changed.push(lead),
                        Ok(None) => bulk.unchanged += 1,
                        Err(LeadError::Db(error)) => return Err(LeadError::Db(error)),
                        Err(error) => bulk.refused.push((id, error)),
                    }
                }
                Ok(bulk)
            })
            .await?;
        for lead in &bulk.changed {
            self.announce_change(lead).await;
        }
        Ok(bulk)
    }

    /// Gives a lead to somebody.
    ///
    /// Errors: there is no such lead or active member, or nobody whose turn it could be.
    pub(super) async fn assign(
        &self,
        id: i64,
        to: Assignee,
        by: By,
        now_ms: i64,
    ) -> Result<Lead, LeadError> {
        let (lead, is_changed) = self
            .store
            .write(move |tx| {
                let before = found(tx, id)?;
                let to = match to {
                    Assignee::Nobody => None,
                    Assignee::Member(id) => Some(id),
                    Assignee::InTurn => Some(rotation::next(tx, now_ms)?.ok_or(LeadError::NoTeam)?),
                };
                known_member(tx, to)?;
                let mut lead = before.clone();
                lead.assigned_to = to;
                let is_changed = before.assigned_to != to;
                if is_changed {
                    lead.updated_at_ms = now_ms;
                    store::update(tx, &lead)?;
                    let change = Change::of(What::Assigned, &before, &lead, &by.actor);
                    happened(tx, &change, now_ms)?;
                }
                Ok::<_, LeadError>((lead, is_changed))
            })
            .await?;
        if is_changed {
            self.announce_change(&lead).await;
        }
        Ok(lead)
    }

    /// Notes something on a lead, once an Idempotency-Key.
    ///
    /// Errors: the text is empty, too long or holds control characters; there is no such lead; the key was used for
    /// another note.
    pub(super) async fn add_note(
        &self,
        id: i64,
        text: &str,
        key: IdempotencyKey,
        by: By,
        now_ms: i64,
    ) -> Result<LeadNoteView, Problem> {
        let body = cleaning::text("note", text, cleaning::TEXT_MAX_CHARS)?;
        let (note, lead) = self
            .store
            .write(move |tx| {
                let mut noted = None;
                let note = once(tx, &key, "add_lead_note", &(id, &body), |tx| {
                    let mut lead = found(tx, id)?;
                    let note_id = note(tx, &mut lead, &body, &by, now_ms)?;
                    store::update(tx, &lead)?;
                    let view = LeadNoteView {
                        id: note_id,
                        author_id: by.user_id,
                        author_name: by.name.clone(),
                        note: body.clone(),
                        timestamp: to_rfc3339(now_ms),
                    };
                    noted = Some(lead);
                    Ok(view)
                })?;
                Ok::<_, Problem>((note, noted))
            })
            .await?;
        if let Some(lead) = &lead {
            self.announce_change(lead).await;
        }
        Ok(note)
    }

    /// Puts a lead into the spam folder or takes it out. What comes out is new to everybody: it is announced, and its
    /// letters are written.
    pub(super) async fn set_spam(
        &self,
        id: i64,
        is_spam: bool,
        by: By,
        now_ms: i64,
    ) -> Result<Lead, LeadError> {
        let (lead, is_released) = self
            .store
            .write(move |tx| {
                let before = found(tx, id)?;
                if before.spam.is_some() == is_spam {
                    return Ok((before, false));
                }
                let mut lead = before.clone();
                lead.spam = is_spam.then_some(SpamReason::Marked);
                lead.updated_at_ms = now_ms;
                if !is_spam && lead.assigned_to.is_none() {
                    lead.assigned_to = rotation::for_new_lead(tx, now_ms)?;
                }
                store::update(tx, &lead)?;
                let what = if is_spam {
                    What::MarkedSpam
                } else {
                    What::Released
                };
                happened(tx, &Change::of(what, &before, &lead, &by.actor), now_ms)?;
                let saved = Saved {
                    lead,
                    joined: false,
                };
                letters::queue(tx, &saved, now_ms)?;
                Ok::<_, LeadError>((saved.lead, !is_spam))
            })
            .await?;
        if is_released {
            let saved = Saved {
                lead: lead.clone(),
                joined: false,
            };
            self.announce(&saved).await;
        }
        Ok(lead)
    }

    /// Removes a lead with its history, notes and letters; the audit log keeps that it happened.
    pub(super) async fn delete(&self, id: i64, by: By, now_ms: i64) -> Result<(), LeadError> {
        self.store
            .write(move |tx| {
                let lead = found(tx, id)?;
                erase(tx, &lead, &by.actor, now_ms)?;
                let details = json!({"lead_id": id});
                audit::record(tx, &by.actor, "lead_deleted", None, &details, now_ms)?;
                Ok(forget_words(tx, now_ms)?)
            })
            .await
    }

    /// Makes two leads one: what was said, noted, sent, booked and quoted of both is that of the one that stays.
    ///
    /// Errors: one of them is not there, or both are the same.
    pub(super) async fn merge(
        &self,
        merge: Merge,
        choices: Choices,
        by: By,
        now_ms: i64,
    ) -> Result<Lead, LeadError> {
        if merge.into == merge.from {
            let why = "must be another lead";
            return Err(LeadError::Field("into", why.into()));
        }
        let lead = self
            .store
            .write(move |tx| {
                let (into, from) = (found(tx, merge.into)?, found(tx, merge.from)?);
                unite(tx, &into, &from, &choices, &by.actor, now_ms)
            })
            .await?;
        self.announce_change(&lead).await;
        Ok(lead)
    }

    /// Tells the team that listens, unless it lies in the spam folder.
    async fn announce_change(&self, lead: &Lead) {
        let saved = Saved {
            lead: lead.clone(),
            joined: true,
        };
        self.announce(&saved).await;
    }
}

fn found(tx: &mut dyn Tx, id: i64) -> Result<Lead, LeadError> {
    store::lead(tx, id)?.ok_or(LeadError::NotFound)
}

fn lost_reason(reason: Option<&str>) -> Result<Option<String>, LeadError> {
    cleaning::optional("lost_reason", reason, cleaning::SHORT_MAX_CHARS)
}

fn known_member(tx: &mut dyn Tx, id: Option<i64>) -> Result<(), LeadError> {
    match id {
        Some(id) if accounts::display_name(tx, id)?.is_none() => Err(LeadError::NoSuchAgent),
        _ => Ok(()),
    }
}

/// Changes fields; answers the lead and whether anything changed.
fn apply(
    tx: &mut dyn Tx,
    id: i64,
    mut edit: Edit,
    by: &By,
    now_ms: i64,
) -> Result<(Lead, bool), LeadError> {
    let before = found(tx, id)?;
    if let Field::Set(member) = edit.assigned_to {
        // Who cares for it already may have left the team.
        known_member(tx, member.filter(|id| before.assigned_to != Some(*id)))?;
    }
    let text = edit
        .note
        .take()
        .filter(|text| before.notes.as_ref() != Some(text));
    let mut lead = before.clone();
    edit.apply(&mut lead)?;
    let is_edited = lead != before;
    if is_edited {
        lead.updated_at_ms = now_ms;
        happened(
            tx,
            &Change::of(What::Updated, &before, &lead, &by.actor),
            now_ms,
        )?;
    }
    if let Some(text) = &text {
        note(tx, &mut lead, text, by, now_ms)?;
    }
    let is_changed = is_edited || text.is_some();
    if is_changed {
        store::update(tx, &lead)?;
    }
    Ok((lead, is_changed))
}

/// Moves a lead on; `None`: it was there already.
fn move_on(
    tx: &mut dyn Tx,
    lead: &mut Lead,
    status: Status,
    reason: Option<String>,
    by: &str,
    now_ms: i64,
) -> Result<Option<Followed>, LeadError> {
    let before = lead.clone();
    if !edit::set_status(lead, status, reason)? {
        return Ok(None);
    }
    lead.updated_at_ms = now_ms;
    store::update(tx, lead)?;
    let change = Change::of(What::StatusChanged, &before, lead, by);
    Ok(Some(happened(tx, &change, now_ms)?))
}

/// Adds a note; the newest stands in the lead too, which the caller stores. Answers the note's number.
fn note(
    tx: &mut dyn Tx,
    lead: &mut Lead,
    text: &str,
    by: &By,
    now_ms: i64,
) -> Result<i64, DbError> {
    let before = lead.clone();
    lead.notes = Some(text.to_owned());
    lead.updated_at_ms = now_ms;
    let id = history::add_note(tx, lead.id, (by.user_id, &by.name), text, now_ms)?;
    happened(
        tx,
        &Change::of(What::Noted, &before, lead, &by.actor),
        now_ms,
    )?;
    Ok(id)
}

fn unite(
    tx: &mut dyn Tx,
    into: &Lead,
    from: &Lead,
    choices: &Choices,
    by: &str,
    now_ms: i64,
) -> Result<Lead, LeadError> {
    let day = &to_rfc3339(now_ms)[..10];
    let mut lead = merged(into, from.clone(), choices, day, now_ms);
    history::take_over(tx, from.id, into.id)?;
    if let Some(newest) = history::notes(tx, into.id)?.pop() {
        lead.notes = Some(newest.body);
    }
    store::take_sessions(tx, from, into.id)?;
    outbox::relink(tx, About::Lead(from.id), About::Lead(into.id))?;
    bookings::relink(tx, from.id, into.id)?;
    quotes::relink(tx, from.id, Some(into.id))?;
    hooks::gone(tx, from, now_ms)?;
    store::delete(tx, from.id)?;
    store::update(tx, &lead)?;
    let change = Change {
        other_id: Some(from.id),
        ..Change::of(What::Merged, into, &lead, by)
    };
    happened(tx, &change, now_ms)?;
    let details = json!({"lead_id": into.id, "merged_lead_id": from.id});
    audit::record(tx, by, "leads_merged", None, &details, now_ms)?;
    forget_words(tx, now_ms)?;
    Ok(lead)
}

/// Takes the words of a lead that is gone out of the search.
fn forget_words(tx: &mut dyn Tx, now_ms: i64) -> Result<(), DbError> {
    let job = NewJob {
        kind: ERASED_JOB,
        payload_json: "{}",
        dedupe_key: None,
    };
    enqueue(tx, &job, now_ms)
}
