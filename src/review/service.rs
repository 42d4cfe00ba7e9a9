//! Use cases: one function, one transaction.

use serde_json::json;

use super::ReviewError;
use super::rules::{Group, grouped};
use crate::accounts::audit;
use crate::chat::{self, Resolution};
use crate::knowledge::{Knowledge, NewIntent, add_intent, add_phrases};
use crate::nlu::Lang;
use crate::nlu::entities::masked;
use crate::platform::clock::now_ms;
use crate::platform::db::{DbError, Store};
use crate::platform::http::Actor;

/// So many of the newest open questions are put into groups; those before come up when these are dealt with.
const QUESTIONS_MAX: i64 = 1_000;

/// The review. Cheap to clone.
#[derive(Clone)]
pub struct Review {
    store: Store,
    pub(super) knowledge: Knowledge,
}

/// What the team does about a group of questions.
pub(super) enum Action {
    /// They mean this intent.
    AddPhrase(String),
    /// They get an answer of their own.
    NewAnswer(NewIntent),
    /// Nothing.
    Ignore,
}

impl Action {
    fn resolution(&self) -> Resolution {
        match self {
            Self::AddPhrase(_) => Resolution::Phrase,
            Self::NewAnswer(_) => Resolution::Answer,
            Self::Ignore => Resolution::Ignored,
        }
    }

    /// The intent that learns phrases.
    fn intent(&self) -> Option<&str> {
        match self {
            Self::AddPhrase(intent) => Some(intent),
            Self::NewAnswer(new) => Some(&new.name),
            Self::Ignore => None,
        }
    }
}

impl Review {
    /// Wires the slice.
    pub fn new(store: Store, knowledge: Knowledge) -> Self {
        Self { store, knowledge }
    }

    /// The groups of open questions, of one language or of all.
    pub(super) async fn groups(&self, lang: Option<Lang>) -> Result<Vec<Group>, ReviewError> {
        let questions = self
            .store
            .read(move |tx| chat::open_questions(tx, lang, QUESTIONS_MAX))
            .await?;
        // A thousand questions that are all different are half a million comparisons.
        tokio::task::spawn_blocking(move || grouped(questions))
            .await
            .map_err(|error| DbError::Internal(error.to_string()).into())
    }

    /// Does something about the group with this question; answers how many questions are done with that.
    ///
    /// * `texts`: the phrases to learn; without any the group's first wording. Addresses and numbers are masked.
    /// * Errors: no open question has this number; what is to be learned is refused, and nothing has changed then.
    pub(super) async fn resolve(
        &self,
        question_id: i64,
        action: Action,
        texts: Vec<String>,
        by: Actor,
    ) -> Result<u64, ReviewError> {
        let group = self.group_of(question_id).await?;
        let ids = group.ids();
        let phrases = self.phrases(&group, &texts);
        let lang = group.lang();
        let changes_knowledge = action.intent().is_some();
        let change = move |tx: &mut dyn crate::platform::db::Tx| {
            let now = now_ms();
            let resolved = chat::resolve(tx, &ids, action.resolution(), now)?;
            if resolved == 0 {
                return Err(ReviewError::Resolved);
            }
            if let Action::NewAnswer(new) = &action {
                add_intent(tx, new, now)?;
            }
            if let Some(intent) = action.intent() {
                add_phrases(tx, intent, lang, &phrases)?;
            }
            let details = json!({
                "questions": resolved, "resolution": action.resolution().as_str(), "intent": action.intent()
            });
            audit::record(
                tx,
                &by.to_string(),
                "questions_resolved",
                None,
                &details,
                now,
            )?;
            Ok(resolved)
        };
        if changes_knowledge {
            self.knowledge.change(change).await
        } else {
            self.store.write(change).await
        }
    }

    /// The phrases to learn of a group.
    fn phrases(&self, group: &Group, texts: &[String]) -> Vec<String> {
        let knowledge = self.knowledge.snapshot();
        let context = knowledge.context(now_ms());
        if texts.is_empty() {
            return vec![group.text(&context)];
        }
        texts
            .iter()
            .map(|text| masked(text, group.lang(), &context))
            .collect()
    }

    async fn group_of(&self, question_id: i64) -> Result<Group, ReviewError> {
        let groups = self.groups(None).await?;
        if let Some(group) = groups
            .into_iter()
            .find(|group| group.ids().contains(&question_id))
        {
            return Ok(group);
        }
        let is_resolved = self
            .store
            .read(move |tx| chat::is_resolved(tx, question_id))
            .await?;
        // An open one that is not among the newest is shown to nobody yet.
        match is_resolved {
            Some(true) => Err(ReviewError::Resolved),
            Some(false) | None => Err(ReviewError::NotFound),
        }
    }
}
