//! Words that state a number, a time or a price without being a figure: they may only be said where the evidence says
//! them too. All lists are folded (no case, no diacritics). A word that is guarded without need costs an answer; one that
//! is missing lets something invented through.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::LazyLock;

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
const NUMBERS: &str = "
    dwa dwie dwo dwu trzy trze czter czwor czwart piec piet piat szes szos siedem siodm siedmi osiem osm dziewi
    dziesi jedena jednoro jednodn jednomies jednotyg setk setek setn dwust tysi milion miliard polow poltor polrocz
    cwier kwadrans tuzin podwoj potroj zero zera two three four fort five fift six seven eight nine tenth eleven
    twel thirt third twent hundred thousand million billion dozen half halve quart doubl tripl twice zwei zwo drei
    vier funf fuenf sechs sechz sieb achtz achtm achtj achtw achtt achth achtu neun zehn elft hundert tausend
    milliard dutzend halb halft haelft anderthalb doppel einhalb einein einmon einjah einjaeh einwoch eintag
    einstund einhund eintaus
";
/// Number words that are no beginnings.
const NUMBER_WORDS: &str = "
    sto stu pol set tys mln mld ten tens acht elf mio tsd grand k
";
/// What stands inside of number words: "kilkanaście", "fourteen", "Einundzwanzig".
const NUMBER_PARTS: &str = "
    nascie nasci nastu nasto dziesci dziesia dziesie dziest krotn teen hundred thousand zehn zwanzig dreissig
    vierzig funfzig sechzig siebzig achtzig neunzig hundert tausend
";
/// Beginnings of ordinary words that look like one of the above.
const NO_NUMBERS: &str = "
    trzeb trzym dworz dworc piecz pietr fortun zweif szosta foursq siebd
";
/// Ordinals and pronouns that are ordinary words, but dates beside a month or a measure of time.
const ORDINALS: &str = "
    pierwszy pierwsza pierwsze pierwszego pierwszej pierwszym drugi druga drugie drugiego drugiej first second last
    erste ersten erster erstes achte achten achter letzte letzten ostatni ostatniego jeden jedna jednego jednej one
    ein eine einen einem einer
";

/// Times and what is given away, by their beginnings: measures, days, months, seasons, discounts.
const TERMS: &str = "
    sekund minut godz dzien dni tydz tygod weekend miesi kwartal rocz dekad dozywot wieczyst hour day dail week
    month year annual decade fortnight lifetim stund tag tage werktag arbeitstag feiertag woche wochig wochentl
    woechent monat jahr jaehr lebenslang lebenslan dzis jutr pojutrz wczoraj today tonight tomorrow yesterday heut
    ubermorgen gestern poniedzial wtor czwartek czwartk piatek piatk sobot niedziel monday tuesday wednesday
    thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag wochenend
    poludni popoludni wieczor polnoc noon midnight morning evening afternoon vormittag nachmittag mittag abend stycz
    kwiet kwiec czerwc czerwie lipc lipiec sierp wrzes pazdz listopad grudn grudz januar janner februar april june
    juni july juli august septem octob oktob novem decem dezem wiosn jesien summer autumn winter fruhling fruehling
    sommer herbst darmo gratis bezplat nieodplat kostenlos kostenfrei umsonst unentgelt gebuhrenfrei complimentary
    rabat znizk promocj promotion discount bonus gutschein voucher coupon nachlass upust prezent http www kropk
    malpa klammeraff ukosnik slash
";
/// Terms that are no beginnings.
const TERM_WORDS: &str = "
    rok roku rokiem lat lata latach latami letni letnia letnie letniej doba doby dobe dobie rano luty lutego lutym
    marzec marca marcu maj maja maju majem marz maerz mai lato latem zima zime zimie morgen morgens sroda srode
    srody srodowy pn wt czw pt ndz mon tue wed thu fri jan feb apr aug sept oct nov dec dez okt free dot com org
";
/// Terms written with a capital only; without one they are ordinary words.
const PROPER: &str = "
    May MAY March MARCH Spring Mo Di Mi Do Fr Sa So
";

/// Currencies and percent, by their beginnings.
const MONEY: &str = "
    zlot dolar dollar euro pound funt quid grosz bitcoin hrywn forint rubel rubl procent prozent percent franken
    frank koron
";
const MONEY_WORDS: &str = "
    zl pln eur usd gbp chf czk uah btc cent cents centow zlotowki zlotowek
";

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

/// The lists, cut into words once.
struct Lists {
    numbers: Vec<&'static str>,
    number_words: HashSet<&'static str>,
    number_parts: Vec<&'static str>,
    no_numbers: Vec<&'static str>,
    ordinals: HashSet<&'static str>,
    /// Longest first, so that the most telling beginning is found.
    terms: Vec<&'static str>,
    term_words: HashSet<&'static str>,
    proper: HashSet<&'static str>,
    money: Vec<&'static str>,
    money_words: Vec<&'static str>,
}

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let words = |list: &'static str| list.split_whitespace();
    let mut terms: Vec<_> = words(TERMS).collect();
    terms.sort_by_key(|term| Reverse(term.len()));
    Lists {
        numbers: words(NUMBERS).collect(),
        number_words: words(NUMBER_WORDS).collect(),
        number_parts: words(NUMBER_PARTS).collect(),
        no_numbers: words(NO_NUMBERS).collect(),
        ordinals: words(ORDINALS).collect(),
        terms,
        term_words: words(TERM_WORDS).collect(),
        proper: words(PROPER).collect(),
        money: words(MONEY).collect(),
        money_words: words(MONEY_WORDS).collect(),
    }
});

fn begins(word: &str, beginnings: &[&'static str]) -> Option<&'static str> {
    let mut beginnings = beginnings.iter().copied();
    beginnings.find(|beginning| word.starts_with(beginning))
}

/// How `folded` is guarded, if it is; `written` is the word with its case, `beside_mark` says that a dash or a dot
/// stands beside it.
pub(super) fn guard(folded: &str, written: &str, beside_mark: bool) -> Option<Guard> {
    let lists = &*LISTS;
    if begins(folded, &lists.money).is_some() || is_sum(folded) {
        return Some(Guard::Attached);
    }
    if lists.proper.contains(written) {
        // "Mo–Fr" are days, "So" and "Do" at the head of a sentence are not.
        return (written.len() > 2 || beside_mark).then_some(Guard::Word);
    }
    let term = lists.term_words.get(folded).copied();
    if let Some(term) = term.or_else(|| begins(folded, &lists.terms)) {
        return Some(Guard::Term(term));
    }
    let is_number = lists.number_words.contains(folded)
        || begins(folded, &lists.numbers).is_some()
        || lists.number_parts.iter().any(|part| folded.contains(part));
    let is_roman = (written.len() > 1 || matches!(written, "V" | "X"))
        && written.chars().all(|c| "IVXLCDM".contains(c));
    let is_ordinary = begins(folded, &lists.no_numbers).is_some();
    (is_roman || looks_like_digits(written) || is_number && !is_ordinary).then_some(Guard::Word)
}

/// A currency, also right behind letters that stand for digits: "llzł".
fn is_sum(folded: &str) -> bool {
    LISTS.money_words.iter().any(|money| {
        let digits = folded.strip_suffix(money);
        digits.is_some_and(|digits| digits.chars().all(|c| "oliszbgq".contains(c)))
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
    LISTS.ordinals.contains(folded)
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
