//! /api/widgets/custom: widgets the team puts together.

use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Serialize;

use super::data::Numbers;
use super::model::{Kind, NewWidget, Shown, Widget};
use super::{Section, Widgets};
use crate::platform::clock::to_rfc3339;
use crate::platform::http::{Agent, IdempotencyKey, JsonText, Problem};

/// The endpoints.
pub struct CustomWidgetsApi(pub Widgets);

/// A new widget.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(example)]
struct CustomWidgetBody {
    /// One line of 1 to 80 characters that no other widget has.
    title: JsonText,
    kind: Kind,
    /// `number` and `line` show a number, `bar` and `list` shares.
    metric: Shown,
    /// 1, 7, 30, 90 or 365, with today.
    period_days: i64,
}

impl Example for CustomWidgetBody {
    fn example() -> Self {
        Self {
            title: JsonText("Leady w tym miesiącu".into()),
            kind: Kind::Line,
            metric: Shown::Leads,
            period_days: 30,
        }
    }
}

/// A widget with its numbers of now.
#[derive(Debug, Object)]
struct CustomWidgetView {
    id: i64,
    title: String,
    kind: Kind,
    metric: Shown,
    period_days: i64,
    /// RFC 3339.
    created_at: String,
    data: Numbers,
}

impl CustomWidgetView {
    fn of((widget, data): (Widget, Numbers)) -> Self {
        let NewWidget {
            title,
            kind,
            shown,
            period_days,
        } = widget.values;
        Self {
            id: widget.id,
            title,
            kind,
            metric: shown,
            period_days,
            created_at: to_rfc3339(widget.created_at_ms),
            data,
        }
    }
}

#[derive(Debug, Object)]
struct CustomWidgetList {
    success: bool,
    /// The oldest first; 50 at most.
    widgets: Vec<CustomWidgetView>,
}

#[derive(Debug, Object)]
struct CustomWidgetAnswer {
    success: bool,
    widget: CustomWidgetView,
}

#[derive(ApiResponse)]
enum CreateCustomWidget {
    /// The widget as stored.
    #[oai(status = 201)]
    Created(Json<CustomWidgetAnswer>),
}

#[derive(ApiResponse)]
enum DeleteCustomWidget {
    /// Removed.
    #[oai(status = 204)]
    Deleted,
}

#[OpenApi(prefix_path = "/api/widgets/custom", tag = "Section::Widgets")]
impl CustomWidgetsApi {
    /// The team's widgets, each with its numbers of now.
    #[oai(path = "/", method = "get", operation_id = "list_custom_widgets")]
    async fn list(&self, _by: Agent) -> Result<Json<CustomWidgetList>, Problem> {
        let widgets = self.0.all().await?.into_iter();
        Ok(Json(CustomWidgetList {
            success: true,
            widgets: widgets.map(CustomWidgetView::of).collect(),
        }))
    }

    /// Add a widget to the team's dashboard; 50 at most.
    #[oai(path = "/", method = "post", operation_id = "create_custom_widget")]
    async fn create(
        &self,
        _by: Agent,
        /// A repeat with the same key gets the first answer.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
        body: Json<CustomWidgetBody>,
    ) -> Result<CreateCustomWidget, Problem> {
        let body = body.0;
        let values = NewWidget::parse(&body.title, body.kind, body.metric, body.period_days)?;
        let made = self.0.add(values, key, body).await?;
        Ok(CreateCustomWidget::Created(Json(CustomWidgetAnswer {
            success: true,
            widget: CustomWidgetView::of(made),
        })))
    }

    /// Delete a widget.
    #[oai(
        path = "/:id",
        method = "delete",
        operation_id = "delete_custom_widget"
    )]
    async fn delete(&self, _by: Agent, id: Path<i64>) -> Result<DeleteCustomWidget, Problem> {
        self.0.remove(id.0).await?;
        Ok(DeleteCustomWidget::Deleted)
    }
}
