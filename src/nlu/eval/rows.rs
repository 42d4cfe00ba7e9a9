//! Labelled sentences from CSV.

use std::io::Read;

use super::EvalError;
use crate::nlu::{Lang, OUT_OF_SCOPE};

/// A sentence and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// As a visitor wrote it; may be empty.
    pub text: String,
    /// Its intent, [`OUT_OF_SCOPE`] for what the bot is not for.
    pub label: String,
    /// Its language, if the file has a column for it.
    pub lang: Option<Lang>,
}

/// Reads CSV whose header names `sentence` or `text`, `label` or `intent`, and optionally `lang` ("pl", "en", "de");
/// other columns are ignored. The label `oos_label` becomes [`OUT_OF_SCOPE`].
///
/// Errors: a header without these columns, no rows, an empty label, an unknown language, or what is no CSV in UTF-8.
pub fn read_rows(input: impl Read, oos_label: &str) -> Result<Vec<Row>, EvalError> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::Headers)
        .from_reader(input);
    let header = reader.headers()?;
    let column = |names: [&str; 2]| {
        header
            .iter()
            .position(|title| names.iter().any(|name| title.eq_ignore_ascii_case(name)))
    };
    let text = column(["sentence", "text"]).ok_or(EvalError::Header)?;
    let label = column(["label", "intent"]).ok_or(EvalError::Header)?;
    let lang = column(["lang", "language"]);
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record?;
        let line = record.position().map_or(0, csv::Position::line);
        let of = |column: usize| record.get(column).unwrap_or_default();
        let lang = match lang {
            Some(column) => Some(
                of(column)
                    .trim()
                    .parse()
                    .map_err(|_| EvalError::UnknownLang(line))?,
            ),
            None => None,
        };
        let label = match of(label).trim() {
            "" => return Err(EvalError::NoLabel(line)),
            label if label == oos_label => OUT_OF_SCOPE,
            label => label,
        };
        rows.push(Row {
            text: of(text).to_owned(),
            label: label.to_owned(),
            lang,
        });
    }
    if rows.is_empty() {
        return Err(EvalError::NoRows);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(csv: &str) -> Result<Vec<Row>, EvalError> {
        read_rows(csv.as_bytes(), "NONE")
    }

    #[test]
    fn both_forms_of_the_header_are_read() {
        let row = |text: &str, label: &str, lang| Row {
            text: text.to_owned(),
            label: label.to_owned(),
            lang,
        };
        assert_eq!(
            read("sentence,label\n\"how much, please?\",price\nweather,NONE\n").unwrap(),
            [
                row("how much, please?", "price", None),
                row("weather", OUT_OF_SCOPE, None)
            ]
        );
        assert_eq!(
            read("\u{feff}Text, intent ,lang,note\r\nile,price,pl,x\r\n").unwrap(),
            [row("ile", "price", Some(Lang::Pl))]
        );
    }

    #[test]
    fn a_bad_file_is_a_clear_error() {
        for (csv, message) in [
            ("", "the first line"),
            ("question,answer\na,b\n", "the first line"),
            ("sentence,label\n", "no rows"),
            ("sentence,label\nhow much,\n", "line 2: the label is empty"),
            ("text,intent,lang\na,b,fr\n", "line 2: the language"),
            ("sentence,label\na,b,c\n", "not readable as CSV"),
        ] {
            let error = read(csv).unwrap_err().to_string();
            assert!(error.contains(message), "{csv:?}: {error}");
        }
        let latin1 = read_rows(&b"sentence,label\n\xfcber,a\n"[..], OUT_OF_SCOPE);
        assert!(matches!(latin1, Err(EvalError::Csv(_))));
    }
}
