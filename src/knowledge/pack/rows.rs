//! Pack ↔ tables.

use super::{Pack, PackAnswers, PackDocument, PackEntity, PackIntent, PerLang};
use crate::knowledge::KnowledgeError;
use crate::knowledge::document::DocumentValues;
use crate::knowledge::store::{self, DocumentRow};
use crate::nlu::{Lang, OUT_OF_SCOPE};
use crate::platform::db::Tx;

/// Type and slug of the privacy notice, a page whose body is Markdown.
const PRIVACY: (&str, &str) = ("page", "privacy");
/// The privacy notice comes after all other pages.
const PRIVACY_POSITION: i64 = 1_000_000;

/// Replaces what the tables hold by `pack`.
pub(in crate::knowledge) fn import(
    tx: &mut dyn Tx,
    pack: &Pack,
    now_ms: i64,
) -> Result<(), KnowledgeError> {
    store::clear(tx)?;
    store::save_company(tx, &pack.company, now_ms)?;
    for (position, intent) in (1..).zip(&pack.intents) {
        let id = store::insert_intent(
            tx,
            &intent.id,
            &intent.title,
            &intent.follow_ups,
            position,
            now_ms,
        )?;
        import_phrases(tx, pack, &intent.id, id)?;
    }
    let last = pack.intents.len() as i64 + 1;
    let id = store::insert_intent(tx, OUT_OF_SCOPE, &PerLang::default(), &[], last, now_ms)?;
    import_phrases(tx, pack, OUT_OF_SCOPE, id)?;
    for entity in &pack.entities {
        store::insert_entity(tx, &entity.name, &entity.values, now_ms)?;
    }
    for lang in Lang::ALL {
        let answers = pack.answers.get(lang);
        for (intent, body) in &answers.intents {
            store::save_answer(tx, &format!("intent:{intent}"), lang, body, now_ms)?;
        }
        for (key, body) in &answers.system {
            store::save_answer(tx, &format!("system:{key}"), lang, body, now_ms)?;
        }
        for (position, document) in (1..).zip(pack.documents.get(lang)) {
            store::insert_document(tx, &document.values(lang, position), now_ms)?;
        }
        if let Some(notice) = privacy_notice(pack.privacy.get(lang), lang) {
            store::insert_document(tx, &notice, now_ms)?;
        }
    }
    Ok(())
}

fn import_phrases(
    tx: &mut dyn Tx,
    pack: &Pack,
    intent: &str,
    id: i64,
) -> Result<(), KnowledgeError> {
    for lang in Lang::ALL {
        for phrase in pack.phrases.get(lang).get(intent).into_iter().flatten() {
            store::insert_phrase(tx, id, lang, phrase)?;
        }
    }
    Ok(())
}

/// The pack that [`import`] makes these tables of.
pub(in crate::knowledge) fn export(tx: &mut dyn Tx) -> Result<Pack, KnowledgeError> {
    let rows = store::load(tx)?;
    let mut answers: PerLang<PackAnswers> = PerLang::default();
    for row in rows.answers {
        let of_lang = answers.get_mut(row.lang);
        if let Some(intent) = row.name.strip_prefix("intent:") {
            of_lang.intents.insert(intent.to_owned(), row.body);
        } else if let Some(key) = row.name.strip_prefix("system:") {
            of_lang.system.insert(key.to_owned(), row.body);
        }
    }
    let mut phrases: PerLang<std::collections::BTreeMap<String, Vec<String>>> = PerLang::default();
    for phrase in store::phrases(tx)? {
        let of_lang = phrases.get_mut(phrase.lang);
        of_lang.entry(phrase.intent).or_default().push(phrase.text);
    }
    let mut documents: PerLang<Vec<PackDocument>> = PerLang::default();
    let mut privacy: PerLang<String> = PerLang::default();
    let mut in_order = rows.documents;
    in_order.sort_by_key(|row| (row.position, row.id));
    for row in in_order {
        if (row.kind.as_str(), row.slug.as_str()) == PRIVACY && row.is_published {
            *privacy.get_mut(row.lang) = with_heading(&row);
        } else {
            documents.get_mut(row.lang).push(row.into());
        }
    }
    let intents = rows.intents.into_iter();
    Ok(Pack {
        company: rows.company,
        intents: intents
            .filter(|row| row.name != OUT_OF_SCOPE)
            .map(|row| PackIntent {
                id: row.name,
                follow_ups: row.follow_ups,
                title: row.titles,
            })
            .collect(),
        entities: store::entities(tx)?
            .into_iter()
            .map(|row| PackEntity {
                name: row.name,
                values: row.values,
            })
            .collect(),
        answers,
        phrases,
        documents,
        privacy,
    })
}

/// The notice's Markdown with its title as the first heading.
fn with_heading(notice: &DocumentRow) -> String {
    if heading(&notice.body) == Some(notice.title.as_str()) {
        notice.body.clone()
    } else {
        format!("# {}\n\n{}", notice.title, notice.body)
    }
}

/// The text of the first heading.
fn heading(markdown: &str) -> Option<&str> {
    let mut lines = markdown.lines();
    lines
        .find_map(|line| line.strip_prefix("# "))
        .map(str::trim)
}

fn privacy_notice(markdown: &str, lang: Lang) -> Option<DocumentValues> {
    let title = heading(markdown)?.to_owned();
    let (kind, slug) = PRIVACY;
    Some(DocumentValues {
        kind: kind.into(),
        slug: slug.into(),
        lang,
        title,
        body: markdown.to_owned(),
        tags: Vec::new(),
        url: Some("/privacy".into()),
        fields: serde_json::Map::new(),
        pictures: Vec::new(),
        position: PRIVACY_POSITION,
        is_published: true,
    })
}

impl PackDocument {
    /// The row it becomes.
    pub(super) fn values(&self, lang: Lang, position: i64) -> DocumentValues {
        DocumentValues {
            kind: self.kind.clone(),
            slug: self.slug.clone(),
            lang,
            title: self.title.clone(),
            body: self.body.clone(),
            tags: self.tags.clone(),
            url: self.url.clone(),
            fields: self.fields.clone(),
            pictures: self.pictures.clone(),
            position,
            is_published: self.published,
        }
    }

    /// True for what belongs in `privacy/`.
    pub(super) fn is_privacy_notice(&self) -> bool {
        (self.kind.as_str(), self.slug.as_str()) == PRIVACY
    }
}

impl From<DocumentValues> for PackDocument {
    fn from(values: DocumentValues) -> Self {
        Self {
            kind: values.kind,
            slug: values.slug,
            title: values.title,
            body: values.body,
            tags: values.tags,
            url: values.url,
            published: values.is_published,
            fields: values.fields,
            pictures: values.pictures,
        }
    }
}

impl From<DocumentRow> for PackDocument {
    fn from(row: DocumentRow) -> Self {
        Self {
            kind: row.kind,
            slug: row.slug,
            title: row.title,
            body: row.body,
            tags: row.tags,
            url: row.url,
            published: row.is_published,
            fields: row.fields,
            pictures: row.pictures,
        }
    }
}
