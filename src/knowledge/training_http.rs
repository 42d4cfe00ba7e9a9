//! /api/nlu/train and /api/nlu/versions: what the assistant learned from, for the team; the owner trains and goes back.

use std::collections::BTreeMap;

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::service::Knowledge;
use super::versions::{self, ModelVersion};
use crate::nlu::eval::Comparison;
use crate::platform::clock::to_rfc3339;
use crate::platform::db::DbError;
use crate::platform::http::{Agent, Owner, PageRequest, Problem};

/// The endpoints.
pub struct TrainingApi(pub Knowledge);

/// A version of the model.
#[derive(Debug, Object)]
struct VersionView {
    /// Counts from 1.
    version: i64,
    /// Phrases it learned from.
    phrases: i64,
    /// Intents it tells apart, besides what is out of scope.
    intents: i64,
    /// How long training and comparing took.
    seconds: f64,
    /// What became better and worse against the version before, for each language whose phrases changed; null when it
    /// was not compared: the first version, and one that came with a pack or at the start of the server.
    evaluation: Option<BTreeMap<String, Comparison>>,
    /// `user:<id>` or `key:<id>`; null: it was trained by itself.
    created_by: Option<String>,
    /// RFC 3339.
    created_at: String,
}

impl From<ModelVersion> for VersionView {
    fn from(version: ModelVersion) -> Self {
        let by_code = |evaluation: BTreeMap<crate::nlu::Lang, Comparison>| {
            let languages = evaluation.into_iter();
            languages
                .map(|(lang, comparison)| (lang.code().to_owned(), comparison))
                .collect()
        };
        Self {
            version: version.version,
            phrases: version.phrases,
            intents: version.intents,
            seconds: version.seconds,
            evaluation: version.evaluation.map(by_code),
            created_by: version.created_by,
            created_at: to_rfc3339(version.created_at_ms),
        }
    }
}

#[derive(Debug, Object)]
struct VersionAnswer {
    success: bool,
    #[oai(flatten)]
    version: VersionView,
}

#[derive(Debug, Object)]
struct VersionList {
    success: bool,
    versions: Vec<VersionView>,
    page: u32,
    per_page: u32,
    total: u64,
    pages: u64,
}

#[OpenApi(prefix_path = "/api/nlu", tag = "super::Section::Understanding")]
impl TrainingApi {
    /// Train from the phrases as they are now; the model in use answers until the new one is compared with it. When
    /// nothing has changed, answers the version in use.
    #[oai(path = "/train", method = "post", operation_id = "train")]
    async fn train(&self, by: Owner) -> Result<Json<VersionAnswer>, Problem> {
        Ok(answer(self.0.train_for(by.0.actor).await?))
    }

    /// The versions of the model, the newest first.
    #[oai(path = "/versions", method = "get", operation_id = "list_versions")]
    async fn versions(
        &self,
        _by: Agent,
        /// From 1.
        page: Query<Option<u32>>,
        /// At most 200.
        per_page: Query<Option<u32>>,
    ) -> Result<Json<VersionList>, Problem> {
        let page = PageRequest::parse(page.0, per_page.0)?;
        let list = move |tx: &mut dyn crate::platform::db::Tx| {
            versions::list(tx, page.limit(), page.offset())
        };
        let (rows, total) = self.0.store.read::<_, DbError, _>(list).await?;
        let info = page.info(total);
        Ok(Json(VersionList {
            success: true,
            versions: rows.into_iter().map(VersionView::from).collect(),
            page: info.page,
            per_page: info.per_page,
            total: info.total,
            pages: info.pages,
        }))
    }

    /// Bring the phrases of a version back and train from them, which becomes a new version. Phrases of intents that
    /// are gone are left out.
    #[oai(
        path = "/versions/:version/restore",
        method = "post",
        operation_id = "restore_version"
    )]
    async fn restore(&self, by: Owner, version: Path<i64>) -> Result<Json<VersionAnswer>, Problem> {
        Ok(answer(self.0.restore(version.0, by.0.actor).await?))
    }
}

fn answer(version: ModelVersion) -> Json<VersionAnswer> {
    Json(VersionAnswer {
        success: true,
        version: version.into(),
    })
}
