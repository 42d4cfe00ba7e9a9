//! Fills the public answers from the snapshot.

use serde_json::Value;

use super::opening::say_hours;
use super::shapes::{
    Advantage, All, Article, Blog, Contact, ContactAnswer, Faq, HoursAnswer, Package, Packages,
    PageAnswer, Partners, Portfolio, PriceRange, Process, Project, Question, Review, Reviews,
    Stats, StatsAnswer, Step, Summary, Team, TeamAnswer, WhyUs,
};
use super::snapshot::Snapshot;
use super::store::DocumentRow;
use crate::nlu::Lang;
use crate::platform::clock::now_ms;

fn text(document: &DocumentRow, field: &str) -> Option<String> {
    match document.fields.get(field)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn texts(document: &DocumentRow, field: &str) -> Vec<String> {
    let items = document.fields.get(field).and_then(Value::as_array);
    items
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

fn number(document: &DocumentRow, field: &str) -> Option<u32> {
    let number = document.fields.get(field)?.as_u64()?;
    u32::try_from(number).ok()
}

fn lines(titles: impl Iterator<Item = String>) -> String {
    titles.collect::<Vec<_>>().join("\n")
}

fn package(snapshot: &Snapshot, document: &DocumentRow) -> Package {
    Package {
        id: document.slug.clone(),
        name: document.title.clone(),
        description: document.body.clone(),
        includes: texts(document, "includes"),
        ideal_for: text(document, "ideal_for"),
        pictures: snapshot.pictures(document),
    }
}

impl Snapshot {
    /// What the company tells about one package, if it still has it.
    pub fn package(&self, id: &str, lang: Lang) -> Option<Package> {
        let document = self.document("package", id, lang)?;
        Some(package(self, document))
    }
}

pub(super) fn packages(snapshot: &Snapshot, lang: Lang) -> Packages {
    let packages: Vec<Package> = snapshot
        .documents("package", lang)
        .map(|document| package(snapshot, document))
        .collect();
    let list = snapshot.price_list();
    let range = list.prices.per_m2.all();
    Packages {
        success: true,
        count: packages.len(),
        packages,
        price_per_sqm: PriceRange {
            min: range.min,
            max: range.max,
            currency: list.prices.currency.clone(),
        },
    }
}

pub(super) fn portfolio(snapshot: &Snapshot, lang: Lang) -> Portfolio {
    let portfolio: Vec<Project> = snapshot
        .documents("portfolio", lang)
        .map(|document| Project {
            id: document.slug.clone(),
            title: document.title.clone(),
            kind: text(document, "kind").unwrap_or_else(|| "project".into()),
            location: text(document, "location"),
            url: document.url.clone(),
            description: document.body.clone(),
            area_m2: document.fields.get("area_m2").and_then(Value::as_f64),
            rooms: number(document, "rooms"),
            design: text(document, "design"),
            pictures: snapshot.pictures(document),
        })
        .collect();
    Portfolio {
        success: true,
        count: portfolio.len(),
        description: lines(portfolio.iter().map(|project| project.title.clone())),
        portfolio,
    }
}

pub(super) fn process(snapshot: &Snapshot, lang: Lang) -> Process {
    let steps: Vec<Step> = snapshot
        .documents("process", lang)
        .map(|document| Step {
            step: text(document, "step").unwrap_or_else(|| document.slug.clone()),
            title: document.title.clone(),
            description: document.body.clone(),
            duration: text(document, "duration").unwrap_or_default(),
            deliverables: texts(document, "deliverables"),
        })
        .collect();
    Process {
        success: true,
        total_steps: steps.len(),
        overview: lines(
            steps
                .iter()
                .map(|step| format!("{}. {}", step.step, step.title)),
        ),
        steps,
    }
}

pub(super) fn reviews(snapshot: &Snapshot, lang: Lang) -> Reviews {
    let reviews: Vec<Review> = snapshot
        .documents("review", lang)
        .map(|document| Review {
            id: document.slug.clone(),
            author: document.title.clone(),
            text: document.body.clone(),
            rating: number(document, "rating"),
            date: text(document, "date"),
            url: document.url.clone(),
            pictures: snapshot.pictures(document),
        })
        .collect();
    Reviews {
        success: true,
        count: reviews.len(),
        summary: snapshot
            .intent("reviews")
            .map_or_else(String::new, |intent| intent.answers.get(lang).clone()),
        google_url: None,
        reviews,
    }
}

pub(super) fn partners(snapshot: &Snapshot, lang: Lang) -> Partners {
    let partners = snapshot.company().partners.clone();
    Partners {
        success: true,
        count: partners.len(),
        description: snapshot
            .intent("brands")
            .map_or_else(String::new, |intent| intent.answers.get(lang).clone()),
        partners,
    }
}

pub(super) fn why_us(snapshot: &Snapshot, lang: Lang) -> WhyUs {
    let usp: Vec<Advantage> = snapshot
        .documents("why_us", lang)
        .map(|document| Advantage {
            key: document.slug.clone(),
            title: document.title.clone(),
            value: document.body.clone(),
        })
        .collect();
    WhyUs {
        success: true,
        count: usp.len(),
        usp,
    }
}

pub(super) fn team(snapshot: &Snapshot, lang: Lang) -> TeamAnswer {
    let page = snapshot.document("page", "team", lang);
    TeamAnswer {
        success: true,
        team: Team {
            title: page.map_or_else(String::new, |page| page.title.clone()),
            description: page.map_or_else(String::new, |page| page.body.clone()),
            members: page.map_or_else(Vec::new, |page| texts(page, "members")),
        },
    }
}

fn numbers(snapshot: &Snapshot) -> Stats {
    let company = snapshot.company();
    Stats {
        completed_projects: company.facts.projects.clone(),
        satisfied_percent: company.facts.satisfied_percent,
        before_deadline_percent: company.facts.before_deadline_percent,
        warranty_months: company.facts.warranty_months,
        partners: company.partners.len(),
    }
}

fn coverage(snapshot: &Snapshot, lang: Lang) -> Vec<String> {
    let areas = snapshot.company().areas.iter();
    areas.map(|area| area.get(lang).clone()).collect()
}

pub(super) fn stats(snapshot: &Snapshot, lang: Lang) -> StatsAnswer {
    StatsAnswer {
        success: true,
        stats: numbers(snapshot),
        coverage: coverage(snapshot, lang),
    }
}

pub(super) fn blog(snapshot: &Snapshot, lang: Lang) -> Blog {
    let articles: Vec<Article> = snapshot
        .documents("blog", lang)
        .map(|document| Article {
            id: document.slug.clone(),
            title: document.title.clone(),
            content: document.body.clone(),
            tags: document.tags.clone(),
            url: document.url.clone(),
            pictures: snapshot.pictures(document),
        })
        .collect();
    Blog {
        success: true,
        count: articles.len(),
        articles,
    }
}

pub(super) fn faq(snapshot: &Snapshot, lang: Lang) -> Faq {
    let faq: Vec<Question> = snapshot
        .documents("faq", lang)
        .map(|document| Question {
            id: document.slug.clone(),
            question: document.title.clone(),
            answer: document.body.clone(),
            tags: document.tags.clone(),
            intent: text(document, "intent"),
        })
        .collect();
    Faq {
        success: true,
        count: faq.len(),
        faq,
    }
}

pub(super) fn contact(snapshot: &Snapshot, lang: Lang) -> ContactAnswer {
    let company = snapshot.company();
    ContactAnswer {
        success: true,
        contact: Contact {
            company: company.name.clone(),
            phone: company.phone.clone(),
            phone_display: company.phone_display.clone(),
            email: company.email.clone(),
            website: company.website.clone(),
            address: company.address.clone(),
            opening_hours: say_hours(&company.hours, lang),
            areas: coverage(snapshot, lang),
        },
    }
}

/// Depends on the moment, so it is never cached.
pub(super) fn hours(snapshot: &Snapshot, lang: Lang) -> HoursAnswer {
    let company = snapshot.company();
    let state = snapshot.opening(now_ms());
    let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    HoursAnswer {
        success: true,
        time_zone: company.time_zone.clone(),
        opening_hours: say_hours(&company.hours, lang),
        days: names
            .into_iter()
            .zip(company.hours.days())
            .map(|(name, spans)| (name.to_owned(), spans.clone()))
            .collect(),
        closures: company.closures.clone(),
        is_open: state.is_open,
        next_open: state.next_open.map(|next| next.timestamp().to_string()),
    }
}

impl Snapshot {
    /// The privacy notice: its title, and its text as Markdown.
    pub fn privacy_notice(&self, lang: Lang) -> Option<(&str, &str)> {
        let page = self.document("page", "privacy", lang)?;
        Some((&page.title, &page.body))
    }
}

pub(super) fn privacy(snapshot: &Snapshot, lang: Lang) -> Option<PageAnswer> {
    let (title, markdown) = snapshot.privacy_notice(lang)?;
    Some(PageAnswer {
        success: true,
        title: title.to_owned(),
        markdown: markdown.to_owned(),
    })
}

pub(super) fn all(snapshot: &Snapshot, lang: Lang) -> All {
    let count = |kind| snapshot.documents(kind, lang).count();
    All {
        success: true,
        summary: Summary {
            stats: numbers(snapshot),
            coverage: coverage(snapshot, lang),
            portfolio_count: count("portfolio"),
            reviews_count: count("review"),
            partners_count: snapshot.company().partners.len(),
            blog_articles: count("blog"),
            usp_count: count("why_us"),
            process_steps: count("process"),
            faq_count: count("faq"),
            packages_count: count("package"),
        },
    }
}
