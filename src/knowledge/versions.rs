//! The versions of the model: each is known by the phrases that came and went since the one before, so that any of them
//! can be brought back. Phrases are the one truth; a version only remembers them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::store::{self, from_json, to_json};
use crate::nlu::eval::Comparison;
use crate::nlu::{Lang, OUT_OF_SCOPE, Phrase};
use crate::params;
use crate::platform::db::{DbError, Row, Tx};

/// What became better and worse, by language; only languages whose phrases changed.
pub(super) type Evaluation = BTreeMap<Lang, Comparison>;

/// A model that answers, or once did.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelVersion {
    /// Counts from 1.
    pub version: i64,
    /// Phrases it learned from.
    pub phrases: i64,
    /// Intents it tells apart, besides what is out of scope.
    pub intents: i64,
    /// How long training and comparing took.
    pub seconds: f64,
    /// Against the version before; `None` when it was not compared.
    pub evaluation: Option<BTreeMap<Lang, Comparison>>,
    /// `user:<id>`, `key:<id>`; `None`: it was trained by itself.
    pub created_by: Option<String>,
    /// Milliseconds UTC.
    pub created_at_ms: i64,
}

/// The phrases that came and went from one version to the next.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Change {
    added: Vec<Phrase>,
    removed: Vec<Phrase>,
}

impl Change {
    /// What leads from one set to the other.
    pub(super) fn between(before: &BTreeSet<Phrase>, after: &BTreeSet<Phrase>) -> Self {
        Self {
            added: after.difference(before).cloned().collect(),
            removed: before.difference(after).cloned().collect(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }

    /// Makes the set before into the one after.
    fn apply(self, phrases: &mut BTreeSet<Phrase>) {
        for phrase in &self.removed {
            phrases.remove(phrase);
        }
        phrases.extend(self.added);
    }
}

/// A model that is about to answer.
pub(super) struct NewVersion {
    pub(super) change: Change,
    pub(super) phrases: usize,
    pub(super) intents: usize,
    pub(super) seconds: f64,
    pub(super) evaluation: Option<Evaluation>,
    pub(super) created_by: Option<String>,
}

impl NewVersion {
    /// A version that learned from `after` where the one before had `before`; `None` when these are the same.
    pub(super) fn of(
        before: &BTreeSet<Phrase>,
        after: &BTreeSet<Phrase>,
        seconds: f64,
        created_by: Option<String>,
    ) -> Option<Self> {
        let change = Change::between(before, after);
        let intents: BTreeSet<&str> = after
            .iter()
            .map(|phrase| phrase.intent.as_str())
            .filter(|intent| *intent != OUT_OF_SCOPE)
            .collect();
        (!change.is_empty()).then_some(Self {
            change,
            phrases: after.len(),
            intents: intents.len(),
            seconds,
            evaluation: None,
            created_by,
        })
    }
}

/// The phrases a version learned from; `None`: there is no such version.
pub(super) fn phrases_of(
    tx: &mut dyn Tx,
    version: i64,
) -> Result<Option<BTreeSet<Phrase>>, DbError> {
    let exists: i64 = tx.query_value(
        "SELECT COUNT(*) FROM model_versions WHERE version = ?1",
        params![version],
    )?;
    if exists == 0 {
        return Ok(None);
    }
    phrases_at(tx, version).map(Some)
}

/// The phrases of the newest version up to this number; of none, nothing.
fn phrases_at(tx: &mut dyn Tx, version: i64) -> Result<BTreeSet<Phrase>, DbError> {
    let rows = tx.query(
        "SELECT added_json, removed_json FROM model_versions WHERE version <= ?1 ORDER BY version",
        params![version],
    )?;
    let mut phrases = BTreeSet::new();
    for mut row in rows {
        let change = Change {
            added: from_json(&row.take::<String>(0)?)?,
            removed: from_json(&row.take::<String>(1)?)?,
        };
        change.apply(&mut phrases);
    }
    Ok(phrases)
}

/// The phrases the newest version learned from.
pub(super) fn newest_phrases(tx: &mut dyn Tx) -> Result<BTreeSet<Phrase>, DbError> {
    phrases_at(tx, i64::MAX)
}

/// Adds a version. Whoever does holds the training lock, so that `change` is against the newest one.
pub(super) fn insert(tx: &mut dyn Tx, new: &NewVersion, now_ms: i64) -> Result<(), DbError> {
    let version: i64 = tx.query_value(
        "SELECT COALESCE(MAX(version), 0) + 1 FROM model_versions",
        params![],
    )?;
    let evaluation_json = new.evaluation.as_ref().map(to_json).transpose()?;
    tx.execute(
        "INSERT INTO model_versions (version, phrases, intents, seconds, evaluation_json, added_json, removed_json, \
         created_by, created_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            version,
            new.phrases as i64,
            new.intents as i64,
            new.seconds,
            evaluation_json.as_deref(),
            &to_json(&new.change.added)?,
            &to_json(&new.change.removed)?,
            new.created_by.as_deref(),
            now_ms
        ],
    )?;
    Ok(())
}

/// A page of the versions, the newest first, and how many there are.
pub(super) fn list(
    tx: &mut dyn Tx,
    limit: i64,
    offset: i64,
) -> Result<(Vec<ModelVersion>, i64), DbError> {
    let total = tx.query_value("SELECT COUNT(*) FROM model_versions", params![])?;
    let rows = tx.query(
        "SELECT version, phrases, intents, seconds, evaluation_json, created_by, created_at_ms FROM model_versions \
         ORDER BY version DESC LIMIT ?1 OFFSET ?2",
        params![limit, offset],
    )?;
    Ok((
        rows.into_iter().map(version_of).collect::<Result<_, _>>()?,
        total,
    ))
}

/// The version that answers; `None` before the first.
pub(super) fn newest(tx: &mut dyn Tx) -> Result<Option<ModelVersion>, DbError> {
    Ok(list(tx, 1, 0)?.0.pop())
}

fn version_of(mut row: Row) -> Result<ModelVersion, DbError> {
    let evaluation: Option<String> = row.take(4)?;
    Ok(ModelVersion {
        version: row.take(0)?,
        phrases: row.take(1)?,
        intents: row.take(2)?,
        seconds: row.take(3)?,
        evaluation: evaluation.as_deref().map(from_json).transpose()?,
        created_by: row.take(5)?,
        created_at_ms: row.take(6)?,
    })
}

/// Makes the phrases those of a version again; those of intents that are gone are left out.
pub(super) fn bring_back(tx: &mut dyn Tx, wanted: &BTreeSet<Phrase>) -> Result<(), DbError> {
    let now: BTreeSet<Phrase> = store::phrases(tx)?.into_iter().collect();
    let intents: BTreeMap<String, i64> = store::intents(tx)?
        .into_iter()
        .map(|row| (row.name, row.id))
        .collect();
    let change = Change::between(&now, wanted);
    for Phrase { lang, intent, text } in &change.removed {
        if let Some(id) = intents.get(intent) {
            store::delete_phrase(tx, *id, *lang, text)?;
        }
    }
    for Phrase { lang, intent, text } in &change.added {
        if let Some(id) = intents.get(intent) {
            store::insert_phrase(tx, *id, *lang, text)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::db::in_memory;
    use proptest::prelude::*;

    fn phrases() -> impl Strategy<Value = BTreeSet<Phrase>> {
        let phrase = (0..3usize, "[ab]", "[cde]").prop_map(|(lang, intent, text)| Phrase {
            lang: Lang::ALL[lang],
            intent,
            text,
        });
        prop::collection::btree_set(phrase, 0..12)
    }

    proptest! {
        #[test]
        fn every_version_gives_its_phrases_back(sets in prop::collection::vec(phrases(), 1..6)) {
            let given_back = in_memory(|tx| {
                let mut kept = Vec::new();
                let mut before = BTreeSet::new();
                for after in &sets {
                    if let Some(new) = NewVersion::of(&before, after, 0.5, None) {
                        insert(tx, &new, 0)?;
                        kept.push(after.clone());
                    }
                    before.clone_from(after);
                }
                for (version, phrases) in (1..).zip(&kept) {
                    assert_eq!(phrases_of(tx, version)?.as_ref(), Some(phrases));
                }
                for missing in [0, kept.len() as i64 + 1] {
                    assert_eq!(phrases_of(tx, missing)?, None);
                }
                let newest = newest(tx)?.map(|newest| (newest.version, newest.phrases));
                assert_eq!(newest, kept.last().map(|last| (kept.len() as i64, last.len() as i64)));
                newest_phrases(tx)
            });
            prop_assert_eq!(given_back.map_err(|error: DbError| error.to_string()), Ok(sets[sets.len() - 1].clone()));
        }

        #[test]
        fn bringing_a_version_back_leaves_out_only_phrases_of_intents_that_are_gone(
            wanted in phrases(), now in phrases()
        ) {
            let (back, expected) = in_memory(|tx| {
                let id = store::insert_intent(tx, "a", &super::super::PerLang::default(), &[], 1, 0)?;
                let known = |phrase: &&Phrase| phrase.intent == "a";
                for phrase in now.iter().filter(known) {
                    store::insert_phrase(tx, id, phrase.lang, &phrase.text)?;
                }
                bring_back(tx, &wanted)?;
                let expected: BTreeSet<Phrase> = wanted.iter().filter(known).cloned().collect();
                let back: BTreeSet<Phrase> = store::phrases(tx)?.into_iter().collect();
                Ok::<_, DbError>((back, expected))
            }).unwrap();
            prop_assert_eq!(back, expected);
        }
    }
}
