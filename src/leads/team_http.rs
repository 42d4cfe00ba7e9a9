//! /api/leads for the team: what becomes of leads, and lists of them.

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};

use super::Section;
use super::filter::{Asked, Filter, SortBy, SortOrder};
use super::model::{ScoreReason, Status};
use super::service::Leads;
use super::team::By;
use super::team_bodies::{
    LeadAssignment, LeadBulkChange, LeadMergeRequest, LeadNoteRequest, LeadSpamChange,
    LeadStatusChange,
};
use super::timeline::{Event, LeadNoteView};
use super::views::LeadView;
use crate::accounts::reads::{self, View};
use crate::platform::clock::now_ms;
use crate::platform::http::{Agent, IdempotencyKey, JsonText, PageInfo, PageRequest, Problem};

/// The endpoints.
pub struct TeamLeadsApi(pub Leads);

#[derive(Debug, Object)]
struct FilteredLeads {
    leads: Vec<LeadView>,
    pagination: LeadPagination,
}

/// Where a page stands.
#[derive(Debug, Object)]
struct LeadPagination {
    page: u32,
    per_page: u32,
    total: u64,
    pages: u64,
}

impl From<PageInfo> for LeadPagination {
    fn from(info: PageInfo) -> Self {
        Self {
            page: info.page,
            per_page: info.per_page,
            total: info.total,
            pages: info.pages,
        }
    }
}

#[derive(Debug, Object)]
struct LeadMoved {
    id: i64,
    old_status: Status,
    new_status: Status,
    /// The change is on its way to monday.com.
    monday_synced: bool,
}

#[derive(Debug, Object)]
struct LeadsMoved {
    success: bool,
    /// How many have another status now.
    updated: usize,
    /// How many had it already.
    unchanged: usize,
    errors: Vec<LeadNotMoved>,
}

/// A lead that stays as it was.
#[derive(Debug, Object)]
struct LeadNotMoved {
    id: i64,
    error: String,
    code: String,
}

#[derive(Debug, Object)]
struct LeadTimeline {
    lead_id: i64,
    events: Vec<Event>,
}

#[derive(Debug, Object)]
struct LeadScore {
    lead_id: i64,
    /// 0 to 100, the sum of its reasons.
    score: i64,
    reasons: Vec<ScoreReason>,
}

#[derive(ApiResponse)]
enum CreatedNote {
    /// Noted, or noted before under the same Idempotency-Key.
    #[oai(status = 201)]
    Created(Json<LeadNoteView>),
}

#[OpenApi(prefix_path = "/api/leads", tag = "Section::Leads")]
impl TeamLeadsApi {
    /// The leads a filter lets through, sorted.
    #[oai(path = "/filter", method = "get", operation_id = "filter_leads")]
    #[allow(clippy::too_many_arguments)] // the parameters of the query
    async fn filter(
        &self,
        by: Agent,
        status: Query<Option<Status>>,
        /// Those that first came on this day or later: `2026-11-24` in the company's time zone, or RFC 3339.
        start_date: Query<Option<String>>,
        /// Until this day, which counts; or before this moment (RFC 3339).
        end_date: Query<Option<String>>,
        /// Exactly this package.
        package: Query<Option<String>>,
        /// A member's id, or `none`.
        assigned_to: Query<Option<String>>,
        /// 0 to 100.
        min_score: Query<Option<i64>>,
        /// Part of name, e-mail, phone, place or package; case and diacritics do not matter.
        q: Query<Option<String>>,
        /// True: those in the spam folder; else all others.
        spam: Query<Option<bool>>,
        /// `created_at` unless told.
        sort_by: Query<Option<SortBy>>,
        /// `desc` unless told.
        sort_order: Query<Option<SortOrder>>,
        /// From 1.
        page: Query<Option<u32>>,
        /// At most 200.
        per_page: Query<Option<u32>>,
    ) -> Result<Json<FilteredLeads>, Problem> {
        let asked = Asked {
            status: status.0,
            start_date: start_date.0,
            end_date: end_date.0,
            package: package.0,
            assigned_to: assigned_to.0,
            min_score: min_score.0,
            q: q.0,
            spam: spam.0,
        };
        let page = PageRequest::parse(page.0, per_page.0)?;
        let filter = Filter::parse(&asked, &self.0.knowledge.snapshot().zone())?;
        let sort = (
            sort_by.0.unwrap_or_default(),
            sort_order.0.unwrap_or_default(),
        );
        let (limit, offset) = (page.limit(), page.offset());
        let (leads, total) = self.0.list(filter, sort, limit, offset).await?;
        reads::note(&self.0.store, &by.0, View::Leads(leads.len())).await?;
        Ok(Json(FilteredLeads {
            leads: leads.iter().map(LeadView::from).collect(),
            pagination: page.info(total).into(),
        }))
    }

    /// Move a lead on. The same status changes nothing.
    #[oai(
        path = "/:id/status",
        method = "patch",
        operation_id = "set_lead_status"
    )]
    async fn set_status(
        &self,
        by: Agent,
        id: Path<i64>,
        body: Json<LeadStatusChange>,
    ) -> Result<Json<LeadMoved>, Problem> {
        let LeadStatusChange {
            status,
            lost_reason,
        } = body.0;
        let reason = lost_reason.map(|reason| reason.0);
        let by = By::from(&by.0);
        let moved = self
            .0
            .set_status(id.0, status, reason, by, now_ms())
            .await?;
        Ok(Json(LeadMoved {
            id: id.0,
            old_status: moved.before,
            new_status: status,
            monday_synced: moved.is_for_monday,
        }))
    }

    /// Move many leads on, in one transaction. Those that cannot be moved stay as they were and are told.
    #[oai(
        path = "/bulk-update",
        method = "post",
        operation_id = "bulk_update_leads"
    )]
    async fn bulk_update(
        &self,
        by: Agent,
        body: Json<LeadBulkChange>,
    ) -> Result<Json<LeadsMoved>, Problem> {
        let ids = body.0.ids()?;
        let reason = body.0.lost_reason.map(|reason| reason.0);
        let (by, status) = (By::from(&by.0), body.0.status);
        let bulk = self
            .0
            .bulk_status(ids, status, reason, by, now_ms())
            .await?;
        let errors = bulk.refused.into_iter().map(|(id, error)| {
            let problem = Problem::from(error);
            LeadNotMoved {
                id,
                error: problem.sentence().to_owned(),
                code: problem.code().to_owned(),
            }
        });
        Ok(Json(LeadsMoved {
            success: true,
            updated: bulk.changed.len(),
            unchanged: bulk.unchanged,
            errors: errors.collect(),
        }))
    }

    /// Everything that became of a lead, the oldest first.
    #[oai(path = "/:id/timeline", method = "get", operation_id = "lead_timeline")]
    async fn timeline(&self, by: Agent, id: Path<i64>) -> Result<Json<LeadTimeline>, Problem> {
        let events = self.0.timeline(id.0).await?;
        reads::note(&self.0.store, &by.0, View::LeadTimeline(id.0)).await?;
        Ok(Json(LeadTimeline {
            lead_id: id.0,
            events,
        }))
    }

    /// Note something on a lead. Notes stay; the newest also stands in the lead.
    #[oai(path = "/:id/notes", method = "post", operation_id = "add_lead_note")]
    async fn add_note(
        &self,
        by: Agent,
        id: Path<i64>,
        /// A repeat with the same key gets the first answer.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
        body: Json<LeadNoteRequest>,
    ) -> Result<CreatedNote, Problem> {
        let JsonText(text) = &body.0.note;
        let by = By::from(&by.0);
        let note = self.0.add_note(id.0, text, key, by, now_ms()).await?;
        Ok(CreatedNote::Created(Json(note)))
    }

    /// Give a lead to a member of the team, to whoever's turn it is, or to nobody.
    #[oai(path = "/:id/assign", method = "post", operation_id = "assign_lead")]
    async fn assign(
        &self,
        by: Agent,
        id: Path<i64>,
        body: Json<LeadAssignment>,
    ) -> Result<Json<LeadView>, Problem> {
        let to = body.0.parse()?;
        let lead = self.0.assign(id.0, to, By::from(&by.0), now_ms()).await?;
        Ok(Json(LeadView::from(&lead)))
    }

    /// Put a lead into the spam folder, or take it out. What comes out is announced, and its letters are sent.
    #[oai(path = "/:id/spam", method = "patch", operation_id = "set_lead_spam")]
    async fn set_spam(
        &self,
        by: Agent,
        id: Path<i64>,
        body: Json<LeadSpamChange>,
    ) -> Result<Json<LeadView>, Problem> {
        let by = By::from(&by.0);
        let lead = self.0.set_spam(id.0, body.0.is_spam, by, now_ms()).await?;
        Ok(Json(LeadView::from(&lead)))
    }

    /// Make two leads one: what was said, noted, sent, booked and quoted of both is that of the one that stays.
    #[oai(path = "/:id/merge", method = "post", operation_id = "merge_leads")]
    async fn merge(
        &self,
        by: Agent,
        id: Path<i64>,
        body: Json<LeadMergeRequest>,
    ) -> Result<Json<LeadView>, Problem> {
        let merge = body.0.parse(id.0)?;
        let by = By::from(&by.0);
        let lead = self.0.merge(merge, body.0.fields, by, now_ms()).await?;
        Ok(Json(LeadView::from(&lead)))
    }

    /// What a lead's points are for.
    #[oai(path = "/:id/score", method = "get", operation_id = "lead_score")]
    async fn score(&self, _by: Agent, id: Path<i64>) -> Result<Json<LeadScore>, Problem> {
        let lead = self.0.lead(id.0).await?;
        Ok(Json(LeadScore {
            lead_id: lead.id,
            score: lead.score,
            reasons: lead.score_reasons,
        }))
    }
}
