//! Writes stories down, each part through the slice it belongs to, and records what happened in order of time.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::DemoError;
use super::story::{BookingPlan, LeadPlan, Project, QuotePlan, Story, World};
use crate::analytics::{self, Event, LeadSource, Origin, Visit};
use crate::bookings::{self, BookingStatus, Client, PastVisit};
use crate::chat::{self, SessionId};
use crate::knowledge::SystemText;
use crate::leads::{self, ConsentGiven, NewLead, Source, Status};
use crate::nlu::Lang;
use crate::platform::db::{DbError, Tx};
use crate::platform::secrets::Secrets;
use crate::quotes::{self, Estimate, NewQuote, PriceList};

/// What a consent to be answered is for, as the chat and the forms record it.
const CONSENT_PURPOSE: &str = "contact";

/// Whoever came to another page came so soon after the first.
const TOUCHED_AFTER_MS: i64 = 9_000;

/// How much was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Counts {
    pub sessions: u64,
    pub conversations: u64,
    pub messages: u64,
    pub leads: u64,
    pub quotes: u64,
    pub bookings: u64,
    pub events: u64,
}

/// Writes stories. Moved into each transaction and out of it again.
pub(super) struct Writer {
    world: Arc<World>,
    secrets: Secrets,
    prices: Arc<PriceList>,
    /// What will have happened, by time and then in the order it was planned.
    ahead: BTreeMap<(i64, u64), (i64, Event)>,
    planned: u64,
    pub(super) counts: Counts,
}

/// Whose story is written.
struct Visitor<'a> {
    id: &'a SessionId,
    /// Its number in the numbers.
    number: i64,
    lang: Lang,
}

/// What is known of a lead once it is written.
struct KeptLead<'a> {
    id: i64,
    plan: &'a LeadPlan,
}

impl Writer {
    pub(super) fn new(world: Arc<World>, secrets: Secrets, prices: Arc<PriceList>) -> Self {
        Self {
            world,
            secrets,
            prices,
            ahead: BTreeMap::new(),
            planned: 0,
            counts: Counts::default(),
        }
    }

    /// Writes a story; stories come in order of time.
    pub(super) fn write(&mut self, tx: &mut dyn Tx, story: Story) -> Result<(), DemoError> {
        self.record_until(tx, story.began_at_ms)?;
        let id = SessionId::mint(&self.secrets)?;
        let visitor = Visitor {
            number: self.session(tx, &id, &story)?,
            id: &id,
            lang: story.lang,
        };
        if let Some((at_ms, found)) = story.search {
            self.plan(&visitor, at_ms, Event::Searched { found });
        }
        let lead = match &story.lead {
            Some(plan) => Some(KeptLead {
                id: self.lead(tx, &visitor, plan, &story)?,
                plan,
            }),
            None => None,
        };
        let accepted = match &story.quote {
            Some(plan) => self.quote(tx, &visitor, plan, lead.as_ref(), &story.project)?,
            None => None,
        };
        if let Some(lead) = &lead {
            self.plan_lead(&visitor, lead, &story.project, accepted);
            if let Some(plan) = &story.booking {
                self.booking(tx, &visitor, plan, lead)?;
            }
        }
        if let Some(talk) = story.talk {
            for (at_ms, event) in talk.events {
                self.plan(&visitor, at_ms, event);
            }
            self.counts.messages += talk.past.messages.len() as u64;
            let kept = chat::keep_past(tx, &id, talk.past)?;
            self.counts.conversations += u64::from(kept.is_some());
        }
        Ok(())
    }

    /// Records what is planned and has happened before then.
    pub(super) fn record_until(&mut self, tx: &mut dyn Tx, at_ms: i64) -> Result<(), DbError> {
        while let Some(next) = self.ahead.first_entry()
            && next.key().0 < at_ms
        {
            let ((at_ms, _), (session, event)) = next.remove_entry();
            analytics::record(tx, Some(session), &event, at_ms)?;
            self.counts.events += 1;
        }
        Ok(())
    }

    fn plan(&mut self, visitor: &Visitor<'_>, at_ms: i64, event: Event) {
        if at_ms > self.world.now_ms {
            return;
        }
        self.planned += 1;
        let key = (at_ms, self.planned);
        self.ahead.insert(key, (visitor.number, event));
    }

    fn session(&mut self, tx: &mut dyn Tx, id: &SessionId, story: &Story) -> Result<i64, DbError> {
        let known = &story.visitor;
        let visit = Visit {
            lang: story.lang,
            device: known.device,
            browser: known.browser,
            address_prefix: Some(known.address_prefix.clone()),
            origin: known.first.origin(),
        };
        let began_at_ms = story.began_at_ms;
        let number = analytics::begin(tx, id.as_str(), &visit, began_at_ms)?;
        self.counts.sessions += 1;
        // It recorded the beginning itself.
        self.counts.events += 1;
        if known.last != known.first && known.last.origin().is_touch() {
            let Origin {
                source,
                campaign,
                path,
            } = known.last.origin();
            let touched = Event::Touched {
                source,
                campaign,
                path,
            };
            let visitor = Visitor {
                id,
                number,
                lang: story.lang,
            };
            self.plan(&visitor, began_at_ms + TOUCHED_AFTER_MS, touched);
        }
        Ok(number)
    }

    fn lead(
        &mut self,
        tx: &mut dyn Tx,
        visitor: &Visitor<'_>,
        plan: &LeadPlan,
        story: &Story,
    ) -> Result<i64, DemoError> {
        let (knowledge, project) = (&self.world.book.snapshot, &story.project);
        let website = knowledge.company().website.trim_end_matches('/');
        let new = NewLead {
            email: Some(plan.person.email.clone()),
            phone: Some(plan.person.phone.clone()),
            interested_package: Some(project.package.as_str().to_owned()),
            property_size: Some(project.area_m2),
            property_type: Some(project.property.as_str().to_owned()),
            location: Some(project.city.to_owned()),
            budget: project.budget,
            touch: Some(story.visitor.first.touch(website)),
            consent: Some(ConsentGiven {
                purpose: CONSENT_PURPOSE.to_owned(),
                text_version: knowledge.text_version(SystemText::ConsentText, visitor.lang),
                text: (knowledge.sentence(SystemText::ConsentText, visitor.lang)).to_owned(),
                lang: visitor.lang,
            }),
            ..NewLead::new(&plan.person.name, plan.source).in_session(Some(visitor.id))
        };
        let id = leads::keep_past(tx, new, plan.at_ms, &plan.steps)?;
        self.counts.leads += 1;
        Ok(id)
    }

    /// * `accepted`: what the accepted quote comes to.
    fn plan_lead(
        &mut self,
        visitor: &Visitor<'_>,
        lead: &KeptLead<'_>,
        project: &Project,
        accepted: Option<f64>,
    ) {
        let plan = lead.plan;
        let left = Event::LeadLeft {
            lead_id: lead.id,
            source: match plan.source {
                Source::Chat => LeadSource::Chat,
                Source::Form => LeadSource::Form,
                Source::Quiz => LeadSource::Quiz,
                Source::Booking => LeadSource::Booking,
                Source::Import => LeadSource::Import,
            },
            package: Some(project.package.as_str().to_owned()),
            property_type: Some(project.property.as_str().to_owned()),
        };
        self.plan(visitor, plan.at_ms, left);
        let mut from = match plan.source {
            Source::Quiz => Status::Qualified,
            Source::Chat | Source::Form | Source::Booking | Source::Import => Status::New,
        };
        for step in &plan.steps {
            let event = Event::LeadStatus {
                lead_id: lead.id,
                from: from.as_str().to_owned(),
                to: step.status.as_str().to_owned(),
                value: accepted.or(project.budget.map(|budget| budget as f64)),
            };
            self.plan(visitor, step.at_ms, event);
            from = step.status;
        }
    }

    /// Answers what the quote comes to, when it was accepted.
    fn quote(
        &mut self,
        tx: &mut dyn Tx,
        visitor: &Visitor<'_>,
        plan: &QuotePlan,
        lead: Option<&KeptLead<'_>>,
        project: &Project,
    ) -> Result<Option<f64>, DemoError> {
        let estimate = self.estimate(project, plan.at_ms)?;
        let value = estimate.total.max.units();
        let new = NewQuote {
            request: project.request(),
            estimate,
            lang: visitor.lang,
            session_id: Some(visitor.id.to_string()),
            lead_id: lead.map(|lead| lead.id),
            created_by: None,
        };
        let quote_id = quotes::keep_past(tx, &new, plan.at_ms, plan.accepted_at_ms)?;
        self.counts.quotes += 1;
        self.plan(visitor, plan.at_ms, Event::QuoteGiven { quote_id });
        Ok(plan.accepted_at_ms.map(|at_ms| {
            let accepted = Event::QuoteAccepted { quote_id, value };
            self.plan(visitor, at_ms, accepted);
            value
        }))
    }

    fn estimate(&self, project: &Project, at_ms: i64) -> Result<Estimate, DemoError> {
        let at = Timestamp::from_millisecond(at_ms)?;
        let today = self.world.zone.to_datetime(at).date();
        Ok(quotes::estimate(&self.prices, &project.request(), today)?)
    }

    fn booking(
        &mut self,
        tx: &mut dyn Tx,
        visitor: &Visitor<'_>,
        plan: &BookingPlan,
        lead: &KeptLead<'_>,
    ) -> Result<(), DemoError> {
        let world = Arc::clone(&self.world);
        let person = &lead.plan.person;
        let visit = PastVisit {
            client: &Client {
                name: person.name.clone(),
                email: person.email.clone(),
                phone: person.phone.clone(),
            },
            lang: visitor.lang,
            session_id: visitor.id.as_str(),
            lead_id: lead.id,
            asked_at_ms: plan.at_ms,
            wanted_ms: plan.wanted_ms,
            fate: plan.fate,
            rating: plan.rating,
        };
        let company = world.book.snapshot.company();
        let Some(kept) = bookings::keep_past(tx, company, &visit, world.now_ms)? else {
            return Ok(());
        };
        self.counts.bookings += 1;
        let (booking_id, service_id) = (kept.id, kept.service_id);
        let booked = Event::Booked {
            booking_id,
            service_id,
        };
        self.plan(visitor, plan.at_ms, booked);
        match kept.ended {
            Some((BookingStatus::Cancelled, at_ms)) => {
                self.plan(visitor, at_ms, Event::BookingCancelled { booking_id });
            }
            Some((BookingStatus::NoShow, at_ms)) => {
                self.plan(visitor, at_ms, Event::NoShow { booking_id });
            }
            Some((BookingStatus::Booked | BookingStatus::Done, _)) | None => {}
        }
        if let (Some(at_ms), Some(rating)) = (kept.rated_at_ms, plan.rating) {
            let before = None;
            self.plan(visitor, at_ms, Event::VisitRated { rating, before });
        }
        Ok(())
    }
}
