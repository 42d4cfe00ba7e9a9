//! JSON answers that are sent without the tree of values the framework's `Json` makes first.

use std::marker::PhantomData;
use std::sync::Arc;

use bytes::Bytes;
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::payload::{Json, Payload};
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::ToJSON;
use serde::Serialize;

use super::Problem;

/// The JSON text of a `T`, documented like `Json<T>`.
pub struct JsonBytes<T> {
    text: Bytes,
    shape: PhantomData<fn() -> T>,
}

impl<T: Serialize> JsonBytes<T> {
    /// Writes `value` as serde does. For answers that are asked for often: a `T` that derives both `Serialize` and the
    /// framework's `Object`, with a test that both write the same.
    ///
    /// Errors: `value` has no JSON, e.g. a map whose keys are no text.
    pub fn of(value: &T) -> Result<Self, Problem> {
        let text =
            serde_json::to_vec(value).map_err(|error| Problem::internal(error.to_string()))?;
        Ok(Self::new(text.into()))
    }
}

impl<T: ToJSON> JsonBytes<T> {
    /// Renders `value`, to be kept and sent many times.
    pub fn render(value: &T) -> Arc<[u8]> {
        Arc::from(value.to_json_string().into_bytes())
    }

    /// Wraps what [`JsonBytes::render`] made.
    pub fn rendered(text: Arc<[u8]>) -> Self {
        Self::new(Bytes::from_owner(text))
    }
}

impl<T> JsonBytes<T> {
    fn new(text: Bytes) -> Self {
        Self {
            text,
            shape: PhantomData,
        }
    }
}

impl<T: Send> IntoResponse for JsonBytes<T> {
    fn into_response(self) -> Response {
        Response::builder()
            .content_type("application/json; charset=utf-8")
            .body(self.text)
    }
}

impl<T: ToJSON> ApiResponse for JsonBytes<T> {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "",
                status: Some(200),
                status_range: None,
                content: vec![MetaMediaType {
                    content_type: <Json<T> as Payload>::CONTENT_TYPE,
                    schema: T::schema_ref(),
                }],
                headers: Vec::new(),
            }],
        }
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}
