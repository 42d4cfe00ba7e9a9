//! Amounts of money, counted in whole hundredths so that sums come out to the last one.

use std::borrow::Cow;
use std::ops::{Add, Sub};

use poem_openapi::Object;
use poem_openapi::registry::MetaSchemaRef;
use poem_openapi::types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

/// Largest amount that is taken from outside, in whole units of the currency.
const MAX_UNITS: f64 = 1e9;

/// An amount in hundredths of the currency (grosze). Outside it is a number of whole units, with a fraction only when
/// it has one: `949`, `949.5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
#[serde(try_from = "f64")]
pub struct Money(i64);

impl Money {
    /// Nothing.
    pub const ZERO: Money = Money(0);

    /// So many hundredths.
    pub const fn from_hundredths(hundredths: i64) -> Self {
        Self(hundredths)
    }

    /// The amount in hundredths.
    pub const fn hundredths(self) -> i64 {
        self.0
    }

    /// The amount in whole units, for numbers in JSON.
    pub fn units(self) -> f64 {
        self.0 as f64 / 100.0
    }

    /// Multiplied and rounded once, half away from zero.
    ///
    /// * `factor`: finite, and so small that the result stays below 2^53 hundredths.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        Self((self.0 as f64 * factor).round() as i64)
    }

    /// `self * numerator / denominator`, rounded half up; for amounts of 0 or more.
    #[must_use]
    pub fn share(self, numerator: i64, denominator: i64) -> Self {
        let product = i128::from(self.0) * i128::from(numerator);
        let denominator = i128::from(denominator.max(1));
        Self(i64::try_from((product + denominator / 2) / denominator).unwrap_or(i64::MAX))
    }
}

impl Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl std::iter::Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Self::add)
    }
}

impl TryFrom<f64> for Money {
    type Error = &'static str;

    fn try_from(units: f64) -> Result<Self, Self::Error> {
        if !units.is_finite() || !(0.0..=MAX_UNITS).contains(&units) {
            return Err("an amount must be a number from 0 to 1,000,000,000");
        }
        Ok(Self((units * 100.0).round() as i64))
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 100 == 0 {
            serializer.serialize_i64(self.0 / 100)
        } else {
            serializer.serialize_f64(self.units())
        }
    }
}

impl Type for Money {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "number".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        <f64 as Type>::schema_ref()
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromJSON for Money {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        let units = f64::parse_from_json(value).map_err(ParseError::propagate)?;
        Self::try_from(units).map_err(ParseError::custom)
    }
}

impl ToJSON for Money {
    fn to_json(&self) -> Option<Value> {
        serde_json::to_value(self).ok()
    }
}

/// From–to; both ends are the same when there is one amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
pub struct MoneyRange {
    /// The lowest amount.
    pub min: Money,
    /// The highest amount.
    pub max: Money,
}

impl MoneyRange {
    /// The same done to both ends.
    #[must_use]
    pub fn map(self, change: impl Fn(Money) -> Money) -> Self {
        Self {
            min: change(self.min),
            max: change(self.max),
        }
    }

    /// Both ends taken together with those of `other`.
    #[must_use]
    pub fn zip(self, other: Self, join: impl Fn(Money, Money) -> Money) -> Self {
        Self {
            min: join(self.min, other.min),
            max: join(self.max, other.max),
        }
    }

    /// The smallest range that holds both.
    #[must_use]
    pub fn hull(self, other: Self) -> Self {
        Self {
            min: self.min.min(other.min),
            max: self.max.max(other.max),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_has_a_fraction_only_when_it_needs_one() {
        let json = |hundredths| serde_json::to_string(&Money(hundredths)).unwrap();
        assert_eq!(json(94_900), "949");
        assert_eq!(json(94_950), "949.5");
        assert_eq!(json(1), "0.01");
        assert_eq!(serde_json::from_str::<Money>("949").unwrap(), Money(94_900));
        assert_eq!(
            serde_json::from_str::<Money>("949.55").unwrap(),
            Money(94_955)
        );
    }

    #[test]
    fn amounts_that_are_none_are_refused() {
        for units in [-0.01, 1e9 + 1.0, f64::NAN, f64::INFINITY] {
            assert!(Money::try_from(units).is_err(), "{units}");
        }
    }
}
