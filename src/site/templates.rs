//! The pages' HTML: assets/pages/*.html on the sheet that the build made (`site.html`, with styles and icon).

use minijinja::value::{Serde, merge_maps};
use minijinja::{AutoEscape, Environment, HtmlEscape, UndefinedBehavior, Value, context};
use poem::http::StatusCode;
use serde_json::{Value as Json, json};

use super::asked::Asked;
use super::texts::{self, TextsError, fill};
use crate::knowledge::{Company, Offered};
use crate::nlu::Lang;
use crate::platform::http::{AssetSource, Problem};

/// What the build made of assets/web/site.html.
const SHEET: &str = "site.html";

macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        const TEMPLATES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../assets/pages/", $name)))),*];
    };
}

templates!(
    "layout.html",
    "parts.html",
    "problem.html",
    "book_service.html",
    "book_times.html",
    "book_details.html",
    "visit.html",
    "visit_times.html",
    "visit_move.html",
    "visit_cancel.html",
    "visit_note.html",
    "visit_rating.html",
    "contact.html",
    "quiz_question.html",
    "quiz_result.html",
    "privacy.html",
    "privacy_code.html",
    "privacy_done.html",
    "withdraw.html",
);

/// A page about to be drawn.
pub(super) struct Sheet {
    pub(super) status: StatusCode,
    pub(super) template: &'static str,
    pub(super) title: String,
    pub(super) values: Json,
}

impl Sheet {
    pub(super) fn new(template: &'static str, title: impl Into<String>, values: Json) -> Self {
        Self {
            status: StatusCode::OK,
            template,
            title: title.into(),
            values,
        }
    }

    pub(super) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }
}

/// The templates, ready to be drawn.
pub(super) struct Templates(Environment<'static>);

impl Templates {
    /// `None` without built web parts.
    ///
    /// Errors: a text or a template is damaged.
    pub(super) fn open(built: AssetSource) -> Result<Option<Self>, TextsError> {
        texts::check()?;
        let Some(sheet) = (built.get)(SHEET) else {
            return Ok(None);
        };
        let sheet = String::from_utf8_lossy(&sheet.plain).into_owned();
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        let own = TEMPLATES
            .iter()
            .map(|(name, html)| (*name, (*html).to_owned()));
        for (name, html) in own.chain([(SHEET, sheet)]) {
            environment
                .add_template_owned(name, html)
                .map_err(|error| TextsError(name.to_owned(), format!("{error:#}")))?;
        }
        Ok(Some(Self(environment)))
    }

    /// Draws a page. Errors: its values do not fit its template.
    pub(super) fn draw(
        &self,
        asked: &Asked,
        company: &Company,
        offered: &Offered,
        sheet: &Sheet,
    ) -> Result<String, Problem> {
        let langs: Vec<Json> = (offered.all().iter())
            .map(|lang| json!({"code": lang.code(), "name": own_name(*lang), "url": asked.in_lang(*lang)}))
            .collect();
        let common = json!({
            "t": texts::all(asked.lang),
            "lang": asked.lang.code(),
            "langs": langs,
            "lang_query": asked.url("", &[]),
            "path": asked.path(),
            "company": {"name": company.name},
            "title": sheet.title,
            "is_findable": false,
        });
        let links = context! {
            privacy => safe(asked, "privacy_note", "link", &asked.url("/privacy", &[]), asked.text("site", "privacy")),
            call => safe(asked, "call", "phone", &format!("tel:{}", company.phone), &company.phone_display),
        };
        let values = merge_maps([
            Value::from(Serde(common)),
            Value::from(Serde(&sheet.values)),
            links,
        ]);
        let drawn = self.0.get_template(sheet.template);
        let drawn = drawn.and_then(|template| template.render(values));
        drawn.map_err(|error| Problem::internal(format!("{error:#}")))
    }
}

/// A sentence of ours with a link in it.
fn safe(asked: &Asked, sentence: &str, place: &str, to: &str, words: &str) -> Value {
    let link = format!("<a href=\"{}\">{}</a>", HtmlEscape(to), HtmlEscape(words));
    Value::from_safe_string(fill(asked.text("site", sentence), &[(place, &link)]))
}

/// Nobody looks for their language under a foreign name.
fn own_name(lang: Lang) -> &'static str {
    match lang {
        Lang::Pl => "Polski",
        Lang::En => "English",
        Lang::De => "Deutsch",
    }
}
