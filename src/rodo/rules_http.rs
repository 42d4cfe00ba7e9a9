//! /api/rodo for the owner: what is kept where and for how long, and what must not be erased for now.

use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

use super::Rodo;
use super::register::{DataInventoryEntry, ProcessingActivity, Register};
use super::retention::{Class, Due, Rules};
use super::store::Hold;
use crate::platform::clock::to_rfc3339;
use crate::platform::http::{JsonText, Owner, Problem};

/// The endpoints.
pub struct RodoRulesApi(pub Rodo);

#[derive(Debug, Object)]
struct DataInventory {
    success: bool,
    count: usize,
    entries: Vec<DataInventoryEntry>,
}

#[derive(Debug, Object)]
struct ProcessingRecords {
    success: bool,
    /// Who decides what is kept.
    controller: DataController,
    /// How the data is protected (Art. 32 GDPR).
    safeguards: Vec<String>,
    activities: Vec<ProcessingActivity>,
}

#[derive(Debug, Object)]
struct DataController {
    name: String,
    email: String,
    website: String,
}

#[derive(Debug, Object)]
struct RetentionAnswer {
    success: bool,
    rules: Vec<RetentionRule>,
}

#[derive(Debug, Object)]
struct RetentionRule {
    class: Class,
    /// Days it is kept; null: until somebody erases it.
    days: Option<u32>,
    /// How many would go tonight.
    due: u64,
}

#[derive(Debug, Object)]
#[oai(example)]
struct RetentionChanges {
    rules: Vec<RetentionChange>,
    /// Only say what would go; change nothing.
    #[oai(default)]
    preview: bool,
}

#[derive(Debug, Object)]
struct RetentionChange {
    class: Class,
    /// 30 to 36500; null: never by the clock.
    days: Option<u32>,
}

impl Example for RetentionChanges {
    fn example() -> Self {
        Self {
            rules: vec![RetentionChange {
                class: Class::Conversations,
                days: Some(365),
            }],
            preview: true,
        }
    }
}

#[derive(Debug, Object)]
#[oai(example)]
struct NewHold {
    /// As for the export.
    user_identifier: JsonText,
    /// Why the data must be kept; at most 500 characters, without naming the person.
    reason: JsonText,
}

impl Example for NewHold {
    fn example() -> Self {
        Self {
            user_identifier: JsonText("anna.nowak@example.com".into()),
            reason: JsonText("Claim 12/2026 is open".into()),
        }
    }
}

#[derive(Debug, Object)]
struct HoldPut {
    success: bool,
    id: i64,
}

#[derive(Debug, Object)]
struct HoldList {
    success: bool,
    holds: Vec<HoldView>,
}

#[derive(Debug, Object)]
struct HoldView {
    id: i64,
    reason: String,
    /// Who put it on.
    created_by: String,
    /// RFC 3339.
    created_at: String,
}

#[derive(Debug, Object)]
struct HoldReleased {
    success: bool,
}

const SAFEGUARDS: [&str; 5] = [
    "roles, second factor and API keys that are stored as hashes",
    "TLS where a certificate is set; cookies only over it",
    "files of the data folder readable by the server's account alone",
    "audit log whose rows are chained by hashes",
    "erasure that reaches files, search index and restored backups",
];

#[OpenApi(prefix_path = "/api/rodo", tag = "super::Section::Rodo")]
impl RodoRulesApi {
    /// What is kept where: every column and every place outside of the database, and what erasing does to it.
    #[oai(
        path = "/inventory",
        method = "get",
        operation_id = "get_data_inventory"
    )]
    async fn inventory(&self, _by: Owner) -> Result<Json<DataInventory>, Problem> {
        let entries = Register::read()?.inventory();
        Ok(Json(DataInventory {
            success: true,
            count: entries.len(),
            entries,
        }))
    }

    /// The record of processing activities (Art. 30 GDPR), with the rules of retention that hold now.
    #[oai(
        path = "/register",
        method = "get",
        operation_id = "get_processing_register"
    )]
    async fn register(&self, _by: Owner) -> Result<Json<ProcessingRecords>, Problem> {
        let read = self.0.0.store.read(|tx| Rules::load(tx));
        let rules = read.await?;
        let snapshot = self.0.0.knowledge.snapshot();
        let company = snapshot.company();
        Ok(Json(ProcessingRecords {
            success: true,
            controller: DataController {
                name: company.name.clone(),
                email: company.email.clone(),
                website: company.website.clone(),
            },
            safeguards: SAFEGUARDS.map(str::to_owned).into(),
            activities: Register::read()?.activities(&rules.named()),
        }))
    }

    /// How long what is kept, and what would go tonight.
    #[oai(path = "/retention", method = "get", operation_id = "get_retention")]
    async fn retention(&self, _by: Owner) -> Result<Json<RetentionAnswer>, Problem> {
        Ok(Json(rules(self.0.retention(Vec::new()).await?)))
    }

    /// Change how long what is kept; rules that are not named stay. With `preview` nothing changes, and `due` says what
    /// would go.
    #[oai(path = "/retention", method = "put", operation_id = "put_retention")]
    async fn put_retention(
        &self,
        by: Owner,
        body: Json<RetentionChanges>,
    ) -> Result<Json<RetentionAnswer>, Problem> {
        let body = body.0;
        let changes = body.rules.iter().map(|change| (change.class, change.days));
        let changes: Vec<_> = changes.collect();
        let due = if body.preview {
            self.0.retention(changes).await?
        } else {
            self.0
                .set_retention(changes, by.0.actor.to_string())
                .await?
        };
        Ok(Json(rules(due)))
    }

    /// Legal holds in force.
    #[oai(path = "/holds", method = "get", operation_id = "list_legal_holds")]
    async fn holds(&self, _by: Owner) -> Result<Json<HoldList>, Problem> {
        let view = |hold: Hold| HoldView {
            id: hold.id,
            reason: hold.reason,
            created_by: hold.created_by,
            created_at: to_rfc3339(hold.created_at_ms),
        };
        Ok(Json(HoldList {
            success: true,
            holds: self.0.holds().await?.into_iter().map(view).collect(),
        }))
    }

    /// Keep a person from being erased, by request or by the clock, until the hold is released.
    #[oai(path = "/holds", method = "post", operation_id = "put_legal_hold")]
    async fn hold(&self, by: Owner, body: Json<NewHold>) -> Result<Json<HoldPut>, Problem> {
        let identifier = self.0.identifier(&body.user_identifier)?;
        let id = self
            .0
            .hold(identifier, &body.reason, by.0.actor.to_string())
            .await?;
        Ok(Json(HoldPut { success: true, id }))
    }

    /// Release a hold.
    #[oai(
        path = "/holds/:id",
        method = "delete",
        operation_id = "release_legal_hold"
    )]
    async fn release(&self, by: Owner, id: Path<i64>) -> Result<Json<HoldReleased>, Problem> {
        self.0.release(id.0, by.0.actor.to_string()).await?;
        Ok(Json(HoldReleased { success: true }))
    }
}

fn rules(due: Vec<Due>) -> RetentionAnswer {
    let rule = |due: Due| RetentionRule {
        class: due.class,
        days: due.days,
        due: due.due.unsigned_abs(),
    };
    RetentionAnswer {
        success: true,
        rules: due.into_iter().map(rule).collect(),
    }
}
