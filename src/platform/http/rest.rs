//! REST and pages behind the front door, and what every answer carries.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use poem::endpoint::BoxEndpoint;
use poem::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use poem::{Endpoint, IntoResponse, PathPattern};

use super::Problem;
use super::auth::Caller;
use super::front_door::{Peer, Response};
use super::problem::{REQUEST_ID, from_framework};
use super::rate_limit::Standing;

/// The poem endpoint as a tower service, so that tower's compression can wrap it.
#[derive(Clone)]
pub(super) struct RestService(pub(super) Arc<BoxEndpoint<'static>>);

/// The route's pattern, for the log and the metrics.
#[derive(Clone)]
pub(super) struct RouteLabel(pub(super) Arc<str>);

impl RestService {
    /// Calls the endpoint. What an account may change runs in a task of its own: hyper drops the answering future when
    /// the client hangs up, and what belongs after a commit (forgetting caches) must still happen. After a visitor's
    /// change only live updates follow, which clients make up for by seq.
    async fn call(&self, request: poem::Request) -> poem::Result<poem::Response> {
        let is_safe = matches!(*request.method(), Method::GET | Method::HEAD);
        if is_safe || !Caller::of(&request).is_agent() {
            return self.0.call(request).await;
        }
        let endpoint = Arc::clone(&self.0);
        let request_id = super::problem::request_id();
        let work = REQUEST_ID.scope(request_id, async move { endpoint.call(request).await });
        tokio::spawn(work)
            .await
            .unwrap_or_else(|_| Err(Problem::internal("a handler panicked").into()))
    }

    /// True when an address has an endpoint, whatever its methods. No endpoint has OPTIONS, so none is run.
    pub(super) async fn has_route(&self, uri: &Uri) -> bool {
        let request = poem::Request::builder()
            .method(Method::OPTIONS)
            .uri(uri.clone())
            .finish();
        match self.0.call(request).await {
            Ok(response) => response.into_response().status() != StatusCode::NOT_FOUND,
            Err(error) => error.status() != StatusCode::NOT_FOUND,
        }
    }

    pub(super) async fn answer(&self, request: hyper::Request<poem::Body>) -> Response {
        let (mut parts, body) = request.into_parts();
        let Some(peer) = parts.extensions.remove::<Peer>() else {
            return refusal(&Problem::internal("a request without its peer"));
        };
        let parts = (parts, peer.local, peer.remote, peer.scheme).into();
        let request = poem::Request::from_parts(parts, body);
        let (response, pattern) = match self.call(request).await {
            Ok(output) => {
                let response = output.into_response();
                let pattern = response.data::<PathPattern>().cloned();
                (response, pattern)
            }
            Err(error) => {
                let pattern = error.data::<PathPattern>().cloned();
                let problem = from_framework(&error);
                (
                    problem.map_or_else(|| error.into_response(), IntoResponse::into_response),
                    pattern,
                )
            }
        };
        let mut response: hyper::Response<_> = response.into();
        if let Some(pattern) = pattern {
            response.extensions_mut().insert(RouteLabel(pattern.0));
        }
        response.map(BodyExt::boxed_unsync)
    }
}

impl tower::Service<hyper::Request<poem::Body>> for RestService {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: hyper::Request<poem::Body>) -> Self::Future {
        let service = self.clone();
        Box::pin(async move { Ok(service.answer(request).await) })
    }
}

pub(super) fn refusal(problem: &Problem) -> Response {
    let body = Full::new(Bytes::from(problem.to_json_bytes()))
        .map_err(|never| match never {})
        .boxed_unsync();
    let mut response = hyper::Response::new(body);
    *response.status_mut() = problem.status();
    // For whoever draws it as a page.
    response.extensions_mut().insert(problem.clone());
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json; charset=utf-8"),
    );
    if let Some(seconds) = problem.retry_after_s() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// Policy of answers that are not pages; a page brings its own.
const API_CSP: &str = "default-src 'none'; frame-ancestors 'none'";

/// Most headers [`finish`] adds; made room for at once.
const HEADERS_MAX: usize = 12;

pub(super) fn finish(
    headers: &mut HeaderMap,
    request_id: &str,
    standing: Option<Standing>,
    is_tls: bool,
) {
    headers.reserve(HEADERS_MAX);
    let mut default = |name: HeaderName, value: &'static str| {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    };
    default(header::CONTENT_SECURITY_POLICY, API_CSP);
    default(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(header::REFERRER_POLICY, "same-origin");
    default(header::CACHE_CONTROL, "no-store");
    default(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    default(
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=()",
    );
    if is_tls {
        default(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert("x-request-id", value);
    }
    if let Some(standing) = standing {
        standing.write(headers);
    }
}

pub(super) fn status_class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        100..=199 => "1xx",
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}
