//! The questions and what their answers count.
//!
//! Weights and points are those of version 2.3; there areas and budgets between two bands (40.5 m²) counted nothing, here
//! every number falls in one.

use Package::{Luxury, Premium, Standard};

/// A package the company offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Package {
    Standard,
    Premium,
    Luxury,
}

impl Package {
    /// From the simplest on; at equal points the earlier one is recommended.
    pub(super) const ALL: [Package; 3] = [Self::Standard, Self::Premium, Self::Luxury];

    /// As clients and the company's documents call it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Premium => "premium",
            Self::Luxury => "luxury",
        }
    }
}

/// Points for one package.
pub(super) type Points = (u32, Package);

/// One possible answer.
pub(super) struct Choice {
    /// As clients send it.
    pub(super) value: &'static str,
    /// Other words for it, folded: of version 2.3 and of the three languages.
    pub(super) also: &'static [&'static str],
    pub(super) points: Points,
}

/// How a question is answered.
pub(super) enum Kind {
    /// A number; each band ends at, and includes, its bound, the last has none.
    Number {
        bands: [(f64, Points); 3],
    },
    YesNo {
        yes: Points,
        no: Points,
    },
    Choice(&'static [Choice]),
}

/// One question of the quiz.
pub(super) struct Question {
    /// 1 to 8, as in version 2.3.
    pub(super) id: i64,
    /// Its name in the texts.
    pub(super) key: &'static str,
    /// `number`, `range`, `boolean` or `choice`, as in version 2.3.
    pub(super) type_name: &'static str,
    /// What a number counts.
    pub(super) unit: Option<&'static str>,
    /// Each point counts so often.
    pub(super) weight: u32,
    pub(super) kind: Kind,
}

const fn choice(value: &'static str, also: &'static [&'static str], points: Points) -> Choice {
    Choice {
        value,
        also,
        points,
    }
}

/// The quiz.
pub(super) static QUESTIONS: [Question; 8] = [
    Question {
        id: 1,
        key: "area",
        type_name: "number",
        unit: Some("m²"),
        weight: 10,
        kind: Kind::Number {
            bands: [
                (40.0, (5, Standard)),
                (70.0, (10, Premium)),
                (f64::INFINITY, (15, Luxury)),
            ],
        },
    },
    Question {
        id: 2,
        key: "budget",
        type_name: "range",
        unit: Some("PLN"),
        weight: 20,
        kind: Kind::Number {
            bands: [
                (100_000.0, (5, Standard)),
                (200_000.0, (10, Premium)),
                (f64::INFINITY, (15, Luxury)),
            ],
        },
    },
    Question {
        id: 3,
        key: "quick_deadline",
        type_name: "boolean",
        unit: None,
        weight: 5,
        kind: Kind::YesNo {
            yes: (5, Standard),
            no: (10, Premium),
        },
    },
    Question {
        id: 4,
        key: "materials",
        type_name: "choice",
        unit: None,
        weight: 15,
        kind: Kind::Choice(&[
            choice("basic", &["podstawowe", "einfache"], (5, Standard)),
            choice(
                "medium",
                &["sredniej jakosci", "mid range", "mittlere qualitat"],
                (8, Standard),
            ),
            choice("premium", &[], (12, Premium)),
            choice("luxury", &["luksusowe", "luxuriose"], (15, Luxury)),
        ]),
    },
    Question {
        id: 5,
        key: "property_type",
        type_name: "choice",
        unit: None,
        weight: 8,
        kind: Kind::Choice(&[
            choice(
                "flat",
                &["mieszkanie", "apartment", "wohnung"],
                (5, Standard),
            ),
            choice("house", &["dom", "haus"], (10, Premium)),
            choice(
                "apartment_building",
                &["apartamentowiec", "mehrfamilienhaus"],
                (8, Premium),
            ),
            choice(
                "commercial",
                &[
                    "powierzchnia komercyjna",
                    "commercial space",
                    "gewerbeflache",
                ],
                (12, Luxury),
            ),
        ]),
    },
    Question {
        id: 6,
        key: "style",
        type_name: "choice",
        unit: None,
        weight: 7,
        kind: Kind::Choice(&[
            choice(
                "minimalist",
                &["minimalistyczny", "minimalistisch"],
                (8, Premium),
            ),
            choice("modern", &["nowoczesny"], (10, Premium)),
            choice("classic", &["klasyczny", "klassisch"], (6, Standard)),
            choice(
                "industrial",
                &["industrialny", "industriell"],
                (10, Premium),
            ),
            choice(
                "scandinavian",
                &["skandynawski", "skandinavisch"],
                (9, Premium),
            ),
        ]),
    },
    Question {
        id: 7,
        key: "smart_home",
        type_name: "boolean",
        unit: None,
        weight: 12,
        kind: Kind::YesNo {
            yes: (15, Luxury),
            no: (5, Standard),
        },
    },
    Question {
        id: 8,
        key: "designer",
        type_name: "boolean",
        unit: None,
        weight: 5,
        kind: Kind::YesNo {
            yes: (10, Premium),
            no: (3, Standard),
        },
    },
];
