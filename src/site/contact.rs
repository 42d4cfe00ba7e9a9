//! `/contact`: a message to the company, which becomes a lead.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use serde_json::json;

use super::asked::Asked;
use super::form::Form;
use super::templates::Sheet;
use super::texts::fill;
use super::{Reply, Site};
use crate::leads::{ConsentGiven, Marks, NewLead, Source, Touch};
use crate::platform::http::Problem;
use crate::platform::secrets::sha256;

pub(super) const PATH: &str = "/contact";
pub(super) const NAME_MAX_CHARS: usize = 100;
const MESSAGE_MAX_CHARS: usize = 2_000;
/// What a consent given here is for.
const PURPOSE: &str = "contact";
/// Campaign parameters of an address begin so.
const UTM: &str = "utm_";
/// Bytes of a text's hash that tell one wording from another.
const VERSION_BYTES: usize = 6;
/// A campaign parameter or address longer than this says nothing more.
const TOUCH_MAX_CHARS: usize = 100;

pub(super) async fn reply(site: &Site, asked: &Asked) -> Result<Reply, Problem> {
    if !asked.is_sent {
        return Ok(Reply::Page(page(
            site,
            asked,
            &Form::new(asked, &asked.query),
        )));
    }
    let mut form = Form::new(asked, &asked.form);
    let name = form.line("name", NAME_MAX_CHARS, Some("name_missing"));
    let (email, phone) = form.reachable();
    let message = form.text("message", MESSAGE_MAX_CHARS, Some("message_missing"));
    let consent = form.consent(consent(site, asked));
    let (true, Some(name)) = (form.is_right(), name) else {
        return Ok(Reply::Page(page(site, asked, &form)));
    };
    let said = (
        name.clone(),
        asked.form.text("email").to_owned(),
        asked.form.text("phone").to_owned(),
        message.clone(),
    );
    let new = NewLead {
        email,
        phone,
        message,
        touch: Some(touch(asked)),
        consent,
        ..NewLead::new(&name, Source::Form)
    };
    let marks = marks(asked);
    let submitted = site
        .leads
        .submit_form(form.key(), said, new, &marks, asked.now_ms);
    submitted.await?;
    Ok(Reply::SeeOther(asked.url(PATH, &[("sent", "1")])))
}

fn page(site: &Site, asked: &Asked, form: &Form<'_>) -> Sheet {
    let is_sent = !asked.is_sent && asked.query.get("sent").is_some();
    let title = if is_sent { "sent_title" } else { "title" };
    let consent = consent(site, asked);
    let mut shown = form.shown();
    if !asked.is_sent {
        // An address fills in no form.
        shown["values"] = json!({"referrer": asked.referrer});
    }
    Sheet::new(
        "contact.html",
        form.title(asked.text("contact", title)),
        json!({
            "is_sent": is_sent,
            "form": shown,
            "consent": {"text": consent.text, "text_version": consent.text_version},
            "action": asked.same(),
            "opened_at": opened_at(asked),
            "key": form.key_or_new(),
        }),
    )
    .with_status(form.status())
}

/// When the form was first shown, in milliseconds since 1970.
pub(super) fn opened_at(asked: &Asked) -> String {
    let known = asked.form.get("opened_at").map(str::to_owned);
    known.unwrap_or_else(|| asked.now_ms.to_string())
}

/// By what a program betrays itself. Without scripts nobody can prove their work, so who sends much is not believed.
pub(super) fn marks(asked: &Asked) -> Marks {
    Marks {
        website: asked.form.get("website").map(str::to_owned),
        opened_at: asked.form.get("opened_at").map(str::to_owned),
        is_unproven: asked.is_eager,
    }
}

/// What is agreed to here.
fn consent(site: &Site, asked: &Asked) -> ConsentGiven {
    consent_to(site, asked, PURPOSE, asked.text("contact", "consent"))
}

/// A consent in the words shown; its version follows from them.
pub(super) fn consent_to(site: &Site, asked: &Asked, purpose: &str, words: &str) -> ConsentGiven {
    let snapshot = site.knowledge.snapshot();
    let text = fill(words, &[("company", &snapshot.company().name)]);
    ConsentGiven {
        purpose: purpose.to_owned(),
        text_version: HEXLOWER.encode(&sha256(&text)[..VERSION_BYTES]),
        text,
        lang: asked.lang,
    }
}

/// How the person came here, as far as the address and the browser say.
fn touch(asked: &Asked) -> Touch {
    let is_short = |text: &str| !text.is_empty() && text.chars().count() <= TOUCH_MAX_CHARS;
    let is_plain = |text: &str| is_short(text) && !text.chars().any(char::is_control);
    let utm: BTreeMap<String, String> = (asked.query.iter())
        .filter(|(name, value)| name.starts_with(UTM) && is_plain(name) && is_plain(value))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .take(5)
        .collect();
    let referrer = asked.form.text("referrer");
    Touch {
        page_url: Some(PATH.to_owned()),
        referrer: Some(referrer.to_owned()).filter(|referrer| is_plain(referrer)),
        utm,
        ..Touch::default()
    }
}
