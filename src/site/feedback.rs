//! How a visit was, said on its page: `?change=rate`.

use poem::http::StatusCode;
use serde_json::json;

use super::Reply;
use super::form::Form;
use super::templates::Sheet;
use super::visit::Page;
use crate::bookings::{BookingError, may_be_rated};
use crate::platform::http::Problem;

const COMMENT_MAX_CHARS: usize = 2_000;

impl Page<'_> {
    fn says(&self, name: &str) -> &'static str {
        self.asked.text("feedback", name)
    }

    /// The question how it was, or that it was said.
    pub(super) fn ask_rating(&self, form: &Form<'_>) -> Sheet {
        if let Err(error) = may_be_rated(&self.booking, self.asked.now_ms) {
            let why = match error {
                BookingError::NotBegun => "not_yet",
                _ => "not_held",
            };
            return self.note(self.says(why)).with_status(StatusCode::CONFLICT);
        }
        let is_said = !self.asked.is_sent && self.asked.query.get("sent").is_some();
        if is_said {
            return self.note(self.says("thanks"));
        }
        Sheet::new(
            "visit_rating.html",
            form.title(self.says("title")),
            json!({
                "visit": self.visit(),
                "form": form.shown(),
                "action": self.url(&[("change", "rate")]),
            }),
        )
        .with_status(form.status())
    }

    pub(super) async fn take_rating(&self) -> Result<Reply, Problem> {
        let mut form = Form::new(self.asked, &self.asked.form);
        let rating = self.asked.form.text("rating").parse::<i64>().ok();
        let rating = rating.filter(|rating| (1..=5).contains(rating));
        if rating.is_none() {
            form.refuse("rating", "choose");
        }
        let comment = form.text("comment", COMMENT_MAX_CHARS, None);
        let (true, Some(rating)) = (form.is_right(), rating) else {
            return Ok(Reply::Page(self.ask_rating(&form)));
        };
        let (site, now_ms) = (self.site, self.asked.now_ms);
        match site
            .bookings
            .rate(self.token, rating, comment, now_ms)
            .await
        {
            Ok(()) => {
                let said = [("change", "rate"), ("sent", "1")];
                Ok(Reply::SeeOther(self.url(&said)))
            }
            Err(BookingError::NotBegun | BookingError::Status(_)) => {
                Ok(Reply::Page(self.ask_rating(&form)))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn note(&self, text: &str) -> Sheet {
        let values = json!({"text": text, "visit_url": self.url(&[])});
        Sheet::new("visit_note.html", self.says("title"), values)
    }
}
