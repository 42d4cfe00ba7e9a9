//! Bodies that are written while they are sent: a part is made, handed on, and the next one made, so that memory does
//! not grow with the whole.

use std::fmt::Display;
use std::future::Future;
use std::io;

use bytes::Bytes;
use futures_util::stream;
use poem::Body;
use tokio::sync::mpsc;

/// Parts that wait for a slow client.
const WAITING_MAX: usize = 2;

/// What makes the parts of a body.
pub trait Parts: Send + 'static {
    /// Why a part cannot be made.
    type Error: Display + Send;

    /// The next part; `None` after the last one.
    fn next(&mut self) -> impl Future<Output = Result<Option<Vec<u8>>, Self::Error>> + Send;

    /// What ends the body.
    fn tail(&self) -> &'static [u8];
}

/// A body of `head`, the parts and their tail.
///
/// Errors: the first part cannot be made. If a later one cannot, the body ends broken, so that nobody takes it for whole.
pub async fn written_while_sent<P: Parts>(
    mut head: Vec<u8>,
    mut parts: P,
) -> Result<Body, P::Error> {
    head.extend(parts.next().await?.unwrap_or_default());
    let (made, mut waiting) = mpsc::channel::<io::Result<Bytes>>(WAITING_MAX);
    tokio::spawn(async move {
        if made.send(Ok(head.into())).await.is_err() {
            return;
        }
        loop {
            let part = match parts.next().await {
                Ok(Some(part)) => Ok(part.into()),
                Ok(None) => break,
                Err(error) => {
                    tracing::error!(%error, "a file ends before it is whole");
                    Err(io::Error::other("the rest cannot be read"))
                }
            };
            let is_last = part.is_err();
            // Whoever waited may have gone.
            if made.send(part).await.is_err() || is_last {
                return;
            }
        }
        let _ = made.send(Ok(parts.tail().into())).await;
    });
    // What compresses the answer asks once more after the end.
    let waiting = stream::poll_fn(move |context| waiting.poll_recv(context));
    Ok(Body::from_bytes_stream(waiting))
}
