//! Every address: the endpoints of all slices, their document, the pages, and what a path counts against.

use std::sync::Arc;

use poem::http::Method;
use poem::{Endpoint, EndpointExt, Route};
use poem_openapi::{OpenApi, OpenApiService};

use super::AppError;
use crate::accounts::{self, Accounts};
use crate::analytics::{Analytics, AnalyticsApi, Conversion, InsightApi, Performance};
use crate::backup::{BackupApi, Backups};
use crate::bookings::{BookingApi, BookingSetupApi, Bookings, RemindersApi, TeamBookingApi};
use crate::canned::{Canned, CannedApi};
use crate::chat::{Chat, ChatApi, ConversationsApi, PrivacyApi, WaitingApi};
use crate::experiments::{Experiments, ExperimentsApi, TrackApi};
use crate::health::HealthApi;
use crate::knowledge::{
    DocumentsApi, EntitiesApi, I18nApi, IntentsApi, Knowledge, NluApi, PACK_MAX_BYTES, PackApi,
    PublicApi, TrainingApi,
};
use crate::leads::{IMPORT_MAX_BYTES, LeadFilesApi, Leads, LeadsApi, TeamLeadsApi};
use crate::monday::{Monday, MondayApi};
use crate::notify::outbox::{MessagesApi, Notify, OutboxApi, REFUSAL_FOLDER};
use crate::pages;
use crate::platform::http::{
    BodyLimit, Caller, DeclaredPatterns, Document, NamedMisfits, RateGroup, Role,
};
use crate::qualification::{Qualification, QualificationApi};
use crate::quotes::{Quotes, QuotesApi};
use crate::review::{Review, ReviewApi};
use crate::rodo::{Rodo, RodoApi, RodoPeopleApi, RodoRulesApi};
use crate::search::{PlainResults, Search, SearchApi, TeamSearchApi};
use crate::settings::{Settings, SettingsApi};
use crate::site::{self, Site};
use crate::uploads::{FILES_MAX as UPLOADS_MAX, FilesApi, Uploads, UploadsApi};
use crate::webhooks::{Webhooks, WebhooksApi};
use crate::widgets::{CustomWidgetsApi, Widgets, WidgetsApi};

/// What the endpoints are made from.
pub(super) struct Slices {
    pub(super) bookings: Bookings,
    pub(super) chat: Chat,
    pub(super) canned: Canned,
    pub(super) review: Review,
    pub(super) search: Search,
    pub(super) uploads: Uploads,
    pub(super) knowledge: Knowledge,
    pub(super) settings: Settings,
    pub(super) quotes: Quotes,
    pub(super) leads: Leads,
    pub(super) qualification: Qualification,
    pub(super) notify: Notify,
    pub(super) webhooks: Webhooks,
    pub(super) monday: Monday,
    pub(super) rodo: Rodo,
    pub(super) backups: Backups,
    pub(super) analytics: Analytics,
    pub(super) accounts: Accounts,
    pub(super) health: HealthApi,
    pub(super) performance: Performance,
    pub(super) conversion: Conversion,
    pub(super) widgets: Widgets,
    pub(super) site: Site,
    pub(super) experiments: Experiments,
}

/// Every documented endpoint, one tuple per area.
fn apis(slices: Slices) -> impl OpenApi + 'static {
    let (chat, knowledge) = (slices.chat.clone(), slices.knowledge);
    (
        (
            ChatApi(chat.clone()),
            PrivacyApi(chat.clone()),
            ConversationsApi(chat.clone()),
            WaitingApi(chat),
            CannedApi(slices.canned),
            ReviewApi(slices.review),
        ),
        (
            PublicApi(knowledge.clone()),
            DocumentsApi(knowledge.clone()),
            I18nApi(knowledge.clone()),
            IntentsApi(knowledge.clone()),
            EntitiesApi(knowledge.clone()),
            NluApi(knowledge.clone()),
            TrainingApi(knowledge.clone()),
            PackApi(knowledge.clone()),
            SettingsApi(slices.settings),
        ),
        (
            QuotesApi(slices.quotes),
            LeadsApi(slices.leads.clone()),
            TeamLeadsApi(slices.leads.clone()),
            LeadFilesApi(slices.leads),
            QualificationApi(slices.qualification),
            SearchApi(slices.search.clone()),
            TeamSearchApi(slices.search),
            UploadsApi {
                uploads: slices.uploads,
                chat: slices.chat,
            },
        ),
        (
            BookingApi(slices.bookings.clone()),
            TeamBookingApi(slices.bookings.clone()),
            BookingSetupApi(slices.bookings.clone()),
            RemindersApi(slices.bookings),
        ),
        accounts::apis(&slices.accounts),
        (
            OutboxApi(slices.notify.clone()),
            MessagesApi(slices.notify),
            WebhooksApi(slices.webhooks),
            MondayApi(slices.monday),
        ),
        (
            RodoApi(slices.rodo.clone()),
            RodoPeopleApi(slices.rodo.clone()),
            RodoRulesApi(slices.rodo),
        ),
        BackupApi(slices.backups),
        (
            AnalyticsApi(slices.analytics),
            ExperimentsApi(slices.experiments.clone()),
            TrackApi(slices.experiments),
            InsightApi {
                performance: slices.performance,
                conversion: slices.conversion,
                knowledge,
            },
            WidgetsApi(slices.widgets.clone()),
            CustomWidgetsApi(slices.widgets),
        ),
        slices.health,
    )
}

/// REST, the `OpenAPI` document and the pages.
pub(super) fn routes(slices: Slices) -> Result<impl Endpoint<Output = poem::Response>, AppError> {
    let knowledge = slices.knowledge.clone();
    let search = slices.search.clone();
    let site = slices.site.clone();
    let files = FilesApi {
        uploads: slices.uploads.clone(),
        chat: slices.chat.clone(),
    };
    let service = OpenApiService::new(apis(slices), "NovaHouse", env!("CARGO_PKG_VERSION"))
        .description("Website chatbot, knowledge and the team's inbox. Errors have one shape; see any 4xx answer.")
        .server("/");
    let document = service.spec();
    let spec = Arc::new(Document::new(document.clone()));
    // A file of its own rather than part of the pages: it is there before they are drawn, and so are the colours.
    let theme = poem::endpoint::make_sync(move |_| {
        poem::Response::builder()
            .content_type("text/css; charset=utf-8")
            .header(poem::http::header::CACHE_CONTROL, "no-cache")
            .body(knowledge.snapshot().theme_css().to_owned())
    });
    let service =
        NamedMisfits::new(service, &document).map_err(|error| AppError::Other(Box::new(error)))?;
    let service = Arc::new(service.boxed());
    let pages = pages::pages();
    let plain_results = PlainResults { search, pages };
    let routes = Route::new()
        .at("/openapi.json", poem::get(Arc::clone(&spec)))
        .at("/api/docs/spec", poem::get(spec))
        .at("/theme.css", poem::get(theme))
        .at("/search/plain", poem::get(plain_results))
        .at("/uploads/:key", files)
        .at("/book", site.clone())
        .at("/booking/:token", site.clone())
        .at("/contact", site.clone())
        .at("/qualification", site.clone())
        .at("/privacy", site.clone())
        .at("/privacy/code", site.clone())
        .at("/privacy/withdraw/:token", site)
        .at("/api/docs", pages)
        .at("/api/docs/redoc", pages)
        .at("/metrics", Arc::clone(&service))
        .nest_no_strip("/api", service)
        .at("/", pages)
        .at("/*rest", pages)
        .map_to_response();
    DeclaredPatterns::new(routes, &document).map_err(|error| AppError::Other(Box::new(error)))
}

/// Which limit a path counts against.
pub(super) fn rate_group(method: &Method, path: &str) -> RateGroup {
    let is_read = *method == Method::GET || *method == Method::HEAD;
    match path {
        // What a browser may send it asks before it sends it.
        _ if *method == Method::OPTIONS => RateGroup::Free,
        "/api/chatbot/chat" | "/api/chatbot/handoff" => RateGroup::Chat,
        "/api/chatbot/delete-my-data" => RateGroup::Rodo,
        "/api/auth/login" | "/api/auth/setup" | "/api/auth/forgot" | "/api/auth/set-password" => {
            RateGroup::Login
        }
        "/api/health" | "/api/_ah/health" | "/api/ready" | "/api/chatbot/health" | "/metrics" => {
            RateGroup::Free
        }
        _ if path.starts_with("/api/chatbot/export-data") => RateGroup::Rodo,
        _ if path.starts_with("/api/rodo/") => RateGroup::Rodo,
        "/api/upload/image" | "/api/upload/multiple" | "/api/chatbot/attachments" => {
            RateGroup::Upload
        }
        _ if path.starts_with("/api/docs") => RateGroup::Free,
        "/api/qualification/submit" => RateGroup::Create,
        _ if path.starts_with("/api/leads") && !is_read => RateGroup::Create,
        _ if path.starts_with("/api/quotes/q/") && !is_read => RateGroup::Create,
        "/api/booking/create" => RateGroup::Create,
        _ if path.starts_with("/api/booking/m/") && !is_read => RateGroup::Create,
        "/search/plain" => RateGroup::Read,
        "/privacy" | "/privacy/code" if !is_read => RateGroup::Rodo,
        // The one click of a letter comes from the few addresses of a mail provider.
        _ if path.starts_with(REFUSAL_FOLDER) => RateGroup::Read,
        _ if site::is_page(path) && is_read => RateGroup::Read,
        _ if site::is_page(path) => RateGroup::Create,
        _ if path == "/api" || path.starts_with("/api/") => RateGroup::Read,
        _ => RateGroup::Free,
    }
}

/// What takes larger bodies than JSON: the knowledge pack, of an owner alone, and pictures and files of leads, which come
/// as they are sent and never lie in memory whole.
pub(super) fn own_body_limit(
    method: &Method,
    path: &str,
    caller: &Caller,
    file_bytes: usize,
) -> Option<BodyLimit> {
    let is_owner = |caller: &Caller| {
        let principal = caller.principal.as_ref();
        principal.is_some_and(|principal| principal.role == Role::Owner)
    };
    let pictures = |files: usize| Some(BodyLimit::Streamed(files * file_bytes + FORM_BYTES));
    match (method.as_str(), path) {
        ("PUT", "/api/knowledge/pack") if is_owner(caller) => {
            Some(BodyLimit::Whole(PACK_MAX_BYTES))
        }
        ("POST", "/api/upload/image" | "/api/chatbot/attachments") => pictures(1),
        ("POST", "/api/upload/multiple") => pictures(UPLOADS_MAX),
        ("POST", "/api/leads/import") if caller.is_agent() => {
            Some(BodyLimit::Streamed(IMPORT_MAX_BYTES))
        }
        ("POST", path) if is_teams_picture(path) && caller.is_agent() => pictures(1),
        ("POST", path) if site::is_page(path) => Some(BodyLimit::Whole(site::FORM_MAX_BYTES)),
        _ => None,
    }
}

/// Room for what a form holds beside its files.
const FORM_BYTES: usize = 64 * 1024;

fn is_teams_picture(path: &str) -> bool {
    path.starts_with("/api/conversations/") && path.ends_with("/attachments")
}
