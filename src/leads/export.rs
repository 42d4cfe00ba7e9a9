//! Leads as a file that is written while it is sent. Between two parts leads may change; each is sent as it is when its
//! part is read.

use poem::Body;
use poem_openapi::types::ToJSON;

use super::filter::Filter;
use super::model::Lead;
use super::store::list;
use super::team_bodies::Format;
use super::views::LeadView;
use super::{Email, LeadError, Phone};
use crate::platform::clock::to_rfc3339;
use crate::platform::db::{DbError, Store};
use crate::platform::http::{Parts, written_while_sent};

/// Numbers a part spans; gaps make it smaller.
const PART: i64 = 500;
/// Signs by which a spreadsheet takes a text for a formula.
const FORMULA_SIGNS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// The columns of a file; `import/` reads those that a person says.
pub(super) const COLUMNS: [&str; 25] = [
    "id",
    "created_at",
    "updated_at",
    "name",
    "email",
    "phone",
    "interested_package",
    "property_size",
    "property_type",
    "location",
    "budget",
    "message",
    "additional_info",
    "source",
    "status",
    "lost_reason",
    "score",
    "assigned_to",
    "tags",
    "notes",
    "page",
    "referrer_host",
    "utm_source",
    "utm_medium",
    "utm_campaign",
];

/// The leads a filter lets through, in the order of their numbers.
///
/// Errors: the first part cannot be read. If a later one cannot, the body ends broken, so that nobody takes it for whole.
pub(super) async fn stream(
    store: Store,
    filter: Filter,
    format: Format,
) -> Result<Body, LeadError> {
    let reading = Reading {
        last_id: store.read(|tx| list::last_id(tx)).await?,
        store,
        filter,
        format,
        after: 0,
        has_written: false,
    };
    let head = reading.head();
    Ok(written_while_sent(head, reading).await?)
}

struct Reading {
    store: Store,
    filter: Filter,
    format: Format,
    after: i64,
    last_id: i64,
    has_written: bool,
}

impl Reading {
    fn head(&self) -> Vec<u8> {
        match self.format {
            Format::Csv => format!("\u{feff}{}\r\n", COLUMNS.join(",")).into_bytes(),
            Format::Json => b"[".to_vec(),
        }
    }
}

impl Parts for Reading {
    type Error = DbError;

    async fn next(&mut self) -> Result<Option<Vec<u8>>, DbError> {
        if self.after >= self.last_id {
            return Ok(None);
        }
        let (after, until) = (self.after, self.after.saturating_add(PART));
        let filter = self.filter.clone();
        let read = self
            .store
            .read(move |tx| list::part(tx, &filter, after, until));
        let leads: Vec<Lead> = read.await?;
        self.after = until;
        let part = match self.format {
            Format::Csv => rows(&leads)?,
            Format::Json => elements(&leads, self.has_written),
        };
        self.has_written |= !leads.is_empty();
        Ok(Some(part))
    }

    fn tail(&self) -> &'static [u8] {
        match self.format {
            Format::Csv => b"",
            Format::Json => b"]",
        }
    }
}

fn elements(leads: &[Lead], has_before: bool) -> Vec<u8> {
    let mut text = String::new();
    for lead in leads {
        if has_before || !text.is_empty() {
            text.push(',');
        }
        text.push_str(&LeadView::from(lead).to_json_string());
    }
    text.into_bytes()
}

fn rows(leads: &[Lead]) -> Result<Vec<u8>, DbError> {
    let mut rows = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    let failed = |error: String| DbError::Internal(format!("a row cannot be written: {error}"));
    for lead in leads {
        let cells = cells(lead);
        rows.write_record(cells.iter().map(|cell| harmless(cell).into_owned()))
            .map_err(|error| failed(error.to_string()))?;
    }
    rows.into_inner().map_err(|error| failed(error.to_string()))
}

/// In the order of [`COLUMNS`].
fn cells(lead: &Lead) -> [String; 25] {
    let touch = lead.first_touch.as_ref();
    let own = |text: &Option<String>| text.clone().unwrap_or_default();
    let utm = |name: &str| {
        let value = touch.and_then(|touch| touch.utm.get(name));
        value.cloned().unwrap_or_default()
    };
    let number = |number: Option<i64>| number.map_or_else(String::new, |number| number.to_string());
    [
        lead.id.to_string(),
        to_rfc3339(lead.created_at_ms),
        to_rfc3339(lead.updated_at_ms),
        lead.name.clone(),
        lead.email
            .as_ref()
            .map_or_else(String::new, Email::to_string),
        lead.phone
            .as_ref()
            .map_or_else(String::new, Phone::to_string),
        own(&lead.interested_package),
        lead.property_size
            .map_or_else(String::new, |m2| m2.to_string()),
        own(&lead.property_type),
        own(&lead.location),
        number(lead.budget),
        own(&lead.message),
        own(&lead.additional_info),
        lead.source.as_str().to_owned(),
        lead.status.as_str().to_owned(),
        own(&lead.lost_reason),
        lead.score.to_string(),
        number(lead.assigned_to),
        lead.tags.join(", "),
        own(&lead.notes),
        touch.map_or_else(String::new, |touch| own(&touch.page_url)),
        touch.map_or_else(String::new, |touch| own(&touch.referrer_host)),
        utm("utm_source"),
        utm("utm_medium"),
        utm("utm_campaign"),
    ]
}

/// A text that no spreadsheet takes for a formula: an apostrophe before it makes it one.
pub(crate) fn harmless(cell: &str) -> std::borrow::Cow<'_, str> {
    if cell.starts_with(FORMULA_SIGNS) {
        format!("'{cell}").into()
    } else {
        cell.into()
    }
}

/// The text that [`harmless`] made one of.
pub(super) fn as_written(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(FORMULA_SIGNS) => rest,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_formula_becomes_a_text() {
        for formula in ["=1+1", "+48", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(harmless(formula), format!("'{formula}"));
        }
        for text in ["", "1-1", "a=b", "'=1", "żółw"] {
            assert_eq!(harmless(text), text);
        }
    }

    proptest! {
        #[test]
        fn what_was_made_harmless_is_read_as_it_was(cell in "[^']\\PC{0,20}") {
            let safe = harmless(&cell);
            prop_assert_eq!(as_written(&safe), cell.as_str());
        }
    }
}
