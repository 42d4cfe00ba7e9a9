//! What a canned answer is, and what one may hold.

use super::CannedError;
use crate::knowledge::Snapshot;
use crate::nlu::Lang;
use crate::platform::http::clean_text;

const TITLE_MAX_CHARS: usize = 80;
/// As long as a message may be.
const BODY_MAX_CHARS: usize = 2_000;
const TAGS_MAX: usize = 10;
const TAG_MAX_CHARS: usize = 40;

/// A canned answer as it is on disk.
#[derive(Debug, Clone, PartialEq)]
pub struct CannedAnswer {
    /// Id of the answer.
    pub id: i64,
    /// What the team finds it by.
    pub title: String,
    /// Template; placeholders are filled from the company's facts.
    pub body: String,
    /// Its language.
    pub lang: Lang,
    /// Words a visitor's question may hold.
    pub tags: Vec<String>,
    /// Milliseconds UTC.
    pub created_at_ms: i64,
    /// Milliseconds UTC.
    pub updated_at_ms: i64,
}

impl CannedAnswer {
    /// The text as `agent_name` would send it; `None` when it no longer renders with today's facts.
    pub fn text(&self, knowledge: &Snapshot, agent_name: &str) -> Option<String> {
        knowledge.filled(&self.body, self.lang, agent_name).ok()
    }
}

/// What a new or changed canned answer holds, checked.
#[derive(Debug, Clone)]
pub(super) struct CannedValues {
    pub(super) title: String,
    pub(super) body: String,
    pub(super) lang: Lang,
    pub(super) tags: Vec<String>,
}

impl CannedValues {
    /// Checks the values; a tag that stands there twice is kept once.
    ///
    /// Errors: a text is empty, too long or holds control characters; the title has several lines; there are too many
    /// tags; a placeholder is unknown, or the filled text is longer than a message.
    pub(super) fn parse(
        title: &str,
        body: &str,
        lang: Lang,
        tags: &[String],
        knowledge: &Snapshot,
    ) -> Result<Self, CannedError> {
        let title = one_line("title", title, TITLE_MAX_CHARS)?;
        let body =
            clean_text(body, BODY_MAX_CHARS).map_err(|why| CannedError::Text("body", why))?;
        let filled = knowledge.filled(&body, lang, "")?;
        clean_text(&filled, BODY_MAX_CHARS).map_err(|why| CannedError::Text("body", why))?;
        let mut kept: Vec<String> = Vec::new();
        for tag in tags {
            let tag = one_line("tags", tag, TAG_MAX_CHARS)?;
            if !kept.contains(&tag) {
                kept.push(tag);
            }
        }
        if kept.len() > TAGS_MAX {
            return Err(CannedError::Field(
                "tags",
                format!("must be at most {TAGS_MAX}"),
            ));
        }
        Ok(Self {
            title,
            body,
            lang,
            tags: kept,
        })
    }
}

fn one_line(field: &'static str, text: &str, max_chars: usize) -> Result<String, CannedError> {
    let text = clean_text(text, max_chars).map_err(|why| CannedError::Text(field, why))?;
    if text.contains(['\n', '\t']) {
        return Err(CannedError::Field(field, "must be one line".into()));
    }
    Ok(text)
}
