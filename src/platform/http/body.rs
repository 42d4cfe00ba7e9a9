//! Answers whose JSON was rendered before.

use std::marker::PhantomData;
use std::sync::Arc;

use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::payload::{Json, Payload};
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::ToJSON;

/// The JSON text of a `T`, documented like `Json<T>` but sent without rendering it again.
pub struct CachedJson<T> {
    text: Arc<[u8]>,
    shape: PhantomData<fn() -> T>,
}

impl<T: ToJSON> CachedJson<T> {
    /// Renders `value`.
    pub fn render(value: &T) -> Arc<[u8]> {
        Arc::from(value.to_json_string().into_bytes())
    }

    /// Wraps what [`CachedJson::render`] made.
    pub fn new(text: Arc<[u8]>) -> Self {
        Self {
            text,
            shape: PhantomData,
        }
    }
}

impl<T: Send> IntoResponse for CachedJson<T> {
    fn into_response(self) -> Response {
        Response::builder()
            .content_type("application/json; charset=utf-8")
            .body(bytes::Bytes::from_owner(self.text))
    }
}

impl<T: ToJSON> ApiResponse for CachedJson<T> {
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
