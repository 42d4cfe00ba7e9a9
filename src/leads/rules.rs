//! Who is the same person, what a lead becomes when they come back, and what it scores. Pure.

use std::fmt::Display;

use super::model::{Consent, ConsentGiven, Lead, NewLead, ScoreReason, Source, Status};
use crate::platform::clock::to_rfc3339;
use crate::rodo::Purpose;

/// A person who comes back within this time joins their open lead.
const JOIN_WITHIN_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// A lead that holds more text than this takes up no more, so that a stranger cannot fill one without end.
pub(super) const FULL_FROM_BYTES: usize = 20_000;
/// The same for consents.
const CONSENTS_MAX: usize = 50;

/// By what a person was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tie {
    /// The same visitor, proven by the session: what they say now counts.
    Session,
    /// The same e-mail or phone, which anyone may write: what was said before stands.
    Contact,
}

/// Leads not touched since this time are joined no more.
pub(super) fn joins_since_ms(now_ms: i64) -> i64 {
    now_ms - JOIN_WITHIN_MS
}

/// The session by which a visitor may be recognised.
pub(super) fn proven_session(new: &NewLead) -> Option<&str> {
    new.session_id.as_deref().filter(|_| !new.is_weak_session)
}

/// A first lead of a person; the store gives it its id.
pub(super) fn first(new: NewLead, now_ms: i64) -> Lead {
    let mut lead = Lead {
        id: 0,
        session_id: new.session_id,
        is_weak_session: new.is_weak_session,
        is_shared: false,
        name: new.name,
        email: new.email,
        phone: new.phone,
        interested_package: new.interested_package,
        property_size: new.property_size,
        property_type: new.property_type,
        location: new.location,
        budget: new.budget,
        message: new.message,
        additional_info: new.additional_info,
        source: new.source,
        first_touch: new.touch.clone(),
        last_touch: new.touch,
        status: match new.source {
            Source::Quiz => Status::Qualified,
            Source::Chat | Source::Form | Source::Booking | Source::Import => Status::New,
        },
        lost_reason: None,
        score: 0,
        score_reasons: Vec::new(),
        assigned_to: None,
        notes: None,
        tags: Vec::new(),
        consents: Vec::new(),
        monday_item_id: None,
        spam: new.spam,
        created_at_ms: now_ms,
        updated_at_ms: now_ms,
    };
    record_consent(&mut lead, new.consent, new.source, now_ms);
    set_score(&mut lead);
    lead
}

/// Which of the open leads, the newest first, the person joins.
pub(super) fn choose(candidates: Vec<Lead>, new: &NewLead) -> Option<(Lead, Tie)> {
    let session = proven_session(new);
    let is_same_visitor = |lead: &Lead| {
        session.is_some() && !lead.is_weak_session && lead.session_id.as_deref() == session
    };
    let mut open = candidates.into_iter().filter(|lead| !is_full(lead));
    let first = open.next()?;
    if is_same_visitor(&first) {
        return Some((first, Tie::Session));
    }
    Some(
        open.find(is_same_visitor)
            .map_or((first, Tie::Contact), |lead| (lead, Tie::Session)),
    )
}

fn is_full(lead: &Lead) -> bool {
    let text_bytes = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    text_bytes(&lead.message) + text_bytes(&lead.additional_info) > FULL_FROM_BYTES
        || lead.consents.len() >= CONSENTS_MAX
}

/// Takes up what the person says now. Empty fields are filled; where two answers differ, one stands in the field and the
/// other is kept in `additional_info`.
pub(super) fn join(lead: &mut Lead, new: NewLead, tie: Tie, now_ms: i64) {
    let mut settle = Settle {
        newer_stands: tie == Tie::Session,
        kept: Vec::new(),
    };
    let mut name = Some(std::mem::take(&mut lead.name));
    settle.field("name", &mut name, Some(new.name));
    lead.name = name.unwrap_or_default();
    settle.field("email", &mut lead.email, new.email);
    settle.field("phone", &mut lead.phone, new.phone);
    settle.field(
        "interested_package",
        &mut lead.interested_package,
        new.interested_package,
    );
    settle.field("property_size", &mut lead.property_size, new.property_size);
    settle.field("property_type", &mut lead.property_type, new.property_type);
    settle.field("location", &mut lead.location, new.location);
    settle.field("budget", &mut lead.budget, new.budget);
    add_text(&mut lead.message, new.message.as_deref());
    add_text(&mut lead.additional_info, new.additional_info.as_deref());
    let day = &to_rfc3339(now_ms)[..10];
    for kept in settle.kept {
        add_text(&mut lead.additional_info, Some(&format!("{day} {kept}")));
    }
    if let Some(touch) = new.touch {
        lead.first_touch.get_or_insert_with(|| touch.clone());
        lead.last_touch = Some(touch);
    }
    record_consent(lead, new.consent, new.source, now_ms);
    lead.is_shared |= tie == Tie::Contact;
    lead.updated_at_ms = now_ms;
    set_score(lead);
}

/// A meeting is arranged: a lead that was not yet as far as that now is. Answers whether it changed.
pub(super) fn book_consultation(lead: &mut Lead, now_ms: i64) -> bool {
    let changes = matches!(
        lead.status,
        Status::New | Status::Contacted | Status::Qualified
    );
    if changes {
        lead.status = Status::ConsultationBooked;
        lead.updated_at_ms = now_ms;
    }
    changes
}

/// Decides between two answers to the same question.
pub(super) struct Settle {
    pub(super) newer_stands: bool,
    /// The answers that stand in no field.
    pub(super) kept: Vec<String>,
}

impl Settle {
    pub(super) fn field<T: PartialEq + Display>(
        &mut self,
        name: &str,
        said: &mut Option<T>,
        now: Option<T>,
    ) {
        let Some(now) = now else { return };
        let Some(before) = said.take() else {
            *said = Some(now);
            return;
        };
        if before == now {
            *said = Some(before);
            return;
        }
        let (stands, kept) = if self.newer_stands {
            (now, before)
        } else {
            (before, now)
        };
        self.kept.push(format!("{name}: {kept}"));
        *said = Some(stands);
    }
}

/// Adds a paragraph unless it stands there already.
pub(super) fn add_text(text: &mut Option<String>, more: Option<&str>) {
    let Some(more) = more else { return };
    match text {
        Some(text) if text.contains(more) => {}
        Some(text) => {
            text.push('\n');
            text.push_str(more);
        }
        None => *text = Some(more.to_owned()),
    }
}

/// Adds a consent unless the newest of its purpose says the same. One to be written to or called always counts from now: it
/// may have been withdrawn by the address alone, which the lead does not know of.
fn record_consent(lead: &mut Lead, given: Option<ConsentGiven>, source: Source, now_ms: i64) {
    let Some(given) = given else { return };
    let newest = lead
        .consents
        .iter()
        .rfind(|known| known.purpose == given.purpose);
    let may_be_withdrawn_elsewhere = matches!(
        Purpose::named(&given.purpose),
        Some(Purpose::EmailMarketing | Purpose::SmsMarketing | Purpose::Phone)
    );
    let is_known = newest.is_some_and(|known| {
        known.is_given && known.text == given.text && known.text_version == given.text_version
    });
    if is_known && !may_be_withdrawn_elsewhere {
        return;
    }
    lead.consents.push(Consent {
        purpose: given.purpose,
        is_given: true,
        text_version: given.text_version,
        text: given.text,
        lang: given.lang,
        source,
        at_ms: now_ms,
    });
}

/// What is known counts: the more of it, the sooner an offer can be made. All of it is 100 points.
pub(super) fn set_score(lead: &mut Lead) {
    let known = [
        ("budget", 20, lead.budget.is_some()),
        ("property_size", 15, lead.property_size.is_some()),
        ("phone", 15, lead.phone.is_some()),
        ("email", 10, lead.email.is_some()),
        ("interested_package", 10, lead.interested_package.is_some()),
        ("location", 10, lead.location.is_some()),
        ("property_type", 10, lead.property_type.is_some()),
        ("message", 10, lead.message.is_some()),
    ];
    lead.score_reasons = known
        .into_iter()
        .filter(|(_, _, is_known)| *is_known)
        .map(|(reason, points, _)| ScoreReason {
            reason: reason.to_owned(),
            points,
        })
        .collect();
    lead.score = lead.score_reasons.iter().map(|reason| reason.points).sum();
}
