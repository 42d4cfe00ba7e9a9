//! The link a client opens and accepts a quote by.

use crate::platform::link;
use crate::platform::secrets::Secrets;

/// What the links of this slice are for, so that one made for something else opens no quote.
const PURPOSE: &str = "quote";

/// Where the client sees quote `id`.
pub(super) fn page_path(id: i64, secrets: &Secrets) -> String {
    format!("/quote/{}", link::token(PURPOSE, id, secrets))
}

/// The quote a token opens; `None` when it is not one of ours.
pub(super) fn quote_id(token: &str, secrets: &Secrets) -> Option<i64> {
    link::id_of(PURPOSE, token, secrets)
}
