//! The price list: what the owner enters, and the version of it that counts.

use std::collections::{BTreeMap, HashSet};

use poem_openapi::{Enum, Object};
use serde::{Deserialize, Serialize};

use super::QuoteError;
use super::model::{Package, PropertyType};
use super::money::{Money, MoneyRange};
use crate::nlu::{Lang, fold};
use crate::platform::http::clean_text;

/// Most cities and most extras of a list.
const ENTRIES_MAX: usize = 200;
/// Longest name of a city or an extra.
const NAME_MAX_CHARS: usize = 80;
/// Highest price of a square metre, in whole units of the currency.
const PER_M2_MAX: Money = Money::from_hundredths(100_000_000);
/// Highest price of an extra.
const EXTRA_MAX: Money = Money::from_hundredths(100_000_000);
/// What a factor may be.
const FACTORS: std::ops::RangeInclusive<f64> = 0.1..=10.0;

/// A version of the price list.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceList {
    /// Counts from 1.
    pub version: i64,
    /// The prices.
    pub prices: Prices,
    /// Who entered them, as in the audit log; `None`: they came with the knowledge pack.
    pub created_by: Option<String>,
    /// Since when they count.
    pub created_at_ms: i64,
}

/// The prices of the company: per square metre, labour and materials included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
pub struct Prices {
    /// ISO 4217.
    pub currency: String,
    /// Whether VAT is in the prices.
    pub prices_are: PricesAre,
    /// For how many days an estimate or a quote holds, 1 to 365.
    pub valid_days: u32,
    /// Lowest and highest price of a square metre, per package.
    pub per_m2: PerPackage,
    /// What the price of a square metre is multiplied by, per property type.
    #[serde(default)]
    #[oai(default)]
    pub property_factors: PropertyFactors,
    /// What it is multiplied by in single cities; 1 everywhere else.
    #[serde(default)]
    #[oai(default)]
    pub city_factors: BTreeMap<String, f64>,
    /// What can be ordered beside a package. What does not stand here is priced individually.
    #[serde(default)]
    #[oai(default)]
    pub extras: Vec<Extra>,
    /// The rates of VAT.
    #[serde(default)]
    #[oai(default)]
    pub vat: VatRules,
}

/// Whether VAT is in the prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[serde(rename_all = "lowercase")]
#[oai(rename_all = "lowercase")]
pub enum PricesAre {
    /// VAT comes on top.
    Net,
    /// VAT is in the prices, at whichever rate.
    Gross,
}

/// One range per package.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
#[allow(missing_docs)] // the fields are the packages
pub struct PerPackage {
    pub standard: MoneyRange,
    pub premium: MoneyRange,
    pub luxury: MoneyRange,
}

/// One factor per property type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Object)]
#[serde(deny_unknown_fields, default)]
#[oai(deny_unknown_fields)]
#[allow(missing_docs)] // the fields are the property types
pub struct PropertyFactors {
    #[oai(default = "unchanged")]
    pub flat: f64,
    #[oai(default = "unchanged")]
    pub house: f64,
    #[oai(default = "unchanged")]
    pub studio: f64,
    #[oai(default = "unchanged")]
    pub commercial: f64,
}

fn unchanged() -> f64 {
    1.0
}

/// Something that can be ordered beside a package.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
pub struct Extra {
    /// Lower-case letters, digits and hyphens.
    pub id: String,
    /// What clients read.
    pub name: ExtraName,
    /// Price of one; without it the extra is priced individually.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    /// What `price` counts for.
    #[serde(default)]
    #[oai(default)]
    pub per: Per,
    /// True for design, which always has the standard rate of VAT.
    #[serde(default)]
    #[oai(default)]
    pub is_design: bool,
}

/// An extra's name per language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
#[allow(missing_docs)] // the fields are the languages
pub struct ExtraName {
    pub pl: String,
    pub en: String,
    pub de: String,
}

/// What an extra's price counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Enum)]
#[serde(rename_all = "lowercase")]
#[oai(rename_all = "lowercase")]
pub enum Per {
    /// The whole job.
    #[default]
    Job,
    /// A square metre.
    M2,
    /// A room.
    Room,
}

/// Rates of VAT on finishing work.
///
/// Polish VAT Act, art. 41 ust. 12–12c: the reduced rate holds for flats up to 150 m² and single-family houses up to
/// 300 m² of usable floor; of a larger one only for that share of the area. Everything else, commercial space and design
/// among it, has the standard rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Object)]
#[serde(deny_unknown_fields, default)]
#[oai(deny_unknown_fields)]
pub struct VatRules {
    /// Percent.
    #[oai(default = "reduced_percent")]
    pub reduced_percent: u32,
    /// Percent.
    #[oai(default = "standard_percent")]
    pub standard_percent: u32,
    /// Up to here a flat has the reduced rate.
    #[oai(default = "flat_limit_m2")]
    pub flat_limit_m2: u32,
    /// Up to here a house has the reduced rate.
    #[oai(default = "house_limit_m2")]
    pub house_limit_m2: u32,
}

fn reduced_percent() -> u32 {
    8
}

fn standard_percent() -> u32 {
    23
}

fn flat_limit_m2() -> u32 {
    150
}

fn house_limit_m2() -> u32 {
    300
}

impl Default for VatRules {
    fn default() -> Self {
        Self {
            reduced_percent: reduced_percent(),
            standard_percent: standard_percent(),
            flat_limit_m2: flat_limit_m2(),
            house_limit_m2: house_limit_m2(),
        }
    }
}

impl Default for PropertyFactors {
    fn default() -> Self {
        Self {
            flat: unchanged(),
            house: unchanged(),
            studio: unchanged(),
            commercial: unchanged(),
        }
    }
}

impl PerPackage {
    /// The range of one package.
    pub fn of(&self, package: Package) -> MoneyRange {
        match package {
            Package::Standard => self.standard,
            Package::Premium => self.premium,
            Package::Luxury => self.luxury,
        }
    }

    /// From the cheapest to the dearest of all packages.
    pub fn all(&self) -> MoneyRange {
        self.standard.hull(self.premium).hull(self.luxury)
    }

    /// True while the list tells no package from another.
    pub fn is_one_range(&self) -> bool {
        self.standard == self.premium && self.premium == self.luxury
    }
}

impl PropertyFactors {
    /// The factor of one type.
    pub fn of(&self, property: PropertyType) -> f64 {
        match property {
            PropertyType::Flat => self.flat,
            PropertyType::House => self.house,
            PropertyType::Studio => self.studio,
            PropertyType::Commercial => self.commercial,
        }
    }
}

impl ExtraName {
    /// The name in `lang`.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::Pl => &self.pl,
            Lang::En => &self.en,
            Lang::De => &self.de,
        }
    }

    fn all(&self) -> [&str; 3] {
        [&self.pl, &self.en, &self.de]
    }
}

impl Extra {
    /// True when `asked`, folded, is its id or one of its names.
    pub(super) fn is_called(&self, asked: &str) -> bool {
        self.id == asked || self.name.all().iter().any(|name| fold(name) == asked)
    }
}

impl Prices {
    /// The factor of a city and whether the list names it; case and accents do not matter.
    pub(super) fn city_factor(&self, city: &str) -> Option<f64> {
        let asked = fold(city);
        self.city_factors
            .iter()
            .find(|(name, _)| fold(name) == asked)
            .map(|(_, factor)| *factor)
    }

    /// Checks everything an estimate relies on.
    ///
    /// Errors: the field that is refused and why.
    pub fn validate(&self) -> Result<(), QuoteError> {
        if self.currency.len() != 3 || !self.currency.bytes().all(|b| b.is_ascii_uppercase()) {
            return refuse("currency", "must be three capital letters like PLN");
        }
        if !(1..=365).contains(&self.valid_days) {
            return refuse("valid_days", "must be from 1 to 365");
        }
        for &package in Package::ALL {
            let MoneyRange { min, max } = self.per_m2.of(package);
            if min <= Money::ZERO || min > max || max > PER_M2_MAX {
                return refuse(
                    &format!("per_m2.{}", package.as_str()),
                    "min must be above 0 and not above max, and max not above 1,000,000",
                );
            }
        }
        self.validate_factors()?;
        self.validate_extras()?;
        let vat = &self.vat;
        if vat.standard_percent > 100 || vat.reduced_percent > vat.standard_percent {
            return refuse("vat", "rates go from 0 to 100, the reduced one first");
        }
        if vat.flat_limit_m2 > 10_000 || vat.house_limit_m2 > 10_000 {
            return refuse("vat", "limits must not be above 10,000 m²");
        }
        Ok(())
    }

    fn validate_factors(&self) -> Result<(), QuoteError> {
        const WHY: &str = "must be from 0.1 to 10";
        for &property in PropertyType::ALL {
            if !FACTORS.contains(&self.property_factors.of(property)) {
                return refuse(&format!("property_factors.{}", property.as_str()), WHY);
            }
        }
        if self.city_factors.len() > ENTRIES_MAX {
            return refuse("city_factors", "must not name more than 200 cities");
        }
        let mut seen = HashSet::new();
        for (city, factor) in &self.city_factors {
            if clean_text(city, NAME_MAX_CHARS).as_ref() != Ok(city) || !seen.insert(fold(city)) {
                return refuse(
                    "city_factors",
                    "names are 1 to 80 characters, each city once",
                );
            }
            if !FACTORS.contains(factor) {
                return refuse("city_factors", WHY);
            }
        }
        Ok(())
    }

    fn validate_extras(&self) -> Result<(), QuoteError> {
        if self.extras.len() > ENTRIES_MAX {
            return refuse("extras", "must not be more than 200");
        }
        let mut seen = HashSet::new();
        for extra in &self.extras {
            let is_slug = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            if extra.id.is_empty() || extra.id.len() > 40 || !extra.id.bytes().all(is_slug) {
                return refuse(
                    "extras",
                    "an id is 1 to 40 lower-case letters, digits and hyphens",
                );
            }
            if !seen.insert(&extra.id) {
                return refuse("extras", "each id may stand once");
            }
            let is_name = |name: &&str| clean_text(name, NAME_MAX_CHARS).as_deref() == Ok(name);
            if !extra.name.all().iter().all(is_name) {
                return refuse(
                    "extras",
                    "a name is 1 to 80 characters and stands in all three languages",
                );
            }
            if extra.price.is_some_and(|price| price > EXTRA_MAX) {
                return refuse("extras", "a price must not be above 1,000,000");
            }
        }
        Ok(())
    }
}

fn refuse(field: &str, why: &str) -> Result<(), QuoteError> {
    Err(QuoteError::Invalid {
        field: field.to_owned(),
        why: why.to_owned(),
    })
}
