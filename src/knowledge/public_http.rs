//! GET /api/knowledge/…: what the company tells everyone.

use std::sync::Arc;
use std::time::Duration;

use poem_openapi::OpenApi;
use poem_openapi::param::{Header, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::ToJSON;

use super::language::request_lang;
use super::service::{CACHE_PREFIX, Knowledge};
use super::snapshot::Snapshot;
use super::{shapes, views};
use crate::nlu::Lang;
use crate::platform::http::{JsonBytes, Problem};

/// Rendered answers live this long; a change drops them at once.
const TIME_TO_LIVE: Duration = Duration::from_secs(600);

/// The public reads.
pub struct PublicApi(pub Knowledge);

impl PublicApi {
    /// The cached answer of one view, rendered when it is not there.
    fn cached<T: ToJSON>(
        &self,
        name: &str,
        lang: &Query<Option<String>>,
        accept: &Header<Option<String>>,
        view: impl FnOnce(&Snapshot, Lang) -> T,
    ) -> Result<JsonBytes<T>, Problem> {
        let snapshot = self.0.snapshot();
        let lang = request_lang(lang.0.as_deref(), accept.0.as_deref(), snapshot.offered())?;
        // The generation keeps a reader of the old snapshot from putting its answer back after a change.
        let key = format!(
            "{CACHE_PREFIX}{name}:{}:{}",
            lang.code(),
            snapshot.generation
        );
        if let Some(text) = self.0.cache.get(&key) {
            return Ok(JsonBytes::rendered(text));
        }
        let text = JsonBytes::render(&view(&snapshot, lang));
        self.0.cache.put(key, Arc::clone(&text), TIME_TO_LIVE);
        Ok(JsonBytes::rendered(text))
    }

    /// Renders the answers most pages ask for, so that the first visitor does not wait.
    pub fn warm(&self) {
        let accept = Header(None);
        for lang in Lang::ALL {
            let lang = Query(Some(lang.code().to_owned()));
            let _ = self.cached("packages", &lang, &accept, views::packages);
            let _ = self.cached("process", &lang, &accept, views::process);
            let _ = self.cached("contact", &lang, &accept, views::contact);
            let _ = self.cached("portfolio", &lang, &accept, views::portfolio);
        }
    }
}

macro_rules! read_api {
    ($(#[doc = $doc:literal] $method:ident $path:literal $id:literal $name:literal $answer:ident;)*) => {
        #[OpenApi(prefix_path = "/api/knowledge", tag = "super::Section::Knowledge")]
        impl PublicApi {
            $(
                #[doc = $doc]
                #[oai(path = $path, method = "get", operation_id = $id)]
                async fn $method(
                    &self,
                    /// `pl`, `en` or `de`; else `Accept-Language` decides.
                    lang: Query<Option<String>>,
                    #[oai(name = "Accept-Language")] accept: Header<Option<String>>,
                ) -> Result<JsonBytes<shapes::$answer>, Problem> {
                    self.cached($name, &lang, &accept, views::$method)
                }
            )*

            /// Opening hours, and whether somebody is there now.
            #[oai(path = "/hours", method = "get", operation_id = "knowledge_hours")]
            async fn hours(
                &self,
                /// `pl`, `en` or `de`; else `Accept-Language` decides.
                lang: Query<Option<String>>,
                #[oai(name = "Accept-Language")] accept: Header<Option<String>>,
            ) -> Result<Json<shapes::HoursAnswer>, Problem> {
                let snapshot = self.0.snapshot();
                let lang =
                    request_lang(lang.0.as_deref(), accept.0.as_deref(), snapshot.offered())?;
                Ok(Json(views::hours(&snapshot, lang)))
            }

            /// The privacy notice.
            #[oai(path = "/privacy", method = "get", operation_id = "knowledge_privacy")]
            async fn privacy(
                &self,
                /// `pl`, `en` or `de`; else `Accept-Language` decides.
                lang: Query<Option<String>>,
                #[oai(name = "Accept-Language")] accept: Header<Option<String>>,
            ) -> Result<Json<shapes::PageAnswer>, Problem> {
                let snapshot = self.0.snapshot();
                let lang =
                    request_lang(lang.0.as_deref(), accept.0.as_deref(), snapshot.offered())?;
                views::privacy(&snapshot, lang)
                    .map(Json)
                    .ok_or_else(|| Problem::not_found("not_found", "There is no privacy notice."))
            }
        }
    };
}

read_api! {
    /// The packages and what they include.
    packages "/packages" "knowledge_packages" "packages" Packages;
    /// Finished projects.
    portfolio "/portfolio" "knowledge_portfolio" "portfolio" Portfolio;
    /// The steps from the first meeting to hand-over.
    process "/process" "knowledge_process" "process" Process;
    /// What clients said; empty until the company enters reviews.
    reviews "/reviews" "knowledge_reviews" "reviews" Reviews;
    /// Makers whose products are used.
    partners "/partners" "knowledge_partners" "partners" Partners;
    /// Why clients choose the company.
    why_us "/why-us" "knowledge_why_us" "why_us" WhyUs;
    /// Who works on a project.
    team "/team" "knowledge_team" "team" TeamAnswer;
    /// The company in numbers, and where it works.
    stats "/stats" "knowledge_stats" "stats" StatsAnswer;
    /// Blog articles.
    blog "/blog" "knowledge_blog" "blog" Blog;
    /// Questions and answers.
    faq "/faq" "knowledge_faq" "faq" Faq;
    /// How to reach the company.
    contact "/contact" "knowledge_contact" "contact" ContactAnswer;
    /// What there is, in numbers.
    all "/all" "knowledge_all" "all" All;
}
