//! Which column of a file holds what.

use crate::leads::LeadError;
use crate::platform::folding::folded;

/// Most columns a file may have.
const COLUMNS_MAX: usize = 100;
/// How much of an unknown name is told.
const NAME_MAX_CHARS: usize = 50;

/// A field that a file can bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Name,
    FirstName,
    LastName,
    Email,
    Phone,
    Package,
    PropertySize,
    PropertyType,
    Location,
    Budget,
    Message,
    AdditionalInfo,
    Source,
    Status,
    LostReason,
    Tags,
    Notes,
    CreatedAt,
}

/// The name of each field in an answer, and what people call it in Polish, English and German, folded and without signs.
const NAMES: [(Column, &str, &[&str]); 18] = [
    (
        Column::Name,
        "name",
        &[
            "name",
            "fullname",
            "imieinazwisko",
            "nazwiskoiimie",
            "klient",
            "client",
            "customer",
            "kunde",
            "vorundnachname",
            "contactname",
            "osoba",
        ],
    ),
    (
        Column::FirstName,
        "first_name",
        &["firstname", "imie", "vorname", "givenname"],
    ),
    (
        Column::LastName,
        "last_name",
        &["lastname", "surname", "nazwisko", "nachname", "familyname"],
    ),
    (
        Column::Email,
        "email",
        &[
            "email",
            "mail",
            "emailaddress",
            "adresemail",
            "adresmail",
            "emailadresse",
            "pocztaelektroniczna",
        ],
    ),
    (
        Column::Phone,
        "phone",
        &[
            "phone",
            "phonenumber",
            "telephone",
            "tel",
            "telefon",
            "telefonnummer",
            "numertelefonu",
            "nrtelefonu",
            "telefonkomorkowy",
            "komorka",
            "mobile",
            "handy",
            "rufnummer",
        ],
    ),
    (
        Column::Package,
        "interested_package",
        &["interestedpackage", "package", "pakiet", "paket"],
    ),
    (
        Column::PropertySize,
        "property_size",
        &[
            "propertysize",
            "size",
            "area",
            "aream2",
            "metraz",
            "powierzchnia",
            "powierzchniam2",
            "flache",
            "flachem2",
            "wohnflache",
            "m2",
        ],
    ),
    (
        Column::PropertyType,
        "property_type",
        &[
            "propertytype",
            "property",
            "typnieruchomosci",
            "rodzajnieruchomosci",
            "nieruchomosc",
            "objektart",
            "immobilie",
            "immobilienart",
        ],
    ),
    (
        Column::Location,
        "location",
        &[
            "location",
            "city",
            "town",
            "address",
            "miasto",
            "miejscowosc",
            "lokalizacja",
            "adres",
            "ort",
            "stadt",
            "adresse",
            "standort",
        ],
    ),
    (Column::Budget, "budget", &["budget", "budzet", "kwota"]),
    (
        Column::Message,
        "message",
        &[
            "message",
            "wiadomosc",
            "tresc",
            "nachricht",
            "comment",
            "komentarz",
            "kommentar",
        ],
    ),
    (
        Column::AdditionalInfo,
        "additional_info",
        &[
            "additionalinfo",
            "additionalinformation",
            "info",
            "informacje",
            "dodatkoweinformacje",
            "zusatzinfo",
            "weitereangaben",
        ],
    ),
    (Column::Source, "source", &["source", "zrodlo", "quelle"]),
    (Column::Status, "status", &["status", "stan"]),
    (
        Column::LostReason,
        "lost_reason",
        &[
            "lostreason",
            "powodutraty",
            "powododrzucenia",
            "verlustgrund",
        ],
    ),
    (
        Column::Tags,
        "tags",
        &["tags", "tag", "tagi", "etykiety", "labels", "schlagworte"],
    ),
    (
        Column::Notes,
        "notes",
        &[
            "notes",
            "note",
            "notatki",
            "notatka",
            "uwagi",
            "notizen",
            "notiz",
            "anmerkungen",
        ],
    ),
    (
        Column::CreatedAt,
        "created_at",
        &[
            "createdat",
            "created",
            "date",
            "data",
            "datautworzenia",
            "datum",
            "erstelltam",
        ],
    ),
];

/// What the columns of a file hold, in their order.
#[derive(Debug)]
pub(super) struct Columns {
    pub(super) all: Vec<Option<Column>>,
    /// Names that mean nothing here.
    pub(super) ignored: Vec<String>,
}

impl Columns {
    /// Reads the first row.
    ///
    /// Errors: no name or no way to reach people is among them, two mean the same, or there are too many.
    pub(super) fn parse(record: &csv::StringRecord) -> Result<Self, LeadError> {
        let refused = |why: String| Err(LeadError::File(why));
        if record.len() > COLUMNS_MAX {
            return refused(format!("must have at most {COLUMNS_MAX} columns"));
        }
        let (mut all, mut ignored) = (Vec::new(), Vec::new());
        for name in record {
            let column = meant(name);
            if let Some(column) = column
                && all.contains(&Some(column))
            {
                return refused(format!("has two columns for {}", told(column)));
            }
            if column.is_none() && !name.trim().is_empty() {
                ignored.push(name.trim().chars().take(NAME_MAX_CHARS).collect());
            }
            all.push(column);
        }
        let has = |column| all.contains(&Some(column));
        if !has(Column::Name) && !has(Column::FirstName) && !has(Column::LastName) {
            return refused("needs a column name in its first row".into());
        }
        if !has(Column::Email) && !has(Column::Phone) {
            return refused("needs a column email or phone in its first row".into());
        }
        Ok(Self { all, ignored })
    }

    /// Fields that the file has.
    pub(super) fn known(&self) -> Vec<String> {
        let known = self.all.iter().flatten();
        known.map(|column| told(*column).to_owned()).collect()
    }
}

/// Its name in an answer.
pub(super) fn told(column: Column) -> &'static str {
    let mut names = NAMES.iter().filter(|(known, ..)| *known == column);
    names.next().map_or("", |(_, name, _)| name)
}

fn meant(name: &str) -> Option<Column> {
    let plain: String = folded(name)
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect();
    let mut names = NAMES.iter();
    let found = names.find(|(_, _, words)| words.contains(&plain.as_str()));
    found.map(|(column, ..)| *column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leads::export::COLUMNS;

    /// Columns of an exported file that are the server's own.
    const OWN: [&str; 8] = [
        "id",
        "updatedat",
        "score",
        "assignedto",
        "page",
        "referrerhost",
        "utmsource",
        "utmmedium",
    ];

    fn columns(names: &[&str]) -> Result<Columns, LeadError> {
        Columns::parse(&csv::StringRecord::from(names.to_vec()))
    }

    #[test]
    fn columns_are_known_in_three_languages() {
        for names in [
            [
                "Imię i nazwisko",
                "E-mail",
                "Numer telefonu",
                "Metraż",
                "Budżet",
            ],
            [
                "Full name",
                "Email address",
                "Phone number",
                "Area (m2)",
                "budget",
            ],
            [
                "Vor- und Nachname",
                "E-Mail-Adresse",
                "Telefonnummer",
                "Wohnfläche",
                "BUDGET",
            ],
        ] {
            let columns = columns(&names).unwrap();
            let expected = ["name", "email", "phone", "property_size", "budget"];
            assert_eq!(columns.known(), expected, "{names:?}");
            assert!(columns.ignored.is_empty());
        }
    }

    #[test]
    fn a_file_of_ours_is_read_again() {
        let columns = columns(&COLUMNS).unwrap();
        for ignored in &columns.ignored {
            let plain = ignored.replace('_', "");
            assert!(
                OWN.contains(&plain.as_str()) || plain == "utmcampaign",
                "{ignored}"
            );
        }
        assert_eq!(columns.known().len() + columns.ignored.len(), COLUMNS.len());
    }

    #[test]
    fn what_is_needed_is_named() {
        assert!(columns(&["Name"]).is_err());
        assert!(columns(&["E-mail"]).is_err());
        assert!(columns(&[]).is_err());
        assert!(columns(&["Name", "Mail", "E-Mail"]).is_err());
        assert!(columns(&["Imię", "Nazwisko", "Tel.", "", "Kolor"]).is_ok());
        let many: Vec<&str> = std::iter::repeat_n("x", 101).collect();
        assert!(columns(&many).is_err());
    }

    #[test]
    fn every_word_means_one_field_and_is_written_as_it_is_looked_up() {
        let mut words: Vec<&str> = NAMES
            .iter()
            .flat_map(|(_, _, words)| *words)
            .copied()
            .collect();
        let all = words.len();
        for word in &words {
            assert_eq!(folded(word), *word);
        }
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), all);
    }
}
