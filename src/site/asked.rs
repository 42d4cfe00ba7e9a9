//! What a request asks of a page, read once.

use poem::Request;
use poem::http::{Method, StatusCode, Uri, header};

use super::fields::{Fields, address};
use super::{FORM_MAX_BYTES, privacy, texts};
use crate::knowledge::{Offered, named_lang, request_lang};
use crate::nlu::Lang;
use crate::platform::clock::now_ms;
use crate::platform::http::{Caller, Problem};

const FORM_TYPE: &str = "application/x-www-form-urlencoded";

/// A request to a page.
pub(super) struct Asked {
    path: String,
    /// What its address says.
    pub(super) query: Fields,
    /// What the form says; empty unless it was sent.
    pub(super) form: Fields,
    /// A form was sent.
    pub(super) is_sent: bool,
    pub(super) lang: Lang,
    /// The address names the language, so links go on naming it.
    pub(super) is_lang_named: bool,
    /// The page of another website that led here.
    pub(super) referrer: Option<String>,
    /// The client has used more than half of its limit.
    pub(super) is_eager: bool,
    pub(super) now_ms: i64,
}

/// The page of another website that led here.
fn foreign_referrer(request: &Request) -> Option<&str> {
    let referrer = request.header(header::REFERER)?;
    let (_, rest) = referrer.split_once("://")?;
    let is_ours = rest.split('/').next() == request.header(header::HOST);
    (!is_ours).then_some(referrer)
}

impl Asked {
    /// Everything but the form.
    pub(super) fn head(uri: &Uri, accept: Option<&str>, offered: &Offered) -> Self {
        let query = Fields::parse(uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
        // A language we do not speak is passed over: the visitor shall see the page.
        let named = query.get("lang").filter(|code| named_lang(code).is_ok());
        let lang = request_lang(named, accept, offered).unwrap_or_else(|_| offered.first());
        Self {
            path: uri.path().to_owned(),
            is_lang_named: named.is_some(),
            query,
            form: Fields::default(),
            is_sent: false,
            lang,
            referrer: None,
            is_eager: false,
            now_ms: now_ms(),
        }
    }

    /// Reads a request; what is wrong with it stands beside what could be read.
    pub(super) async fn read(
        mut request: Request,
        offered: &Offered,
    ) -> (Self, Result<(), Problem>) {
        let mut asked = Self::head(
            request.uri(),
            request.header(header::ACCEPT_LANGUAGE),
            offered,
        );
        asked.is_eager = Caller::of(&request).is_eager;
        asked.referrer = foreign_referrer(&request).map(str::to_owned);
        let read = asked.read_form(&mut request).await;
        (asked, read)
    }

    async fn read_form(&mut self, request: &mut Request) -> Result<(), Problem> {
        Fields::parse(request.uri().query().unwrap_or_default().as_bytes())?;
        match *request.method() {
            Method::GET | Method::HEAD => return Ok(()),
            Method::POST => {}
            _ => {
                return Err(Problem::new(
                    StatusCode::METHOD_NOT_ALLOWED,
                    "method_not_allowed",
                    "This page takes GET and POST.",
                ));
            }
        }
        self.is_sent = true;
        if privacy::is_letters_link(&self.path) {
            // The address says it all; what a mail program sends with its one click is its own matter.
            return Ok(());
        }
        let kind = request.content_type().unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case(FORM_TYPE) {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "Send the form as a browser does.",
            ));
        }
        let body = request.take_body().into_bytes_limit(FORM_MAX_BYTES).await;
        let body =
            body.map_err(|_| Problem::bad_request("malformed_form", "The form is broken."))?;
        self.form = Fields::parse(&body)?;
        Ok(())
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// An address of ours in the visitor's language.
    pub(super) fn url(&self, path: &str, query: &[(&str, &str)]) -> String {
        let named = self.is_lang_named.then(|| ("lang", self.lang.code()));
        address(path, query.iter().copied().chain(named))
    }

    /// This address in another language.
    pub(super) fn in_lang(&self, lang: Lang) -> String {
        let kept = self.query.iter().filter(|(name, _)| *name != "lang");
        address(&self.path, kept.chain([("lang", lang.code())]))
    }

    /// This address, as it was asked for.
    pub(super) fn same(&self) -> String {
        address(&self.path, self.query.iter())
    }

    /// A text of the pages.
    pub(super) fn text(&self, section: &str, name: &str) -> &'static str {
        texts::text(self.lang, section, name)
    }
}
