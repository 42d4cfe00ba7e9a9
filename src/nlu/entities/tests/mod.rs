//! Sentences as visitors write them, and hostile ones. Today is Sunday, 22 November 2026.

mod english;
mod figures;
mod german;
mod hostile;
mod polish;
mod replies;

use super::{Context, Entities, EntityKind, Vocabulary, extract, extract_expected};
use crate::knowledge::Pack;
use crate::nlu::Lang;
use jiff::civil::{DateTime, date};
use std::sync::LazyLock;

const NOW: DateTime = date(2026, 11, 22).at(12, 0, 0, 0);

static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    let pack = Pack::built_in().unwrap();
    let entities = pack.entities.iter();
    Vocabulary::new(
        &pack.company.name,
        entities.map(|entity| (entity.name.as_str(), entity.values.as_slice())),
    )
});

fn context() -> Context<'static> {
    Context {
        now: NOW,
        vocabulary: &VOCABULARY,
    }
}

/// What was found, as `key value` pairs between semicolons.
fn told(found: &Entities) -> String {
    let value = serde_json::to_value(found).unwrap();
    let order = [
        "area_m2",
        "budget_pln",
        "city",
        "property_type",
        "rooms",
        "package",
        "name",
        "email",
        "phone",
        "date",
        "time",
    ];
    assert!(
        value
            .as_object()
            .unwrap()
            .keys()
            .all(|key| order.contains(&key.as_str()))
    );
    let pairs = order.iter().filter_map(|key| Some((key, value.get(key)?)));
    let pairs = pairs.map(|(key, value)| match value.as_str() {
        Some(text) => format!("{key} {text}"),
        None => format!("{key} {value}"),
    });
    pairs.collect::<Vec<_>>().join("; ")
}

/// Checks every row and shows all that are wrong at once.
#[track_caller]
fn check(lang: Lang, rows: &[(&str, &str)]) {
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|(text, expected)| {
            let got = told(&extract(text, lang, &context()));
            (got != *expected).then(|| format!("{text:?}\n  want: {expected}\n  got:  {got}"))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {} rows:\n{}",
        wrong.len(),
        rows.len(),
        wrong.join("\n")
    );
}

/// The same for replies to a question for `kind`.
#[track_caller]
fn check_replies(kind: EntityKind, lang: Lang, rows: &[(&str, &str)]) {
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|(text, expected)| {
            let got = told(&extract_expected(kind, text, lang, &context()));
            (got != *expected).then(|| format!("{text:?}\n  want: {expected}\n  got:  {got}"))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {} rows:\n{}",
        wrong.len(),
        rows.len(),
        wrong.join("\n")
    );
}
