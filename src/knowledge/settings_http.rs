//! /api/settings: the company's facts, changed at run time by the owner.

use poem_openapi::payload::Json;
use poem_openapi::types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type};
use poem_openapi::{Object, OpenApi};
use serde_json::Value;

use super::company::Company;
use super::service::Knowledge;
use crate::platform::http::{Owner, Problem};

/// The endpoints.
pub struct SettingsApi(pub Knowledge);

#[derive(Debug, Object)]
struct SettingsAnswer {
    success: bool,
    settings: Settings,
}

/// What the owner can change.
#[derive(Debug, Object)]
struct Settings {
    /// Name, contact, prices, hours (`{"mon": ["09:00-17:00"], …}`), closures (`["2026-12-24"]`), time zone, areas,
    /// partners and the numbers the texts name.
    company: CompanyJson,
    /// Languages the chat answers in.
    #[oai(read_only)]
    languages: Vec<String>,
}

#[OpenApi(prefix_path = "/api/settings", tag = "super::Section::Settings")]
impl SettingsApi {
    /// The settings as they are.
    #[oai(path = "/", method = "get", operation_id = "get_settings")]
    async fn get(&self, _by: Owner) -> Result<Json<SettingsAnswer>, Problem> {
        Ok(Json(self.answer()))
    }

    /// Replace the company's facts; every answer that names them changes with them.
    #[oai(path = "/", method = "put", operation_id = "put_settings")]
    async fn put(
        &self,
        _by: Owner,
        body: Json<SettingsChange>,
    ) -> Result<Json<SettingsAnswer>, Problem> {
        self.0.set_company(body.0.company.0).await?;
        Ok(Json(self.answer()))
    }
}

/// A change of the settings.
#[derive(Debug, Object)]
struct SettingsChange {
    /// As GET shows it, whole.
    company: CompanyJson,
}

impl SettingsApi {
    fn answer(&self) -> SettingsAnswer {
        SettingsAnswer {
            success: true,
            settings: Settings {
                company: CompanyJson(self.0.snapshot().company().clone()),
                languages: crate::nlu::Lang::ALL
                    .iter()
                    .map(|lang| lang.code().to_owned())
                    .collect(),
            },
        }
    }
}

/// [`Company`] in JSON, read and written by serde so that its shape stands in one place.
#[derive(Debug, Clone)]
struct CompanyJson(Company);

impl Type for CompanyJson {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> std::borrow::Cow<'static, str> {
        "Company".into()
    }

    fn schema_ref() -> poem_openapi::registry::MetaSchemaRef {
        poem_openapi::registry::MetaSchemaRef::Inline(Box::new(
            poem_openapi::registry::MetaSchema::new("object"),
        ))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromJSON for CompanyJson {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        serde_path_to_error::deserialize(value.unwrap_or_default())
            .map(CompanyJson)
            .map_err(|error| ParseError::custom(format!("field `{}`", field_of(&error))))
    }
}

/// The field that is wrong, e.g. `company.prices.currency`. Of a missing one the path ends above it.
fn field_of(error: &serde_path_to_error::Error<serde_json::Error>) -> String {
    let path = error.path().to_string();
    let why = error.inner().to_string();
    let missing = why
        .strip_prefix("missing field `")
        .and_then(|rest| rest.split('`').next());
    let parts = ["company", path.as_str(), missing.unwrap_or_default()];
    let named = parts.into_iter().filter(|part| !matches!(*part, "" | "."));
    named.collect::<Vec<_>>().join(".")
}

impl ToJSON for CompanyJson {
    fn to_json(&self) -> Option<Value> {
        serde_json::to_value(&self.0).ok()
    }
}
