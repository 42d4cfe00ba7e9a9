//! Who looked at whose data: one entry in the audit log for each view, however many rows it shows, written before the
//! answer leaves, so that none is lost with a server that stops.
//!
//! It costs a view one commit, which it shares with whoever writes at that moment. What is handed out as a file or whole
//! leaves only with its entry; a list is shown also while nothing can be written (a full disk must not keep the team
//! from its visitors), and the log says that the entry is missing.

use serde_json::{Value, json};

use super::audit;
use crate::platform::clock::now_ms;
use crate::platform::db::{DbError, Store};
use crate::platform::http::Principal;

/// The action of these entries in the audit log.
pub const VIEWED: &str = "data_viewed";

/// What somebody of the team, or a program with a key, looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum View {
    /// So many leads of a list.
    Leads(usize),
    /// The lead with this number.
    Lead(i64),
    /// What became of the lead with this number.
    LeadTimeline(i64),
    /// A file of so many leads.
    LeadFile(i64),
    /// So many conversations of a list.
    Conversations(usize),
    /// A conversation: its number and its session.
    Conversation(i64, String),
    /// The messages of a session.
    History(String),
    /// Everything kept about a session.
    SessionData(String),
    /// The consents of a session.
    SessionConsents(String),
    /// So many consents of a list.
    Consents(usize),
    /// So many bookings of a list.
    Bookings(usize),
    /// The booking with this number.
    Booking(i64),
    /// So many results of a search over people.
    Search(usize),
    /// So many messages that were sent to people.
    Messages(usize),
}

/// What an entry says of a view.
struct Told<'v> {
    /// Its kind.
    view: &'static str,
    /// How many rows a list shows.
    count: Option<i64>,
    /// The number of the row it shows, which names nobody.
    subject: Option<String>,
    /// The session it is about: its id goes with the visitor, its hash stays.
    session_id: Option<&'v str>,
    /// It is handed out as a file or whole.
    is_handed_out: bool,
}

impl View {
    fn told(&self) -> Told<'_> {
        let list = |view, count: usize| Told {
            view,
            count: Some(i64::try_from(count).unwrap_or(i64::MAX)),
            subject: None,
            session_id: None,
            is_handed_out: false,
        };
        let one = |view, subject: Option<String>, session_id| Told {
            view,
            count: None,
            subject,
            session_id,
            is_handed_out: false,
        };
        match self {
            Self::Leads(count) => list("leads", *count),
            Self::Lead(id) => one("lead", Some(format!("lead:{id}")), None),
            Self::LeadTimeline(id) => one("lead_timeline", Some(format!("lead:{id}")), None),
            Self::LeadFile(count) => Told {
                count: Some(*count),
                is_handed_out: true,
                ..one("lead_file", None, None)
            },
            Self::Conversations(count) => list("conversations", *count),
            Self::Conversation(id, session_id) => {
                let subject = Some(format!("conversation:{id}"));
                one("conversation", subject, Some(session_id))
            }
            Self::History(session_id) => one("history", None, Some(session_id)),
            Self::SessionData(session_id) => Told {
                is_handed_out: true,
                ..one("session_data", None, Some(session_id))
            },
            Self::SessionConsents(session_id) => one("session_consents", None, Some(session_id)),
            Self::Consents(count) => list("consents", *count),
            Self::Bookings(count) => list("bookings", *count),
            Self::Booking(id) => one("booking", Some(format!("booking:{id}")), None),
            Self::Search(count) => list("search", *count),
            Self::Messages(count) => list("messages", *count),
        }
    }
}

impl Told<'_> {
    fn details(&self) -> Value {
        let mut details = json!({"view": self.view});
        if let Some(count) = self.count {
            details["count"] = count.into();
        }
        if let Some(subject) = &self.subject {
            details["subject"] = subject.as_str().into();
        }
        details
    }
}

/// Notes a view; call it before what is seen leaves.
///
/// Errors: the store said no, and what would leave is handed out as a file or whole.
pub async fn note(store: &Store, by: &Principal, view: View) -> Result<(), DbError> {
    let actor = by.actor.to_string();
    let is_handed_out = view.told().is_handed_out;
    let write = store.write(move |tx| {
        let told = view.told();
        let details = told.details();
        audit::record(tx, &actor, VIEWED, told.session_id, &details, now_ms())
    });
    match write.await {
        Err(error) if !is_handed_out => {
            tracing::error!(%error, "the audit log lacks an entry of a view");
            Ok(())
        }
        written => written,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_tells_how_many_or_who_and_never_both() {
        for view in [
            View::Leads(3),
            View::Lead(1),
            View::LeadTimeline(1),
            View::LeadFile(7),
            View::Conversations(0),
            View::Conversation(2, "nh_x".into()),
            View::History("nh_x".into()),
            View::SessionData("nh_x".into()),
            View::SessionConsents("nh_x".into()),
            View::Consents(2),
            View::Bookings(2),
            View::Booking(5),
            View::Search(1),
            View::Messages(1),
        ] {
            let told = view.told();
            let is_one = told.subject.is_some() || told.session_id.is_some();
            assert_ne!(is_one, told.count.is_some(), "{view:?}");
            assert!(!told.details().to_string().contains("nh_x"), "{view:?}");
        }
        assert_eq!(
            View::Lead(12).told().details(),
            json!({"view": "lead", "subject": "lead:12"})
        );
    }

    #[test]
    fn only_what_is_handed_out_waits_for_its_entry() {
        assert!(View::LeadFile(1).told().is_handed_out);
        assert!(View::SessionData("nh_x".into()).told().is_handed_out);
        assert!(!View::Leads(1).told().is_handed_out);
    }
}
