//! POST /api/chatbot/monday-test: does the copying to monday.com work?

use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use super::columns::Column;
use super::service::{Checked, held};
use super::{Monday, Section};
use crate::platform::http::{Owner, Problem};

/// The endpoint.
pub struct MondayApi(pub Monday);

/// Whether leads reach monday.com.
#[derive(Debug, Object)]
struct MondayTest {
    /// The board can be read.
    success: bool,
    /// A key and a board are configured.
    configured: bool,
    /// In a sentence.
    message: String,
    /// The board's name.
    board: Option<String>,
    columns: Vec<MondayColumn>,
    /// Leads that are yet to be copied.
    pending: i64,
    /// Leads the board shows.
    synced: i64,
    /// Leads that were given up.
    failed: i64,
    /// Of these, how many are tried again now.
    retried: usize,
}

/// A column of the board.
#[derive(Debug, Object)]
struct MondayColumn {
    id: String,
    title: String,
    /// monday.com's name of its type.
    kind: String,
    /// What of a lead is written there, e.g. `email`; null: nothing. Columns are known by their titles.
    holds: Option<String>,
}

#[OpenApi(prefix_path = "/api/chatbot", tag = "Section::Monday")]
impl MondayApi {
    /// Read the board on monday.com, and try leads again that were given up, 1,000 at most.
    #[oai(path = "/monday-test", method = "post", operation_id = "test_monday")]
    async fn test(&self, _by: Owner) -> Result<Json<MondayTest>, Problem> {
        Ok(Json(view(&self.0.check().await?)))
    }
}

fn view(checked: &Checked) -> MondayTest {
    let (message, board) = match &checked.board {
        None => ("monday.com is not configured".into(), None),
        Some(Err(error)) => (error.to_string(), None),
        Some(Ok(board)) => ("The board can be read.".into(), Some(board)),
    };
    MondayTest {
        success: board.is_some(),
        configured: checked.board.is_some(),
        message,
        board: board.map(|board| board.name.clone()),
        columns: board
            .iter()
            .flat_map(|board| board.columns.iter().map(column))
            .collect(),
        pending: checked.counts.pending,
        synced: checked.counts.synced,
        failed: checked.counts.failed,
        retried: checked.retried,
    }
}

fn column(column: &Column) -> MondayColumn {
    MondayColumn {
        id: column.id.clone(),
        title: column.title.clone(),
        kind: column.kind.clone(),
        holds: held(column).map(str::to_owned),
    }
}
