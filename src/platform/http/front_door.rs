//! What every request goes through, in this order: address, identity, rate limit, dispatch, headers, log line.

use std::convert::Infallible;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::FutureExt;
use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::Incoming;
use poem::endpoint::BoxEndpoint;
use poem::http::uri::{PathAndQuery, Scheme};
use poem::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use poem::web::{LocalAddr, RemoteAddr};
use tower::ServiceExt;
use tower_http::compression::Compression;
use tower_http::compression::predicate::{And, NotForContentType, Predicate, SizeAbove};

use super::auth::{Authenticate, Caller, Credentials};
use super::problem::REQUEST_ID;
use super::rate_limit::{RateGroup, RateLimits, Standing};
use super::request_body::{self, BodyLimit};
use super::rest::{RestService, RouteLabel, finish, refusal, status_class};
use super::{ClientAddress, Principal, Problem, TrustedProxies, html_page};
use crate::platform::metrics::Metrics;

/// A response body of any of the services behind the door.
pub(super) type AnyBody = UnsyncBoxBody<Bytes, std::io::Error>;
pub(super) type Request = hyper::Request<Incoming>;
pub(super) type Response = hyper::Response<AnyBody>;

/// Smaller answers are not worth compressing.
const COMPRESS_FROM_BYTES: u64 = 1024;

/// How a route takes its body from a caller; `None`: like most.
pub type OwnBodyLimit = Box<dyn Fn(&Method, &str, &Caller) -> Option<BodyLimit> + Send + Sync>;

/// Draws what a refused request gets to see on an address that is a page, which may ask for a language; `None`: JSON, as
/// everywhere else.
pub type RefusalPage = Box<dyn Fn(&Uri, Option<&str>, &Problem) -> Option<String> + Send + Sync>;

/// What the door stands in front of, and its rules.
pub struct FrontDoorParts {
    /// Everything under `/socket.io`.
    pub socket: SocketService,
    /// Finds the account behind credentials.
    pub authenticate: Authenticate,
    /// Requests a minute.
    pub limits: Arc<RateLimits>,
    /// Which limit a path counts against.
    pub rate_group: fn(&Method, &str) -> RateGroup,
    /// Proxies whose forwarded addresses are believed.
    pub proxies: TrustedProxies,
    /// Largest request body in bytes.
    pub body_limit_bytes: usize,
    /// How a route takes its body from this caller, if not like most.
    pub own_body_limit: OwnBodyLimit,
    /// Where answered requests are counted.
    pub metrics: Metrics,
    /// Where visitors reach the server, e.g. `https://chat.example.com`; requests from there are our own.
    pub public_url: Option<String>,
    /// Origins that may open sockets; `None` is any.
    pub origins: Option<Vec<String>>,
    /// Time for a request's body to arrive.
    pub body_timeout: Duration,
    /// What people see of a refusal.
    pub refusal_page: RefusalPage,
}

/// The service behind `/socket.io`. It gets the request as hyper made it, since it needs hyper's upgrade handle.
pub struct SocketService(Box<dyn Fn(Request) -> Answering + Send + Sync>);

/// An answer on its way.
type Answering = Pin<Box<dyn Future<Output = Response> + Send>>;

impl SocketService {
    /// Wraps a hyper service, as socketioxide builds one.
    pub fn new<S, B>(service: S) -> Self
    where
        S: hyper::service::Service<Request, Response = hyper::Response<B>, Error = Infallible>
            + Send
            + Sync
            + 'static,
        S::Future: Send + 'static,
        B: hyper::body::Body<Data = Bytes> + Send + 'static,
        B::Error: std::error::Error + Send + Sync + 'static,
    {
        Self(Box::new(move |request| {
            let answer = service.call(request);
            Box::pin(async move {
                match answer.await {
                    Ok(response) => {
                        response.map(|body| body.map_err(std::io::Error::other).boxed_unsync())
                    }
                    Err(never) => match never {},
                }
            })
        }))
    }
}

/// The composed server behind one port.
pub struct FrontDoor {
    parts: FrontDoorParts,
    rest: Compression<RestService, CompressWhen>,
}

type CompressWhen =
    And<And<And<SizeAbove, NotForContentType>, NotForContentType>, NotForContentType>;

/// Where a connection comes from; made once a connection.
#[derive(Clone)]
pub(super) struct Peer {
    pub(super) ip: IpAddr,
    pub(super) local: LocalAddr,
    pub(super) remote: RemoteAddr,
    pub(super) scheme: Scheme,
}

impl FrontDoor {
    /// Puts the door in front of REST and pages (`endpoint`) and the rest (`parts`).
    pub fn new(endpoint: BoxEndpoint<'static>, parts: FrontDoorParts) -> Self {
        let when = SizeAbove::new(COMPRESS_FROM_BYTES)
            .and(NotForContentType::IMAGES)
            .and(NotForContentType::const_new("font/"))
            // Files to keep, whose size is told: backups.
            .and(NotForContentType::const_new("application/octet-stream"));
        let rest = Compression::new(RestService(Arc::new(endpoint))).compress_when(when);
        Self { parts, rest }
    }

    /// True when the peer is a trusted proxy, which holds the connections of many clients.
    pub(super) fn is_proxy(&self, ip: IpAddr) -> bool {
        self.parts.proxies.trusts(ip.to_canonical())
    }

    /// True when there is something at the address a request names.
    pub(super) async fn has_route(&self, request: &mut Request) -> bool {
        trim_trailing_slash(request);
        is_socket_path(request.uri().path()) || self.rest.get_ref().has_route(request.uri()).await
    }

    /// Answers one request; never fails and never panics.
    pub(super) async fn handle(self: Arc<Self>, request: Request, peer: Peer) -> Response {
        let began = Instant::now();
        let request_id = uuid::Uuid::new_v4().to_string();
        let method = request.method().clone();
        let is_tls = self.is_tls(request.headers(), &peer);
        let page = page_asked(&request);
        let (mut response, standing) = REQUEST_ID
            .scope(request_id.clone(), async {
                AssertUnwindSafe(self.admit(request, peer))
                    .catch_unwind()
                    .await
                    .unwrap_or_else(|_| (refusal(&Problem::internal("a handler panicked")), None))
            })
            .await;
        if let Some(problem) = response.extensions_mut().remove::<Problem>() {
            self.show_refusal(page, &problem, &mut response);
        }
        let pattern = response.extensions_mut().remove::<RouteLabel>();
        let route = pattern.as_ref().map_or("unmatched", |label| &label.0);
        finish(response.headers_mut(), &request_id, standing, is_tls);
        let elapsed = began.elapsed();
        tracing::info!(
            target: "novahouse::access",
            method = method.as_str(),
            route,
            status = response.status().as_u16(),
            duration_us = elapsed.as_micros() as u64,
            request_id,
            "request"
        );
        self.parts
            .metrics
            .observe(route, status_class(response.status()), elapsed);
        response
    }

    /// Puts a page in place of a refusal's JSON where people look at it.
    fn show_refusal(
        &self,
        asked: Option<(Uri, Option<HeaderValue>)>,
        problem: &Problem,
        response: &mut Response,
    ) {
        let Some((uri, accept)) = asked else { return };
        let accept = accept.as_ref().and_then(|accept| accept.to_str().ok());
        let Some(page) = (self.parts.refusal_page)(&uri, accept, problem) else {
            return;
        };
        let page: hyper::Response<_> = html_page(page).into();
        let (head, body) = page.into_parts();
        response.headers_mut().extend(head.headers);
        *response.body_mut() = body.boxed_unsync();
    }

    /// Who it is, whether it may come in, and the answer.
    async fn admit(&self, mut request: Request, peer: Peer) -> (Response, Option<Standing>) {
        trim_trailing_slash(&mut request);
        let address = self.parts.proxies.client(peer.ip, request.headers());
        let group = (self.parts.rate_group)(request.method(), request.uri().path());
        let principal = match self.identify(&request, &peer).await {
            Ok(principal) => principal,
            Err(problem) => return self.refuse_credentials(&problem, address),
        };
        if is_socket_path(request.uri().path()) && !self.may_open_socket(&request, &peer) {
            return (refusal(&foreign_origin()), None);
        }
        let counted = match &principal {
            Some(principal) if group != RateGroup::Free => {
                self.parts.limits.check_account(principal.actor)
            }
            _ => self.parts.limits.check(group, address.limit_key()),
        };
        let standing = match counted {
            Ok(standing) => standing,
            Err(refused) => {
                let problem = Problem::too_many(refused.retry_after_s);
                return (refusal(&problem), Some(refused.standing));
            }
        };
        request.extensions_mut().insert(Caller {
            address,
            principal,
            is_eager: standing.is_some_and(Standing::is_past_half),
        });
        let response = if is_socket_path(request.uri().path()) {
            self.to_socket(request).await
        } else {
            self.to_rest(request, peer).await
        };
        (response, standing)
    }

    /// Wrong credentials count as attempts to sign in, so that keys cannot be guessed without end.
    fn refuse_credentials(
        &self,
        problem: &Problem,
        address: ClientAddress,
    ) -> (Response, Option<Standing>) {
        match self
            .parts
            .limits
            .check(RateGroup::Login, address.limit_key())
        {
            Ok(standing) => (refusal(problem), standing),
            Err(refused) => {
                let problem = Problem::too_many(refused.retry_after_s);
                (refusal(&problem), Some(refused.standing))
            }
        }
    }

    /// Browsers do not apply CORS to WebSocket, so the list of origins is applied here.
    fn may_open_socket(&self, request: &Request, peer: &Peer) -> bool {
        let (Some(allowed), Some(origin)) = (&self.parts.origins, origin(request.headers())) else {
            return true;
        };
        allowed.iter().any(|known| known == origin) || self.is_own_origin(origin, request, peer)
    }

    /// True when the client came over TLS: to us, or to a proxy that we trust.
    fn is_tls(&self, headers: &HeaderMap, peer: &Peer) -> bool {
        let forwarded = || {
            let scheme = headers.get("x-forwarded-proto");
            self.is_proxy(peer.ip) && scheme.is_some_and(|scheme| scheme == "https")
        };
        peer.scheme == Scheme::HTTPS || forwarded()
    }

    /// The configured public address, or the host the request was sent to. A proxy that ends TLS hides the scheme
    /// from us, so only host and port are compared there.
    fn is_own_origin(&self, origin: &str, request: &Request, peer: &Peer) -> bool {
        if self.parts.public_url.as_deref() == Some(origin) {
            return true;
        }
        let Some((scheme, origin_host)) = origin.split_once("://") else {
            return false;
        };
        if peer.scheme == Scheme::HTTPS && scheme != "https" {
            return false;
        }
        let host = request
            .headers()
            .get(header::HOST)
            .and_then(|host| host.to_str().ok())
            .or_else(|| {
                let authority = request.uri().authority();
                authority.map(poem::http::uri::Authority::as_str)
            });
        host.is_some_and(|host| host.eq_ignore_ascii_case(origin_host))
    }

    /// The account behind the request's credentials.
    ///
    /// A cookie counts only for our own origin: a browser sends it along with requests other sites cause, and only
    /// `Origin` tells them apart. Writes must carry it.
    async fn identify(&self, request: &Request, peer: &Peer) -> Result<Option<Principal>, Problem> {
        let Some(credentials) = Credentials::from_headers(request.headers()) else {
            return Ok(None);
        };
        let is_key = matches!(credentials, Credentials::ApiKey(_));
        if !is_key {
            let is_safe = matches!(
                *request.method(),
                Method::GET | Method::HEAD | Method::OPTIONS
            );
            match origin(request.headers()) {
                Some(origin) if !self.is_own_origin(origin, request, peer) => {
                    return if is_safe {
                        Ok(None)
                    } else {
                        Err(foreign_origin())
                    };
                }
                None if !is_safe && !is_socket_path(request.uri().path()) => {
                    return Err(foreign_origin());
                }
                _ => {}
            }
        }
        let principal = (self.parts.authenticate)(credentials).await?;
        if is_key && principal.is_none() {
            return Err(Problem::unauthorized(
                "invalid_api_key",
                "This API key is unknown, expired or revoked.",
            ));
        }
        Ok(principal)
    }

    async fn to_socket(&self, request: Request) -> Response {
        let mut response = (self.parts.socket.0)(with_own_head(request)).await;
        response
            .extensions_mut()
            .insert(RouteLabel("/socket.io".into()));
        response
    }

    async fn to_rest(&self, request: Request, peer: Peer) -> Response {
        let (mut parts, body) = request.into_parts();
        let time = self.parts.body_timeout;
        let read = match self.body_limit(&parts) {
            BodyLimit::Whole(0) => Ok((poem::Body::empty(), None)),
            BodyLimit::Whole(limit_bytes) => {
                let whole = request_body::whole(&parts.headers, body, limit_bytes, time).await;
                whole.map(|whole| (poem::Body::from_bytes(whole), None))
            }
            BodyLimit::Streamed(limit_bytes) => {
                let streamed = request_body::streamed(&parts.headers, body, limit_bytes, time);
                streamed.map(|(body, failure)| (body, Some(failure)))
            }
        };
        let (body, failure) = match read {
            Ok(read) => read,
            Err(problem) => return refusal(&problem),
        };
        parts.extensions.insert(peer);
        let is_compressible = parts.headers.contains_key(header::ACCEPT_ENCODING);
        let request = hyper::Request::from_parts(parts, body);
        let mut response = if is_compressible {
            match self.rest.clone().oneshot(request).await {
                Ok(response) => {
                    response.map(|body| body.map_err(std::io::Error::other).boxed_unsync())
                }
                Err(never) => match never {},
            }
        } else {
            self.rest.get_ref().answer(request).await
        };
        if let Some(problem) = failure.and_then(|failure| failure.problem()) {
            let label = response.extensions_mut().remove::<RouteLabel>();
            response = refusal(&problem);
            if let Some(label) = label {
                response.extensions_mut().insert(label);
            }
        }
        response
    }

    /// Pages without forms take no body; reading one would only hold memory.
    fn body_limit(&self, parts: &poem::http::request::Parts) -> BodyLimit {
        let path = parts.uri.path();
        let like_most = if path.starts_with("/api/") {
            self.parts.body_limit_bytes
        } else {
            0
        };
        let caller = parts.extensions.get::<Caller>();
        caller
            .and_then(|caller| (self.parts.own_body_limit)(&parts.method, path, caller))
            .unwrap_or(BodyLimit::Whole(like_most))
    }
}

/// Address and language of a request that may be for a page.
fn page_asked(request: &Request) -> Option<(Uri, Option<HeaderValue>)> {
    let path = request.uri().path();
    if path.starts_with("/api/") || is_socket_path(path) {
        return None;
    }
    let accept = request.headers().get(header::ACCEPT_LANGUAGE).cloned();
    Some((request.uri().clone(), accept))
}

fn is_socket_path(path: &str) -> bool {
    path == "/socket.io" || path.starts_with("/socket.io/")
}

/// Copies address and headers out of the buffer they were read into: socketioxide keeps them for as long as the socket
/// is open, and with them it would keep that buffer of 8 KiB.
fn with_own_head(request: Request) -> Request {
    let (mut parts, body) = request.into_parts();
    if let Ok(uri) = parts.uri.to_string().parse() {
        parts.uri = uri;
    }
    let own = |(name, value): (&HeaderName, &HeaderValue)| {
        Some((
            name.clone(),
            HeaderValue::from_bytes(value.as_bytes()).ok()?,
        ))
    };
    parts.headers = parts.headers.iter().filter_map(own).collect();
    Request::from_parts(parts, body)
}

/// With and without a trailing slash mean the same.
fn trim_trailing_slash(request: &mut Request) {
    let uri = request.uri();
    let path = uri.path();
    if path.len() <= 1 || !path.ends_with('/') || is_socket_path(path) {
        return;
    }
    let path = match path.trim_end_matches('/') {
        "" => "/",
        trimmed => trimmed,
    };
    let target = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    if let Ok(target) = PathAndQuery::try_from(target) {
        let mut parts = uri.clone().into_parts();
        parts.path_and_query = Some(target);
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
}

fn origin(headers: &HeaderMap) -> Option<&str> {
    headers
        .get(header::ORIGIN)
        .map(|value| value.to_str().unwrap_or("null"))
}

fn foreign_origin() -> Problem {
    Problem::forbidden(
        "foreign_origin",
        "A signed-in browser may change things only from our own pages; programs use an API key.",
    )
}

impl ClientAddress {
    /// The address of a peer nobody forwarded.
    pub(super) fn direct(ip: IpAddr) -> Self {
        Self(ip.to_canonical())
    }
}
