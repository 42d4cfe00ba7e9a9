//! What a place is likely to cost: pure, in whole hundredths.

use jiff::ToSpan;
use jiff::civil::Date;

use super::QuoteError;
use super::model::{
    Assumption, Estimate, EstimateRequest, ExtraLine, Package, PropertyType, VatLine,
};
use super::money::{Money, MoneyRange};
use super::prices::{Extra, Per, PriceList, Prices, PricesAre, VatRules};
use crate::nlu::{Lang, fold};
use crate::platform::http::clean_text;

/// Most extras of one request.
const EXTRAS_MAX: usize = 20;
/// Longest name of a city or an extra.
const NAME_MAX_CHARS: usize = 80;

/// What a place is likely to cost by `list`.
///
/// * `today`: the day in the company's zone; the estimate holds for the list's `valid_days` from here.
/// * What is unknown widens the range or is assumed, and stands in `assumptions`.
/// * Gross prices hold at whichever rate of VAT; its lines only say how much of the total it is.
/// * Errors: an area outside 1 to 10,000 m², rooms outside 1 to 100, or names that are empty or too long.
pub fn estimate(
    list: &PriceList,
    request: &EstimateRequest,
    today: Date,
) -> Result<Estimate, QuoteError> {
    let prices = &list.prices;
    let area = area_in_hundredths(request.area_m2)?;
    check_rooms(request.rooms)?;
    let mut assumptions = Vec::new();
    let base = base_range(prices, request.package, &mut assumptions);
    let property = request.property_type.unwrap_or_else(|| {
        assumptions.push(Assumption::TakenAsFlat);
        PropertyType::Flat
    });
    let city_factor = city_factor(prices, request.city.as_deref(), &mut assumptions)?;
    let factor = prices.property_factors.of(property) * city_factor;
    let per_m2 = base.map(|price| price.times(factor));
    let works = per_m2.map(|price| price.share(area, 100));
    let extras = Extras::of(prices, request, area, &mut assumptions)?;
    let total = works.map(|amount| amount + extras.works + extras.design);
    let reduced = reduced_share(&prices.vat, property, area, &mut assumptions);
    let vat = vat_lines(prices, works, &extras, reduced, area);
    if extras.design > Money::ZERO && reduced > 0 {
        let rate = prices.vat.standard_percent;
        assumptions.push(Assumption::DesignVat { rate });
    }
    let sum = |of: fn(&VatLine) -> MoneyRange| MoneyRange {
        min: vat.iter().map(|line| of(line).min).sum(),
        max: vat.iter().map(|line| of(line).max).sum(),
    };
    let total_net = sum(|line| line.net);
    Ok(Estimate {
        currency: prices.currency.clone(),
        price_list_version: list.version,
        area_m2: area as f64 / 100.0,
        per_m2,
        total,
        prices_are: prices.prices_are,
        total_net,
        total_gross: total_net.zip(sum(|line| line.vat), |net, vat| net + vat),
        vat,
        extras: extras.lines,
        assumptions,
        valid_until: today.saturating_add(i64::from(prices.valid_days).days()),
    })
}

/// Hundredths of a square metre, rounded once.
fn area_in_hundredths(area_m2: f64) -> Result<i64, QuoteError> {
    let hundredths = (area_m2 * 100.0).round();
    if (100.0..=1_000_000.0).contains(&hundredths) {
        Ok(hundredths as i64)
    } else {
        Err(invalid("area_m2", "must be from 1 to 10,000"))
    }
}

fn check_rooms(rooms: Option<u32>) -> Result<(), QuoteError> {
    match rooms {
        Some(rooms) if !(1..=100).contains(&rooms) => {
            Err(invalid("rooms", "must be from 1 to 100"))
        }
        _ => Ok(()),
    }
}

fn base_range(
    prices: &Prices,
    package: Option<Package>,
    assumptions: &mut Vec<Assumption>,
) -> MoneyRange {
    if prices.per_m2.is_one_range() {
        assumptions.push(Assumption::OneRangeForAllPackages);
    } else if package.is_none() {
        assumptions.push(Assumption::AllPackages);
    }
    package.map_or_else(|| prices.per_m2.all(), |package| prices.per_m2.of(package))
}

fn city_factor(
    prices: &Prices,
    city: Option<&str>,
    assumptions: &mut Vec<Assumption>,
) -> Result<f64, QuoteError> {
    let prices_differ = !prices.city_factors.is_empty();
    let Some(city) = city else {
        if prices_differ {
            assumptions.push(Assumption::CityUnknown);
        }
        return Ok(1.0);
    };
    let city = clean_text(city, NAME_MAX_CHARS).map_err(|why| invalid("city", &why.to_string()))?;
    if let Some(factor) = prices.city_factor(&city) {
        return Ok(factor);
    }
    if prices_differ {
        assumptions.push(Assumption::CityNotListed { city });
    }
    Ok(1.0)
}

/// Hundredths of a square metre that have the reduced rate of VAT.
fn reduced_share(
    vat: &VatRules,
    property: PropertyType,
    area: i64,
    assumptions: &mut Vec<Assumption>,
) -> i64 {
    let limit_m2 = match property {
        PropertyType::Flat | PropertyType::Studio => vat.flat_limit_m2,
        PropertyType::House => vat.house_limit_m2,
        PropertyType::Commercial => 0,
    };
    let limit = i64::from(limit_m2) * 100;
    let (reduced, standard) = (vat.reduced_percent, vat.standard_percent);
    assumptions.push(if limit == 0 {
        Assumption::StandardVat { rate: standard }
    } else if area <= limit {
        Assumption::ReducedVat { rate: reduced }
    } else {
        Assumption::SplitVat {
            reduced,
            standard,
            limit_m2,
        }
    });
    area.min(limit)
}

/// One line per rate that anything falls under; extras that are work share the rates of the place.
fn vat_lines(
    prices: &Prices,
    works: MoneyRange,
    extras: &Extras,
    reduced: i64,
    area: i64,
) -> Vec<VatLine> {
    let shared = works.map(|amount| amount + extras.works);
    let at_reduced = shared.map(|amount| amount.share(reduced, area));
    let at_standard = shared.zip(at_reduced, |all, reduced| all - reduced + extras.design);
    let rates = [
        (prices.vat.reduced_percent, at_reduced),
        (prices.vat.standard_percent, at_standard),
    ];
    rates
        .into_iter()
        .filter(|(_, amount)| amount.max > Money::ZERO)
        .map(|(rate, amount)| vat_line(rate, amount, prices.prices_are))
        .collect()
}

fn vat_line(rate: u32, amount: MoneyRange, prices_are: PricesAre) -> VatLine {
    let percent = i64::from(rate);
    let base = match prices_are {
        PricesAre::Net => 100,
        PricesAre::Gross => 100 + percent,
    };
    let vat = amount.map(|amount| amount.share(percent, base));
    let net = match prices_are {
        PricesAre::Net => amount,
        PricesAre::Gross => amount.zip(vat, |gross, vat| gross - vat),
    };
    VatLine { rate, net, vat }
}

/// What was ordered beside the package.
struct Extras {
    lines: Vec<ExtraLine>,
    /// Sum of what is work.
    works: Money,
    /// Sum of what is design.
    design: Money,
}

impl Extras {
    fn of(
        prices: &Prices,
        request: &EstimateRequest,
        area: i64,
        assumptions: &mut Vec<Assumption>,
    ) -> Result<Self, QuoteError> {
        if request.extras.len() > EXTRAS_MAX {
            return Err(invalid("extras", "must not be more than 20"));
        }
        let mut extras = Self {
            lines: Vec::new(),
            works: Money::ZERO,
            design: Money::ZERO,
        };
        let mut individually: Vec<String> = Vec::new();
        for asked in &request.extras {
            let asked = clean_text(asked, NAME_MAX_CHARS)
                .map_err(|why| invalid("extras", &why.to_string()))?;
            let folded = fold(&asked);
            let extra = prices.extras.iter().find(|extra| extra.is_called(&folded));
            match extra.and_then(|extra| Some((extra, price_of(extra, request.rooms, area)?))) {
                Some((extra, total)) => extras.add(extra, total),
                None if individually.contains(&asked) => {}
                None => individually.push(asked),
            }
        }
        if !individually.is_empty() {
            assumptions.push(Assumption::PricedIndividually {
                extras: individually,
            });
        }
        Ok(extras)
    }

    /// Counts an extra; one that was asked for twice counts once.
    fn add(&mut self, extra: &Extra, total: Money) {
        if self.lines.iter().any(|line| line.id == extra.id) {
            return;
        }
        if extra.is_design {
            self.design = self.design + total;
        } else {
            self.works = self.works + total;
        }
        self.lines.push(ExtraLine {
            id: extra.id.clone(),
            names: Lang::ALL.map(|lang| extra.name.get(lang).to_owned()),
            total,
        });
    }
}

/// What an extra costs in all; `None` when that is not known.
fn price_of(extra: &Extra, rooms: Option<u32>, area: i64) -> Option<Money> {
    let price = extra.price?;
    match extra.per {
        Per::Job => Some(price),
        Per::M2 => Some(price.share(area, 100)),
        Per::Room => rooms.map(|rooms| price.share(i64::from(rooms), 1)),
    }
}

fn invalid(field: &str, why: &str) -> QuoteError {
    QuoteError::Invalid {
        field: field.to_owned(),
        why: why.to_owned(),
    }
}
