//! Accepting connections and stopping without losing what is under way.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::Either;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use poem::http::{HeaderName, Method, header};
use poem::listener::{Acceptor, Listener, TcpListener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Sleep;
use tower::{Layer, Service};
use tower_http::cors::{AllowOrigin, Any, CorsLayer, ExposeHeaders};

use super::ClientAddress;
use super::front_door::{FrontDoor, Peer, Request, Response};
use super::tls::Tls;

/// How long requests under way may take to finish once the server is told to stop.
const STOP_WITHIN: Duration = Duration::from_secs(10);
/// Largest request line and headers together.
const HEADERS_MAX_BYTES: usize = 64 * 1024;
/// Most header lines of one request.
const HEADERS_MAX_COUNT: usize = 100;

/// Where to listen and what connections may take.
#[derive(Debug, Clone)]
pub struct ServeOptions {
    /// Address and port; port 0 picks a free one.
    pub listen: std::net::SocketAddr,
    /// Own certificate; `None` serves plain HTTP (behind a proxy).
    pub tls: Option<Tls>,
    /// Origins that may read public answers; `None` is any.
    pub cors_origins: Option<Vec<String>>,
    /// Connections in all.
    pub max_connections: usize,
    /// Connections of one client address; `None` lifts it.
    pub max_connections_per_client: Option<usize>,
    /// Time for the headers of a request to arrive, also counted while a kept-alive connection is idle.
    pub header_timeout: Duration,
}

/// Listens, calls `ready` with the address, and serves until `stop` resolves; then finishes what is under way.
///
/// Errors: the address is taken or not allowed, or the certificate cannot be read.
pub async fn serve(
    options: ServeOptions,
    door: Arc<FrontDoor>,
    ready: impl FnOnce(std::net::SocketAddr),
    stop: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let listener = TcpListener::bind(options.listen);
    match &options.tls {
        None => {
            let acceptor = listener.into_acceptor().await?;
            accept(acceptor, &options, door, ready, stop).await
        }
        Some(tls) => {
            let mut acceptor = listener
                .rustls(tls.listener_config()?)
                .into_acceptor()
                .await?;
            // The acceptor takes its certificate when it is first polled, and drops a connection that comes with it.
            let _ = acceptor.accept().now_or_never();
            accept(acceptor, &options, door, ready, stop).await
        }
    }
}

async fn accept<A>(
    mut acceptor: A,
    options: &ServeOptions,
    door: Arc<FrontDoor>,
    ready: impl FnOnce(std::net::SocketAddr),
    stop: impl Future<Output = ()>,
) -> std::io::Result<()>
where
    A: Acceptor,
{
    let bound = acceptor
        .local_addr()
        .first()
        .and_then(|address| address.as_socket_addr().copied())
        .unwrap_or(options.listen);
    ready(bound);
    let builder = connection_builder(options);
    let cors = cors(options.cors_origins.as_deref());
    let all = Arc::new(Semaphore::new(options.max_connections));
    let clients = Arc::new(ClientCounts::default());
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = acceptor.accept() => accepted,
            () = &mut stop => break,
        };
        let (io, local, remote, scheme) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors: taking a breath lets others close theirs.
                tracing::warn!(%error, "could not accept a connection");
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            }
        };
        let ip = remote
            .as_socket_addr()
            .map_or(IpAddr::from([0, 0, 0, 0]), std::net::SocketAddr::ip);
        let Ok(permit) = Arc::clone(&all).try_acquire_owned() else {
            tracing::warn!("refused a connection: max_connections are open");
            continue;
        };
        let per_client = if door.is_proxy(ip) {
            None
        } else {
            options.max_connections_per_client
        };
        let Some(guard) = clients.enter(ip, per_client, permit) else {
            continue;
        };
        let peer = Peer {
            ip,
            local,
            remote,
            scheme,
        };
        let service = service(Arc::clone(&door), peer, &cors);
        let connection = builder
            .serve_connection_with_upgrades(
                TokioIo::new(CountedIo::new(io, guard, options.header_timeout)),
                TowerToHyperService::new(service),
            )
            .into_owned();
        let watched = graceful.watch(connection);
        tokio::spawn(async move {
            // A client that went away or spoke no HTTP is its own business.
            let _ = watched.await;
        });
    }
    drop(acceptor);
    if tokio::time::timeout(STOP_WITHIN, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some requests did not finish in time and were cut off");
    }
    Ok(())
}

/// The door behind CORS. CORS answers every OPTIONS by itself, so what is asked about an address where nothing is goes
/// to the door directly, which says so.
fn service(
    door: Arc<FrontDoor>,
    peer: Peer,
    cors: &CorsLayer,
) -> impl tower::Service<Request, Response = Response, Error = Infallible, Future: Send>
+ Clone
+ Send
+ 'static {
    let client = Arc::new((door, peer));
    let behind_cors = Arc::clone(&client);
    let mut with_cors = cors.layer(tower::service_fn(move |request| {
        let client = Arc::clone(&behind_cors);
        async move {
            Ok(Arc::clone(&client.0)
                .handle(request, client.1.clone())
                .await)
        }
    }));
    tower::service_fn(move |mut request: Request| {
        if request.method() != Method::OPTIONS {
            return Either::Left(with_cors.call(request));
        }
        let (client, mut with_cors) = (Arc::clone(&client), with_cors.clone());
        Either::Right(async move {
            let (door, peer) = &*client;
            if door.has_route(&mut request).await {
                with_cors.call(request).await
            } else {
                Ok(Arc::clone(door).handle(request, peer.clone()).await)
            }
        })
    })
}

fn connection_builder(options: &ServeOptions) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(options.header_timeout)
        .max_buf_size(HEADERS_MAX_BYTES)
        .max_headers(HEADERS_MAX_COUNT);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(16)
        .max_header_list_size(HEADERS_MAX_BYTES as u32)
        .keep_alive_interval(options.header_timeout)
        .keep_alive_timeout(options.header_timeout);
    builder
}

/// Public answers may be read from any site (the widget lives on them); no credentials ever go along.
fn cors(origins: Option<&[String]>) -> CorsLayer {
    let allowed = match origins {
        None => AllowOrigin::from(Any),
        Some(origins) => AllowOrigin::list(origins.iter().filter_map(|origin| origin.parse().ok())),
    };
    CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods([
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        .allow_headers([
            header::CONTENT_TYPE,
            header::ACCEPT_LANGUAGE,
            HeaderName::from_static("x-api-key"),
            HeaderName::from_static("x-admin-api-key"),
            HeaderName::from_static("idempotency-key"),
            HeaderName::from_static("x-session-id"),
        ])
        .expose_headers(ExposeHeaders::list([
            header::RETRY_AFTER,
            HeaderName::from_static("x-request-id"),
            HeaderName::from_static("x-ratelimit-limit"),
            HeaderName::from_static("x-ratelimit-remaining"),
            HeaderName::from_static("x-ratelimit-reset"),
        ]))
        .max_age(Duration::from_secs(600))
}

/// A connection that stays counted for as long as its bytes flow, also after an upgrade to WebSocket.
///
/// A client that sends too little to tell which HTTP it speaks, or that never reads its answer, is cut off.
struct CountedIo<I> {
    io: I,
    _guard: ConnectionGuard,
    /// Runs until enough was read to begin a request; `None` after that.
    opening: Option<Pin<Box<Sleep>>>,
    read_bytes: usize,
    /// Runs while the client takes no more bytes.
    stalled: Option<Pin<Box<Sleep>>>,
}

/// The longest a client may read nothing of what is sent to it.
const WRITE_STALL: Duration = Duration::from_secs(60);
/// hyper looks at this many bytes to tell HTTP/2 from HTTP/1 before its own timers run.
const PREFACE_BYTES: usize = 24;

impl<I> CountedIo<I> {
    fn new(io: I, guard: ConnectionGuard, opening: Duration) -> Self {
        Self {
            io,
            _guard: guard,
            opening: Some(Box::pin(tokio::time::sleep(opening))),
            read_bytes: 0,
            stalled: None,
        }
    }

    /// Passes a write's outcome on, and ends a connection whose client has stalled.
    fn watch_write(
        &mut self,
        cx: &mut Context<'_>,
        outcome: Poll<std::io::Result<usize>>,
    ) -> Poll<std::io::Result<usize>> {
        if outcome.is_ready() {
            self.stalled = None;
            return outcome;
        }
        let stalled = self
            .stalled
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(WRITE_STALL)));
        match stalled.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(std::io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for CountedIo<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buf.filled().len();
        let outcome = Pin::new(&mut self.io).poll_read(cx, buf);
        if let Some(opening) = &mut self.opening {
            if outcome.is_pending() && opening.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Err(std::io::ErrorKind::TimedOut.into()));
            }
            self.read_bytes += buf.filled().len() - before;
            if self.read_bytes >= PREFACE_BYTES {
                self.opening = None;
            }
        }
        outcome
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for CountedIo<I> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        let outcome = Pin::new(&mut self.io).poll_write(cx, buf);
        self.watch_write(cx, outcome)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        let outcome = Pin::new(&mut self.io).poll_write_vectored(cx, bufs);
        self.watch_write(cx, outcome)
    }
}

/// Open connections by client.
#[derive(Default)]
struct ClientCounts {
    open: Mutex<HashMap<IpAddr, usize>>,
}

/// Counts a connection down again when it ends.
struct ConnectionGuard {
    clients: Arc<ClientCounts>,
    key: IpAddr,
    _permit: OwnedSemaphorePermit,
}

impl ClientCounts {
    /// `None` when the client has as many connections as it may.
    fn enter(
        self: &Arc<Self>,
        ip: IpAddr,
        limit: Option<usize>,
        permit: OwnedSemaphorePermit,
    ) -> Option<ConnectionGuard> {
        let key = ClientAddress::direct(ip).limit_key();
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(key).or_insert(0);
        if limit.is_some_and(|limit| *count >= limit) {
            return None;
        }
        *count += 1;
        Some(ConnectionGuard {
            clients: Arc::clone(self),
            key,
            _permit: permit,
        })
    }
}

impl Drop for ConnectionGuard {
    fn drop(&mut self) {
        let mut open = self
            .clients
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.key);
            }
        }
    }
}
