//! Use cases: what is asked, and what follows from the answers.

use serde::Serialize;
use serde_json::Value;

use super::QualificationError;
use super::asking::Quiz;
use super::rules::{self, Answer, Recommendation};
use crate::knowledge::{Knowledge, SystemText};
use crate::leads::{self, ConsentGiven, Email, Leads, NewLead, Phone, Source};
use crate::nlu::Lang;
use crate::platform::clock::now_ms;
use crate::platform::db::Store;
use crate::platform::http::{IdempotencyKey, Problem, once};
use crate::platform::secrets::sha256;

/// What a lead of the quiz agrees to.
pub(super) const CONSENT_PURPOSE: &str = "contact";

/// The quiz. Cheap to clone.
#[derive(Clone)]
pub struct Qualification {
    store: Store,
    pub(super) knowledge: Knowledge,
    pub(super) leads: Leads,
    pub(super) quiz: Quiz,
}

/// Who wants to be contacted: known by name, reachable, and agreed.
#[derive(Debug, Clone)]
pub struct Contact {
    /// At most 100 characters.
    pub name: String,
    /// One of e-mail and phone is needed.
    pub email: Option<Email>,
    /// One of e-mail and phone is needed.
    pub phone: Option<Phone>,
    /// The consent given with it.
    pub consent: ConsentGiven,
}

impl Qualification {
    /// Wires the slice.
    pub fn new(store: Store, knowledge: Knowledge, leads: Leads, quiz: Quiz) -> Self {
        Self {
            store,
            knowledge,
            leads,
            quiz,
        }
    }

    /// The text a visitor agrees to before being contacted; its version follows from its words, so that none is
    /// recorded that was not shown.
    pub fn consent_text(&self, lang: Lang) -> ConsentGiven {
        let snapshot = self.knowledge.snapshot();
        let text = snapshot.sentence(SystemText::QuizConsent, lang).to_owned();
        let hash = sha256(&text);
        ConsentGiven {
            purpose: CONSENT_PURPOSE.into(),
            text_version: format!(
                "{:02x}{:02x}{:02x}{:02x}",
                hash[0], hash[1], hash[2], hash[3]
            ),
            text,
            lang,
        }
    }

    /// The consent to the text of this version.
    ///
    /// Errors: the text is another one by now.
    pub(super) fn consent(
        &self,
        text_version: &str,
        lang: Lang,
    ) -> Result<ConsentGiven, QualificationError> {
        let shown = self.consent_text(lang);
        if shown.text_version == text_version {
            Ok(shown)
        } else {
            Err(QualificationError::ConsentTextChanged)
        }
    }

    /// Saves the contact as a lead with what was answered, once an Idempotency-Key, and tells the team; answers its id.
    pub(super) async fn save_lead<B: Serialize + Send + 'static>(
        &self,
        key: IdempotencyKey,
        body: B,
        new: NewLead,
    ) -> Result<i64, Problem> {
        let (id, saved) = self
            .store
            .write(move |tx| {
                let mut saved = None;
                let id = once(tx, &key, "submit_qualification", &body, |tx| {
                    let now = leads::upsert(tx, &new, now_ms())?;
                    let id = now.lead.id;
                    saved = Some(now);
                    Ok(id)
                })?;
                Ok::<_, Problem>((id, saved))
            })
            .await?;
        if let Some(saved) = &saved {
            self.leads.announce(saved).await;
        }
        Ok(id)
    }
}

/// The lead of a visitor who took the quiz.
///
/// * `data`: what the client knows besides, by name.
pub(super) fn new_lead<'a>(
    contact: Contact,
    answers: &[Answer],
    recommendation: Recommendation,
    data: impl Iterator<Item = (&'a String, &'a Value)>,
) -> NewLead {
    let mut lead = NewLead::new(&contact.name, Source::Quiz);
    lead.email = contact.email;
    lead.phone = contact.phone;
    lead.consent = Some(contact.consent);
    lead.interested_package = Some(recommendation.package.as_str().to_owned());
    lead.property_size = rules::number_said(answers, "area");
    lead.budget = rules::number_said(answers, "budget").map(|budget| budget.round() as i64);
    lead.property_type = rules::choice_said(answers, "property_type").map(str::to_owned);
    // One line for the team: `quiz: premium 80.2 %; area: 65; budget: 150000; …`.
    let (package, confidence) = (recommendation.package.as_str(), recommendation.confidence);
    let known = answers
        .iter()
        .map(|answer| (answer.question.key, answer.said.to_string()));
    let besides = data.map(|(name, value)| {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        (name.as_str(), value)
    });
    let facts: Vec<_> = known
        .chain(besides)
        .map(|(name, value)| format!("; {name}: {value}"))
        .collect();
    lead.additional_info = Some(format!("quiz: {package} {confidence} %{}", facts.concat()));
    lead
}
