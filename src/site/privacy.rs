//! `/privacy`: the privacy notice, and what persons can do themselves with what is kept about them: get a copy, have it
//! erased, withdraw consents. `/privacy/code` takes the code that was sent and shows what came of it; the links of letters
//! lead to `/privacy/withdraw/{token}`.
//!
//! Which answer is given never depends on whether anything is kept: the pages call the same functions as `/api/rodo`.

use serde_json::{Value as Json, json};

use super::asked::Asked;
use super::form::Form;
use super::templates::Sheet;
use super::{Reply, Site, notice};
use crate::leads::{Email, Phone};
use crate::notify::outbox::{REFUSAL_FOLDER, Refused};
use crate::platform::http::Problem;
use crate::rodo::{Confirmed, Identifier, Receipt, RequestKind, RodoError, is_receipt, is_token};

pub(super) const PATH: &str = "/privacy";
pub(super) const CODE_PATH: &str = "/privacy/code";
/// Longest code and name of a request that are looked at.
const CODE_MAX_CHARS: usize = 20;

/// What somebody wants done with what is kept about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Want {
    /// A copy, or that it is erased: first a code is sent.
    Ask(RequestKind),
    /// No more unasked-for messages.
    Withdraw,
}

impl Want {
    const ALL: [Self; 3] = [
        Self::Ask(RequestKind::Export),
        Self::Ask(RequestKind::Delete),
        Self::Withdraw,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::Ask(kind) => kind.as_str(),
            Self::Withdraw => "withdraw",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|want| want.as_str() == text)
    }
}

/// Whether an address is that of a letter's link, which mail programs send forms of their own to (RFC 8058).
pub(super) fn is_letters_link(path: &str) -> bool {
    path.strip_prefix(REFUSAL_FOLDER)
        .is_some_and(|token| !token.is_empty() && !token.contains('/'))
}

/// Whether what a page shows is for one reader alone.
pub(super) fn is_personal(path: &str) -> bool {
    path == CODE_PATH || is_letters_link(path)
}

pub(super) async fn reply(site: &Site, asked: &Asked) -> Result<Reply, Problem> {
    match (asked.path(), asked.is_sent) {
        (CODE_PATH, false) => show(site, asked).await,
        (CODE_PATH, true) => confirm(site, asked).await,
        (PATH, false) => {
            let form = Form::new(asked, &asked.query);
            Ok(Reply::Page(page(site, asked, &form)))
        }
        (PATH, true) => take(site, asked).await,
        _ => withdraw(site, asked).await,
    }
}

/// The notice, and the form under it; a form with something wrong stands alone.
fn page(site: &Site, asked: &Asked, form: &Form<'_>) -> Sheet {
    let snapshot = site.knowledge.snapshot();
    let own_title = asked.text("site", "privacy");
    let (title, notice) = match snapshot.privacy_notice(asked.lang) {
        Some((title, markdown)) => (title, notice::html(markdown)),
        None => (own_title, String::new()),
    };
    let mut shown = form.shown();
    if !asked.is_sent {
        // An address fills in no form.
        shown["values"] = json!({});
    }
    let wants: Vec<Json> = (Want::ALL.iter())
        .map(|want| {
            let name = want.as_str();
            json!({"value": name, "title": asked.text("privacy", name)})
        })
        .collect();
    Sheet::new(
        "privacy.html",
        form.title(title),
        json!({
            "heading": title,
            "notice": (!asked.is_sent).then_some(notice),
            "is_withdrawn": !asked.is_sent && asked.query.text("done") == "withdrawn",
            "wants": wants,
            "form": shown,
            "action": asked.url(PATH, &[]),
        }),
    )
    .with_status(form.status())
}

/// The form was sent.
async fn take(site: &Site, asked: &Asked) -> Result<Reply, Problem> {
    let mut form = Form::new(asked, &asked.form);
    let want = Want::parse(asked.form.text("want"));
    if want.is_none() {
        form.refuse("want", "choose");
    }
    let (email, phone) = form.reachable();
    let (true, Some(want)) = (form.is_right(), want) else {
        return Ok(Reply::Page(page(site, asked, &form)));
    };
    match want {
        Want::Withdraw => {
            for reachable in identifiers(email, phone) {
                site.rodo.withdraw(&reachable).await?;
            }
            Ok(Reply::SeeOther(asked.url(PATH, &[("done", "withdrawn")])))
        }
        Want::Ask(kind) => {
            // One code is enough, and letters are read more safely than the lock screen of a phone.
            let first = identifiers(email, phone).into_iter().next();
            let reachable = first.ok_or(RodoError::NotReachable)?;
            let request = site.rodo.request(&reachable, kind, asked.lang).await?;
            let said = [("request", request.as_str()), ("kind", kind.as_str())];
            Ok(Reply::SeeOther(asked.url(CODE_PATH, &said)))
        }
    }
}

fn identifiers(email: Option<Email>, phone: Option<Phone>) -> Vec<Identifier> {
    let email = email.map(Identifier::Email);
    let phone = phone.map(Identifier::Phone);
    email.into_iter().chain(phone).collect()
}

/// What the address of `/privacy/code` names: a file that is ready, a receipt, or a request that waits for its code.
async fn show(site: &Site, asked: &Asked) -> Result<Reply, Problem> {
    let file = asked.query.text("file");
    if !file.is_empty() && is_token(file) {
        return Ok(Reply::Page(done(
            asked,
            json!({"download_url": format!("/api/rodo/download/{file}"), "receipt": null}),
        )));
    }
    let name = asked.query.text("receipt");
    if is_receipt(name) {
        let (receipt, ..) = site.rodo.receipt(name.to_owned()).await?;
        let values = json!({"download_url": null, "receipt": receipt_shown(asked, &receipt)});
        return Ok(Reply::Page(done(asked, values)));
    }
    if asked.query.text("request").is_empty() {
        return Ok(Reply::SeeOther(asked.url(PATH, &[])));
    }
    let form = Form::new(asked, &asked.query);
    Ok(Reply::Page(code_page(asked, &form)))
}

fn done(asked: &Asked, values: Json) -> Sheet {
    Sheet::new(
        "privacy_done.html",
        asked.text("privacy", "done_title"),
        values,
    )
}

fn receipt_shown(asked: &Asked, receipt: &Receipt) -> Json {
    let counted = receipt.deleted.iter().filter(|(_, rows)| **rows > 0);
    let gone: Vec<Json> = counted
        .map(|(kind, rows)| {
            let known = asked.text("erased", kind);
            let title = if known.is_empty() {
                kind.as_str()
            } else {
                known
            };
            json!({"title": title, "rows": rows})
        })
        .collect();
    json!({"number": receipt.receipt, "gone": gone, "keeps_quotes": !receipt.kept.is_empty()})
}

/// Where the code is typed in; it says the same to everybody.
fn code_page(asked: &Asked, form: &Form<'_>) -> Sheet {
    let mut shown = form.shown();
    // A wrong code is typed again, not mended.
    shown["values"]["code"] = "".into();
    let fields = if asked.is_sent {
        &asked.form
    } else {
        &asked.query
    };
    let is_delete = fields.text("kind") == RequestKind::Delete.as_str();
    Sheet::new(
        "privacy_code.html",
        form.title(asked.text("privacy", "code_title")),
        json!({
            "form": shown,
            "request": fields.text("request"),
            "kind": fields.text("kind"),
            "is_delete": is_delete,
            "action": asked.url(CODE_PATH, &[]),
            "again_url": asked.url(PATH, &[]),
        }),
    )
    .with_status(form.status())
}

async fn confirm(site: &Site, asked: &Asked) -> Result<Reply, Problem> {
    let mut form = Form::new(asked, &asked.form);
    let code = form.line("code", CODE_MAX_CHARS, Some("code_missing"));
    let Some(code) = code.filter(|_| form.is_right()) else {
        return Ok(Reply::Page(code_page(asked, &form)));
    };
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let confirmed = site.rodo.confirm(asked.form.text("request"), &digits);
    let why = match confirmed.await {
        Ok(Confirmed::Export { token, .. }) => {
            return Ok(Reply::SeeOther(asked.url(CODE_PATH, &[("file", &token)])));
        }
        Ok(Confirmed::Deleted(receipt)) => {
            let named = [("receipt", receipt.receipt.as_str())];
            return Ok(Reply::SeeOther(asked.url(CODE_PATH, &named)));
        }
        Err(RodoError::WrongCode | RodoError::NotFound) => "code_wrong",
        Err(RodoError::SeveralPeople(_)) => "several_people",
        Err(RodoError::OnHold(_)) => "on_hold",
        Err(error) => return Err(error.into()),
    };
    form.refuse("code", why);
    Ok(Reply::Page(code_page(asked, &form)))
}

/// Where the link of a letter leads: a question, since mail programs open links by themselves, and after its button or a
/// mail program's one click (RFC 8058) that it is noted, without a redirect, which such programs do not follow.
async fn withdraw(site: &Site, asked: &Asked) -> Result<Reply, Problem> {
    let token = asked
        .path()
        .strip_prefix(REFUSAL_FOLDER)
        .unwrap_or_default();
    let refusal = site.rodo.refusal(token);
    let refusal = refusal
        .ok_or_else(|| Problem::not_found("not_found", "There is nothing behind this link."))?;
    let about = match refusal.what {
        Refused::Purpose(_) => "marketing",
        Refused::Message(_) => "kind",
    };
    if asked.is_sent {
        site.rodo.refuse(refusal).await?;
    }
    Ok(Reply::Page(Sheet::new(
        "withdraw.html",
        asked.text("withdraw", &format!("{about}_title")),
        json!({
            "heading": asked.text("withdraw", &format!("{about}_title")),
            "text": asked.text("withdraw", about),
            "is_done": asked.is_sent,
            "action": asked.same(),
        }),
    )))
}
