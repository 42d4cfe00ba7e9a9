//! The built-in company's files, inside the executable.

use super::{Pack, PackFiles};
use crate::knowledge::KnowledgeError;

macro_rules! file {
    ($path:literal) => {
        (
            $path,
            include_str!(concat!("../../../assets/knowledge/", $path)),
        )
    };
}

/// The built-in company's files by their path inside the pack.
const BUILT_IN: [(&str, &str); 15] = [
    file!("company.toml"),
    file!("intents.toml"),
    file!("entities.toml"),
    file!("answers/pl.toml"),
    file!("answers/en.toml"),
    file!("answers/de.toml"),
    file!("phrases/pl.toml"),
    file!("phrases/en.toml"),
    file!("phrases/de.toml"),
    file!("documents/pl.toml"),
    file!("documents/en.toml"),
    file!("documents/de.toml"),
    file!("privacy/pl.md"),
    file!("privacy/en.md"),
    file!("privacy/de.md"),
];

impl Pack {
    /// The built-in company.
    pub fn built_in() -> Result<Self, KnowledgeError> {
        Self::from_files(&files())
    }
}

fn files() -> PackFiles {
    BUILT_IN
        .into_iter()
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nlu::Lang;

    #[test]
    fn the_built_in_pack_is_whole_in_every_language() {
        let pack = Pack::built_in().unwrap();
        assert_eq!(pack.intents.len(), 44);
        for lang in Lang::ALL {
            let phrases = pack.phrases.get(lang);
            let minimum = if lang == Lang::Pl { 60 } else { 30 };
            for intent in &pack.intents {
                let count = phrases[&intent.id].len();
                assert!(
                    count >= minimum,
                    "{} {}: {count} phrases",
                    lang.code(),
                    intent.id
                );
            }
            assert!(phrases[crate::nlu::OUT_OF_SCOPE].len() >= 300);
        }
        let slugs = |lang| -> Vec<(String, String)> {
            let mut slugs: Vec<_> = pack
                .documents
                .get(lang)
                .iter()
                .map(|document| (document.kind.clone(), document.slug.clone()))
                .collect();
            slugs.sort();
            slugs
        };
        assert_eq!(slugs(Lang::Pl), slugs(Lang::En));
        assert_eq!(slugs(Lang::Pl), slugs(Lang::De));
    }

    #[test]
    fn no_text_of_the_pack_holds_a_price_or_phone_number_of_its_own() {
        let company = Pack::built_in().unwrap().company;
        let secrets = [
            company.prices.per_m2.all().min.units().to_string(),
            company.prices.per_m2.all().max.units().to_string(),
            "585".to_owned(),
        ];
        for (path, text) in BUILT_IN {
            let is_text = path.starts_with("answers/") || path.starts_with("documents/");
            for secret in secrets.iter().filter(|_| is_text) {
                assert!(!text.contains(secret.as_str()), "{path} holds {secret}");
            }
        }
    }

    /// What a pack with one file changed is refused for.
    fn refusal(path: &str, change: impl FnOnce(&str) -> Option<String>) -> (String, String) {
        let mut files = files();
        let text = files.remove(path).unwrap();
        files.extend(change(&text).map(|text| (path.to_owned(), text)));
        match Pack::from_files(&files).unwrap_err() {
            KnowledgeError::Pack { file, why } => (file, why),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn written_and_read_again_it_is_the_same_pack() {
        let pack = Pack::built_in().unwrap();
        let written = pack.files().unwrap();
        assert_eq!(written.len(), BUILT_IN.len());
        let read = Pack::from_files(&written).unwrap();
        assert!(read == pack);
        assert!(read.files().unwrap() == written);
    }

    #[test]
    fn a_file_that_is_wrong_is_named_with_line_or_field() {
        type Change = fn(&str) -> Option<String>;
        let cases: [(&str, Change, &str); 10] = [
            ("answers/de.toml", |_| None, "is missing"),
            (
                "company.toml",
                |text| Some(text.replace("website", "wbsite")),
                "wbsite",
            ),
            (
                "company.toml",
                |text| Some(text.replace("standard = { min = 949", "standard = { min = 0")),
                "prices",
            ),
            (
                "intents.toml",
                |text| Some(text.replacen("[[intent]]", "[[intent]", 1)),
                "line 4",
            ),
            (
                "answers/en.toml",
                |text| Some(text.replacen("{{ price_min }}", "{{ cheapest }}", 1)),
                "intents.packages_overview",
            ),
            (
                "answers/pl.toml",
                |text| Some(text.replacen("disclosure", "disclosures", 1)),
                "system.disclosure",
            ),
            (
                "phrases/pl.toml",
                |text| Some(format!("{text}\nno_such_intent = []\n")),
                "no_such_intent",
            ),
            (
                "documents/en.toml",
                |text| Some(text.replacen("type = \"faq\"", "type = \"faqs\"", 1)),
                "must be one of",
            ),
            (
                "documents/en.toml",
                |text| Some(text.replacen("{{ price_min", "{{ price_mni", 1)),
                "package standard: body",
            ),
            ("privacy/de.md", |_| Some("ohne Titel".into()), "heading"),
        ];
        for (path, change, reason) in cases {
            let (file, why) = refusal(path, change);
            assert_eq!(file, path, "{why}");
            assert!(why.contains(reason), "{path}: {why} does not say {reason}");
        }
    }
}
