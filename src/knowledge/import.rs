//! Reads a pack into an empty database.

use super::KnowledgeError;
use super::pack::{Pack, PackDocument, PerLang};
use super::store::{self, DocumentValues};
use crate::nlu::{Lang, OUT_OF_SCOPE};
use crate::platform::db::Tx;

/// Writes every part of `pack`. The tables must be empty; part of the transaction that makes them so.
pub(super) fn import(tx: &mut dyn Tx, pack: &Pack, now_ms: i64) -> Result<(), KnowledgeError> {
    store::save_company(tx, &pack.company, now_ms)?;
    let mut position = 0;
    for intent in &pack.intents {
        position += 1;
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
    let id = store::insert_intent(
        tx,
        OUT_OF_SCOPE,
        &PerLang::default(),
        &[],
        position + 1,
        now_ms,
    )?;
    import_phrases(tx, pack, OUT_OF_SCOPE, id)?;
    for entity in &pack.entities {
        store::insert_entity(tx, &entity.name, &entity.values, now_ms)?;
    }
    for lang in Lang::ALL {
        let answers = pack.answers.get(lang);
        for (intent, body) in &answers.intents {
            store::save_answer(tx, &format!("intent:{intent}"), lang, body.trim(), now_ms)?;
        }
        for (key, body) in &answers.system {
            store::save_answer(tx, &format!("system:{key}"), lang, body.trim(), now_ms)?;
        }
        for (position, document) in (1..).zip(pack.documents.get(lang)) {
            store::insert_document(tx, &values(document, lang, position), now_ms)?;
        }
        let privacy = privacy(pack.privacy.get(lang), lang);
        store::insert_document(tx, &privacy, now_ms)?;
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

fn values(document: &PackDocument, lang: Lang, position: i64) -> DocumentValues {
    DocumentValues {
        kind: document.kind.clone(),
        slug: document.slug.clone(),
        lang,
        title: document.title.clone(),
        body: document.body.trim().to_owned(),
        tags: document.tags.clone(),
        url: document.url.clone(),
        fields: document.fields.clone(),
        position,
        is_published: true,
    }
}

/// The privacy notice is a page whose body is Markdown; its first heading is the title.
fn privacy(markdown: &str, lang: Lang) -> DocumentValues {
    let title = markdown
        .lines()
        .find_map(|line| line.strip_prefix("# "))
        .unwrap_or("Privacy");
    DocumentValues {
        kind: "page".into(),
        slug: "privacy".into(),
        lang,
        title: title.trim().to_owned(),
        body: markdown.trim().to_owned(),
        tags: Vec::new(),
        url: Some("/privacy".into()),
        fields: serde_json::Map::new(),
        position: 1000,
        is_published: true,
    }
}
