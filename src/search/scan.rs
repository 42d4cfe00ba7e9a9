//! Searching without an index: every document is looked through for the very words. Slow and plain, but it needs nothing.

use super::answer::Shown;
use super::engine::{Key, Kind, html, snippet, words};
use super::service::{Query, Results};
use crate::knowledge::{Published, Snapshot};
use crate::nlu::Lang;
use crate::platform::folding::folded;

/// Documents that hold every word of the query, in whatever case and with whatever diacritics.
pub(super) fn find(knowledge: &Snapshot, query: &Query) -> Results {
    let asked: Vec<String> = words(&query.text).map(|word| folded(word.text)).collect();
    let mut results = Results {
        kinds: vec![0; Kind::ALL.len()],
        langs: vec![0; Lang::ALL.len()],
        is_partial: true,
        ..Results::default()
    };
    if asked.is_empty() {
        return results;
    }
    let tag = query.filter.tag.as_deref().map(folded);
    let mut found: Vec<(f32, Key, Published<'_>)> = Vec::new();
    for document in knowledge.published() {
        let Some(kind) = Kind::named(document.kind()) else {
            continue;
        };
        let passes = query.filter.lang.is_none_or(|lang| lang == document.lang())
            && (query.filter.kinds.is_empty() || query.filter.kinds.contains(&kind))
            && tag
                .as_ref()
                .is_none_or(|tag| document.tags().iter().any(|other| folded(other) == *tag));
        if let Some(score) = passes.then(|| score(document, &asked)).flatten() {
            results.kinds[kind as usize] += 1;
            results.langs[document.lang() as usize] += 1;
            found.push((
                score,
                Key::new(kind, document.lang(), document.id()),
                document,
            ));
        }
    }
    results.total = found.len();
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let page = found.into_iter().skip(query.offset).take(query.limit);
    results.shown = page
        .map(|(score, key, document)| shown(score, key, document))
        .collect();
    results
}

/// The share of the words that stand in the title; `None` when one stands nowhere.
fn score(document: Published<'_>, asked: &[String]) -> Option<f32> {
    let title = folded(document.title());
    let text = folded(&format!(
        "{} {}",
        document.tags().join(" "),
        document.text()
    ));
    let in_title = asked.iter().filter(|word| title.contains(*word)).count();
    let is_whole = asked
        .iter()
        .all(|word| title.contains(word) || text.contains(word));
    is_whole.then(|| (1.0 + in_title as f32) / (1.0 + asked.len() as f32))
}

fn shown(score: f32, key: Key, document: Published<'_>) -> Shown {
    let part = snippet(&document.text(), &[]);
    Shown {
        key,
        score,
        title: document.title().to_owned(),
        title_html: html(document.title(), &[]),
        content: part.text,
        content_html: part.html,
    }
}
