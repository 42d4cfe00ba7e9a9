//! Files → pack.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{
    Pack, PackDocument, PackEntity, PackFiles, PackIntent, PerLang, line_after, path_of,
    privacy_path, wrong,
};
use crate::knowledge::KnowledgeError;
use crate::nlu::Lang;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IntentsFile {
    #[serde(default)]
    intent: Vec<PackIntent>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntitiesFile {
    #[serde(default)]
    entity: Vec<PackEntity>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentsFile {
    #[serde(default)]
    document: Vec<PackDocument>,
}

impl Pack {
    /// Reads a pack from its files and brings every text to the form it is stored in.
    ///
    /// Errors: a file is missing, unknown or not what it should be, or the files contradict each other; names the
    /// file and the line or field.
    pub fn from_files(files: &PackFiles) -> Result<Self, KnowledgeError> {
        let text = |path: &str| {
            let text = files.get(path).map(String::as_str);
            text.ok_or_else(|| wrong(path, "is missing"))
        };
        let pack = Self {
            company: toml_file(text("company.toml")?, "company.toml")?,
            intents: toml_file::<IntentsFile>(text("intents.toml")?, "intents.toml")?.intent,
            entities: toml_file::<EntitiesFile>(text("entities.toml")?, "entities.toml")?.entity,
            answers: per_lang(&text, "answers")?,
            phrases: per_lang(&text, "phrases")?,
            documents: PerLang::try_from_fn(|lang| {
                let path = path_of("documents", lang);
                Ok::<_, KnowledgeError>(toml_file::<DocumentsFile>(text(&path)?, &path)?.document)
            })?,
            privacy: PerLang::try_from_fn(|lang| text(&privacy_path(lang)).map(str::to_owned))?,
        };
        if let Some(path) = files.keys().find(|path| !is_known(path)) {
            return Err(wrong(path, "is not a file of a pack"));
        }
        pack.checked()
    }
}

fn is_known(path: &str) -> bool {
    matches!(path, "company.toml" | "intents.toml" | "entities.toml")
        || Lang::ALL.into_iter().any(|lang| {
            path == privacy_path(lang)
                || ["answers", "phrases", "documents"]
                    .into_iter()
                    .any(|folder| path == path_of(folder, lang))
        })
}

fn per_lang<'a, T: DeserializeOwned>(
    text: &impl Fn(&str) -> Result<&'a str, KnowledgeError>,
    folder: &str,
) -> Result<PerLang<T>, KnowledgeError> {
    PerLang::try_from_fn(|lang| {
        let path = path_of(folder, lang);
        toml_file(text(&path)?, &path)
    })
}

fn toml_file<T: DeserializeOwned>(text: &str, path: &str) -> Result<T, KnowledgeError> {
    toml::from_str(text).map_err(|error| {
        let before = error
            .span()
            .and_then(|span| text.as_bytes().get(..span.start));
        match before {
            Some(before) => {
                let line = line_after(before);
                wrong(path, format!("line {line}: {}", error.message()))
            }
            None => wrong(path, error.message()),
        }
    })
}
