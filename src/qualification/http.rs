//! /api/qualification.

use std::collections::BTreeMap;

use poem_openapi::param::{Header, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi, Tags};
use serde::Serialize;
use serde_json::{Value, json};

use super::questions::{Kind, Package, QUESTIONS, Question};
use super::rules::{self, Recommendation};
use super::service::{Contact, Qualification, new_lead};
use super::texts::Texts;
use crate::knowledge::{Package as PackageView, named_lang};
use crate::leads::{ConsentGiven, Email, Phone};
use crate::nlu::Lang;
use crate::platform::http::{IdempotencyKey, JsonText, Problem};

/// The endpoints.
pub struct QualificationApi(pub Qualification);

/// Sections of the API's documentation.
#[derive(Tags)]
enum Section {
    /// The quiz that ends in a recommended package.
    Qualification,
}

/// The quiz in one language.
#[derive(Debug, Object)]
struct Quiz {
    questions: Vec<QuizQuestionView>,
    total: usize,
    /// `pl`, `en` or `de`.
    lang: String,
    /// What to agree to before being contacted; send its version back with the contact.
    consent: QuizConsentView,
}

#[derive(Debug, Object)]
struct QuizQuestionView {
    /// 1 to 8.
    id: i64,
    /// Its name for programs.
    key: String,
    question: String,
    /// A line below it.
    help: Option<String>,
    /// `number`, `range` (a sum of money), `boolean` or `choice`.
    #[oai(rename = "type")]
    kind: String,
    /// What a number counts.
    unit: Option<String>,
    /// Labels of a choice.
    #[oai(skip_serializing_if_is_none)]
    options: Option<Vec<String>>,
    /// What can be clicked; empty for numbers.
    choices: Vec<QuizChoiceView>,
}

#[derive(Debug, Object)]
struct QuizChoiceView {
    /// Send this.
    value: String,
    /// Show this.
    label: String,
}

#[derive(Debug, Object)]
struct QuizConsentView {
    purpose: String,
    text_version: String,
    text: String,
}

impl From<ConsentGiven> for QuizConsentView {
    fn from(shown: ConsentGiven) -> Self {
        Self {
            purpose: shown.purpose,
            text_version: shown.text_version,
            text: shown.text,
        }
    }
}

#[derive(Debug, Serialize, Object)]
#[oai(example)]
struct QuizRequest {
    answers: Vec<QuizAnswerRequest>,
    /// Who wants to be contacted. A name, an e-mail or phone, and consent make a lead; without one of them there is none.
    contact_info: Option<QuizContactRequest>,
    /// What a client of its own knows besides, e.g. `interior_style`; kept with the lead.
    qualification_data: Option<BTreeMap<String, Value>>,
    /// The visitor's session, if there is one.
    session_id: Option<JsonText>,
    /// `pl`, `en` or `de`; else `Accept-Language` decides.
    lang: Option<String>,
}

#[derive(Debug, Serialize, Object)]
struct QuizAnswerRequest {
    question_id: i64,
    /// A number, true or false, or the value of a choice.
    answer: Value,
}

#[derive(Debug, Serialize, Object)]
struct QuizContactRequest {
    name: Option<JsonText>,
    email: Option<JsonText>,
    /// With a country code when it is not Polish.
    phone: Option<JsonText>,
    consent: Option<QuizConsentRequest>,
}

#[derive(Debug, Serialize, Object)]
struct QuizConsentRequest {
    /// The visitor agreed.
    given: bool,
    /// From GET /questions, of the text that was shown.
    text_version: JsonText,
    /// Language of that text; else that of the request.
    language: Option<String>,
}

impl Example for QuizRequest {
    fn example() -> Self {
        let answers = [
            json!(65),
            json!(150_000),
            json!(false),
            json!("premium"),
            json!("house"),
            json!("modern"),
            json!(true),
            json!(true),
        ];
        Self {
            answers: (1..)
                .zip(answers)
                .map(|(question_id, answer)| QuizAnswerRequest {
                    question_id,
                    answer,
                })
                .collect(),
            contact_info: Some(QuizContactRequest {
                name: Some(JsonText("Anna".into())),
                email: Some(JsonText("anna@example.com".into())),
                phone: None,
                consent: Some(QuizConsentRequest {
                    given: true,
                    text_version: JsonText("1f0c9a3e".into()),
                    language: Some("pl".into()),
                }),
            }),
            qualification_data: None,
            session_id: None,
            lang: Some("pl".into()),
        }
    }
}

#[derive(Debug, Object)]
struct QuizResult {
    recommendation: RecommendationView,
    /// Null when nobody is to be contacted.
    lead_id: Option<i64>,
    answers_count: usize,
}

#[derive(Debug, Object)]
struct RecommendationView {
    /// `standard`, `premium` or `luxury`.
    recommended_package: String,
    /// What the company tells about it.
    package_details: Option<PackageView>,
    scores: PackageScores,
    /// The package's share of all points in percent, one decimal.
    confidence: f64,
}

/// Weighted points of each package.
#[derive(Debug, Object)]
struct PackageScores {
    standard: u32,
    premium: u32,
    luxury: u32,
}

#[OpenApi(prefix_path = "/api/qualification", tag = "Section::Qualification")]
impl QualificationApi {
    /// The questions of the quiz.
    #[oai(
        path = "/questions",
        method = "get",
        operation_id = "qualification_questions"
    )]
    async fn questions(
        &self,
        /// `pl`, `en` or `de`; else `Accept-Language` decides.
        lang: Query<Option<String>>,
        #[oai(name = "Accept-Language")] accept: Header<Option<String>>,
    ) -> Result<Json<Quiz>, Problem> {
        let lang = self
            .0
            .knowledge
            .request_lang(lang.0.as_deref(), accept.0.as_deref())?;
        let texts = self.0.quiz.texts(lang);
        let questions: Vec<_> = QUESTIONS
            .iter()
            .filter_map(|question| question_view(question, texts))
            .collect();
        Ok(Json(Quiz {
            total: questions.len(),
            questions,
            lang: lang.code().into(),
            consent: self.0.consent_text(lang).into(),
        }))
    }

    /// Answer the quiz: the package that fits, and a lead when the visitor wants to be contacted.
    #[oai(
        path = "/submit",
        method = "post",
        operation_id = "submit_qualification"
    )]
    async fn submit(
        &self,
        /// A repeat with the same key makes no second lead.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
        #[oai(name = "Accept-Language")] accept: Header<Option<String>>,
        body: Json<QuizRequest>,
    ) -> Result<Json<QuizResult>, Problem> {
        let body = body.0;
        let lang = self
            .0
            .knowledge
            .request_lang(body.lang.as_deref(), accept.0.as_deref())?;
        let sent: Vec<_> = body
            .answers
            .iter()
            .map(|answer| (answer.question_id, answer.answer.clone()))
            .collect();
        let answers = rules::understood(&sent)?;
        let recommendation = rules::recommend(&answers);
        let session = body
            .session_id
            .as_ref()
            .map(|id| self.0.leads.session(&id.0))
            .transpose()?;
        let contact = match &body.contact_info {
            Some(contact) => self.contact(contact, lang)?,
            None => None,
        };
        let lead_id = match contact {
            Some(contact) => {
                let data = body.qualification_data.iter().flatten();
                let lead =
                    new_lead(contact, &answers, recommendation, data).in_session(session.as_ref());
                Some(self.0.save_lead(key, body, lead).await?)
            }
            None => None,
        };
        Ok(Json(QuizResult {
            recommendation: self.view(recommendation, lang),
            lead_id,
            answers_count: answers.len(),
        }))
    }
}

impl QualificationApi {
    /// Who is to be contacted; nobody unless name, a way to reach them and consent are all there.
    fn contact(&self, sent: &QuizContactRequest, lang: Lang) -> Result<Option<Contact>, Problem> {
        let email = JsonText::filled(sent.email.as_ref())
            .map(Email::parse)
            .transpose()?;
        let phone = JsonText::filled(sent.phone.as_ref())
            .map(Phone::parse)
            .transpose()?;
        let consent = sent.consent.as_ref().filter(|consent| consent.given);
        let (Some(name), Some(consent)) = (JsonText::filled(sent.name.as_ref()), consent) else {
            return Ok(None);
        };
        if email.is_none() && phone.is_none() {
            return Ok(None);
        }
        let lang = match consent.language.as_deref() {
            Some(code) => named_lang(code)?,
            None => lang,
        };
        Ok(Some(Contact {
            name: name.to_owned(),
            email,
            phone,
            consent: self.0.consent(&consent.text_version.0, lang)?,
        }))
    }

    fn view(&self, recommendation: Recommendation, lang: Lang) -> RecommendationView {
        let id = recommendation.package.as_str();
        let score = |package: Package| recommendation.scores[package as usize];
        RecommendationView {
            recommended_package: id.into(),
            package_details: self.0.knowledge.snapshot().package(id, lang),
            scores: PackageScores {
                standard: score(Package::Standard),
                premium: score(Package::Premium),
                luxury: score(Package::Luxury),
            },
            confidence: recommendation.confidence,
        }
    }
}

fn question_view(question: &Question, texts: &Texts) -> Option<QuizQuestionView> {
    let words = texts.question(question)?;
    let choices: Vec<_> = texts
        .choices(question)
        .into_iter()
        .map(|(value, label)| QuizChoiceView {
            value: value.into(),
            label: label.into(),
        })
        .collect();
    let options = matches!(question.kind, Kind::Choice(_))
        .then(|| choices.iter().map(|choice| choice.label.clone()).collect());
    Some(QuizQuestionView {
        id: question.id,
        key: question.key.into(),
        question: words.question.clone(),
        help: words.help.clone(),
        kind: question.type_name.into(),
        unit: question.unit.map(str::to_owned),
        options,
        choices,
    })
}
