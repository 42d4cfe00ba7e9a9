//! Monday.com: an item for a new lead, its status on change (GraphQL over one address).
//!
//! Values travel as variables, never inside the query. Errors come with status 200 as often as not, in one of two
//! shapes, so the body decides.

use std::time::Duration;

use reqwest::Client;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use serde::Deserialize;
use serde_json::{Value, json};

use super::SendError;
use super::api::{self, Answer, Repeat};
use crate::config::Secret;

/// Where Monday.com is reached.
pub const BASE_URL: &str = "https://api.monday.com";
/// The version of the interface this was written for.
const VERSION: &str = "2025-07";
const PARTY: &str = "Monday.com";

/// Words in an error's code that mean "later": limits of complexity, of calls a minute and a day, at once, by address.
const LATER: [&str; 5] = ["COMPLEXITY", "LIMIT", "CONCURRENCY", "TIMEOUT", "INTERNAL"];

/// An account on Monday.com.
#[derive(Debug, Clone)]
pub struct Monday {
    http: Client,
    headers: HeaderMap,
    url: String,
}

#[derive(Deserialize)]
struct Reply {
    data: Option<Value>,
    #[serde(default)]
    errors: Vec<Value>,
    error_code: Option<String>,
}

impl Monday {
    /// * `base_url`: [`BASE_URL`].
    /// * Errors: permanent, when the key is no header's value.
    pub fn new(base_url: &str, key: &Secret) -> Result<Self, SendError> {
        Self::answering_within(base_url, key, None)
    }

    fn answering_within(
        base_url: &str,
        key: &Secret,
        within: Option<Duration>,
    ) -> Result<Self, SendError> {
        let mut authorization = HeaderValue::from_str(key.expose())
            .map_err(|_| SendError::permanent("the key of Monday.com is not one"))?;
        authorization.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, authorization);
        headers.insert("api-version", HeaderValue::from_static(VERSION));
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        Ok(Self {
            http: api::client(within)?,
            headers,
            url: format!("{}/v2", base_url.trim_end_matches('/')),
        })
    }

    /// Makes an item and returns its id.
    ///
    /// * `columns`: values by column id, as Monday.com's `column_values` takes them.
    /// * Errors: [`SendError::Uncertain`] when it is not known whether the item was made.
    pub async fn create_item(
        &self,
        board_id: &str,
        name: &str,
        columns: &Value,
    ) -> Result<String, SendError> {
        let query = "mutation ($board: ID!, $name: String!, $columns: JSON!) { create_item (board_id: $board, \
                     item_name: $name, column_values: $columns, create_labels_if_missing: true) { id } }";
        let variables = json!({"board": board_id, "name": name, "columns": columns.to_string()});
        let data = self.ask(query, &variables, Repeat::Doubles).await?;
        id_of(&data["create_item"]["id"])
    }

    /// Puts `value` (for a status, its label) into one column of an item. The same again does no harm.
    pub async fn change_column(
        &self,
        board_id: &str,
        item_id: &str,
        column_id: &str,
        value: &str,
    ) -> Result<(), SendError> {
        let query = "mutation ($board: ID!, $item: ID!, $column: String!, $value: String!) { \
                     change_simple_column_value (board_id: $board, item_id: $item, column_id: $column, value: $value, \
                     create_labels_if_missing: true) { id } }";
        let variables =
            json!({"board": board_id, "item": item_id, "column": column_id, "value": value});
        let data = self.ask(query, &variables, Repeat::Harmless).await?;
        id_of(&data["change_simple_column_value"]["id"]).map(drop)
    }

    async fn ask(
        &self,
        query: &str,
        variables: &Value,
        repeat: Repeat,
    ) -> Result<Value, SendError> {
        let body = json!({"query": query, "variables": variables}).to_string();
        let request = self.http.post(&self.url).headers(self.headers.clone());
        let answer = api::ask(request.body(body), PARTY, repeat).await?;
        let reply: Option<Reply> = answer.json();
        if let Some(error) = reply.as_ref().and_then(|reply| refusal(&answer, reply)) {
            return Err(error);
        }
        match reply {
            Some(Reply {
                data: Some(data), ..
            }) if answer.status == 200 => Ok(data),
            _ => Err(answer.refusal(PARTY, "", repeat)),
        }
    }
}

/// Ids come as text, in older versions as numbers.
fn id_of(value: &Value) -> Result<String, SendError> {
    match value {
        Value::String(id) => Ok(id.clone()),
        Value::Number(id) => Ok(id.to_string()),
        _ => Err(SendError::uncertain(
            "Monday.com answers without the item's id",
        )),
    }
}

/// What the body of an answer complains about, if it does.
fn refusal(answer: &Answer, reply: &Reply) -> Option<SendError> {
    let extensions = reply.errors.first().map(|error| &error["extensions"]);
    let code = extensions
        .and_then(|extensions| extensions["code"].as_str())
        .or(reply.error_code.as_deref());
    let Some(code) = code else {
        let has_error = !reply.errors.is_empty();
        return has_error.then(|| SendError::permanent("Monday.com refuses the request"));
    };
    // Theirs, but shown to the owner: nothing that is not a code.
    let shown: String = code
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '_')
        .take(60)
        .collect();
    let what = format!("Monday.com refuses: {shown}");
    let upper = code.to_ascii_uppercase();
    let is_later = answer.status == 429 || LATER.iter().any(|word| upper.contains(word));
    if !is_later {
        return Some(SendError::Permanent { what });
    }
    let asked = extensions.and_then(|extensions| extensions["retry_in_seconds"].as_u64());
    Some(SendError::Temporary {
        what,
        retry_after: asked.map(Duration::from_secs).or(answer.retry_after),
    })
}

#[cfg(test)]
#[path = "monday_tests.rs"]
mod tests;
