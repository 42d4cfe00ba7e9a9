//! /api/quotes: prices for everyone, quotes for the team and for whoever has the link.

use std::str::FromStr;

use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Object, OpenApi, Tags};
use serde::{Deserialize, Serialize};

use super::QuoteError;
use super::model::{EstimateRequest, NewQuote};
use super::money::{Money, MoneyRange};
use super::prices::{PerPackage, Prices, PricesAre, PropertyFactors, VatRules};
use super::service::Quotes;
use super::views::{ClientQuote, EstimateView, PriceListView, QuoteView};
use crate::knowledge::named_lang;
use crate::platform::clock::now_ms;
use crate::platform::http::{Agent, IdempotencyKey, JsonText, Owner, Problem, clean_text};

/// Longest session id.
const SESSION_ID_MAX_CHARS: usize = 100;

/// The endpoints.
pub struct QuotesApi(pub Quotes);

/// Section of the API's documentation.
#[derive(Tags)]
enum Section {
    /// The price list, estimates, and quotes that are accepted by a signed link.
    Quotes,
}

/// What an estimate is asked for.
#[derive(Debug, Clone, Object, Serialize, Deserialize)]
#[oai(example)]
struct EstimateBody {
    /// Usable floor, 1 to 10,000.
    area_m2: f64,
    /// `standard`, `premium` or `luxury`; unknown: the range goes over all packages.
    package: Option<JsonText>,
    /// `flat`, `house`, `studio` or `commercial`; unknown: taken as a flat.
    property_type: Option<JsonText>,
    /// Name of the city.
    city: Option<JsonText>,
    /// 1 to 100.
    rooms: Option<i64>,
    /// Ids or names of extras, 20 at most; what the price list does not know is priced individually.
    #[oai(default)]
    #[serde(default)]
    extras: Vec<JsonText>,
    /// `pl`, `en` or `de`; else `Accept-Language` decides.
    lang: Option<JsonText>,
}

impl Example for EstimateBody {
    fn example() -> Self {
        let text = |text: &str| Some(JsonText(text.into()));
        Self {
            area_m2: 62.5,
            package: text("premium"),
            property_type: text("flat"),
            city: text("Gdańsk"),
            rooms: Some(3),
            extras: Vec::new(),
            lang: text("pl"),
        }
    }
}

impl EstimateBody {
    fn parse(&self) -> Result<EstimateRequest, QuoteError> {
        let text = |text: &Option<JsonText>| text.as_ref().map(|text| text.0.clone());
        Ok(EstimateRequest {
            area_m2: self.area_m2,
            package: word(
                "package",
                self.package.as_ref(),
                "must be standard, premium or luxury",
            )?,
            property_type: word(
                "property_type",
                self.property_type.as_ref(),
                "must be flat, house, studio or commercial",
            )?,
            city: text(&self.city),
            rooms: self
                .rooms
                // What does not fit is refused below, as 0 rooms are.
                .map(|rooms| u32::try_from(rooms).unwrap_or(0)),
            extras: self.extras.iter().map(|extra| extra.0.clone()).collect(),
        })
    }
}

fn word<T: FromStr>(
    field: &str,
    word: Option<&JsonText>,
    why: &str,
) -> Result<Option<T>, QuoteError> {
    word.map(|word| {
        word.0.trim().parse().map_err(|_| QuoteError::Invalid {
            field: field.into(),
            why: why.into(),
        })
    })
    .transpose()
}

/// A new quote.
#[derive(Debug, Clone, Object, Serialize, Deserialize)]
struct QuoteBody {
    #[oai(flatten)]
    #[serde(flatten)]
    estimate: EstimateBody,
    /// The conversation it came from.
    session_id: Option<JsonText>,
    /// The lead it is for.
    lead_id: Option<i64>,
}

/// A new version of the price list.
#[derive(Debug, Object)]
#[oai(example)]
struct PriceListBody {
    /// The version these prices were made from; when there is a newer one, nothing is saved. Without it the prices are
    /// saved in any case.
    version: Option<i64>,
    prices: Prices,
}

impl Example for PriceListBody {
    fn example() -> Self {
        let range = |min: i64, max: i64| MoneyRange {
            min: Money::from_hundredths(min * 100),
            max: Money::from_hundredths(max * 100),
        };
        Self {
            version: Some(1),
            prices: Prices {
                currency: "PLN".into(),
                prices_are: PricesAre::Gross,
                valid_days: 30,
                per_m2: PerPackage {
                    standard: range(949, 1200),
                    premium: range(1200, 1600),
                    luxury: range(1600, 1990),
                },
                property_factors: PropertyFactors::default(),
                city_factors: std::collections::BTreeMap::new(),
                extras: Vec::new(),
                vat: VatRules::default(),
            },
        }
    }
}

#[derive(ApiResponse)]
enum CreateQuote {
    /// The quote as stored, with its link.
    #[oai(status = 201)]
    Created(Json<QuoteView>),
}

#[OpenApi(prefix_path = "/api/quotes", tag = "Section::Quotes")]
impl QuotesApi {
    /// What a place is likely to cost. Nothing is stored.
    #[oai(path = "/estimate", method = "post", operation_id = "estimate")]
    async fn estimate(
        &self,
        #[oai(name = "Accept-Language")] accept: Header<Option<String>>,
        body: Json<EstimateBody>,
    ) -> Result<Json<EstimateView>, Problem> {
        let named = body.0.lang.as_ref().map(|lang| lang.0.as_str());
        let lang = self.0.knowledge.request_lang(named, accept.0.as_deref())?;
        let estimate = self.0.estimate(&body.0.parse()?, now_ms())?;
        Ok(Json(EstimateView::new(&estimate, lang)))
    }

    /// The price list that counts.
    #[oai(path = "/pricelist", method = "get", operation_id = "get_price_list")]
    async fn price_list(&self) -> Result<Json<PriceListView>, Problem> {
        Ok(Json(self.0.price_list().as_ref().into()))
    }

    /// Save a new version of the price list; every answer that names a price changes with it.
    #[oai(path = "/pricelist", method = "put", operation_id = "put_price_list")]
    async fn put_price_list(
        &self,
        by: Owner,
        body: Json<PriceListBody>,
    ) -> Result<Json<PriceListView>, Problem> {
        let PriceListBody { version, prices } = body.0;
        let by = by.0.actor.to_string();
        let list = self.0.set_prices(prices, version, by, now_ms()).await?;
        Ok(Json(list.as_ref().into()))
    }

    /// Save a quote; its page can be sent to the client.
    #[oai(path = "/", method = "post", operation_id = "create_quote")]
    async fn create(
        &self,
        by: Agent,
        #[oai(name = "Accept-Language")] accept: Header<Option<String>>,
        /// A repeat with the same key gets the first answer.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
        body: Json<QuoteBody>,
    ) -> Result<CreateQuote, Problem> {
        let body = body.0;
        let named = body.estimate.lang.as_ref().map(|lang| lang.0.as_str());
        let lang = self.0.knowledge.request_lang(named, accept.0.as_deref())?;
        let request = body.estimate.parse()?;
        let session_id = body
            .session_id
            .as_ref()
            .map(|id| clean_text(&id.0, SESSION_ID_MAX_CHARS))
            .transpose()
            .map_err(|why| Problem::field("invalid_value", "session_id", why))?;
        let now = now_ms();
        let new = NewQuote {
            estimate: self.0.estimate(&request, now)?,
            request,
            lang,
            session_id,
            lead_id: body.lead_id,
            created_by: Some(by.0.actor.to_string()),
        };
        let view = self.0.create(new, key, body, now).await?;
        Ok(CreateQuote::Created(Json(view)))
    }

    /// One quote.
    #[oai(path = "/:id", method = "get", operation_id = "get_quote")]
    async fn get(&self, _by: Agent, id: Path<i64>) -> Result<Json<QuoteView>, Problem> {
        let quote = self.0.quote(id.0).await?;
        Ok(Json(self.0.view(&quote, now_ms())?))
    }

    /// The quote a link opens.
    #[oai(path = "/q/:token", method = "get", operation_id = "get_client_quote")]
    async fn client_quote(
        &self,
        token: Path<String>,
        /// `pl`, `en` or `de`; else the language the quote was made in.
        lang: Query<Option<String>>,
    ) -> Result<Json<ClientQuote>, Problem> {
        let quote = self.0.quote_by_token(&token.0).await?;
        self.client_view(&quote, lang.0.as_deref())
    }

    /// Accept the quote a link opens. Accepting again changes nothing.
    #[oai(
        path = "/q/:token/accept",
        method = "post",
        operation_id = "accept_quote"
    )]
    async fn accept(
        &self,
        token: Path<String>,
        /// `pl`, `en` or `de`; else the language the quote was made in.
        lang: Query<Option<String>>,
    ) -> Result<Json<ClientQuote>, Problem> {
        let quote = self.0.accept(&token.0, now_ms()).await?;
        self.client_view(&quote, lang.0.as_deref())
    }
}

impl QuotesApi {
    fn client_view(
        &self,
        quote: &super::model::Quote,
        lang: Option<&str>,
    ) -> Result<Json<ClientQuote>, Problem> {
        let lang = lang.map_or(Ok(quote.lang), named_lang)?;
        let today = self.0.today(now_ms())?;
        Ok(Json(ClientQuote::new(
            quote,
            lang,
            today,
            &self.0.company(),
        )))
    }
}
