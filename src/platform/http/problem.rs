//! The one shape of every error answer.

use std::collections::BTreeMap;
use std::fmt::Display;

use poem::http::{HeaderValue, StatusCode, header};
use poem::{IntoResponse, Response};
use poem_openapi::payload::Json;
use poem_openapi::registry::{MetaHeader, MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::{ToJSON, Type};
use poem_openapi::{ApiResponse, Object};
use serde_json::{Map, Value};

use super::TextError;
use super::body_shapes::Misfit;
use crate::platform::db::DbError;

tokio::task_local! {
    /// Id of the request this task works on; also in the `X-Request-Id` header and the log line.
    pub(super) static REQUEST_ID: String;
}

/// What an error answer holds.
#[derive(Debug, Clone, Object)]
#[oai(example = true)]
pub struct ProblemBody {
    /// Always false; v2.3's clients look at it.
    pub success: bool,
    /// What was wrong and what to do, in one sentence.
    pub error: String,
    /// Stable name of the error for programs.
    pub code: String,
    /// Per field, why its value was refused.
    pub details: BTreeMap<String, String>,
    /// Names this request in the server's log.
    pub request_id: String,
}

impl poem_openapi::types::Example for ProblemBody {
    fn example() -> Self {
        Self {
            success: false,
            error: "The message is empty; write something first.".into(),
            code: "message_empty".into(),
            details: BTreeMap::from([("message".into(), "must not be empty".into())]),
            request_id: "0198c0de-5f1e-4c7a-9f7e-7c3f1f0a2b11".into(),
        }
    }
}

/// An error as it leaves the server: status, code, a sentence, and why single fields were refused.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{code}: {sentence}")]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    sentence: String,
    details: BTreeMap<String, String>,
    /// What else a program can use, at top level beside the fields all errors have.
    more: Map<String, Value>,
    retry_after_s: Option<u64>,
}

/// Seconds a client should wait before it tries again when the store cannot be used.
const UNAVAILABLE_RETRY_S: u64 = 5;

impl Problem {
    /// A problem with the given status; `sentence` is shown to clients, so it never holds internals. An error's text,
    /// which begins small and ends without a full stop, becomes a sentence.
    pub fn new(status: StatusCode, code: &'static str, sentence: impl Display) -> Self {
        Self {
            status,
            code,
            sentence: as_sentence(&sentence.to_string()),
            details: BTreeMap::new(),
            more: Map::new(),
            retry_after_s: None,
        }
    }

    /// 400: the request is not of the form the endpoint takes.
    pub fn bad_request(code: &'static str, sentence: impl Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, sentence)
    }

    /// 401: nobody is signed in.
    pub fn unauthorized(code: &'static str, sentence: impl Display) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, sentence)
    }

    /// 403: signed in or not, this is not allowed.
    pub fn forbidden(code: &'static str, sentence: impl Display) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, sentence)
    }

    /// 404: there is no such thing.
    pub fn not_found(code: &'static str, sentence: impl Display) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, sentence)
    }

    /// 409: it contradicts what is stored.
    pub fn conflict(code: &'static str, sentence: impl Display) -> Self {
        Self::new(StatusCode::CONFLICT, code, sentence)
    }

    /// 422: a field's value is refused; `why` also stands under `details`.
    pub fn field(code: &'static str, field: &str, why: impl Display) -> Self {
        let mut problem = Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            code,
            format!("The field {field:?} was refused: {why}."),
        );
        problem.details.insert(field.into(), why.to_string());
        problem
    }

    /// 422: the text of one field is empty, too long or holds control characters.
    pub fn text(field: &str, why: TextError) -> Self {
        let code = match why {
            TextError::Empty => "text_empty",
            TextError::TooLong(_) => "text_too_long",
            TextError::Control => "text_control_characters",
        };
        Self::field(code, field, why)
    }

    /// 429 with the seconds after which the next request is let in.
    pub fn too_many(retry_after_s: u64) -> Self {
        let mut problem = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_requests",
            format!("Too many requests; try again in {retry_after_s} s."),
        );
        problem.retry_after_s = Some(retry_after_s);
        problem
    }

    /// 503: something the request needs is down; nothing was changed.
    pub fn unavailable(why: impl Display) -> Self {
        tracing::warn!(why = %why, "answered 503");
        let mut problem = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "The server cannot do this right now and changed nothing; try again in a moment.",
        );
        problem.retry_after_s = Some(UNAVAILABLE_RETRY_S);
        problem
    }

    /// 500: logged here once with its cause, shown as a bland sentence.
    pub fn internal(cause: impl Display) -> Self {
        let request_id = request_id();
        tracing::error!(cause = %cause, request_id, "internal error");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong on our side; it was logged under the request id.",
        )
    }

    /// The same with a code of its own.
    #[must_use]
    pub fn with_code(mut self, code: &'static str) -> Self {
        self.code = code;
        self
    }

    /// Adds why a field was refused.
    #[must_use]
    pub fn with_detail(mut self, field: &str, why: impl Display) -> Self {
        self.details.insert(field.into(), why.to_string());
        self
    }

    /// Adds a field of its own that tells programs what they could do instead; the operation's description names it.
    #[must_use]
    pub fn with_more(mut self, field: &'static str, value: Value) -> Self {
        self.more.insert(field.into(), value);
        self
    }

    /// The stable name, e.g. `weak_session_id`.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The sentence for people.
    pub fn sentence(&self) -> &str {
        &self.sentence
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// After how many seconds trying again makes sense, if that is known.
    pub fn retry_after_s(&self) -> Option<u64> {
        self.retry_after_s
    }

    fn to_json(&self) -> Value {
        let mut body = self.body().to_json().unwrap_or_default();
        if let Value::Object(fields) = &mut body {
            fields.extend(self.more.clone());
        }
        body
    }

    fn body(&self) -> ProblemBody {
        ProblemBody {
            success: false,
            error: self.sentence.clone(),
            code: self.code.into(),
            details: self.details.clone(),
            request_id: request_id(),
        }
    }
}

/// The text with a capital letter and a full stop.
fn as_sentence(text: &str) -> String {
    let mut letters = text.chars();
    let mut sentence: String = letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    sentence.push_str(letters.as_str());
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

/// Id of the current request; empty outside of one.
pub(super) fn request_id() -> String {
    REQUEST_ID.try_with(Clone::clone).unwrap_or_default()
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Json(self.to_json()).into_response();
        response.set_status(self.status);
        if let Some(seconds) = self.retry_after_s {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<Problem> for poem::Error {
    fn from(problem: Problem) -> Self {
        let mut error = poem::Error::from_response(problem.clone().into_response());
        error.set_data(problem);
        error
    }
}

impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Unavailable(why) => Problem::unavailable(why),
            DbError::Unique(_)
            | DbError::Reference
            | DbError::Constraint(_)
            | DbError::Internal(_) => Problem::internal(error),
        }
    }
}

/// Every status a `Problem` can have, with what it means; each operation documents all of them.
const STATUSES: [(u16, &str); 12] = [
    (400, "The request is not of the form this endpoint takes."),
    (401, "Nobody is signed in."),
    (403, "Not allowed."),
    (404, "There is no such thing."),
    (405, "The path does not take this method."),
    (409, "It contradicts what is stored."),
    (413, "The request is too large."),
    (415, "The content type is not one this endpoint takes."),
    (422, "The value of a field was refused; see `details`."),
    (429, "Too many requests; see `Retry-After`."),
    (500, "Our fault; logged under the request id."),
    (
        503,
        "Something the request needs is down; see `Retry-After`.",
    ),
];

impl ApiResponse for Problem {
    fn meta() -> MetaResponses {
        let response = |(status, description): (u16, &'static str)| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content: vec![MetaMediaType {
                content_type: "application/json; charset=utf-8",
                schema: ProblemBody::schema_ref(),
            }],
            headers: if status == 429 || status == 503 {
                vec![MetaHeader {
                    name: "Retry-After".into(),
                    description: Some("Seconds to wait before the next try.".into()),
                    required: true,
                    deprecated: false,
                    schema: <u64 as Type>::schema_ref(),
                }]
            } else {
                Vec::new()
            },
        };
        MetaResponses {
            responses: STATUSES.into_iter().map(response).collect(),
        }
    }

    fn register(registry: &mut Registry) {
        ProblemBody::register(registry);
    }
}

/// Turns an error of the framework (parsing, routing) into our shape. `None`: it already is one.
pub(super) fn from_framework(error: &poem::Error) -> Option<Problem> {
    use poem::error::{MethodNotAllowedError, NotFoundError, ParsePathError, ParseQueryError};
    use poem_openapi::error::{
        ContentTypeError, ParseMultipartError, ParseParamError, ParsePathError as OaiPathError,
        ParseRequestPayloadError,
    };

    if error.data::<Problem>().is_some() {
        return None;
    }
    Some(if error.is::<NotFoundError>() {
        Problem::not_found("not_found", "There is nothing at this address.")
    } else if error.is::<MethodNotAllowedError>() {
        Problem::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "This address does not take this method.",
        )
    } else if error.is::<ParseRequestPayloadError>() {
        malformed_body(error.data())
    } else if let Some(error) = error.downcast_ref::<ParseParamError>() {
        Problem::field(
            "invalid_parameter",
            error.name,
            "not a value this parameter takes",
        )
    } else if let Some(error) = error.downcast_ref::<OaiPathError>() {
        Problem::field(
            "invalid_parameter",
            error.name,
            "not a value this parameter takes",
        )
    } else if error.is::<ParsePathError>() || error.is::<ParseQueryError>() {
        Problem::bad_request("malformed_address", "The address cannot be read.")
    } else if error.is::<ContentTypeError>() {
        Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "Send the body as application/json, or as what the documentation of this endpoint names.",
        )
    } else if error.is::<ParseMultipartError>() || error.is::<poem::error::ParseMultipartError>() {
        Problem::bad_request("malformed_form", "The form cannot be read.")
    } else {
        match error.status() {
            StatusCode::BAD_REQUEST => {
                Problem::bad_request("malformed_request", "The request cannot be read.")
            }
            StatusCode::PAYLOAD_TOO_LARGE => too_large(),
            StatusCode::NOT_FOUND => {
                Problem::not_found("not_found", "There is nothing at this address.")
            }
            _ => Problem::internal(error),
        }
    })
}

/// 413, used by the front door and wherever a body is read.
pub(super) fn too_large() -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too_large",
        "The request is larger than this endpoint takes.",
    )
}

fn malformed_body(misfit: Option<&Misfit>) -> Problem {
    let problem = Problem::bad_request(
        "malformed_body",
        "The body is not the JSON this endpoint takes.",
    );
    match misfit {
        Some(Misfit { field, why }) => problem.with_detail(field, why),
        None => problem,
    }
}

impl Problem {
    /// The JSON text of this problem, for answers made outside the framework.
    pub(super) fn to_json_bytes(&self) -> Vec<u8> {
        self.to_json().to_string().into_bytes()
    }
}
