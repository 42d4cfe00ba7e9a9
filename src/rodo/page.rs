//! An export as a page to read, and as one zip.

use std::io::{Cursor, Write};

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, context};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::RodoError;
use super::export::Export;
use crate::nlu::Lang;

const TEMPLATE: &str = include_str!("../../assets/rodo/export.html");

/// `data.json`, the page, and the files under their names.
pub(super) fn zip(
    export: &Export,
    files: &[(String, Vec<u8>)],
    company: &str,
    lang: Lang,
) -> Result<Vec<u8>, RodoError> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().unix_permissions(0o600);
    zip.start_file("data.json", options)?;
    let json = serde_json::json!({
        "export_date": export.export_date,
        "user_identifier": export.user_identifier,
        "data": export.data,
    });
    zip.write_all(&serde_json::to_vec_pretty(&json)?)?;
    zip.start_file("index.html", options)?;
    zip.write_all(html(export, files, company, lang)?.as_bytes())?;
    for (name, bytes) in files {
        // Pictures are compressed already.
        zip.start_file(
            name.as_str(),
            options.compression_method(zip::CompressionMethod::Stored),
        )?;
        zip.write_all(bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

/// The page: a table of each kind, whatever its fields are; every value is escaped.
fn html(
    export: &Export,
    files: &[(String, Vec<u8>)],
    company: &str,
    lang: Lang,
) -> Result<String, RodoError> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    let names: Vec<String> = files.iter().map(|(name, _)| name.clone()).collect();
    let page = environment.render_str(
        TEMPLATE,
        context! {
            words => words(lang),
            lang => lang.code(),
            company => company.to_owned(),
            export_date => export.export_date.as_str(),
            user_identifier => export.user_identifier.as_str(),
            data => Serde(export.data.clone()),
            files => names,
        },
    );
    page.map_err(|error| RodoError::Internal(error.to_string()))
}

/// The page's own words, and what the kinds are called.
fn words(lang: Lang) -> minijinja::Value {
    match lang {
        Lang::Pl => context! {
            title => "Twoje dane", kept_by => "Dane przechowuje", made => "Stan na", about => "Dotyczy",
            nothing => "brak", files => "Pliki", yes => "tak", no => "nie",
            kinds => [("personal_info", "Dane osobowe"), ("leads", "Zapytania"), ("bookings", "Wizyty"), ("chat_sessions", "Rozmowy na czacie"), ("consents", "Zgody"), ("quotes", "Wyceny"), ("uploads", "Zdjęcia"), ("letters", "Wiadomości"), ("requests", "Wnioski o dane"), ("experiments", "Eksperymenty")],
        },
        Lang::En => context! {
            title => "Your data", kept_by => "Kept by", made => "As of", about => "About",
            nothing => "none", files => "Files", yes => "yes", no => "no",
            kinds => [("personal_info", "Personal details"), ("leads", "Inquiries"), ("bookings", "Visits"), ("chat_sessions", "Chats"), ("consents", "Consents"), ("quotes", "Quotes"), ("uploads", "Pictures"), ("letters", "Messages"), ("requests", "Requests about data"), ("experiments", "Experiments")],
        },
        Lang::De => context! {
            title => "Ihre Daten", kept_by => "Gespeichert von", made => "Stand", about => "Betrifft",
            nothing => "keine", files => "Dateien", yes => "ja", no => "nein",
            kinds => [("personal_info", "Persönliche Angaben"), ("leads", "Anfragen"), ("bookings", "Termine"), ("chat_sessions", "Chats"), ("consents", "Einwilligungen"), ("quotes", "Angebote"), ("uploads", "Bilder"), ("letters", "Nachrichten"), ("requests", "Anfragen zu Daten"), ("experiments", "Experimente")],
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_page_shows_every_value_escaped_in_each_language() {
        let export = Export::for_tests(json!({
            "personal_info": {"names": ["<b>Anna</b>"]},
            "leads": [{"name": "Anna & Jan", "tags": [], "is_open": true, "budget": null}],
        }));
        for (lang, word) in [
            (Lang::Pl, "Zapytania"),
            (Lang::En, "Inquiries"),
            (Lang::De, "Anfragen"),
        ] {
            let files = [("files/3.jpg".to_owned(), vec![1])];
            let page = html(&export, &files, "Dom", lang).unwrap();
            assert!(page.contains(word), "{page}");
            assert!(page.contains("&lt;b&gt;Anna"), "{page}");
            assert!(page.contains("Anna &amp; Jan"), "{page}");
            assert!(
                page.contains("files/3.jpg") || page.contains("files&#x2f;3.jpg"),
                "{page}"
            );
        }
    }
}
