//! Tests of the estimate and of its words.

use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::model::{Assumption, Estimate, EstimateRequest, Package, PropertyType};
use super::money::{Money, MoneyRange};
use super::prices::{Extra, ExtraName, Per, PriceList, Prices, PricesAre};
use super::{QuoteError, estimate, say};
use crate::knowledge::Pack;
use crate::nlu::Lang;

const TODAY: Date = date(2026, 11, 22);

fn built_in() -> PriceList {
    list(Pack::built_in().unwrap().company.prices)
}

fn list(prices: Prices) -> PriceList {
    prices.validate().unwrap();
    PriceList {
        version: 1,
        prices,
        created_by: None,
        created_at_ms: 0,
    }
}

fn units(min: i64, max: i64) -> MoneyRange {
    MoneyRange {
        min: Money::from_hundredths(min * 100),
        max: Money::from_hundredths(max * 100),
    }
}

/// A list of an owner: net prices, factors, extras.
fn own() -> PriceList {
    let mut prices = built_in().prices;
    prices.prices_are = PricesAre::Net;
    prices.per_m2.standard = units(1000, 1200);
    prices.per_m2.premium = units(1200, 1600);
    prices.per_m2.luxury = units(1600, 2500);
    prices.property_factors.house = 1.1;
    prices.city_factors = [("Gdańsk".to_owned(), 1.2)].into();
    let extra = |id: &str, pl: &str, price: Option<i64>, per, is_design| Extra {
        id: id.into(),
        name: ExtraName {
            pl: pl.into(),
            en: id.into(),
            de: id.into(),
        },
        price: price.map(|units| Money::from_hundredths(units * 100)),
        per,
        is_design,
    };
    prices.extras = vec![
        extra("doors", "Drzwi", Some(900), Per::Room, false),
        extra("design", "Projekt wnętrza", Some(100), Per::M2, true),
        extra("smart-home", "Inteligentny dom", None, Per::Job, false),
    ];
    list(prices)
}

fn request(area_m2: f64) -> EstimateRequest {
    EstimateRequest {
        area_m2,
        package: Some(Package::Standard),
        property_type: Some(PropertyType::Flat),
        city: None,
        rooms: None,
        extras: Vec::new(),
    }
}

fn of(list: &PriceList, request: &EstimateRequest) -> Estimate {
    estimate(list, request, TODAY).unwrap()
}

fn field(result: Result<Estimate, QuoteError>) -> String {
    match result {
        Err(QuoteError::Invalid { field, .. }) => field,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_built_in_list_goes_from_the_lowest_to_the_highest_price_for_every_package_and_says_so() {
    for package in Package::ALL
        .iter()
        .map(|package| Some(*package))
        .chain([None])
    {
        let request = EstimateRequest {
            package,
            ..request(50.0)
        };
        let estimate = of(&built_in(), &request);
        assert_eq!(estimate.per_m2, units(949, 1990));
        assert_eq!(estimate.total, units(47_450, 99_500));
        assert!(
            estimate
                .assumptions
                .contains(&Assumption::OneRangeForAllPackages)
        );
        assert_eq!(estimate.valid_until, date(2026, 12, 22));
    }
}

#[test]
fn a_flat_has_the_reduced_rate_up_to_150_m2_and_the_standard_one_on_the_rest() {
    let rates = |area, property| -> Vec<(u32, MoneyRange)> {
        let request = EstimateRequest {
            property_type: Some(property),
            ..request(area)
        };
        let mut list = own();
        list.prices.property_factors.house = 1.0;
        let lines = of(&list, &request).vat;
        lines.iter().map(|line| (line.rate, line.net)).collect()
    };
    let all = |area: i64| units(1000 * area, 1200 * area);
    assert_eq!(rates(150.0, PropertyType::Flat), [(8, all(150))]);
    assert_eq!(
        rates(200.0, PropertyType::Flat),
        [(8, all(150)), (23, all(50))]
    );
    assert_eq!(rates(200.0, PropertyType::House), [(8, all(200))]);
    assert_eq!(
        rates(400.0, PropertyType::House),
        [(8, all(300)), (23, all(100))]
    );
    assert_eq!(rates(30.0, PropertyType::Studio), [(8, all(30))]);
    assert_eq!(rates(30.0, PropertyType::Commercial), [(23, all(30))]);
}

#[test]
fn gross_prices_hold_the_vat_and_net_ones_get_it_on_top() {
    let gross = of(&built_in(), &request(100.0));
    assert_eq!(gross.total_gross, gross.total);
    assert_eq!(gross.vat[0].vat.min, Money::from_hundredths(702_963)); // 94,900 × 8 ÷ 108
    let net = of(&own(), &request(100.0));
    assert_eq!(net.total_net, net.total);
    assert_eq!(net.total_gross, units(108_000, 129_600));
}

#[test]
fn property_city_and_extras_count_and_what_has_no_price_is_named() {
    let asked = EstimateRequest {
        property_type: Some(PropertyType::House),
        city: Some("gdansk".into()),
        rooms: Some(3),
        extras: [
            "doors",
            "Drzwi",
            "projekt wnetrza",
            "smart-home",
            "Sauna",
            "Sauna",
        ]
        .map(str::to_owned)
        .to_vec(),
        ..request(100.0)
    };
    let told = of(&own(), &asked);
    assert_eq!(told.per_m2, units(1320, 1584));
    let lines: Vec<_> = told
        .extras
        .iter()
        .map(|line| (line.id.as_str(), line.total))
        .collect();
    assert_eq!(
        lines,
        [
            ("doors", units(2700, 0).min),
            ("design", units(10_000, 0).min)
        ]
    );
    assert_eq!(told.total, units(132_000 + 12_700, 158_400 + 12_700));
    assert_eq!(told.vat[1].net, units(10_000, 10_000), "design at 23 %");
    assert_eq!(told.vat[1].rate, 23);
    assert!(told.assumptions.contains(&Assumption::PricedIndividually {
        extras: vec!["smart-home".into(), "Sauna".into()]
    }));
    let without_rooms = EstimateRequest {
        rooms: None,
        extras: vec!["doors".into()],
        ..asked
    };
    assert!(of(&own(), &without_rooms).extras.is_empty());
}

#[test]
fn what_is_unknown_is_assumed_in_words() {
    let unknown = EstimateRequest {
        package: None,
        property_type: None,
        ..request(50.0)
    };
    let told = of(&own(), &unknown);
    assert_eq!(told.per_m2, units(1000, 2500));
    for assumption in [
        Assumption::AllPackages,
        Assumption::TakenAsFlat,
        Assumption::CityUnknown,
    ] {
        assert!(told.assumptions.contains(&assumption), "{assumption:?}");
    }
    let elsewhere = EstimateRequest {
        city: Some("Radom".into()),
        ..unknown
    };
    assert!(
        of(&own(), &elsewhere)
            .assumptions
            .contains(&Assumption::CityNotListed {
                city: "Radom".into()
            })
    );
}

#[test]
fn requests_that_make_no_sense_are_refused() {
    let with = |change: fn(&mut EstimateRequest)| {
        let mut request = request(50.0);
        change(&mut request);
        field(estimate(&own(), &request, TODAY))
    };
    for area in [
        0.0,
        0.99,
        -5.0,
        10_000.01,
        1e300,
        f64::NAN,
        f64::NEG_INFINITY,
    ] {
        assert_eq!(
            field(estimate(&own(), &request(area), TODAY)),
            "area_m2",
            "{area}"
        );
    }
    assert_eq!(with(|r| r.rooms = Some(0)), "rooms");
    assert_eq!(with(|r| r.rooms = Some(101)), "rooms");
    assert_eq!(with(|r| r.city = Some(" ".into())), "city");
    assert_eq!(with(|r| r.city = Some("x".repeat(81))), "city");
    assert_eq!(with(|r| r.extras = vec!["a".into(); 21]), "extras");
    assert_eq!(with(|r| r.extras = vec!["a\u{0}".into()]), "extras");
}

#[test]
fn price_lists_that_make_no_sense_are_refused() {
    let with = |change: fn(&mut Prices)| {
        let mut prices = own().prices;
        change(&mut prices);
        match prices.validate() {
            Err(QuoteError::Invalid { field, .. }) => field,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(with(|p| p.currency = "zł".into()), "currency");
    assert_eq!(with(|p| p.valid_days = 0), "valid_days");
    assert_eq!(with(|p| p.per_m2.premium = units(2, 1)), "per_m2.premium");
    assert_eq!(with(|p| p.per_m2.luxury = units(0, 1)), "per_m2.luxury");
    assert_eq!(
        with(|p| p.property_factors.house = f64::NAN),
        "property_factors.house"
    );
    assert_eq!(
        with(|p| p.property_factors.flat = 0.0),
        "property_factors.flat"
    );
    assert_eq!(
        with(|p| p.city_factors = [("Gdynia".into(), 11.0)].into()),
        "city_factors"
    );
    assert_eq!(
        with(|p| p.city_factors = [("Gdańsk".into(), 1.0), ("gdansk".into(), 1.0)].into()),
        "city_factors"
    );
    assert_eq!(with(|p| p.extras[0].id = "Two Words".into()), "extras");
    assert_eq!(with(|p| p.extras[0].name.de = String::new()), "extras");
    assert_eq!(with(|p| p.extras[1].id = "doors".into()), "extras");
    assert_eq!(with(|p| p.vat.standard_percent = 101), "vat");
    assert_eq!(with(|p| p.vat.reduced_percent = 24), "vat");
}

#[test]
fn an_estimate_is_said_as_people_write_it_in_each_language() {
    let spaced = |lang| {
        let request = request(50.0);
        say(&of(&built_in(), &request), &request, lang).replace('\u{a0}', " ")
    };
    assert_eq!(
        spaced(Lang::Pl),
        "Mieszkanie, 50 m², pakiet Standard: orientacyjnie 47 450 – 99 500 zł brutto (949–1990 zł/m²). \
         Robocizna i materiały są w cenie. To cały nasz zakres cen, od najniższej (Standard) do najwyższej (Luxury); \
         stawkę dla konkretnego pakietu ustalimy, gdy poznamy zakres prac. VAT 8% jest wliczony. To szacunek na podstawie cennika; \
         ostateczną kwotę ustalimy w umowie. Ceny obowiązują do 22 grudnia 2026."
    );
    assert!(
        spaced(Lang::En).starts_with(
            "Flat, 50 m², Standard package: roughly PLN 47,450–99,500 including VAT (PLN 949–1,990 per m²). "
        ),
        "{}",
        spaced(Lang::En)
    );
    assert!(spaced(Lang::En).ends_with("These prices hold until 22 December 2026."));
    assert!(
        spaced(Lang::De).starts_with(
            "Wohnung, 50 m², Paket Standard: etwa 47.450–99.500 PLN brutto (949–1.990 PLN/m²). "
        ),
        "{}",
        spaced(Lang::De)
    );
    assert!(spaced(Lang::De).ends_with("Die Preise gelten bis 22. Dezember 2026."));
}

#[test]
fn broken_amounts_are_rounded_outwards_in_the_total_and_written_out_per_square_metre() {
    let mut prices = own().prices;
    prices.per_m2.standard.min = Money::from_hundredths(100_050);
    let request = request(33.33);
    let said = say(&of(&list(prices), &request), &request, Lang::Pl).replace('\u{a0}', " ");
    assert!(said.contains("33,33 m²"), "{said}");
    assert!(
        said.contains("33 346 – 39 996 zł netto (1000,50–1200 zł/m²)"),
        "{said}"
    );
}

fn any_request() -> impl Strategy<Value = EstimateRequest> {
    let package = prop::option::of(prop::sample::select(Package::ALL));
    let property = prop::option::of(prop::sample::select(PropertyType::ALL));
    let extras = prop::collection::vec(
        prop::sample::select(vec!["doors", "design", "smart-home", "Sauna"]),
        0..5,
    );
    let city = prop::option::of(prop::sample::select(vec!["Gdańsk", "Radom"]));
    (
        1.0..10_000.0_f64,
        package,
        property,
        city,
        prop::option::of(1..=100_u32),
        extras,
    )
        .prop_map(
            |(area_m2, package, property_type, city, rooms, extras)| EstimateRequest {
                area_m2,
                package,
                property_type,
                city: city.map(str::to_owned),
                rooms,
                extras: extras.into_iter().map(str::to_owned).collect(),
            },
        )
}

proptest! {
    #[test]
    fn a_range_is_one_and_the_lines_of_vat_add_up_to_the_total(request in any_request(), is_gross: bool) {
        let mut prices = own();
        prices.prices.prices_are = if is_gross { PricesAre::Gross } else { PricesAre::Net };
        let told = of(&prices, &request);
        for range in [told.per_m2, told.total, told.total_net, told.total_gross] {
            prop_assert!(Money::ZERO < range.min && range.min <= range.max);
        }
        let sum = |of: fn(&super::VatLine) -> Money| told.vat.iter().map(of).sum::<Money>();
        prop_assert_eq!(sum(|line| line.net.min), told.total_net.min);
        prop_assert_eq!(sum(|line| line.net.max), told.total_net.max);
        prop_assert_eq!(sum(|line| line.net.min) + sum(|line| line.vat.min), told.total_gross.min);
        prop_assert_eq!(sum(|line| line.net.max) + sum(|line| line.vat.max), told.total_gross.max);
        prop_assert_eq!(if is_gross { told.total_gross } else { told.total_net }, told.total);
        for line in &told.vat {
            prop_assert!(line.net.min <= line.net.max && line.vat.min <= line.vat.max);
        }
    }

    #[test]
    fn more_area_never_costs_less(request in any_request(), more in 0.0..100.0_f64) {
        let larger = EstimateRequest { area_m2: (request.area_m2 + more).min(10_000.0), ..request.clone() };
        let (small, large) = (of(&own(), &request), of(&own(), &larger));
        prop_assert!(small.total.min <= large.total.min && small.total.max <= large.total.max);
    }

    #[test]
    fn no_number_makes_it_panic_or_overflow(area_m2: f64, rooms: u32, dear in 1..100_000_000_i64) {
        let mut prices = own().prices;
        let dear = Money::from_hundredths(dear);
        prices.per_m2.standard = MoneyRange { min: dear, max: dear };
        prices.property_factors.flat = 10.0;
        let request = EstimateRequest { rooms: Some(rooms), extras: vec!["doors".into()], ..request(area_m2) };
        if let Ok(told) = estimate(&list(prices), &request, TODAY) {
            prop_assert!(told.total.max < Money::from_hundredths(i64::MAX / 2));
            for lang in Lang::ALL {
                prop_assert!(!say(&told, &request, lang).is_empty());
            }
        }
    }

    #[test]
    fn a_stored_estimate_comes_back_as_it_was(request in any_request()) {
        let told = of(&own(), &request);
        let text = serde_json::to_string(&told).unwrap();
        prop_assert_eq!(serde_json::from_str::<Estimate>(&text).unwrap(), told);
    }
}
