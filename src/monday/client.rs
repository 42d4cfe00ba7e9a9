//! The GraphQL interface of monday.com.

use std::time::Duration;

use reqwest::Client as Http;
use reqwest::header::AUTHORIZATION;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::columns::Column;
use crate::config::Secret;
use crate::notify::SendError;
use crate::notify::api::{self, Answer, Repeat};

const PARTY: &str = "monday.com";
const CODE_MAX_CHARS: usize = 60;

/// An account and a board of it.
#[derive(Debug, Clone)]
pub(super) struct Client {
    http: Http,
    url: String,
    key: Secret,
    board_id: String,
}

/// A board.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Board {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
}

#[derive(Deserialize)]
struct Boards {
    boards: Vec<Board>,
}

#[derive(Deserialize)]
struct Item {
    id: String,
}

#[derive(Deserialize)]
struct Created {
    create_item: Item,
}

#[derive(Deserialize)]
struct Page {
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Found {
    items_page_by_column_values: Page,
}

/// A reply; errors come with status 200 too, in the form of GraphQL or in the older one.
#[derive(Deserialize)]
struct Reply {
    data: Option<Value>,
    #[serde(default)]
    errors: Vec<GraphQlError>,
    error_code: Option<String>,
    #[serde(default)]
    error_data: ErrorData,
    status_code: Option<u16>,
}

#[derive(Deserialize)]
struct GraphQlError {
    #[serde(default)]
    extensions: Extensions,
}

#[derive(Default, Deserialize)]
struct Extensions {
    code: Option<String>,
    status_code: Option<u16>,
    retry_in_seconds: Option<f64>,
    #[serde(default)]
    error_data: ErrorData,
}

#[derive(Default, Deserialize)]
struct ErrorData {
    retry_in_seconds: Option<f64>,
}

/// What a refusal says.
#[derive(Debug, Default)]
struct Refusal {
    code: String,
    status: Option<u16>,
    retry_after: Option<Duration>,
}

impl Client {
    /// Where monday.com is reached.
    pub(super) const BASE_URL: &str = "https://api.monday.com/v2";

    /// Errors: permanent, when TLS cannot be set up.
    pub(super) fn new(
        base_url: &str,
        key: Secret,
        board_id: String,
        within: Option<Duration>,
    ) -> Result<Self, SendError> {
        Ok(Self {
            http: api::client(within)?,
            url: base_url.to_owned(),
            key,
            board_id,
        })
    }

    /// The board with its columns.
    pub(super) async fn board(&self) -> Result<Board, SendError> {
        let query =
            "query ($board: [ID!]) { boards (ids: $board) { name columns { id title type } } }";
        let variables = json!({"board": [self.board_id]});
        let found: Boards = self.ask(query, variables, Repeat::Harmless).await?;
        let board = found.boards.into_iter().next();
        board.ok_or_else(|| SendError::permanent("monday.com shows this key no such board"))
    }

    /// The item of a name, if there is one.
    pub(super) async fn find(&self, name: &str) -> Result<Option<String>, SendError> {
        let query = "query ($board: ID!, $name: String!) { items_page_by_column_values (limit: 1, board_id: $board, \
                     columns: [{column_id: \"name\", column_values: [$name]}]) { items { id } } }";
        let variables = json!({"board": self.board_id, "name": name});
        let found: Found = self.ask(query, variables, Repeat::Harmless).await?;
        let items = found.items_page_by_column_values.items;
        Ok(items.into_iter().next().map(|item| item.id))
    }

    /// Makes an item; answers its id.
    pub(super) async fn create(&self, name: &str, values: &Value) -> Result<String, SendError> {
        let query = "mutation ($board: ID!, $name: String!, $values: JSON!) { create_item (board_id: $board, \
                     item_name: $name, column_values: $values, create_labels_if_missing: true) { id } }";
        // Values are JSON in a text.
        let variables = json!({"board": self.board_id, "name": name, "values": values.to_string()});
        let created: Created = self.ask(query, variables, Repeat::Doubles).await?;
        Ok(created.create_item.id)
    }

    /// Gives an item other values.
    pub(super) async fn change(&self, item_id: &str, values: &Value) -> Result<(), SendError> {
        let query = "mutation ($board: ID!, $item: ID!, $values: JSON!) { change_multiple_column_values \
                     (board_id: $board, item_id: $item, column_values: $values, create_labels_if_missing: true) { id } }";
        let variables =
            json!({"board": self.board_id, "item": item_id, "values": values.to_string()});
        self.ask::<Value>(query, variables, Repeat::Harmless)
            .await?;
        Ok(())
    }

    /// Removes an item.
    pub(super) async fn delete(&self, item_id: &str) -> Result<(), SendError> {
        let query = "mutation ($item: ID!) { delete_item (item_id: $item) { id } }";
        let variables = json!({"item": item_id});
        self.ask::<Value>(query, variables, Repeat::Harmless)
            .await?;
        Ok(())
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        query: &str,
        variables: Value,
        repeat: Repeat,
    ) -> Result<T, SendError> {
        let body = json!({"query": query, "variables": variables}).to_string();
        let request = self
            .http
            .post(&self.url)
            .header(AUTHORIZATION, self.key.expose())
            .header("content-type", "application/json")
            .body(body);
        let answer = api::ask(request, PARTY, repeat).await?;
        let reply: Option<Reply> = answer.json();
        if let Some(refusal) = reply.as_ref().and_then(Reply::refusal) {
            return Err(refused(&answer, &refusal, repeat));
        }
        if answer.status != 200 {
            return Err(answer.refusal(PARTY, "", repeat));
        }
        let data = reply.and_then(|reply| serde_json::from_value(reply.data?).ok());
        data.ok_or_else(|| match repeat {
            Repeat::Harmless => SendError::temporary("monday.com's answer cannot be read"),
            Repeat::Doubles => SendError::uncertain("monday.com's answer cannot be read"),
        })
    }
}

impl Reply {
    fn refusal(&self) -> Option<Refusal> {
        let first = self.errors.first().map(|error| &error.extensions);
        if first.is_none() && self.error_code.is_none() {
            return None;
        }
        let code = first.and_then(|error| error.code.as_ref());
        let code = code.or(self.error_code.as_ref());
        let wait_s = first
            .and_then(|error| error.retry_in_seconds.or(error.error_data.retry_in_seconds))
            .or(self.error_data.retry_in_seconds);
        Some(Refusal {
            code: code.map_or_else(String::new, |code| {
                let plain = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
                code.chars().filter(plain).take(CODE_MAX_CHARS).collect()
            }),
            status: first
                .and_then(|error| error.status_code)
                .or(self.status_code),
            retry_after: wait_s.and_then(|wait_s| Duration::try_from_secs_f64(wait_s).ok()),
        })
    }
}

/// What is over a limit, busy or locked was not done and passes; a fault of theirs may have been done; anything else, like a
/// wrong key or value, stays.
fn refused(answer: &Answer, refusal: &Refusal, repeat: Repeat) -> SendError {
    const PASSING: [&str; 6] = [
        "complexity",
        "limit",
        "concurrency",
        "budget",
        "locked",
        "timeout",
    ];
    let status = refusal.status.unwrap_or(answer.status);
    let code = refusal.code.to_ascii_lowercase();
    let what = if refusal.code.is_empty() {
        format!("monday.com refuses with status {status}")
    } else {
        format!("monday.com refuses: {}", refusal.code)
    };
    let is_passing =
        matches!(status, 423 | 429 | 503) || PASSING.iter().any(|part| code.contains(part));
    if is_passing {
        return SendError::Temporary {
            what,
            retry_after: refusal.retry_after.or(answer.retry_after),
        };
    }
    match (status >= 500 || code == "internalservererror", repeat) {
        (true, Repeat::Harmless) => SendError::temporary(what),
        (true, Repeat::Doubles) => SendError::uncertain(what),
        (false, _) => SendError::permanent(what),
    }
}
