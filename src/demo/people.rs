//! Persons who do not exist: common names, addresses at domains kept for examples, numbers kept for fiction.

use fastrand::Rng;

use super::DemoError;
use super::chance::one_of;
use crate::leads::{Email, Phone};
use crate::nlu::Lang;
use crate::platform::folding::folded;

/// RFC 2606 keeps these for examples.
const DOMAINS: [&str; 2] = ["example.com", "example.org"];
/// Numbers without their last three digits that nobody has: kept for film and fiction by Ofcom (United Kingdom) and the
/// Bundesnetzagentur (Germany). Poland keeps none, so Polish persons have these, too.
const NUMBERS: [&str; 18] = [
    "+44 20 7946 0",
    "+44 113 496 0",
    "+44 114 496 0",
    "+44 116 496 0",
    "+44 117 496 0",
    "+44 121 496 0",
    "+44 131 496 0",
    "+44 141 496 0",
    "+44 151 496 0",
    "+44 161 496 0",
    "+44 191 498 0",
    "+44 28 9649 6",
    "+44 29 2018 0",
    "+49 30 23125 ",
    "+49 69 90009 ",
    "+49 40 66969 ",
    "+49 221 4710 ",
    "+49 89 99998 ",
];

const FIRST_PL: [&str; 20] = [
    "Anna",
    "Maria",
    "Katarzyna",
    "Małgorzata",
    "Agnieszka",
    "Barbara",
    "Ewa",
    "Magdalena",
    "Joanna",
    "Monika",
    "Piotr",
    "Krzysztof",
    "Andrzej",
    "Tomasz",
    "Paweł",
    "Marcin",
    "Michał",
    "Jan",
    "Jakub",
    "Adam",
];
/// The same for women and men.
const LAST_PL: [&str; 20] = [
    "Nowak",
    "Wójcik",
    "Kowalczyk",
    "Woźniak",
    "Mazur",
    "Kaczmarek",
    "Zając",
    "Król",
    "Wieczorek",
    "Wróbel",
    "Dudek",
    "Pawlak",
    "Sikora",
    "Baran",
    "Michalak",
    "Szewczyk",
    "Pietrzak",
    "Marciniak",
    "Jaworek",
    "Bąk",
];
const FIRST_EN: [&str; 8] = [
    "James", "Mary", "John", "Patricia", "Robert", "Jennifer", "David", "Linda",
];
const LAST_EN: [&str; 8] = [
    "Smith", "Jones", "Taylor", "Brown", "Williams", "Wilson", "Johnson", "Davies",
];
const FIRST_DE: [&str; 8] = [
    "Thomas", "Sabine", "Michael", "Petra", "Andreas", "Monika", "Stefan", "Claudia",
];
const LAST_DE: [&str; 8] = [
    "Müller",
    "Schmidt",
    "Schneider",
    "Fischer",
    "Weber",
    "Meyer",
    "Wagner",
    "Becker",
];

/// Somebody who leaves a way to be reached.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) email: Email,
    pub(super) phone: Phone,
}

/// Makes up a person.
///
/// * `serial`: makes the e-mail address theirs alone.
/// * Errors: none; the forms are ours.
pub(super) fn person(rng: &mut Rng, lang: Lang, serial: i64) -> Result<Person, DemoError> {
    let (first, last) = match lang {
        Lang::Pl => (*one_of(rng, &FIRST_PL), *one_of(rng, &LAST_PL)),
        Lang::En => (*one_of(rng, &FIRST_EN), *one_of(rng, &LAST_EN)),
        Lang::De => (*one_of(rng, &FIRST_DE), *one_of(rng, &LAST_DE)),
    };
    let domain = one_of(rng, &DOMAINS);
    let address = format!("{}.{}.{serial}@{domain}", folded(first), folded(last));
    let number = format!("{}{:03}", one_of(rng, &NUMBERS), rng.u32(0..1000));
    Ok(Person {
        name: format!("{first} {last}"),
        email: Email::parse(&address)?,
        phone: Phone::parse(&number)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_who_exists_can_be_reached_by_what_is_made_up() {
        let mut rng = Rng::with_seed(4);
        for serial in 0..3_000 {
            for lang in Lang::ALL {
                let person = person(&mut rng, lang, serial).unwrap();
                let address = person.email.as_str();
                assert!(address.is_ascii() && !address.contains(' '), "{address}");
                assert!(address.contains(&format!(".{serial}@")), "{address}");
                assert!(DOMAINS.iter().any(|domain| address.ends_with(domain)));
                assert!(
                    person.phone.e164().starts_with("+44")
                        || person.phone.e164().starts_with("+49")
                );
            }
        }
    }

    #[test]
    fn every_number_kept_for_fiction_is_one_the_product_takes() {
        for number in NUMBERS {
            for last in [0, 7, 99, 500, 999] {
                let number = format!("{number}{last:03}");
                assert!(Phone::parse(&number).is_ok(), "{number}");
            }
        }
    }
}
