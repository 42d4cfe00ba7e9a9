//! The pack: the files a company's knowledge is made of, and the built-in ones.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::KnowledgeError;
use super::company::Company;
use crate::nlu::Lang;

/// One value per language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // the fields are the languages
pub struct PerLang<T> {
    pub pl: T,
    pub en: T,
    pub de: T,
}

impl<T> PerLang<T> {
    /// The value of `lang`.
    pub fn get(&self, lang: Lang) -> &T {
        match lang {
            Lang::Pl => &self.pl,
            Lang::En => &self.en,
            Lang::De => &self.de,
        }
    }

    /// The same, to change it.
    pub fn get_mut(&mut self, lang: Lang) -> &mut T {
        match lang {
            Lang::Pl => &mut self.pl,
            Lang::En => &mut self.en,
            Lang::De => &mut self.de,
        }
    }

    /// Makes a value for each language.
    pub fn try_from_fn<E>(mut make: impl FnMut(Lang) -> Result<T, E>) -> Result<Self, E> {
        Ok(Self {
            pl: make(Lang::Pl)?,
            en: make(Lang::En)?,
            de: make(Lang::De)?,
        })
    }
}

/// An intent as the pack names it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackIntent {
    /// Stable name.
    pub id: String,
    /// Button label.
    pub title: PerLang<String>,
    /// Intents offered after its answer.
    pub follow_ups: Vec<String>,
}

/// A document as the pack holds it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackDocument {
    /// faq, package, portfolio, …
    #[serde(rename = "type")]
    pub kind: String,
    /// The same in every language.
    pub slug: String,
    /// Title or question.
    pub title: String,
    /// Text or answer.
    pub body: String,
    /// Words to find it by.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Where to read more.
    pub url: Option<String>,
    /// What only this type has.
    #[serde(default)]
    pub fields: serde_json::Map<String, serde_json::Value>,
}

/// Answers and the bot's own sentences in one language.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackAnswers {
    /// Answer by intent.
    pub intents: BTreeMap<String, String>,
    /// Sentence by key.
    pub system: BTreeMap<String, String>,
}

/// A kind of detail and its values.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackEntity {
    /// Its name.
    pub name: String,
    /// Per value the canonical name first, then other ways to write it.
    pub values: Vec<Vec<String>>,
}

/// Everything a company brings.
#[derive(Debug, Clone)]
#[allow(missing_docs)] // the fields are the files
pub struct Pack {
    pub company: Company,
    pub intents: Vec<PackIntent>,
    pub entities: Vec<PackEntity>,
    pub answers: PerLang<PackAnswers>,
    pub phrases: PerLang<BTreeMap<String, Vec<String>>>,
    pub documents: PerLang<Vec<PackDocument>>,
    pub privacy: PerLang<String>,
}

#[derive(Deserialize)]
struct IntentsFile {
    intent: Vec<PackIntent>,
}

#[derive(Deserialize)]
struct EntitiesFile {
    entity: Vec<PackEntity>,
}

#[derive(Deserialize)]
struct DocumentsFile {
    document: Vec<PackDocument>,
}

/// The built-in company's files by their path inside the pack.
const BUILT_IN: [(&str, &str); 15] = [
    (
        "company.toml",
        include_str!("../../assets/knowledge/company.toml"),
    ),
    (
        "intents.toml",
        include_str!("../../assets/knowledge/intents.toml"),
    ),
    (
        "entities.toml",
        include_str!("../../assets/knowledge/entities.toml"),
    ),
    (
        "answers/pl.toml",
        include_str!("../../assets/knowledge/answers/pl.toml"),
    ),
    (
        "answers/en.toml",
        include_str!("../../assets/knowledge/answers/en.toml"),
    ),
    (
        "answers/de.toml",
        include_str!("../../assets/knowledge/answers/de.toml"),
    ),
    (
        "phrases/pl.toml",
        include_str!("../../assets/knowledge/phrases/pl.toml"),
    ),
    (
        "phrases/en.toml",
        include_str!("../../assets/knowledge/phrases/en.toml"),
    ),
    (
        "phrases/de.toml",
        include_str!("../../assets/knowledge/phrases/de.toml"),
    ),
    (
        "documents/pl.toml",
        include_str!("../../assets/knowledge/documents/pl.toml"),
    ),
    (
        "documents/en.toml",
        include_str!("../../assets/knowledge/documents/en.toml"),
    ),
    (
        "documents/de.toml",
        include_str!("../../assets/knowledge/documents/de.toml"),
    ),
    (
        "privacy/pl.md",
        include_str!("../../assets/knowledge/privacy/pl.md"),
    ),
    (
        "privacy/en.md",
        include_str!("../../assets/knowledge/privacy/en.md"),
    ),
    (
        "privacy/de.md",
        include_str!("../../assets/knowledge/privacy/de.md"),
    ),
];

impl Pack {
    /// The built-in company.
    pub fn built_in() -> Result<Self, KnowledgeError> {
        Self::from_files(|path| {
            BUILT_IN
                .iter()
                .find(|(name, _)| *name == path)
                .map(|(_, text)| *text)
        })
    }

    /// Reads a pack from its files, by their path inside it.
    ///
    /// Errors: a file is missing or not what it should be, or the files contradict each other; names the file.
    pub fn from_files<'a>(file: impl Fn(&str) -> Option<&'a str>) -> Result<Self, KnowledgeError> {
        let text = |path: &str| file(path).ok_or_else(|| wrong(path, "is missing"));
        let pack = Self {
            company: toml_file(text("company.toml")?, "company.toml")?,
            intents: toml_file::<IntentsFile>(text("intents.toml")?, "intents.toml")?.intent,
            entities: toml_file::<EntitiesFile>(text("entities.toml")?, "entities.toml")?.entity,
            answers: per_lang(&text, "answers")?,
            phrases: per_lang(&text, "phrases")?,
            documents: PerLang::try_from_fn(|lang| {
                let path = format!("documents/{}.toml", lang.code());
                Ok::<_, KnowledgeError>(toml_file::<DocumentsFile>(text(&path)?, &path)?.document)
            })?,
            privacy: PerLang::try_from_fn(|lang| {
                text(&format!("privacy/{}.md", lang.code())).map(str::to_owned)
            })?,
        };
        pack.validate()?;
        Ok(pack)
    }

    /// Checks what one file says of another.
    fn validate(&self) -> Result<(), KnowledgeError> {
        self.company.validate()?;
        let is_known = |id: &str| self.intents.iter().any(|intent| intent.id == id);
        for intent in &self.intents {
            if let Some(unknown) = intent.follow_ups.iter().find(|id| !is_known(id)) {
                return Err(wrong(
                    "intents.toml",
                    format!("{unknown:?} is not an intent"),
                ));
            }
        }
        for lang in Lang::ALL {
            let path = format!("answers/{}.toml", lang.code());
            for intent in &self.intents {
                if !self.answers.get(lang).intents.contains_key(&intent.id) {
                    return Err(wrong(&path, format!("has no answer for {}", intent.id)));
                }
            }
            for key in super::snapshot::SystemText::ALL {
                if !self.answers.get(lang).system.contains_key(key.key()) {
                    return Err(wrong(&path, format!("has no sentence {}", key.key())));
                }
            }
            let path = format!("phrases/{}.toml", lang.code());
            for id in self.phrases.get(lang).keys() {
                if !is_known(id) && id != crate::nlu::OUT_OF_SCOPE {
                    return Err(wrong(&path, format!("{id:?} is not an intent")));
                }
            }
        }
        Ok(())
    }
}

fn per_lang<'a, T: DeserializeOwned>(
    text: &impl Fn(&str) -> Result<&'a str, KnowledgeError>,
    folder: &str,
) -> Result<PerLang<T>, KnowledgeError> {
    PerLang::try_from_fn(|lang| {
        let path = format!("{folder}/{}.toml", lang.code());
        toml_file(text(&path)?, &path)
    })
}

fn toml_file<T: DeserializeOwned>(text: &str, path: &str) -> Result<T, KnowledgeError> {
    toml::from_str(text).map_err(|error| wrong(path, error.message().to_owned()))
}

fn wrong(file: &str, why: impl Into<String>) -> KnowledgeError {
    KnowledgeError::Pack {
        file: file.to_owned(),
        why: why.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn a_pack_that_lacks_a_file_says_which() {
        let error = Pack::from_files(|path| {
            BUILT_IN
                .iter()
                .find(|(name, _)| *name == path && path != "answers/de.toml")
                .map(|(_, text)| *text)
        })
        .unwrap_err();
        assert!(error.to_string().contains("answers/de.toml"), "{error}");
    }
}
