//! /api/settings: everything the owner changes at run time.

use poem_openapi::payload::Json;
use poem_openapi::types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type};
use poem_openapi::{Object, OpenApi};
use serde_json::Value;

use super::service::{Change, Kept};
use super::{Limits, Notifications, Section, Settings, SettingsError};
use crate::analytics::ReportSettings;
use crate::knowledge::{Company, Offered, PublicFacts, Widget};
use crate::leads::LeadSettings;
use crate::platform::http::{Owner, Problem};

/// The endpoints.
pub struct SettingsApi(pub Settings);

#[derive(Debug, Object)]
struct SettingsAnswer {
    success: bool,
    settings: SettingsView,
    /// What holds where the settings say nothing, from the server's start.
    configured: ConfiguredView,
}

/// What the owner can change.
#[derive(Debug, Object)]
struct SettingsView {
    /// Name, contact, prices, hours (`{"mon": ["09:00-17:00"], …}`), closures (`["2026-12-24"]`), time zone, areas,
    /// partners and the numbers the texts name.
    company: CompanyJson,
    /// Languages the chat answers in; the first is for whoever names none of them.
    languages: Vec<String>,
    /// How the chat looks and begins.
    widget: Widget,
    /// Where news of leads, bookings and faults go.
    notifications: Notifications,
    /// Requests a minute; null: as configured.
    limits: Limits,
    /// What happens with new leads.
    leads: LeadSettings,
    /// What is sent by itself.
    reports: ReportSettings,
}

#[derive(Debug, Object)]
struct ConfiguredView {
    notifications: Notifications,
    limits: Limits,
}

/// A change of the settings: each part as GET shows it, whole; a part that is missing stays as it is.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
struct SettingsChange {
    company: Option<CompanyJson>,
    languages: Option<Vec<String>>,
    widget: Option<Widget>,
    notifications: Option<Notifications>,
    limits: Option<Limits>,
    leads: Option<LeadSettings>,
    reports: Option<ReportSettings>,
}

#[OpenApi(prefix_path = "/api/settings", tag = "Section::Settings")]
impl SettingsApi {
    /// The settings as they are.
    #[oai(path = "/", method = "get", operation_id = "get_settings")]
    async fn get(&self, _by: Owner) -> Result<Json<SettingsAnswer>, Problem> {
        Ok(Json(self.answer().await?))
    }

    /// Change settings; they hold at once, in every answer that names them.
    #[oai(path = "/", method = "put", operation_id = "put_settings")]
    async fn put(
        &self,
        by: Owner,
        body: Json<SettingsChange>,
    ) -> Result<Json<SettingsAnswer>, Problem> {
        let body = body.0;
        let offered = body.languages.as_deref().map(Offered::parse).transpose()?;
        let change = Change {
            facts: PublicFacts {
                company: body.company.map(|company| company.0),
                offered,
                widget: body.widget,
            },
            notifications: body.notifications,
            limits: body.limits,
            leads: body.leads,
            reports: body.reports,
        };
        self.0.change(change, by.0.actor).await?;
        Ok(Json(self.answer().await?))
    }
}

impl SettingsApi {
    async fn answer(&self) -> Result<SettingsAnswer, SettingsError> {
        let Kept {
            notifications,
            limits,
            leads,
            reports,
        } = self.0.kept().await?;
        let snapshot = self.0.knowledge.snapshot();
        let languages = snapshot.offered().all().iter();
        Ok(SettingsAnswer {
            success: true,
            settings: SettingsView {
                company: CompanyJson(snapshot.company().clone()),
                languages: languages.map(|lang| lang.code().to_owned()).collect(),
                widget: snapshot.widget().clone(),
                notifications,
                limits,
                leads,
                reports,
            },
            configured: ConfiguredView {
                notifications: self.0.configured.notifications.clone(),
                limits: self.0.configured.limits.into(),
            },
        })
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
