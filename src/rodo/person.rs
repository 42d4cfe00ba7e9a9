//! Who is meant: from an identifier to everything that leads to the same person.
//!
//! An e-mail address is one person, and so is a session that proves itself. A phone number may be shared by a household:
//! over it alone, two records are one person only when they also carry the same name and no two addresses.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Value, json};

use super::{Identifier, RodoError};
use crate::chat::{self, SessionId};
use crate::experiments;
use crate::leads::{self, Trace};
use crate::notify::outbox::{self, About};
use crate::platform::db::{DbError, Tx};
use crate::platform::folding::folded;
use crate::platform::secrets::Secrets;
use crate::{bookings, quotes, uploads};

/// Everything that leads to one person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// As they gave them.
    pub names: BTreeSet<String>,
    /// Lower case.
    pub emails: BTreeSet<String>,
    /// E.164.
    pub phones: BTreeSet<String>,
    /// Sessions, also weak ones that nobody else left anything in.
    pub sessions: BTreeSet<String>,
    /// Numbers of leads.
    pub leads: BTreeSet<i64>,
    /// Numbers of bookings.
    pub bookings: BTreeSet<i64>,
}

/// A step of the search.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Email(String),
    Session(String),
    Lead(i64),
    Booking(i64),
}

/// Finds the person behind an identifier.
///
/// Errors: nothing is kept under it, or several people share it.
pub fn find(
    tx: &mut dyn Tx,
    identifier: &Identifier,
    secrets: &Secrets,
) -> Result<Person, RodoError> {
    let starts = match identifier {
        Identifier::Email(email) => vec![vec![Step::Email(email.key().to_owned())]],
        Identifier::Session(session) => vec![vec![Step::Session(session.as_str().to_owned())]],
        Identifier::Lead(id) => vec![vec![Step::Lead(*id)]],
        Identifier::Booking(id) => vec![vec![Step::Booking(*id)]],
        Identifier::Phone(phone) => sharing(tx, phone.e164())?
            .into_iter()
            .map(|step| vec![step])
            .collect(),
    };
    let mut people: Vec<Person> = Vec::new();
    for start in starts {
        let is_known = |person: &Person| start.iter().all(|step| person.has(step));
        if !people.iter().any(is_known) {
            let person = Search::new(tx, secrets).run(start.clone())?;
            people.retain(|other| !other.is_part_of(&person));
            people.push(person);
        }
    }
    let mut found = Vec::new();
    for person in people {
        if person.is_known(tx)? {
            found.push(person);
        }
    }
    if found.len() > 1 {
        return Err(RodoError::SeveralPeople(choices(tx, &found)?));
    }
    found.pop().ok_or(RodoError::NotFound)
}

/// Whose records carry a phone number.
fn sharing(tx: &mut dyn Tx, e164: &str) -> Result<Vec<Step>, DbError> {
    let leads = leads::person::traces_by_phone(tx, e164)?;
    let bookings = bookings::person::traces_by_phone(tx, e164)?;
    let leads = leads.iter().map(|trace| Step::Lead(trace.id));
    let bookings = bookings.iter().map(|trace| Step::Booking(trace.id));
    Ok(leads.chain(bookings).collect())
}

/// What tells people apart who share an identifier.
fn choices(tx: &mut dyn Tx, people: &[Person]) -> Result<Value, DbError> {
    let mut choices = Vec::new();
    for person in people {
        choices.push(json!({
            "user_identifier": person.distinct(),
            "names": person.names,
            "emails": person.emails,
            "found": person.counts(tx)?,
        }));
    }
    Ok(Value::Array(choices))
}

impl Person {
    fn has(&self, step: &Step) -> bool {
        match step {
            Step::Email(key) => self.emails.contains(key),
            Step::Session(id) => self.sessions.contains(id),
            Step::Lead(id) => self.leads.contains(id),
            Step::Booking(id) => self.bookings.contains(id),
        }
    }

    fn is_part_of(&self, other: &Self) -> bool {
        self.leads.is_subset(&other.leads) && self.bookings.is_subset(&other.bookings)
    }

    /// An identifier that is this person's alone.
    fn distinct(&self) -> String {
        let email = self.emails.first().cloned();
        let lead = || self.leads.first().map(|id| format!("lead:{id}"));
        let booking = || self.bookings.first().map(|id| format!("booking:{id}"));
        email.or_else(lead).or_else(booking).unwrap_or_default()
    }

    /// Whether anything is kept about them at all.
    fn is_known(&self, tx: &mut dyn Tx) -> Result<bool, DbError> {
        if !self.leads.is_empty() || !self.bookings.is_empty() {
            return Ok(true);
        }
        for session in &self.sessions {
            if chat::person::knows_session(tx, session)?
                || !uploads::of_session(tx, session)?.is_empty()
                || !quotes::of_session(tx, session)?.is_empty()
                || !experiments::person::of_session(tx, session)?.is_empty()
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// How much of what is kept about them.
    pub fn counts(&self, tx: &mut dyn Tx) -> Result<BTreeMap<String, u64>, DbError> {
        let mut counts = BTreeMap::new();
        let mut add = |name: &str, times: u64| *counts.entry(name.to_owned()).or_insert(0) += times;
        add("leads", self.leads.len() as u64);
        add("bookings", self.bookings.len() as u64);
        for session in &self.sessions {
            add("sessions", 1);
            let messages = chat::person::message_count(tx, session)?;
            add("messages", messages.unsigned_abs());
            add(
                "consents",
                chat::person::consents_of(tx, session)?.len() as u64,
            );
            add("uploads", uploads::of_session(tx, session)?.len() as u64);
            add("quotes", quotes::of_session(tx, session)?.len() as u64);
        }
        for about in self.letters_about(tx)? {
            add("letters", outbox::person::count(tx, about)?.unsigned_abs());
        }
        Ok(counts)
    }

    /// What letters to and about them name as their cause.
    pub(super) fn letters_about(&self, tx: &mut dyn Tx) -> Result<Vec<About>, DbError> {
        let mut about: Vec<About> = self.leads.iter().map(|id| About::Lead(*id)).collect();
        about.extend(self.bookings.iter().map(|id| About::Booking(*id)));
        for session in &self.sessions {
            about.extend(chat::person::conversation_of(tx, session)?.map(About::Conversation));
        }
        Ok(about)
    }

    /// Everything they are known by, as it may stand in texts.
    pub fn values(&self) -> Vec<String> {
        let parts = [&self.emails, &self.phones, &self.sessions];
        parts.into_iter().flatten().cloned().collect()
    }
}

/// The search for one person.
struct Search<'a> {
    tx: &'a mut dyn Tx,
    secrets: &'a Secrets,
    person: Person,
    steps: VecDeque<Step>,
    /// Sessions that clients chose themselves: each may be anybody's.
    weak: BTreeSet<String>,
}

impl<'a> Search<'a> {
    fn new(tx: &'a mut dyn Tx, secrets: &'a Secrets) -> Self {
        Self {
            tx,
            secrets,
            person: Person::default(),
            steps: VecDeque::new(),
            weak: BTreeSet::new(),
        }
    }

    fn run(mut self, start: Vec<Step>) -> Result<Person, RodoError> {
        self.steps.extend(start);
        while let Some(step) = self.steps.pop_front() {
            if self.person.has(&step) {
                continue;
            }
            match step {
                Step::Email(key) => self.email(key)?,
                Step::Session(id) => self.session(id)?,
                Step::Lead(id) => {
                    let trace = leads::person::trace(self.tx, id)?;
                    if let Some(trace) = trace {
                        self.lead(&trace)?;
                    }
                }
                Step::Booking(id) => {
                    let trace = bookings::person::trace(self.tx, id)?;
                    if let Some(trace) = trace {
                        self.booking(&trace)?;
                    }
                }
            }
        }
        self.take_weak_sessions()?;
        Ok(self.person)
    }

    fn email(&mut self, key: String) -> Result<(), DbError> {
        let leads = leads::person::traces_by_email(self.tx, &key)?;
        let bookings = bookings::person::traces_by_email(self.tx, &key)?;
        self.follow(&leads, &bookings);
        self.person.emails.insert(key);
        Ok(())
    }

    fn session(&mut self, id: String) -> Result<(), DbError> {
        if SessionId::parse(&id, self.secrets).map_or(true, |session| session.is_weak()) {
            self.weak.insert(id);
            return Ok(());
        }
        let leads = leads::person::traces_by_session(self.tx, &id)?;
        let bookings = bookings::person::traces_by_session(self.tx, &id)?;
        self.follow(&leads, &bookings);
        self.person.sessions.insert(id);
        Ok(())
    }

    fn follow(&mut self, leads: &[Trace], bookings: &[Trace]) {
        self.steps
            .extend(leads.iter().map(|trace| Step::Lead(trace.id)));
        self.steps
            .extend(bookings.iter().map(|trace| Step::Booking(trace.id)));
    }

    fn lead(&mut self, trace: &Trace) -> Result<(), DbError> {
        self.person.leads.insert(trace.id);
        let sessions = leads::person::sessions_of(self.tx, trace.id)?;
        self.steps.extend(sessions.into_iter().map(Step::Session));
        let bookings = bookings::person::traces_by_lead(self.tx, trace.id)?;
        // A booking joins an open lead over the phone alone, so another address is another person.
        let own: Vec<Trace> = bookings
            .into_iter()
            .filter(|booking| is_one_address(booking, trace))
            .collect();
        self.follow(&[], &own);
        self.record(trace)
    }

    fn booking(&mut self, trace: &Trace) -> Result<(), DbError> {
        self.person.bookings.insert(trace.id);
        if let Some(lead_id) = trace.lead_id
            && let Some(lead) = leads::person::trace(self.tx, lead_id)?
            && is_one_address(&lead, trace)
        {
            self.follow(&[lead], &[]);
        }
        self.record(trace)
    }

    /// Follows what a lead and a booking have in common.
    fn record(&mut self, trace: &Trace) -> Result<(), DbError> {
        self.person.names.insert(trace.name.clone());
        self.steps.extend(trace.email_key.clone().map(Step::Email));
        self.steps
            .extend(trace.session_id.clone().map(Step::Session));
        let Some(phone) = &trace.phone_e164 else {
            return Ok(());
        };
        self.person.phones.insert(phone.clone());
        let is_same = |other: &Trace| {
            folded(&other.name) == folded(&trace.name) && is_one_address(other, trace)
        };
        let mut leads = leads::person::traces_by_phone(self.tx, phone)?;
        let mut bookings = bookings::person::traces_by_phone(self.tx, phone)?;
        leads.retain(is_same);
        bookings.retain(is_same);
        self.follow(&leads, &bookings);
        Ok(())
    }

    /// A session that a client chose is taken along when nobody else left anything in it.
    fn take_weak_sessions(&mut self) -> Result<(), DbError> {
        for id in std::mem::take(&mut self.weak) {
            let leads = leads::person::traces_by_session(self.tx, &id)?;
            let bookings = bookings::person::traces_by_session(self.tx, &id)?;
            let is_theirs = leads
                .iter()
                .all(|lead| self.person.leads.contains(&lead.id))
                && bookings
                    .iter()
                    .all(|booking| self.person.bookings.contains(&booking.id));
            if is_theirs {
                self.person.sessions.insert(id);
            }
        }
        Ok(())
    }
}

/// Two records do not carry two addresses.
fn is_one_address(one: &Trace, other: &Trace) -> bool {
    match (&one.email_key, &other.email_key) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    }
}
