//! /api/leads: leaving one, and single leads.

use std::collections::BTreeMap;

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Object, OpenApi, Union};
use serde::Serialize;

use super::filter::{Filter, SortBy, SortOrder};
use super::marks::Marks;
use super::model::{ConsentGiven, NewLead, Source, Touch};
use super::proof::ProofChallenge;
use super::service::{Leads, Sent};
use super::team::By;
use super::team_bodies::LeadChange;
use super::views::LeadView;
use super::{Email, LeadError, Phone, Section};
use crate::accounts::audit::VISITOR;
use crate::accounts::reads::{self, View};
use crate::knowledge::named_lang;
use crate::nlu::Lang;
use crate::platform::clock::now_ms;
use crate::platform::http::{Agent, Caller, IdempotencyKey, JsonText, PageRequest, Problem};

/// Leads the bare list holds at most.
const LIST_MAX: i64 = 200;

/// The endpoints.
pub struct LeadsApi(pub Leads);

#[derive(Debug, Serialize, Object)]
#[oai(example)]
struct LeadRequest {
    /// At most 100 characters.
    name: JsonText,
    /// One of e-mail and phone is needed.
    email: Option<JsonText>,
    /// With a country code when it is not Polish.
    phone: Option<JsonText>,
    /// `standard`, `premium`, `luxury` or in the person's words.
    interested_package: Option<JsonText>,
    /// Square metres.
    property_size: Option<f64>,
    /// `flat`, `house` … or in the person's words.
    property_type: Option<JsonText>,
    /// City or address.
    location: Option<JsonText>,
    /// Whole units of the company's currency.
    budget: Option<i64>,
    /// At most 2,000 characters.
    message: Option<JsonText>,
    /// At most 2,000 characters.
    additional_info: Option<JsonText>,
    /// The visitor's session, if there is one.
    session_id: Option<JsonText>,
    /// The page the form is on.
    page_url: Option<JsonText>,
    /// Where the person came from.
    referrer: Option<JsonText>,
    /// Campaign parameters of the page's address.
    utm: Option<BTreeMap<String, String>>,
    consent: Option<LeadConsentRequest>,
    /// Leave it empty and out of sight: who fills it is a program.
    website: Option<JsonText>,
    /// When the form was shown: RFC 3339, or milliseconds since 1970. Sent within 3 s, it counts as a program's.
    opened_at: Option<JsonText>,
    /// The solved challenge, as ALTCHA's widget writes it: `{algorithm, challenge, number, salt, signature}` as JSON in
    /// base64. Needed from a client that has used more than half of its limit.
    altcha: Option<JsonText>,
}

/// A consent the person gave with the form.
#[derive(Debug, Clone, Serialize, Object)]
pub struct LeadConsentRequest {
    /// What for.
    #[oai(default = "contact")]
    purpose: String,
    /// Which text was shown.
    text_version: JsonText,
    /// That text, word for word.
    text: JsonText,
    /// `pl`, `en` or `de`; else Polish.
    language: Option<String>,
}

impl LeadConsentRequest {
    /// Reads it. Errors: an unknown language.
    pub fn given(&self) -> Result<ConsentGiven, Problem> {
        Ok(ConsentGiven {
            purpose: self.purpose.clone(),
            text_version: self.text_version.0.clone(),
            text: self.text.0.clone(),
            lang: self.language.as_deref().map_or(Ok(Lang::Pl), named_lang)?,
        })
    }
}

fn contact() -> String {
    "contact".into()
}

impl Example for LeadRequest {
    fn example() -> Self {
        let text = |text: &str| Some(JsonText(text.into()));
        Self {
            name: JsonText("Anna".into()),
            email: text("anna@example.com"),
            phone: text("600 100 200"),
            interested_package: text("premium"),
            property_size: Some(62.5),
            property_type: text("flat"),
            location: text("Gdańsk"),
            budget: Some(150_000),
            message: text("Odbiór mieszkania w maju, proszę o kontakt po 16."),
            additional_info: None,
            session_id: None,
            page_url: text("https://novahouse.pl/"),
            referrer: None,
            utm: None,
            consent: Some(LeadConsentRequest {
                purpose: contact(),
                text_version: JsonText("2026-11".into()),
                text: JsonText("Zgadzam się na kontakt w sprawie mojego zapytania.".into()),
                language: Some("pl".into()),
            }),
            website: None,
            opened_at: text("2026-11-24T09:00:00Z"),
            altcha: None,
        }
    }
}

/// What came of a lead that was sent.
#[derive(Debug, Object)]
struct LeadAnswer {
    /// Members of the team see it as it now stands, everyone else what they sent themselves.
    #[oai(flatten)]
    lead: LeadView,
    /// The person was known: the open lead took it up.
    joined: bool,
}

/// A lead that was taken.
#[derive(ApiResponse)]
enum CreatedLead {
    /// Stored, or stored before under the same Idempotency-Key.
    #[oai(status = 201)]
    Created(Json<LeadAnswer>),
}

#[derive(Debug, Object)]
struct LeadDeleted {
    success: bool,
    message: String,
}

/// A page of leads.
#[derive(Debug, Object)]
struct LeadPage {
    leads: Vec<LeadView>,
    page: u32,
    per_page: u32,
    total: u64,
    pages: u64,
}

/// Without `page` the newest leads, 200 at most; with it a page.
#[derive(Debug, Union)]
enum LeadList {
    Newest(Vec<LeadView>),
    Page(LeadPage),
}

#[OpenApi(prefix_path = "/api/leads", tag = "Section::Leads")]
impl LeadsApi {
    /// Leave a way to be reached.
    ///
    /// The same person (e-mail, phone or session) within 30 days joins the open lead. What looks like a program's is kept
    /// in the spam folder; the answer is the same. A client without a role that has used more than half of its limit
    /// brings a proof of work: without one it gets 403 `proof_of_work_required` with a `challenge`.
    #[oai(path = "/", method = "post", operation_id = "create_lead")]
    async fn create(
        &self,
        caller: Caller,
        /// A repeat with the same key gets the first answer.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
        body: Json<LeadRequest>,
    ) -> Result<CreatedLead, Problem> {
        let now_ms = now_ms();
        let mut new = self.parse(&body.0)?;
        let proof = text(body.0.altcha.as_ref());
        if !caller.is_agent() {
            if caller.is_eager && proof.is_none() {
                return Err(self.needs_proof(now_ms)?);
            }
            new.spam = body.0.marks().suspicion(now_ms);
        }
        let by = caller.principal.as_ref();
        let sent = Sent {
            new,
            by: by.map_or_else(|| VISITOR.to_owned(), |by| by.actor.to_string()),
            sees_all: caller.is_agent(),
            proof,
        };
        let (lead, joined) = self.0.submit(key, body.0, sent, now_ms).await?;
        Ok(CreatedLead::Created(Json(LeadAnswer {
            lead: LeadView::from(&lead),
            joined,
        })))
    }

    /// Something to work out, for a proof of work. It holds for ten minutes, once.
    #[oai(path = "/challenge", method = "get", operation_id = "lead_challenge")]
    async fn challenge(&self, _by: Caller) -> Result<Json<ProofChallenge>, Problem> {
        Ok(Json(self.0.challenge(now_ms())?))
    }

    /// The leads, the newest first.
    #[oai(path = "/", method = "get", operation_id = "list_leads")]
    async fn list(
        &self,
        by: Agent,
        /// From 1; without it a bare array of at most 200.
        page: Query<Option<u32>>,
        /// At most 200.
        per_page: Query<Option<u32>>,
        /// True: those in the spam folder; else all others.
        spam: Query<Option<bool>>,
    ) -> Result<Json<LeadList>, Problem> {
        let filter = Filter {
            is_spam: spam.0.unwrap_or_default(),
            ..Filter::default()
        };
        let sort = (SortBy::default(), SortOrder::default());
        if page.0.is_none() && per_page.0.is_none() {
            let (leads, _) = self.0.list(filter, sort, LIST_MAX, 0).await?;
            reads::note(&self.0.store, &by.0, View::Leads(leads.len())).await?;
            return Ok(Json(LeadList::Newest(
                leads.iter().map(LeadView::from).collect(),
            )));
        }
        let page = PageRequest::parse(page.0, per_page.0)?;
        let (limit, offset) = (page.limit(), page.offset());
        let (leads, total) = self.0.list(filter, sort, limit, offset).await?;
        reads::note(&self.0.store, &by.0, View::Leads(leads.len())).await?;
        let info = page.info(total);
        Ok(Json(LeadList::Page(LeadPage {
            leads: leads.iter().map(LeadView::from).collect(),
            page: info.page,
            per_page: info.per_page,
            total: info.total,
            pages: info.pages,
        })))
    }

    /// One lead.
    #[oai(path = "/:id", method = "get", operation_id = "get_lead")]
    async fn get(&self, by: Agent, id: Path<i64>) -> Result<Json<LeadView>, Problem> {
        let lead = self.0.lead(id.0).await?;
        reads::note(&self.0.store, &by.0, View::Lead(lead.id)).await?;
        Ok(Json(LeadView::from(&lead)))
    }

    /// Change a lead. What is missing stays, null empties; every change is kept in the lead's history.
    #[oai(path = "/:id", method = "put", operation_id = "update_lead")]
    async fn update(
        &self,
        by: Agent,
        id: Path<i64>,
        body: Json<LeadChange>,
    ) -> Result<Json<LeadView>, Problem> {
        let edit = body.0.parse()?;
        let lead = self.0.edit(id.0, edit, By::from(&by.0), now_ms()).await?;
        Ok(Json(LeadView::from(&lead)))
    }

    /// Delete a lead with its history, notes and letters. Bookings and quotes stay.
    #[oai(path = "/:id", method = "delete", operation_id = "delete_lead")]
    async fn delete(&self, by: Agent, id: Path<i64>) -> Result<Json<LeadDeleted>, Problem> {
        self.0.delete(id.0, By::from(&by.0), now_ms()).await?;
        Ok(Json(LeadDeleted {
            success: true,
            message: "The lead was deleted.".into(),
        }))
    }
}

impl LeadRequest {
    fn marks(&self) -> Marks {
        Marks {
            website: text(self.website.as_ref()),
            opened_at: text(self.opened_at.as_ref()),
            is_unproven: false,
        }
    }
}

impl LeadsApi {
    fn needs_proof(&self, now_ms: i64) -> Result<Problem, Problem> {
        let challenge = serde_json::to_value(self.0.challenge(now_ms)?);
        let problem = Problem::forbidden(
            "proof_of_work_required",
            "You have sent much in a short time: solve the challenge and send the solution as altcha.",
        );
        Ok(problem.with_more("challenge", challenge.map_err(Problem::internal)?))
    }

    fn parse(&self, body: &LeadRequest) -> Result<NewLead, Problem> {
        let session = JsonText::filled(body.session_id.as_ref())
            .map(|id| self.0.session(id))
            .transpose()?;
        let touch = Touch {
            page_url: text(body.page_url.as_ref()),
            referrer: text(body.referrer.as_ref()),
            utm: body.utm.clone().unwrap_or_default(),
            ..Touch::default()
        };
        let consent = body.consent.as_ref().map(LeadConsentRequest::given);
        Ok(NewLead {
            email: parsed(body.email.as_ref(), Email::parse)?,
            phone: parsed(body.phone.as_ref(), Phone::parse)?,
            interested_package: text(body.interested_package.as_ref()),
            property_size: body.property_size,
            property_type: text(body.property_type.as_ref()),
            location: text(body.location.as_ref()),
            budget: body.budget,
            message: text(body.message.as_ref()),
            additional_info: text(body.additional_info.as_ref()),
            touch: (touch != Touch::default()).then_some(touch),
            consent: consent.transpose()?,
            ..NewLead::new(&body.name.0, Source::Form).in_session(session.as_ref())
        })
    }
}

/// The text of an optional field.
pub(super) fn text(field: Option<&JsonText>) -> Option<String> {
    JsonText::filled(field).map(str::to_owned)
}

fn parsed<T>(
    field: Option<&JsonText>,
    parse: impl Fn(&str) -> Result<T, LeadError>,
) -> Result<Option<T>, LeadError> {
    JsonText::filled(field).map(parse).transpose()
}
