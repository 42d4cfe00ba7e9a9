//! A small training set for the tests of this slice.

use super::{Lang, OUT_OF_SCOPE, Phrase, TrainingSet};

const PHRASES: &[(Lang, &str, &[&str])] = &[
    (
        Lang::Pl,
        "price",
        &[
            "ile kosztuje metr",
            "jaka jest cena",
            "ile zapłacę za wykończenie",
            "cennik",
            "jakie są koszty",
        ],
    ),
    (
        Lang::Pl,
        "duration",
        &[
            "jak długo to trwa",
            "ile czasu zajmuje remont",
            "ile tygodni",
            "czas realizacji",
            "kiedy skończycie",
        ],
    ),
    (
        Lang::Pl,
        "warranty",
        &[
            "czy dajecie gwarancję",
            "jaka gwarancja",
            "ile lat gwarancji",
            "rękojmia na prace",
            "okres gwarancyjny",
        ],
    ),
    (
        Lang::Pl,
        OUT_OF_SCOPE,
        &[
            "jaka będzie pogoda",
            "kto wygrał mecz",
            "przepis na sernik",
            "opowiedz żart",
            "kupię samochód",
        ],
    ),
    (
        Lang::En,
        "price",
        &[
            "how much is it",
            "what does it cost",
            "price per metre",
            "your prices please",
            "is it expensive",
        ],
    ),
    (
        Lang::En,
        "duration",
        &[
            "how long does it take",
            "how many weeks",
            "when will it be finished",
            "time needed",
            "duration of the works",
        ],
    ),
    (
        Lang::En,
        "warranty",
        &[
            "do you give a warranty",
            "is there a guarantee",
            "how long is the warranty",
            "guarantee on tiles",
            "warranty terms",
        ],
    ),
    (
        Lang::En,
        OUT_OF_SCOPE,
        &[
            "what is the weather like",
            "who won the match",
            "a recipe for cheesecake",
            "tell me a joke",
            "buy a car",
        ],
    ),
    (
        Lang::De,
        "price",
        &[
            "was kostet das",
            "wie teuer ist der Ausbau",
            "Preis pro Quadratmeter",
            "Preise bitte",
            "wie hoch sind die Kosten",
        ],
    ),
    (
        Lang::De,
        "duration",
        &[
            "wie lange dauert das",
            "wie viele Wochen",
            "wann seid ihr fertig",
            "Dauer der Arbeiten",
            "wie viel Zeit braucht ihr",
        ],
    ),
    (
        Lang::De,
        "warranty",
        &[
            "gibt es eine Garantie",
            "wie lange ist die Gewährleistung",
            "Garantie auf Fliesen",
            "Garantiezeit",
            "habe ich Gewähr",
        ],
    ),
    (
        Lang::De,
        OUT_OF_SCOPE,
        &[
            "wie wird das Wetter",
            "wer hat das Spiel gewonnen",
            "Rezept für Käsekuchen",
            "erzähl einen Witz",
            "Auto kaufen",
        ],
    ),
];

const TEXTS: &[(Lang, &str)] = &[
    (
        Lang::Pl,
        "Wykańczamy mieszkania i domy pod klucz. Zajmujemy się wszystkim, od projektu przez zakupy aż do sprzątania, żebyś mógł się po prostu wprowadzić.",
    ),
    (
        Lang::En,
        "We finish flats and houses to the point where you can move in. We take care of everything, from the design and the shopping to the cleaning.",
    ),
    (
        Lang::De,
        "Wir bauen Wohnungen und Häuser schlüsselfertig aus. Wir kümmern uns um alles, vom Entwurf über den Einkauf bis zur Reinigung, damit Sie nur noch einziehen müssen.",
    ),
];

/// Four intents with five phrases in each language, and a text in each.
pub fn set() -> TrainingSet {
    let phrase = |lang: Lang, intent: &str, text: &str| Phrase {
        lang,
        intent: intent.to_owned(),
        text: text.to_owned(),
    };
    TrainingSet {
        phrases: PHRASES
            .iter()
            .flat_map(|(lang, intent, texts)| {
                texts.iter().map(move |text| phrase(*lang, intent, text))
            })
            .collect(),
        texts: TEXTS
            .iter()
            .map(|(lang, text)| (*lang, (*text).to_owned()))
            .collect(),
    }
}

/// Texts that have broken such code before: nothing readable, mixed scripts, styled letters, marks
/// without letters, very long words.
pub fn hostile() -> Vec<String> {
    let mut all: Vec<String> = [
        "",
        " ",
        "?",
        "\u{0}",
        "\u{200b}",
        "\u{202e}ecneraug",
        "👋",
        "🏳️‍🌈",
        "cena😀garancja",
        "ŻÓŁĆ",
        "İstanbul ıI",
        "ﷺﷺﷺ",
        "цена гарантия",
        "価格はいくらですか",
        "كم السعر",
        "c\u{337}e\u{337}n\u{337}a",
        "𝐜𝐞𝐧𝐚",
        "²³½",
        "ß",
        "\u{fffd}",
        "e\u{301}",
        "'; DROP TABLE phrases; --",
        "<script>alert(1)</script>",
        "{{ cena }}",
        "\r\n\t",
    ]
    .map(str::to_owned)
    .to_vec();
    for piece in [
        "a",
        "ż",
        "cena ",
        "👋",
        "\u{301}",
        "\u{1d41a}",
        " ",
        "ﷺ",
        "ae",
    ] {
        all.push(piece.repeat(100_000));
    }
    all
}
