//! The company's own synonyms: what they may hold, and their use cases.

use super::engine::Synonym;
use super::{Search, SearchError, store};
use crate::nlu::Lang;
use crate::platform::clock::now_ms;
use crate::platform::db::Tx;
use crate::platform::http::{IdempotencyKey, Problem, clean_text, once};

/// A group of more is no group of synonyms.
const WORDS_MAX: usize = 20;
/// A word or a short phrase.
const PHRASE_MAX_CHARS: usize = 60;
const PHRASE_MAX_WORDS: usize = 4;

/// Synonyms as they are on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OwnSynonym {
    pub(super) id: i64,
    pub(super) values: SynonymValues,
    pub(super) created_at_ms: i64,
    pub(super) updated_at_ms: i64,
}

/// Words that stand for one another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SynonymValues {
    pub(super) lang: Lang,
    /// Each finds the others; else the first also finds the others.
    pub(super) is_two_way: bool,
    pub(super) words: Vec<String>,
}

impl SynonymValues {
    /// Checks the words; one that stands there twice is kept once.
    ///
    /// Errors: fewer than two, too many, or one that is too long or has no letters.
    pub(super) fn parse(
        lang: Lang,
        is_two_way: bool,
        words: &[String],
    ) -> Result<Self, SearchError> {
        let refused = |why: String| SearchError::Field("words", why);
        let mut kept: Vec<String> = Vec::new();
        for word in words {
            let word =
                clean_text(word, PHRASE_MAX_CHARS).map_err(|why| refused(why.to_string()))?;
            let count = super::engine::words(&word).count();
            if !(1..=PHRASE_MAX_WORDS).contains(&count) {
                return Err(refused(format!(
                    "each must have 1 to {PHRASE_MAX_WORDS} words"
                )));
            }
            if !kept.contains(&word) {
                kept.push(word);
            }
        }
        if !(2..=WORDS_MAX).contains(&kept.len()) {
            return Err(refused(format!("must be 2 to {WORDS_MAX} different ones")));
        }
        Ok(Self {
            lang,
            is_two_way,
            words: kept,
        })
    }

    fn rules(&self) -> Vec<Synonym> {
        match self.words.split_first() {
            Some((from, to)) if !self.is_two_way => {
                vec![Synonym {
                    lang: self.lang,
                    from: from.clone(),
                    to: to.to_vec(),
                }]
            }
            _ => Synonym::two_way(self.lang, &self.words),
        }
    }
}

impl Search {
    /// The company's synonyms.
    pub(super) async fn synonyms(&self) -> Result<Vec<OwnSynonym>, SearchError> {
        Ok(self.store().read(|tx| store::synonyms(tx)).await?)
    }

    /// Adds synonyms, once for each key.
    ///
    /// * `body`: what was sent, by which a repeat is known.
    pub(super) async fn add_synonym<B>(
        &self,
        values: SynonymValues,
        key: IdempotencyKey,
        body: B,
    ) -> Result<OwnSynonym, Problem>
    where
        B: serde::Serialize + Send + 'static,
    {
        let change = move |tx: &mut dyn Tx| {
            let id: i64 = once(tx, &key, "create_search_synonym", &body, |tx| {
                Ok(store::insert_synonym(tx, &values, now_ms())?)
            })?;
            Ok::<_, Problem>(store::synonym(tx, id)?)
        };
        let added = self.store().write(change).await?;
        self.use_synonyms().await?;
        Ok(added)
    }

    /// Replaces synonyms.
    pub(super) async fn replace_synonym(
        &self,
        id: i64,
        values: SynonymValues,
    ) -> Result<OwnSynonym, SearchError> {
        let change = move |tx: &mut dyn Tx| {
            store::update_synonym(tx, id, &values, now_ms())?;
            store::synonym(tx, id)
        };
        let changed = self.store().write(change).await?;
        self.use_synonyms().await?;
        Ok(changed)
    }

    /// Removes synonyms.
    pub(super) async fn remove_synonym(&self, id: i64) -> Result<(), SearchError> {
        self.store()
            .write(move |tx| store::delete_synonym(tx, id))
            .await?;
        self.use_synonyms().await
    }

    /// Searches with the synonyms as they are now; two changes at once end with what was committed last.
    async fn use_synonyms(&self) -> Result<(), SearchError> {
        let search = self.clone();
        let done = tokio::task::spawn_blocking(move || search.load_synonyms()).await;
        done.map_err(|error| {
            SearchError::Db(crate::platform::db::DbError::Internal(error.to_string()))
        })?
    }

    fn load_synonyms(&self) -> Result<(), SearchError> {
        let Some(engine) = self.engine_if_open() else {
            return Ok(());
        };
        let _one_at_a_time = engine.synonyms_change();
        engine.lexicon.set_synonyms(&self.own_synonyms()?);
        Ok(())
    }

    /// The company's synonyms as rules (blocking).
    pub(super) fn own_synonyms(&self) -> Result<Vec<Synonym>, SearchError> {
        let own = self.store().read_blocking(|tx| store::synonyms(tx))?;
        Ok(own
            .iter()
            .flat_map(|synonym| synonym.values.rules())
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<SynonymValues, SearchError> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        SynonymValues::parse(Lang::Pl, true, &words)
    }

    #[test]
    fn synonyms_are_two_different_short_phrases_or_more() {
        assert_eq!(
            parse(&[" kafelki ", "płytki", "kafelki"]).unwrap().words,
            ["kafelki", "płytki"]
        );
        for refused in [
            &["płytki"][..],
            &["płytki", "płytki"],
            &["płytki", "!?"],
            &["a", "jeden dwa trzy cztery pięć"],
            &["a", ""],
        ] {
            assert!(parse(refused).is_err(), "{refused:?}");
        }
        let many: Vec<String> = (0..21).map(|number| format!("w{number}")).collect();
        assert!(SynonymValues::parse(Lang::Pl, true, &many).is_err());
    }
}
