//! `/search/plain`: results for browsers that run no scripts, put into the page of results.

use poem::error::NotFoundError;
use poem::http::header;
use poem::web::Query as Params;
use poem::{Endpoint, FromRequest, Request, Response, Result};
use serde::Deserialize;

use super::answer::Shown;
use super::engine::{Filter, html};
use super::http::query_text;
use super::service::{Query, Search};
use crate::knowledge::{Published, request_lang};
use crate::platform::http::{AssetSource, Problem, html_page};

/// What the page is built from, and the place in it for the results.
const PAGE: &str = "search.html";
const PLACE: &str = "<ol id=\"plain-results\"></ol>";
const NOTHING: &str = "<p>Nic nie znaleźliśmy. We found nothing. Wir haben nichts gefunden.</p>";
/// There is no second page here.
const RESULTS_MAX: usize = 30;

/// The endpoint.
pub struct PlainResults {
    /// Finds.
    pub search: Search,
    /// Has the page.
    pub pages: AssetSource,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
    lang: Option<String>,
}

impl Endpoint for PlainResults {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let Params(asked) = Params::<Asked>::from_request_without_body(&request).await?;
        let page = (self.pages.get)(PAGE).ok_or(NotFoundError)?;
        let results = self.results(&asked, request.header(header::ACCEPT_LANGUAGE))?;
        let page = String::from_utf8_lossy(&page.plain).replace(PLACE, &results);
        Ok(html_page(page))
    }
}

impl PlainResults {
    fn results(&self, asked: &Asked, accept: Option<&str>) -> Result<String, Problem> {
        if asked.q.trim().is_empty() {
            return Ok(String::new());
        }
        let knowledge = self.search.knowledge();
        let lang = request_lang(asked.lang.as_deref(), accept, knowledge.offered())?;
        let found = self.search.find(&Query {
            text: query_text(&asked.q)?,
            filter: Filter {
                lang: Some(lang),
                ..Filter::default()
            },
            has_typos: true,
            limit: RESULTS_MAX,
            offset: 0,
        })?;
        let items: String = found
            .shown
            .iter()
            .filter_map(|shown| {
                let document = knowledge.published_document(shown.key.id(), shown.key.lang())?;
                Some(item(shown, document))
            })
            .collect();
        Ok(if items.is_empty() {
            NOTHING.to_owned()
        } else {
            format!("<ol>{items}</ol>")
        })
    }
}

/// A result that opens to the whole text, since the page for one document needs scripts.
fn item(shown: &Shown, document: Published<'_>) -> String {
    let text = document.text();
    let paragraphs = text.lines().filter(|line| !line.trim().is_empty());
    let paragraphs: Vec<String> = paragraphs
        .map(|line| format!("<p>{}</p>", html(line, &[])))
        .collect();
    let paragraphs = paragraphs.concat();
    let more = document.url().map_or_else(String::new, |url| {
        let url = html(url, &[]);
        format!("<p><a href=\"{url}\">{url}</a></p>")
    });
    format!(
        "<li lang=\"{}\"><details><summary>{}</summary>{paragraphs}{more}</details></li>",
        document.lang().code(),
        shown.title_html,
    )
}
