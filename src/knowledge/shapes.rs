//! What the public knowledge endpoints answer, in the shapes of v2.3 with fields added.

use std::collections::HashMap;

use poem_openapi::Object;

use crate::quotes::Money;
use crate::uploads::Attachment;

/// GET /packages.
#[derive(Debug, Object)]
#[allow(missing_docs)]
pub struct Packages {
    pub success: bool,
    pub count: usize,
    pub packages: Vec<Package>,
    /// Range of all packages per square metre, labour and materials included.
    pub price_per_sqm: PriceRange,
}

/// From–to in units of the currency.
#[derive(Debug, Object)]
#[allow(missing_docs)]
pub struct PriceRange {
    pub min: Money,
    pub max: Money,
    /// ISO 4217.
    pub currency: String,
}

/// One package.
#[derive(Debug, Object)]
#[allow(missing_docs)]
pub struct Package {
    /// `standard`, `premium` or `luxury`.
    pub id: String,
    pub name: String,
    pub description: String,
    pub includes: Vec<String>,
    pub ideal_for: Option<String>,
    pub pictures: Vec<Attachment>,
}

/// GET /portfolio.
#[derive(Debug, Object)]
#[allow(missing_docs)]
pub struct Portfolio {
    pub success: bool,
    pub count: usize,
    pub portfolio: Vec<Project>,
    /// The titles, one a line.
    pub description: String,
}

/// A finished project.
#[derive(Debug, Object)]
#[allow(missing_docs)]
pub struct Project {
    pub id: String,
    pub title: String,
    /// `flat`, `house` …
    #[oai(rename = "type")]
    pub kind: String,
    pub location: Option<String>,
    pub url: Option<String>,
    pub description: String,
    pub area_m2: Option<f64>,
    pub rooms: Option<u32>,
    pub design: Option<String>,
    pub pictures: Vec<Attachment>,
}

/// GET /process.
#[derive(Debug, Object)]
#[allow(missing_docs)]
pub struct Process {
    pub success: bool,
    pub total_steps: usize,
    pub steps: Vec<Step>,
    /// The steps' titles, one a line.
    pub overview: String,
}

/// One step of the work.
#[derive(Debug, Object)]
#[allow(missing_docs)]
pub struct Step {
    pub step: String,
    pub title: String,
    pub description: String,
    pub duration: String,
    pub deliverables: Vec<String>,
}

/// GET /reviews.
#[derive(Debug, Object)]
#[allow(missing_docs)]
pub struct Reviews {
    pub success: bool,
    pub count: usize,
    pub reviews: Vec<Review>,
    pub summary: String,
    pub google_url: Option<String>,
}

/// What a client said.
#[derive(Debug, Object)]
#[allow(missing_docs)]
pub struct Review {
    pub id: String,
    pub author: String,
    pub text: String,
    pub rating: Option<u32>,
    pub date: Option<String>,
    pub url: Option<String>,
    pub pictures: Vec<Attachment>,
}

/// GET /partners.
#[derive(Debug, Object)]
#[allow(missing_docs)]
pub struct Partners {
    pub success: bool,
    pub count: usize,
    pub partners: Vec<String>,
    pub description: String,
}

/// GET /why-us.
#[derive(Debug, Object)]
#[allow(missing_docs)]
pub struct WhyUs {
    pub success: bool,
    pub count: usize,
    pub usp: Vec<Advantage>,
}

/// One advantage.
#[derive(Debug, Object)]
#[allow(missing_docs)]
pub struct Advantage {
    pub key: String,
    pub title: String,
    pub value: String,
}

/// GET /team.
#[derive(Debug, Object)]
#[allow(missing_docs)]
pub struct TeamAnswer {
    pub success: bool,
    pub team: Team,
}

/// Who works for the company. Members are empty until the company enters them.
#[derive(Debug, Object)]
#[allow(missing_docs)]
pub struct Team {
    pub title: String,
    pub description: String,
    pub members: Vec<String>,
}

/// GET /stats.
#[derive(Debug, Object)]
#[allow(missing_docs)]
pub struct StatsAnswer {
    pub success: bool,
    pub stats: Stats,
    pub coverage: Vec<String>,
}

/// Numbers about the company.
#[derive(Debug, Object)]
#[allow(missing_docs)]
pub struct Stats {
    pub completed_projects: String,
    pub satisfied_percent: u32,
    pub before_deadline_percent: u32,
    pub warranty_months: u32,
    pub partners: usize,
}

/// GET /blog.
#[derive(Debug, Object)]
#[allow(missing_docs)]
pub struct Blog {
    pub success: bool,
    pub count: usize,
    pub articles: Vec<Article>,
}

/// A blog article.
#[derive(Debug, Object)]
#[allow(missing_docs)]
pub struct Article {
    pub id: String,
    pub title: String,
    pub content: String,
    pub tags: Vec<String>,
    pub url: Option<String>,
    pub pictures: Vec<Attachment>,
}

/// GET /faq.
#[derive(Debug, Object)]
#[allow(missing_docs)]
pub struct Faq {
    pub success: bool,
    pub count: usize,
    pub faq: Vec<Question>,
}

/// A question and its answer.
#[derive(Debug, Object)]
#[allow(missing_docs)]
pub struct Question {
    pub id: String,
    pub question: String,
    pub answer: String,
    pub tags: Vec<String>,
    pub intent: Option<String>,
}

/// GET /contact.
#[derive(Debug, Object)]
#[allow(missing_docs)]
pub struct ContactAnswer {
    pub success: bool,
    pub contact: Contact,
}

/// How to reach the company.
#[derive(Debug, Object)]
#[allow(missing_docs)]
pub struct Contact {
    pub company: String,
    /// E.164.
    pub phone: String,
    pub phone_display: String,
    pub email: String,
    pub website: String,
    /// Of the office; empty when nobody is received there.
    pub address: String,
    /// In words.
    pub opening_hours: String,
    pub areas: Vec<String>,
}

/// GET /hours.
#[derive(Debug, Object)]
#[allow(missing_docs)]
pub struct HoursAnswer {
    pub success: bool,
    /// IANA name.
    pub time_zone: String,
    /// In words.
    pub opening_hours: String,
    /// Spans `HH:MM-HH:MM` by `mon` … `sun`; empty when closed.
    pub days: HashMap<String, Vec<String>>,
    /// Days on which nobody is there, `YYYY-MM-DD`.
    pub closures: Vec<String>,
    pub is_open: bool,
    /// RFC 3339; null while open.
    pub next_open: Option<String>,
}

/// GET /privacy.
#[derive(Debug, Object)]
#[allow(missing_docs)]
pub struct PageAnswer {
    pub success: bool,
    pub title: String,
    /// The text as Markdown.
    pub markdown: String,
}

/// GET /all.
#[derive(Debug, Object)]
#[allow(missing_docs)]
pub struct All {
    pub success: bool,
    pub summary: Summary,
}

/// What there is, in numbers.
#[derive(Debug, Object)]
#[allow(missing_docs)]
pub struct Summary {
    pub stats: Stats,
    pub coverage: Vec<String>,
    pub portfolio_count: usize,
    pub reviews_count: usize,
    pub partners_count: usize,
    pub blog_articles: usize,
    pub usp_count: usize,
    pub process_steps: usize,
    pub faq_count: usize,
    pub packages_count: usize,
}
