//! What becomes of what visitors looked for: suggestions for others, and questions for the team.

use std::sync::PoisonError;

use super::service::{Query, Results};
use super::{Search, SearchError, store};
use crate::analytics::{self, Event};
use crate::chat::{self, Cause, MissedQuestion};
use crate::nlu::Lang;
use crate::nlu::entities::masked;
use crate::platform::clock::now_ms;
use crate::platform::db::DbError;

/// So many of the newest open questions are looked through for searches.
const MISSED_MAX: i64 = 10_000;

impl Search {
    /// Counts a search of a visitor: what they found is offered to others when many look for it, what they did not find
    /// goes to the team.
    pub(super) fn count(&self, query: &Query, results: &Results) {
        let is_filtered = !query.filter.kinds.is_empty() || query.filter.tag.is_some();
        // Other pages, filters and misspelt words say nothing new; without an index nothing is certain.
        if query.offset > 0 || is_filtered || results.corrected.is_some() || results.is_partial {
            return;
        }
        let best = results.shown.first().map(|shown| shown.key.lang());
        let lang = query.filter.lang.or(best);
        let lang = lang.unwrap_or_else(|| self.language_of(&query.text));
        let mut tally = self.tally().lock().unwrap_or_else(PoisonError::into_inner);
        tally.count(lang, &query.text, results.total > 0);
    }

    /// Keeps what was counted since the last time; what cannot be kept is lost.
    pub async fn keep_tally(&self) {
        let (counted, (found, nothing)) = {
            let mut tally = self.tally().lock().unwrap_or_else(PoisonError::into_inner);
            (tally.take(), tally.take_totals())
        };
        if found + nothing == 0 {
            return;
        }
        let knowledge = self.knowledge();
        let kept = self.store().write(move |tx| {
            let now_ms = now_ms();
            let event = Event::SearchesCounted { found, nothing };
            analytics::record(tx, None, &event, now_ms)?;
            let mut is_offered = false;
            for (looked, times) in counted {
                if looked.was_found {
                    is_offered |=
                        store::count_search(tx, looked.lang, &looked.text, times, now_ms)?;
                } else {
                    let text = masked(&looked.text, looked.lang, &knowledge.context(now_ms));
                    chat::note_search(tx, looked.lang, &text, times, now_ms)?;
                }
            }
            Ok::<_, DbError>(is_offered)
        });
        match kept.await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::error!(%error, "counts of searches are lost");
                return;
            }
        }
        let search = self.clone();
        let learned = tokio::task::spawn_blocking(move || search.refresh_phrases()).await;
        if let Ok(Err(error)) = learned {
            tracing::error!(%error, "suggestions stay as they were");
        }
    }

    /// Searches that found nothing and that nobody has dealt with, the newest first.
    pub(super) async fn missed(
        &self,
        lang: Option<Lang>,
    ) -> Result<Vec<MissedQuestion>, SearchError> {
        self.keep_tally().await;
        let open =
            move |tx: &mut dyn crate::platform::db::Tx| chat::open_questions(tx, lang, MISSED_MAX);
        let open = self.store().read(open).await?.into_iter().rev();
        Ok(open
            .filter(|question| question.cause == Cause::Search)
            .collect())
    }
}
