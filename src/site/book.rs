//! `/book`: what, where and when are chosen by links and kept in the address; the last step is a form.

use jiff::Zoned;
use jiff::civil::DateTime;
use poem::http::StatusCode;
use serde_json::{Value as Json, json};

use super::asked::Asked;
use super::contact;
use super::fields::Fields;
use super::form::{self, Form};
use super::templates::Sheet;
use super::texts::fill;
use super::times::{self, Shown};
use super::{Reply, Site};
use crate::bookings::{
    AREA_MAX_CHARS, BookingError, Client, LocationKind, Looking, NAME_MAX_CHARS, NOTES_MAX_CHARS,
    PageVisit, Service,
};
use crate::knowledge::Company;
use crate::leads::ConsentGiven;
use crate::platform::http::Problem;
use crate::rodo::Purpose;

pub(super) const PATH: &str = "/book";

pub(super) async fn reply(site: &Site, asked: &Asked) -> Result<Reply, Problem> {
    let services = site.bookings.offered_services().await?;
    let fields = if asked.is_sent {
        &asked.form
    } else {
        &asked.query
    };
    let service = match fields.get("service") {
        Some(named) => {
            let is_named = |service: &&Service| service.id.to_string() == named.trim();
            let found = services.iter().find(is_named);
            found.ok_or_else(|| Problem::not_found("not_found", "There is no such service."))?
        }
        None => match services.as_slice() {
            _ if asked.is_sent => {
                let why = "The form does not say what to book.";
                return Err(Problem::bad_request("malformed_form", why));
            }
            [only] => only,
            _ => return Ok(Reply::Page(choose_service(site, asked, &services))),
        },
    };
    let page = Page {
        site,
        asked,
        service,
        has_others: services.len() > 1,
    };
    if asked.is_sent {
        page.take().await
    } else {
        page.show().await
    }
}

fn choose_service(site: &Site, asked: &Asked, services: &[Service]) -> Sheet {
    let company = site.knowledge.snapshot();
    let services: Vec<Json> = (services.iter())
        .map(|service| {
            let url = asked.url(PATH, &[("service", &service.id.to_string())]);
            json!({"url": url, "name": service.names.get(asked.lang), "about": about(asked, service, company.company())})
        })
        .collect();
    let title = asked.text("book", "title");
    Sheet::new("book_service.html", title, json!({"services": services}))
}

/// How long it takes and where it is.
fn about(asked: &Asked, service: &Service, company: &Company) -> String {
    let length = service.duration_min.to_string();
    let length = fill(asked.text("book", "minutes"), &[("n", &length)]);
    format!(
        "{length}, {}",
        place(asked, service.location_kind, company, None)
    )
}

/// Where people meet, in words.
pub(super) fn place(
    asked: &Asked,
    kind: LocationKind,
    company: &Company,
    area: Option<&str>,
) -> String {
    let (words, more) = match kind {
        LocationKind::Office => ("at_office", Some(company.address.as_str())),
        LocationKind::OnSite => ("at_on_site", area),
        LocationKind::Phone => ("at_phone", None),
        LocationKind::Video => ("at_video", None),
    };
    let words = asked.text("book", words);
    match more.filter(|more| !more.is_empty()) {
        Some(more) => format!("{words}, {more}"),
        None => words.to_owned(),
    }
}

struct Page<'a> {
    site: &'a Site,
    asked: &'a Asked,
    service: &'a Service,
    has_others: bool,
}

impl Page<'_> {
    fn asks_area(&self) -> bool {
        self.service.location_kind == LocationKind::OnSite
    }

    fn area(&self, form: &mut Form<'_>) -> Option<String> {
        if !self.asks_area() {
            return None;
        }
        form.line("area", AREA_MAX_CHARS, Some("area_missing"))
    }

    fn looking(&self, area: Option<String>) -> Looking {
        Looking {
            service_id: self.service.id,
            area,
            moving: None,
        }
    }

    /// What is shown of the service.
    fn service(&self) -> Json {
        json!({
            "id": self.service.id,
            "name": self.service.names.get(self.asked.lang),
            "about": about(self.asked, self.service, self.site.knowledge.snapshot().company()),
        })
    }

    /// A link back to the times.
    fn times_url(&self, fields: &Fields) -> String {
        let id = self.service.id.to_string();
        let area = Some(("area", fields.text("area"))).filter(|_| self.asks_area());
        let day = fields.text("start").get(..10).map(|day| ("from", day));
        let query: Vec<_> = [("service", id.as_str())]
            .into_iter()
            .chain(area)
            .chain(day)
            .collect();
        self.asked.url(PATH, &query)
    }

    async fn show(&self) -> Result<Reply, Problem> {
        let query = &self.asked.query;
        let mut form = Form::new(self.asked, query);
        if self.asks_area() && query.get("area").is_none() {
            return Ok(Reply::Page(self.times(&form, None, None)));
        }
        let area = self.area(&mut form);
        if !form.is_right() {
            return Ok(Reply::Page(self.times(&form, None, None)));
        }
        let Some(named) = query.get("start") else {
            let week = self.week(area).await?;
            return Ok(Reply::Page(self.times(&form, Some(&week), None)));
        };
        let free = match form::start(named) {
            Some(start) => {
                let looking = self.looking(area.clone());
                let free = self
                    .site
                    .bookings
                    .is_free(looking, start, self.asked.now_ms);
                match free.await {
                    Ok(_) => Some(start),
                    Err(error) if error.is_about_time() => None,
                    Err(error) => return Err(error.into()),
                }
            }
            None => None,
        };
        let Some(start) = free else {
            let week = self.week(area).await?;
            let sheet = self.times(&form, Some(&week), Some("not_free"));
            return Ok(Reply::Page(
                sheet.with_status(StatusCode::UNPROCESSABLE_ENTITY),
            ));
        };
        Ok(Reply::Page(self.details(&form, Some(start), &[], None)?))
    }

    async fn week(&self, area: Option<String>) -> Result<Json, Problem> {
        let id = self.service.id.to_string();
        let mut keep = vec![("service", id.as_str())];
        if let Some(area) = &area {
            keep.push(("area", area));
        }
        let shown = Shown {
            looking: self.looking(area.clone()),
            service: self.service,
            keep,
        };
        Ok(times::week(self.site, self.asked, &shown).await?)
    }

    /// The step at which a time is chosen, and for visits on site the place.
    fn times(&self, form: &Form<'_>, week: Option<&Json>, notice: Option<&str>) -> Sheet {
        let title = form.title(self.asked.text("book", "title"));
        Sheet::new(
            "book_times.html",
            title,
            json!({
                "service": self.service(),
                "others_url": self.has_others.then(|| self.asked.url(PATH, &[])),
                "asks_area": self.asks_area(),
                "week": week,
                "form": form.shown(),
                "notice": notice.map(|why| self.asked.text("book", why)),
            }),
        )
        .with_status(form.status())
    }

    /// The last step.
    ///
    /// * `start`: the chosen time; `None` when one of `nearest` is to be chosen instead.
    fn details(
        &self,
        form: &Form<'_>,
        start: Option<DateTime>,
        nearest: &[Json],
        notice: Option<&str>,
    ) -> Result<Sheet, Problem> {
        let zone = self.site.bookings.zone()?;
        let fields = if self.asked.is_sent {
            &self.asked.form
        } else {
            &self.asked.query
        };
        let mut shown = form.shown();
        shown["values"]["start"] = match start {
            Some(_) => fields.text("start").into(),
            None => "".into(),
        };
        let marketing = self.marketing();
        let sheet = Sheet::new(
            "book_details.html",
            form.title(self.asked.text("book", "title")),
            json!({
                "service": self.service(),
                "when": start.map(|start| times::words(start, &zone, self.asked.lang)),
                "times_url": self.times_url(fields),
                "nearest": nearest,
                "asks_area": self.asks_area(),
                "marketing": {"text": marketing.text, "text_version": marketing.text_version},
                "form": shown,
                "notice": notice.map(|why| self.asked.text("book", why)),
                "action": self.asked.url(PATH, &[]),
                "key": form.key_or_new(),
            }),
        );
        Ok(sheet.with_status(form.status()))
    }

    /// The consent to be asked later how the visit was.
    fn marketing(&self) -> ConsentGiven {
        let purpose = Purpose::EmailMarketing.as_str();
        let words = self.asked.text("book", "marketing");
        contact::consent_to(self.site, self.asked, purpose, words)
    }

    /// The form was sent.
    async fn take(&self) -> Result<Reply, Problem> {
        let mut form = Form::new(self.asked, &self.asked.form);
        let start = form.start();
        let name = form.line("name", NAME_MAX_CHARS, Some("name_missing"));
        let email = form.email(Some("email_missing"));
        let phone = form.phone(Some("phone_missing"));
        let area = self.area(&mut form);
        let notes = form.text("notes", NOTES_MAX_CHARS, None);
        let marketing = form.marketing(self.marketing());
        let (true, Some(start), Some(name), Some(email), Some(phone)) =
            (form.is_right(), start, name, email, phone)
        else {
            let nearest = match start {
                Some(_) => Vec::new(),
                None => self.nearest(area, self.now()?.datetime()).await?,
            };
            return Ok(Reply::Page(self.details(&form, start, &nearest, None)?));
        };
        let visit = PageVisit {
            service_id: self.service.id,
            start,
            client: Client { name, email, phone },
            area: area.clone(),
            notes,
            lang: self.asked.lang,
            consent: marketing,
        };
        let booked = self
            .site
            .bookings
            .book_on_page(visit, form.key(), self.asked.now_ms);
        match booked.await {
            Ok(page) => Ok(Reply::SeeOther(
                self.asked.url(&page, &[("done", "booked")]),
            )),
            Err(error) if error.is_about_time() => self.not_free(&form, &error, area, start).await,
            Err(error) => Err(error.into()),
        }
    }

    /// The time went to somebody else, or cannot be had: another one, with all that was typed.
    async fn not_free(
        &self,
        form: &Form<'_>,
        error: &BookingError,
        area: Option<String>,
        start: DateTime,
    ) -> Result<Reply, Problem> {
        let notice = if error.is_taken() {
            "taken"
        } else {
            "not_free"
        };
        let status = if error.is_taken() {
            StatusCode::CONFLICT
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        };
        let nearest = self.nearest(area, start).await?;
        let sheet = self.details(form, None, &nearest, Some(notice))?;
        Ok(Reply::Page(sheet.with_status(status)))
    }

    async fn nearest(&self, area: Option<String>, start: DateTime) -> Result<Vec<Json>, Problem> {
        let looking = self.looking(area);
        Ok(times::nearest(self.site, self.asked, looking, start).await?)
    }

    fn now(&self) -> Result<Zoned, Problem> {
        let zone = self.site.bookings.zone()?;
        Ok(times::moment(self.asked.now_ms, &zone))
    }
}
