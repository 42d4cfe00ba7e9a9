//! Words that state a number, a time or a price without being a figure: they may only be said where the evidence says
//! them too. All lists are folded (no case, no diacritics). A word that is guarded without need costs an answer; one that
//! is missing lets something invented through.

/// How a guarded word must be covered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guard {
    /// The very word must stand in the evidence: number words that no figure was made of.
    Word,
    /// A word with this beginning must.
    Term(&'static str),
    /// It must belong to a figure: currencies, percent.
    Attached,
}

/// Number words of all three languages, by their beginnings.
const NUMBERS: &[&str] = &[
    // Polish
    "dwa",
    "dwie",
    "dwo",
    "dwu",
    "trzy",
    "trze",
    "czter",
    "czwor",
    "czwart",
    "piec",
    "piet",
    "piat",
    "szes",
    "szos",
    "siedem",
    "siodm",
    "siedmi",
    "osiem",
    "osm",
    "dziewi",
    "dziesi",
    "jedena",
    "jednoro",
    "jednodn",
    "jednomies",
    "jednotyg",
    "setk",
    "setek",
    "setn",
    "dwust",
    "tysi",
    "milion",
    "miliard",
    "polow",
    "poltor",
    "polrocz",
    "cwier",
    "kwadrans",
    "tuzin",
    "podwoj",
    "potroj",
    "zero",
    "zera",
    // English
    "two",
    "three",
    "four",
    "fort",
    "five",
    "fift",
    "six",
    "seven",
    "eight",
    "nine",
    "tenth",
    "eleven",
    "twel",
    "thirt",
    "third",
    "twent",
    "hundred",
    "thousand",
    "million",
    "billion",
    "dozen",
    "half",
    "halve",
    "quart",
    "doubl",
    "tripl",
    "twice",
    // German
    "zwei",
    "zwo",
    "drei",
    "vier",
    "funf",
    "fuenf",
    "sechs",
    "sechz",
    "sieb",
    "achtz",
    "achtm",
    "achtj",
    "achtw",
    "achtt",
    "achth",
    "achtu",
    "neun",
    "zehn",
    "elft",
    "hundert",
    "tausend",
    "milliard",
    "dutzend",
    "halb",
    "halft",
    "haelft",
    "anderthalb",
    "doppel",
    "einhalb",
    "einein",
    "einmon",
    "einjah",
    "einjaeh",
    "einwoch",
    "eintag",
    "einstund",
    "einhund",
    "eintaus",
];
/// Number words that are no beginnings.
const NUMBER_WORDS: &[&str] = &[
    "sto", "stu", "pol", "set", "tys", "mln", "mld", "ten", "tens", "acht", "elf", "mio", "tsd",
    "grand", "k",
];
/// What stands inside of number words: "kilkanaście", "fourteen", "Einundzwanzig".
const NUMBER_PARTS: &[&str] = &[
    "nascie", "nasci", "nastu", "nasto", "dziesci", "dziesia", "dziesie", "dziest", "krotn",
    "teen", "hundred", "thousand", "zehn", "zwanzig", "dreissig", "vierzig", "funfzig", "sechzig",
    "siebzig", "achtzig", "neunzig", "hundert", "tausend",
];
/// Beginnings of ordinary words that look like one of the above.
const NO_NUMBERS: &[&str] = &[
    "trzeb", "trzym", "dworz", "dworc", "piecz", "pietr", "fortun", "zweif", "szosta", "foursq",
    "siebd",
];
/// Ordinals and pronouns that are ordinary words, but dates beside a month or a measure of time.
const ORDINALS: &[&str] = &[
    "pierwszy",
    "pierwsza",
    "pierwsze",
    "pierwszego",
    "pierwszej",
    "pierwszym",
    "drugi",
    "druga",
    "drugie",
    "drugiego",
    "drugiej",
    "first",
    "second",
    "last",
    "erste",
    "ersten",
    "erster",
    "erstes",
    "achte",
    "achten",
    "achter",
    "letzte",
    "letzten",
    "ostatni",
    "ostatniego",
    "jeden",
    "jedna",
    "jednego",
    "jednej",
    "one",
    "ein",
    "eine",
    "einen",
    "einem",
    "einer",
];

/// Times and what is given away, by their beginnings: measures, days, months, seasons, discounts.
const TERMS: &[&str] = &[
    "sekund",
    "minut",
    "godz",
    "dzien",
    "dni",
    "tydz",
    "tygod",
    "weekend",
    "miesi",
    "kwartal",
    "rocz",
    "dekad",
    "dozywot",
    "wieczyst",
    "hour",
    "day",
    "dail",
    "week",
    "month",
    "year",
    "annual",
    "decade",
    "fortnight",
    "lifetim",
    "stund",
    "tag",
    "tage",
    "werktag",
    "arbeitstag",
    "feiertag",
    "woche",
    "wochig",
    "wochentl",
    "woechent",
    "monat",
    "jahr",
    "jaehr",
    "lebenslang",
    "lebenslan",
    // days
    "dzis",
    "jutr",
    "pojutrz",
    "wczoraj",
    "today",
    "tonight",
    "tomorrow",
    "yesterday",
    "heut",
    "ubermorgen",
    "gestern",
    "poniedzial",
    "wtor",
    "czwartek",
    "czwartk",
    "piatek",
    "piatk",
    "sobot",
    "niedziel",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "montag",
    "dienstag",
    "mittwoch",
    "donnerstag",
    "freitag",
    "samstag",
    "sonnabend",
    "sonntag",
    "wochenend",
    "poludni",
    "popoludni",
    "wieczor",
    "polnoc",
    "noon",
    "midnight",
    "morning",
    "evening",
    "afternoon",
    "vormittag",
    "nachmittag",
    "mittag",
    "abend",
    // months and seasons
    "stycz",
    "kwiet",
    "kwiec",
    "czerwc",
    "czerwie",
    "lipc",
    "lipiec",
    "sierp",
    "wrzes",
    "pazdz",
    "listopad",
    "grudn",
    "grudz",
    "januar",
    "janner",
    "februar",
    "april",
    "june",
    "juni",
    "july",
    "juli",
    "august",
    "septem",
    "octob",
    "oktob",
    "novem",
    "decem",
    "dezem",
    "wiosn",
    "jesien",
    "summer",
    "autumn",
    "winter",
    "fruhling",
    "fruehling",
    "sommer",
    "herbst",
    // what is given away
    "darmo",
    "gratis",
    "bezplat",
    "nieodplat",
    "kostenlos",
    "kostenfrei",
    "umsonst",
    "unentgelt",
    "gebuhrenfrei",
    "complimentary",
    "rabat",
    "znizk",
    "promocj",
    "promotion",
    "discount",
    "bonus",
    "gutschein",
    "voucher",
    "coupon",
    "nachlass",
    "upust",
    "prezent",
    // addresses in words
    "http",
    "www",
    "kropk",
    "malpa",
    "klammeraff",
    "ukosnik",
    "slash",
];
/// Terms that are no beginnings.
const TERM_WORDS: &[&str] = &[
    "rok", "roku", "rokiem", "lat", "lata", "latach", "latami", "letni", "letnia", "letnie",
    "letniej", "doba", "doby", "dobe", "dobie", "rano", "luty", "lutego", "lutym", "marzec",
    "marca", "marcu", "maj", "maja", "maju", "majem", "marz", "maerz", "mai", "lato", "latem",
    "zima", "zime", "zimie", "morgen", "morgens", "sroda", "srode", "srody", "srodowy", "pn", "wt",
    "czw", "pt", "ndz", "mon", "tue", "wed", "thu", "fri", "jan", "feb", "apr", "aug", "sept",
    "oct", "nov", "dec", "dez", "okt", "free", "dot", "com", "org",
];
/// Terms written with a capital only; without one they are ordinary words.
const PROPER: &[&str] = &[
    "May", "MAY", "March", "MARCH", "Spring", "Mo", "Di", "Mi", "Do", "Fr", "Sa", "So",
];

/// Currencies and percent, by their beginnings.
const MONEY: &[&str] = &[
    "zlot", "dolar", "dollar", "euro", "pound", "funt", "quid", "grosz", "bitcoin", "hrywn",
    "forint", "rubel", "rubl", "procent", "prozent", "percent", "franken", "frank", "koron",
];
const MONEY_WORDS: &[&str] = &[
    "zl", "pln", "eur", "usd", "gbp", "chf", "czk", "uah", "btc", "cent", "cents", "centow",
    "zlotowki", "zlotowek",
];

/// Two words that greet or wish and state no time.
const GREETINGS: &[(&str, &str)] = &[
    ("dzien", "dobry"),
    ("dobry", "wieczor"),
    ("milego", "dnia"),
    ("guten", "tag"),
    ("guten", "morgen"),
    ("guten", "abend"),
    ("schonen", "tag"),
    ("schoenen", "tag"),
    ("good", "morning"),
    ("good", "afternoon"),
    ("good", "evening"),
    ("good", "day"),
    ("nice", "day"),
    ("feel", "free"),
];

fn begins(word: &str, beginnings: &'static [&'static str]) -> Option<&'static str> {
    beginnings
        .iter()
        .copied()
        .filter(|beginning| word.starts_with(beginning))
        .max_by_key(|beginning| beginning.len())
}

/// How `folded` is guarded, if it is; `written` is the word with its case, `beside_mark` says that a dash or a dot
/// stands beside it.
pub(super) fn guard(folded: &str, written: &str, beside_mark: bool) -> Option<Guard> {
    let is = |words: &[&str]| words.contains(&folded);
    if is(MONEY_WORDS) || begins(folded, MONEY).is_some() || is_glued_sum(folded) {
        return Some(Guard::Attached);
    }
    if PROPER.contains(&written) {
        // "Mo–Fr" are days, "So" and "Do" at the head of a sentence are not.
        return (written.len() > 2 || beside_mark).then_some(Guard::Word);
    }
    if let Some(word) = TERM_WORDS.iter().find(|word| **word == folded) {
        return Some(Guard::Term(word));
    }
    if let Some(beginning) = begins(folded, TERMS) {
        return Some(Guard::Term(beginning));
    }
    let is_number = is(NUMBER_WORDS)
        || begins(folded, NUMBERS).is_some()
        || NUMBER_PARTS.iter().any(|part| folded.contains(part));
    let is_roman = (written.len() > 1 || matches!(written, "V" | "X"))
        && written.chars().all(|c| "IVXLCDM".contains(c));
    let is_ordinary = begins(folded, NO_NUMBERS).is_some();
    (is_roman || looks_like_digits(written) || is_number && !is_ordinary).then_some(Guard::Word)
}

/// Letters that stand for digits, and a currency right behind them: "llzł".
fn is_glued_sum(folded: &str) -> bool {
    MONEY_WORDS.iter().any(|money| {
        let digits = folded.strip_suffix(money).unwrap_or_default();
        !digits.is_empty() && digits.chars().all(|c| "oliszbgq".contains(c))
    })
}

/// Letters that stand for digits: "lO", "IOO", "oo". Words like "oil" are none.
fn looks_like_digits(written: &str) -> bool {
    let is_of = |letters: &str| written.chars().all(|c| letters.contains(c));
    let has_hump = written
        .chars()
        .zip(written.chars().skip(1))
        .any(|(one, next)| one.is_lowercase() && next.is_uppercase());
    has_hump
        || written == "l"
        || written.len() > 1 && is_of("OILSBZGQ")
        || written.len() > 1 && is_of("oli") && !matches!(written, "oil" | "ill")
}

/// Whether an ordinal or an article, which states a date only beside a word of time.
pub(super) fn is_ordinal(folded: &str) -> bool {
    ORDINALS.contains(&folded)
}

/// Whether two words are a greeting or a wish.
pub(super) fn is_greeting(first: &str, second: &str) -> bool {
    GREETINGS.contains(&(first, second))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::folding::folded;

    fn guarded(written: &str) -> Option<Guard> {
        guard(&folded(written), written, false)
    }

    #[test]
    fn numbers_times_and_prices_in_words_are_guarded() {
        for word in [
            "trzyletnia",
            "kilkanaście",
            "dwukrotnie",
            "pięciu",
            "sto",
            "tysięcy",
            "half",
            "fourteen",
            "dozen",
            "zweijährig",
            "dreimonatige",
            "Einundzwanzig",
            "anderthalb",
            "XII",
            "MCMXC",
            "V",
            "lO",
            "IOO",
            "oo",
            "SO",
        ] {
            assert_eq!(guarded(word), Some(Guard::Word), "{word}");
        }
        for word in [
            "lat",
            "miesięcznie",
            "jutro",
            "Freitag",
            "marcu",
            "bezpłatnie",
            "kostenlose",
            "lifetime",
        ] {
            assert!(matches!(guarded(word), Some(Guard::Term(_))), "{word}");
        }
        for word in ["zł", "złotych", "PLN", "Euro", "procent", "llzł", "lOOpln"] {
            assert_eq!(guarded(word), Some(Guard::Attached), "{word}");
        }
    }

    #[test]
    fn ordinary_words_are_free() {
        for word in [
            "trzeba",
            "mieszkanie",
            "wykończenie",
            "our",
            "team",
            "may",
            "march",
            "Angebot",
            "zweifellos",
            "Küche",
            "łazienka",
            "gwarancja",
            "So",
            "Do",
            "piętro",
            "fortunately",
            "achten",
            "I",
        ] {
            assert_eq!(guarded(word), None, "{word}");
        }
    }
}
