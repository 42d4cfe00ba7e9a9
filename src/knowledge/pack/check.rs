//! What a pack's files say of each other, and whether every text can be shown.

use std::collections::{BTreeMap, BTreeSet};

use super::{Pack, PackAnswers, PackDocument, path_of, privacy_path, wrong};
use crate::knowledge::KnowledgeError;
use crate::knowledge::document::BODY_MAX_CHARS;
use crate::knowledge::snapshot::SystemText;
use crate::knowledge::template::Renderer;
use crate::nlu::{Lang, OUT_OF_SCOPE};
use crate::platform::http::clean_text;

/// Besides what is out of scope.
pub(in crate::knowledge) const INTENTS_MAX: usize = 500;
const ENTITIES_MAX: usize = 100;
const ENTITY_VALUES_MAX: usize = 2_000;
const DOCUMENTS_MAX: usize = 10_000;
/// In one language; a company's own packs stay far below.
pub(in crate::knowledge) const PHRASES_MAX: usize = 50_000;
const NAME_MAX_BYTES: usize = 60;
pub(in crate::knowledge) const LABEL_MAX_CHARS: usize = 60;
const VALUE_MAX_CHARS: usize = 200;
pub(in crate::knowledge) const PHRASE_MAX_CHARS: usize = 500;

impl Pack {
    /// The same pack with every text cleaned.
    ///
    /// Errors: the file and field that is wrong.
    pub(super) fn checked(mut self) -> Result<Self, KnowledgeError> {
        self.company
            .validate()
            .map_err(|error| wrong("company.toml", reason(&error)))?;
        self.check_intents()?;
        self.check_entities()?;
        let ids: BTreeSet<String> = self
            .intents
            .iter()
            .map(|intent| intent.id.clone())
            .collect();
        for lang in Lang::ALL {
            let renderer = Renderer::new(&self.company, None, lang);
            check_answers(self.answers.get_mut(lang), &ids, &renderer, lang)?;
            check_phrases(self.phrases.get_mut(lang), &ids, lang)?;
            check_documents(self.documents.get_mut(lang), &renderer, lang)?;
            check_privacy(
                self.privacy.get_mut(lang),
                self.documents.get(lang),
                &renderer,
                lang,
            )?;
        }
        Ok(self)
    }

    fn check_intents(&mut self) -> Result<(), KnowledgeError> {
        let file = "intents.toml";
        at_most(file, "intents", self.intents.len(), INTENTS_MAX)?;
        let mut ids = BTreeSet::new();
        for intent in &mut self.intents {
            let id = &intent.id;
            check_name(file, id)?;
            if id == OUT_OF_SCOPE {
                return Err(wrong(
                    file,
                    format!("{id} is always there; it only has phrases"),
                ));
            }
            for lang in Lang::ALL {
                let field = format!("{id}.title.{}", lang.code());
                clean(file, &field, intent.title.get_mut(lang), LABEL_MAX_CHARS)?;
            }
            if !ids.insert(id.clone()) {
                return Err(wrong(file, format!("{id} stands there twice")));
            }
        }
        for intent in &self.intents {
            if let Some(unknown) = intent.follow_ups.iter().find(|id| !ids.contains(*id)) {
                return Err(wrong(
                    file,
                    format!("{}.follow_ups: {unknown:?} is not an intent", intent.id),
                ));
            }
        }
        Ok(())
    }

    fn check_entities(&mut self) -> Result<(), KnowledgeError> {
        let file = "entities.toml";
        at_most(file, "entities", self.entities.len(), ENTITIES_MAX)?;
        let mut names = BTreeSet::new();
        for entity in &mut self.entities {
            check_name(file, &entity.name)?;
            let count = entity.values.iter().map(Vec::len).sum();
            at_most(file, &entity.name, count, ENTITY_VALUES_MAX)?;
            for value in entity.values.iter_mut().flatten() {
                clean(file, &entity.name, value, VALUE_MAX_CHARS)?;
            }
            if entity.values.iter().any(Vec::is_empty) {
                return Err(wrong(file, format!("{}: a value has no name", entity.name)));
            }
            if !names.insert(entity.name.clone()) {
                return Err(wrong(file, format!("{} stands there twice", entity.name)));
            }
        }
        Ok(())
    }
}

fn check_answers(
    answers: &mut PackAnswers,
    ids: &BTreeSet<String>,
    renderer: &Renderer,
    lang: Lang,
) -> Result<(), KnowledgeError> {
    let file = path_of("answers", lang);
    let keys: BTreeSet<String> = SystemText::ALL
        .iter()
        .map(|text| text.key().to_owned())
        .collect();
    // Sentences beyond those the assistant itself says are there for `/api/i18n`.
    let parts = [
        ("intents", &mut answers.intents, ids, false),
        ("system", &mut answers.system, &keys, true),
    ];
    for (table, texts, known, takes_more) in parts {
        if let Some(missing) = known.iter().find(|key| !texts.contains_key(*key)) {
            return Err(wrong(&file, format!("{table}.{missing} is missing")));
        }
        for (key, text) in texts {
            let field = format!("{table}.{key}");
            check_name(&file, key)?;
            if !takes_more && !known.contains(key) {
                return Err(wrong(&file, format!("{field} is unknown")));
            }
            clean(&file, &field, text, BODY_MAX_CHARS)?;
            render(&file, &field, renderer, text)?;
        }
    }
    Ok(())
}

/// A phrase that stands there twice is kept once.
fn check_phrases(
    phrases: &mut BTreeMap<String, Vec<String>>,
    ids: &BTreeSet<String>,
    lang: Lang,
) -> Result<(), KnowledgeError> {
    let file = path_of("phrases", lang);
    at_most(
        &file,
        "phrases",
        phrases.values().map(Vec::len).sum(),
        PHRASES_MAX,
    )?;
    for (id, texts) in phrases {
        if !ids.contains(id) && id != OUT_OF_SCOPE {
            return Err(wrong(&file, format!("{id:?} is not an intent")));
        }
        for text in texts.iter_mut() {
            clean(&file, id, text, PHRASE_MAX_CHARS)?;
        }
        let mut seen = BTreeSet::new();
        texts.retain(|text| seen.insert(text.clone()));
    }
    Ok(())
}

fn check_documents(
    documents: &mut [PackDocument],
    renderer: &Renderer,
    lang: Lang,
) -> Result<(), KnowledgeError> {
    let file = path_of("documents", lang);
    at_most(&file, "documents", documents.len(), DOCUMENTS_MAX)?;
    let mut seen = BTreeSet::new();
    for document in documents {
        let name = format!("{} {}", document.kind, document.slug);
        if has_date(&document.fields) {
            return Err(wrong(
                &file,
                format!("{name}: fields: a date must stand in quotes"),
            ));
        }
        let values = document
            .values(lang, 0)
            .checked()
            .map_err(|error| wrong(&file, format!("{name}: {}", reason(&error))))?;
        render(&file, &format!("{name}: title"), renderer, &values.title)?;
        render(&file, &format!("{name}: body"), renderer, &values.body)?;
        for (field, value) in &values.fields {
            renderer.render_json(&mut value.clone()).map_err(|error| {
                wrong(&file, format!("{name}: fields.{field}: {}", reason(&error)))
            })?;
        }
        if !seen.insert((values.kind.clone(), values.slug.clone())) {
            return Err(wrong(&file, format!("{name} stands there twice")));
        }
        *document = values.into();
    }
    Ok(())
}

fn check_privacy(
    markdown: &mut String,
    documents: &[PackDocument],
    renderer: &Renderer,
    lang: Lang,
) -> Result<(), KnowledgeError> {
    let file = privacy_path(lang);
    if markdown.trim().is_empty() {
        markdown.clear();
        return Ok(());
    }
    clean(&file, "text", markdown, BODY_MAX_CHARS)?;
    if !markdown.lines().any(|line| line.starts_with("# ")) {
        return Err(wrong(&file, "has no heading that begins with \"# \""));
    }
    if documents.iter().any(PackDocument::is_privacy_notice) {
        return Err(wrong(
            &file,
            format!("stands in {} too", path_of("documents", lang)),
        ));
    }
    render(&file, "text", renderer, markdown)
}

/// TOML's own dates come through serde as a table with this one key.
fn has_date(fields: &serde_json::Map<String, serde_json::Value>) -> bool {
    fields.iter().any(|(name, value)| {
        name.starts_with("$__toml_private")
            || value.as_object().is_some_and(has_date)
            || value.as_array().is_some_and(|items| {
                items
                    .iter()
                    .filter_map(|item| item.as_object())
                    .any(has_date)
            })
    })
}

/// Whether an intent or entity may be called so: 1 to 60 lower-case letters, digits and underscores.
pub(in crate::knowledge) fn is_name(name: &str) -> bool {
    let is_allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    (1..=NAME_MAX_BYTES).contains(&name.len()) && name.bytes().all(is_allowed)
}

fn check_name(file: &str, name: &str) -> Result<(), KnowledgeError> {
    if is_name(name) {
        return Ok(());
    }
    Err(wrong(
        file,
        format!(
            "{name:?} is not a name of 1 to {NAME_MAX_BYTES} lower-case letters, digits and underscores"
        ),
    ))
}

fn at_most(file: &str, field: &str, count: usize, max: usize) -> Result<(), KnowledgeError> {
    if count > max {
        return Err(wrong(
            file,
            format!("{field}: {count} are too many; at most {max}"),
        ));
    }
    Ok(())
}

fn clean(
    file: &str,
    field: &str,
    text: &mut String,
    max_chars: usize,
) -> Result<(), KnowledgeError> {
    *text =
        clean_text(text, max_chars).map_err(|error| wrong(file, format!("{field}: {error}")))?;
    Ok(())
}

fn render(file: &str, field: &str, renderer: &Renderer, text: &str) -> Result<(), KnowledgeError> {
    renderer
        .render(text)
        .map(|_| ())
        .map_err(|error| wrong(file, format!("{field}: {}", reason(&error))))
}

/// The error as a clause after the file's name.
fn reason(error: &KnowledgeError) -> String {
    error.to_string()
}
