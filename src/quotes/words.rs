//! Estimates in words, as people write them in Polish, English and German.

use jiff::civil::Date;

use super::model::{Assumption, Estimate, EstimateRequest, Package, PropertyType};
use super::money::{Money, MoneyRange};
use super::prices::{PriceList, PricesAre};
use crate::nlu::Lang;

/// The chat message: the range, what it holds for, what was assumed and how long it counts.
pub fn say(estimate: &Estimate, request: &EstimateRequest, lang: Lang) -> String {
    let what = subject(estimate, request, lang);
    let currency = estimate.currency.as_str();
    let total = range(whole(estimate.total), currency, lang);
    let per_m2 = range(estimate.per_m2, currency, lang);
    let tax = tax_words(estimate.prices_are, lang);
    let first = match lang {
        Lang::Pl => format!("{what}: orientacyjnie {total} {tax} ({per_m2}/m²)."),
        Lang::En => format!("{what}: roughly {total} {tax} ({per_m2} per m²)."),
        Lang::De => format!("{what}: etwa {total} {tax} ({per_m2}/m²)."),
    };
    let mut sentences = vec![first];
    sentences.extend(assumptions(estimate, lang));
    let until = date(estimate.valid_until, lang);
    sentences.push(match lang {
        Lang::Pl => format!("Ceny obowiązują do {until}."),
        Lang::En => format!("These prices hold until {until}."),
        Lang::De => format!("Die Preise gelten bis {until}."),
    });
    sentences.join(" ")
}

/// The price of a square metre before any factor: of one package, or over all of them.
pub fn say_per_m2(list: &PriceList, package: Option<Package>, lang: Lang) -> String {
    let per_package = &list.prices.per_m2;
    let price = package.map_or_else(|| per_package.all(), |package| per_package.of(package));
    let price = range(price, &list.prices.currency, lang);
    let tax = tax_words(list.prices.prices_are, lang);
    match (package.map(package_name), lang) {
        (Some(name), Lang::Pl) => {
            format!("Pakiet {name}: {price}/m² {tax}, z robocizną i materiałami.")
        }
        (Some(name), Lang::En) => {
            format!("{name} package: {price} per m² {tax}, labour and materials included.")
        }
        (Some(name), Lang::De) => {
            format!("Paket {name}: {price}/m² {tax}, Arbeit und Material inbegriffen.")
        }
        (None, Lang::Pl) => format!("Nasze ceny: {price}/m² {tax}, z robocizną i materiałami."),
        (None, Lang::En) => {
            format!("Our prices: {price} per m² {tax}, labour and materials included.")
        }
        (None, Lang::De) => {
            format!("Unsere Preise: {price}/m² {tax}, Arbeit und Material inbegriffen.")
        }
    }
}

fn tax_words(prices_are: PricesAre, lang: Lang) -> &'static str {
    match (prices_are, lang) {
        (PricesAre::Gross, Lang::Pl | Lang::De) => "brutto",
        (PricesAre::Gross, Lang::En) => "including VAT",
        (PricesAre::Net, Lang::Pl | Lang::De) => "netto",
        (PricesAre::Net, Lang::En) => "plus VAT",
    }
}

/// Everything the estimate rests on, one sentence each.
pub(super) fn assumptions(estimate: &Estimate, lang: Lang) -> Vec<String> {
    let included = match lang {
        Lang::Pl => "Robocizna i materiały są w cenie.",
        Lang::En => "Labour and materials are included.",
        Lang::De => "Arbeit und Material sind inbegriffen.",
    };
    let mut sentences = vec![included.to_owned()];
    if !estimate.extras.is_empty() {
        sentences.push(extras(estimate, lang));
    }
    let all = estimate.assumptions.iter();
    sentences.extend(all.map(|assumption| sentence(assumption, estimate.prices_are, lang)));
    let no_offer = match lang {
        Lang::Pl => "To szacunek na podstawie cennika; ostateczną kwotę ustalimy w umowie.",
        Lang::En => {
            "This is an estimate from our price list; the final amount is agreed in the contract."
        }
        Lang::De => {
            "Das ist eine Schätzung nach unserer Preisliste; den endgültigen Betrag vereinbaren wir im Vertrag."
        }
    };
    sentences.push(no_offer.to_owned());
    sentences
}

/// What is priced, in the nominative, so that no name has to be inflected.
fn subject(estimate: &Estimate, request: &EstimateRequest, lang: Lang) -> String {
    let mut parts = Vec::new();
    if let Some(property) = request.property_type {
        parts.push(property_name(property, lang).to_owned());
    }
    parts.push(format!("{}\u{a0}m²", decimal(estimate.area_m2, lang)));
    if let Some(package) = request.package {
        let name = package_name(package);
        parts.push(match lang {
            Lang::Pl => format!("pakiet {name}"),
            Lang::En => format!("{name} package"),
            Lang::De => format!("Paket {name}"),
        });
    }
    if let Some(city) = &request.city {
        parts.push(city.trim().to_owned());
    }
    parts.join(", ")
}

fn package_name(package: Package) -> &'static str {
    match package {
        Package::Standard => "Standard",
        Package::Premium => "Premium",
        Package::Luxury => "Luxury",
    }
}

fn property_name(property: PropertyType, lang: Lang) -> &'static str {
    match (property, lang) {
        (PropertyType::Flat, Lang::Pl) => "Mieszkanie",
        (PropertyType::Flat, Lang::En) => "Flat",
        (PropertyType::Flat, Lang::De) => "Wohnung",
        (PropertyType::House, Lang::Pl) => "Dom",
        (PropertyType::House, Lang::En) => "House",
        (PropertyType::House, Lang::De) => "Haus",
        (PropertyType::Studio, Lang::Pl) => "Kawalerka",
        (PropertyType::Studio, Lang::En) => "Studio flat",
        (PropertyType::Studio, Lang::De) => "Einzimmerwohnung",
        (PropertyType::Commercial, Lang::Pl) => "Lokal użytkowy",
        (PropertyType::Commercial, Lang::En) => "Commercial space",
        (PropertyType::Commercial, Lang::De) => "Gewerbefläche",
    }
}

fn extras(estimate: &Estimate, lang: Lang) -> String {
    let items: Vec<String> = estimate
        .extras
        .iter()
        .map(|line| {
            let one = MoneyRange {
                min: line.total,
                max: line.total,
            };
            let price = range(one, &estimate.currency, lang);
            format!("{} ({price})", line.name(lang))
        })
        .collect();
    let items = items.join(", ");
    match lang {
        Lang::Pl => format!("W kwocie są dodatki: {items}."),
        Lang::En => format!("The amount includes extras: {items}."),
        Lang::De => format!("Im Betrag enthaltene Extras: {items}."),
    }
}

fn sentence(assumption: &Assumption, prices_are: PricesAre, lang: Lang) -> String {
    let text = match assumption {
        Assumption::ReducedVat { rate } | Assumption::StandardVat { rate } => {
            return one_rate(*rate, prices_are, lang);
        }
        Assumption::SplitVat {
            reduced,
            standard,
            limit_m2,
        } => return two_rates([*reduced, *standard, *limit_m2], prices_are, lang),
        Assumption::DesignVat { rate } => {
            return match lang {
                Lang::Pl => format!("Projekt jest objęty VAT {rate}%."),
                Lang::En => format!("Design work carries {rate}% VAT."),
                Lang::De => format!("Für die Planung gelten {rate}\u{a0}% MwSt."),
            };
        }
        Assumption::CityNotListed { city } => {
            return match lang {
                Lang::Pl => format!(
                    "Dla miejscowości {city} nie mamy osobnej stawki, policzyliśmy bez dopłaty za lokalizację."
                ),
                Lang::En => format!(
                    "We have no separate rate for {city} and calculated without a surcharge."
                ),
                Lang::De => format!(
                    "Für {city} haben wir keinen eigenen Satz; gerechnet ist ohne Ortszuschlag."
                ),
            };
        }
        Assumption::PricedIndividually { extras } => {
            let items = extras.join(", ");
            return match lang {
                Lang::Pl => format!("Wyceniamy indywidualnie, poza tą kwotą: {items}."),
                Lang::En => format!("Priced individually, on top of this amount: {items}."),
                Lang::De => {
                    format!("Individuell berechnet und im Betrag nicht enthalten: {items}.")
                }
            };
        }
        Assumption::OneRangeForAllPackages => [
            "To cały nasz zakres cen, od najniższej (Standard) do najwyższej (Luxury); stawkę dla konkretnego pakietu ustalimy, gdy poznamy zakres prac.",
            "This is our whole price range, from the lowest (Standard) to the highest (Luxury); we'll settle the rate for a particular package once we know the scope.",
            "Das ist unsere gesamte Preisspanne, vom niedrigsten (Standard) bis zum höchsten Preis (Luxury); den Preis für ein bestimmtes Paket klären wir, sobald der Umfang feststeht.",
        ][lang as usize],
        Assumption::AllPackages => [
            "Zakres obejmuje wszystkie pakiety, od Standard do Luxury.",
            "The range covers all packages, from Standard to Luxury.",
            "Die Spanne umfasst alle Pakete, von Standard bis Luxury.",
        ][lang as usize],
        Assumption::TakenAsFlat => [
            "Przyjęliśmy, że chodzi o mieszkanie.",
            "We assumed it's a flat.",
            "Wir sind von einer Wohnung ausgegangen.",
        ][lang as usize],
        Assumption::CityUnknown => [
            "Cena zależy też od miasta, policzyliśmy bez dopłaty za lokalizację.",
            "The price also depends on the city; we calculated without a surcharge.",
            "Der Preis hängt auch vom Ort ab; gerechnet ist ohne Ortszuschlag.",
        ][lang as usize],
    };
    text.to_owned()
}

fn one_rate(rate: u32, prices_are: PricesAre, lang: Lang) -> String {
    match (prices_are, lang) {
        (PricesAre::Gross, Lang::Pl) => format!("VAT {rate}% jest wliczony."),
        (PricesAre::Gross, Lang::En) => format!("{rate}% VAT is included."),
        (PricesAre::Gross, Lang::De) => format!("{rate}\u{a0}% MwSt. sind enthalten."),
        (PricesAre::Net, Lang::Pl) => format!("Do ceny dochodzi VAT {rate}%."),
        (PricesAre::Net, Lang::En) => format!("{rate}% VAT comes on top."),
        (PricesAre::Net, Lang::De) => format!("Hinzu kommen {rate}\u{a0}% MwSt."),
    }
}

/// * `numbers`: the reduced rate, the standard rate, the limit in m².
fn two_rates(numbers: [u32; 3], prices_are: PricesAre, lang: Lang) -> String {
    let [reduced, standard, limit] = numbers;
    let start = match (prices_are, lang) {
        (PricesAre::Gross, Lang::Pl) => "VAT jest wliczony",
        (PricesAre::Gross, Lang::En) => "VAT is included",
        (PricesAre::Gross, Lang::De) => "Die MwSt. ist enthalten",
        (PricesAre::Net, Lang::Pl) => "Do ceny dochodzi VAT",
        (PricesAre::Net, Lang::En) => "VAT comes on top",
        (PricesAre::Net, Lang::De) => "Hinzu kommt die MwSt.",
    };
    match lang {
        Lang::Pl => format!(
            "{start}: {reduced}% od powierzchni do {limit}\u{a0}m² i {standard}% od pozostałej."
        ),
        Lang::En => {
            format!("{start}: {reduced}% on the first {limit}\u{a0}m² and {standard}% on the rest.")
        }
        Lang::De => format!(
            "{start}: {reduced}\u{a0}% für die ersten {limit}\u{a0}m² und {standard}\u{a0}% für den Rest."
        ),
    }
}

/// From–to without fractions: down to the unit below and up to the one above, so that the range stays true.
fn whole(range: MoneyRange) -> MoneyRange {
    let unit = |units: i64| Money::from_hundredths(units * 100);
    MoneyRange {
        min: unit(range.min.hundredths().div_euclid(100)),
        max: unit((range.max.hundredths() + 99).div_euclid(100)),
    }
}

/// `47 450 – 99 500 zł`, `PLN 47,450–99,500`, `47.450–99.500 PLN`; one amount when both ends are the same.
fn range(range: MoneyRange, currency: &str, lang: Lang) -> String {
    let (min, max) = (amount(range.min, lang), amount(range.max, lang));
    // Beside numbers that hold spaces themselves, a dash without any would join the wrong digits.
    let dash = if min.contains('\u{a0}') || max.contains('\u{a0}') {
        "\u{a0}– "
    } else {
        "–"
    };
    let numbers = if min == max {
        min
    } else {
        format!("{min}{dash}{max}")
    };
    match (lang, currency) {
        (Lang::Pl, "PLN") => format!("{numbers}\u{a0}zł"),
        (Lang::Pl | Lang::De, _) => format!("{numbers}\u{a0}{currency}"),
        (Lang::En, _) => format!("{currency}\u{a0}{numbers}"),
    }
}

/// One amount, with two decimals only when it has some.
fn amount(amount: Money, lang: Lang) -> String {
    let hundredths = amount.hundredths();
    let units = grouped(hundredths / 100, lang);
    match hundredths % 100 {
        0 => units,
        rest => format!("{units}{}{rest:02}", decimal_mark(lang)),
    }
}

/// One amount without marks between thousands, for texts that say the unit themselves.
pub fn plain_amount(amount: Money, lang: Lang) -> String {
    let hundredths = amount.hundredths();
    match hundredths % 100 {
        0 => (hundredths / 100).to_string(),
        rest => format!("{}{}{rest:02}", hundredths / 100, decimal_mark(lang)),
    }
}

fn decimal_mark(lang: Lang) -> char {
    match lang {
        Lang::En => '.',
        Lang::Pl | Lang::De => ',',
    }
}

/// Polish sets four digits without a space.
fn grouped(number: i64, lang: Lang) -> String {
    let digits = number.to_string();
    if lang == Lang::Pl && digits.len() <= 4 {
        return digits;
    }
    let mark = match lang {
        Lang::Pl => '\u{a0}',
        Lang::En => ',',
        Lang::De => '.',
    };
    let mut grouped = String::with_capacity(digits.len() + 4);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(mark);
        }
        grouped.push(digit);
    }
    grouped
}

/// Up to two decimals, none when there are none.
fn decimal(number: f64, lang: Lang) -> String {
    let text = number.to_string();
    let (units, rest) = text.split_once('.').unwrap_or((&text, ""));
    let units = units
        .parse()
        .map_or_else(|_| units.to_owned(), |units| grouped(units, lang));
    if rest.is_empty() {
        units
    } else {
        format!("{units}{}{rest}", decimal_mark(lang))
    }
}

/// `22 grudnia 2026`, `22 December 2026`, `22. Dezember 2026`.
pub(super) fn date(date: Date, lang: Lang) -> String {
    const MONTHS: [[&str; 3]; 12] = [
        ["stycznia", "January", "Januar"],
        ["lutego", "February", "Februar"],
        ["marca", "March", "März"],
        ["kwietnia", "April", "April"],
        ["maja", "May", "Mai"],
        ["czerwca", "June", "Juni"],
        ["lipca", "July", "Juli"],
        ["sierpnia", "August", "August"],
        ["września", "September", "September"],
        ["października", "October", "Oktober"],
        ["listopada", "November", "November"],
        ["grudnia", "December", "Dezember"],
    ];
    let month = MONTHS[usize::from(date.month().unsigned_abs()) - 1][lang as usize];
    let dot = if lang == Lang::De { "." } else { "" };
    format!("{}{dot}\u{a0}{month} {}", date.day(), date.year())
}
