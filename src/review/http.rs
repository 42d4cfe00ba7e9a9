//! /api/nlu/unanswered: what visitors asked in vain, for the team.

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Enum, Object, OpenApi};

use super::rules::Group;
use super::service::Action;
use super::{Review, ReviewError, Section};
use crate::chat::Cause;
use crate::knowledge::{NewIntent, PerLang, named_lang};
use crate::nlu::entities::Context;
use crate::nlu::{Nlu, OUT_OF_SCOPE};
use crate::platform::clock::{now_ms, to_rfc3339};
use crate::platform::http::{Agent, JsonText, PageRequest, Problem};

/// The endpoints.
pub struct ReviewApi(pub Review);

/// Most intents suggested for a group.
const SUGGESTIONS_MAX: usize = 3;
/// Most phrases learned of a group at once.
const TEXTS_MAX: usize = 50;

/// Questions that are alike.
#[derive(Debug, Object)]
struct GroupView {
    /// To deal with it.
    id: i64,
    /// `pl`, `en` or `de`.
    lang: String,
    /// The first of them; e-mail addresses and phone numbers are masked here and in the examples.
    text: String,
    /// Other wordings, 5 at most.
    examples: Vec<String>,
    /// How often it was asked.
    count: usize,
    causes: Causes,
    /// What visitors tapped after "did you mean", the most frequent first.
    chosen: Vec<Choice>,
    /// What it is most like, best first, 3 at most.
    suggestions: Vec<SuggestedIntent>,
    /// RFC 3339.
    first_at: String,
    /// RFC 3339.
    last_at: String,
}

/// How often the assistant answered in which way.
#[derive(Debug, Object)]
struct Causes {
    /// Said honestly that it does not know, or nothing it offered was meant.
    fallback: usize,
    /// Asked "did you mean".
    unsure: usize,
    /// It was looked for by search, and nothing was found.
    search: usize,
}

#[derive(Debug, Object)]
struct Choice {
    intent: String,
    count: usize,
}

#[derive(Debug, Object)]
struct SuggestedIntent {
    intent: String,
    /// Probability that it is this intent, 0 to 1.
    confidence: f32,
}

#[derive(Debug, Object)]
struct GroupList {
    success: bool,
    groups: Vec<GroupView>,
    page: u32,
    per_page: u32,
    total: u64,
    pages: u64,
}

/// What to do about a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
enum ActionName {
    /// Its questions are phrases of `intent`.
    AddPhrase,
    /// They are phrases of a new `intent` with `titles` and `answers`.
    NewAnswer,
    /// Nothing.
    Ignore,
}

#[derive(Debug, Object)]
#[oai(example)]
struct ResolveBody {
    action: ActionName,
    /// For `add_phrase` the name of an intent; for `new_answer` the new one's: lower-case letters, digits and underscores.
    intent: Option<String>,
    /// For `new_answer`: the label of its button, 60 characters at most.
    titles: Option<InEachLanguage>,
    /// For `new_answer`: its answer; placeholders as in other answers (`{{ phone }}`).
    answers: Option<InEachLanguage>,
    /// Phrases to learn in the group's language, 50 at most; when missing, its first wording.
    #[oai(default)]
    texts: Vec<JsonText>,
}

#[derive(Debug, Object)]
struct InEachLanguage {
    pl: JsonText,
    en: JsonText,
    de: JsonText,
}

impl Example for ResolveBody {
    fn example() -> Self {
        Self {
            action: ActionName::AddPhrase,
            intent: Some("price".into()),
            titles: None,
            answers: None,
            texts: vec![JsonText("Ile to wyjdzie za kawalerkę?".into())],
        }
    }
}

#[derive(Debug, Object)]
struct ResolveAnswer {
    success: bool,
    /// How many questions are dealt with.
    resolved: u64,
}

#[OpenApi(prefix_path = "/api/nlu/unanswered", tag = "Section::Review")]
impl ReviewApi {
    /// Questions the assistant did not answer and searches that found nothing, alike ones together; the most frequent first. Of more than 1,000 the
    /// newest 1,000 are looked at.
    #[oai(path = "/", method = "get", operation_id = "list_unanswered")]
    async fn list(
        &self,
        _by: Agent,
        /// Only this language.
        lang: Query<Option<String>>,
        /// From 1.
        page: Query<Option<u32>>,
        /// At most 200.
        per_page: Query<Option<u32>>,
    ) -> Result<Json<GroupList>, Problem> {
        let page = PageRequest::parse(page.0, per_page.0)?;
        let lang = lang.0.as_deref().map(named_lang).transpose()?;
        let groups = self.0.groups(lang).await?;
        let info = page.info(i64::try_from(groups.len()).unwrap_or(i64::MAX));
        let (knowledge, nlu) = (self.0.knowledge.snapshot(), self.0.knowledge.nlu());
        let context = knowledge.context(now_ms());
        let groups = groups
            .iter()
            .skip(usize::try_from(page.offset()).unwrap_or(usize::MAX))
            .take(usize::try_from(page.limit()).unwrap_or(0))
            .map(|group| view(group, &nlu, &context))
            .collect();
        Ok(Json(GroupList {
            success: true,
            groups,
            page: info.page,
            per_page: info.per_page,
            total: info.total,
            pages: info.pages,
        }))
    }

    /// Deal with a group of questions: learn phrases, write an answer, or ignore it. The assistant learns what is new a
    /// few seconds later.
    #[oai(path = "/:id", method = "post", operation_id = "resolve_unanswered")]
    async fn resolve(
        &self,
        by: Agent,
        /// The id of a group.
        id: Path<i64>,
        body: Json<ResolveBody>,
    ) -> Result<Json<ResolveAnswer>, Problem> {
        let (action, texts) = parse(body.0)?;
        let resolved = self.0.resolve(id.0, action, texts, by.0.actor).await?;
        Ok(Json(ResolveAnswer {
            success: true,
            resolved,
        }))
    }
}

fn parse(body: ResolveBody) -> Result<(Action, Vec<String>), ReviewError> {
    let missing = |field| ReviewError::Field(field, "is needed for this action");
    if body.texts.len() > TEXTS_MAX {
        return Err(ReviewError::Field("texts", "must be at most 50"));
    }
    let action = match body.action {
        ActionName::Ignore => Action::Ignore,
        ActionName::AddPhrase => Action::AddPhrase(body.intent.ok_or(missing("intent"))?),
        ActionName::NewAnswer => {
            let new = NewIntent {
                name: body.intent.ok_or(missing("intent"))?,
                titles: body.titles.ok_or(missing("titles"))?.into(),
                answers: body.answers.ok_or(missing("answers"))?.into(),
            };
            Action::NewAnswer(new.checked()?)
        }
    };
    let texts = body.texts.into_iter().map(|text| text.0).collect();
    Ok((action, texts))
}

impl From<InEachLanguage> for PerLang<String> {
    fn from(texts: InEachLanguage) -> Self {
        Self {
            pl: texts.pl.0,
            en: texts.en.0,
            de: texts.de.0,
        }
    }
}

fn view(group: &Group, nlu: &Nlu, context: &Context<'_>) -> GroupView {
    let text = group.text(context);
    let found = nlu.classify(&text, group.lang());
    let others = found.alternatives.iter();
    let suggestions = std::iter::once((&found.intent, found.confidence))
        .chain(others.map(|other| (&other.intent, other.confidence)))
        .filter(|(intent, _)| ***intent != *OUT_OF_SCOPE)
        .take(SUGGESTIONS_MAX)
        .map(|(intent, confidence)| SuggestedIntent {
            intent: intent.to_string(),
            confidence,
        })
        .collect();
    let chosen = group.chosen().into_iter();
    GroupView {
        id: group.id(),
        lang: group.lang().code().into(),
        examples: group.examples(context),
        text,
        count: group.count(),
        causes: Causes {
            fallback: group.caused(Cause::Fallback),
            unsure: group.caused(Cause::Unsure),
            search: group.caused(Cause::Search),
        },
        chosen: chosen
            .map(|(intent, count)| Choice { intent, count })
            .collect(),
        suggestions,
        first_at: to_rfc3339(group.first_at_ms()),
        last_at: to_rfc3339(group.last_at_ms()),
    }
}
