//! What is asked for, what it is likely to cost, and what is kept of it.

use std::str::FromStr;

use jiff::civil::Date;
use poem_openapi::{Enum, Object};
use serde::{Deserialize, Serialize};

use super::money::{Money, MoneyRange};
use super::prices::PricesAre;
use crate::nlu::Lang;
use crate::nlu::entities::Property;

/// The packages, from the plainest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Enum)]
#[serde(rename_all = "lowercase")]
#[oai(rename_all = "lowercase", rename = "PackageName")]
#[allow(missing_docs)]
pub enum Package {
    Standard,
    Premium,
    Luxury,
}

/// What is to be finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Enum)]
#[serde(rename_all = "lowercase")]
#[oai(rename_all = "lowercase")]
pub enum PropertyType {
    /// A flat in a building with several.
    Flat,
    /// A single-family house.
    House,
    /// A flat of one room; for VAT a flat.
    Studio,
    /// An office, a shop or another place nobody lives in.
    Commercial,
}

/// A word that names no package or property type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown word")]
pub struct UnknownWord;

macro_rules! words {
    ($enum:ident: $($variant:ident = $word:literal),*) => {
        impl $enum {
            /// All of them, in order.
            pub const ALL: &'static [$enum] = &[$($enum::$variant),*];

            /// The word programs use.
            pub fn as_str(self) -> &'static str {
                match self { $($enum::$variant => $word),* }
            }
        }

        impl FromStr for $enum {
            type Err = UnknownWord;

            /// Reads the word, in any case.
            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                $(if word.eq_ignore_ascii_case($word) { return Ok($enum::$variant); })*
                Err(UnknownWord)
            }
        }
    };
}

words!(Package: Standard = "standard", Premium = "premium", Luxury = "luxury");
words!(PropertyType: Flat = "flat", House = "house", Studio = "studio", Commercial = "commercial");

impl From<Property> for PropertyType {
    fn from(property: Property) -> Self {
        match property {
            Property::Flat => Self::Flat,
            Property::House => Self::House,
            Property::Studio => Self::Studio,
            Property::Commercial => Self::Commercial,
        }
    }
}

/// What an estimate is asked for. Everything but the area may be unknown; the estimate says what it assumed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Object)]
pub struct EstimateRequest {
    /// Usable floor, 1 to 10,000 m².
    pub area_m2: f64,
    /// Unknown: the range goes over all packages.
    pub package: Option<Package>,
    /// Unknown: taken as a flat.
    pub property_type: Option<PropertyType>,
    /// Name of the city.
    pub city: Option<String>,
    /// 1 to 100; counts for extras that are priced by the room.
    pub rooms: Option<u32>,
    /// Ids or names of extras; what the price list does not know is priced individually.
    pub extras: Vec<String>,
}

/// What it is likely to cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// ISO 4217.
    pub currency: String,
    /// Version of the price list it was made from.
    pub price_list_version: i64,
    /// The area counted with, in m², to two decimals.
    pub area_m2: f64,
    /// Per square metre, with the factors of property and city, without extras.
    pub per_m2: MoneyRange,
    /// For all of it, with the extras that have a price.
    pub total: MoneyRange,
    /// Whether VAT is in `per_m2`, `total` and `extras`.
    pub prices_are: PricesAre,
    /// `total` without VAT.
    pub total_net: MoneyRange,
    /// `total` with VAT.
    pub total_gross: MoneyRange,
    /// One line per rate; their sums are `total_net` and `total_gross`.
    pub vat: Vec<VatLine>,
    /// Extras that have a price, by id.
    pub extras: Vec<ExtraLine>,
    /// What was assumed.
    pub assumptions: Vec<Assumption>,
    /// The last day it holds.
    pub valid_until: Date,
}

/// What falls under one rate of VAT.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object)]
pub struct VatLine {
    /// Percent.
    pub rate: u32,
    /// Without VAT.
    pub net: MoneyRange,
    /// The VAT.
    pub vat: MoneyRange,
}

/// An extra that has a price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtraLine {
    /// Its id in the price list.
    pub id: String,
    /// Its name when the estimate was made.
    pub names: [String; 3],
    /// What it costs in all.
    pub total: Money,
}

impl ExtraLine {
    /// Its name in `lang`.
    pub fn name(&self, lang: Lang) -> &str {
        let [pl, en, de] = &self.names;
        match lang {
            Lang::Pl => pl,
            Lang::En => en,
            Lang::De => de,
        }
    }
}

/// Something an estimate assumed or left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Assumption {
    /// The list has one range for all packages: the company's lowest to its highest price.
    OneRangeForAllPackages,
    /// No package was named, so the range goes over all of them.
    AllPackages,
    /// No property type was named, so it counts as a flat.
    TakenAsFlat,
    /// Everything has the reduced rate of VAT.
    ReducedVat {
        /// Percent.
        rate: u32,
    },
    /// The share of the area up to the limit has the reduced rate, the rest the standard one.
    SplitVat {
        /// Percent up to the limit.
        reduced: u32,
        /// Percent above it.
        standard: u32,
        /// The limit.
        limit_m2: u32,
    },
    /// Commercial space: everything has the standard rate of VAT.
    StandardVat {
        /// Percent.
        rate: u32,
    },
    /// Design among the extras has the standard rate of VAT.
    DesignVat {
        /// Percent.
        rate: u32,
    },
    /// The list prices cities apart and none was named.
    CityUnknown,
    /// The list prices cities apart and does not know this one.
    CityNotListed {
        /// As it was named.
        city: String,
    },
    /// These extras have no price in the list; they come on top.
    PricedIndividually {
        /// As they were named.
        extras: Vec<String>,
    },
}

/// A quote to be saved.
#[derive(Debug, Clone)]
pub struct NewQuote {
    /// What was asked for.
    pub request: EstimateRequest,
    /// What it costs.
    pub estimate: Estimate,
    /// The client's language.
    pub lang: Lang,
    /// The conversation it came from.
    pub session_id: Option<String>,
    /// The lead it is for.
    pub lead_id: Option<i64>,
    /// Who made it, as in the audit log; `None`: the assistant.
    pub created_by: Option<String>,
}

/// What [`Quotes::save`](super::Quotes::save) answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedQuote {
    /// Number of the quote.
    pub id: i64,
    /// Where the client sees it, `/quote/<token>`; whoever has the path can accept.
    pub page_path: String,
}

/// A stored quote.
#[derive(Debug, Clone)]
pub(super) struct Quote {
    pub(super) id: i64,
    pub(super) request: EstimateRequest,
    pub(super) estimate: Estimate,
    pub(super) lang: Lang,
    pub(super) session_id: Option<String>,
    pub(super) lead_id: Option<i64>,
    pub(super) created_by: Option<String>,
    pub(super) created_at_ms: i64,
    pub(super) accepted_at_ms: Option<i64>,
}

/// How far a quote is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[serde(rename_all = "lowercase")]
#[oai(rename_all = "lowercase")]
pub(super) enum QuoteStatus {
    /// Can be accepted.
    Open,
    /// Was accepted.
    Accepted,
    /// Was not accepted in time.
    Expired,
}

impl Quote {
    /// Where it stands on `today` (in the company's zone). An accepted quote stays accepted.
    pub(super) fn status(&self, today: Date) -> QuoteStatus {
        if self.accepted_at_ms.is_some() {
            QuoteStatus::Accepted
        } else if today > self.estimate.valid_until {
            QuoteStatus::Expired
        } else {
            QuoteStatus::Open
        }
    }
}
