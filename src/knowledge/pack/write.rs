//! Pack → files: the same bytes for the same pack.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::{Pack, PackDocument, PackEntity, PackFiles, PackIntent, path_of, privacy_path, wrong};
use crate::knowledge::KnowledgeError;
use crate::nlu::{Lang, OUT_OF_SCOPE};

/// A table whose keys keep the order they are given in.
struct InOrder<'a, T>(Vec<(&'a str, &'a T)>);

impl<T: Serialize> Serialize for InOrder<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

#[derive(Serialize)]
struct IntentsFile<'a> {
    intent: &'a [PackIntent],
}

#[derive(Serialize)]
struct EntitiesFile<'a> {
    entity: &'a [PackEntity],
}

#[derive(Serialize)]
struct DocumentsFile<'a> {
    document: &'a [PackDocument],
}

#[derive(Serialize)]
struct AnswersFile<'a> {
    intents: InOrder<'a, String>,
    system: &'a BTreeMap<String, String>,
}

impl Pack {
    /// Writes the files a pack is made of; [`Pack::from_files`] reads the same pack from them.
    ///
    /// Errors: a document's field holds what TOML cannot say.
    pub fn files(&self) -> Result<PackFiles, KnowledgeError> {
        let mut files = PackFiles::new();
        put(&mut files, "company.toml", &self.company)?;
        let intent = &self.intents;
        put(&mut files, "intents.toml", &IntentsFile { intent })?;
        let entity = &self.entities;
        put(&mut files, "entities.toml", &EntitiesFile { entity })?;
        for lang in Lang::ALL {
            let known = self.answers.get(lang);
            let ids = self.intents.iter().map(|intent| intent.id.as_str());
            let answers = AnswersFile {
                intents: InOrder(
                    ids.filter_map(|id| Some((id, known.intents.get(id)?)))
                        .collect(),
                ),
                system: &known.system,
            };
            put(&mut files, &path_of("answers", lang), &answers)?;
            let known = self.phrases.get(lang);
            let ids = self.intents.iter().map(|intent| intent.id.as_str());
            let phrases = InOrder(
                ids.chain([OUT_OF_SCOPE])
                    .filter_map(|id| Some((id, known.get(id)?)))
                    .collect(),
            );
            put(&mut files, &path_of("phrases", lang), &phrases)?;
            let document = self.documents.get(lang);
            put(
                &mut files,
                &path_of("documents", lang),
                &DocumentsFile { document },
            )?;
            files.insert(privacy_path(lang), format!("{}\n", self.privacy.get(lang)));
        }
        Ok(files)
    }
}

fn put(files: &mut PackFiles, path: &str, value: &impl Serialize) -> Result<(), KnowledgeError> {
    let text = toml::to_string_pretty(value).map_err(|error| wrong(path, error.to_string()))?;
    files.insert(path.to_owned(), text);
    Ok(())
}
