//! Pages for visitors that the server draws itself, so that they work without scripts: booking a visit, the visit behind
//! its signed link, a message to the company, the quiz, the privacy notice with what persons can do about their data.
//!
//! Owns no table: what a form says goes to `bookings`, `leads`, `qualification` and `rodo`. Nothing is kept between two
//! steps; what was chosen stands in the address or in the form. Forms hold a random key, under which they are taken once, and success
//! is answered by a redirect, so that neither a reload nor a second click does anything twice. GET changes nothing.

mod asked;
mod book;
mod contact;
mod feedback;
mod fields;
mod form;
mod notice;
mod privacy;
mod quiz;
mod refusal;
mod templates;
mod texts;
mod times;
mod visit;

use std::sync::Arc;

use poem::error::NotFoundError;
use poem::http::{HeaderValue, StatusCode, Uri, header};
use poem::{Endpoint, Request, Response, Result};

use crate::bookings::Bookings;
use crate::knowledge::Knowledge;
use crate::leads::Leads;
use crate::platform::http::{AssetSource, Problem, html_page};
use crate::qualification::Qualification;
use crate::rodo::Rodo;
use asked::Asked;
use templates::{Sheet, Templates};
pub use texts::TextsError;

/// Largest form in bytes: its fields together are far smaller.
pub const FORM_MAX_BYTES: usize = 64 * 1024;

/// The pages. Cheap to clone.
#[derive(Clone)]
pub struct Site {
    bookings: Bookings,
    leads: Leads,
    qualification: Qualification,
    knowledge: Knowledge,
    rodo: Rodo,
    /// `None`: built without the web parts, so there are no pages.
    templates: Option<Arc<Templates>>,
}

/// What a page answers.
enum Reply {
    Page(Sheet),
    /// The form was taken; this address shows what came of it.
    SeeOther(String),
}

/// Whether an address is one of these pages.
pub fn is_page(path: &str) -> bool {
    let is_one_part = |rest: &str| !rest.is_empty() && !rest.contains('/');
    matches!(
        path,
        book::PATH | contact::PATH | quiz::PATH | privacy::PATH | privacy::CODE_PATH
    ) || privacy::is_letters_link(path)
        || path.strip_prefix(visit::FOLDER).is_some_and(is_one_part)
}

impl Site {
    /// Wires the slice.
    ///
    /// * `built`: the built web parts; the pages take their styles and icon from there.
    /// * Errors: a text or a template is damaged.
    pub fn new(
        bookings: Bookings,
        leads: Leads,
        qualification: Qualification,
        knowledge: Knowledge,
        rodo: Rodo,
        built: AssetSource,
    ) -> Result<Self, TextsError> {
        Ok(Self {
            bookings,
            leads,
            qualification,
            knowledge,
            rodo,
            templates: Templates::open(built)?.map(Arc::new),
        })
    }

    /// What a refused request gets to see on one of these pages; `None` on all other addresses.
    ///
    /// * `accept`: the header `Accept-Language`.
    pub fn refusal(&self, uri: &Uri, accept: Option<&str>, problem: &Problem) -> Option<String> {
        if !is_page(uri.path()) {
            return None;
        }
        let asked = Asked::head(uri, accept, self.knowledge.snapshot().offered());
        let sheet = refusal::sheet(&asked, problem);
        self.drawn(&asked, &sheet).ok()
    }

    fn drawn(&self, asked: &Asked, sheet: &Sheet) -> Result<String, Problem> {
        let templates = self.templates.as_ref();
        let templates = templates.ok_or_else(|| Problem::internal("there are no templates"))?;
        let snapshot = self.knowledge.snapshot();
        templates.draw(asked, snapshot.company(), snapshot.offered(), sheet)
    }

    async fn reply(&self, asked: &Asked) -> Result<Reply, Problem> {
        match asked.path() {
            book::PATH => book::reply(self, asked).await,
            contact::PATH => contact::reply(self, asked).await,
            quiz::PATH => quiz::reply(self, asked).await,
            path if path.starts_with(visit::FOLDER) => visit::reply(self, asked).await,
            _ => privacy::reply(self, asked).await,
        }
    }
}

impl Endpoint for Site {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        if self.templates.is_none() {
            return Err(NotFoundError.into());
        }
        let (asked, read) = Asked::read(request, self.knowledge.snapshot().offered()).await;
        let replied = match read {
            Ok(()) => self.reply(&asked).await,
            Err(problem) => Err(problem),
        };
        let sheet = match replied {
            Ok(Reply::SeeOther(address)) => {
                return Ok(Response::builder()
                    .status(StatusCode::SEE_OTHER)
                    .header(header::LOCATION, address)
                    .finish());
            }
            Ok(Reply::Page(sheet)) => sheet,
            Err(problem) => refusal::sheet(&asked, &problem),
        };
        let mut response = html_page(self.drawn(&asked, &sheet)?);
        response.set_status(sheet.status);
        // What a signed link or a code shows stays in no cache. The others may be gone back to, with what was typed.
        let path = asked.path();
        let is_personal = path.starts_with(visit::FOLDER) || privacy::is_personal(path);
        let cache = if is_personal {
            HeaderValue::from_static("no-store")
        } else {
            HeaderValue::from_static("private, no-cache")
        };
        response.headers_mut().insert(header::CACHE_CONTROL, cache);
        Ok(response)
    }
}
