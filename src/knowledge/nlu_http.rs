//! POST /api/nlu/classify: what a message means and what data is in it, for agents.

use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

use super::language::named_lang;
use super::service::Knowledge;
use crate::nlu::entities::{Entities, extract};
use crate::platform::clock::now_ms;
use crate::platform::http::{Agent, JsonText, Problem, clean_text};

/// The endpoint.
pub struct NluApi(pub Knowledge);

/// Longest message that is classified, in characters.
const TEXT_MAX_CHARS: usize = 2_000;

#[derive(Debug, Object)]
#[oai(example)]
struct ClassifyRequest {
    /// The message.
    text: JsonText,
    /// `pl`, `en` or `de`; detected when missing.
    lang: Option<String>,
}

impl Example for ClassifyRequest {
    fn example() -> Self {
        Self {
            text: JsonText("Mieszkanie 60 m² w Gdańsku, budżet 120 tys.".into()),
            lang: Some("pl".into()),
        }
    }
}

#[derive(Debug, Object)]
struct ClassifyAnswer {
    success: bool,
    /// `pl`, `en` or `de`.
    lang: String,
    /// The most probable intent; may be `out_of_scope`.
    intent: String,
    /// Probability that the intent is right, 0 to 1.
    confidence: f32,
    /// The next intents, best first, at most 3.
    alternatives: Vec<AlternativeView>,
    entities: EntitiesView,
}

#[derive(Debug, Object)]
struct AlternativeView {
    intent: String,
    confidence: f32,
}

/// The data in the message; what it does not tell is absent.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
struct EntitiesView {
    /// Square metres; the middle of a range.
    area_m2: Option<f64>,
    /// Whole zlotys; the upper end of a range.
    budget_pln: Option<i64>,
    /// Town, in the nominative.
    city: Option<String>,
    /// `flat`, `house`, `studio` or `commercial`.
    property_type: Option<String>,
    /// Number of rooms.
    rooms: Option<u32>,
    /// The company's name of one of its packages.
    package: Option<String>,
    /// The visitor's name.
    name: Option<String>,
    /// E-mail address.
    email: Option<String>,
    /// Phone number in E.164.
    phone: Option<String>,
    /// Day in the company's time zone, `YYYY-MM-DD`.
    date: Option<String>,
    /// Time of day in the company's time zone, `HH:MM`.
    time: Option<String>,
}

impl From<Entities> for EntitiesView {
    fn from(found: Entities) -> Self {
        Self {
            area_m2: found.area_m2,
            budget_pln: found.budget_pln,
            city: found.city,
            property_type: found.property_type.map(|property| property.name().into()),
            rooms: found.rooms,
            package: found.package,
            name: found.name,
            email: found.email,
            phone: found.phone,
            date: found.date.map(|date| date.to_string()),
            time: found.time.map(|time| time.strftime("%H:%M").to_string()),
        }
    }
}

#[OpenApi(prefix_path = "/api/nlu", tag = "super::Section::Understanding")]
impl NluApi {
    /// Tell what a message means and what data is in it.
    #[oai(path = "/classify", method = "post", operation_id = "classify")]
    async fn classify(
        &self,
        _by: Agent,
        body: Json<ClassifyRequest>,
    ) -> Result<Json<ClassifyAnswer>, Problem> {
        let text = clean_text(&body.0.text.0, TEXT_MAX_CHARS)
            .map_err(|error| Problem::field("invalid_text", "text", error))?;
        let named = body.0.lang.as_deref().map(named_lang).transpose()?;
        let nlu = self.0.nlu();
        let lang = named.unwrap_or_else(|| nlu.understand(&text).pick(None).0);
        let found = nlu.classify(&text, lang);
        let entities = extract(&text, lang, &self.0.snapshot().context(now_ms()));
        let alternatives = found.alternatives.iter().map(|other| AlternativeView {
            intent: other.intent.to_string(),
            confidence: other.confidence,
        });
        Ok(Json(ClassifyAnswer {
            success: true,
            lang: lang.code().into(),
            intent: found.intent.to_string(),
            confidence: found.confidence,
            alternatives: alternatives.collect(),
            entities: entities.into(),
        }))
    }
}
