//! What `novahouse search` does, in this process or in the server.

use serde::{Deserialize, Serialize};

use super::engine::Filter;
use super::http::query_text;
use super::live_index::Difference;
use super::service::Query;
use super::{Search, SearchError};
use crate::nlu::Lang;

/// A command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SearchCommand {
    /// Build the index of documents anew.
    Reindex,
    /// Compare the index with the database.
    Verify,
    /// Find documents.
    Query {
        /// What to look for.
        text: String,
        /// Only this language.
        lang: Option<String>,
        /// How many at most.
        limit: u8,
    },
}

impl Search {
    /// Does a command (blocking); answers what to print.
    ///
    /// Errors: there is no index yet, it differs from the database, or the command's words are refused.
    pub fn command(&self, command: SearchCommand) -> Result<String, SearchError> {
        match command {
            SearchCommand::Reindex => {
                let stats = self.reindex()?;
                Ok(format!(
                    "{} documents are indexed.",
                    stats.counts.kinds.iter().sum::<usize>()
                ))
            }
            SearchCommand::Verify => verified(&self.verify()?),
            SearchCommand::Query { text, lang, limit } => {
                self.found_lines(&text, lang.as_deref(), limit)
            }
        }
    }

    fn found_lines(
        &self,
        text: &str,
        lang: Option<&str>,
        limit: u8,
    ) -> Result<String, SearchError> {
        let lang = lang.map(|code| {
            code.parse::<Lang>()
                .map_err(|error| SearchError::Field("lang", error.to_string()))
        });
        let results = self.find(&Query {
            text: query_text(text)?,
            filter: Filter {
                lang: lang.transpose()?,
                ..Filter::default()
            },
            has_typos: true,
            limit: usize::from(limit),
            offset: 0,
        })?;
        let mut lines: Vec<String> = results
            .shown
            .iter()
            .map(|shown| {
                let (kind, lang) = (shown.key.kind().name(), shown.key.lang());
                format!(
                    "{:.3}  {kind}  {lang}  {} | {}",
                    shown.score, shown.title, shown.content
                )
            })
            .collect();
        lines.extend(
            results
                .corrected
                .map(|query| format!("Searched for: {query}")),
        );
        lines.push(format!("{} found.", results.total));
        Ok(lines.join("\n"))
    }
}

fn verified(difference: &Difference) -> Result<String, SearchError> {
    if difference.is_none() {
        return Ok("The index holds what the database does.".into());
    }
    Err(SearchError::Differs {
        missing: difference.missing.len(),
        stale: difference.stale.len(),
        gone: difference.gone.len(),
    })
}
