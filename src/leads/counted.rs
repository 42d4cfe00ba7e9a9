//! What the numbers hear of leads, in the transactions of their changes.

use super::changes::{Change, What};
use super::cleaning::host;
use super::model::{Lead, Source, SpamReason, Status, Touch};
use crate::analytics::{self, Event, LeadSource, Origin, Visit};
use crate::nlu::Lang;
use crate::platform::db::{DbError, Tx};
use crate::quotes::{self, Package, PropertyType};

/// What a lead has said in words of its own: the numbers keep no texts.
const OTHER: &str = "other";

/// Has the numbers take note of a change. What lies in the spam folder is not counted until it leaves it.
pub(super) fn tell(tx: &mut dyn Tx, change: &Change<'_>, now_ms: i64) -> Result<(), DbError> {
    let lead = change.lead;
    if change.what == What::Deleted {
        analytics::forget_session(tx, &own_session(lead.id))?;
        return Ok(());
    }
    if let Some(other) = change.other_id {
        analytics::forget_session(tx, &own_session(other))?;
    }
    if lead.spam.is_some() {
        return Ok(());
    }
    let is_new = match change.what {
        What::Created => true,
        // One that somebody of the team had put there was counted when it came.
        What::Released => change
            .before
            .is_some_and(|before| before.spam != Some(SpamReason::Marked)),
        _ => false,
    };
    let came_again = (change.before.filter(|_| change.what == What::Joined))
        .is_some_and(|before| before.last_touch != lead.last_touch);
    let old_status =
        (change.before.map(|before| before.status)).filter(|status| *status != lead.status);
    if !is_new && !came_again && old_status.is_none() {
        return Ok(());
    }
    let session = session(tx, lead, now_ms)?;
    if let (Some(session), Some(touch)) = (session, &lead.last_touch)
        && (is_new || came_again)
    {
        analytics::touch(tx, session, &origin(touch), now_ms)?;
    }
    if is_new {
        analytics::record(tx, session, &left(lead), now_ms)?;
    }
    if let Some(from) = old_status {
        let event = Event::LeadStatus {
            lead_id: lead.id,
            from: from.as_str().to_owned(),
            to: lead.status.as_str().to_owned(),
            value: value(tx, lead, from)?,
        };
        analytics::record(tx, session, &event, now_ms)?;
    }
    Ok(())
}

/// The lead's session among the numbers. One that came by a form without a session has one of its own, which begins with
/// what the form's page told; `None`: nothing is known of where it came from.
pub(crate) fn session(tx: &mut dyn Tx, lead: &Lead, now_ms: i64) -> Result<Option<i64>, DbError> {
    let own;
    let session_id = match (&lead.session_id, &lead.first_touch) {
        (Some(session_id), _) => session_id,
        (None, Some(_)) => {
            own = own_session(lead.id);
            &own
        }
        (None, None) => return Ok(None),
    };
    if let Some(id) = analytics::session_of(tx, session_id)? {
        return Ok(Some(id));
    }
    let lang = lead
        .consents
        .last()
        .map_or(Lang::Pl, |consent| consent.lang);
    let mut visit = Visit::unknown(lang);
    if let Some(touch) = &lead.first_touch {
        visit.origin = origin(touch);
    }
    analytics::begin(tx, session_id, &visit, now_ms).map(Some)
}

/// What stands for the session of a lead that has none. Session ids hold no blanks, so it is nobody's.
fn own_session(lead_id: i64) -> String {
    format!("lead:{lead_id} form")
}

fn origin(touch: &Touch) -> Origin {
    Origin::new(
        touch.path.as_deref(),
        touch.page_url.as_deref().and_then(host).as_deref(),
        touch.referrer_host.as_deref(),
        &touch.utm,
    )
}

fn left(lead: &Lead) -> Event {
    let package = |said: &String| said.parse::<Package>().map_or(OTHER, Package::as_str);
    let property = |said: &String| {
        let known = said.parse::<PropertyType>();
        known.map_or(OTHER, PropertyType::as_str)
    };
    Event::LeadLeft {
        lead_id: lead.id,
        source: match lead.source {
            Source::Chat => LeadSource::Chat,
            Source::Form => LeadSource::Form,
            Source::Quiz => LeadSource::Quiz,
            Source::Booking => LeadSource::Booking,
            Source::Import => LeadSource::Import,
        },
        package: lead
            .interested_package
            .as_ref()
            .map(package)
            .map(str::to_owned),
        property_type: lead.property_type.as_ref().map(property).map(str::to_owned),
    }
}

/// What a lead is worth that became a client, or turned out to be none: its accepted quote, else its budget.
fn value(tx: &mut dyn Tx, lead: &Lead, from: Status) -> Result<Option<f64>, DbError> {
    if lead.status != Status::Converted && from != Status::Converted {
        return Ok(None);
    }
    let accepted = quotes::accepted_value(tx, lead.id)?;
    Ok(accepted.or(lead.budget.map(|budget| budget as f64)))
}
