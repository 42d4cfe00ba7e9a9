//! What a visitor sees when a page cannot do what was asked.

use poem::http::StatusCode;
use serde_json::json;

use super::asked::Asked;
use super::templates::Sheet;
use super::{privacy, visit};
use crate::platform::http::Problem;

/// The page for a problem, with its status.
pub(super) fn sheet(asked: &Asked, problem: &Problem) -> Sheet {
    let is_visit = asked.path().starts_with(visit::FOLDER);
    let what = match problem.status() {
        StatusCode::NOT_FOUND if is_visit => "link",
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::METHOD_NOT_ALLOWED => "method",
        StatusCode::PAYLOAD_TOO_LARGE => "too_large",
        StatusCode::TOO_MANY_REQUESTS => "too_many",
        StatusCode::FORBIDDEN => "foreign",
        _ if problem.code() == "idempotency_key_reused" => "reused",
        status if status.is_server_error() => "broken",
        _ => "refused",
    };
    let heading = asked.text("problem", &format!("{what}_title"));
    let has_again = !is_visit && !privacy::is_letters_link(asked.path());
    let again_url = has_again.then(|| asked.url(asked.path(), &[]));
    Sheet::new(
        "problem.html",
        heading,
        json!({
            "heading": heading,
            "text": asked.text("problem", what),
            "again_url": again_url,
        }),
    )
    .with_status(problem.status())
}
